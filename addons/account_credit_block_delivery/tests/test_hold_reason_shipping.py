from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_shipping import ShippingCommon


@tagged("post_install", "-at_install")
class TestHoldReasonShipping(ShippingCommon):
    def test_the_cost_that_the_dialog_gave_is_no_change(self):
        for carrier, cost in ((self.carrier, 10.0), (self.carrier_by_weight, 8.0)):
            with self.subTest(carrier=carrier.name):
                order = self._create_order()
                line = self._ship(order, carrier)
                self.assertEqual(line.price_unit, cost)
                self.assertFalse(self._find(order))

    def test_a_price_sent_over_that_of_the_dialog_is_a_change(self):
        for carrier, cost in ((self.carrier, 10.0), (self.carrier_by_weight, 8.0)):
            with self.subTest(carrier=carrier.name):
                order = self._create_order()
                self._ship_for(order, 1.0, carrier)
                self.assertEqual(self._get_change(order), (cost, 1.0))

    def test_a_price_given_to_the_method_is_a_change(self):
        order = self._create_order()
        order.set_delivery_line(self.carrier, 1.0)
        self.assertEqual(self._get_change(order), (10.0, 1.0))

    def test_a_weight_or_price_in_the_context_is_not_believed(self):
        order = self._create_order()
        keys = {"order_weight": 0.1, "no_variant_attributes_price_extra": [-9.0]}
        for carrier, cost in ((self.carrier_by_weight, 8.0), (self.carrier, 10.0)):
            order.with_context(**keys).set_delivery_line(carrier, 1.0)
            self.assertEqual(self._get_change(order), (cost, 1.0))

    def test_the_text_tells_both_amounts_and_the_carrier(self):
        order = self._create_order()
        self._ship_for(order, 1.0)
        self.assertRegex(
            self._get_text(order),
            r"Shipping cost .*1\.00.* instead of .*10\.00.*, the rate of “Van”",
        )

    def test_a_line_changed_by_hand_is_a_change(self):
        changes = (
            ({"price_unit": 4.0}, 4.0),
            ({"price_unit": 30.0}, 30.0),
            ({"product_uom_qty": 0.0}, 0.0),
            ({"product_uom_qty": 2.0}, 20.0),
            ({"discount": 100.0}, 0.0),
            ({"discount": 50.0}, 5.0),
            ({"is_delivery": False}, 0.0),
        )
        for vals, cost in changes:
            with self.subTest(vals=vals):
                order = self._create_order()
                self._ship(order).write(vals)
                self.assertEqual(self._get_change(order), (10.0, cost))

    def test_a_deleted_line_is_a_change_though_core_forgets_the_carrier(self):
        order = self._create_order()
        self._ship(order).unlink()
        self.assertFalse(order.carrier_id)
        self.assertEqual(self._get_change(order), (10.0, 0.0))
        self.assertIn("the rate of “Van”", self._get_text(order))

    def test_another_line_for_shipping_counts(self):
        order = self._create_order()
        self._ship(order).copy({"price_unit": -3.0, "order_id": order.id})
        self.assertEqual(self._get_change(order), (10.0, 7.0))

    def test_a_change_that_is_taken_back_is_none(self):
        order = self._create_order()
        line = self._ship(order)
        line.price_unit = 4.0
        self.assertTrue(self._find(order))
        line.price_unit = 10.0
        self.assertFalse(self._find(order))

    def test_a_difference_within_the_tolerance_is_no_change(self):
        self.credit_company.credit_hold_shipping_tolerance = 2.0
        order = self._create_order()
        line = self._ship(order)
        for price, held in ((8.0, False), (12.0, False), (7.99, True), (12.01, True)):
            with self.subTest(price=price):
                line.price_unit = price
                self.assertEqual(bool(self._find(order)), held)

    def test_the_tolerance_is_in_the_currency_of_the_company(self):
        currency = self._enable_yen()
        self.credit_company.credit_hold_shipping_tolerance = 2.0
        order = self._create_order(
            pricelist_id=self._create_pricelist(currency_id=currency.id).id
        )
        line = self._ship(order)
        self.assertEqual((order.currency_id, line.price_unit), (currency, 1000.0))
        self.assertFalse(self._find(order))
        for price, held in ((801.0, False), (799.0, True)):
            with self.subTest(price=price):
                line.price_unit = price
                self.assertEqual(bool(self._find(order)), held)

    def test_another_currency_does_not_make_shipping_cheaper(self):
        currency = self._enable_yen()
        order = self._create_order()
        line = self._ship(order)
        order.pricelist_id = self._create_pricelist(currency_id=currency.id)
        self.assertEqual((order.currency_id, line.price_unit), (currency, 10.0))
        self.assertEqual(self._get_change(order), (1000.0, 10.0))
        line.price_unit = 1000.0
        self.assertFalse(self._find(order))

    def _enable_yen(self):
        """A currency of which a hundred are worth one of the company's."""
        currency = self._enable_currency("JPY")
        currency.rate_ids.unlink()
        currency.rate_ids = [Command.create({"name": "2020-01-01", "rate": 100.0})]
        return currency

    def test_goods_that_change_after_the_rate_are_no_change_by_hand(self):
        order = self._create_order()
        self._ship(order, self.carrier_by_weight)
        order.order_line.filtered(lambda line: not line.is_delivery).product_uom_qty = 9
        self.assertFalse(self._find(order))

    def test_the_present_rate_may_be_put_in_by_hand(self):
        order = self._create_order()
        line = self._ship(order, self.carrier_by_weight)
        (order.order_line - line).product_uom_qty = 3
        line.price_unit = 24.0
        self.assertFalse(self._find(order))
        line.price_unit = 23.0
        self.assertEqual(self._get_change(order), (8.0, 23.0))

    def test_another_carrier_by_the_dialog_is_no_change(self):
        order = self._create_order()
        self._ship(order)
        self._ship(order, self.carrier_by_weight)
        self.assertFalse(self._find(order))

    def test_another_carrier_is_not_had_for_the_cost_of_the_first(self):
        order = self._create_order()
        line = self._ship(order)
        order.carrier_id = self.carrier_by_weight
        self.assertEqual(self._get_change(order), (8.0, 10.0))
        line.price_unit = 8.0
        self.assertFalse(self._find(order))

    def test_a_carrier_that_does_not_serve_the_address_has_no_rate(self):
        self.carrier_by_weight.country_ids = self.env.ref("base.us")
        self.customer.country_id = self.env.ref("base.be")
        order = self._create_order()
        self._ship(order)
        order.set_delivery_line(self.carrier_by_weight, 10.0)
        self.assertEqual(self._get_change(order), (None, 10.0))
        self.assertIn("no rate of “By weight” is known", self._get_text(order))

    def test_a_shipping_line_typed_by_hand_is_compared_with_its_carrier(self):
        vals = {
            "product_id": self.carrier.product_id.id,
            "is_delivery": True,
            "price_unit": 3.0,
        }
        order = self._create_order(
            carrier_id=self.carrier.id, order_line=[Command.create(vals)]
        )
        self.assertEqual(self._get_change(order), (10.0, 3.0))
        order.order_line.price_unit = 10.0
        self.assertFalse(self._find(order))
        order = self._create_order(order_line=[Command.create(vals)])
        self.assertFalse(self._find(order), "no carrier, nothing to compare with")

    def test_an_order_without_shipping_is_no_change(self):
        orders = self._create_order() | self._create_order(carrier_id=self.carrier.id)
        self.assertFalse(self._find(orders))

    def test_free_shipping_above_an_amount_is_no_change(self):
        self.carrier.write({"free_over": True, "amount": 50.0})
        order = self._create_order()
        line = self._ship(order)
        self.assertEqual(line.price_unit, 10.0)
        (order.order_line - line).product_uom_qty = 5
        line = self._ship(order)
        self.assertEqual(line.price_unit, 0.0)
        self.assertFalse(self._find(order))

    def test_a_reward_of_free_shipping_is_no_change(self):
        order = self._create_order()
        self._ship(order)
        reward = {"product_id": self.service_product.id, "price_unit": -10.0}
        order.order_line = [Command.create(reward)]
        self.assertFalse(self._find(order))

    def test_a_carrier_at_real_cost_is_no_change(self):
        order = self._create_order()
        self._ship(order).price_unit = 0.0
        self.assertTrue(self._find(order))
        self.carrier.flush_recordset()
        # What the bridge to inventory adds to the selection.
        self.env.cr.execute(
            "UPDATE delivery_carrier SET invoice_policy = 'real' WHERE id = %s",
            self.carrier.ids,
        )
        self.carrier.invalidate_recordset()
        self.assertFalse(self._find(order))

    # === THE RATE IS KEPT === #

    def test_a_salesperson_cannot_enter_the_rate(self):
        order = self._create_order()
        self._ship_for(order, 1.0)
        words = "comes from its carrier and cannot be entered"
        vals = {"shipping_rate_amount": 1.0}
        with self.assertRaisesRegex(AccessError, words):
            order.write(vals)
        with self.assertRaisesRegex(AccessError, words):
            self._create_order(**vals)
        with self.assertRaisesRegex(AccessError, words):
            order.copy(vals)
        with self.assertRaisesRegex(AccessError, words):
            order.write({"shipping_quote": {"amount": 1.0}})
        order.sudo().write(vals)
        self.assertFalse(self._find(order))

    def test_no_default_sets_the_rate(self):
        defaults = self.env["ir.default"].with_user(self.user_salesperson)
        defaults.set("sale.order", "shipping_rate_amount", 1.0, user_id=True)
        order = (
            self.env["sale.order"]
            .with_user(self.user_salesperson)
            .with_context(default_shipping_rate_carrier_id=self.carrier.id)
            .create({"partner_id": self.customer.id})
        )
        self.assertFalse(order.shipping_rate_amount)
        self.assertFalse(order.shipping_rate_carrier_id)

    def test_a_copy_keeps_the_rate_of_its_shipping(self):
        order = self._create_order()
        line = self._ship(order)
        self.assertFalse(self._find(order.copy()))
        line.price_unit = 2.0
        self.assertEqual(self._get_change(order.copy()), (10.0, 2.0))

    def test_a_decision_covers_what_is_no_further_from_the_rate(self):
        decided = {"actual": 4.0, "expected": 10.0, "currency_id": 1, "carrier_id": 1}
        for vals, covered in (
            ({}, True),
            ({"actual": 6.0}, True),
            ({"actual": 3.0}, False),
            ({"actual": 12.0}, False),
            ({"carrier_id": 2}, False),
            ({"currency_id": 2}, False),
        ):
            with self.subTest(vals=vals):
                found = {**decided, **vals}
                self.assertEqual(self.reason.is_covered(found, decided), covered)

    def test_queries_do_not_grow_with_the_orders(self):
        orders = self.env["sale.order"].union(
            *(self._create_order() for __ in range(20))
        )
        for order in orders:
            self._ship(order)
        self._find(orders)
        one = self._count_queries(lambda: self._find(orders[:1]))
        many = self._count_queries(lambda: self._find(orders))
        self.assertEqual(many, one)
        self.assertLessEqual(many, 10)

    @freeze_time("2026-10-06 10:00:00")
    def test_costs_changed_by_hand_are_rated_together(self):
        for carrier in (self.carrier, self.carrier_by_weight):
            with self.subTest(carrier=carrier.name):
                one, many = self._count_rating(carrier)
                self.assertEqual(many, one)

    def _count_rating(self, carrier):
        """Queries of rating one order that was changed by hand, and twenty of them."""
        pricelist = self._create_pricelist(name="Wholesale")
        orders = self.env["sale.order"].union(
            *(self._create_order(pricelist_id=pricelist.id) for __ in range(20))
        )
        for order in orders:
            self._ship(order, carrier).price_unit = 1.0
        self.assertEqual(len(self._find(orders)), 20)
        return [
            self._count_queries(lambda some=some: self._find(some))
            for some in (orders[:1], orders)
        ]

    def test_orders_of_several_pricelists_are_rated_each_by_its_own(self):
        dear = self._create_pricelist(
            item_ids=[Command.create({"compute_price": "fixed", "fixed_price": 30.0})]
        )
        orders = self._create_order() | self._create_order(pricelist_id=dear.id)
        for order in orders:
            self._ship(order).price_unit = 1.0
        self.env.flush_all()
        changes = [finding.data["expected"] for finding in self._find(orders).values()]
        self.assertEqual(changes, [10.0, 30.0])


