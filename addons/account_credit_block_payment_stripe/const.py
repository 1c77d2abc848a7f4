"""What Stripe tells of money that it took back, by its API reference (Event types)."""

FUNDS_WITHDRAWN = "charge.dispute.funds_withdrawn"
FUNDS_REINSTATED = "charge.dispute.funds_reinstated"
# They come in any order, and more than once: each has the dispute as it was then.
DISPUTE_EVENTS = (
    "charge.dispute.created",
    "charge.dispute.updated",
    FUNDS_WITHDRAWN,
    FUNDS_REINSTATED,
    "charge.dispute.closed",
)
PAYMENT_FAILED = "payment_intent.payment_failed"
