from odoo import api, models


class SaleOrderLine(models.Model):
    """The lines of a hidden order are as hidden as the order."""

    _inherit = "sale.order.line"  # pylint: disable=consider-merging-classes-inherited

    @api.depends("order_id.hold_hidden")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Override of `sale`: links on other records name no hidden order.

        Core fills in the names with all rights: those are kept apart for each user.
        """
        if not self.env.su:
            self.sudo()._compute_display_name()
            for line in self:
                line.display_name = line.sudo().display_name
            return None
        orders = self.order_id._filter_hidden()
        hidden = self.filtered(lambda line: line.order_id in orders)
        hidden.display_name = self.env._("Not accessible")
        return super(SaleOrderLine, self - hidden)._compute_display_name()
