from odoo import models


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _is_of_hidden_order(self):
        """Say whether this is a file of an order that is hidden; for sudo."""
        if self.res_model != "sale.order" or not self.res_id:
            return False
        return bool(self.env["sale.order"].browse(self.res_id).exists().hold_hidden)

    def _get_raw_access_token(self):
        """Override of `base`: files of a hidden order have links that can be renewed.

        Core's are good for weeks and nobody can take them back.
        """
        self.ensure_one()
        if self.sudo()._is_of_hidden_order():
            return self.sudo().generate_access_token()[0]
        return super()._get_raw_access_token()
