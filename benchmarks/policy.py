"""What the block rules cost at night and after a payment, and what the screens cost.

The night runs over a company of 20,000 customers with 300,000 open items, copied by SQL
from one of each, beside the same work in bare SQL. The screens are those of core, of
OCA's `account_financial_risk` and of the addon: the form of a customer with 5,000 open
invoices and 5,000 open orders, and the list of 80 customers.
"""

from datetime import timedelta

from measure import Meter
from orders import _add_invoices, _create_customers, _get_columns, _get_product

from odoo import fields
from odoo.fields import Command
from odoo.tests import Form

CUSTOMERS = 20000
ITEMS_EACH = 15
# Of a hundred customers, how many the rule blocks. One in two hundred pays
# and one is late each night.
BLOCKED = 5
DOCUMENTS = 5000
LISTED = 80
REPEAT = 5


def measure(env, part, company):
    """Measure one part: "ours", "oca" or "core".

    :return: dict of figures
    """
    figures = measure_screens(env, company)
    if part == "ours":
        figures |= measure_rules(env, company)
    return figures


def merge(known, part, figures):
    """Return the figures known so far with those of one part."""
    screens = {name: figures.pop(name) for name in list(figures) if "form" in name}
    screens |= {name: figures.pop(name) for name in list(figures) if "list" in name}
    known = {**known, **figures, part: screens}
    if {"ours", "core"} <= set(known):
        ours, core = known["ours"], known["core"]
        known["form_extra_q"] = ours["form_q"] - core["form_q"]
        known["list_extra_q"] = ours["list_q"] - core["list_q"]
        known["form_ratio"] = round(ours["form_s"] / core["form_s"], 2)
    return known


# === RULES === #


def measure_rules(env, company):
    """Figures of the night and of one payment, on many customers."""
    env.ref("account_credit_block.credit_block_rule_overdue").active = True
    customers = build_customers(env, company)
    first = _measure_night(env, company)
    _evaluate_all(env)
    _change_some(env, customers)
    night = _measure_night(env, company)
    return {
        "customers": CUSTOMERS,
        "open_items": CUSTOMERS * ITEMS_EACH,
        "first_night_s": first["night_s"],
        "first_night_q": first["night_q"],
        "first_statement_s": first["find_s"],
        "first_night_sql_s": first["sql_s"],
        "nightly_s": night["night_s"],
        "statement_s": night["find_s"],
        "nightly_q": night["night_q"],
        "sql_s": night["sql_s"],
        **_measure_payment(env, company),
    }


def _measure_night(env, company):
    evaluation = env["credit.block.evaluation"]
    night, asked, least = Meter(env).alternate(
        REPEAT,
        lambda step: step("night", lambda: _evaluate_all(env)),
        lambda step: step("find", lambda: evaluation._find(company)),
        lambda step: step("sql", lambda: _run_bare_sql(env, company)),
    )
    return night | asked | least


def _evaluate_all(env):
    evaluation = env["credit.block.evaluation"]
    for company, partners in evaluation._get_work():
        evaluation._evaluate_safely(partners, company)


def _measure_payment(env, company):
    """Queries of a payment that lifts a block, and of one that changes nothing."""
    env.cr.execute(
        """SELECT partner_id FROM credit_block
            WHERE state = 'in_force' AND company_id = %s ORDER BY id LIMIT 2""",
        [company.id],
    )
    payer, other = (
        env["res.partner"].browse(partner_id) for (partner_id,) in env.cr.fetchall()
    )
    evaluation = env["credit.block.evaluation"]
    items = env["account.move.line"].search(
        [("partner_id", "=", payer.id), ("reconciled", "=", False)]
    )

    def count(partner):
        env.flush_all()
        # What a payment has read anyway: for whom it is, and who acts.
        partner.mapped("commercial_partner_id.name")
        env.user.partner_id.mapped("email_formatted")
        before = env.cr.sql_log_count
        evaluation._evaluate(partner, company)
        env.flush_all()
        return env.cr.sql_log_count - before

    figures = {}
    with env.cr.savepoint(flush=True) as savepoint:
        count(other)
        figures["reevaluate_q"] = count(other)
        payer.credit_block_ids.mapped("level_id.name")
        env.cr.execute(
            "UPDATE account_move_line SET reconciled = TRUE WHERE id = ANY(%s)",
            [items.ids],
        )
        figures["reevaluate_lift_q"] = count(payer)
        assert not payer._get_credit_blocks(company)[payer.id]
        env.cr.clear()
        savepoint.rollback()
    env.invalidate_all()
    return figures


