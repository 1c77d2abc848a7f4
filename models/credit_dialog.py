from odoo import api, models

from . import named_records


class CreditDialog(models.AbstractModel):
    """What the dialogs of ours have in common: they tell nothing of what is hidden."""

    _name = "credit.dialog"
    _description = "Dialog of Credit Control"

    @api.model
    def default_get(self, fields):
        """Override of `base`.

        :raises AccessError: for defaults that one may not see
        """
        values = super().default_get(fields)
        named_records.check(self, values)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`.

        :raises AccessError: for records that one may not see
        """
        named_records.check(self, *vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Override of `base`.

        :raises AccessError: for records that one may not see
        """
        named_records.check(self, vals)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        """Override of `web`.

        :raises AccessError: for records that one may not see
        """
        named_records.check(self, values)
        return super().onchange(values, field_names, fields_spec)
