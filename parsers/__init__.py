"""Bank files of returned collections, read without a database.

`parse` is the only way in; it gives frozen values or raises `ParseError`, and a file
is all or nothing.  Nothing here imports `odoo`.
"""

from .base import (
    MESSAGES,
    IgnoredEntry,
    ParseError,
    ReturnDocument,
    ReturnedPayment,
)
from .marks import Mark
from .reader import parse
from .variant import Code, Variant

__all__ = [
    "MESSAGES",
    "Code",
    "IgnoredEntry",
    "Mark",
    "ParseError",
    "ReturnDocument",
    "ReturnedPayment",
    "Variant",
    "parse",
]
