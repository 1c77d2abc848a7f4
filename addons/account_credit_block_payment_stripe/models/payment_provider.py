from odoo import models

from ..const import DISPUTE_EVENTS


class PaymentProvider(models.Model):
    _inherit = "payment.provider"

    def _send_api_request(self, method, endpoint, *, data=None, **kwargs):
        """Override of `payment`: a new webhook of Stripe is told of disputes, too."""
        if self.code == "stripe" and endpoint == "webhook_endpoints":
            events = [*data["enabled_events[]"], *DISPUTE_EVENTS]
            data = {**data, "enabled_events[]": events}
        return super()._send_api_request(method, endpoint, data=data, **kwargs)
