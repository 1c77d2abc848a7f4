from odoo import models
from odoo.tools import format_amount


class SaleOrderHoldReason(models.Model):
    _inherit = "sale.order.hold.reason"  # pylint: disable=consider-merging-classes-inherited

    def _get_short(self):
        """Override: with what a blocked customer has to pay."""
        short, hold = super()._get_short(), self.hold_id
        if self.code != "level" or not hold.overdue_total:
            return short
        return self.env._(
            "%(level)s: %(amount)s overdue",
            level=short,
            amount=format_amount(
                self.env, hold.overdue_total, hold.company_currency_id
            ),
        )
