"""The addons of the Odoo Community Association that ours is tried beside."""

import hashlib
import os
import shutil
import zipfile

from . import lock, paths
from .console import run, say

REQUIREMENTS = paths.TOOLS / "requirements-oca.txt"
INSIDE = "odoo/addons/"
ATTEMPTS = 3


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
    wheels = building / ".wheels"
    command = [paths.PYTHON, "-m", "pip", "download", "-q", "--no-deps", "-d", wheels]
    env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    error = "The addons of OCA could not be had."
    run([*command, "-r", REQUIREMENTS], attempts=ATTEMPTS, env=env, error=error)
    for wheel in sorted(wheels.glob("*.whl")):
        _unpack(wheel, building)
    shutil.rmtree(wheels)
    (building / ".acb-stamp").write_text(pins)
    shutil.rmtree(paths.OCA, ignore_errors=True)
    building.rename(paths.OCA)


def _unpack(wheel, target):
    """Unpack the addon of a wheel, without the folders it lies in."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            below = name.removeprefix(INSIDE)
            if below != name and not name.endswith("/"):
                path = target / below
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(archive.read(name))
