"""Fields of an order that nobody enters, whatever the rights and by whatever means."""

# Written by decisions only.
HOLD_FIELDS = {"hold_state", "hold_status", "hold_hidden", "hold_ids"}
# Written by the carrier's rate only.
RATE_FIELDS = {
    "shipping_rate_amount",
    "shipping_rate_currency_id",
    "shipping_rate_carrier_id",
    "shipping_quote",
}
