"""When a block is in force, in the words of the ORM and of SQL.

It is out of force the day after ``until``, closed by the job or not.
"""

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import orm_internals


class CreditBlock(models.Model):
    _inherit = "credit.block"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _get_in_force_domain(self, company):
        """Return the domain of the blocks that count today in a company.

        Those of its head office count too.
        """
        return Domain("company_id", "in", company.sudo().parent_ids.ids) & (
            self._get_in_force_on(company._get_credit_today())
        )

    @api.model
    def _get_in_force_on(self, day):
        """Return the domain of the blocks in force on a day."""
        return Domain("state", "=", "in_force") & (
            Domain("until", "=", False) | Domain("until", ">=", day)
        )

    @api.model
    def _get_in_force_sql(self, company):
        """Return the same as `SQL`, of rows ``block``, today in a company."""
        return SQL(
            """(block.state = 'in_force'
                AND (block.until IS NULL OR block.until >= %s))""",
            company._get_credit_today(),
        )

    @api.model
    def _keep_in_force(self, rows):
        """Return blocks that a statement found by the above, not to be read once more.

        :param rows: list of dicts of what it told, by name of column
        """
        rows = [{**row, "state": "in_force"} for row in rows]
        return orm_internals.keep_read(self, rows)

    @api.model
    def _search_in_force(self, domain):
        """Return the blocks of a domain that are in force, each in its company."""
        domain = Domain(domain) & Domain("state", "=", "in_force")
        return self.search(domain)._filter_in_force()

    def _filter_in_force(self):
        """Return those of these that are in force, each on the day of its company."""
        days = {c: c._get_credit_today() for c in self.company_id}
        return self.filtered(
            lambda block: (
                block.state == "in_force"
                and (not block.until or block.until >= days[block.company_id])
            )
        )

    def _expire(self):
        """Close and return those of these whose last day is over."""
        expired = self.filtered(lambda b: b.state == "in_force")
        expired -= expired._filter_in_force()
        expired._close(state="expired")
        return expired

    @api.model
    def _cron_expire(self, limit=1000):
        """Close the blocks whose last day is over; they are out of force already."""
        domain = self._get_expired_domain()
        expired = self.search(domain, limit=limit)
        expired._close(state="expired")
        remaining = self.search_count(domain) if len(expired) == limit else 0
        self.env["ir.cron"]._commit_progress(len(expired), remaining=remaining)

    @api.model
    def _get_expired_domain(self):
        """Return the domain of open blocks whose last day is over where they are."""
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        days = companies.search([]).grouped(lambda c: c._get_credit_today())  # pylint: disable=no-search-all
        return Domain("state", "=", "in_force") & Domain.OR(
            Domain("company_id", "in", group.ids) & Domain("until", "<", day)
            for day, group in days.items()
        )
