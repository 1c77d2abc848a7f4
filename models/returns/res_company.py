from odoo import models
from odoo.exceptions import UserError


class ResCompany(models.Model):
    """Where a company books its returns."""

    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    def _get_credit_return_journal(self):
        """Return the journal of the return entries: a general one.

        Core keeps the items of general journals out of payment follow-ups; the
        reopened invoice is what has to be followed up.

        :raises UserError: when the company has no general journal
        """
        self.ensure_one()
        chosen = self._get_of_parents("credit_return_journal_id")
        journal = chosen or self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self),
                ("type", "=", "general"),
                ("id", "!=", self.currency_exchange_journal_id.id),
                ("id", "!=", self.tax_cash_basis_journal_id.id),
            ],
            limit=1,
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%(company)s has no general journal for the return entries. "
                    "Choose one in Invoicing > Credit > Configuration > Settings.",
                    company=self.display_name,
                )
            )
        return journal

    def _find_credit_return_fee_account(self):
        """Return the bank charges account, or nothing: a choice, or else the chart's.

        The Italian chart has one fitting account, 4213 "Spese di incasso".
        """
        root = self.root_id
        # Who works in a branch only has the accounts of its head office, too.
        chart = self.env["account.chart.template"].sudo().with_company(root)
        account = self._get_of_parents("credit_return_fee_account_id")
        if not account and root.chart_template == "it":
            account = chart.ref("4213", raise_if_not_found=False)
        return account and account.sudo(self.env.su)

    def _get_credit_return_fee_account(self):
        """Return what `_find_credit_return_fee_account` finds.

        :raises UserError: when there is none
        """
        account = self._find_credit_return_fee_account()
        if not account:
            raise UserError(
                self.env._(
                    "The bank charged fees, but %(company)s has no account for them. "
                    "Choose the Return Fee Account in Invoicing > Credit > "
                    "Configuration > Settings.",
                    company=self.display_name,
                )
            )
        return account

    def _get_credit_return_fee_product(self):
        """Return what a draft invoice of fees is made of.

        :raises UserError: when the company has no product for them
        """
        product = self._get_of_parents("credit_return_fee_product_id")
        if not product:
            raise UserError(
                self.env._(
                    "The fees are to be invoiced, but %(company)s has no product for "
                    "them. Choose the Return Fee Product in Invoicing > Credit > "
                    "Configuration > Settings.",
                    company=self.display_name,
                )
            )
        return product
