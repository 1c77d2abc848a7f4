"""``make soak``: what is random, tried for a quarter of an hour instead of seconds.

Damaged bank files, read and imported, and sequences of invoices, payments and returns,
beside which a small model keeps its own books. All of it is made by a seed, which is
told: the same seed tries the same again. What fails is told with the words that repeat
it alone; a file that fails is kept. Two processes share the work, each with a database.
"""

import argparse
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor

from . import databases, launch, paths, setup
from .console import ToolError, plain
from .task_test import Place, report, run_tests
from .testlog import Counts

PLACES = tuple(Place(f"soak-{number}", databases.fresh) for number in (1, 2))
FOLDER = paths.STATE / "soak"
# Which tests try a kind of thing, and how many of it there are.
KINDS = {
    "mutants": ("TestMutants", 10_000),
    "imports": ("TestMutantsImported", 1_000),
    "sequences": ("TestLedgerRandomKinds", 2_000),
}


def main(args):
    """Try it all; exit with 1 when something fails."""
    options = _parse(args)
    setup.ensure()
    launch.write_config()
    plain(f'The seed is {options.seed}; again: make soak ARGS="--seed {options.seed}"')
    start = time.monotonic()
    shares = [share for share in _share(options) if share]
    with ThreadPoolExecutor(max_workers=len(PLACES)) as pool:
        runs = [
            pool.submit(_run, place, options.seed, share)
            for place, share in zip(PLACES, shares, strict=False)
        ]
    code = report([run.result() for run in runs], Counts())
    tried = [
        f"{sum(len(range(*share[kind])) for share in shares if kind in share)} {kind}"
        for kind in KINDS
    ]
    took = time.monotonic() - start
    plain(f"Seed {options.seed}: {', '.join(tried)} in {took:.0f} s")
    return code


def _parse(args):
    parser = argparse.ArgumentParser(prog="tools/task soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument(
        "--percent", type=int, default=100, help="how much of everything is tried"
    )
    parser.add_argument("--only", help="one of a kind, such as sequences/17")
    return parser.parse_args(args)


def _share(options):
    """What each process tries: dicts from a kind to the range of its numbers."""
    if options.only:
        kind, _slash, number = options.only.partition("/")
        if kind not in KINDS or not number.isdigit():
            raise ToolError(f"--only {{{'|'.join(KINDS)}}}/NUMBER")
        return [{kind: (int(number), int(number) + 1)}]
    return [
        {
            kind: _cut(most * options.percent // 100, part)
            for kind, (_test, most) in KINDS.items()
        }
        for part in range(len(PLACES))
    ]


def _cut(most, part):
    """The range of numbers of one process: neighbours stay together."""
    return [most * end // len(PLACES) for end in (part, part + 1)]


def _run(place, seed, share):
    told = {"seed": seed, "numbers": share, "folder": str(FOLDER)}
    tags = ",".join(f"/{paths.ADDON}:{KINDS[kind][0]}" for kind in share)
    return run_tests(place, tags, env={"ACB_SOAK": json.dumps(told)})
