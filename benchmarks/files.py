"""How long files take to be read, and how much memory: honest ones and hostile ones.

Goal: no file up to the size limit takes over 10 seconds or 300 MB.  Every file is made
here and read in a child process of its own, in which nothing else happens; inside Odoo
it is then imported as well, in a fork, and what comes of that is rolled back.

``python benchmarks/files.py [WORD…]`` measures the reading without Odoo, of the cases
whose names contain one of the words.
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL_S = 10
GOAL_MB = 300
# What takes longer than this is stopped and counts as missed.
PATIENCE_S = 120
ROOT = Path(__file__).resolve().parent.parent


def measure(words=()):
    """Read every file in a child process.

    :param words: parts of the names of the cases to measure; all without any
    :return: list of dicts with the name, size, outcome, seconds and peak of memory
    """
    import hostile

    rows = []
    for name, make in hostile.cases(words):
        filename, data = make()
        with tempfile.NamedTemporaryFile(suffix=filename) as file:
            file.write(data)
            file.flush()
            figures = _read_in_child(file.name, filename)
        rows.append({"file": name, "size_kb": len(data) // 1024, **figures})
        show_row(rows[-1])
    return rows


def _read_in_child(path, filename):
    command = [sys.executable, __file__, "--read", path, filename]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
    except subprocess.TimeoutExpired:
        return {"outcome": "STOPPED", "read_s": PATIENCE_S, "read_mb": 0}
    if done.returncode:
        return {
            "outcome": "CRASHED",
            "read_s": 0,
            "read_mb": 0,
            "why": done.stderr[-600:],
        }
    return json.loads(done.stdout)


def _read(path, filename):
    """In the child: read one file and print the figures."""
    sys.path.insert(0, str(ROOT))
    from parsers import ParseError, parse

    data = Path(path).read_bytes()
    start = time.process_time()
    try:
        documents = parse(filename, data)
        outcome = f"read {sum(len(d.payments) for d in documents)}"
    except ParseError as error:
        outcome, told = error.code, len(str(error))
        assert told < 20_000, told
    seconds = time.process_time() - start
    figures = {"read_s": round(seconds, 2), "read_mb": _memory("VmHWM")}
    print(json.dumps({"outcome": outcome, **figures}))


def measure_import(env, company, words=()):
    """Import every file, each in a fork that is thrown away.

    :return: list of dicts with the name, seconds and growth of memory
    """
    import hostile

    # The forks have connections of their own, and have to see the company.
    env.cr.commit()  # pylint: disable=invalid-commit
    rows = []
    for name, make in hostile.cases(words):
        filename, data = make()
        figures = _in_fork(lambda f=filename, d=data: _import(env, company, f, d))
        rows.append({"file": name, **figures})
        show_row(rows[-1])
    return rows


def _in_fork(work):
    """What ``work`` gives in a forked process, as JSON through a pipe."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            os.write(writing, json.dumps(work()).encode())
        # No clean-up: the connections belong to the parent.
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return json.loads(told or '{"import": "CRASHED"}')


def _import(env, company, filename, data):
    """In the fork: import one file over a connection of its own, and leave nothing."""
    from odoo import api, sql_db
    from odoo.exceptions import MissingError, RedirectWarning, UserError

    sql_db._Pool = sql_db._Pool_readonly = None
    before = _memory("VmRSS")
    with sql_db.db_connect(env.cr.dbname).cursor() as cr:
        own = api.Environment(cr, env.uid, dict(env.context))
        wizard = own["account.payment.return.import"]
        bank = own["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        )
        start = time.process_time()
        try:
            returns = wizard._import_files(
                [(filename, data)], company.with_env(own), journal=bank
            )
            outcome = f"imported {len(returns.line_ids)}"
        except MissingError:
            raise
        except (UserError, RedirectWarning):
            outcome = "refused"
        seconds = time.process_time() - start
        cr.rollback()
    peak = _memory("VmHWM") - before
    return {"import": outcome, "import_s": round(seconds, 2), "import_mb": peak}


def _memory(name):
    """A figure of this process in MiB; VmHWM is the most that it ever had."""
    with Path("/proc/self/status").open() as status:
        line = next(line for line in status if line.startswith(name))
    return int(line.split()[1]) // 1024


def missed(rows):
    """The rows that miss the goal.

    An import that goes through also matches: its time is measured with the returns.
    """
    return [
        row
        for row in rows
        if row.get("outcome") in ("STOPPED", "CRASHED")
        or row.get("import") == "CRASHED"
        or row.get("read_s", 0) > GOAL_S
        or row.get("read_mb", 0) > GOAL_MB
        or (row.get("import") == "refused" and row["import_s"] > GOAL_S)
        or (row.get("import") == "refused" and row["import_mb"] > GOAL_MB)
    ]


def show_row(row):
    """Print the figures of one file."""
    if "why" in row:
        print(row["why"])
    cells = [f"{row['file']:38}"]
    if "size_kb" in row:
        cells.append(
            f"{row['size_kb']:>6} KB {row['read_s']:>7.2f} s {row['read_mb']:>5} MB"
            f"  {row['outcome']}"
        )
    if "import" in row:
        cells.append(
            f"import {row.get('import_s', 0):>7.2f} s {row.get('import_mb', 0):>5} MB"
            f"  {row['import']}"
        )
    print(" ".join(cells), flush=True)


def show(results):
    """Print the table and what misses the goal."""
    rows = results.get("files", ())
    for row in rows:
        show_row(row)
    for row in missed(rows):
        print(f"MISSED the goal of {GOAL_S} s and {GOAL_MB} MB: {row['file']}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        _read(*sys.argv[2:])
    else:
        measured = measure(sys.argv[1:])
        print(f"{len(missed(measured))} of {len(measured)} files miss the goal")
