"""``make bench``: measure ours, and OCA's and core in databases of their own.

Afterwards it prints each figure beside what it was measured with, and the most that it
may be (``benchmarks/bounds.py``). With the argument ``check`` it fails on a worse one.

``benchmarks/run.py`` is run with the arguments ``ours FILE …`` where the addon is
installed, ``oca FILE …`` where OCA's addons are, and ``core FILE …`` where neither is.
FILE is the JSON that it adds its figures to.
"""

import json
import sys
import time

from . import paths, process, setup
from .console import ToolError, say
from .task_run import prepare

SCRIPT = paths.ROOT / "benchmarks" / "run.py"
RESULT = paths.STATE / "bench.json"
# What is measured of this addon alone: nobody else is compared.
OURS_ALONE = ("files", "large")
CHECK = "check"
OCA = ("account_payment_return_import_iso20022", "sale_financial_risk")


def main(args):
    """Measure all; stop at the first that fails."""
    if not SCRIPT.exists():
        raise ToolError("There is nothing to measure yet (benchmarks/run.py).")
    setup.ensure()
    RESULT.unlink(missing_ok=True)
    asked = [arg for arg in args if arg != CHECK]
    for part, how in _get_parts(asked).items():
        database, config = prepare(**how, shop=True)
        start = time.monotonic()
        say(f"measuring {part} on database {database}")
        code = process.script(database, SCRIPT, [part, RESULT, *asked], config=config)
        say(f"that took {time.monotonic() - start:.0f} s")
        if code:
            return code
    _compare(CHECK in args)
    return 0


def _get_parts(args):
    """Whom to measure, and the arguments of `prepare` for each."""
    parts = {
        "ours": {"suffix": "bench"},
        "oca": {"suffix": "bench_oca", "oca_addons": OCA, "ours": False},
        "core": {"suffix": "bench_core", "ours": False},
    }
    is_alone = args[:1] and args[0] in OURS_ALONE
    return {"ours": parts["ours"]} if is_alone else parts


def _compare(is_check):
    """Print the ratios of the run; raise ToolError on a worse one if that is asked."""
    sys.path.insert(0, str(SCRIPT.parent))
    import bounds
    import machine

    results = json.loads(RESULT.read_text())
    machine.show(results)
    worse = bounds.show(results)
    if is_check and not bounds.compare(results):
        raise ToolError("Nothing was measured that has a bound (benchmarks/bounds.py).")
    if is_check and worse:
        raise ToolError("Worse than benchmarks/bounds.py allows:", "\n".join(worse))
