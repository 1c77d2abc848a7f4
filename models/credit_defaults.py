from odoo import api, models, tools

from . import acting, orm_internals


class Base(models.AbstractModel):
    """What nobody enters has no default but its own.

    A client sends defaults in its context, and every user may keep some for himself:
    both reach what is created in his name, also by our code and with all rights.
    """

    _inherit = "base"

    @api.model
    def default_get(self, fields):
        """Override of `base`: of our records, what is filled in by code starts afresh.

        What the system creates does so altogether. Dialogs are filled in by whoever
        opens them, and ask themselves.
        """
        closed = self._get_names_without_defaults().intersection(fields)
        if not closed:
            return super().default_get(fields)
        rest = [name for name in fields if name not in closed]
        return {**super().default_get(rest), **self._get_own_defaults(closed)}

    def _get_names_without_defaults(self):
        """Return the names of the fields that take no default of a client or user."""
        if self._transient or not orm_internals.is_own_model(self):
            return frozenset()
        return self._get_names_by_code(acting.is_system(self.env))

    @api.model
    @tools.ormcache("self._name", "is_system")
    def _get_names_by_code(self, is_system):
        """Return the names of the fields that who is acting has code fill in."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.store and (is_system or field.readonly)
        )

    def _get_own_defaults(self, names):
        """Return the defaults that fields were declared with, as values."""
        values = {}
        for name in names:
            field = self._fields[name]
            if field.default:
                value = field.convert_to_cache(field.default(self), self, False)
                values[name] = field.convert_to_write(value, self)
        return values
