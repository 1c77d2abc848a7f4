"""When two tax numbers are the same number, written differently."""

import re
import unicodedata

# Prefixes by which a number says its country; some write it, some leave it out.
PREFIXES = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CH",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "EL",
        "ES",
        "FI",
        "FR",
        "GB",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "NO",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "SM",
        "XI",
    ]
)
# An Italian person's code begins with letters of the name, which are no country.
PERSONAL_CODE = re.compile(r"[A-Z]{6}[A-Z0-9]{10}")
# Shorter ones say that there is none: "/", "NA", "0".
SHORTEST = 5


def normalise(number):
    """Return what makes a tax number the same as another, or False for none.

    >>> normalise(" it 012.345.678-97")
    '01234567897'
    >>> normalise("01234567897") == normalise("IT01234567897")
    True
    >>> normalise("rssmra80a01h501u")
    'RSSMRA80A01H501U'
    >>> normalise("/"), normalise("00000000000"), normalise("OO99999999999")
    (False, False, False)
    """
    text = unicodedata.normalize("NFKC", number or "").upper()
    key = "".join(char for char in text if char.isascii() and char.isalnum())
    if key[:2] in PREFIXES and not PERSONAL_CODE.fullmatch(key):
        key = key[2:]
    # One digit over and over is what is entered for who has no number.
    digits = {char for char in key if char.isdigit()}
    return key if len(key) >= SHORTEST and len(digits) > 1 else False
