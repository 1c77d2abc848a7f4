"""Excel workbooks (.xlsx), read by openpyxl with its doors closed."""

import io
import zipfile

from .archive import check_workbook
from .base import MAX_COLUMNS, MAX_ROWS, ParseError, clean
from .table import Row, build

# What a damaged workbook leads to inside openpyxl; XML errors are SyntaxErrors.
_DAMAGES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
)


def parse(data, filename):
    """The documents (one) of a workbook: every sheet with headings is read.

    Formulas give the values that Excel stored.  Raises `ParseError` like the lists
    of table.py, and sheet, doctype, zip_too_large.
    """
    check_workbook(data)
    return [build(_read_sheets(data), "xlsx", filename)]


def _read_sheets(data):
    # Only needed for workbooks, and slow to load.
    import openpyxl

    try:
        # Once for the values that Excel stored, once for the formulas behind them.
        values, formulas = (
            openpyxl.load_workbook(
                io.BytesIO(data), read_only=True, data_only=stored, keep_links=False
            ).worksheets
            for stored in (True, False)
        )
        return list(map(_read_sheet, values, formulas))
    except _DAMAGES:
        raise ParseError("sheet") from None


def _read_sheet(sheet, formulas):
    """The rows of one sheet, numbered as Excel does."""
    rows = []
    both = zip(_iterate(sheet), _iterate(formulas), strict=True)
    for number, (cells, behind) in enumerate(both, 1):
        if number > MAX_ROWS:
            raise ParseError("too_many_rows", limit=MAX_ROWS)
        # A formula that was never computed is shown, to be refused, and not a blank.
        cells = [
            b if cell is None else cell for cell, b in zip(cells, behind, strict=True)
        ]
        if any(cell is not None for cell in cells):
            place = f"row {number} of sheet {clean(sheet.title, 40)}"
            rows.append(Row(number, place, cells))
    return rows


def _iterate(sheet):
    # The stored dimension may be wrong, or huge on purpose.
    sheet.reset_dimensions()
    return sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS)
