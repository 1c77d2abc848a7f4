from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import TransactionCase, new_test_user, tagged

from ..hooks import uninstall_hook
from .common_guards import GUARD_NEUTRAL_TEXT, GuardFixture


class GuardCase(GuardFixture, TransactionCase):
    """Orders stand for whatever an administrator may guard as support."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.user_administrator = new_test_user(
            cls.env, login="acb_administrator", groups="base.group_system"
        )

    def _create_order(self, partner=None, user=None, **vals):
        """Return a new order, in sudo and in the name of who enters it."""
        return (
            self.env["sale.order"]
            .with_user(user or self.user_salesperson)
            .sudo()
            .create(
                {
                    "partner_id": (partner or self.customer).id,
                    "user_id": self.user_salesperson.id,
                    "company_id": self.credit_company.id,
                    **vals,
                }
            )
        )

    def _get_notes(self, record):
        subtype = self.env.ref("account_credit_block.mail_message_subtype_guard")
        return record.message_ids.filtered(lambda m: m.subtype_id == subtype)

    def _assert_flagged(self, record, *texts):
        note = self._get_notes(record)
        self.assertEqual(len(note), 1)
        for text in texts:
            self.assertIn(text, note.body)

    def _assert_not_flagged(self, record):
        self.assertFalse(self._get_notes(record))
        self.assertFalse(record.activity_ids)


@tagged("post_install", "-at_install")
class TestCreditGuard(GuardCase):
    def setUp(self):
        super().setUp()
        self.guard = self._create_guard("sale.order")
        self._block(level=self.level_assistance)

    # === REFUSING === #

    def test_a_document_of_a_blocked_customer_is_refused_to_an_employee(self):
        with self.assertRaisesRegex(UserError, "gets no support") as caught:
            self._create_order()
        text = str(caught.exception)
        self.assertIn("credit block “Support block”", text)
        self.assertIn("test reason", text)
        self.assertIn("To lift the block, ask:", text)
        self._assert_not_flagged(self._create_order(self.good_customer))

    def test_a_contact_of_a_blocked_customer_is_refused_too(self):
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_order(self.contact)

    def test_hold_refuses_and_says_who_decides(self):
        self.level_assistance.policy_support = "hold"
        self.credit_company.credit_hold_user_ids = self.user_credit_manager
        with self.assertRaisesRegex(UserError, "manager has to decide") as caught:
            self._create_order()
        self.assertIn("Who decides: Test credit_manager.", str(caught.exception))
        self.assertNotIn("To lift the block", str(caught.exception))

    def test_customers_read_a_neutral_text(self):
        for role in ("portal", "public"):
            with self.subTest(role=role):
                user = self.users[role]
                with self.assertRaisesRegex(UserError, GUARD_NEUTRAL_TEXT) as caught:
                    self._create_order(user=user)
                self.assertEqual(str(caught.exception), GUARD_NEUTRAL_TEXT)
                self.assertTrue(self._create_order(self.good_customer, user=user))

    def test_the_customer_may_not_be_changed_to_a_blocked_one(self):
        order = self._create_order(self.good_customer)
        with self.assertRaisesRegex(UserError, "gets no support"):
            order.partner_id = self.customer
        order.partner_id = self._create_customer("Another good one")

    def test_what_was_there_before_the_block_goes_on(self):
        self.customer._lift_credit_block(
            self.level_assistance, "test", self.credit_company
        )
        order = self._create_order()
        self._block(level=self.level_assistance)
        order.client_order_ref = "changed"
        self._assert_not_flagged(order)

    def test_a_customer_without_that_policy_is_not_refused(self):
        self.level_assistance.policy_support = "allow"
        self._assert_not_flagged(self._create_order())

    def test_a_refusal_is_shown_as_one_and_not_as_a_failed_rule(self):
        with self.assertRaisesRegex(UserError, "gets no support") as caught:
            self._create_order()
        self.assertFalse(getattr(caught.exception, "context", None))

    # === FLAGGING === #

    def test_warn_leaves_a_note_and_an_activity_for_the_salesperson(self):
        self.level_assistance.policy_support = "warn"
        order = self._create_order(user=self.user_credit_manager)
        self._assert_flagged(order, "mind before you go on", "test reason")
        self.assertEqual(order.activity_ids.user_id, self.user_salesperson)
        self.assertIn("test reason", order.activity_ids.note)
        self._assert_not_flagged(self._create_order(self.good_customer))

    def test_without_a_salesperson_the_activity_is_for_who_did_it(self):
        self.level_assistance.policy_support = "warn"
        order = self._create_order(user=self.user_credit_manager, user_id=False)
        self.assertEqual(order.activity_ids.user_id, self.user_credit_manager)

    def test_a_document_is_flagged_once(self):
        self.level_assistance.policy_support = "warn"
        order = self._create_order()
        order.partner_id = self.good_customer
        order.partner_id = self.customer
        self._assert_flagged(order)
        self.assertEqual(len(order.activity_ids), 1)

    def test_the_note_is_internal_and_not_of_the_customer(self):
        self.level_assistance.policy_support = "warn"
        order = self._create_order(user=self.user_portal)
        note = self._get_notes(order)
        self.assertTrue(note.is_internal or note.subtype_id.internal)
        self.assertEqual(note.author_id, self.env.ref("base.partner_root"))
        self.assertFalse(note.notified_partner_ids)

    def test_a_guard_that_only_warns_refuses_nothing(self):
        self.guard.effect = "warn"
        self._assert_flagged(self._create_order(), "gets no support")

    def test_the_system_is_not_stopped_half_way(self):
        order = self._create_order(user=self.env.ref("base.user_root"))
        self._assert_flagged(order, "gets no support", "no employee did it")
        self.assertEqual(order.activity_ids.user_id, self.user_salesperson)

    def test_a_context_key_does_not_make_a_person_the_system(self):
        for key in ("mail_gateway", "cron_id", "account_credit_block.mail_gateway"):
            orders = self.env["sale.order"].with_user(self.user_salesperson)
            orders = orders.with_context(**{key: True})
            with (
                self.subTest(key=key),
                self.assertRaisesRegex(UserError, "gets no support"),
            ):
                orders.create({"partner_id": self.customer.id})

    # === WHEN AND WHICH === #

    def test_a_guard_of_a_value_asks_when_the_field_takes_it(self):
        self.guard.write({"trigger": "value", "condition": "[('state', '=', 'sent')]"})
        order = self._create_order()
        order.client_order_ref = "changed"
        with self.assertRaisesRegex(UserError, "gets no support"):
            order.state = "sent"
        good = self._create_order(self.good_customer)
        good.state = "sent"
        self.assertEqual(good.state, "sent")

    def test_a_guard_of_a_value_does_not_ask_again_as_long_as_it_is_kept(self):
        self.level_assistance.policy_support = "allow"
        self.guard.write({"trigger": "value", "condition": "[('state', '=', 'sent')]"})
        order = self._create_order()
        order.state = "sent"
        self.level_assistance.policy_support = "forbid"
        order.client_order_ref = "changed"
        self.assertEqual(order.client_order_ref, "changed")

    def test_documents_that_the_filter_leaves_out_are_not_asked_about(self):
        self.guard.filter_domain = "[('client_order_ref', '=', 'urgent')]"
        self._create_order()
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_order(client_order_ref="urgent")

    def test_the_customer_may_be_that_of_a_linked_record(self):
        self.guard.partner_path = "pricelist_id.company_id.partner_id"
        pricelist = self.env["product.pricelist"].create(
            {"name": "Ours", "company_id": self.credit_company.id}
        )
        self._create_order()
        self._block(self.credit_company.partner_id, self.level_assistance)
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_order(self.good_customer, pricelist_id=pricelist.id)

    # === COMPANIES === #

    def test_the_company_of_the_document_decides(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self._assert_not_flagged(self._create_order(company_id=other.id))

    def test_a_document_without_a_company_is_asked_about_in_the_chosen_one(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.guard.write({"company_path": False, "fallback_company_id": other.id})
        self._create_order()
        self.guard.fallback_company_id = self.credit_company
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_order()

    def test_a_guard_of_one_company_leaves_the_others_alone(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.guard.company_id = other
        self._create_order()
        self._block(level=self.level_assistance, company=other)
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_order(company_id=other.id)

    def test_a_guard_of_a_company_counts_in_its_branches(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.credit_company.id}
        )
        self.guard.company_id = self.credit_company
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_order(company_id=branch.id)


@tagged("post_install", "-at_install")
class TestCreditGuardRule(GuardCase):
    """The automated action behind a guard."""

    def setUp(self):
        super().setUp()
        self.guard = self._create_guard("sale.order")
        self.rule = self.guard.automation_ids

    def _count_warm(self):
        self._count_queries(self._create_order)  # fill the caches that survive
        return self._count_queries(self._create_order)

    def test_a_guard_is_one_automated_action(self):
        self.assertRecordValues(
            self.rule,
            [
                {
                    "model_name": "sale.order",
                    "trigger": "on_create_or_write",
                    "active": True,
                    "filter_domain": "[('partner_id', '!=', False)]",
                }
            ],
        )
        self.assertEqual(self.rule.trigger_field_ids.mapped("name"), ["partner_id"])
        self.assertEqual(
            self.rule.action_server_ids.code,
            f"env['credit.guard'].browse({self.guard.id})._check(records)",
        )

    def test_changing_a_guard_changes_its_action(self):
        self.guard.write(
            {
                "name": "Changed",
                "trigger": "value",
                "condition": "[('state', '=', 'sent')]",
                "filter_domain": "[('origin', '=', False)]",
            }
        )
        self.assertEqual(self.rule.name, "Credit guard: Changed")
        self.assertIn("('state', '=', 'sent')", self.rule.filter_domain)
        self.assertIn("('origin', '=', False)", self.rule.filter_domain)
        self.assertEqual(
            sorted(self.rule.trigger_field_ids.mapped("name")), ["partner_id", "state"]
        )

    def test_an_archived_guard_asks_nothing_and_costs_nothing(self):
        self._block(level=self.level_assistance)
        self.guard.active = False
        self.assertFalse(self.rule.active)
        archived = self._count_warm()
        self.guard.unlink()
        self.assertEqual(self._count_warm(), archived)

    def test_a_guard_that_is_switched_on_again_works_again(self):
        self._block(level=self.level_assistance)
        self.guard.active = False
        self.guard.active = True
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_order()

    def test_a_guard_may_be_entered_switched_off(self):
        guard = self._create_guard("sale.order", active=False)
        self.assertFalse(guard.automation_ids.active)
        self.assertEqual(len(guard.automation_ids), 1)

    def test_deleting_a_guard_deletes_its_action(self):
        action = self.rule.action_server_ids
        self._block(level=self.level_assistance)
        self.guard.unlink()
        self.assertFalse(self.rule.exists() or action.exists())
        self.assertTrue(self._create_order())

    def test_uninstalling_leaves_no_action_behind(self):
        action = self.rule.action_server_ids
        self.guard.active = False
        uninstall_hook(self.env)
        self.assertFalse(self.rule.exists() or action.exists())

    def test_a_guard_of_another_document_gets_another_action(self):
        self.guard.write({"model_id": self.env["ir.model"]._get_id("account.move")})
        self.assertFalse(self.rule.exists())
        self.assertEqual(self.guard.automation_ids.model_name, "account.move")

    def test_a_copy_has_an_action_of_its_own(self):
        copy = self.guard.copy()
        self.addCleanup(copy.unlink)
        self.assertEqual(len(copy.automation_ids), 1)
        self.assertNotEqual(copy.automation_ids, self.rule)

    def test_nobody_changes_the_action_behind_the_back_of_the_guard(self):
        rule = self.rule.with_user(self.user_administrator)
        with self.assertRaisesRegex(UserError, "belongs to the credit guard"):
            rule.active = False
        with self.assertRaisesRegex(UserError, "belongs to the credit guard"):
            rule.unlink()
        self.guard.with_user(self.user_administrator).active = False
        self.assertFalse(self.rule.active)

    def test_rules_of_others_are_changed_as_ever(self):
        rule = self.env["base.automation"].create(
            {
                "name": "Of somebody else",
                "model_id": self.env["ir.model"]._get_id("crm.tag"),
                "trigger": "on_unlink",
                "active": False,
            }
        )
        rule = rule.with_user(self.user_administrator)
        rule.name = "Changed"
        self.assertEqual(rule.name, "Changed")
        rule.unlink()

    # === WHAT CANNOT BE GUARDED === #

    def test_the_path_has_to_lead_to_one_customer(self):
        for path, words in {
            "user_id": "leads to “User” instead of “Contact”",
            "order_line": "does not lead to one record",
            "nothing": "does not lead to one record",
            "partner_id.name": "does not lead to one record",
        }.items():
            with (
                self.subTest(path=path),
                self.assertRaisesRegex(ValidationError, words),
            ):
                self.guard.partner_path = path
        self.guard.partner_path = "user_id.partner_id"

    def test_the_company_path_has_to_lead_to_one_company(self):
        with self.assertRaisesRegex(ValidationError, "leads to “Contact”"):
            self.guard.company_path = "partner_id"
        self.guard.company_path = "team_id.company_id"

    def test_a_guard_of_a_value_needs_the_value(self):
        for condition in (False, "[]"):
            with self.assertRaisesRegex(ValidationError, "takes which value"):
                self.guard.write({"trigger": "value", "condition": condition})

    def test_conditions_are_fixed_values(self):
        for domain in ("[('user_id', '=', uid)]", "[('nothing', '=', 1)]", "state"):
            with (
                self.subTest(domain=domain),
                self.assertRaisesRegex(ValidationError, "cannot be understood"),
            ):
                self.guard.filter_domain = domain

    def test_what_is_not_stored_cannot_be_guarded(self):
        for model in ("sale.advance.payment.inv", "mail.thread", "sale.report"):
            with (
                self.subTest(model=model),
                self.assertRaisesRegex(ValidationError, "it is not stored"),
            ):
                self._create_guard(model)

    def test_the_customer_and_company_fields_are_proposed(self):
        guard = self.env["credit.guard"].new(
            {"model_id": self.env["ir.model"]._get_id("account.move")}
        )
        guard._onchange_model_id()
        self.assertEqual(guard.partner_path, "partner_id")
        self.assertEqual(guard.company_path, "company_id")

    # === WHO === #

    def test_every_cell_of_the_matrix(self):
        self._check_access_matrix(
            {
                "credit.guard": {
                    "credit_manager": "r",
                    "credit_user": "",
                    "accountant": "",
                    "salesperson": "",
                    "portal": "",
                    "public": "",
                }
            }
        )
        guards = self.env["credit.guard"].with_user(self.user_administrator)
        for operation in ("create", "read", "write", "unlink"):
            self.assertTrue(guards.has_access(operation))

    def test_an_administrator_makes_a_guard_that_works_at_once(self):
        self.guard.unlink()
        self._block(level=self.level_assistance)
        guards = self.env["credit.guard"].with_user(self.user_administrator)
        guard = guards.create(
            {
                "name": "By the administrator",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "partner_path": "partner_id",
            }
        )
        self.addCleanup(guard.unlink)
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_order()
        action = guard.action_open_automation()
        self.assertEqual(action["res_id"], guard.automation_ids.id)

    def test_a_credit_manager_reads_guards_but_not_their_actions(self):
        guard = self.guard.with_user(self.user_credit_manager)
        self.assertEqual(guard.name, "Guard of sale.order")
        view = guard.get_view(view_type="form")
        self.assertTrue(guard.read(list(view["models"]["credit.guard"])))
        with self.assertRaises(AccessError):
            guard.action_open_automation()
        with self.assertRaises(AccessError):
            guard.active = False
        with self.assertRaises(AccessError):
            guard.action_create_suggested()

    def test_the_button_of_the_suggestions_is_called_with_what_is_chosen(self):
        administrator = self._create_administrator()
        guards = self.guard.with_user(administrator)
        for ids in ([], self.guard.ids):
            with self.subTest(ids=ids):
                expected = self._get_answers(guards)
                action = call_kw(guards.browse(), "action_create_suggested", [ids], {})
                self.assertIn(action["type"], expected)

    def test_where_nothing_is_installed_the_suggestions_say_so(self):
        guards = self.guard.with_user(self._create_administrator())
        nothing = patch.object(type(guards), "_get_known_suggestions", lambda _self: [])
        with nothing:
            action = guards.action_create_suggested()
            text = guards.get_empty_list_help("<p>Help</p>")
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("nothing to suggest", action["params"]["message"])
        self.assertIn("nothing to suggest", text)
        self.assertTrue(text.startswith("<p>Help</p>"))

    def test_who_asks_for_suggestions_twice_is_answered(self):
        guards = self.guard.with_user(self._create_administrator())
        orders = {
            "name": "Orders to guard",
            "partner_path": "partner_id",
            "operation": "delivery",
        }
        known = patch.object(
            type(guards),
            "_get_known_suggestions",
            lambda _self: [("sale.order", dict(orders))],
        )
        with known:
            action = guards.action_create_suggested()
            self.assertEqual(action["res_model"], "credit.guard")
            made = guards.with_context(active_test=False).search_count([])
            action = guards.action_create_suggested()
        self.assertIn("guarded already", action["params"]["message"])
        self.assertEqual(guards.with_context(active_test=False).search_count([]), made)

    def test_the_link_to_the_suggestions_is_for_administrators_only(self):
        orders = {
            "name": "Orders",
            "partner_path": "partner_id",
            "operation": "support",
        }
        known = patch.object(
            type(self.guard),
            "_get_known_suggestions",
            lambda _self: [("sale.order", orders)],
        )
        for user, is_shown in (
            (self._create_administrator(), True),
            (self.user_credit_manager, False),
        ):
            with self.subTest(user=user.login), known:
                text = self.guard.with_user(user).get_empty_list_help("<p>Help</p>")
                self.assertEqual('<a type="action"' in text, is_shown)
                self.assertEqual("ask yours" in text, not is_shown)

    def test_who_adds_no_guard_is_not_told_to_click_new(self):
        """The client loads the action, and its help, with the rights of the server."""
        action = self.env.ref("account_credit_block.credit_guard_action")
        nothing = patch.object(
            type(self.guard), "_get_known_suggestions", lambda _self: []
        )
        for user, may in (
            (self._create_administrator(), True),
            (self.user_credit_manager, False),
        ):
            with self.subTest(user=user.login), nothing:
                [loaded] = action.with_user(user).sudo().read(["help", "res_model"])
                self.assertEqual("Click New" in loaded["help"], may)
                self.assertEqual("ask yours" in loaded["help"], not may)

    def _create_administrator(self):
        return new_test_user(
            self.env,
            login="acb_guards",
            groups="base.group_system,account_credit_block.group_credit_manager",
        )

    def _get_answers(self, guards):
        """Return the type of the action that is right for what is installed."""
        if guards._get_suggestions():
            return ["ir.actions.act_window"]
        return ["ir.actions.client"]

    def test_the_guards_of_other_companies_are_hidden(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.guard.company_id = other
        guards = self.env["credit.guard"].with_user(self.user_credit_manager)
        guards = guards.with_context(allowed_company_ids=self.credit_company.ids)
        self.assertNotIn(self.guard, guards.search([]))
        self.guard.company_id = self.credit_company
        self.assertIn(self.guard, guards.search([]))

    def test_nothing_of_it_is_open_to_remote_calls(self):
        for name in ("_check", "_leave_note", "_asking_together", "_get_suggestions"):
            self.assertTrue(name.startswith("_"))
            self.assertTrue(hasattr(self.guard, name))
