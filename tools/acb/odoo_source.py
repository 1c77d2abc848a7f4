"""Odoo 19 itself: Debian's package in a private directory, or ``ODOO_HOME``."""

import os
import re
import shutil
from pathlib import Path

from . import debian, paths
from .console import SetupError, ToolError, say

REVISION = 1  # raise it when the recipe below changes
SERIES = "19.0"
SUITE = "sid"
PACKAGE = "odoo-19"
# Odoo's files link into these packages; Montserrat is too old before sid.
LINKED = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-font-awesome",
    "fonts-roboto-unhinted",
    "fonts-inconsolata",
    "fonts-ocr-b",
)
LINKED_SUITE = {"fonts-montserrat": SUITE}
# Where a suite lays fonts out in another way than Odoo's links expect, the
# package of another suite is unpacked beside it.
OTHER_SUITES = ("bookworm", "trixie", SUITE)
# Listed in a bundle of assets but cut from Debian's package: without a stand-in
# every page of the web client logs an error, which fails every browser test.
CUT_FILE = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"

WAY_OUT = (
    "Odoo 19 could not be had: {reason} "
    "Bring your own: run the same command with ODOO_HOME=/path/to/odoo in front "
    "(a checkout of Odoo 19.0)."
)


def home():
    """Directory to put on Python's path so that ``import odoo`` finds Odoo 19."""
    given = os.environ.get("ODOO_HOME")
    return _given_home(given) if given else _package_home(paths.ODOO)


def version():
    """Version of the Odoo at hand, for the keys of template databases."""
    stamp = paths.ODOO / ".acb-stamp"
    if os.environ.get("ODOO_HOME"):
        return str(home())
    return stamp.read_text() if stamp.exists() else "none"


def is_ready():
    """Tell whether the Odoo that is wanted is at hand."""
    return bool(os.environ.get("ODOO_HOME")) or _has_stamp(paths.ODOO)


def ensure():
    """Make sure that Odoo is there; return its home."""
    if os.environ.get("ODOO_HOME"):
        return home()
    if not _has_stamp(paths.ODOO):
        try:
            _fetch()
        except ToolError as error:
            sentence = WAY_OUT.format(reason=error.sentence)
            raise SetupError(sentence, error.details) from error
    return home()


def _package_home(prefix):
    return prefix / "usr" / "lib" / "python3" / "dist-packages"


def _given_home(given):
    """Accept a checkout, or the directory that contains the package ``odoo``."""
    base = Path(given).expanduser().absolute()
    release = base / "odoo" / "release.py"
    text = release.read_text() if release.is_file() else ""
    found = re.search(r"version_info\s*=\s*\(\D*(\d+),\s*(\d+)", text)
    if not found:
        raise SetupError(f"ODOO_HOME={given} holds no Odoo (no odoo/release.py).")
    if ".".join(found.groups()) != SERIES:
        series = ".".join(found.groups())
        raise SetupError(f"ODOO_HOME={given} is Odoo {series}, but {SERIES} is needed.")
    return base


def _has_stamp(prefix):
    stamp = prefix / ".acb-stamp"
    return stamp.exists() and stamp.read_text().startswith(f"{REVISION} ")


def _fetch():
    """Download and unpack beside the final place, then rename: all or nothing."""
    if not debian.available():
        raise SetupError("this machine has no apt with Debian's keyring.")
    own = debian.codename()
    if not own:
        raise SetupError("this machine is not a Debian.")
    building = paths.ODOO.with_name("odoo.new")
    shutil.rmtree(building, ignore_errors=True)
    say(f"reading Debian's package lists ({own} and {SUITE}) …")
    apt = debian.PrivateApt([own, SUITE])
    apt.update()
    say("downloading Odoo 19, 117 MiB, and what its pages link to …")
    wanted = [f"{PACKAGE}/{SUITE}", *(f"{name}/{own}" for name in LINKED)]
    wanted += [f"{name}/{suite}" for name, suite in LINKED_SUITE.items()]
    archives = apt.download(wanted, paths.APT / "debs")
    debian.unpack(archives, building)
    _mend_links(building, own)
    _add_cut_file(building)
    name = next(path.name for path in archives if path.name.startswith(PACKAGE))
    (building / ".acb-stamp").write_text(f"{REVISION} {name}\n")
    shutil.rmtree(paths.ODOO, ignore_errors=True)
    building.rename(paths.ODOO)
    shutil.rmtree(paths.APT, ignore_errors=True)


def dangling_links(prefix):
    """Symbolic links below a directory that lead nowhere."""
    links = []
    for folder, names, files in os.walk(prefix):
        for name in (*names, *files):
            path = Path(folder, name)
            if path.is_symlink() and not path.exists():
                links.append(path)
    return links


def _mend_links(prefix, own):
    """Try the packages of other suites for links that lead nowhere."""
    for suite in OTHER_SUITES:
        missing = dangling_links(prefix)
        if not missing:
            return
        if suite == own:
            continue
        say(f"{len(missing)} links of Odoo lead nowhere, trying the fonts of {suite}")
        try:
            apt = debian.PrivateApt([suite])
            apt.update()
            wanted = [f"{name}/{suite}" for name in LINKED]
            archives = apt.download(wanted, paths.APT / "debs-more")
        except ToolError:
            continue
        debian.unpack(archives, prefix)
    for path in dangling_links(prefix):
        say(f"warning: {path.relative_to(prefix)} leads nowhere")


def _add_cut_file(prefix):
    stub = _package_home(prefix) / "odoo" / "addons" / CUT_FILE
    if not stub.exists():
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text("// Not part of Debian's package.\n")
