"""What links the books to payment returns is written by returns only."""

from odoo.exceptions import UserError

from . import acting
from .server_memory import Mark

# A return is being confirmed or cancelled: what it writes in the books is its own.
BOOKING = Mark("booking_returns")
RETURNS = ("account.payment.return", "account.payment.return.line")


def get_links(model):
    """Return the names of the fields of a model that point at returns."""
    return {
        name
        for name, field in model._fields.items()
        if field.comodel_name in RETURNS and field.store and not field.compute
    }


def check_links(model, names):
    """Raise UserError if a person enters what only returns write.

    :param names: of the fields that are entered
    """
    if acting.is_system(model.env) or BOOKING.get():
        return
    if not get_links(model).isdisjoint(names):
        raise UserError(
            model.env._(
                "What a payment return books is linked to it by the return itself:"
                " register a payment return and confirm it."
            )
        )
