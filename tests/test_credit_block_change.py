from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import CreditBlockCommon
from .common_rpc import RemoteCalls, call_as


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

    def test_blocks_that_are_there_are_not_set(self):
        block = self._block()
        args = {"block_ids": block.ids}
        with self.assertRaisesRegex(UserError, "blocked already"):
            self._open(self.user_credit_manager, **args).action_apply()
        self.assertEqual(block.state, "in_force")
        self._open(self.user_credit_manager, change="lift", **args).action_apply()
        self.assertEqual(block.state, "lifted")

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
        self.assertTrue(block.waived)

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


@tagged("post_install", "-at_install")
class TestCreditBlockDesk(RemoteCalls, CreditBlockCommon):
    """Lifting many blocks and changing their level, from the list of blocked ones."""

    def _open(self, blocks, name="action_open_lift", user=None):
        user = user or self.user_credit_manager
        action = self.call(user, blocks, name)
        self.assertNotEqual(action["name"], "Credit Block")
        dialog = self.env[action["res_model"]].with_user(user)
        return Form(dialog.with_context(**action["context"]))

    def _apply(self, form, reason="as agreed"):
        form.reason = reason
        return form.save().action_apply()

    def _get_in_force(self, partner):
        return partner.sudo().credit_block_ids.filtered(lambda b: b.state == "in_force")

    def test_many_are_lifted_whatever_their_levels(self):
        blocks = self._block() | self._block(self.good_customer, self.level_doubtful)
        kept = self._block(level=self.level_pending)
        action = self._apply(self._open(blocks))
        self.assertEqual(set(blocks.mapped("state")), {"lifted"})
        self.assertEqual(blocks.lifted_by_id, self.user_credit_manager)
        self.assertEqual(set(blocks.mapped("lift_reason")), {"as agreed"})
        self.assertEqual(kept.state, "in_force")
        self.assertIn("Blocks lifted: 2.", action["params"]["message"])

    def test_an_automatic_one_is_waived(self):
        block = self._block(origin="overdue")
        self._apply(self._open(block))
        self.assertTrue(block.waived)

    def test_many_are_exempt_until_a_day(self):
        blocks = self._block() | self._block(self.good_customer)
        form = self._open(blocks)
        today = self.credit_company._get_credit_today()
        form.exempt_until = today + timedelta(days=5)
        self._apply(form)
        customers = self.customer | self.good_customer
        exempt = customers._is_credit_exempt(self.credit_company)
        self.assertEqual(exempt, set(customers.ids))
        form = self._open(self._block())
        form.exempt_until = today - timedelta(days=1)
        with self.assertRaisesRegex(UserError, "a day that is over"):
            self._apply(form)

    def test_many_get_another_level_by_hand_and_keep_their_last_day(self):
        until = self.credit_company._get_credit_today() + timedelta(days=9)
        first = self._block(origin="return")
        second = self._block(self.good_customer, until=until)
        form = self._open(first | second, "action_open_change_level")
        form.level_id = self.level_pending
        action = self._apply(form, "they pay in rates")
        self.assertIn("Level changed: 2.", action["params"]["message"])
        for partner, last in ((self.customer, False), (self.good_customer, until)):
            self.assertRecordValues(
                self._get_in_force(partner),
                [
                    {
                        "level_id": self.level_pending.id,
                        "origin": "manual",
                        "until": last,
                        "reason": "they pay in rates",
                        "set_by_id": self.user_credit_manager.id,
                    }
                ],
            )
        self.assertRecordValues(
            first, [{"state": "lifted", "lift_reason": "they pay in rates"}]
        )
        self.assertTrue(first.waived, "the rules do not put it back")

    def test_who_has_the_new_level_already_is_left_as_he_is(self):
        first = self._block()
        second = self._block(self.good_customer, self.level_pending)
        form = self._open(first | second, "action_open_change_level")
        form.level_id = self.level_pending
        action = self._apply(form)
        self.assertIn("Left as they are: 1.", action["params"]["message"])
        self.assertEqual(self._get_in_force(self.good_customer), second)
        form = self._open(second, "action_open_change_level")
        self.assertNotIn(self.level_pending, form.available_level_ids)

    def test_the_new_level_has_to_be_chosen(self):
        dialog = self.env["credit.block.change"].with_user(self.user_credit_manager)
        dialog = dialog.create(
            {"change": "level", "block_ids": self._block().ids, "reason": "fine"}
        )
        with self.assertRaisesRegex(UserError, "Choose the new level"):
            dialog.action_apply()

    def test_one_that_a_colleague_has_lifted_meanwhile_is_left_out(self):
        first, second = self._block(), self._block(self.good_customer)
        form = self._open(first | second)
        first._lift("by a colleague")
        action = self._apply(form)
        self.assertIn("Blocks lifted: 1.", action["params"]["message"])
        self.assertIn("Left as they are: 1.", action["params"]["message"])
        self.assertEqual(first.lift_reason, "by a colleague")
        for name in ("action_open_lift", "action_open_change_level"):
            with self.assertRaisesRegex(UserError, "not in force"):
                self.call(self.user_credit_manager, first, name)

    def test_nothing_selected_and_no_block_left_are_told_in_a_sentence(self):
        for name in ("action_open_lift", "action_open_change_level"):
            with self.assertRaisesRegex(UserError, "not in force"):
                self.rpc(self.user_credit_manager, "credit.block", name, [])
        form = self._open(block := self._block())
        block._lift("by a colleague")
        with self.assertRaisesRegex(UserError, "not in force"):
            self._apply(form)

    def test_several_companies_are_changed_by_who_manages_all_of_them(self):
        blocks = self._block() | self._block(company=self.other_company)
        with self.assertRaises(AccessError):
            self.call(self.user_credit_manager, blocks, "action_open_lift")
        self.user_credit_manager.company_ids |= self.other_company
        self._apply(self._open(blocks))
        self.assertEqual(set(blocks.mapped("state")), {"lifted"})

    def test_a_block_of_the_head_office_is_not_lifted_in_the_branch(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.credit_company.id}
        )
        manager = self.user_credit_manager.copy(
            {
                "login": "acb_branch_manager",
                "company_id": branch.id,
                "company_ids": [Command.set(branch.ids)],
            }
        )
        block = self._block()
        with self.assertRaises(AccessError):
            self.call(manager, block, "action_open_lift")
        self.call(self.user_credit_manager, block, "action_open_lift")

    def test_what_the_customer_owes_is_shown_of_blocks_in_force(self):
        block, past = self._block(), self._block(self.good_customer)
        past._lift("paid")
        shown = (block | past).with_user(self.user_credit_user)
        shown = shown.web_read({"overdue_total": {}, "exposure_total": {}})
        self.assertEqual([row["exposure_total"] for row in shown], [0.0, 0.0])

    def test_a_list_of_blocks_costs_the_same_whatever_its_length(self):
        customers = [self._create_customer(f"Customer {n}") for n in range(9)]
        blocks = self.env["credit.block"].union(*map(self._block, customers))
        blocks = blocks.with_env(self.env).with_user(self.user_credit_manager)
        names = ("overdue_total", "exposure_total", "level_id", "partner_id")
        names = dict.fromkeys(names, {})
        self._count_queries(lambda: blocks.web_read(names))
        few = self._count_queries(lambda: blocks[:2].web_read(names))
        self.assertEqual(self._count_queries(lambda: blocks.web_read(names)), few)

    # === LEVELS === #

    def test_two_levels_that_one_may_choose_from_have_different_names(self):
        levels = self.env["credit.block.level"]
        name = self.level_unpaid.name
        for vals in (
            {"name": name},
            {"name": f" {name.upper()} "},
            {"name": name, "company_id": self.credit_company.id},
        ):
            with (
                self.subTest(vals),
                self.assertRaisesRegex(ValidationError, "could not tell them apart"),
            ):
                levels.create(vals)
        own = levels.create({"name": "VIP", "company_id": self.credit_company.id})
        levels.create({"name": "VIP", "company_id": self.other_company.id})
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.credit_company.id}
        )
        with self.assertRaisesRegex(ValidationError, "could not tell them apart"):
            levels.create({"name": "VIP", "company_id": branch.id})
        own.active = False
        levels.create({"name": "VIP", "company_id": branch.id})
        with self.assertRaisesRegex(ValidationError, "could not tell them apart"):
            own.active = True

    def test_a_copy_of_a_level_is_called_one(self):
        copies = self.level_unpaid.copy() | self.level_unpaid.copy()
        self.assertEqual(len(set(copies.mapped("name"))), 2)
        self.assertIn("(copy)", copies[0].name)
