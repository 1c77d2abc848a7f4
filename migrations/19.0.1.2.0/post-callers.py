from odoo.api import SUPERUSER_ID, Environment

# Rules are not updated with the addon: those that an administrator changed stay.
BEFORE = "('company_id', 'in', company_ids)"
AFTER = (
    "('company_id', 'child_of'"
    " if user.has_group('account_credit_block.group_credit_manager') else 'in',"
    " company_ids)"
)
RULES = ("sale_order_hold_rule_company", "sale_order_hold_reason_rule_hidden")


def migrate(cr, version):
    """Show the holds of branches to the credit managers of their head office."""
    env = Environment(cr, SUPERUSER_ID, {})
    for name in RULES:
        rule = env.ref(f"account_credit_block.{name}", raise_if_not_found=False)
        if rule and BEFORE in rule.domain_force:
            rule.domain_force = rule.domain_force.replace(BEFORE, AFTER)
