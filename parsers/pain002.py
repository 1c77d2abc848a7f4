"""pain.002 status reports, also inside CBI's and SIX's envelopes.

Sources: ISO 20022 message definition and external code sets (statuses, reasons);
CBI's SDD status report (STIN-ST-003), whose body is that of pain.002.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from .base import (
    MAX_CODES,
    IgnoredEntry,
    ParseError,
    ReturnDocument,
    ReturnedPayment,
    join_texts,
    make_key,
    parse_iban,
    shorten,
    unique,
)
from .common import (
    agent,
    agent_names,
    no_id,
    party,
    remittance,
    total_charges,
)
from .phrase import Phrase
from .xmltree import check_logical_messages, check_namespace, find

# The report's own element: ISO, ISO before version 03, CBI's logical message.
_REPORT = re.compile(r"CstmrPmtStsRpt|pain\.002\.001\.\d+|CBISDDStsRptLogMsg")

# What the namespaces of ISO and SIX call it, and what those of CBI do.
_MESSAGE = r"pain\.002\.|CBI\w*StsRpt"

# ISO 20022 external payment status codes.
KINDS = {"RJCT": "reject", "CANC": "recall"}
IGNORED = {
    **dict.fromkeys(
        ["ACCC", "ACCP", "ACFC", "ACPD", "ACSC", "ACSP", "ACTC", "ACWC", "ACWP"],
        "accepted",
    ),
    **dict.fromkeys(["PATC", "PDNG", "RCVD"], "pending"),
    **dict.fromkeys(["PART"], "partial"),
    "": "no_status",
}

# Answers to our own orders (credit transfers), by ISO's and CBI's message names.
_OWN_ORDERS = re.compile(r"pain\.001|PaymentRequest|CrdtTrf", re.IGNORECASE)


class _Context(NamedTuple):
    """What the levels above say about a transaction."""

    key: tuple
    place: Phrase
    day: object
    original_message_id: str
    own: bool
    batch_id: str = ""
    status: str = ""
    reasons: tuple = ((), "")


class _Transaction(NamedTuple):
    """What a TxInfAndSts says, before the levels above are asked.

    ``fields`` are those of a `ReturnedPayment`, None when it cannot be one.
    """

    line: Phrase
    status: str
    amount: Decimal | None
    currency: str
    end_to_end: str
    instruction: str
    status_id: str
    batch_id: str
    own_iban: str
    reasons: tuple
    agent: tuple
    fields: dict | None


def _take(node, allowance):
    """What is kept of a TxInfAndSts; its element is freed afterwards."""
    status = node.text("TxSts")
    original = node.first("OrgnlTxRef")
    iban = original.text("CdtrAcct", "Id", "IBAN") if original else ""
    returned = not status or status in KINDS
    allowance.take("returns", int(returned))
    amount, currency = _amount(node)
    return _Transaction(
        node.line,
        status,
        amount,
        currency,
        no_id(node.text("OrgnlEndToEndId")),
        no_id(node.text("OrgnlInstrId")),
        node.text("StsId"),
        node.text("OrgnlPmtInfId"),
        parse_iban(iban),
        _reasons(node) if returned else ((), ""),
        agent_names(original.all("CdtrAgt") if original else ()),
        _fields(node, original, currency) if returned else None,
    )


# The elements that are taken one by one while the file is read.
UNITS = {"TxInfAndSts": _take}


def parse(root, filename, allowance):
    """One `ReturnDocument` a status report under ``root``; [] when there is none.

    Raises `ParseError`: amount, currency, date, control_count, control_sum,
    contradiction, too_many_documents.
    """
    reports = find(root, lambda node: _REPORT.fullmatch(node.name))
    blocks = sum(len(report.all("OrgnlPmtInfAndSts")) for report in reports)
    allowance.take("documents", len(reports) + blocks)
    for report in reports:
        check_namespace(report, _MESSAGE)
    if reports:
        check_logical_messages(root, len(reports))
    return [
        _parse_report(report, number, filename)
        for number, report in enumerate(reports, 1)
    ]


def _parse_report(report, number, filename):
    group = report.first("OrgnlGrpInfAndSts")
    blocks = _blocks(report)
    message_id = shorten(report.text("GrpHdr", "MsgId") or _digest(report, blocks))
    context = _Context(
        key=(message_id, number),
        place=Phrase(("report", number)),
        day=report.day("GrpHdr", "CreDtTm"),
        original_message_id=group.text("OrgnlMsgId") if group else "",
        own=bool(group and _OWN_ORDERS.search(group.text("OrgnlMsgNmId"))),
        status=group.text("GrpSts") if group else "",
        reasons=_reasons(group) if group else ((), ""),
    )
    rows = []
    repeated = len(blocks) > len({block.text("OrgnlPmtInfId") for _, block in blocks})
    for number, block in blocks:
        found = _parse_block(number, block, context)
        if not repeated:
            _check_counts(block, found)
        rows += found
    if not blocks and group:
        rows = [_whole(group, "message", context)]
    if group:
        _check_counts(group, rows)
    ibans = unique(
        transaction.own_iban
        for block in report.all("OrgnlPmtInfAndSts")
        for transaction in block.taken("TxInfAndSts")
    )
    return ReturnDocument(
        format="pain.002",
        message_id=message_id,
        date=context.day,
        account_iban=ibans[0] if len(ibans) == 1 else "",
        **agent(_agents(report)),
        payments=tuple(row for row in rows if isinstance(row, ReturnedPayment)),
        ignored=tuple(row for row in rows if isinstance(row, IgnoredEntry)),
        filename=filename,
    )


def _agents(report):
    """What the creditor's bank is called: by the report, by the collections."""
    agents = [agent_names(report.all("GrpHdr", "CdtrAgt"))]
    for _number, block in _blocks(report):
        agents += [tx.agent for tx in block.taken("TxInfAndSts")]
    return agents


