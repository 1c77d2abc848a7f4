"""What the carrier's rate gave for an order, kept where no salesperson can write."""

from odoo import api, fields, models

from odoo.addons.account_credit_block.models import acting

from .hold_reason_shipping import HoldReasonShipping

# Carriers whose rate is computed here, without asking anybody outside.
INTERNAL_DELIVERY_TYPES = ("fixed", "base_on_rule")
# What a copied shipping cost is from; a quote is of the moment.
COPIED_FIELDS = (
    "shipping_rate_amount",
    "shipping_rate_currency_id",
    "shipping_rate_carrier_id",
)
# Written by the carrier's rate only.
RATE_FIELDS = {*COPIED_FIELDS, "shipping_quote"}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # Not monetary: rounding the reference would make a change of what is exact.
    shipping_rate_amount = fields.Float(
        string="Shipping Rate",
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="What the carrier's rate gave when the shipping cost was set.",
    )
    shipping_rate_currency_id = fields.Many2one(
        "res.currency", copy=False, readonly=True, groups="base.group_user"
    )
    shipping_rate_carrier_id = fields.Many2one(
        "delivery.carrier",
        string="Carrier of the Rate",
        copy=False,
        readonly=True,
        groups="base.group_user",
    )
    shipping_quote = fields.Json(
        copy=False,
        readonly=True,
        groups="base.group_user",
        help="What a carrier outside has quoted last, in the dialog.",
    )

    # === CRUD === #

    def copy(self, default=None):
        """Override of `sale` to keep the rate that the copied shipping cost is from."""
        copies = super().copy(default)
        for order, copy in zip(self.sudo(), copies.sudo(), strict=True):
            if order.shipping_rate_carrier_id:
                copy.write({name: order[name] for name in COPIED_FIELDS})
        return copies

    @api.model
    def _get_closed_names(self):
        """Override: nobody else fills in rates."""
        return super()._get_closed_names() | RATE_FIELDS

    def _get_closed_text(self, name):
        """Override: who knows the rate."""
        if name in RATE_FIELDS:
            return self.env._(
                "The shipping rate of an order comes from its carrier and cannot be"
                " entered."
            )
        return super()._get_closed_text(name)

    # === THE RATE IS SET === #

    def set_delivery_line(self, carrier, amount):
        """Override of `delivery` to remember what the carrier's rate gave.

        The amount is what the caller says: a number that anybody can send. Raise
        AccessError for who may not write the orders.
        """
        self.check_access("write")
        res = super().set_delivery_line(carrier, amount)
        for order in self:
            rate = order._get_shipping_proof(carrier, amount)
            if rate is not None:
                order._set_shipping_rate(carrier, rate)
        return res

    def _remove_delivery_line(self):
        """Override of `delivery` to forget the rate when the website takes it back."""
        res = super()._remove_delivery_line()
        if acting.is_website(self.env):
            self._set_shipping_rate(self.env["delivery.carrier"], 0.0)
        return res

    def _get_shipping_proof(self, carrier, amount):
        """Return what the rate of a carrier gave, None if nobody can tell."""
        if acting.is_website(self.env):
            return amount
        if carrier.delivery_type in INTERNAL_DELIVERY_TYPES:
            return self._get_internal_rate(carrier)
        quote = self.sudo().shipping_quote or {}
        if (quote.get("carrier_id"), quote.get("currency_id")) == (
            carrier.id,
            self.currency_id.id,
        ):
            return quote["amount"]
        return None

    def _get_internal_rate(self, carrier):
        """Return the rate of a carrier that asks nobody outside, None without one."""
        # A context of our own: the caller's could carry another weight or price.
        context = {"order_weight": self.sudo().shipping_weight}
        order = self.with_env(self.env(su=True, context=context))
        order = order.with_company(order.company_id)
        rate = carrier.with_env(order.env).rate_shipment(order)
        return rate["price"] if rate["success"] else None

    def _set_shipping_rate(self, carrier, amount):
        """Keep the rate of a carrier, in the currency of each order."""
        for order in self.sudo():
            order.write(
                {
                    "shipping_rate_amount": amount,
                    "shipping_rate_currency_id": order.currency_id.id,
                    "shipping_rate_carrier_id": carrier.id,
                }
            )

    def _set_shipping_quote(self, carrier, amount):
        """Keep what a carrier outside has quoted, until the shipping cost is set."""
        self.sudo().shipping_quote = {
            "carrier_id": carrier.id,
            "currency_id": self.currency_id.id,
            "amount": amount,
        }

    # === THE COST IS DECIDED ON === #

    @api.model
    def _get_hold_reasons(self):
        """Override: a shipping cost that was changed by hand is one."""
        return [*super()._get_hold_reasons(), HoldReasonShipping()]

    @api.model
    def _get_decided_names(self):
        """Override: so is who ships."""
        return super()._get_decided_names() | {"carrier_id"}

    def _take_fingerprint(self):
        """Override: the cost of shipping is compared by itself."""
        shipping = self._get_shipping_cost("price_subtotal")
        return {**super()._take_fingerprint(), "shipping": shipping}

    def _get_decided_amount(self):
        """Override: less that.

        What Odoo measures changes it by no entry, and is compared with nothing then.
        """
        return super()._get_decided_amount() - self._get_shipping_cost("price_total")

    def _get_decided_lines(self):
        """Override: less its lines."""
        return super()._get_decided_lines() - self.order_line._filter_shipping()

    def _is_decided_on(self, decided, now):
        """Override: at the same cost of shipping, if it was compared then."""
        return (
            "shipping" in decided
            and not self.currency_id.compare_amounts(
                now["shipping"], decided["shipping"]
            )
            and super()._is_decided_on(decided, now)
        )

    def _get_shipping_cost(self, name):
        """Return what shipping costs by a field of the lines; for sudo.

        Nothing where the carrier tells when it ships: nobody changes that.
        """
        if self.carrier_id.invoice_policy == "real":
            return 0.0
        return sum(self.order_line._filter_shipping().mapped(name))

    # === THE COST IS COMPARED === #

    def _get_shipping_change(self):
        """Return how the shipping cost differs from the rate, nothing if it does not.

        To be asked in sudo. The carrier is asked again only when the cost is not what
        its rate gave, as the right cost may have been put in by hand.

        :return: dict of the expected cost (None if nobody knows it), the actual one,
            both in the order's currency, and the ids of currency and carrier
        """
        carrier = self.carrier_id or self.shipping_rate_carrier_id
        lines = self.order_line._filter_shipping()
        # A real-cost carrier charges what it has cost, after shipping.
        if self.carrier_id.invoice_policy == "real" or not (
            self.shipping_rate_carrier_id or (self.carrier_id and lines)
        ):
            return {}
        actual = sum(
            line.price_unit * line.product_uom_qty * (1 - line.discount / 100.0)
            for line in lines
        )
        expected = self._get_expected_shipping_cost()
        if self._is_same_shipping_cost(actual, expected):
            return {}
        if carrier.delivery_type in INTERNAL_DELIVERY_TYPES:
            rate = self._get_internal_rate(carrier)
            if self._is_same_shipping_cost(actual, rate):
                return {}
            expected = rate if expected is None else expected
        return self._prepare_shipping_change(carrier, actual, expected)

    def _prepare_shipping_change(self, carrier, actual, expected):
        currency = self.currency_id
        return {
            "actual": currency.round(actual),
            "expected": None if expected is None else currency.round(expected),
            "currency_id": currency.id,
            "carrier_id": carrier.id,
        }

    def _get_expected_shipping_cost(self):
        """Return the rate in the order's currency, None if its carrier gave none."""
        if self.carrier_id and self.carrier_id != self.shipping_rate_carrier_id:
            return None
        # Core leaves the number alone when the pricelist brings another currency. One
        # day for all orders: rates are then read once.
        return self.shipping_rate_currency_id._convert(
            self.shipping_rate_amount,
            self.currency_id,
            self.company_id,
            self.company_id._get_credit_today(),
            round=False,
        )

    def _is_same_shipping_cost(self, actual, expected):
        """Say whether a cost is within the tolerance of what the rate gave, if any."""
        if expected is None:
            return False
        company = self.company_id
        difference = self.currency_id.round(actual - expected)
        in_company_currency = abs(difference) / (self.currency_rate or 1.0)
        tolerance = company._get_credit_setting("credit_hold_shipping_tolerance")
        return company.currency_id.compare_amounts(in_company_currency, tolerance) <= 0
