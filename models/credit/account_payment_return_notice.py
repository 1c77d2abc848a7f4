from collections import defaultdict

from odoo import models


class AccountPaymentReturnNotice(models.Model):
    """What credits of a customer leave of what came back."""

    _inherit = "account.payment.return.notice"

    def _get_balances(self):
        """Override of `returns`: on balance, with credits that are real money.

        :return: dict from notice to amount in the currency of the company, from 0 on
        """
        money, balances = self.env["credit.real.money"], dict.fromkeys(self, 0.0)
        by_company = defaultdict(self.browse)
        for notice in self:
            for company in notice.line_ids.company_id:
                by_company[company] |= notice
        for company, notices in by_company.items():
            owed = money._get_owed(notices.partner_id, company)
            for notice in notices:
                balances[notice] += max(owed[notice.partner_id.id], 0.0)
        return balances
