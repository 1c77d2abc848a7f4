from odoo.http import request, route

from odoo.addons.payment_adyen.controllers.main import (
    AdyenController as AdyenControllerBase,
)

from ..const import REVERSED, TAKEN


class AdyenController(AdyenControllerBase):
    @route()
    def adyen_webhook(self):
        """Override of `payment_adyen`: what was paid and is taken back is a return.

        :return: what core acknowledges Adyen's notification with
        :raises Forbidden: when a signature of Adyen's is not right
        """
        response = super().adyen_webhook()
        for each in request.get_json_data()["notificationItems"]:
            notification = each["NotificationRequestItem"]
            is_move = notification["eventCode"] in (*TAKEN, REVERSED)
            if is_move and notification["success"] == "true":
                self._take_back(notification)
        return response

    def _take_back(self, notification):
        """Make a return of what Adyen says, once core has found it Adyen's own.

        :raises Forbidden: when Adyen's signature is not right
        """
        transactions = request.env["payment.transaction"].sudo()
        tx = transactions._search_by_reference("adyen", notification)
        if tx:
            self._verify_signature(notification, tx)
            tx._take_adyen_chargeback(notification)
