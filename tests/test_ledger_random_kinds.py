import copy
import math
import random
from contextlib import contextmanager

from odoo.exceptions import RedirectWarning
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import groupby

from . import common_ledger_model as model
from .common_returns import PaymentReturnCommon
from .common_soak import get_share

# After the books were closed, everything that is entered is of a later day.
SOLD_ON, PAID_ON, MOVED_ON = "2026-09-01", "2026-09-10", "2026-10-06"
CLOSED_UNTIL = "2026-10-31"
SOLD_LATER, PAID_LATER, MOVED_LATER = "2026-11-02", "2026-11-10", "2026-11-12"
NOTHING_OPEN = {"amount_residual": 0.0, "amount_residual_currency": 0.0}
# Sequences that begin alike are tried together: at each step so many ways part.
WAYS = (2, 2, 2, 2, 8)
LEAVES = math.prod(WAYS)
# Each of a tree of its own.
FEW = range(0, 6 * LEAVES, LEAVES + 13)
# In this order: a set of words has another one in each process.
KINDS = (
    "branch",
    "third party",
    "discount",
    "dollars",
    "cash basis",
    "bank transaction",
    "collected at another rate",
    "instalments",
    "partial",
    "by hand",
    "fee",
    "second return",
    "locked",
)


def cents(amount):
    return round(amount * 100)