def _blocks(report):
    """(number, block) of the batches; before version 03 there is only the report."""
    blocks = report.all("OrgnlPmtInfAndSts")
    if not blocks and report.has("TxInfAndSts"):
        blocks = [report]
    return list(enumerate(blocks, 1))


def _digest(report, blocks):
    return report.digest(*(block.taken("TxInfAndSts") for _number, block in blocks))


def _parse_block(number, block, context):
    """The rows of one batch: its transactions, or the batch as a whole."""
    context = context._replace(
        key=(*context.key, number),
        place=context.place.then("batch", number),
        batch_id=block.text("OrgnlPmtInfId"),
        status=block.text("PmtInfSts") or context.status,
        reasons=_either(_reasons(block), context.reasons),
    )
    transactions = block.taken("TxInfAndSts")
    if not transactions:
        return [_whole(block, "batch", context)]
    rows = [
        _row(transaction, number, context)
        for number, transaction in enumerate(transactions, 1)
    ]
    return rows + _unlisted(block, rows, context)


def _unlisted(block, rows, context):
    """A note when a batch is rejected whole but not all of it is listed."""
    total = block.number("OrgnlNbOfTxs")
    if block.text("PmtInfSts") not in KINDS or not total or total <= len(rows):
        return []
    key = make_key(*context.key, "unlisted")
    place = Phrase(*block.line.parts, *context.place.parts)
    return [
        IgnoredEntry(key, place, "unlisted", reference=context.batch_id, scope="batch")
    ]


def _whole(node, scope, context):
    """The row for a batch or message whose transactions are not listed."""
    place = Phrase(*node.line.parts, *context.place.parts)
    reference = context.batch_id or context.original_message_id
    key = make_key(*context.key, scope, reference)
    if context.own or context.status not in KINDS:
        why = _why_ignored(context, context.status)
        return IgnoredEntry(key, place, why, reference=reference, scope=scope)
    codes, text = context.reasons
    return ReturnedPayment(
        unique_key=key,
        reference=reference,
        batch_id=context.batch_id,
        original_message_id=context.original_message_id,
        scope=scope,
        kind=KINDS[context.status],
        reason_codes=codes,
        reason_text=text,
        date=context.day,
        place=place,
        raw=node.raw(),
    )


def _why_ignored(context, status):
    if context.own and status in KINDS:
        return "own_debit"
    return IGNORED.get(status, "unknown_status")


