from odoo import models

from ..models.sale_order import INTERNAL_DELIVERY_TYPES


class ChooseDeliveryCarrier(models.TransientModel):
    _inherit = "choose.delivery.carrier"

    def _get_delivery_rate(self):
        """Override of `delivery` to remember what a carrier outside has quoted.

        The price on the dialog can be written over: it proves nothing later.
        """
        res = super()._get_delivery_rate()
        rated = "error_message" not in res
        if rated and self.delivery_type not in INTERNAL_DELIVERY_TYPES:
            self.order_id._set_shipping_quote(self.carrier_id, self.delivery_price)
        return res
