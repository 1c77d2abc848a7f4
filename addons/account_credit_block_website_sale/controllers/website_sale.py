from odoo.http import request, route

from odoo.addons.website_sale.controllers.cart import Cart as CartBase
from odoo.addons.website_sale.controllers.main import WebsiteSale as WebsiteSaleBase


class WebsiteSale(WebsiteSaleBase):
    def _get_shop_payment_errors(self, order):
        """Override of `website_sale` to stop a blocked customer before paying."""
        errors = super()._get_shop_payment_errors(order)
        if order._is_refused_in_shop():
            errors.append(
                (
                    order.env._("Sorry, we cannot process your order."),
                    order._get_credit_customer_text(),
                )
            )
        return errors

    @route()
    def shop_payment_validate(self, sale_order_id=None, **post):
        """Override of `website_sale`: who confirms twice gets to the confirmation.

        The order was handed over the first time. Core would confirm it again and end in
        an error page.
        """
        last_id = request.session.get("sale_last_order_id")
        last = request.env["sale.order"].sudo().browse(last_id).exists()
        if not request.cart and last and last.hold_status == "held":
            return request.redirect("/shop/confirmation")
        return super().shop_payment_validate(sale_order_id=sale_order_id, **post)


class Cart(CartBase):
    def _get_express_shop_payment_values(self, order, **kwargs):
        """Override of `website_sale`: who may not order is told, and not asked to pay.

        Whoever buys without logging in is nobody that could be blocked yet.
        """
        values = super()._get_express_shop_payment_values(order, **kwargs)
        known = not request.website.is_public_user()
        if known and order._is_refused_in_shop():
            values["credit_refused"] = True
            values["providers_sudo"] = request.env["payment.provider"].sudo()
        return values
