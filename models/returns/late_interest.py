"""Interest on a debt that is paid late, by the law on commercial transactions.

D.Lgs. 231/2002, by which Italy follows the Directive 2011/7/EU:

- It runs from the day after the term, without any reminder (art. 4 c. 1), on all that
  had to be paid by then, taxes included (art. 2; Directive, art. 2 no. 8).
- It is simple, day by day: the reference rate plus eight points (art. 2). The rate in
  force on 1 January is that of the delay in the first half of a year, the one of 1 July
  that of the second (art. 5 c. 2).

A year has 365 days, also a leap year. What is paid on a day was still owed on it.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

DAY = timedelta(days=1)
# Days of a year, of a rate in percent.
DIVISOR = 365 * 100


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days, both ends included, on which one amount was owed at one rate.

    ``rate`` is percent a year, or None where nobody knows it.
    """

    first: date
    last: date
    amount: Decimal
    rate: Decimal | None

    @property
    def days(self):
        """How many days these are."""
        return (self.last - self.first).days + 1

    @property
    def is_blank(self):
        """Whether nobody knows the rate."""
        return self.rate is None

    @property
    def interest(self):
        """What the law gives for them, not rounded; nothing without a rate."""
        return self.amount * (self.rate or 0) * self.days / DIVISOR


def get_half_year(day):
    """Return the first day of the half-year of a day.

    >>> str(get_half_year(date(2024, 6, 30))), str(get_half_year(date(2024, 7, 1)))
    ('2024-01-01', '2024-07-01')
    """
    return date(day.year, 7 if day.month > 6 else 1, 1)


def get_half_year_end(day):
    """Return the last day of the half-year of a day.

    >>> [str(get_half_year_end(date(2024, month, 30))) for month in (6, 7)]
    ['2024-06-30', '2024-12-31']
    """
    return date(day.year, 12, 31) if day.month > 6 else date(day.year, 6, 30)


def find_stretches(due, until, amount, credits, rates):
    """Return the stretches of a debt from the day after its term.

    1,000.00 due on 30 May 2024, of which 400.00 were paid on 10 July:

    >>> rates = {date(2024, 1, 1): Decimal("12.5"), date(2024, 7, 1): Decimal("12.25")}
    >>> stretches = find_stretches(
    ...     date(2024, 5, 30),
    ...     date(2024, 7, 20),
    ...     Decimal(1000),
    ...     [(date(2024, 7, 10), Decimal(400))],
    ...     rates,
    ... )
    >>> for each in stretches:
    ...     print(each.first, each.last, each.days, each.amount, each.rate)
    2024-05-31 2024-06-30 31 1000 12.5
    2024-07-01 2024-07-10 10 1000 12.25
    2024-07-11 2024-07-20 10 600 12.25

    :param date due: the last day to pay it in time
    :param date until: the last day that is asked about
    :param Decimal amount: what had to be paid
    :param credits: pairs of a day and how much of it was paid, or went, on that day
    :param dict rates: percent a year, by the first day of a half-year
    """
    ends = {day for day, _paid in credits if due < day < until}
    end = get_half_year_end(due + DAY)
    while end < until:
        ends.add(end)
        end = get_half_year_end(end + DAY)
    found, first = [], due + DAY
    for last in sorted(ends | {until}):
        owed = amount - sum(paid for day, paid in credits if day < first)
        if owed > 0 and first <= last:
            rate = rates.get(get_half_year(first))
            found.append(Stretch(first, last, owed, rate))
        first = last + DAY
    return found
