from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # Stands in for the real column until the holds are merged: delete this file then.
    hold_status = fields.Selection(
        [("held", "Held"), ("released", "Released"), ("refused", "Refused")],
        copy=False,
        readonly=True,
    )
