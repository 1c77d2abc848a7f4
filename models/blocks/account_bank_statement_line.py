from odoo import models


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"  # pylint: disable=consider-merging-classes-inherited

    def action_undo_reconciliation(self):
        """Override of `account`: the customers are looked at once, when all is done.

        Core does one line after the other, and for each what it paid before what it is.
        """
        with self.env["credit.block.evaluation"]._evaluate_together():
            return super().action_undo_reconciliation()
