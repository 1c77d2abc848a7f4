from odoo import api, models

from . import match_rules


class AccountPaymentReturnLine(models.Model):
    """What came back in the currency of its payment, and in that of the bank."""

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    def _get_target_currency(self):
        """The currency of the payment that came back; empty without one."""
        return self.move_line_id.currency_id or self.payment_id.currency_id

    def _get_told(self):
        """What the bank told, before it was converted, as (amount, currency)."""
        self.ensure_one()
        if self.told_currency_id:
            return self.told_amount, self.told_currency_id
        return self.amount, self.currency_id

    def _go_back_to_told(self):
        """Put back what the bank told, before another payment is taken, or none."""
        for line in self.filtered("told_currency_id"):
            line._take_amount(*line._get_told())

    def _forget_payments_amount(self):
        """Clear an amount that nobody told: all of the payment chosen before."""
        left = self.env["account.payment.return.left"]
        for line in self.filtered(lambda ln: ln.payment_id and not ln.unique_key):
            item = line.move_line_id
            if item and line.amount == left._get_collected(item, item.payment_id):
                line.amount = 0.0

    def _express_amounts(self):
        """Convert amounts that are not in the currency of their payment.

        An amount is never given another currency: what the bank told in its own is
        converted by the collection's own rate, and kept beside. Where the bank does not
        collect in that currency, the line stays as it is.
        """
        for line in self:
            target, currency = line._get_target_currency(), line.currency_id
            if not target or target == currency:
                continue
            if line.currency_id.is_zero(line.amount):
                line._take_amount(0.0, target)
                continue
            item, payment = line.move_line_id, line.payment_id
            brought = line._get_brought(item, payment, currency)
            if brought:
                told = line.amount
                whole = line._get_collected_amount()
                available = line._get_returnable_amounts()[line.id]
                amount = match_rules.convert_by_rate(
                    told, (brought, currency), (whole, target), (available,)
                )
                line._take_amount(amount, target, told, currency)

    def _take_amount(self, amount, currency, told=0.0, told_currency=None):
        """Set the amount and the fee in a currency, and what the bank had told."""
        fee = self.fee_amount
        if fee and self.currency_id != currency:
            company, day = self.company_id, self.return_date
            fee = self.currency_id._convert(fee, currency, company, day)
        # The currencies first: amounts are rounded by them.
        self.update(
            {
                "currency_id": currency,
                "told_currency_id": told_currency,
                "amount": amount,
                "fee_amount": fee,
                "told_amount": told,
            }
        )

    @api.model
    def _get_brought(self, item, payment, currency):
        """What a whole collection is in the currency in which its bank speaks.

        What the bank really brought, where its transaction is there already.

        :param item: receivable item of the payment or bank transaction, or empty
        :param payment: the payment, or empty
        :return: amount; 0 where the bank does not collect in that currency
        """
        company = item.company_id or payment.company_id
        journal = payment.journal_id or item.journal_id
        own = company.currency_id
        if payment and not payment.move_id and currency == payment.currency_id:
            return payment.amount
        if currency not in (own, journal.currency_id):
            return 0.0
        if not item:
            source, amount, day = payment.currency_id, payment.amount, payment.date
        else:
            source, day = own, item.date
            amount = self._get_brought_in_books(item, payment)
        return source._convert(amount, currency, company, day)

    @api.model
    def _get_brought_in_books(self, item, payment):
        """The same for a journal item, in the company's currency."""
        left = self.env["account.payment.return.left"]
        share = left._get_collected(item, payment) / abs(item.amount_currency)
        booked = item.company_currency_id.round(abs(item.balance) * share)
        waiting = payment._get_waiting()
        met = waiting.matched_credit_ids.filtered("credit_move_id.statement_line_id")
        if not met or not all(waiting.mapped("reconciled")):
            return booked
        return sum(
            abs(part.credit_move_id.balance)
            * part.credit_amount_currency
            / abs(part.credit_move_id.amount_currency)
            for part in met
        )
