from odoo import api, models

from .credit_exposure import READ_FIELDS


class AccountPayment(models.Model):
    _inherit = "account.payment"  # pylint: disable=consider-merging-classes-inherited

    # Core looks payments up by journal only; the exposure of a customer asks for his.
    _credit_exposure_idx = models.Index(
        "(partner_id, date) "
        "WHERE payment_type = 'inbound' AND state IN ('in_process', 'paid')"
    )

    @api.model
    def _get_closed_names(self):
        """Override: of a payment, what counts in the exposure.

        The account it waits on is for accountants to correct: nothing is decided by it.
        """
        return super()._get_closed_names() & set(READ_FIELDS[self._name])
