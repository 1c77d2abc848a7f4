import random
from unittest.mock import patch

from odoo.tests import tagged

from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestLedgerRandom(PaymentReturnCommon):
    """Whatever the order of returns, payments and cancellations, the sums hold."""

    def setUp(self):
        super().setUp()
        self.confirmed = self.env["account.payment.return"]
        self.by_hand = self.env["account.move.line"]
        self.invoices = self.invoice(100) + self.invoice(60) + self.invoice(45.5)
        self.payments = self.pay(self.invoices) + self.pay(self.invoice(80))
        self.invoices |= self.payments.invoice_ids

    def test_random_sequences(self):
        for seed in range(4):
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                self.run_sequence(random.Random(seed))
                savepoint.rollback()
            self.env.invalidate_all()
            self.confirmed = self.confirmed.browse()
            self.by_hand = self.by_hand.browse()

    def run_sequence(self, rng):
        for _step in range(7):
            action = rng.choice(self.get_actions())
            action(rng)
            self.check_sums()
        self.confirmed.action_cancel()
        self.confirmed = self.confirmed.browse()
        self.check_sums()

    def get_actions(self):
        return (
            self.give_back,
            self.give_back,
            self.cancel,
            self.repay,
            self.bounce_by_hand,
        )

    def bounce_by_hand(self, rng):
        """Match a part of a payment with a minus line, and the rest with its debts."""
        item = self.collected_item(rng.choice(self.payments))
        debts = item.matched_debit_ids.debit_move_id
        if debts.payment_return_line_id or debts & self.by_hand:
            return
        amount = rng.choice((10.0, round(-item.balance * rng.random(), 2)))
        minus = self.bank_item(-max(amount, 0.01))
        item.remove_move_reconcile()
        (item | minus).reconcile()
        if debts:
            (item | debts).reconcile()
        self.by_hand |= minus

    def collected_item(self, payment):
        return self.payment_item(payment)

    def bank_item(self, amount):
        """The customer's item of a bank transaction."""
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "amount": amount,
                "payment_ref": "Bank",
                "partner_id": self.customer.id,
                "counterpart_account_id": self.receivable.id,
            }
        )
        return transaction.move_id.line_ids.filtered(
            lambda item: item.account_id == self.receivable
        )

    def give_back(self, rng):
        payment = rng.choice(self.payments)
        returned = self.make_return(payment)
        returned.line_ids._complete_targets()
        available = returned.line_ids._get_returnable_amounts()[returned.line_ids.id]
        if available <= 0:
            return
        amount = rng.choice((available, round(available * rng.random(), 2), 10.0))
        returned.line_ids.amount = min(max(amount, 0.01), available)
        outcomes = self.env["account.payment.return.outcome"]
        foreseen = outcomes._foresee(returned)
        returned.action_confirm()
        self.assertEqual(outcomes._read(returned.line_ids), foreseen)
        self.confirmed |= returned

    def cancel(self, rng):
        if self.confirmed:
            returned = rng.choice(self.confirmed)
            outcomes = self.env["account.payment.return.outcome"]
            foreseen = " ".join(outcomes._foresee_cancel(returned))
            before = self.find_blocks()
            returned.action_cancel()
            lifted = before - self.find_blocks()
            self.assertEqual("unblocked" in foreseen, bool(lifted), foreseen)
            self.confirmed -= returned

    def find_blocks(self):
        """The blocks in force."""
        return self.env["credit.block"].search([("state", "=", "in_force")])

    def repay(self, rng):
        unpaid = self.invoices.filtered("amount_residual")
        if unpaid:
            invoice = rng.choice(unpaid)
            amount = round(invoice.amount_residual * rng.choice((1, 0.5)), 2)
            self.pay_again(invoice, max(amount, 0.01))

    def pay_again(self, invoice, amount):
        self.pay(invoice, amount=amount)

    def check_sums(self):
        """Nothing is over-applied, every entry balances, the customer owes the rest."""
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("account_id", "=", self.receivable.id),
                ("parent_state", "=", "posted"),
            ]
        )
        self.assertBalanced(items.move_id)
        for item in items:
            self.assertGreaterEqual(item.amount_residual * item.balance, -0.001)
            self.assertLessEqual(abs(item.amount_residual), abs(item.balance) + 0.001)
        for item in self.by_hand:
            self.assertTrue(item.reconciled, "the match made by hand holds")
        collected = sum(p.amount for p in items.move_id.origin_payment_id)
        collected += sum(items.statement_line_id.mapped("amount"))
        returned = sum(self.confirmed.line_ids.mapped("amount"))
        self.assertAlmostEqual(
            sum(items.mapped("amount_residual")),
            sum(self.invoices.mapped("amount_total")) - collected + returned,
            2,
        )
        for line in self.confirmed.line_ids:
            self.assertTrue(
                all(i.reconciled for i in line.entry_line_ids if i.balance > 0)
            )


@tagged("post_install", "-at_install")
class TestPairRandom(TestLedgerRandom):
    """The same of payments without an entry, whose money bank transactions brought."""

    allow_inherited_tests_method = True

    def setUp(self):
        accounting = patch.object(
            self.env.registry["account.move"],
            "_get_invoice_in_payment_state",
            lambda move: "in_payment",
        )
        self.startPatcher(accounting)
        self.bank.inbound_payment_method_line_ids.payment_account_id = False
        super().setUp()
        self.assertFalse(self.payments.move_id)
        self.bank_items = {}
        for payment in self.payments:
            self.bank_items[payment] = self.bank_item(payment.amount)
            self.apply(self.bank_items[payment], payment.invoice_ids)

    def apply(self, item, invoices):
        (item | self.due_items(invoices)).reconcile()

    def pay_again(self, invoice, amount):
        self.apply(self.bank_item(amount), invoice)

    def collected_item(self, payment):
        return self.bank_items[payment]

    def check_sums(self):
        sums = super().check_sums()
        # What is matched by hand tells nothing of payments without an entry.
        for invoice in self.invoices if not self.by_hand else ():
            paid = invoice.payment_state in ("paid", "in_payment")
            self.assertEqual(paid, not invoice.amount_residual)
        return sums
