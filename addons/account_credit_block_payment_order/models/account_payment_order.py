from odoo import models


class AccountPaymentOrder(models.Model):
    _name = "account.payment.order"
    _inherit = ["account.collection.order", "account.payment.order"]

    def generated2uploaded(self):
        """Override of `account_payment_order`: returns find what is uploaded.

        Filled in before it pays: what is only presented has paid nothing yet.
        """
        self._fill_in_collections()
        return super().generated2uploaded()

    def action_cancel(self):
        """Override of `account_payment_order`: what came back stays.

        :raises UserError: for an order of which a collection came back
        """
        self._check_none_came_back()
        return super().action_cancel()

    def draft2open(self):
        """Override of `account_payment_order`: no payment that came back is made anew.

        :raises UserError: for an order of which a collection came back, and for debits
            of accounts that are unfit for collection
        """
        self._check_none_came_back()
        self._check_accounts_fit()
        return super().draft2open()

    def _get_sent_files(self):
        """Override: each file that was generated is attached to the order."""
        found = self.env["ir.attachment"].sudo()
        found = found.search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids)],
            order="id desc",
        )
        files = {}
        for attachment in found:
            order = self.browse(attachment.res_id)
            files.setdefault(order, []).append(attachment.raw)
        return files
