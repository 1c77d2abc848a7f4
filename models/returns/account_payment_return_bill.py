from odoo import api, models

# The types of accounts that hold bills.
HOLDERS = ("asset_current", "asset_receivable")


class AccountPaymentReturnBill(models.AbstractModel):
    """Bills that a plain entry books: who owes moves to the account that holds them.

    Some addons make no payment of a bill that the bank is to collect: the customer is
    credited, and an account of bills is debited until the bank credits it. Such an
    entry is told by what it is, not by who made it:

    - no document, payment, bank transaction, return, reversal or opening;
    - all that it credits is owed by customers, and all that it debits is on one other
      account, a current asset or a receivable, whose items are matched;
    - there the same customer owes just what he is credited, item by item or in a sum;
    - it is due later: a debt that is moved when it is late has become doubtful.

    And what it pays of invoices it pays in whole: who withholds a part makes no bill.
    """

    _name = "account.payment.return.bill"
    _description = "Bill Booked by an Entry"

    @api.model
    def _find_holding(self, item):
        """Return the item that holds the bill of a credited one, or an empty one.

        :param item: receivable item, or empty
        """
        return self._find_bill(item)[0]

    @api.model
    def _get_group(self, item):
        """The items that a bill credits its customer: of a cumulated one several.

        :param item: one of them; of anything else just that
        """
        return self._find_bill(item)[1] or item

    @api.model
    def _filter_presented(self, items):
        """Those of some items that are bills, and pay invoices in whole."""
        return items.filtered(
            lambda item: self._find_holding(item) and self._pays_in_whole(item)
        )

    def _find_bill(self, item):
        """Return (the item that holds a bill, the items it credits), or empty ones."""
        nothing = item.browse(), item.browse()
        if len(item) != 1 or not self._is_plain(item.move_id):
            return nothing
        lines = item.move_id.line_ids
        debits = lines.filtered(lambda each: each.balance > 0)
        credits = lines.filtered(lambda each: each.balance < 0)
        if item not in credits or not self._is_held(debits.account_id, credits):
            return nothing
        holding, group = self._pair(item, debits, credits)
        return (holding, group) if self._is_due_later(holding, group) else nothing

    def _is_plain(self, move):
        """Whether an entry is nobody else's."""
        return move.move_type == "entry" and not (
            move.origin_payment_id
            or move.statement_line_id
            or move.sudo().payment_return_id
            or move.reversed_entry_id
            or move == move.company_id.sudo().account_opening_move_id
        )

    def _is_held(self, account, credits):
        """Whether all that customers are credited is on one account for bills."""
        return (
            len(account) == 1
            and account.account_type in HOLDERS
            and account.reconcile
            and account not in credits.account_id
            and set(credits.mapped("account_type")) == {"asset_receivable"}
            and all(credits.mapped("partner_id"))
        )

    def _pair(self, item, debits, credits):
        """Pair an item with what holds its bill: the same customer's, as much.

        :return: (holding item, items that the bill credits), empty where it is unclear
        """
        debits = debits.filtered(lambda each: self._is_alike(each, item))
        credits = credits.filtered(lambda each: self._is_alike(each, item))
        if len(debits) == 1:
            same = credits.account_id == item.account_id
            total = sum((debits | credits).mapped("amount_currency"))
            fits = same and item.currency_id.is_zero(total)
            return (debits, credits) if fits else (item.browse(), item.browse())
        of_amount = (
            [each for each in items.sorted("id") if self._is_as_much(each, item)]
            for items in (debits, credits)
        )
        held, owed = of_amount
        if len(held) != len(owed):
            return item.browse(), item.browse()
        return held[owed.index(item)], item

    def _is_alike(self, first, second):
        """Whether two items of an entry are of one customer and currency."""
        return (
            first.partner_id.commercial_partner_id
            == second.partner_id.commercial_partner_id
            and first.currency_id == second.currency_id
        )

    def _is_as_much(self, first, second):
        amounts = abs(first.amount_currency), abs(second.amount_currency)
        return not first.currency_id.compare_amounts(*amounts)

    def _is_due_later(self, holding, group):
        """Whether a bill is due after the day of its entry."""
        due = holding and self._get_due(holding, group)
        return bool(due) and due > holding.date

    @api.model
    def _get_due(self, holding, group):
        """When a bill is due: as it says itself, or the invoices that it pays.

        :return: a day, or None
        """
        debts = group.matched_debit_ids.debit_move_id
        days = [day for day in debts.mapped("date_maturity") if day]
        return holding.date_maturity or max(days, default=None)

    def _pays_in_whole(self, item):
        """Whether a bill pays invoices, and each of their instalments in whole."""
        partials = self._get_group(item).matched_debit_ids
        paid = {}
        for partial in partials:
            debt = partial.debit_move_id
            paid[debt] = paid.get(debt, 0.0) + partial.debit_amount_currency
        return bool(paid) and all(
            debt.move_id.is_sale_document(include_receipts=True)
            and not debt.currency_id.compare_amounts(amount, debt.amount_currency)
            for debt, amount in paid.items()
        )
