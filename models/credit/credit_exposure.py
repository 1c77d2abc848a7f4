from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .. import read_fields
from ..partner_answers import PartnerAnswers

#: What the exposure of a customer is made of. Nothing is in two of them.
BUCKETS = ("open", "overdue", "returned", "not_final", "ordered", "drafts")
#: Shown beside them, in no total: nobody has agreed to these orders yet. What waits is
#: for those to say who make it wait.
HELD = "held"
#: Of what model the records behind a bucket are.
SOURCES = {
    "open": "account.move.line",
    "overdue": "account.move.line",
    "returned": "account.move.line",
    "not_final": "account.payment",
    "ordered": "sale.order",
    "drafts": "account.move.line",
    HELD: "sale.order",
}

# A bill is presented at most so long before it is due.
PRESENTED_DAYS = 400

# What the statement reads, to be written to the database before it.
READ_FIELDS = {
    "res.partner": ["commercial_partner_id"],
    "res.company": ["account_opening_move_id", "parent_path"],
    "account.account": ["account_type"],
    "account.move": [
        "amount_total",
        "commercial_partner_id",
        "company_id",
        "currency_id",
        "invoice_currency_rate",
        "move_type",
        "origin_payment_id",
        "payment_return_id",
        "reversed_entry_id",
        "state",
        "statement_line_id",
    ],
    "account.move.line": [
        "account_id",
        "amount_currency",
        "amount_residual",
        "balance",
        "company_id",
        "currency_id",
        "date",
        "date_maturity",
        "display_type",
        "move_id",
        "move_name",
        "parent_state",
        "partner_id",
        "price_total",
        "product_uom_id",
        "quantity",
        "reconciled",
        "sale_line_ids",
    ],
    "account.partial.reconcile": [
        "credit_amount_currency",
        "credit_move_id",
        "debit_move_id",
    ],
    "account.payment": [
        "amount",
        "amount_company_currency_signed",
        "collection_due_date",
        "company_id",
        "date",
        "invoice_ids",
        "move_id",
        "partner_id",
        "partner_type",
        "payment_method_line_id",
        "payment_type",
        "state",
    ],
    "account.payment.method.line": ["credit_final_days"],
    "account.payment.presentation.line": ["move_line_id", "payment_id"],
    "account.payment.return.line": [
        "amount",
        "invoice_line_ids",
        "match_state",
        "payment_id",
        "state",
    ],
    "sale.order": [
        "amount_total",
        "company_id",
        "currency_id",
        "currency_rate",
        "invoice_status",
        "partner_invoice_id",
        "state",
    ],
    "sale.order.line": [
        "credit_unit_price",
        "display_type",
        "is_downpayment",
        "order_id",
        "price_total",
        "product_uom_id",
        "product_uom_qty",
        "qty_delivered",
        "qty_invoiced",
    ],
    "uom.uom": ["factor"],
}


