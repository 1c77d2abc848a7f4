"""How payment terms compare, whatever they are called."""

from datetime import date
from typing import NamedTuple

from odoo.tools import float_compare

# The middle of a long month: terms that run to the end of the month get their average.
REFERENCE_DATE = date(2025, 1, 16)


class TermRank(NamedTuple):
    """How good terms are for the customer, and so how bad for us.

    :param latest: days to the last instalment
    :param average: days to the instalments, each weighing as much as its amount
    :param discount: percentage given up for an early payment
    """

    latest: int = 0
    average: float = 0.0
    discount: float = 0.0

    def is_worse_than(self, other, days=0):
        """Say whether these terms are worse for us by any of the three measures.

        :param TermRank other: what they are compared with
        :param int days: by how many days they may be longer all the same
        """
        return (
            self.latest > other.latest + days
            or float_compare(self.average, other.average + days, precision_digits=2) > 0
            or float_compare(self.discount, other.discount, precision_digits=2) > 0
        )
