from datetime import date, datetime, timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, new_test_user, tagged
from odoo.tools import mute_logger

from .common_holds import HoldCommon
from .common_rpc import RemoteCalls

OUR_WORDS = "credit block “Support block”"


@tagged("post_install", "-at_install")
class TestHandOver(HoldCommon):
    """From the salesperson to the manager's queue."""

    def test_an_order_that_must_be_held_is_handed_over_with_its_reason(self):
        order = self._hold()
        self._assert_states(order, "sent", "held")
        self.assertRecordValues(
            order.hold_ids,
            [
                {
                    "state": "held",
                    "handover": "visible",
                    "is_from_customer": False,
                    "handed_over_by_id": self.user_salesperson.id,
                    "salesperson_id": self.user_salesperson.id,
                    "partner_id": self.customer.id,
                }
            ],
        )
        self.assertEqual(order.hold_ids.reason_ids.code, "level")
        self.assertIn(OUR_WORDS, order.hold_ids.reason_text)
        self.assertIn("late payer", order.hold_ids.reason_text)

    def test_an_order_without_a_reason_is_confirmed_as_ever(self):
        order = self._create_order(self.good_customer)
        self.assertIs(order.action_confirm_or_hold(), True)
        self._assert_states(order, "sale", "none")
        self.assertFalse(order.sudo().hold_ids)

    def test_what_the_blocks_forbid_is_refused_and_not_handed_over(self):
        self.level_assistance.policy_confirmation = "forbid"
        order = self._create_order()
        with self.assertRaisesRegex(UserError, "cannot be confirmed.\n.*block"):
            order.action_confirm_or_hold()
        self._assert_states(order, "draft", "none")

    def test_where_holds_are_switched_off_what_says_hold_is_refused(self):
        self.credit_company.credit_hold_level = False
        order = self._create_order()
        with self.assertRaisesRegex(UserError, "This order cannot be confirmed"):
            order.action_confirm_or_hold()

    def test_the_refusal_names_the_level_since_when_and_who_decides(self):
        order = self._create_order()
        with self.assertRaisesRegex(UserError, "A manager has to decide") as caught:
            order.action_confirm()
        text = str(caught.exception)
        today = self.env.company._get_credit_today()
        self.assertIn(OUR_WORDS, text)
        self.assertIn(today.strftime("%m/%d/%Y"), text)
        self.assertIn("Who decides: ", text)

    def test_of_several_orders_only_those_concerned_are_set_aside(self):
        held, good = self._create_order(), self._create_order(self.good_customer)
        forbidden = self._create_order(self._create_customer("Bad one"))
        self._block(forbidden.partner_id, self.level_non_performing)
        action = (held | forbidden | good).action_confirm_or_hold()
        self._assert_states(held, "sent", "held")
        self._assert_states(good, "sale", "none")
        self._assert_states(forbidden, "draft", "none")
        message = action["params"]["message"]
        self.assertIn(f"{held.name}: handed over", message)
        self.assertIn(f"{forbidden.name}: This order cannot be confirmed", message)

    def test_an_order_that_core_would_not_confirm_is_not_handed_over(self):
        order = self._create_order()
        order.order_line = [Command.create({"name": "what?", "product_uom_qty": 1})]
        with self.assertRaisesRegex(UserError, "missing a product"):
            order.action_confirm_or_hold()
        self._assert_states(order, "draft", "none")

    def test_a_held_order_waits_for_one_decision_only(self):
        order = self._hold()
        with self.assertRaisesRegex(UserError, "waiting for a decision"):
            order.with_user(self.user_salesperson).action_confirm_or_hold()
        self.assertEqual(len(order.hold_ids), 1)

    def test_who_decides_is_asked_by_activity_and_mail(self):
        self.credit_company.credit_hold_user_ids = self.user_credit_manager
        order = self._hold()
        activity = order.hold_ids.activity_ids
        self.assertEqual(activity.user_id, self.user_credit_manager)
        mail = self.env["mail.mail"].search([("subject", "like", "your decision")])
        self.assertIn(order.name, mail.subject)
        self.assertEqual(mail.recipient_ids, self.user_credit_manager.partner_id)

    def test_an_administrator_can_switch_off_the_activity_and_the_mail(self):
        rule = self.env.ref("account_credit_block.base_automation_order_held")
        self.addCleanup(rule.write, {"active": True})  # the registry is not rolled back
        rule.active = False
        order = self._hold()
        self.assertFalse(order.hold_ids.activity_ids)
        self._assert_states(order, "sent", "held")

    def test_the_salesperson_sees_where_the_order_stands_without_amounts(self):
        order = self._hold().with_user(self.user_salesperson)
        self.assertEqual(order.hold_state, "held")
        self.assertIn("waiting for the decision of", order.hold_banner)
        self.assertIn(order, order.search([("hold_state", "=", "held")]))
        self.assertIn("Held since", order.message_ids[0].body)
        with self.assertRaisesRegex(AccessError, "sale.order.hold"):
            order.sudo().hold_ids.with_user(self.user_salesperson).read(["state"])

    def test_a_silent_hold_shows_to_credit_users_only(self):
        self.credit_company.credit_hold_handover = "silent"
        order = self._hold()
        self._assert_states(order, "sent", "held")
        seen = order.with_user(self.user_salesperson)
        self.assertEqual(seen.hold_state, "none")
        self.assertFalse(seen.hold_banner)
        self.assertNotIn(seen, seen.search([("hold_state", "=", "held")]))
        self.assertIn(seen, seen.search([("hold_state", "=", "none")]))
        self.assertFalse([m for m in order.message_ids if "Held" in (m.body or "")])
        manager = order.with_user(self.user_credit_manager)
        self.assertEqual(manager.hold_state, "held")
        self.assertIn(manager, manager.search([("hold_state", "=", "held")]))

    def test_a_held_order_is_not_invoiced_signed_or_paid(self):
        order = self._hold(require_signature=True, require_payment=True)
        self.assertFalse(order._has_to_be_signed())
        self.assertFalse(order._has_to_be_paid())
        self.assertFalse(order._can_be_edited_on_portal())
        with self.assertRaisesRegex(UserError, "waiting for a decision"):
            order._create_invoices()
        good = self._create_order(self.good_customer, require_signature=True)
        self.assertTrue(good._has_to_be_signed())
        self.assertTrue(good._can_be_edited_on_portal())

    # === NO WAY AROUND === #

    def test_nobody_decides_by_writing_fields(self):
        order = self._create_order()
        for user in (self.user_salesperson, self.user_credit_manager):
            for vals in ({"hold_status": "released"}, {"hold_hidden": True}):
                with (
                    self.subTest(user=user.name, vals=vals),
                    self.assertRaisesRegex(AccessError, "by their buttons"),
                ):
                    order.with_user(user).write(vals)
        order.with_user(self.user_credit_manager).write({"note": "fine"})

    def test_no_default_of_the_client_decides_on_a_new_order(self):
        orders = self.env["sale.order"].with_context(
            default_note="kept",
            default_hold_status="released",
            default_hold_hidden=True,
        )
        vals = {"partner_id": self.customer.id}
        with self.assertRaisesRegex(AccessError, "hold_status"):
            orders.with_user(self.user_salesperson).create(vals)
        for user in (self.user_credit_user, self.user_credit_manager):
            user.group_ids += self.env.ref("sales_team.group_sale_salesman")
            order = orders.with_user(user).create(vals).sudo()
            with self.subTest(user=user.name):
                self.assertFalse(order.hold_status)
                self.assertFalse(order.hold_hidden)
                self.assertIn("kept", order.note)

    def test_the_database_itself_confirms_no_held_order(self):
        order = self._hold()
        self.env.flush_all()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(CheckViolation),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "UPDATE sale_order SET state = 'sale' WHERE id = %s", [order.id]
            )
        with self.assertRaisesRegex(UserError, "waiting for a decision"):
            order.write({"state": "sale"})

    def test_resetting_or_cancelling_takes_the_question_back(self):
        for action, state in (("action_draft", "draft"), ("action_cancel", "cancel")):
            with self.subTest(action=action):
                order = self._hold()
                getattr(order.with_user(self.user_salesperson), action)()
                self._assert_states(order, state, "none")
                self.assertEqual(order.hold_ids.state, "withdrawn")
                self.assertFalse(order.hold_ids.activity_ids)

    def test_a_reset_order_is_held_anew(self):
        order = self._hold()
        order.action_draft()
        order.with_user(self.user_salesperson).action_confirm_or_hold()
        self._assert_states(order, "sent", "held")
        self.assertEqual(len(order.hold_ids), 2)

    def test_a_copy_of_a_held_order_is_not_held(self):
        self._assert_states(self._hold().copy(), "draft", "none")

    def test_checking_again_lets_an_order_go_on_whose_reasons_are_gone(self):
        order = self._hold()
        seller = order.with_user(self.user_salesperson)
        told = seller.action_recheck_hold()["params"]["message"]
        self.assertIn("0 let go, 1 still held", told)
        self.assertIn(OUR_WORDS, told)
        self._assert_states(order, "sent", "held")
        self.customer._lift_credit_block(
            self.level_assistance, "paid", self.credit_company
        )
        seller.action_recheck_hold()
        self._assert_states(order, "sale", "released")


