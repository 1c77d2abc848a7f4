from markupsafe import Markup

from odoo import api, models


class CreditEmptyList(models.AbstractModel):
    """What ends an empty list: said to who may do it, and whom to ask to the others."""

    _name = "credit.empty.list"
    _description = "Help of an Empty List"

    @api.model
    def get_empty_list_help(self, help_message):
        """Override of `base` to say what to do about it, below what the list is for."""
        help_message = super().get_empty_list_help(help_message)
        hint = Markup("<p>%s</p>") % self._get_empty_list_hint()
        return Markup(help_message or "") + hint

    def _get_empty_list_hint(self):
        """Return what to do about an empty list: a text, or a link as `Markup`."""
        # The client loads actions, and their help, with the rights of the server.
        if self.sudo(False).has_access("create"):
            return self.env._("Click New to enter the first one.")
        return self.env._("A credit manager enters them: ask yours.")
