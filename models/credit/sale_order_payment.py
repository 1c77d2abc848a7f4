"""What was paid of an order: its own customer's money, made for it, counted once."""

from dataclasses import dataclass

from odoo import api, models
from odoo.exceptions import AccessError

from .. import acting

# What was paid later than it was confirmed, for orders that share a payment.
PRECEDENCE = {"sale": 0, "sent": 1, "draft": 1, "cancel": 2}


@dataclass(frozen=True, slots=True)
class PaymentShare:
    """What one payment pays of one order, in the payment's currency.

    :param booked: how much of it is posted in the books, and lowers the exposure
    """

    transaction: object
    amount: float
    booked: float


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    # === CRUD === #

    @api.model
    def _get_closed_names(self):
        """Override: no default of a user or of a client pays an order either."""
        return super()._get_closed_names() | self._get_payment_links()

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `sale`.

        :raises AccessError: for who links payments by hand
        """
        self._check_payment_links(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        """Override of `sale`.

        :raises AccessError: for who links payments by hand
        """
        self._check_payment_links(vals.keys())
        return super().write(vals)

    def _check_payment_links(self, names):
        """Raise AccessError if a person enters which payments an order has."""
        if acting.is_system(self.env) or self._get_payment_links().isdisjoint(names):
            return
        raise AccessError(
            self.env._(
                "Which payments an order has is recorded when they are made. Send the"
                " customer the payment link of this order instead."
            )
        )

    def _get_payment_links(self):
        """Return the names of the fields that say which payments an order has."""
        return {
            name
            for name, field in self._fields.items()
            if field.comodel_name == "payment.transaction" and field.store
        }

    # === BUSINESS === #

    def _get_payment_shares(self):
        """Return a dict from order to its list of `PaymentShare`; for sudo.

        A payment of several orders counts once: those confirmed first come first. Two
        or three queries more for those that have payments, none for the others.
        """
        if not self.transaction_ids:
            return {}
        orders = self | self.transaction_ids.sale_order_ids
        paid = orders.transaction_ids._filter_paid()
        left = paid._get_worths()
        booked = {tx: tx._get_booked_rate(worth) for tx, worth in left.items()}
        return {
            order: [
                PaymentShare(tx, amount, amount * booked[tx])
                for tx, amount in order._take_payments(left)
            ]
            for order in orders.sorted(lambda o: o._get_payment_precedence())
        }

    def _get_payment_precedence(self):
        """Return the place of an order among those that share a payment."""
        rank = PRECEDENCE.get(self.state, 1)
        return rank, str(self.date_order or "") if not rank else "", self.id

    def _take_payments(self, left):
        """Take what this order needs of its payments.

        :param dict left: transaction to what is left of it, which this lowers
        :return: list of pairs of transaction and amount in its currency
        """
        taken, needed = [], self.amount_total
        for tx in self.transaction_ids.sorted("id"):
            if tx not in left or not tx._is_made_for(self):
                continue
            amount = min(left[tx], self._convert_payment(tx, needed, back=True))
            if tx.currency_id.compare_amounts(amount, 0.0) > 0:
                left[tx] -= amount
                needed -= self._convert_payment(tx, amount)
                taken.append((tx, amount))
        return taken

    def _convert_payment(self, tx, amount, back=False):
        """Return an amount of a payment in this order's currency, or ``back``."""
        currencies = (tx.currency_id, self.currency_id)
        start, end = reversed(currencies) if back else currencies
        if start == end:
            return amount
        return start._convert(amount, end, self.company_id, tx.create_date.date())

    def _get_amounts_paid(self):
        """Return a dict from order to what is paid of it, and how much is booked."""
        return {
            order: (
                sum(order._convert_payment(s.transaction, s.amount) for s in shares),
                sum(order._convert_payment(s.transaction, s.booked) for s in shares),
            )
            for order, shares in self._get_payment_shares().items()
        }
