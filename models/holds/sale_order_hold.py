from odoo import api, fields, models
from odoo.tools import format_date

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
    stopped_by = fields.Char(
        readonly=True, help="What another app asked when the order was to go on."
    )
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

    # === ACTIONS === #

    def action_open_order(self):
        """Open the order itself.

        :return: a window action
        :raises AccessError: for who may not see the order
        """
        self.ensure_one()
        self.check_access("read")
        self.sudo().order_id.sudo(self.env.su).check_access("read")
        return self.order_id._get_records_action()

    # === WHAT IT SAYS === #

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

    def _ends_refused(self):
        """Say whether a refusal ends the order, unless who decides says otherwise.

        There is nothing to go back to: the customer confirmed it, or it could not be
        entered in the first place.
        """
        self.ensure_one()
        return self.is_from_customer or self.is_for_quotation

    def _prepare_parking(self):
        """Return what is written on the order that waits: sent, unless it is a draft
        that nobody has confirmed.
        """
        self.ensure_one()
        vals = {"hold_status": "held", "hold_hidden": self.handover == "hidden"}
        return vals if self.is_for_quotation else {**vals, "state": "sent"}

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

    def _get_request_text(self):
        """Return who asks for what, empty if nobody does; for sudo."""
        self.ensure_one()
        return self.request_text and self.env._(
            "%(user)s asks: %(text)s",
            user=self.handed_over_by_id.name,
            text=self.request_text,
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

    def _get_stopped_text(self):
        """Return that a released order is not confirmed, and why; empty if it is."""
        hold = self.sudo()
        if hold.state != "released" or hold.order_id.state not in ("draft", "sent"):
            return ""
        if hold.is_for_quotation:
            return self.env._("It is a quotation again: send it, or confirm it.")
        return self.env._(
            "It is not confirmed yet. What another app asks first: %s\n"
            "Confirm it on its own form.",
            hold.stopped_by or self.env._("it does not say what."),
        )

    def _get_no_reason_text(self):
        """Return that nothing holds an order any more."""
        return self.env._(
            "None of the reasons to hold the order is left: check it again."
        )
