"""Whether a quotation may be entered, and sent to the customer."""

from odoo import api, models
from odoo.exceptions import UserError, ValidationError

from .. import acting
from ..call_marks import ASKING
from .reasons.base import HoldFinding


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    # === CONSTRAINS === #

    @api.constrains(lambda self: self._get_entry_names())
    def _check_credit_quotation(self):
        """Refuse a quotation for a blocked customer, however it is entered.

        Raise ValidationError, unless it is being asked for. What is cancelled can be
        corrected.
        """
        self.filtered(lambda order: order.state != "cancel")._check_entry()

    def _check_cancelled_entry(self):
        """The same of what is entered as cancelled, which the customer sees as well."""
        self.filtered(lambda order: order.state == "cancel")._check_entry()

    def _check_entry(self):
        """Refuse what blocked customers may not have entered, as a constraint does."""
        refused = self._find_refused_entries()
        asking = ASKING.get(self.env)
        if asking is not None:
            asking.update((order.id, verdict) for order, verdict in refused.items())
            return
        for order, verdict in refused.items():
            raise order._get_entry_refusal(verdict)

    # === WHAT IS REFUSED === #

    def _find_refused_entries(self):
        """Return a dict from order to the `CreditVerdict` that refuses it as quotation.

        A cart is exempt while the website fills it; the customer is stopped before
        paying. So is what waits to be let in, or has been.
        """
        quotations = self.filtered(lambda order: order.state != "sale")
        if acting.is_website(self.env):
            quotations -= quotations.filtered(
                lambda order: order.state == "draft" and order._is_from_website()
            )
        refused = {}
        for order, verdict in quotations._get_credit_verdicts("quotation").items():
            company = order.company_id
            forbids = verdict.policy in company._get_forbidding_policies()
            if forbids and not order._is_let_in(verdict):
                refused[order] = verdict
        return refused

    def _is_let_in(self, verdict):
        """Say whether a refused quotation waits for the decision, or has had it.

        :param verdict: the `CreditVerdict` that refuses it
        """
        order = self.sudo()
        if order.hold_status == "held":
            return order.hold_ids[:1].is_for_quotation
        finding = HoldFinding("level", {"block_ids": list(verdict.block_ids)})
        return order.hold_status == "released" and order.hold_ids[:1]._covers(finding)

    def _get_entry_refusal(self, verdict):
        """Return the error that refuses this order as a quotation, to be raised.

        :param verdict: the `CreditVerdict` that refuses it
        """
        error = ValidationError(
            self._get_credit_refusal_text(
                self.env._("No quotation can be entered for this customer."),
                verdict.text,
            )
        )
        return self._explain_entry(error, verdict)

    # === A NEW STATE, A NEW CUSTOMER === #

    def _filter_given(self, vals):
        """Return the orders that these values give to another customer."""
        if "partner_id" not in vals:
            return self.browse()
        return self.filtered(lambda order: order.partner_id.id != vals["partner_id"])

    def _get_states_before(self, vals):
        """Return a dict from order id to its state, where the state is written.

        What waits to be let in, or was not, is no quotation yet.
        """
        if "state" not in vals:
            return {}
        return {
            order.id: "asked" if order.sudo()._is_asked_for() else order.state
            for order in self
        }

    def _check_entering(self, before):
        """Ask about the orders that a new state makes a sale, or a quotation again.

        :param dict before: order id to state
        """
        changed = self.filtered(lambda o: before.get(o.id, o.state) != o.state)
        sold = changed.filtered(lambda o: o.state == "sale")
        sold._check_rate_of_today()
        sold._check_credit_confirmation()
        if acting.is_system(self.env):
            return
        # Who sends the customer's cart makes it a quotation.
        changed.filtered(
            lambda o: before[o.id] not in ("draft", "sent") or o._is_from_website()
        )._check_credit_quotation()

    # === SENDING === #

    def _check_sendable(self):
        """Raise UserError for who sends a quotation that nobody has let him enter.

        Or one that has become more than what was let in. Raise AccessError for who may
        not read it.
        """
        if acting.is_system(self.env):
            return
        self.check_access("read")
        for order in self:
            if order.sudo()._is_asked_for():
                raise UserError(order._get_on_hold_refusal())
        let_in = self.filtered(lambda order: order.sudo()._was_let_in())
        for order, verdict in let_in._find_refused_entries().items():
            raise UserError(order._get_more_than_released_refusal(verdict))

    def _get_more_than_released_refusal(self, verdict):
        """Return why a quotation that was released cannot be sent any more.

        :param verdict: the `CreditVerdict` that refuses it
        """
        refusal = self.env._(
            "The quotation %s is not what was released any more, and cannot be sent."
            " Change it back, or have it decided on anew.",
            self.name,
        )
        return self._get_credit_refusal_text(refusal, verdict.text)
