from odoo import api, fields, models
from odoo.exceptions import UserError

FEE_POLICY_SELECTION = [
    ("company", "Our cost"),
    ("receivable", "Re-charged on the return entry"),
    ("invoice", "Re-charged by a draft invoice"),
]


class ResCompany(models.Model):
    _inherit = "res.company"

    def _default_credit_block_return_level_id(self):
        # The level may have been deleted by an administrator.
        return self.env.ref(
            "account_credit_block.credit_block_level_unpaid", raise_if_not_found=False
        )

    credit_block_on_return = fields.Boolean(
        string="Block Customers on Payment Return",
        default=True,
        help="Confirming a payment return blocks its customers by itself.",
    )
    credit_block_return_level_id = fields.Many2one(
        "credit.block.level",
        string="Level on Payment Return",
        default=lambda self: self._default_credit_block_return_level_id(),
        ondelete="restrict",
    )
    credit_return_auto_confirm = fields.Boolean(
        string="Confirm Matched Returns",
        help="A return whose lines all match is confirmed when it is imported.",
    )
    credit_return_journal_id = fields.Many2one(
        "account.journal",
        string="Payment Return Journal",
        domain="[('type', '=', 'general')]",
        check_company=True,
        help="Journal of the return entries; empty for the first miscellaneous one.",
    )
    credit_return_fee_account_id = fields.Many2one(
        "account.account",
        string="Return Fee Account",
        domain="[('account_type', 'in', ('expense', 'expense_other'))]",
        check_company=True,
        help="Expense account of what the bank charges for a return.",
    )
    credit_return_fee_policy = fields.Selection(
        FEE_POLICY_SELECTION,
        string="Return Fee",
        default="company",
        required=True,
        help="Who bears what the bank charges for a return.",
    )
    credit_return_fee_product_id = fields.Many2one(
        "product.product",
        string="Return Fee Product",
        domain="[('type', '=', 'service')]",
        check_company=True,
        help="Service that the draft fee invoice is made of.",
    )

    @api.model
    def _init_credit_block_return_level(self):
        """Give the companies that existed before this addon the default level."""
        level = self._default_credit_block_return_level_id()
        self.sudo().with_context(active_test=False).search(
            [("credit_block_return_level_id", "=", False)]
        ).credit_block_return_level_id = level

    def _get_credit_return_journal(self):
        """Return the journal of the return entries: a general one.

        Core keeps the items of general journals out of payment follow-ups; the
        reopened invoice is what has to be followed up.

        :raise: UserError when the company has no general journal
        """
        self.ensure_one()
        journal = self.credit_return_journal_id or self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self),
                ("type", "=", "general"),
                ("id", "!=", self.currency_exchange_journal_id.id),
                ("id", "!=", self.tax_cash_basis_journal_id.id),
            ],
            limit=1,
        )
        if not journal:
            raise UserError(
                self.env._(
                    "%(company)s has no general journal for the return entries. "
                    "Choose one in Invoicing > Configuration > Settings > Credit "
                    "Control.",
                    company=self.display_name,
                )
            )
        return journal

    def _get_credit_manager_hint(self):
        """Return the sentence that names up to three credit managers of a company."""
        self.ensure_one()
        managers = self._get_credit_managers()
        if not managers:
            return self.env._(
                "No credit manager is defined for %(company)s: ask an administrator.",
                company=self.sudo().name,
            )
        return self.env._(
            "To lift the block, ask: %(managers)s.",
            managers=", ".join(managers.mapped("name")),
        )

    def _get_credit_managers(self, limit=3):
        """Return the first users who may lift blocks in a company, in sudo."""
        self.ensure_one()
        group = self.env.ref("account_credit_block.group_credit_manager")
        return (
            self.env["res.users"]
            .sudo()
            .search_fetch(
                [("all_group_ids", "in", group.ids), ("company_ids", "in", self.ids)],
                ["name"],
                order="id",
                limit=limit,
            )
        )
