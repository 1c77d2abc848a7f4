"""How much of which reconciliation a returned amount undoes.

Plain arithmetic on one payment item at a time, free of the ORM: the ledger
asks, this answers. Amounts are in the payment's currency.

What comes back is first the part of the payment that paid nothing yet, then the
pieces that paid an invoice: the ones the bank names first, then the one whose
amount is just what came back, then the latest. No piece is undone for more than
the amount returned.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Piece:
    """One partial reconciliation between a payment item and a debt.

    ``amount`` is what is still applied; planning lowers it.
    """

    key: int
    target: int
    amount: float


@dataclass(frozen=True, slots=True)
class Undo:
    """``amount`` of the piece ``key`` is taken back, ``left`` stays applied."""

    key: int
    target: int
    amount: float
    left: float


def plan_undo(returned, free, pieces, named, currency):
    """Say which pieces a return takes back, and for how much.

    :param returned: amount that came back
    :param free: amount of the payment that pays nothing
    :param pieces: list of ``Piece``; their ``amount`` is lowered in place, so that
        the next return of the same payment starts from what is left
    :param named: set of targets (instalments) that the bank or a person named
    :param currency: the payment's currency record, for its rounding
    :return: (list of ``Undo``, free amount taken)
    """
    taken_free = min(returned, free) if currency.compare_amounts(free, 0) > 0 else 0.0
    missing = currency.round(returned - taken_free)
    undos = []
    for piece in sorted(pieces, key=lambda p: _rank(p, missing, named, currency)):
        if currency.compare_amounts(missing, 0) <= 0:
            break
        if currency.is_zero(piece.amount):
            continue
        amount = currency.round(min(missing, piece.amount))
        piece.amount = currency.round(piece.amount - amount)
        missing = currency.round(missing - amount)
        undos.append(Undo(piece.key, piece.target, amount, piece.amount))
    return undos, taken_free


def _rank(piece, missing, named, currency):
    return (
        piece.target not in named,
        bool(currency.compare_amounts(piece.amount, missing)),
        -piece.key,
    )
