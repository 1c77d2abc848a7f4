"""What becomes of the blocks of a company that is no more."""

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

    def _close_credit_control(self):
        """Close what these companies have in force, with a reason."""
        blocks = self.env["credit.block"].sudo()
        blocks = blocks.search(
            [("company_id", "in", self.ids), ("state", "=", "in_force")]
        )
        blocks._close(said.say("lift.archived"))
