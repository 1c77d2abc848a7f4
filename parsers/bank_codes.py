"""Is what was booked a customer's return?  The rules of the banks, as tables.

Sources: ISO 20022 external bank transaction codes (domain, family, sub-family);
the Italian ABI causali that CBI's statements carry as a proprietary code.
"""

import re
from typing import NamedTuple

from .xmltree import CBI


class Verdict(NamedTuple):
    """``kind`` of a return, or "" and ``why`` it is none.

    ``causale`` is the ABI code that decided, ``swapped`` tells that the bank calls
    us the debtor, so that the customer is the creditor; ``doubt`` is why a person has
    to say that it is one (see `DOUBTS` in base.py).
    """

    kind: str = ""
    why: str = ""
    causale: str = ""
    swapped: bool = False
    doubt: str = ""


class Code(NamedTuple):
    """What an entry or a transaction says that it is.

    ``returned``: it carries a return reason; ``original``: the family of what it
    sends back; ``certain``: somebody says that the causale is one; ``item``: the code
    of returned items of the German banks.
    """

    family: str = ""
    sub_family: str = ""
    causale: str = ""
    returned: bool = False
    original: str = ""
    certain: bool = False
    item: bool = False


# (family, sub-family) of the domain PMNT, debits on our account.
RETURNS = {
    ("IDDT", "UPDD"): "return",  # our direct debit, unpaid
    ("IDDT", "RRTN"): "return",
    ("IDDT", "PRDD"): "reversal",  # reversed by us or by our bank
    ("IDDT", "RCDD"): "reversal",  # after a cancellation request
    ("RCDT", "RRTN"): "return",  # incoming transfer sent back
    ("RCDT", "RPCR"): "reversal",
    ("RRCT", "RRTN"): "return",  # the same for instant transfers
    ("RRCT", "RPCR"): "reversal",
    ("RCHQ", "UPCQ"): "return",  # deposited cheque, unpaid
    ("RCHQ", "CQRV"): "reversal",
    ("DRFT", "UDFT"): "return",  # bill of exchange, dishonoured
}
COLLECTIONS = "IDDT"
# Families in which we are the payer: what comes back there is our own payment.
OUR_PAYMENTS = {"ICDT", "IRCT", "RDDT", "ICHQ"}
# Some banks code our unpaid direct debit as if we were its debtor.  A debit that
# comes back to a debtor is a credit: with a return reason it can only be ours.
MISTAKEN = ("RDDT", "UPDD")
CHARGES = {"CHRG", "COMM", "COME", "COMI", "COMT", "FEES"}

CAUSALI = {
    "08": "return",  # RID unpaid
    "32": "recall",  # bills recalled
    "35": "reversal",  # RiBa reversed
    "37": "return",  # RiBa unpaid
    "42": "return",  # bills unpaid or protested
    "55": "return",  # cheque unpaid or protested
    "57": "return",  # irregular cheque sent back
    "Z9": "return",  # SDD unpaid or reversed
    "ZA": "return",  # MAV unpaid
}
CAUSALI_CHARGES = {"16", "66"}
# An entry reversed: of what, nobody says.
CAUSALI_DOUBT = {"68": "reversal"}
# Accounts on which a causale needs no issuer.
ITALIAN = ("IT", "SM")
# "ABI causale/bank's own/…": the shape tells it from other countries' codes.
_CAUSALE = re.compile(r"([0-9A-Z]{2})(?:/[^/]*){1,2}")
_IBAN = re.compile(r"[A-Z]{2}\d\d")
# German banks: "N", SWIFT's code of returned items, and their own of the transaction.
_RETURNED_ITEM = re.compile(r"NRTI\b.*")


