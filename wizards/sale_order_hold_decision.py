from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models import named_records, notification
from ..models.holds.sale_order_hold_resume import OrderChangedError


class SaleOrderHoldDecision(models.TransientModel):
    """Dialog in which a credit manager decides on one held order, or on several."""

    _name = "sale.order.hold.decision"
    _inherit = ["credit.reach"]
    _description = "Decide on Held Orders"

    decision = fields.Selection(
        [
            ("release", "Release"),
            ("lift", "Lift the Block"),
            ("refuse", "Refuse"),
            ("forward", "Forward"),
        ],
        required=True,
        default="release",
    )
    hold_ids = fields.Many2many("sale.order.hold", required=True, readonly=True)
    is_request = fields.Boolean(
        compute="_compute_is_request", help="Somebody asked for all of these."
    )
    reason = fields.Text(required=True)
    reason_hint = fields.Char(compute="_compute_reason_hint")
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
    no_decider_text = fields.Text(compute="_compute_no_decider_text")
    block_text = fields.Text(
        string="What Is Lifted", compute="_compute_block_text", compute_sudo=False
    )
    leads_on = fields.Boolean(
        readonly=True, help="The next order that waits is opened afterwards."
    )
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
    def _compute_is_request(self):
        for wizard in self:
            wizard.is_request = all(wizard.hold_ids.mapped("request_text"))

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

    @api.depends("decider_ids")
    @api.depends_context("lang")
    def _compute_no_decider_text(self):
        """Why nobody can be chosen to decide instead."""
        for wizard in self:
            nobody = wizard.decision == "forward" and not wizard.decider_ids
            wizard.no_decider_text = nobody and wizard._get_no_decider_text()

    def _get_no_decider_text(self):
        companies = self.hold_ids.company_id.sudo()
        if len(companies) > 1:
            return self.env._(
                "Nobody else decides on the orders of all these companies: forward"
                " those of one company at a time."
            )
        if companies.credit_hold_user_ids:
            return self.env._(
                "Nobody but you is chosen to decide on held orders of %s. Add a"
                " colleague in Settings, under Order Holds.",
                companies.name,
            )
        return self.env._(
            "You are the only credit manager of %s. An administrator can give a"
            " colleague the right: Credit Control, Manager.",
            companies.name,
        )

    @api.depends("decision", "user_id")
    @api.depends_context("lang")
    def _compute_reason_hint(self):
        """Who will read the reason."""
        for wizard in self:
            if wizard.decision != "forward":
                hint = self.env._("Why? Whoever sold the order will read this…")
            elif wizard.user_id:
                hint = self.env._(
                    "Why? %s will read this, the salesperson will not…",
                    wizard.user_id.name,
                )
            else:
                hint = self.env._(
                    "Why? Your colleague will read this, the salesperson will not…"
                )
            wizard.reason_hint = hint

    @api.depends("hold_ids")
    @api.depends_context("lang", "tz")
    def _compute_block_text(self):
        """Which blocks are lifted, and of whom."""
        for wizard in self:
            lifting = wizard.hold_ids.filtered(lambda h, w=wizard: w.decision == "lift")
            blocks = lifting._origin._get_holding_blocks()._sort_by_importance()
            names = blocks.with_env(self.env).sudo().mapped("display_name")
            wizard.block_text = "\n".join(names)

    def action_apply(self):
        """Decide on the orders; one that cannot go on does not stop the others.

        :return: an action that closes the dialog, with what could not be done
        :raises UserError: when nothing could be decided
        :raises AccessError: to who may not
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
        if waiting and self.decision in ("release", "lift"):
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
        lift = self.env._("Lift the Block and Release")
        return {
            "type": "ir.actions.act_window",
            "name": lift if self.decision == "lift" else self.env._("Release"),
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
        elif self.decision == "lift":
            holds._lift(self.reason, self.valid_until, self._get_shown())
        elif self.decision == "refuse":
            holds._refuse(self.reason, cancel=self.outcome == "cancel")
        elif not self.user_id:
            raise UserError(self.env._("Choose who has to decide instead."))
        else:
            holds._forward(self.user_id, self.reason)

    def _get_closing_action(self, failures):
        if not failures and self.leads_on:
            return self.hold_ids._get_next_action(self._get_done_text())
        if not failures:
            return notification.close()
        return notification.tell("\n".join(failures.values()), "danger", sticky=True)

    def _get_done_text(self):
        """Return what became of the orders, for a short notice."""
        orders = ", ".join(self.hold_ids.sudo().order_id.mapped("name"))
        if self.decision == "release":
            return self.env._("%s: released.", orders)
        if self.decision == "lift":
            return self.env._("%s: block lifted and order released.", orders)
        if self.decision == "refuse":
            return self.env._("%s: refused.", orders)
        return self.env._(
            "%(orders)s: forwarded to %(user)s.", orders=orders, user=self.user_id.name
        )
