"""A salesperson asks for what is refused to him: what he has entered waits for it.

The quotation that may not be entered is saved as one that waits, in the same call, and
with the rights of who enters it: nothing of his work is lost, nothing leaves the house,
and who decides sees all of it.
"""

from collections import defaultdict
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .. import acting
from ..call_marks import ASKING
from .sale_order_hold_telling import ANSWER


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    credit_request = fields.Text(
        string="Request to the Credit Manager",
        store=False,
        copy=False,
        groups="base.group_user",
        help="Written together with a quotation that may not be entered: it waits for a"
        " decision then, instead of being refused.",
    )

    # === ASKING === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale`: what is asked for is entered, and waits.

        :raises AccessError: to who does not sell
        :raises UserError: for a request without words, or where nobody decides
        :raises ValidationError: as without a request
        """
        requests = [vals.get("credit_request") for vals in vals_list]
        if not any(map(_is_request, requests)):
            return super().create(vals_list)
        self._check_may_ask(*filter(_is_request, requests))
        rest = [_leave_out_request(vals) for vals in vals_list]
        with ASKING.set(self.env, {}) as refused:
            orders = super().create(rest)
            asking = defaultdict(self.browse)
            for order, text in zip(orders, requests, strict=True):
                asking[text] |= order
            for text in filter(None, asking):
                asking[text]._ask_about_refused(text, refused)
            self._raise_refused(refused)
        return orders

    def write(self, vals):
        """Override of `sale`: the same for what becomes a quotation to be refused.

        Raise the same. UserError, too, for who sends the customer what nobody has let
        him quote, or asks for what waits already or was refused.
        """
        state, text = vals.get("state"), vals.get("credit_request")
        if state == "sent":
            self.check_access("write")
            self._check_sendable()
        rest = _leave_out_request(vals)
        if _is_request(text):
            with self._asking(text, again=state == "draft"):
                res = super().write(rest)
        else:
            res = super().write(rest)
        if state == "sale":
            self._close_answers()
        return res

    @contextmanager
    def _asking(self, request, again):
        """Let wait what is refused as a quotation after what is written within this.

        :param again: what was asked before is taken back by it
        :raises AccessError, UserError: as `write` does
        """
        self._check_writer()
        self._check_may_ask(request)
        if not again:
            self._check_invoiceable()
        with ASKING.set(self.env, {}) as refused:
            yield
            # What was let in, and has become more, is asked for anew.
            self._check_credit_quotation()
            self._ask_about_refused(request, refused)
            self._raise_refused(refused)

    def action_ask_to_confirm(self, request):
        """Hand over what may not be confirmed, with a request to let it through.

        What nothing stops any more is confirmed.

        :param str request: why, in a sentence, for who decides
        :return: what `action_confirm_or_hold` returns
        :raises UserError: without a sentence, for orders that wait already or when core
            objects
        :raises AccessError: for who neither sells nor may write these orders
        """
        self._check_selected()
        self._check_seller()
        self._check_may_ask(request)
        for error in self._get_core_confirmation_errors():
            raise UserError(error)
        self._check_invoiceable()
        with self._share_confirmation_check() as found:
            held = self.filtered(lambda order: order in found)
            result = (self - held).action_confirm() if self - held else True
            if held:
                held._ask(request, found)
        return held._get_set_aside_action(held, {}) if held else result

    def _ask(self, request, found, **how):
        """Hand these orders over with a request; trusted: no access check.

        Who asks knows of it: nothing is hidden from him.

        :param dict found: see `_hand_over`
        :param how: see `_hand_over`
        :return: the new `sale.order.hold` records
        :raises UserError: where nobody decides
        """
        asked = self.env["sale.order.hold"]
        for company, orders in self.sudo().grouped("company_id").items():
            handover = company._get_credit_setting("credit_hold_handover")
            asked |= orders.with_env(self.env)._hand_over(
                found,
                request_text=request.strip(),
                responsible_id=orders._get_asked_user().id,
                handover="visible" if handover == "visible" else "silent",
                **how,
            )
        return asked

    def _ask_about_refused(self, request, refused):
        """Let those of these quotations wait that are refused, with a request.

        :param dict refused: order id to `CreditVerdict`; what waits is taken out of it
        """
        # What Odoo computes of the customer is refused when it is written.
        self.flush_recordset()
        asked = self.filtered(lambda order: order.id in refused)
        if not asked:
            return
        asked._check_invoiceable()
        asked._take_back_sent()
        # While all of them are known as refused: that is a reason to wait.
        found = asked._find_hold_reasons()
        asked._ask(request, found, is_for_quotation=True)
        for order in asked:
            del refused[order.id]

    def _take_back_sent(self):
        """Make drafts of what counts as sent: nothing of it is offered any more."""
        sent = self.sudo().filtered(lambda order: order.state == "sent")
        sent._write_hold({"state": "draft"})

    def _raise_refused(self, refused):
        """Raise ValidationError for what was refused without a request.

        :param dict refused: order id to `CreditVerdict`
        """
        for order_id, verdict in refused.items():
            raise self.browse(order_id)._get_entry_refusal(verdict)

    def _close_answers(self):
        """Take the answer from who has gone on with it."""
        released = self.sudo().filtered(lambda order: order.hold_status == "released")
        if released:
            released.activity_feedback([ANSWER])

    # === GUARDS === #

    def _check_may_ask(self, *requests):
        """Raise AccessError to who does not sell, UserError for an empty sentence."""
        if acting.is_website(self.env) or not acting.is_seller(self.env):
            raise AccessError(self._get_no_seller_text())
        if not all(isinstance(text, str) and text.strip() for text in requests):
            raise UserError(self.env._("Say in one sentence why you ask."))

    def _get_asked_user(self):
        """Return who is asked about orders of a company: a colleague, if there is one.

        :raises UserError: where nobody decides
        """
        deciders = self.company_id._get_hold_deciders()
        if not deciders:
            raise UserError(self.company_id.with_env(self.env)._get_hold_decider_hint())
        forbidding = self._get_blocks_in_the_way(forbidding=True)
        deciders = forbidding._filter_who_may_change(deciders)
        return (deciders - self.env.user or deciders)[:1]

    # === TAKING BACK === #

    def action_draft(self):
        """Override of `sale`: take back what was asked of a draft, which is one still.

        Raise ValidationError when that leaves a quotation that may not be entered.
        """
        drafts = self.filtered(lambda order: order.state == "draft")
        asked = drafts.filtered(lambda order: order.sudo()._is_asked_for())
        res = super().action_draft()
        asked.write({"state": "draft"})
        return res


def _is_request(text):
    """Say whether something is asked; of whatever a client sends."""
    return text not in (None, False, "")


def _leave_out_request(vals):
    if "credit_request" not in vals:
        return vals
    return {name: value for name, value in vals.items() if name != "credit_request"}