@tagged("post_install", "-at_install")
class TestDecision(HoldCommon):
    """Releasing, refusing and forwarding."""

    def _as_manager(self, order):
        return order.with_user(self.user_credit_manager)

    def test_a_released_order_goes_on_to_be_confirmed(self):
        order = self._hold()
        self._as_manager(order)._release_hold("paid by phone")
        self._assert_states(order, "sale", "released")
        self.assertRecordValues(
            order.hold_ids,
            [
                {
                    "state": "released",
                    "decided_by_id": self.user_credit_manager.id,
                    "decision_reason": "paid by phone",
                }
            ],
        )
        self.assertFalse(order.hold_ids.activity_ids)
        self.assertIn("paid by phone", str(order.message_ids.mapped("body")))

    def test_the_salesperson_is_told_of_the_decision(self):
        for name in ("_release_hold", "_refuse_hold"):
            with self.subTest(name=name):
                order = self._hold()
                getattr(self._as_manager(order), name)("as agreed")
                told = self.env["mail.notification"].search(
                    [("res_partner_id", "=", self.user_salesperson.partner_id.id)]
                )
                message = told.mail_message_id.filtered_domain(
                    [("res_id", "=", order.id)]
                )
                self.assertIn("as agreed", str(message.mapped("body")))

    def test_a_refused_order_goes_back_to_the_salesperson(self):
        order = self._hold()
        self._as_manager(order)._refuse_hold("too much")
        self._assert_states(order, "sent", "refused")
        seller = order.with_user(self.user_salesperson)
        self.assertIn("too much", seller.hold_banner)
        for function in (seller.action_confirm_or_hold, seller.action_confirm):
            with self.assertRaisesRegex(UserError, "This order was refused.\n.*much"):
                function()
        seller.action_draft()
        self._assert_states(order, "draft", "none")
        seller.action_confirm_or_hold()
        self._assert_states(order, "sent", "held")

    def test_a_refused_order_may_be_cancelled_at_once(self):
        order = self._hold()
        self._as_manager(order)._refuse_hold("too much", cancel=True)
        self._assert_states(order, "cancel", "refused")

    def test_only_credit_managers_decide(self):
        order = self._hold()
        for user in (self.user_salesperson, self.user_credit_user):
            for name in ("_release_hold", "_refuse_hold"):
                with (
                    self.subTest(user=user.name, name=name),
                    self.assertRaisesRegex(AccessError, "Only those who decide"),
                ):
                    getattr(order.with_user(user), name)("because")
            with self.assertRaisesRegex(AccessError, "Only those who decide"):
                order.with_user(user).action_release_hold()
        self._as_manager(order)._release_hold("because")

    def test_only_the_chosen_managers_decide(self):
        other = new_test_user(
            self.env,
            login="acb_other_manager",
            groups="account_credit_block.group_credit_manager",
        )
        self.credit_company.credit_hold_user_ids = other
        order = self._hold()
        self.assertEqual(order.hold_ids.responsible_id, other)
        with self.assertRaisesRegex(AccessError, "Who decides: acb_other_manager"):
            self._as_manager(order)._release_hold("because")
        order.with_user(other)._release_hold("because")
        self._assert_states(order, "sale", "released")

    def test_a_decision_has_a_reason(self):
        order = self._hold()
        for name in ("_release_hold", "_refuse_hold"):
            with self.assertRaisesRegex(UserError, "Give the reason of the decision"):
                getattr(self._as_manager(order), name)("  ")

    def test_an_order_is_decided_on_once(self):
        order = self._hold()
        self._as_manager(order)._refuse_hold("no")
        for name in ("_release_hold", "_refuse_hold"):
            with self.assertRaisesRegex(UserError, "Nobody has to decide"):
                getattr(self._as_manager(order), name)("again")

    def test_four_eyes_see_more_than_two(self):
        self.credit_company.credit_hold_four_eyes = True
        order = self._hold(user=self.user_credit_manager)
        with self.assertRaisesRegex(UserError, "You handed these orders over yourself"):
            self._as_manager(order)._release_hold("because")
        self._assert_states(order, "sent", "held")
        other = self._hold()
        self._as_manager(other)._release_hold("because")
        self._assert_states(other, "sale", "released")

    def test_a_decision_is_forwarded_to_a_colleague(self):
        colleague = new_test_user(
            self.env,
            login="acb_colleague",
            groups="account_credit_block.group_credit_manager",
        )
        hold = self._hold().hold_ids.with_user(self.user_credit_manager)
        with self.assertRaisesRegex(UserError, "may not decide on orders"):
            hold._forward(self.user_credit_user, "you know him")
        hold._forward(colleague, "you know him")
        self.assertEqual(hold.responsible_id, colleague)
        self.assertEqual(hold.activity_ids.user_id, colleague)
        self.assertIn("you know him", str(hold.message_ids.mapped("body")))

    # === THE DIALOG === #

    def _open_dialog(self, holds, name="action_release"):
        action = getattr(holds.with_user(self.user_credit_manager), name)()
        return (
            self.env[action["res_model"]]
            .with_user(self.user_credit_manager)
            .with_context(**action["context"])
        )

    def test_several_orders_are_released_at_once(self):
        orders = self._hold() | self._hold()
        dialog = Form(self._open_dialog(orders.hold_ids))
        dialog.reason = "all fine"
        dialog.save().action_apply()
        self.assertEqual(set(orders.mapped("state")), {"sale"})

    def test_one_order_that_cannot_go_on_does_not_stop_the_others(self):
        good, bad = self._hold(), self._hold()
        bad.order_line = [Command.create({"name": "what?", "product_uom_qty": 1})]
        dialog = Form(self._open_dialog((good | bad).hold_ids))
        dialog.reason = "all fine"
        action = dialog.save().action_apply()
        self._assert_states(good, "sale", "released")
        self._assert_states(bad, "sent", "held")
        self.assertIn(bad.name, action["params"]["message"])
        self.assertIn("missing a product", action["params"]["message"])

    def test_an_order_changed_under_the_managers_eyes_is_looked_at_again(self):
        order = self._hold()
        dialog = Form(self._open_dialog(order.hold_ids))
        dialog.reason = "fine"
        dialog = dialog.save()
        order.order_line.product_uom_qty = 1000
        with self.assertRaisesRegex(UserError, "were changed meanwhile"):
            dialog.action_apply()
        dialog = Form(self._open_dialog(order.hold_ids))
        dialog.reason = "fine"
        dialog.save().action_apply()
        self._assert_states(order, "sale", "released")

    def test_archiving_the_company_leaves_no_order_waiting(self):
        order = self._hold()
        hold = order.hold_ids
        self.credit_company._close_credit_control()
        self.assertEqual(hold.state, "withdrawn")
        self.assertFalse(hold.activity_ids)
        self._assert_states(order, "sent", "none")

    def test_refusing_asks_what_becomes_of_the_order(self):
        order = self._hold()
        dialog = Form(self._open_dialog(order.hold_ids, "action_refuse"))
        self.assertEqual(dialog.outcome, "return")
        dialog.outcome = "cancel"
        dialog.reason = "no"
        dialog.save().action_apply()
        self._assert_states(order, "cancel", "refused")

    # === WHAT A RELEASE COVERS === #

    def _release(self, **vals):
        order = self._hold(**vals)
        self._as_manager(order)._release_hold("fine")
        return order.with_user(self.user_salesperson)

    def _assert_change_refused(self, order, vals):
        with self.assertRaisesRegex(UserError, f"cannot be changed.*\n.*{OUR_WORDS}"):
            order.write(vals)

    def test_more_than_was_released_is_refused(self):
        order = self._release()
        line = order.order_line
        self._assert_change_refused(line, {"product_uom_qty": 11})
        self._assert_change_refused(line, {"price_unit": 11})
        with self.assertRaisesRegex(UserError, OUR_WORDS):
            order.order_line = [Command.create({"product_id": self.other_product.id})]
        line.write({"product_uom_qty": 9})
        line.write({"product_uom_qty": 10})
        line.write({"discount": 5, "name": "a better word"})
        order.write({"note": "internal", "client_order_ref": "X1"})
        self.assertEqual(order.amount_total, 95)

    def test_another_customer_is_not_who_was_released(self):
        order = self._release()
        other = self._create_customer("Somebody else")
        self._assert_change_refused(order, {"partner_invoice_id": other.id})
        order.partner_shipping_id = self.contact
        self.assertEqual(order.partner_shipping_id, self.contact)

    def test_a_confirmed_order_that_nobody_held_may_not_grow_for_a_blocked_one(self):
        order = self._create_order(self.good_customer)
        order.action_confirm_or_hold()
        order.order_line.product_uom_qty = 20
        self._block(self.good_customer, self.level_assistance)
        self._assert_change_refused(order.order_line, {"product_uom_qty": 21})
        order.order_line.product_uom_qty = 1
        self.assertEqual(order.amount_total, 10)

    def test_a_release_is_worth_its_days(self):
        self.credit_company.credit_hold_release_days = 3
        order = self._release()
        order.order_line.product_uom_qty = 9
        with freeze_time(fields.Datetime.now() + timedelta(days=2)):
            order.order_line.product_uom_qty = 10
            order.order_line.product_uom_qty = 9
        with freeze_time(fields.Datetime.now() + timedelta(days=4)):
            self._assert_change_refused(order.order_line, {"product_uom_qty": 10})

    def _release_in_dialog(self, last_day):
        order = self._hold()
        dialog = Form(self._open_dialog(order.hold_ids, "action_release"))
        dialog.valid_until = last_day
        dialog.reason = "fine"
        dialog.save().action_apply()
        order.with_user(self.user_salesperson).order_line.product_uom_qty = 9
        return order.with_user(self.user_salesperson)

    def test_a_release_is_worth_the_days_that_the_dialog_says(self):
        self.credit_company.credit_hold_release_days = 3
        # The day is the company's, wherever the manager is.
        self.credit_company.partner_id.tz = "Europe/Rome"
        self.user_credit_manager.tz = "America/New_York"
        order = self._release_in_dialog(date(2030, 6, 30))
        self.assertEqual(order.sudo().hold_ids.valid_until, datetime(2030, 6, 30, 22))
        with freeze_time("2030-06-30 21:59:00"):
            order.order_line.product_uom_qty = 10
            order.order_line.product_uom_qty = 9
        with freeze_time("2030-06-30 22:01:00"):
            self._assert_change_refused(order.order_line, {"product_uom_qty": 10})

    def test_the_dialog_proposes_the_days_of_the_company_and_may_say_for_ever(self):
        self.credit_company.credit_hold_release_days = 3
        dialog = Form(self._open_dialog(self._hold().hold_ids, "action_release"))
        proposed = self.env.company._get_credit_today() + timedelta(days=3)
        self.assertEqual(dialog.valid_until, proposed)
        order = self._release_in_dialog(False)
        self.assertFalse(order.sudo().hold_ids.valid_until)

    def test_a_release_until_a_day_that_is_over_is_refused(self):
        with self.assertRaisesRegex(UserError, "a day that is over"):
            self._release_in_dialog(date(2020, 1, 1))

    def test_a_release_until_the_end_of_the_calendar_has_no_date(self):
        with self.assertRaisesRegex(UserError, "Leave the date empty"):
            self._release_in_dialog(date.max)
        order = self._release_in_dialog(date(9998, 6, 30))
        self.assertEqual(order.sudo().hold_ids.valid_until.year, 9998)

    def test_a_block_set_after_the_release_was_not_decided_on(self):
        order = self._release()
        order.order_line.product_uom_qty = 9
        self._block(level=self.level_pending)
        with self.assertRaisesRegex(UserError, "Pending items block"):
            order.order_line.product_uom_qty = 10

    def test_cancelling_and_resetting_a_released_order_asks_again(self):
        order = self._release()
        order.action_cancel()
        order.action_draft()
        self._assert_states(order, "draft", "none")
        order.action_confirm_or_hold()
        self._assert_states(order, "sent", "held")

    # === COSTS === #

    def test_confirming_many_orders_costs_the_queries_of_few(self):
        def confirm(count):
            customers = self.env["res.partner"].create(
                [{"name": f"{count} {i}"} for i in range(count)]
            )
            orders = self.env["sale.order"].create(
                [
                    {
                        "partner_id": customer.id,
                        "order_line": [Command.create({"product_id": self.product.id})],
                    }
                    for customer in customers
                ]
            )
            self.env.flush_all()
            return self._count_queries(orders._find_open_reasons)

        confirm(1)  # fill the caches that survive
        self.assertEqual(confirm(40), confirm(2))

    def test_confirming_an_order_asks_five_queries_more_than_core(self):
        self.credit_company.write(
            {
                "account_use_credit_limit": True,
                "credit_hold_level": True,
                "credit_hold_limit": True,
                "credit_hold_terms": True,
            }
        )
        self.good_customer.with_company(self.credit_company).credit_limit = 1e6
        order = self._create_order(self.good_customer).sudo()

        def ask():
            with order._share_confirmation_check() as found:
                self.assertFalse(found)

        ask()  # fill the caches that survive
        self.env.flush_all()
        self.env.invalidate_all()
        self._read_as_core(order)
        # Customers, who answers for whom, blocks, payments; exposure and its lock.
        with self.assertQueryCount(5):
            ask()

    def _read_as_core(self, order):
        """Read what core has read when it confirms an order."""
        order.mapped("state")
        order.company_id.mapped("currency_id.name")
        lines = order.order_line
        lines.mapped("price_total")
        lines.product_id.mapped("uom_id.name")
        lines.mapped("product_uom_id.name")


