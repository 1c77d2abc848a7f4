"""Amounts, charges and control totals of camt entries.

Source: ISO 20022 message definitions; EPC rulebook for what a refund may add to the
original amount.
"""

from collections import Counter
from decimal import Decimal
from typing import NamedTuple

from .bank_codes import Code, read_code
from .base import ParseError, parse_amount, parse_iban
from .common import charges, choose_charge
from .phrase import Phrase
from .xmltree import Node, from_source

SIGNS = {"DBIT": -1, "CRDT": 1}
REFERENCES = (
    "EndToEndId",
    "TxId",
    "AcctSvcrRef",
    "InstrId",
    "ChqNb",
    "MndtId",
    "PmtInfId",
    "MsgId",
)


class Details(NamedTuple):
    """What a TxDtls says, before its entry is known; ``source`` is the rest."""

    line: Phrase
    source: bytes
    refs: dict
    sign: int
    booked: tuple
    instructed: tuple
    charges: dict
    included: bool | None
    own_iban: str
    code: Code

    @property
    def node(self):
        """The element again: needed for returns only."""
        return from_source(self.source, self.line.parts[0][1])


class Item(NamedTuple):
    """A transaction of an entry; ``details`` is None when the bank gives none."""

    entry: Node
    details: Details | None
    number: int
    booked: Decimal | None
    currency: str
    sign: int


class Figures(NamedTuple):
    """What the totals of a statement are compared with, of one entry."""

    amount: Decimal
    currency: str
    sign: int
    status: str


class Money(NamedTuple):
    """The original amount of a collection and what its return cost."""

    amount: Decimal | None = None
    currency: str = ""
    fee: Decimal = Decimal(0)
    fee_currency: str = ""


def take_details(node, _allowance):
    """What is kept of a TxDtls; its element is freed afterwards.

    Raises `ParseError`: amount, amount_large, currency, indicator, contradiction.
    """
    nodes = node.all("Chrgs")
    return Details(
        line=node.line,
        source=node.source(),
        refs=_take_refs(node),
        sign=read_sign(node),
        booked=_moved(node),
        instructed=_instructed(node),
        charges=charges(nodes) if nodes else {},
        included=_included(nodes),
        own_iban=parse_iban(node.text("RltdPties", "DbtrAcct", "Id", "IBAN")),
        code=read_code(node),
    )


def _take_refs(node):
    """{name: text} of the references of a TxDtls."""
    refs = node.first("Refs")
    found = {name: refs.text(name) for name in REFERENCES} if refs else {}
    return {name: text for name, text in found.items() if text}


