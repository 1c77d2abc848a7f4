"""``make test``: every test of the addon, and one plain line of counts."""

import argparse
import time

from . import browser, databases, paths, process, setup, task_peers
from .console import plain, say
from .testlog import Counts, TestLog

ALL = f"/{paths.ADDON}"
LOG = paths.STATE / "test.log"
DATABASE = "test"


def main(args):
    """Run tests; exit with 1 when one fails or none ran."""
    options = _parse(args)
    setup.ensure()
    browser.ensure()
    log, healthy = _run_tests(options)
    counts = log.counts
    if not (options.fast or options.tags or options.no_peers):
        counts += task_peers.check()
    return _report(log, counts, healthy)


def _parse(args):
    parser = argparse.ArgumentParser(prog="tools/task test", description=__doc__)
    parser.add_argument("--tags", help="a selection, as odoo-bin's --test-tags")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument(
        "--fast", action="store_true", help="update the last database, keep its data"
    )
    return parser.parse_args(args)


def _run_tests(options):
    """Run Odoo on the test database; return its log and whether it ended well."""
    database = databases.own_name(DATABASE)
    update = options.fast and databases.exists(database)
    if update:
        databases.launch.write_config()
    else:
        databases.fresh(database)
    tags = options.tags or ALL
    say(f"running {tags} on database {database} (log: {LOG})")
    flag = "-u" if update else "-i"
    args = ["-d", database, flag, paths.ADDON, "--test-tags", tags]
    log = TestLog()
    start = time.monotonic()
    code = process.odoo([*args, "--stop-after-init"], LOG, log)
    log.finish_class()
    say(f"Odoo ended after {time.monotonic() - start:.0f} s (exit code {code})")
    return log, _is_healthy(log, code)


def _is_healthy(log, code):
    """Tell whether the run came to its end; say what is wrong if not."""
    for line in log.complaints:
        plain(line.rstrip())
    if log.reported is None:
        plain(process.tail(LOG))
        plain("Odoo ended before the tests did.")
        return False
    if log.reported != log.started:
        plain(f"Odoo counts {log.reported} tests, but its log shows {log.started}.")
        return False
    if not log.started:
        plain("No test ran: that is a failure.")
        return False
    if code and not log.faults:
        plain(process.tail(LOG))
        plain(f"Odoo's exit code is {code}.")
        return False
    return True


def _report(log, counts, healthy):
    log.print_faults()
    log.print_skips()
    if not healthy and not (counts.failed or counts.error):
        counts += Counts(error=1)
    plain(
        f"Tests: {counts.total} total, {counts.failed} failed, "
        f"{counts.error} errors, {counts.skipped} skipped"
    )
    wrong = counts.failed + counts.error
    plain(f"{counts.passed} passed, {wrong} failed, {counts.skipped} skipped")
    return 1 if wrong else 0
