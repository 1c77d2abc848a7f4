from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.sql import make_index_name

from .common_rules import RuleCommon

LEDGER = "account_move_line"
ITEMS = 20000
# One in so many is due for longer.
LATE = 100


@tagged("post_install", "-at_install")
class TestCreditBlockRulePlan(RuleCommon):
    """What PostgreSQL reads to find the few items that are late."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Of the other kind nothing is asked.
        cls.rule_first.active = False
        cls.rule_overdue.active = True

    def test_late_items_are_found_by_their_due_date_and_the_ledger_is_not_read(self):
        self._fill_ledger(self.overdue(60))
        plan = self._explain(self.company)
        self.assertIn(f"Scan on {make_index_name(LEDGER, 'date_maturity')} ", plan)
        self.assertRegex(plan, r"Index Cond: \(+date_maturity <")
        self.assertNotIn(f"Seq Scan on {LEDGER} ", plan)

    def test_the_ledger_is_read_for_a_day_that_is_the_due_date_or_another(self):
        """As the statement once asked: what keeps it from that is what is tested."""
        self._fill_ledger(self.overdue(60))
        day = SQL("COALESCE(item.date_maturity, item.date)")
        late = SQL("%s < %s", day, self.days_ago(30))
        evaluation = type(self.env["credit.block.evaluation"])
        with patch.object(
            evaluation, "_get_late_conditions", return_value=[(late, day)]
        ):
            plan = self._explain(self.company)
        self.assertIn(f"Seq Scan on {LEDGER} ", plan)

    def _fill_ledger(self, invoice):
        """Copy the item of an invoice, due in the month before today or after it."""
        item = self.due_items(invoice)
        columns = self._get_columns({"id", "date_maturity"})
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """INSERT INTO account_move_line (date_maturity, %(columns)s)
                   SELECT %(today)s - CASE WHEN n %% %(late)s = 0 THEN 45
                                           ELSE n %% 60 - 30 END, %(columns)s
                     FROM account_move_line, generate_series(1, %(items)s) n
                    WHERE id = %(item)s
                RETURNING id""",
                columns=columns,
                item=item.id,
                items=ITEMS,
                late=LATE,
                today=self.days_ago(0),
            )
        )
        self.env.cr.execute("ANALYZE account_move_line")

    def _get_columns(self, skipped):
        """The columns of the ledger but some, as `SQL`."""
        self.env.cr.execute(
            """SELECT column_name FROM information_schema.columns
                WHERE table_name = %s AND table_schema = current_schema()
                  AND column_name <> ALL(%s)""",
            [LEDGER, list(skipped)],
        )
        names = (SQL.identifier(name) for (name,) in self.env.cr.fetchall())
        return SQL(", ").join(names)

    def _explain(self, company):
        """How PostgreSQL asks whose blocks have to change, of all customers."""
        statement = self.env["credit.block.evaluation"]._get_statement(
            company.sudo(), None, self.env["credit.block.rule"], False
        )
        rows = self.env.execute_query(SQL("EXPLAIN %s", statement))
        return "\n".join(line for (line,) in rows)
