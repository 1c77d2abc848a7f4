"""How much of everything one file may hold, in all of its parts together.

An archive is read within the allowance of one file, however many members it has: the
work grows with what is counted here and with the bytes, and the bytes are limited too.
"""

from .base import MAX_DOCUMENTS, THE_FILE, ParseError

# What is counted: how many there may be, and which refusal says so.
LIMITS = {
    "tags": (2_000_000, "too_many_tags"),
    "held": (400_000, "too_much_held"),
    "transactions": (60_000, "too_many_transactions"),
    "returns": (20_000, "too_many_returns"),
    "documents": (MAX_DOCUMENTS, "too_many_documents"),
    "reasons": (500, "too_many_reasons"),
    "rows": (20_000, "too_many_rows"),
    "cells": (500_000, "too_many_cells"),
    "characters": (10_000_000, "too_much_text"),
}
CODES = {code for _limit, code in LIMITS.values()}


class Allowance:
    """What is left for the rest of the file."""

    def __init__(self):
        self._left = {kind: limit for kind, (limit, _code) in LIMITS.items()}
        self._reasons = set()

    def take(self, kind, count=1):
        """Count ``count`` more of a ``kind``.

        Raises the kind's `ParseError`: of the whole file, also inside an archive.
        """
        self.check(kind, count)
        self._left[kind] -= count

    def check(self, kind, count):
        """Refuse ``count`` of a ``kind`` when so many are not left, and keep them."""
        if count > self._left[kind]:
            limit, code = LIMITS[kind]
            raise ParseError(code, THE_FILE, limit=limit)

    def take_codes(self, codes):
        """Count the codes of reasons that were not met before."""
        for code in codes:
            if code not in self._reasons:
                self._reasons.add(code)
                self.take("reasons")
