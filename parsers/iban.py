"""The IBAN of an Italian account of which a file tells the parts."""

from stdnum.iso7064 import mod_97_10
from stdnum.it import codicefiscale

# Bank (ABI), branch (CAB), account.
_LENGTHS = (5, 5, 12)


def make_italian_iban(abi, cab, account):
    """The IBAN of an account at a bank (ABI) and branch (CAB); "" if they are none.

    The account may lack the zeros before it, and may have letters.
    """
    parts = (abi, cab, account.upper())
    if not all(part.isascii() and part.isalnum() for part in parts):
        return ""
    filled = [
        part.rjust(length, "0") for part, length in zip(parts, _LENGTHS, strict=True)
    ]
    if not (abi.isdigit() and cab.isdigit()) or sum(map(len, filled)) != sum(_LENGTHS):
        return ""
    bban = "".join(filled)
    # The control letter (CIN) is made as that of the Italian tax code.
    bban = codicefiscale.calc_check_digit(bban) + bban
    return f"IT{mod_97_10.calc_check_digits(f'{bban}IT')}{bban}"


def get_abi(iban):
    """The bank (ABI) in an account number that looks like an Italian IBAN; else "".

    :param iban: without blanks
    """
    is_italian = iban[:2] in ("IT", "SM") and len(iban) == 27
    return iban[5:10] if is_italian else ""


def split_italian_iban(iban):
    """The bank (ABI), branch (CAB) and account of an Italian IBAN; None if it is none.

    Those of San Marino are made alike, and its banks have an ABI.

    >>> split_italian_iban("IT60 X054 2811 1010 0000 0123 456")
    ('05428', '11101', '000000123456')
    >>> split_italian_iban("IT61 X054 2811 1010 0000 0123 456")
    """
    iban = "".join((iban or "").split()).upper()
    if not (iban.isascii() and iban.isalnum()):
        return None
    abi, cab, account = get_abi(iban), iban[10:15], iban[15:]
    if not (abi.isdigit() and cab.isdigit()) or not mod_97_10.is_valid(
        iban[4:] + iban[:4]
    ):
        return None
    return abi, cab, account
