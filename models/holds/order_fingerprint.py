"""What a decision on an order is bound to.

A decision covers the order as it was, and what is better for the company: less of the
same, sooner paid. Plain values, so that they can be kept as JSON.
"""

from collections import defaultdict

# Who buys, who pays and who receives: changing the customer is another order.
PARTNERS = ("partner_id", "partner_invoice_id", "partner_shipping_id")
# Where it is taken from; `sale.order` and its lines are watched for what changes these.
SOURCES = {
    "sale.order": {
        *PARTNERS,
        "amount_total",
        "carrier_id",
        "currency_id",
        "order_line",
        "payment_term_id",
        "preferred_payment_method_line_id",
    },
    "sale.order.line": {
        "is_delivery",
        "is_downpayment",
        "order_id",
        "price_subtotal",
        "price_total",
        "product_id",
        "product_uom_id",
        "product_uom_qty",
        "qty_delivered",
    },
}


def get_watched_names(model):
    """Return the names of the fields of a model that a fingerprint is made of.

    Those it is taken from, and all that these are computed from, however far away: the
    registry knows.
    """
    sources = {
        model.env[name]._fields[field] for name in SOURCES for field in SOURCES[name]
    }
    depending = model.pool.get_dependent_fields
    return frozenset(
        name
        for name, field in model._fields.items()
        if field in sources or not sources.isdisjoint(depending(field))
    )


def take(order):
    """Return the fingerprint of a `sale.order` in sudo; amounts in its currency."""
    return {
        "partners": [order[name].commercial_partner_id.id for name in PARTNERS],
        "currency": order.currency_id.id,
        "term": order.payment_term_id.id,
        "method": order.preferred_payment_method_line_id.id,
        "amount": _get_amount(order),
        "shipping": _get_shipping(order, "price_subtotal"),
        "quantities": _get_quantities(order),
    }


def covers(decided, now, order):
    """Say whether a decision on the order as it was still stands for what it is now.

    :param dict decided: the fingerprint that was decided on
    :param dict now: the fingerprint of today
    :param order: the order, for the rounding of its amounts and quantities
    """
    same = ("partners", "currency", "method")
    return (
        all(decided[key] == now[key] for key in same)
        and _is_paid_no_later(decided["term"], now["term"], order)
        and order.currency_id.compare_amounts(now["amount"], decided["amount"]) <= 0
        and not order.currency_id.compare_amounts(now["shipping"], decided["shipping"])
        and _holds_no_more(decided["quantities"], now["quantities"])
    )


def _is_paid_no_later(decided, now, order):
    if decided == now:
        return True
    terms = order.env["account.payment.term"].sudo()
    before, after = (
        terms.browse(term).exists()._get_credit_rank(order.amount_total)
        for term in (decided, now)
    )
    return not after.is_worse_than(before)


def _get_shipping(order, name):
    if order.carrier_id.invoice_policy == "real":
        return 0.0  # the carrier tells the cost when it ships: nobody changes it
    return sum(order.order_line._filter_shipping().mapped(name))


def _get_amount(order):
    """Return the price of what is sold, what is delivered beyond it included.

    What Odoo measures changes it by no entry, and is compared with nothing then.
    """
    worth = order.amount_total + order._get_worth_beyond()
    return worth - _get_shipping(order, "price_total")


def _get_quantities(order):
    """Return what is sold by product; keys are text, as JSON makes them.

    At whatever price: goods given away leave like others. What comes back in the same
    order is not set against what leaves.
    """
    quantities = defaultdict(float)
    for line in order.order_line - order.order_line._filter_shipping():
        quantity = line._get_decided_quantity()
        if line.product_id and quantity > 0 and not _is_allowance(line):
            uom = line.product_uom_id
            quantities[str(line.product_id.id)] += uom._compute_quantity(
                quantity, line.product_id.uom_id, round=False
            )
    return {product: round(quantity, 6) for product, quantity in quantities.items()}


def _is_allowance(line):
    """Say whether a line gives money back, and nothing else: a discount, a voucher.

    Odoo makes their products as services without a price. Neither goods nor work that
    is sold at another time become one by a price below zero.
    """
    return (
        line.price_subtotal < 0
        and line.product_id.type == "service"
        and not line.product_id.list_price
    )


def _holds_no_more(decided, now):
    return all(
        product in decided and quantity <= decided[product]
        for product, quantity in now.items()
    )
