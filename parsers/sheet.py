"""The rows of one sheet of a workbook, with their values."""

import datetime
import math
import re

from .base import MAX_CELL, MAX_COLUMNS, ParseError, clean
from .cells import EPOCH_1900, EPOCH_1904, CellError
from .phrase import Phrase
from .table import Row

_CELL = re.compile(r"([A-Z]{1,3})[1-9][0-9]{0,6}")
_WHOLE = re.compile(r"[+-]?[0-9]{1,15}")
# As XML writes it; Python reads more: other digits, and underscores between them.
_NUMBER = re.compile(
    r"\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*", re.ASCII
)
# Excel's way to write control characters: _x000D_ is a line feed.
_ESCAPED = re.compile(r"_x00[01][0-9A-Fa-f]_")
_MAX_ROW = 1_048_576
_MAX_DAY = 2_958_465  # 31/12/9999


class Reader:
    """Reads the sheets of a workbook: ``strings`` are shared, ``styles`` are dates."""

    def __init__(self, strings, styles, is_1904, allowance):
        self._strings = strings
        self._styles = styles
        self._epoch = EPOCH_1904 if is_1904 else EPOCH_1900
        self._allowance = allowance

    def read_rows(self, title, elements):
        """The filled rows of a sheet, numbered as Excel does.

        ``elements``: its row elements.  Raises `ParseError`: too_many_rows,
        too_many_cells, too_many_columns, too_much_text, cell_long, sheet.
        """
        rows, number = [], 0
        for element in elements:
            if element.tag.endswith("}sheetData"):
                # What follows are merged cells, comments, pictures.
                break
            number = self._number(element, number)
            place = Phrase(("row", number), ("sheet", title))
            cells = self._read_row(element, place)
            if cells:
                self._allowance.take("rows")
                rows.append(Row(number, place, cells, self._epoch))
        return rows

    def _number(self, element, last):
        """The number of a row, which grows; left out where it is the next one."""
        number = int(element.get("r", last + 1))
        if not last < number <= _MAX_ROW:
            raise ParseError("sheet")
        return number

    def _read_row(self, element, place):
        """The values by column; [] when there are none."""
        found, column, used = {}, -1, 0
        for cell in element.iterchildren("{*}c"):
            column = _column(cell.get("r"), column)
            value = self._read_cell(cell, place)
            if value is None or value == "":
                continue
            if column >= MAX_COLUMNS:
                raise ParseError("too_many_columns", place, limit=MAX_COLUMNS)
            if column in found:
                raise ParseError("sheet")
            found[column] = value
            used += len(value) if isinstance(value, str) else 0
        if not found:
            return []
        self._allowance.take("cells", len(found))
        self._allowance.take("characters", used)
        return [found.get(column) for column in range(max(found) + 1)]

    def _read_cell(self, cell, place):
        """The value of a cell, None for a blank one."""
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return read_text(cell, place)
        text = formula = None
        for child in cell:
            if child.tag.endswith("}v"):
                text = child.text
            elif child.tag.endswith("}f"):
                formula = "=" + (child.text or "")[:60]
        if not text:
            # A formula that was never computed is shown, to be refused, not a blank.
            return CellError(clean(formula, 60)) if formula else None
        return self._convert(cell, kind, text, place)

    def _convert(self, cell, kind, text, place):
        if kind == "s":
            found = self._strings[_index(text)]
            if found is None:
                raise ParseError("cell_long", place, limit=MAX_CELL)
            return found
        if kind == "b":
            return text == "1"
        if kind == "e":
            return CellError(clean(text, 60))
        if kind == "str":
            return clean_cell(text, place)
        if kind == "d":
            return datetime.date.fromisoformat(text[:10])
        if not _NUMBER.fullmatch(text):
            raise ValueError(text)
        number = int(text) if _WHOLE.fullmatch(text) else float(text)
        if not math.isfinite(number):
            raise ValueError(text)
        return self._to_day(number) if self._is_date(cell) else number

    def _is_date(self, cell):
        style = cell.get("s")
        return bool(style and self._styles) and self._styles[_index(style)]

    def _to_day(self, number):
        """The day that Excel shows for a number; the number when it shows none."""
        if 0 <= number <= _MAX_DAY:
            return self._epoch + datetime.timedelta(days=int(number))
        return number


def read_shared(element):
    """A shared string, cleaned; None for one that is too long for any cell."""
    try:
        return read_text(element, "")
    except ParseError:
        return None


def read_text(element, place):
    """The cleaned text of a string: its runs together, without the phonetic ones."""
    pieces, size = [], 0
    for node in element.iter("{*}t"):
        if node.getparent().tag.endswith("}rPh") or not node.text:
            continue
        size += len(node.text)
        if size > MAX_CELL:
            break
        pieces.append(node.text)
    return clean_cell("".join(pieces), place, size)


def clean_cell(text, place, size=0):
    """The cleaned text of a cell, cut before it is cleaned.

    ``size``: of the whole text, when it is not all there.  Raises `ParseError`
    ``cell_long`` for more than Excel can hold.
    """
    if max(len(text), size) > MAX_CELL:
        raise ParseError("cell_long", place, limit=MAX_CELL)
    return clean(_ESCAPED.sub(" ", text) if "_x" in text else text)


def _column(reference, last):
    """The column of a cell, from 0; the next one when it is not told."""
    if reference is None:
        return last + 1
    column = 0
    for letter in _CELL.fullmatch(reference)[1]:
        column = column * 26 + ord(letter) - 64
    return column - 1


def _index(text):
    """A whole number from 0, as XML writes it."""
    index = int(text) if len(text) < 10 else -1
    if index < 0:
        raise LookupError(text)
    return index
