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
