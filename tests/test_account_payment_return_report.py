from odoo.fields import Command
from odoo.tests import tagged

from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestAccountPaymentReturnReport(PaymentReturnCommon):
    """What the dashboards of returns tell, read as the pivots read it."""

    def _group(self, groupby, *measures, domain=()):
        """Return a dict from the record or value of a group to its measures."""
        groups = self.env["account.payment.return.report"]._read_group(
            [("company_id", "=", self.company.id), *domain],
            [groupby],
            measures,
        )
        return {key: tuple(values) for key, *values in groups}

    def _collect(self, amount, partner=None, **values):
        return self.pay(self.invoice(amount, partner=partner), **values)

    def test_the_rate_of_a_group_is_the_ratio_of_its_sums(self):
        for amount in (900.0, 50.0):
            self._collect(amount)
        self.make_return(self._collect(50.0)).action_confirm()
        self._collect(300.0, partner=self.other_customer)
        rates = self._group(
            "partner_id",
            "collected_amount:sum",
            "returned_amount:sum",
            "return_rate:avg",
        )
        self.assertEqual(rates[self.customer], (1000.0, 50.0, 0.05))
        self.assertEqual(rates[self.other_customer], (300.0, 0.0, 0.0))
        everything = self._group("company_id", "return_rate:avg")[self.company][0]
        self.assertAlmostEqual(float(everything), 50 / 1300)

    def test_collections_and_returns_are_counted_beside_their_amounts(self):
        self._collect(10.0)
        payments = self._collect(20.0) | self._collect(30.0)
        self.make_return(payments).action_confirm()
        counts = self._group("journal_id", "collected_count:sum", "returned_count:sum")
        self.assertEqual(counts, {self.bank: (3, 2)})

    def test_a_group_without_collections_has_no_rate(self):
        self.make_return(self._collect(20.0)).action_confirm()
        rates = self._group("kind", "return_rate:avg")
        self.assertEqual(rates, {"collection": (0.0,), "return": (False,)})

    def test_a_return_told_by_another_bank_counts_for_the_bank_that_collected(self):
        other_bank = self.bank.copy({"name": "Other bank", "code": "OBNK"})
        returned = self.make_return(self._collect(20.0), journal_id=other_bank.id)
        returned.action_confirm()
        rates = self._group("journal_id", "return_rate:avg")
        self.assertEqual(rates, {self.bank: (1.0,)})

    def test_a_contact_counts_for_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Office", "parent_id": self.customer.id, "type": "invoice"}
        )
        self.make_return(self._collect(20.0, partner=contact)).action_confirm()
        rates = self._group("partner_id", "return_rate:avg")
        self.assertEqual(rates, {self.customer: (1.0,)})

    def test_only_returns_in_the_books_count(self):
        payment = self._collect(100.0)
        returned = self.make_return(payment, line_amount=40.0)
        domain = [("kind", "=", "return")]
        self.assertFalse(self._group("kind", "returned_amount:sum", domain=domain))
        returned.action_confirm()
        figures = self._group("reason_id", "returned_amount:sum", domain=domain)
        self.assertEqual(figures, {self.reason_funds: (40.0,)})
        returned.action_cancel()
        self.assertFalse(self._group("kind", "returned_amount:sum", domain=domain))

    def test_a_payment_that_came_back_whole_was_collected_all_the_same(self):
        payment = self._collect(100.0)
        self.make_return(payment).action_confirm()
        self.assertEqual(payment.state, "rejected")
        figures = self._group("kind", "collected_amount:sum")
        self.assertEqual(figures["collection"], (100.0,))

    def test_a_payment_refused_before_any_return_was_never_collected(self):
        self._collect(30.0)
        self._collect(100.0).action_reject()
        figures = self._group("kind", "collected_amount:sum")
        self.assertEqual(figures, {"collection": (30.0,)})

    def test_payments_to_suppliers_and_drafts_do_not_count(self):
        values = {"amount": 70.0, "partner_id": self.customer.id}
        payments = self.env["account.payment"].create(
            [
                {**values, "payment_type": "outbound", "partner_type": "supplier"},
                {**values, "payment_type": "inbound", "partner_type": "customer"},
            ]
        )
        payments[0].action_post()
        self.assertFalse(self._group("kind", "collected_amount:sum"))
        payments[1].action_post()
        figures = self._group("kind", "collected_amount:sum")
        self.assertEqual(figures, {"collection": (70.0,)})

    def test_another_currency_counts_at_the_rate_of_the_payment(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].create(
            {
                "name": "2026-01-01",
                "currency_id": dollar.id,
                "company_id": self.company.id,
                "rate": 2.0,
            }
        )
        invoice = self.invoice(100.0, currency_id=dollar.id)
        payment = self.pay(
            invoice, currency_id=dollar.id, payment_date=invoice.invoice_date
        )
        self.make_return(payment, line_amount=50.0).action_confirm()
        figures = self._group(
            "company_currency_id", "collected_amount:sum", "returned_amount:sum"
        )
        self.assertEqual(figures, {self.company.currency_id: (50.0, 25.0)})

    def test_a_returned_bank_transaction_counts_as_collected(self):
        invoice = self.invoice(80.0)
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-09-10",
                "amount": 80.0,
                "partner_id": self.customer.id,
                "payment_ref": "paid",
            }
        )
        item = self.due_items(invoice)
        suspense = transaction._seek_for_lines()[1]
        suspense.with_context(skip_readonly_check=True).write(
            {"account_id": item.account_id.id, "partner_id": self.customer.id}
        )
        (item | suspense).reconcile()
        returned = self.env["account.payment.return"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-10-05",
                "line_ids": [Command.create({"move_line_id": suspense.id})],
            }
        )
        returned.action_confirm()
        figures = self._group("partner_id", "collected_amount:sum", "return_rate:avg")
        self.assertEqual(figures, {self.customer: (80.0, 1.0)})

    def test_a_recall_is_no_default_of_the_customer(self):
        first, second, third = (self._collect(amount) for amount in (1.0, 2.0, 4.0))
        self.make_return(first).action_confirm()
        self.make_return(second, line_kind="recall").action_confirm()
        self.make_return(third, line_reason_id=False).action_confirm()
        figures = self._group(
            "counts_as_default",
            "returned_amount:sum",
            domain=[("kind", "=", "return")],
        )
        self.assertEqual(figures, {True: (5.0,), False: (2.0,)})

    def test_the_month_of_the_collection_can_be_asked_for_too(self):
        payment = self._collect(20.0, payment_date="2026-09-03")
        self.make_return(payment).action_confirm()
        by_collection = self._group("collection_date:month", "return_rate:avg")
        self.assertEqual(list(by_collection.values()), [(1.0,)])
        self.assertEqual(len(self._group("date:month", "return_rate:avg")), 2)

    def test_a_row_opens_the_return_or_else_the_payment(self):
        payment = self._collect(20.0)
        returned = self.make_return(payment)
        returned.action_confirm()
        for kind, record in (("return", returned), ("collection", payment)):
            row = self.env["account.payment.return.report"].search(
                [("kind", "=", kind), ("company_id", "=", self.company.id)]
            )
            action = row.action_open_document()
            self.assertEqual(
                (action["res_model"], action["res_id"]), (record._name, record.id)
            )
