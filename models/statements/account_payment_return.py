from odoo import models

from .. import notification


class AccountPaymentReturn(models.Model):
    """What the bank's statement shows of returns that are in the books."""

    _inherit = "account.payment.return"  # pylint: disable=consider-merging-classes-inherited

    def _notify_met(self):
        """Tell that debits of the bank have met these returns.

        :return: a notification, which closes the dialog that it comes from
        """
        return notification.tell(
            self.env._("The bank's debit has met %s.", ", ".join(self.mapped("name"))),
            "success",
        )

    def _unbook(self):
        """Extended: a debit of the bank that met only these returns waits again."""
        met = self._get_met_transactions()
        result = super()._unbook()
        free = met.filtered(
            lambda debit: (
                not debit.move_id._get_violated_lock_dates(debit.date, False)
                and not debit.move_id.inalterable_hash
            )
        )
        free.action_undo_reconciliation()
        return result

    def _get_met_transactions(self):
        """The bank transactions that met the entries of these returns, and no more."""
        credits = self.move_ids.line_ids.filtered(lambda item: item.balance < 0)
        partials = credits.matched_debit_ids
        debits = partials.debit_move_id.statement_line_id
        return debits.filtered(
            lambda debit: (
                debit.move_id not in self.move_ids
                and debit.move_id.line_ids.matched_credit_ids.credit_move_id <= credits
            )
        )
