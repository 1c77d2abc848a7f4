"""The early payment discount of a payment that came back."""

from collections import defaultdict

from odoo import models


class AccountPaymentReturnDiscount(models.AbstractModel):
    """A discount for paying in time is taken back with the payment, its tax included.

    Core grants it by items of the payment's own entry, or of the bank transaction's,
    and applies them to the invoice with the money. What comes back takes as much of
    each of these items as it is of the money. A write-off is no discount: it stays.
    """

    _name = "account.payment.return.discount"
    _description = "Early Payment Discount of a Payment that Came Back"

    def _get_items(self, payment_item):
        """Return the items of a collection's entry that grant an early discount.

        Those on the account for such discounts, and the taxes that go with them.

        :param payment_item: the receivable item of the collection
        """
        entry = payment_item.move_id
        none = payment_item.browse()
        # Most collections have nothing but the bank and the customer.
        if len(entry.line_ids) < 3:
            return none
        offices = entry.company_id.sudo().parent_ids
        account = offices.account_journal_early_pay_discount_loss_account_id
        bases = entry.line_ids.filtered(lambda item: item.account_id in account)
        return bases and bases | entry.line_ids.filtered("tax_repartition_line_id")

    def _get_part_of(self, item):
        """Return how much of a receivable item is a discount, in its currency."""
        total = sum(self._get_items(item).mapped("amount_currency"))
        if not total:
            return 0.0
        share = item.amount_currency / sum(
            _filter_credits(item.move_id).mapped("amount_currency")
        )
        return item.currency_id.round(total * share)

    def _get_granted(self, items, partials):
        """Return how much of what collections pay is a discount to be taken back.

        :param items: the receivable items of the collections
        :param partials: `account.partial.reconcile` by which they pay debts
        :return: dict from partial, or from item for what of it pays nothing, to amount
            in the currency of the payment
        """
        granted = {}
        left = self._get_left(items)
        applied = partials.grouped("credit_move_id")
        for item in items:
            offices = item.company_id.sudo().parent_ids
            # The customer keeps it where the company says so, or its head office.
            takes = all(offices.mapped("credit_return_take_discount"))
            if takes and item.currency_id.compare_amounts(left[item], 0) > 0:
                granted.update(self._share(item, left[item], applied.get(item, ())))
        return granted

    def _get_left(self, items):
        """Return the discount of each collection that no return has taken back yet.

        :return: dict from receivable item to amount in its currency; one query at most
        """
        totals = {i: sum(self._get_items(i).mapped("amount_currency")) for i in items}
        taken = {}
        if any(totals.values()):
            groups = (
                self.env["account.payment.return.partial"]
                .sudo()
                ._read_group(
                    [
                        ("credit_move_id", "in", items.ids),
                        ("discount_amount", "!=", 0),
                        ("return_line_id.state", "=", "confirmed"),
                    ],
                    ["credit_move_id"],
                    ["discount_amount:sum"],
                )
            )
            taken = {item.id: amount for item, amount in groups}
        return {
            item: item.currency_id.round(total - taken.get(item.id, 0.0))
            for item, total in totals.items()
        }

    def _share(self, item, total, partials):
        """Divide a discount among what it was for, as the terms of each debt say.

        Where an entry pays debts by several items, each has its own. Else it is all for
        the only one: what its debts do not explain goes with what of it pays nothing
        any more.
        """
        currency = item.currency_id
        weights = {partial: self._get_agreed(partial) for partial in partials}
        agreed = sum(weights.values())
        is_only = len(_filter_credits(item.move_id)) == 1
        unexplained = currency.round(max(total - agreed, 0.0)) if is_only else 0.0
        shares = {item: min(unexplained, max(-item.amount_residual_currency, 0.0))}
        if currency.compare_amounts(agreed, 0) <= 0:
            return shares
        ratio = (total - shares[item]) / agreed
        ratio, before = ratio if is_only else min(ratio, 1.0), 0.0
        for partial, weight in weights.items():
            after = before + weight
            shares[partial] = currency.round(
                currency.round(after * ratio) - currency.round(before * ratio)
            )
            before = after
        return shares

    def _get_agreed(self, partial):
        """Return the discount that the terms of an instalment give on what was paid."""
        debt = partial.debit_move_id
        if not debt.move_id.invoice_payment_term_id.early_discount:
            return 0.0
        whole = debt.amount_currency
        rate = (whole - debt.discount_amount_currency) / whole if whole else 0.0
        return partial.credit_amount_currency * rate

    def _prepare_items(self, lines):
        """Values of the items that take discounts back, by id of return line.

        :param lines: the lines that are being booked, whose traces are kept already
        """
        amounts = {
            line: sum(line.undone_ids.mapped("discount_amount")) for line in lines
        }
        concerned = lines.filtered(amounts.get)
        # What is being booked is not confirmed yet.
        left = self._get_left(concerned.move_line_id)
        prepared = defaultdict(list)
        for line in concerned:
            item, amount = line.move_line_id, amounts[line]
            prepared[line.id] = self._prepare_shares(line, left[item], amount)
            left[item] -= amount
        return prepared

    def _prepare_shares(self, line, left, amount):
        """Values that take an amount back from the items of a discount.

        :param left: how much of it no return has taken back before
        """
        items = self._get_items(line.move_line_id)
        total = sum(items.mapped("amount_currency"))
        start = total - left
        missing = -amount
        prepared = []
        for item in items.sorted(lambda i: (bool(i.tax_repartition_line_id), i.id)):

            def part(whole, currency):
                return currency.round(
                    currency.round(whole * start / total)
                    - currency.round(whole * (start + amount) / total)
                )

            values = {
                **self.env["account.payment.return.ledger"]._prepare_opposite(item),
                "amount_currency": part(item.amount_currency, item.currency_id),
                "balance": part(item.balance, item.company_currency_id),
                "payment_return_line_id": line.id,
            }
            missing -= values["amount_currency"]
            prepared.append(values)
        # The cents of the rounding go where most of it is.
        rate = items[0].balance / items[0].amount_currency
        prepared[0]["amount_currency"] += missing
        prepared[0]["balance"] += line.company_currency_id.round(missing * rate)
        return prepared


def _filter_credits(entry):
    """Return the items of a collection's entry that pay debts."""
    return entry.line_ids.filtered(
        lambda item: item.account_type == "asset_receivable" and item.balance < 0
    )