@tagged("post_install", "-at_install")
class TestHidden(HoldCommon):
    """What nobody but the managers may see until they decide."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit_company.credit_hold_handover = "hidden"
        cls.accountant = cls.user_credit_user

    def test_the_order_its_lines_and_figures_disappear(self):
        order = self._hold()
        self.env.flush_all()
        seller = self.user_salesperson
        for user in (seller, self.user_credit_user):
            if user != seller:
                user.group_ids += self.env.ref("sales_team.group_sale_manager")
            for model, domain in (
                ("sale.order", [("id", "=", order.id)]),
                ("sale.order.line", [("order_id", "=", order.id)]),
                ("sale.report", [("order_reference", "=", f"sale.order,{order.id}")]),
            ):
                with self.subTest(user=user.name, model=model):
                    records = self.env[model]
                    self.assertFalse(records.with_user(user).search(domain))
                    manager = records.with_user(self.user_credit_manager)
                    self.assertTrue(manager.search(domain))
        with self.assertRaisesRegex(AccessError, "sale.order"):
            order.with_user(self.user_salesperson).read(["name"])
        self.assertTrue(order.with_user(self.user_credit_manager).read(["name"]))

    def test_the_salesperson_is_led_back_to_his_list(self):
        order = self._create_order()
        action = order.action_confirm_or_hold()
        self.assertEqual(action["params"]["next"]["res_model"], "sale.order")
        # The breadcrumb would lead to what is hidden.
        self.assertEqual(action["params"]["next"]["target"], "main")
        self.assertNotIn("credit", action["params"]["message"].lower())

    def test_the_customer_goes_on_seeing_the_own_order(self):
        order = self._hold(self.user_portal.partner_id)
        self.customer = self.user_portal.partner_id
        self._block(level=self.level_assistance)
        order = self._hold(self.user_portal.partner_id)
        self._assert_states(order, "sent", "held")
        self.assertTrue(order.hold_hidden)
        self.assertTrue(order.with_user(self.user_portal).read(["name"]))

    def test_followers_and_activities_come_back_after_the_decision(self):
        order = self._create_order()
        order.message_subscribe(self.user_salesperson.partner_id.ids)
        order.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.user_salesperson.id
        )
        order.action_confirm_or_hold()
        order = order.sudo()
        seller = self.user_salesperson
        self.assertNotIn(seller.partner_id, order.message_partner_ids)
        self.assertNotIn(seller, order.activity_ids.user_id)
        order.with_user(self.user_credit_manager)._refuse_hold("no")
        self.assertIn(seller.partner_id, order.message_partner_ids)
        self.assertIn(seller, order.activity_ids.user_id)
        self.assertEqual(order.with_user(seller).hold_state, "refused")

    def test_no_message_reaches_the_salesperson_meanwhile(self):
        order = self._hold()
        seller = self.user_salesperson.partner_id
        order.with_user(self.user_credit_manager).message_post(
            body="can we trust them?", subtype_xmlid="mail.mt_comment"
        )
        told = self.env["mail.notification"].search(
            [("res_partner_id", "=", seller.id)]
        )
        self.assertNotIn(order.id, told.mail_message_id.mapped("res_id"))

    def test_a_hidden_duplicate_does_not_break_the_other_quotation(self):
        self._hold(client_order_ref="PO 7")
        other = self._create_order(client_order_ref="PO 7")
        self.assertFalse(other.duplicated_order_ids)
        other.with_user(self.user_credit_manager).invalidate_recordset()
        duplicates = other.with_user(self.user_credit_manager).duplicated_order_ids
        self.assertTrue(duplicates)


@tagged("post_install", "-at_install")
class TestHandOverQuietly(RemoteCalls, HoldCommon):
    """Nothing of a hold goes to the customer, and one mail to who decides."""

    def _automate(self, model="sale.order", **vals):
        """Make a rule that leaves a note on each record that it runs on."""
        model = self.env["ir.model"]._get(model)
        return self.env["base.automation"].create(
            {
                "name": "Write to the customer",
                "model_id": model.id,
                "action_server_ids": [
                    Command.create(
                        {
                            "name": "Note",
                            "model_id": model.id,
                            "state": "code",
                            "code": "records.write({'client_order_ref': 'told'})",
                        }
                    )
                ],
                **vals,
            }
        )

    def _automate_state(self, **vals):
        fields_ = self.env["ir.model.fields"]
        return self._automate(
            trigger="on_create_or_write",
            trigger_field_ids=[
                Command.link(fields_._get("sale.order", name).id)
                for name in vals.pop("names", ("state",))
            ],
            **vals,
        )

    def test_a_rule_on_orders_that_were_sent_does_not_run_on_a_hold(self):
        self._automate_state(filter_domain="[('state', '=', 'sent')]")
        self.assertFalse(self._hold().client_order_ref)
        sent = self._create_order(self.good_customer)
        sent.action_quotation_sent()
        self.assertEqual(sent.client_order_ref, "told")

    def test_nor_does_one_that_asks_for_the_state_alone(self):
        order = self._create_order()
        self._automate_state()
        order.action_confirm_or_hold()
        self.assertFalse(order.client_order_ref)

    def test_nor_does_one_that_waits_some_days_after_it_was_sent(self):
        rule = self._automate(
            trigger="on_time_created",
            trg_date_range=1,
            trg_date_range_type="hour",
            filter_domain="[('state', '=', 'sent')]",
        )
        order = self._hold()
        sent = self._create_order(self.good_customer)
        sent.action_quotation_sent()
        for found in order | sent:
            rule._process(found)
        self.assertFalse(order.client_order_ref)
        self.assertEqual(sent.client_order_ref, "told")

    def test_a_rule_on_the_hold_itself_runs(self):
        self._automate_state(
            names=("hold_status",),
            filter_domain="[('state', '=', 'sent'), ('hold_status', '=', 'held')]",
        )
        self.assertEqual(self._hold().client_order_ref, "told")

    def test_the_release_runs_the_rules_on_confirmed_orders(self):
        self._automate_state(filter_domain="[('state', '=', 'sale')]")
        order = self._hold()
        order.with_user(self.user_credit_manager)._release_hold("fine")
        self.assertEqual(order.client_order_ref, "told")

    def test_nothing_selected_is_told_in_a_sentence(self):
        for user, model, method in (
            (self.user_salesperson, "sale.order", "action_confirm_or_hold"),
            (self.user_salesperson, "sale.order", "action_recheck_hold"),
            (self.user_credit_manager, "sale.order", "action_release_hold"),
            (self.user_credit_manager, "sale.order", "action_refuse_hold"),
            (self.user_credit_manager, "sale.order.hold", "action_release"),
            (self.user_credit_manager, "sale.order.hold", "action_refuse"),
            (self.user_credit_manager, "sale.order.hold", "action_forward"),
        ):
            with (
                self.subTest(method=method),
                self.assertRaisesRegex(UserError, "choose the orders first"),
            ):
                self.rpc(user, model, method, [])
        dialog = self.enter(
            self.user_credit_manager,
            "sale.order.hold.decision",
            reason="fine",
            hold_ids=[],
        )
        with self.assertRaisesRegex(UserError, "choose the orders first"):
            self.call(self.user_credit_manager, dialog, "action_apply")

    def _get_mails(self, order):
        return (
            self.env["mail.mail"]
            .search([("id", ">", self.last_mail.id or 0)])
            .filtered(
                lambda mail: (
                    order.name in (mail.subject or "")
                    or self.user_credit_manager.partner_id in mail.recipient_ids
                )
            )
        )

    def test_who_decides_gets_one_mail_an_order(self):
        self.last_mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.credit_company.credit_hold_user_ids = self.user_credit_manager
        order = self._hold()
        self.env.flush_all()
        self.assertEqual(len(self._get_mails(order)), 1)
        self.assertEqual(order.hold_ids.activity_ids.user_id, self.user_credit_manager)
