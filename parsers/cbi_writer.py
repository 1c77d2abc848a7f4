"""Writing a presentation of Ri.Ba. in CBI's fixed width: what a bank is to collect.

Source: CBI-RIB-001 6.02, chapter 2.  Header and trailer are those that the reader
knows; the records of a receipt keep their fields elsewhere in a presentation than in an
outcome.  Flags that the standard leaves to an agreement with the bank stay blank.
"""

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from .cbi_layout import END, HEADER, RIBA, TRAILER, WIDTH
from .cbi_records import read_day

LINE_END = "\r\n"
# The causale of what we present, the code of a debtor, and the euro.
PRESENTED, OWN_CODE, EURO = "30000", "4", "E"

# Header and trailer name the currency too.
FLOW_CURRENCY = (114, 114)
RECEIPT = {
    "14": {
        "due_date": (23, 28),
        "causale": (29, 33),
        "amount": (34, 46),
        "sign": (47, 47),
        "our_abi": (48, 52),
        "our_cab": (53, 57),
        "our_account": (58, 69),
        "abi": (70, 74),
        "cab": (75, 79),
        "sia": (92, 96),
        "code_type": (97, 97),
        "customer_code": (98, 113),
        "currency": (120, 120),
    },
    "20": {
        "creditor": (11, 34),
        "creditor_street": (35, 58),
        "creditor_town": (59, 82),
        "creditor_tax_code": (83, 106),
    },
    "30": {"name": (11, 70), "tax_code": (71, 86)},
    "40": {
        "street": (11, 40),
        "zip": (41, 45),
        "city": (46, 68),
        "province": (69, 70),
        "bank": (71, 120),
    },
    "50": {"text": (11, 90), "creditor_tax_code": (101, 116)},
    "51": {"number": (11, 20), "creditor": (21, 40)},
    "70": {},
}
NUMBER = (4, 10)


def _get_largest(position):
    """The largest amount that a field of digits tells: its last two are cents."""
    first, last = position
    return Decimal(10 ** (last - first + 1) - 1).scaleb(-2)


# The most that one receipt may be of, and all receipts of a file.
LARGEST_AMOUNT = _get_largest(RECEIPT["14"]["amount"])
LARGEST_TOTAL = _get_largest(END["negative"])
# How many characters the text about the debt may have.
TEXT_LENGTH = RECEIPT["50"]["text"][1] - RECEIPT["50"]["text"][0] + 1

# What a bank's programs are sure to read; anything else is written in these.
_KNOWN = frozenset(" ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,-/'()+:?&*%")
_SPELT = str.maketrans(
    {
        **{"Æ": "AE", "Œ": "OE", "Ø": "O", "Ł": "L", "Đ": "D", "Ð": "D", "Þ": "TH"},
        **{"ẞ": "SS", "€": "EUR", "$": "USD", "£": "GBP", "@": "(AT)", "°": "."},
        **{"º": ".", "ª": ".", "’": "'", "‘": "'", "`": "'", "´": "'", '"': "'"},
        **{"“": "'", "”": "'", "«": "'", "»": "'", "–": "-", "—": "-", "_": "-"},
        **{"[": "(", "]": ")", "{": "(", "}": ")", ";": ",", "\\": "/", "|": "/"},
        **dict.fromkeys("\t\r\n", " "),
    }
)


@dataclass(frozen=True, slots=True)
class Creditor:
    """Who presents, and the account at the bank that collects for it."""

    name: str
    street: str
    town: str
    tax_code: str
    sia: str
    abi: str
    cab: str
    account: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """One receipt: what a debtor is asked to pay, when and at which bank."""

    number: str
    amount: Decimal
    due_date: date
    abi: str
    cab: str
    name: str
    tax_code: str
    street: str
    zip: str
    city: str
    province: str = ""
    bank: str = ""
    text: str = ""
    customer_code: str = ""


@dataclass(slots=True)
class _Record:
    """The 120 characters of a record, filled in by positions that count from 1."""

    type: str
    characters: list = field(default_factory=lambda: [" "] * WIDTH)

    def __post_init__(self):
        self.put((2, 3), self.type)

    def put(self, position, text):
        """Write a text, cut where its field ends."""
        first, last = position
        text = clean_text(text)[: last - first + 1]
        self.characters[first - 1 : first - 1 + len(text)] = text

    def put_number(self, position, number):
        """Write a number with zeros before it.

        Raises `ValueError` where it is none, or too long: cut, it would be another.
        """
        first, last = position
        text = str(number)
        if not (text.isascii() and text.isdigit()) or len(text) > last - first + 1:
            raise ValueError(f"{number!r} is no number of {last - first + 1} digits")
        self.put(position, text.zfill(last - first + 1))

    def __str__(self):
        return "".join(self.characters)


