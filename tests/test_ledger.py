from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestLedger(PaymentReturnCommon):
    def test_a_returned_payment_opens_its_invoice_again(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        returned = self.make_return(payment)
        returned.action_confirm()
        self.assertEqual(returned.state, "confirmed")
        self.assertRecordValues(
            invoice, [{"payment_state": "not_paid", "amount_residual": 100.0}]
        )
        self.assertRecordValues(
            returned.move_ids.line_ids.sorted("balance"),
            [
                {
                    "account_id": payment.outstanding_account_id.id,
                    "balance": -100.0,
                    "partner_id": False,
                    "reconciled": True,
                },
                {
                    "account_id": self.receivable.id,
                    "balance": 100.0,
                    "partner_id": self.customer.id,
                    "reconciled": True,
                },
            ],
        )
        self.assertEqual(payment.state, "rejected")
        self.assertEqual(returned.line_ids.invoice_line_ids, self.due_items(invoice))
        self.assertEqual(invoice.payment_return_count, 1)
        self.assertTrue(invoice.is_payment_returned)

    def test_the_entry_keeps_the_due_date_of_the_instalment(self):
        invoice = self.invoice(100, invoice_date_due="2026-09-30")
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        item = returned.line_ids.entry_line_ids
        self.assertEqual(item.date_maturity, self.due_items(invoice).date_maturity)

    def test_an_invoice_paid_again_after_a_return_is_paid(self):
        invoice = self.invoice(100)
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        self.pay(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertFalse(invoice.is_payment_returned)
        self.assertEqual(invoice.payment_return_count, 1)

    def test_only_the_returned_invoice_of_a_grouped_payment_opens(self):
        invoices = self.invoice(100) + self.invoice(120) + self.invoice(80)
        payment = self.pay(invoices)
        self.assertEqual(payment.amount, 300.0)
        returned = self.make_return(payment, line_amount=120.0)
        returned.action_confirm()
        self.assertEqual(invoices.mapped("payment_state"), ["paid", "not_paid", "paid"])
        self.assertEqual(self.payment_item(payment).amount_residual, 0.0)
        self.assertNotEqual(payment.state, "rejected")

    def test_a_partial_return_leaves_the_rest_of_the_payment_applied(self):
        invoice = self.invoice(500)
        payment = self.pay(invoice)
        returned = self.make_return(payment, line_amount=200.0)
        returned.action_confirm()
        self.assertRecordValues(
            invoice, [{"payment_state": "partial", "amount_residual": 200.0}]
        )
        self.assertEqual(self.payment_item(payment).amount_residual, 0.0)
        again = self.make_return(payment, line_amount=300.0)
        again.action_confirm()
        self.assertRecordValues(
            invoice, [{"payment_state": "not_paid", "amount_residual": 500.0}]
        )
        self.assertEqual(payment.state, "rejected")

    def test_two_parts_of_one_payment_named_by_the_bank_open_two_invoices(self):
        invoices = self.invoice(100) + self.invoice(100)
        payment = self.pay(invoices)
        item = self.payment_item(payment)
        values = [
            {
                "move_line_id": item.id,
                "amount": 40.0,
                "invoice_line_ids": [Command.set(self.due_items(invoice).ids)],
            }
            for invoice in invoices
        ]
        returned = self.env["account.payment.return"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-10-05",
                "line_ids": [Command.create(v) for v in values],
            }
        )
        returned.action_confirm()
        self.assertEqual(invoices.mapped("amount_residual"), [40.0, 40.0])
        self.assertEqual(item.amount_residual, 0.0)
        returned.action_cancel()
        self.assertEqual(invoices.mapped("payment_state"), ["paid", "paid"])

    def test_only_the_returned_instalment_opens(self):
        term = self.env.ref("account.account_payment_term_30days")
        term = self.env["account.payment.term"].create(
            {
                "name": "30/60/90",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50.0, "nb_days": days}
                    )
                    for days in (30, 60)
                ],
            }
        )
        invoice = self.invoice(200, invoice_payment_term_id=term.id)
        first, second = self.due_items(invoice)
        payments = self.pay(first) + self.pay(second)
        returned = self.make_return(payments[1])
        returned.action_confirm()
        self.assertEqual(first.amount_residual, 0.0)
        self.assertEqual(second.amount_residual, 100.0)
        self.assertEqual(invoice.payment_state, "partial")

    def test_a_discount_is_not_returned(self):
        invoice = self.invoice(500)
        payment = self.pay(
            invoice,
            amount=490.0,
            payment_difference_handling="reconcile",
            writeoff_account_id=self.company_data["default_account_expense"].id,
        )
        self.assertEqual(invoice.payment_state, "paid")
        returned = self.make_return(payment)
        returned.action_confirm()
        self.assertEqual(invoice.amount_residual, 490.0)
        self.assertEqual(self.payment_item(payment).amount_residual, 0.0)

    def test_an_advance_payment_can_come_back(self):
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 70.0,
                "payment_type": "inbound",
                "partner_type": "customer",
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        returned = self.make_return(payment)
        returned.action_confirm()
        self.assertTrue(self.payment_item(payment).reconciled)
        self.assertEqual(payment.state, "rejected")

    def test_cancelling_pays_the_invoice_back_and_reverses_the_entry(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        state = payment.state
        returned = self.make_return(payment)
        returned.action_confirm()
        entry = returned.move_ids
        returned.action_cancel()
        self.assertEqual(returned.state, "cancelled")
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(payment.state, state)
        reversal = returned.move_ids - entry
        self.assertEqual(entry.state, "posted")
        self.assertEqual(reversal.reversed_entry_id, entry)
        self.assertTrue(all((entry | reversal).line_ids.mapped("reconciled")))
        self.assertEqual(invoice.payment_return_count, 0)

    def test_a_later_payment_survives_the_cancellation_and_is_said(self):
        invoice = self.invoice(100)
        first = self.pay(invoice)
        returned = self.make_return(first)
        returned.action_confirm()
        second = self.pay(invoice, amount=60.0)
        returned.action_cancel()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self.payment_item(second).amount_residual, 0.0)
        self.assertEqual(self.payment_item(first).amount_residual, -60.0)
        self.assertIn("was settled otherwise meanwhile", returned.message_ids[0].body)

    def test_confirming_twice_makes_one_entry(self):
        returned = self.make_return(self.pay(self.invoice(100)))
        returned.action_confirm()
        returned.action_confirm()
        self.assertEqual(len(returned.move_ids), 1)

    def test_a_cancelled_return_cannot_be_confirmed(self):
        returned = self.make_return(self.pay(self.invoice(100)))
        returned.action_cancel()
        with self.assertRaisesRegex(UserError, "cancelled payment return cannot be"):
            returned.action_confirm()

    def test_more_than_the_payment_cannot_come_back(self):
        payment = self.pay(self.invoice(100))
        returned = self.make_return(payment, line_amount=150.0)
        with self.assertRaisesRegex(UserError, "150.00.*only.*100.00.*can"):
            returned.action_confirm()
        returned.line_ids.amount = 100.0
        returned.line_ids.match_state = "matched"
        returned.action_confirm()
        self.assertEqual(returned.state, "confirmed")

    def test_a_payment_comes_back_in_full_only_once(self):
        payment = self.pay(self.invoice(100))
        self.make_return(payment).action_confirm()
        with self.assertRaisesRegex(UserError, "already came back in full"):
            self.make_return(payment).action_confirm()

    def test_a_bad_line_does_not_stop_the_others(self):
        good = self.pay(self.invoice(100))
        bad = self.pay(self.invoice(50))
        returned = self.make_return(good + bad)
        returned.line_ids[1].amount = 80.0
        bad_line = returned.line_ids[1]
        returned.action_confirm()
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(len(returned.line_ids), 1)
        self.assertEqual(bad_line.match_state, "unmatched")
        self.assertEqual(bad_line.return_id.state, "draft")
        self.assertEqual(bad_line.return_id.split_from_id, returned)

    def test_a_zero_amount_is_all_that_was_collected(self):
        returned = self.make_return(self.pay(self.invoice(100)), line_amount=0.0)
        returned.action_confirm()
        self.assertEqual(returned.line_ids.amount, 100.0)

    def test_the_credit_goes_to_the_payments_own_outstanding_account(self):
        account = self.company_data["default_account_assets"].copy(
            {"account_type": "asset_current", "reconcile": True}
        )
        method = self.bank.inbound_payment_method_line_ids[0]
        method.sudo().payment_account_id = account
        payment = self.pay(self.invoice(100))
        self.assertEqual(payment.outstanding_account_id, account)
        returned = self.make_return(payment)
        returned.action_confirm()
        credit = returned.move_ids.line_ids.filtered(lambda i: i.balance < 0)
        self.assertRecordValues(
            credit, [{"account_id": account.id, "reconciled": True}]
        )

    def test_a_cash_basis_tax_is_taken_back_with_the_payment(self):
        tax = self.setup_cash_basis_tax()
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2026-09-01",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "x", "price_unit": 100.0, "tax_ids": tax.ids}
                    )
                ],
            }
        )
        invoice.action_post()
        payment = self.pay(invoice)
        self.assertEqual(self.cash_basis_tax_due(tax), -20.0)
        returned = self.make_return(payment)
        returned.action_confirm()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(self.cash_basis_tax_due(tax), 0.0)
        returned.action_cancel()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self.cash_basis_tax_due(tax), -20.0)

    def test_a_cash_basis_tax_is_due_by_instalments_again_when_returns_are_cancelled(
        self,
    ):
        tax = self.setup_cash_basis_tax()
        invoice = self.invoice(
            120.0,
            invoice_payment_term_id=self.thirds().id,
            invoice_line_ids=[
                Command.create({"name": "x", "price_unit": 300.0, "tax_ids": tax.ids})
            ],
        )
        payments = [self.pay(item) for item in self.due_items(invoice)]
        returned = self.make_return(payments[0] | payments[1])
        returned.action_confirm()
        self.assertEqual(self.cash_basis_tax_due(tax), -20.0)
        returned.action_cancel()
        self.assertEqual(self.cash_basis_tax_due(tax), -60.0)
        for payment, due in zip(payments, (-40.0, -20.0, 0.0), strict=True):
            self.make_return(payment).action_confirm()
            self.assertEqual(self.cash_basis_tax_due(tax), due)

    def thirds(self):
        shares = (33.333333, 33.333333, 33.333334)
        return self.env["account.payment.term"].create(
            {
                "name": "Thirds",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": share, "nb_days": days}
                    )
                    for share, days in zip(shares, (30, 60, 90), strict=True)
                ],
            }
        )

    def test_the_fee_is_our_cost_by_default(self):
        returned = self.make_return(self.pay(self.invoice(100)), line_fee_amount=5.0)
        returned.action_confirm()
        account = self.company._get_credit_return_fee_account()
        fee = returned.move_ids.line_ids.filtered(lambda i: i.account_id == account)
        self.assertEqual(fee.balance, 5.0)
        self.assertBalanced(returned.move_ids)

    def test_the_fee_can_be_charged_to_the_customer(self):
        self.customer.sudo().credit_return_fee_policy = "receivable"
        returned = self.make_return(self.pay(self.invoice(100)), line_fee_amount=5.0)
        returned.action_confirm()
        owed = returned.move_ids.line_ids.filtered(
            lambda i: i.account_id == self.receivable and not i.reconciled
        )
        self.assertRecordValues(
            owed, [{"balance": 5.0, "partner_id": self.customer.id}]
        )

    def test_the_fee_can_be_invoiced(self):
        self.company.sudo().credit_return_fee_policy = "invoice"
        self.company.sudo().credit_return_fee_product_id = self.env[
            "product.product"
        ].create({"name": "Return fee", "type": "service"})
        returned = self.make_return(self.pay(self.invoice(100)), line_fee_amount=5.0)
        returned.action_confirm()
        self.assertRecordValues(
            returned.fee_invoice_ids,
            [{"state": "draft", "amount_untaxed": 5.0, "partner_id": self.customer.id}],
        )
        returned.action_cancel()
        self.assertFalse(returned.fee_invoice_ids)

    def test_a_locked_period_is_said(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        returned = self.make_return(payment, date="2026-09-10")
        self.company.sudo().fiscalyear_lock_date = "2026-09-30"
        returned.action_confirm()
        self.assertEqual(str(returned.date), "2026-09-10")
        self.assertIn("locked", returned.date_notice)
        self.assertGreater(str(returned.move_ids.date), "2026-09-30")
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_payment_without_an_entry_is_only_rejected(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        payment.move_id.line_ids.remove_move_reconcile()
        payment.move_id.button_draft()
        move = payment.move_id
        payment.write({"move_id": False, "outstanding_account_id": False})
        self.assertTrue(move)
        payment.sudo().state = "paid"
        self.assertEqual(invoice.payment_state, "paid")
        returned = self.env["account.payment.return"].create(
            {
                "journal_id": self.bank.id,
                "line_ids": [Command.create({"payment_id": payment.id})],
            }
        )
        returned.action_confirm()
        self.assertFalse(returned.move_ids)
        self.assertEqual(payment.state, "rejected")
        self.assertEqual(invoice.payment_state, "not_paid")
        returned.action_cancel()
        self.assertEqual(invoice.payment_state, "paid")

    def test_a_return_in_foreign_currency_leaves_nothing_open(self):
        currency = self.setup_other_currency("USD", rounding=0.01)
        invoice = self.invoice(1000, currency_id=currency.id)
        payment = self.pay(invoice, currency_id=currency.id, payment_date="2026-10-01")
        self.assertEqual(invoice.payment_state, "paid")
        returned = self.make_return(payment)
        self.assertEqual(returned.line_ids.currency_id, currency)
        returned.action_confirm()
        self.assertRecordValues(
            invoice, [{"payment_state": "not_paid", "amount_residual": 1000.0}]
        )
        item = self.payment_item(payment)
        self.assertRecordValues(
            item, [{"amount_residual": 0.0, "amount_residual_currency": 0.0}]
        )
        self.assertTrue(all(returned.move_ids.line_ids.mapped("reconciled")))
        self.assertEqual(
            returned.move_ids.line_ids.filtered(lambda i: i.balance > 0).balance,
            -item.balance,
        )

    def test_a_return_blocks_the_customer_and_paying_lifts_the_block(self):
        invoice = self.invoice(100)
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        level = self.company.credit_block_return_level_id
        self.assertEqual(self.customer.credit_block_level_id, level)
        self.pay(invoice)
        self.customer.invalidate_recordset()
        self.assertFalse(self.customer.credit_block_level_id)

    def test_a_wrong_iban_blocks_nobody(self):
        returned = self.make_return(
            self.pay(self.invoice(100)), line_reason_id=self.reason_iban.id
        )
        returned.action_confirm()
        self.assertFalse(self.customer.credit_block_level_id)

    def test_cancelling_lifts_the_block(self):
        returned = self.make_return(self.pay(self.invoice(100)))
        returned.action_confirm()
        returned.action_cancel()
        self.assertFalse(self.customer.credit_block_level_id)
