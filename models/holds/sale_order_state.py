"""Where an order stands between its salesperson and who decides, and who may know."""

from odoo import api, fields, models
from odoo.fields import Domain

from .. import acting
from ..call_marks import ASKING

HOLD_STATES = [
    ("none", "Not held"),
    ("held", "Held"),
    ("released", "Released"),
    ("refused", "Refused"),
]
# Written by decisions only.
HOLD_FIELDS = {"hold_state", "hold_status", "hold_hidden", "hold_ids"}


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    hold_status = fields.Selection(
        HOLD_STATES[1:],
        string="Hold (technical)",
        copy=False,
        readonly=True,
        groups="account_credit_block.group_credit_user",
    )
    hold_hidden = fields.Boolean(
        copy=False,
        readonly=True,
        groups="account_credit_block.group_credit_user",
        help="Only credit managers and the customer see the order until the decision.",
    )
    hold_state = fields.Selection(
        HOLD_STATES,
        string="Hold",
        compute="_compute_hold_state",
        search="_search_hold_state",
        groups="base.group_user",
        help="Where the order stands between the salesperson and the credit manager.",
    )
    hold_ids = fields.One2many(
        "sale.order.hold",
        "order_id",
        string="Holds",
        copy=False,
        readonly=True,
        groups="account_credit_block.group_credit_user",
    )
    hold_banner = fields.Text(compute="_compute_hold_banner", groups="base.group_user")
    hold_count = fields.Integer(
        compute="_compute_hold_count", groups="account_credit_block.group_credit_user"
    )

    # Whoever writes, with whatever rights and by whatever means.
    _confirmed_is_not_on_hold = models.Constraint(
        "CHECK (state IS DISTINCT FROM 'sale'"
        " OR hold_status IS NULL OR hold_status NOT IN ('held', 'refused'))",
        "An order that waits for a decision, or was refused, cannot be confirmed.",
    )
    _hold_status_idx = models.Index("(hold_status) WHERE hold_status = 'held'")

    # === COMPUTE AND SEARCH === #

    @api.depends("hold_status")
    @api.depends_context("uid", "su")
    def _compute_hold_state(self):
        """What the reader may know: a silent hold does not show to salespeople."""
        for order in self:
            told = order._may_know_hold()
            order.hold_state = (told and order._origin.sudo().hold_status) or "none"

    def _may_know_hold(self):
        """Say whether the reader may know that the order is held: not of a silent or a
        hidden hold, unless he sees them. Who sells has asked for some himself.
        """
        self.ensure_one()
        known = self._origin.sudo()
        if acting.is_system(self.env) or known.hold_status != "held":
            return True
        if known.hold_hidden:
            return not self._filter_hidden()
        told = acting.is_credit_user(self.env) or known.hold_ids[:1].request_text
        return bool(told) or not known._is_held_silently()

    def _search_hold_state(self, operator, value):
        """Find orders by what the reader may know of their holds."""
        # The ORM asks who may read a field only where it is a column.
        self._check_field_access(self._fields["hold_state"], "read")
        if operator != "in":
            return NotImplemented
        known = Domain("hold_status", "in", [v or False for v in value if v != "none"])
        if "none" in value or False in value:
            known |= Domain("hold_status", "=", False)
        silent = Domain(
            "hold_ids",
            "any",
            [
                ("state", "=", "held"),
                ("handover", "=", "silent"),
                ("request_text", "=", False),
            ],
        )
        if not acting.is_system(self.env) and not acting.is_credit_user(self.env):
            known = known | silent if "none" in value else known & ~silent
        return Domain("id", "in", self.sudo()._search(known))

    @api.depends("hold_status", "state")
    @api.depends_context("uid", "lang", "tz")
    def _compute_hold_banner(self):
        """Where the order stands, for who may know; reasons without amounts."""
        for order in self:
            # Of what is saved: a form could name the holds of others.
            saved = order._origin
            state = saved.hold_state
            hold = saved.sudo().hold_ids[:1].sudo(self.env.su)
            texts = {
                "held": hold._get_waiting_text,
                "refused": hold._get_refused_text,
                "released": hold._get_released_text,
            }
            order.hold_banner = texts[state]() if state in texts and hold else False

    @api.depends("hold_ids")
    def _compute_hold_count(self):
        for order in self:
            order.hold_count = len(order.hold_ids)

    # === WHO WRITES IT === #

    @api.model
    def _get_closed_names(self):
        """Override: nobody else fills in decisions."""
        return super()._get_closed_names() | HOLD_FIELDS

    def _get_closed_text(self, name):
        """Override: who decides on orders."""
        if name in HOLD_FIELDS:
            return self.env._("Orders are held, released and refused by their buttons.")
        return super()._get_closed_text(name)

    def _write_hold(self, vals):
        """Write where orders stand between salesperson and manager; for sudo.

        That is nobody's business but ours: OCA's approvals, which let nothing be
        written on what waits for them, are asked by this key of theirs to look away.
        """
        self.with_context(tracking_disable=True, skip_validation_check=True).write(vals)

    # === WHAT IT SAYS === #

    def _is_on_hold(self):
        """Say whether the order waits for a decision or was refused; for sudo."""
        self.ensure_one()
        return self.hold_status in ("held", "refused")

    def _is_held_silently(self):
        """Say whether only the credit managers are told; for sudo."""
        self.ensure_one()
        return self.hold_status == "held" and self.hold_ids[:1].handover == "silent"

    def _is_under_review(self):
        """Say whether the customer reads that the order is being reviewed; for sudo.

        He has ordered nothing where it is a quotation that is asked for.
        """
        self.ensure_one()
        return (
            self.hold_status == "held"
            and not self._is_held_silently()
            and not self.hold_ids[:1].is_for_quotation
        )

    def _was_let_in(self):
        """Say whether this is a quotation that somebody has released; for sudo."""
        return self.hold_status == "released" and self.hold_ids[:1].is_for_quotation

    def _is_asked_for(self):
        """Say whether this is a quotation that waits, or was refused; for sudo."""
        return self._is_on_hold() and self.hold_ids[:1].is_for_quotation

    def _filter_asked_for(self):
        """Return those of these that wait to be let in as quotations; for sudo."""
        asking = ASKING.get(self.env) or {}
        waiting = self.filtered(lambda order: order.hold_status == "held").hold_ids
        asked = waiting.filtered(lambda h: h.state == "held" and h.is_for_quotation)
        asked_ids = {*asking, *asked.order_id.ids}
        return self.filtered(lambda order: order.id in asked_ids)
