"""What the parsers give and refuse: values, errors, limits and shared conversions."""

import datetime
import hashlib
import re
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal

from .phrase import THE_FILE, Phrase, get_parts

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNZIPPED_BYTES = 64 * 1024 * 1024
MAX_ZIP_ENTRIES = 200
MAX_ZIP_RATIO = 250
MAX_DOCUMENTS = 2_000
# Of XML, how much is held at once: signs "<" and "=", some 200 bytes of memory each.
MAX_XML_HELD = 250_000
# Names are kept by lxml for as long as the process lives.
MAX_XML_NAMES = 4_000
MAX_XML_NAME = 200
MAX_XML_NAMESPACES = 60
MAX_REPEATS = 2_000
MAX_SHEETS = 100
MAX_SHEET_TAGS = 4_000_000
MAX_COLUMNS = 200
# Excel's own limit; no cell of a workbook can be longer.
MAX_CELL = 32_767
MAX_TEXT = 1_000
MAX_TEXTS = 100
MAX_KEY = 140
MAX_CODES = 10
MAX_RAW = 8_000
MAX_ERRORS = 100
# Of a list, blank ones included.
MAX_LINES = 200_000

# One sentence a code.  The importer translates them, so placeholders are names and
# nothing is put together from pieces of sentences.
MESSAGES = {
    "empty": (
        "%(place)s is empty: there is nothing to import. "
        "Download it again from the bank."
    ),
    "too_large": (
        "%(place)s is larger than %(limit)s MiB. "
        "Ask the bank for a shorter period and import each part."
    ),
    "unknown_format": (
        "%(place)s is not a bank file that can be read here. Import a pain.002 or "
        "camt.05x XML, outcomes in CBI's fixed width or XML, a CSV or XLSX list, or a "
        "zip of these."
    ),
    "xls": (
        "%(place)s is an old Excel workbook (.xls), or one with a password. "
        "Open it, save it as .xlsx without a password, or as .csv, and import that."
    ),
    "not_xml": (
        "%(place)s should be XML but is not well formed: %(detail)s. "
        "Download it again from the bank, without opening and saving it."
    ),
    "truncated": (
        "The file is cut or damaged at %(place)s: %(detail)s. "
        "Nothing was imported; download it again from the bank."
    ),
    "too_deep": (
        "The XML is nested too deeply at %(place)s for a bank message. "
        "Nothing was imported; ask the bank for the original file."
    ),
    "too_many_tags": (
        "%(place)s has more than %(limit)s XML tags. "
        "Ask the bank for a file of a shorter period and import each part."
    ),
    "too_much_held": (
        "%(place)s holds, outside its transactions or in one of them, more XML than a "
        "bank message can. Nothing was imported; ask the bank for the original file."
    ),
    "too_many_names": (
        "%(place)s uses more XML names or namespaces, or longer ones, than a bank "
        "message can. Nothing was imported; ask the bank for the original file."
    ),
    "too_many_transactions": (
        "%(place)s has more than %(limit)s transactions. "
        "Ask the bank for a file of a shorter period and import each part."
    ),
    "too_many_returns": (
        "%(place)s has more than %(limit)s returned payments. "
        "Ask the bank for a file of a shorter period and import each part."
    ),
    "too_many_documents": (
        "%(place)s has more than %(limit)s statements, reports or batches. "
        "Ask the bank for a file of a shorter period and import each part."
    ),
    "too_many_reasons": (
        "%(place)s has more than %(limit)s different codes of reasons, so these are "
        "no codes. Correct the column of reasons, or ask the bank for a valid file."
    ),
    "doctype": (
        "%(place)s carries a DOCTYPE or entity declaration, which no bank message "
        "has. It was not read; ask the bank for the original file."
    ),
    "encoding": (
        "The characters of %(place)s cannot be read as %(encoding)s. "
        "Save the file as UTF-8, or download it again from the bank."
    ),
    "namespace": (
        "The XML namespace “%(namespace)s” at %(place)s belongs neither to ISO 20022 "
        "nor to CBI or SIX. Ask the bank for a pain.002 or camt.05x file."
    ),
    "not_returns": (
        "%(place)s is a message of type %(message)s, which does not tell about unpaid "
        "collections. Import the bank's answer (pain.002) or statement (camt.05x)."
    ),
    "missing": (
        "The mandatory element %(element)s is missing at %(place)s. "
        "Nothing was imported; ask the bank for a valid file."
    ),
    "contradiction": (
        "%(place)s has the element %(element)s more than once, with different "
        "contents, where a bank message has one. Nothing was imported; ask the bank "
        "which one is right, and for a valid file."
    ),
    "order": (
        "At %(place)s the account is named after its entries, or twice. "
        "Nothing was imported; ask the bank for a valid file."
    ),
    "indicator": (
        "“%(value)s” at %(place)s is neither a debit (DBIT) nor a credit (CRDT). "
        "Nothing was imported; ask the bank for a valid file."
    ),
    "amount": (
        "“%(value)s” at %(place)s is not an amount. "
        "Nothing was imported; ask the bank for a valid file."
    ),
    "amount_large": (
        "“%(value)s” at %(place)s is larger than an amount that can be kept to the "
        "cent. Nothing was imported; ask the bank for a valid file."
    ),
    "currency": (
        "“%(value)s” at %(place)s is not a currency code. "
        "Nothing was imported; ask the bank for a valid file."
    ),
    "date": (
        "“%(value)s” at %(place)s is not a date. "
        "Nothing was imported; ask the bank for a valid file."
    ),
    "control_sum": (
        "The amounts at %(place)s make %(found)s, but the bank declares %(expected)s. "
        "Nothing was imported; download the file again from the bank."
    ),
    "control_batch": (
        "The transactions at %(place)s make %(found)s, but the bank booked %(expected)s"
        " for them, and no charge explains the rest. Nothing was imported; ask the bank"
        " for the missing transactions, or register these returns by hand."
    ),
    "control_count": (
        "%(place)s declares %(expected)s items, but %(found)s are there. "
        "Nothing was imported; download the file again from the bank."
    ),
    "cbi_presentation": (
        "%(place)s presents receipts to the bank: it is not the bank's answer. "
        "Import the file of outcomes that the bank sends back."
    ),
    "cbi_recall": (
        "%(place)s asks the bank to give receipts back: it is not the bank's answer. "
        "Import the file of outcomes that the bank sends back."
    ),
    "cbi_debtor": (
        "%(place)s is of receipts that you have to pay, not of your customers'. "
        "Import the file of outcomes of the receipts that you have presented."
    ),
    "cbi_securities": (
        "%(place)s begins a report on securities, which holds no returned payments. "
        "Import the file of outcomes of your receipts."
    ),
    "cbi_diagnostics": (
        "%(place)s tells what the bank rejected of a file that you sent: nothing of it "
        "was collected. Correct that file and send it again."
    ),
    "cbi_rid": (
        "%(place)s begins outcomes of RID, which SEPA direct debits have replaced. "
        "Import the bank's pain.002 or camt.05x instead."
    ),
    "zip_damaged": (
        "%(place)s is a damaged zip archive. Download it again from the bank."
    ),
    "zip_empty": (
        "%(place)s is a zip archive without files: there is nothing to import. "
        "Download it again from the bank."
    ),
    "zip_encrypted": (
        "%(place)s is protected by a password. "
        "Extract it first and import the files inside."
    ),
    "zip_entries": (
        "%(place)s holds more than %(limit)s files. Split it and import each part."
    ),
    "zip_twice": (
        "%(place)s is in the archive twice, so nobody can say which one counts. "
        "Extract the files and import the right ones."
    ),
    "zip_method": (
        "%(place)s is packed in an unusual way. "
        "Extract it and import the files inside, or zip it again."
    ),
    "zip_nested": (
        "%(place)s is an archive inside an archive. "
        "Extract the outer one and import the files inside."
    ),
    "zip_too_large": (
        "%(place)s unpacks to far more than a bank sends (limit %(limit)s MiB). "
        "It was not read; extract it yourself and import the files inside."
    ),
    "column_missing": (
        "%(place)s has no heading for: %(missing)s. "
        "Give the columns headings such as Reference, Amount, Date, Reason, Customer."
    ),
    "quotes": (
        "The quotation marks at %(place)s do not match, so rows would be lost. "
        "Correct the file, or save it as .xlsx and import that."
    ),
    "sheet": (
        "%(place)s is a damaged Excel workbook. "
        "Open it, save it again as .xlsx or .csv and import that."
    ),
    "workbook_large": (
        "%(place)s holds more than a list needs, such as formats or texts. "
        "Copy the list into a new workbook, or save it as .csv, and import that."
    ),
    "too_many_rows": (
        "%(place)s has more than %(limit)s rows. Split it and import each part."
    ),
    "too_many_cells": (
        "%(place)s has more than %(limit)s filled cells. "
        "Remove the columns that do not matter, or split it and import each part."
    ),
    "too_much_text": (
        "%(place)s has more than %(limit)s characters of text in its cells. "
        "Remove the columns that do not matter, or split it and import each part."
    ),
    "too_many_columns": (
        "%(place)s has cells beyond column %(limit)s. "
        "Remove the columns that do not matter and import again."
    ),
    "cell_long": (
        "A cell at %(place)s has more than %(limit)s characters, which is more than "
        "Excel can hold. Shorten it, or check the quotation marks, and import again."
    ),
    "too_many_sheets": (
        "%(place)s has more than %(limit)s sheets. Split it and import each part."
    ),
    "bad_rows_many": (
        "%(count)s rows of %(place)s cannot be read, so nothing was imported. "
        "Correct them and import again. The first %(shown)s are:\n%(rows)s"
    ),
    "bad_rows": (
        "%(count)s rows of %(place)s cannot be read, so nothing was imported. "
        "Correct them and import again:\n%(rows)s"
    ),
    "row_amount": "%(place)s: “%(value)s” is not an amount.",
    "row_amount_ambiguous": (
        "%(place)s: “%(value)s” can be read in two ways; write it with two decimals."
    ),
    "row_amount_negative": (
        "%(place)s: “%(value)s” is negative while other amounts are positive; "
        "remove it if it is not a return."
    ),
    "row_amount_large": (
        "%(place)s: “%(value)s” is larger than an amount that can be kept to the cent."
    ),
    "row_currencies": (
        "%(place)s: the amount is in %(value)s and the column of currencies says "
        "%(other)s; correct one of them."
    ),
    "row_contradiction": (
        "%(place)s: two columns are called “%(column)s”, and they say different "
        "things; remove one of them."
    ),
    "row_formula": (
        "%(place)s: the cell shows “%(value)s” where a value should be; correct the "
        "formula, or write the value."
    ),
    "row_cells": (
        "%(place)s: there are more cells than headings; put quotation marks around "
        "values that contain the separator."
    ),
    "row_currency": "%(place)s: “%(value)s” is not a currency code.",
    "row_date": (
        "%(place)s: “%(value)s” is not a date; write it as 31/12/2026 or 2026-12-31."
    ),
    "row_nothing": (
        "%(place)s: there is neither a reference nor an amount with a customer; "
        "complete the row or remove it."
    ),
    "row_status": (
        "%(place)s: the outcome “%(value)s” is not known; write Unpaid or Paid."
    ),
}


