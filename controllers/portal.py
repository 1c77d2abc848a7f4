from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.account.controllers.portal import PortalAccount
from odoo.addons.sale.controllers.portal import PaymentPortal

from ..models import acting


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
    def _document_check_access(self, model_name, document_id, access_token=None):
        """Override of `portal`: no link opens a quotation that nobody has let in yet.

        Raise AccessError for its customer, in neutral words.
        """
        document = super()._document_check_access(model_name, document_id, access_token)
        if (
            model_name == "sale.order"
            and acting.is_customer(request.env)
            and document._is_asked_for()
        ):
            raise AccessError(document._get_credit_customer_text())
        return document

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
