from odoo import models


class MailActivity(models.Model):
    """Activities on a hidden document, those done included, are hidden too."""

    _name = "mail.activity"
    _inherit = ["mail.activity", "credit.hidden.mixin"]
