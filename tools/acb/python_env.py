"""The private Python environment: Odoo's dependencies and ours, pinned."""

import functools
import hashlib
import os
import shutil
import subprocess
import sys

from . import paths, uv
from .console import SetupError, say

OLDEST, NEWEST = (3, 10), (3, 13)  # of the Pythons that the pins are for
REQUIREMENTS = paths.TOOLS / "requirements.txt"
# Those who make an operating system compile Python with a profile of its use. One that
# somebody compiled at home often is not, and then everything takes half as long again.
SYSTEM_PYTHON = "/usr/bin/python3"


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
    uv.run("venv", "--python", _get_python()[0] or _get_range(), paths.VENV)
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


@functools.cache
def _get_python():
    """Path and version of the Python to take; None and "" if uv is to find one.

    The one asked for by ``ACB_PYTHON``, or else the first that the pins are for.
    """
    given = os.environ.get("ACB_PYTHON")
    for path in [given] if given else [SYSTEM_PYTHON, sys.executable]:
        version = _get_version(path)
        if version and OLDEST <= version <= NEWEST:
            return path, version
    if given:
        wanted = " to ".join(
            ".".join(map(str, version)) for version in (OLDEST, NEWEST)
        )
        raise SetupError(f"ACB_PYTHON={given} is not a Python of {wanted}.")
    return None, ""


def _get_version(path):
    """Major and minor version of a Python; None if there is none that runs."""
    command = [path, "-c", "import sys; print(*sys.version_info[:2])"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return tuple(map(int, done.stdout.split()))


def _get_range():
    """The Pythons that the pins are for, as uv wants to be told."""
    oldest, newest = (".".join(map(str, version)) for version in (OLDEST, NEWEST))
    return f">={oldest},<={newest}.99"


def _install(name, requirements):
    uv.run("pip", "install", "--python", paths.PYTHON, "-r", requirements)
    (paths.VENV / f".acb-{name}").write_text(_stamp_value(requirements))


def _stamp_value(requirements):
    text = requirements.read_text()
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    pins = "\n".join(line for line in lines if line)
    return hashlib.sha256(f"{_get_python()}\n{pins}".encode()).hexdigest()


def _has_stamp(name, requirements):
    stamp = paths.VENV / f".acb-{name}"
    ready = stamp.exists() and paths.PYTHON.exists()
    return ready and stamp.read_text() == _stamp_value(requirements)
