from odoo import models

# Ways to pay later for which core confirms the order while they are pending.
PAID_LATER_MODES = ("cash_on_delivery", "on_site")


class PaymentTransaction(models.Model):
    """Orders that are paid on delivery, or where they are collected."""

    _inherit = "payment.transaction"  # pylint: disable=consider-merging-classes-inherited

    def _set_pending(self, **kwargs):
        """Override of `payment` to hand over orders that are paid on delivery or site.

        `delivery` and `website_sale_collect` confirm such orders in state draft before
        anything else; a refusal raised there would undo the whole post-processing.
        """
        txs = super()._set_pending(**kwargs)
        txs._hand_over_paid_later()
        return txs

    def _hand_over_paid_later(self):
        """Hand over the orders that core would confirm while the payment is pending."""
        # There need not be ways to pay later.
        if "custom_mode" not in self.provider_id._fields:
            return
        later = self.filtered(
            lambda tx: (
                tx.state == "pending" and tx.provider_id.custom_mode in PAID_LATER_MODES
            )
        )
        drafts = later.sale_order_ids.filtered(lambda order: order.state == "draft")
        drafts._hand_over_from_customer(forbidden=True)
