from odoo import fields, models

from .sale_order_hold_reason import keep_rows


class SaleOrderHoldReason(models.Model):
    _inherit = "sale.order.hold.reason"  # pylint: disable=consider-merging-classes-inherited

    code = fields.Selection(
        selection_add=[("web", "From the website")], ondelete={"web": keep_rows}
    )
