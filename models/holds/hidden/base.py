from odoo import api, models

from ... import acting, named_records


class Base(models.AbstractModel):
    """No form tells of a hidden order what it fills in from one that a client names.

    Odoo fills in with all rights what follows from the records that a form points to.
    """

    _inherit = "base"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def default_get(self, fields):
        """Override of `base`.

        :raises AccessError: for defaults that are hidden
        """
        values = super().default_get(fields)
        check_hidden(self, values)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`.

        :raises AccessError: for dialogs on what is hidden
        """
        if self._transient:
            check_hidden(self, *vals_list)
        return super().create(vals_list)

    def write(self, vals):
        """Override of `base`.

        :raises AccessError: for dialogs on what is hidden
        """
        if self._transient:
            check_hidden(self, vals)
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        """Override of `web`.

        :raises AccessError: for values that name what is hidden
        """
        check_hidden(self, values)
        return super().onchange(values, field_names, fields_spec)


def check_hidden(records, *vals_list):
    """Raise AccessError if values of a model name what is hidden from the user.

    For forms that are not ours: people use them who may name what they have no rights
    on, as who notes his hours on a line of an order.
    """
    if acting.is_system(records.env) or acting.sees_hidden(records.env):
        return
    for named in named_records.get_named(records, vals_list):
        if not hasattr(named, "_filter_hidden"):
            continue
        hidden = named.exists()._filter_hidden()
        if hidden:
            raise records.env["ir.rule"]._make_access_error("read", hidden)
