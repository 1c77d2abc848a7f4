"""``make dist``: what people take: the addons as a zip of folders, and as wheels."""

import shutil
import tempfile
from pathlib import Path

from . import addon, paths, python_env, uv
from .console import plain, say

DIST = paths.ROOT / "dist"


def main(_args):
    """Build both anew."""
    build()
    for path in sorted(DIST.iterdir()):
        plain(f"{path.relative_to(paths.ROOT)}: {path.stat().st_size // 1024} kB")


def build():
    """Build both anew; return the wheels."""
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    # Not within the repository: the builder would ask git there for the files.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        addon.copy_to(folder)
        say("packing the folders of the addons …")
        archive = f"{paths.ADDON}-{addon.manifest()['version']}"
        shutil.make_archive(DIST / archive, "zip", folder)
        for copy in sorted(folder.iterdir()):
            say(f"building the wheel of {copy.name} …")
            _build_wheel(copy)
    (DIST / ".gitignore").unlink(missing_ok=True)  # uv's
    return sorted(DIST.glob("*.whl"))


def _build_wheel(copy):
    pins = python_env.get_requirements("dist")
    uv.run("build", "--wheel", "--build-constraints", pins, "-o", DIST, copy)
