from odoo import models


class AccountPaymentReturnLine(models.Model):
    """Who bears what the bank charges for a return.

    Our cost: the fee goes to the bank charges account. Charged again on the entry:
    the customer owes it on the receivable account. Charged again by invoice: it is
    our cost, and a draft invoice asks it back.
    """

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    def _get_fee_policy(self):
        """The customer's own policy, or else the company's; a small fee is our cost."""
        self.ensure_one()
        if self._is_small_fee():
            return "company"
        partner = self._get_debtor().sudo().with_company(self.company_id)
        return (
            partner.credit_return_fee_policy or self.company_id.credit_return_fee_policy
        )

    def _is_small_fee(self):
        """Whether the fee is less than what the company charges again."""
        least = self.company_id.sudo().credit_return_fee_minimum
        currency = self.company_currency_id
        return currency.compare_amounts(self._get_fee_balance(), least) < 0

    def _may_charge_late(self):
        """Whether late payment is charged where this came back.

        Not where the reason is not the customer's default: he has to be late by his
        own fault (D.Lgs. 231/2002, art. 3).
        """
        self.ensure_one()
        is_default = not self.reason_id or self.reason_id.counts_as_default
        return is_default and self.company_id.sudo().credit_late_charges

    def _has_fee(self):
        """Whether the bank charged anything."""
        self.ensure_one()
        return not self.currency_id.is_zero(self.fee_amount)

    def _owes_fee(self):
        """Whether a customer owes the fee, if any, with what came back."""
        return self._get_fee_policy() == "receivable" and bool(self._get_debtor())

    def _get_fee_refusals(self):
        """Say why the fees of these lines cannot be booked, or charged again.

        :return: list of texts on what is missing in the settings; empty as a rule
        """
        refusals = []
        charged = self.filtered(lambda line: line._has_fee())
        for company, lines in charged.grouped("company_id").items():
            if not company._find_credit_return_fee_account() and any(
                line._get_fee_policy() != "receivable" or not line._get_debtor()
                for line in lines
            ):
                refusals.append(company._get_no_fee_account_text())
            if not company._find_credit_return_fee_product() and any(
                line._get_fee_policy() == "invoice" and line._get_debtor()
                for line in lines
            ):
                refusals.append(company._get_no_fee_product_text())
        return refusals

    def _get_fee_balance(self):
        """The fee in the company's currency, at the rate of its booking day."""
        self.ensure_one()
        return self.currency_id._convert(
            self.fee_amount, self.company_currency_id, self.company_id, self.return_date
        )

    def _get_fee_debit(self):
        """Where the fee is debited, and to whom.

        :return: (account, partner or empty)
        :raises UserError: when the company has no account for it
        """
        partner = self._get_debtor()
        if self._owes_fee():
            account = (
                self.move_line_id.account_id
                or partner.with_company(self.company_id).property_account_receivable_id
            )
            return account, partner
        return self.company_id._get_credit_return_fee_account(), partner.browse()
