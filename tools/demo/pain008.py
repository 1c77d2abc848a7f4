"""The file of direct debits (ISO 20022 pain.008.001.08) for the bank."""

from lxml import etree

from .data import cast

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08"
SIGNED_ON = "2024-01-15"


def write(payments, days):
    """The file that asks the bank to collect payments.

    :param payments: the payments, all of one file and one batch
    :param days: the ``Days`` of the story
    :return: bytes
    """
    document = etree.Element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})
    root = _add(document, "CstmrDrctDbtInitn")
    header = _add(root, "GrpHdr")
    _add(header, "MsgId", payments[0].collection_message_id)
    _add(header, "CreDtTm", f"{days.sent}T08:30:00")
    _add_totals(header, payments)
    _add(header, "InitgPty/Nm", cast.COMPANY["name"])
    batch = _add_batch(root, payments, days.settled)
    for payment in payments:
        _add_collection(batch, payment)
    return etree.tostring(
        document, xml_declaration=True, encoding="UTF-8", pretty_print=True
    )


def _add(parent, path, text=None, **attributes):
    """Add elements along a path; return the last one."""
    for name in path.split("/"):
        parent = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    parent.text = text
    parent.attrib.update(attributes)
    return parent


def _add_totals(parent, payments):
    _add(parent, "NbOfTxs", str(len(payments)))
    _add(parent, "CtrlSum", f"{sum(payments.mapped('amount')):.2f}")


def _add_batch(root, payments, collected):
    batch = _add(root, "PmtInf")
    _add(batch, "PmtInfId", payments[0].collection_batch_id)
    _add(batch, "PmtMtd", "DD")
    _add_totals(batch, payments)
    kind = _add(batch, "PmtTpInf")
    _add(kind, "SvcLvl/Cd", "SEPA")
    _add(kind, "LclInstrm/Cd", "CORE")
    _add(kind, "SeqTp", "RCUR")
    _add(batch, "ReqdColltnDt", collected.isoformat())
    _add(batch, "Cdtr/Nm", cast.COMPANY["name"])
    _add(batch, "CdtrAcct/Id/IBAN", cast.COMPANY_IBAN)
    _add(batch, "CdtrAgt/FinInstnId/BICFI", cast.COMPANY_BIC)
    scheme = _add(batch, "CdtrSchmeId/Id/PrvtId/Othr")
    _add(scheme, "Id", cast.CREDITOR_ID)
    _add(scheme, "SchmeNm/Prtry", "SEPA")
    return batch


def _add_collection(batch, payment):
    collection = _add(batch, "DrctDbtTxInf")
    ids = _add(collection, "PmtId")
    _add(ids, "InstrId", payment.name.replace("/", "-"))
    _add(ids, "EndToEndId", payment.end_to_end_id)
    amount = f"{payment.amount:.2f}"
    _add(collection, "InstdAmt", amount, Ccy=payment.currency_id.name)
    mandate = _add(collection, "DrctDbtTx/MndtRltdInf")
    _add(mandate, "MndtId", payment.mandate_reference)
    _add(mandate, "DtOfSgntr", SIGNED_ON)
    _add(collection, "DbtrAgt/FinInstnId/Othr/Id", "NOTPROVIDED")
    _add(collection, "Dbtr/Nm", payment.partner_id.name)
    account = payment.partner_id.bank_ids[:1].sanitized_acc_number
    _add(collection, "DbtrAcct/Id/IBAN", account)
    _add(collection, "RmtInf/Ustrd", payment.memo)
