"""Numbers that people enter: amounts, days and shares, of which none is below zero."""

from math import inf

from odoo.exceptions import ValidationError

from . import orm_internals

NUMBERS = ("float", "integer", "monetary")
#: Numbers that only put rows in order, or paint them.
OF_THE_SCREEN = ("color", "sequence")
#: Whole numbers are days, for the most part: a hundred years of them. What adds more to
#: a date than a calendar has would fail for everybody, not for who has entered it.
MOST_DAYS = 36_500


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
    """Raise ValidationError for a number below zero, or too many days, by its label."""
    for name in get_names(records):
        if refusal := _get_refusal(records, name):
            raise ValidationError(refusal)


def _get_refusal(records, name):
    """Say why the numbers of a field are not taken, or return None.

    What is no number at all is not zero or more either.
    """
    env, field, values = records.env, records._fields[name], records.mapped(name)
    label = field.get_description(env, ["string"])["string"]
    if not all(0 <= value < inf for value in values):
        return env._("“%(field)s” cannot be negative: enter 0 or more.", field=label)
    if field.type == "integer" and max(values, default=0) > MOST_DAYS:
        return env._(
            "“%(field)s” is too large: enter %(most)s or less.",
            field=label,
            most=MOST_DAYS,
        )
    return None
