from odoo import models


class AccountPayment(models.Model):
    _inherit = "account.payment"

    def _get_asked_account(self):
        """Override of `account_credit_block`: that of the debit."""
        lines = self.sudo().payment_line_ids
        return super()._get_asked_account() or lines.partner_bank_id[:1]
