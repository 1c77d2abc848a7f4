"""How much of which reconciliation a returned amount undoes.

Plain arithmetic on one payment item at a time, free of the ORM: the ledger
asks, this answers. Amounts are in the payment's currency.

Part of a piece may be a discount that was granted for the money: it is taken back with
as much of the money.

What comes back is first the part of the payment that paid nothing yet, then the
pieces that paid an invoice: the ones the bank names first, then the one whose
amount is just what came back, then the latest. No piece is undone for more than
the amount returned.
"""

from dataclasses import dataclass


@dataclass(slots=True)
class Piece:
    """One partial reconciliation between a payment item and a debt.

    Or, with no key and no target, what of the payment item pays nothing.

    ``amount`` is what is still applied, and ``granted`` how much of it was a discount,
    no money; planning lowers both.
    """

    key: int
    target: int
    amount: float
    granted: float = 0.0

    @property
    def money(self):
        """What of it the bank can take back."""
        return self.amount - self.granted


@dataclass(frozen=True, slots=True)
class Undo:
    """``amount`` of the piece ``key`` is taken back, ``left`` stays applied.

    ``granted`` is how much of the amount was a discount.
    """

    key: int
    target: int
    amount: float
    left: float
    granted: float = 0.0


def plan_undo(returned, free, pieces, named, currency):
    """Say which pieces a return takes back, and for how much.

    :param returned: amount that came back
    :param free: ``Piece`` of the payment that pays nothing
    :param pieces: list of ``Piece``; what they and the free one are is lowered in
        place, so that the next return of the same payment starts from what is left
    :param named: set of targets (instalments) that the bank or a person named
    :param currency: the payment's currency record, for its rounding
    :return: list of ``Undo``
    """
    undos = []
    missing = _take(free, returned, currency, undos)
    for piece in sorted(pieces, key=lambda p: _rank(p, missing, named, currency)):
        missing = _take(piece, missing, currency, undos)
    return undos


def _take(piece, missing, currency, undos):
    """Take what is missing out of a piece, as far as it goes.

    :param undos: list of ``Undo``; extended
    :return: what is missing still
    """
    money = currency.round(min(missing, piece.money))
    if currency.compare_amounts(money, 0) <= 0:
        return missing
    granted = currency.round(piece.granted * (money / piece.money))
    amount = currency.round(money + granted)
    piece.amount = currency.round(piece.amount - amount)
    piece.granted = currency.round(piece.granted - granted)
    undos.append(Undo(piece.key, piece.target, amount, piece.amount, granted))
    return currency.round(missing - money)


def _rank(piece, missing, named, currency):
    return (
        piece.target not in named,
        bool(currency.compare_amounts(piece.money, missing)),
        -piece.key,
    )
