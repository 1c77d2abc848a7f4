from odoo import api, models


class SaleOrderLine(models.Model):
    """The lines of a hidden order are as hidden as the order."""

    _inherit = "sale.order.line"  # pylint: disable=consider-merging-classes-inherited

    @api.depends("order_id.hold_hidden")
    def _compute_display_name(self):
        """Override of `sale`: links on other records name no hidden order.

        Not kept by user, as the order's name is: core fills these in with all rights.
        """
        hidden = self._filter_hidden()
        hidden.display_name = self.env._("Not accessible")
        return super(SaleOrderLine, self - hidden)._compute_display_name()

    def _filter_hidden(self):
        """Return those of these lines whose orders are hidden from the user."""
        orders = self.sudo().order_id._filter_hidden()
        return self.filtered(lambda line: line.sudo().order_id in orders)