def clean_text(text):
    """A text in capitals, in the characters that every bank reads; it never fails.

    >>> clean_text("Società Öl & Søn, n° 5 «Łódź» – Straße")
    "SOCIETA OL & SON, N. 5 'LODZ' - STRASSE"
    >>> clean_text("中 \\x00x")
    '? ?X'
    """
    text = (text or "").upper().translate(_SPELT)
    found = unicodedata.normalize("NFKD", text)
    found = "".join(each for each in found if not unicodedata.combining(each))
    return "".join(each if each in _KNOWN else "?" for each in found.upper())


def join_documents(documents):
    """What a receipt is for, in the room that there is: days go before numbers.

    :param documents: pairs of the number of an invoice and its day

    >>> day = date(2026, 8, 31)
    >>> join_documents([("FV/1", day), ("FV/2", day)])
    'FATT. FV/1 DEL 31/08/2026, FV/2 DEL 31/08/2026'
    >>> join_documents([(f"INV/2026/{n:05}", day) for n in range(4)])
    'FATT. INV/2026/00000, INV/2026/00001, INV/2026/00002, INV/2026/00003'
    >>> join_documents([(f"INV/2026/{n:05}", day) for n in range(9)])
    'FATT. INV/2026/00000, INV/2026/00001, INV/2026/00002, INV/2026/00003 E ALTRE 5'
    """
    whole = [f"{name} DEL {day:%d/%m/%Y}" for name, day in documents]
    names = [name for name, _day in documents]
    for told in (whole, names):
        text = f"FATT. {', '.join(told)}"
        if len(clean_text(text)) <= TEXT_LENGTH:
            return text
    for count in range(len(names) - 1, 0, -1):
        rest = len(names) - count
        text = f"FATT. {', '.join(names[:count])} E ALTRE {rest}"
        if len(clean_text(text)) <= TEXT_LENGTH:
            return text
    return f"FATT. {names[0]}"[:TEXT_LENGTH]


def write_riba(creditor, receipts, created, support):
    """The bytes of a file of one flow that presents receipts.

    Raises `ValueError` for codes that are none, and for amounts and days that the
    digits of the file do not tell.

    :param creditor: `Creditor`
    :param receipts: list of `Receipt`
    :param date created: the day of the flow
    :param support: what the flow is called: unique for the day, at most 20 characters
    """
    lines = [_write_end(RIBA, HEADER, creditor, created, support)]
    for number, receipt in enumerate(receipts, 1):
        lines += _write_receipt(creditor, receipt, number)
    trailer = _write_end(TRAILER, END, creditor, created, support)
    trailer.put_number(END["count"], len(receipts))
    trailer.put_number(END["negative"], sum(_get_cents(each) for each in receipts))
    trailer.put_number(END["positive"], 0)
    trailer.put_number(END["records"], len(lines) + 1)
    text = LINE_END.join(map(str, [*lines, trailer])) + LINE_END
    return text.encode("ascii")


def _write_end(type_, fields, creditor, created, support):
    """The header or the trailer: we are the sender, the bank receives."""
    record = _Record(type_)
    record.put(fields["sender"], creditor.sia)
    record.put_number(fields["recipient"], creditor.abi)
    record.put(fields["created"], _write_day(created))
    record.put(fields["support"], support)
    record.put(FLOW_CURRENCY, EURO)
    return record


def _write_receipt(creditor, receipt, number):
    """The seven records of a receipt, which share its number in the flow."""
    texts, numbers = _get_texts(creditor, receipt), _get_numbers(creditor, receipt)
    records = []
    for type_, fields in RECEIPT.items():
        record = _Record(type_)
        record.put_number(NUMBER, number)
        for name, position in fields.items():
            if name in numbers:
                record.put_number(position, numbers[name])
            else:
                record.put(position, texts[name])
        records.append(record)
    return records


def _get_texts(creditor, receipt):
    """What is written from the left, by name of the field."""
    return {
        "due_date": _write_day(receipt.due_date),
        "causale": PRESENTED,
        "sign": "-",
        "our_account": creditor.account,
        "sia": creditor.sia,
        "code_type": OWN_CODE,
        "customer_code": receipt.customer_code,
        "currency": EURO,
        "creditor": creditor.name,
        "creditor_street": creditor.street,
        "creditor_town": creditor.town,
        "creditor_tax_code": creditor.tax_code,
        "name": receipt.name,
        "tax_code": receipt.tax_code,
        "street": receipt.street,
        "city": receipt.city,
        "province": receipt.province,
        "bank": receipt.bank,
        "text": receipt.text,
    }


def _get_numbers(creditor, receipt):
    """What is written from the right with zeros before it, by name of the field."""
    return {
        "amount": _get_cents(receipt),
        "our_abi": creditor.abi,
        "our_cab": creditor.cab,
        "abi": receipt.abi,
        "cab": receipt.cab,
        "zip": receipt.zip,
        "number": receipt.number,
    }


def _get_cents(receipt):
    return int(receipt.amount.scaleb(2).to_integral_value())


def _write_day(day):
    """Six digits; a reader of the two of the year must come to the same day."""
    text = f"{day:%d%m%y}"
    if read_day(text) != day:
        raise ValueError(f"{day} is no day that {text} tells")
    return text
