from odoo import models


class MailMessage(models.Model):
    """Messages about a hidden document are hidden too."""

    _name = "mail.message"
    _inherit = ["mail.message", "credit.hidden.mixin"]

    _document_fields = ("model", "res_id")
