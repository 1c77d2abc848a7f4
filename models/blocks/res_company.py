"""Which companies block by rules, and what becomes of the blocks of a closed one."""

from odoo import models

from .. import said


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        """Override of `base`: an archived company blocks nobody."""
        res = super().write(vals)
        if vals.get("active") is False:
            self._close_credit_control()
        return res

    def _has_block_rules(self):
        """Say whether a rule of one of these may block whose payment comes back."""
        rules = self.env["credit.block.rule"]._search_active()
        return any(
            rule.kind != "return"
            or company._get_credit_setting("credit_block_on_return")
            for company in self
            for rule in rules
            if rule.company_id in (company, company.browse())
        )

    def _close_credit_control(self):
        """Close what these companies have in force, with a reason."""
        blocks = self.env["credit.block"].sudo()
        blocks = blocks.search(
            [("company_id", "in", self.ids), ("state", "=", "in_force")]
        )
        blocks._close(said.say("lift.archived"))
