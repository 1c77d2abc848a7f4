from odoo import models


class AccountMove(models.Model):
    """Whose debt is cancelled may be unblocked."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def button_cancel(self):
        """Override of `account`: who is blocked and owes less is looked at at once."""
        items = self.line_ids.filtered(lambda item: item.balance > 0)
        res = super().button_cancel()
        self.env["credit.block.evaluation"]._evaluate_blocked(items)
        return res
