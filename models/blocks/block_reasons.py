"""Why automatisms set and lift credit blocks, for colleagues to read: no amounts."""

from odoo.tools.translate import LazyTranslate

from .. import said

_lt = LazyTranslate(__name__)

said.add(
    {
        # Set
        "block.return": _lt(
            "Payment returned unpaid on %(date)s (%(name)s). %(reason)s"
        ),
        "block.returns": _lt(
            "%(number)s payments returned unpaid (rule “%(rule)s”). The last one:"
            " %(last)s"
        ),
        "block.overdue": _lt("Invoices are overdue since %(date)s (rule “%(rule)s”)."),
        # Lifted
        "lift.by_hand": _lt("Replaced by a block set by hand."),
        "lift.level": _lt("Replaced by credit block “%(level)s”."),
        "lift.paid": _lt("What came back has been paid."),
        "lift.cancelled": _lt("The payment return was cancelled."),
        "lift.not_overdue": _lt("Nothing is overdue any more for this block."),
        "lift.exempt": _lt("Automatic blocks were switched off for the customer."),
        "lift.exempt_reason": _lt(
            "Automatic blocks were switched off for the customer: %(reason)s"
        ),
        "lift.left": _lt("It went with %(partner)s, who left the customer."),
        "lift.merged": _lt("Merged with another customer."),
        "lift.archived": _lt("The company was archived."),
    }
)
