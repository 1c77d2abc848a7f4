from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .test_sale_order_entry import CHANGED, EntryCommon


@tagged("post_install", "-at_install")
class TestDeliveredByHand(EntryCommon):
    """Who says that more was delivered than ordered sells as much more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit_company.credit_hold_limit = True
        cls.product.invoice_policy = "delivery"
        cls.good_customer.with_company(cls.credit_company).write(
            {"credit_limit": 500.0}
        )

    def _deliver(self, order, quantity):
        self._act(order.order_line[0], "write", {"qty_delivered": quantity})

    def test_more_than_ordered_is_asked_about_as_a_larger_order(self):
        order = self._create_order(self.good_customer)
        self._act(order, "action_confirm_or_hold")
        self._assert_states(order, "sale", "none")
        self._deliver(order, 10.0)
        self._deliver(order, 50.0)
        with self.assertRaisesRegex(UserError, CHANGED):
            self._deliver(order, 51.0)
        self.assertEqual(order.order_line.qty_delivered, 50.0)

    def test_more_than_released_is_asked_about_again(self):
        order = self._release(self._hold(self.good_customer, quantity=60))
        self._deliver(order, 60.0)
        with self.assertRaisesRegex(UserError, CHANGED):
            self._deliver(order, 60.5)

    def test_a_line_of_no_pieces_asks_for_what_was_delivered(self):
        for quantity, state in ((51.0, "sent"), (50.0, "sale")):
            order = self._create_order(self.good_customer, quantity=0)
            self._deliver(order, quantity)
            self.assertEqual(order.amount_total, 0.0)
            self._act(order, "action_confirm_or_hold")
            self.assertEqual(order.state, state)

    def test_a_line_of_no_pieces_on_a_sold_order_stays_within_the_limit(self):
        order = self._create_order(self.good_customer, quantity=0)
        self._act(order, "action_confirm_or_hold")
        self._deliver(order, 50.0)
        with self.assertRaisesRegex(UserError, CHANGED):
            self._deliver(order, 1000.0)

    def test_a_block_stops_it_as_it_stops_more_goods(self):
        order = self._create_order(self.good_customer, quantity=5)
        self._act(order, "action_confirm_or_hold")
        self._block(level=self.level_assistance, partner=self.good_customer)
        self._deliver(order, 5.0)
        with self.assertRaisesRegex(UserError, CHANGED):
            self._deliver(order, 6.0)

    def test_less_of_it_is_never_asked_about(self):
        order = self._create_order(self.good_customer)
        self._act(order, "action_confirm_or_hold")
        self._deliver(order, 40.0)
        self._block(level=self.level_assistance, partner=self.good_customer)
        self._deliver(order, 20.0)
        self.assertEqual(order.order_line.qty_delivered, 20.0)

    def _refuse_growth(self, do):
        with self.assertRaisesRegex((UserError, AccessError), CHANGED):
            do()

    def _sell(self, quantity=10, **line):
        """An order that is confirmed, with a second line if one is given."""
        order = self._create_order(self.good_customer, quantity=quantity)
        if line:
            line = {"product_id": self.other_product.id, **line}
            self._act(order, "write", {"order_line": [Command.create(line)]})
        self._act(order, "action_confirm_or_hold")
        return order

    def test_a_line_that_is_called_an_expense_is_asked_about_too(self):
        order = self._sell()
        line = order.order_line
        self._act(line, "write", {"is_expense": True})
        self._refuse_growth(lambda: self._act(line, "write", {"qty_delivered": 1000}))
        vals = {"is_expense": True, "qty_delivered": 1000, "product_uom_qty": 0}
        vals = {**vals, "product_id": self.product.id, "order_id": order.id}
        self._refuse_growth(lambda: self._enter("sale.order.line", **vals))
        self._enter("sale.order.line", **{**vals, "qty_delivered": 40.0})

    def test_no_context_makes_a_down_payment_of_goods(self):
        order = self._create_order(self.good_customer)
        context = {"default_is_downpayment": True, "default_qty_delivered": 1000}
        context["default_product_uom_qty"] = 0
        vals = {"order_id": order.id, "product_id": self.other_product.id}
        with self.assertRaisesRegex(ValidationError, "down payment"):
            self._enter("sale.order.line", context=context, **vals)
        self._enter("sale.order.line", context={}, **vals)

    def test_what_passes_for_a_down_payment_becomes_no_goods_unasked(self):
        order = self._sell(product_uom_qty=0)
        line = order.order_line[1]
        line.sudo().write({"is_downpayment": True, "qty_delivered": 1000})
        self._refuse_growth(lambda: self._act(line, "write", {"is_downpayment": False}))

    def test_what_comes_back_in_an_order_does_not_leave_unasked(self):
        for delivered, state in ((1000, "sent"), (-1, "sale")):
            order = self._create_order(self.good_customer)
            line = {"product_id": self.other_product.id, "product_uom_qty": -1}
            line = {**line, "qty_delivered": delivered}
            self._act(order, "write", {"order_line": [Command.create(line)]})
            self._act(order, "action_confirm_or_hold")
            self.assertEqual(order.state, state)
        line = order.order_line[1]
        self._refuse_growth(lambda: self._act(line, "write", {"qty_delivered": 1000}))

    def test_what_is_delivered_beyond_the_order_lowers_nothing(self):
        lines = (
            {"product_uom_qty": 0, "price_unit": -29036, "qty_delivered": 1},
            {"product_uom_qty": 1, "price_unit": -1, "qty_delivered": 29036},
            {"product_uom_qty": -1, "price_unit": 10, "qty_delivered": -1000},
            {"product_uom_qty": 0, "price_unit": 1, "qty_delivered": -100000},
        )
        for line in lines:
            for quantity, state in ((60, "sent"), (50, "sale")):
                order = self._sell(quantity, **line)
                self.assertEqual(order.state, state, line)
                order.sudo()._action_cancel()

    def test_a_release_covers_no_price_beside_a_negative_delivery(self):
        order = self._create_order(self.good_customer, quantity=60)
        line = {"product_uom_qty": 0, "price_unit": 1, "qty_delivered": -100000}
        line = {**line, "product_id": self.other_product.id}
        self._act(order, "write", {"order_line": [Command.create(line)]})
        self._act(order, "action_confirm_or_hold")
        self._release(order)
        line = order.order_line[0]
        self._refuse_growth(lambda: self._act(line, "write", {"price_unit": 29036}))
        self._act(line, "write", {"price_unit": 9})

    def test_every_tax_of_what_was_not_ordered_counts(self):
        fixed, percent = self.env["account.tax"].create(
            [
                {"name": "Fixed", "amount_type": "fixed", "amount": 100.0},
                {"name": "Half", "amount_type": "percent", "amount": 50.0},
            ]
        )
        group = self.env["account.tax"].create(
            {
                "name": "Group",
                "amount_type": "group",
                "children_tax_ids": [Command.set(percent.ids)],
            }
        )
        for tax, delivered, state in (
            (fixed, 5, "sent"),
            (fixed, 4, "sale"),
            (group, 34, "sent"),
            (group, 4, "sale"),
        ):
            order = self._sell(
                0,
                product_uom_qty=0,
                price_unit=10,
                qty_delivered=delivered,
                tax_ids=[Command.set(tax.ids)],
            )
            self.assertEqual(order.state, state, (tax.name, delivered))

    def test_a_new_line_comes_with_what_was_delivered_of_it(self):
        order = self._create_order(self.good_customer)
        self._act(order, "action_confirm_or_hold")
        line = {"product_id": self.other_product.id, "product_uom_qty": 0.0}
        for delivered in (41.0, 40.0):
            vals = {
                "order_line": [Command.create({**line, "qty_delivered": delivered})]
            }
            if delivered > 40.0:
                with self.assertRaisesRegex(UserError, CHANGED):
                    self._act(order, "write", vals)
            else:
                self._act(order, "write", vals)
