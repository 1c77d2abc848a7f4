from odoo import api, fields, models
from odoo.tools import format_amount

from .. import labels


class CreditBlockRule(models.Model):
    """What a rule blocks for, in words: nobody reads ten fields of a list."""

    _inherit = "credit.block.rule"  # pylint: disable=consider-merging-classes-inherited

    condition_text = fields.Char(string="Condition", compute="_compute_condition_text")

    @api.depends(
        "kind",
        "company_id",
        "return_count",
        "return_amount",
        "return_days",
        "unpaid_only",
        "reason_category",
        "reason_ids",
        "overdue_days",
        "grace_days",
        "overdue_amount",
        "deduct_credits",
        "overdue_share",
    )
    @api.depends_context("lang", "company")
    def _compute_condition_text(self):
        """The conditions that are set, for who reads them; zeros are no conditions."""
        for rule in self:
            words = (
                rule._get_return_words()
                if rule.kind == "return"
                else rule._get_overdue_words()
            )
            rule.condition_text = " · ".join(filter(None, words))

    def _get_return_words(self):
        """Return what of payment returns has to be true, a few words each."""
        return [
            self._get_from_words(),
            self._get_days_words(),
            self.unpaid_only and self.env._("still unpaid"),
            self._get_reason_words(),
        ]

    def _get_from_words(self):
        """Return from how much on the rule blocks; either is enough."""
        amount = self.return_amount and self._format_condition(self.return_amount)
        if self.return_count == 1:
            return self.env._("From the first return")
        if not amount:
            return self.env._("From %s returns", self.return_count)
        if not self.return_count:
            return self.env._("From %s returned", amount)
        return self.env._(
            "From %(count)s returns, or from %(amount)s returned",
            count=self.return_count,
            amount=amount,
        )

    def _get_days_words(self):
        if not self.return_days:
            return self.env._("however long ago")
        return self.env._("within %s days", self.return_days)

    def _get_reason_words(self):
        """Return which reasons count, where not all do."""
        names = self.reason_ids.mapped("display_name")
        category = labels.get_label(self, "reason_category")
        return ", ".join([*([category] if category else []), *names])

    def _get_overdue_words(self):
        """Return what of overdue invoices has to be true, a few words each."""
        return [
            self.env._("Overdue for more than %s days", self.overdue_days),
            self.grace_days and self.env._("after %s days of grace", self.grace_days),
            self.overdue_amount
            and self.env._("from %s", self._format_condition(self.overdue_amount)),
            self.overdue_share
            and self.env._("from %s %% of the limit", f"{self.overdue_share:g}"),
            self.deduct_credits and self.env._("less unused credits"),
        ]

    def _format_condition(self, amount):
        """Return an amount in the currency of the company; of all, of who reads."""
        company = self.company_id or self.env.company
        return format_amount(self.env, amount, company.currency_id)
