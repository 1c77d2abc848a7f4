"""What would come of something: it is done, looked at and taken back."""

from contextlib import contextmanager

from odoo.sql_db import Savepoint
from odoo.tools.misc import Callbacks

from .call_marks import REHEARSING

HOOKS = ("precommit", "postcommit", "prerollback", "postrollback")


@contextmanager
def rehearse(env):
    """Yield an environment in which nothing that is done is kept.

    The rows are those of the caller's transaction, up to a savepoint. What Odoo keeps
    in memory meanwhile, caches and what is to be done after a commit, is apart: a form
    that is being filled in is not forgotten, and nothing is sent. Locks that are taken
    are free again afterwards.

    :param env: of the caller, with whose rights it is done
    """
    env.flush_all()
    cr = env.cr
    kept = {name: getattr(cr, name) for name in ("transaction", "cache", *HOOKS)}
    savepoint = Savepoint(cr)
    try:
        cr.transaction, cr.cache = None, {}
        for name in HOOKS:
            setattr(cr, name, Callbacks())
        with REHEARSING.set(env):
            # The same, in a memory of its own.
            yield env()
    finally:
        for name, value in kept.items():
            setattr(cr, name, value)
        savepoint.close(rollback=True)
