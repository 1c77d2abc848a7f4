from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.http_routing.tests.common import MockRequest

from .common_holds import HoldCommon
from .common_rpc import RemoteCalls

CHANGED = "cannot be changed in this way"
FILLED_IN = "is filled in by Odoo and cannot be entered"
BLOCKED = "No quotation can be entered for this customer"


class EntryCommon(RemoteCalls, HoldCommon):
    """What a plain salesperson sends, from a form or by a script."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_salesperson.company_ids += cls.other_company

    def _act(self, records, method, *args, **kwargs):
        return self.call(self.user_salesperson, records, method, *args, **kwargs)

    def _enter(self, model, context=None, **vals):
        return self.enter(self.user_salesperson, model, context=context, **vals)

    def _release(self, order):
        order.with_user(self.user_credit_manager)._release_hold("test release")
        self._assert_states(order, "sale", "released")
        return order

    def _forbid_quotations(self, partner=None):
        return self._block(partner=partner or self.good_customer)


@tagged("post_install", "-at_install")
class TestOrigin(EntryCommon):
    def test_what_is_decided_or_sold_stays_in_its_company(self):
        held = self._hold()
        released = self._release(self._hold())
        refused = self._hold()
        refused.with_user(self.user_credit_manager)._refuse_hold("test", cancel=False)
        sold = self._create_order(self.good_customer)
        sold.action_confirm()
        reset = self._hold()
        self._act(reset, "action_draft")
        for order in (held, released, refused, sold, reset):
            with (
                self.subTest(order.hold_state),
                self.assertRaisesRegex(UserError, "company of these orders is fixed"),
            ):
                self._act(order, "write", {"company_id": self.other_company.id})
            self._act(order, "write", {"company_id": self.credit_company.id})

    def test_a_new_company_is_asked_about_the_customer(self):
        self._block(partner=self.good_customer, company=self.other_company)
        order, other = (self._create_order(self.good_customer) for _index in range(2))
        moved = {
            "company_id": self.other_company.id,
            "partner_id": self._create_customer("Healthy everywhere").id,
            "order_line": [Command.clear()],
        }
        with self.assertRaisesRegex(ValidationError, BLOCKED):
            self._act(
                order,
                "write",
                {**moved, "partner_id": self.good_customer.id},
            )
        self._act(other, "write", moved)
        self.assertEqual(other.company_id, self.other_company)


@tagged("post_install", "-at_install", "shop")
class TestQuotationWays(EntryCommon):
    def _assert_all_ways(self, order):
        """Whatever makes an order a quotation is asked about its customer."""
        for state in ("draft", "sent"):
            with self.assertRaisesRegex(ValidationError, BLOCKED):
                self._act(order, "write", {"state": state})

    def test_no_state_is_a_way_around_the_block(self):
        vals = {"partner_id": self.good_customer.id}
        free = self._enter("sale.order", **vals, state="cancel")
        sold = self._create_order(self.good_customer)
        sold.action_confirm()
        quotation = self._create_order(self.good_customer)
        other = self._enter("sale.order", partner_id=self.customer.id, state="cancel")
        self._forbid_quotations()
        for state in (False, "cancel", "draft", "sent"):
            with (
                self.subTest(state=state),
                self.assertRaisesRegex(ValidationError, BLOCKED),
            ):
                self._enter("sale.order", **vals, state=state)
        with self.assertRaisesRegex(ValidationError, BLOCKED):
            self._act(other, "write", {**vals, "state": "cancel"})
        with self.assertRaisesRegex(ValidationError, BLOCKED):
            self._act(free, "action_draft")
        for order in (sold, quotation):
            self._act(order, "action_cancel")
            self.assertEqual(order.state, "cancel")
        self._act(free, "write", {"note": "goes on"})

    def test_a_cancelled_order_of_a_forbidden_customer_becomes_no_quotation(self):
        order = self._enter(
            "sale.order", partner_id=self.good_customer.id, state="cancel"
        )
        self._forbid_quotations()
        with self.assertRaisesRegex(ValidationError, BLOCKED):
            self._act(order, "action_draft")
        self._assert_all_ways(order)
        with self.assertRaisesRegex(ValidationError, BLOCKED):
            self._act(order, "copy")
        healthy = self._create_customer("Healthy")
        other = self._enter("sale.order", partner_id=healthy.id, state="cancel")
        self._act(other, "action_draft")
        self.assertEqual(other.state, "draft")

    def test_a_sold_order_of_a_forbidden_customer_becomes_no_quotation(self):
        sold, healthy = (self._create_order(self.good_customer) for _index in range(2))
        (sold | healthy).action_confirm()
        healthy.partner_id = self._create_customer("Healthy")
        self._forbid_quotations()
        self._assert_all_ways(sold)
        self._act(sold, "action_cancel")
        self.assertEqual(sold.state, "cancel")
        self._assert_all_ways(sold)
        self._act(healthy, "action_cancel")
        self._act(healthy, "action_draft")
        self.assertEqual(healthy.state, "draft")

    def test_a_refused_order_goes_back_to_the_salesperson(self):
        order = self._hold()
        order.with_user(self.user_credit_manager)._refuse_hold("test", cancel=True)
        self._act(order, "action_draft")
        self._assert_states(order, "draft", "none")
        self._act(order, "action_confirm_or_hold")
        self._assert_states(order, "sent", "held")

    def test_a_released_order_that_is_reset_is_decided_anew(self):
        order = self._release(self._hold())
        self._act(order, "write", {"state": "draft"})
        with self.assertRaisesRegex(UserError, "A manager has to decide"):
            self._act(order, "write", {"state": "sale"})


class ReleasedCommon(EntryCommon):
    """An order that was released, and goods to add to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boiler = cls.env["product.product"].create(
            {"name": "Boiler", "type": "consu", "list_price": 900, "taxes_id": False}
        )
        cls.voucher = cls.env["product.product"].create(
            {"name": "Voucher", "type": "service", "list_price": 0, "taxes_id": False}
        )

    def setUp(self):
        super().setUp()
        self.order_released = self._release(self._hold())

    def _add(self, context=None, **vals):
        vals = {"order_id": self.order_released.id, **vals}
        return self._enter("sale.order.line", context=context, **vals)


