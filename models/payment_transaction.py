from markupsafe import escape

from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import str2bool

# Ways to pay later for which core confirms the order while they are pending.
PAID_LATER_MODES = ("cash_on_delivery", "on_site")


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # === HANDING OVER === #

    def _set_pending(self, **kwargs):
        """Override of `payment` to hand over orders that are paid on delivery or site.

        `delivery` and `website_sale_collect` confirm such orders in state draft before
        anything else; a refusal raised there would undo the whole post-processing.
        """
        txs = super()._set_pending(**kwargs)
        txs._hand_over_paid_later()
        return txs

    def _post_process(self):
        """Override of `delivery` to keep paying later from confirming, see above.

        Of `account_payment`, which posts invoices: a refusal would strand the money.
        """
        self._hand_over_paid_later()
        with self.env["account.move"]._leaving_blocked_in_draft():
            return super()._post_process()

    def _check_amount_and_confirm_order(self):
        """Override of `sale` to hand over orders that a manager has to decide on.

        The customer has paid: the payment is recorded and the order waits.
        """
        reached = self.filtered(
            lambda tx: (
                len(tx.sale_order_ids) == 1
                and tx.sale_order_ids._is_confirmation_amount_reached()
            )
        )
        with reached.sale_order_ids._share_confirmation_check():
            held = reached.sale_order_ids._hand_over_from_customer(forbidden=True)
            allowed = self.filtered(lambda tx: not tx.sale_order_ids & held)
            return super(PaymentTransaction, allowed)._check_amount_and_confirm_order()

    def _hand_over_paid_later(self):
        """Hand over the orders that core would confirm while the payment is pending."""
        later = self.filtered(
            lambda tx: (
                tx.state == "pending" and tx.provider_id.custom_mode in PAID_LATER_MODES
            )
        )
        drafts = later.sale_order_ids.filtered(lambda order: order.state == "draft")
        drafts._hand_over_from_customer(forbidden=True)

    # === AFTER THE DECISION === #

    def _resume_invoicing(self):
        """Make the invoices that core would have made had the orders not waited.

        The payments are posted since; the invoices are posted and paid with them.
        """
        parameters = self.env["ir.config_parameter"].sudo()
        if not str2bool(parameters.get_param("sale.automatic_invoice", "False")):
            return
        done = self.filtered(lambda tx: tx.state == "done")
        for tx in done:
            tx._invoice_sale_orders()
            drafts = tx.invoice_ids.filtered(lambda move: move.state == "draft")
            with drafts._leaving_blocked_in_draft():
                drafts.action_post()
            tx._reconcile_with_invoices()
        done._send_invoice()

    def _reconcile_with_invoices(self):
        """Pay the invoices with the payment, as `account_payment` does by itself."""
        payment = self.payment_id
        lines = (payment.move_id | self.invoice_ids).line_ids.filtered(
            lambda line: (
                line.account_id == payment.destination_account_id
                and not line.reconciled
                and line.parent_state == "posted"
            )
        )
        lines.reconcile()

    def _give_back(self):
        """Give back what was paid for refused orders, or ask somebody to do it.

        A payment that was only authorized is voided, one that is done is refunded.
        """
        for tx in self.filtered(lambda tx: tx.state in ("authorized", "done")):
            if not tx._give_back_by_provider():
                tx._ask_to_give_back()

    def _give_back_by_provider(self):
        """Void or refund at the provider.

        :return: whether the provider can, and took it
        """
        self.ensure_one()
        provider = self.provider_id
        try:
            if self.state == "authorized" and provider.support_manual_capture:
                child = self._void()
            elif self.state == "done" and provider.support_refund not in (
                False,
                "none",
            ):
                child = self._refund()
            else:
                return False
        except (UserError, ValidationError):
            return False
        return child.state != "error"

    def _ask_to_give_back(self):
        """Leave an activity that says what has to be paid back to whom."""
        for order in self.sale_order_ids:
            order.activity_schedule(
                "account_credit_block.mail_activity_type_give_back",
                user_id=self.env.uid,
                note=escape(
                    self.env._(
                        "The order was refused after the customer paid %(amount)s"
                        " (%(reference)s): pay the money back to %(partner)s.",
                        amount=self.currency_id.format(self.amount),
                        reference=self.reference,
                        partner=self.partner_id.name,
                    )
                ),
            )
