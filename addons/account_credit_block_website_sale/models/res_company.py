from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    credit_hold_web = fields.Boolean(
        string="Hold Orders of the Website",
        help="A manager decides on the orders that come from the website.",
    )
    credit_hold_web_amount = fields.Monetary(
        string="Website Orders From a Total Of",
        currency_field="currency_id",
        help="Website orders of a lower total, taxes included, are not held.",
    )

    @api.model
    def _get_strictest(self):
        """Override: orders of the website."""
        return {
            **super()._get_strictest(),
            "credit_hold_web": any,
            "credit_hold_web_amount": min,
        }

    @api.model
    def _get_setting_switches(self):
        """Override: orders of the website."""
        return {
            **super()._get_setting_switches(),
            "credit_hold_web_amount": "credit_hold_web",
        }
