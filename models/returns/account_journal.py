from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import date_utils

from .. import entered_numbers
from .return_states import WAITING


class AccountJournal(models.Model):
    _inherit = "account.journal"

    credit_return_fee = fields.Monetary(
        string="Fee of a Return",
        currency_field="currency_id",
        help="What the bank charges for each return, in the currency of the journal:"
        " it counts where neither its file nor a person says otherwise.",
    )

    @api.constrains(entered_numbers.get_names)
    def _check_credit_numbers(self):
        """Raise ValidationError for a fee below zero."""
        entered_numbers.check(self)

    def _get_return_fee(self, currency, day):
        """Return what a bank charges for a return of a day, in a currency.

        :param currency: the one that is asked for; empty for the journal's own
        """
        fee, company = self.credit_return_fee, self.company_id.sudo()
        own = self.currency_id or company.currency_id
        if not fee or not currency or currency == own:
            return fee
        return own._convert(fee, currency, company, day or company._get_credit_today())

    def _fill_bank_cash_dashboard_data(self, dashboard_data):
        """Override of `account`: what came back, on the tiles of the banks.

        For who may import them, and with his rights.

        :param dashboard_data: dict from journal id to what its tile shows; filled
        """
        res = super()._fill_bank_cash_dashboard_data(dashboard_data)
        banks = self.filtered(lambda journal: journal.type == "bank")
        if banks and self.env["account.payment.return"].has_access("create"):
            banks._fill_returns_dashboard_data(dashboard_data)
        return res

    def _fill_returns_dashboard_data(self, dashboard_data):
        """Fill in the returns of banks, by three queries whatever their number."""
        drafts = self._group_returns(Domain("state", "=", "draft"), "__count")
        month = self._group_returns(self._get_month_domain(), "amount_total:sum")
        lines = self.env["account.payment.return.line"]._read_group(
            self._get_to_match_domain(), ["journal_id"], ["__count"]
        )
        pending, takes_drop = dict(lines), not self._imports_statements()
        for bank in self:
            data = dashboard_data[bank.id]
            amount, currency = month.get(bank, 0.0), bank._get_company_currency()
            data["payment_returns"] = {
                "drafts": drafts.get(bank, 0),
                "to_match": pending.get(bank, 0),
                "month": not currency.is_zero(amount) and currency.format(amount),
                "takes_drop": takes_drop,
            }
            if takes_drop:
                text = self.env._("Drop to import payment returns")
                data["drag_drop_settings"]["text"] = text

    def _group_returns(self, domain, aggregate):
        """A figure of the returns of each bank, as a dict from journal."""
        groups = self.env["account.payment.return"]._read_group(
            Domain("journal_id", "in", self.ids) & domain, ["journal_id"], [aggregate]
        )
        return dict(groups)

    def _get_month_domain(self):
        """What came back this month; the same as the filters that the tile opens."""
        first, last = date_utils.get_month(self.env.company._get_credit_today())
        return (
            Domain("date", ">=", first)
            & Domain("date", "<=", last)
            & Domain("state", "!=", "cancelled")
        )

    def _get_to_match_domain(self):
        return (
            Domain("journal_id", "in", self.ids)
            & Domain("state", "=", "draft")
            & Domain("match_state", "in", WAITING)
        )

    def _get_company_currency(self):
        """The currency of the totals; core's tiles read it with the same rights."""
        return self.company_id.sudo().currency_id.sudo(False)

    def _imports_statements(self):
        """Whether another addon takes files that are dropped on the tile."""
        sources = self._get_bank_statements_available_sources()
        return any(name.startswith("file_import") for name, _label in sources)
