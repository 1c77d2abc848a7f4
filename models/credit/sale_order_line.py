from odoo import api, fields, models

MANY = 10000.0


class SaleOrderLine(models.Model):
    """What an order line is worth, and what invoices charge of it."""

    _inherit = "sale.order.line"  # pylint: disable=consider-merging-classes-inherited

    # Of a line that was ordered for nothing the total says nothing. Stored, since the
    # exposure is read in SQL, where nobody knows the taxes.
    credit_unit_price = fields.Float(
        string="Price of a Piece not Ordered",
        compute="_compute_credit_unit_price",
        store=True,
        groups="base.group_user",
        help="With taxes, where no piece was ordered; else 0.",
    )

    @api.depends("price_unit", "discount", "tax_ids", "product_uom_qty", "currency_id")
    def _compute_credit_unit_price(self):
        for line in self:
            is_ordered = bool(line.product_uom_qty)
            line.credit_unit_price = 0.0 if is_ordered else line._get_unit_price()

    def _get_unit_price(self):
        """Return the price of one piece with taxes: of many, lest it be rounded.

        What nobody has ordered takes nothing off.
        """
        price = self.price_unit * (1 - self.discount / 100)
        many = self.tax_ids.compute_all(price, self.currency_id, MANY, self.product_id)
        return max(many["total_included"] / MANY, 0.0)

    def _get_worth(self):
        """Return the price with taxes of what was ordered, or delivered beyond that.

        What is delivered beyond the order never makes it worth less. A down payment is
        part of the price of the other lines. In SQL: `credit.exposure`.
        """
        if self.is_downpayment:
            return 0.0
        ordered, delivered = self.product_uom_qty, self.qty_delivered
        if min(ordered, 0.0) <= delivered <= max(ordered, 0.0):
            return self.price_total
        return max(self.price_total, self._get_worth_of(delivered))

    def _get_worth_of(self, quantity):
        """Return the price with taxes of some of this line, as it was ordered."""
        ordered = self.product_uom_qty
        price = self.price_total / ordered if ordered else self.credit_unit_price
        return price * quantity

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

    def _filter_invoiced_as_delivered(self):
        """Return the lines of which no more is invoiced than was delivered; for sudo.

        Neither in pieces nor at a higher price. The cost of shipping goes along.
        """
        shipping = self._filter_shipping()
        return shipping.filtered(
            lambda line: line._is_invoiced_within(line._get_worth())
        ) | (self - shipping).filtered(lambda line: line._is_invoiced_as_delivered())

    def _filter_shipping(self):
        """Return the lines of shipping costs, for who knows carriers: here none are."""
        return self.browse()

    def _is_invoiced_as_delivered(self):
        """Say so of one line; a down payment delivers nothing."""
        unit, delivered = self.product_uom_id, self.qty_delivered
        return (
            bool(unit)
            and not self.is_downpayment
            and unit.compare(delivered, self.qty_invoiced) >= 0
            and self._is_invoiced_within(self._get_worth_of(delivered))
        )

    def _is_invoiced_within(self, worth):
        """Say whether invoices charge no more of this line, each item rounded."""
        items = self.invoice_lines
        charged = sum(
            item.move_id._get_charged_sign()
            * item.move_id._convert_for_order(item.price_total, self.order_id)
            for item in items
        )
        tolerance = self.currency_id.rounding * max(len(items), 1)
        return self.currency_id.compare_amounts(charged, worth + tolerance) <= 0