def _row(transaction, number, context):
    """The row for one transaction, with what the levels above say."""
    # PART of the levels above says nothing about one transaction.
    status = transaction.status or context.status.replace("PART", "")
    above = (*transaction.line.parts, *context.place.parts)
    place = Phrase(*above, ("transaction", number))
    end_to_end, instruction = transaction.end_to_end, transaction.instruction
    best = end_to_end or instruction
    ids = shorten(transaction.status_id), shorten(best)
    key = make_key(*context.key, number, *ids)
    amount, currency = transaction.amount, transaction.currency
    if context.own or status not in KINDS:
        why = _why_ignored(context, status)
        reference = best or transaction.status_id
        return IgnoredEntry(key, place, why, amount, currency, reference)
    codes, text = _either(transaction.reasons, context.reasons)
    texts = transaction.fields["texts"]
    return ReturnedPayment(
        unique_key=key,
        reference=best or "".join(texts[:1]) or transaction.status_id,
        end_to_end_id=end_to_end,
        instruction_id=instruction,
        batch_id=context.batch_id or transaction.batch_id,
        original_message_id=context.original_message_id,
        kind=KINDS[status],
        amount=amount,
        currency=currency,
        reason_codes=codes,
        reason_text=text,
        date=context.day,
        place=place,
        **transaction.fields,
    )


def _fields(node, original, currency):
    """What only a return needs of a TxInfAndSts and its OrgnlTxRef."""
    fee, fee_currency = total_charges(node.all("ChrgsInf"), currency)
    return {
        "fee_amount": fee,
        "fee_currency": fee_currency,
        "texts": remittance(original.first("RmtInf")) if original else (),
        "raw": node.raw(),
        **(_original(original) if original else {}),
    }


def _original(node):
    """The fields of the original collection (OrgnlTxRef, optional as a whole)."""
    mandate = node.text("MndtRltdInf", "MndtId")
    name, vat = party(node.first("Dbtr"))
    return {
        "mandate_reference": mandate
        or node.text("MndtRltdInf", "DrctDbtMndt", "MndtId"),
        "due_date": node.day("ReqdColltnDt"),
        "partner_name": name,
        "partner_vat": vat,
        "partner_iban": parse_iban(node.text("DbtrAcct", "Id", "IBAN")),
    }


def _amount(node):
    """(amount, currency) of the original collection; a zero says nothing."""
    amount, currency = node.money("OrgnlTxRef", "Amt", "InstdAmt")
    if not amount:
        amount, currency = node.money("OrgnlTxRef", "IntrBkSttlmAmt")
    return (amount, currency) if amount else (None, "")


def _reasons(node):
    """(codes, text) of all the StsRsnInf; version 02 used other names."""
    codes, texts = [], []
    for info in node.all("StsRsnInf"):
        for name in ("Rsn", "StsRsn"):
            codes += info.texts(name, "Cd") + info.texts(name, "Prtry")
        texts += info.texts("AddtlInf") + info.texts("AddtlStsRsnInf")
    return unique(codes)[:MAX_CODES], join_texts(texts)


def _either(own, inherited):
    """The reasons of a level, or of the level above when it has none."""
    return own if own[0] or own[1] else inherited


def _check_counts(node, rows):
    """Compare the NbOfTxsPerSts of a level with the transactions listed below it.

    OrgnlNbOfTxs and OrgnlCtrlSum describe the file we sent, not this one.  CBI
    leaves DtldSts out and counts what it lists.
    """
    rejected = [row for row in rows if getattr(row, "kind", "") == "reject"]
    if any(row.scope != "payment" for row in rejected):
        return
    rows = [row for row in rows if row.scope == "payment"]
    if not rows:
        return
    of_rejected, of_all = [(len(some), _sum(some)) for some in (rejected, rows)]
    for detail in node.all("NbOfTxsPerSts"):
        status = detail.text("DtldSts")
        if status == "RJCT":
            _check_detail(detail, [of_rejected])
        elif not status:
            _check_detail(detail, [of_rejected, of_all])


def _check_detail(detail, candidates):
    """Compare one NbOfTxsPerSts with the (count, sum) that would satisfy it."""
    place = detail.line.then("element", "NbOfTxsPerSts")
    count = detail.number("DtldNbOfTxs")
    matching = [found for found in candidates if found[0] == count]
    if count is not None and not matching:
        found = candidates[0][0]
        raise ParseError("control_count", place, expected=count, found=found)
    expected, _currency = detail.money("DtldCtrlSum")
    sums = [total for _count, total in matching or candidates]
    if expected and None not in sums and expected not in sums:
        raise ParseError("control_sum", place, expected=expected, found=sums[0])


def _sum(rows):
    """The sum of the amounts, None when one is unknown or they mix currencies."""
    if any(row.amount is None for row in rows) or len({r.currency for r in rows}) > 1:
        return None
    return sum((row.amount for row in rows), Decimal(0))
