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

    credit_return_fee_minimum = fields.Monetary(
        related="company_id.credit_return_fee_minimum",
        readonly=False,
        currency_field="currency_id",
    )
    credit_late_charges = fields.Boolean(
        related="company_id.credit_late_charges", readonly=False
    )
    credit_late_margin = fields.Float(
        related="company_id.credit_late_margin", readonly=False
    )
    credit_late_minimum = fields.Monetary(
        related="company_id.credit_late_minimum",
        readonly=False,
        currency_field="currency_id",
    )
    credit_late_interest_account_id = fields.Many2one(
        related="company_id.credit_late_interest_account_id", readonly=False
    )
    credit_late_flat_account_id = fields.Many2one(
        related="company_id.credit_late_flat_account_id", readonly=False
    )
    credit_late_tax_id = fields.Many2one(
        related="company_id.credit_late_tax_id", readonly=False
    )
    credit_late_interest_account_hint = fields.Char(
        compute="_compute_credit_late_hints"
    )
    credit_late_flat_account_hint = fields.Char(compute="_compute_credit_late_hints")
    credit_late_tax_hint = fields.Char(compute="_compute_credit_late_hints")

    @api.depends("company_id")
    def _compute_credit_late_hints(self):
        """What late payment is booked on as long as nobody chooses."""
        for settings in self:
            company = settings.company_id
            interest, flat, tax = (
                company._find_credit_late(f"credit_late_{name}")
                for name in ("interest_account_id", "flat_account_id", "tax_id")
            )
            none = self.env._("Choose an account")
            settings.credit_late_interest_account_hint = interest.display_name or none
            settings.credit_late_flat_account_hint = flat.display_name or self.env._(
                "That of the interest"
            )
            settings.credit_late_tax_hint = tax.display_name or self.env._("No tax")

    @api.depends("company_id")
    def _compute_credit_return_fee_account_hint(self):
        """Where the fees of the bank go as long as nobody chooses an account."""
        for settings in self:
            account = settings.company_id._find_credit_return_fee_account()
            settings.credit_return_fee_account_hint = (
                account.display_name if account else self.env._("Choose an account")
            )
