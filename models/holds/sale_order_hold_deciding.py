"""A manager decides on what waits: it goes on, is refused, or is a colleague's."""

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from .sale_order_hold_resume import OrderChangedError


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"  # pylint: disable=consider-merging-classes-inherited

    # === ACTIONS === #

    def action_release(self):
        """Open the dialog that releases.

        Of several, the dialog tells which of them he may not release.

        :raises AccessError: to who may not decide
        """
        release = self.env._("Release")
        if all(hold.request_text for hold in self):
            release = self.env._("Lift for This Order")
        action = self._open_decision("release", release)
        if len(self) == 1:
            self._check_may_let_through()
        return action

    def action_refuse(self):
        """Open the dialog that refuses.

        :raises AccessError: to who may not decide
        """
        return self._open_decision("refuse", self.env._("Refuse"))

    def action_forward(self):
        """Open the dialog that hands the decision to a colleague."""
        return self._open_decision("forward", self.env._("Forward"))

    def _open_decision(self, decision, name):
        """Open the dialog that decides on what waits of these.

        :raises AccessError: for who may not decide
        :raises UserError: where nothing waits
        """
        self.check_access("read")
        self._check_decider()
        self._check_selected()
        if not self.filtered(lambda hold: hold.sudo().state == "held"):
            self._raise_decided()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "sale.order.hold.decision",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_decision": decision,
                "default_hold_ids": self.ids,
                # Of this moment, whenever the client saves the dialog.
                "default_seen": self._take_shown(),
                "default_leads_on": bool(self.env.context.get("leads_on")),
            },
        }

    # === RELEASING === #

    def _release(self, reason, last_day=None, shown=None):
        """Release the orders; they go on where they stopped.

        :param str reason: kept with the decision
        :param last_day: date until which the release counts; False for ever, None for
            as long as the company of each order says
        :param dict shown: what the release covers, see `_take_shown`; by default, the
            orders as they are, and as they become when they are confirmed
        :raises UserError, AccessError: nothing is decided then
        """
        self._check_decision(reason)
        self._check_four_eyes()
        self._check_may_let_through()
        self._check_last_day(last_day)
        if shown:
            self._let_go(reason, shown, last_day)
        else:
            self._let_go_as_it_becomes(reason, last_day)
        self._tell_salespeople()

    def _let_go_as_it_becomes(self, reason, last_day):
        """Release for code, which has been shown nothing: whatever each order becomes.

        :param last_day: see `_release`
        """
        shown = self._take_shown()
        # Each of them may become another one, once.
        for __ in self:
            changed = self._try_to_let_go(reason, shown, last_day)
            if not changed:
                return
            shown = {**shown, **changed}
        self._let_go(reason, shown, last_day)

    def _try_to_let_go(self, reason, shown, last_day):
        """Return what an order became if one did; nothing is released then."""
        try:
            with self.env.cr.savepoint():
                self._let_go(reason, shown, last_day)
        except OrderChangedError as error:
            return error.shown
        return {}

    def _let_go(self, reason, shown, last_day=None):
        """Write a release and let the orders go on. Trusted: no access check.

        :param dict shown: what the release covers, see `_take_shown`
        :param last_day: see `_release`
        """
        holds = self.sudo()
        holds._keep_shown(shown)
        for hold in holds:
            hold.write(hold._prepare_release(reason, shown[str(hold.id)], last_day))
        holds._finish_decision("released")
        self._resume(shown)
        holds._log_on_orders(lambda hold: hold._get_released_text())

    def _prepare_release(self, reason, shown, last_day):
        """Return the values of a release: the decision, bound to what was shown."""
        return {
            **self._prepare_decision("released", reason),
            "valid_until": self._get_valid_until(last_day),
            "decided_order": shown["order"],
            "decided_reasons": shown["reasons"],
        }

    def _get_valid_until(self, last_day):
        """Return the moment until which a release counts, False for ever."""
        if last_day is None:
            days = self.company_id._get_credit_setting("credit_hold_release_days")
            return days and fields.Datetime.now() + timedelta(days=days)
        if not last_day:
            return False
        return self.company_id._get_credit_day_end(last_day)

    # === REFUSING === #

    def _refuse(self, reason, cancel=None):
        """Refuse the orders and give back what was paid.

        :param str reason: kept with the decision
        :param cancel: cancel the orders; by default see `_ends_refused`
        :raises UserError, AccessError: nothing is decided then
        """
        self._check_decision(reason)
        self.sudo()._keep_shown(self._take_shown())
        self.sudo().write(self._prepare_decision("refused", reason))
        self._finish_decision("refused")
        self._log_on_orders(lambda hold: hold._get_refused_text())
        cancelled = self.filtered(
            lambda hold: hold._ends_refused() if cancel is None else cancel
        )
        for orders in cancelled._get_orders_to_act_on():
            orders.with_context(tracking_disable=True)._action_cancel()
        self.order_id.sudo()._give_back_payments()
        self._tell_salespeople()

    # === BOTH === #

    def _prepare_decision(self, state, reason):
        return {
            "state": state,
            "decided_by_id": self.env.uid,
            "decided_on": fields.Datetime.now(),
            "decision_reason": reason.strip(),
        }

    def _finish_decision(self, status):
        """Write the decision on the orders, which everybody sees again."""
        hidden = self.filtered(lambda hold: hold.handover == "hidden")
        self.order_id.sudo()._write_hold({"hold_status": status, "hold_hidden": False})
        hidden._end_hiding()
        self._close_activities()

    # === NEITHER === #

    def _forward(self, user, reason):
        """Hand the decision to another credit manager.

        :raises UserError: for who may not decide in the company of the orders
        """
        self._check_decision(reason)
        for company in self.sudo().company_id:
            if user not in company._get_hold_deciders():
                raise UserError(
                    self.env._(
                        "%(user)s may not decide on orders of %(company)s: choose a"
                        " credit manager of that company.",
                        user=user.name,
                        company=company.name,
                    )
                )
        self._close_activities()
        self.sudo().write({"responsible_id": user.id})
        for hold in self:
            hold.sudo().message_post(body=reason.strip())
        self._notify_responsible()

    def _withdraw(self):
        """Close holds of orders that were cancelled or reset to quotation; for sudo."""
        self.write({"state": "withdrawn", "decided_on": fields.Datetime.now()})
        self.filtered(lambda hold: hold.handover == "hidden")._end_hiding()
        self._close_activities()

    # === WHAT WAITS NEXT === #

    def _get_queue(self):
        """Return what waits for the user, beginning with what comes after these.

        The oldest first, as in the list; of the companies in which he decides.
        """
        waiting = self.search([("state", "=", "held")], order="id") - self
        companies = waiting.sudo().company_id.filtered(
            lambda company: self.env.user in company._get_hold_deciders()
        )
        waiting = waiting.filtered(lambda h: h.sudo().company_id in companies)
        after = waiting.filtered(lambda hold: hold.id > max(self.ids, default=0))
        return after + (waiting - after)

    def _get_next_action(self, message):
        """Lead to the next order that waits, or back to the list when none does.

        :param str message: what became of these
        :return: an action for the client, which closes the dialog first
        """
        queue = self._get_queue()
        if not queue:
            message = message + "\n" + self.env._("Nothing left to decide.")
        return {
            "type": "ir.actions.client",
            "tag": "credit_hold_next",
            "params": {"message": message, "res_ids": queue.ids},
        }