@tagged("post_install", "-at_install")
class TestLedgerRandomKinds(PaymentReturnCommon):
    """Whatever is returned, in whatever order, the books are what a small model says.

    Invoices of branches, paid by others, with a discount, in dollars on a bank account
    in euros, with a tax due on payment; banks that speak at a rate of their own. In
    instalments, paid in part, returned with a fee, in periods that are closed.
    """

    # How often what is sold is of a kind.
    odds = 0.35

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()
        rates = [("2026-01-01", 1.2), ("2026-09-05", 1.25), ("2026-10-04", 1.31)]
        cls.usd = cls.setup_other_currency("USD", rounding=0.01, rates=rates)
        cls.payer = cls.env["res.partner"].create({"name": "Factoring Spa"})
        cls.term = cls.early_discount_term()
        cls.parts = cls.env["account.payment.term"].create(
            {
                "name": "Three instalments",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": share, "nb_days": days}
                    )
                    for share, days in ((30, 30), (30, 60), (40, 90))
                ],
            }
        )
        cls.sales_tax = cls.company_data["default_tax_sale"]
        cls.fees = cls.company_data["default_account_expense"]
        companies = (cls.company | cls.branch).sudo()
        companies.credit_return_fee_account_id = cls.fees

    def setUp(self):
        super().setUp()
        self.cash_tax = self.setup_cash_basis_tax()
        self.branch.sudo().write(
            {
                "tax_exigibility": True,
                "tax_cash_basis_journal_id": self.company.tax_cash_basis_journal_id.id,
            }
        )

    def test_random_sequences(self):
        self.seen, self.faults = set(), []
        self.seed, numbers = get_share("sequences", FEW)
        for tree, group in groupby(numbers, lambda number: number // LEAVES):
            with self.going_back(), self.noting(group[0]):
                self.begin(random.Random(f"{self.seed}/{tree}"))
                self.go_on(group, (tree,))
        if self.faults:
            self.fail("\n\n".join(self.faults))
        if len({number // LEAVES for number in numbers}) >= len(FEW):
            self.assertEqual(self.seen, set(KINDS))

    def begin(self, rng):
        self.done = []
        self.invoices, self.debts, self.kinds = [], {}, {}
        self.collections, self.returns = {}, {}
        self.is_closed = False
        self.came_back = []
        companies = (self.company | self.branch).sudo()
        companies.credit_return_fee_policy = rng.choice(("company", "receivable"))
        for _each in range(3):
            self.step(self.sell_and_collect, rng)
        # The database knows nothing yet of rows that only this test sees.
        self.env.flush_all()
        self.env.cr.execute(
            "ANALYZE account_move, account_move_line, account_partial_reconcile,"
            " account_payment"
        )

    def go_on(self, numbers, path):
        """Take the next step of some sequences, each of the ways in which they part."""
        level = len(path) - 1
        if level == len(WAYS):
            return
        size = math.prod(WAYS[level + 1 :])
        ways = groupby(numbers, lambda number: number // size % WAYS[level])
        for way, group in ways:
            with self.going_back(), self.noting(group[0]):
                rng = random.Random(f"{self.seed}/{'/'.join(map(str, (*path, way)))}")
                self.step(rng.choice(self.get_actions()), rng)
                if level + 1 == len(WAYS) and rng.random() < 0.1:
                    self.cancel_all(rng)
                self.go_on(group, (*path, way))

    def get_actions(self):
        return (
            *[self.give_back] * 5,
            self.give_back_in_vain,
            *[self.cancel] * 2,
            *[self.repay] * 2,
            self.take_by_hand,
            self.take_off,
            self.sell_and_collect,
            self.close_books,
        )

    @contextmanager
    def going_back(self):
        """Do something, and be then where one was."""
        names = "done invoices debts kinds collections returns is_closed came_back"
        kept = {name: vars(self).get(name) for name in names.split()}
        records = [
            key
            for name in ("debts", "kinds", "collections", "returns")
            for key in kept[name] or ()
        ]
        memo = {id(record): record for record in (*records, *(kept["invoices"] or ()))}
        vars(self).update(copy.deepcopy(kept, memo))
        with self.env.cr.savepoint() as savepoint:
            yield
            savepoint.rollback()
        self.env.invalidate_all()
        vars(self).update(kept)

    @contextmanager
    def noting(self, number):
        """Note what is wrong, and go on with the other sequences."""
        try:
            yield
        except Exception as error:  # whatever it is, it is told with its sequence
            repeat = f'make soak ARGS="--seed {self.seed} --only sequences/{number}"'
            told = "\n".join(self.done)
            self.faults.append(f"{told}\n{type(error).__name__}: {error}\n{repeat}")

    def cancel_all(self, rng):
        for returned in list(self.returns):
            self.step(self.cancel, rng, returned)

    def step(self, action, *args):
        self.done.append(action.__name__)
        action(*args)
        self.check_books()

    def note(self, *what):
        self.done[-1:] = [f"{self.done[-1]} {' '.join(map(str, what))}"]

    # === WHAT CAN HAPPEN === #

    def sell_and_collect(self, rng):
        kinds = {kind for kind in KINDS if rng.random() < self.odds}
        values = {
            "currency_id": self.company.currency_id.id,
            "invoice_date": SOLD_LATER if self.is_closed else SOLD_ON,
        }
        if "branch" in kinds:
            values["company_id"] = self.branch.id
        if "dollars" in kinds:
            values["currency_id"] = self.usd.id
        if "discount" in kinds:
            values["invoice_payment_term_id"] = self.term.id
        elif "instalments" in kinds:
            values["invoice_payment_term_id"] = self.parts.id
        invoices = self.env["account.move"]
        for _each in range(rng.choice((1, 1, 2, 3))):
            invoices |= self.sell(rng.randint(1000, 20000) / 100, kinds, values)
        total, amount = sum(invoices.mapped("amount_total")), None
        if "partial" in kinds:
            amount = rng.randint(1, round(total * 90)) / 100
        self.note(invoices.mapped("amount_total"), sorted(kinds), amount or "")
        self.collect(invoices, kinds, amount)

    def sell(self, net, kinds, values):
        tax = self.cash_tax if "cash basis" in kinds else self.sales_tax
        taxes = tax.ids if kinds & {"cash basis", "discount"} else []
        line = {"name": "Goods", "price_unit": net, "tax_ids": [Command.set(taxes)]}
        invoice = self.invoice(
            partner=self.customer, invoice_line_ids=[Command.create(line)], **values
        )
        self.invoices.append(invoice)
        for item in self.due_items(invoice):
            total = cents(item.amount_currency)
            self.debts[item] = model.Debt(total, total)
        return invoice

    def collect(self, documents, kinds, amount=None):
        """Collect invoices, or an item of one; ``amount`` is all of them by default."""
        paid_on = PAID_LATER if self.is_closed else PAID_ON
        values = {"payment_date": paid_on, "journal_id": self.bank.id}
        values["currency_id"] = documents.currency_id.id
        if "third party" in kinds:
            values["partner_id"] = self.payer.id
        payment = self.pay(documents, amount=amount, **values)
        # Core writes off a cent of the company's currency against the payment, too.
        paid = self.payment_item(payment).matched_debit_ids.filtered(
            lambda partial: partial.debit_move_id in self.debts
        )
        pieces = [
            self.get_piece(partial, kinds if amount is None else ())
            for partial in paid.sorted("id")
        ]
        self.collections[payment] = model.collect(pieces)
        self.assertEqual(cents(payment.amount), self.collections[payment].money)
        self.kinds[payment] = kinds & set(KINDS)
        if "collected at another rate" in kinds:
            self.bring(payment)

    def get_piece(self, partial, kinds):
        """What core applied of a new payment, two per cent of it discount."""
        amount = cents(partial.credit_amount_currency)
        granted = round(amount * 0.02) if "discount" in kinds else 0
        debt = self.debts[partial.debit_move_id]
        return model.Piece(debt, amount - granted, granted)

    def bring(self, payment):
        """The bank transaction of a collection, at the bank's own rate."""
        account = payment.outstanding_account_id
        transaction = self.transaction(
            payment.amount, payment.currency_id, 1.28, counterpart_account_id=account.id
        )
        items = (transaction.move_id | payment.move_id).line_ids
        items.filtered(lambda item: item.account_id == account).reconcile()

    def transaction(self, amount, currency, rate, **values):
        """A transaction of the bank in euros of an amount in some currency."""
        if currency != self.company.currency_id:
            values["foreign_currency_id"] = currency.id
            values["amount_currency"] = amount
            amount = round(amount / rate, 2)
        return self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "amount": amount,
                "date": MOVED_LATER if self.is_closed else MOVED_ON,
                "payment_ref": "Bank",
                "partner_id": self.customer.id,
                **values,
            }
        )

    def prepare_return(self, rng):
        """A draft return of parts of one or two payments."""
        living = [p for p in self.collections if self.collections[p].money]
        if not living:
            return self.env["account.payment.return"]
        payments = rng.sample(living, min(len(living), rng.choice((1, 1, 2))))
        returned = self.make_return(self.env["account.payment"].union(*payments))
        lines = returned.line_ids
        available = lines._get_returnable_amounts()
        for line in lines:
            left = self.collections[line.payment_id].money
            self.assertEqual(cents(available[line.id]), left)
            piece = rng.choice(self.collections[line.payment_id].pieces).money
            amount = rng.choice((left, piece or left, rng.randint(1, left)))
            line.amount = amount / 100
            if rng.random() < 0.3:
                line.statement_line_id = self.transaction(
                    -line.amount, line.currency_id, 1.33
                )
                self.seen.add("bank transaction")
            elif rng.random() < 0.3:
                line.fee_amount = rng.randint(1, 900) / 100
                self.seen.add("fee")
            self.seen |= self.kinds[line.payment_id]
            self.see_again(self.collections[line.payment_id])
        self.note(lines.mapped(lambda ln: (ln.payment_id.amount, ln.amount)))
        return returned

    def see_again(self, collection):
        """Whether what it pays was paid before, and came back."""
        debts = [piece.debt for piece in collection.pieces if piece.debt]
        if any(
            other is not collection and debt in old
            for other, old in self.came_back
            for debt in debts
        ):
            self.seen.add("second return")
        self.came_back.append((collection, debts))

    def confirm(self, returned):
        returned.action_confirm()
        self.assertEqual(set(returned.line_ids.mapped("match_state")), {"matched"})
        self.check_traces(returned.line_ids)
        self.returns[returned] = [
            model.give_back(self.collections[line.payment_id], cents(line.amount))
            for line in returned.line_ids
        ]

    def check_traces(self, lines):
        """What came back is remembered, and that the debtor owes it, whoever paid."""
        for line in lines:
            traces = line.undone_ids
            returned = sum(traces.mapped("returned_amount"))
            self.assertEqual(cents(returned), cents(line.amount))
            debtors = traces.filtered("had_paid").partner_id
            self.assertLessEqual(debtors, self.customer)

    def give_back(self, rng):
        if returned := self.prepare_return(rng):
            self.confirm(returned)

    def give_back_in_vain(self, rng):
        """Confirmed and cancelled, all is as it was."""
        if returned := self.prepare_return(rng):
            before = self.get_figures()
            self.confirm(returned)
            self.cancel(rng, returned)
            self.assertEqual(self.get_figures(), before, "\n".join(self.done))

    def cancel(self, rng, returned=None):
        if self.returns:
            returned = returned or rng.choice(list(self.returns))
            self.note(returned.line_ids.mapped("amount"))
            returned.action_cancel()
            for taken in self.returns.pop(returned):
                model.cancel(taken)

    def repay(self, rng):
        unpaid = [item for item, debt in self.debts.items() if debt.open]
        if unpaid:
            item = rng.choice(unpaid)
            is_open = self.debts[item].open
            amount = rng.choice((is_open, is_open, 1, rng.randint(1, is_open))) / 100
            self.note(item.move_id.amount_total, amount)
            self.collect(item, set(), amount)

    def take_by_hand(self, rng):
        """A minus line of the bank, matched with what had paid one invoice."""
        payment = rng.choice(list(self.collections))
        collection = self.collections[payment]
        item = self.payment_item(payment)
        debts = item.matched_debit_ids.debit_move_id
        is_plain = len(debts) == len(collection.pieces) == 1
        is_plain = is_plain and debts in self.debts
        if not is_plain or collection.pieces[0].granted:
            return
        self.seen.add("by hand")
        amount = rng.randint(1, collection.money)
        transaction = self.transaction(
            -amount / 100,
            payment.currency_id,
            1.29,
            counterpart_account_id=item.account_id.id,
        )
        self.note(payment.amount, amount / 100)
        minus = transaction.move_id.line_ids - transaction._seek_for_lines()[0]
        item.remove_move_reconcile()
        (item | minus).reconcile()
        if not item.reconciled:
            (item | debts).reconcile()
        model.take(collection, amount)

    def take_off(self, rng):
        """A person takes a payment that nothing else has touched off its invoices."""
        payment = rng.choice(list(self.collections))
        collection = self.collections[payment]
        item = self.payment_item(payment)
        if set(item.matched_debit_ids.debit_move_id) <= set(self.debts):
            self.note(payment.amount)
            item.remove_move_reconcile()
            model.take_off(collection)

    def close_books(self, rng):
        """The period of all that was entered is closed; what follows is of the next.

        Odoo refuses that while transactions of the bank wait to be matched.
        """
        if self.is_closed:
            return
        try:
            with self.env.cr.savepoint():
                self.company.sudo().fiscalyear_lock_date = CLOSED_UNTIL
        except RedirectWarning:
            self.note("refused")
            return
        self.is_closed = True
        self.seen.add("locked")

    # === WHAT THE BOOKS MUST BE === #

    def get_figures(self):
        """All that a return and its cancellation change and put back.

        But for two things of what is paid in part, which Odoo rounds for each piece,
        and what came back is applied again in pieces: the tax due on its payment, and
        what is open of other currencies in the company's. See `check_tax`,
        `check_open`.
        """
        self.env.flush_all()
        invoices = self.env["account.move"].union(*self.invoices)
        payments = self.env["account.payment"].union(*self.collections)
        items = (invoices | payments.move_id).line_ids
        partial = invoices.filtered(lambda i: i.payment_state == "partial")
        items -= partial.line_ids.filtered(lambda i: i.tax_line_id == self.cash_tax)
        taxes = self.get_items([("account_id", "=", self.get_tax_account().id)])
        settled = invoices - partial
        due = {i: self.filter_of(taxes, i).mapped("balance") for i in settled}
        whole = items.filtered(
            lambda i: (
                i.currency_id == i.company_currency_id
                or i.reconciled
                or i.amount_residual_currency == i.amount_currency
            )
        )
        return (
            items.read(["amount_residual_currency", "reconciled"]),
            whole.read(["amount_residual"]),
            invoices.read(["payment_state", "amount_residual"]),
            payments.filtered(lambda payment: payment.state == "rejected"),
            {invoice: cents(sum(balances)) for invoice, balances in due.items()},
            self.get_applied(items),
        )

    def get_applied(self, items):
        applied = {}
        for partial in (items.matched_credit_ids | items.matched_debit_ids).filtered(
            lambda p: p.debit_move_id in items and p.credit_move_id in items
        ):
            key = partial.debit_move_id, partial.credit_move_id
            applied[key] = applied.get(key, 0) + cents(partial.credit_amount_currency)
        return applied

    def get_items(self, domain):
        return self.env["account.move.line"].search(
            [*domain, ("parent_state", "=", "posted")]
        )

    def get_tax_account(self):
        return self.cash_tax.invoice_repartition_line_ids.account_id

    def filter_of(self, items, invoice):
        return items.filtered(
            lambda i: i.move_id.tax_cash_basis_origin_move_id == invoice
        )

    def check_books(self):
        message = "\n".join(self.done)
        taxes = self.get_items([("account_id", "=", self.get_tax_account().id)])
        for invoice in self.invoices:
            debts = [self.debts[item] for item in self.due_items(invoice)]
            is_open = sum(debt.open for debt in debts)
            self.assertEqual(
                (cents(invoice.amount_residual), invoice.payment_state),
                (is_open, model.get_state(debts)),
                message,
            )
            whole = sum(debt.total for debt in debts)
            self.check_tax(invoice, is_open / whole, taxes, message)
        for item, debt in self.debts.items():
            self.check_open(item, debt, message)
        for payment, collection in self.collections.items():
            item = self.payment_item(payment)
            self.assertEqual(
                cents(-item.amount_residual_currency), collection.free, message
            )
            if not collection.free:
                self.assertEqual(item.amount_residual, 0, message)
            self.assertEqual(
                payment.state == "rejected", collection.is_rejected, message
            )
        partners = self.customer | self.payer
        entries = self.get_items([("partner_id", "in", partners.ids)]).move_id
        self.assertBalanced(entries)
        for returned in self.returns:
            for line in returned.line_ids:
                for item in line.entry_line_ids.filtered(lambda i: i.balance > 0):
                    if item.account_id == self.receivable:
                        self.assertRecordValues(item, [NOTHING_OPEN])
            self.check_fees(returned, message)

    def check_fees(self, returned, message):
        """Each fee is our cost, or open on the account of who owes it."""
        items = returned.move_ids.line_ids.filtered(
            lambda item: item.balance > 0 and not item.payment_return_line_id
        )
        owed = items.filtered(lambda item: item.account_id == self.receivable)
        costs = items.filtered(lambda item: item.account_id == self.fees)
        found = sum(owed.mapped("amount_residual_currency"))
        found += sum(costs.mapped("amount_currency"))
        told = sum(returned.line_ids.mapped("fee_amount"))
        self.assertEqual(cents(found), cents(told), message)

    def check_open(self, item, debt, message):
        """What is open in the company's currency is as much of the whole."""
        self.assertEqual(cents(item.amount_residual_currency), debt.open, message)
        share = debt.open / debt.total
        delta = 0.05 if 0 < debt.open < debt.total else 0.001
        self.assertAlmostEqual(
            item.amount_residual, item.balance * share, msg=message, delta=delta
        )

    def check_tax(self, invoice, share, taxes, message):
        """A tax due on payment is due as far as the invoice is paid.

        :param share: how much of the invoice is open, from 0 to 1
        """
        items = invoice.line_ids.filtered(lambda i: i.tax_line_id == self.cash_tax)
        total = sum(items.mapped("amount_currency"))
        of_invoice = self.filter_of(taxes, invoice)
        due = sum(of_invoice.mapped("amount_currency"))
        if share == 1:
            self.assertAlmostEqual(due, 0, 2, message)
            balance = sum(of_invoice.mapped("balance"))
            self.assertAlmostEqual(balance, 0, 2, message)
        elif not invoice.invoice_payment_term_id.early_discount:
            paid = total * (1 - share)
            self.assertAlmostEqual(due, paid, msg=message, delta=0.05)
