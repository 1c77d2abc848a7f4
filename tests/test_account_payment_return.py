from psycopg2 import errors

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..models import said
from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestAccountPaymentReturn(PaymentReturnCommon):
    """Who may change what, and what a return looks like from its documents."""

    def setUp(self):
        super().setUp()
        self.payment = self.pay(self.invoice(100))
        self.returned = self.make_return(self.payment)

    def test_a_return_that_is_not_saved_is_called_new(self):
        payment_return = self.env["account.payment.return"].new({})
        self.assertEqual(payment_return.display_name, "New")
        saved = self.make_return(self.pay(self.invoice(10)))
        self.assertEqual(saved.display_name, saved.name)

    def test_a_line_of_another_company_is_found_among_others(self):
        payments = self.pay(self.invoice(10)) | self.pay(self.invoice(20))
        lines = self.make_return(self.payment | payments).line_ids
        lines._check_company()
        stranger = self.env["res.company"].create({"name": "Stranger"})
        self.cr.execute(
            "UPDATE account_payment_return_line SET company_id = %s WHERE id = %s",
            (stranger.id, lines[1].id),
        )
        lines.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "Stranger"):
            lines._check_company()
        with self.assertRaisesRegex(UserError, "Stranger"):
            lines._check_company(["return_id"])
        lines._check_company(["payment_id"])

    def test_what_a_reason_calls_paid_has_not_come_back(self):
        reasons = self.env["account.payment.return.reason"]
        unpaid = self.returned.line_ids.reason_id
        paid = reasons.search([("outcome", "=", "paid")], limit=1)
        self.assertTrue(paid)
        self.returned.line_ids.reason_id = paid
        with self.assertRaisesRegex(UserError, "does not say that a payment came back"):
            self.returned.action_confirm()
        self.returned.line_ids.reason_id = unpaid
        self.assertTrue(self.returned.action_confirm())

    def test_the_state_moves_by_the_buttons_only(self):
        with self.assertRaisesRegex(UserError, "buttons Confirm and Cancel only"):
            self.returned.write({"state": "confirmed"})
        with self.assertRaisesRegex(UserError, "buttons Confirm and Cancel only"):
            self.returned.copy({"state": "confirmed"})
        self.returned.action_confirm()
        self.assertEqual(self.returned.state, "confirmed")

    def test_what_is_in_the_books_does_not_change(self):
        self.returned.line_ids.amount = 60.0
        self.returned.action_confirm()
        with self.assertRaisesRegex(UserError, "already in the books"):
            self.returned.date = "2026-10-10"
        with self.assertRaisesRegex(UserError, "already in the books"):
            self.returned.line_ids.amount = 50.0
        with self.assertRaisesRegex(UserError, "already in the books"):
            self.returned.line_ids = [Command.create({"amount": 1.0})]

    def test_a_return_that_was_booked_cannot_be_deleted(self):
        draft = self.returned.copy()
        self.returned.action_confirm()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.returned.unlink()
        self.returned.action_cancel()
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self.returned.unlink()
        draft.unlink()
        self.assertFalse(draft.exists())

    def test_the_entry_goes_with_its_return(self):
        self.returned.action_confirm()
        entry = self.returned.move_ids
        with self.assertRaisesRegex(UserError, "Cancel the return instead"):
            entry.button_draft()
        with self.assertRaisesRegex(UserError, "Cancel the return instead"):
            entry.button_cancel()
        self.returned.action_cancel()
        self.assertEqual(entry.state, "posted")
        free = self.invoice(10)
        free.button_draft()
        self.assertEqual(free.state, "draft")

    def test_an_empty_return_is_not_confirmed(self):
        empty = self.env["account.payment.return"].create({"journal_id": self.bank.id})
        with self.assertRaisesRegex(UserError, "no line has a payment"):
            empty.action_confirm()
        self.assertEqual(empty.state, "draft")

    def test_negative_amounts_are_refused(self):
        with self.assertRaises(errors.CheckViolation), mute_logger("odoo.sql_db"):
            self.returned.line_ids.amount = -1.0
            self.env.flush_all()

    def test_what_is_no_amount_is_refused(self):
        for value in (float("nan"), float("inf"), 1e13):
            with (
                self.subTest(value=value),
                self.assertRaises(errors.CheckViolation),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self.returned.line_ids.told_amount = value
                self.env.flush_all()
        self.returned.line_ids.told_amount = 1e11
        self.env.flush_all()

    def test_each_return_has_a_number_of_its_own(self):
        other = self.make_return(self.payment)
        self.assertRegex(self.returned.name, r"^RET/2026/\d{5}$")
        self.assertNotEqual(self.returned.name, other.name)

    def test_a_payment_of_another_company_is_set_aside(self):
        other = self.setup_other_company()
        bank = other["default_journal_bank"]
        returned = self.env["account.payment.return"].create({"journal_id": bank.id})
        self.assertEqual(returned.company_id, other["company"])
        line = self.returned.line_ids.sudo()
        self.assertFalse(line._get_problem(100.0))
        self.env.invalidate_all()
        self.env.cr.execute(
            "UPDATE account_payment_return SET company_id = %s WHERE id = %s",
            [other["company"].id, line.return_id.id],
        )
        self.assertEqual(line._get_problem(100.0), said.say("match.not_ours"))

    def test_salespeople_see_the_flag_on_the_invoice_but_no_return(self):
        invoice = self.payment.reconciled_invoice_ids
        self.returned.action_confirm()
        salesman = new_test_user(
            self.env, "sales", "sales_team.group_sale_salesman_all_leads"
        )
        salesman.sudo().company_ids = self.company
        salesman.sudo().company_id = self.company
        seen = invoice.with_user(salesman).with_company(self.company)
        self.assertEqual(seen.payment_return_count, 1)
        self.assertTrue(seen.is_payment_returned)
        self.assertEqual(seen.payment_return_reason, self.reason_funds.name)
        with self.assertRaisesRegex(AccessError, "Payment Return"):
            self.returned.with_user(salesman).read(["name"])

    def test_a_copied_invoice_was_never_returned(self):
        invoice = self.payment.reconciled_invoice_ids
        self.returned.action_confirm()
        self.assertEqual(invoice.payment_return_count, 1)
        self.assertEqual(invoice.copy().payment_return_count, 0)

    def test_returned_invoices_are_found(self):
        invoice = self.payment.reconciled_invoice_ids
        moves = self.env["account.move"]
        self.assertNotIn(invoice, moves.search([("is_payment_returned", "=", True)]))
        self.returned.action_confirm()
        self.assertIn(invoice, moves.search([("is_payment_returned", "=", True)]))
        self.assertNotIn(invoice, moves.search([("is_payment_returned", "=", False)]))
        self.pay(invoice)
        self.assertNotIn(invoice, moves.search([("is_payment_returned", "=", True)]))

    def test_the_payments_widget_of_a_returned_invoice_is_cores(self):
        invoice = self.payment.reconciled_invoice_ids
        self.returned.action_confirm()
        again = self.pay(invoice)
        content = invoice.invoice_payments_widget["content"]
        self.assertEqual([row["account_payment_id"] for row in content], again.ids)
        invoice.js_remove_outstanding_partial(content[0]["partial_id"])
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_the_number_of_queries_does_not_grow_by_more_than_one_a_return(self):
        def queries(count):
            payments = self.pay(
                self.env["account.move"].union(
                    *(self.invoice(10 + n) for n in range(count))
                ),
                group=False,
            )
            returned = self.make_return(payments)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            returned.action_confirm()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        # A mail grows with the invoices it lists; it is not what is measured here.
        self.customer.sudo().credit_return_mail_opt_out = True
        queries(2)
        few, many = queries(3), queries(12)
        self.assertLess(few, 345)
        self.assertLessEqual(many - few, 9)