def build_customers(env, company):
    """Give many customers open items; a few of them are overdue for long.

    :return: ids of the customers
    """
    first = _create_customers(env, "core", company, 1, "Night")
    _add_invoices(env, first, 1)
    columns = _get_columns(env, "res_partner", {"id", "commercial_partner_id"})
    env.cr.execute(
        f"""INSERT INTO res_partner ({columns})
            SELECT {columns} FROM res_partner, generate_series(1, %s)
             WHERE id = %s RETURNING id""",
        [CUSTOMERS, first.id],
    )
    customers = [customer_id for (customer_id,) in env.cr.fetchall()]
    env.cr.execute(
        "UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s)",
        [customers],
    )
    # Foreign keys are checked by plans, which are for an empty table until it is told.
    env.cr.execute("ANALYZE res_partner")
    _copy_items(env, first, customers)
    env.cr.execute("ANALYZE res_partner, account_move, account_move_line")
    env.invalidate_all()
    return customers


def _copy_items(env, first, customers):
    invoice = env["account.move"].search([("partner_id", "=", first.id)])
    item = invoice.line_ids.filtered(lambda ln: ln.account_type == "asset_receivable")
    excluded = {"id", "name", "sequence_number", "partner_id", "commercial_partner_id"}
    moves = _get_columns(env, "account_move", excluded)
    items = _get_columns(
        env,
        "account_move_line",
        {"id", "move_id", "move_name", "partner_id", "date_maturity"},
    )
    copied = ", ".join(f"item.{name}" for name in items.split(", "))
    env.cr.execute(
        f"""
        WITH copied AS (
            INSERT INTO account_move (name, sequence_number, partner_id,
                                      commercial_partner_id, {moves})
            SELECT sequence_prefix || (1000000 + n), 1000000 + n,
                   (%(customers)s::int[])[1 + n / %(each)s],
                   (%(customers)s::int[])[1 + n / %(each)s], {moves}
              FROM account_move, generate_series(0, %(count)s - 1) n
             WHERE id = %(invoice)s
         RETURNING id, name, partner_id, sequence_number - 1000000 AS n)
        INSERT INTO account_move_line (move_id, move_name, partner_id, date_maturity,
                                       {items})
        SELECT copied.id, copied.name, copied.partner_id,
               %(today)s::date - CASE
                   WHEN copied.n / %(each)s %% 100 < %(blocked)s
                    AND copied.n %% %(each)s < 2 THEN 45
                   ELSE copied.n %% 60 - 30 END,
               {copied}
          FROM copied, account_move_line item
         WHERE item.id = %(item)s
        """,
        {
            "customers": customers,
            "each": ITEMS_EACH,
            "count": CUSTOMERS * ITEMS_EACH,
            "invoice": invoice.id,
            "today": fields.Date.today(),
            "blocked": BLOCKED,
            "item": item.id,
        },
    )


def _change_some(env, customers):
    """Let a day pass: some have paid what was overdue, others have become overdue."""
    paid, late = customers[0::200], customers[50::200]
    env.cr.execute(
        """UPDATE account_move_line SET reconciled = TRUE, amount_residual = 0
            WHERE partner_id = ANY(%s) AND date_maturity < %s""",
        [paid, fields.Date.today() - timedelta(days=30)],
    )
    env.cr.execute(
        """UPDATE account_move_line SET date_maturity = date_maturity - 60
            WHERE partner_id = ANY(%s)""",
        [late],
    )
    env.cr.execute("ANALYZE account_move_line, credit_block, mail_message")
    env.invalidate_all()


