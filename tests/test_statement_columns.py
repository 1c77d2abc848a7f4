from odoo.tests import tagged
from odoo.tools import SQL

from ..models.blocks import credit_block_evaluation_statement as evaluation
from ..models.credit import credit_exposure, credit_real_money
from ..models.holds.credit_exposure import HELD_FIELDS
from ..models.screens import credit_customer_history
from ..models.statements import account_payment_return_debit_meeting as meeting
from .common import CreditBlockCommon
from .common_statements import BORN_WITH, get_columns

REPORTS = (
    "account.payment.return.report",
    "credit.exposure.report",
    "sale.order.hold.report",
)


@tagged("post_install", "-at_install")
class TestStatementColumns(CreditBlockCommon):
    """What a statement reads is written to the database before it."""

    def _get_known(self, *read_fields):
        """Return the columns of what is flushed; all of a model that names none."""
        known = set()
        for model, names in (item for each in read_fields for item in each.items()):
            fields_ = self.env[model]._fields
            for name in fields_ if names is None else names:
                field = fields_[name]
                known.add((self.env[model]._table, name))
                if field.type == "many2many" and field.store:
                    known |= {
                        (field.relation, c) for c in (field.column1, field.column2)
                    }
        return known

    def assertFlushed(self, statement, *read_fields):
        """Everything that a statement reads is among the fields that are flushed."""
        self.env.flush_all()
        columns = {
            (table, column)
            for table, column in get_columns(self.env, statement)
            if column not in BORN_WITH
        }
        self.assertTrue(columns)
        self.assertFalse(sorted(columns - self._get_known(*read_fields)))

    def test_of_the_exposure(self):
        statement = self.env["credit.exposure"]._get_statement(
            self.customer, self.credit_company
        )
        held = {"sale.order": HELD_FIELDS}
        self.assertFlushed(statement, credit_exposure.READ_FIELDS, held)
        with self.assertRaises(AssertionError):
            self.assertFlushed(statement, credit_exposure.READ_FIELDS)

    def test_of_the_rules(self):
        rules = self.env["credit.block.rule"].with_context(active_test=False)
        for partners in (self.customer, self.customer.browse()):
            self.assertFlushed(
                self.env["credit.block.evaluation"]._get_statement(
                    self.credit_company, partners, rules.search([]), False
                ),
                evaluation.READ_FIELDS,
                credit_real_money.READ_FIELDS,
            )

    def test_of_the_balance(self):
        company = self.credit_company
        owed = self.env["credit.real.money"]._get_owed_sql(
            SQL("customer.id"), company, company._get_credit_today()
        )
        self.assertFlushed(
            SQL("SELECT %s FROM UNNEST(ARRAY[1]) AS customer(id)", owed),
            credit_real_money.READ_FIELDS,
        )

    def test_of_the_debits_that_meet_a_return(self):
        debits = self.env["account.payment.return.debit"]._select_meetings()
        statement = SQL("SELECT 1 WHERE 1 IN %s", debits)
        self.assertFlushed(statement, meeting.READ_FIELDS)

    def test_of_the_history(self):
        self.assertFlushed(
            self.env["credit.customer.history"]._get_statement(
                self.customer, self.credit_company
            ),
            credit_customer_history.READ_FIELDS,
        )

    def test_of_the_reports(self):
        for model in REPORTS:
            report = self.env[model]
            self.assertFlushed(report._table_query, report._depends)
