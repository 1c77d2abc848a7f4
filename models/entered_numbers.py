"""Numbers that people enter: amounts, days and shares, of which none is below zero."""

from odoo.exceptions import ValidationError

from . import orm_internals

NUMBERS = ("float", "integer", "monetary")
#: Numbers that only put rows in order, or paint them.
OF_THE_SCREEN = ("color", "sequence")


def get_names(model):
    """Return the names of the numbers of ours that are entered in a model.

    Meant for `api.constrains`, so that a new field is asked about from the start.
    """
    return [name for name, field in model._fields.items() if _is_entered(field)]


def _is_entered(field):
    """Say whether a field is a number of ours that is stored as somebody enters it."""
    return (
        field.type in NUMBERS
        and field.name not in OF_THE_SCREEN
        and orm_internals.is_own(field)
        and field.store
        and not field.compute
        and not field.readonly
    )


def check(records):
    """Raise ValidationError for a number below zero, by the label of its field."""
    for name in get_names(records):
        if any(record[name] < 0 for record in records):
            label = records._fields[name].get_description(records.env, ["string"])
            raise ValidationError(
                records.env._(
                    "“%(field)s” cannot be negative: enter 0 or more.",
                    field=label["string"],
                )
            )
