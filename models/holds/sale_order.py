from collections import defaultdict
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import acting
from ..call_marks import ASKING, SHARED_CHECK
from ..const import HOLD_FIELDS, POLICIES, STOPPING


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    credit_block_level_id = fields.Many2one(
        "credit.block.level",
        string="Credit Block",
        compute="_compute_credit_block",
        groups="base.group_user",
        help="The block that bears on this order, through any of its addresses.",
    )
    credit_block_color = fields.Integer(
        compute="_compute_credit_block", groups="base.group_user"
    )
    credit_block_policy = fields.Selection(
        [(policy, policy.capitalize()) for policy in POLICIES],
        compute="_compute_credit_block",
        groups="base.group_user",
    )
    credit_block_banner = fields.Text(
        compute="_compute_credit_block", groups="base.group_user"
    )
    # Core's, which names the customer's limit to whoever reads the order.
    partner_credit_warning = fields.Text(groups="base.group_user")

    # === COMPUTE === #

    @api.depends(lambda self: (*self._get_entry_names(), "state"))
    @api.depends_context("lang", "tz")
    def _compute_credit_block(self):
        """What a salesperson should know before going on with a quotation."""
        quotations = self.filtered(
            lambda order: (
                order.state in ("draft", "sent") and order._is_of_own_company()
            )
        )
        # Confirming comes first: on a tie its verdict is the one that matters.
        confirmation = quotations._get_credit_verdicts()
        quotation = quotations._get_credit_verdicts("quotation")
        for order in self:
            verdicts = [v[order] for v in (confirmation, quotation) if order in v]
            verdict = max(verdicts, key=lambda v: v.severity, default=None)
            order.credit_block_policy = verdict.policy if verdict else "allow"
            order.credit_block_banner = verdict.text if verdict else False
            order.credit_block_level_id = verdict and verdict.level.sudo(False)
            order.credit_block_color = order.credit_block_level_id.color

    @api.depends("partner_invoice_id", "state")
    @api.depends_context("uid", "lang")
    def _compute_partner_credit_warning(self):
        """Override of `sale`, which tells the amounts of the exposure to salespeople.

        Where orders are held over the limit, the exposure is the one they are held by.
        """
        companies = self.company_id.filtered(
            lambda company: company._get_credit_setting("credit_hold_limit")
        )
        limited = self.filtered(lambda order: order.company_id in companies)
        res = super(SaleOrder, self - limited)._compute_partner_credit_warning()
        limited.partner_credit_warning = ""
        quotations = limited.filtered(lambda order: order.state in ("draft", "sent"))
        reason = self._get_hold_reason("limit")
        tell = reason.get_detail if acting.is_credit_user(self.env) else reason.get_text
        for orders in quotations.sudo().grouped("company_id").values():
            for order, finding in reason.find_near(orders).items():
                order.sudo(False).partner_credit_warning = tell(self.env, finding.data)
        return res

    # === CONSTRAINS === #

    @api.constrains(lambda self: self._get_entry_names())
    def _check_credit_quotation(self):
        """Refuse a quotation for a blocked customer, however it is entered.

        Raise ValidationError, unless it is being asked for.
        """
        refused = self._find_refused_entries()
        asking = ASKING.get(self.env)
        if asking is not None:
            asking.update((order.id, verdict) for order, verdict in refused.items())
            return
        for order, verdict in refused.items():
            raise order._get_entry_refusal(verdict)

    def _find_refused_entries(self):
        """Return a dict from order to the `CreditVerdict` that refuses it as quotation.

        A cart is exempt while the website fills it; the customer is stopped before
        paying. So is what waits to be let in, or has been.
        """
        quotations = self.filtered(lambda order: order.state in ("draft", "sent"))
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

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale`; raise UserError for a confirmed order that may not be.

        Raise AccessError for who decides on orders by writing fields.
        """
        orders = super().create(vals_list)
        orders.filtered(lambda o: o.state == "sale")._check_credit_confirmation()
        return orders

    def write(self, vals):
        """Override of `sale`: the gate of whatever confirms or changes an order.

        Raise UserError when an order may not get to state `sale`, or when a confirmed
        one is changed into one that would be held or refused; ValidationError when one
        becomes a quotation again that could not be entered; AccessError for who decides
        on orders by writing fields.
        """
        if self:
            # Who may not write the orders is told nothing of them by what follows.
            self.check_access("write")
        self._check_origin_stays(vals)
        self._check_company_stays(vals)
        self._check_rate_stays(vals)
        before = self._take_confirmed_fingerprints(vals)
        states = self._get_states_before(vals)
        res = super().write(vals)
        if vals.get("state") in ("draft", "cancel"):
            self._end_hold_of_state(vals["state"])
        # Asked after the write, which may change the customer and the channel too.
        self._check_entering(states)
        if before:
            self._check_confirmed_change(before)
        return res

    @api.model
    def _get_closed_names(self):
        """Override: nobody else fills in decisions."""
        return super()._get_closed_names() | HOLD_FIELDS

    def _get_closed_text(self, name):
        """Override: who decides on orders."""
        if name in HOLD_FIELDS:
            return self.env._("Orders are held, released and refused by their buttons.")
        return super()._get_closed_text(name)

    def _get_states_before(self, vals):
        """Return a dict from order id to its state, where the state is written."""
        return {order.id: order.state for order in self} if "state" in vals else {}

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

    def _check_rate_of_today(self):
        """Raise UserError for who enters a sale in another currency at an old rate."""
        if acting.is_system(self.env):
            return
        for order in self._filter_in_foreign_currency():
            company = order.company_id
            if company._get_credit_day(order.date_order) < company._get_credit_today():
                raise UserError(
                    self.env._(
                        "The order %s is in another currency: confirm it by its button,"
                        " at the rate of today.",
                        order.name,
                    )
                )

    def _check_rate_stays(self, vals):
        """Raise UserError for who takes what is sold to the day of another rate."""
        if "date_order" not in vals or acting.is_system(self.env):
            return
        day = fields.Datetime.to_datetime(vals["date_order"])
        moved = self.filtered(lambda o: o.state == "sale" and o.date_order != day)
        for order in moved._filter_in_foreign_currency():
            raise UserError(
                self.env._(
                    "The date of the confirmed order %s is fixed, since the rate of its"
                    " currency follows from it.",
                    order.name,
                )
            )

    def _filter_in_foreign_currency(self):
        """Return the orders whose worth for the company hangs on a rate."""
        return self.filtered(lambda o: o.currency_id != o.company_id.currency_id)

    def _check_company_stays(self, vals):
        """Raise UserError for who takes to another company what is decided or sold."""
        if "company_id" not in vals or acting.is_system(self.env):
            return
        moved = self.sudo().filtered(lambda o: o.company_id.id != vals["company_id"])
        fixed = moved.filtered(
            lambda o: o.state == "sale" or o.hold_ids or o.order_line.invoice_lines
        )
        if fixed:
            raise UserError(
                self.env._(
                    "The company of these orders is fixed, since they were decided on"
                    " or sold: %s. Cancel them, and enter them anew in the other"
                    " company.",
                    ", ".join(fixed.mapped("name")),
                )
            )

    def action_confirm(self):
        """Override of `sale` to ask once for all the orders confirmed together.

        Raise UserError if one of them may not be confirmed.
        """
        with self._share_confirmation_check():
            return super().action_confirm()

    def _confirmation_error_message(self):
        """Override of `sale` to refuse before anything is written."""
        error = super()._confirmation_error_message()
        return error or self._get_confirmation_refusals().get(self, False)

    def _get_core_confirmation_errors(self):
        """Return what others object to confirming these orders, but for the credit."""
        errors = []
        for order in self:
            message = super(SaleOrder, order)._confirmation_error_message  # pylint: disable=super-method-mismatch
            errors.append(message())
        return [error for error in errors if error]

    def _check_credit_confirmation(self):
        """Raise UserError if any of these orders may not be confirmed."""
        for text in self._get_confirmation_refusals(running=True).values():
            raise UserError(text)

    @contextmanager
    def _share_confirmation_check(self):
        """Answer the questions of one confirmation with one evaluation.

        It is kept for the call only, in the memory of the server, and counts for an
        order as long as nobody changes the order meanwhile.
        """
        shared = dict(SHARED_CHECK.get(self.env) or {})
        unknown = self.browse(id_ for id_ in self._ids if id_ not in shared)
        quotations = unknown.filtered(
            lambda o: o.state in ("draft", "sent") and not o.sudo()._is_on_hold()
        )
        found = quotations._find_open_reasons(running=True)
        for order in quotations.sudo():
            fingerprint = order._take_fingerprint()
            shared[order.id] = (fingerprint, found.get(order, []))
        with SHARED_CHECK.set(self.env, shared):
            yield found

    def _find_reasons_once(self, running=False):
        """Return what `_find_open_reasons` does, asking only what is not known yet."""
        shared = SHARED_CHECK.get(self.env) or {}
        found = {
            order: shared[order.id][1]
            for order in self.sudo()
            if order.id in shared and shared[order.id][0] == order._take_fingerprint()
        }
        rest = self.filtered(lambda order: order not in found)
        found.update(rest._find_open_reasons(running=running))
        return {order: findings for order, findings in found.items() if findings}

    # === PORTAL AND WEBSITE === #

    def _has_to_be_signed(self):
        """Override of `sale`: do not collect a signature that cannot confirm."""
        return super()._has_to_be_signed() and not self._is_credit_refused()

    def _has_to_be_paid(self):
        """Override of `sale`: do not collect the money of an order that is refused."""
        return super()._has_to_be_paid() and not self._is_credit_refused()

    def _can_be_edited_on_portal(self):
        """Override of `sale`: what is waiting for a decision stays as it is."""
        return super()._can_be_edited_on_portal() and not self.sudo()._is_on_hold()

    def _check_payable_online(self):
        """Raise ValidationError, in neutral words, if no money may be collected now."""
        if self._is_credit_refused():
            raise ValidationError(self._get_credit_customer_text())

    def _validate_order(self):
        """Override of `sale`: hand over what a manager has to decide on.

        The customer confirms here, by signing or by checking out a cart for nothing.
        """
        with self._share_confirmation_check():
            held = self._hand_over_from_customer()
            held._send_review_mail()
            if confirmed := self - held:
                return super(SaleOrder, confirmed)._validate_order()
            return None

    def _send_payment_succeeded_for_order_mail(self):
        """Override of `sale`: who paid an order on hold reads that it is reviewed."""
        reviewed = self.filtered(lambda order: order.sudo()._is_under_review())
        reviewed._send_review_mail()
        return super(
            SaleOrder, self - reviewed
        )._send_payment_succeeded_for_order_mail()

    # === BUSINESS === #

    def _is_of_own_company(self):
        """Say whether the user may be told how customers stand in its company."""
        return acting.works_in(self.env, self.company_id or self.env.company)

    def _to_company_currency(self, amount):
        """Return an amount of this order in the currency of its company, rounded.

        A quotation is worth what it is on the day on which it would be confirmed,
        whatever day is written on it.
        """
        currency = self.company_id.currency_id
        if self.state == "sale":
            return currency.round(amount / (self.currency_rate or 1.0))
        today = self.company_id._get_credit_today()
        return self.currency_id._convert(amount, currency, self.company_id, today)

    def _get_debtor(self):
        """Return the customer who owes the money, whoever buys: whose terms count."""
        return (self.partner_invoice_id or self.partner_id).commercial_partner_id

    def _get_credit_partners(self):
        """Return everybody whose blocks bear on the order: sold, billed, shipped to."""
        return self.partner_id | self.partner_invoice_id | self.partner_shipping_id

    def _get_credit_verdicts(self, operation=None):
        """Return a dict from order to its strictest `CreditVerdict`.

        Queries grow with the companies and channels of the orders, not with the orders.

        :param operation: what to ask about; by default, confirming each order
        """
        groups = defaultdict(self.env["sale.order"].browse)
        for order in self:
            company = order.company_id or self.env.company
            groups[company, operation or order._get_credit_operation()] |= order
        verdicts = {}
        for (company, asked), orders in groups.items():
            by_partner = orders._get_credit_partners_of_all()._get_credit_verdicts(
                asked, company
            )
            for order in orders:
                asked_partners = order._get_credit_partners()
                if asked_partners:
                    verdicts[order] = max(
                        (by_partner[partner.id] for partner in asked_partners),
                        key=lambda verdict: verdict.severity,
                    )
        if not operation:
            self._ask_as_entered(verdicts)
        return verdicts

    def _get_blocks_in_the_way(self, forbidding=False):
        """Return all the blocks for which these orders may not go on; for sudo.

        Not only those of the verdict, which are the strictest.

        :param forbidding: only those for which they are refused outright
        """
        entered, asked_for = (
            self._filter_entered_for_website(),
            self._filter_asked_for(),
        )
        blocks = self.env["credit.block"]
        for company, orders in self.grouped("company_id").items():
            policies = company._get_forbidding_policies() if forbidding else STOPPING
            by_partner = orders._get_credit_partners()._get_credit_blocks(company)
            for order in orders:
                asked = {order._get_credit_operation()}
                asked |= {"confirmation"} if order in entered else set()
                asked |= {"quotation"} if order in asked_for else set()
                borne = blocks.union(
                    *(by_partner[p.id] for p in order._get_credit_partners())
                )
                blocks |= borne._filter_imposing(policies, asked)
        return blocks

    def _get_credit_partners_of_all(self):
        """Return the partners of all these orders; addresses need not be readable."""
        return self.sudo()._get_credit_partners().sudo(self.env.su)

    def _get_confirmation_refusals(self, running=False):
        """Return a dict from order to why it may not be confirmed, for who is acting.

        :param running: the orders are confirmed together: each counts those before it
        """
        waiting = self.filtered(lambda order: order.sudo()._is_on_hold())
        refusals = {order: order._get_on_hold_refusal() for order in waiting}
        found = (self - waiting)._find_reasons_once(running)
        refusals.update(
            (order.with_env(self.env), order._get_reasons_refusal(findings))
            for order, findings in found.items()
        )
        return refusals

    def _is_credit_refused(self):
        """Say whether nothing may be collected for this order: refused, or on hold."""
        self.ensure_one()
        found = self._find_open_reasons([self._get_hold_reason("level")])
        forbidden = any(f.forbids for f in found.get(self, ()))
        return forbidden or self.sudo()._is_on_hold()

    def _get_unpayable_text(self):
        """Return why the customer cannot pay this order online, or False.

        For who acts: nothing of a hold that he may not know of.
        """
        self.ensure_one()
        is_open = self.state in ("draft", "sent") and self._may_know_hold()
        if not is_open or not self._is_credit_refused():
            return False
        text = self.env._("The customer cannot pay by this link at the moment.")
        why = self.hold_banner or self.credit_block_banner
        return f"{text}\n{why}" if why else text

    def _get_reasons_refusal(self, findings):
        """Return the refusal to confirm an order for these findings, for who acts."""
        if any(finding.forbids for finding in findings):
            refusal = self.env._("This order cannot be confirmed.")
            who = self._get_lifting_hint(findings)
        else:
            refusal = self.env._(
                "A manager has to decide on this order: confirm it on its own form, to"
                " hand it over."
            )
            who = self.company_id._get_hold_decider_hint()
        return self._get_credit_refusal_text(
            refusal, self._get_reasons_text(findings, who)
        )

    def _get_lifting_hint(self, findings):
        """Return who can lift the blocks for which an order is refused outright."""
        block_ids = next((f.data["block_ids"] for f in findings if f.forbids), ())
        blocks = self.env["credit.block"].sudo().browse(block_ids)
        hints = blocks._sort_by_importance()[:1]._get_hints()
        return next(iter(hints.values()), self.company_id._get_credit_manager_hint())

    def _get_reasons_text(self, findings, who):
        """Return the findings, a sentence each, and who can help."""
        return "\n".join([*self._get_finding_texts(findings), who])

    def _get_credit_refusal_text(self, refusal, reasons):
        """Return a refusal for who is acting: the reasons are for employees only."""
        if acting.is_customer(self.env):
            return self._get_credit_customer_text()
        return f"{refusal}\n{reasons}"

    def _get_credit_customer_text(self):
        """Return all that a customer may know of a refusal."""
        return self.env._(
            "We cannot accept this order online at the moment. Please contact us."
        )
