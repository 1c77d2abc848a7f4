from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import new_user
from .common_returns import PaymentReturnCommon
from .common_rpc import RpcMixin


@tagged("post_install", "-at_install")
class TestLedgerStatement(RpcMixin, PaymentReturnCommon):
    """Returns that meet the bank statement, on either side."""

    def transaction(self, amount, **values):
        return (
            self.env["account.bank.statement.line"]
            .sudo()
            .create(
                {
                    "journal_id": self.bank.id,
                    "amount": amount,
                    "date": "2026-10-06",
                    "payment_ref": "Insoluto",
                    "partner_id": self.customer.id,
                    **values,
                }
            )
        )

    def test_a_bank_transaction_becomes_the_return_entry(self):
        invoice = self.invoice(122)
        payment = self.pay(invoice)
        transaction = self.transaction(-127.0)
        returned = self.make_return(
            payment, line_fee_amount=5.0, statement_line_id=transaction.id
        )
        returned.action_confirm()
        self.assertEqual(returned.move_ids, transaction.move_id)
        self.assertTrue(transaction.is_reconciled)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertBalanced(transaction.move_id)
        self.assertEqual(len(transaction.move_id.line_ids), 3)

    def test_cancelling_puts_the_transaction_back_in_suspense(self):
        invoice = self.invoice(122)
        transaction = self.transaction(-122.0)
        returned = self.make_return(self.pay(invoice), statement_line_id=transaction.id)
        returned.action_confirm()
        returned.action_cancel()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertFalse(transaction.is_reconciled)
        self.assertFalse(transaction.move_id.payment_return_id)

    def test_a_transaction_that_books_a_return_is_not_undone_alone(self):
        transaction = self.transaction(-122.0)
        returned = self.make_return(
            self.pay(self.invoice(122)), statement_line_id=transaction.id
        )
        returned.action_confirm()
        with self.assertRaisesRegex(UserError, "Cancel the return instead"):
            transaction.action_undo_reconciliation()
        returned.action_cancel()
        transaction.action_undo_reconciliation()

    def test_a_transaction_of_another_amount_is_refused(self):
        transaction = self.transaction(-130.0)
        returned = self.make_return(
            self.pay(self.invoice(122)), statement_line_id=transaction.id
        )
        with self.assertRaisesRegex(UserError, "bank took.*130.*make.*122"):
            returned.action_confirm()
        returned.line_ids.fee_amount = 8.0
        returned.action_confirm()
        self.assertEqual(returned.state, "confirmed")

    def test_a_transaction_already_reconciled_is_refused(self):
        transaction = self.transaction(-122.0)
        returned = self.make_return(
            self.pay(self.invoice(122)), statement_line_id=transaction.id
        )
        other = self.make_return(
            self.pay(self.invoice(122)), statement_line_id=transaction.id
        )
        other.action_confirm()
        with self.assertRaisesRegex(UserError, "already reconciled"):
            returned.action_confirm()

    def test_a_collection_matched_with_the_bank_keeps_its_bank_line(self):
        invoice = self.invoice(122)
        payment = self.pay(invoice)
        collected = self.transaction(122.0)
        liquidity = payment.move_id.line_ids.filtered(lambda i: i.balance > 0)
        _bank, suspense, _other = collected._seek_for_lines()
        suspense.write({"account_id": liquidity.account_id.id})
        (suspense | liquidity).reconcile()
        returned = self.make_return(payment)
        returned.action_confirm()
        self.assertTrue(liquidity.reconciled)
        self.assertTrue(collected.is_reconciled)
        credit = returned.move_ids.line_ids.filtered(lambda i: i.balance < 0)
        self.assertRecordValues(
            credit, [{"amount_residual": -122.0, "partner_id": self.customer.id}]
        )

    def test_an_invoice_paid_by_a_bank_transaction_can_be_returned(self):
        invoice = self.invoice(90)
        collected = self.transaction(90.0)
        _bank, suspense, _other = collected._seek_for_lines()
        collected.with_context(skip_readonly_check=True, force_delete=True).write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    Command.create(
                        {
                            "name": "paid",
                            "account_id": self.receivable.id,
                            "partner_id": self.customer.id,
                            "balance": -90.0,
                        }
                    ),
                ]
            }
        )
        item = collected.move_id.line_ids.filtered(
            lambda i: i.account_id == self.receivable
        )
        (item | self.due_items(invoice)).reconcile()
        self.assertEqual(invoice.payment_state, "paid")
        returned = self.env["account.payment.return"].create(
            {
                "journal_id": self.bank.id,
                "line_ids": [Command.create({"move_line_id": item.id})],
            }
        )
        returned.action_confirm()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(returned.line_ids.partner_id, self.customer)

    def transactions_of(self, payments):
        """A return with a bank transaction for each of its lines."""
        returned = self.make_return(payments)
        for line in returned.line_ids:
            line.statement_line_id = self.transaction(-line.amount)
        return returned

    def test_each_line_of_a_return_becomes_its_own_bank_transaction(self):
        invoices = self.invoice(122) + self.invoice(61)
        returned = self.transactions_of(self.pay(invoices[0]) + self.pay(invoices[1]))
        transactions = returned.line_ids.statement_line_id
        returned.action_confirm()
        self.assertEqual(returned.move_ids, transactions.move_id)
        self.assertEqual(transactions.mapped("is_reconciled"), [True, True])
        self.assertEqual(invoices.mapped("payment_state"), ["not_paid"] * 2)
        for line in returned.line_ids:
            self.assertEqual(
                line.entry_line_ids.move_id, line.statement_line_id.move_id
            )
        returned.action_cancel()
        self.assertEqual(invoices.mapped("payment_state"), ["paid"] * 2)
        self.assertEqual(transactions.mapped("is_reconciled"), [False, False])

    def test_an_accountant_chooses_the_transactions_on_the_form(self):
        invoices = self.invoice(122) + self.invoice(61)
        returned = self.make_return(self.pay(invoices[0]) + self.pay(invoices[1]))
        transactions = self.transaction(-122.0) + self.transaction(-61.0)
        user = new_user(
            self.env, "acb_transactions", "account.group_account_user", self.company
        )
        with Form(returned.with_user(user)) as form:
            for index, transaction in enumerate(transactions):
                with form.line_ids.edit(index) as line:
                    line.statement_line_id = transaction
        self.rpc(user, "account.payment.return", "action_confirm", returned.ids)
        self.assertEqual(returned.move_ids, transactions.move_id)
        self.assertEqual(invoices.mapped("payment_state"), ["not_paid"] * 2)

    def test_one_transaction_books_the_lines_that_name_it_and_an_entry_the_rest(self):
        payments = self.env["account.payment"]
        for amount in (10, 20, 40):
            payments |= self.pay(self.invoice(amount))
        returned = self.make_return(payments)
        first, second, third = returned.line_ids
        (first | second).statement_line_id = self.transaction(-31.0)
        second.fee_amount = 1.0
        returned.action_confirm()
        self.assertEqual(len(returned.move_ids), 2)
        entry = third.entry_line_ids.move_id
        self.assertEqual(returned.move_ids - entry, first.statement_line_id.move_id)
        self.assertFalse(entry.statement_line_id)
        self.assertBalanced(returned.move_ids)

    def test_a_line_s_own_transaction_goes_before_the_common_one(self):
        payments = self.pay(self.invoice(10)) + self.pay(self.invoice(20))
        common, own = self.transaction(-10.0), self.transaction(-20.0)
        returned = self.make_return(payments, statement_line_id=common.id)
        returned.line_ids[1].statement_line_id = own
        returned.action_confirm()
        self.assertEqual(returned.move_ids, (common | own).move_id)

    def test_a_transaction_of_another_bank_is_refused(self):
        returned = self.make_return(self.pay(self.invoice(122)))
        transaction = self.transaction(-122.0)
        other = self.bank.sudo().copy({"name": "Other bank"})
        with self.assertRaisesRegex(ValidationError, "Bank.*not of the bank"):
            returned.journal_id = other
            returned.line_ids.statement_line_id = transaction

    def dollars(self, day, rate):
        """Dollars, at one rate when invoiced and paid and another from a day on."""
        return self.setup_other_currency(
            "USD", rounding=0.01, rates=[("2020-01-01", 1.2), (day, rate)]
        )

    def return_of_dollars(self, amount, bank_amount, bank_balance, **values):
        """A return of dollars whose bank transaction is at a rate of its own."""
        dollar = self.dollars("2026-10-04", 1.25)
        invoice = self.invoice(amount, currency_id=dollar.id)
        payment = self.pay(invoice, currency_id=dollar.id, payment_date="2026-10-01")
        transaction = self.transaction(
            -bank_balance, foreign_currency_id=dollar.id, amount_currency=-bank_amount
        )
        returned = self.make_return(
            payment, statement_line_id=transaction.id, line_amount=bank_amount, **values
        )
        return invoice, payment, returned

    def test_a_transaction_at_another_rate_makes_an_exchange_difference(self):
        invoice, payment, returned = self.return_of_dollars(110.0, 110.0, 88.0)
        item = self.payment_item(payment)
        self.assertEqual(item.balance, -91.67)
        returned.action_confirm()
        self.assertRecordValues(
            invoice, [{"payment_state": "not_paid", "amount_residual": 110.0}]
        )
        debit = returned.line_ids.entry_line_ids
        self.assertRecordValues(
            debit, [{"amount_currency": 110.0, "balance": 88.0, "reconciled": True}]
        )
        self.assertTrue(item.reconciled)
        self.assertEqual(payment.state, "rejected")
        difference = debit.matched_credit_ids.exchange_move_id
        self.assertEqual(
            difference.line_ids.filtered(
                lambda i: i.account_id == item.account_id
            ).balance,
            3.67,
        )
        returned.action_cancel()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertTrue(item.reconciled)

    def test_a_part_at_another_rate_leaves_the_rest_of_the_payment_applied(self):
        invoice, payment, returned = self.return_of_dollars(110.0, 55.0, 44.0)
        returned.action_confirm()
        self.assertEqual(invoice.amount_residual, 55.0)
        self.assertRecordValues(
            self.payment_item(payment),
            [{"amount_residual": 0.0, "amount_residual_currency": 0.0}],
        )

    def test_two_lines_and_a_fee_share_what_the_bank_took(self):
        dollar = self.dollars("2026-10-04", 1.25)
        payments = self.env["account.payment"]
        for amount in (35, 70):
            invoice = self.invoice(amount, currency_id=dollar.id)
            payments |= self.pay(
                invoice, currency_id=dollar.id, payment_date="2026-10-01"
            )
        transaction = self.transaction(
            -89.99, foreign_currency_id=dollar.id, amount_currency=-110.0
        )
        returned = self.make_return(payments, statement_line_id=transaction.id)
        returned.line_ids[0].fee_amount = 5.0
        returned.action_confirm()
        self.assertBalanced(transaction.move_id)
        self.assertTrue(all(returned.line_ids.entry_line_ids.mapped("reconciled")))
        debits = transaction.move_id.line_ids.filtered(lambda i: i.balance > 0)
        self.assertEqual(sum(debits.mapped("amount_currency")), 110.0)

    def test_another_amount_of_the_transaction_s_currency_is_refused(self):
        _invoice, _payment, returned = self.return_of_dollars(110.0, 110.0, 88.0)
        returned.line_ids.amount = 100.0
        with self.assertRaisesRegex(UserError, r"110\.00.*make.*100\.00"):
            returned.action_confirm()

    def test_a_transaction_that_says_nothing_of_dollars_is_told_them(self):
        dollar = self.dollars("2026-10-04", 1.25)
        invoice = self.invoice(110, currency_id=dollar.id)
        payment = self.pay(invoice, currency_id=dollar.id, payment_date="2026-10-01")
        transaction = self.transaction(-88.0)
        returned = self.make_return(payment, statement_line_id=transaction.id)
        with self.assertRaisesRegex(UserError, r"88\.00.*USD.*110\.00.*foreign curr"):
            returned.action_confirm()
        transaction.write({"foreign_currency_id": dollar.id, "amount_currency": -110})
        returned.action_confirm()
        self.assertEqual(invoice.amount_residual, 110.0)
        self.assertEqual(returned.line_ids.entry_line_ids.balance, 88.0)

    def test_a_transaction_taken_off_the_return_waits_for_it(self):
        dollar = self.dollars("2026-10-04", 1.25)
        invoice = self.invoice(110, currency_id=dollar.id)
        payment = self.pay(invoice, currency_id=dollar.id, payment_date="2026-10-01")
        transaction = self.transaction(-88.0)
        returned = self.make_return(payment, statement_line_id=transaction.id)
        returned.statement_line_id = False
        returned.action_confirm()
        self.assertEqual(invoice.amount_residual, 110.0)
        self.assertFalse(transaction.is_reconciled)

    def test_a_bank_account_in_dollars_is_compared_in_dollars(self):
        dollar = self.dollars("2026-10-04", 1.25)
        bank = self.bank.sudo().copy({"name": "Dollars", "currency_id": dollar.id})
        invoice = self.invoice(110, currency_id=dollar.id)
        payment = self.pay(invoice, currency_id=dollar.id, payment_date="2026-10-01")
        transaction = self.transaction(-110.0, journal_id=bank.id)
        returned = self.make_return(
            payment, journal_id=bank.id, statement_line_id=transaction.id
        )
        returned.action_confirm()
        self.assertEqual(invoice.amount_residual, 110.0)
        self.assertEqual(returned.line_ids.entry_line_ids.balance, 88.0)
