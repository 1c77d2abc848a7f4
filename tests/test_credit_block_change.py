from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import CreditBlockCommon
from .common_rpc import call_as


@tagged("post_install", "-at_install")
class TestCreditBlockChange(CreditBlockCommon):
    def _open(self, user, **vals):
        return (
            self.env["credit.block.change"]
            .with_user(user)
            .create(
                {
                    "partner_ids": self.customer.ids,
                    "level_id": self.level_unpaid.id,
                    "reason": "I say so",
                    "company_id": self.credit_company.id,
                    **vals,
                }
            )
        )

    def test_a_credit_manager_blocks_and_lifts_in_the_dialog(self):
        action = self.customer.with_user(
            self.user_credit_manager
        ).action_open_credit_block()
        wizards = self.env["credit.block.change"].with_user(self.user_credit_manager)
        with Form(wizards.with_context(**action["context"])) as form:
            form.level_id = self.level_doubtful
            form.reason = "in trouble"
        form.record.action_apply()
        block = self.customer.credit_block_ids
        self.assertEqual(block.set_by_id, self.user_credit_manager)
        self.assertEqual(block.origin, "manual")

        context = {**action["context"], "default_change": "lift"}
        with Form(wizards.with_context(**context)) as form:
            self.assertEqual(form.level_id, self.level_doubtful, "the only one")
            form.reason = "out of trouble"
        form.record.action_apply()
        self.assertEqual(block.state, "lifted")
        self.assertEqual(block.lifted_by_id, self.user_credit_manager)

    def test_the_dialog_is_filled_from_the_list_of_customers(self):
        wizard = self.env["credit.block.change"].with_context(
            active_model="res.partner", active_ids=self.contact.ids
        )
        wizard = wizard.create({"level_id": self.level_unpaid.id, "reason": "r"})
        wizard.action_apply()
        self.assertEqual(self.customer.credit_block_level_id, self.level_unpaid)

    def test_a_list_that_names_no_customers_fills_in_none(self):
        def default(ids):
            (command,) = call_as(
                self.env,
                self.user_credit_manager,
                "credit.block.change",
                "default_get",
                ["partner_ids"],
                context={"active_model": "res.partner", "active_ids": ids},
            )["partner_ids"]
            return command[2]

        self.assertEqual(default(self.contact.ids), self.contact.ids)
        for ids in ("abc", 5, True, None, ["x"], [None], {"id": 1}):
            with self.subTest(ids=ids):
                self.assertFalse(default(ids))

    def test_lifting_what_is_not_in_force_is_told(self):
        with self.assertRaisesRegex(UserError, "not in force"):
            self._open(self.user_credit_manager, change="lift").action_apply()

    def _open_lift(self, user=None):
        """The dialog that lifts, as a form."""
        wizards = self.env["credit.block.change"].with_user(
            user or self.user_credit_manager
        )
        return Form(
            wizards.with_context(
                default_change="lift",
                default_partner_ids=self.customer.ids,
                default_company_id=self.credit_company.id,
            )
        )

    def _is_exempt(self):
        exempt = self.customer._is_credit_exempt(self.credit_company)
        return self.customer.id in exempt

    def test_lifting_may_keep_the_rules_away_until_a_day(self):
        self._block(origin="overdue")
        day = self.env.company._get_credit_today() + timedelta(days=30)
        with self._open_lift() as form:
            self.assertFalse(form.exempt_until)
            form.exempt_until = day
            form.reason = " he pays on Friday "
        form.record.action_apply()
        customer = self.customer.with_company(self.credit_company)
        self.assertTrue(self._is_exempt())
        self.assertEqual(customer.credit_block_exempt_until, day)
        self.assertEqual(customer.credit_block_exempt_reason, "he pays on Friday")
        self.assertFalse(self._block(origin="overdue"))

    def test_lifting_exempts_nobody_who_is_not_asked_for(self):
        block = self._block(origin="overdue")
        with self._open_lift() as form:
            form.reason = "paid"
        form.record.action_apply()
        self.assertFalse(self._is_exempt())
        self.assertTrue(block.forgiven)

    def test_a_day_that_is_over_is_refused(self):
        block = self._block(origin="overdue")
        with self._open_lift() as form:
            form.reason = "paid"
            form.exempt_until = self.env.company._get_credit_today() - timedelta(days=2)
        with self.assertRaisesRegex(UserError, "a day that is over"):
            form.record.action_apply()
        self.assertEqual(block.state, "in_force")

    def test_lifting_does_not_shorten_a_longer_exemption(self):
        self._block()
        customer = self.customer.with_company(self.credit_company)
        customer._set_credit_exemption("our own parent company", self.credit_company)
        with self._open_lift() as form:
            form.reason = "paid"
            form.exempt_until = self.env.company._get_credit_today() + timedelta(days=5)
        form.record.action_apply()
        self.assertTrue(self._is_exempt())
        self.assertFalse(customer.credit_block_exempt_until)
        self.assertEqual(customer.credit_block_exempt_reason, "our own parent company")

    def test_the_dialog_works_in_the_companies_of_the_user_only(self):
        wizard = self._open(self.user_credit_manager)
        wizard.sudo().company_id = self.other_company
        with self.assertRaisesRegex(UserError, "one of your companies"):
            wizard.action_apply()

    def test_the_dialog_refuses_who_is_not_a_credit_manager(self):
        wizard = self._open(self.user_credit_manager)
        for user in (self.user_credit_user, self.user_accountant, self.user_portal):
            with self.assertRaises(AccessError):
                self._open(user)
            with self.assertRaises(AccessError):
                wizard.with_user(user).action_apply()
            with self.assertRaisesRegex(AccessError, "Only a credit manager"):
                self.customer.with_user(user).action_open_credit_block()
        wizard.action_apply()
        self.assertTrue(self.customer.credit_block_level_id)
