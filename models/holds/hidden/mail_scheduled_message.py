from odoo import models


class MailScheduledMessage(models.Model):
    """Messages to be sent about a hidden document are hidden too."""

    _name = "mail.scheduled.message"
    _inherit = ["mail.scheduled.message", "credit.hidden.mixin"]

    _document_fields = ("model", "res_id")
