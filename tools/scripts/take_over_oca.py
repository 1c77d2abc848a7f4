"""Take over the payment returns of OCA's account_payment_return, dry run first.

    odoo-bin shell -d DATABASE < tools/scripts/take_over_oca.py
    ACB_TAKE_OVER=run odoo-bin shell -d DATABASE < tools/scripts/take_over_oca.py

With ``ACB_BLOCK=yes`` it also applies the block rules to these customers at once. It is
described in docs/migrating_from_oca.md.
"""

import os

env = globals()["env"]

WIDTHS = {"kind": 9, "name": 22, "date": 11, "lines": 6, "amount": 13, "outcome": 14}
run = os.environ.get("ACB_TAKE_OVER") == "run"
block = os.environ.get("ACB_BLOCK") == "yes"


def show(values):
    """Print one line of the table."""
    cells = [
        f"{text:>{WIDTHS[key]}}" if key in ("lines", "amount") else f"{text:{width}}"
        for (key, width), text in zip(WIDTHS.items(), values, strict=False)
    ]
    print("  ".join([*cells, values[-1]]).rstrip())


rows = env["account.payment.return.takeover"]._take_over(dry_run=not run, block=block)
show(["what", "name", "date", "lines", "amount", "outcome", "why"])
for row in rows:
    figures = [str(row.date or ""), str(row.lines or ""), f"{row.amount:,.2f}"]
    if row.kind != "return":
        figures = ["", "", ""]
    show([row.kind, row.name, *figures, row.outcome, row.why])
counts = {row.outcome: 0 for row in rows}
for row in rows:
    counts[row.outcome] += 1
print(", ".join(f"{number} {outcome}" for outcome, number in counts.items()))
if run:
    env.cr.commit()
    print("Done.")
else:
    print("This was a dry run: nothing was written. ACB_TAKE_OVER=run does it.")
