from odoo import models

from . import acting


class ResUsers(models.Model):
    _inherit = "res.users"

    def _manages_every_company(self):
        """Say whether a user may change what all companies share; for record rules."""
        self.ensure_one()
        return acting.manages_every_company(self)
