"""camt.052, camt.053 and camt.054, also in CBI's envelope: returns in statements.

Which entries are returns is decided in bank_codes.py; here they are read.
Source: ISO 20022 message definitions, versions 02 to 13.
"""

from typing import NamedTuple

from .bank_codes import Verdict, judge
from .base import (
    IgnoredEntry,
    ParseError,
    ReturnDocument,
    ReturnedPayment,
    make_key,
    parse_iban,
    unique,
)
from .camt_money import (
    check_entry,
    check_summary,
    entry_charges,
    read_items,
    read_money,
    read_status,
)
from .common import agent, no_id, party, remittance
from .xmltree import check_logical_messages, find

FORMATS = {"Rpt": "camt.052", "Stmt": "camt.053", "Ntfctn": "camt.054"}

# ISO 20022 external entry status codes; the booked ones are read.
_NOT_BOOKED = {"PDNG": "pending", "FUTR": "pending", "INFO": "information"}


class _Account(NamedTuple):
    """What the statement says about all of its entries."""

    key: tuple
    iban: str
    currency: str


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
    header = message.first("GrpHdr") or message
    message_id = _message_id(header, statement)
    account = _Account(
        key=(message_id, number),
        iban=parse_iban(_account_number(statement)),
        currency=statement.text("Acct", "Ccy"),
    )
    rows = []
    for number_, entry in enumerate(statement.each("Ntry"), 1):
        rows += _parse_entry(number_, entry, account)
    check_summary(statement)
    return ReturnDocument(
        format=FORMATS[statement.name],
        message_id=message_id,
        date=statement.day("CreDtTm") or header.day("CreDtTm"),
        account_iban=account.iban,
        account_currency=account.currency,
        **agent(statement.all("Acct", "Svcr")),
        payments=tuple(row for row in rows if isinstance(row, ReturnedPayment)),
        ignored=tuple(row for row in rows if isinstance(row, IgnoredEntry)),
        filename=filename,
    )


def _message_id(header, statement):
    """The message's id, with the statement's and its page where they differ.

    One message may carry the statements of several accounts, and one statement may
    come in pages: each of them is a document of its own.
    """
    ids = unique([header.text("MsgId"), statement.text("Id")])
    pages = ("StmtPgntn", "NtfctnPgntn", "RptPgntn")
    page = "".join(statement.text(name, "PgNb") for name in pages)
    pages = [f"page {page}"] if page not in ("", "1") else []
    return make_key(*(ids or [statement.digest()]), *pages)


def _account_number(statement):
    iban = statement.text("Acct", "Id", "IBAN")
    return iban or statement.text("Acct", "Id", "Othr", "Id")


def _parse_entry(number, entry, account):
    """The rows of one entry: its returned payments and what was left aside."""
    place = f"{entry.line}, entry {number}"
    for name in ("Amt", "CdtDbtInd"):
        if entry.first(name) is None:
            raise ParseError("missing", place, element=name)
    items = read_items(entry)
    verdicts = [_verdict(item, account) for item in items]
    returned = sum(1 for verdict in verdicts if verdict.kind)
    if returned and not read_status(entry):
        raise ParseError("missing", place, element="Sts")
    if returned:
        check_entry(number, entry, items)
    key = (*account.key, number)
    spare = entry_charges(entry, items) if returned else {}
    # Charges of a batch are not shared out: the bank does not say whose they are.
    extra = spare if returned == 1 else {}
    rows = [
        _payment(item, verdict, key, extra)
        if verdict.kind
        else _ignored(item, verdict.why, key)
        for item, verdict in zip(items, verdicts, strict=True)
    ]
    return rows + (_charge_rows(entry, spare, key) if returned > 1 else [])


def _verdict(item, account):
    """Whether the item is a customer's return; only booked debits can be."""
    status = read_status(item.entry)
    if status not in ("BOOK", ""):
        return Verdict(why=_NOT_BOOKED.get(status, "not_booked"))
    if item.sign > 0:
        return Verdict(why="credit")
    debtor = ""
    if item.details:
        debtor = item.details.text("RltdPties", "DbtrAcct", "Id", "IBAN")
    own = bool(account.iban) and parse_iban(debtor) == account.iban
    return judge(item.entry, item.details, own)


def _payment(item, verdict, key, extra):
    details = item.details or item.entry
    money = read_money(item, extra)
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
    batches = item.entry.all("NtryDtls", "Btch")
    batch = batches[0].text if len(batches) == 1 else (lambda *path: "")
    get = node.text if node else (lambda *path: "")
    end_to_end, instruction = no_id(get("EndToEndId")), no_id(get("InstrId"))
    candidates = [end_to_end, instruction, no_id(get("ChqNb")), no_id(get("MndtId"))]
    return {
        "reference": next(filter(None, candidates), ""),
        "end_to_end_id": end_to_end,
        "instruction_id": instruction,
        "mandate_reference": no_id(get("MndtId")),
        "batch_id": no_id(get("PmtInfId") or batch("PmtInfId")),
        "original_message_id": no_id(get("MsgId") or batch("MsgId")),
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
