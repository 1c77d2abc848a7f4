"""pain.002 status reports, also inside CBI's and SIX's envelopes.

Sources: ISO 20022 message definition and external code sets (statuses, reasons);
CBI's SDD status report (STIN-ST-003), whose body is that of pain.002.
"""

import re
from decimal import Decimal
from typing import NamedTuple

from .base import (
    IgnoredEntry,
    ParseError,
    ReturnDocument,
    ReturnedPayment,
    make_key,
    parse_iban,
    unique,
)
from .common import agent, no_id, party, remittance, total_charges
from .xmltree import check_logical_messages, find

# The report's own element: ISO, ISO before version 03, CBI's logical message.
_REPORT = re.compile(r"CstmrPmtStsRpt|pain\.002\.001\.\d+|CBISDDStsRptLogMsg")

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
    place: str
    day: object
    original_message_id: str
    own: bool
    batch_id: str = ""
    status: str = ""
    reasons: tuple = ((), "")


def parse(root, filename):
    """One `ReturnDocument` a status report under ``root``; [] when there is none.

    Raises `ParseError`: amount, currency, date, control_count, control_sum.
    """
    reports = find(root, lambda node: _REPORT.fullmatch(node.name))
    if reports:
        check_logical_messages(root, len(reports))
    return [
        _parse_report(report, number, filename)
        for number, report in enumerate(reports, 1)
    ]


def _parse_report(report, number, filename):
    group = report.first("OrgnlGrpInfAndSts")
    message_id = report.text("GrpHdr", "MsgId") or report.digest()
    context = _Context(
        key=(message_id, number),
        place=f"report {number}",
        day=report.day("GrpHdr", "CreDtTm"),
        original_message_id=group.text("OrgnlMsgId") if group else "",
        own=bool(group and _OWN_ORDERS.search(group.text("OrgnlMsgNmId"))),
        status=group.text("GrpSts") if group else "",
        reasons=_reasons(group) if group else ((), ""),
    )
    blocks = _blocks(report)
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
        parse_iban(text)
        for text in report.texts(
            "OrgnlPmtInfAndSts", "TxInfAndSts", "OrgnlTxRef", "CdtrAcct", "Id", "IBAN"
        )
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
    """The elements that name the creditor's bank: the report's, the collections'."""
    agents = report.all("GrpHdr", "CdtrAgt")
    for _number, block in _blocks(report):
        agents += block.all("TxInfAndSts", "OrgnlTxRef", "CdtrAgt")
    return agents


def _blocks(report):
    """(number, block) of the batches; before version 03 there is only the report."""
    blocks = report.all("OrgnlPmtInfAndSts")
    if not blocks and report.first("TxInfAndSts"):
        blocks = [report]
    return list(enumerate(blocks, 1))


def _parse_block(number, block, context):
    """The rows of one batch: its transactions, or the batch as a whole."""
    context = context._replace(
        key=(*context.key, number),
        place=f"{context.place}, batch {number}",
        batch_id=block.text("OrgnlPmtInfId"),
        status=block.text("PmtInfSts") or context.status,
        reasons=_either(_reasons(block), context.reasons),
    )
    transactions = block.all("TxInfAndSts")
    if not transactions:
        return [_whole(block, "batch", context)]
    rows = [
        _parse_transaction(transaction, number, context)
        for number, transaction in enumerate(transactions, 1)
    ]
    return rows + _unlisted(block, rows, context)


def _unlisted(block, rows, context):
    """A note when a batch is rejected whole but not all of it is listed."""
    total = block.number("OrgnlNbOfTxs")
    if block.text("PmtInfSts") not in KINDS or not total or total <= len(rows):
        return []
    key = make_key(*context.key, "unlisted")
    place = f"{block.line}, {context.place}"
    return [IgnoredEntry(key, place, "unlisted", reference=context.batch_id)]


def _whole(node, scope, context):
    """The row for a batch or message whose transactions are not listed."""
    place = f"{node.line}, {context.place}"
    reference = context.batch_id or context.original_message_id
    key = make_key(*context.key, scope, reference)
    if context.own or context.status not in KINDS:
        why = _why_ignored(context, context.status)
        return IgnoredEntry(key, place, why, reference=reference)
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


def _parse_transaction(node, number, context):
    """The row for one TxInfAndSts."""
    # PART of the levels above says nothing about one transaction.
    status = node.text("TxSts") or context.status.replace("PART", "")
    place = f"{node.line}, {context.place}, transaction {number}"
    amount, currency = _amount(node)
    end_to_end = no_id(node.text("OrgnlEndToEndId"))
    instruction = no_id(node.text("OrgnlInstrId"))
    status_id = node.text("StsId")
    key = make_key(*context.key, number, status_id, end_to_end or instruction)
    if context.own or status not in KINDS:
        why = _why_ignored(context, status)
        reference = end_to_end or instruction or status_id
        return IgnoredEntry(key, place, why, amount, currency, reference)
    codes, text = _either(_reasons(node), context.reasons)
    original = node.first("OrgnlTxRef")
    fee, fee_currency = total_charges(node.all("ChrgsInf"), currency)
    texts = remittance(original.first("RmtInf")) if original else ()
    return ReturnedPayment(
        unique_key=key,
        reference=end_to_end or instruction or "".join(texts[:1]) or status_id,
        end_to_end_id=end_to_end,
        instruction_id=instruction,
        batch_id=context.batch_id or node.text("OrgnlPmtInfId"),
        original_message_id=context.original_message_id,
        kind=KINDS[status],
        amount=amount,
        currency=currency,
        fee_amount=fee,
        fee_currency=fee_currency,
        reason_codes=codes,
        reason_text=text,
        date=context.day,
        texts=texts,
        place=place,
        raw=node.raw(),
        **(_original(original) if original else {}),
    )


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
    return unique(codes), " ".join(unique(texts))


def _either(own, inherited):
    """The reasons of a level, or of the level above when it has none."""
    return own if own[0] or own[1] else inherited


def _check_counts(node, rows):
    """Compare the NbOfTxsPerSts of a level with the transactions listed below it.

    OrgnlNbOfTxs and OrgnlCtrlSum describe the file we sent, not this one.  CBI
    leaves DtldSts out and counts what it lists.
    """
    rows = [row for row in rows if getattr(row, "why", "") != "unlisted"]
    if not rows or any(getattr(r, "scope", "payment") != "payment" for r in rows):
        return
    rejected = [row for row in rows if getattr(row, "kind", "") == "reject"]
    for detail in node.all("NbOfTxsPerSts"):
        status = detail.text("DtldSts")
        if status == "RJCT":
            _check_detail(detail, [rejected])
        elif not status:
            _check_detail(detail, [rejected, rows])


def _check_detail(detail, candidates):
    place = f"{detail.line} (NbOfTxsPerSts)"
    count = detail.number("DtldNbOfTxs")
    matching = [rows for rows in candidates if len(rows) == count]
    if count is not None and not matching:
        found = len(candidates[0])
        raise ParseError("control_count", place, expected=count, found=found)
    expected, _currency = detail.money("DtldCtrlSum")
    sums = [_sum(rows) for rows in matching or candidates]
    if expected and None not in sums and expected not in sums:
        raise ParseError("control_sum", place, expected=expected, found=sums[0])


def _sum(rows):
    """The sum of the amounts, None when one is unknown or they mix currencies."""
    if any(row.amount is None for row in rows) or len({r.currency for r in rows}) > 1:
        return None
    return sum((row.amount for row in rows), Decimal(0))
