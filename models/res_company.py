from odoo import api, fields, models
from odoo.exceptions import ValidationError

from . import acting, entered_numbers, orm_internals
from .const import STOPPING

FEE_POLICY_SELECTION = [
    ("company", "Our cost"),
    ("receivable", "Re-charged on the return entry"),
    ("invoice", "Re-charged by a draft invoice"),
]


HANDOVER_SELECTION = [
    ("visible", "Visible: the salesperson sees that the order is held, and why"),
    ("silent", "Silent: nobody but the credit managers is told"),
    ("hidden", "Hidden: the order disappears until the decision"),
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
        check_company=True,
    )
    credit_return_auto_confirm = fields.Boolean(
        string="Confirm Matched Returns",
        help="A return whose lines all match is confirmed when it is imported.",
    )
    credit_return_mail = fields.Boolean(
        string="Write to Customers on Payment Return",
        default=True,
        help="Confirming a payment return sends each of its customers a mail.",
    )
    credit_return_tell_salesperson = fields.Boolean(
        string="Tell Salespeople on Payment Return",
        default=True,
        help="Confirming a payment return plans an activity for who sold: one for each"
        " customer and return.",
    )
    credit_return_take_discount = fields.Boolean(
        string="Take Early Payment Discounts Back",
        default=True,
        help="The discount was for paying in time: with a payment that comes back, the"
        " invoice is open in full again. Otherwise the customer keeps the discount.",
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
    credit_return_fee_minimum = fields.Monetary(
        string="Smallest Fee Charged Again",
        currency_field="currency_id",
        help="A smaller fee of a return is our cost, whoever else would bear it.",
    )
    credit_return_fee_product_id = fields.Many2one(
        "product.product",
        string="Return Fee Product",
        domain="[('type', '=', 'service')]",
        check_company=True,
        help="Service that the draft fee invoice is made of.",
    )

    credit_hold_level = fields.Boolean(
        string="Hold Orders of Blocked Customers",
        default=True,
        help="Where the grid of levels says hold, a manager decides; switched off, the"
        " order is refused.",
    )
    credit_hold_limit = fields.Boolean(
        string="Hold Orders over the Credit Limit",
        help="A manager decides on orders that exceed the customer's credit limit.",
    )
    credit_hold_limit_tolerance = fields.Float(
        string="Accepted Excess over the Limit",
        help="Percentage of the credit limit that may be exceeded.",
    )
    credit_hold_limit_warning = fields.Integer(
        string="Limit Warning From",
        default=80,
        help="Percentage of the credit limit from which quotations and draft invoices"
        " warn; 0 for never.",
    )
    credit_hold_prepaid_exempt = fields.Boolean(
        string="Prepaid Orders Need No Credit",
        default=True,
        help="What the customer has paid of an order does not count against the limit.",
    )
    credit_hold_terms = fields.Boolean(
        string="Hold Orders with Changed Payment Terms",
        help="A manager decides when the terms are worse for us than the customer's, or"
        " the payment method is not the customer's.",
    )
    credit_hold_terms_days = fields.Integer(
        string="Accepted Delay of Payment",
        help="Days by which the terms may be longer than the customer's.",
    )
    credit_hold_handover = fields.Selection(
        HANDOVER_SELECTION,
        string="Hand-over of Held Orders",
        default="visible",
        required=True,
    )
    credit_hold_user_ids = fields.Many2many(
        "res.users",
        "res_company_credit_hold_user_rel",
        "company_id",
        "user_id",
        string="Who Decides on Held Orders",
        help="Credit managers who decide; all of them if empty. The first is asked.",
    )
    credit_hold_four_eyes = fields.Boolean(
        string="Four Eyes",
        help="Who handed an order over may not release it.",
    )
    credit_hold_release_days = fields.Integer(
        string="A Release Is Valid For",
        default=7,
        help="Days for which a released order may still be confirmed; 0 for ever.",
    )

    @api.constrains("credit_block_return_level_id")
    def _check_credit_block_return_level_id(self):
        """Raise UserError for a level of another company."""
        self._check_company(["credit_block_return_level_id"])

    @api.constrains(entered_numbers.get_names)
    def _check_credit_numbers(self):
        """Raise ValidationError for a tolerance, share or number of days below zero."""
        entered_numbers.check(self)

    @api.constrains("credit_hold_user_ids")
    def _check_credit_hold_user_ids(self):
        """Raise ValidationError when who is chosen to decide is no credit manager."""
        for company in self:
            managers = company._get_credit_managers(limit=None)
            others = company.sudo().credit_hold_user_ids - managers
            if others:
                raise ValidationError(
                    self.env._(
                        "Only credit managers of %(company)s can decide on held orders:"
                        " %(users)s cannot.",
                        company=company.sudo().name,
                        users=", ".join(others.mapped("name")),
                    )
                )

    @api.model
    def _has_field_access(self, field, operation):
        """Override of `base`, which lets customers read all of their company.

        How a company grants credit is nothing for its customers.
        """
        if orm_internals.is_own(field) and not acting.is_system(self.env):
            return acting.has_employee_rights(self.env) and super()._has_field_access(
                field, operation
            )
        return super()._has_field_access(field, operation)

    @api.model
    def _init_credit_block_return_level(self):
        """Give the companies that existed before this addon the default level."""
        level = self._default_credit_block_return_level_id()
        self.sudo().with_context(active_test=False).search(
            [("credit_block_return_level_id", "=", False)]
        ).credit_block_return_level_id = level

    def _get_of_parents(self, name):
        """Return a setting of a company, or else of the nearest head office with one.

        :param name: many2one field whose records a branch may use too
        """
        self.ensure_one()
        company = self.sudo()
        while company.parent_id and not company[name]:
            company = company.parent_id
        return company[name].sudo(False)

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

    def _get_forbidding_policies(self):
        """Return the policies of the grid that refuse an order outright.

        What says hold is refused where holds are switched off.
        """
        if self._get_credit_setting("credit_hold_level"):
            return ("forbid",)
        return STOPPING

    def _get_hold_deciders(self):
        """Return the users who decide on held orders of this company, in sudo.

        Those chosen in the settings, if they still may, or else all credit managers.
        After them those of its head offices, whose blocks and limits hold it too.
        """
        self.ensure_one()
        deciders = self.env["res.users"].sudo()
        for company in self.sudo().parent_ids.sorted("parent_path", reverse=True):
            managers = company._get_credit_managers(limit=None)
            deciders |= company.credit_hold_user_ids & managers or managers
        return deciders

    def _get_hold_decider_hint(self):
        """Return the sentence that names up to three who decide on held orders."""
        deciders = self._get_hold_deciders()[:3]
        if not deciders:
            return self._get_credit_manager_hint()
        return self.env._("Who decides: %s.", ", ".join(deciders.mapped("name")))

    def _get_credit_managers(self, limit=3):
        """Return the first users who may lift blocks in a company, in sudo."""
        self.ensure_one()
        group = self.env.ref("account_credit_block.group_credit_manager")
        return (
            self.env["res.users"]
            .sudo()
            .search_fetch(
                [
                    ("all_group_ids", "in", group.ids),
                    ("company_ids", "in", self.ids),
                    # Said, as the context of a client may ask for archived ones too.
                    ("active", "=", True),
                ],
                ["name"],
                order="id",
                limit=limit,
            )
        )
