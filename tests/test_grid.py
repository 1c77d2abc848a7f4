"""The grid of levels and operations, on real documents.

The first table is what is shipped, the second what each policy comes to: a cell says
what somebody meets who does that for a blocked customer.

allow   it goes on and nobody says anything
warn    it goes on with a warning, a banner or a note
hold    it waits, or is refused with the name of who decides
forbid  it is refused
"""

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..models.const import POLICIES
from .common import NEUTRAL_TEXT, new_user
from .common_guards import GuardFixture

SHIPPED = """
                 support   quotation   confirmation   web_order   delivery   invoice
assistance       forbid    allow       allow          allow       allow      allow
unpaid           warn      forbid      forbid         hold        warn       allow
pending          warn      warn        hold           hold        warn       allow
doubtful         forbid    forbid      forbid         forbid      hold       allow
non_performing   forbid    forbid      forbid         forbid      forbid     warn
"""

# A quotation to hold is entered with a warning; its confirmation is what waits.
EFFECTS = """
                 support   quotation   confirmation   web_order   delivery   invoice
allow            allow     allow       allow          allow       allow      allow
warn             warn      warn        warn           warn        warn       warn
hold             hold      warn        hold           hold        hold       hold
forbid           forbid    forbid      forbid         forbid      forbid     forbid
"""


def read_table(table):
    """Yield the row, the column and the word of every cell."""
    header, *rows = (line.split() for line in table.strip().splitlines())
    for name, *cells in rows:
        for column, cell in zip(header, cells, strict=True):
            yield name, column, cell


@tagged("post_install", "-at_install", "shop")
class TestGrid(GuardFixture, AccountTestInvoicingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.company_data["company"]
        context = {"allowed_company_ids": company.ids}
        cls.env = cls.env(user=cls.env.ref("base.user_root"), context=context)
        cls._setup_credit_block(company)
        cls.user_employee = new_user(
            cls.env,
            "acb_employee",
            "base.group_user,analytic.group_analytic_accounting",
            company,
        )
        # What the website does is tried where there is one.
        cls.operations = {column for __, column, __ in read_table(SHIPPED)}
        if "website" in cls.env:
            cls.website = cls.env["website"].create(
                {"name": "Shop", "company_id": company.id}
            )
        else:
            cls.operations.remove("web_order")
        cls.plan = cls.env["account.analytic.plan"].create({"name": "Contracts"})
        cls.product = cls.env["product.product"].create(
            {"name": "Bolt", "type": "service", "taxes_id": False}
        )

    def setUp(self):
        super().setUp()
        for operation in ("support", "delivery"):
            self._create_guard(
                "account.analytic.account",
                operation=operation,
                filter_domain=f"[('name', '=', '{operation}')]",
            )

    # === DOING IT === #

    def _meet(self, operation, level=None):
        """Return what meets who does that for a new customer, blocked or not."""
        customer = self._create_customer(f"{operation} {level and level.name}")
        prepare = getattr(self, f"_prepare_{operation}", lambda customer: None)
        document = prepare(customer)
        if level:
            self._block(customer, level)
        self.env.flush_all()
        try:
            with self.env.cr.savepoint():
                return getattr(self, f"_do_{operation}")(customer, document)
        except (UserError, ValidationError) as error:
            self.assertIn(level and level.name, str(error))
            return "hold" if "manager has to decide" in str(error) else "forbid"

    def _do_support(self, customer, document, operation="support"):
        contracts = self.env["account.analytic.account"].with_user(self.user_employee)
        contract = contracts.create(
            {
                "name": operation,
                "plan_id": self.plan.id,
                "partner_id": customer.id,
                "company_id": self.credit_company.id,
            }
        )
        subtype = self.env.ref("account_credit_block.mail_message_subtype_guard")
        noted = subtype in contract.sudo().message_ids.subtype_id
        return "warn" if noted else "allow"

    def _do_delivery(self, customer, document):
        return self._do_support(customer, document, "delivery")

    def _do_quotation(self, customer, document):
        order = self._create_order(customer)
        return "warn" if order.credit_block_banner else "allow"

    def _prepare_confirmation(self, customer):
        return self._create_order(customer)

    def _do_confirmation(self, customer, order):
        order.invalidate_recordset()
        banner = order.credit_block_banner
        order.action_confirm_or_hold()
        if order.hold_state == "held":
            return "hold"
        self.assertEqual(order.state, "sale")
        return "warn" if banner else "allow"

    def _prepare_web_order(self, customer):
        order = self._create_order(customer)
        # As the website does it.
        order.sudo().website_id = self.website
        return order

    def _do_web_order(self, customer, order):
        order.invalidate_recordset()
        banner = order.credit_block_banner
        try:
            order.sudo()._check_payable_online()
        except ValidationError as error:
            # The customer reads no reason: it is the salesperson who does.
            self.assertEqual(str(error), NEUTRAL_TEXT)
            self.assertIn("test reason", banner)
            return "forbid"
        order.sudo()._validate_order()
        if order.hold_state == "held":
            return "hold"
        self.assertEqual(order.state, "sale")
        return "warn" if banner else "allow"

    def _prepare_invoice(self, customer):
        return (
            self.env["account.move"]
            .with_user(self.user_accountant)
            .create(
                {
                    "move_type": "out_invoice",
                    "partner_id": customer.id,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Bolt", "price_unit": 10, "tax_ids": False}
                        )
                    ],
                }
            )
        )

    def _do_invoice(self, customer, invoice):
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")
        noted = any(
            "test reason" in body for body in invoice.message_ids.mapped("body")
        )
        return "warn" if noted else "allow"

    # === TABLES === #

    def _read_operations(self, table):
        cells = read_table(table)
        return [cell for cell in cells if cell[1] in self.operations]

    def test_the_shipped_grid_is_what_happens(self):
        for level, operation, policy in self._read_operations(SHIPPED):
            with self.subTest(level=level, operation=operation):
                met = self._meet(operation, self._get_level(level))
                self.assertEqual(met, policy)

    def test_every_policy_in_every_column_is_what_happens(self):
        level = self.env["credit.block.level"].create({"name": "Of my own"})
        for policy, operation, effect in self._read_operations(EFFECTS):
            with self.subTest(policy=policy, operation=operation):
                level[f"policy_{operation}"] = policy
                self.assertEqual(self._meet(operation, level), effect)
                level[f"policy_{operation}"] = "allow"

    def test_the_tables_are_complete(self):
        self.assertEqual(len(list(read_table(SHIPPED))), 5 * 6)
        self.assertEqual({p for p, __, __ in read_table(EFFECTS)}, set(POLICIES))

    def test_a_customer_without_a_block_meets_nothing(self):
        for operation in self.operations:
            with self.subTest(operation=operation):
                self.assertEqual(self._meet(operation), "allow")
