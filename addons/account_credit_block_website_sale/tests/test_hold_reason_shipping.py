from odoo.tests import tagged

from odoo.addons.account_credit_block_delivery.tests.common_shipping import (
    ShippingCommon,
)
from odoo.addons.website_sale.tests.common import WebsiteSaleCommon


@tagged("post_install", "-at_install")
class TestHoldReasonShippingWebsite(ShippingCommon, WebsiteSaleCommon):
    """The website rates by itself, whenever the cart changes."""

    def setUp(self):
        super().setUp()
        # The public user, behind sudo, is who fills a cart.
        self.web_cart = self.cart.with_user(self.public_user).sudo()

    def _get_line(self):
        return self.web_cart.order_line.filtered("is_delivery")

    def _set_quantity(self, quantity):
        line = self.web_cart.order_line.filtered(lambda x: x.product_id == self.product)
        line.product_uom_qty = quantity
        self.web_cart._verify_cart_after_update()

    def test_the_delivery_method_of_the_cart_is_no_change(self):
        self.web_cart._set_delivery_method(self.carrier_by_weight)
        self.assertEqual(self._get_line().price_unit, 40.0)
        self.assertFalse(self._find(self.web_cart))

    def test_a_cart_that_is_rated_again_is_no_change(self):
        self.web_cart._set_delivery_method(self.carrier_by_weight)
        self._set_quantity(2)
        self.assertEqual(self._get_line().price_unit, 16.0)
        self.assertEqual(self.web_cart.shipping_rate_amount, 16.0)
        self.assertFalse(self._find(self.web_cart))

    def test_a_cart_of_services_only_needs_no_shipping(self):
        self.web_cart._set_delivery_method(self.carrier)
        self.web_cart.order_line.filtered(
            lambda line: line.product_id == self.product
        ).unlink()
        self.web_cart._verify_cart_after_update()
        self.assertFalse(self._get_line())
        self.assertFalse(self._find(self.web_cart))

    def test_a_method_that_is_taken_back_is_no_change(self):
        self.web_cart._set_delivery_method(self.carrier)
        self.web_cart._set_delivery_method(self.env["delivery.carrier"])
        self.assertFalse(self._find(self.web_cart))

    def test_rating_the_cart_again_does_not_cover_a_discount(self):
        self.web_cart._set_delivery_method(self.carrier)
        self._get_line().with_user(self.user_salesperson).sudo().discount = 100.0
        self._set_quantity(2)
        self.assertEqual(self._get_change(self.web_cart), (10.0, 0.0))

    def test_a_salesperson_changes_the_shipping_of_a_web_order(self):
        self.web_cart._set_delivery_method(self.carrier)
        self._get_line().with_user(self.user_salesperson).sudo().price_unit = 1.0
        self.assertEqual(self._get_change(self.web_cart), (10.0, 1.0))
