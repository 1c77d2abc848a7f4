from odoo.api import SUPERUSER_ID, Environment


def migrate(cr, version):
    """Write to nobody where the automation was off: the switch is a setting now."""
    env = Environment(cr, SUPERUSER_ID, {"active_test": False})
    rule = env.ref(
        "account_credit_block.base_automation_payment_return_mail",
        raise_if_not_found=False,
    )
    if rule and rule.active:
        return
    # pylint: disable-next=no-search-all  # a handful
    env["res.company"].search([]).credit_return_mail = False
    if rule:
        rule.active = True
