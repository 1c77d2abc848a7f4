from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"  # pylint: disable=consider-merging-classes-inherited

    credit_arrival_alias_name = fields.Char(
        related="company_id.credit_arrival_alias_name", readonly=False
    )
    credit_arrival_domain_id = fields.Many2one(related="company_id.alias_domain_id")
    credit_arrival_senders = fields.Text(
        related="company_id.credit_arrival_senders", readonly=False
    )
    credit_arrival_user_id = fields.Many2one(
        related="company_id.credit_arrival_user_id", readonly=False
    )
    credit_return_fee_account_hint = fields.Char(
        compute="_compute_credit_return_fee_account_hint"
    )

    @api.depends("company_id")
    def _compute_credit_return_fee_account_hint(self):
        """Where the fees of the bank go as long as nobody chooses an account."""
        for settings in self:
            account = settings.company_id._find_credit_return_fee_account()
            settings.credit_return_fee_account_hint = (
                account.display_name if account else self.env._("Choose an account")
            )
