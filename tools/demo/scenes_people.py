"""Third part: the salesperson is refused, the customer pays, the manager lifts."""

from odoo import Command, fields
from odoo.exceptions import UserError

from .data import company, trade

BLOCKED, PAYING, FORGIVEN, GOOD = "moretti", "galli", "riva", "amato"


def refuse_quotation(tale):
    """A quotation for a blocked customer is refused, one for another is not."""
    tale.page.chapter("The salesperson enters quotations")
    acting = tale.acting("salesperson")
    customer = tale.customer(BLOCKED)
    tale.page.say(f"{acting.user.name} enters a quotation for {customer.name}:")
    refusal = _try_quotation(tale, acting, BLOCKED)
    tale.page.quote(refusal or "(nobody stopped it)")
    manager = tale.acting("manager").user.name
    tale.page.check(
        customer.name in refusal and manager in refusal,
        f"the refusal of a quotation for {customer.name}, with why and who can help",
    )
    other = _try_quotation(tale, acting, GOOD)
    tale.page.say(f"and for {tale.customer(GOOD).name}: {other or 'saved.'}")
    tale.page.check(not other, f"a quotation for {tale.customer(GOOD).name}")


def _try_quotation(tale, acting, key):
    """Create a quotation; return why it was refused, or an empty text."""
    try:
        with tale.env.cr.savepoint():
            acting["sale.order"].create(
                {
                    "partner_id": tale.customer(key).id,
                    "order_line": [
                        Command.create({"product_id": product.id})
                        for product, _n in trade.get_products(tale.env, {"pump": 1})
                    ],
                }
            )
    except UserError as error:
        return error.args[0]
    return ""


def pay(tale):
    """A customer pays what came back: the block is lifted in the same moment."""
    customer = tale.customer(PAYING)
    tale.page.chapter(f"{customer.name} pays")
    items = tale.line_of(PAYING).invoice_line_ids
    amount = sum(items.mapped("amount_residual"))
    accountant = tale.acting("accountant")
    method = company.get_method(company.get_bank(tale.env))
    payment = trade.pay(
        accountant, items, fields.Date.context_today(tale.env.user), method
    )
    tale.reread()
    tale.page.say(
        f"{payment.name}: {amount:,.2f} EUR by bank transfer, registered by "
        f"{accountant.user.name}."
    )
    _show_lifted(tale, customer)
    tale.page.check(
        all(item.reconciled for item in items), f"the payment of {customer.name}"
    )


def lift(tale):
    """The credit manager lifts a block by hand, and says why."""
    tale.page.chapter("The credit manager lifts a block")
    customer = tale.customer(FORGIVEN)
    acting = tale.acting("manager")
    level = tale.env.company.credit_block_return_level_id
    acting["credit.block.change"].create(
        {
            "change": "lift",
            "partner_ids": [Command.set(customer.ids)],
            "level_id": level.id,
            "reason": "Agreed by telephone: paid in two parts by the end of the month.",
        }
    ).action_apply()
    tale.reread()
    _show_lifted(tale, customer)
    refusal = _try_quotation(tale, tale.acting("salesperson"), FORGIVEN)
    tale.page.say(f"A quotation for {customer.name}: {refusal or 'saved.'}")
    tale.page.check(not refusal, f"a quotation for {customer.name} after the lifting")


def _show_lifted(tale, customer):
    """Show the last block of a customer, which has to be a lifted one."""
    block = customer.credit_block_ids.sorted("id")[-1:]
    tale.page.table(
        ("customer", "level", "state", "lifted by", "why lifted"),
        [
            (
                customer.name,
                block.level_id.name,
                block.state,
                block.lifted_by_id.name,
                block.lift_reason,
            )
        ],
    )
    tale.page.check(
        block.state == "lifted" and not customer.credit_block_level_id,
        f"the lifted block of {customer.name}",
    )
