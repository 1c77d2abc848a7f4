from odoo import models
from odoo.tools import consteq


class IrBinary(models.AbstractModel):
    _inherit = "ir.binary"

    def _find_record(
        self,
        xmlid=None,
        res_model="ir.attachment",
        res_id=None,
        access_token=None,
        field=None,
    ):
        """Override of `base`: a file of a hidden order opens by its present link only.

        Raise AccessError or MissingError as core does.
        """
        if access_token and res_model == "ir.attachment" and res_id:
            file = self.env["ir.attachment"].sudo().browse(res_id).exists()
            present = consteq(file.access_token or "", access_token)
            if file and not present and file._is_of_hidden_order():
                access_token = None
        return super()._find_record(xmlid, res_model, res_id, access_token, field=field)
