"""camt.052, camt.053 and camt.054, also in CBI's envelope: returns in statements.

Which entries are returns is decided in bank_codes.py; here they are read.
Source: ISO 20022 message definitions, versions 02 to 13.
"""

from decimal import Decimal
from typing import NamedTuple

from . import bank_codes
from .base import (
    IgnoredEntry,
    ParseError,
    ReturnDocument,
    ReturnedPayment,
    make_key,
    parse_amount,
    parse_iban,
    unique,
)
from .common import charges, no_id, party, remittance, total_charges
from .xmltree import Node, check_logical_messages, find

FORMATS = {"Rpt": "camt.052", "Stmt": "camt.053", "Ntfctn": "camt.054"}

# ISO 20022 external entry status codes; the booked ones are read.
_NOT_BOOKED = {"PDNG": "pending", "FUTR": "pending", "INFO": "information"}


class _Account(NamedTuple):
    """What the statement says about all of its entries."""

    key: tuple
    iban: str
    currency: str


class _Item(NamedTuple):
    """A transaction of an entry; ``details`` is None when the bank gives none."""

    entry: Node
    details: Node | None
    number: int
    booked: Decimal | None
    currency: str
    sign: int


class _Money(NamedTuple):
    """The original amount of a collection and what the return cost."""

    amount: Decimal | None
    currency: str
    fee: Decimal
    fee_currency: str


def parse(root, filename):
    """One `ReturnDocument` a statement under ``root``; [] when there is none.

    Raises `ParseError`: amount, currency, date, missing, control_count, control_sum.
    """
    messages = find(root, lambda node: any(node.first(name) for name in FORMATS))
    found = [
        (message, statement)
        for message in messages
        for statement in message.children()
        if statement.name in FORMATS
    ]
    if found:
        check_logical_messages(root, len(messages), len(found))
    return [
        _parse_statement(message, statement, number, filename)
        for number, (message, statement) in enumerate(found, 1)
    ]


def _parse_statement(message, statement, number, filename):
    header = message.first("GrpHdr")
    message_id = _message_id(header, statement)
    account = _Account(
        key=(message_id, number),
        iban=parse_iban(_account_number(statement.first("Acct"))),
        currency=statement.text("Acct", "Ccy"),
    )
    entries = list(enumerate(statement.all("Ntry"), 1))
    rows = [row for n, entry in entries for row in _parse_entry(n, entry, account)]
    _check_summary(statement)
    day = statement.day("CreDtTm")
    if not day and header:
        day = header.day("CreDtTm")
    return ReturnDocument(
        format=FORMATS[statement.name],
        message_id=message_id,
        date=day,
        account_iban=account.iban,
        account_currency=account.currency,
        payments=tuple(row for row in rows if isinstance(row, ReturnedPayment)),
        ignored=tuple(row for row in rows if isinstance(row, IgnoredEntry)),
        filename=filename,
    )


def _message_id(header, statement):
    """The message's id, with the statement's and its page where they differ.

    One message may carry the statements of several accounts, and one statement may
    come in pages: each of them is a document of its own.
    """
    ids = unique([header.text("MsgId") if header else "", statement.text("Id")])
    pages = ("StmtPgntn", "NtfctnPgntn", "RptPgntn")
    page = "".join(statement.text(name, "PgNb") for name in pages)
    return make_key(*ids, *([f"page {page}"] if page not in ("", "1") else []))


def _account_number(account):
    if account is None:
        return ""
    return account.text("Id", "IBAN") or account.text("Id", "Othr", "Id")


def _parse_entry(number, entry, account):
    """The rows of one entry: its returned payments and what was left aside."""
    for name in ("Amt", "CdtDbtInd", "Sts"):
        if entry.first(name) is None:
            raise ParseError("missing", f"{entry.line}, entry {number}", element=name)
    items = _items(entry)
    verdicts = [_verdict(item, account) for item in items]
    if any(verdict.kind for verdict in verdicts):
        _check_entry(number, entry, items)
    key = (*account.key, number)
    spare = _entry_charges(entry, items)
    alone = len(items) == 1 and bool(verdicts[0].kind)
    rows = []
    for item, verdict in zip(items, verdicts, strict=True):
        if verdict.kind:
            extra = spare if alone else {}
            rows.append(_payment(item, verdict, key, extra))
        else:
            rows.append(_ignored(item, verdict.why, key))
    if not alone and any(verdict.kind for verdict in verdicts):
        rows += _charge_rows(entry, spare, key)
    return rows


