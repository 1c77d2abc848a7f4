from odoo import models
from odoo.tools import format_amount


class SaleOrder(models.Model):
    """What a released order becomes when it is confirmed."""

    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    def _bring_rewards_up_to_date(self):
        """Do first what Odoo's promotions do on confirming: they end, and are used up.

        They refuse a reward that is used up before they take it away.
        """
        if hasattr(self, "_update_programs_and_rewards"):
            self._update_programs_and_rewards()

    def _take_line_totals(self):
        """Return a dict from line id to pairs of its name and total, for comparing."""
        return {
            line.id: (line.name.split("\n")[0], line.price_total)
            for line in self.sudo().order_line
            if not line.display_type
        }

    def _compare_line_totals(self, before, now):
        """Yield pairs of the name and the totals, then and now, of what has changed."""
        currency = self.currency_id
        gone = ("", 0.0)
        for line_id in {**before, **now}:
            old, new = before.get(line_id, gone), now.get(line_id, gone)
            if currency.compare_amounts(old[1], new[1]):
                amounts = (
                    format_amount(self.env, a, currency) for a in (old[1], new[1])
                )
                yield new[0] or old[0], " → ".join(amounts)
