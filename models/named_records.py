"""What a user names in the values of a form, he may see.

Odoo checks who writes a record, not whether he may see the records that its fields
point to; what is computed from them in the name of the system would tell of them.
"""

from odoo.exceptions import AccessError

from . import acting


def check(records, *vals_list):
    """Raise AccessError unless the user may see all that values of a model name.

    Those that a client sends, and its defaults for what they leave out.
    """
    if acting.is_system(records.env):
        return
    for named in get_named(records, [*vals_list, _get_defaults(records.env)]):
        named.check_access("read")


def _get_defaults(env):
    return {
        name.removeprefix("default_"): value
        for name, value in env.context.items()
        if name.startswith("default_")
    }


def read_ids(value):
    """Return the ids in what a client sends for several records.

    Ids, or commands of a field to many as defaults are told; none of anything else.
    """
    return _get_ids(id_ for command in _get_list(value) for id_ in _get_linked(command))


def get_named(records, vals_list):
    """Return the records that values name, as one recordset a model.

    :raises AccessError: for a link that is told otherwise than by a number
    """
    ids = {}
    for vals in vals_list:
        _collect_named(records, vals, ids)
    return [records.env[model].browse(named) for model, named in ids.items()]


def _collect_named(records, vals, ids):
    """Add the ids of the records that values name to sets by model."""
    for name, value in vals.items():
        field = records._fields.get(name)
        kind = value and field and field.type
        if kind == "many2one":
            _check_link(field, value, records.env)
            _collect_one(records.env[field.comodel_name], value, ids)
        elif kind in ("one2many", "many2many"):
            comodel = records.env[field.comodel_name]
            for command in _get_list(value):
                _collect_command(comodel, command, ids)
        elif kind == "many2one_reference":
            _collect_reference(records, f"{vals.get(field.model_field)},{value}", ids)
        elif kind == "reference":
            _collect_reference(records, value, ids)


def _check_link(field, value, env):
    """Raise AccessError for what Odoo overlooks and PostgreSQL takes for an id.

    As a text or a fraction, or around another one: written on a new record, it is
    stored, and nothing has checked it, as the record seems to be linked to none.
    """
    id_ = value.get("id") if isinstance(value, dict) else value
    if isinstance(id_, (str, bytes, float, list, dict)) and id_:
        raise AccessError(
            env._(
                "“%(value)s” is no number of a record: “%(field)s” is told by one.",
                value=id_,
                field=field._description_string(env),
            )
        )


def _collect_one(comodel, value, ids):
    """Do the same with one record: its id, or the values of a form around it."""
    ids.setdefault(comodel._name, set()).update(_get_ids([value]))
    if isinstance(value, dict):
        _collect_named(comodel, value, ids)


def _collect_command(comodel, command, ids):
    """Do the same with a command of a field to many."""
    for value in _get_linked(command):
        _collect_one(comodel, value, ids)
    code, _id, vals = (*_get_list(command), None, None, None)[:3]
    if code in (0, 1) and isinstance(vals, dict):
        _collect_named(comodel, vals, ids)


def _collect_reference(records, value, ids):
    """Do the same with a model and an id in one text."""
    model, _comma, id_ = str(value).partition(",")
    if model in records.env:
        try:
            # As Odoo reads it, with blanks and signs.
            _collect_one(records.env[model], int(id_), ids)
        except ValueError:
            return


def _get_list(value):
    return value if isinstance(value, (list, tuple)) else ()


def _get_linked(command):
    """Return what a command of a field to many, or an id in its place, points at."""
    if not isinstance(command, (list, tuple)):
        return [command]
    code, id_, linked = (*command, None, None, None)[:3]
    if code in (1, 4):
        return [id_]
    return _get_list(linked) if code == 6 else ()


def _get_ids(values):
    """Return the ids of saved records among what a client sends for a record."""
    ids = (value.get("id") if isinstance(value, dict) else value for value in values)
    # JavaScript knows one kind of number.
    numbers = (id_ for id_ in ids if isinstance(id_, (int, float)))
    return [int(id_) for id_ in numbers if id_ and id_ == id_ // 1]
