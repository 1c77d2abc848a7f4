from odoo import api, models

from . import named_records


class CreditDialog(models.AbstractModel):
    """What the dialogs of ours have in common: they tell nothing of what is hidden."""

    _name = "credit.dialog"
    _inherit = ["credit.reach"]
    _description = "Dialog of Credit Control"

    @api.model
    def default_get(self, fields):
        """Override of `base`.

        :raises AccessError: for defaults that one may not see
        """
        values = super().default_get(fields)
        named_records.check(self, values)
        return values
