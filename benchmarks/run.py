"""What confirming returns and orders costs, beside OCA's addons, core and a floor.

Called by ``make bench`` with ``ours FILE``, ``oca FILE`` and ``core FILE`` in databases
of their own. Further arguments: ``orders`` measures the orders alone, ``policy`` the
block rules and the screens, ``large`` a return in the background (of 10,000 lines, or
of the first number), ``files`` how large and hostile files are read (words after
it choose some by their names); numbers are the numbers of returns, measured alone (100,
1000 and 3000 by default; OCA's cost grows with the square: at most 300).
"""

import json
import sys
from pathlib import Path

import dataset
import files
import floor
import large
import machine
import orders
import policy
from measure import Meter, get_least, get_ratio

SIZES = {"ours": (100, 1000, 3000), "oca": (100, 300)}
# The least of so many: what else a machine does weighs most on what is short.
REPEAT = {100: 15, 300: 3, 1000: 5}
# Its cost grows with the square.
OCA_MOST = 300


def measure_ours(env, payments):
    """Figures of this addon and of the floor on the same payments."""
    from odoo.addons.account_credit_block.parsers import parse

    keys = payments.mapped("end_to_end_id")
    data = dataset.pain002(payments, keys)
    wizard = env["account.payment.return.import"]
    meter, times = Meter(env), REPEAT.get(len(payments), 1)
    company = payments.company_id

    def work(step):
        step("parse", lambda: parse("bench.xml", data))
        returned = step(
            "import",
            lambda: wizard._import_files([("bench.xml", data)], company),
        )
        step("confirm", returned.action_confirm)
        states = set(returned.line_ids.invoice_ids.mapped("payment_state"))
        assert returned.state == "confirmed" and states == {"not_paid"}, states
        step("cancel", returned.action_cancel)
        states = set(returned.line_ids.invoice_ids.mapped("payment_state"))
        assert states == {"paid"}, states

    def work_least(step):
        step("confirm", lambda: floor.confirm(env, payments))

    runs, least_runs = meter.take_turns(times, work, work_least)
    ours, least = get_least(runs), get_least(least_runs)
    ours["confirm_by_floor"] = get_ratio(runs, "confirm", least_runs, "confirm")
    ours["import_by_floor"] = get_ratio(runs, "import", least_runs, "confirm")
    ours["cancel_by_confirm"] = get_ratio(runs, "cancel", runs, "confirm")
    ours["match_s"] = round(ours.pop("import_s") - ours["parse_s"], 3)
    ours["match_q"] = ours.pop("import_q")
    return {"ours": ours, "floor": least}


def measure_oca(env, payments):
    """Figures of OCA's payment returns on the same kind of payments."""
    import base64

    from odoo.addons.account_payment_return_import_iso20022.wizard import pain_parser

    keys = payments.invoice_ids.mapped("name")
    data = dataset.pain002(payments, keys, version="03")

    def imported():
        wizard = env["payment.return.import"].create(
            {
                "data_file": base64.b64encode(data),
                "journal_id": payments[0].journal_id.id,
            }
        )
        wizard.import_file()
        return env["payment.return"].search([], limit=1, order="id desc")

    def work(step):
        step("parse", lambda: pain_parser.PainParser().parse(data))
        returned = step("import", imported)
        step("confirm", returned.action_confirm)
        states = set(payments.invoice_ids.mapped("payment_state"))
        assert states == {"not_paid"}, states
        step("cancel", returned.action_cancel)

    figures = Meter(env).repeat(1, work)
    figures["match_s"] = round(figures.pop("import_s") - figures["parse_s"], 3)
    figures["match_q"] = figures.pop("import_q")
    return {"oca": figures}


def merge(path, kind, key, rows):
    """Add rows to the file of results, which all parts write.

    :param kind: the list in the file; ``key`` is what tells its rows apart
    """
    results = json.loads(path.read_text()) if path.exists() else {}
    known = {row[key]: row for row in results.get(kind, ())}
    for row in rows:
        known.setdefault(row[key], {}).update(row)
    results[kind] = [known[value] for value in sorted(known)]
    path.write_text(json.dumps(results, indent=2))
    return results


