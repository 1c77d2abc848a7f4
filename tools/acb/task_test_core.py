"""``make test-core``: Odoo's own tests with and without the addon, and the difference.

Some of them fail in any case, as of a package of Odoo without its demo data or with
libraries of another release. What counts is what fails only with the addon. A test that
does is run once more, alone: tours of the browser depend on how busy the machine is.
"""

import argparse
import time

from . import browser, databases, paths, process, setup
from .console import plain, say
from .testlog import TestLog

CORE = (
    "account_payment",
    "base_automation",
    "delivery",
    "payment",
    "sale",
    "sale_management",
    "website_sale",
)
ACCOUNT_FILES = (
    "test_account_move_payments_widget",
    "test_account_payment",
    "test_account_payment_duplicate",
    "test_account_payment_items",
    "test_account_payment_method_line",
    "test_account_payment_register",
    "test_early_payment_discount",
    "test_payment_term",
)
WITHOUT, WITH = "core_without", "core_with"


def main(args):
    """Run Odoo's tests twice; exit with 1 when one fails only with the addon."""
    parser = argparse.ArgumentParser(prog="tools/task test_core", description=__doc__)
    parser.add_argument("--tags", default=_get_tags(), help="as odoo-bin's --test-tags")
    options = parser.parse_args(args)
    setup.ensure()
    browser.ensure()
    without = _run(_make(WITHOUT), options.tags)
    database = _make(WITH)
    process.install(database, [paths.ADDON], _get_log(f"{WITH}_install"))
    beside = _run(database, options.tags)
    lasting = _run_again(database, _get_faulty(beside) - _get_faulty(without))
    return _report(without, beside, lasting)


def _get_tags():
    files = [f"/account/tests/{name}.py" for name in ACCOUNT_FILES]
    return ",".join([f"/{name}" for name in CORE] + files)


def _make(name):
    """Make a database that has what the addon stands beside, but not the addon."""
    return databases.fresh_with_shop(databases.own_name(name), assets=True)


def _get_log(name):
    return paths.STATE / f"{name}.log"


def _run(database, tags, quiet=False):
    """Run the tests of what is installed in a database; return what became of them."""
    path = _get_log(database)
    say(f"running Odoo's tests on database {database} (log: {path})")
    log, start = TestLog(quiet=quiet), time.monotonic()
    process.odoo(["-d", database, "--test-tags", tags, "--stop-after-init"], path, log)
    log.finish_class()
    if not log.started or log.reported is None:
        plain(process.tail(path))
        raise SystemExit("Odoo ended before its tests did.")
    say(f"{log.started} tests in {time.monotonic() - start:.0f} s")
    return log


def _get_faulty(log):
    """Return the names of the tests that did not pass: module.Class.method."""
    wrong = ("failed", "error")
    return {name for name, outcome in log.outcomes.items() if outcome in wrong}


def _run_again(database, names):
    """Return those of these tests that fail again, run by themselves."""
    if not names:
        return set()
    say(f"running {len(names)} tests again that failed only with the addon")
    tags = {_get_tag(name) for name in names}
    return _get_faulty(_run(database, ",".join(sorted(tags)))) & names


def _get_tag(name):
    """Return the selection of one test; of its class, if its set-up failed."""
    _module, owner, method = name.split(".")
    is_hook = method in ("setUpClass", "tearDownClass")
    return f":{owner}" if is_hook else f":{owner}.{method}"


def _report(without, beside, lasting):
    """Print the difference; return the exit code."""
    before, after = _get_faulty(without), _get_faulty(beside)
    _print("Fail without the addon too", before & after)
    _print("Failed without the addon only", before - after)
    _print("Failed with the addon, and passed when run again", after - before - lasting)
    _print("FAIL ONLY WITH THE ADDON", lasting)
    plain(
        f"{beside.started} of Odoo's tests: {len(before)} fail without the addon,"
        f" {len(lasting)} only with it"
    )
    return 1 if lasting else 0


def _print(title, names):
    if names:
        plain(f"\n{title}:")
        for name in sorted(names):
            plain(f"   {name}")
