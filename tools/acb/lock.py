"""A lock between processes, so that two tools never prepare the same thing."""

import contextlib
import fcntl

from . import paths
from .console import say


@contextlib.contextmanager
def exclusive(name):
    """Hold the named lock of the shared state; say so when it must be awaited."""
    paths.SHARED.mkdir(parents=True, exist_ok=True)
    with (paths.SHARED / f".{name}.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run that is busy with: {name} …")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
