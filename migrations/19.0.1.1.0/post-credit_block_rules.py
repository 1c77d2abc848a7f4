from odoo.tools import convert_file


def migrate(cr, version):
    """Ship the rules to who had the addon before them, once.

    The file does not create what an administrator deleted; here nobody has yet.
    """
    from odoo.api import SUPERUSER_ID, Environment

    convert_file(
        Environment(cr, SUPERUSER_ID, {}),
        "account_credit_block",
        "data/credit_block_rule_data.xml",
        {},
        mode="init",
        noupdate=True,
    )
