"""CSV and XLSX lists of a bank portal: headings, rows, and every bad row at once."""

import contextlib
import csv
import datetime
import hashlib
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from . import headings
from .base import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_ERRORS,
    MAX_LINES,
    MAX_RAW,
    IgnoredEntry,
    ParseError,
    ReturnDocument,
    ReturnedPayment,
    clean,
    join_texts,
    limit_texts,
    make_key,
    parse_iban,
    read_by,
)
from .cells import (
    EPOCH_1900,
    NOT_RETURNED,
    decide,
    is_error,
    read_day,
    read_number,
    read_outcome,
    read_reason,
    read_text,
)
from .common import no_id
from .phrase import Phrase
from .variant import SHIPPED_LIST

DELIMITERS = ";,\t|"
ENCODINGS = ("utf-8-sig", "cp1252")
# Portals write a title and filters above the headings.
_HEADING_WITHIN = 30
_BINARY = re.compile("[\x00-\x08\x0e-\x19\x1b-\x1f]")
# A letter beyond ASCII as UTF-8 writes those of Italy, and the euro sign.
_TWO_BYTES = re.compile(rb"\xc2[\xa0-\xbf]|\xc3[\x80-\xbf]|\xe2\x82\xac")
_LINE = re.compile("[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
# So many columns has a sheet of Excel, and so long a row is none.
_MAX_DELIMITERS = 16_384
_MAX_ROW = 1_000_000
_HEADING = 100
_HEAD = 200_000
_TABLE_NAMES = (".csv", ".tsv", ".xlsx", ".xlsm")


# What rows are called by what a word of the bank tells.
OUTCOME_OF = {
    "return": "return",
    "recall": "recall",
    "reversal": "reversal",
    "paid": "accepted",
    "charges": "charges",
    "ignored": "not_return",
}
# Fields of which every column counts, or whose columns differ rightly.
_SEVERAL = ("reference", "text", "currency_or_value_date")


class Row(NamedTuple):
    """The cells of one row, cleaned, and where it is.

    ``epoch`` is the day from which a workbook counts the days.
    """

    number: int
    place: Phrase
    cells: list
    epoch: datetime.date = EPOCH_1900


class _Line(NamedTuple):
    """A row with its amounts read, before they are decided."""

    row: Row
    amount: object
    fee: object


class _Table(NamedTuple):
    """A heading row and what follows it; ``layout`` is how the list is read."""

    columns: dict
    names: list
    rows: list
    layout: object

    def cell(self, row, field):
        """The cell of a field's best column, None when there is none."""
        column = self.columns.get(field, [len(row.cells)])[0]
        return row.cells[column] if column < len(row.cells) else None

    def text(self, row, field):
        """The same as a cleaned text."""
        return read_text(self.cell(row, field))

    def twins(self):
        """(name, columns) of the columns that are called the same, and must agree."""
        for field, columns in self.columns.items():
            names = [headings.normalise(self.names[column]) for column in columns]
            for name, count in Counter(names).items():
                if count > 1 and field not in _SEVERAL:
                    same = zip(columns, names, strict=True)
                    yield name, [column for column, other in same if other == name]

    def others(self, row, field):
        """The texts of all the columns of a field."""
        columns = self.columns.get(field, ())
        return [read_text(row.cells[c]) for c in columns if c < len(row.cells)]


def parse_csv(data, filename, allowance, layout=SHIPPED_LIST):
    """The documents (one) of a CSV list: delimiter and encoding are found out.

    ``layout`` is what a bank means by its headings and words.  Raises `ParseError`:
    unknown_format, encoding, column_missing, too_many_rows, bad_rows, control_sum.
    """
    text = _decode(data)
    with read_by(layout.name):
        rows = _read_rows(text, filename, allowance, layout)
        if not text.endswith(("\n", "\r")):
            _check_last(rows, layout)
        del text
        return [build([rows], "csv", filename, layout)]


def _read_rows(text, filename, allowance, layout):
    head = text[:_HEAD]
    best = max(DELIMITERS, key=lambda mark: _fitness(head, mark, layout))
    if not _fitness(head, best, layout):
        if not filename.lower().endswith(_TABLE_NAMES):
            raise ParseError("unknown_format")
        raise ParseError("column_missing", missing=headings.MISSING)
    return _csv_rows(text, best, allowance)


def _check_last(rows, layout):
    """Refuse a list that ends within a row: its last line has no end.

    That alone says nothing, but it also has fewer cells than headings and other rows.
    Raises `ParseError` ``truncated``.
    """
    table = _find_table(rows, layout)
    if not table or not table.rows or _is_total(table, table.rows[-1]):
        return
    *others, last = table.rows
    width = max(at for at, name in enumerate(table.names, 1) if name)
    if len(last.cells) < min([width, *(len(row.cells) for row in others)]):
        detail = Phrase(("lacking", table.names[len(last.cells)]))
        raise ParseError("truncated", last.place, detail=detail)


def find_headings(data, layout=SHIPPED_LIST):
    """What the columns of a CSV list are taken for, also where that is nothing.

    :return: list of (heading, field or "", the first value below)
    """
    head = _decode(data)[:_HEAD]
    best = max(
        DELIMITERS, key=lambda mark: (_fitness(head, mark, layout), head.count(mark))
    )
    lines = head.splitlines()[: _HEADING_WITHIN * 2]
    rows = [
        Row(0, "", [clean(cell, _HEADING) for cell in cells[:MAX_COLUMNS]])
        for cells in csv.reader(lines, delimiter=best)
        if any(cells)
    ]
    table = _find_table(rows, layout)
    if not table and rows:
        # The longest row of the beginning may be one of headings nobody knows.
        at = max(range(len(rows)), key=lambda number: len(rows[number].cells))
        known = headings.match(rows[at].cells, layout.headings)
        table = _Table(known, rows[at].cells, rows[at + 1 :], layout)
    return _describe(table) if table else []


def _describe(table):
    fields = {at: name for name, columns in table.columns.items() for at in columns}
    first = table.rows[0].cells if table.rows else []
    return [
        (name, fields.get(at, ""), first[at] if at < len(first) else "")
        for at, name in enumerate(table.names)
    ]


def build(sheets, format_, filename, layout=SHIPPED_LIST):
    """The `ReturnDocument` of one or more lists of `Row` (``sheets``).

    ``layout`` is what a bank means by its headings and words.  Sheets without headings
    are skipped when another one has them.  Raises `ParseError`: column_missing,
    bad_rows, control_sum, empty.
    """
    tables = [_find_table(rows, layout) for rows in sheets]
    tables = [table for table in tables if table]
    if not tables:
        raise ParseError("column_missing", missing=headings.MISSING)
    if format_ != "csv":
        # Nothing slips into another column there: what has no heading is not read.
        tables = list(map(_widen, tables))
    lacking = next(filter(None, (headings.missing(t.columns) for t in tables)), "")
    if lacking:
        raise ParseError("column_missing", missing=lacking)
    errors, rows = [], []
    for table in tables:
        rows += _read_table(table, errors)
    if errors:
        raise _bad_rows(errors)
    if not rows:
        raise ParseError("empty")
    rows = _number(rows)
    keys = "\n".join(row.unique_key for row in rows)
    return ReturnDocument(
        format=format_,
        message_id="sha256:" + hashlib.sha256(keys.encode()).hexdigest()[:32],
        payments=tuple(row for row in rows if isinstance(row, ReturnedPayment)),
        ignored=tuple(row for row in rows if isinstance(row, IgnoredEntry)),
        filename=filename,
        variant=layout.name,
    )


def _bad_rows(errors):
    """The `ParseError` that tells all the errors, or the first ones of very many."""
    shown = errors[:MAX_ERRORS]
    params = {"count": len(errors), "rows": "\n".join(map(str, shown))}
    if len(errors) > len(shown):
        params["shown"] = len(shown)
        return ParseError("bad_rows_many", errors=shown, **params)
    return ParseError("bad_rows", errors=shown, **params)


def _decode(data):
    """The text, in the order in which Italian portals write it."""
    encodings = ENCODINGS
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ("utf-16",)
    elif b"\0" in data:
        # A picture, say: to save it as UTF-8 would not help.
        raise ParseError("unknown_format")
    elif _is_damaged(data):
        encodings = ENCODINGS[:1]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise ParseError("encoding", encoding=encodings[-1])
    if _BINARY.search(text) or text.startswith("%PDF"):
        raise ParseError("unknown_format")
    return text


def _is_damaged(data):
    """Whether these are bytes of UTF-8, and some that are none.

    What Windows writes has no letters of two bytes; to read it so would spoil those
    that are right, in headings too.
    """
    try:
        data.decode()
    except UnicodeDecodeError:
        return bool(_TWO_BYTES.search(data))
    return False


class _Lines:
    """The lines of a text for the csv module, one at a time.

    A row may have several lines, when one ends inside of quotation marks: what was
    handed out since `row_done` is limited, because the module makes a row whole.
    """

    def __init__(self, text, delimiter):
        self._lines = _LINE.finditer(text)
        self._delimiter = delimiter
        self._columns = self._size = self._rows = 0

    def __iter__(self):
        return self

    def __next__(self):
        line = next(self._lines).group()
        self._columns += line.count(self._delimiter)
        self._size += len(line)
        if self._columns > _MAX_DELIMITERS:
            raise _TooWide
        if self._size > _MAX_ROW:
            raise _TooLong
        return line

    def row_done(self):
        """A row is complete."""
        self._columns = self._size = 0
        self._rows += 1
        if self._rows > MAX_LINES:
            raise ParseError("too_many_rows", limit=MAX_LINES)


class _TooWide(Exception):
    pass


class _TooLong(Exception):
    pass


def _csv_rows(text, delimiter, allowance):
    """The filled rows, numbered by the line in which they start.

    Strictly, because a lost quotation mark swallows the rows up to the next one.
    Raises `ParseError`: quotes, cell_long, and what there is too much of.
    """
    rows, line = [], 1
    lines = _Lines(text, delimiter)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    place = Phrase(("row", 1))
    try:
        for cells in reader:
            lines.row_done()
            cells = _clean_cells(cells, place, allowance)
            if cells:
                rows.append(Row(line, place, cells))
            line = reader.line_num + 1
            place = Phrase(("row", line))
    except _TooWide:
        raise ParseError("too_many_columns", place, limit=MAX_COLUMNS) from None
    except _TooLong:
        raise ParseError("cell_long", place, limit=MAX_CELL) from None
    except csv.Error as error:
        if "field larger" in str(error):
            raise ParseError("cell_long", place, limit=MAX_CELL) from None
        raise ParseError("quotes", place) from None
    return rows


def _clean_cells(cells, place, allowance):
    """The cleaned cells of a row; [] when all are blank."""
    long = next((cell for cell in cells if len(cell) > MAX_CELL), None)
    if long is not None:
        raise ParseError("cell_long", place, limit=MAX_CELL)
    cells = [clean(cell) if cell else "" for cell in cells]
    filled = sum(1 for cell in cells if cell)
    if not filled:
        return []
    if any(cells[MAX_COLUMNS:]):
        raise ParseError("too_many_columns", place, limit=MAX_COLUMNS)
    allowance.take("rows")
    allowance.take("cells", filled)
    allowance.take("characters", sum(map(len, cells)))
    return cells[:MAX_COLUMNS]


def _fitness(head, delimiter, layout):
    """How many headings are recognised when the beginning is cut at ``delimiter``."""
    lines = head.splitlines()[: _HEADING_WITHIN * 2]
    # The cut may fall between two quotation marks: not strict here.
    reader = csv.reader(lines, delimiter=delimiter)
    rows = []
    # A very long field ends it; what comes before counts.
    with contextlib.suppress(csv.Error):
        for number, cells in enumerate(reader, 1):
            cells = [clean(cell, _HEADING) for cell in cells[:MAX_COLUMNS]]
            rows.append(Row(number, "", cells))
    table = _find_table(rows, layout)
    return len(table.columns) if table else 0


def _find_table(rows, layout):
    """The `_Table` below the row with the most headings, at least two; or None."""
    rows = [row for row in rows if any(map(read_text, row.cells))]
    best, at = {}, 0
    for number, row in enumerate(rows[:_HEADING_WITHIN]):
        columns = headings.match(row.cells[:MAX_COLUMNS], layout.headings)
        if len(columns) > len(best):
            best, at = columns, number
    if len(best) < 2:
        return None
    names = [read_text(cell) for cell in rows[at].cells]
    return _Table(best, names, rows[at + 1 :], layout)


def _widen(table):
    """The table with a name, if only an empty one, for every cell."""
    width = max((len(row.cells) for row in table.rows), default=0)
    return table._replace(names=table.names + [""] * (width - len(table.names)))


def _read_table(table, errors):
    """The payments and ignored rows of one table; what is wrong goes to ``errors``."""
    found, totals, rows = [], [], []
    for row in table.rows:
        (totals if _is_total(table, row) else rows).append(row)
    twins = list(table.twins())
    lines = [_attempt(found, row, _read_line, table, row, twins) for row in rows]
    lines = [line for line in lines if line]
    numbers = [number for line in lines for number in line[1:] if number]
    evidence = {number.evidence() for number in numbers} - {""}
    signs = {line.amount.negative for line in lines if _is_worth(line.amount)}
    mixed = len(signs) > 1
    rows = [
        _attempt(found, line.row, _read_row, table, line, evidence, mixed)
        for line in lines
    ]
    errors += [error for _row, error in sorted(found, key=lambda pair: pair[0])]
    if not errors:
        for row in totals:
            _check_total(table, row, rows, evidence)
    return rows


def _attempt(found, row, function, *args):
    """What ``function`` gives; None when it refuses, and then why is kept."""
    try:
        return function(*args)
    except ParseError as error:
        found.append((row.number, error))
        return None


def _read_line(table, row, twins):
    """The row with its amounts read, whatever they turn out to be worth."""
    if any(map(read_text, row.cells[len(table.names) :])):
        raise ParseError("row_cells", row.place)
    _check_twins(row, twins)
    amount = read_number(table.cell(row, "amount"), row.place)
    return _Line(row, amount, read_number(table.cell(row, "fee_amount"), row.place))


def _check_twins(row, twins):
    """Refuse a row in which two columns of one name contradict each other."""
    for name, columns in twins:
        texts = {read_text(row.cells[c]) for c in columns if c < len(row.cells)}
        if len(texts - {""}) > 1:
            raise ParseError("row_contradiction", row.place, column=name)


def _check_errors(table, row):
    """Refuse a row that shows an error of Excel where something is read."""
    for columns in table.columns.values():
        for column in columns:
            if column < len(row.cells) and is_error(row.cells[column]):
                value = row.cells[column][:40]
                raise ParseError("row_formula", row.place, value=value)


def _is_worth(number):
    return number is not None and any(number.values.values())


def _is_total(table, row):
    """Whether the row only sums up: its first text says so, and it has no date."""
    first = next(filter(None, map(read_text, row.cells)), "")
    return headings.is_total(first) and not table.text(row, "date")


def _check_total(table, row, rows, evidence):
    number = read_number(table.cell(row, "amount"), row.place)
    expected = decide(number, evidence, row.place)
    if expected is None or any(item.amount is None for item in rows):
        return
    payments = [item for item in rows if isinstance(item, ReturnedPayment)]
    sums = [sum((i.amount for i in some), Decimal(0)) for some in (rows, payments)]
    if expected not in sums:
        raise ParseError("control_sum", row.place, expected=expected, found=sums[0])


def _read_row(table, line, evidence, mixed):
    """One row of the list; ``mixed``: some of its amounts are negative, some not."""
    row = line.row
    _check_errors(table, row)
    if mixed and line.amount and line.amount.negative:
        raise ParseError("row_amount_negative", row.place, value=line.amount.text)
    amount = decide(line.amount, evidence, row.place)
    currency = _currency(table, row, line.amount)
    codes, text = _reason(table, row)
    word = table.layout.get_word(table.text(row, "status"))
    if word:
        codes = (word.reason,) if word.reason else codes
    outcome = OUTCOME_OF[word.kind] if word else _read_outcome(table, row, codes)
    fields = _identity(table, row)
    customer = [fields[n] for n in ("partner_name", "partner_iban", "partner_vat")]
    if not fields["reference"] and not (amount and any(customer)):
        raise ParseError("row_nothing", row.place)
    if outcome in NOT_RETURNED:
        key = make_key(fields["reference"], amount)
        reference = fields["reference"]
        return IgnoredEntry(key, row.place, outcome, amount, currency, reference)
    fee = decide(line.fee, evidence, row.place) or Decimal(0)
    kind = "refund" if outcome == "return" and "MD06" in codes else outcome
    return ReturnedPayment(
        unique_key="",
        kind=kind,
        amount=amount,
        currency=currency,
        fee_amount=fee,
        fee_currency=(line.fee.currency or currency) if fee else "",
        reason_codes=codes,
        reason_text=text,
        date=read_day(table.cell(row, "date"), row.place, row.epoch),
        value_date=_value_date(table, row),
        due_date=read_day(table.cell(row, "due_date"), row.place, row.epoch),
        place=row.place,
        raw=_raw(table, row),
        doubt=word.doubt if word else "",
        **fields,
    )


def _read_outcome(table, row, codes):
    return read_outcome(table.text(row, "status"), codes, row.place)


def _identity(table, row):
    """The fields that tell which collection it is and whose."""
    references = [no_id(text) for text in table.others(row, "reference")]
    end_to_end = no_id(table.text(row, "end_to_end_id"))
    mandate = no_id(table.text(row, "mandate_reference"))
    texts = limit_texts([*references, *table.others(row, "text")])
    candidates = [*references, end_to_end, *texts, mandate]
    return {
        "reference": next(filter(None, candidates), ""),
        "end_to_end_id": end_to_end,
        "mandate_reference": mandate,
        "batch_id": table.text(row, "batch_id"),
        "partner_name": table.text(row, "partner_name"),
        "partner_iban": parse_iban(table.text(row, "partner_iban")),
        "partner_vat": table.text(row, "partner_vat").replace(" ", ""),
        "texts": texts,
    }


def _reason(table, row):
    """(codes, text) from the columns of reason, description and outcome."""
    codes, text = read_reason(table.text(row, "reason"))
    if not codes and not text:
        codes, _word = read_reason(table.text(row, "status"))
    return codes, join_texts([text, table.text(row, "reason_text")])


def _currency(table, row, amount):
    """The currency of the row: its column, else what stands by the amount."""
    text = (
        table.text(row, "currency").upper().replace("€", "EUR").replace("EURO", "EUR")
    )
    either = table.text(row, "currency_or_value_date").upper()
    if not text and either.isalpha():
        text = either
    beside = amount.currency if amount else ""
    text = text or beside
    if text and not re.fullmatch(r"[A-Z]{3}", text):
        raise ParseError("row_currency", row.place, value=text[:40])
    if beside and beside != text:
        raise ParseError("row_currencies", row.place, value=beside, other=text)
    return text


def _value_date(table, row):
    either = table.cell(row, "currency_or_value_date")
    if table.text(row, "value_date") or read_text(either).isalpha():
        either = table.cell(row, "value_date")
    return read_day(either, row.place, row.epoch)


def _raw(table, row):
    pairs = zip(table.names, map(read_text, row.cells), strict=False)
    return "; ".join(f"{name[:40]}: {text}" for name, text in pairs if text)[:MAX_RAW]


def _number(rows):
    """The rows with their keys: what they say, and which of equal ones they are.

    The key does not depend on the file: portals repeat the rows of past days.
    """
    seen = Counter()
    numbered = []
    for row in rows:
        values = [str(value) for value in _key_values(row)]
        digest = hashlib.sha256(make_key(*values).encode()).hexdigest()[:32]
        seen[digest] += 1
        key = make_key("row", digest, seen[digest])
        numbered.append(replace(row, unique_key=key))
    return numbered


def _key_values(row):
    names = (
        "reference end_to_end_id mandate_reference batch_id amount currency date "
        "due_date partner_name partner_iban partner_vat why"
    )
    values = [getattr(row, name, "") for name in names.split()]
    # 1.5 and 1.50 are the same row, told by Excel and by a CSV.
    return [f"{v.normalize():f}" if isinstance(v, Decimal) else v for v in values]
