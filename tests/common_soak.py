"""How much is tried of what may be tried without end.

A test run tries a few, always the same. ``make soak`` tries very many, in several
processes, each with a share of the numbers; it tells them so by their environment.
"""

import json
import os
from pathlib import Path

SEED = 14


def get_share(kind, few):
    """What to try.

    :param kind: "mutants", "imports" or "sequences"
    :param few: the numbers that a test run tries
    :return: seed, and the numbers as a range
    """
    told = json.loads(os.environ.get("ACB_SOAK", "{}"))
    if not told:
        return SEED, few
    return told["seed"], range(*told["numbers"][kind])


def keep(name, data):
    """Keep a file for whoever looks at a failure.

    :return: its path, "" in a test run
    """
    folder = json.loads(os.environ.get("ACB_SOAK", "{}")).get("folder")
    if not folder:
        return ""
    path = Path(folder) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)
