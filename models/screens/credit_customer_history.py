"""What the past of a customer tells: how old the debt is, how and when it was paid."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import read_fields, said

#: Ages of open items, the older the worse.
AGES = ("not_due", "days_30", "days_60", "days_90", "older")
#: What lowers the balance and is no debt of any age.
UNUSED = "unused"
#: Months of payments and payment returns that are looked at.
MONTHS = 12
#: Rows of a history that are shown.
MOST_ROWS = 10

# What the statements read, to be written to the database before them.
READ_FIELDS = {
    "res.partner": ["commercial_partner_id", "name"],
    "res.company": ["parent_path"],
    "account.account": ["account_type"],
    "account.move": ["invoice_date", "move_type", "state"],
    "account.move.line": [
        "account_id",
        "amount_residual",
        "balance",
        "company_id",
        "date",
        "date_maturity",
        "move_id",
        "parent_state",
        "partner_id",
        "reconciled",
    ],
    "account.partial.reconcile": ["credit_move_id", "debit_move_id", "max_date"],
    "account.payment": [
        "amount_company_currency_signed",
        "company_id",
        "date",
        "partner_id",
        "partner_type",
        "payment_type",
        "state",
    ],
    "account.payment.return.line": [
        "commercial_partner_id",
        "match_state",
        "payment_id",
        "state",
    ],
    "res.users": ["partner_id"],
    "sale.order": ["amount_total", "currency_id", "name"],
    "sale.order.hold": [
        "company_id",
        "decided_by_id",
        "decided_on",
        "decision_reason",
        "order_id",
        "partner_id",
        "state",
    ],
}
PAST_BLOCK_FIELDS = [
    "company_id",
    "date_from",
    "level_id",
    "lift_said",
    "lifted_by_id",
    "lifted_on",
    "partner_id",
    "reason_said",
    "set_by_id",
    "state",
]
NAME_FIELDS = {"res.users": ["partner_id"], "res.partner": ["name"]}


@dataclass(slots=True)
class Figures:
    """What one statement tells of a customer; amounts in the company's currency.

    ``days_to_pay`` run from the date of an invoice to the payment that settled the
    instalment, ``days_late`` from its due date: averages of ``paid_count`` instalments.
    ``decisions`` are the last orders that were released or refused.
    """

    aging: dict = field(default_factory=dict)
    collected: float = 0.0
    paid_count: int = 0
    days_to_pay: int = 0
    days_late: int = 0
    decisions: list = field(default_factory=list)


@dataclass(slots=True)
class Returns:
    """Collections of one customer that came back; amount in the company's currency."""

    count: int = 0
    amount: float = 0.0
    last_date: date | bool = False
    last_reason: str = ""


