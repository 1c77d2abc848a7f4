"""A customer who comes under a company, or leaves one, keeps the credit blocks."""

from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        """Override of `base`: blocks follow who gets another commercial partner."""
        if {"parent_id", "is_company"}.isdisjoint(vals):
            return super().write(vals)
        partners = self.sudo() | self.sudo().commercial_partner_id
        blocks = self.env["credit.block"].sudo()
        blocks = blocks.search(
            [("partner_id", "in", partners.ids), ("state", "=", "in_force")]
        )
        res = super().write(vals)
        blocks._follow_customers()
        return res
