from odoo import fields, models
from odoo.fields import Command

from .. import said


class AccountPaymentReturnLine(models.Model):
    """What a payment provider took back of an online payment, and gave back again."""

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    transaction_id = fields.Many2one(
        "payment.transaction",
        string="Online Payment",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="Whose provider says that it took the money back.",
    )

    _told_by_provider_uniq = models.UniqueIndex(
        "(unique_key) WHERE transaction_id IS NOT NULL",
        "There is a payment return already of what the payment provider told.",
    )

    def _take_online_payment(self):
        """Give these lines what their online payments brought, as far as it is booked.

        Of what was captured in parts a person says which part came back.
        """
        found = self.browse()
        for line in self:
            payments = line.transaction_id._get_collected_payments()
            if len(payments) == 1:
                line._take_payment_of_provider(payments)
                found |= line
            else:
                line._wait_for_payment(payments)
        found._set_aside_unreturnable()

    def _take_payment_of_provider(self, payment):
        self._write_said(
            {
                "move_line_id": payment._get_receivable_item().id,
                "payment_id": payment.id,
                "partner_id": payment.partner_id.id,
                "match_state": "matched",
                "match_said": said.say(
                    "match.provider",
                    provider=said.name(self.transaction_id.provider_id),
                ),
                "is_chosen": False,
            }
        )

    def _wait_for_payment(self, payments):
        """Say what a line waits for: its payment, or which of several."""
        by_item = payments.filtered("move_id")
        items = [payment._get_receivable_item().id for payment in by_item]
        not_booked = said.say("match.not_booked", payment=self.transaction_id.reference)
        self._write_said(
            {
                "match_state": "ambiguous" if payments else "unmatched",
                "match_said": said.say("match.several") if payments else not_booked,
                "candidate_line_ids": [Command.set(items)],
                "candidate_payment_ids": [Command.set((payments - by_item).ids)],
            }
        )

    def _set_aside(self):
        """Extends what is asked of collections: whether we gave them back ourselves."""
        good, left = super()._set_aside()
        notes = good._find_refund_notes()
        for line, note in notes.items():
            line._leave_open(note)
        return good.filtered(lambda line: line not in notes), left

    def _find_refund_notes(self):
        """Say of which lines the books know that their online payment was given back.

        A person decides then, once: the one payment is not given back by both.

        :return: dict from line to what is said of it
        """
        lines = self.filtered(
            lambda line: line.payment_id.payment_transaction_id and not line.is_chosen
        )
        given_back = lines.payment_id._find_given_back()
        found = {line: given_back[line.payment_id] for line in lines}
        return {
            line: said.say(
                "match.refunded",
                payment=line.payment_id.name,
                documents=list(dict.fromkeys(names)),
                amount=said.amount(amount, line.currency_id),
            )
            for line, (names, amount) in found.items()
            if line._is_given_back_too(amount)
        }

    def _is_given_back_too(self, amount):
        """Whether a payment is not enough for a line beside what was given back.

        :param amount: that we gave back of it, in its currency
        """
        booked = self.payment_id.payment_return_line_ids._filter_came_back()
        taken = sum(booked.mapped("amount")) + self.amount + amount
        whole = self.payment_id.amount
        return amount > 0 and self.currency_id.compare_amounts(taken, whole) > 0

    def _take_money_given_back(self, day):
        """Set aside what is not booked; of what is, ask a person.

        :param day: on which it was given back
        """
        for line in self.filtered(lambda line: line.state == "draft"):
            line._write_said(
                {
                    "match_state": "skipped",
                    "match_said": said.say("match.given_back", day=said.day(day)),
                }
            )
        self.return_id._take_money_given_back(day)
