from odoo import models


class AccountPaymentOrder(models.Model):
    _name = "account.payment.order"
    _inherit = ["account.collection.order", "account.payment.order"]

    def generated2uploaded(self):
        """Override of `account_payment_batch_oca`: returns find what is uploaded.

        Filled in before it pays: what is only presented has paid nothing yet.
        """
        self._fill_in_collections()
        return super().generated2uploaded()

    def action_cancel(self):
        """Override of `account_payment_batch_oca`: what came back stays.

        :raises UserError: for an order of which a collection came back
        """
        self._check_none_came_back()
        return super().action_cancel()

    def cancel2draft(self):
        """Override of `account_payment_batch_oca`: so it is not deleted either.

        :raises UserError: for an order of which a collection came back
        """
        self._check_none_came_back()
        return super().cancel2draft()

    def draft2open(self):
        """Override of `account_payment_batch_oca`: nothing is asked in vain.

        :raises UserError: for debits of accounts that are unfit for collection
        """
        self._check_accounts_fit()
        return super().draft2open()

    def _get_sent_files(self):
        """Override: the last file that was generated is the order's."""
        return {
            order: [order.payment_file_id.raw]
            for order in self.sudo()
            if order.payment_file_id
        }

    def _get_sent_name(self, payment):
        """Override: the memo, of which each has its own."""
        return payment.memo or str(payment.id)

    def _get_sent_batch(self, payment):
        """Override: that is its lot."""
        return payment.payment_lot_id.name
