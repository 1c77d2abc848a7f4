from odoo import api, fields, models


class PaymentLinkWizard(models.TransientModel):
    """Says of which orders the customer cannot pay by the link, at the moment."""

    _inherit = "payment.link.wizard"

    credit_warning = fields.Text(compute="_compute_credit_warning")

    @api.depends("res_model", "res_id")
    def _compute_credit_warning(self):
        """Of what the reader may see, and may know: nothing of a silent hold."""
        for wizard in self:
            order = self.env["sale.order"]
            if wizard.res_model == order._name:
                order = order.browse(wizard.res_id).exists()._filtered_access("read")
            wizard.credit_warning = order._get_unpayable_text() if order else False
