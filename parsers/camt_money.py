"""Amounts, charges and control totals of camt entries.

Source: ISO 20022 message definitions; EPC rulebook for what a refund may add to the
original amount.
"""

from decimal import Decimal
from typing import NamedTuple

from .base import ParseError, parse_amount
from .common import charges, total_charges
from .xmltree import Node

SIGNS = {"DBIT": -1, "CRDT": 1}


class Item(NamedTuple):
    """A transaction of an entry; ``details`` is None when the bank gives none."""

    entry: Node
    details: Node | None
    number: int
    booked: Decimal | None
    currency: str
    sign: int


class Money(NamedTuple):
    """The original amount of a collection and what its return cost."""

    amount: Decimal | None = None
    currency: str = ""
    fee: Decimal = Decimal(0)
    fee_currency: str = ""


def read_items(entry):
    """The `Item` list of an entry, at least one, with sign and booked amount.

    Raises `ParseError`: amount, currency, indicator.
    """
    details = entry.all("NtryDtls", "TxDtls")
    whole = entry.money("Amt")
    entry_sign = read_sign(entry)
    if not details:
        return [Item(entry, None, 1, *whole, entry_sign)]
    signs = [read_sign(node, entry_sign) for node in details]
    if len(set(signs)) == 1:
        # All alike: it repeats the entry's, or that of the original collection.
        signs = [entry_sign] * len(details)
    fallback = whole if _is_alone(entry, details) else (None, "")
    return [
        Item(entry, node, number, *_booked(node, fallback), sign)
        for number, (node, sign) in enumerate(zip(details, signs, strict=True), 1)
    ]


def read_sign(node, default=0):
    """-1 for a debit on our account, 1 for a credit; ``default`` when absent."""
    indicator = node.text("CdtDbtInd")
    if not indicator:
        return default
    if indicator not in SIGNS:
        raise ParseError("indicator", node.line, value=indicator)
    return SIGNS[indicator]


def _is_alone(entry, details):
    batch = entry.number("NtryDtls", "Btch", "NbOfTxs")
    return len(details) == 1 and batch in (None, 1)


def _booked(details, fallback):
    """(amount, currency) that moved: version 08's Amt, 02's TxAmt, the entry's."""
    for path in (["Amt"], ["AmtDtls", "TxAmt", "Amt"]):
        amount, currency = details.money(*path)
        if amount:
            return amount, currency
    return fallback if fallback[0] else _instructed(details)


def _instructed(details):
    """(amount, currency) of the original collection; (None, "") when not given."""
    amount, currency = details.money("AmtDtls", "InstdAmt", "Amt")
    return (amount, currency) if amount else (None, "")


def read_money(item, entry_charges):
    """The `Money` of one item; ``entry_charges`` are those of its entry to add.

    The booked amount may include charges and, for refunds, interest that the other
    bank claims (EPC rulebook): what exceeds the instructed amount is a cost, not the
    customer's debt.  A zero says nothing: "that of the collection".
    """
    booked, currency = item.booked, item.currency
    fee, fee_currency = _fee(item, entry_charges)
    if not booked:
        return Money(None, "", fee, fee_currency)
    original, its_currency = _instructed(item.details) if item.details else (None, "")
    if original and its_currency == currency and original < booked:
        if fee_currency in ("", currency):
            fee = max(fee, booked - original)
        return Money(original, currency, fee, fee_currency or currency)
    if fee_currency == currency and fee < booked and _is_included(item):
        booked -= fee
    return Money(booked, currency, fee, fee_currency)


def _fee(item, entry_charges):
    """(amount, currency) of the charges of an item and of its entry."""
    nodes = item.details.all("Chrgs") if item.details else []
    fee, currency = total_charges(nodes, item.currency)
    if not fee and entry_charges:
        preferred = item.currency in entry_charges
        currency = item.currency if preferred else next(iter(entry_charges))
    return fee + entry_charges.get(currency, Decimal(0)), currency


