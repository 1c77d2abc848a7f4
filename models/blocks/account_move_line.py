from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    def _reconcile_post_hook(self, data):
        """Override of `account`: who has paid is unblocked at once."""
        result = super()._reconcile_post_hook(data)
        self.env["credit.block.evaluation"]._evaluate_items(self)
        return result
