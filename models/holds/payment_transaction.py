from markupsafe import escape

from odoo import api, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import str2bool

from .. import acting, planned
from ..call_marks import PROVIDER_SAYS


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `payment`.

        :raises AccessError: for who makes payments up
        """
        self._check_provider_says()
        return super().create(vals_list)

    def write(self, vals):
        """Override of `payment`.

        :raises AccessError: for who changes what happened
        """
        if any(name in vals for name in self._get_provider_fields()):
            self._check_provider_says()
        return super().write(vals)

    def _process(self, provider_code, payment_data):
        """Override of `payment`: here a provider says what became of a payment.

        Also by the buttons of the demo provider, which people press.
        """
        with PROVIDER_SAYS.set(self.env):
            return super()._process(provider_code, payment_data)

    def _check_provider_says(self):
        """Raise AccessError unless the system, or a provider through it, is acting."""
        if not acting.is_system(self.env) and not PROVIDER_SAYS.get(self.env):
            raise AccessError(
                self.env._(
                    "Online payments are recorded as their provider reports them."
                    " Register a payment on the invoice instead."
                )
            )

    def _get_provider_fields(self):
        """Return the fields that payments are made with: those nobody is to edit."""
        return {
            name
            for name, field in self._fields.items()
            if field.readonly and (field.store or field.relational)
        }

    # === HANDING OVER === #

    def _post_process(self):
        """Override of `account_payment`: a refusal to post would strand the money."""
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

    def _give_back(self, order, amount):
        """Give back what was paid for a refused order, or ask somebody to do it.

        What was only authorized is voided, what was captured is refunded.

        :param float amount: in the currency of the payment
        """
        self.ensure_one()
        left = self._give_back_by_provider(amount)
        if self.currency_id.compare_amounts(left, 0.0) > 0:
            self._ask_to_give_back(order, left)

    def _give_back_by_provider(self, amount):
        """Void or refund at the provider.

        :return: what the provider cannot give back, or did not take
        """
        uncaptured = min(self._get_uncaptured(), amount)
        left = amount
        if uncaptured and self._can_void(uncaptured):
            left -= self._try_to_give_back(self._void, uncaptured)
        for part in self._get_captured_parts():
            sum_ = min(part._get_refundable(), left)
            if self.currency_id.compare_amounts(sum_, 0.0) > 0 and part._can_refund(
                sum_
            ):
                left -= self._try_to_give_back(part._refund, sum_)
        return left

    def _can_void(self, amount):
        """Say whether the provider voids that much of an authorization."""
        support = self.provider_id.support_manual_capture
        return support == "partial" or (
            support and not self.currency_id.compare_amounts(amount, self.amount)
        )

    def _can_refund(self, amount):
        """Say whether the provider refunds that much of what was captured."""
        support = self.provider_id.support_refund
        return support == "partial" or (
            support == "full_only"
            and not self.currency_id.compare_amounts(amount, self.amount)
        )

    def _try_to_give_back(self, request, amount):
        """Return the amount if the provider took the request, else nothing."""
        try:
            child = request(amount)
        except (UserError, ValidationError):
            return 0.0
        return 0.0 if child.state == "error" else amount

    def _ask_to_give_back(self, order, amount):
        """Leave an activity that says what has to be paid back to whom."""
        self._ask_about(
            order,
            self.env._(
                "The order was refused after the customer paid %(amount)s"
                " (%(reference)s): pay the money back to %(partner)s.",
                **self._get_texts(amount),
            ),
        )

    def _ask_whose_it_is(self, order):
        """Leave an activity about a payment that is not the customer's own."""
        self._ask_about(
            order,
            self.env._(
                "The order was refused. A payment of %(partner)s over %(amount)s"
                " (%(reference)s) is linked to it, who is not its customer: find out"
                " what it was for before you pay anything back.",
                **self._get_texts(self.amount),
            ),
        )

    def _get_texts(self, amount):
        return {
            "amount": self.currency_id.format(amount),
            "reference": self.reference,
            "partner": self.partner_id.name,
        }

    def _ask_about(self, order, note):
        planned.schedule(
            order,
            "account_credit_block.mail_activity_type_give_back",
            user_id=self.env.uid,
            note=escape(note),
        )
