"""``make test``: every test of the addon, and one plain line of counts.

Tests run in three installations: the addon with what it depends on; the addon in a
shop, with the addons of ``addons/`` that install themselves there; and all of them
among their neighbours. In the second run the tests of those addons, and those of ours
that are tagged ``shop``, a second time. Those for the third are tagged ``neighbours``.
The first has most of the tests: there are several of it, with a part of the files each.
"""

import argparse
import re
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import addon, browser, databases, launch, paths, process, setup, task_peers
from .console import ToolError, plain, say
from .testlog import Counts, TestLog

SHOP, NEIGHBOURS = "shop", "neighbours"
LONG = 200  # characters


@dataclass(frozen=True)
class Place:
    """A database that tests run in."""

    name: str
    make: Callable

    @property
    def log(self):
        """File that Odoo's log of the tests goes to."""
        return paths.STATE / f"{self.name}.log"


MAIN = Place("test", databases.fresh)
# So many that no processor waits long for the other at the end, and no more: each takes
# a quarter of a minute to install the addon.
PARTS = (MAIN, *(Place(f"test-{number}", databases.fresh) for number in (2, 3, 4)))
IN_SHOP = Place("test-shop", databases.fresh_with_shop)
AMONG_NEIGHBOURS = Place("test-neighbours", databases.fresh_with_neighbours)


@dataclass
class Run:
    """Tests that have run in one database."""

    log: TestLog
    is_healthy: bool


def main(args):
    """Run tests; exit with 1 when one fails or none ran."""
    options = _parse(args)
    setup.ensure()
    browser.ensure()
    places = _split(_get_tags(options))
    if not options.fast:
        places = _share(places)
    beside = not (options.fast or options.tags or options.no_peers)
    launch.write_config()
    # Two at a time. What takes longest without a pause comes first.
    with ThreadPoolExecutor(max_workers=2) as pool:
        peers = pool.submit(task_peers.check) if beside else None
        runs = [
            pool.submit(run_tests, place, tags, options.fast) for place, tags in places
        ]
    counts = peers.result() if peers else Counts()
    return report([run.result() for run in runs], counts)


def _parse(args):
    parser = argparse.ArgumentParser(prog="tools/task test", description=__doc__)
    parser.add_argument("--tags", help="a selection, as odoo-bin's --test-tags")
    parser.add_argument("--no-peers", action="store_true")
    parser.add_argument(
        "--fast", action="store_true", help="update the last database, keep its data"
    )
    return parser.parse_args(args)


def _get_tags(options):
    """Return what is asked for; being fast is leaving out all databases but the first.

    ``neighbours`` and ``shop`` alone stand for all there is in that database.
    """
    main, shop, neighbours = _get_all_tags()
    if options.tags:
        return {SHOP: shop, NEIGHBOURS: neighbours}.get(options.tags, options.tags)
    return main if options.fast else f"{main},{shop},{neighbours}"


def _get_all_tags():
    """Return the tags of all the tests in each of the databases."""
    shop = [f"{SHOP}/{paths.ADDON}", *(f"/{name}" for name in addon.shop_glue())]
    names = [paths.ADDON, *addon.shop_glue()]
    neighbours = [f"{NEIGHBOURS}/{name}" for name in names]
    return f"/{paths.ADDON}", ",".join(shop), ",".join(neighbours)


def _split(tags):
    """Return pairs of a place and the tags for it, of the places concerned."""
    wanted = {MAIN: [], IN_SHOP: [], AMONG_NEIGHBOURS: []}
    for tag in tags.split(","):
        wanted[_get_place(tag)].append(tag)
    return [(place, ",".join(found)) for place, found in wanted.items() if found]


def _share(places):
    """Return the places, the whole of the first one's tests in parts."""
    whole = f"/{paths.ADDON}"
    if (MAIN, whole) not in places:
        return places
    files = sorted((paths.ROOT / "tests").glob("test_*.py"), key=_get_size)
    shares = (
        ",".join(f"{whole}/tests/{file.name}" for file in files[start :: len(PARTS)])
        for start in reversed(range(len(PARTS)))
    )
    others = [pair for pair in places if pair[0] != MAIN]
    return [*others, *zip(PARTS, shares, strict=True)]


def _get_size(path):
    return path.stat().st_size


def _get_place(tag):
    """Return where the tests of a tag run, as odoo-bin writes it: tag/addon:class."""
    named, _slash, rest = tag.lstrip("+-").partition("/")
    if named.startswith(NEIGHBOURS):
        return AMONG_NEIGHBOURS
    name = re.split("[:/]", rest)[0]
    if name in addon.peer_glue():
        raise ToolError(f"What is beside OCA's addons: make test-peers TAGS={tag}")
    is_of_shop = named.startswith(SHOP) or name in addon.shop_glue()
    return IN_SHOP if is_of_shop else MAIN


def run_tests(place, tags, fast=False, env=None):
    """Run Odoo's tests in a place; ``env`` are more variables of the environment."""
    database = databases.own_name(place.name.replace("-", "_"))
    update = fast and databases.exists(database)
    if update:
        launch.write_config()
    else:
        place.make(database, assets=True)
    named = tags if len(tags) < LONG else f"{tags.count(',') + 1} files of tests"
    say(f"running {named} on database {database} (log: {place.log})")
    flag = "-u" if update else "-i"
    args = ["-d", database, flag, paths.ADDON, "--test-tags", tags]
    log = TestLog()
    start = time.monotonic()
    code = process.odoo([*args, "--stop-after-init"], place.log, log, env=env)
    log.finish_class()
    say(f"Odoo ended after {time.monotonic() - start:.0f} s (exit code {code})")
    return Run(log, _is_healthy(log, code, place.log))


def _is_healthy(log, code, path):
    """Tell whether the run came to its end; say what is wrong if not."""
    for line in log.complaints:
        plain(line.rstrip())
    if log.reported is None:
        plain(process.tail(path))
        plain("Odoo ended before the tests did.")
        return False
    if log.reported != log.started:
        plain(f"Odoo counts {log.reported} tests, but its log shows {log.started}.")
        return False
    if not log.started:
        plain("No test ran: that is a failure.")
        return False
    if code and not log.faults:
        plain(process.tail(path))
        plain(f"Odoo's exit code is {code}.")
        return False
    return True


def report(runs, counts):
    """Print the faults, then the sums; return the exit code.

    :param Counts counts: of the checks that are no tests of Odoo's
    """
    for run in runs:
        run.log.print_faults()
        run.log.print_skips()
        counts += run.log.counts
    if not all(run.is_healthy for run in runs) and not (counts.failed or counts.error):
        counts += Counts(error=1)
    plain(
        f"Tests: {counts.total} total, {counts.failed} failed, "
        f"{counts.error} errors, {counts.skipped} skipped"
    )
    wrong = counts.failed + counts.error
    plain(f"{counts.passed} passed, {wrong} failed, {counts.skipped} skipped")
    return 1 if wrong else 0
