from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_hold_web = fields.Boolean(
        related="company_id.credit_hold_web", readonly=False
    )
    credit_hold_web_amount = fields.Monetary(
        related="company_id.credit_hold_web_amount",
        currency_field="currency_id",
        readonly=False,
    )
