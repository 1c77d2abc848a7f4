"""What becomes of blocks and held orders of a company that is no more."""

from odoo import models

from .. import said


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        """Override of `base`: an archived company blocks nobody and holds nothing."""
        res = super().write(vals)
        if vals.get("active") is False:
            self._close_credit_control()
        return res

    def _close_credit_control(self):
        """Close the blocks and the holds of these companies, with a reason."""
        domain = [("company_id", "in", self.ids)]
        blocks = self.env["credit.block"].sudo()
        blocks = blocks.search([*domain, ("state", "=", "in_force")])
        blocks._close(said.say("lift.archived"))
        holds = self.env["sale.order.hold"].sudo()
        holds = holds.search([*domain, ("state", "=", "held")])
        holds.order_id.write({"hold_status": False, "hold_hidden": False})
        holds._withdraw()
