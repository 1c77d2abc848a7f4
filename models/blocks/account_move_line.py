from odoo import api, models


class AccountMoveLine(models.Model):
    """What a customer owes or has paid counts at once, however it changes.

    By what an item is, not by the button: a payment, a line of the bank, an entry. With
    `account.move`, for its state, and `account.partial.reconcile`.
    """

    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`: who owes or pays by new items is looked at."""
        items = super().create(vals_list)
        self.env["credit.block.evaluation"]._evaluate_counting(items)
        return items

    def write(self, vals):
        """Override of `account`: who owed or had paid is looked at, and who does."""
        evaluation = self.env["credit.block.evaluation"]
        judged = self._get_entry_fields() | evaluation._get_read_of_items()
        if judged.isdisjoint(vals):
            return super().write(vals)
        with evaluation._evaluate_together():
            evaluation._evaluate_counting(self)
            res = super().write(vals)
            evaluation._evaluate_counting(self)
        return res

    def unlink(self):
        """Override of `account`: who owed or had paid is looked at."""
        evaluation = self.env["credit.block.evaluation"]
        with evaluation._evaluate_together():
            evaluation._evaluate_counting(self)
            return super().unlink()

    def _reconcile_post_hook(self, data):
        """Override of `account`: who has paid is unblocked at once."""
        result = super()._reconcile_post_hook(data)
        self.env["credit.block.evaluation"]._evaluate_items(self)
        return result
