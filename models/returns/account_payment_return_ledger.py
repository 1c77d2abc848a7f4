from collections import defaultdict
from dataclasses import dataclass

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_amount

from ..call_marks import LIMITS
from .undo_plan import Piece, plan_undo


@dataclass(frozen=True, slots=True)
class Undone:
    """What one return takes from one partial reconciliation, in three currencies.

    Without one, what it takes of the payment had paid nothing.
    """

    line: object
    partial: object
    amount: float
    debit_amount: float
    credit_amount: float
    discount: float = 0.0


class AccountPaymentReturnLedger(models.AbstractModel):
    """How a return becomes accounting, for many returns at once.

    The entry debits the customer's receivable and credits the outstanding account
    of the payment, for the money that came back. The payment's own entry is never
    touched: only its reconciliation with the invoices is undone, and only for what
    came back, so that the rest of the payment stays applied.
    """

    _name = "account.payment.return.ledger"
    _description = "Payment Return Ledger"

    # === POST === #

    def _post(self, lines):
        """Book the returns of these lines.

        :param lines: matched lines of draft returns, as `_set_aside_unreturnable`
            lets them through
        :raise: UserError when the configuration or the bank transaction does not fit
        """
        quiet = self._get_quiet_context(lines.company_id)
        self.with_context(**quiet)._post_quietly(lines.with_context(**quiet))

    def _post_quietly(self, lines):
        returnable = lines._get_returnable_amounts()
        items = lines.filtered("move_line_id")
        pairs = self.env["account.payment.return.pair"]._find(
            lines.payment_id, items.move_line_id
        )
        partials = self._get_partials(items._get_items())
        self._prefetch_for_unlink(partials)
        undone = self._plan(items, partials)
        kept, touched = self._get_kept(undone)
        self._keep_trace(lines, undone)
        touched.unlink()
        groups = self._book(lines, returnable)
        several = items.filtered(lambda line: len(line._get_items()) > 1)
        self._match_returns(items - several, groups)
        self._match_exactly(self._get_shares_of_several(several) + kept)
        self._close_payments(lines, returnable)
        self._close_brought(lines, pairs)
        # Here, where the context still spares a chatter line for each computed state.
        self.env.flush_all()

    def _get_quiet_context(self, companies):
        """Spare core's per-record bookkeeping, unless the law wants its trace."""
        quiet = {"skip_invoice_sync": True}
        if not any(companies.mapped("restrictive_audit_trail")):
            quiet["tracking_disable"] = True
        return quiet

    def _get_partials(self, payment_items):
        """Return the reconciliations by which these payment items pay a debt.

        What took the money back, our returns and other entries, stays matched.
        """
        left = self.env["account.payment.return.left"]
        entries = left._find_entries(payment_items)
        taken = {entry.partial_id for found in entries.values() for entry in found}
        return payment_items.matched_debit_ids.filtered(
            lambda partial: (
                partial.id not in taken
                and partial.credit_move_id
                not in partial.debit_move_id.payment_return_line_id._get_items()
            )
        )

    def _prefetch_for_unlink(self, partials):
        """Read at once what core reads one record at a time to delete partials."""
        moves = (partials.debit_move_id | partials.credit_move_id).move_id
        moves.mapped("payment_state")
        moves.matched_payment_ids.mapped("state")

    def _plan(self, lines, partials):
        """Say what each return takes back from which partial.

        :return: list of ``Undone``
        """
        discounts = self.env["account.payment.return.discount"]
        granted = discounts._get_granted(lines._get_items(), partials)
        by_item = partials.grouped("credit_move_id")
        undone = []
        for items, returns in lines.grouped(lambda line: line._get_items()).items():
            pieces = [
                Piece(
                    p.id,
                    p.debit_move_id.id,
                    p.credit_amount_currency,
                    granted.get(p, 0.0),
                )
                for item in items
                for p in by_item.get(item, ())
            ]
            spare = max(-sum(items.mapped("amount_residual_currency")), 0.0)
            free = Piece(False, False, spare, sum(granted.get(i, 0.0) for i in items))
            for line in returns:
                undos = plan_undo(
                    line.amount,
                    free,
                    pieces,
                    set(line.invoice_line_ids.ids),
                    items.currency_id,
                )
                undone += [self._share(line, partials.browse(u.key), u) for u in undos]
        return undone

    def _share(self, line, partial, undo):
        """Express what is undone of a partial in its three currencies.

        The last share takes what the ones before left, so that no cent is lost.
        """
        if not partial:
            return Undone(line, partial, 0.0, 0.0, undo.amount, undo.granted)
        after = undo.left / partial.credit_amount_currency
        before = (undo.left + undo.amount) / partial.credit_amount_currency

        def part(whole, currency):
            return currency.round(
                currency.round(whole * before) - currency.round(whole * after)
            )

        return Undone(
            line=line,
            partial=partial,
            amount=part(partial.amount, partial.company_currency_id),
            debit_amount=part(partial.debit_amount_currency, partial.debit_currency_id),
            credit_amount=undo.amount,
            discount=undo.granted,
        )

    def _get_kept(self, undone):
        """Return what has to be matched again, and the partials to delete.

        :return: (list of matches for `_match_exactly`, partials)
        """
        kept = {}
        for share in undone:
            partial = share.partial
            if not partial:
                continue
            debit, credit = kept.get(
                partial,
                (partial.debit_amount_currency, partial.credit_amount_currency),
            )
            kept[partial] = (
                partial.debit_currency_id.round(debit - share.debit_amount),
                partial.credit_currency_id.round(credit - share.credit_amount),
            )
        matches = [
            (partial.debit_move_id, partial.credit_move_id, debit, credit)
            for partial, (debit, credit) in kept.items()
            if not partial.credit_currency_id.is_zero(credit)
        ]
        return matches, self.env["account.partial.reconcile"].union(*kept)

    def _keep_trace(self, lines, undone):
        """Remember what each return undoes and who owes it again.

        Cancelling restores the one, the block rules and the mails ask for the other.
        """
        pieces = [self._prepare_undone(share) for share in undone]
        for line in lines - lines.filtered("move_line_id"):
            pieces += self._prepare_owed_by_state(line)
        traces = self.env["account.payment.return.partial"].sudo()
        traces._add_on_account(lines, pieces)
        traces.create(pieces)
        reopened = {line: set() for line in lines}
        for piece in pieces:
            if piece.get("debit_move_id"):
                line = lines.browse(piece["return_line_id"])
                reopened[line].add(piece["debit_move_id"])
        lines._write_links(
            "invoice_line_ids",
            [
                (line, [Command.set(sorted(ids))])
                for line, ids in reopened.items()
                if ids != set(line.invoice_line_ids.ids)
            ],
        )

    def _prepare_undone(self, share):
        if not share.partial:
            return share.line._prepare_on_account(share.credit_amount, share.discount)
        return {
            "return_line_id": share.line.id,
            "debit_move_id": share.partial.debit_move_id.id,
            "credit_move_id": share.partial.credit_move_id.id,
            "amount": share.amount,
            "debit_amount_currency": share.debit_amount,
            "credit_amount_currency": share.credit_amount,
            "discount_amount": share.discount,
        }

    def _prepare_owed_by_state(self, line):
        """Values of what a payment without an entry had paid by its mere state."""
        items = line.payment_id.invoice_ids.line_ids.filtered(
            lambda i: i.account_type == "asset_receivable" and not i.reconciled
        )
        left, pieces = line.amount, []
        for item in items.sorted(lambda i: (i.date_maturity or i.date, i.id)):
            amount = min(left, item.amount_residual_currency)
            if item.currency_id != line.currency_id or item.currency_id.is_zero(amount):
                continue
            left -= amount
            pieces.append(
                {
                    "return_line_id": line.id,
                    "debit_move_id": item.id,
                    "amount": item.amount_residual
                    * (amount / item.amount_residual_currency),
                    "debit_amount_currency": amount,
                    "credit_amount_currency": amount,
                }
            )
        return pieces

    # === ENTRY === #

    def _book(self, lines, returnable):
        """Write the entries, or the bank transactions' own.

        One a return, company of the payments and booking day.

        :param returnable: what could come back of each line's payment
        :return: list of (credit item, collections that wait for it)
        """
        journals = {c: c._get_credit_return_journal() for c in lines.company_id}
        moves_values, waiting = [], []
        for key, (debits, credits, collections) in self._prepare_entries(
            lines, returnable
        ).items():
            payment_return, transaction, company, day = key
            if transaction:
                self._book_on_statement(payment_return, transaction, debits)
            elif debits:
                values = self._prepare_move_values(
                    payment_return, journals[company], debits + credits
                )
                moves_values.append({**values, "company_id": company.id, "date": day})
                waiting.append(collections)
        moves = self.env["account.move"].create(moves_values)
        if moves:
            moves._post(soft=False)
        return self._pair_waiting(moves, waiting)

    def _prepare_entries(self, lines, returnable):
        """Values of the items of each entry, see `_get_entry_key`, `_prepare_items`.

        :raise: UserError when the configuration or a bank transaction does not fit
        """
        balances = lines._get_balances(returnable)
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
        common credit; any other return gets an item of its own, which the bank line
        of the return will meet, as that of the collection meets the collection.

        :return: dict from (account, currency, line or empty) to amounts
        """
        credits = {}
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
            credit = credits.setdefault(
                key,
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

        :param key: (account, currency, line or empty), see `_group_credits`
        :param credit: its amounts
        """
        account, currency, line = key
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

    def _book_on_statement(self, payment_return, transaction, debits):
        """Make a bank transaction the return entry: no second entry.

        Its counterpart in suspense becomes the customers' receivables and the fees.
        """
        suspense = self._get_suspense(transaction)
        transaction.with_context(force_delete=True, skip_readonly_check=True).write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    *(Command.create(values) for values in debits),
                ]
            }
        )
        transaction.move_id.payment_return_id = payment_return

    def _get_suspense(self, transaction):
        """Return the item of a bank transaction that waits for what it is.

        :raise: UserError when the transaction is reconciled
        """
        _liquidity, suspense, other = transaction._seek_for_lines()
        if transaction.is_reconciled or other or len(suspense) != 1:
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
        :raise: UserError when they make another amount
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

    # === MATCH AGAIN === #

    def _match_returns(self, lines, groups):
        """Match each payment with its returns, and its collection with the credit.

        :param groups: see `_book`
        """
        plan = [
            item | returned.entry_line_ids.filtered(lambda i: i.balance > 0)
            for item, returned in lines.grouped("move_line_id").items()
        ]
        by_collection = {}
        for credit, waiting in groups:
            if len(waiting) > 1:
                plan.append(credit | waiting)
            else:
                by_collection[waiting] = by_collection.get(waiting, waiting) | credit
        plan += by_collection.values()
        moves = lines.move_line_id.move_id | lines.entry_line_ids.move_id
        context = self._get_plain_match_context(moves)
        with LIMITS.set(self.env, self._get_return_limits(lines, groups)):
            moves.line_ids.browse().with_context(**context)._reconcile_plan(plan)

    def _get_return_limits(self, lines, groups):
        """Cut just what came back from payments in foreign currency and collections.

        Core would cut it anew, and round it otherwise than the return entry did.

        :return: dict from pair of item ids to their limits, see `LIMITS`
        """
        limits, left = {}, {}
        for line in lines.filtered(lambda ln: ln.currency_id != ln.company_currency_id):
            item = line.move_line_id
            debits = line.entry_line_ids.filtered(
                lambda i, account=item.account_id: (
                    i.balance > 0 and i.account_id == account
                )
            )
            for debit in debits:
                limits[debit.id, item.id] = (
                    (debit.balance, debit.amount_currency),
                    self._get_limit(item, -debit.amount_currency, left),
                )
        for credit, waiting in groups:
            if len(waiting) == 1 and credit.currency_id != credit.company_currency_id:
                limits[waiting.id, credit.id] = (
                    self._get_limit(waiting, -credit.amount_currency, left),
                    (credit.balance, credit.amount_currency),
                )
        return limits

    def _get_shares_of_several(self, lines):
        """Matches of returns with the very items that they take back.

        :param lines: returns of collections of several items
        :return: list of matches for `_match_exactly`
        """
        return [
            (
                line.entry_line_ids.filtered(
                    lambda item, account=line.move_line_id.account_id: (
                        item.balance > 0 and item.account_id == account
                    )
                )[:1],
                trace.credit_move_id,
                trace.credit_amount_currency,
                trace.credit_amount_currency,
            )
            for line in lines
            for trace in line.undone_ids.sorted("id")
        ]

    def _get_plain_match_context(self, moves):
        """Spare core what cannot be between a payment and its return.

        No cash basis entry where no item carries a tax due on payment: without the key
        core reads every item of every entry to find that out. No exchange difference
        where everything is in the company's currency.
        """
        context = {}
        taxes = moves.line_ids.tax_ids | moves.line_ids.tax_line_id
        exigibilities = taxes.flatten_taxes_hierarchy().mapped("tax_exigibility")
        if "on_payment" not in exigibilities:
            context["no_cash_basis"] = True
        if moves.line_ids.currency_id == moves.company_id.currency_id:
            context["no_exchange_difference"] = True
        return context

    def _match_exactly(self, matches):
        """Match pairs of items for a given amount each, and no more.

        :param matches: list of (debit item, credit item, amount in the currency of
            the debit item, amount in the currency of the credit item)
        """
        pairs = defaultdict(lambda: (0.0, 0.0))
        for debit, credit, *amounts in matches:
            before = pairs[debit, credit]
            pairs[debit, credit] = tuple(map(sum, zip(before, amounts, strict=True)))
        plan, limits, left = [], {}, {}
        for (debit, credit), (debit_amount, credit_amount) in pairs.items():
            if debit.currency_id.is_zero(debit_amount):
                continue
            plan.append(debit | credit)
            limits[debit.id, credit.id] = (
                self._get_limit(debit, debit_amount, left),
                self._get_limit(credit, -credit_amount, left),
            )
        if plan:
            items = self.env["account.move.line"].union(*plan)
            context = self._get_plain_match_context(items.move_id)
            with LIMITS.set(self.env, limits):
                items.browse().with_context(**context)._reconcile_plan(plan)

    def _get_limit(self, item, amount_currency, left):
        """Return an amount of an item as (company currency, currency), signed.

        It is cut from what is open, so that the last share takes the last cent.

        :param left: dict from item to what the shares before left open of it
        """
        residuals = item.amount_residual, item.amount_residual_currency
        booked, own = left.get(item, residuals)
        if item.currency_id.is_zero(own):
            booked, own = item.balance, item.amount_currency
        share = item.company_currency_id.round(booked * amount_currency / own)
        left[item] = booked - share, own - amount_currency
        return share, amount_currency

    def _close_payments(self, lines, returnable):
        """Reject the payments that came back in full.

        Left in process, core would call them paid again as soon as somebody else pays
        the invoice; a payment without an entry pays its invoices by its mere state.
        """
        taken = defaultdict(float)
        for line in lines:
            taken[line.payment_id] += line.amount
        whole = lines.filtered(
            lambda line: (
                line.payment_id
                and line.currency_id.compare_amounts(
                    returnable[line.id], taken[line.payment_id]
                )
                <= 0
            )
        ).payment_id
        whole.write({"state": "rejected"})

    def _close_brought(self, lines, pairs):
        """Let payments without an entry pay no invoice that their money pays no more.

        Rejected, when all of it came back; else the invoices are not theirs any more.

        :param pairs: dict from payment to the item of its bank transaction
        """
        for payment, item in pairs.items():
            undone = self._get_taken(lines, payment, item)
            total = sum(undone.mapped("credit_amount_currency"))
            if not undone or payment.state == "rejected":
                continue
            whole = self._get_brought_share(payment, item)
            if item.currency_id.compare_amounts(total, whole) >= 0:
                payment.state = "rejected"
            else:
                payment.invoice_ids -= undone.debit_move_id.move_id

    def _get_brought_share(self, payment, item):
        """What a payment without an entry is of a transaction, in its currency."""
        pair = self.env["account.payment.return.pair"]
        return pair._get_share(payment, pair._get_group(item))

    def _get_taken(self, lines, payment, item):
        """What returns undid of the invoices of a payment without an entry.

        :param lines: its returns, or those of what nobody said to be its own
        :param item: the item of the bank transaction that brought its money
        """
        return lines.undone_ids.filtered(
            lambda trace: (
                trace.credit_move_id in (item | trace.return_line_id._get_items())
                and trace.credit_move_id.move_id == item.move_id
                and trace.return_line_id.payment_id in (payment, payment.browse())
                and trace.debit_move_id.move_id in payment.invoice_ids
            )
        )

    # === REHEARSE === #

    def _rehearse_post(self, lines):
        """Let the books say who owes what after `_post`, and no more.

        Core takes most of its time to write entries and to match them, which nobody
        looks at. What the block rules and the mails ask for is what is open.

        :param lines: as for `_post`
        :raise: UserError as `_post`
        """
        items = lines.filtered("move_line_id")
        for company in lines.company_id:
            company._get_credit_return_journal()
        self._prepare_entries(lines, lines._get_returnable_amounts())
        undone = self._plan(items, self._get_partials(items._get_items()))
        self._keep_trace(lines, undone)
        self.env.flush_all()
        self._cut_partials(undone)
        self._shift_open(self._get_opened(items))

    def _rehearse_cancel(self, returns):
        """Let the books say who owes what after `_cancel`, likewise.

        :return: as of `_cancel`
        """
        lines = returns.line_ids._filter_came_back()
        said = defaultdict(list)
        entries = self._get_live_entries(lines, said)
        self._say_paid_fees(entries, said)
        left, changes = self._get_freed(entries)
        for debit, credit, *amounts in self._plan_restoring(lines, said, left):
            for item, sign, amount in zip(
                (debit, credit), (-1, 1), amounts, strict=True
            ):
                booked = self._get_booked(item, amount)
                changes.append((item, sign * booked, sign * amount))
        self._say_kept_fees(returns, said)
        self.env.flush_all()
        self._shift_open(changes)
        return said

    def _get_freed(self, entries):
        """What is open when the entries of returns are reversed.

        :return: (dict from item to what is open of it then, changes of `_shift_open`)
        """
        items = entries.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        )
        changes = [
            (item, -item.amount_residual, -item.amount_residual_currency)
            for item in items.filtered("amount_residual")
        ]
        left = {}
        for partial in items.matched_credit_ids:
            item, amount = partial.credit_move_id, partial.credit_amount_currency
            left[item] = left.get(item, abs(item.amount_residual_currency)) + amount
            changes.append((item, -partial.amount, -amount))
        return left, changes

    def _get_booked(self, item, amount):
        """What an amount of an item is in the company's currency."""
        whole = abs(item.amount_residual_currency)
        if not item.currency_id.compare_amounts(amount, whole):
            return abs(item.amount_residual)
        return abs(item.balance / item.amount_currency) * amount

    def _get_opened(self, lines):
        """What these returns open, with the fees that they charge again.

        A return entry owes again what had paid nothing: the payment is open for less.

        :return: list of (item, amount in the company's currency, in the item's)
        """
        opened = [
            (piece.debit_move_id, piece.amount, piece.debit_amount_currency)
            if piece.had_paid
            else (piece.credit_move_id, piece.amount, piece.credit_amount_currency)
            for piece in lines.undone_ids
        ]
        for line in lines.filtered("fee_amount"):
            if line._get_fee_policy() == "receivable":
                # Of the customer's items any one will do: sums are asked for.
                item = line.invoice_line_ids[:1] or line.move_line_id
                opened.append((item, line._get_fee_balance(), line.fee_amount))
        return opened

    def _shift_open(self, changes):
        """Change what is open of items, in the database alone: in a rehearsal.

        :param changes: list of (item, amount in the company's currency, in the item's)
        """
        sums = defaultdict(lambda: (0.0, 0.0))
        for item, *amounts in changes:
            sums[item.id] = tuple(map(sum, zip(sums[item.id], amounts, strict=True)))
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_move_line item
                   SET amount_residual = ROUND(item.amount_residual + opened, 6),
                       amount_residual_currency =
                           ROUND(item.amount_residual_currency + own, 6),
                       reconciled = (ROUND(item.amount_residual + opened, 4) = 0
                           AND ROUND(item.amount_residual_currency + own, 4) = 0)
                  FROM UNNEST(%s::int[], %s::numeric[], %s::numeric[])
                       AS change (id, opened, own)
                 WHERE item.id = change.id
                """,
                list(sums),
                [booked for booked, _own in sums.values()],
                [own for _booked, own in sums.values()],
            )
        )

    def _cut_partials(self, undone):
        """Take what returns undo off the reconciliations, likewise.

        :param undone: list of ``Undone``
        """
        sums = defaultdict(float)
        for share in undone:
            if share.partial:
                sums[share.partial.id] += share.amount
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_partial_reconcile partial
                   SET amount = GREATEST(ROUND(partial.amount - undone, 6), 0)
                  FROM UNNEST(%s::int[], %s::numeric[]) AS share (id, undone)
                 WHERE partial.id = share.id
                """,
                list(sums),
                list(sums.values()),
            )
        )

    # === CANCEL === #

    def _cancel(self, returns):
        """Take confirmed returns out of the books.

        :return: dict from return to list of sentences about what stays as it is
        """
        if not returns:
            return {}
        quiet = self._get_quiet_context(returns.company_id)
        return self.with_context(**quiet)._cancel_quietly(returns.with_context(**quiet))

    def _cancel_quietly(self, returns):
        """Undo step by step; what is not there any more is said and left."""
        lines = returns.line_ids._filter_came_back()
        said = defaultdict(list)
        entries = self._get_live_entries(lines, said)
        items = entries.line_ids
        self._say_paid_fees(entries, said)
        partials = items.matched_debit_ids | items.matched_credit_ids
        self._prefetch_for_unlink(partials)
        partials.unlink()
        freed = entries.filtered(lambda m: m.statement_line_id and not _is_closed(m))
        self._reverse(entries - freed, said)
        self._free_transactions(freed.statement_line_id)
        self._reopen_payments(lines)
        self._match_exactly(self._plan_restoring(lines, said, {}))
        self._say_kept_fees(returns, said)
        self._drop_fee_invoices(returns)
        self.env.flush_all()
        return said

    def _get_live_entries(self, lines, said):
        """Return the entries of returns that are still in the books.

        :param lines: the lines of the returns that came back
        """
        live = self.env["account.move"]
        for payment_return, booked in lines.grouped("return_id").items():
            entries = payment_return._get_return_entries()
            gone = entries.filtered(_is_out_of_books)
            live |= entries - gone
            if gone or (booked.move_line_id and not entries):
                said[payment_return].append(self._say_gone_entry(gone))
        return live

    def _say_gone_entry(self, entries):
        return self.env._(
            "The entry of the return %(entries)s is not in the books any more, or was"
            " reversed before: it is left as it is.",
            entries=", ".join(entries.mapped("display_name")),
        )

    def _reverse(self, entries, said):
        """Reverse the return entries and match each item with its reversal.

        A period locked meanwhile does not stop it: the reversal gets the first open
        date, and this is said.
        """
        days = {c: c._get_credit_today() for c in entries.company_id}
        reversals = self.env["account.move"].create(
            [self._prepare_reversal_values(e, days[e.company_id]) for e in entries]
        )
        if not reversals:
            return
        reversals._post(soft=False)
        plan = []
        for entry, reversal in zip(entries, reversals, strict=True):
            reversal.reversed_entry_id = entry
            today = days[entry.company_id]
            said[entry.payment_return_id] += self._say_reversed(entry, reversal, today)
            # What waits in suspense for a bank transaction comes last, and alone.
            pairs = zip(
                self._get_reversed_items(entry),
                reversal.line_ids.sorted("id"),
                strict=False,
            )
            plan += [item | back for item, back in pairs if item.account_id.reconcile]
        self.env["account.move.line"].with_context(
            **self._get_plain_match_context(entries | reversals)
        )._reconcile_plan(plan)

    def _say_reversed(self, entry, reversal, today):
        """Return what is to be said of a reversal, as a list of sentences."""
        said = []
        if reversal.date != today:
            said.append(self.env._("The reversal is dated in the first open period."))
        if entry.statement_line_id:
            said.append(
                self.env._(
                    "The bank transaction %(transaction)s is in a locked period and"
                    " stays as it was booked: %(reversal)s takes its amount back and"
                    " leaves it on %(account)s.",
                    transaction=entry.name,
                    reversal=reversal.name,
                    account=self._get_suspense_account(entry).display_name,
                )
            )
        return said

    def _get_reversed_items(self, entry):
        """Return the items of an entry that a reversal takes back, in their order.

        Of a bank transaction not what the bank says: that stays true.
        """
        liquidity = self.env["account.move.line"]
        if entry.statement_line_id:
            liquidity = entry.statement_line_id._seek_for_lines()[0]
        return (entry.line_ids - liquidity).sorted("id")

    def _get_suspense_account(self, entry):
        company = entry.company_id
        return (
            entry.journal_id.suspense_account_id
            or company.account_journal_suspense_account_id
        )

    def _free_transactions(self, transactions):
        """Put the bank transactions back in suspense, for another use."""
        transactions.move_id.payment_return_id = False
        transactions.action_undo_reconciliation()

    def _prepare_reversal_values(self, entry, date):
        """Values of the entry that reverses a return entry, item by item."""
        items = self._get_reversed_items(entry)
        values = [self._prepare_opposite(item) for item in items]
        journal = entry.journal_id
        if entry.statement_line_id:
            values.append(self._prepare_suspense_values(entry, items))
            journal = entry.company_id._get_credit_return_journal()
        return {
            "move_type": "entry",
            "date": date,
            "ref": self.env._("Cancellation of %(entry)s", entry=entry.name),
            "journal_id": journal.id,
            "company_id": entry.company_id.id,
            "payment_return_id": entry.payment_return_id.id,
            "line_ids": [Command.create(item_values) for item_values in values],
        }

    def _prepare_opposite(self, item):
        """Values of an item that takes another one back, tax report included."""
        return {
            "name": item.name,
            "account_id": item.account_id.id,
            "partner_id": item.partner_id.id,
            "currency_id": item.currency_id.id,
            "amount_currency": -item.amount_currency,
            "balance": -item.balance,
            "date_maturity": item.date_maturity,
            "tax_ids": [Command.set(item.tax_ids.ids)],
            "tax_tag_ids": [Command.set(item.tax_tag_ids.ids)],
            "tax_repartition_line_id": item.tax_repartition_line_id.id,
            "group_tax_id": item.group_tax_id.id,
            # Without it core looks for a distribution model for each item.
            "analytic_distribution": item.analytic_distribution,
        }

    def _prepare_suspense_values(self, entry, items):
        """Values of the item that says what a bank transaction was is open again."""
        return {
            "name": entry.statement_line_id.payment_ref or entry.name,
            "account_id": self._get_suspense_account(entry).id,
            "balance": sum(items.mapped("balance")),
            "analytic_distribution": False,
        }

    def _reopen_payments(self, lines):
        """Give the payments that were rejected their state back.

        But what other returns took back of them, which stand, stays so.
        """
        brought = lines.filtered("move_line_id.statement_line_id")
        standing = self._find_standing(lines, brought)
        for line in brought.filtered("payment_id"):
            payment = line.payment_id
            payment.invoice_ids |= line.undone_ids.debit_move_id.move_id
            taken = self._get_taken(standing, payment, line.move_line_id)
            payment.invoice_ids -= taken.debit_move_id.move_id
        unnamed = brought.filtered(lambda line: not line.payment_id)
        invoices = unnamed.undone_ids.debit_move_id.move_id
        payments = lines.payment_id | invoices.matched_payment_ids.filtered(
            lambda payment: not payment.move_id
        )
        rejected = payments.filtered(lambda p: p.state == "rejected")
        booked = rejected.filtered("move_id")
        booked.write({"state": "in_process"})
        (rejected - booked).write({"state": "paid"})

    def _find_standing(self, lines, brought):
        """The other returns of some bank transactions, which stay in the books.

        :param lines: those that are cancelled
        :param brought: those of them whose money came by a bank transaction
        """
        if not brought:
            return lines.browse()
        found = lines.sudo().search(
            lines._get_came_back_domain()
            & Domain("move_line_id.move_id", "in", brought.move_line_id.move_id.ids)
            & Domain("id", "not in", lines.ids),
            order="id",
        )
        return found.sudo(False)

    def _plan_restoring(self, lines, said, left):
        """Say how payments apply again, as far as they and the invoices are open.

        :param said: dict from return to list of sentences on what does not; filled in
        :param left: dict from item to what is open of it, where core does not say
        :return: list of matches for `_match_exactly`
        """
        matches = []
        for trace in lines.undone_ids._filter_matched().sorted("id"):
            debit, credit = trace.debit_move_id, trace.credit_move_id
            wanted = (trace.debit_amount_currency, trace.credit_amount_currency)
            free = self._get_open_share(credit, wanted[1], left)
            share = min(free, self._get_open_share(debit, wanted[0], left))
            if share:
                amounts = (
                    debit.currency_id.round(wanted[0] * share),
                    credit.currency_id.round(wanted[1] * share),
                )
                matches.append((debit, credit, *amounts))
                left[debit] -= amounts[0]
                left[credit] -= amounts[1]
            trace.sudo().restored_amount = trace.amount * share
            if share < 1.0:
                said[trace.return_line_id.return_id].append(
                    self._say_unrestored(trace, 1.0 - share, is_used=free == share)
                )
        return matches

    def _get_open_share(self, item, wanted, left):
        """Return how much of an amount an item has still open, from 0 to 1.

        :param wanted: in the currency of the item
        :param dict left: what is still open of each item; filled in
        """
        if item.parent_state != "posted":
            return 0.0
        available = left.setdefault(item, abs(item.amount_residual_currency))
        if item.currency_id.compare_amounts(available, wanted) >= 0:
            return 1.0
        return max(available, 0.0) / wanted

    def _say_unrestored(self, trace, share, is_used):
        """Return why a payment was not put back in full, as a sentence.

        :param share: of the amount that is missing
        :param is_used: the payment is not free for it, whatever the invoice is
        """
        values = {
            "invoice": trace.debit_move_id.move_id.display_name or "",
            "payment": trace.credit_move_id.move_id.display_name or "",
            "amount": trace.company_currency_id.format(trace.amount * share),
        }
        if trace.credit_move_id.parent_state != "posted":
            return self.env._(
                "The payment is not in the books any more: %(amount)s of it could not"
                " be put back on %(invoice)s.",
                **values,
            )
        if trace.debit_move_id.parent_state != "posted":
            return self.env._(
                "The invoice is not in the books any more as it was: %(amount)s of"
                " %(payment)s could not be put back and stays as a credit of the"
                " customer.",
                **values,
            )
        if is_used:
            return self.env._(
                "%(payment)s was used for something else meanwhile: %(amount)s of it"
                " could not be put back on %(invoice)s.",
                **values,
            )
        return self.env._(
            "%(invoice)s was paid again meanwhile: %(amount)s of %(payment)s could not "
            "be put back on it and stays as a credit of the customer.",
            **values,
        )


def _is_out_of_books(entry):
    """Say whether a return entry is not posted any more, or was reversed by hand."""
    return entry.state != "posted" or any(
        reversal.state == "posted" for reversal in entry.reversal_move_ids
    )


def _is_closed(entry):
    """Say whether the items of an entry cannot be changed any more."""
    items = entry.line_ids
    has_tax = bool(items.tax_ids or items.tax_line_id or items.tax_tag_ids)
    locks = entry._get_violated_lock_dates(entry.date, has_tax)
    return bool(locks or entry.inalterable_hash)
