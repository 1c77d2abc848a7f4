"""All the reasons to hold an order, in the order in which they are asked."""

from .hold_reason_level import HoldReasonLevel
from .hold_reason_limit import HoldReasonLimit
from .hold_reason_shipping import HoldReasonShipping
from .hold_reason_terms import HoldReasonTerms
from .hold_reason_web import HoldReasonWeb

# The credit limit comes last: only orders that pass the others use it up.
REASONS = (
    HoldReasonLevel(),
    HoldReasonWeb(),
    HoldReasonShipping(),
    HoldReasonTerms(),
    HoldReasonLimit(),
)
REASON_BY_CODE = {reason.code: reason for reason in REASONS}
