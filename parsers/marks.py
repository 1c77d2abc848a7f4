"""Texts of banks, read by the words that stand before what is looked for.

A mark is a fixed text, no regular expression: whoever enters one cannot make the
reading hang, and each mark is looked for once in a text of limited length.
"""

import re
from typing import NamedTuple

from .base import clean

# What a mark may tell, as far as it is a field of `ReturnedPayment`, and what else.
MEANINGS = (
    "reference",
    "end_to_end_id",
    "mandate_reference",
    "original_message_id",
    "batch_id",
    "partner_name",
    "partner_iban",
    "partner_vat",
    "reason",
    "reason_text",
    "remittance",
)
# No movement has more text that counts: five records of 107 by the standard.
MAX_TEXT = 8_000
# Tags as UniCredit writes them; one that nobody knows ends what is before it.
_TAG = re.compile(r":[A-Z0-9]{3}:")


class Mark(NamedTuple):
    """A text that stands before what it tells.

    What it tells goes on to ``until``, where given, at most to the next mark; only the
    first word of it counts with ``single``.
    """

    text: str
    meaning: str
    until: str = ""
    single: bool = False


# Seen at UniCredit, inside of the texts of record 63; ids of record ID1 are put so too.
TAGS = (
    Mark(":EE1:", "end_to_end_id"),
    Mark(":IDM:", "mandate_reference"),
    Mark(":MSG:", "original_message_id"),
    Mark(":PYF:", "batch_id"),
    Mark(":DEN:", "partner_name"),
    Mark(":DEI:", "partner_iban"),
    Mark(":TRC:", "reason"),
    Mark(":RIF:", "remittance"),
)


def read_marks(text, marks):
    """Dict from meaning to what a text tells of it; "text" is what no tag has.

    Of several that tell the same the first one counts. Capitals and repeated blanks do
    not matter.
    """
    text = clean(text, MAX_TEXT)
    if not marks:
        return {"text": text}
    spots = _find_spots(text, marks)
    told = {"text": clean(_TAG.split(text, 1)[0])}
    ends = [*(start for start, _end, _mark in spots[1:]), len(text)]
    for (_start, end, mark), until in zip(spots, ends, strict=False):
        value = _cut(text[end:until], mark) if mark else ""
        if value:
            told.setdefault(mark.meaning, value)
    return told


def _find_spots(text, marks):
    """Where marks stand: triples of start, end and `Mark`, none for a strange tag."""
    capitals = _capitalise(text)
    found = [(match.start(), match.end(), None) for match in _TAG.finditer(text)]
    for mark in marks:
        wanted = _capitalise(mark.text)
        start = capitals.find(wanted)
        while start >= 0:
            found.append((start, start + len(wanted), mark))
            start = capitals.find(wanted, start + len(wanted))
    # Of marks at one place the longest one is meant, and known ones before strange.
    found.sort(key=lambda spot: (spot[0], -spot[1], spot[2] is None))
    spots, last = [], 0
    for spot in found:
        if spot[0] >= last:
            spots.append(spot)
            last = spot[1]
    return spots


def _cut(value, mark):
    if mark.until:
        end = _capitalise(value).find(_capitalise(mark.until))
        value = value[:end] if end >= 0 else value
    value = value.strip()
    return value.partition(" ")[0] if mark.single else clean(value)


def _capitalise(text):
    """The text in capitals, where that makes it no longer."""
    capitals = text.upper()
    return capitals if len(capitals) == len(text) else text
