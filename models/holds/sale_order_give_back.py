from odoo import models


class SaleOrder(models.Model):
    """What becomes of the money of a refused order."""

    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    def _give_back_payments(self):
        """Give back what was paid for these refused orders, and nothing else; for sudo.

        An order that has a payment for itself gets all of it back, also what it did not
        need.
        """
        shares = self._get_payment_shares()
        for order in self:
            amounts = {s.transaction: s.amount for s in shares.get(order, ())}
            for tx in order.transaction_ids._filter_paid():
                if not tx._is_made_for(order):
                    tx._ask_whose_it_is(order)
                elif tx.sale_order_ids == order:
                    tx._give_back(order, tx._get_worth())
                else:
                    tx._give_back(order, amounts.get(tx, 0.0))
