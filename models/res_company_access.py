"""How a company grants credit is nothing for its customers."""

from odoo import api, models

from . import acting

ADDON = "account_credit_block"


class ResCompany(models.Model):
    _inherit = "res.company"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _has_field_access(self, field, operation):
        """Override of `base`, which lets customers read all of their company."""
        if field._module == ADDON and not acting.is_system(self.env):
            return acting.has_employee_rights(self.env) and super()._has_field_access(
                field, operation
            )
        return super()._has_field_access(field, operation)
