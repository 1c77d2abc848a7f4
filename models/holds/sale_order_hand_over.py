from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.fields import Domain

from .. import acting, notification
from ..call_marks import WORK_DONE

HOLD_STATES = [
    ("none", "Not held"),
    ("held", "Held"),
    ("released", "Released"),
    ("refused", "Refused"),
]


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

    # === ACTIONS === #

    def action_confirm_or_hold(self):
        """Confirm these quotations; hand over those a manager has to decide on.

        Of several, those that are refused or handed over do not stop the others. Who
        does not sell, but may write orders, confirms them as core lets him.

        :return: what `action_confirm` returns, or a notification of what was set aside
        :raise: UserError when nothing is selected, every order is refused, or core
            objects; AccessError for who may not write these orders
        """
        return self._confirm_or_hand_over(lambda orders: orders.action_confirm())

    def _confirm_or_hand_over(self, confirm):
        """Do what `action_confirm_or_hold` says.

        :param confirm: what confirms some of these orders
        """
        self._check_selected()
        self._check_writer()
        if not self._is_seller():
            return confirm(self)
        for error in self._get_core_confirmation_errors():
            raise UserError(error)
        with self._share_confirmation_check() as found:
            refusals = self._get_outright_refusals(found)
            held = self.filtered(lambda o: o in found and o not in refusals)
            confirmed = self - held - self.browse().union(*refusals)
            if not held and not confirmed:
                error = UserError("\n\n".join(refusals.values()))
                raise self._explain_confirmation(error, found)
            result = confirm(confirmed) if confirmed else True
            # Last, as what is told of them knows the others then.
            if held:
                held._hand_over(found)
        if not held and not refusals:
            return result
        return self._get_set_aside_action(held, refusals)

    def action_release_hold(self):
        """Open the dialog that releases these orders; raise AccessError to others."""
        self._check_decider()
        return self._get_open_holds().action_release()

    def action_refuse_hold(self):
        """Open the dialog that refuses these orders; raise AccessError to others."""
        self._check_decider()
        return self._get_open_holds().action_refuse()

    def action_recheck_hold(self):
        """Let held orders go on whose reasons are gone, for example since they paid.

        :return: a notification that tells how many went on, and why others wait still
        :raise: AccessError for who neither sells these orders nor decides on them,
            UserError for orders that wait for nothing
        """
        self._check_selected()
        self._check_seller()
        return self._get_open_holds()._recheck()

    def action_open_holds(self):
        """Open the decisions on this order (smart button).

        :return: a window action
        :raise: AccessError for who may not see the order, or no decisions
        """
        self.check_access("read")
        holds = self.env["sale.order.hold"].search([("order_id", "in", self.ids)])
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_block.sale_order_hold_action_history"
        )
        action["domain"] = [("id", "in", holds.ids)]
        if len(holds) == 1:
            action.update(view_mode="form", res_id=holds.id, views=[(False, "form")])
        return action

    def _check_selected(self):
        """Raise UserError if there is no order to act on."""
        if not self:
            raise UserError(
                self.env._("No order is selected: choose the orders first.")
            )

    def _check_writer(self):
        """Raise AccessError for who may not write these orders.

        The refusal is always the same: it does not tell whether an order exists, or is
        held.
        """
        if not self._may("write"):
            raise AccessError(self._get_no_seller_text())

    def _check_seller(self):
        """Raise the same for who writes these orders, but does not sell.

        Who decides on orders sells too.
        """
        self._check_writer()
        if not self._is_seller():
            raise AccessError(self._get_no_seller_text())

    def _is_seller(self):
        """Say whether who acts may hand orders over and have them checked again."""
        return acting.is_system(self.env) or acting.is_seller(self.env)

    def _check_decider(self):
        """Raise AccessError to who decides on no order; the holds say who on which."""
        if not acting.is_system(self.env) and not acting.is_credit_manager(self.env):
            raise AccessError(self._get_no_decider_text())

    def _may(self, operation):
        """Say whether the user has access to all these orders, and they exist."""
        try:
            return self.has_access(operation)
        except MissingError:
            return False

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
            # Who may not know of the hold is not told its reason either.
            reason = hold._get_waiting_text() if self._may_know_hold() else ""
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
        then = {"type": "ir.actions.client", "tag": "soft_reload"}
        if "hidden" in handovers and not acting.is_credit_manager(self.env):
            quotations = self.env["ir.actions.act_window"]._for_xml_id(
                "sale.action_quotations_with_onboarding"
            )
            # As a page of its own: the way back leads to an order that is hidden.
            then = {**quotations, "target": "main"}
        kind = "danger" if refusals else "info"
        return notification.tell("\n".join(lines), kind, then, sticky=bool(refusals))

    def _get_handed_over_text(self, held, handovers):
        names = ", ".join(held.sudo().mapped("name"))
        if handovers == {"visible"}:
            return self.env._("%s: handed over to the credit manager.", names)
        return self.env._("%s: the order has been taken over for processing.", names)

    # === HANDING OVER === #

    def _hand_over(self, found, **how):
        """Park these quotations with a hold each, for a manager to decide.

        State `sent`, so that nobody takes them for a cart or confirms them by itself;
        what nobody has confirmed stays a draft. Trusted: no access check.

        :param dict found: order to list of `HoldFinding`
        :param how: what differs from an employee's confirmation, see `_prepare_hold`
        :return: the new `sale.order.hold` records
        """
        orders = self.sudo().with_context(tracking_disable=True)
        # A hold that has just ended must not meet the new one in the unique index.
        orders.env["sale.order.hold"].flush_model(["state"])
        holds = orders.env["sale.order.hold"].create(
            [{**order._prepare_hold(found.get(order, ())), **how} for order in orders]
        )
        for hold in holds.grouped(lambda h: (h.handover, h.is_for_quotation)).values():
            hold.order_id._write_hold(hold[0]._prepare_parking())
        holds._start_waiting()
        return holds

    def _write_hold(self, vals):
        """Write where orders stand between salesperson and manager; for sudo.

        That is nobody's business but ours: OCA's approvals, which let nothing be
        written on what waits for them, are asked by this key of theirs to look away.
        """
        self.with_context(tracking_disable=True, skip_validation_check=True).write(vals)

    def _prepare_hold(self, findings):
        """Return the values of a hold of this order."""
        company = self.company_id
        found = {finding.code: finding.data for finding in findings}
        return {
            "order_id": self.id,
            "handover": company._get_credit_setting("credit_hold_handover"),
            "handed_over_by_id": self.env.uid,
            "responsible_id": company._get_hold_deciders()[:1].id,
            "row_ids": [
                fields.Command.create(
                    {"code": code, "is_found": code in found, "data": found.get(code)}
                )
                for code in (r.code for r in self._get_sorted_hold_reasons())
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
            held._hand_over(found, is_from_customer=True)
        return waiting | held

    def _send_review_mail(self):
        """Tell the customers that their orders are being reviewed, in neutral words."""
        template = self.env.ref(
            "account_credit_block.mail_template_order_review", raise_if_not_found=False
        )
        # In sudo Odoo sends as OdooBot, who may put the link of a hidden order in it.
        for order in self.sudo().filtered(lambda order: order._is_under_review()):
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
        """Return the hold each of these orders waits for, of which the user may know.

        :raise: UserError when one of them does not wait for a decision, AccessError
            for one that the user may not see
        """
        self._check_selected()
        holds = self.env["sale.order.hold"].sudo()
        holds = holds.search([("order_id", "in", self.ids), ("state", "=", "held")])
        known = holds.with_env(self.env)._filter_known()
        missing = self - known.sudo().order_id.with_env(self.env)
        if not missing._may("read"):
            raise AccessError(self._get_no_decider_text())
        if missing:
            raise UserError(
                self.env._(
                    "Nobody has to decide on these orders any more: %s",
                    ", ".join(missing.mapped("name")),
                )
            )
        return known

    def _get_no_seller_text(self):
        """Return the refusal to who may not sell an order: it tells nothing of it."""
        return self.env._(
            "Only those who sell an order can do this. Ask its salesperson, or a credit"
            " manager."
        )

    def _get_no_decider_text(self):
        """Return the refusal to who may not decide: it tells nothing of an order."""
        return self.env._(
            "Only those who decide on held orders of its company can decide on an"
            " order. Ask a credit manager."
        )

    def _end_hold_of_state(self, state):
        """Take back what was asked when orders are cancelled or reset to quotation."""
        ended = self.sudo().filtered("hold_status")
        if state == "cancel":
            ended = ended.filtered(lambda order: order.hold_status == "held")
        ended.hold_ids.filtered(lambda hold: hold.state == "held")._withdraw()
        ended._write_hold({"hold_status": False, "hold_hidden": False})

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
        if vals is not None and not self._get_watched_names(self._name) & set(vals):
            return {}
        confirmed = self.sudo().filtered(lambda order: order.state == "sale")
        return {order: order._take_fingerprint() for order in confirmed}

    def _check_confirmed_change(self, before):
        """Raise UserError when a confirmed order became one that nobody let through.

        A change for the better, or that has nothing to do with credit, is never asked.
        An order that nobody looked at before counts as changed. What follows from work
        that was done goes through, with a note.

        :param dict before: order to its fingerprint before the change
        """
        changed = self.sudo().filtered(
            lambda order: (
                order.state == "sale"
                and not (
                    order in before
                    and order._is_decided_on(before[order], order._take_fingerprint())
                )
            )
        )
        found = changed.with_env(self.env)._find_open_reasons(
            self._get_lasting_reasons(), running=True
        )
        for order, findings in found.items():
            if WORK_DONE.get(self.env):
                order._note_work_done(findings)
                continue
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

    def _note_work_done(self, findings):
        """Tell who decides of what would have been refused to a person; for sudo.

        The order keeps a note of each time, and one open activity.
        """
        self.ensure_one()
        notes = self.env["credit.document.note"]
        reasons = self._get_finding_texts(findings)
        text = self.env._(
            "Work that was done has changed the confirmed order, which would have to be"
            " decided on. It went through, and counts in what the customer owes:"
        )
        note = notes._get_body([text, *reasons])
        order = self.with_user(SUPERUSER_ID)
        order.message_post(body=note, subtype_id=notes._get_subtype().id)
        deciders = self.company_id._get_hold_deciders()
        decider = deciders.filtered(lambda user: notes._may_look_at(user, self))[:1]
        activity_type = "account_credit_block.mail_activity_type_work_done"
        if decider and not order.activity_search([activity_type]):
            order.activity_schedule(activity_type, user_id=decider.id, note=note)

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
