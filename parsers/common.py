"""What pain.002 and camt say in the same way: charges, parties, remittance."""

import re
from decimal import Decimal

from .base import limit_texts, unique

# EPC rulebook: NOTPROVIDED fills a mandatory field; Italian banks also write "-".
_NO_ID = re.compile(r"(NOTPROVIDED|NOT PROVIDED|NONREF|[-.0]*)", re.IGNORECASE)


def no_id(text):
    """``text``, or "" when it only stands for a missing identification."""
    return "" if _NO_ID.fullmatch(text) else text


def charges(nodes):
    """The charges in ``nodes`` (ChrgsInf or Chrgs) as {currency: amount}.

    Version 02 repeats Chrgs/Amt, later ones Chrgs/Rcrd/Amt; both may add a total
    with tax, which is not added to its parts.  Charges given back count negative.
    """
    parts, totals = {}, {}
    for node in nodes:
        for charge in [node, *node.all("Rcrd")]:
            amount, currency = charge.money("Amt")
            sign = -1 if charge.text("CdtDbtInd") == "CRDT" else 1
            parts[currency] = parts.get(currency, Decimal(0)) + sign * (amount or 0)
        total, currency = node.money("TtlChrgsAndTaxAmt")
        totals[currency] = max(totals.get(currency, Decimal(0)), total or 0)
    sums = {
        currency: max(parts.get(currency, Decimal(0)), totals.get(currency, 0))
        for currency in parts | totals
    }
    return {currency: amount for currency, amount in sums.items() if amount > 0}


def total_charges(nodes, preferred):
    """(amount, currency) of the charges: in the ``preferred`` currency, else any."""
    return choose_charge(charges(nodes) if nodes else {}, preferred)


def choose_charge(found, preferred):
    """The same of {currency: amount}."""
    if not found:
        return Decimal(0), ""
    currency = preferred if preferred in found else next(iter(found))
    return found[currency], currency


def party(node):
    """(name, tax code) of a party; since version 10 of pain.002 it is in Pty."""
    if node is None:
        return "", ""
    node = node.first("Pty") or node
    codes = [
        *node.texts("Id", "OrgId", "Othr", "Id"),
        *node.texts("Id", "PrvtId", "Othr", "Id"),
        *node.texts("Id", "OrgId", "PrtryId", "Id"),
    ]
    return node.text("Nm"), next((code for code in codes if no_id(code)), "")


def agent_names(nodes):
    """What the nodes call banks, as a tuple of two tuples: BICs and clearing codes."""
    bics, codes = [], []
    for node in nodes:
        for name in ("BICFI", "BIC"):
            bics += node.texts("FinInstnId", name)
        codes += node.texts("FinInstnId", "ClrSysMmbId", "MmbId")
    return tuple(bics), tuple(codes)


def agent(names):
    """The fields of a `ReturnDocument` on the one bank that is named, if it is one.

    ``names`` is a list of what `agent_names` gives.
    """
    bics = unique(bic.strip().upper() for bics, _ in names for bic in bics)
    codes = unique(
        code[-5:].zfill(5)
        for _, codes in names
        for code in codes
        if code[-5:].isdigit()
    )
    return {
        "agent_bic": bics[0] if len(bics) == 1 else "",
        "agent_abi": codes[0] if len(codes) == 1 else "",
    }


def remittance(node):
    """The free texts and structured references of an RmtInf, as a tuple."""
    if node is None:
        return ()
    return limit_texts(
        [
            *node.texts("Ustrd"),
            *node.texts("Strd", "CdtrRefInf", "Ref"),
            *node.texts("Strd", "CdtrRefInf", "CdtrRef"),
            *node.texts("Strd", "RfrdDocInf", "Nb"),
            *node.texts("Strd", "RfrdDocInf", "RfrdDocNb"),
            *node.texts("Strd", "AddtlRmtInf"),
        ]
    )