@dataclass(frozen=True, slots=True)
class PastBlock:
    """One row of the history of blocks, dates as the reader sees them."""

    level: object
    state: str
    since: date
    reason: str
    set_by: str
    ended: date | bool
    ended_by: str
    end_reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One order that was released or refused."""

    order: str
    amount: float
    currency: object
    is_released: bool
    on: date
    by: str
    reason: str


class CreditCustomerHistory(models.AbstractModel):
    """One statement a question, however many customers are asked about.

    Trusted, like the exposure: whoever shows it checks who may see it.
    """

    _name = "credit.customer.history"
    _description = "Payment History of Customers"

    # === FIGURES === #

    @api.model
    def _get_figures(self, partners, company):
        """Return a dict from id of each commercial partner to its `Figures`.

        :param company: a `res.company`; its whole tree counts, as in the exposure
        """
        figures = {partner_id: Figures() for partner_id in partners.ids}
        if figures:
            read_fields.flush(self.env, READ_FIELDS)
            for row in self.env.execute_query(self._get_statement(partners, company)):
                self._add_row(figures[row[0]], company.currency_id, *row[1:])
        return figures

    def _add_row(self, figures, currency, kind, amount, count, late, rows):
        """Put one row of the statement where it belongs."""
        if kind == "paid":
            figures.paid_count = count
            figures.days_to_pay, figures.days_late = round(amount), round(late)
        elif kind == "decisions":
            figures.decisions = [self._prepare_decision(**row) for row in rows]
        elif kind == "collected":
            figures.collected += currency.round(amount)
        else:
            figures.aging[kind] = currency.round(amount)

    def _prepare_decision(self, name, amount, currency, state, decided_on, by, reason):
        return Decision(
            order=name,
            amount=amount,
            currency=self.env["res.currency"].browse(currency),
            is_released=state == "released",
            on=self._to_date(datetime.fromisoformat(decided_on)),
            by=by or "",
            reason=reason or "",
        )

    def _get_statement(self, partners, company):
        today = company._get_credit_today()
        since = today - relativedelta(months=MONTHS)
        queries = [
            self._get_aging_query(today),
            self._get_paid_query(since),
            self._get_collected_query(since),
            self._get_taken_back_query(since),
            self._get_decisions_query(),
        ]
        return SQL(
            "%s %s",
            self._get_tables(partners, company),
            SQL(" UNION ALL ").join(queries),
        )

    def _get_tables(self, partners, company):
        """Return the tables that the queries read: companies, accounts, contacts."""
        return SQL(
            """
            WITH tree AS (SELECT id FROM res_company WHERE parent_path LIKE %(path)s),
               receivable AS (SELECT id FROM account_account
                               WHERE account_type = 'asset_receivable'),
               member AS (SELECT id, commercial_partner_id AS owner
                            FROM res_partner
                           WHERE commercial_partner_id = ANY(%(partners)s))
            """,
            path=f"{company.sudo().root_id.id}/%",
            partners=partners.ids,
        )

    def _get_aging_query(self, today):
        """Open items by age; it adds up to what core calls the receivable."""
        return SQL(
            """
            SELECT member.owner,
                   %s AS kind,
                   SUM(item.amount_residual) AS amount,
                   COUNT(*) AS count,
                   NULL::numeric AS late,
                   NULL::jsonb AS rows
              FROM %s
          GROUP BY member.owner, kind
            """,
            self._get_age(),
            self._get_aged_items(today),
        )

    def _get_age(self):
        return SQL(
            """CASE WHEN item.amount_residual < 0 THEN %(unused)s
                        WHEN age.days <= 0 THEN 'not_due'
                        WHEN age.days <= 30 THEN 'days_30'
                        WHEN age.days <= 60 THEN 'days_60'
                        WHEN age.days <= 90 THEN 'days_90'
                        ELSE 'older'
                   END""",
            unused=UNUSED,
        )

    def _get_aged_items(self, today):
        """Open items with the days by which they are late, as ``age``."""
        return SQL(
            """member
              JOIN account_move_line item ON item.partner_id = member.id
        CROSS JOIN LATERAL (
                   SELECT %(today)s - COALESCE(item.date_maturity, item.date) AS days
                   ) AS age
             WHERE item.account_id IN (SELECT id FROM receivable)
               AND item.reconciled IS NOT TRUE
               AND item.parent_state = 'posted'
               AND item.company_id IN (SELECT id FROM tree)""",
            today=today,
        )

    @api.model
    def _get_items_of_age(self, partner, company, age):
        """Return the open `account.move.line` of a customer, of one age.

        With the rights of who asks: what they may not see is for the caller to filter.

        :param str age: one of `AGES`, or `UNUSED`
        """
        read_fields.flush(self.env, READ_FIELDS)
        rows = self.env.execute_query(
            SQL(
                "%s SELECT item.id FROM %s AND %s = %s",
                self._get_tables(partner, company),
                self._get_aged_items(company._get_credit_today()),
                self._get_age(),
                age,
            )
        )
        return self.env["account.move.line"].browse([id_ for (id_,) in rows])

    def _get_paid_query(self, since):
        """Instalments that were settled since a day, and how long that took.

        The last payment settles; what only a credit note closed was never paid.
        """
        return SQL(
            """
            SELECT owner, 'paid', AVG(settled - invoice_date), COUNT(*),
                   AVG(settled - due), NULL::jsonb
              FROM (
                SELECT member.owner, move.invoice_date,
                       COALESCE(item.date_maturity, item.date) AS due,
                       MAX(partial.max_date) AS settled
                  FROM member
                  JOIN account_move_line item ON item.partner_id = member.id
                  JOIN account_move move ON move.id = item.move_id
                  JOIN account_partial_reconcile partial
                    ON partial.debit_move_id = item.id
                  JOIN account_move_line payer ON payer.id = partial.credit_move_id
                  JOIN account_move payment ON payment.id = payer.move_id
                 WHERE item.account_id IN (SELECT id FROM receivable)
                   AND item.reconciled
                   AND item.parent_state = 'posted'
                   AND item.company_id IN (SELECT id FROM tree)
                   AND move.move_type = 'out_invoice'
                   AND payment.move_type = 'entry'
              GROUP BY member.owner, item.id, move.id
                ) AS instalment
             WHERE settled >= %s
          GROUP BY owner
            """,
            since,
        )

    def _get_collected_query(self, since):
        return SQL(
            """
            SELECT member.owner, 'collected',
                   SUM(payment.amount_company_currency_signed), COUNT(*),
                   NULL::numeric, NULL::jsonb
              FROM member
              JOIN account_payment payment ON payment.partner_id = member.id
             WHERE payment.payment_type = 'inbound'
               AND payment.state IN ('in_process', 'paid')
               AND payment.partner_type = 'customer'
               AND payment.date >= %s
               AND payment.company_id IN (SELECT id FROM tree)
          GROUP BY member.owner
            """,
            since,
        )

    def _get_taken_back_query(self, since):
        """Collections that came back as a whole are no payments any more."""
        return SQL(
            """
            SELECT owner, 'collected', SUM(amount), COUNT(*), NULL::numeric,
                   NULL::jsonb
              FROM (
                SELECT DISTINCT member.owner, payment.id,
                       payment.amount_company_currency_signed AS amount
                  FROM member
                  JOIN account_payment_return_line line
                    ON line.commercial_partner_id = member.id
                  JOIN account_payment payment ON payment.id = line.payment_id
                 WHERE %(came_back)s
                   AND payment.state = 'rejected'
                   AND payment.date >= %(since)s
                   AND payment.company_id IN (SELECT id FROM tree)
                ) AS taken
          GROUP BY owner
            """,
            came_back=self.env["account.payment.return.line"]._get_came_back_sql(),
            since=since,
        )

    def _get_decisions_query(self):
        """The last orders that were released or refused, in one row a customer."""
        return SQL(
            """
            SELECT owner, 'decisions', NULL::numeric, COUNT(*), NULL::numeric,
                   JSONB_AGG(JSONB_BUILD_OBJECT(
                       'name', name, 'amount', amount_total, 'currency', currency_id,
                       'state', state, 'decided_on', decided_on, 'by', decided_by,
                       'reason', decision_reason) ORDER BY rank)
              FROM (
                SELECT member.owner, orders.name, orders.amount_total,
                       orders.currency_id, hold.state, hold.decided_on,
                       hold.decision_reason, decider_name.name AS decided_by,
                       ROW_NUMBER() OVER (PARTITION BY member.owner
                                          ORDER BY hold.decided_on DESC, hold.id DESC)
                       AS rank
                  FROM member
                  JOIN sale_order_hold hold ON hold.partner_id = member.id
                  JOIN sale_order orders ON orders.id = hold.order_id
             LEFT JOIN res_users decider ON decider.id = hold.decided_by_id
             LEFT JOIN res_partner decider_name ON decider_name.id = decider.partner_id
                 WHERE hold.state IN ('released', 'refused')
                   AND hold.company_id IN (SELECT id FROM tree)
                ) AS decided
             WHERE rank <= %s
          GROUP BY owner
            """,
            MOST_ROWS,
        )

    # === PAYMENT RETURNS === #

    @api.model
    def _get_returns(self, partners, company):
        """Return a dict from id of each commercial partner to its `Returns`."""
        company, today = company.sudo(), company._get_credit_today()
        result = {partner_id: Returns() for partner_id in partners.ids}
        for (
            owner,
            currency_id,
            count,
            amount,
            last_date,
            last_reason,
        ) in self.env.execute_query(self._get_returns_statement(partners, company)):
            currency = self.env["res.currency"].browse(currency_id)
            returns = result[owner]
            returns.count += count
            returns.amount += currency._convert(
                amount, company.currency_id, company, today
            )
            if not returns.last_date or returns.last_date < last_date:
                returns.last_date = last_date
                returns.last_reason = last_reason or ""
        return result

    def _get_returns_statement(self, partners, company):
        """Number and amount of the returns by customer and currency, and the last."""
        lines = self.env["account.payment.return.line"].sudo()
        query = lines._search(self._get_returns_domain(partners, company))
        names = ("commercial_partner_id", "currency_id", "amount", "return_date", "id")
        owner, currency, amount, day, id_ = (
            lines._field_to_sql(lines._table, name, query) for name in names
        )
        label = lines._get_reason_label_sql(query)
        query.groupby = SQL("%s, %s", owner, currency)
        query.order = None
        return query.select(
            owner,
            currency,
            SQL("COUNT(*)"),
            SQL("SUM(%s)", amount),
            SQL("MAX(%s)", day),
            SQL("(ARRAY_AGG(%s ORDER BY %s DESC, %s DESC))[1]", label, day, id_),
        )

    @api.model
    def _get_returns_domain(self, partners, company):
        """Return which `account.payment.return.line` are counted on the card."""
        lines = self.env["account.payment.return.line"]
        since = company._get_credit_today() - relativedelta(months=MONTHS)
        return (
            lines._get_came_back_domain()
            & Domain("commercial_partner_id", "in", partners.ids)
            & Domain("company_id", "child_of", company.sudo().root_id.id)
            & Domain("return_date", ">=", since)
        )

    # === BLOCKS === #

    @api.model
    def _get_past_blocks(self, partners, company):
        """Return a dict from id of each commercial partner to its last `PastBlock`.

        :param company: a `res.company`; the blocks of its head office count too
        """
        read_fields.flush(self.env, {"credit.block": PAST_BLOCK_FIELDS, **NAME_FIELDS})
        levels = self.env["credit.block.level"]
        rows = defaultdict(list)
        for (
            owner,
            level_id,
            state,
            since,
            reason,
            by,
            until,
            end_by,
            why,
        ) in self.env.execute_query(self._get_past_blocks_statement(partners, company)):
            rows[owner].append(
                PastBlock(
                    level=levels.browse(level_id),
                    state=state,
                    since=self._to_date(since),
                    reason=said.tell(self.env, reason),
                    set_by=by,
                    ended=self._to_date(until),
                    ended_by=end_by or "",
                    end_reason=said.tell(self.env, why) or "",
                )
            )
        return rows

    def _get_past_blocks_statement(self, partners, company):
        return SQL(
            """
            SELECT partner_id, level_id, state, date_from, reason_said, set_by,
                   lifted_on, lifted_by, lift_said
              FROM (
                SELECT block.*, setter_name.name AS set_by,
                       lifter_name.name AS lifted_by,
                       ROW_NUMBER() OVER (PARTITION BY block.partner_id
                                          ORDER BY block.date_from DESC, block.id DESC)
                       AS rank
                  FROM credit_block block
                  JOIN res_users setter ON setter.id = block.set_by_id
                  JOIN res_partner setter_name ON setter_name.id = setter.partner_id
             LEFT JOIN res_users lifter ON lifter.id = block.lifted_by_id
             LEFT JOIN res_partner lifter_name ON lifter_name.id = lifter.partner_id
                 WHERE block.partner_id = ANY(%s)
                   AND block.company_id = ANY(%s)
                ) AS past
             WHERE rank <= %s
          ORDER BY rank
            """,
            partners.ids,
            company.sudo().parent_ids.ids,
            MOST_ROWS,
        )

    def _to_date(self, moment):
        """The day of a moment where the reader is."""
        return moment and fields.Datetime.context_timestamp(self, moment).date()
