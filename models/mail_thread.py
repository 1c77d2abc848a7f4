from odoo import models

# Where the mail gateway tells the documents it makes that they come from it; in the
# memory of the server, where no client can write.
MAIL_GATEWAY = "account_credit_block.mail_gateway"


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _message_route_process(self, message, message_dict, routes):
        """Override of `mail`: a customer's mail is flagged, never bounced."""
        cache = self.env.cr.cache
        before = cache.get(MAIL_GATEWAY)
        cache[MAIL_GATEWAY] = True
        try:
            return super()._message_route_process(message, message_dict, routes)
        finally:
            cache[MAIL_GATEWAY] = before
