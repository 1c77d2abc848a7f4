"""Amounts, dates and codes as people and portals write them in lists."""

import datetime
import re
from decimal import Decimal
from typing import NamedTuple

from .base import ParseError, is_kept, plausible
from .headings import normalise

_CURRENCY = r"(?:[A-Z]{3}|€)"
_SIGNED = re.compile(
    rf"(?P<open>\( ?)?(?P<before>[-+−] ?)?(?P<c1>{_CURRENCY} ?)?(?P<between>[-+−] ?)?"
    rf"(?P<digits>[0-9](?:[0-9.,'’ ]*[0-9.,])?)"
    rf"(?P<c2> ?{_CURRENCY})?(?P<after> ?[-+−])?(?P<close> ?\))?"
)
# Thousands are grouped by threes, with one and the same mark, or not at all.
_DIGITS = {
    decimal: re.compile(
        rf"(?:[0-9]{{1,15}}"
        rf"|[1-9][0-9]{{0,2}}([{group}'’ ])[0-9]{{3}}(?:\1[0-9]{{3}}){{0,3}})"
        rf"(?:[{decimal}][0-9]{{1,5}})?"
    )
    for decimal, group in ((",", "."), (".", ","))
}
# Longer texts are neither amounts nor dates, whatever they begin with.
_LONGEST = 60
_DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_YEAR_FIRST = re.compile(
    r"([0-9]{4})(?:([/.-])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2}))"
)
_TIME = re.compile(
    r"[T ][0-9]{1,2}[:.][0-9]{2}([:.][0-9]{2})?(\.[0-9]+)?(Z|[+-][0-9]{2}:?[0-9]{2})?$"
)
# "25" is 2025; what two digits say of the last century is not guessed.
_TWO_DIGITS = range(70)
EPOCH_1900 = datetime.date(1899, 12, 30)
EPOCH_1904 = datetime.date(1904, 1, 1)
_EXCEL_DAYS = range(20_000, 80_000)
# What Excel shows for a formula that has no value, in English and Italian.
_ERRORS_TOLD = (
    "#N/A #N/D #REF! #RIF! #VALUE! #VALORE! #DIV/0! #NAME? #NOME? #NUM! #NULL! #NULLO! "
    "#SPILL! #ESPANSIONE! #CALC! #CALCOLO!"
)
_ERRORS = set(_ERRORS_TOLD.split())
# ISO 20022 codes, CBI's five digits, and ABI causali.
_CODE = re.compile(r"[A-Z]{2}\d{2}|[A-Z]{4}|\d{5}|\d{2}|Z\d|Z[A-Z]")
_CODE_AND_TEXT = re.compile(r"([A-Z]{2}\d{2}|\d{5})\s*[-:–. ]\s*(\D.*)")

# What portals write as outcome: words, ISO 20022 statuses, CBI causali (RiBa 300xx
# and 42010, RID 500xx, MAV 070xx, the accounting memos of their flows).
_OUTCOMES = {
    "return": "insoluto insoluta impagato impagata unpaid returned return protestato "
    "protestata stornato stornata reso resa 42010 50001 50003 50004 50007 50009 07010",
    "reject": "respinto respinta rifiutato rifiutata scartato scartata rejected rjct "
    "30006 30007 30009 50002 50006 07006",
    "recall": "richiamato richiamata recalled canc 30008 50008 07008",
    "accepted": "pagato pagata paid regolato regolata accettato accettata accepted "
    "accreditato accreditata eseguito eseguita incassato incassata settled "
    "accp acsp acsc actc acwc 30010 50010 07000 07011",
    "pending": "presentato presentata inviato inviata pending sent submitted pdng "
    "30000",
    "charges": "16000 37000",
}
OUTCOMES = {word: key for key, words in _OUTCOMES.items() for word in words.split()}
OUTCOMES |= {
    "non pagato": "return",
    "non pagata": "return",
    "not paid": "return",
    "in corso": "pending",
    "in lavorazione": "pending",
}
NOT_RETURNED = ("accepted", "pending", "charges", "not_return")
_REASON_CODE = re.compile(r"[A-Z]{2}\d{2}")


class CellError(str):
    """What a workbook holds in a cell whose formula has no value."""


def is_error(value):
    """Whether a cell shows an error of Excel, or a formula never computed."""
    return isinstance(value, CellError) or value in _ERRORS


class Number(NamedTuple):
    """An amount as read: ``values`` by the decimal separator assumed."""

    text: str
    values: dict
    currency: str = ""
    negative: bool = False

    def evidence(self):
        """The decimal separator that this amount proves, or ""."""
        plain = not re.search(r"[.,]", self.text)
        return "" if plain or len(self.values) != 1 else next(iter(self.values))


