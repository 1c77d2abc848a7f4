"""What the rules want of customers, in one statement for all of them.

It serves a payment of one customer, the night over all customers and the preview of a
rule alike; `credit.block.rule` documents what its fields mean.
"""

from dataclasses import dataclass
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from .. import read_fields
from ..credit import credit_real_money

# What the rules set, and may lift therefore.
ORIGINS = ("return", "overdue")
# The columns of who meets the condition of a rule.
NOBODY = """
    SELECT NULL::int AS owner, NULL::int AS rule_id, NULL::int AS level_id,
           NULL::int AS sequence, NULL::bigint AS number, NULL::int AS line_id,
           NULL::date AS since, NULL::date AS latest
     WHERE FALSE"""
# The conditions of a rule that are numbers.
NUMBERS = (
    "return_count",
    "return_amount",
    "return_days",
    "overdue_days",
    "grace_days",
    "overdue_amount",
    "overdue_share",
)

# What the statement reads, to be written to the database before it.
READ_FIELDS = {
    "account.account": ["account_type"],
    "account.move": ["partner_id", "payment_return_id", "payment_state"],
    "account.move.line": [
        "account_id",
        "amount_residual",
        "balance",
        "company_id",
        "date",
        "date_maturity",
        "move_id",
        "no_followup",
        "parent_state",
        "partner_id",
        "reconciled",
    ],
    "account.partial.reconcile": ["amount"],
    "account.payment.return.line": [
        "amount",
        "commercial_partner_id",
        "company_id",
        "currency_id",
        "invoice_line_ids",
        "kind",
        "match_state",
        "partner_id",
        "reason_category",
        "reason_id",
        "return_date",
        "state",
    ],
    "account.payment.return.partial": [
        "credit_amount_currency",
        "debit_move_id",
        "discount_amount",
        "had_paid",
        "partner_id",
        "return_line_id",
    ],
    "account.payment.return.reason": ["counts_as_default"],
    "credit.block": None,
    "credit.block.level": ["sequence"],
    "credit.block.rule": None,
    "credit.tie": None,
    "res.company": ["currency_id"],
    "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
    "res.partner": None,
}


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the rules say of one level of one customer, beside the block in force.

    :param rule_id: the rule that wants the level, empty when none does
    :param block_id: the `credit.block` of the level in force, empty when there is none
    :param successor_id: the level that the rules want of the customer, if any
    :param number: how many returns or overdue items there are
    :param line_id: the last return line
    :param since: date of the last return, or of the oldest overdue item
    """

    partner_id: int
    rule_id: int | None
    level_id: int | None
    block_id: int | None
    origin: str | None
    successor_id: int | None
    number: int | None
    line_id: int | None
    since: object

    @property
    def is_opening(self):
        """Say whether a block has to be set."""
        return self.rule_id is not None and self.block_id is None

    @property
    def is_closing(self):
        """Say whether a block has to be lifted."""
        return self.rule_id is None and self.block_id is not None

    @property
    def block_row(self):
        """What the statement tells of the block in force, by name of column."""
        return {
            "id": self.block_id,
            "partner_id": self.partner_id,
            "level_id": self.level_id,
            "origin": self.origin,
        }


class CreditBlockEvaluation(models.AbstractModel):
    _inherit = "credit.block.evaluation"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _find(self, company, partners=None, tried=None, is_exempt=False, locking=False):
        """Return the `Assessment` list of a company.

        :param partners: commercial partners; all of them if empty, and then only what
            has to change is returned. Of some, also what stays.
        :param tried: rules that count although they are not active
        :param is_exempt: of those only whom an exemption spares, as if it did not
        :param locking: take the `credit.exposure.lock` with it, see `_get_locking`
        """
        # Of items also what is not read here: computed later, it would take another
        # UPDATE of the same rows.
        whole = {**READ_FIELDS, "account.move.line": None}
        read_fields.flush(self.env, whole, credit_real_money.READ_FIELDS)
        statement = self._get_statement(
            company.sudo(), partners, tried or self.env["credit.block.rule"], is_exempt
        )
        if locking:
            statement = self._get_locking(statement, company, partners)
        return [Assessment(*row) for row in self.env.execute_query(statement)]

    def _get_locking(self, statement, company, partners):
        """Return a statement that takes the lock of whom it finds.

        Where there are rules, of all that it is asked of. Who is not found may be
        wanted after what somebody else is doing at the same time.
        """
        customers = SQL("SELECT DISTINCT owner FROM found")
        if partners and self.env["credit.block.rule"]._get_kinds():
            customers = SQL("SELECT UNNEST(%s)", partners.ids)
        taking = self.env["credit.exposure.lock"]._get_taking(customers, company)
        return SQL(
            "WITH found AS (%s), taken AS (%s) SELECT * FROM found", statement, taking
        )

    @api.model
    def _get_read_of_items(self):
        """Return the set of the fields of journal items that the rules ask about."""
        read = (READ_FIELDS, credit_real_money.READ_FIELDS)
        return {name for fields in read for name in fields["account.move.line"]}

    def _get_statement(self, company, partners, tried, is_exempt):
        """Return the `SQL` of the columns of `Assessment`, see `_find`.

        Who meets a rule is planned apart: PostgreSQL copies what it does not plan apart
        at each level above, and that is the longest part.
        """
        return SQL(
            """
            WITH apart AS (%(apart)s),
                 member AS (%(members)s),
                 rule AS (%(rules)s),
                 fired AS MATERIALIZED (%(fired)s),
                 best AS (%(best)s),
                 current AS (%(current)s),
                 compared AS (
          SELECT owner, MAX(rule_id) AS rule_id, level_id, MAX(block_id) AS block_id,
                 MAX(origin) AS origin, MAX(MAX(wanted_id)) OVER same AS successor_id,
                 MAX(number) AS number, MAX(line_id) AS line_id, MAX(since) AS since
            FROM (SELECT owner, rule_id, level_id, level_id AS wanted_id, number,
                         line_id, since, NULL::int AS block_id, NULL AS origin
                    FROM best
               UNION ALL
                  SELECT owner, NULL, level_id, NULL, NULL, NULL, NULL, id, origin
                    FROM current) AS either
        GROUP BY owner, level_id
          WINDOW same AS (PARTITION BY owner))
          SELECT owner, rule_id, level_id, block_id, origin, successor_id, number,
                 line_id, since
            FROM compared
           WHERE (rule_id IS NULL AND origin IN %(origins)s)
              OR (rule_id IS NOT NULL AND (block_id IS NULL OR %(keep)s))
        ORDER BY owner, level_id
            """,
            apart=self._get_apart_query(company),
            members=self._get_members_query(partners),
            rules=self._get_rules_query(company, tried),
            fired=self._get_fired_query(company, tried),
            best=self._get_best_query(company, is_exempt),
            current=self._get_current_query(company),
            origins=ORIGINS,
            keep=bool(partners),
        )

    def _get_apart_query(self, company):
        """Blocked contacts who came under a customer, or have left it again.

        What they owe speaks for their own blocks, not for the customer in whose books
        core has put it: whether that one is blocked too, a manager decides.
        """
        return SQL(
            """
            SELECT DISTINCT block.partner_id
              FROM credit_block block
              JOIN res_partner contact ON contact.id = block.partner_id
             WHERE (contact.commercial_partner_id != contact.id
                    OR EXISTS (SELECT 1 FROM credit_tie
                                WHERE partner_id = contact.id AND is_former))
               AND %s
            """,
            self._get_in_force(company),
        )

    def _get_members_query(self, partners):
        """Contacts with the customer they belong to.

        Of some customers, with those who left them or whom they have left: the debts of
        one may be in the books of the other.
        """
        scope = SQL("TRUE")
        if partners:
            scope = SQL(
                """commercial_partner_id = ANY(ARRAY(
                    SELECT UNNEST(%(ids)s)
                     UNION
                    SELECT other_id FROM credit_tie
                     WHERE partner_id = ANY(%(ids)s) AND is_former
                     UNION
                    SELECT partner_id FROM credit_tie
                     WHERE other_id = ANY(%(ids)s) AND is_former))""",
                ids=partners.ids,
            )
        return SQL(
            """
            SELECT id, COALESCE(apart.partner_id, commercial_partner_id) AS owner
              FROM res_partner
         LEFT JOIN apart ON apart.partner_id = res_partner.id
             WHERE %s
            """,
            scope,
        )

    def _get_rules_query(self, company, tried):
        """Rules of a company, with the level that they give there.

        A number that nobody entered is NULL in the database: no condition.
        """
        numbers = SQL(", ").join(
            SQL("COALESCE(%s, 0) AS %s", SQL.identifier("rule", name), SQL(name))
            for name in NUMBERS
        )
        return SQL(
            """
            SELECT rule.id, rule.sequence, rule.kind, rule.unpaid_only,
                   rule.deduct_credits, rule.reason_category, %(numbers)s,
                   CASE WHEN rule.use_company_level
                        THEN COALESCE(%(level)s, rule.level_id)
                        ELSE rule.level_id
                   END AS wanted_id
              FROM credit_block_rule rule
             WHERE (rule.active OR rule.id = ANY(%(tried)s))
               AND (rule.company_id IS NULL OR rule.company_id = %(company)s)
            """,
            numbers=numbers,
            company=company.id,
            level=company._get_credit_setting("credit_block_return_level_id").id
            or None,
            tried=tried.ids,
        )

    def _get_fired_query(self, company, tried):
        """Customers who meet the condition of a rule, as often as they meet one.

        Of the kinds in use only: to plan what nobody uses takes longer than to run it.
        """
        kinds = self.env["credit.block.rule"]._get_kinds() | set(tried.mapped("kind"))
        on_return = company._get_credit_setting("credit_block_on_return")
        queries = [SQL(NOBODY)]
        if "return" in kinds and on_return:
            queries.append(self._get_returned_query(company))
        if "overdue" in kinds:
            queries.append(self._get_overdue_query(company, tried))
        return SQL(" UNION ALL ").join(queries)

    def _get_returned_query(self, company):
        """Customers who owe again what a rule asks for, whoever had paid it.

        A reversal or a recall starts from us or our bank, never from the debtor (EPC
        SEPA direct debit rulebooks, R-transactions).
        """
        return SQL(
            """
            SELECT COALESCE(apart.partner_id, piece.partner_id) AS owner,
                   rule.id AS rule_id,
                   rule.wanted_id AS level_id, rule.sequence,
                   COUNT(DISTINCT line.id) AS number,
                   MAX(line.id) AS line_id,
                   MAX(line.return_date) AS since, NULL::date AS latest
              FROM rule
              JOIN account_payment_return_line line
                ON rule.return_days = 0
                OR line.return_date > %(today)s - rule.return_days
              JOIN account_payment_return_partial piece
                ON piece.return_line_id = line.id
              JOIN member ON member.id = piece.partner_id
         LEFT JOIN apart ON apart.partner_id = line.partner_id
                        AND piece.partner_id = line.commercial_partner_id
         LEFT JOIN account_payment_return_reason reason ON reason.id = line.reason_id
             WHERE rule.kind = 'return'
               AND %(came_back)s
               AND line.company_id = %(company)s
               AND line.kind NOT IN ('reversal', 'recall')
               AND COALESCE(reason.counts_as_default, TRUE)
               AND (rule.reason_category IS NULL
                    OR rule.reason_category = line.reason_category)
               AND %(asked)s
               AND (rule.unpaid_only IS NOT TRUE OR %(unpaid)s)
          GROUP BY rule.id, rule.wanted_id, rule.sequence, rule.return_count,
                   rule.return_amount,
                   COALESCE(apart.partner_id, piece.partner_id)
            HAVING (rule.return_count > 0
                    AND COUNT(DISTINCT line.id) >= rule.return_count)
                OR (rule.return_amount > 0
                    AND SUM(%(amount)s) >= rule.return_amount)
            """,
            today=company._get_credit_today(),
            company=company.id,
            came_back=self.env["account.payment.return.line"]._get_came_back_sql(),
            asked=self._get_asked_reason(),
            unpaid=self._get_unpaid(company),
            amount=self._get_return_amount(company),
        )

    def _get_asked_reason(self):
        """Say whether a rule names the reason of a return, or none at all."""
        field = self.env["credit.block.rule"]._fields["reason_ids"]
        return SQL(
            """COALESCE((SELECT BOOL_OR(asked.%(reason)s = line.reason_id)
                           FROM %(relation)s asked
                          WHERE asked.%(rule)s = rule.id), TRUE)""",
            relation=SQL.identifier(field.relation),
            rule=SQL.identifier(field.column1),
            reason=SQL.identifier(field.column2),
        )

    def _get_unpaid(self, company):
        """Say whether what came back is owed: the item and the customer on balance.

        What no money has paid is open. An invoice in draft is being corrected.
        The balance stands there once: it takes longest of all to plan.
        """
        money = self.env["credit.real.money"]
        return SQL(
            """COALESCE((
                SELECT reopened.in_draft OR %(owed)s + reopened.unreal > 0
                  FROM (%(item)s UNION ALL %(on_account)s) AS reopened), FALSE)""",
            owed=money._get_owed_sql(
                SQL("piece.partner_id"), company, company._get_credit_today()
            ),
            item=self._get_reopened_query(company),
            on_account=self._get_on_account_query(company),
        )

    def _get_reopened_query(self, company):
        """The item that a return opened again, if it is still open or in draft."""
        return SQL(
            """
            SELECT item.parent_state = 'draft' AS in_draft, unreal.amount AS unreal
              FROM account_move_line item
        CROSS JOIN LATERAL (%s) AS unreal
             WHERE piece.had_paid
               AND item.id = piece.debit_move_id
               AND (item.parent_state = 'draft'
                    OR (item.parent_state = 'posted'
                        AND (item.reconciled IS NOT TRUE OR unreal.amount > 0)))
            """,
            self._get_unreal_query(company),
        )

    def _get_on_account_query(self, company):
        """What came back of a payment on account, until the customer pays again.

        It reopened nothing. The reversal of a return is no payment.
        A subquery of one value, lest PostgreSQL read all entries to hash them.
        """
        return SQL(
            """
            SELECT FALSE, 0
             WHERE piece.had_paid IS NOT TRUE
               AND (SELECT COUNT(*) = 0
                      FROM res_partner contact
                      JOIN account_move_line credit ON credit.partner_id = contact.id
                      JOIN account_account account ON account.id = credit.account_id
                      JOIN account_move entry ON entry.id = credit.move_id
                     WHERE contact.commercial_partner_id = piece.partner_id
                       AND entry.payment_return_id IS NULL
                       AND account.account_type = 'asset_receivable'
                       AND credit.company_id = line.company_id
                       AND credit.parent_state = 'posted'
                       AND credit.balance < 0
                       AND credit.date >= line.return_date
                       AND NOT %s)
            """,
            self.env["credit.real.money"]._get_missing_sql(
                SQL("piece.partner_id"), company._get_credit_today()
            ),
        )

    def _get_unreal_query(self, company):
        """How much of a reopened item was paid by what came back, or is not final.

        What was collected beside it before the return is not presented again.
        """
        money = self.env["credit.real.money"]
        return SQL(
            """
                SELECT COALESCE(SUM(partial.amount), 0) AS amount
                  FROM account_partial_reconcile partial
                  JOIN account_move_line credit ON credit.id = partial.credit_move_id
                 WHERE partial.debit_move_id = item.id
                   AND (%(returned)s
                        OR (%(not_final)s
                            AND credit.id > (
                                SELECT COALESCE(MAX(booked.id), 0)
                                  FROM account_move_line booked
                                 WHERE booked.payment_return_line_id = line.id
                                   AND line.move_line_id IS NOT NULL)))""",
            returned=money._get_returned_sql(SQL("piece.partner_id")),
            not_final=money._get_not_final_sql(company._get_credit_today()),
        )

    def _get_return_amount(self, company):
        """What came back, in the company's currency at the day's rate."""

        def rate(currency):
            return SQL(
                """COALESCE((
                    SELECT rate FROM res_currency_rate
                     WHERE currency_id = %(currency)s AND name <= line.return_date
                       AND (company_id IS NULL OR company_id = %(company)s)
                  ORDER BY company_id, name DESC LIMIT 1), 1)""",
                currency=currency,
                company=company.root_id.id,
            )

        own = company.currency_id.id
        return SQL(
            """((piece.credit_amount_currency - COALESCE(piece.discount_amount, 0))
                * CASE WHEN line.currency_id = %(own)s THEN 1
                       ELSE %(to_rate)s / %(from_rate)s END)""",
            own=own,
            from_rate=rate(SQL("line.currency_id")),
            to_rate=rate(own),
        )

    def _get_overdue_query(self, company, tried):
        """Customers who owe what a rule asks for."""
        return SQL(
            """
            SELECT overdue.owner, rule.id, rule.wanted_id, rule.sequence,
                   overdue.number, NULL, overdue.since,
                   overdue.latest + rule.overdue_days + rule.grace_days
              FROM rule
              JOIN (%(items)s) overdue ON overdue.rule_id = rule.id
              JOIN res_partner customer ON customer.id = overdue.owner
             WHERE overdue.number > 0
               AND overdue.amount > 0
               AND overdue.amount >= rule.overdue_amount
               AND (rule.overdue_share = 0
                    OR overdue.amount >= %(limit)s * rule.overdue_share / 100)
            """,
            items=self._get_overdue_items_query(company, tried),
            limit=self.env["res.partner"]._get_credit_limit_sql("customer", company),
        )

    def _get_overdue_items_query(self, company, tried):
        """What customers owe for as long as a rule says, less credits where it does.

        Late by the due date, by the day of an item that has none, and credits that are
        not late: apart, since no index serves several of them at once.
        """
        is_credit = SQL("(item.amount_residual < 0 AND rule.deduct_credits IS TRUE)")
        items = [
            self._get_items_query(company, SQL("%s AND NOT %s", late, is_credit), day)
            for late, day in self._get_late_conditions(company, tried)
        ]
        day = SQL("COALESCE(item.date_maturity, item.date)")
        items.append(self._get_items_query(company, is_credit, day))
        return SQL(
            """
            SELECT rule_id, owner, SUM(amount_residual) AS amount,
                   COUNT(*) FILTER (WHERE amount_residual > 0) AS number,
                   MIN(day) FILTER (WHERE amount_residual > 0) AS since,
                   MAX(day) FILTER (WHERE amount_residual > 0) AS latest
              FROM (%s) AS item
          GROUP BY rule_id, owner
            """,
            SQL(" UNION ALL ").join(items),
        )

    def _get_late_conditions(self, company, tried):
        """Return pairs of what makes an item late, and the day that it is late by.

        Disputed items, out of the follow-up or blocked for payment, never are. From
        which day on no rule calls an item late is told as well: PostgreSQL cannot guess
        it from the rules, and would read the ledger for the few that are.
        """
        today = company._get_credit_today()
        rules = self.env["credit.block.rule"]
        delays = [*rules._get_delays(), *tried._get_delays_of_these()]
        return [
            (
                SQL(
                    """%(place)s
                    AND %(day)s < %(latest)s
                    AND %(day)s < %(today)s - rule.overdue_days - rule.grace_days
                    AND item.no_followup IS NOT TRUE
                    AND item.move_id NOT IN (
                        SELECT id FROM account_move WHERE payment_state = 'blocked')""",
                    place=place,
                    day=day,
                    latest=today - timedelta(days=min(delays, default=0)),
                    today=today,
                ),
                day,
            )
            for place, day in (
                (SQL("TRUE"), SQL("item.date_maturity")),
                (SQL("item.date_maturity IS NULL"), SQL("item.date")),
            )
        ]

    def _get_items_query(self, company, condition, day):
        """Open items of one kind, each with the rule that looks at it.

        :param condition: `SQL` on ``item`` and ``rule``
        :param day: `SQL` of the day that an item counts from
        """
        return SQL(
            """
            SELECT rule.id AS rule_id, %(owner)s AS owner, item.amount_residual,
                   %(day)s AS day
              FROM rule
        CROSS JOIN account_move_line item
              JOIN account_account account ON account.id = item.account_id
              JOIN member ON member.id = item.partner_id
             WHERE rule.kind = 'overdue'
               AND account.account_type = 'asset_receivable'
               AND item.reconciled IS NOT TRUE
               AND item.parent_state = 'posted'
               AND item.company_id = %(company)s
               AND %(condition)s
            """,
            owner=self._get_item_owner(),
            day=day,
            company=company.id,
            condition=condition,
        )

    def _get_item_owner(self):
        """The customer of an open item, or the contact that answers for it alone."""
        return SQL(
            """COALESCE((
                SELECT apart.partner_id
                  FROM apart
                  JOIN account_move entry ON entry.partner_id = apart.partner_id
                 WHERE entry.id = item.move_id), member.owner)"""
        )

    def _get_best_query(self, company, is_exempt):
        """The one level that the rules want of each customer: the most important.

        What a rule does not lift by itself wants to stay, as if its cause went on.
        """
        return SQL(
            """
            SELECT DISTINCT ON (wanted.owner) wanted.*
              FROM (SELECT * FROM fired
                 UNION ALL
                    SELECT block.partner_id, block.rule_id, block.level_id,
                           rule.sequence, NULL, NULL, NULL, 'infinity'
                      FROM credit_block block
                      JOIN credit_block_rule rule ON rule.id = block.rule_id
                      JOIN member ON member.id = block.partner_id
                     WHERE rule.auto_lift IS NOT TRUE
                       AND block.origin IN %(origins)s
                       AND %(in_force)s) wanted
              JOIN credit_block_level level ON level.id = wanted.level_id
             WHERE (SELECT %(exempt)s FROM res_partner customer
                     WHERE customer.id = wanted.owner) IS %(is_exempt)s
               AND %(unwaived)s
          ORDER BY wanted.owner, level.sequence DESC, level.id DESC,
                   wanted.sequence, wanted.rule_id
            """,
            origins=ORIGINS,
            in_force=self._get_in_force(company),
            exempt=self.env["res.partner"]._get_credit_exempt_sql("customer", company),
            is_exempt=is_exempt,
            unwaived=self._get_unwaived(company),
        )

    def _get_unwaived(self, company):
        """Say that no person lifted such a block, or that there is a new cause since.

        New is one more return, or an item that has become overdue for long enough on
        the day of the lifting or later. Who waives a level waives the weaker ones.
        Of returns that are cancelled only those count that were waived too: an old one
        makes no room for a new one, and a new one by mistake is as if it had not been.
        A subquery of one value: each customer's history has an index.
        """
        lines = self.env["account.payment.return.line"]
        return SQL(
            """(SELECT COUNT(*) = 0
                     FROM credit_block past
                     JOIN credit_block_level waived ON waived.id = past.level_id
                    WHERE past.partner_id = wanted.owner
                      AND past.company_id = %(company)s
                      AND past.state = 'lifted'
                      AND past.waived
                      AND (waived.sequence, waived.id) >= (level.sequence, level.id)
                      AND CASE WHEN wanted.latest IS NULL
                               THEN COALESCE(past.waived_returns, 0) >= (
                                    SELECT COUNT(DISTINCT line.id)
                                      FROM account_payment_return_partial piece
                                      JOIN account_payment_return_line line
                                        ON line.id = piece.return_line_id
                                     WHERE piece.partner_id = wanted.owner
                                       AND line.company_id = past.company_id
                                       AND (%(booked)s
                                            OR (%(cancelled)s
                                                AND piece.id <= past.waived_trace)))
                               ELSE wanted.latest < %(lifted)s
                          END)""",
            company=company.id,
            lifted=company._get_credit_day_sql(SQL("past.lifted_on")),
            booked=lines._get_came_back_sql(),
            cancelled=lines._get_came_back_sql(states=("cancelled",)),
        )

    def _get_current_query(self, company):
        return SQL(
            """
            SELECT block.id, block.partner_id AS owner, block.level_id, block.origin
              FROM credit_block block
              JOIN member ON member.id = block.partner_id
             WHERE %s
            """,
            self._get_in_force(company),
        )

    def _get_in_force(self, company):
        """Say that a block is in force, and one of this very company."""
        return SQL(
            "(block.company_id = %s AND %s)",
            company.id,
            self.env["credit.block"]._get_in_force_sql(company),
        )
