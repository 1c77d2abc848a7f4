from odoo import models


class AccountPaymentPresentation(models.Model):
    """What is withdrawn from a bank, as long as the bank has told nothing of it."""

    _inherit = "account.payment.presentation"  # pylint: disable=consider-merging-classes-inherited

    def action_cancel(self):
        """Withdraw these presentations: their instalments are open again.

        :return: True
        :raises AccessError: to who does not keep the books
        :raises UserError: when a receipt came back, or the bank credited it, or it is
            of a branch that the user did not select
        """
        self.check_access("write")
        self._check_accounting()
        self._lock_rows()
        self._check_sees(self.line_ids.payment_id)
        self.line_ids.payment_id._withdraw()
        # The buttons are the only way to change the status.
        self.sudo().state = "cancelled"
        return True
