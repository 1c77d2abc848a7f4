"""What leans on how Odoo's ORM is made, and not on what it promises: all of it is here.

Checked on Odoo 19.0 (Debian's 19.0.0). With another version read these first: each says
what it takes for granted, and a test fails where that is no more so.
"""

import sys
from contextlib import contextmanager
from functools import wraps

from odoo.fields import Field
from odoo.sql_db import Savepoint
from odoo.tools import SQL
from odoo.tools.misc import Callbacks

ADDON = "account_credit_block"
HOOKS = ("precommit", "postcommit", "prerollback", "postrollback")

# === METHODS === #


def wrap(model_class, name, around):
    """Stand around every override of a method of a model, until `unwrap`.

    On the class that the registry makes of a model, as `base_automation` does.

    :param around: takes the records and the method, whose other arguments are given
    """
    unwrap(model_class, name)
    origin = getattr(model_class, name)

    @wraps(origin)
    def wrapper(self, *args, **kwargs):
        return around(self, lambda records: origin(records, *args, **kwargs))

    wrapper.is_credit_block_wrapper = True
    setattr(model_class, name, wrapper)


def unwrap(model_class, name):
    """Take away what `wrap` has put around a method, if it has."""
    if hasattr(vars(model_class).get(name), "is_credit_block_wrapper"):
        delattr(model_class, name)


def get_extending(model):
    """Return the addons that extend a model of core's, but for this one.

    By the classes of which the registry makes the model's, each of an addon.
    """
    classes = type(model).mro()
    addons = {
        each._module for each in classes if vars(each).get("_name") == model._name
    }
    return {
        name for name in addons - {model._original_module} if not name.startswith(ADDON)
    }


def get_dependants(model, names):
    """Return through which links to its records something is computed of a model.

    :param names: of the fields of the model that count
    :return: set of "model.field"
    """
    fields = [model._fields[name] for name in names]
    tree = model.pool.get_trigger_tree(fields, select=bool)
    return {f"{link.model_name}.{link.name}" for link in tree}


def is_assigned_by_name():
    """Say whether the `write` that asks comes from ``record.name = value``.

    In the source of a program: ``record[name] = value`` does not count, since its name
    may come from a client. The overrides of `write` around the one that asks are passed
    over. Odoo assigns by the descriptor of the field, which calls `write`.
    """
    frame = sys._getframe(1)
    while frame.f_code.co_name == "write" and frame.f_back:
        frame = frame.f_back
    return (
        frame.f_code is Field.__set__.__code__
        and frame.f_back is not None
        and frame.f_back.f_code.co_name != "__setitem__"
    )


# === FIELDS === #


def is_own(field):
    """Say whether a field is of this addon, or one of those that go with it.

    Not one that they only extend.
    """
    return "".join(field._modules[:1]).startswith(ADDON)


def is_own_model(model):
    """Say whether a model is of this addon, or one of those that go with it."""
    return model._original_module.startswith(ADDON)


def write_values(values):
    """Write different values on each of some records, with the rights asked once.

    A thousand calls of `write` would ask for access and company a thousand times. What
    the overrides of `write` and the constraints check is for the caller to check.

    :param values: dict from record, of one model, to its values
    """
    if not values:
        return
    records = next(iter(values)).union(*values)
    names = list({name for of_record in values.values() for name in of_record})
    fields = [records._fields[name] for name in names]
    computed = [field for field in fields if field.compute]
    with records.env.protecting(computed, records):
        put_values(values)
        records.modified(names)
    records._check_company(names)


def put_values(values):
    """Put different values on some records, and compute nothing of them yet.

    What is computed of them is for the caller to mark, once for all that he changes.

    :param values: dict from record, of one model, to its values
    """
    if not values:
        return
    records = next(iter(values)).union(*values)
    records.check_access("write")
    fields = records._fields
    # What is the same on many is written on these at once. An amount is rounded by the
    # currency of its own record, which goes before it.
    alike = {}
    for record, of_record in values.items():
        for name, value in of_record.items():
            same = record.id if fields[name].type == "monetary" else repr(value)
            alike.setdefault((name, same), (value, []))[1].append(record.id)
    for name, same in sorted(alike, key=lambda key: fields[key[0]].type == "monetary"):
        value, ids = alike[name, same]
        fields[name].write(records.browse(ids), value)


