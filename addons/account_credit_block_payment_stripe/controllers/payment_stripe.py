import logging

from odoo.http import request, route

from odoo.addons.payment_stripe import utils as stripe_utils
from odoo.addons.payment_stripe.controllers.main import (
    StripeController as StripeControllerBase,
)

from ..const import DISPUTE_EVENTS, PAYMENT_FAILED

_logger = logging.getLogger(__name__)


class StripeController(StripeControllerBase):
    @route()
    def stripe_webhook(self):
        """Override of `payment_stripe`: what was paid and is taken back is a return.

        :return: an empty string, as core acknowledges what Stripe tells
        :raises Forbidden: when Stripe's signature is not right
        """
        response = super().stripe_webhook()
        event = request.get_json_data()
        if event["type"] in (*DISPUTE_EVENTS, PAYMENT_FAILED):
            self._take_back(event)
        return response

    def _take_back(self, event):
        """Make a return of what an event says, once core has found it Stripe's own.

        :raises Forbidden: when Stripe's signature is not right
        """
        transactions = request.env["payment.transaction"].sudo()
        tx = transactions._search_by_stripe_event(event)
        if not tx:
            _logger.warning(
                "Stripe's %s (%s) is of no payment that is known here",
                event["type"],
                event["id"],
            )
        elif not stripe_utils.get_webhook_secret(tx.provider_id):
            # Core lets it pass then.
            _logger.warning(
                "Stripe's %s (%s) is not taken: without a webhook secret anybody may"
                " have sent it",
                event["type"],
                event["id"],
            )
        else:
            self._verify_signature(tx)
            tx._take_stripe_event(event)