def _items(entry):
    """The transactions of an entry, at least one, with sign and booked amount."""
    details = entry.all("NtryDtls", "TxDtls")
    amount, currency = entry.money("Amt")
    entry_sign = _sign(entry.text("CdtDbtInd"))
    if not details:
        return [_Item(entry, None, 1, amount, currency, entry_sign)]
    signs = [_sign(node.text("CdtDbtInd")) or entry_sign for node in details]
    if len(set(signs)) == 1:
        # All alike: it repeats the entry's, or that of the original collection.
        signs = [entry_sign] * len(details)
    alone = len(details) == 1 and entry.number("NtryDtls", "Btch", "NbOfTxs") in (
        None,
        1,
    )
    items = []
    for number, (node, sign) in enumerate(zip(details, signs, strict=True), 1):
        booked = _booked(node) or ((amount, currency) if alone else (None, ""))
        booked = booked if booked[0] is not None else _instructed(node)
        items.append(_Item(entry, node, number, *booked, sign))
    return items


def _sign(indicator):
    return {"DBIT": -1, "CRDT": 1}.get(indicator, 0)


def _booked(details):
    """(amount, currency) that moved for one transaction, None when not given."""
    for path in (["Amt"], ["AmtDtls", "TxAmt", "Amt"]):
        amount, currency = details.money(*path)
        if amount:
            return amount, currency
    return None


def _instructed(details):
    """(amount, currency) of the original collection; (None, "") when not given."""
    amount, currency = details.money("AmtDtls", "InstdAmt", "Amt")
    return (amount, currency) if amount else (None, "")


def _verdict(item, account):
    """Whether the item is a customer's return; only booked debits can be."""
    status = _status(item.entry)
    if status != "BOOK":
        why = _NOT_BOOKED.get(status, "not_booked")
        return bank_codes.Verdict(why=why)
    if item.sign >= 0:
        return bank_codes.Verdict(why="credit")
    debtor = item.details and item.details.text("RltdPties", "DbtrAcct", "Id", "IBAN")
    own = bool(account.iban) and parse_iban(debtor or "") == account.iban
    return bank_codes.judge(item.entry, item.details, own)


def _payment(item, verdict, key, entry_charges):
    details = item.details or item.entry
    money = _money(item, entry_charges)
    refs = _references(item)
    codes, text = _reasons(details, verdict)
    name, vat, iban = _customer(details, verdict.swapped)
    texts = _texts(item)
    return ReturnedPayment(
        unique_key=_key(item, key),
        kind=_kind(verdict.kind, codes),
        amount=money.amount,
        currency=money.currency,
        fee_amount=money.fee,
        fee_currency=money.fee_currency,
        reason_codes=codes,
        reason_text=text,
        date=item.entry.day("BookgDt") or item.entry.day("ValDt"),
        value_date=item.entry.day("ValDt"),
        due_date=details.day("RltdDts", "ReqdColltnDt"),
        partner_name=name,
        partner_iban=iban,
        partner_vat=vat,
        texts=texts,
        place=_place(item, key),
        raw=(item.details or item.entry).raw(),
        **{**refs, "reference": refs["reference"] or "".join(texts[:1])},
    )


def _kind(kind, codes):
    """Return or refund: EPC rulebook, refunds carry MD06 (authorised) or MD01."""
    return "refund" if kind == "return" and {"MD06", "MD01"} & set(codes) else kind


def _key(item, key):
    refs = item.entry.text("AcctSvcrRef") or item.entry.text("NtryRef")
    own = ""
    if item.details:
        names = ("EndToEndId", "TxId", "AcctSvcrRef", "InstrId")
        own = next(filter(None, (item.details.text("Refs", n) for n in names)), "")
    return make_key(*key, item.number, refs, own)


def _place(item, key):
    node = item.details or item.entry
    _message, statement, entry = key
    return f"{node.line}, statement {statement}, entry {entry}, item {item.number}"


def _references(item):
    """Every reference the bank gives back, and the best one for a person."""
    node = item.details.first("Refs") if item.details else None
    node = node or item.entry.first("NtryDtls", "Btch")
    get = node.text if node else (lambda *path: "")
    end_to_end, instruction = no_id(get("EndToEndId")), no_id(get("InstrId"))
    candidates = [end_to_end, instruction, no_id(get("ChqNb")), no_id(get("MndtId"))]
    return {
        "reference": next(filter(None, candidates), ""),
        "end_to_end_id": end_to_end,
        "instruction_id": instruction,
        "mandate_reference": no_id(get("MndtId")),
        "batch_id": no_id(get("PmtInfId")),
        "original_message_id": no_id(get("MsgId")),
    }


def _reasons(details, verdict):
    """(codes, text) of the return; without a reason, the code of the movement."""
    codes, texts = [], []
    for info in details.all("RtrInf"):
        codes += info.texts("Rsn", "Cd") + info.texts("Rsn", "Prtry")
        texts += info.texts("AddtlInf")
    return unique(codes or [verdict.causale]), " ".join(unique(texts))


