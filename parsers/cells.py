"""Amounts, dates and codes as people and portals write them in lists."""

import datetime
import re
from decimal import Decimal
from typing import NamedTuple

from .base import ParseError, clean, plausible
from .headings import normalise

_CURRENCY = r"(?:[A-Z]{3}|€)"
_SIGNED = re.compile(
    rf"(?P<open>\()?(?P<before>[-+−])?(?P<c1>{_CURRENCY})?(?P<between>[-+−])?"
    rf"(?P<digits>[0-9][0-9.,'’]*)(?P<c2>{_CURRENCY})?(?P<after>[-+−])?(?P<close>\))?"
)
_DIGITS = {
    decimal: re.compile(
        rf"(?:\d{{1,15}}|[1-9]\d{{0,2}}(?:[{group}'’]\d{{3}}){{1,4}})"
        rf"(?:[{decimal}]\d{{1,5}})?"
    )
    for decimal, group in ((",", "."), (".", ","))
}
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-]?(\d{1,2})[/.-]?(\d{1,2})")
_TIME = re.compile(r"[T ]\d{1,2}[:.]\d\d([:.]\d\d)?(\.\d+)?Z?$")
_EXCEL_EPOCH = datetime.date(1899, 12, 30)
_EXCEL_DAYS = range(20_000, 80_000)
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
NOT_RETURNED = ("accepted", "pending", "charges")
_REASON_CODE = re.compile(r"[A-Z]{2}\d{2}")


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
    text = clean(str(value if value is not None else ""), 60)
    if not text:
        return None
    match = _SIGNED.fullmatch(text.replace(" ", "").replace("Eur", "EUR"))
    if not match or bool(match["open"]) != bool(match["close"]):
        raise ParseError("row_amount", place, value=text)
    values = {
        decimal: _to_decimal(match["digits"], decimal)
        for decimal, pattern in _DIGITS.items()
        if pattern.fullmatch(match["digits"])
    }
    signs = [match[name] for name in ("before", "between", "after") if match[name]]
    currency = match["c1"] or match["c2"] or ""
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
    return values.pop() or None


def read_day(value, place):
    """The date in a cell: day first, ISO, or Excel's; None for a blank one.

    Raises `ParseError` ``row_date``; a month first is not guessed.
    """
    if isinstance(value, datetime.datetime):
        value = value.date()
    if not isinstance(value, datetime.date):
        value = _day_from(value, place)
    if value is not None and not plausible(value):
        raise ParseError("row_date", place, value=value)
    return value


def read_text(value):
    """The cleaned text of a cell; whole numbers lose Excel's decimals."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, datetime.datetime):
        value = value.date()
    return clean(str(value))


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
    word = normalise(status)
    outcome = OUTCOMES.get(word)
    if not outcome:
        first = OUTCOMES.get(word.partition(" ")[0])
        # "Paid" with something added may be paid in part: not for us to say.
        outcome = first if first not in NOT_RETURNED else None
    if word and not outcome and not _REASON_CODE.fullmatch(status):
        raise ParseError("row_status", place, value=status)
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


def _day_from(value, place):
    if isinstance(value, int | float) and int(value) in _EXCEL_DAYS:
        return _EXCEL_EPOCH + datetime.timedelta(days=int(value))
    text = clean(str(value if value is not None else ""), 60)
    if not text:
        return None
    plain = _TIME.sub("", text)
    day_first, year_first = _DAY_FIRST.fullmatch(plain), _YEAR_FIRST.fullmatch(plain)
    try:
        if year_first:
            return datetime.date(*map(int, year_first.groups()))
        day, month, year = map(int, day_first.groups()) if day_first else (0, 0, 0)
        return datetime.date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        raise ParseError("row_date", place, value=text) from None
