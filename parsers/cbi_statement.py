"""Statements in CBI's fixed width: RH, EC, RP and RA, and the returns in them.

Which movements are returns is told by the ABI causali of bank_codes.py.
Source: CBI-RND-001 6.05, chapter 2.  The tags inside of the texts are a bank's own
(seen at UniCredit): what is not tagged stays text.
"""

import hashlib
import re
from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from .bank_codes import CAUSALI, CAUSALI_CHARGES, CAUSALI_DOUBT
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
    ADVANCE,
    ADVANCES,
    END,
    HEADER,
    ID_TAG,
    OUTCOMES_TAG,
    STATEMENT,
)
from .common import no_id

# Tags of the texts of record 63, by what they tell.
TAGS = {
    "EE1": "end_to_end_id",
    "IDM": "mandate_reference",
    "MSG": "original_message_id",
    "PYF": "batch_id",
    "DEN": "partner_name",
    "DEI": "partner_iban",
    "TRC": "reason",
    "RIF": "remittance",
}
_TAG = re.compile(r":([A-Z0-9]{3}):")
_AMOUNT = re.compile(r"[0-9]{1,15},[0-9]{2}")
_SIGNS = {"C": 1, "D": -1}


class Movement(NamedTuple):
    """One movement: its first record, the fields of it, and its text whole.

    ``amount`` is below zero for a debit; ``told`` is what the tags of the text tell,
    "text" what has no tag.
    """

    record: object
    fields: dict
    number: int
    text: str
    amount: Decimal
    told: dict

    def get(self, name):
        """A field of the first record, "" where it has none of that name."""
        return self.record.get(self.fields[name]) if name in self.fields else ""

    @property
    def causale(self):
        """The ABI code of the movement."""
        return self.get("causale").upper()

    @property
    def outcomes(self):
        """What the bank calls the file of outcomes this is the total of, or ""."""
        return self.get("reference") if self.get("tag") == OUTCOMES_TAG else ""


def parse_flow(flow, filename, allowance):
    """One `ReturnDocument` an account in a flow.

    Raises `ParseError`: truncated, control_count, control_sum, amount, date.
    """
    accounts = _split(flow)
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
        _parse_account(flow, records, number, filename, allowance)
        for number, records in enumerate(accounts, 1)
    ]


def _split(flow):
    """The records of each account: they begin with the opening balance."""
    accounts = []
    for record in flow.body:
        if record.type == "61":
            accounts.append([record])
        elif record.type not in STATEMENT or not accounts:
            detail = f"“{clean(record.text, 20)}” was not expected"
            raise ParseError("truncated", record.place, detail=detail)
        else:
            accounts[-1].append(record)
    return accounts


def _parse_account(flow, records, number, filename, allowance):
    opening, fields = records[0], STATEMENT["61"]
    movements = _read_movements(flow, records)
    allowance.take("transactions", len(movements))
    _check_balance(records, movements)
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
    )


def _read_movements(flow, records):
    """The movements with the texts that follow them."""
    advances = flow.header.type == ADVANCES
    kind, fields = ("63", ADVANCE) if advances else ("62", STATEMENT["62"])
    found = []
    for record in records:
        if record.type == kind:
            found.append((record, []))
        elif record.type == "63" and found:
            found[-1][1].append(record.piece(STATEMENT["63"]["text"]))
    return [
        _make_movement(record, fields, number, _join(pieces))
        for number, (record, pieces) in enumerate(found, 1)
    ]


def _make_movement(record, fields, number, text):
    amount = _read_amount(record, fields["sign"], fields["amount"])
    return Movement(record, fields, number, text, amount, _read_tags(text))


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


def _read_tags(text):
    """Dict from what a tag tells to its text; "text" is what comes before any tag."""
    first, *rest = _TAG.split(text)
    told = {"text": clean(first)}
    for tag, value in zip(rest[::2], rest[1::2], strict=True):
        if tag in TAGS:
            told.setdefault(TAGS[tag], clean(value))
    return told


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


def _check_balance(records, movements):
    """The movements lead from the opening balance to the closing one."""
    ends = {record.type: record for record in records if record.type in ("61", "64")}
    amounts = [
        _read_amount(record, STATEMENT[kind]["sign"], STATEMENT[kind]["balance"])
        for kind, record in sorted(ends.items())
        if record.get(STATEMENT[kind]["balance"])
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
    returned = {m.told.get("end_to_end_id") for m in movements if _get_kind(m)}
    fees, left = _share_fees(movements, returned - {None, ""})
    for movement in movements:
        key = _get_key(movement, account)
        seen[key] += 1
        key = f"{key}|{seen[key]}"
        if _get_kind(movement):
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
        if name in returned and movement.causale in CAUSALI_CHARGES:
            fees[name] = fees.get(name, 0) - movement.amount
            shared.append(movement)
    return fees, shared


def _get_kind(movement):
    """The kind of return that a movement is, "" for anything else.

    The total of a file of outcomes is none: the receipts are listed there.
    """
    if movement.amount > 0 or movement.outcomes:
        return ""
    causale = movement.causale
    return CAUSALI.get(causale, "") or CAUSALI_DOUBT.get(causale, "")


def _read_payment(movement, key, currency, fee):
    told, fields = movement.told, movement.fields
    ids = {
        name: no_id(told.get(name, ""))
        for name in TAGS.values()
        if name in ReturnedPayment.__slots__
    }
    cheque = movement.get("cheque").lstrip("0")
    reference = ids["end_to_end_id"] or cheque or movement.get("bank_reference")
    reason = told.get("reason") or movement.causale
    return ReturnedPayment(
        **ids | {"partner_iban": parse_iban(ids["partner_iban"])},
        unique_key=key,
        reference=reference,
        kind=_get_kind(movement),
        amount=-movement.amount,
        currency=currency,
        fee_amount=max(Decimal(fee), Decimal(0)),
        fee_currency=currency,
        reason_codes=(reason,),
        date=movement.record.day(fields["date"]),
        value_date=movement.record.day(fields["value_date"]),
        texts=limit_texts([told.get("remittance", ""), told["text"], cheque]),
        place=f"{movement.record.place}, movement {movement.number}",
        raw=clean(movement.record.text + movement.text, MAX_RAW),
        doubt="reversal" if movement.causale in CAUSALI_DOUBT else "",
    )


def _ignore(movement, key, currency):
    return IgnoredEntry(
        unique_key=key,
        place=movement.record.place,
        why=_get_why(movement),
        amount=abs(movement.amount),
        currency=currency,
        reference=movement.outcomes or movement.get("bank_reference"),
    )


def _get_why(movement):
    """Why a movement is no return."""
    if movement.amount > 0:
        return "credit"
    if movement.causale in CAUSALI_CHARGES:
        return "charges"
    return "outcomes" if movement.outcomes else "not_return"


def _get_key(movement, account):
    """What tells a movement from any other; the bank may send a day again."""
    names = ("value_date", "date", "cheque", "bank_reference", "reference")
    told = [movement.get(name) for name in names]
    digest = hashlib.sha256(movement.text.encode()).hexdigest()[:16]
    return make_key(*account, movement.causale, movement.amount, *told, digest)
