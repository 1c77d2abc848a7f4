"""Customers that no automatism blocks, until a day and for a reason."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .res_partner import ACCOUNTING_GROUPS


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    credit_block_exempt_until = fields.Date(
        string="No Automatic Block Until",
        company_dependent=True,
        tracking=True,
        groups=ACCOUNTING_GROUPS,
        help="Last day without automatic blocks; empty for ever.",
    )
    credit_block_exempt_reason = fields.Char(
        string="Why No Automatic Block",
        company_dependent=True,
        tracking=True,
        groups=ACCOUNTING_GROUPS,
    )

    @api.constrains("credit_block_exempt", "credit_block_exempt_reason")
    def _check_credit_block_exempt_reason(self):
        """Raise ValidationError for an exemption that nobody could explain later.

        People are asked; the server's own code exempts as it always did.
        """
        if self.env.su:
            return
        for partner in self.sudo():
            reason = partner.credit_block_exempt_reason or ""
            if partner.credit_block_exempt and not reason.strip():
                raise ValidationError(
                    self.env._(
                        "Say why %(partner)s is never blocked by an automatism.",
                        partner=partner.display_name,
                    )
                )

    # === BUSINESS === #

    def _is_credit_exempt(self, company):
        """Return the ids of these partners that no automatism blocks today.

        A contact answers for its commercial partner. No access check.

        :return: a set of ids
        """
        today = fields.Date.context_today(self)
        return {
            partner.id
            for partner in self.sudo().with_company(company)
            for owner in partner.commercial_partner_id
            if owner.credit_block_exempt
            and (owner.credit_block_exempt_until or today) >= today
        }

    @api.model
    def _get_credit_exempt_sql(self, alias, company):
        """Return the boolean `SQL` of what `_is_credit_exempt` says, for a statement.

        :param str alias: table or alias of `res.partner` rows of commercial partners
        """
        partner = self.sudo().with_company(company)
        return SQL(
            "(%(exempt)s IS TRUE AND COALESCE(%(until)s >= %(today)s, TRUE))",
            exempt=partner._field_to_sql(alias, "credit_block_exempt"),
            until=partner._field_to_sql(alias, "credit_block_exempt_until"),
            today=fields.Date.context_today(self),
        )
