import random

from odoo.fields import Command
from odoo.tests import tagged

from . import common_ledger_model as model
from .common_returns import PaymentReturnCommon

PAID_ON = "2026-09-10"
NOTHING_OPEN = {"amount_residual": 0.0, "amount_residual_currency": 0.0}
SEEDS = range(4)
# In this order: a set of words has another one in each process.
KINDS = (
    "branch",
    "third party",
    "discount",
    "dollars",
    "cash basis",
    "bank transaction",
    "collected at another rate",
    "by hand",
)


def cents(amount):
    return round(amount * 100)


@tagged("post_install", "-at_install")
class TestLedgerRandomKinds(PaymentReturnCommon):
    """Whatever is returned, in whatever order, the books are what a small model says.

    Invoices of branches, paid by others, with a discount, in dollars on a bank account
    in euros, with a tax due on payment; banks that speak at a rate of their own.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()
        rates = [("2026-01-01", 1.2), ("2026-09-05", 1.25), ("2026-10-04", 1.31)]
        cls.usd = cls.setup_other_currency("USD", rounding=0.01, rates=rates)
        cls.payer = cls.env["res.partner"].create({"name": "Factoring Spa"})
        cls.term = cls.early_discount_term()
        cls.sales_tax = cls.company_data["default_tax_sale"]

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
        self.seen = set()
        for seed in SEEDS:
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                self.run_sequence(random.Random(seed))
                savepoint.rollback()
            self.env.invalidate_all()
        self.assertEqual(self.seen, set(KINDS))

    def run_sequence(self, rng):
        self.done = []
        self.debts, self.collections, self.returns = {}, {}, {}
        self.kinds = {}
        for _each in range(3):
            self.sell_and_collect(rng)
        # The database knows nothing yet of rows that only this test sees.
        self.env.flush_all()
        self.env.cr.execute(
            "ANALYZE account_move, account_move_line, account_partial_reconcile,"
            " account_payment"
        )
        actions = (
            *[self.give_back] * 4,
            self.give_back_in_vain,
            *[self.cancel] * 2,
            self.repay,
            self.take_by_hand,
            self.take_off,
            self.sell_and_collect,
        )
        for _step in range(6):
            self.step(rng.choice(actions), rng)
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
        kinds = {kind for kind in KINDS if rng.random() < 0.4}
        values = {"currency_id": self.company.currency_id.id}
        if "branch" in kinds:
            values["company_id"] = self.branch.id
        if "dollars" in kinds:
            values["currency_id"] = self.usd.id
        if "discount" in kinds:
            values["invoice_payment_term_id"] = self.term.id
        invoices = self.env["account.move"]
        for _each in range(rng.choice((1, 1, 2))):
            invoices |= self.sell(rng.randint(1000, 20000) / 100, kinds, values)
        self.collect(invoices, kinds)
        self.done.append(f"{invoices.mapped('amount_total')} {sorted(kinds)}")

    def sell(self, net, kinds, values):
        tax = self.cash_tax if "cash basis" in kinds else self.sales_tax
        taxes = tax.ids if kinds & {"cash basis", "discount"} else []
        line = {"name": "Goods", "price_unit": net, "tax_ids": [Command.set(taxes)]}
        invoice = self.invoice(
            partner=self.customer, invoice_line_ids=[Command.create(line)], **values
        )
        total = cents(invoice.amount_total)
        self.debts[invoice] = model.Debt(total, total)
        return invoice

    def collect(self, invoices, kinds, amount=None):
        values = {"payment_date": PAID_ON, "journal_id": self.bank.id}
        values["currency_id"] = invoices.currency_id.id
        if "third party" in kinds:
            values["partner_id"] = self.payer.id
        payment = self.pay(invoices, amount=amount, **values)
        pieces = [
            self.get_piece(partial, kinds if amount is None else ())
            for partial in self.payment_item(payment).matched_debit_ids.sorted("id")
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
        debt = self.debts[partial.debit_move_id.move_id]
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
                "date": "2026-10-06",
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
            self.seen |= self.kinds[line.payment_id]
        self.note(lines.mapped(lambda ln: (ln.payment_id.amount, ln.amount)))
        return returned

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
        unpaid = [invoice for invoice, debt in self.debts.items() if debt.open]
        if unpaid:
            invoice = rng.choice(unpaid)
            amount = rng.choice((self.debts[invoice].open, 1)) / 100
            self.note(invoice.amount_total, amount)
            self.collect(invoice, set(), amount)

    def take_by_hand(self, rng):
        """A minus line of the bank, matched with what had paid one invoice."""
        payment = rng.choice(list(self.collections))
        collection = self.collections[payment]
        item = self.payment_item(payment)
        debts = item.matched_debit_ids.debit_move_id
        is_plain = len(debts) == len(collection.pieces) == 1
        is_plain = is_plain and debts.move_id in self.debts
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
        (item | debts).reconcile()
        model.take(collection, amount)

    def take_off(self, rng):
        """A person takes a payment that nothing else has touched off its invoices."""
        payment = rng.choice(list(self.collections))
        collection = self.collections[payment]
        item = self.payment_item(payment)
        if set(item.matched_debit_ids.debit_move_id.move_id) <= set(self.debts):
            self.note(payment.amount)
            item.remove_move_reconcile()
            model.take_off(collection)

    # === WHAT THE BOOKS MUST BE === #

    def get_figures(self):
        """All that a return and its cancellation change and put back."""
        self.env.flush_all()
        invoices = self.env["account.move"].union(*self.debts)
        payments = self.env["account.payment"].union(*self.collections)
        items = (invoices | payments.move_id).line_ids
        taxes = self.get_items([("account_id", "=", self.get_tax_account().id)])
        due = {i: self.filter_of(taxes, i).mapped("balance") for i in invoices}
        return (
            items.read(["amount_residual", "amount_residual_currency", "reconciled"]),
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
        for invoice, debt in self.debts.items():
            self.assertEqual(
                (cents(invoice.amount_residual), invoice.payment_state),
                (debt.open, debt.state),
                message,
            )
            self.check_open(invoice, debt, message)
            self.check_tax(invoice, debt, taxes, message)
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

    def check_open(self, invoice, debt, message):
        """What is open in the company's currency is as much of the whole."""
        item = self.due_items(invoice)
        share = debt.open / debt.total
        delta = 0.05 if 0 < debt.open < debt.total else 0.001
        self.assertAlmostEqual(
            item.amount_residual, item.balance * share, msg=message, delta=delta
        )

    def check_tax(self, invoice, debt, taxes, message):
        """A tax due on payment is due as far as the invoice is paid."""
        items = invoice.line_ids.filtered(lambda i: i.tax_line_id == self.cash_tax)
        total = sum(items.mapped("amount_currency"))
        of_invoice = self.filter_of(taxes, invoice)
        due = sum(of_invoice.mapped("amount_currency"))
        if debt.open == debt.total:
            self.assertAlmostEqual(due, 0, 2, message)
            balance = sum(of_invoice.mapped("balance"))
            self.assertAlmostEqual(balance, 0, 2, message)
        elif not invoice.invoice_payment_term_id.early_discount:
            paid = 1 - debt.open / debt.total
            self.assertAlmostEqual(due, total * paid, msg=message, delta=0.05)
