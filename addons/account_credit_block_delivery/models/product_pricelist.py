"""Pricelists are asked once for all orders whose shipping is rated together."""

from odoo import models

from odoo.addons.account_credit_block.models.call_marks import RATING


class ProductPricelist(models.Model):
    _inherit = "product.pricelist"

    def _get_applicable_rules(self, products, date, **kwargs):
        """Override of `product`: of orders rated in the same second one asks."""
        known = RATING.get(self.env)
        if known is None or kwargs:
            return super()._get_applicable_rules(products, date, **kwargs)
        asked = (self.id, products._name, products._ids, date)
        if asked not in known:
            known[asked] = super()._get_applicable_rules(products, date)
        return known[asked].with_env(self.env)
