from odoo import http
from odoo.exceptions import AccessError, MissingError

from odoo.addons.sale.controllers.portal import PaymentPortal


class CreditPaymentPortal(PaymentPortal):
    @http.route()
    def portal_order_transaction(self, order_id, access_token, **kwargs):
        """Override of `sale` to collect no money for an order that is refused.

        Raise ValidationError, in neutral words.
        """
        try:
            order = self._document_check_access("sale.order", order_id, access_token)
        except (AccessError, MissingError):
            order = None  # core tells
        if order and order.state in ("draft", "sent"):
            order._check_payable_online()
        return super().portal_order_transaction(order_id, access_token, **kwargs)
