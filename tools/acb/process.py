"""Long-running commands: their log in a file, their progress on the screen."""

import subprocess
import time

from . import launch, paths
from .console import ToolError, say
from .testlog import RECORD

MODULE_LOADED = "odoo.modules.loading: Loading module "
EVERY_SECONDS = 10


def stream(command, log, on_line=None, config=None, append=False, env=None):
    """Run a command, write its output to a log, show each line to a callback.

    :param env: more variables of the environment
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with (
        log.open("a" if append else "w") as target,
        subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            cwd=paths.ROOT,
            env={**launch.environment(config), **(env or {})},
        ) as process,
    ):
        try:
            for line in process.stdout:
                target.write(line)
                if on_line:
                    on_line(line)
        except BaseException:
            process.terminate()
            raise
    return process.returncode


def odoo(args, log, on_line=None, config=None, append=False, env=None):
    """Run odoo-bin with a log; return its exit code."""
    return stream(launch.command(args), log, on_line, config, append, env)


def script(database, path, args=(), log=None, config=None):
    """Run a Python file in a database's environment; return its exit code.

    Without a log its output goes to the screen.
    """
    command = launch.script_command(database, path, args)
    if log:
        return stream(command, log, config=config, append=True)
    env = launch.environment(config)
    return subprocess.run(command, cwd=paths.ROOT, env=env).returncode


def complaints(log):
    """Warnings of a log, and errors with their tracebacks."""
    found, taking = [], False
    for line in log.read_text(errors="replace").splitlines():
        record = RECORD.match(line)
        if record:
            taking = record["level"] in ("ERROR", "CRITICAL")
        if taking or (record and record["level"] == "WARNING"):
            found.append(line)
    return found


def tail(log, count=40):
    """Last lines of a log."""
    return "".join(log.read_text(errors="replace").splitlines(keepends=True)[-count:])


def install(database, addons, log, *options, config=None):
    """Install addons in a database, telling how far it is; raise if that fails."""
    args = ["-d", database, "-i", ",".join(addons), "--stop-after-init", *options]
    code = odoo(args, log, InstallProgress(), config)
    text = log.read_text(errors="replace")
    if code or " CRITICAL " in text or "Some modules are not loaded" in text:
        raise ToolError(f"Odoo could not install {', '.join(addons)}:\n{tail(log)}")


class InstallProgress:
    """Says every few seconds which addon Odoo has reached."""

    def __init__(self):
        self.next = time.monotonic() + EVERY_SECONDS

    def __call__(self, line):
        """Look at one line of Odoo's log."""
        if MODULE_LOADED in line and time.monotonic() > self.next:
            self.next = time.monotonic() + EVERY_SECONDS
            say(f"  … addon {line.partition(MODULE_LOADED)[2].strip()}")
