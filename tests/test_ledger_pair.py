from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .test_ledger_known import BooksCommon


class LedgerPairCommon(BooksCommon):
    """Payments without an entry, and the bank lines of their money."""

    def setUp(self):
        super().setUp()
        # As an accounting app has it.
        self.bank.inbound_payment_method_line_ids.payment_account_id = False
        accounting = patch.object(
            self.env.registry["account.move"],
            "_get_invoice_in_payment_state",
            lambda move: "in_payment",
        )
        self.startPatcher(accounting)

    def collected(self, *amounts, group=True, **values):
        """Payments without an entry whose invoices the bank line of all of them pays.

        :return: (invoices, payments, receivable item of the bank line)
        """
        invoices = self.env["account.move"].union(*map(self.invoice, amounts))
        payments = self.pay(invoices, group=group)
        payments.write(values)
        self.assertFalse(payments.move_id)
        self.assertEqual(set(payments.mapped("state")), {"in_process"})
        item = self.transaction(sum(amounts), date="2026-09-20")
        (item | self.due_items(invoices)).reconcile()
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        return invoices, payments, item

    def split(self, item, invoices):
        """Make one item an invoice of a transaction, as reconciliation screens do."""
        item.remove_move_reconcile()
        commands = [
            Command.create(
                {
                    "name": invoice.name,
                    "account_id": item.account_id.id,
                    "partner_id": item.partner_id.id,
                    "balance": -invoice.amount_total,
                }
            )
            for invoice in invoices
        ]
        screen = {"force_delete": True, "skip_readonly_check": True}
        item.move_id.statement_line_id.with_context(**screen).write(
            {"line_ids": [Command.delete(item.id), *commands]}
        )

    def collected_by_items(self, *amounts, group=True, **values):
        """The same, with an item of the bank line for each invoice."""
        invoices, payments, item = self.collected(*amounts, group=group, **values)
        move = item.move_id
        self.split(item, invoices)
        items = move.line_ids.filtered(lambda i: i.account_id == self.receivable)
        for part, invoice in zip(items.sorted("id"), invoices, strict=True):
            (part | self.due_items(invoice)).reconcile()
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        return invoices, payments, items.sorted("id")

    def assertCameBack(self, invoice, payment):
        self.assertEqual(payment.state, "rejected")
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(invoice.amount_residual, invoice.amount_total)
        self.assertTrue(self.customer.sudo().credit_block_in_force_ids)

    def assertPair(self, line, payment, item):
        self.assertEqual(line.match_state, "matched")
        self.assertEqual((line.payment_id, line.move_line_id), (payment, item))

    def by_hand(self, **line):
        return self.env["account.payment.return"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-10-05",
                "line_ids": [Command.create(line)],
            }
        )


