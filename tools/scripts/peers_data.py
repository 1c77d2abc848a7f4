"""Leave data of every kind of ours in a database: returns, blocks, an order."""

from odoo.fields import Command

env = globals()["env"]

company = env.company
if not company.chart_template:
    env["account.chart.template"].try_loading("it", company, install_demo=False)


def receivable(move):
    """The receivable items of an entry."""
    return move.line_ids.filtered(lambda i: i.account_type == "asset_receivable")


def paid_invoice(partner, amount):
    """Post an invoice and pay it; return the invoice and the payment."""
    line = {"name": "Goods", "price_unit": amount, "tax_ids": False}
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": "2026-01-15",
            "invoice_line_ids": [Command.create(line)],
        }
    )
    invoice.action_post()
    register = env["account.payment.register"].with_context(
        active_model="account.move.line", active_ids=receivable(invoice).ids
    )
    return invoice, register.create({})._create_payments()


def returned(payment):
    """Book the return of a payment; return the document."""
    line = {
        "move_line_id": receivable(payment.move_id).id,
        "payment_id": payment.id,
        "amount": payment.amount,
        "reason_id": env.ref("account_credit_block.payment_return_reason_am04").id,
    }
    document = env["account.payment.return"].create(
        {
            "journal_id": payment.journal_id.id,
            "date": "2026-02-02",
            "line_ids": [Command.create(line)],
        }
    )
    document.action_confirm()
    return document


partners = env["res.partner"].create(
    [{"name": f"Customer {number}", "is_company": True} for number in range(3)]
)
invoice, payment = paid_invoice(partners[0], 100)
confirmed = returned(payment)
assert confirmed.state == "confirmed", confirmed.state
assert invoice.payment_state != "paid", invoice.payment_state
assert partners[0].credit_block_ids, "a return blocks its customer"
cancelled = returned(paid_invoice(partners[1], 50)[1])
cancelled.action_cancel()
assert cancelled.state == "cancelled", cancelled.state
level = env["credit.block.level"].search([], limit=1)
partners[2]._set_credit_block(level, "by hand", company)
partners[2]._lift_credit_block(level, "a mistake", company)
order = env["sale.order"].create({"partner_id": partners[2].id})
order.action_confirm()
env.ref("account_credit_block.group_credit_manager").user_ids |= env.user