@tagged("post_install", "-at_install")
class TestHoldReasonShippingOutside(ShippingCommon):
    """A carrier whose rate comes from outside; what it answers is all that is feigned.

    No module of such a carrier is a dependency.
    """

    def setUp(self):
        super().setUp()
        self.courier = self._create_courier("Courier")
        self.asked = []
        self.quote = 15.0
        carriers = self.env.registry["delivery.carrier"]
        carriers.courier_rate_shipment = lambda __, order: self._answer(order)
        self.addCleanup(delattr, carriers, "courier_rate_shipment")

    def _create_courier(self, name):
        courier = self._create_carrier(name)
        courier.flush_recordset()
        self.env.cr.execute(
            "UPDATE delivery_carrier SET delivery_type = 'courier' WHERE id = %s",
            courier.ids,
        )
        courier.invalidate_recordset()
        return courier

    def _answer(self, order):
        self.asked.append(order)
        return {
            "success": bool(self.quote),
            "price": self.quote,
            "error_message": "no answer",
            "warning_message": False,
        }

    def _ship_outside(self, order, price=None):
        wizard = self._open_wizard(order, self.courier).save()
        wizard.update_price()
        if price is not None:
            wizard.delivery_price = price
        wizard.button_confirm()

    def test_the_quote_is_remembered_and_nobody_is_asked_again(self):
        order = self._create_order()
        self._ship_outside(order)
        self.assertEqual(order.order_line.filtered("is_delivery").price_unit, 15.0)
        self.asked.clear()
        self.assertFalse(self._find(order))
        order.order_line.filtered("is_delivery").price_unit = 5.0
        self.assertEqual(self._get_change(order), (15.0, 5.0))
        self.assertFalse(self.asked)

    def test_a_price_sent_over_the_quote_is_a_change(self):
        order = self._create_order()
        self._ship_outside(order, price=1.0)
        self.assertEqual(self._get_change(order), (15.0, 1.0))

    def test_a_quote_that_is_not_taken_changes_nothing(self):
        order = self._create_order()
        self._ship(order)
        self._open_wizard(order, self.courier).save().update_price()
        self.assertFalse(self._find(order))

    def test_shipping_without_a_quote_has_no_rate(self):
        for price in (0.0, 7.0):
            with self.subTest(price=price):
                order = self._create_order()
                self._ship(order, self.free_delivery)
                order.set_delivery_line(self.courier, price)
                self.assertEqual(self._get_change(order), (None, price))

    def test_the_quote_of_another_carrier_proves_nothing(self):
        order = self._create_order()
        self._ship_outside(order)
        order.set_delivery_line(self._create_courier("Rider"), 15.0)
        self.assertEqual(self._get_change(order), (None, 15.0))

    def test_a_carrier_that_does_not_answer_leaves_the_quote_alone(self):
        order = self._create_order()
        self._ship_outside(order)
        self.quote = 0.0
        wizard = self._open_wizard(order, self.courier).save()
        self.assertEqual(wizard._get_delivery_rate(), {"error_message": "no answer"})
        self.assertEqual(order.shipping_quote["amount"], 15.0)
