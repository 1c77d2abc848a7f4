"""The addon as Odoo sees it: a directory of links, or a real copy."""

import ast
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from . import paths

# Top-level items of the repository that are no part of the addon.
NOT_ADDON = {"tools", "benchmarks", "docs", "Makefile"}
# Parts of the addon that leave no trace in a database.
NOT_INSTALLED = {"tests", "README.md"}


def manifest():
    """The addon's manifest, or an empty one in a repository without."""
    path = paths.ROOT / "__manifest__.py"
    return ast.literal_eval(path.read_text()) if path.exists() else {}


def dependencies():
    """Names of the addons that ours depends on."""
    return sorted(manifest().get("depends", ["account"]))


def files():
    """The repository's files as git knows them, new ones included."""
    command = ["git", "-C", str(paths.ROOT), "ls-files", "-z", "--cached", "--others"]
    done = subprocess.run(
        [*command, "--exclude-standard"], capture_output=True, text=True
    )
    if done.returncode:
        return _files_without_git()
    names = [Path(name) for name in done.stdout.split("\0") if name]
    return [name for name in names if (paths.ROOT / name).exists()]


def _files_without_git():
    found = []
    for folder, names, leaves in os.walk(paths.ROOT):
        names[:] = [n for n in names if not n.startswith(".") and n != "__pycache__"]
        below = Path(folder).relative_to(paths.ROOT)
        found += [below / leaf for leaf in leaves if not leaf.startswith(".")]
    return found


def is_addon_item(name):
    """Tell whether a top-level item belongs to the addon."""
    return name not in NOT_ADDON and not name.startswith(".")


def fingerprint(*folders):
    """Hash of the files that Odoo installs, and of those in folders of the tools."""
    digest = hashlib.sha256()
    for path in sorted(files()):
        is_ours = is_addon_item(path.parts[0]) and path.parts[0] not in NOT_INSTALLED
        if is_ours or any(folder in path.parents for folder in folders):
            digest.update(os.fsencode(path) + b"\0")
            digest.update((paths.ROOT / path).read_bytes() + b"\0")
    return digest.hexdigest()


def refresh_links():
    """Link the addon's items into ``.odoo/addons``; return that directory.

    The addon is not one link to the root: whatever walks through it would walk
    into ``.odoo`` and come round again. The clone's folder may have any name.
    """
    target = paths.ADDONS / paths.ADDON
    target.mkdir(parents=True, exist_ok=True)
    wanted = {path.parts[0] for path in files() if is_addon_item(path.parts[0])}
    present = {path.name: path for path in target.iterdir()}
    for name in present.keys() - wanted - {"__pycache__"}:
        present[name].unlink()
    for name in wanted:
        link = target / name
        source = paths.ROOT / name
        if not (link.is_symlink() and link.readlink() == source):
            link.unlink(missing_ok=True)
            link.symlink_to(source)
    return paths.ADDONS


def copy_to(folder):
    """Copy the addon's files for tools that do not follow links; return it."""
    target = folder / paths.ADDON
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for path in files():
        if is_addon_item(path.parts[0]):
            (target / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(paths.ROOT / path, target / path)
    return target
