from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    credit_block_on_return = fields.Boolean(
        related="company_id.credit_block_on_return", readonly=False
    )
    credit_block_return_level_id = fields.Many2one(
        related="company_id.credit_block_return_level_id",
        readonly=False,
        domain="['|', ('company_id', '=', False),"
        " ('company_id', 'parent_of', company_id)]",
    )
    credit_return_mail = fields.Boolean(
        related="company_id.credit_return_mail", readonly=False
    )
    credit_return_tell_salesperson = fields.Boolean(
        related="company_id.credit_return_tell_salesperson", readonly=False
    )
    credit_return_take_discount = fields.Boolean(
        related="company_id.credit_return_take_discount", readonly=False
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
    credit_hold_level = fields.Boolean(
        related="company_id.credit_hold_level", readonly=False
    )
    credit_hold_limit = fields.Boolean(
        related="company_id.credit_hold_limit", readonly=False
    )
    credit_hold_limit_tolerance = fields.Float(
        related="company_id.credit_hold_limit_tolerance", readonly=False
    )
    credit_hold_limit_warning = fields.Integer(
        related="company_id.credit_hold_limit_warning", readonly=False
    )
    credit_hold_prepaid_exempt = fields.Boolean(
        related="company_id.credit_hold_prepaid_exempt", readonly=False
    )
    credit_hold_terms = fields.Boolean(
        related="company_id.credit_hold_terms", readonly=False
    )
    credit_hold_terms_days = fields.Integer(
        related="company_id.credit_hold_terms_days", readonly=False
    )
    credit_hold_handover = fields.Selection(
        related="company_id.credit_hold_handover", readonly=False, required=True
    )
    credit_hold_user_ids = fields.Many2many(
        related="company_id.credit_hold_user_ids",
        readonly=False,
        domain=lambda self: self._get_credit_hold_user_domain(),
    )
    credit_hold_four_eyes = fields.Boolean(
        related="company_id.credit_hold_four_eyes", readonly=False
    )
    credit_hold_release_days = fields.Integer(
        related="company_id.credit_hold_release_days", readonly=False
    )

    credit_imposed_text = fields.Text(compute="_compute_credit_imposed_text")

    @api.depends("company_id")
    def _compute_credit_imposed_text(self):
        """What counts otherwise in a branch than its own settings say."""
        for settings in self:
            company = settings.company_id
            labels = [
                company._fields[name].get_description(self.env, ["string"])["string"]
                for name in company._get_imposed_credit_settings()
            ]
            text = self.env._(
                "The head office is stricter, and binds this branch: %(settings)s.",
                settings=", ".join(labels),
            )
            settings.credit_imposed_text = text if labels else False

    @api.onchange("credit_hold_limit")
    def _onchange_credit_hold_limit(self):
        """Switch core's credit limits on too, without which nobody has one."""
        if self.credit_hold_limit:
            self.account_use_credit_limit = True

    def _get_credit_hold_user_domain(self):
        """Return the domain of who may be chosen to decide; the company checks it."""
        group = self.env.ref("account_credit_block.group_credit_manager")
        return (
            f"[('all_group_ids', 'in', {group.ids}), ('company_ids', 'in', company_id)]"
        )
