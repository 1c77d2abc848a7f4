from odoo.tools import convert_file


def migrate(cr, version):
    """Ship the weekly digest to who had the addon before it, once."""
    from odoo.api import SUPERUSER_ID, Environment

    convert_file(
        Environment(cr, SUPERUSER_ID, {}),
        "account_credit_block",
        "data/digest_data.xml",
        {},
        mode="init",
        noupdate=True,
    )
