from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.fields import Command, Date
from odoo.tests import tagged

from .test_match import MatchCommon

DAY = Date.to_date("2026-09-05")
DUE = Date.to_date("2026-10-31")


class BillCommon(MatchCommon):
    """Bills that an accountant, or another addon, books by a plain entry."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bills = cls.account("Bills Receivable", "150778")

    @classmethod
    def account(cls, name, code, kind="asset_current", reconcile=True):
        return (
            cls.env["account.account"]
            .sudo()
            .create(
                {
                    "name": name,
                    "code": code,
                    "account_type": kind,
                    "reconcile": reconcile,
                    "company_ids": [Command.set(cls.company.ids)],
                }
            )
        )

    @classmethod
    def owe(cls, amount=100.0, partner=None):
        return cls.invoice(amount, partner, invoice_date_due=DUE)

    @classmethod
    def enter(cls, *lines, **values):
        """Post an entry; each line is (account, amount, customer, due date)."""
        entry = cls.env["account.move"].create(
            {
                "move_type": "entry",
                "date": DAY,
                "journal_id": cls.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create(
                        {
                            "name": "Bill",
                            "account_id": account.id,
                            "balance": amount,
                            "partner_id": partner and partner.id,
                            "date_maturity": due,
                        }
                    )
                    for account, amount, partner, due in lines
                ],
                **values,
            }
        )
        entry.action_post()
        return entry

    @classmethod
    def apply(cls, entry, *invoices):
        """Reconcile what an entry credits customers with invoices, one by one."""
        credits = entry.line_ids.filtered(
            lambda i: i.account_type == "asset_receivable" and i.balance < 0
        ).sorted("id")
        for item, invoice in zip(credits, invoices, strict=False):
            debts = invoice.line_ids.filtered(
                lambda i: i.account_type == "asset_receivable"
            )
            (item | debts).reconcile()
        return credits

    @classmethod
    def accept(cls, *invoices, due=DUE, holder=None):
        """The entry of a slip: a bill an invoice, from customers to bills."""
        lines = []
        for invoice in invoices:
            amount, partner = invoice.amount_total, invoice.partner_id
            lines.append((cls.receivable, -amount, partner, due))
            lines.append((holder or cls.bills, amount, partner, due))
        entry = cls.enter(*lines)
        cls.apply(entry, *invoices)
        return entry

    def credited(self, entry):
        return entry.line_ids.filtered(lambda i: i.balance < 0).sorted("id")

    def held(self, entry):
        return entry.line_ids.filtered(lambda i: i.balance > 0).sorted("id")


@tagged("post_install", "-at_install")
class TestReturnBill(BillCommon):
    def unpaid(self, invoice, **values):
        """What the outcome of a receipt tells of an invoice."""
        return {
            "reference": invoice.name,
            "amount": invoice.amount_total,
            "due_date": DUE,
            "reason_id": self.reason_funds.id,
            **values,
        }

    def test_a_bill_is_found_by_its_invoice_and_comes_back_to_its_account(self):
        invoice, other = self.owe(120), self.owe(80, self.other_customer)
        entry = self.accept(invoice, other)
        self.assertEqual(invoice.payment_state, "paid")
        returned = self.told(self.unpaid(invoice))
        line = returned.line_ids
        line._match()
        self.assertEqual(line.match_state, "matched")
        self.assertEqual(line.move_line_id, self.credited(entry)[0])
        self.assertFalse(line.payment_id)
        returned.action_confirm()
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(invoice.amount_residual, 120.0)
        self.assertEqual(other.payment_state, "paid")
        credit = returned.move_ids.line_ids.filtered(lambda i: i.balance < 0)
        self.assertEqual(credit.account_id, self.bills)
        self.assertEqual(credit.balance, -120.0)

    def test_a_rejected_bill_meets_the_item_that_holds_it(self):
        invoice = self.owe(120)
        entry = self.accept(invoice)
        returned = self.told(
            self.unpaid(invoice, kind="reject"), file_format="pain.002"
        )
        returned.line_ids._match()
        returned.action_confirm()
        self.assertTrue(self.held(entry).reconciled)

    def test_cancelling_restores_it(self):
        invoice = self.owe(120)
        entry = self.accept(invoice)
        returned = self.told(self.unpaid(invoice))
        returned.line_ids._match()
        returned.action_confirm()
        returned.action_cancel()
        self.assertEqual(invoice.amount_residual, 0.0)
        self.assertTrue(self.credited(entry).reconciled)

    def test_told_again_it_is_known(self):
        invoice = self.owe(120)
        self.accept(invoice)
        first = self.told(self.unpaid(invoice))
        first.line_ids._match()
        first.action_confirm()
        again = self.told(self.unpaid(invoice)).line_ids
        again._match()
        self.assertNotEqual(again.match_state, "matched")

    def test_it_is_found_by_customer_amount_and_due_date(self):
        self.customer.sudo().vat = "IT12345670017"
        invoice, later = self.owe(120), self.owe(120)
        self.accept(invoice)
        self.accept(later, due=DUE + timedelta(days=30))
        line = self.match(amount=120, due_date=DUE, partner_vat="12345670017")
        self.assertEqual(line.match_state, "matched")
        self.assertEqual(line.invoice_ids, invoice)

    def test_a_cumulated_bill_comes_back_whole(self):
        bills = self.owe(100), self.owe(50)
        entry = self.enter(
            (self.receivable, -100.0, self.customer, DUE),
            (self.receivable, -50.0, self.customer, DUE),
            (self.bills, 150.0, self.customer, DUE),
        )
        self.apply(entry, *bills)
        returned = self.told(self.unpaid(bills[0], amount=150))
        returned.line_ids._match()
        self.assertEqual(returned.line_ids.match_state, "matched")
        returned.action_confirm()
        self.assertEqual([b.amount_residual for b in bills], [100.0, 50.0])
        self.assertTrue(all(self.credited(entry).mapped("reconciled")))
        returned.action_cancel()
        self.assertEqual([b.amount_residual for b in bills], [0.0, 0.0])

    def test_bills_may_be_held_on_a_receivable_account(self):
        holder = self.account("Bills", "150779", "asset_receivable")
        invoice = self.owe(120)
        self.accept(invoice, holder=holder)
        returned = self.told(self.unpaid(invoice))
        returned.line_ids._match()
        returned.action_confirm()
        self.assertEqual(invoice.amount_residual, 120.0)
        credit = returned.move_ids.line_ids.filtered(lambda i: i.balance < 0)
        self.assertEqual(credit.account_id, holder)

    def test_a_person_registers_it_from_the_invoice(self):
        invoice, other = self.owe(120), self.owe(10)
        self.accept(invoice)
        self.assertTrue(invoice.can_come_back)
        self.assertFalse(other.can_come_back)
        action = invoice.action_open_payment_returned()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        dialog.write({"reason_id": self.reason_funds.id, "journal_id": self.bank.id})
        dialog.action_confirm()
        self.assertEqual(invoice.amount_residual, 120.0)

    # === WHAT IS NO BILL === #

    def get_entries_that_are_none(self):
        """Entries that pay an invoice of 120 and look like bills, by what they are."""
        late = DAY - timedelta(days=20)
        payable = self.company_data["default_account_payable"]
        expense = self.company_data["default_account_expense"]
        revenue = self.company_data["default_account_revenue"]
        loose = self.account("Not Matched", "150780", reconcile=False)
        second = self.account("Other Bills", "150781")
        owed = (self.receivable, -120.0, self.customer, DUE)
        other = self.other_customer
        return {
            "netting": (owed, (payable, 120.0, self.customer, DUE)),
            "write-off": (owed, (expense, 120.0, self.customer, DUE)),
            "discount": (owed, (revenue, 120.0, self.customer, DUE)),
            "factor": (owed, (self.bills, 120.0, other, DUE)),
            "another customer owes": (owed, (self.receivable, 120.0, other, DUE)),
            "doubtful": (owed, (self.bills, 120.0, self.customer, late)),
            "account not matched": (owed, (loose, 120.0, self.customer, DUE)),
            "with charges": (
                owed,
                (self.bills, 115.0, self.customer, DUE),
                (expense, 5.0, self.customer, DUE),
            ),
            "on two accounts": (
                owed,
                (self.bills, 60.0, self.customer, DUE),
                (second, 60.0, self.customer, DUE),
            ),
            "in two bills": (
                owed,
                (self.bills, 60.0, self.customer, DUE),
                (self.bills, 60.0, self.customer, DUE),
            ),
            "with income": (
                owed,
                (revenue, -30.0, self.customer, DUE),
                (self.bills, 150.0, self.customer, DUE),
            ),
        }

    def assertNoBill(self, invoice, item):
        line = self.told(self.unpaid(invoice)).line_ids
        line._match()
        self.assertNotEqual(line.match_state, "matched")
        self.assertNotIn(item, line.candidate_line_ids)
        self.assertFalse(invoice.can_come_back)
        with self.assertRaisesRegex(ValidationError, "is not what a customer paid"):
            self.told({"move_line_id": item.id, "amount": 10})

    def test_no_other_entry_is_a_collection(self):
        for name, lines in self.get_entries_that_are_none().items():
            with self.subTest(entry=name):
                invoice = self.owe(120)
                entry = self.enter(*lines)
                item = self.apply(entry, invoice)
                self.assertEqual(invoice.amount_residual, 0.0)
                self.assertNoBill(invoice, item)
        invoice = self.owe(120)
        self.accept(invoice)
        self.assertTrue(invoice.can_come_back)

    def test_credit_notes_are_none(self):
        invoice = self.owe(120)
        refund = self.invoice(120, move_type="out_refund")
        item = refund.line_ids.filtered(lambda i: i.account_type == "asset_receivable")
        (item | self.due_items(invoice)).reconcile()
        self.assertNoBill(invoice, item)

    def test_what_withholds_a_part_is_offered_for_nothing(self):
        invoice = self.owe(120)
        entry = self.enter(
            (self.receivable, -12.0, self.customer, DUE),
            (self.bills, 12.0, self.customer, DUE),
        )
        item = self.apply(entry, invoice)
        self.pay(invoice)
        line = self.told(self.unpaid(invoice, amount=12)).line_ids
        line._match()
        self.assertNotEqual(line.move_line_id, item)
        self.assertNotIn(item, line.candidate_line_ids)

    def test_what_was_reversed_is_gone(self):
        invoice = self.owe(120)
        entry = self.accept(invoice)
        reversal = entry._reverse_moves([{"date": DAY}], cancel=True)
        self.assertEqual(invoice.amount_residual, 120.0)
        for item in (self.credited(entry), self.credited(reversal)):
            line = self.told(self.unpaid(invoice)).line_ids
            line._match()
            self.assertNotEqual(line.match_state, "matched")
            self.assertNotEqual(line.move_line_id, item)
