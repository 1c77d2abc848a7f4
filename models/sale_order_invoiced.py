from odoo import models


class SaleOrder(models.Model):
    """What invoices charge of an order, beside what was decided on."""

    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    def _get_worth_beyond(self):
        """Return the price of what was delivered beyond the order; for sudo."""
        self.ensure_one()
        return sum(line._get_worth_beyond() for line in self.order_line)

    def _is_invoiced_beyond(self):
        """Say whether invoices charge more than was ordered or delivered; for sudo.

        Each line may be rounded by itself.
        """
        self.ensure_one()
        lines = self.order_line.filtered(lambda line: not line.display_type)
        worth = sum(line._get_worth() for line in lines)
        invoiced = sum(line._get_invoiced_total() for line in lines)
        tolerance = self.currency_id.rounding * max(len(lines.invoice_lines), 1)
        return self.currency_id.compare_amounts(invoiced, worth + tolerance) > 0
