"""Products, invoices with instalments, payments."""

from datetime import timedelta

from odoo import Command

from . import cast, company, people

TERMS = {cast.AT_30: (30,), cast.AT_30_60: (30, 60)}


def create_products(env):
    """The products, which invoices find by their internal reference."""
    env["product.product"].create(
        [
            {
                "default_code": key,
                "name": name,
                "list_price": price,
                "type": kind,
                "is_published": True,
            }
            for key, (name, price, kind) in cast.PRODUCTS.items()
        ]
    )


def get_products(env, quantities):
    """Pairs of product and quantity."""
    found = env["product.product"].search([("default_code", "in", list(quantities))])
    return [(product, quantities[product.default_code]) for product in found]


def prepare_order_lines(env, quantities):
    """Values of the lines of an order."""
    return [
        Command.create({"product_id": product.id, "product_uom_qty": quantity})
        for product, quantity in get_products(env, quantities)
    ]


def create_terms(env):
    """Payment terms of one or two instalments; the customers' are those of one."""
    env["account.payment.term"].create(
        [
            {
                "name": f"SDD {name} gg data fattura",
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": 100 / len(days),
                            "nb_days": after,
                        }
                    )
                    for after in days
                ],
            }
            for name, days in TERMS.items()
        ]
    )
    for customer in cast.CUSTOMERS:
        partner = people.get_customer(env, customer.key)
        partner.property_payment_term_id = get_term(env, cast.AT_30)


def get_term(env, name):
    """A payment term."""
    return env["account.payment.term"].search([("name", "=like", f"SDD {name} gg%")])


def prepare_invoice(env, key, day, quantities, term=cast.AT_30):
    """Values of a customer invoice."""
    return {
        "move_type": "out_invoice",
        "partner_id": people.get_customer(env, key).id,
        "invoice_date": day,
        "invoice_payment_term_id": get_term(env, term).id,
        "invoice_user_id": people.get_user(env, "salesperson").id,
        "invoice_line_ids": [
            Command.create({"product_id": product.id, "quantity": quantity})
            for product, quantity in get_products(env, quantities)
        ],
    }


def post_invoices(env, values):
    """Create and post invoices, the oldest first so that numbers follow the days.

    :param values: list of values
    :return: the invoices in the order of their values
    """
    order = sorted(range(len(values)), key=lambda i: values[i]["invoice_date"])
    invoices = env["account.move"].create([values[i] for i in order])
    # Some give more time than the customer has: a credit manager may.
    invoices.with_user(people.get_user(env, "manager")).action_post()
    back = {index: place for place, index in enumerate(order)}
    return [invoices[back[index]] for index in range(len(values))]


def first_instalments(invoices):
    """The receivable items of invoices that are due first."""
    return invoices.line_ids.browse(
        min(get_instalments(invoice), key=lambda item: item.date_maturity).id
        for invoice in invoices
    )


def get_instalments(invoices):
    """The receivable items of invoices."""
    return invoices.line_ids.filtered(
        lambda item: item.account_type == "asset_receivable"
    )


def pay(env, items, day, method):
    """Pay receivable items by the dialog, all of a customer by one payment.

    :return: the payments
    """
    dialog = (
        env["account.payment.register"]
        .with_context(active_model="account.move.line", active_ids=items.ids)
        .create(
            {
                "payment_date": day,
                "group_payment": True,
                "journal_id": method.journal_id.id,
                "payment_method_line_id": method.id,
            }
        )
    )
    return dialog._create_payments()


def collect(env, customer, items, day, number, bank=None):
    """Collect receivable items by direct debit: a payment with the bank's keys."""
    return collect_each(env, {customer: items}, day, number, bank)


def collect_each(env, items, day, number, bank=None):
    """Collect receivable items of customers, by a payment each.

    :param items: dict from the keys of customers to their items
    :param number: of the first one
    """
    method = company.get_method(company.get_bank(env, bank), company.SDD_METHOD)
    together = env["account.move.line"].union(*items.values())
    payments = pay(env, together, day, method)
    for place, (customer, own) in enumerate(items.items()):
        payment = payments.filtered(lambda p, own=own: p.partner_id == own.partner_id)
        payment.write(
            {
                "end_to_end_id": f"SDD{day:%y%m%d}-{number + place:03d}",
                "mandate_reference": cast.CUSTOMER_BY_KEY[customer].mandate,
                "collection_batch_id": f"SDD{day:%y%m%d}-CORE",
                "collection_message_id": f"OFFICINE-DEMO-{day:%y%m%d}",
            }
        )
    return payments


def days_before(day, count):
    """The day so many days before another one."""
    return day - timedelta(days=count)
