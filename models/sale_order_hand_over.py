from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from . import acting, order_fingerprint
from .hold_reasons import REASONS

HOLD_STATES = [
    ("none", "Not held"),
    ("held", "Held"),
    ("released", "Released"),
    ("refused", "Refused"),
]
# What a decision on an order is about; amounts follow from the lines.
WATCHED_FIELDS = {
    "partner_id",
    "partner_invoice_id",
    "partner_shipping_id",
    "payment_term_id",
    "preferred_payment_method_line_id",
    "currency_id",
    "order_line",
}


class SaleOrder(models.Model):
    """Handing an order over to a manager, and what becomes of it."""

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
        may_know = acting.is_system(self.env) or acting.is_credit_user(self.env)
        for order in self:
            known = order.sudo()
            told = may_know or not known._is_held_silently()
            order.hold_state = (told and known.hold_status) or "none"

    def _search_hold_state(self, operator, value):
        """Find orders by what the reader may know of their holds."""
        if operator != "in":
            return NotImplemented
        known = Domain("hold_status", "in", [v or False for v in value if v != "none"])
        if "none" in value or False in value:
            known |= Domain("hold_status", "=", False)
        silent = Domain("hold_ids.state", "=", "held") & Domain(
            "hold_ids.handover", "=", "silent"
        )
        if not acting.is_system(self.env) and not acting.is_credit_user(self.env):
            known = known | silent if "none" in value else known & ~silent
        return Domain("id", "in", self.sudo()._search(known))

    @api.depends("hold_status")
    @api.depends_context("uid", "lang", "tz")
    def _compute_hold_banner(self):
        """Where the order stands, for who may know; reasons without amounts."""
        for order in self:
            state = order.hold_state
            hold = order.sudo().hold_ids[:1].sudo(self.env.su)
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

    def _is_on_hold(self):
        """Say whether the order waits for a decision or was refused; for sudo."""
        self.ensure_one()
        return self.hold_status in ("held", "refused")

    def _is_held_silently(self):
        """Say whether only the credit managers are told; for sudo."""
        self.ensure_one()
        return self.hold_status == "held" and self.hold_ids[:1].handover == "silent"

    def _is_under_review(self):
        """Say whether the customer reads that the order is being reviewed; for sudo."""
        self.ensure_one()
        return self.hold_status == "held" and not self._is_held_silently()

    # === ACTIONS === #

    def action_confirm_or_hold(self):
        """Confirm these quotations; hand over those a manager has to decide on.

        Of several, those that are refused or handed over do not stop the others.

        :return: what `action_confirm` returns, or a notification of what was set aside
        :raise: UserError when every order is refused, or when core objects
        """
        for error in self._get_core_confirmation_errors():
            raise UserError(error)
        with self._share_confirmation_check() as found:
            refusals = self._get_outright_refusals(found)
            held = self.filtered(lambda o: o in found and o not in refusals)
            confirmed = self - held - self.browse().union(*refusals)
            if not held and not confirmed:
                raise UserError("\n\n".join(refusals.values()))
            if held:
                held._hand_over(found)
            result = confirmed.action_confirm() if confirmed else True
        if not held and not refusals:
            return result
        return self._get_set_aside_action(held, refusals)

    def action_release_hold(self):
        """Open the dialog that releases these orders; raise AccessError to others."""
        return self._get_open_holds().action_release()

    def action_refuse_hold(self):
        """Open the dialog that refuses these orders; raise AccessError to others."""
        return self._get_open_holds().action_refuse()

    def action_recheck_hold(self):
        """Let held orders go on whose reasons are gone, for example since they paid.

        :return: True
        :raise: UserError when every reason still stands
        """
        self._get_open_holds()._recheck()
        return True

    def action_open_holds(self):
        """Open the decisions on this order (smart button).

        :return: a window action
        """
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_block.sale_order_hold_action_history"
        )
        holds = self.hold_ids
        action["domain"] = [("id", "in", holds.ids)]
        if len(holds) == 1:
            action.update(view_mode="form", res_id=holds.id, views=[(False, "form")])
        return action

    def _get_outright_refusals(self, found):
        """Return a dict from order to text, of those that cannot be handed over."""
        refusals = {}
        for order in self:
            findings = found.get(order, ())
            if order.sudo()._is_on_hold():
                refusals[order] = order._get_on_hold_refusal()
            elif any(finding.forbids for finding in findings):
                refusals[order] = order._get_reasons_refusal(findings)
        return refusals

    def _get_on_hold_refusal(self):
        """Return why an order on hold cannot be confirmed, for who is acting."""
        hold = self.sudo().hold_ids[:1].with_env(self.env)
        if self.sudo().hold_status == "refused":
            refusal = self.env._("This order was refused.")
            reason = hold._get_refused_text()
        else:
            refusal = self.env._("This order is waiting for a decision.")
            # Who may not know of a silent hold is not told its reason either.
            reason = "" if self.hold_state == "none" else hold._get_waiting_text()
        return self._get_credit_refusal_text(refusal, reason)

    def _get_set_aside_action(self, held, refusals):
        """Tell what was not confirmed, and lead back to where the user may be."""
        lines = [
            self.env._("%(order)s: %(text)s", order=order.name, text=text)
            for order, text in refusals.items()
        ]
        handovers = {
            company._get_credit_setting("credit_hold_handover")
            for company in held.sudo().company_id
        }
        if held:
            lines.insert(0, self._get_handed_over_text(held, handovers))
        params = {
            "type": "danger" if refusals else "info",
            "sticky": bool(refusals),
            "message": "\n".join(lines),
            "next": {"type": "ir.actions.client", "tag": "soft_reload"},
        }
        if "hidden" in handovers and not acting.is_credit_manager(self.env):
            params["next"] = self.env["ir.actions.act_window"]._for_xml_id(
                "sale.action_quotations_with_onboarding"
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": params,
        }

    def _get_handed_over_text(self, held, handovers):
        names = ", ".join(held.sudo().mapped("name"))
        if handovers == {"visible"}:
            return self.env._("%s: handed over to the credit manager.", names)
        return self.env._("%s: the order has been taken over for processing.", names)

    # === HANDING OVER === #

    def _hand_over(self, found, from_customer=False):
        """Park these quotations with a hold each, for a manager to decide.

        State `sent`, so that nobody takes them for a cart or confirms them by itself.
        Trusted: no access check.

        :param dict found: order to list of `HoldFinding`
        :param from_customer: the customer confirmed or paid, not an employee
        :return: the new `sale.order.hold` records
        """
        orders = self.sudo().with_context(tracking_disable=True)
        # A hold that has just ended must not meet the new one in the unique index.
        orders.env["sale.order.hold"].flush_model(["state"])
        holds = orders.env["sale.order.hold"].create(
            [order._prepare_hold(found[order], from_customer) for order in orders]
        )
        for hidden, parked in holds.grouped(lambda h: h.handover == "hidden").items():
            parked.order_id.write(
                {"state": "sent", "hold_status": "held", "hold_hidden": hidden}
            )
        holds._start_waiting()
        return holds

    def _prepare_hold(self, findings, from_customer):
        """Return the values of a hold of this order."""
        company = self.company_id
        return {
            "order_id": self.id,
            "handover": company._get_credit_setting("credit_hold_handover"),
            "is_from_customer": from_customer,
            "handed_over_by_id": self.env.uid,
            "responsible_id": company._get_hold_deciders()[:1].id,
            "reason_ids": [
                fields.Command.create({"code": f.code, "data": f.data})
                for f in findings
            ],
        }

    def _hand_over_from_customer(self, forbidden=False):
        """Hand over what the customer confirms and a manager has to decide on.

        :param forbidden: also what the blocks forbid, since the customer has paid
        :return: the orders on hold, those that were already included
        """
        quotations = self.filtered(lambda o: o.state in ("draft", "sent"))
        waiting = quotations.filtered(lambda o: o.sudo()._is_on_hold())
        found = (quotations - waiting)._find_reasons_once(running=True)
        held = (quotations - waiting).filtered(
            lambda o: (
                o in found
                and (forbidden or not any(finding.forbids for finding in found[o]))
            )
        )
        if held:
            held._hand_over(found, from_customer=True)
        return waiting | held

    def _send_review_mail(self):
        """Tell the customers that their orders are being reviewed, in neutral words."""
        template = self.env.ref(
            "account_credit_block.mail_template_order_review", raise_if_not_found=False
        )
        for order in self.filtered(lambda order: order.sudo()._is_under_review()):
            order._send_order_notification_mail(template)

    # === DECIDING === #

    def _release_hold(self, reason):
        """Release these orders: they go on where they stopped.

        :param str reason: kept with the decision
        :raise: UserError for orders that do not wait, AccessError for other users
        """
        self._get_open_holds()._release(reason)

    def _refuse_hold(self, reason, cancel=None):
        """Refuse these orders; the money of who has paid is given back.

        :param str reason: kept with the decision
        :param cancel: cancel the orders instead of giving them back to the salesperson;
            by default, those that came from a customer
        :raise: UserError for orders that do not wait, AccessError for other users
        """
        self._get_open_holds()._refuse(reason, cancel)

    def _get_open_holds(self):
        """Return the hold each of these orders waits for.

        :raise: UserError when one of them does not wait for a decision
        """
        holds = (
            self.env["sale.order.hold"]
            .sudo()
            .search([("order_id", "in", self.ids), ("state", "=", "held")])
        )
        missing = self.sudo() - holds.order_id
        if missing or not self:
            raise UserError(
                self.env._(
                    "Nobody has to decide on these orders any more: %s",
                    ", ".join(missing.mapped("name")),
                )
            )
        return holds.with_env(self.env)

    def _end_hold_of_state(self, state):
        """Take back what was asked when orders are cancelled or reset to quotation."""
        ended = self.sudo().filtered("hold_status")
        if state == "cancel":
            ended = ended.filtered(lambda order: order.hold_status == "held")
        ended.hold_ids.filtered(lambda hold: hold.state == "held")._withdraw()
        ended.write({"hold_status": False, "hold_hidden": False})

    # === WHAT A DECISION COVERS === #

    def _drop_released(self, found):
        """Return the findings without what a release in force covers; for sudo.

        :param dict found: order to list of `HoldFinding`
        """
        released = self.filtered(lambda order: order.hold_status == "released")
        for order in released:
            hold = order.hold_ids.filtered(lambda h: h.state == "released")[:1]
            kept = [f for f in found[order] if not hold._covers(f)]
            found = {**found, order: kept}
        return {order: findings for order, findings in found.items() if findings}

    def _take_confirmed_fingerprints(self, vals=None):
        """Return a dict from confirmed order to its fingerprint before a change.

        :param vals: the change; none of it may matter
        """
        if vals is not None and not WATCHED_FIELDS & set(vals):
            return {}
        confirmed = self.sudo().filtered(lambda order: order.state == "sale")
        return {order: order_fingerprint.take(order) for order in confirmed}

    def _check_confirmed_change(self, before):
        """Raise UserError when a confirmed order became one that nobody let through.

        A change for the better, or that has nothing to do with credit, is never asked.

        :param dict before: order to its fingerprint before the change
        """
        changed = self.browse().union(
            *(
                order
                for order, fingerprint in before.items()
                if order.state == "sale"
                and not order_fingerprint.covers(
                    fingerprint, order_fingerprint.take(order), order
                )
            )
        )
        lasting = [reason for reason in REASONS if reason.is_lasting]
        found = changed._find_open_reasons(lasting, running=True)
        for order, findings in found.items():
            raise UserError(
                self._get_credit_refusal_text(
                    self.env._(
                        "The confirmed order %s cannot be changed in this way. Undo the"
                        " change, or cancel the order, set it to quotation and confirm"
                        " it again, to hand it over.",
                        order.name,
                    ),
                    self._get_reasons_text(
                        findings, order.company_id._get_hold_decider_hint()
                    ),
                )
            )

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Override of `sale`; raise UserError for orders on hold."""
        self._check_invoiceable()
        return super()._create_invoices(grouped=grouped, final=final, date=date)

    def _check_invoiceable(self):
        """Raise UserError for orders that wait for a decision or were refused."""
        for order in self:
            if order.sudo()._is_on_hold():
                raise UserError(order._get_on_hold_refusal())

    def _fetch_duplicate_orders(self):
        """Override of `sale`, which does not ask whether the duplicates may be read."""
        found = super()._fetch_duplicate_orders()
        duplicates = self.browse(set().union(*found.values()))
        visible = set(duplicates._filtered_access("read").ids)
        return {order_id: ids & visible for order_id, ids in found.items()}
