"""The tables of which debits of the bank meet which credits of returns."""

from datetime import date

from ..models.statements import meeting_rules
from .common_tables import TablesCase

DAY = date(2026, 10, 5)


def credit(number=1, amount=10000, forms=(), people=(), **values):
    """An open credit of 100.00, told on the fifth."""
    defaults = {"entry_id": 1, "return_id": 1, "place": (1, 1), "day": DAY}
    sets = {"forms": frozenset(forms), "people": frozenset(people)}
    sets["keys"] = frozenset(values.pop("keys", ()))
    return meeting_rules.Credit(id=number, amount=amount, **defaults | sets | values)


def fees(number, shares=(), **values):
    """An open credit of what the bank took for some returns."""
    return credit(number, shares=frozenset(shares), **values)


def debit(number=1, amount=10000, people=(), **values):
    """A debit of 100.00, of the day after; a bank takes 5.00 for a return."""
    defaults = {"place": (1, 1), "text": "", "sure": False, "usual": 500}
    defaults |= {"day": DAY.replace(day=6), "people": frozenset(people)}
    for name in ("called", "meant", "numbers"):
        defaults[name] = frozenset(values.pop(name, ()))
    return meeting_rules.Debit(id=number, amount=amount, **defaults | values)


def say(found):
    """What each debit meets: the credits, or parts of them, and the fee if any."""
    return {
        id_: [
            each.id if amount == each.amount else f"{each.id}: {amount}"
            for each, amount in meeting.parts
        ]
        + ([f"fee {meeting.fee}"] if meeting.fee else [])
        for id_, meeting in sorted(found.items())
    }


class TestMeetingRules(TablesCase):
    """The examples of the module are as they are written."""

    def test_the_rules_of_meeting_are_as_their_tables_say(self):
        names = {f.__name__: f for f in (credit, debit, fees, say)}
        self.check_tables(meeting_rules, 12, DAY=DAY, **names)
