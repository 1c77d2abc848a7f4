"""The addons of the Odoo Community Association that ours is tried beside."""

import hashlib
import re
import shutil

from . import lock, paths, uv
from .console import say

REQUIREMENTS = paths.TOOLS / "requirements-oca.txt"
# What the name of a wheel has before that of its addon.
DISTRIBUTION = "odoo-addon-"


def names():
    """Names of the pinned addons."""
    pins = REQUIREMENTS.read_text()
    return set(re.findall(rf"^{DISTRIBUTION}(\w+)==", pins, re.MULTILINE))


def ensure():
    """Fetch and unpack the pinned wheels; return the directory of addons."""
    stamp = paths.OCA / ".acb-stamp"
    pins = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    with lock.exclusive("oca"):
        if not (stamp.exists() and stamp.read_text() == pins):
            _fetch(pins)
    return paths.OCA


def _fetch(pins):
    say("fetching the pinned addons of OCA …")
    building = paths.OCA.with_name("oca.new")
    shutil.rmtree(building, ignore_errors=True)
    install = ("pip", "install", "--no-deps", "--python", paths.PYTHON)
    uv.run(*install, "--target", building, "-r", REQUIREMENTS)
    addons = building / "odoo" / "addons"
    (addons / ".acb-stamp").write_text(pins)
    shutil.rmtree(paths.OCA, ignore_errors=True)
    addons.rename(paths.OCA)
    shutil.rmtree(building)
