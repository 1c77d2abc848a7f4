"""Where things are.

``.odoo/`` (or ``ACB_STATE``) holds everything private to this clone. The heavy
parts – Odoo, the Python environment, PostgreSQL with its databases and their
files – may be shared between clones: set ``ACB_SHARED`` to another clone's
``.odoo``, or make ``.odoo/pg`` a symbolic link into one.
"""

import os
from pathlib import Path

ADDON = "account_credit_block"
ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
GLUE = ROOT / "addons"
LAUNCHER = TOOLS / "launcher"


def _state():
    """Directory private to this clone."""
    given = os.environ.get("ACB_STATE")
    return Path(given).expanduser().absolute() if given else ROOT / ".odoo"


def _shared():
    """Directory of the heavy things, possibly another clone's."""
    given = os.environ.get("ACB_SHARED")
    if given:
        return Path(given).expanduser().absolute()
    cluster = STATE / "pg"
    return cluster.resolve().parent if cluster.is_symlink() else STATE


def _heavy(name):
    """A heavy directory; a symbolic link in our own state goes first."""
    own = STATE / name
    return own.resolve() if own.is_symlink() else SHARED / name


STATE = _state()
SHARED = _shared()
IS_SHARING = SHARED.resolve() != STATE.resolve()

ODOO = _heavy("odoo")
VENV = _heavy("venv")
UV = _heavy("uv")
CLUSTER = _heavy("pg")
DATA = SHARED / "data"
APT = SHARED / "apt"

PYTHON = VENV / "bin" / "python"
ADDONS = STATE / "addons"
OCA = SHARED / "oca"
LINT = STATE / "lint"
CONFIG = STATE / "odoo.conf"

# Clones that share a cluster must not share databases.
_OWN_PREFIX = f"acb_{ROOT.name}" if IS_SHARING else "acb"
DB_PREFIX = os.environ.get("ACB_DB_PREFIX") or _OWN_PREFIX
