"""The desk of who decides: what the list of held orders shows, and does."""

from datetime import timedelta

from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .common import new_user
from .common_exposure import ExposureCommon
from .common_holds import HoldCommon
from .common_rpc import RemoteCalls

FIGURES = [
    "exposure_total",
    "limit_share",
    "over_by",
    "overdue_total",
    "return_count",
]


@tagged("post_install", "-at_install")
class TestHoldFigures(ExposureCommon):
    """The numbers of the list are those of the page that decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        customer = cls.customer
        cls._setup_credit_block(cls.company)
        cls.customer = customer
        cls.company.credit_hold_limit = True
        cls.customer.with_company(cls.company).credit_limit = 1000

    def _hold(self, amount, partner=None):
        order = self.order(
            amount, state="draft", partner_id=(partner or self.customer).id
        )
        order.action_confirm_or_hold()
        return order.sudo().hold_ids.with_user(self.user_credit_manager)

    def _return(self, amount):
        returned = self.make_return(self.pay(self.issue(amount)))
        self.company.credit_block_on_return = False
        returned.action_confirm()

    def test_the_list_has_the_numbers_of_the_card(self):
        self._return(300.0)
        self.issue(200.0, due=-10)
        self.issue(100.0)
        hold = self._hold(900.0)
        measure = self.env["credit.customer.card"]._measure(
            self.customer.sudo(), self.company, hold.sudo().order_id
        )
        self.assertRecordValues(
            hold,
            [
                {
                    "exposure_total": 1500.0,
                    "limit_share": 150,
                    "over_by": 500.0,
                    "overdue_total": 500.0,
                    "return_count": 1,
                }
            ],
        )
        self.assertEqual(hold.exposure_total, measure.total)
        self.assertEqual(hold.limit_share, measure.share)
        self.assertEqual(hold.over_by, measure.excess)
        self.assertIn("Over the limit by", hold.reason_short)
        self.assertIn("500.00", hold.reason_short)

    def test_who_has_no_limit_has_no_bar_and_is_over_nothing(self):
        self._block(self.good_customer, self.level_pending)
        self.issue(200.0, due=-10, partner_id=self.good_customer.id)
        hold = self._hold(50.0, self.good_customer)
        self.assertEqual([hold[name] for name in FIGURES], [250.0, 0, 0.0, 200.0, 0])
        self.assertEqual(
            hold.reason_short.replace("\xa0", " "),
            "Pending items block: 200.00 € overdue",
        )

    def test_an_expired_limit_says_so_and_by_how_much_it_is_exceeded(self):
        customer = self.customer.sudo().with_company(self.company)
        customer.credit_limit_until = self.day(-1)
        hold = self._hold(50.0)
        self.assertEqual((hold.limit_share, hold.over_by), (0, 50.0))
        self.assertIn("No limit since", hold.reason_short)

    def test_what_was_decided_on_keeps_the_numbers_of_then(self):
        self.issue(300.0)
        hold = self._hold(900.0)
        then = [hold[name] for name in FIGURES]
        self.assertEqual(then[0], 1200.0)
        hold._refuse("too much")
        self.issue(5000.0)
        hold.invalidate_recordset()
        self.assertEqual([hold[name] for name in FIGURES], then)

    def test_a_new_hold_and_one_decided_before_the_numbers_were_kept_have_none(self):
        hold = self._hold(1200.0)
        hold._refuse("too much")
        hold.sudo().kept_figures = False
        for record in (hold, hold.new({})):
            record.invalidate_recordset(["figures"])
            self.assertEqual([record[name] for name in FIGURES], [0.0, 0, 0.0, 0.0, 0])

    def test_eighty_holds_cost_as_many_queries_as_two(self):
        holds = self._hold(1200.0)
        for number in range(9):
            partner = self._create_customer(f"Customer {number}")
            partner.with_company(self.company).credit_limit = 100
            holds |= self._hold(200.0, partner)
        names = dict.fromkeys([*FIGURES, "reason_short", "is_blocked"], {})
        self._count_queries(lambda: holds.web_read(names))
        few = self._count_queries(lambda: holds[:2].web_read(names))
        self.assertEqual(self._count_queries(lambda: holds.web_read(names)), few)


@tagged("post_install", "-at_install")
class TestHoldDesk(RemoteCalls, HoldCommon):
    def _open(self, holds, name="action_release", user=None, **context):
        """Return the dialog of a button, as a form in the browser."""
        user = user or self.user_credit_manager
        action = self.call(user, holds, name, context=context)
        dialog = self.env[action["res_model"]].with_user(user)
        return Form(dialog.with_context(**action["context"]))

    def _decide(self, holds, name="action_release", reason="fine", **context):
        form = self._open(holds, name, **context)
        form.reason = reason
        return form.save().action_apply()

    def _told(self, action):
        return action["params"]["message"]

    # === LIFTING === #

    def test_lifting_takes_the_block_away_and_releases(self):
        order = self._hold()
        form = self._open(order.hold_ids, "action_lift")
        self.assertIn(self.customer.name, form.block_text)
        self.assertIn("Support block", form.block_text)
        form.reason = "he has paid"
        form.save().action_apply()
        self._assert_states(order, "sale", "released")
        self.assertRecordValues(
            self.customer.credit_block_ids,
            [
                {
                    "state": "lifted",
                    "lift_reason": "he has paid",
                    "lifted_by_id": self.user_credit_manager.id,
                }
            ],
        )
        self.assertEqual(order.hold_ids.decision_reason, "he has paid")

    def test_releasing_leaves_the_block(self):
        order = self._hold()
        self._decide(order.hold_ids)
        self.assertEqual(self.customer.credit_block_ids.state, "in_force")

    def test_all_blocks_that_stop_the_order_are_lifted_and_no_other(self):
        order = self._hold()
        self.level_unpaid.policy_confirmation = "forbid"
        self.level_doubtful.policy_confirmation = "warn"
        for level in (self.level_unpaid, self.level_doubtful):
            self._block(level=level)
        self._decide(order.hold_ids, "action_lift")
        self._assert_states(order, "sale", "released")
        left = self.customer.credit_block_ids.filtered(lambda b: b.state == "in_force")
        self.assertEqual(left.level_id, self.level_doubtful)

    def test_an_automatic_block_that_is_lifted_does_not_come_back_by_itself(self):
        self.customer._lift_credit_block(
            self.level_assistance, "start", self.credit_company
        )
        self._block(level=self.level_assistance, origin="overdue")
        order = self._hold()
        self._decide(order.hold_ids, "action_lift")
        block = self.customer.credit_block_ids.filtered(lambda b: b.origin == "overdue")
        self.assertTrue(block.waived)

    def test_two_orders_of_one_customer_are_let_go_by_one_lifting(self):
        orders = self._hold() | self._hold()
        self._decide(orders.hold_ids, "action_lift")
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        self.assertEqual(self.customer.credit_block_ids.state, "lifted")

    def test_where_nothing_blocks_there_is_nothing_to_lift(self):
        self.credit_company.credit_hold_limit = True
        self.good_customer.with_company(self.credit_company).credit_limit = 10
        hold = self._hold(self.good_customer).hold_ids
        self.assertFalse(hold.is_blocked)
        with self.assertRaisesRegex(UserError, "nothing to lift"):
            self.call(self.user_credit_manager, hold, "action_lift")
        self.assertTrue(self._hold().hold_ids.is_blocked)

    def test_salespeople_and_credit_users_lift_release_and_check_nothing(self):
        order = self._hold()
        for user in (self.user_salesperson, self.user_credit_user, self.user_portal):
            for name in (
                "action_lift",
                "action_release",
                "action_refuse",
                "action_forward",
                "action_recheck",
            ):
                with (
                    self.subTest(user=user.login, name=name),
                    self.assertRaises(AccessError),
                ):
                    self.call(user, order.hold_ids, name)
            for name in ("action_open_lift", "action_open_change_level"):
                with (
                    self.subTest(user=user.login, name=name),
                    self.assertRaises(AccessError),
                ):
                    self.call(user, self.customer.sudo().credit_block_ids, name)
        form = self._open(order.hold_ids, "action_lift")
        form.reason = "fine"
        dialog = form.save()
        for user in (self.user_salesperson, self.user_credit_user):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.call(user, dialog, "action_apply")
        self._assert_states(order, "sent", "held")
        self.call(self.user_credit_manager, dialog, "action_apply")
        self._assert_states(order, "sale", "released")

    def test_what_is_asked_for_is_let_in_alone_or_with_the_customer(self):
        self.level_assistance.policy_quotation = "forbid"
        self.level_assistance.policy_confirmation = "allow"
        for name, left in (("action_release", "in_force"), ("action_lift", "lifted")):
            with self.subTest(name=name):
                order = self._create_order(credit_request="He pays on Friday").sudo()
                self.assertEqual(
                    order.hold_ids.reason_short, "Support block · “He pays on Friday”"
                )
                self._decide(order.hold_ids, name)
                self._assert_states(order, "draft", "released")
                self.assertEqual(self.customer.credit_block_ids.state, left)

    def test_four_eyes_do_not_lift_their_own_order_free(self):
        self.credit_company.credit_hold_four_eyes = True
        order = self._hold(user=self.user_credit_manager)
        with self.assertRaisesRegex(UserError, "You handed these orders over yourself"):
            self._decide(order.hold_ids, "action_lift")
        self.assertEqual(self.customer.credit_block_ids.state, "in_force")

    def test_an_order_changed_meanwhile_lifts_nothing(self):
        order = self._hold()
        form = self._open(order.hold_ids, "action_lift")
        form.reason = "fine"
        dialog = form.save()
        order.order_line.product_uom_qty = 1000
        with self.assertRaisesRegex(UserError, "were changed meanwhile"):
            dialog.action_apply()
        self.assertEqual(self.customer.credit_block_ids.state, "in_force")

    def test_a_hidden_order_is_lifted_too_and_shows_again(self):
        self.credit_company.credit_hold_handover = "hidden"
        order = self._hold()
        self.assertTrue(order.hold_hidden)
        self._decide(order.hold_ids, "action_lift")
        self._assert_states(order, "sale", "released")
        self.assertFalse(order.hold_hidden)

    # === WHAT COMES NEXT === #

    def test_who_decides_on_the_form_is_led_to_the_next_and_then_told_that_it_is_all(
        self,
    ):
        first, second, third = (self._hold().hold_ids for __ in range(3))
        action = self._decide(second, leads_on=True)
        self.assertEqual(action["tag"], "credit_hold_next")
        self.assertEqual(action["params"]["res_ids"], (third + first).ids)
        self.assertIn(f"{second.order_id.name}: released", self._told(action))
        action = self._decide(third, "action_refuse", leads_on=True)
        self.assertEqual(action["params"]["res_ids"], first.ids)
        action = self._decide(first, "action_lift", leads_on=True)
        self.assertFalse(action["params"]["res_ids"])
        self.assertIn("Nothing left to decide", self._told(action))

    def test_who_decides_in_the_list_stays_in_it(self):
        first, __ = self._hold(), self._hold()
        action = self._decide(first.hold_ids)
        self.assertEqual(action["type"], "ir.actions.act_window_close")

    def test_nobody_is_led_to_what_others_decide(self):
        mine, other = self._hold().hold_ids, self._hold().hold_ids
        action = self._decide(mine, leads_on=True)
        self.assertEqual(action["params"]["res_ids"], other.ids)
        mine = self._hold().hold_ids
        queue = mine.with_user(self.user_credit_user)._get_queue()
        self.assertFalse(queue)

    def test_what_a_colleague_has_decided_on_meanwhile_is_told(self):
        hold = self._hold().hold_ids
        form = self._open(hold)
        form.reason = "fine"
        dialog = form.save()
        hold._refuse("no")
        with self.assertRaisesRegex(UserError, "Nobody has to decide"):
            dialog.action_apply()
        for name in ("action_release", "action_lift", "action_refuse"):
            with self.assertRaisesRegex(UserError, "Nobody has to decide"):
                self.call(self.user_credit_manager, hold, name)

    # === CHECKING AGAIN === #

    def test_of_many_those_go_on_whose_reasons_are_gone(self):
        good = self._create_customer("Paid by now")
        block = self._block(good, self.level_assistance)
        went = self._hold(good) | self._hold(good)
        stays = self._hold()
        decided = self._hold()
        decided.hold_ids._refuse("no")
        block._lift("paid")
        holds = (went | stays | decided).hold_ids
        told = self._told(self.call(self.user_credit_manager, holds, "action_recheck"))
        self.assertIn("2 let go, 1 still held, 1 decided meanwhile", told)
        self.assertIn(f"{stays.name}: Held since", told)
        self.assertIn("late payer", told)
        self.assertEqual(set(went.mapped("state")), {"sale"})
        self._assert_states(stays, "sent", "held")

    def test_one_that_cannot_go_on_does_not_stop_the_others(self):
        good, bad = self._hold(), self._hold()
        self.customer.credit_block_ids._lift("paid")
        bad.order_line = [Command.create({"name": "what?", "product_uom_qty": 1})]
        holds = (good | bad).hold_ids
        told = self._told(self.call(self.user_credit_manager, holds, "action_recheck"))
        self.assertIn("1 let go, 1 still held", told)
        self.assertIn("missing a product", told)
        self._assert_states(good, "sale", "released")
        self._assert_states(bad, "sent", "held")

    def test_checking_again_tells_no_amounts_to_the_salesperson(self):
        self.credit_company.credit_hold_limit = True
        self.good_customer.with_company(self.credit_company).credit_limit = 10
        order = self._hold(self.good_customer)
        told = self.call(self.user_salesperson, order, "action_recheck_hold")
        self.assertIn("would be over the credit limit", self._told(told))
        self.assertNotIn("10", self._told(told).replace(order.name, ""))

    def test_of_a_hundred_that_wait_a_few_are_named(self):
        holds = self.env["sale.order.hold"]
        for __ in range(7):
            holds += self._hold().hold_ids
        told = self._told(self.call(self.user_credit_manager, holds, "action_recheck"))
        self.assertEqual(told.count("Held since"), 5)
        self.assertIn("and 2 more", told)

    # === FORWARDING === #

    def test_forwarding_says_why_there_is_nobody_and_what_ends_that(self):
        managers = self.credit_company._get_credit_managers(limit=None)
        (managers - self.user_credit_manager).sudo().write({"active": False})
        hold = self._hold().hold_ids
        form = self._open(hold, "action_forward")
        self.assertFalse(form.decider_ids)
        self.assertIn("You are the only credit manager", form.no_decider_text)
        self.credit_company.credit_hold_user_ids = self.user_credit_manager
        form = self._open(hold, "action_forward")
        self.assertIn("Settings, under Order Holds", form.no_decider_text)
        self.assertFalse(self._open(hold).no_decider_text)

    def test_the_dialog_says_who_will_read_the_reason(self):
        colleague = new_user(
            self.env,
            "acb_colleague",
            "account_credit_block.group_credit_manager",
            self.credit_company,
            name="Carla",
        )
        hold = self._hold().hold_ids
        self.assertIn("Whoever sold", self._open(hold).reason_hint)
        form = self._open(hold, "action_forward")
        self.assertFalse(form.no_decider_text)
        form.user_id = colleague
        self.assertIn("Carla will read this", form.reason_hint)

    # === SCREENS === #

    def test_no_date_is_shown_by_a_widget_that_does_not_know_its_field(self):
        for model in ("sale.order.hold", "credit.block"):
            for view_type in ("list", "kanban", "form"):
                arch = self.env[model].get_view(view_type=view_type)["arch"]
                for node in etree.fromstring(arch).xpath("//field[@widget='date']"):
                    field = self.env[model]._fields[node.get("name")]
                    self.assertEqual(field.type, "date", node.get("name"))

    def test_the_day_that_is_chosen_is_the_day_that_is_shown(self):
        for zone in ("Pacific/Auckland", "Europe/Rome", "America/Los_Angeles"):
            self.credit_company.partner_id.tz = zone
            for now in ("2030-01-10 00:30:00", "2030-01-10 23:30:00"):
                with self.subTest(zone=zone, now=now), freeze_time(now):
                    hold = self._hold().hold_ids
                    form = self._open(hold)
                    today = self.credit_company._get_credit_today()
                    self.assertEqual(form.valid_until, today + timedelta(days=7))
                    form.valid_until = chosen = today + timedelta(days=3)
                    form.reason = "fine"
                    form.save().action_apply()
                    self.assertEqual(hold.valid_day, chosen)

    def test_the_numbers_are_for_credit_users(self):
        block = self.customer.credit_block_ids
        for name in ("overdue_total", "exposure_total"):
            with self.assertRaises(AccessError):
                self.call(self.user_accountant, block, "read", [name])
            self.call(self.user_credit_user, block, "read", [name])
        hold = self._hold().hold_ids
        self.call(self.user_credit_user, hold, "read", FIGURES)
        with self.assertRaises(AccessError):
            self.call(self.user_salesperson, hold, "read", FIGURES)
