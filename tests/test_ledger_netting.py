from odoo.tests import tagged

from .test_import import ImportCommon
from .test_parsers import camt, details, domain, entry


@tagged("post_install", "-at_install")
class TestNetting(ImportCommon):
    """Which returns meet the collection itself, and which one the bank shows."""

    def setUp(self):
        super().setUp()
        self.payment = self.collect(100, end_to_end_id="E2E-1")
        self.other = self.collect(50, self.other_customer, end_to_end_id="E2E-2")
        self.outstanding = self.payment.outstanding_account_id

    def book(self, returned):
        """Confirm a return of the first payment; give its item on the bank's side."""
        self.assertMatched(returned.line_ids, self.payment)
        returned.action_confirm()
        return returned.move_ids.line_ids.filtered(lambda item: item.balance < 0)

    def booked_by_bank(self, code=None, version="054.001.08"):
        told = entry(details("E2E-1"), **({"code": code} if code else {}))
        return self.load(("camt.xml", camt(told, version=version).encode()))

    def collection(self, payment):
        return payment.move_id.line_ids.filtered(lambda item: item.balance > 0)

    def bank_line(self, amount, items):
        """A bank transaction that an accountant reconciles with items."""
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "amount": amount,
                "date": "2026-11-09",
                "payment_ref": "Bank",
            }
        )
        suspense = transaction._seek_for_lines()[1]
        suspense.account_id = self.outstanding
        (suspense | items).reconcile()
        return transaction

    def open_amount(self):
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.outstanding.id), ("parent_state", "=", "posted")]
        )
        return items.filtered("amount_residual")

    def test_a_booked_debit_waits_for_its_bank_line_as_the_collection_does(self):
        for version in ("053.001.08", "054.001.08"):
            with self.subTest(version=version), self.env.cr.savepoint() as savepoint:
                credit = self.book(self.booked_by_bank(version=version))
                self.assertEqual(credit.amount_residual, -100.0)
                collections = self.collection(self.payment + self.other)
                self.assertEqual(collections.mapped("amount_residual"), [100.0, 50.0])
                self.bank_line(150.0, collections)
                self.bank_line(-100.0, credit)
                self.assertFalse(self.open_amount())
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_reject_that_a_notification_tells_as_booked_waits_too(self):
        returned = self.booked_by_bank(domain("IDDT", "RJCT"))
        self.assertEqual(self.book(returned).amount_residual, -100.0)
        self.assertTrue(self.collection(self.payment).amount_residual)

    def test_a_reject_meets_the_collection_that_never_reaches_the_bank(self):
        credit = self.book(self.load(self.pain(("E2E-1", 100))))
        self.assertTrue(credit.reconciled)
        self.bank_line(50.0, self.collection(self.other))
        self.assertFalse(self.open_amount())

    def test_a_return_of_a_list_waits_for_its_bank_line(self):
        text = "Reference;Amount;Date\nE2E-1;100,00;09/11/2026\n"
        credit = self.book(self.load(("unpaid.csv", text.encode())))
        self.assertEqual(credit.amount_residual, -100.0)

    def test_a_line_by_hand_meets_the_collection(self):
        self.assertTrue(self.book(self.make_return(self.payment)).reconciled)

    def test_cancelling_leaves_the_collection_waiting_for_the_bank(self):
        returned = self.booked_by_bank()
        credit = self.book(returned)
        returned.action_cancel()
        self.assertTrue(credit.reconciled)
        self.assertEqual(self.open_amount(), self.collection(self.payment + self.other))
