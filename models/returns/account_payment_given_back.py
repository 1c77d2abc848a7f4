from odoo import models

from .return_states import STANDING


class AccountPayment(models.Model):
    """What we gave back of online payments ourselves, as the books know."""

    _inherit = "account.payment"  # pylint: disable=consider-merging-classes-inherited

    def _find_given_back(self):
        """Return what was given back of these, by whom it does not matter.

        A refund by the provider, or a credit note of what they pay that was paid out,
        or that pays something else.

        :return: dict from payment to (names of documents, amount in its currency)
        """
        payments = self.sudo()
        refunds = payments.search(
            [("source_payment_id", "in", payments.ids), ("state", "in", STANDING)],
            order="id",
        ).grouped("source_payment_id")
        return {
            payment: payment._sum_given_back(refunds.get(payment, payments.browse()))
            for payment in payments
        }

    def _sum_given_back(self, refunds):
        """Return the documents and the amount, each money once.

        :param refunds: the provider's refunds of this payment
        """
        self.ensure_one()
        invoices = self.reconciled_invoice_ids
        items = invoices.reversal_move_ids.line_ids.filtered(
            lambda item: (
                item.parent_state == "posted"
                and item.account_type == "asset_receivable"
                and item.currency_id == self.currency_id
            )
        )
        known = invoices | refunds.move_id
        settled = items.matched_debit_ids.filtered(
            lambda partial: partial.debit_move_id.move_id not in known
        )
        names = refunds.mapped("name") + settled.credit_move_id.move_id.mapped("name")
        amounts = refunds.mapped("amount") + settled.mapped("credit_amount_currency")
        return names, sum(amounts)
