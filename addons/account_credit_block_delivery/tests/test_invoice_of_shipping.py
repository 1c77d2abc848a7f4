"""The cost of shipping is invoiced with what was delivered; goods are none."""

from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account_credit_block.tests.test_account_move_gate import (
    GateCommon,
)
from odoo.addons.account_credit_block.tests.test_account_move_order import (
    DeliveredCommon,
)


@tagged("post_install", "-at_install")
class TestShippingGate(GateCommon):
    def test_shipping_and_discounts_go_along_with_what_was_delivered(self):
        invoice = self._create_delivered()
        order = invoice.invoice_line_ids.sale_line_ids.order_id.sudo()
        product = self.env["product.product"].create(
            {"name": "Van", "type": "service", "taxes_id": False}
        )
        self.env["delivery.carrier"].create({"name": "Van", "product_id": product.id})
        shipping = self.env["sale.order.line"].create(
            {
                "order_id": order.id,
                "product_id": product.id,
                "price_unit": 3,
                "is_delivery": True,
            }
        )
        invoice.invoice_line_ids = [
            Command.create(
                {
                    "name": "Shipping",
                    "price_unit": 3,
                    "tax_ids": False,
                    "sale_line_ids": [Command.set(shipping.ids)],
                }
            ),
            Command.create({"name": "Discount", "price_unit": -1, "tax_ids": False}),
        ]
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")


@tagged("post_install", "-at_install")
class TestInvoiceOfShipping(DeliveredCommon):
    def test_goods_marked_as_shipping_were_not_delivered(self):
        order = self._sell_and_block([self._more()])
        invoice = self.bill(order)
        self.assertRefused(invoice, "cannot be posted")
        line = order.order_line[1]
        self.call(self.user_salesperson, line, "write", {"is_delivery": True})
        self.assertRefused(invoice, "cannot be posted")