def read_number(value, place):
    """The `Number` in a cell, None for a blank one.

    "1.250,90", "1,250.90" and "250,90" have one reading.  "1.250" has two: it is
    1250 or 1.25, and only the other amounts of the list can tell (see `decide`).
    Raises `ParseError` ``row_amount``.
    """
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _from_excel(value, place)
    text = read_text(value)
    if not text:
        return None
    short = len(text) <= _LONGEST
    match = _SIGNED.fullmatch(text.replace("Eur", "EUR")) if short else None
    if not match or bool(match["open"]) != bool(match["close"]):
        raise ParseError("row_amount", place, value=text[:_LONGEST])
    values = {
        decimal: _to_decimal(match["digits"], decimal)
        for decimal, pattern in _DIGITS.items()
        if pattern.fullmatch(match["digits"])
    }
    signs = [match[name] for name in ("before", "between", "after") if match[name]]
    signs = [sign.strip() for sign in signs]
    currency = (match["c1"] or match["c2"] or "").strip()
    if not values or len(signs) > 1 or (match["c1"] and match["c2"]):
        raise ParseError("row_amount", place, value=text)
    negative = bool(match["open"]) or signs in (["-"], ["−"])
    return Number(text, values, currency.replace("€", "EUR"), negative)


def decide(number, evidence, place):
    """The positive Decimal of a `Number`; None for a blank cell or a zero.

    ``evidence`` are the decimal separators that the list proves: "1.250" is 1250 in a
    list that also says "90,50".  Three decimals are never guessed.  Raises
    `ParseError` ``row_amount_ambiguous`` when they do not settle it.
    """
    if number is None:
        return None
    values = set(number.values.values())
    if len(values) > 1 and len(evidence) == 1:
        values = {number.values[decimal] for decimal in evidence}
        values = {value for value in values if value == value.to_integral_value()}
    if len(values) != 1:
        raise ParseError("row_amount_ambiguous", place, value=number.text)
    value = values.pop()
    if not is_kept(value):
        raise ParseError("row_amount_large", place, value=number.text)
    return value or None


def read_day(value, place, epoch=EPOCH_1900):
    """The date in a cell: day first, ISO, or Excel's; None for a blank one.

    ``epoch`` is the day from which the workbook counts.  Raises `ParseError`
    ``row_date``; a month first is not guessed, nor a year out of the way.
    """
    if not isinstance(value, datetime.date):
        value = _day_from(value, place, epoch)
    if value is not None and not plausible(value):
        raise ParseError("row_date", place, value=value)
    return value


def read_text(value):
    """The text of a cell; texts are cleaned where rows are made, each once.

    Whole numbers lose Excel's decimals.
    """
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)


def read_reason(text):
    """(codes, text) of a reason: "AM04", "AM04 - Insufficient funds" or words."""
    if _CODE.fullmatch(text):
        return (text,), ""
    match = _CODE_AND_TEXT.fullmatch(text)
    return ((match[1],), match[2]) if match else ((), text)


def read_outcome(status, codes, place):
    """What a row tells: return, reject, recall, accepted, pending or charges.

    Its ``status`` cell tells, else the ``codes`` of its reason: 30010 there means
    paid.  Where both are blank, in a list of returns, it is one.
    Raises `ParseError` ``row_status``.
    """
    # No outcome is longer; and the first word of a longer text is in it.
    word = normalise(status[:_LONGEST])
    outcome = OUTCOMES.get(word)
    if not outcome:
        first = OUTCOMES.get(word.partition(" ")[0])
        # "Paid" with something added may be paid in part: not for us to say.
        outcome = first if first not in NOT_RETURNED else None
    if word and not outcome and not _REASON_CODE.fullmatch(status):
        raise ParseError("row_status", place, value=status[:_LONGEST])
    told = [OUTCOMES[code.lower()] for code in codes if code.lower() in OUTCOMES]
    return outcome or next(iter(told), "return")


def _from_excel(value, place):
    """A number cell: binary fractions are brought back to what Excel shows."""
    try:
        number = round(Decimal(repr(value) if isinstance(value, float) else value), 5)
        if not abs(number) < 10**15:
            raise ValueError
    except (ArithmeticError, ValueError):
        raise ParseError("row_amount", place, value=value) from None
    cents = round(number, 2)
    value = abs(cents if number == cents else number)
    return Number(str(value), {".": value}, negative=number < 0)


def _to_decimal(digits, decimal):
    whole, _, fraction = digits.partition(decimal)
    return Decimal(f"{re.sub(r'[^0-9]', '', whole)}.{fraction.ljust(2, '0')}")


def _day_from(value, place, epoch):
    if isinstance(value, int | float) and int(value) in _EXCEL_DAYS:
        return epoch + datetime.timedelta(days=int(value))
    text = read_text(value)
    if not text:
        return None
    plain = _TIME.sub("", text) if len(text) <= _LONGEST else ""
    try:
        return _day_of(plain)
    except ValueError:
        raise ParseError("row_date", place, value=text[:_LONGEST]) from None


def _day_of(text):
    """The date in a text; ValueError when there is none."""
    if match := _YEAR_FIRST.fullmatch(text):
        year, _mark, *parts = match.groups()
        return datetime.date(int(year), *(int(part) for part in parts if part))
    match = _DAY_FIRST.fullmatch(text)
    if not match:
        raise ValueError(text)
    day, _mark, month, year = match.groups()
    number = int(year)
    if len(year) == 2:
        if number not in _TWO_DIGITS:
            raise ValueError(text)
        number += 2000
    return datetime.date(number, int(month), int(day))
