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
        account = self._find_chosen_or_italian("credit_return_fee_account_id", "4213")
        return account.sudo(self.env.su)

    def _find_chosen_or_italian(self, name, number):
        """Return what a company or its head office has chosen, or the chart's, in sudo.

        Who works in a branch only has the accounts of its head office, too.

        :param name: a field of the company
        :param number: what is meant by it, as the Italian chart calls it
        """
        found, root = self._get_of_parents(name).sudo(), self.root_id
        if found or root.chart_template != "it":
            return found
        chart = self.env["account.chart.template"].sudo().with_company(root)
        return chart.ref(number, raise_if_not_found=False) or found

    def _get_credit_return_fee_account(self):
        """Return what `_find_credit_return_fee_account` finds.

        :raises UserError: when there is none
        """
        account = self._find_credit_return_fee_account()
        if not account:
            raise UserError(self._get_no_fee_account_text())
        return account

    def _get_no_fee_account_text(self):
        """Say that there is no account for the bank's fees, and where to choose one."""
        return self.env._(
            "The bank charged fees, but %(company)s has no account for them. "
            "Choose the Return Fee Account in Invoicing > Credit > "
            "Configuration > Settings, or ask your administrator to.",
            company=self.display_name,
        )

    def _get_credit_return_fee_product(self):
        """Return what a draft invoice of fees is made of.

        :raises UserError: when the company has no product for them
        """
        product = self._find_credit_return_fee_product()
        if not product:
            raise UserError(self._get_no_fee_product_text())
        return product

    def _find_credit_return_fee_product(self):
        """Return what a draft invoice of fees is made of, or nothing."""
        return self._get_of_parents("credit_return_fee_product_id")

    def _get_no_fee_product_text(self):
        """Say that there is no product for the fees, and where to choose one."""
        return self.env._(
            "The fees are to be invoiced, but %(company)s has no product for "
            "them. Choose the Return Fee Product in Invoicing > Credit > "
            "Configuration > Settings, or ask your administrator to.",
            company=self.display_name,
        )
