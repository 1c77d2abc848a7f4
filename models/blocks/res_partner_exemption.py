"""Customers that no automatism blocks, until a day and for a reason."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from .. import acting, said
from ..const import ACCOUNTING_GROUPS
from ..credit.res_partner import LIMIT_FIELDS

EXEMPTION_FIELDS = (
    "credit_block_exempt",
    "credit_block_exempt_until",
    "credit_block_exempt_reason",
)
# What credit managers enter, and nobody else.
MANAGED_FIELDS = (*EXEMPTION_FIELDS, *LIMIT_FIELDS)


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

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base` to leave limits and exemptions to credit managers.

        Asked after creating: defaults of the context count too.

        :raises AccessError: for others
        :raises UserError: for an exemption without a reason
        """
        partners = super().create(vals_list)
        if not acting.is_system(self.env):
            for name in MANAGED_FIELDS:
                default = self._fields[name].get_company_dependent_fallback(self)
                partners._check_managed_field(name, dict.fromkeys(partners, default))
            partners._check_exemption_reason()
        return partners

    def write(self, vals):
        """Override of `base` to leave limits and exemptions to credit managers.

        :raises AccessError: for others who change one
        :raises UserError: for an exemption without a reason
        """
        names = (
            ()
            if acting.is_system(self.env)
            else [n for n in MANAGED_FIELDS if n in vals]
        )
        before = {name: {p: p.sudo()[name] for p in self} for name in names}
        res = super().write(vals)
        for name in names:
            self._check_managed_field(name, before[name])
        if not set(EXEMPTION_FIELDS).isdisjoint(names):
            self._check_exemption_reason()
        if not {*MANAGED_FIELDS, "credit_limit"}.isdisjoint(vals):
            # The current company is where a company-dependent field is written.
            # Its branches are bound by what is said there.
            branches = self.env["res.company"].sudo().with_context(active_test=False)
            for company in branches.search([("id", "child_of", self.env.company.id)]):
                self._follow_credit_terms(company)
        return res

    def _follow_credit_terms(self, company):
        """Make the automatic blocks follow what limits and exemptions say now."""
        owners = self.sudo().with_company(company)
        # Contacts take limits over from their company, which is written too.
        owners = owners.filtered(lambda p: p.commercial_partner_id == p)
        exempt = owners.browse(owners._is_credit_exempt(company))
        for reason, partners in exempt.grouped(
            lambda p: p._get_credit_exempt_reason(company)
        ).items():
            partners._lift_exempt_blocks(reason, company)
        self.env["credit.block.evaluation"]._evaluate(owners - exempt, company)

    def _lift_exempt_blocks(self, reason, company):
        """Lift what automatisms set before these customers were exempt from it."""
        why = said.say("lift.exempt")
        if reason:
            why = said.say("lift.exempt_reason", reason=reason)
        block = self.env["credit.block"]
        origins = tuple(dict(block._fields["origin"].selection))
        self._lift_automatic_credit_blocks(block.level_id, why, company, origins)

    def _check_managed_field(self, name, allowed):
        """Raise AccessError for who is no credit manager and changed a field.

        A contact takes over what its company has, whoever enters it.

        :param allowed: dict from partner to the value that it may have
        """
        for partner in self.sudo():
            inherited = partner.commercial_partner_id - partner
            if partner[name] != allowed[partner] and not (
                inherited and partner[name] == inherited[name]
            ):
                self._check_limit_manager(name)

    def _check_limit_manager(self, name):
        """Raise AccessError for who is no credit manager, by what was changed."""
        if name in EXEMPTION_FIELDS:
            self._check_credit_manager()
        elif not acting.is_credit_manager(self.env):
            raise AccessError(
                self.env._(
                    "Only a credit manager can change how long the credit limit of a"
                    " customer is valid, or raise it for a time."
                )
            )

    def _check_exemption_reason(self):
        """Raise UserError for an exemption that nobody could explain later.

        People are asked; the server's own code exempts as it always did.
        """
        for partner in self.sudo():
            reason = partner.credit_block_exempt_reason or ""
            if partner.credit_block_exempt and not reason.strip():
                raise UserError(
                    self.env._(
                        "Say why %(partner)s is never blocked by an automatism.",
                        partner=partner.display_name,
                    )
                )

    # === BUSINESS === #

    def _is_credit_exempt(self, company):
        """Return the ids of these partners that no automatism blocks today.

        A contact answers for its commercial partner. What the head office exempts from
        is so in its branches. No access check.

        :return: a set of ids
        """
        today = company._get_credit_today()
        return {
            partner.id
            for office in company.sudo().parent_ids
            for partner in self.sudo().with_company(office)
            for owner in partner.commercial_partner_id
            if owner.credit_block_exempt
            and (owner.credit_block_exempt_until or today) >= today
        }

    def _get_credit_exempt_reason(self, company):
        """Return why a customer is exempt in a company: the nearest office says so."""
        for office in reversed(company.sudo().parent_ids):
            reason = self.with_company(office).credit_block_exempt_reason
            if reason:
                return reason
        return False

    def _set_credit_exemption(self, reason, company, until=False):
        """Keep automatisms from blocking these customers in a company.

        Nothing is shortened: who is exempt for longer stays so. Trusted: no access
        check.

        :param str reason: why, for whoever asks later
        :param until: last day, or empty for ever
        """
        owners = self.commercial_partner_id.sudo().with_company(company)
        lasting = owners.filtered(
            lambda p: (
                p._is_credit_exempt(company)
                and (
                    not p.credit_block_exempt_until
                    or (until and p.credit_block_exempt_until >= until)
                )
            )
        )
        (owners - lasting).write(
            {
                "credit_block_exempt": True,
                "credit_block_exempt_until": until,
                "credit_block_exempt_reason": reason.strip(),
            }
        )

    @api.model
    def _get_credit_exempt_sql(self, alias, company):
        """Return the boolean `SQL` of what `_is_credit_exempt` says, for a statement.

        :param str alias: table or alias of `res.partner` rows of commercial partners
        """
        return SQL(
            "(%s)",
            SQL(" OR ").join(
                self._get_credit_exempt_sql_of_company(alias, office)
                for office in company.sudo().parent_ids
            ),
        )

    def _get_credit_exempt_sql_of_company(self, alias, company):
        """Return the same of what one company has set."""
        partner = self.sudo().with_company(company)
        return SQL(
            "(%(exempt)s IS TRUE AND COALESCE(%(until)s >= %(today)s, TRUE))",
            exempt=partner._field_to_sql(alias, "credit_block_exempt"),
            until=partner._field_to_sql(alias, "credit_block_exempt_until"),
            today=company._get_credit_today(),
        )
