"""Goods do not pass for the cost of shipping."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.account_credit_block.tests.test_sale_order_entry import (
    CHANGED,
    ReleasedCommon,
)


@tagged("post_install", "-at_install")
class TestGoodsAndShipping(ReleasedCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        shipping = cls.env["product.product"].create(
            {"name": "Shipping", "type": "service", "list_price": 0, "taxes_id": False}
        )
        cls.carrier = cls.env["delivery.carrier"].create(
            {
                "name": "Test carrier",
                "delivery_type": "fixed",
                "fixed_price": 0.0,
                "product_id": shipping.id,
            }
        )

    def test_goods_marked_as_shipping_count_at_whatever_price(self):
        goods = {"product_id": self.boiler.id, "product_uom_qty": 1000}
        for vals in (
            {"price_unit": 0.0, "is_delivery": True},
            {"price_unit": 900.0, "discount": 100.0, "is_delivery": True},
        ):
            with self.subTest(vals), self.assertRaisesRegex(UserError, CHANGED):
                self._add(**goods, **vals)

    def test_more_of_what_was_decided_on_counts_as_shipping_too(self):
        vals = {"product_uom_qty": 1000, "price_unit": 0.0, "is_delivery": True}
        with self.assertRaisesRegex(UserError, CHANGED):
            self._act(self.order_released.order_line, "write", vals)

    def test_shipping_is_what_the_carrier_s_product_is(self):
        self.order_released.set_delivery_line(self.carrier, 0.0)
        line = self.order_released.order_line.filtered("is_delivery")
        self.assertEqual(line._filter_shipping(), line)
        self.order_released.order_line.is_delivery = True
        self.assertEqual(self.order_released.order_line._filter_shipping(), line)
