def post_init_hook(env):
    """Fill in what the bank calls the payments of the orders uploaded before."""
    env["account.payment.order"]._fill_in_uploaded()