# Why a person has to say that something in a file is a return.
DOUBTS = ("credit", "own", "code", "reversal", "fee")


class ParseError(Exception):
    """A file was refused, as a whole.

    ``code`` is a key of `MESSAGES`, ``place`` says where for a person, ``params``
    fill the sentence, ``errors`` holds one error a row for ``bad_rows``. ``variant`` is
    the name of the bank's own format by which it was read, see `read_by`.
    """

    def __init__(self, code, place=THE_FILE, errors=(), **params):
        self.code = code
        self.place = place
        self.params = params
        self.errors = tuple(errors)
        self.variant = ""
        super().__init__(code, place, params)

    def __str__(self):
        text = MESSAGES[self.code] % {"place": self.place, **self.params}
        return text if self.begins_with_name else text[:1].upper() + text[1:]

    @property
    def begins_with_name(self):
        """Whether the place begins with a file's name: that keeps its first letter."""
        return get_parts(self.place)[0][0] == "name"

    def inside(self, name):
        """The same error, told of a file inside an archive (its ``name``)."""
        place = Phrase(*get_parts(self.place), ("inside", name))
        if self.place == THE_FILE:
            place = name
        error = ParseError(self.code, place, self.errors, **self.params)
        error.variant = self.variant
        return error


@contextmanager
def read_by(variant):
    """Name the bank's own format in what is refused of a file that is read by it.

    ``variant``: its name, "" for a format as it is shipped.
    """
    try:
        yield
    except ParseError as error:
        error.variant = variant
        raise


