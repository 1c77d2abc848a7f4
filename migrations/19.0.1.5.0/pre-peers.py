"""What joins this addon to OCA's is installed by an update, too, where they are."""

ADDON = "account_credit_block"
# Addon of ours: the one of OCA's that it joins ours to.
PEERS = {
    f"{ADDON}_payment_order": "account_payment_order",
    f"{ADDON}_payment_batch": "account_payment_batch_oca",
    f"{ADDON}_payment_return": "account_payment_return",
}
THERE = ("installed", "to upgrade", "to install")


def migrate(cr, version):
    """Have them installed after this one, as Odoo does when this one is new."""
    cr.execute("SELECT name FROM ir_module_module WHERE state IN %s", [THERE])
    there = {name for (name,) in cr.fetchall()}
    wanted = [owner for owner, beside in PEERS.items() if beside in there]
    cr.execute(
        "UPDATE ir_module_module SET state = 'to install'"
        " WHERE name = ANY(%s) AND state = 'uninstalled'",
        [wanted],
    )
