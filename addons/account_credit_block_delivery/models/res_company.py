from odoo import api, fields, models

from odoo.addons.account_credit_block.models.call_marks import RATING


class ResCompany(models.Model):
    _inherit = "res.company"

    credit_hold_shipping = fields.Boolean(
        string="Hold Orders with Changed Shipping Cost",
        help="A manager decides when the cost is not what the carrier's rate gave.",
    )
    credit_hold_shipping_tolerance = fields.Monetary(
        string="Accepted Difference of Shipping Cost",
        currency_field="currency_id",
        help="Difference of the shipping cost that is accepted.",
    )

    @api.model
    def _get_main_company(self):
        """Override of `base`, for carriers of no company: asked once for all orders
        that are rated together, where core looks three times an order.
        """
        known = RATING.get(self.env)
        if known is None:
            return super()._get_main_company()
        if "main company" not in known:
            known["main company"] = super()._get_main_company()
        return known["main company"].with_env(self.env).sudo()

    @api.model
    def _get_strictest(self):
        """Override: the shipping cost."""
        return {
            **super()._get_strictest(),
            "credit_hold_shipping": any,
            "credit_hold_shipping_tolerance": min,
        }

    @api.model
    def _get_setting_switches(self):
        """Override: the shipping cost."""
        return {
            **super()._get_setting_switches(),
            "credit_hold_shipping_tolerance": "credit_hold_shipping",
        }
