"""The terms of a customer are not the salesperson's to change."""

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from .. import acting
from ..const import OWNER_FIELDS
from ..credit.res_partner import LIMIT_FIELDS

TERMS_FIELDS = ("property_payment_term_id", "property_inbound_payment_method_line_id")
# What a contact takes over from its company, and who may leave it to him afterwards.
GRANTED_FIELDS = ("credit_limit", *LIMIT_FIELDS)


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    property_payment_term_id = fields.Many2one(tracking=True)
    property_inbound_payment_method_line_id = fields.Many2one(tracking=True)
    credit_own_values = fields.Json(
        copy=False,
        groups=fields.NO_ACCESS,
        help="The terms and limits that a contact had before it came under a company,"
        " by field and company.",
    )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`.

        Asked after creating: defaults of the user or of the context count too.

        :raises AccessError: like `write`
        """
        partners = super().create([self._clean_parent(vals) for vals in vals_list])
        if self._is_credit_terms_guarded():
            for name in TERMS_FIELDS:
                default = self._fields[name].get_company_dependent_fallback(self)
                partners._check_credit_terms(name, dict.fromkeys(partners, default))
        return partners

    def write(self, vals):
        """Override of `base` to leave the customers' terms and methods to accounting.

        A contact that leaves its company leaves the company's terms and limits there.

        :raises AccessError: for other users, in a company that holds changed terms
        """
        vals = self._clean_parent(vals)
        moving = self._take_owners() if OWNER_FIELDS & vals.keys() else {}
        names = [name for name in TERMS_FIELDS if name in vals]
        if not names or not self._is_credit_terms_guarded():
            res = super().write(vals)
        else:
            before = {name: {p: p[name] for p in self} for name in names}
            res = super().write(vals)
            for name in names:
                self._check_credit_terms(name, before[name])
        self._follow_owners(moving)
        return res

    def unlink(self):
        """Override of `base`: contacts of a deleted company have left it, too."""
        contacts = self.sudo().with_context(active_test=False)
        contacts = contacts.search([("commercial_partner_id", "in", self.ids)])
        moving = (contacts - self).sudo(False)._take_owners()
        res = super().unlink()
        self._follow_owners(moving)
        return res

    @api.model
    def _clean_parent(self, vals):
        """Return values in which no parent is none.

        Core takes a parent of 0 for one that it does not find, and the contact would
        belong to nobody: no block, limit or debt would be its own.
        """
        if "parent_id" in vals and not vals["parent_id"]:
            return {**vals, "parent_id": False}
        return vals

    def _is_credit_terms_guarded(self):
        """Say whether this user may not change the terms of customers."""
        return (
            not acting.is_accounting(self.env)
            # The current company is where a company-dependent field is written.
            and self.env.company._get_credit_setting("credit_hold_terms")
        )

    def _check_credit_terms(self, name, allowed):
        """Raise AccessError if a term or method is neither allowed nor inherited.

        A contact takes over what its company has, whoever enters it.

        :param allowed: dict from partner to the value that it may have
        """
        for partner in self:
            inherited = partner.sudo().commercial_partner_id - partner
            if partner[name] == allowed[partner] or (
                inherited and partner[name] == inherited[name]
            ):
                continue
            raise AccessError(
                self.env._(
                    "%(partner)s: only accounting can change the payment terms and the"
                    " payment method of a customer.",
                    partner=partner.display_name,
                )
            )

    # === UNDER A COMPANY, AND OUT AGAIN === #

    def _take_owners(self):
        """Return a dict from partner in sudo to its owner, and what it has of its own.

        None of it where who acts may grant all that a company has.
        """
        if not self._get_names_to_leave():
            return {}
        partners = self.sudo()
        partners.flush_recordset([*TERMS_FIELDS, *GRANTED_FIELDS])
        names = [*TERMS_FIELDS, *GRANTED_FIELDS]
        columns = SQL(", ").join(map(SQL.identifier, names))
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT id, %s FROM res_partner WHERE id = ANY(%s)",
                columns,
                partners.ids,
            )
        )
        values = {row.pop("id"): row for row in rows}
        return {p: (p.commercial_partner_id, values.get(p.id)) for p in partners}

    def _follow_owners(self, moving):
        """Keep what contacts had that came under a company; give it back to who left.

        :param dict moving: see `_take_owners`
        """
        names = moving and self._get_names_to_leave()
        for partner, (owner, values) in moving.items():
            now = partner.exists().commercial_partner_id
            if not now or now == owner:
                continue
            if owner == partner:
                partner.credit_own_values = values
            elif now == partner:
                partner._leave_company_values(names)

    def _get_names_to_leave(self):
        """Return what a contact does not take along when this user takes it out.

        Who may grant it decides by doing so.
        """
        names = []
        if not acting.is_accounting(self.env):
            names += TERMS_FIELDS
        if not acting.is_system(self.env) and not acting.is_credit_manager(self.env):
            names += GRANTED_FIELDS
        return names

    def _leave_company_values(self, names):
        """Have again what this contact had, or what a new customer has; for sudo."""
        own = self.credit_own_values or {}
        companies = self.env["res.company"]
        for company in companies.search([]):  # pylint: disable=no-search-all  # a few
            partner = self.with_company(company)
            vals = {
                name: partner._get_own_value(name, own.get(name) or {})
                for name in names
                if company._get_credit_setting("credit_hold_terms")
                or name not in TERMS_FIELDS
            }
            changed = {
                name: value
                for name, value in vals.items()
                if partner._fields[name].convert_to_write(partner[name], partner)
                != value
            }
            if changed:
                partner.write(changed)
        self.credit_own_values = False

    def _get_own_value(self, name, by_company):
        """Return the value of a field in this company, to be written."""
        field, key = self._fields[name], str(self.env.company.id)
        if key in by_company:
            value = field.convert_to_cache(by_company[key], self)
            value = field.convert_to_record(value, self)
            value = value.exists() if field.relational else value
        else:
            value = field.get_company_dependent_fallback(self)
        return field.convert_to_write(value, self)
