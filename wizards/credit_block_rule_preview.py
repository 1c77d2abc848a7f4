from odoo import api, fields, models
from odoo.fields import Command

from ..models import said

# How many customers the dialog lists; all of them are counted.
MOST = 500


class CreditBlockRulePreview(models.TransientModel):
    """Dialog that shows whom a rule would block today, without blocking anybody."""

    _name = "credit.block.rule.preview"
    _inherit = ["credit.reach"]
    _description = "Preview of a Credit Block Rule"

    rule_id = fields.Many2one("credit.block.rule", required=True, ondelete="cascade")
    block_count = fields.Integer(readonly=True)
    in_force_count = fields.Integer(readonly=True)
    line_ids = fields.One2many("credit.block.rule.preview.line", "preview_id")
    summary = fields.Char(compute="_compute_summary")

    @api.depends("block_count", "in_force_count")
    def _compute_summary(self):
        """Say in one sentence how many customers the rule concerns."""
        for preview in self:
            preview.summary = " ".join(preview._get_sentences())

    def _get_sentences(self):
        if self.block_count == 1:
            yield self.env._("Would block 1 customer.")
        else:
            yield self.env._("Would block %s customers.", self.block_count)
        if self.in_force_count:
            yield self.env._("Blocks %s by now.", self.in_force_count)
        if self.block_count > MOST:
            yield self.env._("The first %s are listed.", MOST)

    @api.model
    def _open(self, rule):
        """Evaluate a rule as if it were active and show the outcome.

        :param rule: one `credit.block.rule`
        :return: a window action
        :raises AccessError: for who is no credit manager
        """
        self.check_access("create")
        companies = rule.company_id or self.env.companies
        rows = [row for company in companies for row in self._get_rows(rule, company)]
        in_force = self.env["credit.block"]._search_in_force(
            [("rule_id", "=", rule.id), ("company_id", "in", companies.ids)]
        )
        preview = self.create(
            {
                "rule_id": rule.id,
                "block_count": len(rows),
                "in_force_count": len(in_force),
                "line_ids": [Command.create(row) for row in rows[:MOST]],
            }
        )
        return preview._get_records_action(
            name=rule.name, target="new", context={"dialog_size": "extra-large"}
        )

    def _get_rows(self, rule, company):
        """Return the values of a line per customer that a rule would block."""
        assessments = (
            self.env["credit.block.evaluation"].sudo()._find(company, tried=rule)
        )
        replaced = {
            f.partner_id: f.level_id
            for f in assessments
            if f.is_closing and f.successor_id
        }
        return [
            {
                "partner_id": assessment.partner_id,
                "company_id": company.id,
                "level_id": assessment.level_id,
                "replaced_level_id": replaced.get(assessment.partner_id),
                "reason": said.tell(self.env, rule.sudo()._get_reason(assessment)),
            }
            for assessment in assessments
            if assessment.is_opening and assessment.rule_id == rule.id
        ]
