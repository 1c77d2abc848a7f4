"""``make lint``: every linter, one line for each."""

import re
import subprocess
import time

from . import addon, databases, launch, paths, process, python_env, setup
from .console import plain, say
from .testlog import TestLog

COPY = paths.LINT / "addons"
LOG = paths.LINT / "test_lint.log"
DATABASE = "lint"
HOOKS = paths.ROOT / ".pre-commit-config.yaml"
BIN = paths.VENV / "bin"
# Core's own checks of addons. Its other ones are too slow or need node.
CORE_CLASSES = (
    "L10nLinter",
    "ManifestLinter",
    "PotLinter",
    "RoutesLinter",
    "TestConflictMarkers",
    "TestDunderinit",
    "TestIndex",
    "TestLintOverrideSignatures",
    "TestNaming",
    "TestOnchangeDomains",
    "TestTestHoles",
)
# Faults of core's own addons, which ours cannot mend.
CORE_FAULTS = ("account.move.l10n_it_ddt_id (inverse of l10n_it.ddt.invoice_id)",)


def main(_args):
    """Run all linters, also after one complained; exit with 1 if any did."""
    setup.ensure()
    python_env.ensure_extra("lint")
    copies = addon.copy_to(COPY)
    outcomes = [_run(name, command, cwd) for name, command, cwd in _linters(copies)]
    outcomes.append(_check_pins())
    if addon.manifest():
        outcomes.append(_run_core_checks())
    else:
        say("no addon yet: core's own checks are left out")
    wrong = outcomes.count(False)
    plain(f"Lint: {len(outcomes)} linters, {wrong} with complaints")
    return 1 if wrong else 0


def _linters(copies):
    """Name, command and directory of each linter that runs by itself."""
    root = paths.ROOT
    yield "ruff check", [BIN / "ruff", "check", "--no-cache", "."], root
    yield "ruff format", [BIN / "ruff", "format", "--check", "--no-cache", "."], root
    scripts = [path for path in (paths.TOOLS, paths.LAUNCHER) if path.exists()]
    found = [path for folder in scripts for path in folder.iterdir()]
    plain_files = [path for path in found if path.is_file() and not path.suffix]
    yield "ruff on scripts", [BIN / "ruff", "check", "--no-cache", *plain_files], root
    if not addon.manifest():
        return
    pylint = [BIN / "pylint", f"--rcfile={root / '.pylintrc'}", *addon.names()]
    yield "pylint-odoo", pylint, COPY
    config = f"--config={root / '.oca_hooks.cfg'}"
    yield "oca-checks", [BIN / "oca-checks-odoo-module", config, *copies], COPY
    catalogues = sorted(COPY.glob("*/i18n/*.po*"))
    if catalogues:
        options = ["--disable=po-pretty-format"]
        yield "oca-checks-po", [BIN / "oca-checks-po", *options, *catalogues], COPY


def _run(name, command, cwd):
    """Run one linter; print what it says only if it complains."""
    start = time.monotonic()
    env = {**launch.environment(), "PYTHONPATH": str(launch.odoo_source.home())}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    took = time.monotonic() - start
    verdict = "complains" if done.returncode else "fine"
    say(f"  {name}: {verdict} ({took:.1f} s)")
    if done.returncode:
        plain(done.stdout.rstrip())
    return not done.returncode


def _check_pins():
    """Compare the versions of the hooks for contributors with those used here."""
    hooks, ours = map(_read_pins, (HOOKS, python_env.get_requirements("lint")))
    others = sorted(f"{name}=={version}" for name, version in hooks - ours)
    say(f"  versions in {HOOKS.name}: {'complains' if others else 'fine'}")
    for pin in others:
        plain(f"{pin} is not what make lint uses")
    return bool(hooks) and not others


def _read_pins(path):
    return set(re.findall(r"([\w-]+)==([\w.]+)", path.read_text()))


def _run_core_checks():
    """Run core's checks on the copies: they do not follow symbolic links."""
    start = time.monotonic()
    database = databases.fresh_with_shop(databases.own_name(DATABASE))
    config = launch.write_config(addons=COPY)
    tags = ",".join(f"/test_lint:{name}" for name in CORE_CLASSES)
    args = ["-d", database, "-i", f"{paths.ADDON},test_lint", "--test-tags", tags]
    log = TestLog(quiet=True)
    code = process.odoo([*args, "--stop-after-init"], LOG, log, config)
    databases.drop(database)
    wanted = set(CORE_CLASSES)
    ran = {key.split(".")[1] for key in log.outcomes}
    known = [fault for fault in log.faults if _is_of_core(fault)]
    for fault in known:
        log.faults.remove(fault)
    fine = (not code or known) and log.started and not log.faults
    took = time.monotonic() - start
    say(f"  core's test_lint: {'fine' if fine else 'complains'} ({took:.1f} s)")
    if wanted - ran:
        plain(f"did not run: {', '.join(sorted(wanted - ran))}")
        fine = False
    if not fine:
        log.print_faults()
        plain("\n".join(log.complaints) if log.faults else process.tail(LOG))
    return bool(fine)


def _is_of_core(fault):
    """Tell whether a fault lists fields of core's and nothing else."""
    listed = [line.strip() for line in fault if " (inverse of " in line]
    return bool(listed) and set(listed) <= set(CORE_FAULTS)
