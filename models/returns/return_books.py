"""What payment returns have put in the books, and stand on, is changed by them only."""

from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import acting
from ..call_marks import BOOKING

RETURNS = ("account.payment.return", "account.payment.return.line")
# What an item charges for late payment.
LATE = {
    "late_invoice_id",
    "late_debt_id",
    "late_charge",
    "late_amount",
    "late_until",
}


def get_links(model):
    """Return the names of the fields of a model that only returns write."""
    return {
        name
        for name, field in model._fields.items()
        if (field.comodel_name in RETURNS or name in LATE)
        and field.store
        and not field.compute
    }


def check_links(model, names):
    """Raise UserError if a person enters what only returns write.

    :param names: of the fields that are entered
    """
    if acting.is_system(model.env) or BOOKING.get(model.env):
        return
    if not get_links(model).isdisjoint(names):
        raise UserError(
            model.env._(
                "What a payment return books is linked to it by the return itself:"
                " register a payment return and confirm it."
            )
        )


def find_came_back(records, path, limit=1):
    """Return the last return lines, in sudo, that took these documents back.

    :param path: from a return line to the documents
    :param limit: how many lines; None for all of them
    """
    lines = records.env["account.payment.return.line"].sudo()
    if not records:
        return lines
    domain = lines._get_came_back_domain() & Domain(path, "in", records.ids)
    return lines.search(domain, order="id desc", limit=limit)


def get_refusal(document, line):
    """Return why a payment, or its entry, stays as it is while its return does."""
    return document.env._(
        "%(document)s came back unpaid: the payment return %(name)s stands on it."
        " Cancel that return first.",
        document=document.display_name,
        name=line.return_id.name,
    )


def is_closed(entry):
    """Say whether the items of an entry cannot be changed any more."""
    items = entry.line_ids
    has_tax = bool(items.tax_ids or items.tax_line_id or items.tax_tag_ids)
    locks = entry._get_violated_lock_dates(entry.date, has_tax)
    return bool(locks or entry.inalterable_hash)
