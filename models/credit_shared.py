from odoo import models


class CreditShared(models.AbstractModel):
    """What all companies share: everybody reads it, few may change it."""

    _name = "credit.shared"
    _description = "Shared by All Companies"

    def _check_access(self, operation):
        """Override of `base` to say why these can only be read."""
        result = super()._check_access(operation)
        if not result or not self or operation == "read":
            return result
        return result[0], self._get_shared_error

    def _get_shared_error(self):
        """Return the AccessError for who may not change these; each model has its."""
        raise NotImplementedError
