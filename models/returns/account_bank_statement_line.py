from odoo import models


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    def action_undo_reconciliation(self):
        """Override of `account`: a transaction that books a return goes with it.

        :raises UserError: for the transaction of a confirmed return
        """
        self.move_id._check_not_fixed()
        return super().action_undo_reconciliation()
