from odoo import api, fields, models
from odoo.tools import SQL


class AccountPaymentReturnReport(models.Model):
    """What was collected from customers, beside what of it came back.

    One row a collection and one row a return, in the currency of the company, so that
    any grouping tells the share that came back.
    """

    _name = "account.payment.return.report"
    _inherit = ["credit.empty.list"]
    _description = "Payment Return Analysis"
    _auto = False
    _rec_name = "date"
    _order = "date desc, id desc"

    kind = fields.Selection(
        [("collection", "Collection"), ("return", "Payment Return")], readonly=True
    )
    date = fields.Date(
        readonly=True, help="When it was collected, or when it came back."
    )
    collection_date = fields.Date(
        string="Collected On",
        readonly=True,
        help="Of a return too: what came back of the collections of a month, whenever "
        "it did.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank",
        readonly=True,
        help="The bank that collected, also where another one told of the return.",
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    payment_id = fields.Many2one("account.payment", readonly=True)
    return_id = fields.Many2one(
        "account.payment.return", string="Payment Return", readonly=True
    )
    reason_id = fields.Many2one(
        "account.payment.return.reason", string="Return Reason", readonly=True
    )
    reason_category = fields.Selection(
        selection=lambda self: (
            self.env["account.payment.return.reason"]
            ._fields["category"]
            ._description_selection(self.env)
        ),
        string="Kind of Reason",
        readonly=True,
    )
    counts_as_default = fields.Boolean(
        string="Customer's Default",
        readonly=True,
        help="The return is the customer's fault, by its reason.",
    )
    collected_amount = fields.Monetary(
        string="Collected", currency_field="company_currency_id", readonly=True
    )
    returned_amount = fields.Monetary(
        string="Returned", currency_field="company_currency_id", readonly=True
    )
    collected_count = fields.Integer(string="Collections", readonly=True)
    returned_count = fields.Integer(string="Returns", readonly=True)
    return_rate = fields.Float(
        aggregator="avg",
        readonly=True,
        help="Amount returned on amount collected, of the whole group.",
    )

    _depends = {
        "account.journal": ["company_id"],
        "account.move": ["state"],
        "account.move.line": [
            "amount_currency",
            "balance",
            "company_id",
            "date",
            "journal_id",
            "partner_id",
        ],
        "account.payment": [
            "amount",
            "amount_company_currency_signed",
            "company_id",
            "date",
            "journal_id",
            "move_id",
            "partner_id",
            "partner_type",
            "payment_type",
            "state",
        ],
        "account.payment.return.line": [
            "amount",
            "commercial_partner_id",
            "company_id",
            "journal_id",
            "kind",
            "match_state",
            "move_line_id",
            "payment_id",
            "reason_category",
            "reason_id",
            "return_date",
            "return_id",
            "state",
        ],
        "account.payment.return.reason": ["counts_as_default"],
        "res.company": ["currency_id"],
        "res.partner": ["commercial_partner_id"],
    }

    @property
    def _table_query(self):
        return SQL(" UNION ALL ").join(
            (
                self._get_collections_query(),
                self._get_transactions_query(),
                self._get_returns_query(),
            )
        )

    @api.model
    def _read_group_select(self, aggregate_spec, query):
        """Override of `base`: the rate is a ratio of sums, never a mean of ratios."""
        if aggregate_spec != "return_rate:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "SUM(%(returned)s) / NULLIF(SUM(%(collected)s), 0)",
            returned=self._field_to_sql(self._table, "returned_amount", query),
            collected=self._field_to_sql(self._table, "collected_amount", query),
        )

    def _get_empty_list_hint(self):
        """Override of `credit.empty.list`: what ends it is an import, too."""
        return self.env["account.payment.return"]._get_empty_list_hint()

    def action_open_document(self):
        """Open the return, or the payment, of a row.

        :return: a window action
        :raises AccessError: for who may not see the row
        """
        self.ensure_one()
        self.check_access("read")
        return (self.return_id or self.payment_id)._get_records_action()

    # === ROWS === #

    def _get_collections_query(self):
        """Payments received from customers.

        A rejected one that no return explains never was a collection: the bank refused
        it before.
        """
        return SQL(
            """
            SELECT payment.id::bigint * 3 AS id,
                   'collection' AS kind,
                   payment.date,
                   payment.date AS collection_date,
                   payment.company_id,
                   company.currency_id AS company_currency_id,
                   payment.journal_id,
                   partner.commercial_partner_id AS partner_id,
                   payment.id AS payment_id,
                   NULL::integer AS return_id,
                   NULL::integer AS reason_id,
                   NULL::varchar AS reason_category,
                   NULL::boolean AS counts_as_default,
                   payment.amount_company_currency_signed AS collected_amount,
                   0::numeric AS returned_amount,
                   1 AS collected_count,
                   0 AS returned_count,
                   NULL::numeric AS return_rate
              FROM account_payment payment
              JOIN res_company company ON company.id = payment.company_id
         LEFT JOIN res_partner partner ON partner.id = payment.partner_id
             WHERE payment.payment_type = 'inbound'
               AND payment.partner_type = 'customer'
               AND (payment.state IN ('in_process', 'paid')
                    OR (payment.state = 'rejected'
                        AND payment.id IN (
                            SELECT line.payment_id
                              FROM account_payment_return_line line
                             WHERE %s)))
            """,
            self._get_came_back(),
        )

    def _get_transactions_query(self):
        """What came back although no payment had collected it: bank transactions.

        They count as collected too, or the rate would go beyond the whole.
        """
        return SQL(
            """
            SELECT item.id::bigint * 3 + 1,
                   'collection',
                   item.date,
                   item.date,
                   item.company_id,
                   company.currency_id,
                   item.journal_id,
                   partner.commercial_partner_id,
                   NULL::integer,
                   NULL::integer,
                   NULL::integer,
                   NULL::varchar,
                   NULL::boolean,
                   -item.balance,
                   0::numeric,
                   1,
                   0,
                   NULL::numeric
              FROM account_move_line item
              JOIN res_company company ON company.id = item.company_id
         LEFT JOIN res_partner partner ON partner.id = item.partner_id
             WHERE item.id IN (
                       SELECT line.move_line_id
                         FROM account_payment_return_line line
                        WHERE %s
                          AND line.payment_id IS NULL)
            """,
            self._get_came_back(),
        )

    def _get_returns_query(self):
        """Returns in the books, at the rate of what they take back.

        The journal item is asked for only where there is no payment: a join reads the
        whole ledger.
        """
        return SQL(
            """
            SELECT line.id::bigint * 3 + 2,
                   'return',
                   line.return_date,
                   COALESCE(payment.date, %(date)s, line.return_date),
                   line.company_id,
                   company.currency_id,
                   COALESCE(payment.journal_id, %(journal)s, line.journal_id),
                   line.commercial_partner_id,
                   line.payment_id,
                   line.return_id,
                   line.reason_id,
                   line.reason_category,
                   line.kind NOT IN ('reversal', 'recall')
                       AND COALESCE(reason.counts_as_default, TRUE),
                   0::numeric,
                   line.amount * COALESCE(
                       payment.amount_company_currency_signed
                           / NULLIF(payment.amount, 0),
                       %(rate)s,
                       1),
                   0,
                   1,
                   NULL::numeric
              FROM account_payment_return_line line
              JOIN res_company company ON company.id = line.company_id
         LEFT JOIN account_payment payment ON payment.id = line.payment_id
         LEFT JOIN account_payment_return_reason reason ON reason.id = line.reason_id
             WHERE %(came_back)s
            """,
            came_back=self._get_came_back(),
            date=self._get_of_item(SQL("item.date")),
            journal=self._get_of_item(SQL("item.journal_id")),
            rate=self._get_of_item(
                SQL("item.balance / NULLIF(item.amount_currency, 0)")
            ),
        )

    def _get_came_back(self):
        return self.env["account.payment.return.line"]._get_came_back_sql()

    def _get_of_item(self, value):
        return SQL(
            "(SELECT %s FROM account_move_line item WHERE item.id = line.move_line_id)",
            value,
        )
