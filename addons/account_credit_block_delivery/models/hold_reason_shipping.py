"""Orders whose shipping cost is not what the carrier's rate gave."""

from odoo.tools import float_compare, format_amount

from odoo.addons.account_credit_block.models.call_marks import RATING
from odoo.addons.account_credit_block.models.holds.reasons.base import (
    HoldFinding,
    HoldReason,
)


class HoldReasonShipping(HoldReason):
    """The shipping cost was changed by hand, beyond the company's tolerance."""

    code = "shipping"
    sequence = 30
    color = 5
    switch = "credit_hold_shipping"
    named = {"carrier_id": "delivery.carrier"}
    depends = ("carrier_id", "order_line.price_subtotal")

    def find(self, orders, found, running=False):
        """Override of `HoldReason`: rates are asked again of the changed ones only."""
        findings = {}
        with RATING.set(orders.env, {}):
            for order in orders:
                data = order._get_shipping_change()
                if data:
                    findings[order] = HoldFinding(self.code, data)
        return findings

    def get_text(self, env, data):
        """Override of `HoldReason`: the amounts are the order's own."""
        currency = env["res.currency"].browse(data["currency_id"])
        carrier = self.get_named(env, data, "carrier_id")
        actual = format_amount(env, data["actual"], currency)
        if data["expected"] is None:
            return env._(
                "Shipping cost %(actual)s, for which no rate of “%(carrier)s” is"
                " known.",
                actual=actual,
                carrier=carrier.display_name,
            )
        return env._(
            "Shipping cost %(actual)s instead of %(expected)s, the rate of"
            " “%(carrier)s”.",
            actual=actual,
            expected=format_amount(env, data["expected"], currency),
            carrier=carrier.display_name,
        )

    def get_short(self, env, data):
        """Override of `HoldReason`: the cost, and the rate if there is one."""
        currency = env["res.currency"].browse(data["currency_id"])
        actual = format_amount(env, data["actual"], currency)
        if data["expected"] is None:
            return env._("Shipping %(actual)s, no rate", actual=actual)
        return env._(
            "Shipping %(actual)s, not %(expected)s",
            actual=actual,
            expected=format_amount(env, data["expected"], currency),
        )

    def is_covered(self, data, released):
        """Override of `HoldReason`: no further from the rate than what was decided."""
        gap, decided = self._get_gap(data), self._get_gap(released)
        return (
            data["currency_id"] == released["currency_id"]
            and data["carrier_id"] == released["carrier_id"]
            and gap * decided >= 0
            and float_compare(abs(gap), abs(decided), precision_digits=6) <= 0
        )

    def _get_gap(self, data):
        """Return how far the cost is from the rate, below zero if it is too low."""
        return data["actual"] - (data["expected"] or 0.0)
