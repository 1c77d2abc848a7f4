from datetime import date, timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools import format_date

from .. import acting
from ..res_company import HANDOVER_SELECTION


class SaleOrderHold(models.Model):
    """One order that waits, or waited, for the decision of a manager.

    Written by the methods below and never by hand: the rows are the history.
    """

    _name = "sale.order.hold"
    _description = "Order Hold"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_name = "order_id"

    order_id = fields.Many2one(
        "sale.order", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        compute_sudo=True,
        store=True,
        precompute=True,
        index=True,
    )
    salesperson_id = fields.Many2one(
        related="order_id.user_id", string="Salesperson", store=True, precompute=True
    )
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount_total = fields.Monetary(
        related="order_id.amount_total", string="Order Total"
    )
    payment_term_id = fields.Many2one(related="order_id.payment_term_id")
    state = fields.Selection(
        [
            ("held", "Held"),
            ("released", "Released"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        default="held",
        required=True,
        readonly=True,
        tracking=True,
    )
    handover = fields.Selection(HANDOVER_SELECTION, required=True, readonly=True)
    is_from_customer = fields.Boolean(string="Confirmed by the Customer", readonly=True)
    handed_over_by_id = fields.Many2one("res.users", readonly=True)
    request_text = fields.Text(
        string="Request", readonly=True, help="What who handed it over asks for."
    )
    is_for_quotation = fields.Boolean(
        string="Asks for a Quotation",
        readonly=True,
        help="Released, it stays a quotation, for its salesperson to go on with.",
    )
    responsible_id = fields.Many2one(
        "res.users", string="Who Decides", readonly=True, tracking=True, index=True
    )
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_on = fields.Datetime(readonly=True)
    decision_reason = fields.Text(readonly=True)
    valid_until = fields.Datetime(
        string="End of Validity",
        readonly=True,
        help="Until when a changed order may rely on the release.",
    )
    decided_order = fields.Json(readonly=True, help="The order as it was released.")
    decided_reasons = fields.Json(readonly=True, help="What the release covers.")
    hidden_from = fields.Json(readonly=True, help="What comes back after the decision.")

    _one_waiting_uniq = models.UniqueIndex(
        "(order_id) WHERE state = 'held'",
        "This order is waiting for a decision already.",
    )

    # === COMPUTE === #

    @api.depends("order_id.partner_invoice_id.commercial_partner_id")
    def _compute_partner_id(self):
        for hold in self:
            hold.partner_id = hold.order_id.partner_invoice_id.commercial_partner_id

    @api.depends("order_id.name")
    def _compute_display_name(self):
        """Override of `base`: who decides at the head office may not see the order."""
        for hold in self:
            hold.display_name = hold.order_id.sudo().display_name

    # === TEXTS === #

    def _get_waiting_text(self):
        """Return since when the order waits, for whom and why, without amounts.

        With what was asked, if somebody did.
        """
        hold = self.sudo()
        since = fields.Datetime.context_timestamp(self, hold.create_date).date()
        reasons = hold.reason_ids.with_env(self.env).sudo().mapped("text")
        return "\n".join(
            [
                self.env._(
                    "Held since %(date)s, waiting for the decision of %(manager)s.",
                    date=format_date(self.env, since),
                    manager=hold.responsible_id.name or self.env._("a credit manager"),
                ),
                *filter(None, [hold._get_request_text()]),
                *(reasons or [self._get_no_reason_text()]),
            ]
        )

    def _get_refused_text(self):
        """Return who refused the order, when, why, and what can be done."""
        return self._get_decided_text(
            self.env._("Refused by %(manager)s on %(date)s: %(reason)s")
        ) + self.env._("\nSet it to quotation to change it and confirm it again.")

    def _get_released_text(self):
        """Return who released the order, when and why, and what stops it still."""
        decided = self._get_decided_text(
            self.env._("Released by %(manager)s on %(date)s: %(reason)s")
        )
        return "\n".join(filter(None, [decided, self._get_stopped_text()]))

    def _get_decided_text(self, text):
        hold = self.sudo()
        when = fields.Datetime.context_timestamp(self, hold.decided_on).date()
        return text % {
            "manager": hold.decided_by_id.name,
            "date": format_date(self.env, when),
            "reason": hold.decision_reason,
        }

    # === ACTIONS === #

    def action_release(self):
        """Open the dialog that releases; raise AccessError to who may not decide.

        Of several, the dialog tells which of them he may not release.
        """
        release = self.env._("Release")
        if all(hold.request_text for hold in self):
            release = self.env._("Lift for This Order")
        action = self._open_decision("release", release)
        if len(self) == 1:
            self._check_may_let_through()
        return action

    def action_refuse(self):
        """Open the dialog that refuses; raise AccessError to who may not decide."""
        return self._open_decision("refuse", self.env._("Refuse"))

    def action_forward(self):
        """Open the dialog that hands the decision to a colleague."""
        return self._open_decision("forward", self.env._("Forward"))

    def action_open_order(self):
        """Open the order itself.

        :return: a window action
        :raise: AccessError for who may not see the order
        """
        self.ensure_one()
        self.check_access("read")
        self.sudo().order_id.sudo(self.env.su).check_access("read")
        return self.order_id._get_records_action()

    def _open_decision(self, decision, name):
        """Open the dialog that decides on what waits of these.

        :raise: AccessError for who may not decide, UserError where nothing waits
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

    # === HANDING OVER === #

    def _prepare_parking(self):
        """Return what is written on the order that waits: sent, unless it is a draft
        that nobody has confirmed.
        """
        self.ensure_one()
        vals = {"hold_status": "held", "hold_hidden": self.handover == "hidden"}
        return vals if self.is_for_quotation else {**vals, "state": "sent"}

    def _start_waiting(self):
        """Tell in the chatter of the orders, or hide the orders; as set.

        Who asked knows that he did.
        """
        visible = self.filtered(
            lambda hold: hold.handover == "visible" or hold.request_text
        )
        visible._log_on_orders(lambda hold: hold._get_waiting_text())
        self.filtered(lambda hold: hold.handover == "hidden")._start_hiding()

    def _notify_responsible(self):
        """Ask who decides, by an activity and a mail; called by an automated action.

        OdooBot asks: an author, or who made a record, reads the amounts that are in it.
        Odoo's own mail about an activity is left out where ours is sent.
        """
        template = self.env.ref(
            "account_credit_block.mail_template_order_held", raise_if_not_found=False
        )
        asked = self.with_user(SUPERUSER_ID).filtered("responsible_id")
        asked = asked.with_context(mail_activity_quick_update=bool(template))
        for hold in asked:
            told = hold.with_context(lang=hold.responsible_id.lang)
            note = (told._get_request_text(), told.reason_text)
            hold.activity_schedule(
                "account_credit_block.mail_activity_type_order_hold",
                user_id=hold.responsible_id.id,
                note=self.env["credit.document.note"]._get_body(note),
            )
        if template:
            template.with_user(SUPERUSER_ID).send_mail_batch(asked.ids)

    # === DECIDING === #

    def _release(self, reason, last_day=None, shown=None):
        """Release the orders; they go on where they stopped.

        :param str reason: kept with the decision
        :param last_day: date until which the release counts; False for ever, None for
            as long as the company of each order says
        :param dict shown: what the release covers, see `_take_shown`; by default, the
            orders as they are, and as they become when they are confirmed
        :raise: UserError, AccessError; nothing is decided then
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

    def _check_last_day(self, last_day):
        """Raise UserError for a release that would be worth nothing."""
        companies = self.sudo().company_id
        if last_day and any(last_day < c._get_credit_today() for c in companies):
            raise UserError(
                self.env._(
                    "A release cannot be valid until a day that is over: correct the"
                    " date."
                )
            )
        # The calendar has no moment after it.
        if last_day and last_day.year == date.max.year:
            raise UserError(
                self.env._("Leave the date empty for a release that is valid for ever.")
            )

    def _refuse(self, reason, cancel=None):
        """Refuse the orders and give back what was paid.

        :param str reason: kept with the decision
        :param cancel: cancel the orders; by default see `_ends_refused`
        :raise: UserError, AccessError; nothing is decided then
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

    def _ends_refused(self):
        """Say whether a refusal ends the order, unless who decides says otherwise.

        There is nothing to go back to: the customer confirmed it, or it could not be
        entered in the first place.
        """
        self.ensure_one()
        return self.is_from_customer or self.is_for_quotation

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

    def _close_activities(self):
        """Take the question from who was asked."""
        self.sudo().activity_ids.action_feedback()

    def _forward(self, user, reason):
        """Hand the decision to another credit manager.

        :raise: UserError for who may not decide in the company of the orders
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

    # === GUARDS === #

    def _check_decision(self, reason):
        """Raise unless the user may decide on these holds, now and with this reason.

        :raise: AccessError for who may not decide, UserError for what cannot be decided
        """
        self._check_decider()
        if not (reason or "").strip():
            raise UserError(self.env._("Give the reason of the decision."))
        self._lock_waiting()

    def _check_selected(self):
        """Raise UserError if there is nothing to decide on."""
        if not self:
            self.env["sale.order"]._check_selected()

    def _lock_waiting(self):
        """Raise UserError unless these holds wait, and nobody else is deciding."""
        self._check_selected()
        try:
            self.sudo().lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._("Somebody is deciding on these orders: try again.")
            ) from error
        # The lock is only worth what is read after it.
        self.sudo().invalidate_recordset(["state"])
        decided = self.filtered(lambda hold: hold.sudo().state != "held")
        if decided:
            decided._raise_decided()

    def _raise_decided(self):
        """Raise UserError for orders that a colleague has decided on meanwhile."""
        raise UserError(
            self.env._(
                "Nobody has to decide on these orders any more: %s",
                ", ".join(self.sudo().order_id.mapped("name")),
            )
        )

    def _filter_known(self):
        """Return the holds of which the user may know, without reading their figures.

        Who sees an order is told of its hold, unless that is a silent one.
        """
        readable = self._filtered_access("read")
        orders = (self - readable).sudo().order_id.with_env(self.env)
        told = orders._filtered_access("read").filtered(
            lambda order: order.hold_state == "held"
        )
        return readable | self.filtered(
            lambda hold: hold.sudo().order_id.id in told._ids
        )

    def _check_decider(self):
        """Raise AccessError unless the user decides in the companies of the orders."""
        if acting.is_system(self.env):
            return
        for company in self.sudo().company_id:
            if self.env.user not in company._get_hold_deciders():
                raise AccessError(
                    self.env._(
                        "Only those who decide on held orders of %(company)s can do"
                        " this. %(hint)s",
                        company=company.name,
                        hint=company.with_env(self.env)._get_hold_decider_hint(),
                    )
                )

    def _check_four_eyes(self):
        """Raise UserError for who would release what he handed over himself."""
        own = self.sudo().filtered(
            lambda hold: (
                hold.company_id._get_credit_setting("credit_hold_four_eyes")
                and hold.handed_over_by_id == self.env.user
            )
        )
        if own:
            raise UserError(
                self.env._(
                    "You handed these orders over yourself, a colleague has to release"
                    " them: %s",
                    ", ".join(own.order_id.mapped("name")),
                )
            )

    def _covers(self, finding):
        """Say whether this release is in force, and covers what is found now."""
        self.ensure_one()
        expired = self.valid_until and self.valid_until < fields.Datetime.now()
        decided = (self.decided_reasons or {}).get(finding.code)
        order = self.order_id
        return (
            not expired
            and decided is not None
            and order._is_decided_on(self.decided_order, order._take_fingerprint())
            and order._get_hold_reason(finding.code).is_covered(finding.data, decided)
        )

    # === TELLING === #

    def _tell_salespeople(self):
        """Tell who sold and who handed over what was decided, but not who decided."""
        for hold in self.sudo():
            users = hold.salesperson_id | hold.handed_over_by_id
            users = users.filtered(lambda u: not u.share) - self.env.user
            if users:
                hold.order_id.message_notify(
                    partner_ids=users.partner_id.ids,
                    subject=hold.order_id.name,
                    body=hold.with_context(lang=users[0].lang)._get_outcome_text(),
                )
        self.sudo()._answer()

    def _get_outcome_text(self):
        """Return the decision, for who is told of it."""
        if self.state == "released":
            return self._get_released_text()
        return self._get_refused_text()

    def _log_on_orders(self, describe):
        """Write one note in the chatter of each order, all in one batch."""
        holds = {hold.order_id.id: hold for hold in self.sudo()}
        orders = self.env["sale.order"].sudo().browse(holds)
        orders._message_log_batch({id_: describe(holds[id_]) for id_ in holds})
