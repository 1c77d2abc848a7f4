"""Statements in CBI's fixed width: RH, EC, RP and RA, and the returns in them.

Which movements are returns is told by the ABI causali of bank_codes.py, what their
texts tell by the marks of marks.py; a variant of the bank may say otherwise.
Source: CBI-RND-001 6.05, chapter 2.
"""

import hashlib
import re
from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from .base import (
    MAX_RAW,
    IgnoredEntry,
    ParseError,
    ReturnDocument,
    ReturnedPayment,
    clean,
    is_kept,
    limit_texts,
    make_key,
    parse_currency,
    parse_iban,
    shorten,
)
from .cbi_layout import (
    ADVANCES,
    END,
    HEADER,
    ID_TAG,
    OUTCOMES_TAG,
    PORTFOLIOS,
)
from .common import no_id
from .marks import MEANINGS, read_marks
from .phrase import Phrase
from .variant import RETURNED, get_layout

_AMOUNT = re.compile(r"[0-9]{1,15},[0-9]{2}")
_SIGNS = {"C": 1, "D": -1}


class Movement(NamedTuple):
    """One movement: its first record, the fields of it, and its text whole.

    ``amount`` is below zero for a debit; ``told`` is what the marks of the text tell,
    see `read_marks`; ``code`` is what the causale tells.
    """

    record: object
    fields: dict
    number: int
    text: str
    amount: Decimal
    told: dict
    code: object

    def get(self, name):
        """A field of the first record, "" where it has none of that name."""
        return self.record.get(self.fields[name]) if name in self.fields else ""

    @property
    def causale(self):
        """The ABI code of the movement."""
        return self.get("causale").upper()

    @property
    def returned(self):
        """Whether it is a return; the total of a file of outcomes is none.

        Its receipts are listed there.
        """
        return self.amount <= 0 and not self.outcomes and self.code.kind in RETURNED

    @property
    def outcomes(self):
        """What the bank calls the file of outcomes this is the total of, or ""."""
        return self.get("reference") if self.get("tag") == OUTCOMES_TAG else ""


def parse_flow(flow, filename, allowance, variants=()):
    """One `ReturnDocument` an account in a flow.

    ``variants`` are what is known of the formats of banks.  Raises `ParseError`:
    truncated, control_count, control_sum, amount, date.
    """
    sender = flow.header.get(HEADER["sender"])
    layout = get_layout(flow.header.type, sender, variants)
    accounts = _split(flow, layout)
    declared = flow.trailer.number(END["count"])
    if declared and declared != len(accounts):
        raise ParseError(
            "control_count",
            flow.trailer.place,
            expected=declared,
            found=len(accounts),
        )
    # The flow itself was counted as a document.
    allowance.take("documents", max(0, len(accounts) - 1))
    return [
        _parse_account(flow, records, number, layout, filename, allowance)
        for number, records in enumerate(accounts, 1)
    ]


def _split(flow, layout):
    """The records of each account: they begin with the opening balance."""
    accounts = []
    for record in flow.body:
        if record.type == "61":
            accounts.append([record])
        elif record.type not in layout.records or not accounts:
            detail = Phrase(("unexpected", clean(record.text, 20)))
            raise ParseError("truncated", record.place, detail=detail)
        else:
            accounts[-1].append(record)
    return accounts


def _parse_account(flow, records, number, layout, filename, allowance):
    opening, fields = records[0], layout.records["61"]
    movements = _read_movements(flow, records, layout)
    allowance.take("transactions", len(movements))
    _check_balance(records, movements, layout)
    iban = parse_iban("".join(opening.get(at) for at in fields["iban"]))
    currency = parse_currency(opening.get(fields["currency"]), opening.place)
    rows = _read_rows(movements, (iban, currency))
    payments = tuple(row for row in rows if isinstance(row, ReturnedPayment))
    allowance.take("returns", len(payments))
    return ReturnDocument(
        format=f"cbi.{flow.header.type.lower()}",
        message_id=shorten(make_key(*flow.identity, number)),
        date=flow.header.day(HEADER["created"]),
        account_iban=iban if len(iban) > len("IT00") else "",
        account_currency=currency,
        agent_abi=flow.header.get(HEADER["sender"]),
        payments=payments,
        ignored=tuple(row for row in rows if isinstance(row, IgnoredEntry)),
        filename=filename,
        variant=layout.name,
    )


def _read_movements(flow, records, layout):
    """The movements with the texts that follow them."""
    header = flow.header.type
    advances = header == ADVANCES
    type_, fields = ("63", ADVANCES) if advances else ("62", "62")
    found = []
    for record in records:
        if record.type == type_:
            found.append((record, []))
        elif record.type == "63" and found:
            found[-1][1].append(record)
    return [
        _make_movement(record, number, pieces, header, fields, layout)
        for number, (record, pieces) in enumerate(found, 1)
    ]


def _make_movement(record, number, pieces, header, fields, layout):
    fields = layout.records[fields]
    text = _join([piece.piece(layout.records["63"]["text"]) for piece in pieces])
    sent, length = "", 0
    if header == PORTFOLIOS and pieces:
        sent, length = _read_sent(pieces[0], layout.records)
    told = read_marks(text[length:], layout.marks)
    if sent:
        told["original_message_id"] = sent
    causale = record.get(fields["causale"]).upper()
    own = record.get(fields["own_causale"]) if "own_causale" in fields else ""
    # The bank's own code, where somebody knows it, says more than that of all banks.
    code = layout.get_code(f"{causale}{own.upper()}", causale)
    amount = _read_amount(record, fields["sign"], fields["amount"])
    return Movement(record, fields, number, text, amount, told, code)


