"""``make clean``: stop PostgreSQL and remove everything that was prepared."""

import shutil

from . import paths, postgres
from .console import say


def main(_args):
    """Remove this clone's state; what another clone shares with it stays."""
    if not paths.IS_SHARING:
        if postgres.stop():
            say("PostgreSQL stopped")
        folder = postgres.socket_folder()
        if folder != paths.CLUSTER:
            shutil.rmtree(folder, ignore_errors=True)
    if paths.STATE.is_symlink():
        paths.STATE.unlink()
    elif paths.STATE.exists():
        shutil.rmtree(paths.STATE)
    say(f"removed {paths.STATE}")
