import random

from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .test_import import ImportCommon


@tagged("post_install", "-at_install")
class TestReturnCurrency(ImportCommon):
    """The bank speaks in the currency of its account, whatever that of the payment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 1.20 USD are 1 EUR.
        cls.usd = cls.setup_other_currency("USD", rates=[("2026-01-01", 1.2)])
        cls.usd.active = True

    def collect_dollars(self, amount=110.0, reference="USD-2026-001", **values):
        invoice = self.invoice(amount, currency_id=self.usd.id)
        payment = self.pay(
            invoice, currency_id=self.usd.id, payment_date="2026-10-01", **values
        )
        payment.end_to_end_id = reference
        return payment

    def assertWhole(self, line, payment):
        """All of the payment came back, whatever the bank called it."""
        self.assertMatched(line, payment)
        self.assertEqual((line.amount, line.currency_id), (110, self.usd))
        self.assertEqual((line.told_amount, line.told_currency_id.name), (91.67, "EUR"))

    def assertOpen(self, payment):
        """The invoice is open again, and nothing is left over on the payment."""
        invoice = payment.invoice_ids
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(invoice.amount_residual, invoice.amount_total)
        item = self.payment_item(payment)
        self.assertRecordValues(
            item, [{"amount_residual": 0, "amount_residual_currency": 0}]
        )

    def test_what_the_collection_brought_is_all_of_it(self):
        payment = self.collect_dollars()
        returned = self.load(self.pain(("USD-2026-001", "91.67")))
        self.assertWhole(returned.line_ids, payment)
        self.assertEqual(returned.amount_total, 91.67)
        returned.action_confirm()
        self.assertOpen(payment)
        self.assertEqual(payment.state, "rejected")

    def test_as_many_of_two_currencies_are_written_on_two_lines(self):
        dollars, euros = self.collect_dollars(), self.pay(self.invoice(110.0))
        euros.end_to_end_id = "EUR-2026-001"
        told = ("USD-2026-001", "91.67"), ("EUR-2026-001", "0.00")
        in_dollars, in_euros = self.load(self.pain(*told)).line_ids
        self.assertWhole(in_dollars, dollars)
        self.assertMatched(in_euros, euros)
        self.assertEqual((in_euros.amount, in_euros.currency_id.name), (110, "EUR"))

    def put_on_customer(self, amount):
        """A bank transaction in euro, put on the customer's account."""
        values = {
            "journal_id": self.bank.id,
            "amount": amount,
            "date": "2026-10-05",
            "payment_ref": "Insoluto",
            "partner_id": self.customer.id,
            "counterpart_account_id": self.receivable.id,
        }
        return self.env["account.bank.statement.line"].sudo().create(values)

    def test_what_the_bank_took_in_its_own_currency_may_be_the_return(self):
        payment = self.collect_dollars()
        for taken, told in (("91.67", "91.67"), ("45.84", "45.84")):
            minus = self.put_on_customer(-float(taken))
            returned = self.load(self.pain(("USD-2026-001", told)))
            line = returned.line_ids
            self.assertNotMatched(line, "ambiguous", minus.move_id.name)
            self.assertEqual((line.amount, line.currency_id.name), (float(told), "EUR"))
            returned.unlink()
            minus.unlink()
        self.put_on_customer(-91.00)
        self.assertWhole(
            self.load(self.pain(("USD-2026-001", "91.67"))).line_ids, payment
        )

    def collect_dollars_in_euros(self, rate):
        """An invoice of 110 USD, paid in euros on a day of another rate.

        :param rate: dollars for one euro on the day of the payment
        """
        rates = {"name": "2026-10-01", "rate": rate, "currency_id": self.usd.id}
        rates["company_id"] = self.company.id
        self.env["res.currency.rate"].sudo().search(
            [("name", "=", rates["name"]), ("currency_id", "=", self.usd.id)]
        ).unlink()
        self.env["res.currency.rate"].sudo().create(rates)
        invoice = self.invoice(110.0, currency_id=self.usd.id)
        payment = self.pay(
            invoice,
            currency_id=self.company.currency_id.id,
            amount=round(110.0 / rate, 2),
            payment_date="2026-10-01",
        )
        self.assertEqual(invoice.payment_state, "paid")
        return invoice, payment

    def get_net(self):
        """What is on each account, and open of it, of the customer's books."""
        items = self.env["account.move.line"].search(
            [("parent_state", "=", "posted"), ("company_id", "=", self.company.id)]
        )
        net = {
            account.code: tuple(
                round(sum(of_account.mapped(name)), 2)
                for name in ("balance", "amount_residual")
            )
            for account, of_account in items.grouped("account_id").items()
        }
        return {code: sums for code, sums in net.items() if any(sums)}

    def test_an_exchange_difference_comes_and_goes_with_the_payment(self):
        for rate in (1.1, 1.3):
            for part in (1.0, 0.4):
                with self.subTest(rate=rate, part=part):
                    invoice, payment = self.collect_dollars_in_euros(rate)
                    before = self.get_net()
                    amount = round(payment.amount * part, 2)
                    returned = self.make_return(payment, line_amount=amount)
                    returned.action_confirm()
                    self.assertEqual(returned.line_ids.invoice_ids, invoice)
                    self.assertAlmostEqual(invoice.amount_residual, 110 * part, 1)
                    returned.action_cancel()
                    self.assertEqual(invoice.payment_state, "paid")
                    self.assertEqual(self.get_net(), before)
                    self.assertFalse(self.payment_item(payment).amount_residual)

    def test_the_payments_own_currency_is_taken_as_it_is(self):
        payment = self.collect_dollars()
        name, data = self.pain(("USD-2026-001", "110.00"))
        line = self.load((name, data.replace(b'"EUR"', b'"USD"'))).line_ids
        self.assertMatched(line, payment)
        self.assertEqual((line.amount, line.told_currency_id.name), (110, False))

    def test_a_part_is_converted_by_the_collections_own_rate(self):
        payment = self.collect_dollars()
        # Meanwhile 1 EUR is 2 USD: this is not the collection's rate.
        self.env["res.currency.rate"].sudo().create(
            {
                "name": "2026-10-03",
                "rate": 2.0,
                "currency_id": self.usd.id,
                "company_id": self.company.id,
            }
        )
        line = self.load(self.pain(("USD-2026-001", "45.84"))).line_ids
        self.assertMatched(line, payment)
        self.assertEqual((line.amount, line.currency_id), (55.01, self.usd))

    def test_more_than_the_collection_brought_is_not_matched(self):
        self.collect_dollars()
        line = self.load(self.pain(("USD-2026-001", "92.00"))).line_ids
        self.assertNotMatched(line, "unmatched", "only .*110.00.* can come back")
        self.assertEqual((line.amount, line.currency_id.name), (92, "EUR"))

    def test_what_the_bank_really_brought_counts(self):
        payment = self.collect_dollars()
        transaction = (
            self.env["account.bank.statement.line"]
            .sudo()
            .create(
                {
                    "journal_id": self.bank.id,
                    "amount": 90.0,
                    "date": "2026-10-02",
                    "payment_ref": "Collection",
                    "foreign_currency_id": self.usd.id,
                    "amount_currency": 110.0,
                    "counterpart_account_id": payment.outstanding_account_id.id,
                }
            )
        )
        items = (transaction.move_id | payment.move_id).line_ids.filtered(
            lambda item: item.account_id == payment.outstanding_account_id
        )
        items.reconcile()
        returned = self.load(self.pain(("USD-2026-001", "90.00")))
        line = returned.line_ids
        self.assertMatched(line, payment)
        self.assertEqual((line.amount, line.currency_id), (110, self.usd))
        returned.action_confirm()
        self.assertOpen(payment)

    def test_a_list_without_currencies_is_in_that_of_the_account(self):
        dollars = self.bank.copy({"name": "Dollars", "code": "BUSD"})
        dollars.currency_id = self.usd
        payment = self.collect_dollars(journal_id=dollars.id)
        data = b"Reference;Amount;Date\nUSD-2026-001;110.00;2026-10-05\n"
        line = self.load(("list.csv", data), journal=dollars).line_ids
        self.assertMatched(line, payment)
        self.assertEqual((line.amount, line.currency_id), (110, self.usd))
        self.assertFalse(line.told_currency_id)

    def test_by_hand_the_amount_is_converted_too(self):
        payment = self.collect_dollars(reference="OTHER")
        line = self.load(self.pain(("USD-2026-001", "91.67"))).line_ids
        self.assertNotMatched(line, "unmatched", "No payment found")
        dialog = self.env["account.payment.return.choose"].create(
            {"line_id": line.id, "payment_id": payment.id}
        )
        dialog.action_choose_payment()
        self.assertWhole(line, payment)

    def test_written_by_a_client_the_amount_is_converted_too(self):
        payment = self.collect_dollars()
        line = self.told({"reference": "X", "amount": 91.67}).line_ids
        line.payment_id = payment
        self.assertEqual((line.amount, line.currency_id), (110, self.usd))
        euros = self.collect(91.67)
        line.payment_id = euros
        self.assertEqual((line.amount, line.currency_id.name), (91.67, "EUR"))
        self.assertFalse(line.told_currency_id)

    def test_a_currency_that_the_bank_does_not_speak_stays_and_is_said(self):
        line = self.told(
            {"reference": "X", "amount": 91.67, "currency_id": self.usd.id}
        ).line_ids
        line.payment_id = self.collect(91.67)
        self.assertEqual((line.amount, line.currency_id), (91.67, self.usd))
        with self.assertRaisesRegex(UserError, "The return is in USD"):
            line.return_id.action_confirm()

    def test_another_payment_in_the_form_brings_its_own_amount(self):
        euros, dollars = self.pay(self.invoice(100)), self.collect_dollars()
        form = Form(self.env["account.payment.return"])
        form.journal_id = self.bank
        with form.line_ids.new() as line:
            line.payment_id = euros
            self.assertEqual((line.amount, line.currency_id.name), (100, "EUR"))
            line.payment_id = dollars
            self.assertEqual((line.amount, line.currency_id), (110, self.usd))
        returned = form.save()
        returned.action_confirm()
        self.assertOpen(dollars)

    def test_what_was_entered_before_the_payment_is_converted_in_the_form(self):
        dollars = self.collect_dollars()
        form = Form(self.env["account.payment.return"])
        form.journal_id = self.bank
        with form.line_ids.new() as line:
            line.amount = 91.67
            line.payment_id = dollars
            self.assertEqual((line.amount, line.currency_id), (110, self.usd))
        line = form.save().line_ids
        self.assertEqual((line.told_amount, line.told_currency_id.name), (91.67, "EUR"))

    def test_what_was_told_is_looked_for_when_the_payment_is_gone(self):
        payment = self.collect_dollars()
        line = self.load(self.pain(("USD-2026-001", "91.67"))).line_ids
        payment.action_draft()
        line._match()
        self.assertNotMatched(line, "unmatched", "not collected|No payment")
        self.assertEqual((line.amount, line.currency_id.name), (91.67, "EUR"))
        payment.action_post()
        line._match()
        self.assertWhole(line, payment)

    def test_told_again_in_another_format_it_is_a_duplicate(self):
        self.collect_dollars()
        first = self.load(self.pain(("USD-2026-001", "91.67")))
        data = b"Reference;Amount;Date\nUSD-2026-001;91.67;2026-10-05\n"
        second = self.load(("list.csv", data))
        self.assertEqual(second.line_ids.match_state, "duplicate")
        self.assertEqual(second.line_ids.duplicate_line_id, first.line_ids)

    def test_the_fee_is_converted_with_its_return(self):
        payment = self.collect_dollars()
        line = self.told({"reference": "X", "amount": 91.67, "fee_amount": 5}).line_ids
        line.payment_id = payment
        self.assertEqual(line.fee_amount, 6)

    def test_parts_leave_nothing_over(self):
        for whole, part in ((110, 55), (70, 35), (100, 33.33), (110, 0.01)):
            with self.subTest(whole=whole, part=part):
                payment = self.collect_dollars(whole)
                item = self.payment_item(payment)
                for amount in (part, whole - part):
                    returned = self.make_return(payment, line_amount=amount)
                    returned.action_confirm()
                    self.assertRecordValues(
                        item, [{"amount_residual": 0, "amount_residual_currency": 0}]
                    )
                    self.assertTrue(
                        all(
                            i.reconciled
                            for i in returned.line_ids.entry_line_ids
                            if i.balance > 0
                        )
                    )
                self.assertOpen(payment)

    def test_a_part_of_two_invoices_leaves_nothing_over(self):
        invoices = self.invoice(60, currency_id=self.usd.id)
        invoices |= self.invoice(50, currency_id=self.usd.id)
        payment = self.pay(invoices, currency_id=self.usd.id, payment_date="2026-10-01")
        item = self.payment_item(payment)
        for amount in (35, 40.01, 34.99):
            self.make_return(payment, line_amount=amount).action_confirm()
            self.assertRecordValues(
                item, [{"amount_residual": 0, "amount_residual_currency": 0}]
            )
        self.assertEqual(invoices.mapped("amount_residual"), [60, 50])


