from odoo import models


class SaleOrderLine(models.Model):
    """What an order line is worth, and what invoices charge of it."""

    _inherit = "sale.order.line"  # pylint: disable=consider-merging-classes-inherited

    def _get_worth(self):
        """Return the price with taxes of what was ordered, or delivered beyond that.

        A down payment is part of the price of the other lines.
        """
        if self.is_downpayment:
            return 0.0
        ordered, delivered = self.product_uom_qty, self.qty_delivered
        if not ordered:
            price = self.price_unit * (1 - self.discount / 100)
            return self.tax_ids.compute_all(
                price, self.currency_id, delivered, self.product_id
            )["total_included"]
        return self.price_total * max(delivered / ordered, 1.0)

    def _is_begun(self):
        """Say whether something of this line was delivered or invoiced before."""
        return bool(
            self.is_downpayment
            or self.qty_delivered
            or self.qty_invoiced
            or self.untaxed_amount_invoiced
        )

    def _get_worth_beyond(self):
        """Return the price with taxes of what was delivered beyond the order."""
        if self.is_downpayment or self.display_type:
            return 0.0
        return self._get_worth() - self.price_total

    def _get_invoiced_total(self):
        """Return what invoices charge, drafts included and credit notes deducted."""
        total = 0.0
        for item in self.invoice_lines:
            move = item.move_id
            if move.state != "cancel":
                sign = -1 if move.move_type == "out_refund" else 1
                total += sign * item.currency_id._convert(
                    item.price_total,
                    self.currency_id,
                    self.company_id,
                    move.invoice_date or move.date,
                )
        return total
