from odoo import models
from odoo.exceptions import ValidationError

from ..call_marks import TAKING_OVER
from .return_states import COLLECTED


class AccountPaymentReturnLine(models.Model):
    """Which payment, or bank transaction, came back: the one follows from the other."""

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    def _has_collection(self):
        """Whether the line has a payment, or bank transaction, that collected."""
        self.ensure_one()
        item, payment = self.move_line_id, self.payment_id
        collected = not payment or payment.state in COLLECTED
        return collected and (item.parent_state == "posted" if item else bool(payment))

    def _is_collection(self):
        """Whether what came back is what a customer paid."""
        self.ensure_one()
        left = self.env["account.payment.return.left"]
        return left._is_collection(self.move_line_id, self.payment_id)

    def _forget_other_item(self):
        """Clear the item of a payment that is not the one chosen any more."""
        self.filtered(
            lambda line: line.payment_id != line.move_line_id.move_id.origin_payment_id
        ).move_line_id = False

    def _check_collections(self):
        """Raise ValidationError for what is no payment of a customer, or two of them.

        But for what another addon has booked already: it is taken over as it is.
        """
        if TAKING_OVER.get(self.env):
            return
        left = self.env["account.payment.return.left"]
        for line in self.filtered(lambda ln: ln.move_line_id or ln.payment_id):
            if not line._is_collection():
                raise ValidationError(line._get_no_collection_text())
            if not left._is_one(line.move_line_id, line.payment_id):
                raise ValidationError(line._get_two_collections_text())

    def _get_no_collection_text(self):
        return self.env._(
            "%(document)s is not what a customer paid, so it cannot come back. Choose "
            "the payment, or the bank transaction, by which the customer paid.",
            document=self._get_collection_name(),
        )

    def _get_two_collections_text(self):
        return self.env._(
            "%(item)s is not of the payment %(payment)s. Choose one of both: the other "
            "one follows.",
            item=self.move_line_id.move_name or self.move_line_id.display_name,
            payment=self.payment_id.display_name,
        )

    def _get_collection_name(self):
        """What people call what was chosen."""
        item, payment = self.move_line_id, self.payment_id
        return payment.name or item.move_name or (payment or item).display_name or ""

    def _complete_targets(self):
        """Fill in what a person or a file may leave out, in batch.

        The receivable item of a payment that has an entry, the bank transaction of one
        that has none, or the other way round, and the amount where it is zero (ISO
        20022 messages may omit it: it is the collection's).
        """
        lines = self.filtered(lambda ln: ln._is_collection())
        for line in lines.filtered(lambda ln: ln.payment_id and not ln.move_line_id):
            if item := line.payment_id._get_receivable_item():
                line._give_item(item)
        lines._complete_pairs()
        self._express_amounts()
        for line, amount in self._find_omitted_amounts().items():
            line.amount = amount

    def _find_omitted_amounts(self):
        """What comes back by lines that name a payment and no amount: all of it.

        :return: dict from line to what can still come back, for such lines only
        """
        zero = self.filtered(
            lambda ln: (
                ln.currency_id.is_zero(ln.amount) and (ln.move_line_id or ln.payment_id)
            )
        )
        if not zero:
            return {}
        available = zero._get_returnable_amounts()
        return {line: available[line.id] for line in zero}

    def _complete_pairs(self):
        """Give payments without an entry their bank transaction, and these theirs."""
        lines = self.filtered(
            lambda line: (
                bool(line.payment_id and not line.payment_id.move_id)
                != bool(line.move_line_id.statement_line_id)
            )
        )
        pairs = self.env["account.payment.return.pair"]._find(
            lines.payment_id, lines.move_line_id
        )
        for line in lines:
            if line.payment_id in pairs:
                line._give_item(pairs[line.payment_id])
            elif line.move_line_id and line.id:
                item = line.move_line_id
                group = self.env["account.payment.return.pair"]._get_group(item)
                payment = line._choose_brought(
                    line.payment_id.union(*(p for p, i in pairs.items() if i in group)),
                    group,
                )
                line.write(
                    {
                        "payment_id": payment.id,
                        "move_line_id": item.id,
                        "is_chosen": line.is_chosen,
                    }
                )
            if line.move_line_id and line.payment_id and not line.invoice_line_ids:
                line.invoice_line_ids = line._get_paid_items()

    def _give_item(self, item):
        """Complete a line by the item of its payment, whoever chose that."""
        self.ensure_one()
        if self.id:
            self.write({"move_line_id": item.id, "is_chosen": self.is_chosen})
        else:
            self.move_line_id = item

    def _choose_brought(self, payments, items):
        """The one of a bank transaction's payments that came back; empty if unclear.

        :param payments: ``account.payment`` that it brought
        :param items: what the transaction put on the customer's account
        """
        self.ensure_one()
        pair = self.env["account.payment.return.pair"]
        whole = pair._get_whole(items)
        if len(payments) == 1 and not items.currency_id.compare_amounts(
            pair._get_share(payments, items), whole
        ):
            return payments
        amount = self.amount or abs(self.move_line_id.amount_currency)
        fitting = payments.filtered(
            lambda payment: (
                payment.state != "rejected"
                and not items.currency_id.compare_amounts(
                    pair._get_share(payment, items), amount
                )
            )
        )
        paid = self.move_line_id.matched_debit_ids.debit_move_id.move_id
        for invoices in (self.invoice_line_ids.move_id, paid):
            if len(fitting) > 1 and invoices:
                fitting = fitting.filtered(lambda p, i=invoices: i <= p.invoice_ids)
        return fitting if len(fitting) == 1 else fitting.browse()

    def _get_paid_items(self):
        """What the bank transaction paid of the invoices of the payment."""
        self.ensure_one()
        return self._get_items().matched_debit_ids.debit_move_id.filtered(
            self.payment_id._may_pay
        )

    def _get_items(self):
        """The receivable items of these lines' collections."""
        left = self.env["account.payment.return.left"]
        return self.move_line_id.union(
            *(left._get_items(line.move_line_id, line.payment_id) for line in self)
        )

    def _get_collected_amount(self):
        """What the payment really collected: money, not discounts or write-offs.

        :return: amount in the payment's currency
        """
        self.ensure_one()
        left = self.env["account.payment.return.left"]
        return left._get_collected(self.move_line_id, self.payment_id)
