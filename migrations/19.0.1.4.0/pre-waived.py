from odoo.tools.sql import column_exists, rename_column


def migrate(cr, version):
    """Call what a person has waived so: nobody forgives a debt by lifting a block."""
    for old, new in (("forgiven", "waived"), ("forgiven_returns", "waived_returns")):
        if column_exists(cr, "credit_block", old):
            rename_column(cr, "credit_block", old, new)
