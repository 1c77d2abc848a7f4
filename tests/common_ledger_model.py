"""What returns should make of the books, told again in cents and without the ORM.

A debt is paid by pieces of collections. Part of a piece may be a discount, which was
granted for the money and goes with it.
"""

from dataclasses import dataclass, field, replace


@dataclass(eq=False)
class Debt:
    """An instalment of an invoice: its total and what of it is open."""

    total: int
    open: int


def get_state(debts):
    """The payment state of the invoice of some debts."""
    is_open = sum(debt.open for debt in debts)
    if not is_open:
        return "paid"
    whole = sum(debt.total for debt in debts)
    return "not_paid" if is_open == whole else "partial"


@dataclass(eq=False)
class Piece:
    """What of a collection pays a debt, or pays nothing where there is no debt."""

    debt: Debt | None
    money: int
    granted: int = 0

    @property
    def amount(self):
        return self.money + self.granted

    def cut(self, money):
        """Take some of the money out of it, with as much of the discount.

        :return: the piece taken
        """
        granted = round(self.granted * money / self.money) if self.money else 0
        self.money -= money
        self.granted -= granted
        return replace(self, money=money, granted=granted)


@dataclass(eq=False)
class Collection:
    """Money that came in, by what it pays; the latest piece is the last one."""

    pieces: list
    is_rejected: bool = False

    @property
    def money(self):
        """What of it can come back."""
        return sum(piece.money for piece in self.pieces)

    @property
    def free(self):
        """What of it pays nothing, any discount included."""
        return sum(piece.amount for piece in self.pieces if not piece.debt)


@dataclass(eq=False)
class Returned:
    """What came back of one collection: the pieces that were taken from it."""

    collection: Collection
    pieces: list = field(default_factory=list)


def collect(pieces):
    """Apply what came in.

    :param pieces: list of ``Piece``
    """
    for piece in pieces:
        if piece.debt:
            piece.debt.open -= piece.amount
    return Collection(pieces)


def give_back(collection, amount):
    """Take back money: what pays nothing, the piece just as large, then the latest."""
    taken = take(collection, amount)
    collection.is_rejected = not collection.money
    return Returned(collection, taken)


def take(collection, amount):
    """Take money out of a collection, by hand or by a return.

    :return: the pieces taken
    """
    taken = []
    spare = [piece for piece in collection.pieces if not piece.debt]
    applied = [piece for piece in collection.pieces if piece.debt]
    missing = amount - min(amount, sum(piece.money for piece in spare))
    just = [piece for piece in applied if piece.money == missing]
    order = spare + just[::-1] + [p for p in applied[::-1] if p not in just]
    kept = []
    for piece in order:
        money = min(amount, piece.money)
        if not money:
            continue
        amount -= money
        part = piece.cut(money)
        taken.append(part)
        if part.debt:
            part.debt.open += part.amount
            kept.append(piece)
    # What is left of a piece is applied anew.
    collection.pieces = [p for p in collection.pieces if p not in kept] + kept
    tidy(collection)
    return taken


def take_off(collection):
    """A person says that a collection pays nothing."""
    for piece in collection.pieces:
        if piece.debt:
            piece.debt.open += piece.amount
        piece.debt = None
    tidy(collection)


def cancel(returned):
    """Put back what came back, as far as the debts are still open."""
    collection = returned.collection
    collection.is_rejected = False
    for taken in returned.pieces:
        restored = min(taken.amount, taken.debt.open) if taken.debt else 0
        granted = round(taken.granted * restored / taken.amount)
        rest = replace(
            taken,
            debt=None,
            money=taken.money - restored + granted,
            granted=taken.granted - granted,
        )
        if restored:
            taken.debt.open -= restored
            again = replace(taken, money=restored - granted, granted=granted)
            collection.pieces.append(again)
        collection.pieces.append(rest)
    tidy(collection)


def tidy(collection):
    """Forget pieces that are used up; what pays nothing is one piece."""
    spare = [piece for piece in collection.pieces if not piece.debt]
    whole = Piece(
        None, sum(piece.money for piece in spare), sum(p.granted for p in spare)
    )
    applied = [piece for piece in collection.pieces if piece.debt]
    collection.pieces = [piece for piece in (whole, *applied) if piece.amount]
