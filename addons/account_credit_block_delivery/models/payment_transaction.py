from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _post_process(self):
        """Override of `delivery`: what became pending before we were there waits too.

        A refusal to confirm it would undo the whole post-processing.
        """
        self._hand_over_paid_later()
        return super()._post_process()
