"""Take over returns that OCA's own addon made, and check what came of them."""

from odoo.fields import Command

env = globals()["env"]

company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("it", company, install_demo=False)
bank = env["account.journal"].search(
    [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
)
ours = env["account.payment.return"]
count = 0


def receivable(move):
    """The receivable items of an entry."""
    return move.line_ids.filtered(lambda i: i.account_type == "asset_receivable")


def customer():
    """A new customer."""
    global count
    count += 1
    return env["res.partner"].create(
        {
            "name": f"Cliente {count}",
            "is_company": True,
            "email": f"cliente{count}@example.com",
        }
    )


def invoice(partner, amount):
    """Post an invoice."""
    line = {"name": "Goods", "price_unit": amount, "tax_ids": False}
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": "2026-01-15",
            "invoice_line_ids": [Command.create(line)],
        }
    )
    move.action_post()
    return move


def pay(invoices, amount=None):
    """Pay invoices by one payment."""
    register = env["account.payment.register"].with_context(
        active_model="account.move.line", active_ids=receivable(invoices).ids
    )
    values = {"group_payment": True}
    if amount:
        values["amount"] = amount
    return register.create(values)._create_payments()


def oca_return(*lines, confirm=True, **values):
    """A return of OCA's addon, made as its users make one.

    :param lines: (payments, values) of each line
    """
    document = env["payment.return"].create(
        {
            "journal_id": bank.id,
            "date": "2026-02-02",
            "line_ids": [
                Command.create(
                    {
                        "partner_id": payments.partner_id[:1].id,
                        "move_line_ids": [
                            Command.set(receivable(payments.move_id).ids)
                        ],
                        "amount": sum(payments.mapped("amount")),
                        **more,
                    }
                )
                for payments, more in lines
            ],
            **values,
        }
    )
    if confirm:
        document.action_confirm()
    return document


def taken(source):
    """Our return of one of OCA's."""
    return ours.search([("taken_over_from", "=", f"payment.return,{source.id}")])


def snapshot():
    """What the take-over may not change: entries, matches, and all of OCA's."""
    env.flush_all()
    found = {}
    for table, columns in (
        ("account_move", "id, state, name, date, amount_total, payment_state"),
        ("account_move_line", "id, balance, amount_residual, reconciled"),
        ("account_partial_reconcile", "id, amount, debit_move_id, credit_move_id"),
        ("payment_return", "id, state, name, move_id, date"),
        ("payment_return_line", "id, amount, reference, reason_id"),
        ("payment_return_reason", "id, code"),
    ):
        env.cr.execute(f"SELECT {columns} FROM {table} ORDER BY id")
        found[table] = env.cr.fetchall()
    return found


def check(wanted, seen, what):
    """Fail with both values."""
    assert wanted == seen, f"{what}: {seen!r}, not {wanted!r}"


known_reason = env["payment.return.reason"].search([("code", "=", "AM04")], limit=1)
known_reason = known_reason or env["payment.return.reason"].create(
    {"code": "AM04", "name": "Insufficient funds"}
)
own_reason = env["payment.return.reason"].create(
    {"code": "XX-BANK", "name": "The bank's own"}
)

plain_invoice = invoice(customer(), 100)
plain_payment = pay(plain_invoice)
plain = oca_return(
    (
        plain_payment,
        {
            "reason_id": known_reason.id,
            "reference": "RB-1",
            "concept": "Insoluto",
            "expense_amount": 4.5,
            "expense_account": env["account.account"]
            .search([("account_type", "=", "expense")], limit=1)
            .id,
        },
    )
)
paid_again_invoice = invoice(customer(), 60)
paid_again = oca_return((pay(paid_again_invoice), {"reason_id": own_reason.id}))
pay(paid_again_invoice)
several_invoices = invoice(customer(), 30)
several_invoices |= invoice(several_invoices.partner_id, 50)
several = oca_return((pay(several_invoices), {}))
part_invoice = invoice(customer(), 80)
part = oca_return((pay(part_invoice), {"amount": 20}))
two_payments_invoice = invoice(customer(), 90)
two_payments = pay(two_payments_invoice, 40)
two_payments |= pay(two_payments_invoice)
joined = oca_return((two_payments, {}))
draft = oca_return((pay(invoice(customer(), 70)), {}), confirm=False)
draft.line_ids = [Command.create({"reference": "unknown", "amount": 5})]
cancelled = oca_return((pay(invoice(customer(), 10)), {}))
cancelled.action_cancel()
empty = oca_return(confirm=False)
booked = plain | paid_again | several | part | joined
takeover = env["account.payment.return.takeover"]
mails = env["mail.mail"].search_count([])
before = snapshot()

# A dry run tells what would be done, and does nothing.
returns, reasons = ours.search([]), env["account.payment.return.reason"].search([])
rows = takeover._take_over()
outcomes = {row.name: row.outcome for row in rows if row.kind == "return"}
for source in booked | draft:
    check("taken over", outcomes[source.name], source.name)
