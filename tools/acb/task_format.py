"""``make format``: let ruff mend what it can."""

import subprocess

from . import paths, python_env, setup

RUFF = paths.VENV / "bin" / "ruff"


def main(_args):
    """Mend, then format; what is left is for a person."""
    setup.ensure()
    python_env.ensure_extra("lint")
    subprocess.run([RUFF, "check", "--no-cache", "--fix", "."], cwd=paths.ROOT)
    done = subprocess.run([RUFF, "format", "--no-cache", "."], cwd=paths.ROOT)
    return done.returncode
