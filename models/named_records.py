"""What a user names in the values of a form, he may see.

Odoo checks who writes a record, not whether he may see the records that its fields
point to; what is computed from them in the name of the system would tell of them.
"""

from . import acting


def check(records, *vals_list):
    """Raise AccessError unless the user may see all that values of a model name."""
    if acting.is_system(records.env):
        return
    ids = {}
    _collect_named(records, vals_list, ids)
    for model, named in ids.items():
        records.env[model].browse(named).check_access("read")


def _collect_named(records, vals_list, ids):
    """Add the ids of the records that values name to sets by model."""
    for vals in vals_list:
        for name, value in vals.items():
            field = records._fields.get(name)
            if value and field and field.type == "many2one":
                ids.setdefault(field.comodel_name, set()).update(_get_ids([value]))
            elif value and field and field.type in ("one2many", "many2many"):
                _collect_commands(records.env[field.comodel_name], value, ids)


def _collect_commands(comodel, commands, ids):
    """Do the same with the commands of a field to many."""
    named = ids.setdefault(comodel._name, set())
    for command in commands:
        if not isinstance(command, (list, tuple)):
            named.update(_get_ids([command]))
            continue
        code, id_, value = (*command, None, None)[:3]
        if code in (0, 1):
            _collect_named(comodel, [value or {}], ids)
        if code in (1, 4):
            named.update(_get_ids([id_]))
        elif code == 6:
            named.update(_get_ids(value or ()))


def _get_ids(values):
    """Return the ids of saved records among what a client sends for a record."""
    return {
        id_
        for value in values
        for id_ in (value.get("id") if isinstance(value, dict) else value,)
        if isinstance(id_, int) and id_
    }
