from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from .. import entered_numbers, notification, said
from ..returns.account_payment_return_reason import CATEGORIES

# What is remembered of the rules, since every reconciliation asks for it.
REMEMBERED = {"active", "kind", "overdue_days", "grace_days"}


class CreditBlockRule(models.Model):
    """When customers are blocked, and unblocked, without anybody's help.

    What a rule means in SQL is in `credit_block_evaluation_statement`, once for all.
    """

    _name = "credit.block.rule"
    _inherit = ["credit.setting"]
    _description = "Credit Block Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10,
        help="Of two rules for the same level, the first one gives the reason.",
    )
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("return", "Payment Returns"), ("overdue", "Overdue Invoices")],
        string="Looks At",
        required=True,
        default="return",
    )
    level_id = fields.Many2one(
        "credit.block.level",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        help="Of the levels that the rules give a customer, the most important is set.",
    )
    level_color = fields.Integer(related="level_id.color")
    use_company_level = fields.Boolean(
        string="Level of the Settings",
        compute="_compute_use_company_level",
        store=True,
        readonly=False,
        help="The level that each company chose for payment returns, if it chose one.",
    )
    auto_lift = fields.Boolean(
        string="Lift by Itself",
        default=True,
        help="The block goes when its cause is gone; otherwise a credit manager has to"
        " lift it.",
    )

    # Payment returns
    return_count = fields.Integer(
        string="Number of Returns", default=1, help="0: the number does not matter."
    )
    return_amount = fields.Float(
        string="Returned Amount From",
        digits=(16, 2),
        help="In the currency of the company; 0: the amount does not matter.",
    )
    return_days = fields.Integer(
        string="Within Days", help="Days back from today that count; 0 for all."
    )
    unpaid_only = fields.Boolean(
        string="Still Unpaid Only",
        help="What has been paid since does not count, so that paying lifts the block.",
    )
    reason_category = fields.Selection(
        CATEGORIES, string="Kind of Reason", help="Empty for every kind."
    )
    reason_ids = fields.Many2many(
        "account.payment.return.reason",
        string="Return Reasons",
        help="Empty for every reason. Reasons that do not count as the customer's"
        " default never count.",
    )

    # Overdue invoices
    overdue_days = fields.Integer(
        string="Overdue for More Than",
        help="Items overdue for more days than this count.",
    )
    grace_days = fields.Integer(
        string="Days of Grace", help="Added to every due date before counting."
    )
    overdue_amount = fields.Float(
        string="Amount From",
        digits=(16, 2),
        help="From how much on, in the currency of the company.",
    )
    deduct_credits = fields.Boolean(
        string="Deduct Unused Credits",
        help="Payments and credit notes that are not assigned to an invoice yet lower"
        " what is overdue.",
    )
    overdue_share = fields.Float(
        string="Share of the Limit",
        digits=(16, 2),
        help="Percentage of the credit limit that has to be overdue; 0: it does not"
        " matter. Customers without a limit are left out otherwise.",
    )

    condition_warning = fields.Text(compute="_compute_condition_warning")

    @api.depends(
        "kind", "overdue_days", "grace_days", "overdue_amount", "overdue_share"
    )
    def _compute_condition_warning(self):
        """Say of a rule without any condition whom it blocks; it may be meant."""
        text = self.env._(
            "This rule blocks whoever owes anything for a day too long. Say from how"
            " many days, which amount or which share of the limit on, unless you mean"
            " that."
        )
        for rule in self:
            is_for_all = rule.kind == "overdue" and not (
                rule.overdue_days
                or rule.grace_days
                or rule.overdue_amount
                or rule.overdue_share
            )
            rule.condition_warning = text if is_for_all else False

    @api.depends("level_id")
    def _compute_use_company_level(self):
        """Who chooses a level for the rule does not want the settings' any more."""
        self.use_company_level = False

    @api.constrains(entered_numbers.get_names)
    def _check_numbers(self):
        """Raise ValidationError for a condition below zero."""
        entered_numbers.check(self)

    @api.constrains("kind", "return_count", "return_amount")
    def _check_conditions(self):
        """Raise ValidationError for a rule that would block everybody or nobody."""
        for rule in self:
            if rule.kind == "return" and not (rule.return_count or rule.return_amount):
                raise ValidationError(
                    self.env._(
                        "“%(rule)s”: say from how many returns, or from which returned"
                        " amount, customers are blocked.",
                        rule=rule.name,
                    )
                )

    @api.constrains("active", "level_id")
    def _check_level(self):
        """Raise ValidationError for a rule that would give an archived level."""
        self.filtered("active").level_id._check_archived()

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`: what is remembered of the rules is not true any more."""
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        """Override of `base`, like `create`."""
        if REMEMBERED & vals.keys():
            self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        """Override of `base`, like `create`."""
        self.env.registry.clear_cache()
        return super().unlink()

    # === ACTIONS === #

    def action_preview(self):
        """Show whom this rule would block today, active or not; nothing is changed.

        :return: a window action
        :raises AccessError: for who may not see the rule, or is no credit manager
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["credit.block.rule.preview"]._open(self)

    def action_apply_now(self):
        """Run the nightly pass now, in the background.

        It is no change of the rule that shows the button, which may be a shared one.

        :return: a notification
        :raises AccessError: for who may not change any rules
        """
        self.check_access("read")
        self.browse().check_access("write")
        self.env.ref(
            "account_credit_block.ir_cron_evaluate_credit_blocks"
        ).sudo()._trigger()
        text = self.env._(
            "The rules are being applied to all customers. It takes a minute or two."
        )
        return notification.tell(text, then=False)

    # === EVALUATION === #

    @api.model
    @tools.ormcache()
    def _get_kinds(self):
        """Return the kinds of the active rules; every reconciliation asks for them."""
        return frozenset(self._search_active().mapped("kind"))

    @api.model
    @tools.ormcache()
    def _get_delays(self):
        """Return after how many days active rules call an item late, each once."""
        return frozenset(self._search_active()._get_delays_of_these())

    def _get_delays_of_these(self):
        """Return after how many days these rules call an item late."""
        overdue = self.filtered(lambda rule: rule.kind == "overdue")
        return [rule.overdue_days + rule.grace_days for rule in overdue]

    def _get_reason(self, assessment):
        """Return why a customer is blocked, as a sentence of `said`: no amounts.

        :param assessment: an `Assessment` of `credit.block.evaluation` by this rule
        """
        self.ensure_one()
        if self.kind == "overdue":
            return said.say(
                "block.overdue", date=said.day(assessment.since), rule=said.name(self)
            )
        line = self.env["account.payment.return.line"].browse(assessment.line_id)
        if assessment.number == 1:
            return line._get_block_reason()
        return said.say(
            "block.returns",
            number=assessment.number,
            rule=said.name(self),
            last=line._get_block_reason(),
        )
