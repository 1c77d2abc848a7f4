from markupsafe import Markup

from odoo import models

from .. import acting


class CreditBlock(models.Model):
    """Nobody enters a block in the list: a dialog asks for the customers."""

    _name = "credit.block"
    _inherit = ["credit.block", "credit.empty.list"]

    def _get_empty_list_hint(self):
        """Override to offer the dialog to who may block."""
        if not acting.is_credit_manager(self.env):
            return self.env._("A credit manager blocks customers: ask yours.")
        action = self.env.ref("account_credit_block.credit_block_change_action")
        link = Markup('<a type="action" class="btn btn-primary" name="%s">%s</a>')
        return link % (action.id, self.env._("Block a Customer"))