def _run_bare_sql(env, company):
    """Do what the night does in the least SQL: find, lift, block, leave a note."""
    rule = env.ref("account_credit_block.credit_block_rule_overdue")
    env.cr.execute(
        """
        CREATE TEMPORARY TABLE late ON COMMIT DROP AS
        SELECT item.partner_id
          FROM account_move_line item
          JOIN account_account account ON account.id = item.account_id
         WHERE account.account_type = 'asset_receivable'
           AND item.reconciled IS NOT TRUE AND item.parent_state = 'posted'
           AND item.company_id = %(company)s AND item.amount_residual > 0
           AND item.date_maturity < %(day)s
      GROUP BY item.partner_id;
        WITH lifted AS (
            UPDATE credit_block SET state = 'lifted', lifted_on = now(),
                   lifted_by_id = %(user)s,
                   lift_said = '{"code": "lift.not_overdue", "data": {}}'
             WHERE state = 'in_force' AND company_id = %(company)s
               AND partner_id NOT IN (SELECT partner_id FROM late)
         RETURNING partner_id),
             blocked AS (
            INSERT INTO credit_block (partner_id, company_id, level_id, origin, state,
                                      rule_id, reason_said, date_from, set_by_id)
            SELECT partner_id, %(company)s, %(level)s, 'overdue', 'in_force', %(rule)s,
                   '{"code": "text", "data": {"text": "Overdue"}}', now(), %(user)s
              FROM late
             WHERE partner_id NOT IN (SELECT partner_id FROM credit_block
                                       WHERE state = 'in_force'
                                         AND company_id = %(company)s)
         RETURNING partner_id)
        INSERT INTO mail_message (model, res_id, body, message_type, subtype_id, date,
                                  author_id)
        SELECT 'res.partner', partner_id, 'Changed', 'notification', %(subtype)s, now(),
               %(author)s
          FROM (SELECT * FROM lifted UNION ALL SELECT * FROM blocked) changed;
        DROP TABLE late
        """,
        {
            "company": company.id,
            "day": fields.Date.today() - timedelta(days=30),
            "user": env.uid,
            "author": env.user.partner_id.id,
            "level": rule.level_id.id,
            "rule": rule.id,
            "subtype": env.ref("mail.mt_note").id,
        },
    )


# === SCREENS === #


def measure_screens(env, company):
    """Figures of the form of a busy customer and of the list of customers."""
    figures = {}
    customer = _build_busy_customer(env, company)
    for used, name in ((True, "form"), (False, "form_no_limit")):
        company.account_use_credit_limit = used
        figures |= _measure_form(env, customer, name)
    figures |= _measure_list(env)
    return figures


def _measure_form(env, customer, name):
    view = env.ref("base.view_partner_form")

    def work(step):
        step(name, lambda: Form(customer, view=view))

    work(lambda _name, function: function())
    return Meter(env).repeat(REPEAT, work)


def _measure_list(env):
    partners = env["res.partner"]
    arch = partners.get_view(env.ref("base.view_partner_tree").id, "list")
    names = list(arch["models"]["res.partner"])
    known = partners.fields_get(names, ["type", "relation"])
    spec = {
        name: {"fields": {"display_name": {}}} if "relation" in info else {}
        for name, info in known.items()
    }

    def work(step):
        step("list", lambda: partners.web_search_read([], spec, limit=LISTED))

    work(lambda _name, function: function())
    return Meter(env).repeat(REPEAT, work)


def _build_busy_customer(env, company):
    customer = _create_customers(env, "core", company, 1, "Busy")
    _add_invoices(env, customer, DOCUMENTS)
    order = env["sale.order"].create(
        {
            "partner_id": customer.id,
            "order_line": [Command.create({"product_id": _get_product(env).id})],
        }
    )
    order.action_confirm()
    assert order.state == "sale", order.state
    env.flush_all()
    _copy_orders(env, order, DOCUMENTS - 1)
    env.cr.execute("ANALYZE sale_order, sale_order_line")
    env.invalidate_all()
    return customer


def _copy_orders(env, order, copies):
    excluded = {"id", "name", "access_token"}
    orders = _get_columns(env, "sale_order", excluded)
    lines = _get_columns(env, "sale_order_line", {"id", "order_id"})
    copied = ", ".join(f"line.{name}" for name in lines.split(", "))
    env.cr.execute(
        f"""
        WITH copied AS (
            INSERT INTO sale_order (name, {orders})
            SELECT name || '/' || n, {orders} FROM sale_order, generate_series(1, %s) n
             WHERE id = %s
         RETURNING id)
        INSERT INTO sale_order_line (order_id, {lines})
        SELECT copied.id, {copied}
          FROM copied, sale_order_line line
         WHERE line.order_id = %s
        """,
        [copies, order.id, order.id],
    )


def show(results):
    """Print the figures."""
    for name, value in results.get("policy", {}).items():
        print(f"{name:>20} {value}")
