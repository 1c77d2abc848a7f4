from odoo import api, models, tools
from odoo.exceptions import AccessError

from . import acting, orm_internals
from .call_marks import FILLED_BY_ODOO


class CreditEntryGuard(models.AbstractModel):
    """What Odoo computes is entered by nobody, on the documents that we decide on.

    A decision is worth what it is computed from: whoever may write `amount_total` needs
    no manager. The fields are found by their own definition: stored, computed or
    related, and readonly where they are declared. A computed field that people may
    correct (a price, payment terms) is declared as editable and stays so, and one with
    a default is filled in before it is computed. What is not stored is not kept,
    whoever enters it.

    The value that is there anyway is no entry: web clients send back some of what they
    have shown. So the fields are left out of what is written, and afterwards compared:
    what was sent must be what Odoo has computed. Whatever is written through the lines
    of another document ends here too.

    Some of Odoo's own code fills in such fields with the rights of a user: an invoice
    is blocked for payment, an account is found for a payment, a gap in a sequence is
    noted, hours are invoiced of some days only. All of it assigns them, one by name, in
    its source: ``move.payment_state = "blocked"``. What a client has sent never comes
    so: it is a dictionary, whose names the client has chosen. That is the difference,
    and no list of methods to keep. Only an order that is read from a file brings a
    dictionary with a currency, see `_filling_in_by_odoo`. The system (superuser mode)
    is not asked.
    """

    _name = "credit.entry.guard"
    _description = "Guard of What Odoo Computes"

    @api.model
    def default_get(self, fields):
        """Override of `base`: no default of a user or of a client is computed by Odoo.

        Of no user: what the system creates takes the defaults of the client along.
        """
        closed = self._get_closed_names()
        return super().default_get([name for name in fields if name not in closed])

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`.

        :raises AccessError: for who enters what Odoo computes
        """
        entered = [self._get_entered(vals) for vals in vals_list]
        if not any(entered):
            return super().create(vals_list)
        pairs = zip(vals_list, entered, strict=True)
        records = super().create([_leave_out(vals, names) for vals, names in pairs])
        for record, values in zip(records, entered, strict=True):
            record._check_entered(values)
        return records

    def write(self, vals):
        """Override of `base`.

        :raises AccessError: for who enters what Odoo computes
        """
        entered = self._get_entered(vals)
        if not entered or orm_internals.is_assigned_by_name():
            return super().write(vals)
        res = super().write(_leave_out(vals, entered))
        self._check_entered(entered)
        return res

    @api.model
    @tools.ormcache("self._name")
    def _get_closed_names(self):
        """Return the names of the fields that Odoo alone fills in; may be extended."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.store and field.compute and field.readonly and not field.default
        )

    def _get_entered(self, vals):
        """Return what of these values nobody may enter, for who is acting."""
        if acting.is_system(self.env) or FILLED_BY_ODOO.get(self.env):
            return {}
        closed = self._get_closed_names()
        return {name: value for name, value in vals.items() if name in closed}

    def _check_entered(self, entered):
        """Raise AccessError unless this is what Odoo has filled in itself."""
        for record in self.sudo():
            for name, value in entered.items():
                if not _is_same(record, name, value):
                    raise AccessError(self._get_closed_text(name))

    def _get_closed_text(self, name):
        """Return why a field is not entered, and what to do instead."""
        return self.env._(
            "“%(field)s” (%(document)s) is filled in by Odoo and cannot be entered."
            " Leave it out, and change what it follows from.",
            field=self._fields[name]._description_string(self.env),
            document=self.env["ir.model"]._get(self._name).name,
        )

    def _filling_in_by_odoo(self):
        """Within this, Odoo's code fills in a document whose fields no client chose."""
        return FILLED_BY_ODOO.set(self.env)


def _leave_out(vals, names):
    return {name: value for name, value in vals.items() if name not in names}


def _is_same(record, name, value):
    """Say whether a value is the one of a record; commands on lines never are."""
    field = record._fields[name]
    if field.type in ("one2many", "many2many"):
        return not value
    entered = field.convert_to_cache(value, record)
    return entered == field.convert_to_cache(record[name], record)
