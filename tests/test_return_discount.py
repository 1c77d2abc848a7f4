from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestReturnDiscount(PaymentReturnCommon):
    """A discount for paying in time goes with the payment that came back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.term = cls.early_discount_term()
        cls.tax = cls.company_data["default_tax_sale"]
        cls.account = cls.company.account_journal_early_pay_discount_loss_account_id

    def discounted(self, net=100.0, tax=True, **values):
        return self.invoice(
            net,
            invoice_payment_term_id=self.term.id,
            invoice_line_ids=[
                Command.create(
                    {
                        "name": "Goods",
                        "price_unit": net,
                        "tax_ids": [Command.set(self.tax.ids if tax else [])],
                    }
                )
            ],
            **values,
        )

    def pay_in_time(self, invoices):
        return self.pay(invoices, payment_date="2026-09-10")

    def balance_of(self, account):
        items = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        )
        return self.company.currency_id.round(sum(items.mapped("balance")))

    def vat(self):
        account = self.tax.invoice_repartition_line_ids.account_id
        return self.balance_of(account)

    def assertNothingOpen(self, payment):
        item = self.payment_item(payment)
        self.assertRecordValues(
            item, [{"amount_residual": 0.0, "amount_residual_currency": 0.0}]
        )

    def test_the_whole_invoice_is_open_again_and_the_tax_is_due(self):
        invoice = self.discounted()
        self.assertEqual((invoice.amount_total, self.vat()), (122.0, -22.0))
        payment = self.pay_in_time(invoice)
        self.assertEqual(payment.amount, 119.56)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual((self.vat(), self.balance_of(self.account)), (-21.56, 2.0))
        returned = self.make_return(payment)
        returned.action_confirm()
        self.assertEqual(invoice.amount_residual, 122.0)
        self.assertEqual((self.vat(), self.balance_of(self.account)), (-22.0, 0.0))
        self.assertEqual(len(returned.move_ids), 1)
        self.assertBalanced(returned.move_ids)
        self.assertNothingOpen(payment)
        self.assertEqual(payment.state, "rejected")
        self.assertEqual(returned.line_ids.amount, 119.56)

    def test_the_tax_report_takes_it_back_too(self):
        payment = self.pay_in_time(self.discounted())
        granted = payment.move_id.line_ids.filtered("tax_tag_ids")
        self.assertTrue(granted)
        returned = self.make_return(payment)
        returned.action_confirm()
        taken = returned.move_ids.line_ids.filtered("tax_tag_ids")
        for item in granted:
            back = taken.filtered(
                lambda i, item=item: i.tax_tag_ids == item.tax_tag_ids
            )
            self.assertEqual(sum(back.mapped("balance")), -item.balance)
            self.assertEqual(back.tax_repartition_line_id, item.tax_repartition_line_id)

    def test_cancelling_grants_it_again(self):
        invoice = self.discounted()
        payment = self.pay_in_time(invoice)
        returned = self.make_return(payment)
        returned.action_confirm()
        returned.action_cancel()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual((self.vat(), self.balance_of(self.account)), (-21.56, 2.0))
        self.assertNothingOpen(payment)
        again = self.make_return(payment)
        again.action_confirm()
        self.assertEqual(invoice.amount_residual, 122.0)
        self.assertEqual(self.vat(), -22.0)

    def test_taken_off_its_invoice_a_payment_comes_back_with_its_discount(self):
        invoice = self.discounted()
        payment = self.pay_in_time(invoice)
        self.payment_item(payment).remove_move_reconcile()
        returned = self.make_return(payment)
        returned.action_confirm()
        self.assertEqual(invoice.amount_residual, 122.0)
        self.assertNothingOpen(payment)
        self.assertEqual((self.vat(), self.balance_of(self.account)), (-22.0, 0.0))
        traces = returned.line_ids.undone_ids
        self.assertEqual(sum(traces.mapped("returned_amount")), 119.56)
        returned.action_cancel()
        self.assertEqual(self.payment_item(payment).amount_residual, -122.0)
        self.assertEqual((self.vat(), self.balance_of(self.account)), (-21.56, 2.0))

    def test_money_put_back_on_account_comes_back_with_its_discount(self):
        invoice = self.discounted()
        payment = self.pay_in_time(invoice)
        returned = self.make_return(payment)
        returned.action_confirm()
        self.pay(invoice)
        returned.action_cancel()
        item = self.payment_item(payment)
        self.assertEqual(item.amount_residual, -122.0)
        self.make_return(payment).action_confirm()
        self.assertNothingOpen(payment)
        self.assertEqual((self.vat(), self.balance_of(self.account)), (-22.0, 0.0))
        self.assertEqual(invoice.payment_state, "paid")

    def test_a_company_lets_the_customer_keep_it(self):
        self.company.sudo().credit_return_take_discount = False
        invoice = self.discounted()
        returned = self.make_return(self.pay_in_time(invoice))
        returned.action_confirm()
        self.assertEqual(invoice.amount_residual, 119.56)
        self.assertEqual(self.vat(), -21.56)

    def test_only_the_company_and_its_head_office_let_it_be_kept(self):
        company = self.company.sudo()
        branch = company.create({"name": "Branch", "parent_id": company.id})
        payment = self.pay_in_time(self.discounted())
        item = self.payment_item(payment)
        applied = item.matched_debit_ids
        discounts = self.env["account.payment.return.discount"]
        self.assertEqual(discounts._get_granted(item, applied)[applied], 2.44)
        branch.credit_return_take_discount = False
        self.assertEqual(discounts._get_granted(item, applied)[applied], 2.44)
        company.credit_return_take_discount = False
        branch.credit_return_take_discount = True
        self.assertEqual(discounts._get_granted(item, applied), {})

    def test_a_part_takes_its_part_and_the_last_one_the_rest(self):
        invoice = self.discounted()
        payment = self.pay_in_time(invoice)
        for amount in (33.33, 50.0):
            self.make_return(payment, line_amount=amount).action_confirm()
        self.assertLess(invoice.amount_residual, 122.0)
        self.assertNothingOpen(payment)
        self.make_return(payment, line_amount=36.23).action_confirm()
        self.assertEqual(invoice.amount_residual, 122.0)
        self.assertEqual((self.vat(), self.balance_of(self.account)), (-22.0, 0.0))
        self.assertNothingOpen(payment)

    def test_of_a_common_payment_only_the_discount_of_what_came_back(self):
        first, second = self.discounted(), self.discounted(200.0)
        payment = self.pay_in_time(first + second)
        self.assertEqual(payment.amount, 358.68)
        returned = self.make_return(payment, line_amount=239.12)
        returned.action_confirm()
        self.assertEqual(first.payment_state, "paid")
        self.assertEqual(second.amount_residual, 244.0)
        self.assertEqual((self.vat(), self.balance_of(self.account)), (-65.56, 2.0))
        self.assertNothingOpen(payment)

    def test_a_discount_without_tax(self):
        self.term.early_pay_discount_computation = "mixed"
        invoice = self.discounted(tax=False)
        payment = self.pay_in_time(invoice)
        self.assertEqual(payment.amount, 98.0)
        self.make_return(payment).action_confirm()
        self.assertEqual(invoice.amount_residual, 100.0)
        self.assertEqual(self.balance_of(self.account), 0.0)

    def test_a_write_off_stays(self):
        expense = self.company_data["default_account_expense"]
        invoice = self.invoice(122)
        payment = self.pay(
            invoice,
            amount=119.56,
            payment_difference_handling="reconcile",
            writeoff_account_id=expense.id,
        )
        self.make_return(payment).action_confirm()
        self.assertEqual(invoice.amount_residual, 119.56)
        self.assertNothingOpen(payment)

    def test_a_bank_transaction_of_the_money_books_it_too(self):
        invoice = self.discounted()
        payment = self.pay_in_time(invoice)
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "payment_ref": "Insoluto",
                "date": fields.Date.to_date("2026-10-05"),
                "amount": -119.56,
            }
        )
        returned = self.make_return(payment, statement_line_id=transaction.id)
        returned.action_confirm()
        self.assertEqual(invoice.amount_residual, 122.0)
        self.assertEqual(self.vat(), -22.0)
        returned.action_cancel()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self.vat(), -21.56)

    def test_in_a_foreign_currency(self):
        currency = self.setup_other_currency("USD", rounding=0.01)
        invoice = self.discounted(currency_id=currency.id)
        payment = self.pay(invoice, currency_id=currency.id, payment_date="2026-09-10")
        self.assertEqual(invoice.payment_state, "paid")
        self.make_return(payment).action_confirm()
        self.assertEqual(invoice.amount_residual, invoice.amount_total)
        self.assertNothingOpen(payment)
        self.assertEqual(
            self.vat(), sum(invoice.line_ids.filtered("tax_line_id").mapped("balance"))
        )

    def test_a_cash_basis_tax_is_as_if_nobody_had_paid(self):
        tax = self.setup_cash_basis_tax()
        invoice = self.invoice(
            100.0,
            invoice_payment_term_id=self.term.id,
            invoice_line_ids=[
                Command.create(
                    {
                        "name": "Goods",
                        "price_unit": 100.0,
                        "tax_ids": [Command.set(tax.ids)],
                    }
                )
            ],
        )
        due = tax.invoice_repartition_line_ids.account_id
        transition = tax.cash_basis_transition_account_id
        payment = self.pay_in_time(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        figures = (self.balance_of(due), self.balance_of(transition))
        returned = self.make_return(payment)
        returned.action_confirm()
        self.assertEqual(invoice.amount_residual, 120.0)
        self.assertEqual(
            (self.balance_of(due), self.balance_of(transition)), (0.0, -20.0)
        )
        returned.action_cancel()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual((self.balance_of(due), self.balance_of(transition)), figures)

    def test_a_bank_transaction_that_granted_it_takes_it_back(self):
        invoice = self.discounted()
        granted = self.pay_in_time(self.discounted()).move_id
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "payment_ref": "Collection",
                "date": fields.Date.to_date("2026-09-10"),
                "amount": 119.56,
                "partner_id": self.customer.id,
            }
        )
        suspense = transaction._seek_for_lines()[1]
        copied = ("account_id", "balance", "tax_repartition_line_id", "partner_id")
        values = [
            {
                **item._convert_to_write({name: item[name] for name in copied}),
                "tax_ids": [Command.set(item.tax_ids.ids)],
                "tax_tag_ids": [Command.set(item.tax_tag_ids.ids)],
            }
            for item in granted.line_ids
            if item.balance != 119.56
        ]
        transaction.with_context(
            force_delete=True, skip_readonly_check=True, skip_invoice_sync=True
        ).write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    *(Command.create(item) for item in values),
                ]
            }
        )
        item = transaction.move_id.line_ids.filtered(lambda i: i.balance == -122.0)
        (item | self.due_items(invoice)).reconcile()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual((self.vat(), self.balance_of(self.account)), (-43.12, 4.0))
        returned = self.env["account.payment.return"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-10-05",
                "line_ids": [Command.create({"move_line_id": item.id})],
            }
        )
        returned.action_confirm()
        self.assertEqual(returned.line_ids.amount, 119.56)
        self.assertEqual(invoice.amount_residual, 122.0)
        self.assertEqual((self.vat(), self.balance_of(self.account)), (-43.56, 2.0))
        self.assertRecordValues(item, [{"amount_residual": 0.0}])
