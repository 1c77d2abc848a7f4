from odoo import api, models

from ... import named_records


class Base(models.AbstractModel):
    """No form tells of a hidden order what it fills in from one that a client names.

    Odoo fills in with all rights what follows from the records that a form points to.
    """

    _inherit = "base"

    @api.model
    def default_get(self, fields):
        """Override of `base`; raise AccessError for defaults that are hidden."""
        values = super().default_get(fields)
        named_records.check_hidden(self, values)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`; raise AccessError for dialogs on what is hidden."""
        if self._transient:
            named_records.check_hidden(self, *vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Override of `base`; raise AccessError for dialogs on what is hidden."""
        if self._transient:
            named_records.check_hidden(self, vals)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        """Override of `web`; raise AccessError for values that name what is hidden."""
        named_records.check_hidden(self, values)
        return super().onchange(values, field_names, fields_spec)