class CreditExposure(models.AbstractModel):
    """What customers owe or are about to owe: one statement, however many they are.

    Never stored, never cached: an exposure that is a minute old lets two orders pass.
    """

    _name = "credit.exposure"
    _description = "Credit Exposure"

    @api.model
    def _get_buckets(self, partners, company, locking=False):
        """Return a dict from id of each commercial partner to its buckets.

        :param partners: commercial partners
        :param company: a `res.company`; its whole tree counts, as in core's `credit`
        :param locking: take the `credit.exposure.lock` of these customers with it: what
            is read is what was true when the transaction began, before or after
        :return: dict of dict: an amount for each of `BUCKETS`, ``held`` and ``total``,
            rounded, in the currency of the company
        """
        company = company.sudo()
        company.ensure_one()
        sums = {partner_id: {} for partner_id in partners.ids}
        if sums:
            self._flush_books()
            statement = self._get_statement(partners, company)
            if locking:
                taking = self.env["credit.exposure.lock"]._get_taking(
                    SQL("SELECT UNNEST(%s)", partners.ids), company
                )
                statement = SQL(
                    "WITH taken AS (%s) SELECT * FROM (%s) AS part", taking, statement
                )
            for owner, bucket, amount in self.env.execute_query(statement):
                sums[owner][bucket] = amount
        currency = company.currency_id
        answers = {
            partner_id: self._round(amounts, currency)
            for partner_id, amounts in sums.items()
        }
        return PartnerAnswers(answers, self._round({}, currency))

    @api.model
    def _get_records(self, partner, company, bucket):
        """Return what a bucket of a customer is made of; whatever is worth nothing not.

        With the rights of who asks: what they may not see is for the caller to filter.

        :param partner: a commercial partner
        :param company: as in `_get_buckets`
        :param str bucket: one of `SOURCES`
        """
        company = company.sudo()
        self._flush_books()
        rows = self.env.execute_query(
            SQL(
                """
                %s
                SELECT DISTINCT UNNEST(record_ids)
                  FROM (%s) AS part
                 WHERE bucket = %s AND amount <> 0
                """,
                self._get_tables(
                    SQL("commercial_partner_id = %s", partner.id), company
                ),
                self._get_parts_query(company),
                bucket,
            )
        )
        return self.env[SOURCES[bucket]].browse([id_ for (id_,) in rows])

    def _flush_books(self):
        read_fields.flush(self.env, READ_FIELDS)

    def _round(self, amounts, currency):
        """Complete the buckets of a customer with the empty ones and the total."""
        rounded = {
            bucket: currency.round(amounts.get(bucket) or 0.0)
            for bucket in (*BUCKETS, HELD)
        }
        total = sum(rounded[bucket] for bucket in BUCKETS)
        return {**rounded, "total": currency.round(total)}

    def _get_statement(self, partners, company):
        return self._get_statement_where(
            SQL("commercial_partner_id = ANY(%s)", partners.ids), company
        )

    def _get_statement_where(self, members, company):
        """Return the statement of the exposure of whoever fulfils a condition.

        :param SQL members: on the contacts, which may use the table ``tree`` below
        :return: `SQL` of (owner, bucket, amount in the company's currency)
        """
        return SQL(
            """
            %s
          SELECT owner, bucket, SUM(amount) AS amount
            FROM (%s) AS part
        GROUP BY owner, bucket
            """,
            self._get_tables(members, company),
            self._get_parts_query(company),
        )

    def _get_tables(self, members, company):
        """Return the tables that the parts read: companies, and contacts."""
        return SQL(
            """
            WITH tree AS (SELECT id FROM res_company WHERE parent_path LIKE %(path)s),
               member AS (SELECT id, commercial_partner_id AS owner
                            FROM res_partner
                           WHERE %(members)s)
            """,
            path=f"{company.root_id.id}/%",
            members=members,
        )

    def _get_parts_query(self, company):
        return SQL(" UNION ALL ").join(self._get_parts(company._get_credit_today()))

    def _get_parts(self, today):
        """Return the queries that make the exposure, for other addons to extend.

        :param today: the day of the company that asks
        :return: list of `SQL` of (owner, bucket, amount in the company's currency, ids
            of the records that make it, as in `SOURCES`), which may use the tables
            ``member`` (id, owner) and ``tree`` (id) of companies
        """
        return [
            self._get_items_query(today),
            self._get_not_final_query(today),
            self._get_settled_query(today),
            self._get_ordered_query(),
            self._get_reduced_query(),
        ]

    # === INVOICES === #

    def _get_items_query(self, today):
        """Open receivable items, and those of drafts.

        A draft credit note lowers nothing: whoever makes it may delete it again.

        The index of what is not reconciled gives both. Subqueries of one value, not
        EXISTS, lest PostgreSQL read all the returns and entries to hash them.
        """
        return SQL(
            """
            SELECT member.owner,
                   CASE WHEN item.parent_state = 'draft' THEN 'drafts'
                        WHEN item.amount_residual <= 0 THEN 'open'
                        WHEN %(returned)s IS NOT NULL THEN 'returned'
                        WHEN COALESCE(item.date_maturity, item.date) < %(today)s
                        THEN 'overdue'
                        ELSE 'open'
                   END AS bucket,
                   CASE WHEN item.parent_state = 'draft'
                        THEN GREATEST(item.balance, 0)
                        ELSE item.amount_residual
                   END AS amount,
                   ARRAY[item.id] AS record_ids
              FROM member
              JOIN account_move_line item ON item.partner_id = member.id
             WHERE item.account_id IN (
                       SELECT id FROM account_account
                        WHERE account_type = 'asset_receivable')
               AND item.reconciled IS NOT TRUE
               AND item.company_id IN (SELECT id FROM tree)
               AND (item.parent_state = 'posted'
                    OR (item.parent_state = 'draft'
                        AND (SELECT move_type FROM account_move
                              WHERE id = item.move_id)
                            IN ('out_invoice', 'out_refund', 'out_receipt')))
            """,
            today=today,
            returned=self._get_return_of_item(),
        )

    def _get_return_of_item(self):
        return SQL(
            """(
                SELECT line.id
                  FROM account_payment_return_line_invoice_rel rel
                  JOIN account_payment_return_line line ON line.id = rel.return_line_id
                 WHERE rel.move_line_id = item.id
                   AND %s
                 LIMIT 1)""",
            self.env["account.payment.return.line"]._get_came_back_sql(),
        )

    # === PAYMENTS === #

    def _get_not_final_query(self, today):
        """Collections that the bank may still take back, less what it already took."""
        return SQL(
            """
            SELECT member.owner, 'not_final', %(amount)s, ARRAY[payment.id]
              FROM member
              JOIN account_payment payment ON payment.partner_id = member.id
              JOIN account_payment_method_line method
                ON method.id = payment.payment_method_line_id
              JOIN account_move entry ON entry.id = payment.move_id
             WHERE entry.state = 'posted'
               AND %(counts)s
            """,
            amount=self._get_collected_amount(),
            counts=self._get_not_final_condition(today),
        )

    def _get_settled_query(self, today):
        """The same of payments without entry, which pay nothing in the ledger.

        They count for what is not open on their invoices any more: what is open counts
        there.
        """
        return SQL(
            """
            SELECT member.owner, 'not_final',
                   GREATEST(%(amount)s - invoices.residual, 0), ARRAY[payment.id]
              FROM member
              JOIN account_payment payment ON payment.partner_id = member.id
              JOIN account_payment_method_line method
                ON method.id = payment.payment_method_line_id
        CROSS JOIN LATERAL %(invoices)s AS invoices
             WHERE payment.move_id IS NULL
               AND invoices.residual IS NOT NULL
               AND %(counts)s
            """,
            amount=self._get_collected_amount(),
            invoices=self._get_unsettled_query(),
            counts=self._get_not_final_condition(today),
        )

    def _get_not_final_condition(self, today):
        return SQL(
            "(%s AND payment.company_id IN (SELECT id FROM tree))",
            self._get_not_final_payment_sql(today),
        )

    def _get_not_final_payment_sql(self, today):
        """Say that the bank may still take a payment back, by its method.

        The days start when it is due: a bill is presented long before.
        """
        return SQL(
            """(method.credit_final_days > 0
                AND payment.date >= %(oldest)s - method.credit_final_days
                AND payment.payment_type = 'inbound'
                AND payment.partner_type = 'customer'
                AND payment.state IN ('in_process', 'paid')
                AND GREATEST(payment.date, %(due)s)
                    >= %(today)s - method.credit_final_days)""",
            oldest=today - timedelta(days=PRESENTED_DAYS),
            due=self._get_due_day(),
            today=today,
        )

    def _get_due_day(self):
        """The last day on which what a payment pays is due; NULL where it pays nothing.

        By its entry, or by the invoices of one that has none. A receipt has a due date
        of its own: what came back is presented again for a later day.
        """
        return SQL(
            """COALESCE(payment.collection_due_date, (SELECT MAX(paid.date_maturity)
                  FROM account_move_line paid
                 WHERE paid.id IN (
                        SELECT partial.debit_move_id
                          FROM account_move_line own
                          JOIN account_partial_reconcile partial
                            ON partial.credit_move_id = own.id
                         WHERE own.move_id = payment.move_id
                         UNION
                        SELECT item.id
                          FROM account_move__account_payment rel
                          JOIN account_move_line item ON item.move_id = rel.invoice_id
                         WHERE rel.payment_id = payment.id
                           AND payment.move_id IS NULL
                           AND item.display_type = 'payment_term')))"""
        )

    def _get_collected_amount(self):
        """What nobody has taken back of a payment, in the company's currency.

        Neither a return nor an entry, as `account.payment.return.left` says: what these
        took is owed again.
        """
        return SQL(
            """(payment.amount_company_currency_signed / NULLIF(payment.amount, 0)
                * GREATEST(
                    payment.amount
                    - COALESCE((SELECT SUM(line.amount)
                                  FROM account_payment_return_line line
                                 WHERE line.payment_id = payment.id
                                   AND %(came_back)s), 0)
                    - COALESCE((SELECT SUM(taken.amount)
                                  FROM (%(entries)s) AS taken(
                                       item_id, taken_id, partial_id, name,
                                       currency_id, amount, day)), 0),
                    0))""",
            came_back=self.env["account.payment.return.line"]._get_came_back_sql(),
            entries=self.env["account.payment.return.left"]._select_entries(
                self._get_receivable_item_sql()
            ),
        )

    def _get_receivable_item_sql(self):
        """Say that an item is what a payment has paid the customer's debts with."""
        return SQL(
            """(item.move_id = payment.move_id
                AND item.account_id IN (
                    SELECT id FROM account_account
                     WHERE account_type = 'asset_receivable'))"""
        )

    def _get_unsettled_query(self):
        """What is still open on the invoices of a payment; NULL where it has none.

        Of a receipt what is open of its instalments: others are no matter of it.
        """
        return SQL(
            """(
                SELECT SUM(item.amount_residual) AS residual
                  FROM account_move__account_payment rel
                  JOIN account_move_line item ON item.move_id = rel.invoice_id
                  JOIN account_account account ON account.id = item.account_id
                 WHERE rel.payment_id = payment.id
                   AND item.parent_state = 'posted'
                   AND account.account_type = 'asset_receivable'
                   AND (EXISTS (SELECT FROM account_payment_presentation_line told
                                 WHERE told.payment_id = payment.id
                                   AND told.move_line_id = item.id)
                        OR NOT EXISTS (
                            SELECT FROM account_payment_presentation_line told
                             WHERE told.payment_id = payment.id)))"""
        )

    # === ORDERS === #

    def _get_ordered_query(self):
        """What is confirmed and in no invoice, not even in a draft.

        An order lowers no exposure: the credit of one is not the limit of another.
        """
        return SQL(
            """
            SELECT member.owner, 'ordered',
                   GREATEST(SUM(%(line_amount)s), 0) / %(rate)s, ARRAY[orders.id]
              FROM member
              JOIN (%(lines)s) ON orders.partner_invoice_id = member.id
             WHERE orders.state = 'sale'
               AND orders.invoice_status IS DISTINCT FROM 'invoiced'
               AND orders.company_id IN (SELECT id FROM tree)
          GROUP BY member.owner, orders.id
            """,
            line_amount=self._get_line_amount(),
            lines=self._get_order_lines(),
            rate=self._get_order_rate(),
        )

    def _get_asked(self, orders):
        """Return a dict from order id to what it still asks for once it is confirmed.

        The rule is that of ``ordered``: what was invoiced before, and deposits, count
        elsewhere. Amounts in the currency of each order, whatever its state.
        """
        self._flush_books()
        statement = SQL(
            """
            WITH tree AS (SELECT id FROM res_company)
          SELECT orders.id, %(asked)s
            FROM %(lines)s
           WHERE orders.id = ANY(%(ids)s)
        GROUP BY orders.id
            """,
            asked=self._get_asked_amount(),
            lines=self._get_order_lines(),
            ids=orders.ids,
        )
        asked = dict.fromkeys(orders.ids, 0.0)
        asked.update(self.env.execute_query(statement))
        return asked

    def _get_asked_amount(self):
        """What is left of an order: its total, less what lines do not ask for any more.

        From the total, which may be rounded in another way than the lines.
        """
        return SQL(
            "GREATEST(orders.amount_total + SUM(%s - line.price_total), 0)",
            self._get_line_amount(),
        )

    def _get_order_lines(self):
        """Orders with their lines, and what draft credit notes take off these."""
        return SQL(
            """sale_order orders
              JOIN sale_order_line line
                ON line.order_id = orders.id AND line.display_type IS NULL
         LEFT JOIN (%s) AS credited ON credited.line_id = line.id""",
            self._get_credited_query(),
        )

    def _get_credited_query(self):
        """Quantities in draft credit notes, which Odoo takes for not invoiced."""
        return SQL(
            """
            SELECT line.id AS line_id, SUM(%(quantity)s) AS quantity
              FROM %(drafted)s
             WHERE move.state = 'draft'
               AND move.move_type = 'out_refund'
               AND move.company_id IN (SELECT id FROM tree)
          GROUP BY line.id
            """,
            quantity=self._get_drafted_quantity(),
            drafted=self._get_drafted_lines(),
        )

    def _get_reduced_query(self):
        """What draft invoices charge less than the orders that they are for.

        Until it is posted anybody may put an invoice back as it was: a lower price, a
        line that takes something off, another customer, another rate or its day.
        """
        return SQL(
            """
            SELECT owner, 'ordered',
                   GREATEST(SUM(amount) - GREATEST(MAX(charged), 0), 0),
                   ARRAY_AGG(order_id)
              FROM (
                SELECT member.owner,
                       move.id,
                       orders.id AS order_id,
                       %(worth)s / %(rate)s AS amount,
                       CASE WHEN move.commercial_partner_id = member.owner
                            THEN move.amount_total / %(move_rate)s
                            ELSE 0
                       END AS charged
                  FROM %(drafted)s
                  JOIN sale_order orders ON orders.id = line.order_id
                  JOIN member ON member.id = orders.partner_invoice_id
                 WHERE move.state = 'draft'
                   AND move.move_type IN ('out_invoice', 'out_receipt')
                   AND move.company_id IN (SELECT id FROM tree)
                   AND orders.state = 'sale') AS drafted
          GROUP BY owner, id
            """,
            worth=self._get_drafted_worth(),
            rate=self._get_order_rate(),
            move_rate=self._get_move_rate(),
            drafted=self._get_drafted_lines(),
        )

    def _get_drafted_lines(self):
        """Invoices with their items and the order lines that these are for."""
        return SQL(
            """account_move move
                  JOIN account_move_line item ON item.move_id = move.id
                  JOIN sale_order_line_invoice_rel rel
                    ON rel.invoice_line_id = item.id
                  JOIN sale_order_line line ON line.id = rel.order_line_id
             LEFT JOIN uom_uom item_uom ON item_uom.id = item.product_uom_id
             LEFT JOIN uom_uom line_uom ON line_uom.id = line.product_uom_id"""
        )

    def _get_drafted_quantity(self):
        """The quantity of an item, in the unit of its order line."""
        return SQL(
            "item.quantity * COALESCE(item_uom.factor / NULLIF(line_uom.factor, 0), 1)"
        )

    def _get_drafted_worth(self):
        """What an item would charge at the price of the order, in its currency.

        An allowance takes off no more than was ordered.
        """
        return SQL(
            """CASE
                   WHEN line.is_downpayment AND line.product_uom_qty = 0
                   THEN item.price_total
                   WHEN %(price)s * %(quantity)s < 0
                   THEN GREATEST(%(price)s * %(quantity)s, LEAST(line.price_total, 0))
                   ELSE %(price)s * %(quantity)s
               END""",
            quantity=self._get_drafted_quantity(),
            price=self._get_unit_price(),
        )

    def _get_move_rate(self):
        return SQL("COALESCE(NULLIF(move.invoice_currency_rate, 0), 1)")

    def _get_order_rate(self):
        return SQL("COALESCE(NULLIF(orders.currency_rate, 0), 1)")

    def _get_line_amount(self):
        """What is left of an order line, taxes included, in the order's currency.

        What was delivered beyond the order counts too, whatever the product is invoiced
        on, and never lowers it. A down payment that was invoiced is owed as an invoice,
        no more as an order; what has a quantity is none, whatever it is called.
        """
        return SQL(
            """CASE
                   WHEN line.is_downpayment AND line.product_uom_qty = 0
                   THEN -%(invoiced)s
                   WHEN %(worth)s >= 0
                   THEN GREATEST(%(worth)s - %(price)s * %(counted)s, 0)
                   ELSE LEAST(%(worth)s - %(price)s * %(counted)s, 0)
               END""",
            invoiced=self._get_invoiced_amount(),
            worth=self._get_line_worth(),
            counted=SQL(
                "(COALESCE(line.qty_invoiced, 0) + COALESCE(credited.quantity, 0))"
            ),
            price=self._get_unit_price(),
        )

    def _get_line_worth(self):
        """What was ordered, or delivered beyond that: as `_get_worth` of the line."""
        return SQL(
            """(CASE
                   WHEN COALESCE(line.qty_delivered, 0)
                        BETWEEN LEAST(line.product_uom_qty, 0)
                            AND GREATEST(line.product_uom_qty, 0)
                   THEN line.price_total
                   ELSE GREATEST(line.price_total, %s * line.qty_delivered)
               END)""",
            self._get_unit_price(),
        )

    def _get_unit_price(self):
        """The price of one piece with taxes, of a line that has a total or none."""
        return SQL(
            """(CASE WHEN line.product_uom_qty != 0
                     THEN line.price_total / line.product_uom_qty
                     ELSE COALESCE(line.credit_unit_price, 0) END)"""
        )

    def _get_invoiced_amount(self):
        """What the invoices of a down payment line make, those that deduct it included.

        Credit notes once they are posted. In the order's currency, at the order's rate
        where the invoice is in it too.
        """
        return SQL(
            """COALESCE((
                SELECT SUM(
                           item.price_total
                           * CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                           * CASE WHEN item.currency_id = orders.currency_id THEN 1
                                  ELSE orders.currency_rate
                                       / NULLIF(move.invoice_currency_rate, 0)
                             END)
                  FROM sale_order_line_invoice_rel rel
                  JOIN account_move_line item ON item.id = rel.invoice_line_id
                  JOIN account_move move ON move.id = item.move_id
                 WHERE rel.order_line_id = line.id
                   AND (move.state = 'posted'
                        OR (move.state = 'draft'
                            AND move.move_type != 'out_refund'))), 0)"""
        )