@tagged("post_install", "-at_install")
class TestLedgerPair(LedgerPairCommon):
    """A payment without an entry and the bank line of its money are one collection."""

    def test_the_end_to_end_id_of_the_payment_takes_the_bank_line_back(self):
        invoice, payment, item = self.collected(100, end_to_end_id="FT-1")
        line = self.match(end_to_end_id="FT-1", amount=100)
        self.assertPair(line, payment, item)
        line.return_id.action_confirm()
        self.assertCameBack(invoice, payment)
        self.assertEqual(self.owed(), 100)
        self.assertBalanced(line.return_id.move_ids)
        line.return_id.action_cancel()
        self.assertEqual((payment.state, invoice.payment_state), ("paid", "paid"))
        self.assertEqual(self.owed(), 0)

    def test_the_number_of_the_invoice_leads_to_one_collection(self):
        invoice, payment, item = self.collected(100)
        self.assertPair(self.match(reference=invoice.name, amount=100), payment, item)

    def test_only_the_amount_leads_to_one_candidate(self):
        self.customer.vat = "IT12345670017"
        _invoice, payment, item = self.collected(100)
        line = self.match(
            amount=100, partner_vat="12345670017", due_date=str(payment.date)
        )
        self.assertPair(line, payment, item)
        line.return_id.unlink()
        line = self.match(amount=100, partner_name=self.customer.name)
        self.assertEqual(line.candidate_payment_ids, payment)
        self.assertFalse(line.candidate_line_ids)
        line.action_choose_candidate()
        dialog = self.env["account.payment.return.choose"]._open(line)
        row = self.env[dialog["res_model"]].browse(dialog["res_id"]).row_ids
        self.assertEqual(len(row), 1)
        row.action_choose()
        self.assertPair(line, payment, item)

    def test_by_hand_it_is_the_same_by_the_payment_or_by_the_bank_line(self):
        for name in ("payment_id", "move_line_id"):
            with self.subTest(name=name):
                invoice, payment, item = self.collected(100)
                chosen = {"payment_id": payment, "move_line_id": item}[name]
                returned = self.by_hand(**{name: chosen.id})
                returned.action_confirm()
                self.assertPair(returned.line_ids, payment, item)
                self.assertCameBack(invoice, payment)

    def test_a_payment_chosen_on_the_form_brings_its_bank_line(self):
        _invoice, payment, item = self.collected(100)
        line = self.env["account.payment.return.line"].new({"payment_id": payment.id})
        line._onchange_payment_id()
        self.assertEqual((line.move_line_id, line.amount), (item, 100))
        self.assertEqual(line.payment_id, payment)

    def test_one_of_three_payments_of_one_bank_line_comes_back(self):
        invoices, payments, item = self.collected(100, 100, 100, group=False)
        for number, payment in enumerate(payments):
            payment.end_to_end_id = f"FT-{number}"
        line = self.match(end_to_end_id="FT-1", amount=100)
        self.assertPair(line, payments[1], item)
        line.return_id.action_confirm()
        back = payments[1].invoice_ids
        self.assertCameBack(back, payments[1])
        rest = invoices - back
        self.assertEqual(set(rest.mapped("payment_state")), {"paid"})
        again = self.match(end_to_end_id="FT-1", amount=100, kind="refund")
        self.assertEqual(again.duplicate_line_id, line)
        other = self.match(end_to_end_id="FT-2", amount=100)
        other.return_id.action_confirm()
        self.assertCameBack(payments[2].invoice_ids, payments[2])
        self.assertEqual(self.owed(), 200)
        (line | other).return_id.action_cancel()
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})

    def test_three_payments_of_one_bank_line_come_back_together(self):
        invoices, payments, _item = self.collected(100, 100, 100, group=False)
        returned = self.env["account.payment.return"].create(
            {
                "journal_id": self.bank.id,
                "line_ids": [
                    Command.create({"payment_id": payment.id}) for payment in payments
                ],
            }
        )
        returned.action_confirm()
        for invoice, payment in zip(invoices, payments, strict=True):
            self.assertCameBack(invoice, payment)

    def test_the_whole_bank_line_of_three_payments_comes_back(self):
        invoices, payments, item = self.collected(100, 50, 25, group=False)
        returned = self.by_hand(move_line_id=item.id)
        returned.action_confirm()
        for invoice, payment in zip(invoices, payments, strict=True):
            self.assertCameBack(invoice, payment)
        returned.action_cancel()
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        self.assertEqual(set(payments.mapped("state")), {"paid"})

    def test_a_part_of_a_payment_of_three_invoices_comes_back(self):
        invoices, payment, item = self.collected(100, 60, 40)
        payment.end_to_end_id = "FT-1"
        line = self.match(end_to_end_id="FT-1", reference=invoices[1].name, amount=60)
        self.assertPair(line, payment, item)
        line.return_id.action_confirm()
        self.assertEqual(invoices.mapped("payment_state"), ["paid", "not_paid", "paid"])
        self.assertEqual(payment.state, "paid")
        rest = self.by_hand(payment_id=payment.id)
        rest.action_confirm()
        self.assertEqual(rest.line_ids.amount, 140)
        self.assertEqual(set(invoices.mapped("payment_state")), {"not_paid"})
        self.assertEqual(payment.state, "rejected")
        (rest | line.return_id).action_cancel()
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
        self.assertEqual(payment.invoice_ids, invoices)

    def test_a_part_that_stays_back_is_paid_by_nobody_when_the_other_is_cancelled(self):
        for cancelled in (0, 1):
            with self.subTest(cancelled=cancelled):
                invoices, payment, _item = self.collected(60, 50)
                halves = [
                    self.by_hand(payment_id=payment.id, amount=55) for _half in range(2)
                ]
                for half in halves:
                    half.action_confirm()
                self.assertEqual(payment.state, "rejected")
                halves[cancelled].action_cancel()
                self.assertEqual(payment.state, "paid")
                self.assertEqual(sum(invoices.mapped("amount_residual")), 55)
                for invoice in invoices:
                    self.assertEqual(
                        invoice.payment_state,
                        {0: "paid", invoice.amount_total: "not_paid"}.get(
                            invoice.amount_residual, "partial"
                        ),
                    )
                self.assertFalse(
                    invoices.filtered("amount_residual") & payment.invoice_ids
                )
                again = self.by_hand(payment_id=payment.id)
                again.action_confirm()
                self.assertEqual(again.line_ids.amount, 55)
                self.assertEqual(set(invoices.mapped("payment_state")), {"not_paid"})
                self.assertEqual(payment.state, "rejected")
                (again | halves[1 - cancelled]).action_cancel()
                self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})
                self.assertEqual(payment.invoice_ids, invoices)
                self.assertEqual(payment.state, "paid")

    def test_a_bank_line_of_other_money_is_not_the_payments(self):
        invoice = self.invoice(500)
        payment = self.pay(invoice, amount=100)
        payment.end_to_end_id = "FT-1"
        item = self.transaction(400, date="2026-09-20")
        (item | self.due_items(invoice)).reconcile()
        line = self.match(end_to_end_id="FT-1", amount=100)
        self.assertEqual((line.payment_id, bool(line.move_line_id)), (payment, False))

    def test_a_payment_whose_bank_line_never_came_is_only_rejected(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        payment.end_to_end_id = "FT-1"
        line = self.match(end_to_end_id="FT-1", amount=100)
        self.assertMatchedAlone(line, payment)
        line.return_id.action_confirm()
        self.assertFalse(line.return_id.move_ids)
        self.assertCameBack(invoice, payment)

    def assertMatchedAlone(self, line, payment):
        self.assertEqual((line.match_state, line.payment_id), ("matched", payment))
        self.assertFalse(line.move_line_id)

    def test_two_payments_of_one_invoice_have_each_their_bank_line(self):
        invoice = self.invoice(200)
        payments = self.pay(invoice, amount=100) | self.pay(invoice, amount=100)
        items = self.transaction(100) | self.transaction(100)
        for item in items:
            (item | self.due_items(invoice)).reconcile()
        found = self.env["account.payment.return.pair"]._find(payments, items[:0])
        self.assertEqual(list(found), list(payments.sorted("id")))
        self.assertEqual(set(found.values()), set(items))

    def test_a_bank_line_that_was_taken_back_by_hand_is_known(self):
        _invoice, payment, item = self.collected(100, end_to_end_id="FT-1")
        minus = self.transaction(-40)
        debts = item.matched_debit_ids.debit_move_id
        item.remove_move_reconcile()
        (item | minus).reconcile()
        (item | debts).reconcile()
        line = self.match(end_to_end_id="FT-1", amount=40)
        self.assertKnown(line, minus.move_name, ("ambiguous",))
        self.assertEqual(line.candidate_payment_ids, payment)

    def test_a_payment_of_three_items_of_one_bank_line_comes_back_whole(self):
        for name in ("end_to_end_id", "payment_id"):
            with self.subTest(name=name):
                invoices, payment, items = self.collected_by_items(100, 60, 40)
                payment.end_to_end_id = name
                returned = self.by_hand(payment_id=payment.id)
                if name == "end_to_end_id":
                    returned = self.match(end_to_end_id=name, amount=200).return_id
                returned.action_confirm()
                self.assertPair(returned.line_ids, payment, items[0])
                self.assertEqual(returned.line_ids.amount, 200)
                for invoice in invoices:
                    self.assertCameBack(invoice, payment)
                self.assertTrue(all(items.mapped("reconciled")))
                returned.action_cancel()
                self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})

    def test_a_part_of_three_items_of_one_bank_line_comes_back(self):
        invoices, payment, items = self.collected_by_items(100, 60, 40)
        payment.end_to_end_id = "FT-1"
        line = self.match(end_to_end_id="FT-1", reference=invoices[1].name, amount=60)
        line.return_id.action_confirm()
        self.assertEqual(invoices.mapped("amount_residual"), [0, 60, 0])
        self.assertEqual(invoices.mapped("payment_state"), ["paid", "not_paid", "paid"])
        more = self.by_hand(payment_id=payment.id, amount=120)
        more.action_confirm()
        self.assertEqual(sum(invoices.mapped("amount_residual")), 180)
        self.assertTrue(all(items.mapped("reconciled")))
        self.assertEqual(self.owed(), 180)
        (more | line.return_id).action_cancel()
        self.assertEqual(set(invoices.mapped("payment_state")), {"paid"})

    def test_one_of_three_payments_with_an_item_each_comes_back(self):
        invoices, payments, items = self.collected_by_items(100, 100, 100, group=False)
        payments[1].end_to_end_id = "FT-1"
        line = self.match(end_to_end_id="FT-1", amount=100)
        line.return_id.action_confirm()
        self.assertCameBack(payments[1].invoice_ids, payments[1])
        rest = invoices - payments[1].invoice_ids
        self.assertEqual(set(rest.mapped("payment_state")), {"paid"})
        self.assertTrue(all(items.mapped("reconciled")))
        by_item = self.by_hand(move_line_id=items[0].id)
        by_item.action_confirm()
        self.assertCameBack(invoices[0], payments[0])
        self.assertEqual(self.owed(), 200)


