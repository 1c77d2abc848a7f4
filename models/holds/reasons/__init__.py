"""Why an order is held: a reason each."""
