"""Fourth part: orders wait for the credit manager, who decides on two of them."""

from .data import cast, people, trade

LABELS = {
    "level": "credit block",
    "limit": "over the credit limit",
    "web": "from the website",
    "terms": "payment terms changed",
}


def hand_over(tale):
    """The salesperson confirms orders; those to decide on are handed over."""
    tale.page.chapter("Orders are handed over to the credit manager")
    acting = tale.acting("salesperson")
    tale.page.say(f"{acting.user.name} confirms orders:")
    for held in cast.HELD_ORDERS:
        order = acting["sale.order"].create(
            {
                "partner_id": tale.customer(held.customer).id,
                "order_line": trade.prepare_order_lines(acting, held.products),
            }
        )
        if held.term:
            order.payment_term_id = trade.get_term(acting, held.term)
        order.action_confirm_or_hold()
        tale.orders[held.customer] = order.with_env(tale.env)
    tale.reread()
    _show_holds(tale)
    for held in cast.HELD_ORDERS:
        order = tale.orders[held.customer]
        tale.page.check(
            order.hold_state == "held"
            and held.reason in order.hold_ids.reason_ids.mapped("code"),
            f"a held order of {order.partner_id.name}, {LABELS[held.reason]}",
        )


def buy_online(tale):
    """A customer pays on the website: the money is booked and the order waits."""
    tale.page.chapter("A customer buys on the website")
    shopper = people.get_shopper(tale.env)
    website = tale.env["website"].search([], limit=1)
    order = tale.env["sale.order"].create(
        {
            "partner_id": shopper.id,
            "website_id": website.id,
            "order_line": trade.prepare_order_lines(tale.env, cast.WEB_ORDER),
        }
    )
    payment = _pay_online(tale, order)
    tale.orders["web"] = order
    tale.reread()
    tale.page.say(
        f"{shopper.name} pays {order.amount_total:,.2f} EUR for {order.name}; the"
        f" payment is {payment.state.replace('_', ' ')}, and the shop says that the"
        " order is being reviewed."
    )
    tale.page.check(
        order.hold_state == "held" and payment.move_id.state == "posted",
        f"the held order of {shopper.name} with its payment",
    )


def _pay_online(tale, order):
    """Pay an order with the provider that asks for no money; return the payment."""
    provider = tale.env.ref("payment.payment_provider_demo")
    transaction = tale.env["payment.transaction"].create(
        {
            "provider_id": provider.id,
            "payment_method_id": provider.payment_method_ids[:1].id,
            "reference": order.name,
            "amount": order.amount_total,
            "currency_id": order.currency_id.id,
            "partner_id": order.partner_id.id,
            "sale_order_ids": order.ids,
            "operation": "online_direct",
        }
    )
    transaction._set_done()
    transaction._post_process()
    return transaction.payment_id


def decide(tale):
    """The credit manager releases an order and refuses another one."""
    tale.page.chapter("The credit manager decides")
    for held in cast.HELD_ORDERS:
        order = tale.orders[held.customer].with_env(tale.acting("manager"))
        if held.decision == "release":
            order._release_hold(held.why)
        elif held.decision == "refuse":
            order._refuse_hold(held.why)
    tale.reread()
    _show_holds(tale)
    for held in cast.HELD_ORDERS:
        if held.decision:
            order = tale.orders[held.customer]
            wanted = {"release": ("sale", "released"), "refuse": ("sent", "refused")}
            tale.page.check(
                (order.state, order.hold_state) == wanted[held.decision],
                f"the decision on the order of {order.partner_id.name}",
            )


def let_days_pass(tale):
    """Some orders have been waiting for days; a real queue is never of one morning."""
    for held in cast.HELD_ORDERS:
        tale.env.cr.execute(
            """UPDATE sale_order_hold
                  SET create_date = create_date - %s * interval '1 day'
                WHERE order_id = %s""",
            (held.days_ago, tale.orders[held.customer].id),
        )
    tale.reread()


def _show_holds(tale):
    orders = tale.env["sale.order"].union(*tale.orders.values())
    tale.page.table(
        ("order", "customer", "EUR", "hold", "why"),
        [
            (
                order.name,
                order.partner_id.commercial_partner_id.name,
                float(order.amount_total),
                order.hold_state,
                order.hold_ids[:1].reason_text,
            )
            for order in orders
        ],
    )
