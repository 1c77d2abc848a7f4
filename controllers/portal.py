from odoo import http
from odoo.exceptions import AccessError, MissingError

from odoo.addons.account.controllers.portal import PortalAccount
from odoo.addons.sale.controllers.portal import PaymentPortal


class CreditPortalAccount(PortalAccount):
    def _get_account_searchbar_filters(self):
        """Override of `account` to find the invoices whose payment came back."""
        return {
            **super()._get_account_searchbar_filters(),
            "returned": {
                # Before the label: core's extractor of terms takes tuples that follow.
                "domain": [("is_payment_returned", "=", True)],
                "label": self.env._("Returned payments"),
            },
        }


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
