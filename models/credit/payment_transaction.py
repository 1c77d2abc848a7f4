"""What a payment is worth: what was captured, less what went back."""

from odoo import models

# States of a payment whose entry lowers what the customer owes.
PAYMENT_POSTED = ("in_process", "paid")


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"  # pylint: disable=consider-merging-classes-inherited

    def _filter_paid(self):
        """Return those whose money is there or reserved; parts of others are not."""
        return self.filtered(
            lambda tx: (
                tx.state in ("authorized", "done") and not tx.source_transaction_id
            )
        )

    def _is_made_for(self, order):
        """Say whether this is a payment of an order by its own customer; for sudo.

        Only the system links payments, see `sale.order`. What is older than the order
        was made for something else.
        """
        customers = (order.partner_id | order.partner_invoice_id).commercial_partner_id
        return (
            self.partner_id.commercial_partner_id in customers
            and self.company_id.root_id == order.company_id.root_id
            and self.create_date >= order.create_date
        )

    def _get_worths(self):
        """Return a dict from payment to what is left of it, read at once."""
        self.child_transaction_ids.child_transaction_ids.mapped("state")
        return {tx: tx._get_worth() for tx in self}

    def _get_worth(self):
        """Return what is left of a payment, in its currency."""
        parts = self._get_captured_parts()
        return self._get_uncaptured() + sum(part._get_refundable() for part in parts)

    def _get_captured_parts(self):
        """Return what holds the money: the parts captured, or the payment itself."""
        captures = self._get_captures().filtered(lambda tx: tx.state == "done")
        if captures or self.state != "done":
            return captures
        return self

    def _get_captures(self):
        """Return the parts of an authorization that were captured or voided."""
        return self.child_transaction_ids.filtered(
            lambda tx: tx.operation == self.operation and tx.state in ("done", "cancel")
        )

    def _get_uncaptured(self):
        """Return what is reserved only, and neither captured nor voided."""
        if self.state != "authorized":
            return 0.0
        return max(self.amount - sum(self._get_captures().mapped("amount")), 0.0)

    def _get_refundable(self):
        """Return what is left of one part: not refunded, not returned by the bank."""
        if self.payment_id.state in ("rejected", "canceled"):
            return 0.0
        refunded = -sum(self._get_refunds().mapped("amount"))
        return max(self.amount - refunded - self._get_returned(), 0.0)

    def _get_refunds(self):
        """Return the refunds of one part, those on their way included."""
        return self.child_transaction_ids.filtered(
            lambda tx: tx.operation == "refund" and tx.state not in ("cancel", "error")
        )

    def _get_returned(self):
        """Return what the bank has taken back of one part."""
        returned = self.payment_id.payment_return_line_ids._filter_came_back()
        return sum(returned.mapped("amount"))

    def _get_booked_rate(self, worth):
        """Return which part of its worth is posted: this lowers the exposure itself."""
        if not worth:
            return 0.0
        return sum(part._get_booked() for part in self._get_captured_parts()) / worth

    def _get_booked(self):
        """Return what is posted of one part and its refunds."""
        booked = (self | self._get_refunds()).filtered(
            lambda tx: tx.payment_id.move_id and tx.payment_id.state in PAYMENT_POSTED
        )
        returned = self._get_returned() if self in booked else 0.0
        return sum(booked.mapped("amount")) - returned
