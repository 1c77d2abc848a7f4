"""``make bench``: measure ours, and OCA's and core in databases of their own.

``benchmarks/run.py`` is run with the arguments ``ours FILE …`` where the addon is
installed, ``oca FILE …`` where OCA's addons are, and ``core FILE …`` where neither is.
FILE is the JSON that it adds its figures to.
"""

import time

from . import paths, process, setup
from .console import ToolError, say
from .task_run import prepare

SCRIPT = paths.ROOT / "benchmarks" / "run.py"
RESULT = paths.STATE / "bench.json"
# What is measured of this addon alone: nobody else is compared.
OURS_ALONE = ("files", "large")
OCA = ("account_payment_return_import_iso20022", "sale_financial_risk")


def main(args):
    """Measure all; stop at the first that fails."""
    if not SCRIPT.exists():
        raise ToolError("There is nothing to measure yet (benchmarks/run.py).")
    setup.ensure()
    RESULT.unlink(missing_ok=True)
    parts = {
        "ours": {"suffix": "bench"},
        "oca": {"suffix": "bench_oca", "oca_addons": OCA, "ours": False},
        "core": {"suffix": "bench_core", "ours": False},
    }
    if args[:1] and args[0] in OURS_ALONE:
        parts = {"ours": parts["ours"]}
    for part, how in parts.items():
        database, config = prepare(**how, shop=True)
        start = time.monotonic()
        say(f"measuring {part} on database {database}")
        code = process.script(database, SCRIPT, [part, RESULT, *args], config=config)
        say(f"that took {time.monotonic() - start:.0f} s")
        if code:
            return code
    return 0