def read_items(entry, figures):
    """The `Item` list of an entry, at least one, with sign and booked amount."""
    details = [
        found for part in entry.all("NtryDtls") for found in part.taken("TxDtls")
    ]
    whole, entry_sign = (figures.amount, figures.currency), figures.sign
    if not details:
        return [Item(entry, None, 1, *whole, entry_sign)]
    signs = [found.sign or entry_sign for found in details]
    if len(set(signs)) == 1:
        # All alike: it repeats the entry's, or that of the original collection.
        signs = [entry_sign] * len(details)
    fallback = whole if _is_alone(entry, details) else (None, "")
    return [
        Item(entry, found, number, *_booked(found, fallback), sign)
        for number, (found, sign) in enumerate(zip(details, signs, strict=True), 1)
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
    counts = {node.number("NbOfTxs") for node in entry.all("NtryDtls", "Btch")}
    return len(details) == 1 and counts <= {None, 1}


def _moved(node):
    """(amount, currency) that moved, as far as a TxDtls says: (None, "") if not.

    Version 08 has Amt, version 02 TxAmt.
    """
    for path in (["Amt"], ["AmtDtls", "TxAmt", "Amt"]):
        amount, currency = node.money(*path)
        if amount:
            return amount, currency
    return None, ""


def _booked(details, fallback):
    """(amount, currency) that moved: as the details say, or the entry."""
    if details.booked[0]:
        return details.booked
    return fallback if fallback[0] else details.instructed


def _instructed(node):
    """(amount, currency) of the original collection; (None, "") when not given."""
    amount, currency = node.money("AmtDtls", "InstdAmt", "Amt")
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
    original, its_currency = item.details.instructed if item.details else (None, "")
    if original and its_currency == currency and original < booked:
        if fee_currency in ("", currency):
            fee = max(fee, booked - original)
        return Money(original, currency, fee, fee_currency or currency)
    if fee_currency == currency and fee < booked and _is_included(item):
        booked -= fee
    return Money(booked, currency, fee, fee_currency)


def _fee(item, entry_charges):
    """(amount, currency) of the charges of an item and of its entry."""
    found = item.details.charges if item.details else {}
    fee, currency = choose_charge(found, item.currency)
    if not fee and entry_charges:
        preferred = item.currency in entry_charges
        currency = item.currency if preferred else next(iter(entry_charges))
    return fee + entry_charges.get(currency, Decimal(0)), currency


def _is_included(item):
    """Whether the bank says that the booked amount contains all the charges."""
    included = item.details.included if item.details else None
    if included is None and item.booked == item.entry.money("Amt")[0]:
        included = _included(item.entry.all("Chrgs"))
    return bool(included)


def _included(nodes):
    """Whether all the marks in ``nodes`` (Chrgs) say so; None without ``nodes``."""
    if not nodes:
        return None
    marks = [mark for node in nodes for mark in node.texts("Rcrd", "ChrgInclInd")]
    return bool(marks) and all(mark in ("true", "1") for mark in marks)


def entry_charges(entry, items):
    """{currency: amount} of the entry's charges that its items do not repeat."""
    listed = _listed_charges(items)
    found = charges(entry.all("Chrgs"))
    rest = {cur: amount - listed[cur] for cur, amount in found.items()}
    return {currency: amount for currency, amount in rest.items() if amount > 0}


def _listed_charges(items):
    """{currency: amount} of the charges that the items of an entry tell."""
    listed = Counter()
    for item in items:
        listed.update(item.details.charges if item.details else {})
    return listed


def check_entry(entry, items, figures):
    """The transactions must make the entry, give or take its charges.

    What an entry of debits takes more, while none of its transactions is missing, is
    taken for a fee that the bank does not tell: it is returned, else 0.  Raises
    `ParseError`: control_count, control_sum, control_batch.
    """
    place = entry.line
    batches = [node.number("NbOfTxs") for node in entry.all("NtryDtls", "Btch")]
    counted = sum(count or 0 for count in batches)
    listed = items[0].details is not None
    if listed and batches and None not in batches and counted != len(items):
        raise ParseError("control_count", place, expected=counted, found=len(items))
    expected, currency = figures.amount, figures.currency
    if any(item.booked is None or item.currency != currency for item in items):
        return Decimal(0)
    found = abs(sum(item.sign * item.booked for item in items))
    of_entry = charges(entry.all("Chrgs"))
    fees = {_listed_charges(items)[currency], of_entry.get(currency, 0)}
    rest = expected - found
    if not rest or abs(rest) in fees:
        return Decimal(0)
    if rest < 0 or any(item.sign > 0 for item in items):
        raise ParseError("control_sum", place, expected=expected, found=found)
    complete = batches and counted == len(items)
    if not complete and rest >= min(item.booked for item in items):
        raise ParseError("control_batch", place, expected=expected, found=found)
    return rest


def check_summary(statement, entries):
    """Compare TxsSummry with the entries, when it describes these ones.

    ``entries``: a `Figures` of each.  A page of a statement carries the summary of the
    whole; a statement without entries has nothing to lose.  Raises `ParseError`:
    control_count, control_sum.
    """
    summary = statement.first("TxsSummry")
    if summary is None or not entries or _is_a_page(statement):
        return
    _check_total(summary.first("TtlNtries"), entries)
    for name, sign in (("TtlCdtNtries", 1), ("TtlDbtNtries", -1)):
        chosen = [entry for entry in entries if entry.sign == sign]
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
    place = total.line.then("element", total.name)
    candidates = [entries, [e for e in entries if e.status == "BOOK"]]
    count = total.number("NbOfNtries")
    if count is not None and count not in map(len, candidates):
        raise ParseError("control_count", place, expected=count, found=len(entries))
    if total.first("Sum") is None or len({e.currency for e in entries}) > 1:
        return
    expected = parse_amount(total.text("Sum").lstrip("-"), place)
    turnovers = [sum(e.amount for e in chosen) for chosen in candidates]
    balances = [abs(sum(e.sign * e.amount for e in chosen)) for chosen in candidates]
    if expected not in turnovers + balances:
        found = turnovers[0]
        raise ParseError("control_sum", place, expected=expected, found=found)


def read_status(entry):
    """The entry's status: in Sts up to version 07, later in Sts/Cd."""
    return entry.text("Sts") or entry.text("Sts", "Cd") or entry.text("Sts", "Prtry")
