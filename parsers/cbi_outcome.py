"""Outcomes of Ri.Ba. and MAV in CBI's fixed width: which receipts came back.

Source: CBI-RIB-001 6.02, chapter 5; causali ibidem 5.3.1.  MAV outcomes have the same
records, which is less certain: no standard of theirs was at hand, several programs
read them so.
"""

from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

from .base import (
    IgnoredEntry,
    ParseError,
    ReturnDocument,
    ReturnedPayment,
    clean,
    limit_texts,
    make_key,
    parse_iban,
    shorten,
)
from .cbi_layout import (
    END,
    HEADER,
    MAV,
    MEMO,
    OURS,
    RECEIPT,
    RIBA,
)
from .iban import make_italian_iban
from .marks import read_marks
from .phrase import Phrase
from .variant import RETURNED, get_layout

FORMATS = {RIBA: "cbi.riba", MAV: "cbi.mav"}
# What is no return, by what its causale tells.
WHY = {"paid": "accepted", "charges": "charges", "total": "told"}


class Item(NamedTuple):
    """One receipt or memo: its records by their type, and what is asked of it often.

    ``code`` is what its causale tells, ``charges`` what the bank took for a receipt by
    its own record; ``memo`` ties receipts to what the bank has booked for them.
    """

    type: str
    records: dict
    number: int
    layout: object
    causale: str
    code: object
    amount: Decimal
    charges: Decimal
    memo: str

    @property
    def first(self):
        """The record that has the causale and the amount."""
        return self.records[self.type]

    def get(self, type_, name):
        """A field of a record, "" where the record is missing."""
        record = self.records.get(type_)
        return record.get(self.layout.records[type_][name]) if record else ""

    def join(self, type_, name):
        """A text that the record keeps in two halves, which may cut a word."""
        record = self.records.get(type_)
        if record is None:
            return ""
        fields = self.layout.records[type_]
        halves = record.piece(fields[name]) + record.piece(fields[f"{name}_more"])
        return clean(halves)


def parse_flow(flow, filename, allowance, variants=()):
    """The `ReturnDocument` of a flow of outcomes.

    ``variants`` are what is known of the formats of banks.  Raises `ParseError`:
    truncated, control_count, control_sum, amount, date, and a refusal of a flow that
    tells no outcome.
    """
    sender = flow.header.get(HEADER["sender"])
    layout = get_layout(flow.header.type, sender, variants)
    items = _read_items(flow, layout)
    allowance.take("transactions", len(items))
    _check_totals(flow, items)
    receipts = [item for item in items if item.type == RECEIPT]
    charges = _find_charges(items)
    rows = [_read_row(flow, item, charges) for item in items]
    payments = tuple(row for row in rows if isinstance(row, ReturnedPayment))
    allowance.take("returns", len(payments))
    return ReturnDocument(
        format=FORMATS[flow.header.type],
        message_id=shorten(make_key(*flow.identity)),
        date=flow.header.day(HEADER["created"]),
        account_iban=_get_account(receipts),
        account_currency="EUR",
        agent_abi=sender,
        payments=payments,
        ignored=tuple(row for row in rows if isinstance(row, IgnoredEntry)),
        filename=filename,
        variant=layout.name,
    )


def _read_items(flow, layout):
    """The receipts and memos of a flow: each begins with its first record."""
    groups = []
    for record in flow.body:
        if record.type in (RECEIPT, MEMO):
            groups.append({record.type: record})
        elif record.type not in layout.records or not groups:
            detail = Phrase(("unexpected", clean(record.text, 20)))
            raise ParseError("truncated", record.place, detail=detail)
        else:
            groups[-1].setdefault(record.type, record)
    return [
        _make_item(records, number, layout) for number, records in enumerate(groups, 1)
    ]


def _make_item(records, number, layout):
    """The `Item` of some records; a refusal of what tells no outcome."""
    type_, first = next(iter(records.items()))
    fields, more = layout.records[type_], records.get("51")
    causale = first.get(fields["causale"])
    if causale in OURS and causale not in layout.codes:
        raise ParseError(OURS[causale], first.place)
    charges, at = Decimal(0), layout.records["51"]
    if more:
        charges = more.cents(at["charges"])
    memo = first.get(fields["memo"]) if type_ == MEMO else ""
    if type_ == RECEIPT and more:
        memo = more.get(at["memo"])
    code, amount = layout.get_code(causale), first.cents(fields["amount"])
    return Item(type_, records, number, layout, causale, code, amount, charges, memo)


def _check_totals(flow, items):
    """Compare with what the trailer declares.

    The standard does not say whether memos count among the amounts, so both sums are
    right; which of the two totals holds a paid receipt differs between banks.
    """
    trailer = flow.trailer
    declared = trailer.number(END["count"])
    if declared and declared != len(items):
        raise ParseError(
            "control_count", trailer.place, expected=declared, found=len(items)
        )
    total = trailer.cents(END["negative"]) + trailer.cents(END["positive"])
    receipts = sum(item.amount for item in items if item.type == RECEIPT)
    memos = sum(item.amount for item in items if item.type == MEMO)
    if total and total not in (receipts, receipts + memos):
        raise ParseError("control_sum", trailer.place, found=receipts, expected=total)


