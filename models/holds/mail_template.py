from odoo import models


class MailTemplate(models.Model):
    _inherit = "mail.template"

    def _send_check_access(self, res_ids):
        """Override of `mail`.

        :raises UserError: for quotations nobody has let in yet
        """
        res = super()._send_check_access(res_ids)
        if self.model == "sale.order":
            self.env[self.model].browse(res_ids)._check_sendable()
        return res
