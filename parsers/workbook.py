"""Excel workbooks (.xlsx): the sheets of the archive, as rows.

Source: ECMA-376, SpreadsheetML.  Only what a list needs is read: sheets, shared
strings and which styles are dates.  Everything else in the archive is looked at for
declarations that no workbook has, and never parsed.
"""

import posixpath
from typing import NamedTuple

from . import sheet
from .archive import Archive
from .base import (
    MAX_SHEET_TAGS,
    MAX_SHEETS,
    ParseError,
    clean,
    read_by,
)
from .styles import read_date_styles
from .table import build
from .variant import SHIPPED_LIST
from .xmlstream import Malformed, decode_part, stream

_WORKBOOK = "xl/workbook.xml"
_LINKS = "xl/_rels/workbook.xml.rels"
_IDS = (
    "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id",
    "{http://purl.oclc.org/ooxml/officeDocument/relationships}id",
)
_MARK = b"<!DOCTYPE"

# What a damaged workbook leads to here.
_DAMAGES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    Malformed,
    TypeError,
    ValueError,
)


class _Link(NamedTuple):
    """A relationship of the workbook: to a sheet, the strings, the styles."""

    kind: str
    part: str


def parse(data, filename, allowance, layout=SHIPPED_LIST):
    """The documents (one) of a workbook: every sheet with headings is read.

    Formulas give the values that Excel stored.  ``layout`` and the refusals are those
    of the lists of table.py.  Raises `ParseError`: sheet, doctype, encoding,
    too_many_sheets, zip_too_large, too.
    """
    with Archive(data) as archive:
        _check_parts(archive)
    try:
        with Archive(data) as archive:
            sheets = _Workbook(archive, allowance).read_sheets()
    except _DAMAGES:
        raise ParseError("sheet") from None
    except ParseError as error:
        if error.code in ("too_much_held", "too_many_names"):
            raise ParseError("workbook_large") from None
        raise
    with read_by(layout.name):
        return [build(sheets, "xlsx", filename, layout)]


def _check_parts(archive):
    """Look through every part of the archive, also those that are never parsed."""
    for name in archive.names:
        tail = b""
        for chunk in archive.chunks(name):
            # In UTF-16 every other byte is a zero.
            text = tail + chunk.replace(b"\x00", b"")
            if name.endswith((".xml", ".rels")) and _MARK in text:
                raise ParseError("doctype", clean(name, 120))
            tail = text[-len(_MARK) :]


class _Workbook:
    """The parts of an archive that make a workbook."""

    def __init__(self, archive, allowance):
        self._archive = archive
        self._allowance = allowance
        self._tags = MAX_SHEET_TAGS

    def read_sheets(self):
        """The rows of every sheet, a list of `table.Row` each."""
        links = self._read_links()
        titles, is_1904 = self._read_book(links)
        strings = self._read_strings(links)
        styles = self._read_styles(links)
        reader = sheet.Reader(strings, styles, is_1904, self._allowance)
        return [
            reader.read_rows(
                title, self._elements(links[key].part, ["row", "sheetData"])
            )
            for key, title in titles
        ]

    def _elements(self, part, tags):
        """The elements called ``tags`` of a part, each freed after use."""
        if part not in self._archive.names:
            raise ParseError("sheet")
        return stream(self._count_tags(decode_part(self._archive.chunks(part))), tags)

    def _count_tags(self, chunks):
        for chunk in chunks:
            self._tags -= chunk.count(b"<")
            if self._tags < 0:
                raise ParseError("too_many_cells", limit=MAX_SHEET_TAGS // 8)
            yield chunk

    def _read_links(self):
        """{id: `_Link`} of what the workbook is made of."""
        return {
            element.get("Id"): _Link(
                element.get("Type", "").rsplit("/", 1)[-1],
                posixpath.normpath(posixpath.join("/xl", element.get("Target"))).lstrip(
                    "/"
                ),
            )
            for element in self._elements(_LINKS, ["Relationship"])
        }

    def _read_book(self, links):
        """((id, title) of the sheets in their order, whether days count from 1904)."""
        found, is_1904 = {}, False
        for element in self._elements(_WORKBOOK, ["sheet", "workbookPr"]):
            if element.tag.endswith("}workbookPr"):
                is_1904 = element.get("date1904") in ("1", "true")
                continue
            key = next(filter(None, map(element.get, _IDS)))
            # Charts have sheets of their own.
            if links[key].kind == "worksheet":
                found.setdefault(key, clean(element.get("name", ""), 40))
            if len(found) > MAX_SHEETS:
                raise ParseError("too_many_sheets", limit=MAX_SHEETS)
        return list(found.items()), is_1904

    def _find(self, links, kind):
        return next((link.part for link in links.values() if link.kind == kind), None)

    def _read_strings(self, links):
        """The shared strings, each cleaned once."""
        part = self._find(links, "sharedStrings")
        if not part:
            return []
        strings = []
        for element in self._elements(part, ["si"]):
            self._allowance.check("cells", len(strings))
            strings.append(sheet.read_shared(element))
        return strings

    def _read_styles(self, links):
        part = self._find(links, "styles")
        return read_date_styles(self._elements(part, ["numFmt", "xf"])) if part else ()