def _get_account(receipts):
    """The account that collects, as an IBAN; "" unless all receipts name one."""
    found = {
        tuple(item.get(RECEIPT, name) for name in ("abi", "cab", "account"))
        for item in receipts
    }
    return make_italian_iban(*found.pop()) if len(found) == 1 else ""


def _find_charges(items):
    """What the bank charges for each receipt, and what of a memo no receipt tells.

    Receipts and memo tell of the same money by their reference. Where the memo alone
    does, every receipt that came back costs the same, and the last one the odd cents:
    so each customer's return has its own fee.

    :return: dict from the number of an item to its charges
    """
    charges = {item.number: item.charges for item in items if item.type == RECEIPT}
    receipts, memos = {}, {}
    for item in items:
        if item.type == RECEIPT:
            receipts.setdefault(item.memo, []).append(item)
        elif item.code.kind == "charges":
            memos.setdefault(item.memo, []).append(item)
    for memo, group in memos.items():
        charges |= _share_memos(group, receipts.get(memo, []))
    return charges


def _share_memos(memos, receipts):
    """What memos of one reference change: the charges of receipts, what is left."""
    amount = sum(memo.amount for memo in memos)
    told = sum(receipt.charges for receipt in receipts)
    returned = [item.number for item in receipts if item.code.kind in RETURNED]
    changed = dict.fromkeys((memo.number for memo in memos), Decimal(0))
    if told or not returned:
        left = {memos[0].number: max(amount - told, Decimal(0))}
    else:
        left = dict(zip(returned, _divide(amount, len(returned)), strict=True))
    return {**changed, **left}


def _divide(amount, count):
    """Equal parts of an amount to the cent, of which the last takes the odd ones."""
    part = (amount / count).quantize(Decimal("0.01"), rounding=ROUND_DOWN)
    return [*[part] * (count - 1), amount - part * (count - 1)]


def _read_row(flow, item, charges):
    """What an item tells: a returned payment, or something that is none.

    :param charges: what `_find_charges` gives
    """
    if item.type == MEMO:
        left = charges.get(item.number)
        return _ignore(flow, item, "charges" if left else "told", left)
    if item.code.kind in RETURNED:
        return _read_payment(flow, item, charges[item.number])
    return _ignore(flow, item, WHY.get(item.code.kind, "not_return"))


def _read_payment(flow, item, charges):
    first, fields = item.first, item.layout.records[RECEIPT]
    text, code = item.join("50", "text"), item.get(RECEIPT, "customer_code")
    told = read_marks(text, item.layout.marks)
    reason = told.get("reason") or item.code.reason or item.causale
    more = item.records.get("51")
    value_date = item.layout.records["51"]["value_date"]
    return ReturnedPayment(
        unique_key=_get_key(flow, item),
        reference=told.get("reference") or item.get("51", "receipt").lstrip("0"),
        end_to_end_id=told.get("end_to_end_id", ""),
        mandate_reference=told.get("mandate_reference", ""),
        original_message_id=told.get("original_message_id", ""),
        batch_id=item.memo,
        kind=item.code.kind,
        amount=item.amount,
        currency="EUR",
        fee_amount=charges,
        fee_currency="EUR",
        reason_codes=(reason,) if reason else (),
        reason_text=told.get("reason_text", ""),
        date=flow.header.day(HEADER["created"]),
        value_date=more and more.day(value_date),
        due_date=first.day(fields["due_date"]),
        partner_name=told.get("partner_name") or item.join("30", "name"),
        partner_iban=parse_iban(told.get("partner_iban", "")),
        partner_vat=told.get("partner_vat") or item.get("30", "tax_code"),
        texts=limit_texts([told.get("remittance", ""), text, code]),
        place=first.place.then("receipt", item.number),
        raw="\n".join(record.text.rstrip() for record in item.records.values()),
        doubt=item.code.doubt,
    )


def _ignore(flow, item, why, amount=None):
    return IgnoredEntry(
        unique_key=_get_key(flow, item),
        place=item.first.place,
        why=why,
        amount=amount or item.amount,
        currency="EUR",
        reference=item.memo if item.type == MEMO else item.get("51", "receipt"),
    )


def _get_key(flow, item):
    """What tells this outcome from any other, whatever file it comes in again."""
    sender = flow.header.get(HEADER["sender"])
    created = flow.header.get(HEADER["created"])
    names = ("due_date", "abi", "account") if item.type == RECEIPT else ("value_date",)
    told = [item.get(item.type, name) for name in names]
    receipt = item.get("51", "receipt") if item.type == RECEIPT else item.memo
    return make_key(
        flow.header.type, sender, created, item.causale, receipt, item.amount, *told
    )
