from collections import defaultdict

from odoo import models
from odoo.fields import Domain


class AccountPaymentReturnLedger(models.AbstractModel):
    """What becomes of payments whose money came back, or comes again."""

    _inherit = "account.payment.return.ledger"  # pylint: disable=consider-merging-classes-inherited

    def _close_payments(self, lines, left):
        """Reject the payments that came back in full.

        Left in process, core would call them paid again as soon as somebody else pays
        the invoice; a payment without an entry pays its invoices by its mere state.
        """
        taken = defaultdict(float)
        for line in lines:
            taken[line.payment_id] += line.amount
        whole = lines.filtered(
            lambda line: (
                line.payment_id
                and line.currency_id.compare_amounts(
                    left[line.id].amount, taken[line.payment_id]
                )
                <= 0
            )
        ).payment_id
        whole.write({"state": "rejected"})

    def _close_brought(self, lines, pairs):
        """Let payments without an entry pay no invoice that their money pays no more.

        Rejected, when all of it came back; else the invoices are not theirs any more.

        :param pairs: dict from payment to the item of its bank transaction
        """
        for payment, item in pairs.items():
            undone = self._get_taken(lines, payment, item)
            total = sum(undone.mapped("credit_amount_currency"))
            if not undone or payment.state == "rejected":
                continue
            whole = self._get_brought_share(payment, item)
            if item.currency_id.compare_amounts(total, whole) >= 0:
                payment.state = "rejected"
            else:
                payment.invoice_ids -= undone.debit_move_id.move_id

    def _get_brought_share(self, payment, item):
        """What a payment without an entry is of a transaction, in its currency."""
        pair = self.env["account.payment.return.pair"]
        return pair._get_share(payment, pair._get_group(item))

    def _get_taken(self, lines, payment, item):
        """What returns undid of the invoices of a payment without an entry.

        :param lines: its returns, or those of what nobody said to be its own
        :param item: the item of the bank transaction that brought its money
        """
        return lines.undone_ids.filtered(
            lambda trace: (
                trace.credit_move_id in (item | trace.return_line_id._get_items())
                and trace.credit_move_id.move_id == item.move_id
                and trace.return_line_id.payment_id in (payment, payment.browse())
                and payment._may_pay(trace.debit_move_id)
            )
        )

    def _reopen_payments(self, lines):
        """Give the payments that were rejected their state back.

        But what other returns took back of them, which stand, stays so.
        """
        brought = lines.filtered("move_line_id.statement_line_id")
        standing = self._find_standing(lines, brought)
        for line in brought.filtered("payment_id"):
            payment = line.payment_id
            payment.invoice_ids |= line.undone_ids.debit_move_id.move_id
            taken = self._get_taken(standing, payment, line.move_line_id)
            payment.invoice_ids -= taken.debit_move_id.move_id
        rejected = self._find_rejected(lines)
        booked = rejected.filtered("move_id")
        booked.write({"state": "in_process"})
        (rejected - booked).write({"state": "paid"})

    def _find_rejected(self, lines):
        """The payments that these lines have rejected, whoever named them."""
        brought = lines.filtered("move_line_id.statement_line_id")
        unnamed = brought.filtered(lambda line: not line.payment_id)
        invoices = unnamed.undone_ids.debit_move_id.move_id
        payments = lines.payment_id | invoices.matched_payment_ids.filtered(
            lambda payment: not payment.move_id
        )
        return payments.filtered(lambda payment: payment.state == "rejected")

    def _find_standing(self, lines, brought):
        """The other returns of some bank transactions, which stay in the books.

        :param lines: those that are cancelled
        :param brought: those of them whose money came by a bank transaction
        """
        if not brought:
            return lines.browse()
        found = lines.sudo().search(
            lines._get_came_back_domain()
            & Domain("move_line_id.move_id", "in", brought.move_line_id.move_id.ids)
            & Domain("id", "not in", lines.ids),
            order="id",
        )
        return found.sudo(False)
