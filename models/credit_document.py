from odoo import api, models


class CreditDocument(models.AbstractModel):
    """A numbered document whose buttons fill in what nobody enters."""

    _name = "credit.document"
    _description = "Document of Credit Control"
    _inherit = "credit.entered"

    @api.depends("name")
    def _compute_display_name(self):
        for document in self:
            is_new = document.name in (False, "/")
            document.display_name = self.env._("New") if is_new else document.name
