"""What an order still asks for is measured once: before and after it is confirmed."""

from odoo.fields import Command
from odoo.tests import tagged

from .common_exposure import ExposureCommon


@tagged("post_install", "-at_install")
class TestOrderAsked(ExposureCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().write(
            {"account_use_credit_limit": True, "credit_hold_limit": True}
        )
        cls.customer.use_partner_credit_limit = True

    def _limit(self, amount):
        self.customer.sudo().credit_limit = amount

    def _confirm_again(self, order):
        order.action_cancel()
        order.action_draft()
        order.action_confirm_or_hold()

    def _deliver_and_invoice(self, quantity):
        """An order of ten pieces for 1000, of which some are invoiced."""
        order = self.order(100.0, 10.0, line_product_id=self.work.id)
        order.order_line.qty_delivered = quantity
        order._create_invoices().action_post()
        return order

    def _get_told(self, order):
        data = order.sudo().hold_ids[:1].reasons["limit"]
        return data["exposure"]["total"], data["amount"]

    def test_an_order_that_was_invoiced_in_part_asks_for_the_rest(self):
        self._limit(1000)
        order = self._deliver_and_invoice(6)
        self.assertExposure(open=600.0, ordered=400.0)
        self._confirm_again(order)
        self.assertEqual(order.state, "sale")
        self.assertExposure(open=600.0, ordered=400.0)

    def test_over_the_limit_it_is_told_so(self):
        self._limit(2000)
        order = self._deliver_and_invoice(6)
        self._limit(900)
        self._confirm_again(order)
        self.assertEqual(order.hold_state, "held")
        self.assertEqual(self._get_told(order), (600.0, 400.0))
        self.assertExposure(open=600.0, held=400.0)
        hold = order.sudo().hold_ids
        self.assertIn("make 1,000.00", hold.reason_text.replace("\xa0", " "))
        measure = self.env["credit.customer.card"]._measure(
            self.customer.sudo(), self.company.sudo(), order.sudo()
        )
        self.assertEqual((measure.total, measure.held), (1000.0, 0.0))

    def test_a_deposit_that_was_invoiced_is_not_asked_for_again(self):
        self._limit(1000)
        order = self.order(100.0, 10.0)
        wizard = self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        )
        deposit = wizard.create(
            {"advance_payment_method": "fixed", "fixed_amount": 300.0}
        )
        deposit._create_invoices(order).action_post()
        self._limit(900)
        self._confirm_again(order)
        self.assertEqual(self._get_told(order), (300.0, 700.0))

    def test_an_order_that_was_invoiced_in_full_asks_for_nothing(self):
        self._limit(2000)
        order = self._deliver_and_invoice(10)
        self._limit(10)
        self._confirm_again(order)
        self.assertEqual(order.state, "sale")

    def test_an_order_of_which_nothing_was_invoiced_asks_for_its_total(self):
        self._limit(900)
        order = self.order(100.0, 10.0, state="draft")
        order.action_confirm_or_hold()
        self.assertEqual(self._get_told(order), (0.0, 1000.0))

    def test_what_rounding_makes_of_the_lines_is_not_what_is_asked_for(self):
        self.company.sudo().tax_calculation_rounding_method = "round_globally"
        self._limit(1)
        line = {
            "product_id": self.goods.id,
            "price_unit": 0.33,
            "tax_ids": self.tax.ids,
        }
        order = self.order(100.0, order_line=[Command.create(line)] * 3, state="draft")
        order.action_confirm_or_hold()
        self.assertEqual(self._get_told(order), (0.0, order.amount_total))
