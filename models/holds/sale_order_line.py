from odoo import api, models
from odoo.exceptions import AccessError, ValidationError

from .. import acting

# Written by invoicing only: what a line has been invoiced with.
INVOICE_FIELDS = {"invoice_lines"}


class SaleOrderLine(models.Model):
    _name = "sale.order.line"
    _inherit = ["credit.entry.guard", "sale.order.line"]

    # === COMPUTE === #

    @api.depends("extra_tax_data")
    def _compute_amount(self):
        """Override of `sale`, which reads this field and does not wait for it."""
        return super()._compute_amount()

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale`; raise UserError if a confirmed order may not grow so.

        Raise AccessError for who enters what Odoo measures.
        """
        before = self._get_orders_of(vals_list)._take_confirmed_fingerprints()
        lines = super().create(vals_list)
        # Whatever a context or a default has filled in.
        lines._check_entered_by_hand(set(self._fields))
        lines.order_id._check_confirmed_change(before)
        return lines

    def write(self, vals):
        """Override of `sale`; raise UserError if a confirmed order may not change.

        Raise AccessError for who enters what Odoo measures.
        """
        self._check_not_taken_back(vals)
        if not self._get_watched_names() & set(vals):
            res = super().write(vals)
            self._check_entered_by_hand(set(vals))
            return res
        # A line that is moved leaves one order and comes into another.
        orders = self.order_id | self._get_orders_of([{"order_id": False, **vals}])
        before = orders._take_confirmed_fingerprints()
        res = super().write(vals)
        self._check_entered_by_hand(set(vals))
        (orders | self.order_id)._check_confirmed_change(before)
        return res

    def unlink(self):
        """Override of `sale`; raise UserError if a confirmed order may not change."""
        orders = self.order_id
        before = orders._take_confirmed_fingerprints()
        res = super().unlink()
        orders._check_confirmed_change(before)
        return res

    @api.model
    def _get_orders_of(self, vals_list):
        """Return the orders that lines of these values belong to, after defaults."""
        ids = {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        if any("order_id" not in vals for vals in vals_list):
            ids.add(self.default_get(["order_id"]).get("order_id"))
        return self.env["sale.order"].browse(filter(None, ids))

    # === GUARDS === #

    @api.model
    def _get_closed_names(self):
        """Override: invoicing tells what a line has been invoiced with."""
        return super()._get_closed_names() | INVOICE_FIELDS

    @api.model
    def _get_watched_names(self):
        """Return the fields that the fingerprint of an order may change with."""
        return self.env["sale.order"]._get_watched_names(self._name)

    def _check_not_taken_back(self, vals):
        """Raise AccessError for who takes back by hand what was measured as delivered.

        By transfers, hours or costs: what counts in the exposure beyond the order is
        owed until they say otherwise.
        """
        if "qty_delivered" not in vals or acting.is_system(self.env):
            return
        field = self._fields["qty_delivered"]
        for line in self.filtered(lambda line: line._is_delivery_measured()):
            # A client may send a text, or nothing, for a number.
            entered = field.convert_to_cache(vals["qty_delivered"], line)
            entered = field.convert_to_record(entered, line)
            counted, now = map(line._get_counted, (line.qty_delivered, entered))
            if line.product_uom_id.compare(counted, now) > 0:
                raise AccessError(self._get_closed_text("qty_delivered"))

    def _get_counted(self, delivered):
        """Return the quantity that counts with so much of it delivered."""
        ordered = self.product_uom_qty
        return max(ordered, delivered) if ordered >= 0 else min(ordered, delivered)

    def _check_entered_by_hand(self, names):
        """Raise if a person has entered in these fields what he cannot know."""
        if acting.is_system(self.env):
            return
        lines = self.filtered(lambda line: not line.display_type)
        if names & {"is_downpayment", "product_uom_qty", "qty_delivered"}:
            lines.filtered("is_downpayment")._check_down_payment()
        if names & self._get_watched_names():
            lines._check_tax_data()

    def _check_down_payment(self):
        """Raise ValidationError for what is a down payment and goods at once.

        A down payment asks for no credit: what is sold must not pass for one.
        """
        if any(line.product_uom_qty or line.qty_delivered for line in self):
            raise ValidationError(
                self.env._(
                    "A down payment is neither ordered nor delivered: set its"
                    " quantities to 0, or create it with “Create Invoice”."
                )
            )

    def _check_tax_data(self):
        """Raise AccessError where the total of what is sold is told, not computed.

        Odoo's dialogs tell those of down payments and discounts.
        """
        for line in self.filtered("extra_tax_data"):
            if line.price_unit * line.product_uom_qty > 0 and not line.is_downpayment:
                raise AccessError(self._get_closed_text("extra_tax_data"))

    def _is_delivery_measured(self):
        """Say whether Odoo measures what is delivered."""
        return self.qty_delivered_method not in (False, "manual")

    # === WHAT A DECISION COVERS === #

    @api.model
    def _get_decided_names(self):
        """Return the fields of a line that the fingerprint of its order is taken from.

        An addon adds to them, as to `sale.order._get_decided_names`.
        """
        return {
            "is_downpayment",
            "order_id",
            "price_subtotal",
            "price_total",
            "product_id",
            "product_uom_id",
            "product_uom_qty",
            "qty_delivered",
        }

    def _get_decided_quantity(self):
        """Return the quantity that a decision on the order is for."""
        return max(self.product_uom_qty, self.qty_delivered)

    def _is_allowance(self):
        """Say whether this line gives money back, and nothing else: a discount, say.

        Odoo makes their products as services without a price. Neither goods nor work
        that is sold at another time become one by a price below zero.
        """
        return (
            self.price_subtotal < 0
            and self.product_id.type == "service"
            and not self.product_id.list_price
        )
