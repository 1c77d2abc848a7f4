"""``make test-peers``: the addon beside OCA's, and its clean removal.

OCA's addons are of two families that exclude each other: each has a database. There run
the tests of the addons of ours that join them, too.
"""

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass

from . import (
    addon,
    browser,
    databases,
    launch,
    lock,
    oca,
    paths,
    process,
    python_env,
    setup,
)
from .console import ToolError, plain, say
from .testlog import Counts, TestLog

SCRIPTS = paths.TOOLS / "scripts"
LOGS = paths.STATE / "peers"


@dataclass(frozen=True)
class Family:
    """Addons of OCA's that can be installed together.

    :ivar make: what makes a database that they can be installed in
    """

    name: str
    make: Callable
    addons: tuple


PEERS = Family(
    "peers",
    databases.fresh_with_shop,
    (
        "account_banking_sepa_direct_debit",
        "account_financial_risk",
        "account_payment_return",
        "account_payment_return_import_iso20022",
        "sale_exception",
        "sale_financial_risk",
        "sale_tier_validation",
    ),
)
BATCHES = Family("batches", databases.fresh, ("account_payment_sepa_direct_debit",))


class CheckError(Exception):
    """A check that did not hold; its text says what was seen."""


def main(args):
    """Run the checks alone; exit with 1 when one does not hold."""
    parser = argparse.ArgumentParser(prog="tools/task peers", description=__doc__)
    parser.add_argument("--tags", help="tests alone, as odoo-bin's --test-tags")
    tags = parser.parse_args(args).tags
    setup.ensure()
    counts = _run_all_tests(_ensure(), tags) if tags else check()
    wrong = counts.failed + counts.error
    plain(f"{counts.passed} passed, {wrong} failed, {counts.skipped} skipped")
    return 1 if wrong else 0


def check():
    """Run the tests and the checks; return their counts."""
    try:
        config = _ensure()
    except ToolError as error:
        if browser.is_ci():
            raise
        say(f"the checks beside OCA's addons are skipped: {error.sentence}")
        return Counts(skipped=len(CHECKS))
    say("checking the addon beside OCA's, and its removal …")
    tests = _run_all_tests(config)
    database = _make_database(PEERS, PEERS.name, config)
    before = _snapshot(database, config, "before")
    counts = Counts()
    for name, function in CHECKS.items():
        counts += _run_check(name, function, database, config, before)
        if counts.error:
            break
    counts.skipped += len(CHECKS) - counts.total
    return tests + counts


def _ensure():
    """Have OCA's addons at hand; return Odoo's configuration with them."""
    folder = oca.ensure()
    python_env.ensure_extra("peers")
    return launch.write_config(folder)


def _make_database(family, suffix, config):
    """Make a database that has the addons of a family, and not ours."""
    name = databases.own_name(suffix)
    pins = oca.REQUIREMENTS.read_text()
    recipe = f"{databases.shop_template_name()} {family.addons} {pins}"
    template = databases.recipe_name(f"acb_{family.name}", recipe)
    with lock.exclusive(family.name):
        databases.keep(template, lambda new: _build(new, family, config))
        databases.copy(template, name)
    return name


def _build(name, family, config):
    family.make(name)
    say(f"adding OCA's addons: {', '.join(family.addons)} …")
    process.install(name, family.addons, LOGS / f"{family.name}.log", config=config)


def _run_all_tests(config, tags=None):
    """Run the tests of what joins OCA's addons, where it is installed with ours."""
    every = tags or ",".join(f"/{name}" for name in addon.peer_glue())
    runs = [_run_tests(family, every, config) for family in (PEERS, BATCHES)]
    counts = sum(runs, Counts())
    return counts if counts.total else Counts(error=1)


def _run_tests(family, tags, config):
    database = _make_database(family, f"{family.name}_tests", config)
    path = LOGS / f"{family.name}-tests.log"
    log = TestLog()
    args = ["-d", database, "-i", paths.ADDON, "--test-tags", tags]
    code = process.odoo([*args, "--stop-after-init"], path, log, config)
    log.finish_class()
    log.print_faults()
    counts = log.counts
    if log.complaints or (code and not log.faults):
        plain("\n".join(log.complaints) or process.tail(path))
        counts += Counts(error=1)
    databases.drop(database)
    return counts


def _run_check(name, function, *args):
    try:
        function(*args)
    except CheckError as error:
        say(f"  {name}: failed")
        plain(str(error))
        return Counts(failed=1)
    except ToolError as error:
        say(f"  {name}: cannot be checked")
        plain(str(error))
        return Counts(error=1)
    say(f"  {name}: passed")
    return Counts(passed=1)


def _installs_beside(database, config, _before):
    """The addon installs quietly where OCA's are, and the main screens load."""
    log = LOGS / "install.log"
    process.install(database, [paths.ADDON], log, config=config)
    _assert_quiet(log)
    _run_script(database, "peers_beside.py", config)
    _run_script(database, "peers_screens.py", config)


def _orders_go_on(database, config, _before):
    """Held orders go on beside OCA's exceptions, risk and approvals."""
    _run_script(database, "peers_orders.py", config)


def _takes_over(database, config, _before):
    """What OCA's addon registered becomes ours, and the books stay as they are."""
    _run_script(database, "peers_takeover.py", config)


def _uninstalls(database, config, before):
    """Removed from a database with data, the addon leaves nothing behind."""
    _run_script(database, "peers_data.py", config)
    _run_script(database, "uninstall.py", config, paths.ADDON)
    after = _snapshot(database, config, "after")
    seen = [f"Left behind: {name}" for name in _beyond(after, before)]
    seen += [f"Lost: {name}" for name in _beyond(before, after)]
    seen += process.complaints(LOGS / "uninstall.py.log")
    if seen:
        raise CheckError("\n".join(seen))


def _beyond(one, other):
    """What the one snapshot has beyond the other."""
    return [
        f"{kind} {name}"
        for kind, names in one.items()
        for name in sorted(set(names) - set(other[kind]))
    ]


def _loads_again(database, config, _before):
    """Without the addon the database loads, and OCA's screens work."""
    log = LOGS / "again.log"
    args = ["-d", database, "-u", ",".join(PEERS.addons), "--stop-after-init"]
    if process.odoo(args, log, config=config):
        raise CheckError(process.tail(log))
    _assert_quiet(log)
    _run_script(database, "peers_screens.py", config)


CHECKS = {
    "installs beside OCA's addons": _installs_beside,
    "held orders go on beside OCA's": _orders_go_on,
    "takes over the returns of OCA's addon": _takes_over,
    "uninstalls and leaves nothing": _uninstalls,
    "the database works without it": _loads_again,
}


def _assert_quiet(log):
    found = process.complaints(log)
    if found:
        raise CheckError("\n".join(found))


def _run_script(database, name, config, *args):
    """Run one of our scripts; raise with its last lines if it fails."""
    log = LOGS / f"{name}.log"
    log.unlink(missing_ok=True)
    code = process.script(database, SCRIPTS / name, args, log, config)
    if code:
        raise CheckError(f"{name} failed:\n{process.tail(log)}")


def _snapshot(database, config, name):
    """What the database consists of: its schema and its records about itself."""
    target = LOGS / f"{name}.json"
    _run_script(database, "snapshot.py", config, target, *addon.names())
    return json.loads(target.read_text())
