from odoo import fields, models
from odoo.tools import SQL

from ..credit.credit_exposure import BUCKETS, HELD, READ_FIELDS
from ..holds.credit_exposure import HELD_FIELDS


class CreditExposureReport(models.Model):
    """What the blocked customers owe or are about to owe, now: one row a customer.

    The exposure is that of a whole tree of companies, as on the customer's card: the
    row belongs to its head office. Live, from the very queries of the card.
    """

    _name = "credit.exposure.report"
    _description = "Exposure of Blocked Customers"
    _auto = False
    _rec_name = "partner_id"
    _order = "total desc, id desc"

    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    level_id = fields.Many2one(
        "credit.block.level",
        readonly=True,
        help="The most important one of the customer's blocks in force.",
    )
    level_color = fields.Integer(related="level_id.color")
    date_from = fields.Datetime(string="Since", readonly=True)
    open = fields.Monetary(
        string="Not Due", currency_field="company_currency_id", readonly=True
    )
    overdue = fields.Monetary(
        string="Overdue, Not Returned",
        currency_field="company_currency_id",
        readonly=True,
    )
    returned = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        help="Open again after a payment return.",
    )
    not_final = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        help="Collected, but the bank may still take it back.",
    )
    ordered = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        help="Confirmed orders not invoiced yet.",
    )
    drafts = fields.Monetary(
        string="Draft Invoices", currency_field="company_currency_id", readonly=True
    )
    total = fields.Monetary(
        string="Exposure", currency_field="company_currency_id", readonly=True
    )
    held = fields.Monetary(
        string="Held Orders",
        currency_field="company_currency_id",
        readonly=True,
        help="Waiting for a decision: not in the exposure.",
    )

    _depends = {
        **READ_FIELDS,
        "sale.order": [*READ_FIELDS["sale.order"], *HELD_FIELDS],
        "res.currency": ["rounding"],
        "credit.block": [
            "company_id",
            "date_from",
            "level_id",
            "partner_id",
            "state",
            "until",
        ],
        "credit.block.level": ["sequence"],
    }

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            self._get_company_query(company) for company in self._get_head_offices()
        )

    def action_open_customer(self):
        """Open the customer of a row.

        :return: a window action
        :raises AccessError: for who may not see the row
        """
        self.check_access("read")
        return self.partner_id._get_records_action()

    def _get_head_offices(self):
        """The head offices in whose tree somebody is blocked, or any: never none."""
        companies = self.env["res.company"].sudo()
        groups = (
            self.env["credit.block"]
            .sudo()
            ._read_group([("state", "=", "in_force")], ["company_id"])
        )
        blocking = companies.union(*(company for (company,) in groups))
        return blocking.root_id or companies.search([], limit=1).root_id

    def _get_company_query(self, company):
        """Return one row for each customer blocked in the tree of a head office."""
        return SQL(
            """
            SELECT block.id,
                   block.partner_id,
                   %(company)s AS company_id,
                   %(currency)s AS company_currency_id,
                   block.level_id,
                   block.date_from,
                   %(amounts)s
              FROM (%(blocks)s) AS block
         LEFT JOIN (SELECT owner, %(sums)s
                      FROM (%(exposure)s) AS bucket
                  GROUP BY owner) AS exposure
                ON exposure.owner = block.partner_id
            """,
            company=company.id,
            currency=company.currency_id.id,
            amounts=self._get_amounts(company.currency_id),
            blocks=self._get_blocks_query(company),
            sums=SQL(", ").join(self._get_sum(name) for name in (*BUCKETS, HELD)),
            exposure=self.env["credit.exposure"]._get_statement_where(
                self._get_members_condition(company), company
            ),
        )

    def _get_blocks_query(self, company):
        """The most important block in force of each customer in a tree of companies."""
        return SQL(
            """
            SELECT DISTINCT ON (block.partner_id)
                   block.id, block.partner_id, block.level_id, block.date_from
              FROM credit_block block
              JOIN credit_block_level level ON level.id = block.level_id
             WHERE block.company_id IN (
                       SELECT id FROM res_company WHERE parent_path LIKE %(path)s)
               AND %(in_force)s
          ORDER BY block.partner_id, level.sequence DESC, level.id DESC
            """,
            path=f"{company.id}/%",
            in_force=self.env["credit.block"]._get_in_force_sql(company),
        )

    def _get_members_condition(self, company):
        """Condition on contacts of the blocked; ``tree`` is the statement's."""
        return SQL(
            """commercial_partner_id IN (
                   SELECT block.partner_id
                     FROM credit_block block
                    WHERE block.company_id IN (SELECT id FROM tree)
                      AND %s)""",
            self.env["credit.block"]._get_in_force_sql(company),
        )

    def _get_sum(self, bucket):
        return SQL(
            "SUM(amount) FILTER (WHERE bucket = %s) AS %s",
            bucket,
            SQL.identifier(bucket),
        )

    def _get_amounts(self, currency):
        """Round as the card does: each bucket, and the total of the rounded ones."""
        rounded = {
            name: SQL(
                "ROUND(COALESCE(exposure.%s, 0)::numeric / %s) * %s",
                SQL.identifier(name),
                currency.rounding,
                currency.rounding,
            )
            for name in (*BUCKETS, HELD)
        }
        total = SQL(" + ").join(rounded[name] for name in BUCKETS)
        columns = [(total, "total"), *((sql, name) for name, sql in rounded.items())]
        return SQL(", ").join(
            SQL("%s AS %s", sql, SQL.identifier(name)) for sql, name in columns
        )
