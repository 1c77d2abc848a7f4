"""What a large return costs in the background: pieces, their seconds and the memory.

Goal: no piece takes 2 seconds, as long as it locks the invoices that it opens again,
and the last one needs no more memory than the first.
"""

import time
from pathlib import Path

import dataset

GOAL_S = 2.0
GOAL_MB = 100


def measure(env, payments):
    """Import a file of all these payments and confirm it piece by piece.

    Nothing is committed; so PostgreSQL is told now and then what there is.

    :return: dict of figures
    """
    data = dataset.pain002(payments, payments.mapped("end_to_end_id"))
    wizard, works = (
        env["account.payment.return.import"],
        env["account.payment.return.work"],
    )
    returned = wizard._import_files([("large.xml", data)], payments.company_id)
    while returned.work_kind:
        works._do_next()
    env.flush_all()
    dataset.analyze(env)
    returned.action_confirm_later()
    pieces = []
    start = _memory()
    while returned.work_kind:
        pieces.append(_measure_piece(env, works))
    states = set(returned.line_ids.invoice_ids.mapped("payment_state"))
    assert returned.state == "confirmed" and states == {"not_paid"}, states
    *booking, _settling = pieces
    return {
        "pieces": len(booking),
        "median_s": round(sorted(s for s, _mb in booking)[len(booking) // 2], 2),
        "longest_s": round(max(s for s, _mb in booking), 2),
        "settle_s": round(pieces[-1][0], 2),
        "total_s": round(sum(s for s, _mb in pieces), 1),
        "first_mb": booking[0][1] - start,
        "last_mb": booking[-1][1] - start,
        "settle_mb": pieces[-1][1] - start,
    }


def _measure_piece(env, works):
    begun = time.perf_counter()
    assert works._do_next(), "a piece failed: see the log"
    env.flush_all()
    env.invalidate_all()
    return time.perf_counter() - begun, _memory()


def _memory():
    """What this process has in memory, in MiB."""
    with Path("/proc/self/status").open() as status:
        line = next(line for line in status if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024


def show(results):
    """Print the figures and what misses the goal."""
    for row in results.get("large", ()):
        print(
            f"{row['n']} lines in {row['pieces']} pieces: {row['total_s']} s, a piece"
            f" {row['median_s']} s, the longest {row['longest_s']} s, the end"
            f" {row['settle_s']} s; memory grows by {row['first_mb']} MB with the first"
            f" piece, by {row['last_mb']} MB until the last, by {row['settle_mb']} MB"
            " until the end"
        )
        if row["longest_s"] > GOAL_S:
            print(f"MISSED the goal of {GOAL_S} s a piece")
        if row["last_mb"] - row["first_mb"] > GOAL_MB:
            print(f"MISSED the goal of {GOAL_MB} MB more")
