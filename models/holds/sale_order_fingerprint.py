"""What a decision on an order is bound to.

A decision covers the order as it was, and what is better for the company: less of the
same, sooner paid. Plain values, so that they can be kept as JSON. What an addon knows
of orders besides, it adds to each of these methods.
"""

from collections import defaultdict

from odoo import api, models, tools

from ..const import ORDER_CONTACTS

# The models that it is taken from.
SOURCES = ("sale.order", "sale.order.line")


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    # === WHERE IT IS TAKEN FROM === #

    @api.model
    def _get_decided_names(self):
        """Return the fields of an order that its fingerprint is taken from."""
        return {
            *ORDER_CONTACTS,
            "amount_total",
            "currency_id",
            "order_line",
            "payment_term_id",
            "preferred_payment_method_line_id",
        }

    @api.model
    @tools.ormcache("model")
    def _get_watched_names(self, model):
        """Return the fields of a model that a fingerprint may change with.

        Those it is taken from, and all that these are computed from, however far away:
        the registry knows.
        """
        sources = {
            self.env[name]._fields[field]
            for name in SOURCES
            for field in self.env[name]._get_decided_names()
        }
        depending = self.pool.get_dependent_fields
        return frozenset(
            name
            for name, field in self.env[model]._fields.items()
            if field in sources or not sources.isdisjoint(depending(field))
        )

    # === WHAT IT IS === #

    def _take_fingerprint(self):
        """Return the fingerprint of this order; for sudo. Amounts in its currency."""
        return {
            # Changing the customer is another order.
            "partners": [
                self[name].commercial_partner_id.id for name in ORDER_CONTACTS
            ],
            "currency": self.currency_id.id,
            "term": self.payment_term_id.id,
            "method": self.preferred_payment_method_line_id.id,
            "amount": self._get_decided_amount(),
            "quantities": self._get_decided_quantities(),
        }

    def _get_decided_amount(self):
        """Return the price of what is sold, what is delivered beyond it included."""
        return self.amount_total + self._get_worth_beyond()

    def _get_decided_quantities(self):
        """Return what is sold by product; keys are text, as JSON makes them.

        At whatever price: goods given away leave like others. What comes back in the
        same order is not set against what leaves.
        """
        quantities = defaultdict(float)
        for line in self._get_decided_lines():
            quantity = line._get_decided_quantity()
            if line.product_id and quantity > 0 and not line._is_allowance():
                uom = line.product_uom_id
                quantities[str(line.product_id.id)] += uom._compute_quantity(
                    quantity, line.product_id.uom_id, round=False
                )
        return {product: round(quantity, 6) for product, quantity in quantities.items()}

    def _get_decided_lines(self):
        """Return the lines whose products were decided on."""
        return self.order_line

    # === WHAT IT COVERS === #

    def _is_decided_on(self, decided, now):
        """Say whether a decision on the order as it was stands for what it is now.

        The order rounds amounts and quantities.

        :param dict decided: the fingerprint that was decided on
        :param dict now: the fingerprint of today
        """
        same = ("partners", "currency", "method")
        return (
            all(decided[key] == now[key] for key in same)
            and self._is_paid_no_later(decided["term"], now["term"])
            and self.currency_id.compare_amounts(now["amount"], decided["amount"]) <= 0
            and _holds_no_more(decided["quantities"], now["quantities"])
        )

    def _is_paid_no_later(self, decided, now):
        if decided == now:
            return True
        terms = self.env["account.payment.term"].sudo()
        before, after = (
            terms.browse(term).exists()._get_credit_rank(self.amount_total)
            for term in (decided, now)
        )
        return not after.is_worse_than(before)


def _holds_no_more(decided, now):
    return all(
        product in decided and quantity <= decided[product]
        for product, quantity in now.items()
    )
