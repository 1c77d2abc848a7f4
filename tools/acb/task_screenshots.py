"""``make screenshots``: the pictures of the README, from the running demo."""

import subprocess

from . import browser, paths, setup

SCRIPT = paths.TOOLS / "screenshots" / "take.py"


def main(args):
    """Take the pictures; ``--url`` and names of pictures are passed on."""
    setup.ensure()
    browser.ensure()
    return subprocess.run([paths.PYTHON, SCRIPT, *args]).returncode
