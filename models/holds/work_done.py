"""What Odoo writes on confirmed orders because work was done, and nobody entered.

A carrier tells what it has cost, parts leave a warehouse, an expense is charged again:
the goods are gone and the money is spent. A refusal would stop who ships and who keeps
the books, and undo nothing. It happens in private methods, which no client calls.
"""

from ..call_marks import WORK_DONE
from ..orm_internals import unwrap, wrap

# By model, of addons that need not be there: goods leave, or what was spent is charged.
WORK_METHODS = {
    "account.move.line": ("_sale_create_reinvoice_sale_line",),
    "stock.move": ("_action_done",),
    "stock.picking": ("_action_done", "_add_delivery_cost_to_so"),
}


def watch(registry):
    """Know of work that is done, around every override of what does it."""
    for model_class, name in _iter_methods(registry):
        wrap(model_class, name, _do_work)


def unwatch(registry):
    """Undo `watch`."""
    for model_class, name in _iter_methods(registry):
        unwrap(model_class, name)


def _iter_methods(registry):
    for model, names in WORK_METHODS.items():
        for name in names if model in registry else ():
            if hasattr(registry[model], name):
                yield registry[model], name


def _do_work(records, do):
    with WORK_DONE.set(records.env):
        return do(records)
