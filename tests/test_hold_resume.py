"""Released orders go on one by one, as they were shown, or say what stops them."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.sale.models.sale_order import SaleOrder

from .test_hold_shown import DIALOG, ShownCommon

NEIGHBOURS = ("-standard", "-at_install", "post_install", "neighbours")


class ResumeCommon(ShownCommon):
    def _apply_again(self, action):
        """Press the button of the dialog that an answer opens again."""
        self.assertEqual(action.get("res_model"), DIALOG)
        dialog = self.env[DIALOG].browse(action["res_id"])
        return self.call(self.user_credit_manager, dialog, "action_apply")

    def _get_changed_text(self, action):
        return self.env[DIALOG].browse(action["res_id"]).sudo().changed_text


@tagged("post_install", "-at_install")
class TestOrderThatChanges(ResumeCommon):
    """Something in Odoo changes the order while it is confirmed."""

    @contextmanager
    def _changing(self, orders, price):
        confirm = SaleOrder.action_confirm

        def change_and_confirm(records):
            lines = (records & orders.with_env(records.env)).order_line
            lines.filtered(lambda line: line.price_unit != price).write(
                {"price_unit": price}
            )
            return confirm(records)

        with patch.object(SaleOrder, "action_confirm", change_and_confirm):
            yield

    def test_the_dialog_says_what_changed_and_releases_that(self):
        order = self._hold()
        with self._changing(order, 12):
            action = self._apply(self._open(order.hold_ids))
            self._assert_states(order, "sent", "held")
            self.assertEqual(order.amount_total, 100)
            text = self._get_changed_text(action)
            self.assertIn("its total is $\xa0120.00 now", text)
            self.assertIn("Bolt: $\xa0100.00 → $\xa0120.00", text)
            self.assertIn("late payer", text)
            self._apply_again(action)
        self._assert_states(order, "sale", "released")
        self.assertEqual(order.amount_total, 120)
        self.assertEqual(order.hold_ids.decided_order["amount"], 120)

    def test_what_holds_the_changed_order_is_shown_and_decided_on(self):
        self._limit(110)
        order = self._hold()
        with self._changing(order, 12):
            action = self._apply(self._open(order.hold_ids))
            self.assertIn("make $\xa0120.00", self._get_changed_text(action))
            self._apply_again(action)
        self.assertEqual(set(order.hold_ids.decided_reasons), {"level", "limit"})
        self.assertEqual(
            set(order.hold_ids.reason_ids.mapped("code")), {"level", "limit"}
        )

    def test_another_change_is_shown_again(self):
        order = self._hold()
        with self._changing(order, 12):
            action = self._apply(self._open(order.hold_ids))
        with self._changing(order, 15):
            action = self._apply_again(action)
            self._assert_states(order, "sent", "held")
            self.assertIn("150.00", self._get_changed_text(action))
            self._apply_again(action)
        self.assertEqual(order.amount_total, 150)

    def test_what_is_changed_meanwhile_is_not_released_either(self):
        order = self._hold()
        with self._changing(order, 12):
            action = self._apply(self._open(order.hold_ids))
            self._change_terms(order)
            with self.assertRaisesRegex(UserError, "were changed meanwhile"):
                self._apply_again(action)

    def test_of_several_only_the_changed_one_is_asked_about_again(self):
        order, other = self._hold(), self._hold()
        with self._changing(order, 12):
            action = self._apply(self._open((order | other).hold_ids))
            self._assert_states(other, "sale", "released")
            self._assert_states(order, "sent", "held")
            self._apply_again(action)
        self._assert_states(order, "sale", "released")

    def test_an_order_that_becomes_less_is_released_at_once(self):
        order = self._hold()
        with self._changing(order, 9):
            self._apply(self._open(order.hold_ids))
        self._assert_states(order, "sale", "released")
        self.assertEqual(order.amount_total, 90)

    def test_code_releases_what_the_order_becomes(self):
        order = self._hold()
        with self._changing(order, 12):
            order.with_user(self.user_credit_manager)._release_hold("fine")
        self._assert_states(order, "sale", "released")
        self.assertEqual(order.hold_ids.decided_order["amount"], 120)


@tagged("post_install", "-at_install")
class TestOrderThatStops(ResumeCommon):
    """Another app answers with a question instead of confirming."""

    @contextmanager
    def _asking(self, orders, answer):
        confirm = SaleOrder.action_confirm

        def ask(records):
            if not records & orders.with_env(records.env):
                return confirm(records)
            if isinstance(answer, Exception):
                records.client_order_ref = "half done"
                raise answer
            return answer

        with patch.object(SaleOrder, "action_confirm", ask):
            yield

    def test_what_stops_a_released_order_is_told_and_shown(self):
        order = self._hold()
        question = {"type": "ir.actions.act_window", "name": "Risk exceeded"}
        with self._asking(order, question):
            action = self._apply(self._open(order.hold_ids))
        self._assert_states(order, "sent", "released")
        self.assertIn("Risk exceeded", action["params"]["message"])
        (values,) = self.call(
            self.user_salesperson, order.sudo(False), "read", ["hold_banner"]
        )
        self.assertIn("not confirmed yet", values["hold_banner"])
        told = self.env["mail.message"].search(
            [
                ("notified_partner_ids", "=", self.user_salesperson.partner_id.id),
                ("res_id", "=", order.id),
                ("model", "=", order._name),
            ]
        )
        self.assertIn("Risk exceeded", str(told.mapped("body")))

    def test_one_that_says_nothing_is_told_too(self):
        order = self._hold()
        with self._asking(order, None):
            action = self._apply(self._open(order.hold_ids))
        self.assertIn("not confirmed yet", action["params"]["message"])

    def test_what_another_app_objects_is_told_and_the_release_stands(self):
        order, other = self._hold(), self._hold()
        with self._asking(order, UserError("Somebody has to approve it.")):
            action = self._apply(self._open((order | other).hold_ids))
        self._assert_states(other, "sale", "released")
        self._assert_states(order, "sent", "released")
        self.assertFalse(order.client_order_ref)
        self.assertIn("Somebody has to approve it.", action["params"]["message"])
        self.assertIn("Somebody has to approve it.", order.hold_banner)
        self.call(self.user_salesperson, order.sudo(False), "action_confirm_or_hold")
        self._assert_states(order, "sale", "released")

    def test_what_odoo_itself_objects_leaves_it_waiting(self):
        order = self._hold()
        order.order_line = [Command.create({"name": "what?", "product_uom_qty": 1})]
        with self.assertRaisesRegex(UserError, "missing a product"):
            self._apply(self._open(order.hold_ids))
        self._assert_states(order, "sent", "held")

    def test_the_others_are_confirmed(self):
        order, other = self._hold(), self._hold()
        with self._asking(order, None):
            action = self._apply(self._open((order | other).hold_ids))
        self._assert_states(other, "sale", "released")
        self._assert_states(order, "sent", "released")
        self.assertIn(order.name, action["params"]["message"])
        self.assertNotIn(other.name, action["params"]["message"])

    def test_it_is_confirmed_later_by_its_salesperson(self):
        order = self._hold()
        with self._asking(order, None):
            self._apply(self._open(order.hold_ids))
        self.call(self.user_salesperson, order.sudo(False), "action_confirm_or_hold")
        self._assert_states(order, "sale", "released")
        (values,) = self.call(
            self.user_salesperson, order.sudo(False), "read", ["hold_banner"]
        )
        self.assertNotIn("not confirmed yet", values["hold_banner"])


@tagged(*NEIGHBOURS)
class TestPromotionThatEnds(ResumeCommon):
    def _reward(self, **vals):
        return self.env["loyalty.program"].create(
            {
                "name": "Ten percent",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [Command.create({"minimum_amount": 1})],
                "reward_ids": [
                    Command.create({"reward_type": "discount", "discount": 10})
                ],
                **vals,
            }
        )

    def test_the_total_without_the_promotion_is_shown_and_released(self):
        program = self._reward()
        order = self._create_order()
        order._update_programs_and_rewards()
        claimable = order._get_claimable_rewards()
        for coupon, rewards in claimable.items():
            order._apply_program_reward(rewards[:1], coupon)
        order.action_confirm_or_hold()
        order = order.sudo()
        self._assert_states(order, "sent", "held")
        self.assertEqual(order.amount_total, 90)
        program.active = False
        action = self._apply(self._open(order.hold_ids))
        self.assertIn("100.00", self._get_changed_text(action))
        self._apply_again(action)
        self._assert_states(order, "sale", "released")
        self.assertEqual(order.amount_total, 100)

    def test_the_total_without_a_gift_card_used_meanwhile_is_shown_and_released(self):
        program = self._reward(
            program_type="gift_card",
            trigger="with_code",
            applies_on="future",
            rule_ids=[],
            reward_ids=[
                Command.create(
                    {
                        "reward_type": "discount",
                        "discount_mode": "per_point",
                        "discount": 1,
                        "discount_applicability": "order",
                    }
                )
            ],
        )
        card = self.env["loyalty.card"].create({"program_id": program.id, "points": 50})
        order = self._create_order()
        claimable = order._try_apply_code(card.code)
        for coupon, rewards in claimable.items():
            order._apply_program_reward(rewards, coupon)
        order.action_confirm_or_hold()
        order = order.sudo()
        self.assertEqual(order.amount_total, 50)
        card.points = 0
        action = self._apply(self._open(order.hold_ids))
        self.assertIn("100.00", self._get_changed_text(action))
        self._apply_again(action)
        self._assert_states(order, "sale", "released")
        self.assertEqual(order.amount_total, 100)
