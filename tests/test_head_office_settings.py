from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from .test_credit_tie import BIG, TieCommon


@tagged("post_install", "-at_install", "shop")
class TestHeadOfficeSettings(TieCommon):
    """What the head office says of credit binds its branches."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.company.id}
        )
        cls.stranger = cls.env["res.company"].create({"name": "Stranger"})
        cls.env.user.company_ids |= cls.branch | cls.stranger
        cls.user_salesperson.company_ids |= cls.branch | cls.stranger

    def _in(self, company, partner=None):
        return (partner or self.customer).sudo().with_company(company)

    def _limit(self, company, amount, **vals):
        self._in(company).write({"credit_limit": amount, **vals})

    def assertLimit(self, company, amount):
        """Both ways of asking give an amount, or None for no limit."""
        limits = self.customer._get_credit_limit_details(company)
        self.assertEqual(limits[self.customer.id].amount, amount)
        statement = SQL(
            "SELECT %s FROM res_partner AS customer WHERE id = %s",
            self.customer._get_credit_limit_sql("customer", company),
            self.customer.id,
        )
        self.env.flush_all()
        self.assertEqual(self.env.execute_query(statement)[0][0], amount)

    # === LIMITS === #

    def test_the_limit_of_the_head_office_is_that_of_its_branches(self):
        self._limit(self.company, 5000.0)
        self.assertLimit(self.branch, 5000.0)
        self.assertLimit(self.stranger, None)

    def test_of_two_limits_the_stricter_counts(self):
        self._limit(self.company, 5000.0)
        self._limit(self.branch, 9000.0)
        self.assertLimit(self.branch, 5000.0)
        self._limit(self.branch, 400.0)
        self.assertLimit(self.branch, 400.0)
        self.assertLimit(self.company, 5000.0)

    def test_a_limit_that_has_expired_at_the_head_office_is_over_in_its_branches(self):
        self._limit(self.company, 5000.0, credit_limit_until=self.day(-1))
        self._limit(self.branch, 9000.0)
        self.assertLimit(self.branch, 0.0)

    def test_a_temporary_limit_of_the_head_office_counts_in_its_branches(self):
        raised = {"credit_limit_raise": 8000.0, "credit_limit_raise_until": self.day(3)}
        self._limit(self.company, 5000.0, **raised)
        self.assertLimit(self.branch, 8000.0)
        self._limit(self.company, 5000.0, credit_limit_raise=0.0)
        self._limit(self.branch, 0.0, **raised)
        self.assertLimit(self.branch, 5000.0)

    def test_a_branch_does_not_sell_over_the_limit_of_the_head_office(self):
        self._limit(self.company, 5000.0)
        order = self.sell(self.customer, BIG, company_id=self.branch.id)
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            self.confirm(order)
        self.confirm(self.sell(self.customer, 4000.0, company_id=self.branch.id))
        self.confirm(self.sell(self.customer, BIG, company_id=self.stranger.id))

    # === EXEMPTIONS === #

    def test_who_is_exempt_at_the_head_office_is_so_in_its_branches(self):
        block = self._block(company=self.branch, origin="overdue")
        self.customer._set_credit_exemption("our own company", self.company)
        self.assertEqual(block.state, "lifted")
        self.assertIn("our own company", block.lift_reason)
        self.assertTrue(self.customer._is_credit_exempt(self.branch))
        self.assertFalse(self.customer._is_credit_exempt(self.stranger))
        statement = SQL(
            "SELECT %s FROM res_partner AS customer WHERE id = %s",
            self.customer._get_credit_exempt_sql("customer", self.branch),
            self.customer.id,
        )
        self.assertTrue(self.env.execute_query(statement)[0][0])

    def test_an_exemption_of_a_branch_is_no_one_else_s(self):
        block = self._block(origin="overdue")
        self.customer._set_credit_exemption("agreed here", self.branch)
        self.assertEqual(block.state, "in_force")
        self.assertFalse(self.customer._is_credit_exempt(self.company))
        self.assertEqual(self.policy(self.customer, company=self.branch), "forbid")

    # === SWITCHES === #

    def _set(self, company, **vals):
        company.sudo().write(vals)

    def _filter_there(self, *names):
        """Return those of some settings that are there: the shop brings its own."""
        return [n for n in names if f"credit_hold_{n}" in self.company._fields]

    def assertSetting(self, name, value, company=None):
        found = (company or self.branch)._get_credit_setting(name)
        self.assertEqual(found, value, name)

    def test_every_setting_of_credit_control_has_its_strictest(self):
        fields = self.env["res.company"]._fields
        # Who decides is asked of each company, and so are the books.
        elsewhere = {"credit_hold_user_ids"}
        settings = {
            name
            for name in fields
            if name.startswith(("credit_hold_", "credit_block_"))
        }
        strictest = self.company._get_strictest()
        switches = self.company._get_setting_switches()
        self.assertEqual(settings - elsewhere, set(strictest))
        self.assertLessEqual({*switches, *switches.values()}, set(strictest))

    def test_what_is_on_at_the_head_office_is_on_in_its_branches(self):
        for name in self._filter_there(
            "limit", "web", "shipping", "terms", "four_eyes"
        ):
            name = f"credit_hold_{name}"
            self._set(self.company, **{name: True})
            self._set(self.branch, **{name: False})
            self.assertSetting(name, True)
            self._set(self.company, **{name: False})
            self._set(self.branch, **{name: True})
            self.assertSetting(name, True)
            self.assertSetting(name, False, self.company)
            self.assertSetting(name, False, self.stranger)

    def test_where_holds_are_refusals_at_the_head_office_a_branch_holds_nothing(self):
        self._block(level=self.level_pending)
        vals = {"company_id": self.branch.id}
        order = self.sell(self.customer, **vals)
        self.rpc(order, "action_confirm_or_hold")
        self.assertEqual(order.hold_state, "held")
        self._set(self.company, credit_hold_level=False)
        order = self.sell(self.customer, **vals)
        with self.assertRaisesRegex(UserError, "cannot be confirmed"):
            self.rpc(order, "action_confirm_or_hold")

    def test_a_branch_tolerates_no_more(self):
        for name, switch in (
            ("limit_tolerance", "limit"),
            ("web_amount", "web"),
            ("shipping_tolerance", "shipping"),
            ("terms_days", "terms"),
        ):
            if not self._filter_there(name):
                continue
            name, switch = f"credit_hold_{name}", f"credit_hold_{switch}"
            self._set(self.company, **{switch: True, name: 10})
            self._set(self.branch, **{switch: True, name: 50})
            self.assertSetting(name, 10)
            self._set(self.branch, **{name: 5})
            self.assertSetting(name, 5)
            self._set(self.branch, **{switch: False})
            self.assertSetting(name, 10)
            self._set(self.company, **{switch: False})
            self._set(self.branch, **{switch: True})
            self.assertSetting(name, 5)

    def test_warnings_and_validities_of_zero_are_none_at_all(self):
        self._set(self.branch, credit_hold_limit=True, credit_hold_limit_warning=0)
        self.assertSetting("credit_hold_limit_warning", 80)
        self._set(self.branch, credit_hold_release_days=0)
        self.assertSetting("credit_hold_release_days", 7)
        self._set(self.branch, credit_hold_release_days=3)
        self.assertSetting("credit_hold_release_days", 3)

    def test_what_is_hidden_at_the_head_office_is_hidden_in_its_branches(self):
        for own, above, value in (
            ("visible", "hidden", "hidden"),
            ("silent", "visible", "silent"),
            ("hidden", "silent", "hidden"),
        ):
            self._set(self.company, credit_hold_handover=above)
            self._set(self.branch, credit_hold_handover=own)
            self.assertSetting("credit_hold_handover", value)

    def test_the_more_important_level_of_returns_counts(self):
        self._set(self.company, credit_block_return_level_id=self.level_doubtful.id)
        self.assertSetting("credit_block_return_level_id", self.level_doubtful)
        self._set(self.branch, credit_block_on_return=False)
        self.assertSetting("credit_block_on_return", True)
        self._set(self.company, credit_block_on_return=False)
        self._set(self.branch, credit_block_on_return=True)
        self.assertSetting("credit_block_return_level_id", self.level_unpaid)

    def test_an_order_of_a_branch_is_held_as_the_head_office_says(self):
        self._set(self.company, credit_hold_terms=True)
        self._set(self.branch, credit_hold_terms=False)
        long = (
            self.env["account.payment.term"]
            .sudo()
            .create(
                {
                    "name": "90",
                    "line_ids": [(0, 0, {"value": "percent", "nb_days": 90})],
                }
            )
        )
        vals = {"company_id": self.branch.id, "payment_term_id": long.id}
        with self.assertRaisesRegex(UserError, "Payment terms"):
            self.confirm(self.sell(self.customer, **vals))
        vals["company_id"] = self.stranger.id
        self.confirm(self.sell(self.customer, **vals))

    def test_a_new_branch_begins_as_its_head_office_is(self):
        self._set(self.company, credit_block_on_return=False, credit_hold_terms=True)
        branch = (
            self.env["res.company"]
            .sudo()
            .create(
                {
                    "name": "New Branch",
                    "parent_id": self.company.id,
                    "credit_hold_terms": False,
                }
            )
        )
        self.assertFalse(branch.credit_block_on_return)
        self.assertFalse(branch.credit_hold_terms, "what is entered counts")
        self.assertEqual(branch._get_imposed_credit_settings(), ["credit_hold_terms"])

    def test_the_settings_of_a_branch_say_what_is_imposed(self):
        self._set(self.company, credit_hold_terms=True)
        self._set(self.branch, credit_hold_terms=False)
        settings = self.env["res.config.settings"].sudo()
        text = settings.with_company(self.branch).create({}).credit_imposed_text
        self.assertIn("Hold Orders with Changed Payment Terms", text)
        self.assertFalse(
            settings.with_company(self.company).create({}).credit_imposed_text
        )

    def test_a_branch_costs_a_query_more_for_each_office_and_what_it_has_set(self):
        def ask(company):
            return self._count_queries(
                lambda: self.customer._get_credit_limit_details(company)
            )

        ask(self.branch)
        self.assertLessEqual(ask(self.branch), ask(self.company) + 2)

    def test_a_block_of_the_head_office_is_one_of_its_branches(self):
        self._block()
        with self.assertRaisesRegex(ValidationError, "No quotation"):
            self.sell(self.customer, company_id=self.branch.id)
        self.sell(self.customer, company_id=self.stranger.id)
