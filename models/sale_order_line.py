from odoo import api, models

# What a decision on the order is about.
WATCHED_FIELDS = {
    "order_id",
    "product_id",
    "product_uom_id",
    "product_uom_qty",
    "price_unit",
    "discount",
    "tax_ids",
    "is_delivery",
}


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale`; raise UserError if a confirmed order may not grow so."""
        orders = self.env["sale.order"].browse(
            {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        )
        before = orders._take_confirmed_fingerprints()
        lines = super().create(vals_list)
        orders._check_confirmed_change(before)
        return lines

    def write(self, vals):
        """Override of `sale`; raise UserError if a confirmed order may not change."""
        if not WATCHED_FIELDS & set(vals):
            return super().write(vals)
        before = self.order_id._take_confirmed_fingerprints()
        res = super().write(vals)
        self.env["sale.order"]._check_confirmed_change(before)
        return res

    def unlink(self):
        """Override of `sale`; raise UserError if a confirmed order may not change."""
        before = self.order_id._take_confirmed_fingerprints()
        res = super().unlink()
        self.env["sale.order"]._check_confirmed_change(before)
        return res
