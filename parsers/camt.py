"""camt.052, camt.053 and camt.054, also in CBI's envelope: returns in statements.

Which entries are returns is decided in bank_codes.py; here they are read.
Source: ISO 20022 message definitions, versions 02 to 13.
"""

from dataclasses import replace
from typing import NamedTuple

from .bank_codes import Verdict, judge, judge_credit, read_code
from .base import (
    MAX_CODES,
    IgnoredEntry,
    ParseError,
    ReturnDocument,
    ReturnedPayment,
    join_texts,
    limit_texts,
    make_key,
    parse_iban,
    shorten,
    unique,
)
from .camt_money import (
    Figures,
    check_entry,
    check_summary,
    entry_charges,
    read_items,
    read_money,
    read_sign,
    read_status,
    take_details,
)
from .common import agent, agent_names, no_id, party, remittance
from .phrase import Phrase
from .xmltree import check_logical_messages, check_namespace, clean_source, find

FORMATS = {"Rpt": "camt.052", "Stmt": "camt.053", "Ntfctn": "camt.054"}

# What the namespaces of ISO and SIX call them, and what those of CBI do.
_MESSAGES = r"camt\.05[234]\.|CBI\w*(Stmt|Stm|Ntf|Rpt|BkToCstmr)"

# ISO 20022 external entry status codes; the booked ones are read.
_NOT_BOOKED = {"PDNG": "pending", "FUTR": "pending", "INFO": "information"}


class _Entry(NamedTuple):
    """The rows of a Ntry, whose keys wait for the number of the statement."""

    rows: tuple
    figures: Figures
    own_iban: str


def _take_entry(node, allowance):
    """What is kept of a Ntry; its element is freed afterwards.

    None for one outside of a statement.
    """
    above = node.above()
    if above.name not in FORMATS:
        return None
    return _read_entry(node, parse_iban(_account_number(above)), allowance)


# The elements that are taken one by one while the file is read.
UNITS = {"Ntry": _take_entry, "TxDtls": take_details}


def parse(root, filename, allowance):
    """One `ReturnDocument` a statement under ``root``; [] when there is none.

    Raises `ParseError`: amount, currency, date, missing, control_count, control_sum,
    contradiction, order, too_many_documents.
    """
    messages = find(root, lambda node: any(map(node.has, FORMATS)))
    found = [
        (message, statement)
        for message in messages
        for statement in message.children()
        if statement.name in FORMATS
    ]
    allowance.take("documents", len(found))
    for _message, statement in found:
        check_namespace(statement, _MESSAGES)
    if found:
        check_logical_messages(root, len(messages), len(found))
    return [
        _parse_statement(message, statement, number, filename)
        for number, (message, statement) in enumerate(found, 1)
    ]


def _parse_statement(message, statement, number, filename):
    header = message.first("GrpHdr") or message
    entries = statement.taken("Ntry")
    message_id = _message_id(header, statement, entries)
    iban = parse_iban(_account_number(statement))
    # Which entries are ours to pay was told by the account: it has to come first.
    if any(entry.own_iban != iban for entry in entries):
        raise ParseError("order", statement.line)
    check_summary(statement, [entry.figures for entry in entries])
    rows = [
        _finish(row, message_id, number, position)
        for position, entry in enumerate(entries, 1)
        for row in entry.rows
    ]
    return ReturnDocument(
        format=FORMATS[statement.name],
        message_id=message_id,
        date=statement.day("CreDtTm") or header.day("CreDtTm"),
        account_iban=iban,
        account_currency=statement.text("Acct", "Ccy"),
        **agent([agent_names(statement.all("Acct", "Svcr"))]),
        payments=tuple(row for row in rows if isinstance(row, ReturnedPayment)),
        ignored=tuple(row for row in rows if isinstance(row, IgnoredEntry)),
        filename=filename,
    )


def _finish(row, message_id, number, position):
    """A row with the key and the place that only the whole file could tell."""
    key = make_key(message_id, number, position)
    line, *item = row.place.parts
    place = Phrase(line, ("statement", number), ("entry", position), *item)
    return replace(
        row,
        unique_key=f"{key}|{row.unique_key}",
        place=place,
    )


def _message_id(header, statement, entries):
    """The message's id, with the statement's and its page where they differ.

    One message may carry the statements of several accounts, and one statement may
    come in pages: each of them is a document of its own.
    """
    ids = unique([header.text("MsgId"), statement.text("Id")])
    pages = ("StmtPgntn", "NtfctnPgntn", "RptPgntn")
    page = "".join(statement.text(name, "PgNb") for name in pages)
    pages = [f"page {page}"] if page not in ("", "1") else []
    return shorten(make_key(*(ids or [statement.digest(entries)]), *pages))


def _account_number(statement):
    iban = statement.text("Acct", "Id", "IBAN")
    return iban or statement.text("Acct", "Id", "Othr", "Id")


def _read_entry(entry, own_iban, allowance):
    """The `_Entry` of one entry: its returned payments and what was left aside."""
    for name in ("Amt", "CdtDbtInd"):
        if entry.first(name) is None:
            raise ParseError("missing", entry.line, element=name)
    status, code = read_status(entry), read_code(entry)
    figures = Figures(*entry.money("Amt"), read_sign(entry), status)
    items = read_items(entry, figures)
    verdicts = [_verdict(item, status, code, own_iban) for item in items]
    returned = sum(1 for verdict in verdicts if verdict.kind)
    if returned and not status:
        raise ParseError("missing", entry.line, element="Sts")
    allowance.take("returns", returned)
    rest = check_entry(entry, items, figures) if returned else 0
    spare = entry_charges(entry, items) if returned else {}
    # Charges of a batch are not shared out: the bank does not say whose they are.
    extra = spare if returned == 1 else {}
    rows = [
        _payment(item, verdict, extra) if verdict.kind else _ignored(item, verdict.why)
        for item, verdict in zip(items, verdicts, strict=True)
    ]
    if rest:
        rows = _add_fee(rows, rest, figures.currency)
    rows += _charge_rows(entry, spare) if returned > 1 else []
    return _Entry(tuple(rows), figures, own_iban)