def take_as_computed(records, names):
    """Let values that new records were given stand for those that Odoo would compute.

    :param names: of the fields, of which each record was given the value
    """
    for name in names:
        records.env.remove_to_compute(records._fields[name], records)


def insert_rows(model, vals_list):
    """Make rows of which all is given, and nothing is computed or checked.

    What in memory links to them is for the caller to forget.

    :param vals_list: list of values as columns of the table, all with the same names
    :return: the records, in that order
    """
    if not vals_list:
        return model.browse()
    model.check_access("create")
    now, names = model.env.cr.now(), list(vals_list[0])
    logged = dict.fromkeys(("create_date", "write_date"), now)
    logged |= dict.fromkeys(("create_uid", "write_uid"), model.env.uid)
    query = SQL(
        "INSERT INTO %s (%s) VALUES %s RETURNING id",
        SQL.identifier(model._table),
        SQL(", ").join(map(SQL.identifier, [*names, *logged])),
        SQL(", ").join(
            (*(vals[name] for name in names), *logged.values()) for vals in vals_list
        ),
    )
    return model.browse(row[0] for row in model.env.execute_query(query))


def write_links(name, commands):
    """Write a many2many field of many records by one INSERT, not one a record.

    :param commands: list of (record, commands of the field)
    """
    if not commands:
        return
    records = commands[0][0].union(*(record for record, _commands in commands))
    records._fields[name].write_batch(commands)
    records.modified([name])


def delete_rows(records):
    """Delete rows whose deletion matters to nobody but to whom links to them.

    What they hang on is for the caller to read anew: all else that Odoo keeps in memory
    stays, which `unlink` forgets.
    """
    if records:
        records.check_access("unlink")
        records.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE id = ANY(%s)",
                SQL.identifier(records._table),
                records.ids,
            )
        )


# === MEMORY === #

# In what Odoo reads the currency of an amount, and links with what is archived.
ASIDE = (
    {},
    {"bin_size": False},
    {"prefetch_fields": False},
    {"prefetch_fields": False, "bin_size": False},
    {"active_test": False},
)


@contextmanager
def keeping_environments(records):
    """Within this, Odoo finds the environments that it makes anew for each amount.

    It forgets an environment that nobody holds. To find one takes half the time.
    """
    kept = [records.sudo().with_context(**aside) for aside in ASIDE]
    yield
    kept.clear()


def keep_read(model, rows):
    """Return the records of which a statement has read rows, as if Odoo had read them.

    As `mail.thread` does of the contacts of the users whom it notifies. What is in
    memory already stays: it may have to be written yet.

    :param rows: list of dicts by name of column, all with the same ones, id among them
    """
    records = model.browse(row["id"] for row in rows)
    for name in set().union(*rows) - {"id"}:
        model._fields[name]._insert_cache(records, [row[name] for row in rows])
    return records


@contextmanager
def apart(env):
    """Within this, nothing that is done is kept, neither in the database nor in memory.

    The rows are those of the caller's transaction, up to a savepoint. What Odoo keeps
    on the cursor meanwhile is apart: the caches of its transaction, and what is to be
    done around a commit.
    """
    env.flush_all()
    cr = env.cr
    kept = {name: getattr(cr, name) for name in ("transaction", "cache", *HOOKS)}
    savepoint = Savepoint(cr)
    try:
        cr.transaction, cr.cache = None, {}
        for name in HOOKS:
            setattr(cr, name, Callbacks())
        yield
    finally:
        for name, value in kept.items():
            setattr(cr, name, value)
        savepoint.close(rollback=True)
