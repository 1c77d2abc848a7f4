from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain

from .return_states import COLLECTED


class AccountPaymentReturnPair(models.AbstractModel):
    """Payments without an entry whose money came by a bank transaction: one collection.

    The transaction paid the invoices of the payment, for its amount. One transaction
    may have brought the money of several payments; no piece is counted twice. What a
    transaction put on one customer's account, in one item or one an invoice, is one.
    """

    _name = "account.payment.return.pair"
    _description = "Payment Without Entry and its Bank Transaction"

    @api.model
    def _find(self, payments, items):
        """Say which bank transaction brought the money of each payment.

        :param payments: ``account.payment``
        :param items: receivable items, of which those of bank transactions count
        :return: dict from payment to receivable item (of several the first one), for
            the payments given and those that the transactions brought
        """
        items = items.filtered("statement_line_id")
        invoices = items.matched_debit_ids.debit_move_id.move_id
        payments = payments.filtered(lambda payment: not payment.move_id)
        if not (payments or items):
            return {}
        known = self._find_returned(payments, items)
        payments |= self.env["account.payment"].union(*known)
        payments |= self._search_payments(invoices | payments.invoice_ids)
        pieces = self._load_pieces(payments.invoice_ids)
        pairs = {}
        for payment in payments.sorted(lambda each: (each not in known, each.id)):
            if payment in known:
                options = [self._get_group(known[payment])]
            else:
                options = [i for i in pieces if self._brought(i, payment, pieces)]
            if options:
                group = self._take(payment, options, pieces)
                pairs[payment] = known.get(payment) or self._get_own(payment, group)
        return pairs

    @api.model
    def _is_pair(self, payment, item):
        """Whether a bank transaction brought the money of a payment, or may have.

        :param payment: ``account.payment`` without an entry
        :param item: receivable item of the transaction
        """
        group = self._get_group(item)
        if self._get_own(payment, group):
            return True
        return self._find(payment, item).get(payment, item.browse()) in group

    def _get_own(self, payment, items):
        """The first of a transaction's items that paid an invoice of a payment."""
        return items.filtered(
            lambda item: item.matched_debit_ids.debit_move_id.filtered(payment._may_pay)
        )[:1]

    @api.model
    def _get_group(self, item):
        """The items that a bank transaction put on the same account of a customer."""
        if not item.statement_line_id:
            return item
        return item.move_id.line_ids.filtered(
            lambda other: (
                other.account_id == item.account_id
                and other.currency_id == item.currency_id
                and other.partner_id.commercial_partner_id
                == item.partner_id.commercial_partner_id
                and other.balance < 0
            )
        ).sorted("id")

    def _search_payments(self, invoices):
        """The payments without an entry of some invoices."""
        return self.env["account.payment"].search(
            [
                ("invoice_ids", "in", invoices.ids),
                ("move_id", "=", False),
                ("payment_type", "=", "inbound"),
                ("partner_type", "=", "customer"),
                ("state", "in", COLLECTED),
            ],
            order="id",
        )

    def _find_returned(self, payments, items):
        """What confirmed returns say: nothing else is left of what came back."""
        lines = self.env["account.payment.return.line"].sudo()
        found = lines.search(
            lines._get_came_back_domain()
            & Domain("move_line_id.statement_line_id", "!=", False)
            & Domain("payment_id", "!=", False)
            & (
                Domain("payment_id", "in", payments.ids)
                | Domain("move_line_id.move_id", "in", items.move_id.ids)
            ),
            order="id",
        ).sudo(False)
        return {line.payment_id: line.move_line_id for line in found}

    def _load_pieces(self, invoices):
        """What bank transactions paid of some invoices.

        :return: dict from receivable items of a transaction to dict from invoice to
            list of (what was paid of the invoice, amount in their currency)
        """
        partials = self.env["account.partial.reconcile"].search(
            [
                ("debit_move_id.move_id", "in", invoices.ids),
                ("credit_move_id.statement_line_id", "!=", False),
            ],
            order="id",
        )
        pieces = {}
        for partial in partials:
            group = self._get_group(partial.credit_move_id)
            of_item = pieces.setdefault(group, defaultdict(list))
            debt = partial.debit_move_id
            of_item[debt.move_id].append((debt, partial.credit_amount_currency))
        return pieces

    def _brought(self, items, payment, pieces):
        """Whether what a transaction paid of the payment's invoices is its amount.

        In another currency only a transaction that paid nothing else tells. A rejected
        payment brought nothing, but what a confirmed return tells of.
        """
        if payment.state == "rejected":
            return False
        paid = [
            amount
            for invoice in payment.invoice_ids
            for debt, amount in pieces[items].get(invoice, ())
            if payment._may_pay(debt)
        ]
        if not paid:
            return False
        if items.currency_id != payment.currency_id:
            return self._brought_whole(items, payment, sum(paid))
        whole = self._get_whole(items), items.statement_line_id.amount
        compare = payment.currency_id.compare_amounts
        return any(
            not compare(amount, payment.amount) for amount in (*whole, sum(paid), *paid)
        )

    def _brought_whole(self, items, payment, paid):
        """Whether a transaction in another currency paid just what the payment is.

        :param paid: what of it nobody took, in its own currency
        """
        partials = items.matched_debit_ids
        debts = partials.debit_move_id
        if (
            items.currency_id.compare_amounts(paid, self._get_whole(items))
            or debts != debts.filtered(payment._may_pay)
            or debts.currency_id != payment.currency_id
        ):
            return False
        amount = sum(partials.mapped("debit_amount_currency"))
        return not payment.currency_id.compare_amounts(amount, payment.amount)

    @api.model
    def _get_share(self, payment, items):
        """What a payment without an entry is of the transaction that brought it.

        :param items: what the transaction put on the customer's account
        :return: amount in the currency of the transaction: of one in another currency
            than the payment the whole, see `_brought`
        """
        if items.currency_id == payment.currency_id:
            return payment.amount
        return self._get_whole(items)

    @api.model
    def _get_whole(self, items):
        """What some receivable items collected, in their currency."""
        return abs(sum(items.mapped("amount_currency")))

    def _take(self, payment, options, pieces):
        """Take a payment's share of the transaction that fits it best.

        :return: the receivable items
        """
        items = min(
            options,
            key=lambda each: (
                each.currency_id != payment.currency_id,
                bool(
                    each.currency_id.compare_amounts(
                        self._get_whole(each), self._get_share(payment, each)
                    )
                ),
                each.partner_id.commercial_partner_id
                != payment.partner_id.commercial_partner_id,
                each.ids,
            ),
        )
        compare = items.currency_id.compare_amounts
        left, of_items = self._get_share(payment, items), pieces.get(items, {})
        for invoice in payment.invoice_ids:
            # The piece that is just what is wanted first.
            parts = sorted(of_items.get(invoice, ()), key=lambda p: p[1] != left)
            rest = []
            for debt, amount in parts:
                taken = min(amount, max(left, 0.0)) if payment._may_pay(debt) else 0.0
                left -= taken
                if compare(amount, taken) > 0:
                    rest.append((debt, amount - taken))
            if invoice in of_items:
                of_items[invoice] = rest
        return items
