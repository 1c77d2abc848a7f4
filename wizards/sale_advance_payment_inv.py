from odoo import models


class SaleAdvancePaymentInv(models.TransientModel):
    _inherit = "sale.advance.payment.inv"

    def _create_invoices(self, sale_orders):
        """Override of `sale`; raise UserError for orders that wait for a decision.

        A down payment does not pass through the orders' own method.
        """
        sale_orders._check_invoiceable()
        return super()._create_invoices(sale_orders)
