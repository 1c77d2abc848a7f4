"""Which open credits of returns a debit of the bank meets: the rules, free of the ORM.

A return in the books credits the outstanding account, by one item a collection and one
for the fees. The debit of the bank takes one of them, all that its text names, or of an
entry or of a return all collections, all fees, or both; with a collection, or alone, it
takes what of the fees was told for it. Amounts are whole numbers of the currency's
smallest unit.

The tables below are run as tests. In them ``debit()`` is one of 100.00 on the 6th, and
``credit()`` as much of a return told the day before.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

# A bank books what it has told within days; a month is for who enters by hand.
WINDOW = timedelta(days=30)
# What a bank may add to a debit for itself, as a share of what came back; and not more
# than so many usual fees, or than one for each of many collections.
FEE_SHARE = 0.2
FEE_COUNT = 5
# Shorter references may stand in any text.
SHORTEST = 5
# What begins alike and is as long is a number of one series; days are no numbers.
_SHORTEST_NUMBER = 9


@dataclass(frozen=True, slots=True)
class Credit:
    """An open item of a return's entry. ``forms`` are its references, in normal form.

    ``place`` is the bank and the currency: a debit meets only those of its own.
    ``people`` are ids of the customers whose collection it was, ``keys`` are of the
    collection, or for fees of all those of its return. ``told`` is the fee
    that was told with it, which is in the credit of fees whose id is ``purse``. Fees
    have ``shares``: what was told for each of their returns.
    """

    id: int
    entry_id: int
    return_id: int
    place: tuple
    amount: int
    day: date
    forms: frozenset
    people: frozenset
    keys: frozenset = frozenset()
    told: int = 0
    purse: int = 0
    shares: frozenset = frozenset()


@dataclass(frozen=True, slots=True)
class Debit:
    """A debit of the bank that waits; ``text`` is all that it says, letters only.

    ``people`` are ids of the customers that the bank names. ``called`` is what it calls
    the collection in a field of its own, in normal form, ``meant`` are keys of those of
    ours that it tells by a number of theirs, and ``numbers`` are those in its text.
    ``sure``: the payment that it takes back is known; ``likely``: there are some that
    it may take back. ``usual`` is what a bank takes for a return.
    """

    id: int
    place: tuple
    amount: int
    day: date
    text: str
    people: frozenset
    sure: bool
    likely: bool = False
    called: frozenset = frozenset()
    meant: frozenset = frozenset()
    numbers: frozenset = frozenset()
    usual: int = 0


@dataclass(frozen=True, slots=True)
class Meeting:
    """What a debit may meet, and how much of it is the bank's ``fee``: the least.

    ``parts`` are pairs of a credit and how much of it the debit takes. The fee is what
    is in none of them: nobody has told it.
    """

    debit: Debit
    parts: tuple
    fee: int
    named: bool
    rank: int

    @property
    def order(self):
        """A key to sort by: what fits best comes first, always in the same order."""
        days = abs((self.debit.day - self.parts[-1][0].day).days)
        ids = tuple(credit.id for credit, _amount in self.parts)
        return not self.named, self.fee, self.rank, days, self.debit.id, ids


def find(debits, credits):
    """Say what each debit meets, each credit once: dict from debit id to `Meeting`.

    What a reference names comes first, then what is one credit, then all of an entry or
    a return. A rest is the fee that was told; any other is one only of what the bank
    names, by reference or customer.

    >>> say(find([debit()], [credit()]))
    {1: [1]}
    >>> say(find([debit(amount=9000)], [credit()]))
    {}

    Of two debits of an amount one only meets one credit; a name goes before the day:

    >>> say(find([debit(), debit(2)], [credit()]))
    {1: [1]}
    >>> say(find([debit(), debit(2, text="E2E17")], [credit(forms=["E2E17"])]))
    {2: [1]}

    All that a text names, all of an entry, all of a return:

    >>> few = [credit(n, amount=5000, forms=["BATCH7"]) for n in (1, 2)]
    >>> other = credit(3, amount=2500, return_id=2, entry_id=2)
    >>> say(find([debit(text="BATCH7")], [*few, other]))
    {1: [1, 2]}
    >>> say(find([debit()], [*few, other]))
    {1: [1, 2]}

    With a fee, of what it names or of whom; a fifth at most:

    >>> named = {"text": "E2E17"}, {"people": [7]}
    >>> mine = [credit(forms=["E2E17"], people=[7])]
    >>> [say(find([debit(amount=10350, **by)], mine)) for by in named]
    [{1: [1, 'fee 350']}, {1: [1, 'fee 350']}]
    >>> say(find([debit(amount=10350)], mine))
    {}
    >>> say(find([debit(amount=12001, text="E2E17")], mine))
    {}

    No more than some usual ones, and where it was told no more than as much again:

    >>> big = [credit(amount=76860, forms=["E2E17"])]
    >>> [say(find([debit(amount=76860 + n, text="E2E17")], big)) for n in (2500, 2501)]
    [{1: [1, 'fee 2500']}, {}]
    >>> many = [credit(n, forms=["BATCH7"]) for n in range(1, 11)]
    >>> found = [
    ...     find([debit(amount=100000 + n, text="BATCH7")], many) for n in (5000, 5001)
    ... ]
    >>> [each[1].fee if each else None for each in found]
    [5000, None]
    >>> known = [credit(forms=["E2E17"], told=350, purse=9), fees(9, [350], amount=350)]
    >>> [say(find([debit(amount=n, text="E2E17")], known)) for n in (10700, 10701)]
    [{1: [1, 9, 'fee 350']}, {}]

    A fee that was told is in the books: a debit that carries it takes its share of it,
    whoever it is of, and leaves the rest to others. What is more is new:

    >>> two = [
    ...     credit(1, forms=["E2E17"], told=350, purse=9),
    ...     credit(2, amount=15000, told=350, purse=9),
    ...     fees(9, amount=700, shares=[350]),
    ... ]
    >>> say(find([debit(1, amount=10350), debit(2, amount=15350)], two))
    {1: [1, '9: 350'], 2: [2, '9: 350']}
    >>> say(find([debit(amount=10400, text="E2E17")], two))
    {1: [1, '9: 350', 'fee 50']}
    >>> say(find([debit(amount=10200, text="E2E17"), debit(2, amount=10200)], two))
    {1: [1, '9: 200']}

    The fees apart, in one debit or one by one, from the total of what came back:

    >>> say(find([debit(1, amount=25000), debit(2, amount=700)], two))
    {1: [1, 2], 2: [9]}
    >>> say(find([debit(number, amount=350) for number in (1, 2, 3)], two))
    {1: ['9: 350'], 2: ['9: 350']}
    >>> say(find([debit(amount=25700)], two))
    {1: [1, 2, 9]}

    So of a return of several entries, as those of a company and its branch:

    >>> branch = credit(3, entry_id=2, amount=6000, told=350, purse=8)
    >>> both = [*two, branch, fees(8, entry_id=2, amount=350, shares=[350])]
    >>> found = find([debit(1, amount=31000), debit(2, amount=1050)], both)
    >>> say(found)
    {1: [1, 2, 3], 2: [8, 9]}

    Never of another customer, but for what it names:

    >>> say(find([debit(people=[8])], mine))
    {}
    >>> say(find([debit(people=[8], text="E2E17")], mine))
    {1: [1]}

    What the bank calls it is a name, however short; in a text that may be anything:

    >>> short = [credit(forms=["2026"])]
    >>> say(find([debit(sure=True, called=["2026"])], short))
    {1: [1]}
    >>> say(find([debit(sure=True, text="2026")], short))
    {}

    A number of another collection is not of this one, whether it is known, or only of
    the same series; nor are fees of another return:

    >>> mine = [credit(keys=[1], forms=["2600000007"], people=[7])]
    >>> [say(find([debit(meant=m)], mine)) for m in ([2], [1], [1, 2])]
    [{}, {1: [1]}, {1: [1]}]
    >>> numbers = "2600000099", "2712345678", "26000000990"
    >>> [say(find([debit(numbers=[each])], mine)) for each in numbers]
    [{}, {1: [1]}, {1: [1]}]
    >>> [say(find([debit(meant=m)], [fees(1, keys=[1])])) for m in ([2], [1])]
    [{}, {1: [1]}]

    Whose payment is known is a return of its own, but for what it names; what may take
    one back carries no fee:

    >>> say(find([debit(sure=True)], [credit()]))
    {}
    >>> say(find([debit(sure=True, text="E2E17")], [credit(forms=["E2E17"])]))
    {1: [1]}
    >>> found = [find([debit(amount=n, likely=True)], mine) for n in (10000, 10350)]
    >>> list(map(say, found))
    [{1: [1]}, {}]

    Within a month, of the same bank and currency:

    >>> late = [debit(day=DAY + timedelta(days=days)) for days in (30, 31)]
    >>> [say(find([each], [credit(day=DAY)])) for each in late]
    [{1: [1]}, {}]
    >>> say(find([debit()], [credit(place=(2, 1))]))
    {}
    """
    credits = sorted(credits, key=lambda each: (each.day, each.id))
    by_place = {}
    for credit in credits:
        by_place.setdefault(credit.place, []).append(credit)
    meetings = [
        meeting
        for debit in debits
        for meeting in _get_meetings(debit, by_place.get(debit.place, ()))
    ]
    found, left = {}, {credit.id: credit.amount for credit in credits}
    for meeting in sorted(meetings, key=lambda each: each.order):
        is_free = all(amount <= left[credit.id] for credit, amount in meeting.parts)
        if meeting.debit.id not in found and is_free:
            found[meeting.debit.id] = meeting
            for credit, amount in meeting.parts:
                left[credit.id] -= amount
    return found


def _get_meetings(debit, credits):
    """What a debit may meet of the credits of its bank and currency, as `Meeting`."""
    near = [credit for credit in credits if abs(credit.day - debit.day) <= WINDOW]
    named = {credit.id for credit in near if _is_named(credit, debit)}
    purses = {credit.id: credit for credit in near if credit.shares}
    for rank, parts in _group(near, named):
        rest = debit.amount - _sum(parts)
        told = _get_told(parts, purses)
        is_named = bool(named) and named <= {credit.id for credit, _amount in parts}
        people = frozenset().union(*(credit.people for credit, _amount in parts))
        is_exact = rest in (0, _sum(told))
        parts = (*parts, *_cut(told, rest))
        fee = debit.amount - _sum(parts)
        if (
            _is_amount(debit, fee, _get_most(debit, parts))
            and (is_named or not _is_other(debit, parts))
            and _can_meet(debit, people, is_exact, is_named)
        ):
            yield Meeting(debit, parts, fee, is_named, rank)


def _group(credits, named):
    """What may be one debit, as pairs of a rank and parts."""
    together = [credit for credit in credits if credit.id in named]
    groups = [(0, together)] if len(together) > 1 else []
    groups += [(1, [credit]) for credit in credits]
    collections = [credit for credit in credits if not credit.shares]
    fees = [credit for credit in credits if credit.shares]
    for rank, key in ((2, _get_entry), (3, _get_return)):
        for some in (credits, collections, fees):
            groups += [(rank, found) for found in _group_by(key, some)]
    wholes = [(rank, [(each, each.amount) for each in found]) for rank, found in groups]
    # What of the fees was told for one return comes last.
    shares = [(each, share) for each in fees for share in sorted(each.shares)]
    return wholes + [(4, [(each, share)]) for each, share in shares]


def _group_by(key, credits):
    """What of some credits is several of an entry or a return."""
    by_key = defaultdict(list)
    for credit in credits:
        by_key[key(credit)].append(credit)
    return [found for found in by_key.values() if len(found) > 1]


def _get_entry(credit):
    return credit.entry_id


def _get_return(credit):
    return credit.return_id


def _sum(parts):
    return sum(amount for _credit, amount in parts)


def _get_told(parts, purses):
    """The fees that were told with what a debit takes, as far as they are open.

    :param purses: dict from id to the credit of fees
    :return: parts, none of those that it takes anyway
    """
    told = defaultdict(int)
    taken = {credit.id for credit, _amount in parts}
    for credit, _amount in parts:
        if credit.purse in purses and credit.purse not in taken:
            told[credit.purse] += credit.told
    return [(purses[id_], min(told[id_], purses[id_].amount)) for id_ in told]


def _cut(parts, amount):
    """As much of some parts as an amount is, from the first on."""
    for credit, whole in parts:
        taken = min(whole, amount)
        if taken > 0:
            amount -= taken
            yield credit, taken


def _is_amount(debit, fee, most):
    """Whether what is left of a debit is nothing, or may be a fee."""
    return 0 <= fee <= min((debit.amount - fee) * FEE_SHARE, most)


def _get_most(debit, parts):
    """The largest fee that nobody needs to look at: as much again as was told."""
    told = sum(credit.told for credit, _amount in parts)
    return told or max(len(parts), FEE_COUNT) * debit.usual


def _is_other(debit, parts):
    """Whether the debit tells a number, of ours or like ours, that is of none of it."""
    keys = frozenset().union(*(credit.keys for credit, _amount in parts))
    if debit.meant and keys:
        return debit.meant.isdisjoint(keys)
    forms = frozenset().union(*(credit.forms for credit, _amount in parts))
    others = debit.numbers - forms
    return any(_is_like(number, form) for number in others for form in forms)


def _is_like(number, form):
    """Whether two numbers are of one series: as long, and half of them the same."""
    half = len(form) // 2
    return (
        form.isdigit()
        and len(number) == len(form) >= _SHORTEST_NUMBER
        and number[:half] == form[:half]
    )


def _can_meet(debit, people, is_exact, is_named):
    """Whether nothing says that the debit is of somebody or something else.

    :param people: the customers of the credits
    :param is_exact: whether it has no rest, or the one that was told
    """
    if is_named:
        return True
    if debit.sure or (debit.people and people and debit.people.isdisjoint(people)):
        return False
    return is_exact or not (debit.likely or debit.people.isdisjoint(people))


def _is_named(credit, debit):
    return not debit.called.isdisjoint(credit.forms) or any(
        len(form) >= SHORTEST and form in debit.text for form in credit.forms
    )
