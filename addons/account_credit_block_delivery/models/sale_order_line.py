from odoo import api, models


class SaleOrderLine(models.Model):
    """Which lines are the cost of shipping, that is decided on by itself."""

    _inherit = "sale.order.line"

    @api.model
    def _get_decided_names(self):
        """Override: what is a line of shipping is decided on, too."""
        return super()._get_decided_names() | {"is_delivery"}

    def _filter_shipping(self):
        """Override: those that a carrier is paid with.

        A line is one by its product, which the carrier has, and not by its mark alone,
        which anybody may set.
        """
        marked = self.filtered("is_delivery")
        known = (
            marked.order_id.carrier_id | marked.order_id.shipping_rate_carrier_id
        ).product_id
        others = super()._filter_shipping()
        if marked.product_id <= known:
            return others | marked
        # A transfer may have been sent by another carrier than the order's.
        carriers = self.env["delivery.carrier"].with_context(active_test=False)
        known |= carriers.search(
            [("product_id", "in", marked.product_id.ids)]
        ).product_id
        return others | marked.filtered(lambda line: line.product_id in known)
