"""The private Python environment: Odoo's dependencies and ours, pinned."""

import hashlib
import shutil
import sys

from . import paths, uv
from .console import say

OLDEST, NEWEST = (3, 10), (3, 13)  # of the Pythons that the pins are for
REQUIREMENTS = paths.TOOLS / "requirements.txt"


def is_ready():
    """Tell whether the environment matches the pins and this Python.

    One that another clone shares with us is not ours to rebuild: its processes
    run in it. Then it is enough that it is there.
    """
    is_whole = (paths.VENV / ".acb-runtime").exists()
    return (paths.IS_SHARING and is_whole) or _has_stamp("runtime", REQUIREMENTS)


def ensure():
    """Build the environment anew unless it matches the pins."""
    if is_ready():
        return
    # An environment holds its own path, so it is made in its final place and
    # counts only once the stamp is there.
    shutil.rmtree(paths.VENV, ignore_errors=True)
    say("creating the Python environment …")
    uv.run("venv", "--python", _get_python(), paths.VENV)
    count = sum(1 for line in REQUIREMENTS.read_text().splitlines() if "==" in line)
    say(f"installing {count} pinned Python packages …")
    _install("runtime", REQUIREMENTS)


def ensure_extra(name):
    """Add the packages that ``requirements-NAME.txt`` pins to the environment."""
    requirements = get_requirements(name)
    if not _has_stamp(name, requirements):
        say(f"installing the pinned packages of make {name} …")
        _install(name, requirements)


def get_requirements(name):
    """Path of the list of packages that are pinned for one of the make targets."""
    return paths.TOOLS / f"requirements-{name}.txt"


def _get_python():
    """This Python if the pins are for it; else uv finds one, or fetches it."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return sys.executable
    oldest, newest = (".".join(map(str, version)) for version in (OLDEST, NEWEST))
    return f">={oldest},<={newest}.99"


def _install(name, requirements):
    uv.run("pip", "install", "--python", paths.PYTHON, "-r", requirements)
    (paths.VENV / f".acb-{name}").write_text(_stamp_value(requirements))


def _stamp_value(requirements):
    text = requirements.read_text()
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    pins = "\n".join(line for line in lines if line)
    version = ".".join(map(str, sys.version_info[:2]))
    return hashlib.sha256(f"{version}\n{pins}".encode()).hexdigest()


def _has_stamp(name, requirements):
    stamp = paths.VENV / f".acb-{name}"
    ready = stamp.exists() and paths.PYTHON.exists()
    return ready and stamp.read_text() == _stamp_value(requirements)