def _is_included(item):
    """Whether the bank says that the booked amount contains all the charges."""
    nodes = item.details.all("Chrgs") if item.details else []
    if not nodes and item.booked == item.entry.money("Amt")[0]:
        nodes = item.entry.all("Chrgs")
    marks = [mark for node in nodes for mark in node.texts("Rcrd", "ChrgInclInd")]
    return bool(marks) and all(mark in ("true", "1") for mark in marks)


def entry_charges(entry, items):
    """{currency: amount} of the entry's charges that its items do not repeat."""
    details = [item.details for item in items if item.details]
    listed = charges([node for tx in details for node in tx.all("Chrgs")])
    found = charges(entry.all("Chrgs"))
    rest = {cur: amount - listed.get(cur, 0) for cur, amount in found.items()}
    return {currency: amount for currency, amount in rest.items() if amount > 0}


def check_entry(number, entry, items):
    """The transactions must make the entry, give or take its charges.

    Raises `ParseError`: control_count, control_sum.
    """
    place = f"{entry.line}, entry {number}"
    batches = [node.number("NbOfTxs") for node in entry.all("NtryDtls", "Btch")]
    counted = sum(count or 0 for count in batches)
    listed = items[0].details is not None
    if listed and batches and None not in batches and counted != len(items):
        raise ParseError("control_count", place, expected=counted, found=len(items))
    expected, currency = entry.money("Amt")
    if any(item.booked is None or item.currency != currency for item in items):
        return
    found = abs(sum(item.sign * item.booked for item in items))
    details = [item.details for item in items if item.details]
    listed = charges([node for tx in details for node in tx.all("Chrgs")])
    fees = {listed.get(currency, 0), charges(entry.all("Chrgs")).get(currency, 0)}
    if expected != found and abs(expected - found) not in fees:
        raise ParseError("control_sum", place, expected=expected, found=found)


def check_summary(statement):
    """Compare TxsSummry with the entries, when it describes these ones.

    A page of a statement carries the summary of the whole; a statement without
    entries has nothing to lose.  Raises `ParseError`: control_count, control_sum.
    """
    summary = statement.first("TxsSummry")
    entries = statement.all("Ntry")
    if summary is None or not entries or _is_a_page(statement):
        return
    _check_total(summary.first("TtlNtries"), entries)
    for name, indicator in (("TtlCdtNtries", "CRDT"), ("TtlDbtNtries", "DBIT")):
        chosen = [e for e in entries if e.text("CdtDbtInd") == indicator]
        _check_total(summary.first(name), chosen)


def _is_a_page(statement):
    """Whether this is one of several pages (StmtPgntn and its siblings)."""
    for name in ("StmtPgntn", "NtfctnPgntn", "RptPgntn"):
        if node := statement.first(name):
            return node.text("PgNb") != "1" or node.text("LastPgInd") != "true"
    return False


def _check_total(total, entries):
    """Compare one total with all the entries, or with the booked ones only.

    Banks differ in that, and in whether Sum is the turnover or the balance.
    """
    if total is None:
        return
    place = f"{total.line} ({total.name})"
    candidates = [entries, [e for e in entries if read_status(e) == "BOOK"]]
    count = total.number("NbOfNtries")
    if count is not None and count not in map(len, candidates):
        raise ParseError("control_count", place, expected=count, found=len(entries))
    if total.first("Sum") is None or len({e.money("Amt")[1] for e in entries}) > 1:
        return
    expected = parse_amount(total.text("Sum").lstrip("-"), place)
    turnovers = [sum(e.money("Amt")[0] for e in chosen) for chosen in candidates]
    balances = [abs(sum(map(_signed, chosen))) for chosen in candidates]
    if expected not in turnovers + balances:
        found = turnovers[0]
        raise ParseError("control_sum", place, expected=expected, found=found)


def _signed(entry):
    return read_sign(entry) * entry.money("Amt")[0]


def read_status(entry):
    """The entry's status: in Sts up to version 07, later in Sts/Cd."""
    return entry.text("Sts") or entry.text("Sts", "Cd") or entry.text("Sts", "Prtry")
