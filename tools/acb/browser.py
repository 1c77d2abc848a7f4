"""The browser of the browser tests."""

import os
import shutil
from pathlib import Path

from .console import ToolError, run, say

# The names that Odoo's own tests look for.
NAMES = ("google-chrome", "chromium", "chromium-browser", "google-chrome-stable")


def find():
    """Path of a browser, or None."""
    return next(filter(None, map(shutil.which, NAMES)), None)


def ensure():
    """Find a browser; as root install Debian's; else say what follows from it."""
    if find():
        return find()
    reason = "no Chromium on this machine"
    if os.geteuid():
        reason += ", and only root may install it (apt-get install chromium)"
    elif not shutil.which("apt-get"):
        reason += ", and no apt-get to install it"
    else:
        reason = _install()
    if find():
        say("Chromium is installed")
    else:
        _do_without(reason)
    return find()


def is_ci():
    """Tell whether this is the gate, which accepts no skipped browser test."""
    return os.environ.get("CI", "").lower() in ("1", "true", "yes")


def _install():
    """Install Debian's Chromium; return why that did not work."""
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    options = ["-q", "-y", "-o", "Acquire::Retries=3"]
    install = [*options, "--no-install-recommends", "chromium", *_fonts()]
    try:
        say("Chromium is missing: reading the lists of packages …")
        run(["apt-get", "update", "-q"], attempts=2, env=env)
        say("installing Chromium (about 100 MiB) …")
        run(["apt-get", "install", *install], attempts=2, env=env)
    except ToolError as error:
        return f"Chromium could not be installed ({error.sentence})"
    return "Chromium could not be installed"


def _fonts():
    """A font, for screenshots that can be read."""
    return [] if Path("/usr/share/fonts").exists() else ["fonts-dejavu-core"]


def _do_without(reason):
    if is_ci():
        raise ToolError(f"The browser tests must run here: {reason}.")
    say(f"the browser tests will be skipped: {reason}")
