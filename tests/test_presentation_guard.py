from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CreditBlockFixture
from .common_presentations import PresentationCommon
from .test_access_returns import MATRIX as RETURNS

MATRIX = {
    f"account.payment.presentation{name}": RETURNS["account.payment.return"]
    for name in ("", ".line")
}


@tagged("post_install", "-at_install")
class TestPresentationGuard(CreditBlockFixture, PresentationCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accountant_env = cls.env
        cls.env = cls.env(
            user=cls.env.ref("base.user_root"),
            context={**cls.env.context, "allowed_company_ids": cls.company.ids},
        )
        debtor = cls.customer
        cls._setup_credit_block(cls.company)
        cls.customer = debtor

    def _as(self, record, role):
        record = record.with_user(self.users[role]).sudo(False)
        return record.with_context(allowed_company_ids=self.company.ids)

    def by_accountant(self, record):
        return record.with_env(self.accountant_env)

    def test_every_cell_of_the_matrix(self):
        self._check_access_matrix(MATRIX)

    def test_who_keeps_the_books_presents_and_withdraws(self):
        for role in ("accountant", "credit_user", "credit_manager"):
            with self.subTest(role=role):
                bill = self.bill()
                action = self._as(bill, role).action_open_presentation()
                home = self._as(self.env[action["res_model"]], role)
                presentation = home.browse(action["res_id"])
                presentation.journal_id = self.bank
                presentation.action_present()
                self.assertEqual(bill.payment_state, "paid")
                presentation.action_cancel()
                self.assertEqual(bill.payment_state, "not_paid")

    def test_nobody_else_does(self):
        bill = self.bill()
        draft, presented = self.choose(bill), self.present(self.bill())
        presented_line = presented.line_ids
        calls = (
            (bill, "action_open_presentation"),
            (self.due_items(bill), "action_open_presentation"),
            (draft, "action_present"),
            (presented, "action_cancel"),
            (presented, "action_download"),
            (presented, "action_open_receipts"),
            (presented, "action_open_invoices"),
            (presented_line, "action_withdraw"),
            (presented_line, "action_open_partner"),
            (presented.payment_ids, "action_open_presentation"),
            (bill, "action_open_receipts"),
        )
        for role in ("salesperson", "portal", "public"):
            for record, name in calls:
                told = self.subTest(role=role, model=record._name, name=name)
                with told, self.assertRaises(AccessError):
                    getattr(self._as(record, role), name)()

    def test_another_company_sees_nothing_of_it(self):
        presentation = self.present(self.bill())
        other = self.env["res.company"].create({"name": "Other"})
        user = self.users["accountant"]
        user.company_ids += other
        seen = presentation.with_user(user).with_context(allowed_company_ids=other.ids)
        lines = seen.env["account.payment.presentation.line"]
        for records in (seen, lines.browse(presentation.line_ids.ids)):
            with self.assertRaises(AccessError):
                records.check_access("read")
        self._as(presentation, "accountant").check_access("read")

    def test_nobody_enters_what_presenting_fills_in(self):
        bill = self.bill()
        home = self.by_accountant(self.env["account.payment.presentation"])
        draft = self.by_accountant(self.choose(bill))
        for values in (
            {"state": "presented"},
            {"name": "RB/1"},
            {"file": b"eA=="},
            {"file_name": "x"},
        ):
            with self.assertRaisesRegex(UserError, "made by its buttons"):
                draft.write(values)
            with self.assertRaisesRegex(UserError, "made by its buttons"):
                home.create({"journal_id": self.bank.id, **values})
        told = home.with_context(default_state="presented", default_name="RB/1")
        made = told.create({"journal_id": self.bank.id})
        self.assertEqual(made.state, "draft")
        self.assertNotEqual(made.name, "RB/1")
        payment = self.pay(self.bill())
        for values in ({"payment_id": payment.id}, {"presented_amount": 5}):
            with self.assertRaisesRegex(UserError, "made by its buttons"):
                draft.line_ids.write(values)
        with self.assertRaisesRegex(UserError, "made by its buttons"):
            self.by_accountant(payment).write(
                {"presentation_line_ids": [Command.link(draft.line_ids.id)]}
            )
        draft.write({"date": self.day(1)})

    def test_what_was_presented_stays_as_it_is(self):
        presentation = self.by_accountant(self.present(self.bill()))
        bill = self.bill()
        changes = (
            lambda: presentation.write({"date": self.day(1)}),
            lambda: presentation.write({"journal_id": self.bank.id}),
            lambda: presentation.line_ids.write({"due_date": self.day(1)}),
            lambda: presentation.line_ids.unlink(),
            lambda: presentation.line_ids.create(
                {
                    "presentation_id": presentation.id,
                    "move_line_id": self.due_items(bill).id,
                }
            ),
        )
        for change in changes:
            with self.assertRaisesRegex(UserError, "The bank has been told"):
                change()
        with self.assertRaisesRegex(UserError, "stays as a trace"):
            presentation.unlink()
        with self.assertRaisesRegex(UserError, "Only a draft"):
            presentation.action_present()
        presentation.message_post(body="A note")
        draft = self.by_accountant(self.choose(bill))
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_a_receipt_changes_with_its_presentation_only(self):
        presentation = self.by_accountant(self.present(self.bill()))
        receipt = presentation.payment_ids
        other_method = self.bank.inbound_payment_method_line_ids[:1]
        changes = (
            lambda: receipt.write({"amount": 5}),
            lambda: receipt.write({"date": self.day(1)}),
            lambda: receipt.write({"end_to_end_id": "1"}),
            lambda: receipt.write({"collection_due_date": self.day(1)}),
            lambda: receipt.write({"collection_message_id": "1"}),
            lambda: receipt.write({"mandate_reference": "1"}),
            lambda: receipt.write({"invoice_ids": [Command.clear()]}),
            lambda: receipt.write({"payment_method_line_id": other_method.id}),
            lambda: receipt.write({"state": "rejected"}),
            lambda: receipt.action_reject(),
            lambda: receipt.action_draft(),
            lambda: receipt.action_cancel(),
            lambda: receipt.unlink(),
        )
        for change in changes:
            with self.assertRaisesRegex(UserError, "withdraw it there first"):
                change()
        receipt.write({"memo": "NOTE", "is_sent": True})
        presentation.action_cancel()
        with self.assertRaisesRegex(UserError, "present its instalments again"):
            receipt.action_draft()

    def test_a_draft_is_withdrawn_too(self):
        draft = self.by_accountant(self.choose(self.bill()))
        draft.action_cancel()
        self.assertEqual(draft.state, "cancelled")
        with self.assertRaisesRegex(UserError, "Only a draft"):
            draft.action_present()

    def test_what_no_bank_was_told_of_may_be_deleted(self):
        draft = self.by_accountant(self.choose(self.bill()))
        presented = self.by_accountant(self.present(self.bill()))
        (draft | presented).action_cancel()
        with self.assertRaisesRegex(UserError, "stays as a trace"):
            (draft | presented).unlink()
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_the_entry_of_a_receipt_changes_with_its_presentation_only(self):
        presentation = self.by_accountant(self.present(self.bill()))
        entry = presentation.payment_ids.move_id
        waiting = presentation.payment_ids._get_waiting()
        changes = (
            lambda: entry.button_draft(),
            lambda: entry.button_cancel(),
            lambda: entry._reverse_moves(cancel=True),
            lambda: entry.write({"ref": "x", "date": self.day(1)}),
            lambda: entry.write({"origin_payment_id": False}),
            lambda: waiting.write({"account_id": self.receivable.id}),
            lambda: waiting.unlink(),
        )
        for change in changes:
            with self.assertRaisesRegex(UserError, "withdraw it there first"):
                change()
        entry.message_post(body="A note")
        presentation.action_cancel()
        self.assertEqual(presentation.line_ids.outcome, "withdrawn")

    def test_an_invoice_in_a_receipt_stays_in_the_books(self):
        term = self.env.ref("account.account_payment_term_immediate")
        for books in (lambda: None, self.without_entry):
            books()
            bill = self.by_accountant(self.bill_in_parts())
            presentation = self.by_accountant(self.present(bill))
            for change in (
                bill.button_draft,
                bill.button_cancel,
                lambda bill=bill: bill.write({"state": "draft"}),
                lambda bill=bill: bill.write({"matched_payment_ids": [(5,)]}),
            ):
                with self.assertRaisesRegex(UserError, "first"):
                    change()
            presentation.action_cancel()
            bill.button_draft()
            bill.invoice_payment_term_id = term

    def test_a_credited_instalment_goes_as_any_paid_one(self):
        bill = self.by_accountant(self.bill(100))
        presentation = self.by_accountant(self.present(bill))
        with self.assertRaisesRegex(UserError, "bank is collecting"):
            bill.button_draft()
        self.credit(100, presentation.payment_ids._get_waiting())
        bill.button_draft()

    def test_what_was_withdrawn_stays_a_trace_without_its_invoice(self):
        self.without_entry()
        bill = self.by_accountant(self.bill(100))
        presentation = self.by_accountant(self.present(bill))
        receipt = presentation.payment_ids
        draft = self.by_accountant(self.choose(self.bill(30)))
        presentation.action_cancel()
        gone = bill | draft.line_ids.move_id
        gone.button_draft()
        gone.with_context(force_delete=True).unlink()
        line = presentation.line_ids
        self.assertEqual(line.payment_id, receipt)
        self.assertFalse(line.move_line_id)
        self.assertEqual((line.amount, line.partner_id), (100, receipt.partner_id))
        self.assertEqual(line.outcome, "withdrawn")
        self.assertFalse(draft.line_ids)
        for change in (receipt.action_draft, receipt.unlink):
            with self.assertRaisesRegex(UserError, "present its instalments again"):
                change()

    def test_a_draft_names_an_instalment(self):
        draft = self.by_accountant(self.choose(self.bill()))
        with self.assertRaisesRegex(UserError, "Choose the instalment"):
            draft.line_ids = [Command.create({"due_date": self.day(3)})]
        with self.assertRaisesRegex(UserError, "Choose the instalment"):
            draft.line_ids.move_line_id = False

    def test_no_default_of_a_client_fills_in_a_line(self):
        draft = self.by_accountant(self.choose(self.bill()))
        values = {
            "presentation_id": draft.id,
            "move_line_id": self.due_items(self.bill()).id,
        }
        paid = self.pay(self.bill())
        line = draft.line_ids.with_context(
            default_payment_id=paid.id, default_presented_amount=5
        ).create(values)
        self.assertRecordValues(line, [{"payment_id": False, "presented_amount": 0}])

    def test_what_is_of_another_company_is_neither_named_nor_told(self):
        other = self.env["res.company"].create({"name": "Other"})
        partner = self.env["res.partner"].create(
            {"name": "Secret", "company_id": other.id}
        )
        bank = self.env["res.partner.bank"].create(
            {"acc_number": "SECRET", "partner_id": partner.id, "company_id": other.id}
        )
        draft = self.by_accountant(self.choose(self.bill()))
        values = {
            "presentation_id": draft.id,
            "move_line_id": self.due_items(self.bill()).id,
        }
        lines = draft.line_ids
        with self.assertRaises(AccessError):
            lines.with_context(default_partner_bank_id=bank.id).create(values)
        named = {"partner_bank_id": bank.id}
        with self.assertRaises(AccessError):
            lines.browse().onchange(named, [*named], {"partner_bank_id": {}})
        lines.browse().onchange(values, list(values), {"amount": {}})

    def test_the_file_of_the_bank_stays_as_it_was_sent(self):
        presentation = self.by_accountant(self.present(self.bill()))
        sent = presentation.file
        files = self.accountant_env["ir.attachment"].search(
            [("res_model", "=", presentation._name), ("res_field", "=", "file")]
        )
        self.assertEqual(len(files), 1)
        beside = files.create(
            {
                "name": "x",
                "raw": b"x",
                "res_model": presentation._name,
                "res_id": presentation.id,
            }
        )
        elsewhere = files.create(
            {
                "name": "x",
                "raw": b"x",
                "res_model": "base_import.import",
                "res_field": "file",
                "res_id": 1,
            }
        )
        changes = (
            lambda: files.write({"raw": b"x"}),
            lambda: files.write({"res_id": presentation.id + 1}),
            lambda: files.unlink(),
            lambda: beside.write({"res_field": "file"}),
            lambda: files.sudo()._delete_and_notify(),
            lambda: elsewhere.write(
                {"res_model": presentation._name, "res_id": presentation.id}
            ),
            lambda: files.create(
                {
                    "name": "x",
                    "raw": b"x",
                    "res_model": presentation._name,
                    "res_id": presentation.id,
                    "res_field": "file",
                }
            ),
        )
        for change in changes:
            with self.assertRaisesRegex(UserError, "stays as it is"):
                change()
        self.env.invalidate_all()
        self.assertEqual(presentation.file, sent)
        beside.unlink()

    def test_credited_receipts_are_not_withdrawn(self):
        presentation = self.by_accountant(self.present(self.bill(100)))
        waiting = presentation.payment_ids._get_waiting()
        self.credit(100, waiting)
        with self.assertRaisesRegex(UserError, "has credited receipt"):
            presentation.action_cancel()

    def test_withdrawn_instalments_are_open_again(self):
        bills = self.bill(100) | self.bill(50)
        presentation = self.by_accountant(self.present(*bills))
        presentation.action_cancel()
        self.assertEqual(presentation.state, "cancelled")
        self.assertEqual(bills.mapped("payment_state"), ["not_paid"] * 2)
        self.assertEqual(set(presentation.payment_ids.mapped("state")), {"canceled"})
        again = self.present(*bills)
        self.assertPresented(again, 2)
        self.assertFalse(again.payment_ids & presentation.payment_ids)
