"""What the blocks of its customers say of an order."""

from collections import defaultdict

from odoo import api, fields, models

from .. import acting
from ..const import POLICIES, STOPPING


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

    # === THE ORDER === #

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

    def _get_credit_partners_of_all(self):
        """Return the partners of all these orders; addresses need not be readable."""
        return self.sudo()._get_credit_partners().sudo(self.env.su)

    # === WHAT BLOCKS SAY === #

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

    def _ask_as_entered(self, verdicts):
        """Ask about employees' orders of the website as about their other orders.

        Those that the grid lets through: it is an employee who says that the customer
        has been there.

        :param dict verdicts: order to `CreditVerdict`, to be made stricter
        """
        entered = self._filter_entered_for_website().filtered(
            lambda order: (
                order in verdicts and verdicts[order].policy in ("allow", "warn")
            )
        )
        for order, verdict in entered._get_credit_verdicts("confirmation").items():
            if verdict.severity > verdicts[order].severity:
                verdicts[order] = verdict

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
