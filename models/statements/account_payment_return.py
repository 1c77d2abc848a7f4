from collections import defaultdict

from markupsafe import Markup

from odoo import models

from .. import notification


class AccountPaymentReturn(models.Model):
    """What the bank's statement shows of returns that are in the books."""

    _inherit = "account.payment.return"  # pylint: disable=consider-merging-classes-inherited

    def _notify_met(self):
        """Tell that debits of the bank have met these returns.

        :return: a notification, which closes the dialog that it comes from
        """
        return notification.tell(self._get_met_text(), "success")

    def _get_met_text(self):
        return self.env._(
            "The bank's debit has met %s.", ", ".join(self.mapped("name"))
        )

    def _log_met(self, met):
        """Note on these returns which debits of the bank they have met.

        :param met: dict from transaction to return lines
        """
        notes = defaultdict(list)
        for transaction, lines in met.items():
            note = self.env._(
                "Met by the bank's debit %(debit)s of %(amount)s.",
                debit=transaction.move_id._get_html_link(),
                amount=transaction.currency_id.format(transaction.amount),
            )
            for payment_return in lines.return_id:
                notes[payment_return.id].append(note)
        self._message_log_batch(
            {id_: Markup("<br/>").join(found) for id_, found in notes.items()}
        )

    def _unbook(self):
        """Extended: a debit of the bank that met only these returns waits again.

        Of the others it is said why they stay.
        """
        met = self._find_met()
        unrestored = super()._unbook()
        free = self.env["account.bank.statement.line"]
        for debit, returns in met.items():
            sentence = debit._get_kept_sentence(returns - self)
            if not sentence:
                free |= debit
                continue
            for payment_return in returns & self:
                unrestored.setdefault(payment_return, []).append(sentence)
        free.action_undo_reconciliation()
        return unrestored

    def _find_met(self):
        """Say which bank transactions met these returns, or a debit that is one.

        :return: dict from transaction to all the returns that it met
        """
        credits = self.move_ids.line_ids.filtered(lambda item: item.balance < 0)
        debits = credits.matched_debit_ids.debit_move_id
        taken_back = self.line_ids._get_taken_back()
        debits |= taken_back | taken_back.matched_credit_ids.credit_move_id
        transactions = debits.statement_line_id
        met = defaultdict(self.browse)
        for debit in transactions.filtered(lambda ln: ln.move_id not in self.move_ids):
            items = debit.move_id.line_ids
            others = (items.matched_credit_ids.credit_move_id).move_id.payment_return_id
            met[debit] = others | items.payment_return_line_id.return_id or self
        return met
