"""Bank files that somebody damaged or made to do harm, and what must become of them.

A mutant is a sample of the bank with one thing done to it. It is made by its seed and
number alone, so whoever has these two has the file. Nothing here knows Odoo.
"""

import random
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from ..parsers import ParseError, parse

FILES = Path(__file__).parent / "files"
# What must become of a mutant, unless it is the code of one refusal.
ANYTHING, SAME, REFUSED = "", "same", "refused"


class Mutant(NamedTuple):
    """A damaged file: what was done to it, and what must become of it.

    ``only`` is how many returned payments may be others than in the sample, as what
    was done concerns one record; None where more may. ``begins``: no row may be there
    that is not in the sample, as the file is only cut.
    """

    name: str
    data: bytes
    did: str
    must: str = ANYTHING
    only: int | None = None
    begins: bool = False


@dataclass(frozen=True)
class Sample:
    """A file as the bank sends it.

    ``data`` is what is mutated, ``pack`` makes a file of it: of a workbook it is one
    sheet. ``totals``: whether the bank declares what its records add up to.
    """

    name: str
    data: bytes
    kind: str
    totals: bool = False
    pack: object = bytes

    @cached_property
    def outcome(self):
        """What becomes of it: documents, or the code of a refusal."""
        try:
            return parse(self.name, self.pack(self.data))
        except ParseError as error:
            return error.code

    @cached_property
    def records(self):
        """Where its records are: pairs of start and end."""
        return [match.span() for match in RECORDS[self.kind].finditer(self.data)]

    def get_weight(self, span):
        """How many payments a record may tell."""
        return max(1, self.data.count(b"<TxDtls>", *span))

    def mutate(self, data, did, must=ANYTHING, only=None):
        """The `Mutant` of other data."""
        return Mutant(self.name, self.pack(data), did, must, only)

    def splice(self, span, piece, did, must=ANYTHING, only=None):
        """The `Mutant` with ``piece`` in the place of a span."""
        data = self.data[: span[0]] + piece + self.data[span[1] :]
        return self.mutate(data, f"{did} at {span[0]}", must, only)


RECORDS = {
    "xml": re.compile(
        rb"<((?:\w+:)?(?:Ntry|TxInfAndSts|DrctDbtTxInf))>.*?</\1>\s*", re.DOTALL
    ),
    # A receipt, a memo or a movement, with the records that follow it.
    "cbi": re.compile(
        rb"^ (?:14|10|62).{117}\r?\n(?:^ (?!14|10|62|64|EF).{117,}\r?\n)*", re.MULTILINE
    ),
    "csv": re.compile(rb"^(?:FT|INC)[^\r\n]*\r?\n", re.MULTILINE),
    "sheet": re.compile(rb"<row>(?:(?!Totale|</row>).)*</row>"),
}
# Where the amount of a record is that its totals count.
AMOUNTS = {
    "xml": re.compile(
        rb"<(?:Ntry>\s*<Amt|(?:\w+:)?InstdAmt) Ccy=\"[A-Z]{3}\">([^<]*)<"
    ),
    "cbi": re.compile(rb"^ 14.{30}(\d{13})|^ 62.{23}(\d{12},\d\d)", re.MULTILINE),
    "csv": re.compile(rb"[;,\t]\"?(\d[\d.]*[.,]\d\d)\"?[;,\t]"),
    "sheet": re.compile(rb"<c><v>([\d.]+)</v></c>"),
}


def find_amount(sample, span):
    """Where the amount of a record is, None where it has none that counts."""
    match = AMOUNTS[sample.kind].search(sample.data[slice(*span)])
    if not match:
        return None
    group = 1 if match.group(1) is not None else 2
    start, end = match.span(group)
    return span[0] + start, span[0] + end


# What may be done: pairs of a function and the kinds of samples that it is for.
MUTATORS = []


def mutator(*kinds):
    """List a function of a random generator and a sample, which gives a `Mutant`.

    It gives None where it can do nothing to that sample.
    """

    def register(function):
        MUTATORS.append((function, kinds))
        return function

    return register


def make_mutant(samples, seed, number):
    """The sample and the mutant of a seed and a number.

    Every mutator is taken in its turn, so that a few hundred meet each of them.
    """
    rng = random.Random(f"{seed}/{number}")
    function, kinds = MUTATORS[number % len(MUTATORS)]
    fitting = [sample for sample in samples if not kinds or sample.kind in kinds]
    while True:
        sample = rng.choice(fitting)
        mutant = function(rng, sample)
        if mutant:
            return sample, mutant._replace(did=f"{function.__name__}: {mutant.did}")


# === WHAT A MUTANT IS COMPARED BY === #


def tell(payment):
    """All that a returned payment tells but where it stands."""
    return replace(payment, unique_key="", place="", raw="")


def tell_money(payment):
    """Which collection it is, and its money."""
    return (
        payment.reference,
        payment.end_to_end_id,
        payment.amount,
        payment.currency,
        payment.due_date,
        payment.partner_name,
    )


def tell_outcome(outcome):
    """What became of a file, to compare with what becomes of its like."""
    if isinstance(outcome, str):
        return outcome
    payments = [tell(payment) for document in outcome for payment in document.payments]
    ignored = [row.why for document in outcome for row in document.ignored]
    return sorted(map(repr, payments)), sorted(ignored)


def get_payments(outcome):
    """The returned payments in what became of a file."""
    documents = () if isinstance(outcome, str) else outcome
    return [payment for document in documents for payment in document.payments]
