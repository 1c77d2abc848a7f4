from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from .common import NEUTRAL_TEXT, CreditBlockCommon

OUR_WORDS = "Officine Rossi: credit block “Unpaid returns block”"


@tagged("post_install", "-at_install", "shop")
class TestSaleOrder(CreditBlockCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.product = cls.env["product.product"].create(
            {"name": "Bolt", "type": "service", "list_price": 10, "taxes_id": False}
        )

    # === ENTERING A QUOTATION === #

    def test_a_quotation_for_a_blocked_customer_is_refused_with_the_reasons(self):
        self._block(reason="two returns")
        with self.assertRaisesRegex(ValidationError, OUR_WORDS) as caught:
            self._create_order()
        self.assertIn("two returns", str(caught.exception))
        self.assertIn("To lift the block, ask: ", str(caught.exception))
        self.assertTrue(self._create_order(self.good_customer))

    def test_no_context_key_opens_the_guard(self):
        self._block()
        keys = dict.fromkeys(("bypass_risk", "skip_credit_block", "force"), True)
        orders = self.env["sale.order"].with_context(**keys)
        with self.assertRaisesRegex(ValidationError, OUR_WORDS):
            orders.create({"partner_id": self.customer.id})

    def test_a_quotation_for_a_contact_of_a_blocked_customer_is_refused(self):
        self._block()
        with self.assertRaisesRegex(ValidationError, OUR_WORDS):
            self._create_order(self.contact)

    def test_the_customer_of_a_quotation_is_not_changed_to_a_blocked_one(self):
        self._block()
        order = self._create_order(self.good_customer)
        for name in ("partner_id", "partner_invoice_id", "partner_shipping_id"):
            with (
                self.subTest(name=name),
                self.assertRaisesRegex(ValidationError, OUR_WORDS),
            ):
                order.write({name: self.customer.id})
        order.partner_id = self._create_customer("Another good one")
        self.assertEqual(order.partner_id.name, "Another good one")

    def test_a_quotation_of_a_blocked_customer_is_not_duplicated(self):
        order = self._create_order()
        good = self._create_order(self.good_customer)
        self._block()
        with self.assertRaisesRegex(ValidationError, OUR_WORDS):
            order.copy()
        self.assertTrue(good.copy())

    def test_a_quotation_of_a_blocked_customer_is_not_imported(self):
        self._block()

        def load(partner):
            row = [partner.display_name, "Bolt"]
            return self.env["sale.order"].load(
                ["partner_id", "order_line/product_id"], [row]
            )

        result = load(self.customer)
        self.assertFalse(result["ids"])
        self.assertIn(OUR_WORDS, result["messages"][0]["message"])
        self.assertTrue(load(self.good_customer)["ids"])

    def test_a_quotation_that_warns_is_entered_with_a_banner(self):
        self._block(level=self.level_pending)
        self.level_pending.policy_confirmation = "allow"
        order = self._create_order()
        self.assertEqual(order.credit_block_policy, "warn")
        self.assertIn("Pending items block", order.credit_block_banner)
        self.assertEqual(order.credit_block_level_id, self.level_pending)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_quotation_to_hold_is_entered_and_held_when_it_is_confirmed(self):
        self.level_unpaid.write(
            {"policy_quotation": "hold", "policy_confirmation": "allow"}
        )
        self._block()
        order = self._create_order()
        order.action_confirm_or_hold()
        self.assertEqual(order.hold_state, "held")

    def test_a_hold_refuses_a_quotation_where_holds_are_switched_off(self):
        self.level_unpaid.policy_quotation = "hold"
        self.credit_company.credit_hold_level = False
        self._block()
        with self.assertRaisesRegex(ValidationError, OUR_WORDS):
            self._create_order()

    def test_an_old_quotation_can_still_be_corrected_and_cancelled(self):
        order = self._create_order()
        self._block()
        order.write({"note": "corrected", "client_order_ref": "X"})
        order.order_line.product_uom_qty = 3
        order._action_cancel()
        order.partner_invoice_id = self.contact
        self.assertEqual(order.state, "cancel")

    def test_the_company_of_the_order_is_asked(self):
        self._block(company=self.other_company)
        order = self._create_order()
        self.assertFalse(order.credit_block_banner)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_choosing_a_blocked_customer_warns_at_once(self):
        self._block()
        order = self.env["sale.order"].with_user(self.user_salesperson)
        order = order.new({"partner_id": self.customer.id})
        self.assertIn(OUR_WORDS, order.credit_block_banner)
        self.assertEqual(order.credit_block_policy, "forbid")
        order = order.new({"partner_id": self.good_customer.id})
        self.assertFalse(order.credit_block_banner)

    def test_the_form_of_a_good_customer_works_as_before(self):
        with Form(self.env["sale.order"].with_user(self.user_salesperson)) as form:
            form.partner_id = self.good_customer
        self.assertFalse(form.record.credit_block_banner)

    # === CONFIRMING === #

    def _assert_refused(self, order, function):
        with self.assertRaisesRegex(UserError, OUR_WORDS):
            function()
        self.assertEqual(order.state, "draft")

    def test_a_blocked_quotation_is_not_confirmed(self):
        order, good = self._create_order(), self._create_order(self.good_customer)
        self._block()
        self._assert_refused(order, order.action_confirm)
        self._assert_refused(order, order._validate_order)
        self._assert_refused(order, order.sudo().action_confirm)
        good.action_confirm()
        self.assertEqual(good.state, "sale")

    def test_lifting_the_block_lets_the_quotation_through(self):
        order = self._create_order()
        self._block()
        self._assert_refused(order, order.action_confirm)
        self.customer._lift_credit_block(self.level_unpaid, "ok", self.credit_company)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_one_blocked_order_stops_the_whole_batch(self):
        order, good = self._create_order(), self._create_order(self.good_customer)
        self._block()
        self._assert_refused(order, (good | order).action_confirm)
        self.assertEqual(good.state, "draft")

    def test_writing_the_state_does_not_get_around_the_block(self):
        order, good = self._create_order(), self._create_order(self.good_customer)
        self._block()
        self._assert_refused(order, lambda: order.write({"state": "sale"}))
        self._assert_refused(
            good, lambda: good.write({"state": "sale", "partner_id": self.customer.id})
        )
        good.write({"state": "sale"})
        self.assertEqual(good.state, "sale")

    def test_creating_a_confirmed_order_does_not_get_around_the_block(self):
        self.level_unpaid.policy_quotation = "allow"
        order = self._create_order()
        self._block()
        with self.assertRaisesRegex(UserError, OUR_WORDS):
            self._create_order(state="sale")
        with self.assertRaisesRegex(UserError, OUR_WORDS):
            order.copy({"state": "sale"})
        good = self._create_order(self.good_customer, state="sale")
        self.assertEqual(good.state, "sale")

    def test_a_confirmed_order_is_not_handed_to_a_blocked_customer(self):
        order = self._create_order(self.good_customer)
        order.action_confirm()
        self._block()
        for name in ("partner_invoice_id", "partner_shipping_id"):
            with self.subTest(name=name), self.assertRaisesRegex(UserError, OUR_WORDS):
                order.write({name: self.customer.id})

    def test_a_confirmed_order_of_a_customer_blocked_later_goes_on(self):
        order = self._create_order()
        order.action_confirm()
        self._block()
        order.write({"partner_shipping_id": self.contact.id, "note": "other door"})
        self.assertEqual(order.partner_shipping_id, self.contact)
        order.write({"state": "sale"})
        self.assertFalse(order.credit_block_banner, "nothing left to confirm")

    def test_editing_the_grid_opens_the_confirmation(self):
        order = self._create_order()
        self._block()
        self.assertTrue(order.credit_block_banner)
        self.level_unpaid.policy_confirmation = "allow"
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_an_expired_block_does_not_stop_the_confirmation(self):
        order = self._create_order()
        self._block(until=self.env.company._get_credit_today())
        self._assert_refused(order, order.action_confirm)

    def test_the_badges_of_a_list_of_orders_cost_the_queries_of_two(self):
        self.level_unpaid.policy_quotation = "warn"

        def show(count):
            customers = self.env["res.partner"].create(
                [{"name": f"{count} {i}"} for i in range(count)]
            )
            orders = self.env["sale.order"].create(
                [{"partner_id": customer.id} for customer in customers]
            )
            self._block(customers)
            return self._count_queries(lambda: orders.mapped("credit_block_color"))

        show(2)  # fill the caches that survive
        self.assertEqual(show(40), show(2))

    # === WHAT CUSTOMERS ARE TOLD === #

    def test_a_customer_is_told_nothing_about_the_block(self):
        order = self._create_order(self.contact)
        self._block()
        text = order.with_user(self.user_portal).sudo()._confirmation_error_message()
        self.assertEqual(text, NEUTRAL_TEXT)

    def test_the_portal_asks_no_signature_and_no_money_of_a_blocked_customer(self):
        order = self._create_order(require_signature=True, require_payment=True)
        self.assertTrue(order._has_to_be_signed())
        self.assertTrue(order._has_to_be_paid())
        self._block()
        self.assertFalse(order._has_to_be_signed())
        self.assertFalse(order._has_to_be_paid())
