from odoo import models


class AccountPaymentReturnLine(models.Model):
    """Who bears what the bank charges for a return.

    Our cost: the fee goes to the bank charges account. Charged again on the entry:
    the customer owes it on the receivable account. Charged again by invoice: it is
    our cost, and a draft invoice asks it back.
    """

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    def _get_fee_policy(self):
        """The customer's own policy, or else the company's."""
        self.ensure_one()
        partner = self._get_debtor().sudo().with_company(self.company_id)
        return (
            partner.credit_return_fee_policy or self.company_id.credit_return_fee_policy
        )

    def _has_fee(self):
        """Whether the bank charged anything."""
        self.ensure_one()
        return not self.currency_id.is_zero(self.fee_amount)

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
        if self._get_fee_policy() == "receivable" and partner:
            account = (
                self.move_line_id.account_id
                or partner.with_company(self.company_id).property_account_receivable_id
            )
            return account, partner
        return self.company_id._get_credit_return_fee_account(), partner.browse()
