from odoo import api, models
from odoo.fields import Domain


class MailNotification(models.Model):
    """Everybody reads these: they name the document by the message's subject."""

    _name = "mail.notification"
    _inherit = ["mail.notification", "credit.hidden.mixin"]

    @api.model
    def _get_about_domain(self, name, domain):
        """Override of our mixin: the message says which document it is about."""
        about = self.env["mail.message"]._get_about_domain(name, domain)
        return Domain("mail_message_id", "any!", about)