@tagged("post_install", "-at_install")
class TestLedgerPairCurrency(LedgerPairCommon):
    """A payment in dollars without an entry, whose money came in euros."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 1.20 USD are 1 EUR.
        cls.usd = cls.setup_other_currency("USD", rates=[("2026-01-01", 1.2)])
        cls.usd.active = True

    def collected_dollars(self, brought=91.67, reference="USD-1", amount=110):
        invoice = self.invoice(110, currency_id=self.usd.id)
        payment = self.pay(
            invoice, amount=amount, currency_id=self.usd.id, payment_date="2026-10-01"
        )
        payment.end_to_end_id = reference
        item = self.transaction(brought, date="2026-10-02")
        self.assertEqual(item.currency_id, self.company.currency_id)
        (item | self.due_items(invoice)).reconcile()
        return invoice, payment, item

    def assertBooked(self, returned, invoice, payment, item):
        """The euros came back: the dollars are owed, and the payment is rejected."""
        line = returned.line_ids
        self.assertPair(line, payment, item)
        self.assertEqual((line.amount, line.currency_id.name), (91.67, "EUR"))
        returned.action_confirm()
        self.assertCameBack(invoice, payment)
        self.assertBalanced(returned.move_ids)
        self.assertAlmostEqual(self.owed(), 91.67)
        self.assertTrue(item.reconciled)
        returned.action_cancel()
        self.assertEqual((payment.state, invoice.payment_state), ("paid", "paid"))
        self.assertAlmostEqual(self.owed(), 0)

    def test_the_file_takes_the_euros_back(self):
        invoice, payment, item = self.collected_dollars()
        for amount, currency in (("91.67", b'"EUR"'), ("110.00", b'"USD"')):
            with self.subTest(amount=amount):
                name, data = self.pain(("USD-1", amount), message=f"MSG-{amount}")
                returned = self.load((name, data.replace(b'"EUR"', currency)))
                self.assertBooked(returned, invoice, payment, item)

    def test_by_hand_it_is_the_same(self):
        for chosen in ("payment_id", "move_line_id", "amount"):
            with self.subTest(chosen=chosen):
                invoice, payment, item = self.collected_dollars(reference=chosen)
                values = {"payment_id": payment.id}
                if chosen == "move_line_id":
                    values = {chosen: item.id}
                elif chosen == "amount":
                    values |= {"amount": 110, "currency_id": self.usd.id}
                returned = self.by_hand(**values)
                returned.line_ids._complete_targets()
                self.assertBooked(returned, invoice, payment, item)

    def test_nothing_is_confirmed_that_no_entry_would_book(self):
        invoice, payment, item = self.collected_dollars(amount=100)
        self.assertFalse(self.due_items(invoice).amount_residual)
        returned = self.by_hand(payment_id=payment.id)
        with self.assertRaisesRegex(UserError, "choose that transaction"):
            returned.action_confirm()
        self.assertFalse(returned.move_ids)
        self.assertEqual((payment.state, invoice.payment_state), ("in_process", "paid"))
        # Control: the transaction that paid the invoice is booked.
        returned = self.by_hand(move_line_id=item.id)
        returned.action_confirm()
        self.assertTrue(returned.move_ids)
        self.assertAlmostEqual(self.owed(), 91.67)
