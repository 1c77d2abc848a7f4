from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_block_on_return = fields.Boolean(
        related="company_id.credit_block_on_return", readonly=False
    )
    credit_block_return_level_id = fields.Many2one(
        related="company_id.credit_block_return_level_id", readonly=False
    )
    credit_return_auto_confirm = fields.Boolean(
        related="company_id.credit_return_auto_confirm", readonly=False
    )
    credit_return_journal_id = fields.Many2one(
        related="company_id.credit_return_journal_id", readonly=False
    )
    credit_return_fee_account_id = fields.Many2one(
        related="company_id.credit_return_fee_account_id", readonly=False
    )
    credit_return_fee_policy = fields.Selection(
        related="company_id.credit_return_fee_policy", readonly=False, required=True
    )
    credit_return_fee_product_id = fields.Many2one(
        related="company_id.credit_return_fee_product_id", readonly=False
    )