def _customer(details, swapped):
    """(name, tax code, IBAN) of the debtor of the original collection.

    ``swapped``: the bank calls us the debtor of the return, as of its booking.
    """
    role = "Cdtr" if swapped else "Dbtr"
    name, vat = party(details.first("RltdPties", role))
    if not name:
        name = party(details.first("RltdPties", f"Ultmt{role}"))[0]
    return name, vat, parse_iban(details.text("RltdPties", f"{role}Acct", "Id", "IBAN"))


def _texts(item):
    details = item.details
    texts = [item.entry.text("AddtlNtryInf")]
    if details:
        texts = [
            *remittance(details.first("RmtInf")),
            *details.texts("Refs", "ChqNb"),
            *details.texts("AddtlTxInf"),
            *texts,
        ]
    return unique(texts)


def _ignored(item, why, key):
    node = item.details or item.entry
    reference = _references(item)["reference"] or item.entry.text("AcctSvcrRef")
    return IgnoredEntry(
        unique_key=_key(item, key),
        place=_place(item, key),
        why=why,
        amount=item.booked,
        currency=item.currency,
        reference=reference or node.text("AddtlNtryInf"),
    )


def _money(item, entry_charges):
    """Separate the original amount from the charges and compensation in it.

    The booked amount may include both (EPC rulebook, refunds): what is above the
    instructed amount is not the customer's invoice.  Charges that the bank says are
    included (ChrgInclInd) are taken out; others are only reported.
    """
    booked, currency = item.booked, item.currency
    found = item.details.all("Chrgs") if item.details else []
    fee, fee_currency = total_charges(found, currency)
    more = entry_charges.get(currency) if entry_charges else None
    if more and fee_currency in ("", currency):
        fee, fee_currency = fee + more, currency
    elif entry_charges and not fee:
        fee_currency, fee = next(iter(entry_charges.items()))
    original, original_currency = (
        _instructed(item.details) if item.details else (None, "")
    )
    if booked is None or not booked:
        return _Money(None, "", fee, fee_currency)
    if original and original_currency == currency and original < booked:
        same = fee_currency in ("", currency)
        extra = max(fee, booked - original) if same else fee
        return _Money(original, currency, extra, fee_currency or currency)
    if _included(found or item.entry.all("Chrgs")) and fee_currency == currency:
        booked = booked - fee if fee < booked else booked
    return _Money(booked, currency, fee, fee_currency)


def _included(nodes):
    """Whether all the charges are said to be part of the booked amount."""
    marks = [mark for node in nodes for mark in node.texts("Rcrd", "ChrgInclInd")]
    return bool(marks) and all(mark in ("true", "1") for mark in marks)


def _entry_charges(entry, items):
    """Charges of the entry that its transactions do not already repeat."""
    found = charges(entry.all("Chrgs"))
    details = [item.details for item in items if item.details]
    listed = charges([node for details in details for node in details.all("Chrgs")])
    rest = {c: amount - listed.get(c, 0) for c, amount in found.items()}
    return {currency: amount for currency, amount in rest.items() if amount > 0}


def _charge_rows(entry, spare, key):
    """The charges of a batch entry: nobody says whose they are."""
    return [
        IgnoredEntry(
            make_key(*key, "charges", currency),
            f"{entry.line}, statement {key[1]}, entry {key[2]}",
            "charges",
            amount,
            currency,
            entry.text("AcctSvcrRef"),
        )
        for currency, amount in spare.items()
    ]


def _check_entry(number, entry, items):
    """The transactions must make the entry, give or take its charges."""
    place = f"{entry.line}, entry {number}"
    batches = [node.number("NbOfTxs") for node in entry.all("NtryDtls", "Btch")]
    if items[0].details and batches and None not in batches:
        if sum(batches) != len(items):
            raise ParseError(
                "control_count", place, expected=sum(batches), found=len(items)
            )
    expected, currency = entry.money("Amt")
    if any(item.booked is None or item.currency != currency for item in items):
        return
    found = abs(sum(item.sign * item.booked for item in items))
    nodes = [item.details for item in items if item.details]
    fees = charges([node for n in nodes for node in n.all("Chrgs")]).get(currency, 0)
    fees = max(fees, charges(entry.all("Chrgs")).get(currency, 0))
    if expected not in (found, found + fees, found - fees):
        raise ParseError("control_sum", place, expected=expected, found=found)


def _check_summary(statement):
    """Compare TxsSummry with the entries, when it describes these ones.

    A page of a statement carries the summary of the whole; a statement without
    entries has nothing to lose.
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
    candidates = [entries, [e for e in entries if _status(e) == "BOOK"]]
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


def _status(entry):
    """The entry's status: version 02 to 07 in Sts, later in Sts/Cd."""
    return entry.text("Sts") or entry.text("Sts", "Cd")


def _signed(entry):
    return _sign(entry.text("CdtDbtInd")) * entry.money("Amt")[0]