@dataclass(frozen=True, slots=True)
class ReturnedPayment:
    """One collection that came back, or a whole batch of them (see ``scope``)."""

    unique_key: str
    reference: str = ""
    end_to_end_id: str = ""
    instruction_id: str = ""
    mandate_reference: str = ""
    batch_id: str = ""
    original_message_id: str = ""
    scope: str = "payment"
    kind: str = "return"
    amount: Decimal | None = None
    currency: str = ""
    fee_amount: Decimal = Decimal(0)
    fee_currency: str = ""
    reason_codes: tuple[str, ...] = ()
    reason_text: str = ""
    date: datetime.date | None = None
    value_date: datetime.date | None = None
    due_date: datetime.date | None = None
    partner_name: str = ""
    partner_iban: str = ""
    partner_vat: str = ""
    texts: tuple[str, ...] = ()
    place: str = ""
    raw: str = ""
    # One of `DOUBTS`.
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class IgnoredEntry:
    """Something in the file that is not a return, and the stable key of ``why``."""

    unique_key: str
    place: str = ""
    why: str = ""
    amount: Decimal | None = None
    currency: str = ""
    reference: str = ""
    date: datetime.date | None = None
    # Of a status report: "payment", or that it tells of a whole "batch" or "message".
    scope: str = "payment"


