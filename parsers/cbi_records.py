"""Reading CBI's fixed-width files: records of 120 characters in logical flows.

A flow goes from its header to its trailer, and a file may hold several.  Banks cut
trailing blanks, leave line ends out and sometimes drop the first blank (CBI-RIB-001,
chapter 2; formats of home banking programs).
"""

import datetime
import re
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from .base import KEPT_CENTS, MAX_LINES, ParseError, blank, clean
from .cbi_layout import END, HEADER, HEADERS, MAV, RIBA, TRAILER, WIDTH
from .phrase import Phrase

_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s{0,400}(%s)[0-9A-Z ]{10}\d{6}" % "|".join(HEADERS).encode()
)
_TYPES = "|".join(sorted({*HEADERS, TRAILER}))
_UNPADDED = re.compile(rf"\d\d\d{{7}}|(?:{_TYPES})[0-9A-Z ]{{10}}\d{{6}}")
# Full files of the largest size have half as many.
MAX_RECORDS = 2 * MAX_LINES
_DAY = re.compile("[0-9]{6}")
_LINES = re.compile("\r\n|\n|\r")
_NO_TRAILER = Phrase(("lacking", TRAILER))


class Record(NamedTuple):
    """One record: its type, its 120 characters and where it stands."""

    type: str
    text: str
    at: tuple

    @property
    def place(self):
        """Where it stands, for a person."""
        return Phrase(self.at)

    def get(self, position):
        """The text at a position (first, last), without blanks around it."""
        first, last = position
        return self.text[first - 1 : last].strip()

    def piece(self, position):
        """The text at a position as it stands: halves are joined without a blank."""
        first, last = position
        return self.text[first - 1 : last]

    def day(self, position):
        """The day at a position, written ddmmyy; None where it is blank or zero.

        Raises `ParseError` ``date``.
        """
        text = self.get(position)
        if not text.strip("0"):
            return None
        try:
            return read_day(text)
        except ValueError:
            raise ParseError("date", self.place, value=clean(text, 40)) from None

    def cents(self, position):
        """The Decimal amount of the cents at a position; 0 where it is blank.

        Raises `ParseError` ``amount`` or ``amount_large``.
        """
        cents = self.number(position)
        if cents >= KEPT_CENTS:
            raise ParseError("amount_large", self.place, value=self.get(position))
        return Decimal(cents).scaleb(-2)

    def number(self, position):
        """The whole number at a position; 0 where it is blank.

        Raises `ParseError` ``amount``.
        """
        text = self.get(position)
        if text and not (text.isascii() and text.isdigit()):
            raise ParseError("amount", self.place, value=clean(text, 40))
        return int(text or 0)


@lru_cache(maxsize=1024)
def read_day(text):
    """The day of six digits; the same ones come thousands of times.

    Raises `ValueError` where they are none.
    """
    if not _DAY.fullmatch(text):
        raise ValueError(text)
    return datetime.date(2000 + int(text[4:]), int(text[2:4]), int(text[:2]))


class Flow(NamedTuple):
    """The records of one logical flow between its header and its trailer."""

    header: Record
    body: tuple
    trailer: Record

    @property
    def identity(self):
        """What tells it from any other flow of the bank, as a tuple of texts."""
        return (self.header.type, *(self.header.get(HEADER[name]) for name in HEADER))


def is_cbi(data):
    """Whether the bytes begin with the header of one of CBI's flows."""
    return bool(_START.match(data[:500]))


def tells_outcomes(data):
    """Whether the bytes begin with outcomes of receipts."""
    match = _START.match(data[:500])
    return bool(match) and match.group(1).decode() in (RIBA, MAV)


def read_flows(data, allowance):
    """The flows of a file, in their order, as a list.

    Raises `ParseError`: truncated, control_count, too_many_documents, too_many_rows.
    """
    flows, header, body = [], None, []
    for record in read_records(data):
        if header is None:
            header = _check_header(record)
        elif record.type == TRAILER:
            allowance.take("documents")
            flows.append(_close(header, body, record))
            header, body = None, []
        elif record.type in HEADERS:
            raise ParseError("truncated", record.place, detail=_NO_TRAILER)
        else:
            body.append(record)
    if header is not None:
        raise ParseError("truncated", header.place, detail=_NO_TRAILER)
    return flows


def read_records(data):
    """The `Record` values of a file, one after the other, whatever they are.

    Raises `ParseError` ``too_many_rows``.
    """
    text = _decode(data)
    ends = text.count("\n") + text.count("\r") - text.count("\r\n")
    if ends > MAX_RECORDS:
        raise ParseError("too_many_rows", limit=MAX_RECORDS)
    for number, line in enumerate(_LINES.split(text), 1):
        line = blank(line).rstrip()
        if not line:
            continue
        if _UNPADDED.match(line):
            line = f" {line}"
        if len(line) <= WIDTH:
            yield Record(line[1:3], line.ljust(WIDTH), ("line", number))
            continue
        for item, at in enumerate(range(0, len(line), WIDTH), 1):
            piece = line[at : at + WIDTH].ljust(WIDTH)
            yield Record(piece[1:3], piece, ("record", item))


def _decode(data):
    """The text of the bytes: UTF-8 if it is, else what Windows writes in Italy."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _check_header(record):
    if record.type not in HEADERS:
        detail = Phrase(("no_header", clean(record.text, 20)))
        raise ParseError("truncated", record.place, detail=detail)
    return record


def _close(header, body, trailer):
    """The flow, if the trailer counts as many records as were read."""
    declared, found = trailer.number(END["records"]), len(body) + 2
    if declared and declared != found:
        raise ParseError("control_count", trailer.place, expected=declared, found=found)
    return Flow(header, tuple(body), trailer)
