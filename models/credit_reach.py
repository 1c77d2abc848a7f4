from odoo import api, models

from . import acting, named_records
from .call_marks import FILLED_BY_ODOO


class CreditReach(models.AbstractModel):
    """What a person writes names only what he may see, and stays what he may write.

    Odoo asks its record rules of what is there before a write. What moves a record into
    another company, or out of all of them, is told by what is there after it. Values
    that code fills in, which no client chose, are not asked about.
    """

    _name = "credit.reach"
    _description = "Written within One's Reach"

    @api.model
    def default_get(self, fields):
        """Override of `base`.

        :raises AccessError: for defaults, also the user's own, that one may not see
        """
        values = super().default_get(fields)
        named_records.check(self, values)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`.

        :raises AccessError: for records that one may not see
        """
        self._check_named(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Override of `base`.

        :raises AccessError: for records that one may not see, and for what would be
            there that one may not write
        """
        self._check_named(vals)
        result = super().write(vals)
        if self._is_moved_by(vals):
            self.check_access("write")
        return result

    def onchange(self, values, field_names, fields_spec):
        """Override of `web`: what is sent names no record that one may not see.

        :raises AccessError: for those
        """
        named_records.check(self, values)
        return super().onchange(values, field_names, fields_spec)

    def _check_named(self, *vals_list):
        """Raise AccessError unless a person may see all that these values name.

        Of what code fills in, the defaults of a client only.
        """
        named_records.check(self, *(() if FILLED_BY_ODOO.get(self.env) else vals_list))

    def _is_moved_by(self, vals):
        """Say whether what a person writes may be of another company afterwards.

        A company, a parent, or what either follows from: all of them are one record.
        """
        if acting.is_system(self.env) or FILLED_BY_ODOO.get(self.env):
            return False
        fields = (self._fields.get(name) for name in vals)
        return any(field and field.type == "many2one" for field in fields)
