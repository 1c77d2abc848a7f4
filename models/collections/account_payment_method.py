from odoo import api, models

# The code of the payment method by which Ri.Ba. are collected.
RIBA = "riba"


class AccountPaymentMethod(models.Model):
    _inherit = "account.payment.method"

    @api.model
    def _get_payment_method_information(self):
        """Override of `account`: Ri.Ba. are collected by Italian banks, in euro."""
        euro, italy = self.env.ref("base.EUR"), self.env.ref("base.it")
        return {
            **super()._get_payment_method_information(),
            RIBA: {
                "mode": "multi",
                "type": ("bank",),
                "currency_ids": euro.ids,
                "country_id": italy.id,
            },
        }

    @api.model
    def _get_presented_codes(self):
        """Return the codes of methods by which we ask a bank to collect.

        Those of direct debits are OCA's, and what Odoo says.
        """
        return [RIBA, "sepa_direct_debit", *self._get_sdd_payment_method_code()]
