from odoo import models


class AccountMove(models.Model):
    """What is in the books or is there no more counts at once, whatever it is."""

    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    # No item of these is late: what no one may pay is looked up once, not item by item.
    _credit_blocked_idx = models.Index("(id) WHERE payment_state = 'blocked'")

    def write(self, vals):
        """Override of `account`: by its state an entry counts, or does so no more."""
        evaluation = self.env["credit.block.evaluation"]
        before = {move: move.state for move in self} if "state" in vals else {}
        with evaluation._evaluate_together():
            res = super().write(vals)
            changed = [move for move, state in before.items() if move.state != state]
            evaluation._evaluate_counting(self.browse().union(*changed).line_ids)
        return res

    def button_cancel(self):
        """Override of `account`: the customers are looked at once, when all is done."""
        with self.env["credit.block.evaluation"]._evaluate_together():
            return super().button_cancel()
