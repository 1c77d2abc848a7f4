"""Excel workbooks (.xlsx), read by openpyxl with its doors closed."""

import io

from .archive import check_workbook
from .base import MAX_COLUMNS, MAX_ROWS, ParseError, clean
from .table import Row, build


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
        book = openpyxl.load_workbook(
            io.BytesIO(data), read_only=True, data_only=True, keep_links=False
        )
        return [_read_sheet(sheet) for sheet in book.worksheets]
    except ParseError:
        raise
    # A damaged workbook raises whatever its damage leads to inside openpyxl.
    except Exception:  # noqa: BLE001
        raise ParseError("sheet") from None


def _read_sheet(sheet):
    """The rows of one sheet, numbered as Excel does."""
    # The stored dimension may be wrong, or huge on purpose.
    sheet.reset_dimensions()
    rows = []
    for number, cells in enumerate(
        sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), 1
    ):
        if number > MAX_ROWS:
            raise ParseError("too_many_rows", limit=MAX_ROWS)
        if any(cell is not None for cell in cells):
            place = f"row {number} of sheet {clean(sheet.title, 40)}"
            rows.append(Row(number, place, list(cells)))
    return rows
