from odoo import models


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    def _action_send_mail_mass_mail(self, res_ids, auto_commit=False):
        """Override of `mail`; raise UserError for quotations nobody has let in yet."""
        if self.model == "sale.order":
            self.env[self.model].browse(res_ids)._check_sendable()
        return super()._action_send_mail_mass_mail(res_ids, auto_commit=auto_commit)
