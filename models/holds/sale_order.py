"""Where an order is stopped: each method asks a guard, then goes on as it would."""

from odoo import api, models

from .. import acting
from ..call_marks import MAIL_GATEWAY


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale`.

        Raise AccessError for who decides on orders by writing fields.

        :raises UserError: for a confirmed order that may not be
        :raises ValidationError: for one that is cancelled, of who may not have any
        """
        orders = super().create(vals_list)
        orders.filtered(lambda o: o.state == "sale")._check_credit_confirmation()
        orders._check_cancelled_entry()
        return orders

    def write(self, vals):
        """Override of `sale`: the gate of whatever confirms or changes an order.

        :raises UserError: when an order may not get to state `sale`, or a confirmed one
            is changed into one that would be held or refused
        :raises ValidationError: when one becomes a quotation again that could not be
            entered
        :raises AccessError: for who decides on orders by writing fields
        """
        if self:
            # Who may not write the orders is told nothing of them by what follows.
            self.check_access("write")
        self._check_origin_stays(vals)
        self._check_company_stays(vals)
        self._check_rate_stays(vals)
        before = self._take_confirmed_fingerprints(vals)
        states, given = self._get_states_before(vals), self._filter_given(vals)
        res = super().write(vals)
        if vals.get("state") in ("draft", "cancel"):
            self._end_hold_of_state(vals["state"])
        # Asked after the write, which may change the customer and the channel too.
        self._check_entering(states)
        given._check_cancelled_entry()
        if before:
            self._check_confirmed_change(before)
        return res

    # === CONFIRMING === #

    def action_confirm(self):
        """Override of `sale` to ask once for all the orders confirmed together.

        Raise UserError if one of them may not be confirmed.
        """
        with self._share_confirmation_check():
            return super().action_confirm()

    def _confirmation_error_message(self):
        """Override of `sale` to refuse before anything is written."""
        error = super()._confirmation_error_message()
        return error or self._get_confirmation_refusals().get(self, False)

    def _validate_order(self):
        """Override of `sale`: hand over what a manager has to decide on.

        The customer confirms here, by signing or by checking out a cart for nothing.
        """
        with self._share_confirmation_check():
            held = self._hand_over_from_customer()
            held._send_review_mail()
            if confirmed := self - held:
                return super(SaleOrder, confirmed)._validate_order()
            return None

    # === PORTAL AND WEBSITE === #

    def _has_to_be_signed(self):
        """Override of `sale`: do not collect a signature that cannot confirm."""
        return super()._has_to_be_signed() and not self._is_credit_refused()

    def _has_to_be_paid(self):
        """Override of `sale`: do not collect the money of an order that is refused."""
        return super()._has_to_be_paid() and not self._is_credit_refused()

    def _can_be_edited_on_portal(self):
        """Override of `sale`: what is waiting for a decision stays as it is."""
        return super()._can_be_edited_on_portal() and not self.sudo()._is_on_hold()

    def _send_payment_succeeded_for_order_mail(self):
        """Override of `sale`: who paid an order on hold reads that it is reviewed."""
        reviewed = self.filtered(lambda order: order.sudo()._is_under_review())
        reviewed._send_review_mail()
        return super(
            SaleOrder, self - reviewed
        )._send_payment_succeeded_for_order_mail()

    # === WHAT REACHES THE CUSTOMER === #

    def action_quotation_send(self):
        """Override of `sale`.

        Raise AccessError for who may not read it.

        :raises UserError: for what nobody has let in yet
        """
        self._check_sendable()
        return super().action_quotation_send()

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Override of `mail`: nobody writes outside of what nobody has let in yet.

        Whatever is written there has a link to it. Raise UserError.
        """
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        if any(r["share"] for r in recipients) and not MAIL_GATEWAY.get(self.env):
            self._check_sendable()
        return recipients

    def _get_share_url(self, *args, **kwargs):
        """Override of `portal`.

        :raises UserError: for who shares the same by its link
        """
        if not acting.is_customer(self.env):
            self._check_sendable()
        return super()._get_share_url(*args, **kwargs)

    # === INVOICES AND DUPLICATES === #

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Override of `sale`.

        :raises UserError: for orders on hold
        """
        self._check_invoiceable()
        return super()._create_invoices(grouped=grouped, final=final, date=date)

    def _fetch_duplicate_orders(self):
        """Override of `sale`, which does not ask whether the duplicates may be read."""
        found = super()._fetch_duplicate_orders()
        duplicates = self.browse(set().union(*found.values()))
        visible = set(duplicates._filtered_access("read").ids)
        return {order_id: ids & visible for order_id, ids in found.items()}
