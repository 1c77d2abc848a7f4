"""The one normal form of references, in Python and in SQL: what is stored and what a
bank tells are compared in it.

Banks, portals and people write the same reference in other case, with blanks, dashes or
slashes put in or left out, with leading zeros, or inside quotation marks (``="0123"``).
None of that tells two references apart; where it does, `same` is the letter.

>>> normal("inv 2026-00012"), normal('="0000000123"'), normal("RF18 5390 0754 7034")
('INV202600012', '123', 'RF18539007547034')
"""

import re
from functools import lru_cache

# Blanks, punctuation and control characters: the ASCII ones, and those that people and
# their programs put in their place. PostgreSQL reads the same escapes.
_NOISE = (
    r"[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00a0\u00ad\u2000-\u206f"
    r"\u3000\ufeff]+"
)
_ZEROS = r"^0+(?=[0-9]+$)"
# No reference of a bank is longer (ISO 20022: Max140Text); an index row has its limit.
_LENGTH = 140
# Each reference of a file is asked for some forty times: by every rule, on both sides.
# A file of a thousand returns has some eight thousand of them.
_KEPT = 1 << 14

# {} is a column. Immutable: an index can be made of it.
_LETTERS = f"upper(regexp_replace({{}} COLLATE \"C\", '{_NOISE}', '', 'g'))"
_SQL = f"left(regexp_replace({_LETTERS}, '{_ZEROS}', ''), {_LENGTH})"

_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_noise = re.compile(_NOISE)
_zeros = re.compile(_ZEROS)


@lru_cache(maxsize=_KEPT)
def normal(text):
    """The normal form of a reference: capitals and digits, no leading zeros."""
    return _zeros.sub("", letters(text))[:_LENGTH]


def normal_sql(column):
    """The same as SQL, for an index and for the query that is to use it.

    :param column: name of a column, with its table's alias or without
    """
    return _SQL.format(column)


def letters_sql(column):
    """The same as SQL.

    :param column: as for `normal_sql`
    """
    return _LETTERS.format(column)


def letters(text):
    """The letters of a text, in which a normal form may be looked for."""
    return _noise.sub("", text or "").translate(_UPPER)


def same(text):
    """A reference letter by letter, but for blanks around and a number's zeros."""
    text = (text or "").strip()
    return (text.lstrip("0") or text) if text.isdigit() else text
