"""All the reasons to hold an order, in the order in which they are asked."""

from ... import said
from .base import HoldReason
from .level import HoldReasonLevel
from .limit import HoldReasonLimit
from .shipping import HoldReasonShipping
from .terms import HoldReasonTerms
from .web import HoldReasonWeb

# The credit limit comes last: only orders that pass the others use it up.
REASONS = (
    HoldReasonLevel(),
    HoldReasonWeb(),
    HoldReasonShipping(),
    HoldReasonTerms(),
    HoldReasonLimit(),
)
REASON_BY_CODE = {reason.code: reason for reason in REASONS}


class HoldReasonGone(HoldReason):
    """Stands for a reason that was kept by an addon which is gone."""

    def get_text(self, env, data):
        """Override of `HoldReason`: nobody knows any more what it said."""
        return env._(said.UNKNOWN)


def get_reason(code):
    """Return the reason of a code that is kept in the database."""
    return REASON_BY_CODE.get(code) or HoldReasonGone()
