from odoo import fields, models

from odoo.addons.account_credit_block.models.holds.sale_order_hold_reason import (
    keep_rows,
)


class SaleOrderHoldReason(models.Model):
    _inherit = "sale.order.hold.reason"

    code = fields.Selection(
        selection_add=[("web", "From the website")], ondelete={"web": keep_rows}
    )