def read_code(node):
    """The `Code` of a Ntry or TxDtls."""
    code, returned = node.first("BkTxCd"), node.first("RtrInf")
    original = returned.first("OrgnlBkTxCd") if returned else None
    proprietary = code.first("Prtry") if code else None
    return Code(
        *(_domain(code) if code else ("", "")),
        **_causale(proprietary),
        returned=returned is not None,
        original=_domain(original)[0] if original else "",
        item=bool(proprietary and _RETURNED_ITEM.fullmatch(proprietary.text("Cd"))),
    )


def judge(entry, details, own_debtor, reversed_, account=""):
    """The `Verdict` on a booked debit, by the `Code` of its entry and its details.

    ``details`` is None when there are none; ``own_debtor``: the bank names our account
    as the debtor's; ``reversed_``: the entry's mark; ``account``: our own number.  The
    debit indicator and the codes decide; the reversal indicator is unreliable and only
    a hint.
    """
    details = details or Code()
    code = details if details.family else entry
    family, sub_family = code.family, code.sub_family
    causale, doubt = _read_causale(details if details.causale else entry, account)
    returned = details.returned
    if sub_family in CHARGES or (causale in CAUSALI_CHARGES and not doubt):
        return Verdict(why="charges")
    if family in OUR_PAYMENTS and not _is_mistaken(code, returned, own_debtor):
        return Verdict(why="own_debit")
    if (family, sub_family) in RETURNS:
        doubt = ""
    elif family == "RDDT" and sub_family != MISTAKEN[1]:
        doubt = "own"
    kind = RETURNS.get((family, sub_family)) or CAUSALI.get(causale, "")
    if kind:
        shown = causale if causale in CAUSALI else ""
        return Verdict(kind=kind, causale=shown, swapped=own_debtor, doubt=doubt)
    if own_debtor:
        return Verdict(why="own_debit" if returned else "not_return")
    if returned or (family == COLLECTIONS and reversed_):
        # Known only by its reason: of what, says the original code.
        own = details.original in OUR_PAYMENTS
        return Verdict(why="own_debit") if own else Verdict("return", doubt=doubt)
    if causale in CAUSALI_DOUBT:
        return Verdict("reversal", causale=causale, doubt=CAUSALI_DOUBT[causale])
    if details.item or entry.item:
        return Verdict("return", doubt="code")
    return Verdict(why="not_return")


def judge_credit(entry, details, reversed_):
    """The `Verdict` on a booked credit: what our own payment brought back, mostly.

    With the mark of a reversal and a reason of return it may be a collection that came
    back, told with the sign of the collection.
    """
    details = details or Code()
    family = details.family or entry.family
    ours = {family, details.original} & (OUR_PAYMENTS - {"RDDT"})
    if reversed_ and details.returned and not ours:
        return Verdict("return", doubt="credit")
    return Verdict(why="credit")


def _is_mistaken(code, returned, own_debtor):
    """Whether our debit is coded as if we had to pay it: with a reason of return."""
    return returned and code.family == MISTAKEN[0] and not own_debtor


def _read_causale(code, account):
    """(causale, why it is in doubt): without issuer it is one on Italian accounts.

    On an account of which nobody knows where it is, a person has to say.
    """
    if code.certain or account.startswith(ITALIAN):
        return code.causale, ""
    if not code.causale or _IBAN.match(account):
        return "", ""
    return code.causale, "code"


def _domain(code):
    return code.text("Domn", "Fmly", "Cd"), code.text("Domn", "Fmly", "SubFmlyCd")


def _causale(code):
    """The `Code` fields of a proprietary code (Prtry) that is an ABI causale.

    It is one for certain if CBI or ABI issued it.
    """
    if code is None:
        return {}
    text, issuer = code.text("Cd").upper(), code.text("Issr").upper()
    italian = issuer.startswith(("CBI", "ABI")) or code.namespace.startswith(CBI)
    match = _CAUSALE.fullmatch(text)
    if match and (italian or not issuer):
        return {"causale": match.group(1), "certain": italian}
    return {"causale": text, "certain": True} if italian and len(text) == 2 else {}