@dataclass(frozen=True, slots=True)
class ReturnDocument:
    """One status report, one statement, or one list."""

    format: str
    message_id: str = ""
    date: datetime.date | None = None
    account_iban: str = ""
    account_currency: str = ""
    # The bank that collects for us: BIC, and in Italy the ABI code, five digits.
    agent_bic: str = ""
    agent_abi: str = ""
    payments: tuple[ReturnedPayment, ...] = ()
    ignored: tuple[IgnoredEntry, ...] = ()
    filename: str = ""
    # Of the bank's variant of the format by which it was read.
    variant: str = ""


# Blanks fall away when a text is cleaned; more than so many times the text are not
# looked at, because what is cut afterwards must not cost anything before.
_SLACK = 4
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+"
)
_AMOUNT = re.compile(r"\+?(?=\.?\d)\d{0,15}(?:\.\d{0,5}0*)?")
KEPT_CENTS = 10**14
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(?:T[\d:.]+)?(?:Z|[+-]\d\d:?\d\d)?")
_CURRENCY = re.compile(r"[A-Z]{3}")


def clean(text, limit=MAX_TEXT):
    """A text on one line without control or direction marks, at most ``limit`` long."""
    text = text[: limit * _SLACK]
    if not text.isprintable():
        text = _UNPRINTABLE.sub(" ", text)
    return " ".join(text.split())[:limit]


def blank(text):
    """A text of a fixed width, with a blank for each control or direction mark."""
    if text.isprintable():
        return text
    return _UNPRINTABLE.sub(lambda match: " " * len(match.group()), text)


def make_key(*parts):
    """Join ``parts`` so that different parts never give the same key."""
    return "|".join(
        str(part).replace("\\", "\\\\").replace("|", "\\|") for part in parts
    )


def shorten(text):
    """An identification that may be repeated thousands of times: no longer than any.

    What is cut is told by a digest, so that two that differ stay different.
    """
    if len(text) <= MAX_KEY:
        return text
    return f"{text[: MAX_KEY // 2]}…{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def unique(values: Iterable[str]):
    """The non-empty ``values`` in their order, each once, as a tuple."""
    return tuple(dict.fromkeys(value for value in values if value))


def parse_amount(text, place):
    """The Decimal of an ISO 20022 amount: no sign but plus, 15 digits, 5 decimals.

    Raises `ParseError` ``amount``: NaN, Infinity, exponents and negative amounts
    are no amounts of ISO 20022 (ActiveOrHistoricCurrencyAndAmount).
    """
    if not (text.isascii() and _AMOUNT.fullmatch(text)):
        raise ParseError("amount", place, value=clean(text, 40))
    amount = Decimal(text)
    if not is_kept(amount):
        raise ParseError("amount_large", place, value=text)
    return amount


def is_kept(amount):
    """Whether Odoo keeps an amount to the cent, or to the decimals it is written with.

    It rounds floats, which goes wrong from the fifteenth digit on: 7556770995438.07
    becomes 7556770995438.08, and 999999999999999.99 grows by a unit.
    """
    decimals = max(2, -amount.normalize().as_tuple().exponent)
    return abs(amount).scaleb(decimals) < KEPT_CENTS


def parse_currency(text, place):
    """A three-letter currency code, or "" when there is none."""
    if text and not _CURRENCY.fullmatch(text):
        raise ParseError("currency", place, value=clean(text, 40))
    return text


def parse_date(text, place):
    """The day of an xs:date or xs:dateTime, as written; None for an empty text.

    The time zone is not applied: the bank's day is the day of its books.
    Raises `ParseError` ``date``.
    """
    if not text:
        return None
    match = _DATE.fullmatch(text) if text.isascii() else None
    try:
        day = datetime.date.fromisoformat(match.group(1)) if match else None
    except ValueError:
        day = None
    if day is None or not plausible(day):
        raise ParseError("date", place, value=clean(text, 40))
    return day


def plausible(day):
    """Whether a bank can have written this day: no 0001-01-01 place-holders."""
    return 1970 <= day.year <= 2200


def parse_iban(text):
    """An account number without blanks, in capitals."""
    return "".join(clean(text, 64).split()).upper()


def limit_texts(texts: Iterable[str]):
    """The different ``texts``, at most so many as a person would read."""
    return unique(texts)[:MAX_TEXTS]


def join_texts(texts: Iterable[str]):
    """The different ``texts`` as one that is no longer than any other."""
    return clean(" ".join(unique(texts)[:MAX_TEXTS]))
