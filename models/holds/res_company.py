from odoo import models


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    def _close_credit_control(self):
        """Override: an archived company holds nothing either."""
        res = super()._close_credit_control()
        holds = self.env["sale.order.hold"].sudo()
        holds = holds.search([("company_id", "in", self.ids), ("state", "=", "held")])
        holds.order_id.write({"hold_status": False, "hold_hidden": False})
        holds._withdraw()
        return res
