"""How the files of a bank differ from the formats as they are shipped.

What is shipped is in cbi_layout.py, bank_codes.py and headings.py and needs no variant.
A `Variant` is what an administrator says of a bank, as plain values; where it says
nothing, the shipped format goes on.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from .bank_codes import CAUSALI, CAUSALI_CHARGES, CAUSALI_DOUBT
from .cbi_layout import (
    ADVANCE,
    ADVANCES,
    MAV,
    OUTCOME,
    OUTCOME_CODES,
    PORTFOLIO,
    PORTFOLIOS,
    RIBA,
    STATEMENT,
    STATEMENTS,
)
from .headings import normalise
from .marks import TAGS

# The kinds of files of which there are variants.
OUTCOMES_RIBA, OUTCOMES_MAV, STATEMENTS_CBI, LIST = (
    "cbi.riba",
    "cbi.mav",
    "cbi.statement",
    "list",
)
KINDS = {RIBA: OUTCOMES_RIBA, MAV: OUTCOMES_MAV} | dict.fromkeys(
    STATEMENTS, STATEMENTS_CBI
)


class Code(NamedTuple):
    """What a code of the bank tells: the ``kind`` of return, or why it is none.

    ``reason`` is the code of the reason that it stands for, its own when empty;
    ``doubt`` is why a person has to say that it is one (see `DOUBTS` in base.py).
    """

    kind: str
    reason: str = ""
    doubt: str = ""


RETURNED = ("return", "recall", "reversal")
# No word for an outcome is longer.
LONGEST_WORD = 60
# What nobody knows: of a receipt a person says, of a movement it is nothing of ours.
UNKNOWN = Code("return", doubt="code")
NOTHING = Code("ignored")


@dataclass(frozen=True, slots=True)
class Variant:
    """What is different in the files of some banks.

    ``banks`` are the ABI codes of who sends them, all when empty; ``fields`` maps a
    record and a field to its first and last position, ``codes`` a causale to a `Code`,
    ``headings`` a heading to a field of headings.py; ``marks`` are `Mark` values.
    """

    kind: str
    name: str = ""
    banks: frozenset = frozenset()
    fields: dict = field(default_factory=dict)
    codes: dict = field(default_factory=dict)
    marks: tuple = ()
    headings: dict = field(default_factory=dict)


class Layout(NamedTuple):
    """A format as one flow is read by it.

    ``records`` maps the type of a record to its fields and their positions; ``name`` is
    that of the variant.
    """

    records: dict
    codes: dict
    unknown: Code
    marks: tuple = ()
    name: str = ""

    def get_code(self, *causali):
        """What the first of some causali that is known tells."""
        for causale in causali:
            if causale in self.codes:
                return self.codes[causale]
        return self.unknown


_RECEIPTS = Layout(
    OUTCOME, {code: Code(kind) for code, kind in OUTCOME_CODES.items()}, UNKNOWN
)
_MOVEMENTS = Layout(
    {**STATEMENT, ADVANCES: ADVANCE, PORTFOLIOS: PORTFOLIO},
    {code: Code(kind) for code, kind in CAUSALI.items()}
    | dict.fromkeys(CAUSALI_CHARGES, Code("charges"))
    | {code: Code(why, doubt=why) for code, why in CAUSALI_DOUBT.items()},
    NOTHING,
    TAGS,
)
SHIPPED = {
    OUTCOMES_RIBA: _RECEIPTS,
    OUTCOMES_MAV: _RECEIPTS,
    STATEMENTS_CBI: _MOVEMENTS,
}


def get_layout(header, bank, variants=()):
    """The `Layout` of a flow, by its header and the ABI code of who sends it.

    The first of the variants that fits is taken.
    """
    kind = KINDS[header]
    shipped = SHIPPED[kind]
    for variant in variants:
        if variant.kind == kind and (not variant.banks or bank in variant.banks):
            return _vary(shipped, variant)
    return shipped


def _vary(layout, variant):
    records = {type_: dict(fields) for type_, fields in layout.records.items()}
    for (type_, name), position in variant.fields.items():
        records[type_][name] = position
    return layout._replace(
        records=records,
        codes={**layout.codes, **variant.codes},
        marks=(*variant.marks, *layout.marks),
        name=variant.name,
    )


class ListLayout(NamedTuple):
    """What a bank means by the headings of its lists, and by the words of outcomes.

    Both are written as `normalise` of headings.py leaves them.
    """

    headings: dict
    words: dict
    name: str = ""

    def get_word(self, text):
        """What a word tells, a `Code`; None of one that no variant has."""
        return self.words.get(normalise(text[:LONGEST_WORD])) if self.words else None


SHIPPED_LIST = ListLayout({}, {})


def get_list_layout(variants):
    """The `ListLayout` of the first variant of lists.

    A list does not say which bank it is of: who calls leaves out those of others.
    """
    variant = next((each for each in variants if each.kind == LIST), None)
    if not variant:
        return SHIPPED_LIST
    headings = {normalise(text): name for text, name in variant.headings.items()}
    words = {normalise(text): code for text, code in variant.codes.items()}
    return ListLayout(headings, words, variant.name)
