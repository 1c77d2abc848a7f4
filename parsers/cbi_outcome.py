"""Outcomes of Ri.Ba. and MAV in CBI's fixed width: which receipts came back.

Source: CBI-RIB-001 6.02, chapter 5; causali ibidem 5.3.1.  MAV outcomes have the same
records, which is less certain: no standard of theirs was at hand, several programs
read them so.
"""

from typing import NamedTuple

from .base import (
    IgnoredEntry,
    ParseError,
    ReturnDocument,
    ReturnedPayment,
    clean,
    limit_texts,
    make_key,
    shorten,
)
from .cbi_layout import (
    END,
    HEADER,
    MAV,
    MEMO,
    OUTCOME,
    RECEIPT,
    RIBA,
)
from .iban import make_italian_iban

FORMATS = {RIBA: "cbi.riba", MAV: "cbi.mav"}
# What the causali of receipts tell.
PAID = {"30010", "07000", "07011"}
UNPAID = {"42010", "30006", "30007", "30009", "07006", "07010"}
RECALLED = {"30008", "07008"}
# Flows that go the other way: from us to the bank, or to us as debtor.
OURS = {
    "30000": "cbi_presentation",
    "30100": "cbi_recall",
    "31000": "cbi_debtor",
    "31100": "cbi_debtor",
    "33000": "cbi_debtor",
}
CHARGES = "16000"


class Item(NamedTuple):
    """The records of one receipt or memo by their type, and its number."""

    type: str
    records: dict
    number: int

    @property
    def first(self):
        """The record that has the causale and the amount."""
        return self.records[self.type]

    def get(self, type_, name):
        """A field of a record, "" where the record is missing."""
        record = self.records.get(type_)
        return record.get(OUTCOME[type_][name]) if record else ""

    def join(self, type_, name):
        """A text that the record keeps in two halves, which may cut a word."""
        record, fields = self.records.get(type_), OUTCOME[type_]
        if record is None:
            return ""
        halves = [record.piece(fields[part]) for part in (name, f"{name}_more")]
        return clean("".join(halves))

    @property
    def causale(self):
        """The code of what became of it."""
        return self.get(self.type, "causale")

    @property
    def amount(self):
        """Its amount in euro."""
        return self.first.cents(OUTCOME[self.type]["amount"])

    @property
    def memo(self):
        """What ties receipts to the entries that the bank has booked for them."""
        return self.get(self.type if self.type == MEMO else "51", "memo")


def parse_flow(flow, filename, allowance):
    """The `ReturnDocument` of a flow of outcomes.

    Raises `ParseError`: truncated, control_count, control_sum, amount, date, and a
    refusal of a flow that tells no outcome.
    """
    items = _read_items(flow)
    allowance.take("transactions", len(items))
    for item in items:
        if code := OURS.get(item.causale):
            raise ParseError(code, item.first.place)
    _check_totals(flow, items)
    receipts = [item for item in items if item.type == RECEIPT]
    charged = {item.memo for item in receipts if _get_charges(item)} - {""}
    rows = [_read_row(flow, item, charged) for item in items]
    payments = tuple(row for row in rows if isinstance(row, ReturnedPayment))
    allowance.take("returns", len(payments))
    return ReturnDocument(
        format=FORMATS[flow.header.type],
        message_id=shorten(make_key(*flow.identity)),
        date=flow.header.day(HEADER["created"]),
        account_iban=_get_account(receipts),
        account_currency="EUR",
        agent_abi=flow.header.get(HEADER["sender"]),
        payments=payments,
        ignored=tuple(row for row in rows if isinstance(row, IgnoredEntry)),
        filename=filename,
    )


def _read_items(flow):
    """The receipts and memos of a flow: each begins with its first record."""
    items = []
    for record in flow.body:
        if record.type in (RECEIPT, MEMO):
            items.append(Item(record.type, {record.type: record}, len(items) + 1))
        elif record.type not in OUTCOME or not items:
            detail = f"“{clean(record.text, 20)}” was not expected"
            raise ParseError("truncated", record.place, detail=detail)
        else:
            items[-1].records.setdefault(record.type, record)
    return items


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
    names = ("abi", "cab", "account")
    found = {tuple(item.get(RECEIPT, name) for name in names) for item in receipts}
    return make_italian_iban(*found.pop()) if len(found) == 1 else ""


def _read_row(flow, item, charged):
    """What an item tells: a returned payment, or something that is none.

    :param charged: references of memos whose charges the receipts tell themselves
    """
    if item.type == MEMO:
        charges = item.causale == CHARGES and item.memo not in charged
        return _ignore(flow, item, "charges" if charges else "told")
    if item.causale in PAID:
        return _ignore(flow, item, "accepted")
    return _read_payment(flow, item)


def _read_payment(flow, item):
    first, fields = item.first, OUTCOME[RECEIPT]
    receipt = item.get("51", "receipt").lstrip("0")
    code = item.get(RECEIPT, "customer_code")
    value_date = item.records.get("51")
    return ReturnedPayment(
        unique_key=_get_key(flow, item),
        reference=receipt,
        batch_id=item.memo,
        kind="recall" if item.causale in RECALLED else "return",
        amount=item.amount,
        currency="EUR",
        fee_amount=_get_charges(item),
        fee_currency="EUR",
        reason_codes=(item.causale,) if item.causale else (),
        date=flow.header.day(HEADER["created"]),
        value_date=value_date and value_date.day(OUTCOME["51"]["value_date"]),
        due_date=first.day(fields["due_date"]),
        partner_name=item.join("30", "name"),
        partner_vat=item.get("30", "tax_code"),
        texts=limit_texts([item.join("50", "text"), code]),
        place=f"{first.place}, receipt {item.number}",
        raw="\n".join(record.text.rstrip() for record in item.records.values()),
        doubt="" if item.causale in UNPAID | RECALLED else "code",
    )


def _ignore(flow, item, why):
    return IgnoredEntry(
        unique_key=_get_key(flow, item),
        place=item.first.place,
        why=why,
        amount=item.amount,
        currency="EUR",
        reference=item.memo if item.type == MEMO else item.get("51", "receipt"),
    )


def _get_charges(item):
    """What the bank took for one receipt, in euro."""
    record = item.records.get("51")
    return record.cents(OUTCOME["51"]["charges"]) if record else 0


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
