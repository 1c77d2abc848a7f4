"""What the states of payments and of return lines are called together."""

# Of returns, and of their lines.
STATES = [
    ("draft", "Draft"),
    ("confirmed", "Confirmed"),
    ("cancelled", "Cancelled"),
]
# States of a payment that collected something, so that something can come back. One
# that came back in full is there to recognise what is told twice.
STANDING = ("in_process", "paid")
COLLECTED = (*STANDING, "rejected")
# What still has to get its payment.
WAITING = ("unmatched", "ambiguous")