def note_machine(env, path):
    """Write what the run is measured on, once: all parts are one run."""
    results = json.loads(path.read_text()) if path.exists() else {}
    results.setdefault("machine", machine.describe(env))
    path.write_text(json.dumps(results, indent=2))


def show(results):
    """Print the figures as a table."""
    print(
        f"{'returns':>8} {'':6} {'match s':>9} {'q':>6} {'confirm s':>10} {'q':>6}"
        f" {'cancel s':>9} {'q':>6}"
    )
    for row in results.get("returns", ()):
        for who in ("ours", "floor", "oca"):
            cells = row.get(who)
            if not cells:
                continue
            print(
                f"{row['n']:>8} {who:6}"
                f" {cells.get('match_s', ''):>9} {cells.get('match_q', ''):>6}"
                f" {cells['confirm_s']:>10} {cells['confirm_q']:>6}"
                f" {cells.get('cancel_s', ''):>9} {cells.get('cancel_q', ''):>6}"
            )


def run_returns(env, part, path, company, sizes):
    """Build each number of returns, measure it and write the figures."""
    measure = {"ours": measure_ours, "oca": measure_oca}[part]
    for size in sizes:
        print(f"building {size} invoices collected by payments …", flush=True)
        payments = dataset.build(env, size, prefix=f"B{size}")
        merge(path, "returns", "n", [{"n": size, **measure(env, payments)}])


def run_orders(env, part, path, company):
    """Measure the orders and write the figures."""
    print("building customers with a history …", flush=True)
    measured = orders.measure(env, part, company)
    merge(path, "orders", "history", measured["orders"])
    merge(path, "order_batch", "n", measured["order_batch"])


def run_policy(env, part, path, company):
    """Measure the block rules and the screens and write the figures."""
    print("building customers with open items …", flush=True)
    figures = policy.measure(env, part, company)
    results = json.loads(path.read_text()) if path.exists() else {}
    results["policy"] = policy.merge(results.get("policy", {}), part, figures)
    path.write_text(json.dumps(results, indent=2))


def run_large(env, path, company, size):
    """Measure a large return in the background and write the figures."""
    print(f"building {size} invoices collected by payments …", flush=True)
    payments = dataset.build(env, size, prefix=f"L{size}")
    merge(path, "large", "n", [{"n": size, **large.measure(env, payments)}])


def run_files(env, path, company, words):
    """Measure how files are read and imported and write the figures."""
    print("reading files made to hurt …", flush=True)
    merge(path, "files", "file", files.measure(words))
    merge(path, "files", "file", files.measure_import(env, company, words))


def main(env, part, path, *args):
    """Measure what the arguments ask for, everything by default."""
    path = Path(path)
    note_machine(env, path)
    company = dataset.get_company(env)
    env = env(context={**env.context, "allowed_company_ids": company.ids})
    company = company.with_env(env)
    sizes = [int(arg) for arg in args if arg.isdigit()]
    everything = not sizes and not {"orders", "policy", "files", "large"} & set(args)
    if "orders" in args or everything:
        run_orders(env, part, path, company)
    if "policy" in args or everything:
        run_policy(env, part, path, company)
    if part == "ours" and ("files" in args or everything):
        words = args[args.index("files") + 1 :] if "files" in args else ()
        run_files(env, path, company, words)
    if part == "ours" and "large" in args:
        run_large(env, path, company, *(sizes[:1] or [10_000]))
    elif part in SIZES and (sizes or everything):
        asked = [size for size in sizes if part != "oca" or size <= OCA_MOST]
        run_returns(env, part, path, company, asked if sizes else SIZES[part])
    if path.exists():
        results = json.loads(path.read_text())
        show(results)
        orders.show(results)
        policy.show(results)
        files.show(results)
        large.show(results)
    env.cr.rollback()


if __name__ == "__main__":
    main(env, *sys.argv[1:])  # noqa: F821
