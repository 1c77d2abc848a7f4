"""What confirming orders costs, by the history of the customer and in a batch.

The addon, OCA's `sale_financial_risk` and core alone each have a database; the data
are the same. The history is one posted invoice of the customer, copied by SQL.
"""

from measure import Meter

from odoo import fields
from odoo.fields import Command

HISTORIES = (10, 1000, 10000)
BATCH = 200
REPEAT = 5
LIMIT = 1e9

SWITCHES = (
    "credit_hold_level",
    "credit_hold_limit",
    "credit_hold_web",
    "credit_hold_shipping",
    "credit_hold_terms",
)


def measure(env, part, company):
    """Measure one part.

    :param part: "ours", "oca" or "core"
    :return: dict of the rows "orders" and "order_batch", each with the part's figures
    """
    _switch_on(part, company)
    rows = [
        {"history": size, part: _measure_history(env, part, company, size)}
        for size in HISTORIES
    ]
    batch = _measure_batch(env, part, company)
    return {"orders": rows, "order_batch": [{"n": BATCH, part: batch}]}


def _switch_on(part, company):
    company.account_use_credit_limit = True
    if part == "ours":
        company.write(dict.fromkeys(SWITCHES, True))


def _measure_history(env, part, company, size):
    customer = _create_customers(env, part, company, 1, f"History {size}")
    _add_invoices(env, customer, size)
    return _measure_confirmation(env, part, customer)


def _measure_batch(env, part, company):
    customers = _create_customers(env, part, company, BATCH, "Batch")
    _add_invoices(env, customers, 10)
    return _measure_confirmation(env, part, customers)


def _measure_confirmation(env, part, customers):
    orders = env["sale.order"].create(
        [
            {
                "partner_id": customer.id,
                "order_line": [
                    Command.create({"product_id": _get_product(env).id}),
                ],
            }
            for customer in customers
        ]
    )
    confirm = "action_confirm_or_hold" if part == "ours" else "action_confirm"

    def work(step):
        step("confirm", getattr(orders, confirm))
        assert set(orders.mapped("state")) == {"sale"}, orders.mapped("state")

    # The first confirmation fills the caches that survive the rollback.
    Meter(env).repeat(1, work)
    return Meter(env).repeat(REPEAT, work)


def _get_product(env):
    product = env["product.product"]
    return product.search([("default_code", "=", "BENCH")]) or product.create(
        {
            "name": "Bench service",
            "default_code": "BENCH",
            "type": "service",
            "list_price": 100.0,
            "taxes_id": False,
        }
    )


def _create_customers(env, part, company, count, name):
    customers = env["res.partner"].create(
        [{"name": f"{name} {n}", "is_company": True} for n in range(count)]
    )
    customers.with_company(company).credit_limit = LIMIT
    if part == "oca":
        customers.write(
            {
                "risk_sale_order_include": True,
                "risk_sale_order_limit": LIMIT,
                "risk_invoice_draft_include": True,
                "risk_invoice_open_include": True,
                "risk_invoice_unpaid_include": True,
            }
        )
    return customers


def _add_invoices(env, customers, count):
    """Give each customer ``count`` open invoices."""
    first = env["account.move"].create(
        [
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": fields.Date.today(),
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": 100.0, "tax_ids": False}
                    )
                ],
            }
            for customer in customers
        ]
    )
    first._post(soft=False)
    env.flush_all()
    _copy_rows(env, first.ids, count - 1)
    env.cr.execute("ANALYZE account_move, account_move_line")
    env.invalidate_all()


def _copy_rows(env, move_ids, copies):
    """Copy posted invoices with their items, under numbers of their own."""
    excluded = {"id", "name", "sequence_number", "invoice_origin"}
    moves = _get_columns(env, "account_move", excluded)
    items = _get_columns(env, "account_move_line", {"id", "move_id", "move_name"})
    copied = ", ".join(f"item.{name}" for name in items.split(", "))
    env.cr.execute(
        f"""
        WITH copied AS (
            INSERT INTO account_move (name, sequence_number, invoice_origin, {moves})
            SELECT sequence_prefix || (100000 + id * 10000 + n),
                   100000 + id * 10000 + n, id::text, {moves}
              FROM account_move, generate_series(1, %s) n
             WHERE id = ANY(%s)
         RETURNING id, name, invoice_origin)
        INSERT INTO account_move_line (move_id, move_name, {items})
        SELECT copied.id, copied.name, {copied}
          FROM copied
          JOIN account_move_line item ON item.move_id = copied.invoice_origin::int
        """,
        [copies, move_ids],
    )


def _get_columns(env, table, excluded):
    env.cr.execute(
        """SELECT quote_ident(column_name) FROM information_schema.columns
            WHERE table_name = %s AND table_schema = current_schema()
              AND column_name <> ALL(%s) ORDER BY column_name""",
        [table, list(excluded)],
    )
    return ", ".join(name for (name,) in env.cr.fetchall())


def show(results):
    """Print the figures as a table."""
    print(f"{'orders':>8} {'history':>8} {'':6} {'confirm s':>10} {'q':>6}")
    rows = [(1, row["history"], row) for row in results.get("orders", ())]
    rows += [(row["n"], 10, row) for row in results.get("order_batch", ())]
    for orders, history, row in rows:
        for part in ("ours", "core", "oca"):
            if part in row:
                cells = row[part]
                print(
                    f"{orders:>8} {history:>8} {part:6}"
                    f" {cells['confirm_s']:>10} {cells['confirm_q']:>6}"
                )