def _verdict(item, status, code, own_iban):
    """Whether the item is a customer's return; only booked debits can be."""
    if status not in ("BOOK", ""):
        return Verdict(why=_NOT_BOOKED.get(status, "not_booked"))
    reversed_ = item.entry.text("RvslInd") in ("true", "1")
    of_item = item.details.code if item.details else None
    if item.sign > 0:
        return judge_credit(code, of_item, reversed_)
    own = bool(own_iban and item.details) and item.details.own_iban == own_iban
    return judge(code, of_item, own, reversed_, own_iban)


def _add_fee(rows, fee, currency):
    """The rows of an entry whose transactions make less: the rest is a fee, perhaps.

    It is told of the first return, which a person has to look at.
    """
    first = next(row for row in rows if isinstance(row, ReturnedPayment))
    doubtful = replace(
        first,
        fee_amount=first.fee_amount + fee,
        fee_currency=currency,
        doubt=first.doubt or "fee",
    )
    return [doubtful if row is first else row for row in rows]


def _payment(item, verdict, extra):
    details = item.details.node if item.details else item.entry
    money = read_money(item, extra)
    refs = _references(item)
    codes, text = _reasons(details, verdict)
    name, vat, iban = _customer(details, verdict.swapped)
    texts = _texts(item, details)
    source = item.details.source if item.details else item.entry.source()
    return ReturnedPayment(
        unique_key=_key(item),
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
        place=_place(item),
        raw=clean_source(source),
        doubt=verdict.doubt,
        **{**refs, "reference": refs["reference"] or "".join(texts[:1])},
    )


def _kind(kind, codes):
    """Return or refund: EPC rulebook, refunds carry MD06 (authorised) or MD01."""
    return "refund" if kind == "return" and {"MD06", "MD01"} & set(codes) else kind


def _key(item):
    """The end of the key of an item: its number and what it is called."""
    entry, refs = item.entry, item.details.refs if item.details else {}
    names = ("EndToEndId", "TxId", "AcctSvcrRef", "InstrId")
    own = next((refs[name] for name in names if name in refs), "")
    called = entry.text("AcctSvcrRef") or entry.text("NtryRef")
    return make_key(item.number, shorten(called), shorten(own))


def _place(item):
    return (item.details or item.entry).line.then("item", item.number)


def _references(item):
    """Every reference the bank gives back, and the best one for a person."""
    refs = item.details.refs if item.details else {}
    batches = item.entry.all("NtryDtls", "Btch")
    batch = batches[0].text if len(batches) == 1 else (lambda *path: "")

    def get(name):
        return no_id(refs.get(name, ""))

    end_to_end, instruction, mandate = get("EndToEndId"), get("InstrId"), get("MndtId")
    candidates = [end_to_end, instruction, get("ChqNb"), mandate]
    return {
        "reference": next(filter(None, candidates), ""),
        "end_to_end_id": end_to_end,
        "instruction_id": instruction,
        "mandate_reference": mandate,
        "batch_id": no_id(refs.get("PmtInfId") or batch("PmtInfId")),
        "original_message_id": no_id(refs.get("MsgId") or batch("MsgId")),
    }


def _reasons(details, verdict):
    """(codes, text) of the return; without a reason, the code of the movement."""
    codes, texts = [], []
    for info in details.all("RtrInf"):
        codes += info.texts("Rsn", "Cd") + info.texts("Rsn", "Prtry")
        texts += info.texts("AddtlInf")
    return unique(codes or [verdict.causale])[:MAX_CODES], join_texts(texts)


def _customer(details, swapped):
    """(name, tax code, IBAN) of the debtor of the original collection.

    ``swapped``: the bank calls us the debtor of the return, as of its booking.
    """
    role = "Cdtr" if swapped else "Dbtr"
    name, vat = party(details.first("RltdPties", role))
    if not name:
        name = party(details.first("RltdPties", f"Ultmt{role}"))[0]
    return name, vat, parse_iban(details.text("RltdPties", f"{role}Acct", "Id", "IBAN"))


def _texts(item, details):
    texts = [item.entry.text("AddtlNtryInf")]
    if item.details:
        texts = [
            *remittance(details.first("RmtInf")),
            *details.texts("Refs", "ChqNb"),
            *details.texts("AddtlTxInf"),
            *texts,
        ]
    return limit_texts(texts)


def _ignored(item, why):
    reference = _references(item)["reference"] or item.entry.text("AcctSvcrRef")
    return IgnoredEntry(
        unique_key=_key(item),
        place=_place(item),
        why=why,
        amount=item.booked,
        currency=item.currency,
        reference=reference
        or ("" if item.details else item.entry.text("AddtlNtryInf")),
    )


def _charge_rows(entry, spare):
    """The charges of a batch entry: nobody says whose they are."""
    return [
        IgnoredEntry(
            make_key("charges", currency),
            entry.line,
            "charges",
            amount,
            currency,
            entry.text("AcctSvcrRef"),
        )
        for currency, amount in spare.items()
    ]
