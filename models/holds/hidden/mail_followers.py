from odoo import models


class MailFollowers(models.Model):
    """Everybody reads who follows a document: not a hidden one."""

    _name = "mail.followers"
    _inherit = ["mail.followers", "credit.hidden.mixin"]
