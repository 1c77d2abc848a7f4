from odoo import fields, models


class CreditBlockRulePreviewLine(models.TransientModel):
    """A customer that a rule would block."""

    _name = "credit.block.rule.preview.line"
    _inherit = ["credit.reach"]
    _description = "Customer in the Preview of a Credit Block Rule"

    preview_id = fields.Many2one(
        "credit.block.rule.preview", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one("res.partner", string="Customer", required=True)
    company_id = fields.Many2one("res.company", required=True)
    level_id = fields.Many2one("credit.block.level", required=True)
    level_color = fields.Integer(related="level_id.color")
    replaced_level_id = fields.Many2one("credit.block.level", string="Instead of")
    reason = fields.Text()
