from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestLedgerStatement(PaymentReturnCommon):
    """Returns that meet the bank statement, on either side."""

    def transaction(self, amount):
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
