"""The IBAN of an Italian account of which a file tells the parts."""

# Values of the control letter (CIN): of odd positions, as the BBAN counts them.
# Source: ABI, control character of the bank coordinates; the same table as in the
# Italian tax code (D.M. 23/12/1976).
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10)
_ODD += (22, 25, 24, 23)
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
    bban = _get_cin(bban) + bban
    return f"IT{98 - _get_number(f'{bban}IT00') % 97:02}{bban}"


def _get_cin(bban):
    values = [int(char, 36) - (10 if char.isalpha() else 0) for char in bban]
    total = sum(
        value if position % 2 else _ODD[value] for position, value in enumerate(values)
    )
    return chr(ord("A") + total % 26)


def _get_number(text):
    """The number that ISO 13616 divides by 97: letters are two digits."""
    return int("".join(str(int(char, 36)) for char in text))
