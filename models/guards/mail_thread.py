from odoo import models

from ..call_marks import MAIL_GATEWAY


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_route_process(self, message, message_dict, routes):
        """Override of `mail`: a customer's mail is flagged, never bounced."""
        with MAIL_GATEWAY.set(self.env):
            return super()._message_route_process(message, message_dict, routes)
