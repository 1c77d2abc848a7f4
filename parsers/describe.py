"""What each field of a file gives, for who looks whether a format is right."""

from itertools import islice
from typing import NamedTuple

from .archive import is_zip
from .base import ParseError, clean
from .cbi_layout import (
    ADVANCES,
    END,
    HEADER,
    HEADERS,
    TRAILER,
)
from .cbi_records import is_cbi, read_records
from .table import find_headings
from .variant import KINDS, get_layout, get_list_layout
from .xmltree import is_xml


class Piece(NamedTuple):
    """A field of one record, or a column of a list: where it stands and what is there.

    ``name`` is empty where nobody takes the column for anything.
    """

    place: str
    record: str
    name: str
    position: str
    text: str


def describe(data, variants=(), most=200):
    """The `Piece` values of the first ``most`` records, or of the columns of a list.

    As far as they can be read; nothing is refused.
    """
    if is_zip(data) or is_xml(data):
        return []
    try:
        if is_cbi(data):
            return _describe_records(data, variants, most)
        return [
            Piece("", "", name, heading, clean(text, 100))
            for heading, name, text in find_headings(data, get_list_layout(variants))
        ]
    except ParseError:
        return []


def _describe_records(data, variants, most):
    pieces, fields = [], {}
    for record in islice(read_records(data), most):
        if record.type in KINDS:
            fields = _get_fields(record, variants)
        for name, at in _get_own(record, fields).items():
            pieces.append(_read(record, name, at))
    return pieces


def _get_fields(header, variants):
    """The fields of each type of record that may follow a header."""
    bank = header.get(HEADER["sender"])
    records = get_layout(header.type, bank, variants).records
    # The movement of that account is another record.
    own = {"63": records[ADVANCES]} if header.type == ADVANCES else {}
    return {**records, **own}


def _get_own(record, fields):
    if record.type in HEADERS:
        return HEADER
    return END if record.type == TRAILER else fields.get(record.type, {})


def _read(record, name, at):
    parts = at if isinstance(at[0], tuple) else (at,)
    return Piece(
        record.place,
        record.type,
        name,
        f"{min(parts)[0]}-{max(parts)[1]}",
        clean("".join(record.piece(part) for part in parts), 120),
    )
