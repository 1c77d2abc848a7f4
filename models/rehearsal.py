"""What would come of something: it is done, looked at and taken back."""

from contextlib import contextmanager

from . import orm_internals
from .call_marks import REHEARSING


@contextmanager
def rehearse(env):
    """Yield an environment in which nothing that is done is kept.

    A form that is being filled in is not forgotten, and nothing is sent. Locks that are
    taken are free again afterwards.

    :param env: of the caller, with whose rights it is done
    """
    with orm_internals.apart(env), REHEARSING.set(env):
        # The same, in a memory of its own.
        yield env()
