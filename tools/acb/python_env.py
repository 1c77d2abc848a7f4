"""The private Python environment: Odoo's dependencies and ours, pinned."""

import hashlib
import os
import shutil
import subprocess
import sys

from . import debian, paths
from .console import SetupError, ToolError, run, say

REQUIREMENTS = paths.TOOLS / "requirements.txt"
LINT_REQUIREMENTS = paths.TOOLS / "requirements-lint.txt"
OLDEST = (3, 10)
ATTEMPTS = 3


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
    if sys.version_info < OLDEST:
        raise SetupError("Python 3.10 or newer is needed (tried: 3.10 to 3.13).")
    building = paths.VENV.with_name("venv.new")
    shutil.rmtree(building, ignore_errors=True)
    # An environment holds its own path, so it is made in its final place and
    # counts only once the stamp is there.
    shutil.rmtree(paths.VENV, ignore_errors=True)
    say("creating the Python environment …")
    _create()
    count = sum(1 for line in REQUIREMENTS.read_text().splitlines() if "==" in line)
    say(f"installing {count} pinned Python packages …")
    _pip("install", "-r", REQUIREMENTS)
    _write_stamp("runtime", REQUIREMENTS)


def ensure_lint():
    """Add the pinned linters to the environment."""
    if _has_stamp("lint", LINT_REQUIREMENTS):
        return
    say("installing the pinned linters …")
    _pip("install", "-r", LINT_REQUIREMENTS)
    _write_stamp("lint", LINT_REQUIREMENTS)


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


def _write_stamp(name, requirements):
    (paths.VENV / f".acb-{name}").write_text(_stamp_value(requirements))


def _create():
    """Make an empty environment, also where Debian left ``ensurepip`` out."""
    command = [sys.executable, "-m", "venv", "--clear"]
    if _has_ensurepip():
        run([*command, paths.VENV], error="Python cannot create an environment.")
        return
    run([*command, "--without-pip", paths.VENV], error="Python has no module venv.")
    say("this Python has no pip of its own: taking the one of Debian's package …")
    _install_pip_from_debian()


def _has_ensurepip():
    check = [sys.executable, "-c", "import ensurepip, venv"]
    return not subprocess.run(check, capture_output=True).returncode


def _install_pip_from_debian():
    """Bootstrap pip with the wheel that Debian ships for exactly this use."""
    own = debian.codename()
    if not (own and debian.available()):
        raise SetupError(
            "This Python cannot create environments; "
            "install its venv module (on Debian: python3-venv)."
        )
    apt = debian.PrivateApt([own])
    apt.update()
    archives = apt.download([f"python3-pip-whl/{own}"], paths.APT / "pip")
    debian.unpack(archives, paths.APT / "pip")
    wheel = next((paths.APT / "pip").glob("usr/share/python-wheels/pip-*.whl"))
    run(
        [paths.PYTHON, wheel / "pip", "install", "--no-index", wheel],
        error="pip cannot be installed.",
    )


def _pip(*args):
    """Run pip of the environment, telling what is wrong in its last lines."""
    command = [paths.PYTHON, "-m", "pip", *args]
    env = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
    env["PIP_ROOT_USER_ACTION"] = "ignore"
    env.pop("PYTHONPATH", None)
    try:
        run(command, attempts=ATTEMPTS, env=env, error="pip failed.")
    except ToolError as error:
        raise SetupError(f"The Python packages could not be had: {error}") from error