@tagged("post_install", "-at_install", "shop")
class TestGoodsOfReleasedOrder(ReleasedCommon):
    def test_goods_count_at_whatever_price(self):
        for vals in (
            {"price_unit": 0.0},
            {"price_unit": 900.0, "discount": 100.0},
            {"price_unit": -0.01},
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, CHANGED):
                self._add(product_id=self.boiler.id, product_uom_qty=1000, **vals)

    def test_more_of_what_was_decided_on_counts_at_whatever_price(self):
        line = self.order_released.order_line
        for vals in (
            {"product_uom_qty": 1000, "price_unit": 0.0},
            {"product_uom_qty": 1000, "discount": 100.0},
            {"product_id": self.boiler.id, "price_unit": 0.0},
            {
                "product_uom_id": self.env.ref("uom.product_uom_dozen").id,
                "discount": 99,
            },
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, CHANGED):
                self._act(line, "write", vals)
        self._act(line, "write", {"product_uom_qty": 5, "discount": 50.0})
        self.assertEqual(self.order_released.amount_total, 25.0)

    def test_goods_that_come_back_do_not_pay_for_goods_that_leave(self):
        line = self.order_released.order_line
        update = Command.update(line.id, {"product_uom_qty": 1000})
        back = {"product_id": self.product.id, "product_uom_qty": -990}
        with self.assertRaisesRegex(UserError, CHANGED):
            self._act(
                self.order_released,
                "write",
                {"order_line": [update, Command.create(back)]},
            )

    def test_work_is_no_discount(self):
        for price in (0.0, -0.01):
            with self.subTest(price), self.assertRaisesRegex(UserError, CHANGED):
                self._add(
                    product_id=self.other_product.id,
                    product_uom_qty=1000,
                    price_unit=price,
                )

    def test_a_discount_or_voucher_is_given_afterwards(self):
        self._add(product_id=self.voucher.id, price_unit=-20.0)
        self.assertEqual(self.order_released.amount_total, 80.0)

    def test_a_total_is_not_entered_before_the_goods(self):
        with self.assertRaisesRegex(AccessError, FILLED_IN):
            self._act(self.order_released, "write", {"amount_total": 1e9})
        line = self.order_released.order_line
        with self.assertRaisesRegex(UserError, CHANGED):
            self._act(line, "write", {"price_unit": 20.0})

    # === WHOSE LINE === #

    def test_the_order_of_a_line_is_found_after_defaults(self):
        line = {"product_id": self.boiler.id, "product_uom_qty": 10}
        context = {"default_order_id": self.order_released.id}
        with self.assertRaisesRegex(UserError, CHANGED):
            self._enter("sale.order.line", context=context, **line)
        self._act(
            self.env["ir.default"],
            "set",
            "sale.order.line",
            "order_id",
            self.order_released.id,
            user_id=True,
        )
        with self.assertRaisesRegex(UserError, CHANGED):
            self._enter("sale.order.line", **line)
        self.assertEqual(self.order_released.amount_total, 100.0)
        # A note and a quotation are entered in the same way.
        note = self._enter("sale.order.line", display_type="line_note", name="Hello")
        self.assertEqual(note.order_id, self.order_released)
        quotation = self._create_order(self.good_customer)
        context = {"default_order_id": quotation.id}
        self._enter("sale.order.line", context=context, **line)
        self.assertEqual(quotation.amount_total, 9100.0)

    def test_a_line_is_not_moved_into_a_released_order(self):
        quotation = self._create_order(self.good_customer)
        line = self._enter(
            "sale.order.line",
            order_id=quotation.id,
            product_id=self.boiler.id,
            product_uom_qty=10,
        )
        for records, vals in (
            (line, {"order_id": self.order_released.id}),
            (self.order_released, {"order_line": [Command.link(line.id)]}),
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, CHANGED):
                self._act(records, "write", vals)
        self.assertEqual(line.order_id, quotation)
        other = self._create_order(self.good_customer)
        self._act(line, "write", {"order_id": other.id})
        self.assertEqual(line.order_id, other)

    def test_the_order_that_a_line_leaves_is_asked_too(self):
        order = self._hold()
        line = {"product_id": self.voucher.id, "price_unit": -20.0}
        order.order_line = [Command.create(line)]
        voucher = self._release(order).order_line[-1]
        quotation = self._create_order(self.good_customer)
        with self.assertRaisesRegex(UserError, CHANGED):
            self._act(voucher, "write", {"order_id": quotation.id})

    def test_goods_are_not_added_from_the_catalogue(self):
        def add(order, quantity):
            order = order.with_user(self.user_salesperson).sudo(False)
            with MockRequest(order.env):
                order._update_order_line_info(self.boiler.id, quantity)
            order.env.flush_all()

        with self.assertRaisesRegex(UserError, CHANGED):
            add(self.order_released, 10)
        quotation = self._create_order(self.good_customer)
        add(quotation, 10)
        self.assertEqual(quotation.amount_total, 9100.0)
