"""``make screenshots``: the pictures of the README, from the running demo."""

import subprocess

from . import browser, paths, python_env, setup

SCRIPT = paths.TOOLS / "screenshots" / "take.py"


def main(args):
    """Take the pictures; ``--url`` and names of pictures are passed on."""
    setup.ensure()
    python_env.ensure_extra("screenshots")
    browser.ensure()
    return subprocess.run([paths.PYTHON, SCRIPT, *args]).returncode