def _join(pieces):
    """The text of a movement: words run across the ends of its pieces.

    A piece with the ids of a payment gives them a tag like any other.
    """
    text = ""
    for piece in pieces:
        if piece.startswith(ID_TAG):
            text += f":MSG:{piece[3:38].strip()}:EE1:{piece[38:73].strip()}"
        else:
            text += piece
    return text


def _read_sent(record, records):
    """Which file of ours a movement is of, and how long that is told.

    Nothing where the record does not begin with it.
    """
    fields = records[PORTFOLIOS]
    numbers = [record.get(fields[name]) for name in ("created", "count", "total")]
    if not all(number.isascii() and number.isdigit() for number in numbers):
        return "", 0
    length = fields["total"][1] - records["63"]["text"][0] + 1
    return clean(record.get(fields["support"])), max(length, 0)


def _read_amount(record, sign, position):
    """The Decimal amount at a position, written 000000001708,50.

    Raises `ParseError`: amount, amount_large, indicator.
    """
    text, side = record.get(position), record.get(sign)
    if side not in _SIGNS:
        raise ParseError("indicator", record.place, value=clean(side, 40))
    if not _AMOUNT.fullmatch(text):
        raise ParseError("amount", record.place, value=clean(text, 40))
    amount = Decimal(text.replace(",", "."))
    if not is_kept(amount):
        raise ParseError("amount_large", record.place, value=text)
    return _SIGNS[side] * amount


def _check_balance(records, movements, layout):
    """The movements lead from the opening balance to the closing one."""
    ends = {record.type: record for record in records if record.type in ("61", "64")}
    amounts = [
        _read_amount(
            record, layout.records[kind]["sign"], layout.records[kind]["balance"]
        )
        for kind, record in sorted(ends.items())
        if record.get(layout.records[kind]["balance"])
    ]
    if len(amounts) < len(("61", "64")):
        return
    found = amounts[0] + sum(movement.amount for movement in movements)
    if found != amounts[1]:
        place = ends["64"].place
        raise ParseError("control_sum", place, found=found, expected=amounts[1])


def _read_rows(movements, account):
    """What the movements tell: returned payments, and what is none."""
    seen, rows = Counter(), []
    returned = {m.told.get("end_to_end_id") for m in movements if m.returned}
    fees, left = _share_fees(movements, returned - {None, ""})
    for movement in movements:
        key = _get_key(movement, account)
        seen[key] += 1
        key = f"{key}|{seen[key]}"
        if movement.returned:
            fee = fees.pop(movement.told.get("end_to_end_id"), 0)
            rows.append(_read_payment(movement, key, account[1], fee))
        elif movement not in left:
            rows.append(_ignore(movement, key, account[1]))
    return rows


def _share_fees(movements, returned):
    """The charges that name a return, by its end-to-end id, and their movements."""
    fees, shared = {}, []
    for movement in movements:
        name = movement.told.get("end_to_end_id")
        if name in returned and movement.code.kind == "charges":
            fees[name] = fees.get(name, 0) - movement.amount
            shared.append(movement)
    return fees, shared


def _read_payment(movement, key, currency, fee):
    told, fields = movement.told, movement.fields
    ids = {
        name: no_id(told.get(name, ""))
        for name in MEANINGS
        if name in ReturnedPayment.__slots__
    }
    cheque = movement.get("cheque").lstrip("0")
    ids["reference"] = (
        ids["reference"]
        or ids["end_to_end_id"]
        or cheque
        or movement.get("bank_reference")
    )
    reason = told.get("reason") or movement.code.reason or movement.causale
    return ReturnedPayment(
        **ids | {"partner_iban": parse_iban(ids["partner_iban"])},
        unique_key=key,
        kind=movement.code.kind,
        amount=-movement.amount,
        currency=currency,
        fee_amount=max(Decimal(fee), Decimal(0)),
        fee_currency=currency,
        reason_codes=(reason,),
        date=movement.record.day(fields["date"]),
        value_date=movement.record.day(fields["value_date"]),
        texts=limit_texts([told.get("remittance", ""), told["text"], cheque]),
        place=movement.record.place.then("movement", movement.number),
        raw=clean(movement.record.text + movement.text, MAX_RAW),
        doubt=movement.code.doubt,
    )


def _ignore(movement, key, currency):
    return IgnoredEntry(
        unique_key=key,
        place=movement.record.place,
        why=_get_why(movement),
        amount=abs(movement.amount),
        currency=currency,
        reference=movement.outcomes or movement.get("bank_reference"),
        date=movement.record.day(movement.fields["date"]),
    )


def _get_why(movement):
    """Why a movement is no return.

    What a file of outcomes tells, and what that costs, is told there.
    """
    if movement.amount > 0:
        return "credit"
    if movement.code.kind == "charges":
        return "outcomes_charges" if movement.outcomes else "charges"
    return "outcomes" if movement.outcomes else "not_return"


def _get_key(movement, account):
    """What tells a movement from any other; the bank may send a day again."""
    names = ("value_date", "date", "cheque", "bank_reference", "reference")
    told = [movement.get(name) for name in names]
    digest = hashlib.sha256(movement.text.encode()).hexdigest()[:16]
    return make_key(*account, movement.causale, movement.amount, *told, digest)
