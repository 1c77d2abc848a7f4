from odoo import api, fields, models
from odoo.exceptions import UserError

from .credit_verdict import OPERATIONS, POLICIES

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
    _description = "Credit Block Level"
    _order = "sequence, id"

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

    def write(self, vals):
        """Forget the verdicts already given when the grid changes."""
        res = super().write(vals)
        self.env["credit.block"]._invalidate_verdicts()
        return res

    def _get_policy(self, operation):
        """Return the policy of this level for an operation.

        :raise: ValueError for an operation that the grid does not know
        """
        self.ensure_one()
        if operation not in OPERATIONS:
            raise ValueError(f"Unknown credit operation: {operation!r}")
        policies = [self[f"policy_{operation}"]]
        # A quotation to hold may be entered; confirming it takes a decision.
        if operation == "confirmation" and self.policy_quotation == "hold":
            policies.append("hold")
        return max(policies, key=POLICIES.index)
