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
from .reader import parse

__all__ = [
    "MESSAGES",
    "IgnoredEntry",
    "ParseError",
    "ReturnDocument",
    "ReturnedPayment",
    "parse",
]
