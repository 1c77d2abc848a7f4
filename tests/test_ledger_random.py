import random

from odoo.tests import tagged

from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestLedgerRandom(PaymentReturnCommon):
    """Whatever the order of returns, payments and cancellations, the sums hold."""

    def setUp(self):
        super().setUp()
        self.invoices = self.invoice(100) + self.invoice(60) + self.invoice(45.5)
        self.payments = self.pay(self.invoices) + self.pay(self.invoice(80))
        self.invoices |= self.payments.invoice_ids
        self.confirmed = self.env["account.payment.return"]

    def test_random_sequences(self):
        for seed in range(4):
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                self.run_sequence(random.Random(seed))
                savepoint.rollback()
            self.env.invalidate_all()
            self.confirmed = self.confirmed.browse()

    def run_sequence(self, rng):
        for _step in range(7):
            action = rng.choice(
                (self.give_back, self.give_back, self.cancel, self.repay)
            )
            action(rng)
            self.check_sums()
        self.confirmed.action_cancel()
        self.confirmed = self.confirmed.browse()
        self.check_sums()

    def give_back(self, rng):
        payment = rng.choice(self.payments)
        returned = self.make_return(payment)
        available = returned.line_ids._get_returnable_amounts()[returned.line_ids.id]
        if available <= 0:
            return
        amount = rng.choice((available, round(available * rng.random(), 2), 10.0))
        returned.line_ids.amount = min(max(amount, 0.01), available)
        returned.action_confirm()
        self.confirmed |= returned

    def cancel(self, rng):
        if self.confirmed:
            returned = rng.choice(self.confirmed)
            returned.action_cancel()
            self.confirmed -= returned

    def repay(self, rng):
        unpaid = self.invoices.filtered("amount_residual")
        if unpaid:
            invoice = rng.choice(unpaid)
            amount = round(invoice.amount_residual * rng.choice((1, 0.5)), 2)
            self.pay(invoice, amount=max(amount, 0.01))

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
        collected = sum(p.amount for p in items.move_id.origin_payment_id)
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