@tagged("post_install", "-at_install")
class TestReturnCurrencyRandom(ImportCommon):
    """Whatever parts come back of payments in dollars, of head office and branch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd = cls.setup_other_currency("USD", rates=[("2026-01-01", 1.2)])
        cls.usd.active = True
        cls.add_branch()

    def setUp(self):
        super().setUp()
        self.payments = self.env["account.payment"]
        for company in self.company | self.branch:
            for amounts in ((110,), (70, 33.33)):
                invoices = self.env["account.move"]
                for amount in amounts:
                    invoices |= self.invoice(
                        amount, currency_id=self.usd.id, company_id=company.id
                    )
                self.payments |= self.pay(
                    invoices,
                    currency_id=self.usd.id,
                    payment_date="2026-10-01",
                    journal_id=self.bank.id,
                )

    def test_random_parts(self):
        for seed in range(3):
            with self.subTest(seed=seed), self.env.cr.savepoint() as savepoint:
                self.run_sequence(random.Random(seed))
                savepoint.rollback()
            self.env.invalidate_all()

    def run_sequence(self, rng):
        confirmed = self.env["account.payment.return"]
        for _step in range(5):
            if confirmed and rng.random() < 0.3:
                returned = rng.choice(confirmed)
                returned.action_cancel()
                confirmed -= returned
            else:
                confirmed |= self.give_back(rng)
            self.check(confirmed)
        confirmed.action_cancel()
        self.check(confirmed.browse())

    def give_back(self, rng):
        payments = self.payments.browse(rng.sample(self.payments.ids, 2))
        returned = self.make_return(payments, line_amount=0)
        for line in returned.line_ids:
            left = line._get_returnable_amounts()[line.id]
            line.amount = rng.choice((left, round(left / 2, 2), min(left, 10.01)))
        if not any(line.amount for line in returned.line_ids):
            return returned.browse()
        returned.action_confirm()
        return returned

    def check(self, confirmed):
        """Nothing is left over, and the invoices owe just what came back."""
        returned = {
            payment: sum(
                confirmed.line_ids.filtered(lambda ln: ln.match_state == "matched")
                .filtered(lambda ln, p=payment: ln.payment_id == p)
                .mapped("amount")
            )
            for payment in self.payments
        }
        self.assertBalanced(confirmed.move_ids)
        for payment, amount in returned.items():
            self.assertEqual(payment.company_id.root_id, self.company)
            self.assertRecordValues(
                self.payment_item(payment),
                [{"amount_residual": 0, "amount_residual_currency": 0}],
            )
            owed = sum(payment.invoice_ids.mapped("amount_residual"))
            self.assertAlmostEqual(owed, amount, 2)
        entries = confirmed._get_return_entries()
        self.assertEqual(
            entries.company_id,
            confirmed.line_ids.filtered(
                lambda ln: ln.match_state == "matched"
            ).company_id,
        )
