"""The order comes from the website."""

from odoo.addons.account_credit_block.models.holds.reasons.base import (
    HoldFinding,
    HoldReason,
)


class HoldReasonWeb(HoldReason):
    code = "web"
    sequence = 20
    color = 4
    switch = "credit_hold_web"
    named = {"website_id": "website"}
    depends = ("amount_total", "website_id")
    # What changes a confirmed order later is no longer the website.
    is_lasting = False

    def find(self, orders, found, running=False):
        """Override: orders of the website from the company's threshold on."""
        return {
            order: HoldFinding(self.code, {"website_id": order.website_id.id})
            for order in orders
            if order.website_id and self._reaches_threshold(order)
        }

    def _reaches_threshold(self, order):
        company = order.company_id
        amount = order._to_company_currency(order.amount_total)
        threshold = company._get_credit_setting("credit_hold_web_amount")
        return company.currency_id.compare_amounts(amount, threshold) >= 0

    def get_text(self, env, data):
        """Override: which website it came from."""
        website = self.get_named(env, data, "website_id")
        return env._("The order comes from the website “%s”.", website.name or "")

    def get_short(self, env, data):
        """Override: its name."""
        website = self.get_named(env, data, "website_id")
        return env._("Website “%s”", website.name or "")
