"""What is true of whatever is read of a bank file, found out without the parsers."""

import re
import time
from collections import Counter
from decimal import Decimal, InvalidOperation

from ..parsers import MESSAGES, ParseError, parse
from .common_hostile import (
    REFUSED,
    SAME,
    get_payments,
    tell_money,
    tell_outcome,
)

SECONDS = 10
UNPRINTABLE = re.compile("[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
# Rows of which nobody says that they are a receipt or a movement of their own.
MEMOS = ("charges", "told")


def read(mutant):
    """What becomes of a mutant: documents, or the code of a refusal in words.

    :raises AssertionError: where the refusal is no sentence, or took too long
    """
    start = time.process_time()
    try:
        outcome = parse(mutant.name, mutant.data)
    except ParseError as error:
        outcome = error.code
        text = str(error)
        assert error.code in MESSAGES and len(text) > 20, text
        # One of the mutants is called like a place-holder.
        assert "%(" not in text.replace("%(place)s.xml", ""), text
    took = time.process_time() - start
    assert took < SECONDS, f"took {took:.1f} s"
    return outcome


def find_faults(sample, mutant, outcome):
    """Everything that is wrong with what became of a mutant, as texts."""
    faults = [
        *check_expected(sample, mutant, outcome),
        *check_others(sample, mutant, outcome),
        *(fault for row in get_payments(outcome) for fault in check_payment(row)),
    ]
    return faults or list(check_sums(mutant, outcome))


def check_expected(sample, mutant, outcome):
    """The mutant is the same as its sample, or refused, where it must be."""
    if mutant.must == SAME:
        if tell_outcome(outcome) != tell_outcome(sample.outcome):
            yield f"other than the sample: {describe(outcome)}"
    elif mutant.must == REFUSED:
        if not isinstance(outcome, str):
            yield f"read, and not refused: {describe(outcome)}"
    elif mutant.must and outcome != mutant.must:
        yield f"not refused as {mutant.must}: {describe(outcome)}"


def check_others(sample, mutant, outcome):
    """Records that were not touched tell what they told."""
    if isinstance(outcome, str) or isinstance(sample.outcome, str):
        return
    before = Counter(map(tell_money, get_payments(sample.outcome)))
    after = Counter(map(tell_money, get_payments(outcome)))
    lost, new = before - after, after - before
    if mutant.only is not None and max(lost.total(), new.total()) > mutant.only:
        yield f"lost {list(lost)}, new {list(new)}"
    if mutant.begins and new:
        yield f"read of half a row: {list(new)}"


def check_payment(payment):
    """Money is money, and texts are such as people can read."""
    for amount in (payment.amount, payment.fee_amount or None):
        if amount is not None and not is_money(amount):
            yield f"no amount: {amount}"
    for currency in (payment.currency, payment.fee_currency):
        if not re.fullmatch(r"([A-Z]{3})?", currency):
            yield f"no currency: {currency}"
    for text in (payment.reference, payment.partner_name, *payment.texts, payment.raw):
        for line in text.split("\n"):
            if UNPRINTABLE.search(line):
                yield f"unprintable: {line[:60]!r}"
    for day in (payment.date, payment.value_date, payment.due_date):
        if day and not 1970 <= day.year <= 2200:
            yield f"no day: {day}"


def is_money(amount):
    """Whether an amount is one that a bank can collect."""
    return amount.is_finite() and 0 < amount < Decimal(10**14)


def check_sums(mutant, outcome):
    """The money that is read is the money that the bank declares.

    Of files in plain bytes: what is packed or recoded says the same as its sample.
    """
    if isinstance(outcome, str) or mutant.data.startswith(b"PK"):
        return
    for pattern, formats, read_sums in DECLARED:
        found = list(pattern.finditer(mutant.data))
        if len(found) == len(outcome) == 1 and outcome[0].format in formats:
            declared, sums = read_sums(found[0], outcome[0])
            if declared and None not in sums and declared not in sums:
                yield f"the bank declares {declared}, {sums} is read"


def get_sum(rows):
    """The sum of the amounts, None where one is unknown."""
    amounts = [row.amount for row in rows]
    return None if None in amounts else sum(amounts, Decimal(0))


def read_trailer(match, document):
    """A file of receipts: both totals of its trailer; some count memos too."""
    declared = sum(Decimal(int(total)) for total in match.groups()) / 100
    memos = [row for row in document.ignored if row.why in MEMOS]
    receipts = [row for row in document.ignored if row not in memos]
    rows = *document.payments, *receipts
    return declared, [get_sum(rows), get_sum((*rows, *memos))]


def read_summary(match, document):
    """A statement: what the debits add up to, not all of which are returns."""
    declared, found = read_decimal(match.group(1)), get_sum(document.payments)
    return declared, [declared if found and found <= declared else found]


def read_rejected(match, document):
    """A report: what the rejected collections add up to, or all of them."""
    rejected = [row for row in document.payments if row.kind == "reject"]
    every = *document.payments, *document.ignored
    return read_decimal(match.group(1)), [get_sum(rejected), get_sum(every)]


def read_total(match, document):
    """A list: its last row."""
    text = match.group(1).decode().replace(".", "").replace(",", ".")
    rows = *document.payments, *document.ignored
    return read_decimal(text), [get_sum(rows), get_sum(document.payments)]


def read_decimal(text):
    """The Decimal of a text, None where it is none."""
    try:
        return Decimal(text.decode() if isinstance(text, bytes) else text)
    except (InvalidOperation, UnicodeDecodeError):
        return None


DEBITS = rb"<TtlDbtNtries><NbOfNtries>\d+</NbOfNtries><Sum>([^<]+)<"
CAMT = ("camt.052", "camt.053", "camt.054")
# Where a bank declares a sum, in which formats, and who reads it.
DECLARED = (
    (re.compile(rb"^ ?EF.{49}(\d{15})(\d{15})", re.M), ("cbi.riba",), read_trailer),
    (re.compile(DEBITS), CAMT, read_summary),
    (re.compile(rb"<(?:l:)?DtldCtrlSum>([^<]+)<"), ("pain.002",), read_rejected),
    (re.compile(rb"^Totale;[^\d\r\n]*([\d.,]+)", re.M), ("csv",), read_total),
)


def describe(outcome):
    """What became of a file, for whoever has to look at it."""
    if isinstance(outcome, str):
        return f"refused as {outcome}"
    return f"{[tell_money(payment) for payment in get_payments(outcome)]}"[:2000]
