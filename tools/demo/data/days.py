"""Days on which banks work."""

from dataclasses import dataclass
from datetime import date, timedelta

ONE = timedelta(days=1)
SATURDAY = 5


def working_day(day):
    """A day itself, or the first working day after it."""
    return next_working_day(day - ONE)


def next_working_day(day):
    """The first working day after one."""
    day += ONE
    while day.weekday() >= SATURDAY:
        day += ONE
    return day


def last_working_day(day):
    """The last working day before one."""
    day -= ONE
    while day.weekday() >= SATURDAY:
        day -= ONE
    return day


@dataclass(frozen=True, slots=True)
class Days:
    """The days of the story: the bank's last return comes the day before today."""

    sent: date
    settled: date

    @classmethod
    def ending_before(cls, today):
        """The story whose last return is of the working day before today."""
        settled = last_working_day(last_working_day(last_working_day(today)))
        return cls(last_working_day(settled), settled)

    @classmethod
    def starting_on(cls, sent):
        """The story of collections sent on a day."""
        return cls(sent, next_working_day(sent))

    @property
    def last(self):
        """The day of the last return: two working days after the settlement."""
        return next_working_day(next_working_day(self.settled))
