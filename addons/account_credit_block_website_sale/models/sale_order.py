from odoo import api, models

from .hold_reason_web import HoldReasonWeb

# Of what came back, as many invoices are named as fit on a page.
MOST_INVOICES = 5


class SaleOrder(models.Model):
    """Orders of the website: why they wait, and what the shop shows their customers."""

    _inherit = "sale.order"

    @api.model
    def _get_hold_reasons(self):
        """Override: that an order comes from the website is one."""
        return [*super()._get_hold_reasons(), HoldReasonWeb()]

    def _verify_cart_after_update(self):
        """Override of `website_sale`, which rates the changed cart again."""
        res = super()._verify_cart_after_update()
        line = self.order_line.filtered("is_delivery")[:1]
        if line and self.carrier_id:
            # The price alone is what the rate gave; quantity and discount are not.
            self._set_shipping_rate(self.carrier_id, line.price_unit)
        return res

    def _check_cart_is_ready_to_be_paid(self):
        """Override of `website_sale`; raise ValidationError for a refused order."""
        self._check_payable_online()
        return super()._check_cart_is_ready_to_be_paid()

    def _is_refused_in_shop(self):
        """Say whether the shop can take no money for this cart.

        One that is paid already is not refused: its customer must reach the
        confirmation page, and the order waits for a decision.
        """
        paid = self.transaction_ids.filtered(
            lambda tx: tx.state in ("pending", "authorized", "done")
        )
        return bool(self and not paid and self._is_credit_refused())

    def _get_returned_invoices(self):
        """Return which invoices the customer may pay, that a bank brought back.

        With the rights of who looks at the shop, for whom nothing is found of others.
        """
        moves = self.env["account.move"].sudo(False)
        if self.env.user._is_public() or not moves.has_access("read"):
            return moves
        return moves.search(
            [
                (
                    "commercial_partner_id",
                    "=",
                    self.partner_id.commercial_partner_id.id,
                ),
                ("company_id", "=", self.company_id.id),
                ("move_type", "in", ("out_invoice", "out_receipt")),
                ("is_payment_returned", "=", True),
            ],
            order="invoice_date_due, id",
            limit=MOST_INVOICES,
        )
