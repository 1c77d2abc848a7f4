from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models import named_records
from ..models.sale_order_hold_resume import OrderChangedError


class SaleOrderHoldDecision(models.TransientModel):
    """Dialog in which a credit manager decides on one held order, or on several."""

    _name = "sale.order.hold.decision"
    _inherit = ["credit.dialog"]
    _description = "Decide on Held Orders"

    decision = fields.Selection(
        [("release", "Release"), ("refuse", "Refuse"), ("forward", "Forward")],
        required=True,
        default="release",
    )
    hold_ids = fields.Many2many("sale.order.hold", required=True, readonly=True)
    reason = fields.Text(required=True)
    outcome = fields.Selection(
        [
            ("cancel", "Cancel the order"),
            ("return", "Give it back to the salesperson"),
        ],
        string="What Becomes of the Order",
        compute="_compute_outcome",
        compute_sudo=False,
        store=True,
        readonly=False,
    )
    valid_until = fields.Date(
        compute="_compute_valid_until",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="Last day on which the order may still be changed, up to what is released,"
        " without a new decision. Empty for ever.",
    )
    user_id = fields.Many2one(
        "res.users", string="Forward To", domain="[('id', 'in', decider_ids)]"
    )
    decider_ids = fields.Many2many("res.users", compute="_compute_decider_ids")
    seen = fields.Json(
        default=lambda self: self._default_seen(),
        readonly=True,
        help="The orders and their reasons as the manager saw them.",
    )
    became = fields.Json(
        copy=False,
        groups=fields.NO_ACCESS,
        help="The same of orders that changed while they were confirmed.",
    )
    changed_text = fields.Text(string="What Has Changed", readonly=True)
    shown_text = fields.Text(string="What Is Decided", compute="_compute_shown_text")

    def _default_seen(self):
        ids = named_records.read_ids(self.env.context.get("default_hold_ids"))
        holds = self.env["sale.order.hold"].browse(ids)
        holds.check_access("read")
        return holds._take_shown()

    @api.depends("hold_ids")
    @api.depends_context("lang", "tz")
    def _compute_shown_text(self):
        """What the decision is about, as it is when the dialog opens."""
        for wizard in self:
            wizard.shown_text = wizard.hold_ids._origin._get_shown_text()

    @api.depends("hold_ids")
    def _compute_outcome(self):
        for wizard in self:
            ended = all(hold._ends_refused() for hold in wizard.hold_ids)
            wizard.outcome = "cancel" if ended else "return"

    @api.depends("hold_ids")
    def _compute_valid_until(self):
        """Propose what the company says; of several, the shortest."""
        for wizard in self:
            companies = wizard.hold_ids.company_id.sudo()
            setting = "credit_hold_release_days"
            days = [c._get_credit_setting(setting) for c in companies]
            shortest = min(filter(None, days), default=0)
            today = min((c._get_credit_today() for c in companies), default=False)
            wizard.valid_until = shortest and today + timedelta(days=shortest)

    @api.depends("hold_ids")
    def _compute_decider_ids(self):
        for wizard in self:
            deciders = [c._get_hold_deciders() for c in wizard.hold_ids.company_id]
            allowed = deciders[0] if deciders else self.env["res.users"]
            for others in deciders[1:]:
                allowed &= others
            wizard.decider_ids = allowed - self.env.user

    def action_apply(self):
        """Decide on the orders; one that cannot go on does not stop the others.

        :return: an action that closes the dialog, with what could not be done
        :raise: UserError when nothing could be decided, AccessError to who may not
        """
        self.ensure_one()
        self.check_access("write")
        self.hold_ids.check_access("read")
        self.hold_ids._check_decider()
        self.hold_ids._check_selected()
        self._check_still_the_same()
        changed = {}
        failures = self._decide_together(changed)
        if changed:
            return self._show_changed(changed, failures)
        if failures and len(failures) == len(self.hold_ids):
            raise UserError("\n".join(failures.values()))
        return self._get_closing_action(self._add_stopped(failures))

    def _check_still_the_same(self):
        """Raise UserError when what is released is no more what the manager saw.

        Of several, before any of them is decided on: each one counts for the others.
        """
        waiting = self.hold_ids.filtered(lambda hold: hold.sudo().state == "held")
        if waiting and self.decision == "release":
            waiting._lock_waiting()
            waiting._check_still_shown(self._get_shown())

    def _get_shown(self):
        """Return what the manager saw, by hold id as text; see `_take_shown`.

        What a client sends counts as far as it is an order and its reasons, to be
        compared with today's: what was before that only the server tells.
        """
        seen = self.seen if isinstance(self.seen, dict) else {}
        shown = {
            key: value
            for key, value in seen.items()
            if isinstance(value, dict) and "before" not in value
        }
        return {**shown, **(self.sudo().became or {})}

    def _decide_together(self, changed):
        """Decide on all at once, or on each alone when one of them objects.

        :param dict changed: to be filled with what orders became, by hold id as text
        :return: a dict from hold to what it objected
        """
        if len(self.hold_ids) == 1:
            text = self._try_to_decide(self.hold_ids, changed, must=True)
            return {self.hold_ids: text} if text else {}
        try:
            with self.env.cr.savepoint():
                self._decide(self.hold_ids)
                return {}
        except UserError:
            return self._decide_one_by_one(changed)

    def _decide_one_by_one(self, changed):
        failures = {hold: self._try_to_decide(hold, changed) for hold in self.hold_ids}
        return {hold: text for hold, text in failures.items() if text}

    def _try_to_decide(self, hold, changed, must=False):
        """Decide on one order; return what it objected, nothing else.

        :param dict changed: see `_decide_together`
        :param must: raise what it objects, but for having changed
        """
        try:
            with self.env.cr.savepoint():
                self._decide(hold)
        except OrderChangedError as error:
            changed.update(error.shown)
            return error.args[0]
        except UserError as error:
            if must:
                raise
            name = hold.sudo().order_id.name
            return self.env._("%(order)s: %(text)s", order=name, text=error.args[0])
        return ""

    def _show_changed(self, changed, failures):
        """Open the dialog again on what orders become when they are confirmed.

        The others are decided on, or say in it what they objected.

        :return: a window action
        """
        holds = self.hold_ids.filtered(lambda hold: str(hold.id) in changed)
        text = "\n\n".join(self._add_stopped(failures).values())
        self.write({"hold_ids": [fields.Command.set(holds.ids)], "changed_text": text})
        self.sudo().became = changed
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Release"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _add_stopped(self, failures):
        """Return the same with what stops released orders still."""
        stopped = {
            hold: hold.sudo().order_id.name + ": " + hold._get_released_text()
            for hold in self.hold_ids
            if hold._get_stopped_text()
        }
        return {**failures, **stopped}

    def _decide(self, holds):
        if self.decision == "release":
            holds._release(self.reason, self.valid_until, self._get_shown())
        elif self.decision == "refuse":
            holds._refuse(self.reason, cancel=self.outcome == "cancel")
        elif not self.user_id:
            raise UserError(self.env._("Choose who has to decide instead."))
        else:
            holds._forward(self.user_id, self.reason)

    def _get_closing_action(self, failures):
        close = {"type": "ir.actions.act_window_close"}
        if not failures:
            return close
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger",
                "sticky": True,
                "message": "\n".join(failures.values()),
                "next": close,
            },
        }
