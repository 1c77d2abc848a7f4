"""The addons as Odoo sees them: directories of links, or real copies.

The root of the repository is the addon. Each folder of ``addons/`` is one more, which
installs itself beside what it joins ours to. Odoo finds them side by side.
"""

import ast
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from . import oca, paths

# Top-level items of the repository that are no part of the root addon.
NOT_ADDON = {
    "CONTRIBUTING.md",
    "Makefile",
    "addons",
    "benchmarks",
    "docs",
    "tools",
}
# Parts of an addon that leave no trace in a database.
NOT_INSTALLED = {"tests", "README.md"}


def glue():
    """Names of the addons that install themselves beside others."""
    found = paths.GLUE.glob("*/__manifest__.py")
    return sorted(path.parent.name for path in found)


def shop_glue():
    """Names of those beside addons of Odoo's, which a shop has."""
    return sorted(set(glue()).difference(peer_glue()))


def peer_glue():
    """Names of those beside addons of OCA's, which are there for their tests alone."""
    pinned = oca.names()
    return [name for name in glue() if not pinned.isdisjoint(manifest(name)["depends"])]


def names():
    """Names of all our addons, the root first."""
    return [paths.ADDON, *glue()]


def manifest(name=paths.ADDON):
    """An addon's manifest, or an empty one in a repository without."""
    path = folder(name) / "__manifest__.py"
    return ast.literal_eval(path.read_text()) if path.exists() else {}


def folder(name):
    """Where an addon of ours is kept."""
    return paths.ROOT if name == paths.ADDON else paths.GLUE / name


def dependencies():
    """Names of the addons that the root addon depends on."""
    return sorted(manifest().get("depends", ["account"]))


def joined():
    """Names of the addons of Odoo's that the others join it to."""
    found = {name for ours in shop_glue() for name in manifest(ours)["depends"]}
    return sorted(found.difference(names()))


def files():
    """The repository's files as git knows them, new ones included."""
    command = ["git", "-C", str(paths.ROOT), "ls-files", "-z", "--cached", "--others"]
    done = subprocess.run(
        [*command, "--exclude-standard"], capture_output=True, text=True
    )
    if done.returncode:
        return _files_without_git()
    found = [Path(name) for name in done.stdout.split("\0") if name]
    return [path for path in found if (paths.ROOT / path).exists()]


def _files_without_git():
    found = []
    for below, names_, leaves in os.walk(paths.ROOT):
        names_[:] = [n for n in names_ if not n.startswith(".") and n != "__pycache__"]
        relative = Path(below).relative_to(paths.ROOT)
        found += [relative / leaf for leaf in leaves if not leaf.startswith(".")]
    return found


def place(path):
    """Return the addon that a file belongs to and its path there, or None.

    :param path: from the root of the repository
    """
    if path.parts[0] == paths.GLUE.name and len(path.parts) > 2:
        return path.parts[1], Path(*path.parts[2:])
    if path.parts[0] in NOT_ADDON or path.parts[0].startswith("."):
        return None
    return paths.ADDON, path


def fingerprint(*folders):
    """Hash of the files that Odoo installs, and of those in folders of the tools."""
    digest = hashlib.sha256()
    for path in sorted(files()):
        placed = place(path)
        is_ours = placed and placed[1].parts[0] not in NOT_INSTALLED
        if is_ours or any(folder in path.parents for folder in folders):
            digest.update(os.fsencode(path) + b"\0")
            digest.update((paths.ROOT / path).read_bytes() + b"\0")
    return digest.hexdigest()


def refresh_links():
    """Link the addons into ``.odoo/addons``; return that directory.

    The root addon is not one link to the root: whatever walks through it would walk
    into ``.odoo`` and come round again, and find the other addons within it. The
    clone's folder may have any name.
    """
    wanted = {}
    for path in files():
        if placed := place(path):
            name, inside = placed
            wanted[Path(name, inside.parts[0])] = folder(name) / inside.parts[0]
    for link in [p for p in paths.ADDONS.glob("*/*") if p.name != "__pycache__"]:
        if link.relative_to(paths.ADDONS) not in wanted:
            link.unlink()
    for name, source in wanted.items():
        link = paths.ADDONS / name
        if not (link.is_symlink() and link.readlink() == source):
            link.parent.mkdir(parents=True, exist_ok=True)
            link.unlink(missing_ok=True)
            link.symlink_to(source)
    _remove_empty()
    return paths.ADDONS


def _remove_empty():
    """Remove what is left of addons that are gone: Odoo would take them for some."""
    for below in paths.ADDONS.iterdir():
        if not any(path.name != "__pycache__" for path in below.iterdir()):
            shutil.rmtree(below)


def copy_to(target):
    """Copy the addons' files for tools that do not follow links; return the folders."""
    shutil.rmtree(target, ignore_errors=True)
    for path in files():
        if placed := place(path):
            copied = target.joinpath(*placed)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(paths.ROOT / path, copied)
    return [target / name for name in names()]
