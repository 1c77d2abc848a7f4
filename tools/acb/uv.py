"""``uv``, which makes environments and fetches packages.

It is a package itself, in an environment of its own, where pip has put it. What pip was
told about where packages come from holds for uv too.
"""

import ast
import os
import shutil
import subprocess
import sys

from . import console, debian, lock, paths
from .console import SetupError, ToolError, say

PIN = "uv==0.13.8"
ATTEMPTS = 3
PYTHON = paths.UV / "bin" / "python"
# Options of pip, and how uv is told the same.
SAME = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "timeout": "UV_HTTP_TIMEOUT",
}
# Options that name several places, and what uv has between them.
SEVERAL = {"extra-index-url": " ", "find-links": ",", "trusted-host": " "}


def run(*args):
    """Run uv; telling what is wrong in its last lines."""
    ensure()
    command = [paths.UV / "bin" / "uv", "--no-progress", *args]
    error = "The Python packages could not be had from PyPI."
    env = {**_get_places(), **_get_environment()}
    _run(command, env=env, attempts=ATTEMPTS, error=error)


def ensure():
    """Have uv at hand."""
    with lock.exclusive("uv"):
        stamp = paths.UV / ".acb-stamp"
        if not (stamp.exists() and stamp.read_text() == PIN):
            _fetch()
            stamp.write_text(PIN)


def _fetch():
    say("fetching uv …")
    shutil.rmtree(paths.UV, ignore_errors=True)
    command = [sys.executable, "-m", "venv"]
    if _has_ensurepip():
        _run([*command, paths.UV], error="Python cannot create an environment.")
    else:
        command.append("--without-pip")
        _run([*command, paths.UV], error="Python has no module venv.")
        say("this Python has no pip of its own: taking the one of Debian's package …")
        _install_pip_from_debian()
    install = [PYTHON, "-m", "pip", "install", PIN]
    error = "uv could not be had from PyPI."
    _run(install, env=_get_environment(), attempts=ATTEMPTS, error=error)


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
    apt = debian.PrivateApt([own], paths.APT.with_name("apt-pip"))
    apt.update()
    archives = apt.download([f"python3-pip-whl/{own}"], apt.root / "debs")
    debian.unpack(archives, apt.root)
    wheel = next(apt.root.glob("usr/share/python-wheels/pip-*.whl"))
    install = [PYTHON, wheel / "pip", "install", "--no-index", wheel]
    _run(install, error="pip cannot be installed.")
    shutil.rmtree(apt.root, ignore_errors=True)


def _get_environment():
    """Environment variables for pip and uv; those of the user count."""
    quiet = {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        # Of all places the best version, as pip does; not that of the first place.
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    env = {**quiet, **os.environ}
    env.pop("PYTHONPATH", None)
    env.pop("VIRTUAL_ENV", None)
    return env


def _get_places():
    """Variables that tell uv what pip was told, in its files or by variables."""
    command = [PYTHON, "-m", "pip", "config", "list"]
    lines = _run(command, env=_get_environment()).splitlines()
    found = {}
    # In this order because the last one counts, as for pip.
    for scope in ("global.", "install.", ":env:."):
        for line in lines:
            option, _equals, value = line.partition("=")
            name = option.removeprefix(scope)
            if name != option and name in SAME:
                text = str(ast.literal_eval(value))
                found[SAME[name]] = SEVERAL.get(name, " ").join(text.split())
    return found


def _run(command, error="pip failed.", **kwargs):
    try:
        return console.run(command, error=error, **kwargs)
    except ToolError as failure:
        raise SetupError(failure.sentence, failure.details) from failure
