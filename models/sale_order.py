from collections import defaultdict

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.http import request

from .credit_verdict import POLICIES

# Until orders can be held, holding one is refusing it.
REFUSING_POLICIES = ("hold", "forbid")


class SaleOrder(models.Model):
    _inherit = "sale.order"

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
    credit_confirmation_refusal = fields.Text(
        compute="_compute_credit_confirmation_refusal", groups="base.group_user"
    )

    # === COMPUTE === #

    @api.depends(
        "partner_id",
        "partner_invoice_id",
        "partner_shipping_id",
        "company_id",
        "website_id",
        "state",
    )
    @api.depends_context("lang", "tz")
    def _compute_credit_block(self):
        """What a salesperson should know before going on with a quotation."""
        quotations = self.filtered(lambda order: order.state in ("draft", "sent"))
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

    @api.depends(
        "partner_id",
        "partner_invoice_id",
        "partner_shipping_id",
        "company_id",
        "website_id",
    )
    @api.depends_context("lang", "tz")
    def _compute_credit_confirmation_refusal(self):
        """Answer for all the orders that are confirmed together, in one go."""
        refusals = self._get_credit_refusals()
        for order in self:
            verdict = refusals.get(order)
            order.credit_confirmation_refusal = verdict.text if verdict else False

    # === CONSTRAINS AND ONCHANGE === #

    @api.constrains("partner_id", "partner_invoice_id", "partner_shipping_id")
    def _check_credit_quotation(self):
        """Refuse a quotation for a blocked customer, however it is entered.

        Raise ValidationError. A cart is exempt while the website fills it; the customer
        is stopped before paying.
        """
        quotations = self.filtered(lambda order: order.state in ("draft", "sent"))
        if self._is_entered_by_website():
            quotations -= quotations.filtered(
                lambda order: order.state == "draft" and order.website_id
            )
        for verdict in quotations._get_credit_refusals("quotation").values():
            raise ValidationError(
                self._get_credit_refusal_text(
                    self.env._("No quotation can be entered for this customer."),
                    verdict.text,
                )
            )

    @api.onchange("partner_id", "partner_invoice_id", "partner_shipping_id")
    def _onchange_credit_block(self):
        """Warn at once, before the quotation is filled in for nothing."""
        verdict = self._get_credit_verdicts("quotation").get(self)
        if verdict and verdict.policy != "allow":
            return {
                "warning": {
                    "title": self.env._("Credit Block"),
                    "message": verdict.text,
                }
            }
        return None

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale`; raise UserError for a confirmed order of the blocked."""
        orders = super().create(vals_list)
        orders.filtered(lambda o: o.state == "sale")._check_credit_confirmation()
        return orders

    def write(self, vals):
        """Override of `sale` to ask again when an order gets to state `sale`.

        Also when a confirmed order gets another customer. Raise UserError.
        """
        before = self._get_credit_gate_keys(vals)
        res = super().write(vals)
        # Asked after the write, which may change the customer and the channel too.
        changed = self.filtered(
            lambda o: o.id in before and o._get_credit_gate_key() - before[o.id]
        )
        changed._check_credit_confirmation()
        return res

    def _get_credit_gate_keys(self, vals):
        """Return what the gate compares, for the orders that a write may let in."""
        partner_fields = {"partner_id", "partner_invoice_id", "partner_shipping_id"}
        if vals.get("state") == "sale":
            return {order.id: order._get_credit_gate_key() for order in self}
        if "state" not in vals and partner_fields & set(vals):
            confirmed = self.filtered(lambda order: order.state == "sale")
            return {order.id: order._get_credit_gate_key() for order in confirmed}
        return {}

    def _get_credit_gate_key(self):
        """Return the customers for whom an order is confirmed, none if it is not."""
        if self.state != "sale":
            return set()
        return set(self._get_credit_partners().commercial_partner_id.ids)

    def _check_credit_confirmation(self):
        """Raise UserError if the blocks refuse any of these orders."""
        for verdict in self._get_credit_refusals().values():
            raise UserError(self._get_confirmation_refusal_text(verdict.text))

    def _confirmation_error_message(self):
        """Override of `sale` to refuse before anything is written."""
        error = super()._confirmation_error_message()
        refusal = self.sudo().credit_confirmation_refusal
        if error or not refusal:
            return error
        return self._get_confirmation_refusal_text(refusal)

    # === PORTAL AND WEBSITE === #

    def _has_to_be_signed(self):
        """Override of `sale`: do not collect a signature that cannot confirm."""
        return super()._has_to_be_signed() and not self._is_credit_refused()

    def _has_to_be_paid(self):
        """Override of `sale`: do not collect the money of an order that is refused."""
        return super()._has_to_be_paid() and not self._is_credit_refused()

    def _check_cart_is_ready_to_be_paid(self):
        """Override of `website_sale`; raise ValidationError for a blocked customer."""
        if self._is_credit_refused():
            raise ValidationError(self._get_credit_customer_text())
        return super()._check_cart_is_ready_to_be_paid()

    # === BUSINESS === #

    def _get_credit_operation(self):
        """Return the operation of the grid that confirming this order is."""
        self.ensure_one()
        return "web_order" if self.website_id else "confirmation"

    def _is_entered_by_website(self):
        """Say whether the website is acting, not an employee in the back office.

        Constraints always run as superuser, so the user and the route have to tell: the
        website creates carts as OdooBot and changes them for whoever is shopping.
        """
        return (
            self.env.uid == SUPERUSER_ID
            or self.env.user.share
            or bool(request and getattr(request, "is_frontend", False))
        )

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
        return verdicts

    def _get_credit_partners_of_all(self):
        """Return the partners of all these orders; addresses need not be readable."""
        return self.sudo()._get_credit_partners().sudo(self.env.su)

    def _get_credit_refusals(self, operation=None):
        """Return a dict from order to verdict, of the orders that may not go on.

        :param operation: what to ask about; by default, confirming each order
        """
        return {
            order: verdict
            for order, verdict in self._get_credit_verdicts(operation).items()
            if verdict.policy in REFUSING_POLICIES
        }

    def _is_credit_refused(self):
        """Say whether the blocks refuse to confirm this order."""
        self.ensure_one()
        return bool(self._get_credit_refusals())

    def _get_confirmation_refusal_text(self, reasons):
        """Return the refusal to confirm an order, for who is acting."""
        return self._get_credit_refusal_text(
            self.env._("This order cannot be confirmed."), reasons
        )

    def _get_credit_refusal_text(self, refusal, reasons):
        """Return a refusal for who is acting: the reasons are for employees only.

        The website and the portal act as superuser, so the person behind the request
        decides.
        """
        user = request.env.user if request else self.env.user
        if user.share:
            return self._get_credit_customer_text()
        return f"{refusal}\n{reasons}"

    def _get_credit_customer_text(self):
        """Return all that a customer may know of a refusal."""
        return self.env._(
            "We cannot accept this order online at the moment. Please contact us."
        )

    def _park_paid_order(self):
        """Keep orders that the customer has paid but that may not be confirmed.

        They leave state draft, so that they are no longer a cart, and somebody is asked
        to decide.
        """
        drafts = self.filtered(lambda order: order.state == "draft")
        drafts.with_context(tracking_disable=True).write({"state": "sent"})
        activity_type = "account_credit_block.mail_activity_type_credit_review"
        for order in self - self._filter_reviewed(activity_type):
            for user in order._get_credit_reviewers():
                order.activity_schedule(
                    activity_type,
                    user_id=user.id,
                    note=self.env._(
                        "The customer has paid or chosen how to pay, but a credit block"
                        " refuses the order: lift the block and confirm it, or give"
                        " the money back."
                    ),
                )

    def _filter_reviewed(self, activity_type):
        """Return the orders somebody has already been asked to decide on."""
        reviewed = self.activity_search([activity_type])
        return self.filtered(lambda order: order.id in reviewed.mapped("res_id"))

    def _get_credit_reviewers(self):
        """Return who decides on a paid order: the salesperson and a credit manager."""
        managers = self.company_id._get_credit_managers(limit=1)
        return self.user_id | managers.with_env(self.env)
