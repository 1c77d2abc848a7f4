from odoo import models


class AccountPaymentRegister(models.TransientModel):
    _inherit = "account.payment.register"

    def _create_payments(self):
        """Override of `account`: the customers are looked at once, when all is done.

        Else they would be when a payment is posted, and when it pays its invoices.
        """
        with self.env["credit.block.evaluation"]._evaluate_together():
            return super()._create_payments()
