from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..const import OPERATIONS, POLICIES

POLICY_SELECTION = [
    ("allow", "Allow"),
    ("warn", "Warn"),
    ("hold", "Hold"),
    ("forbid", "Forbid"),
]


def _policy_field(string, help_text):
    return fields.Selection(
        POLICY_SELECTION,
        string=string,
        required=True,
        default="allow",
        help=help_text,
    )


class CreditBlockLevel(models.Model):
    """One of the restrictions of a customer: a row of the grid of policies.

    The rows are data and belong to the administrator: code asks a level for its
    policy and never for its name.
    """

    _name = "credit.block.level"
    _inherit = ["credit.setting"]
    _description = "Credit Block Level"
    _order = "sequence, id"
    # A level of the head office is one of its branches too.
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="The level with the highest position is the most important."
    )
    active = fields.Boolean(default=True)
    color = fields.Integer(default=1)
    description = fields.Text(
        translate=True, help="When to use this level, for the people who set it."
    )
    policy_support = _policy_field(
        "Support", "Tickets, tasks, repairs and whatever else is guarded as support."
    )
    policy_quotation = _policy_field(
        "Quotation",
        "Entering a quotation in the back office. Hold: it may be entered, and a"
        " manager decides when it is confirmed.",
    )
    policy_confirmation = _policy_field(
        "Confirmation", "Confirming a quotation of the back office."
    )
    policy_web_order = _policy_field(
        "Web Order", "Paying and confirming an order of the website."
    )
    policy_delivery = _policy_field("Delivery", "Shipping goods to the customer.")
    policy_invoice = _policy_field("Invoice", "Invoicing the customer.")
    invoice_delivered = fields.Boolean(
        string="Also What Was Delivered",
        help="Hold or forbid invoices of delivered goods too. Otherwise what has left"
        " is always invoiced.",
    )

    @api.constrains("name", "company_id", "active")
    def _check_name(self):
        """Raise ValidationError for a name of two levels that one may choose from."""
        levels = self._search_active()
        for level in self.sudo().filtered("active"):
            for other in levels - level:
                if level._is_called_as(other) and level._is_offered_beside(other):
                    raise ValidationError(
                        self.env._(
                            "There is a level “%s” already, and people could not tell"
                            " them apart: choose another name, or archive the other"
                            " level.",
                            other.name,
                        )
                    )

    def _is_called_as(self, other):
        return self.name.strip().casefold() == other.name.strip().casefold()

    def _is_offered_beside(self, other):
        """Say whether a company may use both levels: it and its head offices do."""
        mine, theirs = self.company_id, other.company_id
        return (
            not mine
            or not theirs
            or mine in theirs.sudo().parent_ids
            or theirs in mine.sudo().parent_ids
        )

    @api.constrains("company_id")
    def _check_company_of_users(self):
        """Raise ValidationError for a level that another company uses already."""
        for level in self.sudo().filtered("company_id"):
            if level._get_using_companies() - level._get_branches():
                raise ValidationError(
                    self.env._(
                        "Other companies use the level “%(level)s”: leave it shared, or"
                        " duplicate it for %(company)s.",
                        level=level.name,
                        company=level.company_id.name,
                    )
                )

    def _get_branches(self):
        """Return the company of this level with its branches; for sudo."""
        companies = self.env["res.company"].with_context(active_test=False)
        return companies.search([("id", "child_of", self.company_id.ids)])

    def _get_using_companies(self):
        """Return the companies whose blocks, rules or settings have this level.

        A shared rule is one of all companies; for sudo.
        """
        archived = self.with_context(active_test=False).env
        used = [("level_id", "=", self.id)]
        rules = archived["credit.block.rule"].search(used)
        blocks = archived["credit.block"]._read_group(used, ["company_id"])
        companies = archived["res.company"].search(
            [("credit_block_return_level_id", "=", self.id)]
        )
        companies |= rules.company_id.union(*(company for (company,) in blocks))
        if not all(rule.company_id for rule in rules):
            companies |= companies.search([])  # pylint: disable=no-search-all
        return companies

    @api.constrains("active")
    def _check_archived(self):
        """Raise ValidationError for an archived level that is still to be given."""
        for level, users in self._find_giving().items():
            raise ValidationError(
                self.env._(
                    "The level “%(level)s” is used by %(users)s: give them another"
                    " level before it is archived.",
                    level=level.name,
                    users=", ".join(users),
                )
            )

    def _find_giving(self):
        """Return a dict from archived levels to who gives them, in words.

        Rules that are switched off give none, and blocks in force go on.
        """
        archived = self.sudo().filtered(lambda level: not level.active)
        giving = defaultdict(list)
        if archived:
            rules = archived.env["credit.block.rule"]._search_active()
            for rule in rules.filtered(lambda rule: rule.level_id in archived):
                giving[rule.level_id].append(self.env._("the rule “%s”", rule.name))
            for company in archived.env["res.company"].search(
                [("credit_block_return_level_id", "in", archived.ids)]
            ):
                giving[company.credit_block_return_level_id].append(
                    self.env._("the settings of %s", company.name)
                )
        return giving

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """Raise UserError for a level that a block or a company refers to."""
        levels = self.sudo()
        blocks = levels.env["credit.block"].search(
            [("level_id", "in", self.ids)], limit=1
        )
        companies = levels.env["res.company"].search(
            [("credit_block_return_level_id", "in", self.ids)]
        )
        rules = levels.env["credit.block.rule"].with_context(active_test=False)
        rules = rules.search([("level_id", "in", self.ids)], limit=1)
        used = blocks.level_id | companies.credit_block_return_level_id | rules.level_id
        if used:
            raise UserError(
                self.env._(
                    "The level “%(level)s” is used by customers, by a rule or by a"
                    " company setting and cannot be deleted: archive it instead.",
                    level=used[0].name,
                )
            )

    def copy(self, default=None):
        """Override of `base` to call a copy one, in every language."""
        copies = self.browse()
        for level in self:
            copies |= super(CreditBlockLevel, level).copy(
                {"name": level._get_copy_name(), **(default or {})}
            )
        return copies

    def _get_copy_name(self):
        """Return a name for a copy that no other level has."""
        name = self.env._("%s (copy)", self.name)
        levels = self.sudo().search([])  # pylint: disable=no-search-all  # a handful
        while name in levels.mapped("name"):
            name = self.env._("%s (copy)", name)
        return name

    def write(self, vals):
        """Forget the verdicts already given when the grid changes."""
        res = super().write(vals)
        self.env["credit.block"]._invalidate_verdicts()
        return res

    def _get_policy(self, operation):
        """Return the policy of this level for an operation.

        :raises ValueError: for an operation that the grid does not know
        """
        self.ensure_one()
        if operation not in OPERATIONS:
            raise ValueError(f"Unknown credit operation: {operation!r}")
        policies = [self[f"policy_{operation}"]]
        # A quotation to hold may be entered; confirming it takes a decision.
        if operation == "confirmation" and self.policy_quotation == "hold":
            policies.append("hold")
        return max(policies, key=POLICIES.index)
