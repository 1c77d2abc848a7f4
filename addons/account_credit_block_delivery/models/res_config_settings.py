from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_hold_shipping = fields.Boolean(
        related="company_id.credit_hold_shipping", readonly=False
    )
    credit_hold_shipping_tolerance = fields.Monetary(
        related="company_id.credit_hold_shipping_tolerance",
        currency_field="currency_id",
        readonly=False,
    )
