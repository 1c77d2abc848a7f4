from odoo.exceptions import UserError
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
