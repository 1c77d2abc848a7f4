"""Load the main screens that ours and OCA's addons change."""

env = globals()["env"]

SCREENS = (
    "account.journal",
    "account.move",
    "account.payment",
    "account.payment.order",
    "payment.return",
    "res.company",
    "res.config.settings",
    "res.partner",
    "sale.order",
)

for model in SCREENS:
    views = [(False, kind) for kind in ("form", "list", "search")]
    env[model].get_views(views)
