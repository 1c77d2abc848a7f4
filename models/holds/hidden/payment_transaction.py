from odoo import fields, models


class PaymentTransaction(models.Model):
    """Where a payment leads back to: with a token that opens the document."""

    _inherit = "payment.transaction"  # pylint: disable=consider-merging-classes-inherited

    # Invoicing users read transactions: not the links of customers in them.
    landing_route = fields.Char(copy=False, groups="base.group_system")

    def _follow_link(self, old, new):
        """Lead back by the new token of a document, not by the old one; for sudo."""
        for tx in self.filtered(lambda tx: old in (tx.landing_route or "")):
            tx.landing_route = tx.landing_route.replace(old, new)
