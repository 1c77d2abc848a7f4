import itertools
from collections import Counter

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_amount, groupby

# So many collections meet one credit: for each of what is matched together, core and
# the localizations look at all of it.
TOGETHER = 200


class AccountPaymentReturnLedger(models.AbstractModel):
    """The entry of a return, or the bank transaction that becomes it."""

    _inherit = "account.payment.return.ledger"  # pylint: disable=consider-merging-classes-inherited

    def _book(self, lines, left):
        """Write the entries, or the bank transactions' own.

        One a return, company of the payments and booking day.

        :param left: dict from line id to `Left` of its payment
        :return: list of (credit item, collections that wait for it)
        """
        journals = {c: c._get_credit_return_journal() for c in lines.company_id}
        moves_values, waiting, on_statements = [], [], {}
        for key, (debits, credits, collections) in self._prepare_entries(
            lines, left
        ).items():
            payment_return, transaction, company, day = key
            if transaction:
                on_statements[transaction] = payment_return, debits
            elif debits:
                values = self._prepare_move_values(
                    payment_return, journals[company], debits + credits
                )
                moves_values.append({**values, "company_id": company.id, "date": day})
                waiting.append(collections)
        if on_statements:
            self._book_on_statements(on_statements)
        moves = self.env["account.move"].create(moves_values)
        if moves:
            moves._post(soft=False)
        return self._pair_waiting(moves, waiting)

    def _prepare_entries(self, lines, left):
        """Values of the items of each entry, see `_get_entry_key`, `_prepare_items`.

        :raises UserError: when the configuration or a bank transaction does not fit
        """
        balances = lines._get_balances(left)
        entries = {
            key: self._prepare_items(returned, balances)
            for key, returned in lines.grouped(self._get_entry_key).items()
        }
        for (_return, transaction, *_rest), (debits, *_others) in entries.items():
            if transaction:
                self._rate_by_bank(debits, self._get_suspense(transaction))
        return entries

    def _get_entry_key(self, line):
        """Which entry books a line: its return, company and booking day.

        A bank transaction is one entry, whatever the lines are of.
        """
        payment_return, transaction = line.return_id, line._get_transaction()
        if transaction:
            return payment_return, transaction, payment_return.company_id, False
        return payment_return, transaction, line.company_id, line.return_date

    def _prepare_items(self, lines, balances):
        """Values of the items of one entry, balanced.

        :return: (values of the debits, values of the credits, the collections that
            wait for each of the last credits)
        """
        groups = self._group_credits(lines, balances)
        discounts = self.env["account.payment.return.discount"]._prepare_items(lines)
        debits = []
        for line in lines.filtered("move_line_id"):
            taken_back = discounts[line.id]
            debits.append(
                self._prepare_receivable_values(line, balances[line.id], taken_back)
            )
            debits += taken_back
        fee_debits, credits = self._prepare_fee_items(lines)
        credits += [
            self._prepare_credit_values(key, group) for key, group in groups.items()
        ]
        waiting = [group["waiting"] for group in groups.values()]
        return debits + fee_debits, credits, waiting

    def _pair_waiting(self, moves, waiting):
        """Find the credit items of the entries that collections wait for.

        Items are created in the order of their values: the last ones are meant.
        """
        pairs = []
        for move, collections in zip(moves, waiting, strict=True):
            items = move.line_ids.sorted("id")
            credits = items[len(items) - len(collections) :]
            pairs += zip(credits, collections, strict=True)
        return [(item, collections) for item, collections in pairs if collections]

    def _group_credits(self, lines, balances):
        """Sum what the entry credits, by account, currency and way of matching.

        A collection that never reaches the bank, and came back whole, meets the
        common credit, or one of several; any other return gets an item of its own,
        which the bank line of the return will meet, as that of the collection meets the
        collection.

        :return: dict from (account, currency, line or empty, number) to amounts
        """
        credits, common = {}, Counter()
        for line in lines.filtered("move_line_id"):
            account, collection = line._get_collection()
            is_open = (
                collection.account_id.reconcile
                and not collection.reconciled
                and not line._meets_bank()
            )
            whole = is_open and not line.currency_id.compare_amounts(
                collection.amount_residual_currency, line.amount
            )
            key = (account, line.currency_id, line.browse() if whole else line)
            number = common[key] // TOGETHER
            common[key] += 1
            credit = credits.setdefault(
                (*key, number),
                {"amount": 0.0, "balance": 0.0, "waiting": line.move_line_id.browse()},
            )
            credit["amount"] += line.amount
            credit["balance"] += balances[line.id]
            if is_open:
                credit["waiting"] |= collection
        return credits

    def _prepare_move_values(self, payment_return, journal, items_values):
        """Values of the return entry, for other addons to extend.

        :param journal: see `_get_credit_return_journal`
        :param items_values: values of its journal items
        """
        return {
            "move_type": "entry",
            "date": payment_return.date,
            "ref": self.env._("Payment return %(name)s", name=payment_return.name),
            "journal_id": journal.id,
            "company_id": payment_return.company_id.id,
            "payment_return_id": payment_return.id,
            "line_ids": [Command.create(values) for values in items_values],
        }

    def _prepare_receivable_values(self, line, balance, discounts):
        """Values of the item that owes again what the payment had paid.

        It keeps the due date of the instalment: the customer is late since then.

        :param balance: amount in the company's currency
        :param discounts: values of the items that take a discount back
        """
        item = line.move_line_id
        granted = -sum(values["amount_currency"] for values in discounts)
        due_dates = [d for d in line.invoice_line_ids.mapped("date_maturity") if d]
        return {
            "name": line._get_item_label(),
            "account_id": item.account_id.id,
            "partner_id": item.partner_id.id,
            "currency_id": item.currency_id.id,
            "amount_currency": line.currency_id.round(line.amount + granted),
            "balance": line.company_currency_id.round(
                balance - sum(values["balance"] for values in discounts)
            ),
            "date_maturity": min(due_dates, default=item.date_maturity or item.date),
            "payment_return_line_id": line.id,
            # Without it core looks for a distribution model for each item.
            "analytic_distribution": False,
        }

    def _prepare_credit_values(self, key, credit):
        """Values of an item on the account where the money was collected.

        :param key: (account, currency, line or empty, number), see `_group_credits`
        :param credit: its amounts
        """
        account, currency, line, _number = key
        return {
            "name": line._get_item_label()
            if line
            else self.env._("Collections returned unpaid"),
            "account_id": account.id,
            "partner_id": line.partner_id.id,
            "currency_id": currency.id,
            "amount_currency": -credit["amount"],
            "balance": -credit["balance"],
            "payment_return_line_id": line.id,
            "analytic_distribution": False,
        }

    def _book_on_statements(self, debits):
        """Make bank transactions the return entries: no second entry.

        Their counterpart in suspense becomes the customers' receivables and the fees.

        :param debits: dict from transaction to its return and the values of the items
        """
        self._replace_items(
            {self._get_suspense(each): values for each, (_r, values) in debits.items()}
        )
        for payment_return, ours in groupby(debits, lambda each: debits[each][0]):
            moves = self.env["account.bank.statement.line"].union(*ours).move_id
            moves.payment_return_id = payment_return

    def _replace_items(self, replaced):
        """Put items in the place of others of posted bank transactions, all at once.

        :param replaced: dict from the item that goes to the values of those that come,
            which balance it
        :return: dict from the item that went to those that came, in their order
        """
        gone = self.env["account.move.line"].union(*replaced)
        moves = gone.move_id
        vals_list = [
            values | {"move_id": item.move_id.id}
            for item, items_values in replaced.items()
            for values in items_values
        ]
        container = {"records": moves}
        with moves._check_balanced(container), moves._sync_dynamic_lines(container):
            gone.with_context(force_delete=True).unlink()
            new = iter(gone.browse().create(vals_list))
        return {
            item: gone.browse().union(*itertools.islice(new, len(items_values)))
            for item, items_values in replaced.items()
        }

    def _get_suspense(self, transaction):
        """Return the item of a bank transaction that waits for what it is.

        Of one that is explained in part it is the rest.

        :raises UserError: when the transaction is reconciled
        """
        suspense = transaction._seek_for_lines()[1]
        if transaction.is_reconciled or len(suspense) != 1:
            raise UserError(
                self.env._(
                    "The bank transaction %(transaction)s is already reconciled. Undo "
                    "that first, or remove it from the return.",
                    transaction=transaction.display_name,
                )
            )
        return suspense

    def _rate_by_bank(self, debits, suspense):
        """Give items the balance that a bank transaction makes of their amounts.

        They are compared in its currency: at another rate than the payment's, the
        matching of both makes the exchange difference.

        :param debits: values of the items, changed in place
        :param suspense: the item of the transaction that they replace
        :raises UserError: when they make another amount
        """
        own = [v for v in debits if v["currency_id"] == suspense.currency_id.id]
        foreign = [v for v in debits if v["currency_id"] != suspense.currency_id.id]
        others = sum(v["balance"] for v in foreign)
        balance = suspense.balance
        rate = suspense.amount_currency / balance if balance else 1.0
        left = [sum(v["amount_currency"] for v in own), balance - others]
        booked = left[0] + others * rate
        if suspense.currency_id.compare_amounts(booked, suspense.amount_currency):
            raise self._get_amount_refusal(suspense, booked, foreign)
        for values in own:
            amount = values["amount_currency"]
            share = amount / left[0] if left[0] else 1.0
            values["balance"] = suspense.company_currency_id.round(left[1] * share)
            left = [left[0] - amount, left[1] - values["balance"]]

    def _get_amount_refusal(self, suspense, booked, foreign):
        """Return the error of a bank transaction of another amount than its lines.

        :param booked: what these make in the currency of the transaction
        :param foreign: values of the items in other currencies
        """
        transaction = suspense.statement_line_id
        taken = format_amount(self.env, suspense.amount_currency, suspense.currency_id)
        currency = self.env["res.currency"].browse({v["currency_id"] for v in foreign})
        if len(currency) == 1 and not transaction.foreign_currency_id:
            amount = sum(values["amount_currency"] for values in foreign)
            return UserError(
                self.env._(
                    "The bank took %(taken)s back, and %(transaction)s does not say how"
                    " much that is in %(currency)s: the lines of the return make"
                    " %(amount)s. Set on the bank transaction the foreign currency"
                    " %(currency)s and the amount in it, then confirm again. Or take"
                    " the transaction off the return, and reconcile it afterwards.",
                    taken=taken,
                    transaction=transaction.display_name,
                    currency=currency.name,
                    amount=format_amount(self.env, amount, currency),
                )
            )
        return UserError(
            self.env._(
                "The bank took %(taken)s back, but the lines of the return make "
                "%(booked)s. Correct the amounts or the fees of the lines, or choose "
                "for each line the bank transaction that is its own.",
                taken=taken,
                booked=format_amount(self.env, booked, suspense.currency_id),
            )
        )
