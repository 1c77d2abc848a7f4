"""``make test-dist``: the wheels of ``make dist``, installed as people do, and started.

They go into a new Python environment, which has Odoo and not this repository. There
Odoo finds the addons by itself, whatever its ``--addons-path``.
"""

import re
import shutil
import subprocess
import sysconfig
import time
import urllib.error
import urllib.request
import zipfile

from . import (
    addon,
    databases,
    launch,
    oca,
    odoo_source,
    paths,
    postgres,
    process,
    python_env,
    setup,
    task_dist,
    uv,
)
from .console import ToolError, say

VENV = paths.STATE / "dist"
PYTHON = VENV / "bin" / "python"
# What is tried, how the database is made, and which addons are there in the end.
PLACES = {
    "alone": (databases.fresh, {paths.ADDON}),
    "in a shop": (databases.fresh_with_shop, {paths.ADDON, *addon.shop_glue()}),
}
ICON = f"{paths.ADDON}/static/description/icon.png"
START_SECONDS = 120


def main(_args):
    """Build, install and start; say what does not hold."""
    setup.ensure()
    wheels = task_dist.build()
    _check_needs(wheels)
    _make_environment(wheels)
    for place, (make, expected) in PLACES.items():
        database = make(databases.own_name("dist"))
        _install(database, expected)
        _start(database)
        databases.drop(database)
        say(f"the wheels start {place}")
    shutil.rmtree(VENV)


def _check_needs(wheels):
    """The wheels ask for Odoo, one another, what they join, and nothing else."""
    needed = {"odoo"}.union(*map(_read_needs, wheels))
    ours = {_get_distribution(wheel) for wheel in wheels}
    peers = {f"{oca.DISTRIBUTION}{name}" for name in oca.names()}
    others = needed - ours - peers
    if others != {"odoo"}:
        raise ToolError(f"The wheels need {', '.join(sorted(others))}.")


def _read_needs(wheel):
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
        text = archive.read(name).decode()
    return set(re.findall(r"^Requires-Dist: ([\w-]+)", text, re.MULTILINE))


def _get_distribution(wheel):
    return wheel.name.split("-")[0].replace("odoo_addon_", "odoo-addon-", 1)


def _make_environment(wheels):
    """Make an environment with Odoo, what it needs, and the wheels."""
    say("installing the wheels in a new environment …")
    uv.run("venv", "--clear", "--python", paths.PYTHON, VENV)
    install = ("pip", "install", "--python", PYTHON)
    uv.run(*install, "-r", python_env.REQUIREMENTS)
    folder = sysconfig.get_path("purelib", "venv", {"base": str(VENV)})
    link = VENV / folder / "odoo-from-debian.pth"
    link.write_text(f"{odoo_source.home()}\n")
    uv.run(*install, "--no-deps", *wheels)


def _get_command(database, *args):
    """Command of Odoo with core's addons alone on its path."""
    core = ",".join(map(str, launch.get_core_addons()))
    return [PYTHON, "-m", "odoo", "-d", database, f"--addons-path={core}", *args]


def _install(database, expected):
    say(f"installing the addon in database {database} …")
    log = paths.STATE / "dist.log"
    install = ("-i", paths.ADDON, "--stop-after-init", "--no-http")
    code = process.stream(_get_command(database, *install), log)
    rows = postgres.psql(
        "SELECT name FROM ir_module_module"
        f" WHERE name ~ '^{paths.ADDON}' AND state = 'installed'",
        database,
    )
    installed = {name for (name,) in rows}
    complaints = process.complaints(log)
    if code or installed != expected or complaints:
        details = "\n".join(complaints) or process.tail(log)
        raise ToolError(f"Odoo installed {', '.join(installed) or 'none'}", details)


def _start(database):
    """Start the server, and ask it for a file of the addon."""
    port = launch.free_port()
    command = _get_command(database, f"--http-port={port}", "--max-cron-threads=0")
    with subprocess.Popen(
        [str(part) for part in command],
        stderr=subprocess.DEVNULL,
        env=launch.environment(),
    ) as server:
        try:
            _ask(f"http://{launch.LOCAL}:{port}/{ICON}", server)
        finally:
            server.terminate()


def _ask(url, server):
    limit = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < limit:
        if _answers(url):
            return
        time.sleep(0.5)
    raise ToolError("The server does not start with the addon.")


def _answers(url):
    """Tell whether the server serves a page; it may not listen yet."""
    try:
        with urllib.request.urlopen(url):
            return True
    except urllib.error.HTTPError as error:
        raise ToolError(f"{url}: {error}") from error
    except urllib.error.URLError:
        return False
