"""The terms of a customer are not the salesperson's to change."""

from odoo import api, fields, models
from odoo.exceptions import AccessError

from . import acting

TERMS_FIELDS = ("property_payment_term_id", "property_inbound_payment_method_line_id")


class ResPartner(models.Model):
    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    property_payment_term_id = fields.Many2one(tracking=True)
    property_inbound_payment_method_line_id = fields.Many2one(tracking=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`; raise AccessError like `write`.

        Asked after creating: defaults of the user or of the context count too.
        """
        partners = super().create(vals_list)
        if self._is_credit_terms_guarded():
            for name in TERMS_FIELDS:
                default = self._fields[name].get_company_dependent_fallback(self)
                partners._check_credit_terms(name, dict.fromkeys(partners, default))
        return partners

    def write(self, vals):
        """Override of `base` to leave the customers' terms and methods to accounting.

        :raise: AccessError for other users, in a company that holds changed terms
        """
        names = [name for name in TERMS_FIELDS if name in vals]
        if not names or not self._is_credit_terms_guarded():
            return super().write(vals)
        before = {name: {p: p[name] for p in self} for name in names}
        res = super().write(vals)
        for name in names:
            self._check_credit_terms(name, before[name])
        return res

    def _is_credit_terms_guarded(self):
        """Say whether this user may not change the terms of customers."""
        return (
            not acting.is_system(self.env)
            # The current company is where a company-dependent field is written.
            and self.env.company._get_credit_setting("credit_hold_terms")
            and not self.env.user.has_group("account.group_account_invoice")
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
