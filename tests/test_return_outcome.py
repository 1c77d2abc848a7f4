"""What confirming and cancelling say before is what they do."""

from dataclasses import fields as get_fields

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CreditBlockFixture
from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestReturnOutcome(CreditBlockFixture, PaymentReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        blocked, other = cls.customer, cls.other_customer
        cls._setup_credit_block(cls.company)
        cls.customer, cls.other_customer = blocked, other
        cls.customer.email = "rossi@example.com"
        cls.outcomes = cls.env["account.payment.return.outcome"]

    def check_foreseen(self, returned):
        """Confirm a return and compare what comes of it with what was foreseen."""
        foreseen = self.outcomes._foresee(returned)
        self.assertEqual(returned.state, "draft")
        self.assertFalse(returned.move_ids)
        returned.action_confirm()
        lines = returned.line_ids._filter_came_back()
        done = self.outcomes._read(lines)
        for name in (each.name for each in get_fields(done)):
            before, after = getattr(foreseen, name), getattr(done, name)
            if isinstance(after, tuple):
                before, after = sorted(before), sorted(after)
            self.assertEqual(before, after, name)
        return done

    def test_one_is_named(self):
        invoice = self.invoice(950.99)
        done = self.check_foreseen(self.make_return(self.pay(invoice)))
        amount = self.company.currency_id.format(950.99)
        self.assertEqual(
            self.outcomes._tell_shortly(done),
            f"Books {amount} back on {invoice.name} · writes to rossi@example.com"
            f" · blocks Rossi Impianti Srl ({self.level_unpaid.name})",
        )

    def test_whoever_is_spared_is_counted(self):
        """No address, no mail wanted, exempt, blocked before, a wrong account."""
        names = ("address", "mail", "exempt", "block", "fault")
        partners = {
            name: self._create_customer(name, email=f"{name}@example.com")
            for name in names
        }
        partners["address"].email = False
        partners["mail"].credit_return_mail_opt_out = True
        partners["exempt"].sudo().credit_block_exempt = True
        self.make_return(self.pay(self.invoice(7, partners["block"]))).action_confirm()
        payments = {
            name: self.pay(self.invoice(100, partner))
            for name, partner in partners.items()
        }
        returned = self.make_return(
            self.env["account.payment"].union(*payments.values())
        )
        fault = returned.line_ids.filtered(
            lambda line: line.partner_id == partners["fault"]
        )
        fault.reason_id = self.reason_iban
        done = self.check_foreseen(returned)
        self.assertEqual(
            set(done.mailed),
            {partners[name].id for name in ("exempt", "block", "fault")},
        )
        self.assertEqual(done.unmailed["no_address"], tuple(partners["address"].ids))
        self.assertEqual(done.unmailed["opted_out"], tuple(partners["mail"].ids))
        words = "1 without address, 1 opted out"
        self.assertIn(words, " ".join(self.outcomes._tell(done)))
        self.assertEqual(done.exempt, tuple(partners["exempt"].ids))
        self.assertEqual(done.kept, tuple(partners["block"].ids))
        blocked = [partners[name].id for name in ("address", "mail")]
        self.assertEqual(sorted(*done.blocked.values()), blocked)

    def test_nobody_is_blocked_or_written_to_where_it_is_switched_off(self):
        self.company.sudo().credit_block_on_return = False
        rule = self.env.ref(
            "account_credit_block.base_automation_payment_return_mail"
        ).sudo()
        # The classes stay unpatched after the rollback, for the tests that follow.
        self.addCleanup(rule.write, {"active": True})
        rule.active = False
        done = self.check_foreseen(self.make_return(self.pay(self.invoice())))
        self.assertFalse(done.blocked or done.exempt or done.mailed or done.unmailed)

    def test_who_owes_nothing_on_balance_is_neither_blocked_nor_written_to(self):
        payment = self.pay(self.invoice(100))
        advance = self.env["account.payment"].create(
            {"partner_id": self.customer.id, "amount": 100, "date": "2026-09-02"}
        )
        advance.action_post()
        done = self.check_foreseen(self.make_return(payment))
        self.assertFalse(done.blocked)
        self.assertEqual(done.unmailed, {"settled": tuple(self.customer.ids)})

    def test_a_fee_charged_again_is_owed(self):
        self.company.sudo().credit_return_fee_policy = "receivable"
        payment = self.pay(self.invoice(100))
        advance = self.env["account.payment"].create(
            {"partner_id": self.customer.id, "amount": 100, "date": "2026-09-02"}
        )
        advance.action_post()
        done = self.check_foreseen(self.make_return(payment, line_fee_amount=3))
        self.assertEqual(list(done.mailed), self.customer.ids)
        fee = f"bank fees charged to customers: {self.company.currency_id.format(3)}"
        self.assertIn(fee, self.outcomes._tell(done))
        self.assertIn(fee, self.outcomes._tell_shortly(done))

    def test_a_fee_that_is_our_cost_is_not_told(self):
        self.company.sudo().credit_return_fee_policy = "company"
        payment = self.pay(self.invoice(100))
        done = self.check_foreseen(self.make_return(payment, line_fee_amount=3))
        self.assertFalse(done.fees)
        self.assertNotIn("bank fees", self.outcomes._tell_shortly(done))

    def test_a_part_of_several_invoices_and_money_on_account(self):
        payment = self.pay(self.invoice(60) + self.invoice(40), amount=130)
        self.check_foreseen(self.make_return(payment, line_amount=50))
        self.check_foreseen(self.make_return(payment, line_amount=80))

    def test_who_pays_for_another_customer_is_not_the_one_concerned(self):
        invoice = self.invoice(100)
        payment = self.pay(self.invoice(50, self.other_customer))
        self.payment_item(payment).remove_move_reconcile()
        (self.payment_item(payment) + self.due_items(invoice)).reconcile()
        done = self.check_foreseen(self.make_return(payment))
        self.assertEqual([*done.blocked.values()], [tuple(self.customer.ids)])

    def test_lines_to_match_stay_in_draft(self):
        returned = self.make_return(self.pay(self.invoice()))
        unknown = {"amount": 9, "reference": "unknown"}
        returned.line_ids = [Command.create(unknown), Command.create(unknown)]
        numbers = self.env["account.payment.return"].search_count([])
        self.outcomes._foresee(returned)
        self.assertEqual(self.env["account.payment.return"].search_count([]), numbers)
        self.assertEqual(self.check_foreseen(returned).waiting, 2)

    def test_the_reason_of_those_without(self):
        returned = self.make_return(self.pay(self.invoice()), line_reason_id=False)
        self.assertTrue(self.outcomes._foresee(returned).blocked)
        self.assertFalse(self.outcomes._foresee(returned, self.reason_iban).blocked)
        self.assertFalse(returned.line_ids.reason_id)

    def test_a_payment_without_an_entry(self):
        invoice = self.invoice(100)
        payment = self.pay_without_entry(invoice)
        done = self.check_foreseen(self.make_return(payment, line_move_line_id=False))
        self.assertEqual(done.invoice_ids, tuple(invoice.ids))

    def test_a_discount_comes_back_too(self):
        term = self.early_discount_term()
        invoice = self.invoice(100, invoice_payment_term_id=term.id)
        payment = self.pay(invoice, payment_date="2026-09-05")
        self.assertEqual(payment.amount, 98)
        self.check_foreseen(self.make_return(payment))

    def test_nothing_is_left_of_a_rehearsal(self):
        returned = self.make_return(self.pay(self.invoice()))
        self.env.flush_all()
        hooks = len(self.env.cr.postcommit), len(self.env.cr.precommit)
        tables = (
            "account_move",
            "account_partial_reconcile",
            "account_payment_return",
            "account_payment_return_notice",
            "account_payment_return_partial",
            "credit_block",
            "ir_cron_trigger",
            "mail_mail",
            "mail_message",
        )

        def get_state():
            query = " UNION ALL ".join(
                f"SELECT '{name}', COUNT(*) FROM {name}" for name in tables
            )
            self.env.cr.execute(query)
            return self.env.cr.fetchall()

        before, form = (
            get_state(),
            self.env["account.payment.return"].new({"name": "x"}),
        )
        self.outcomes._foresee(returned)
        self.assertEqual(get_state(), before)
        self.assertEqual(
            (len(self.env.cr.postcommit), len(self.env.cr.precommit)), hooks
        )
        self.assertEqual(
            form.name, "x", "a form that is filled in meanwhile is not lost"
        )

    def test_no_rule_of_others_runs(self):
        returned = self.make_return(self.pay(self.invoice()))
        self.env.flush_all()
        action = self.env["ir.actions.server"].sudo()
        automation = (
            self.env["base.automation"]
            .sudo()
            .create(
                {
                    "name": "Tell the world",
                    "model_id": self.env["ir.model"]._get_id("account.payment.return"),
                    "trigger": "on_write",
                }
            )
        )
        action.create(
            {
                "name": "Tell the world",
                "model_id": automation.model_id.id,
                "base_automation_id": automation.id,
                "usage": "base_automation",
                "state": "code",
                "code": "raise UserError('told')",
            }
        )
        self.outcomes._foresee(returned)
        with self.assertRaisesRegex(UserError, "told"):
            returned.action_confirm()

    # === CANCEL === #

    def test_cancel_says_what_goes_and_what_has_left(self):
        returned = self.make_return(self.pay(self.invoice(100)))
        returned.action_confirm()
        text = " · ".join(self.outcomes._foresee_cancel(returned))
        self.assertIn("1 reversed", text)
        self.assertIn(
            f"1 unblocked: Rossi Impianti Srl ({self.level_unpaid.name})", text
        )
        self.assertIn("1 mail not sent yet is dropped", text)
        returned.notice_ids.sudo().mail_id.state = "sent"
        text = " · ".join(self.outcomes._foresee_cancel(returned))
        self.assertIn("1 mail has left and cannot be taken back", text)
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(self.customer.credit_block_ids.state, "in_force")
        returned.action_cancel()
        self.assertEqual(self.customer.credit_block_ids.state, "lifted")

    def test_cancel_says_what_cannot_be_restored(self):
        invoice = self.invoice(100)
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        self.pay(invoice)
        foreseen = self.outcomes._foresee_cancel(returned)
        self.assertIn("was settled otherwise meanwhile", " ".join(foreseen))
        self.assertNotIn("applied again to", " ".join(foreseen))
        messages = returned.message_ids
        returned.action_cancel()
        said = (returned.message_ids - messages).mapped("body")
        self.assertTrue(any("was settled otherwise meanwhile" in body for body in said))

    def present_on_account(self):
        """Money on account by a direct debit of late, which a bank may refuse.

        Beside an invoice that the customer owes since its payment came back.
        """
        self.reopened = self.invoice(100)
        self.make_return(self.pay(self.reopened)).action_confirm()
        today = self.env.company._get_credit_today()
        payment = self.env["account.payment"].create(
            {
                "amount": 100,
                "date": fields.Date.subtract(today, days=3),
                "partner_id": self.customer.id,
                "journal_id": self.bank.id,
                "end_to_end_id": "E2E-0001",
            }
        )
        payment.action_post()
        return payment

    def check_foreseen_block(self, returned, state):
        """Cancel a return, whose block is then in the state that was told."""
        told = " · ".join(self.outcomes._foresee_cancel(returned))
        self.assertEqual("unblocked" in told, state == "lifted", told)
        blocks = self.customer.credit_block_ids
        self.assertEqual(blocks.state, "in_force")
        returned.action_cancel()
        self.assertEqual(blocks.state, state)

    def test_cancel_says_that_money_which_is_not_final_lifts_no_block(self):
        returned = self.make_return(self.present_on_account())
        returned.action_confirm()
        self.check_foreseen_block(returned, "in_force")

    def test_cancel_says_that_what_is_presented_again_lifts_no_block(self):
        payment = self.present_on_account()
        (self.payment_item(payment) | self.due_items(self.reopened)).reconcile()
        self.assertFalse(self.reopened.amount_residual)
        returned = self.make_return(payment)
        returned.action_confirm()
        self.assertEqual(self.reopened.amount_residual, 100)
        self.check_foreseen_block(returned, "in_force")

    def test_cancel_says_that_final_money_lifts_the_block(self):
        payment = self.present_on_account()
        payment.end_to_end_id = False
        returned = self.make_return(payment)
        returned.action_confirm()
        self.check_foreseen_block(returned, "lifted")

    def test_cancel_says_what_goes_of_what_the_bank_s_line_took_back(self):
        payment = self.present_on_account()
        transaction = self.env["account.bank.statement.line"].create(
            {"journal_id": self.bank.id, "amount": -100, "payment_ref": "Returned"}
        )
        returned = self.make_return(payment, statement_line_id=transaction.id)
        returned.action_confirm()
        self.check_foreseen_block(returned, "in_force")

    def charge_fees(self):
        """Let the company charge the bank's fees again, by an invoice without taxes."""
        company = self.company.sudo()
        product = self.env["product.product"].sudo()
        company.credit_return_fee_product_id = product.create(
            {"name": "Bank fee", "type": "service", "taxes_id": False}
        )
        company.credit_return_fee_policy = "invoice"

    def test_cancel_says_which_drafts_of_charges_go(self):
        self.charge_fees()
        charging = self.make_return(self.pay(self.invoice(100)), line_fee_amount=3)
        plain = self.make_return(self.pay(self.invoice(40)))
        for returned in (charging, plain):
            returned.action_confirm()
        gone = "1 draft invoice of charges deleted: Rossi Impianti Srl"
        amount = self.company.currency_id.format(3)
        foreseen = self.outcomes._foresee_cancel(charging)
        self.assertIn(f"{gone}, {amount} before tax", foreseen)
        self.assertIn("applied again to", foreseen[0])
        self.assertTrue(charging.fee_invoice_ids, "nothing is done yet")
        self.assertNotIn("charges", " ".join(self.outcomes._foresee_cancel(plain)))
        for returned in (charging, plain):
            returned.action_cancel()
        self.assertFalse(charging.fee_invoice_ids)
        self.assertIn(gone, " ".join(charging.message_ids.mapped("body")))
        self.assertNotIn(gone, " ".join(plain.message_ids.mapped("body")))

    def test_what_is_posted_of_charges_stays_and_is_said(self):
        self.charge_fees()
        returned = self.make_return(self.pay(self.invoice(100)), line_fee_amount=3)
        returned.action_confirm()
        charged = returned.fee_invoice_ids
        charged.action_post()
        foreseen = " ".join(self.outcomes._foresee_cancel(returned))
        self.assertIn(f"{charged.name} is posted", foreseen)
        self.assertNotIn("deleted", foreseen)
        self.assertIn("applied again to", foreseen)

    # === ON THE INVOICES === #

    def cancel_and_read(self, returned, document):
        """Cancel a return, and give the notes that a document gets."""
        before = document.message_ids
        returned.action_cancel()
        notes = (document.message_ids - before).mapped(lambda m: m.body.striptags())
        self.assertEqual(len(notes), 1)
        return notes[0]

    def test_an_invoice_is_told_that_its_return_was_cancelled(self):
        invoice, other = self.invoice(950.99), self.invoice(10)
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        messages = other.message_ids
        note = self.cancel_and_read(returned, invoice)
        amount = self.company.currency_id.format(950.99)
        self.assertEqual(
            note,
            f"Payment return {returned.name} was cancelled: {amount} count as paid"
            " again.",
        )
        self.assertEqual(other.message_ids, messages)

    def test_an_invoice_is_told_what_of_it_was_not_put_back(self):
        for again, said in (
            (100, "but its payment of {whole} could not be put back"),
            (40, "of its payment {rest} count again, and not the whole {whole}"),
        ):
            with self.subTest(again=again):
                invoice = self.invoice(100)
                returned = self.make_return(self.pay(invoice))
                returned.action_confirm()
                self.pay(invoice, amount=again)
                show = self.company.currency_id.format
                wanted = said.format(whole=show(100), rest=show(100 - again))
                self.assertIn(wanted, self.cancel_and_read(returned, invoice))

    def test_an_invoice_paid_by_a_payment_without_entry_is_told_too(self):
        invoice = self.invoice(100)
        returned = self.make_return(self.pay_without_entry(invoice))
        returned.action_confirm()
        self.assertIn("count as paid again", self.cancel_and_read(returned, invoice))

    def test_what_booked_nothing_tells_no_invoice(self):
        invoice = self.invoice(100)
        returned = self.make_return(self.pay(invoice))
        messages = invoice.message_ids
        returned.action_cancel()
        self.assertEqual(invoice.message_ids, messages)

    # === OTHER DRAFTS === #

    def test_another_draft_of_the_same_payment_does_not_stay_matched(self):
        payment = self.pay(self.invoice(100))
        first, second = self.make_return(payment), self.make_return(payment)
        other = self.make_return(self.pay(self.invoice(40)))
        first.action_confirm()
        self.assertEqual(second.line_ids.match_state, "unmatched")
        self.assertIn("already came back in full", second.line_ids.match_note)
        self.assertEqual(second.pending_count, 1)
        self.assertEqual(other.line_ids.match_state, "matched")
        first.action_cancel()
        self.assertEqual(second.line_ids.match_state, "matched")
        second.action_confirm()
        self.assertEqual(second.state, "confirmed")

    def test_another_draft_that_still_fits_stays_matched(self):
        payment = self.pay(self.invoice(100))
        first = self.make_return(payment, line_amount=60)
        second = self.make_return(payment, line_amount=40)
        too_much = self.make_return(payment, line_amount=41)
        first.action_confirm()
        self.assertEqual(second.line_ids.match_state, "matched")
        self.assertEqual(too_much.line_ids.match_state, "unmatched")
        second.action_confirm()
        self.assertEqual((first | second).mapped("state"), ["confirmed"] * 2)

    def test_a_draft_that_is_being_worked_on_is_left_alone(self):
        payment = self.pay(self.invoice(100))
        first, second = self.make_return(payment), self.make_return(payment)
        second.sudo().work_kind = "match"
        first.action_confirm()
        self.assertEqual(first.state, "confirmed")
        self.assertEqual(second.line_ids.match_state, "matched")

    # === THE DIALOG === #

    def open(self, returns, decision="confirm"):
        """Return the dialog that a button of returns opens."""
        action = getattr(returns, f"action_open_{decision}")()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_confirm_asks_first_and_tells_afterwards(self):
        returned = self.make_return(self.pay(self.invoice()), line_reason_id=False)
        dialog = self.open(returned)
        self.assertEqual((dialog.booked_count, dialog.unexplained_count), (1, 1))
        self.assertIn("<li>1 booked, 1 invoice reopened", dialog.summary)
        self.assertEqual(returned.state, "draft")
        dialog.reason_id = self.reason_iban
        self.assertIn("no customer is blocked", dialog.summary)
        answer = dialog.action_confirm()
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(returned.line_ids.reason_id, self.reason_iban)
        told = answer["params"]["message"]
        self.assertIn("1 booked, 1 invoice reopened", told)
        self.assertIn(told, returned.message_ids.mapped(lambda m: m.body.striptags()))
        self.assertEqual(returned.line_ids.status, "booked")
        self.assertEqual((returned.mail_count, returned.block_count), (1, 0))

    def test_what_has_changed_since_it_was_shown_is_shown_again(self):
        returned = self.make_return(self.pay(self.invoice(100)))
        dialog = self.open(returned)
        self.assertIn("1 booked", dialog.summary)
        second = self.pay(self.invoice(40, partner=self.other_customer))
        returned.line_ids = [
            Command.create({"move_line_id": self.payment_item(second).id, "amount": 40})
        ]
        answer = dialog.action_confirm()
        self.assertEqual(answer["res_id"], dialog.id)
        self.assertTrue(dialog.is_changed)
        self.assertIn("2 booked, 2 invoices reopened", dialog.summary)
        self.assertEqual(returned.state, "draft")
        dialog.action_confirm()
        self.assertEqual(returned.state, "confirmed")

    def test_cancelling_shows_again_what_has_changed_too(self):
        invoice = self.invoice(100)
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        dialog = self.open(returned, "cancel")
        self.assertIn("applied again to", dialog.summary)
        self.pay(invoice)
        self.assertEqual(dialog.action_cancel().get("res_id"), dialog.id)
        self.assertIn("was settled otherwise meanwhile", dialog.summary)
        self.assertEqual(returned.state, "confirmed")
        dialog.action_cancel()
        self.assertEqual(returned.state, "cancelled")

    def test_code_confirms_without_being_asked(self):
        returned = self.make_return(self.pay(self.invoice()))
        self.assertIs(returned.action_confirm(), True)
        self.assertEqual(returned.state, "confirmed")

    def test_a_reason_that_is_there_stays(self):
        returned = self.make_return(self.pay(self.invoice()))
        dialog = self.open(returned)
        self.assertFalse(dialog.unexplained_count)
        dialog.reason_id = self.reason_iban
        dialog.action_confirm()
        self.assertEqual(returned.line_ids.reason_id, self.reason_funds)

    def test_only_a_reason_that_says_unpaid_is_given(self):
        returned = self.make_return(self.pay(self.invoice()))
        returned.line_ids.reason_id = False
        paid = self.env["account.payment.return.reason"].search(
            [("outcome", "=", "paid")], limit=1
        )
        dialog = self.open(returned)
        with self.assertRaisesRegex(UserError, "does not say that a payment came back"):
            dialog.reason_id = paid
            dialog.action_confirm()
        self.assertEqual(returned.state, "draft")
        self.assertFalse(returned.line_ids.reason_id)
        dialog = self.open(returned)
        dialog.reason_id = self.reason_funds
        dialog.action_confirm()
        self.assertEqual(returned.line_ids.reason_id, self.reason_funds)

    def test_a_second_click_and_an_empty_dialog_do_nothing(self):
        returned = self.make_return(self.pay(self.invoice()))
        dialog = self.open(returned)
        dialog.action_confirm()
        for late in (dialog, self.env["account.payment.return.decision"].create({})):
            with self.assertRaisesRegex(UserError, "Nothing is left to do"):
                late.action_confirm()
        with self.assertRaisesRegex(UserError, "Only payment returns in draft"):
            self.open(returned)
        self.assertEqual(len(returned.move_ids), 1)

    def test_what_cannot_be_confirmed_says_so_at_once(self):
        payment = self.pay(self.invoice())
        returned = self.make_return(payment, line_amount=500)
        with self.assertRaisesRegex(
            UserError, "no line has a payment that can come back"
        ):
            self.open(returned)

    def test_cancel_asks_first(self):
        returned = self.make_return(self.pay(self.invoice()))
        self.assertIn("Nothing was booked", self.open(returned, "cancel").summary)
        returned.action_confirm()
        dialog = self.open(returned, "cancel")
        self.assertIn("1 reversed", dialog.summary)
        with self.assertRaisesRegex(UserError, "Nothing is left to do"):
            dialog.action_confirm()
        answer = dialog.action_cancel()
        self.assertEqual(
            (returned.state, returned.line_ids.status), ("cancelled", "reversed")
        )
        self.assertEqual(answer["params"]["type"], "success")
        self.assertIn(answer["params"]["message"], dialog.summary.striptags())

    def test_cancelling_tells_afterwards(self):
        answer = self.open(self.make_return(()), "cancel").action_cancel()
        self.assertIn("Nothing was booked", answer["params"]["message"])
        invoice = self.invoice()
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        self.pay(invoice)
        answer = self.open(returned, "cancel").action_cancel()
        self.assertEqual(answer["params"]["type"], "warning")
        self.assertNotIn("applied again", answer["params"]["message"])
        self.assertIs(returned.action_cancel(), True, "code is not told")

    def test_what_waits_is_one_click_away(self):
        returned = self.make_return(self.pay(self.invoice()))
        returned.line_ids = [Command.create({"amount": 9, "reference": "unknown"})]
        self.open(returned).action_confirm()
        self.assertEqual(returned.rest_count, 1)
        self.assertEqual(returned.action_open_rest()["res_id"], returned.rest_ids.id)
        self.assertEqual(
            returned.action_open_blocks()["res_id"], self.customer.credit_block_ids.id
        )
        self.assertEqual(
            returned.action_open_notices()["res_model"], "account.payment.return.notice"
        )

    # === COSTS === #

    def test_the_queries_do_not_grow_with_the_lines(self):
        counts = []
        for number in (2, 12):
            partners = [
                self._create_customer(f"C{n} of {number}") for n in range(number)
            ]
            payments = [self.pay(self.invoice(50, partner)) for partner in partners]
            returned = self.make_return(self.env["account.payment"].union(*payments))
            counts.append(
                self._count_queries(lambda r=returned: self.outcomes._foresee(r))
            )
        self.assertLessEqual(counts[1], counts[0] + 5, counts)
