from odoo.addons.website_sale.controllers.main import WebsiteSale as WebsiteSaleBase


class WebsiteSale(WebsiteSaleBase):
    def _get_shop_payment_errors(self, order):
        """Override of `website_sale` to stop a blocked customer before paying.

        An order that is paid already gets no error: its customer must reach the
        confirmation page, and the order waits for a decision.
        """
        errors = super()._get_shop_payment_errors(order)
        paid = order.transaction_ids.filtered(
            lambda tx: tx.state in ("pending", "authorized", "done")
        )
        if order and not paid and order._is_credit_refused():
            errors.append(
                (
                    order.env._("Sorry, we cannot process your order."),
                    order._get_credit_customer_text(),
                )
            )
        return errors
