from odoo import models


class SaleOrder(models.Model):
    """What invoices charge of an order, beside what was decided on."""

    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    def _get_asked_amounts(self):
        """Return a dict from order to what confirming it asks for; for sudo.

        In each order's currency. Less than its total where it was invoiced before, or a
        deposit was; a confirmed order is worth what it is, and what was delivered
        beyond.
        """
        begun = self.filtered(
            lambda order: (
                order.state != "sale"
                and any(line._is_begun() for line in order._origin.order_line)
            )
        )
        asked = self.env["credit.exposure"]._get_asked(begun._origin) if begun else {}
        return {order: order._get_asked_of(asked) for order in self}

    def _get_asked_of(self, asked):
        """Return what this order asks for, which may be open in a form; for sudo.

        :param dict asked: order id to what it asks for, as it is saved
        """
        saved = self._origin
        if saved.id in asked:
            return self.amount_total + asked[saved.id] - saved.amount_total
        return self.amount_total + self._get_worth_beyond()

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
