"""How Odoo is called: configuration file, environment, free ports."""

import hashlib
import os
import socket
from pathlib import Path

from . import addon, odoo_source, paths, postgres

LOCAL = "127.0.0.1"
# The commands that bind an HTTP port; the others have no such options.
SERVING = {"server", "start", "gevent", "shell"}


def free_port(preferred=0):
    """A port nobody listens on: the preferred one, the next ones, or any."""
    for port in [*range(preferred, preferred + 50 if preferred else 0), 0]:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOCAL, port))
            except OSError:
                continue
            return probe.getsockname()[1]
    return 0


def write_config(more_addons=None, addons=None):
    """Write Odoo's configuration file for this clone; return its path.

    With more addons, or with another copy of ours, it is another file, so that
    two commands may run at once.
    """
    env = postgres.environment()
    folders = [addons or addon.refresh_links(), *filter(None, [more_addons])]
    values = {
        "addons_path": ",".join(map(str, [*get_core_addons(), *folders])),
        "data_dir": paths.DATA,
        "db_host": env.get("PGHOST"),
        "db_port": env.get("PGPORT"),
        "db_user": env.get("PGUSER"),
        "http_interface": LOCAL,
        "screenshots": paths.STATE / "screenshots",
        "admin_passwd": "admin",
    }
    lines = [f"{key} = {value}\n" for key, value in values.items() if value]
    paths.DATA.mkdir(parents=True, exist_ok=True)
    target = paths.CONFIG
    if more_addons or addons:
        key = hashlib.sha256(str(folders).encode()).hexdigest()[:8]
        target = target.with_name(f"odoo-{key}.conf")
    new = target.with_name(f"{target.name}.{os.getpid()}")
    new.write_text("[options]\n" + "".join(lines))
    new.replace(target)
    return target


def get_core_addons():
    """Directories of core addons: one in a package, two in a checkout."""
    home = odoo_source.home()
    places = (home / "odoo" / "addons", home / "addons")
    return [path for path in places if (path / "web").is_dir() or path == places[0]]


def environment(config=None):
    """Environment variables for a process of Odoo."""
    env = postgres.environment()
    env["ACB_ODOO_HOME"] = str(odoo_source.home())
    env["ODOO_RC"] = str(config or paths.CONFIG)
    env["PATH"] = f"{paths.VENV / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    env.pop("PYTHONPATH", None)
    return env


def command(args):
    """Command line of ``odoo-bin``, with free ports unless they are given."""
    first = args[0] if args and not args[0].startswith("-") else "server"
    line = [str(paths.PYTHON), str(paths.LAUNCHER / "odoo-bin"), *map(str, args)]
    if first not in SERVING or {"-h", "--help", "--version"} & set(args):
        return line
    if not _is_given(args, "--http-port", "-p"):
        line.append(f"--http-port={free_port()}")
    if not _is_given(args, "--gevent-port", "--longpolling-port"):
        line.append(f"--gevent-port={free_port()}")
    return line


def _is_given(args, *names):
    return any(str(arg).split("=")[0] in names for arg in args)


def script_command(database, script, args=()):
    """Command line that runs a Python file with ``env`` of a database."""
    runner = str(paths.LAUNCHER / "run-script")
    return [str(paths.PYTHON), runner, database, str(Path(script)), *map(str, args)]


def become_odoo(args):
    """Replace this process by odoo-bin; does not return."""
    write_config()
    line = command(args)
    os.execve(line[0], line, environment())