for source in cancelled | empty:
    check("left out", outcomes[source.name], source.name)
why = {row.name: row.why for row in rows}
assert "entry was deleted" in why[cancelled.name], why
assert "no lines" in why[empty.name], why
assert why["XX-BANK"].startswith("The bank's own"), why
check(returns, ours.search([]), "dry run")
check(reasons, env["account.payment.return.reason"].search([]), "dry run, reasons")
check(before, snapshot(), "dry run, the books")
check("in_process", plain_payment.state, "dry run, payment")

# The run keeps the books as they are.
takeover._take_over(dry_run=False)
check(before, snapshot(), "the books")
check(mails, env["mail.mail"].search_count([]), "mails")
assert not ours.search([]).notice_ids, "customers are told of old returns"
for source in booked:
    document = taken(source)
    check("confirmed", document.state, source.name)
    check(source.move_id, document.move_ids, "entry")
    check(source.name, document.name, "number")
    check(source.date, document.date, "date")
    check(source.journal_id, document.journal_id, "bank")
    check({"matched"}, set(document.line_ids.mapped("match_state")), "lines")
    assert not document.line_ids.partner_id.credit_block_ids, "nobody is blocked"
line = taken(plain).line_ids
check("AM04", line.reason_id.code, "known reason")
check(("RB-1", "Insoluto", 4.5), (line.reference, line.texts, line.fee_amount), "texts")
check(receivable(plain_invoice), line.invoice_line_ids, "instalments")
check(plain_payment, line.payment_id, "payment")
check("rejected", plain_payment.state, "payment that came back whole")
check(
    (True, 1),
    (plain_invoice.is_payment_returned, plain_invoice.payment_return_count),
    "invoice",
)
new_reason = taken(paid_again).line_ids.reason_id
check("The bank's own", new_reason.name, "new reason")
check(False, new_reason.counts_as_default, "new reason, which nobody judged")
check(True, taken(plain).line_ids.reason_id.counts_as_default, "known reason")
check(False, paid_again_invoice.is_payment_returned, "invoice paid again")
check(receivable(several_invoices), taken(several).line_ids.invoice_line_ids, "both")
check(20.0, taken(part).line_ids.amount, "part of a payment")
check([40.0, 50.0], sorted(taken(joined).line_ids.mapped("amount")), "two payments")
exposure = part_invoice.partner_id._get_credit_exposure(company)
check(80.0, exposure[part_invoice.partner_id.id]["returned"], "exposure")
check("draft", taken(draft).state, "draft")
check(
    {"matched", "unmatched"}, set(taken(draft).line_ids.mapped("match_state")), "draft"
)
assert not taken(cancelled) and not taken(empty), "left out"

# A second run finds nothing to do.
rows = takeover._take_over(dry_run=False)
check(set(), {r.name for r in rows if r.outcome == "taken over"}, "second run")
check(
    len(booked | draft),
    len(taken(booked[0])) * len([r for r in rows if r.outcome == "there already"]),
    "second run",
)

# What was taken over is cancelled as any other return, and its draft is confirmed.
for source, paid in ((plain, plain_invoice), (several, several_invoices)):
    taken(source).action_cancel()
    assert not {"not_paid", "partial"} & set(paid.mapped("payment_state")), source.name
    check("posted", source.move_id.state, "entry of a cancelled return")
taken(draft).action_confirm()
check("confirmed", taken(draft).state, "draft confirmed")
assert taken(draft).notice_ids.mail_id, "the customer of a new return is written to"

# Asked to, it blocks who still owes: here in a later take-over.
owing, settled = invoice(customer(), 15), invoice(customer(), 25)
late = oca_return((pay(owing), {}), (pay(settled), {}))
pay(settled)
rows = takeover._take_over(dry_run=False, block=True)
check(
    [owing.partner_id.name], [r.name for r in rows if r.kind == "customer"], "blocked"
)
assert owing.partner_id.credit_block_level_id, "blocked"
assert not settled.partner_id.credit_block_ids, "not blocked"

# Whose payment came back in a return of ours is left out.
twice_payment = pay(invoice(customer(), 33))
twice = oca_return((twice_payment, {}))
rows = takeover._take_over(dry_run=True)
check("taken over", {r.name: r.outcome for r in rows}[twice.name], "control")
env.cr.execute(
    "UPDATE account_payment_return_line SET move_line_id = %s WHERE id = %s",
    [receivable(twice_payment.move_id).id, taken(late).line_ids[0].id],
)
env.invalidate_all()
rows = takeover._take_over(dry_run=True)
check("left out", {r.name: r.outcome for r in rows}[twice.name], "came back in ours")
env.cr.execute(
    "UPDATE account_payment_return_line SET move_line_id = %s WHERE id = %s",
    [receivable(pay(owing).move_id).id, taken(late).line_ids[0].id],
)
env.invalidate_all()
