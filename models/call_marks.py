"""What one call tells the calls within it, where no client can write."""

from contextlib import contextmanager
from contextvars import ContextVar


class Mark:
    """A value that holds while a call lasts, for its cursor only.

    Not a context key, which any client may send, and not the cursor's cache, which is
    emptied whenever a savepoint is rolled back. A call that works in another database
    or transaction meanwhile knows nothing of it.
    """

    def __init__(self, name):
        self._variable = ContextVar(f"account_credit_block.{name}", default=())

    def get(self, env):
        """Return the value of the innermost call that set one, or None.

        :param env: of who asks, whose cursor counts
        """
        for cursor, value in reversed(self._variable.get()):
            if cursor is env.cr:
                return value
        return None

    @contextmanager
    def set(self, env, value=True):
        """Let a value hold within the block of a ``with``, which gets it.

        :param env: of who sets it, for whose cursor it holds
        """
        token = self._variable.set((*self._variable.get(), (env.cr, value)))
        try:
            yield value
        finally:
            self._variable.reset(token)


# Who waits for an evaluation: ids of partners by id of company.
PENDING = Mark("pending_evaluation")
# Code is filling in a document, with values of its own: from a file, or as it decides.
FILLED_BY_ODOO = Mark("filled_by_odoo")
# A payment depends on what is posted: nothing may be refused.
LEAVE_IN_DRAFT = Mark("leave_in_draft")
# The ids of what `_post` has asked about and is posting.
POSTING = Mark("posting")
# What the records of one automated action share.
ASKED_TOGETHER = Mark("asked_together")
# What is written meanwhile is what a provider says.
PROVIDER_SAYS = Mark("provider_says")
# The evaluation that the steps of one confirmation share.
SHARED_CHECK = Mark("confirmation_check")
# What orders that are rated together have asked of pricelists, by what was asked.
RATING = Mark("rating_shipments")
# The quotations that may not be entered, by id, while who enters them asks for it.
ASKING = Mark("asking")
# The customer has paid what is confirmed.
AT_POINT_OF_SALE = Mark("at_point_of_sale")
WORK_DONE = Mark("work_done")
# The mail gateway makes these documents.
MAIL_GATEWAY = Mark("mail_gateway")
# What is done now is taken back at the end: nobody is told of it.
REHEARSING = Mark("rehearsing")
# What may be matched at most between two items, by pair of ids.
LIMITS = Mark("reconcile_limits")
# What is not entered by a person comes from a file, or from another return.
MAKING = Mark("making_returns")
# The names of what Odoo would compute of the lines of a file, and their values are.
COMPLETED = Mark("completed_return_lines")
# The defaults that the lines of a file share, by the names that they lack.
DEFAULTS = Mark("defaults_of_return_lines")
FLAGGING = Mark("flagging_return_lines")
# What another addon has booked is taken over, whatever it is.
TAKING_OVER = Mark("taking_over_returns")
# A return is being confirmed or cancelled: what it writes in the books is its own.
BOOKING = Mark("booking_returns")
# What is created is the books', and takes no defaults that its user keeps for himself.
WITHOUT_HABITS = Mark("without_habits")
# A job works on a large return, which nobody else may change meanwhile.
WORKING = Mark("working_on_return")
# A presentation makes its receipts, or withdraws them: what it writes is its own.
PRESENTING = Mark("presenting")
