"""What one call tells the calls within it, where no client can write."""

from contextlib import contextmanager
from contextvars import ContextVar


class Mark:
    """A value that holds while a call lasts, in this thread only.

    Not a context key, which any client may send, and not the cursor's cache, which is
    emptied whenever a savepoint is rolled back.
    """

    def __init__(self, name):
        self._variable = ContextVar(f"account_credit_block.{name}", default=None)

    def get(self):
        """Return the value of the innermost call that set one, or None."""
        return self._variable.get()

    @contextmanager
    def set(self, value=True):
        """Let a value hold within the block of a ``with``, which gets it."""
        token = self._variable.set(value)
        try:
            yield value
        finally:
            self._variable.reset(token)
