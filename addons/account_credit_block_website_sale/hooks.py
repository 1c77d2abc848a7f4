def post_init_hook(env):
    """Ask of the orders that wait already for the reason that this addon brings."""
    env["sale.order.hold"]._add_missing_rows()
