"""Prepare everything Odoo needs, once."""

from concurrent.futures import ThreadPoolExecutor

from . import lock, odoo_source, paths, postgres, python_env
from .console import plain, say

USAGE = """\
Usage: tools/setup [--stop | --help]

Fetches Odoo 19 and its Python packages into .odoo/ and starts PostgreSQL.
Does nothing when all of that is there. --stop stops the private PostgreSQL.

ACB_STATE=DIR     use DIR instead of .odoo/
ACB_SHARED=DIR    take Odoo, Python packages and databases from another clone's .odoo/
ODOO_HOME=DIR     use an Odoo 19 of your own
ACB_PYTHON=FILE   use this Python (the operating system's, or the one that is called)
PGHOST, PGPORT, PGUSER, PGPASSWORD   use a PostgreSQL of your own
ACB_DB_PREFIX     first part of the databases' names (acb)"""


def ensure():
    """Prepare what is missing; cheap when nothing is."""
    if not is_ready():
        with lock.exclusive("set-up"):
            if not is_ready():
                _prepare()
    postgres.ensure()


def is_ready():
    """Tell whether Odoo and the Python environment match the pins."""
    return python_env.is_ready() and odoo_source.is_ready()


def _prepare():
    say(f"preparing Odoo 19 in {paths.SHARED}")
    if not python_env.is_ready():
        postgres.stop()  # it runs from the environment that is about to go
    # The one waits for Debian's mirror while the other one works.
    with ThreadPoolExecutor() as pool:
        parts = [pool.submit(part.ensure) for part in (odoo_source, python_env)]
    for part in parts:
        part.result()
    say("Odoo 19 and its Python packages are ready")


def main(args):
    """Entry point of ``tools/setup``."""
    if {"-h", "--help"} & set(args):
        plain(USAGE)
    elif "--stop" in args:
        plain(
            "PostgreSQL stopped." if postgres.stop() else "PostgreSQL was not running."
        )
    else:
        ensure()
        say("set-up is complete")
