from odoo import api, fields, models
from odoo.exceptions import AccessError

from . import acting


class CreditSetting(models.AbstractModel):
    """What credit managers configure: of their company, or shared by all of them.

    Who may write what is in the record rules, by `res.users._manages_every_company`:
    of what is there before a write, and after it, see `credit.reach`.
    """

    _name = "credit.setting"
    _inherit = ["credit.empty.list", "credit.reach"]
    _description = "Setting of Credit Control"

    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        # Without its company it would become one of every company.
        ondelete="cascade",
        default=lambda self: self._default_company_id(),
        help="Empty for every company: shared, for who manages all of them.",
    )

    @api.model
    def _default_company_id(self):
        """Return the company of who may not enter what all companies share."""
        if acting.is_system(self.env) or acting.manages_every_company(self.env.user):
            return self.env["res.company"]
        return self.env.company

    @api.model
    def _search_active(self):
        """Return those that count, in sudo, whatever the context of a client says."""
        return self.sudo().search([("active", "=", True)])

    def copy_data(self, default=None):
        """Override of `base`: what is shared is copied into the company of who may."""
        own = self._default_company_id()
        if own:
            default = {"company_id": own.id, **(default or {})}
        return super().copy_data(default)

    def _check_access(self, operation):
        """Override of `base` to say why a shared row can only be read."""
        result = super()._check_access(operation)
        if not result or not self or operation == "read":
            return result
        if self.browse()._check_access(operation):
            return result
        shared = result[0].sudo().filtered(lambda row: not row.company_id)
        return (result[0], shared._get_shared_error) if shared else result

    def _get_shared_error(self):
        """Return the refusal to change what all companies share; for sudo."""
        return AccessError(
            self.env._(
                "All companies share this: %(names)s. Only who works in every company,"
                " or an administrator, can change it. Enter one of your own company"
                " instead, or ask them.",
                names=", ".join(self.mapped("display_name")),
            )
        )
