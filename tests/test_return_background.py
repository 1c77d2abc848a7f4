"""Large returns: matched and booked bit by bit, and nothing of them twice."""

import json
from contextlib import contextmanager
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.account_credit_block.models.returns import (
    account_payment_return_background as background,
)
from odoo.addons.account_credit_block.models.returns import (
    account_payment_return_work as work,
)

from .common import new_user
from .common_returns import PaymentReturnCommon


class BackgroundCommon(PaymentReturnCommon):
    """What is large here are a few lines, and a piece are two of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for module, name, value in (
            (background, "LARGE", 3),
            (background, "LARGE_TO_MATCH", 3),
            (background, "PIECE", 2),
            (work, "PIECE", 2),
            (work, "MATCH_PIECE", 2),
        ):
            cls.startClassPatcher(patch.object(module, name, value))
        cls.works = cls.env["account.payment.return.work"].sudo()

    @classmethod
    def pay_each(cls, count):
        """Invoices of so many customers, each paid by a payment of its own."""
        partners = cls.env["res.partner"].create(
            [
                {"name": f"Customer {number}", "email": f"c{number}@example.com"}
                for number in range(count)
            ]
        )
        payments = cls.env["account.payment"]
        for number, partner in enumerate(partners):
            payments += cls.pay(cls.invoice(100 + number, partner))
        return payments

    @classmethod
    def large_return(cls, count=5, **values):
        """A draft with more lines than are booked at once."""
        return cls.make_return(cls.pay_each(count), **values)

    def click_confirm(self, returned):
        """Confirm by the dialog, as people do; return what the client is told."""
        action = returned.action_open_confirm()
        dialog = returned.env[action["res_model"]].browse(action["res_id"])
        return dialog.action_confirm()

    def do_pieces(self, count=None):
        """Let a job do so many pieces, or all; return how many there were."""
        done = 0
        while done != count and self.works._do_next():
            done += 1
            self.env.flush_all()
            self.env.invalidate_all()
        return done

    @contextmanager
    def failing(self, *lines):
        """Within this, these lines are confirmed and charged to customers; the product
        that they are charged by is taken away before the job begins.
        """
        company = self.company.sudo()
        company.credit_return_fee_product_id = self.env["product.product"].create(
            {"name": "Return fee", "type": "service"}
        )
        for line in lines:
            line.fee_amount = 5
            line.partner_id.credit_return_fee_policy = "invoice"
        self.click_confirm(lines[0].return_id)
        company.credit_return_fee_product_id = False
        yield
        lines[0].partner_id.browse().union(
            *(line.partner_id for line in lines)
        ).credit_return_fee_policy = "company"


@tagged("post_install", "-at_install")
class TestReturnBackground(BackgroundCommon):
    def test_a_large_return_is_booked_bit_by_bit_each_line_once(self):
        returned = self.large_return(5)
        invoices = returned.line_ids.payment_id.reconciled_invoice_ids
        told = self.click_confirm(returned)
        self.assertIn("go on working", told["params"]["message"])
        self.assertEqual((returned.state, returned.work_kind), ("draft", "confirm"))
        self.assertFalse(returned.move_ids)
        self.assertEqual(self.do_pieces(), 4)
        self.assertEqual(returned.state, "confirmed")
        self.assertFalse(returned.work_kind)
        self.assertFalse(self.works.search([]))
        self.assertEqual(len(returned.move_ids), 3)
        debits = returned.move_ids.line_ids.filtered("payment_return_line_id")
        self.assertEqual(
            sorted(debits.payment_return_line_id.ids), sorted(returned.line_ids.ids)
        )
        self.assertEqual(sum(debits.mapped("debit")), sum(range(100, 105)))
        self.assertEqual(set(invoices.mapped("payment_state")), {"not_paid"})
        self.assertEqual(len(returned.line_ids.block_ids), 5)
        self.assertEqual(len(returned.notice_ids), 5)
        body = returned.message_ids.mapped("body")
        self.assertTrue(any("5 booked, 5 invoices reopened" in text for text in body))

    def test_the_end_asks_for_all_lines_at_once(self):
        few, many = self.count_queries_of_the_end(4), self.count_queries_of_the_end(10)
        self.assertEqual(few, many)

    def count_queries_of_the_end(self, count):
        """How many queries the last piece of so many lines takes."""
        returned = self.large_return(count)
        returned.action_confirm_later()
        self.do_pieces(count // 2)
        before = self.env.cr.sql_log_count
        self.do_pieces(1)
        self.assertEqual(returned.state, "confirmed")
        return self.env.cr.sql_log_count - before

    def test_mails_are_foreseen_where_they_are_written(self):
        returned = self.large_return(5)
        for is_written in (True, False):
            self.company.credit_return_mail = is_written
            action = returned.action_open_confirm()
            dialog = self.env[action["res_model"]].browse(action["res_id"])
            self.assertEqual("written to" in dialog.summary, is_written)

    def test_blocks_and_drafts_are_foreseen_where_there_will_be_any(self):
        returned = self.large_return(5, line_fee_amount=5.0)
        company = self.company.sudo()
        company.credit_return_fee_product_id = self.env["product.product"].create(
            {"name": "Return fee", "type": "service"}
        )
        for is_on in (True, False):
            company.credit_block_on_return = is_on
            company.credit_late_charges = is_on
            company.credit_return_fee_policy = "invoice" if is_on else "company"
            action = returned.action_open_confirm()
            summary = self.env[action["res_model"]].browse(action["res_id"]).summary
            for text in ("customers are blocked", "of fees are", "of late payment are"):
                self.assertEqual(text in summary, is_on, text)
            self.assertEqual("no customer is blocked" in summary, not is_on)
        rule = self.env.ref("account_credit_block.credit_block_rule_overdue").sudo()
        rule.active = True
        action = returned.action_open_confirm()
        summary = self.env[action["res_model"]].browse(action["res_id"]).summary
        self.assertIn("customers are blocked", summary)

    def test_a_small_return_is_booked_at_once(self):
        returned = self.large_return(3)
        self.click_confirm(returned)
        self.assertEqual(returned.state, "confirmed")
        self.assertFalse(self.works.search([]))

    def test_code_books_a_large_return_at_once_unless_it_asks_otherwise(self):
        returned, other = self.large_return(4), self.large_return(4)
        returned.action_confirm()
        self.assertEqual(returned.state, "confirmed")
        other.action_confirm_later()
        self.assertEqual(other.state, "draft")
        self.do_pieces()
        self.assertEqual(other.state, "confirmed")

    def test_a_small_return_confirmed_with_a_large_one_is_booked_at_once(self):
        small, large = self.large_return(2), self.large_return(4)
        action = (small | large).action_open_confirm()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(dialog.booked_count, 6)
        self.assertIn("4 lines", dialog.summary)
        self.assertIn("2 booked", dialog.summary)
        dialog.action_confirm()
        self.assertEqual((small.state, large.state), ("confirmed", "draft"))

    def test_what_is_booked_so_far_is_in_the_books(self):
        returned = self.large_return(5)
        self.click_confirm(returned)
        self.do_pieces(1)
        booked = returned.line_ids.filtered("is_ahead")
        rest = returned.line_ids - booked
        self.assertEqual((len(booked), len(rest)), (2, 3))
        self.assertEqual(set(booked.mapped("status")), {"booked"})
        self.assertEqual(set(rest.mapped("status")), {"matched"})
        self.assertEqual(
            set(booked.payment_id.invoice_ids.mapped("payment_state")), {"not_paid"}
        )
        self.assertEqual(
            set(rest.payment_id.invoice_ids.mapped("payment_state")) - {"not_paid"},
            set(rest.payment_id.invoice_ids.mapped("payment_state")),
        )
        self.assertTrue(booked.block_ids)
        self.assertFalse(rest.block_ids)
        self.assertFalse(returned.notice_ids)
        self.assertEqual(returned.work_progress, 40)
        self.assertEqual(returned.work_text, "2 of 5 lines booked")
        with self.assertRaisesRegex(UserError, "books the payment return"):
            returned.move_ids.button_draft()
        with self.assertRaisesRegex(UserError, "Cancel the return instead"):
            booked[0].payment_id.invoice_ids.line_ids.matched_credit_ids.unlink()
            returned.move_ids.line_ids.matched_credit_ids.unlink()

    def test_a_period_that_is_locked_meanwhile_is_told_once(self):
        returned = self.large_return(6)
        self.click_confirm(returned)
        self.do_pieces(1)
        self.company.sudo().fiscalyear_lock_date = "2026-10-31"
        self.do_pieces()
        entries = returned.move_ids
        self.assertEqual(len(entries), 3)
        self.assertEqual(len({entry.date for entry in entries}), 2)
        self.assertEqual(returned.date_notice.count("is locked"), 1)

    def test_nobody_changes_what_odoo_is_working_on(self):
        returned = self.large_return(5)
        self.click_confirm(returned)
        self.do_pieces(1)
        line = returned.line_ids.filtered(lambda ln: not ln.is_ahead)[0]
        for refused in (
            lambda: line.write({"amount": 1}),
            lambda: line.sudo().write({"reason_id": False}),
            line.unlink,
            line.action_skip,
            lambda: line.copy({"return_id": returned.id}),
            lambda: returned.write({"date": "2026-10-06"}),
            returned.unlink,
            returned.action_match,
            returned.action_confirm,
            returned.action_confirm_later,
            returned.action_cancel,
            returned.action_open_confirm,
            returned.action_open_cancel,
        ):
            with self.assertRaisesRegex(UserError, "press Stop|already in the books"):
                refused()
            self.env.invalidate_all()
        returned.message_post(body="People go on talking about it.")
        self.do_pieces()
        self.assertEqual(len(returned.line_ids.filtered("undone_ids")), 5)

    def test_cancelling_afterwards_restores_all_of_it(self):
        returned = self.large_return(5)
        invoices = returned.line_ids.payment_id.reconciled_invoice_ids
        states = invoices.mapped("payment_state")
        self.click_confirm(returned)
        self.do_pieces()
        returned.action_cancel()
        self.assertEqual(set(returned.line_ids.mapped("state")), {"cancelled"})
        self.assertEqual(invoices.mapped("payment_state"), states)
        self.assertFalse(
            returned.line_ids.block_ids.filtered_domain([("state", "=", "in_force")])
        )

    def test_stopped_the_rest_waits_in_a_draft_and_can_be_booked(self):
        returned = self.large_return(5)
        self.click_confirm(returned)
        self.do_pieces(1)
        returned.action_stop()
        self.assertIn("being stopped", returned.work_text)
        self.do_pieces()
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(len(returned.line_ids), 2)
        rest = returned.rest_ids
        self.assertEqual((rest.state, rest.matched_count), ("draft", 3))
        self.assertEqual(returned.rest_count, 3)
        self.assertEqual(len(returned.notice_ids), 2)
        for source, named in ((returned, rest), (rest, returned)):
            bodies = "".join(source.message_ids.mapped("body"))
            self.assertIn(named.name, bodies)
        told = json.loads(
            self.env["bus.bus"].sudo().search([], order="id desc", limit=1).message
        )
        self.assertEqual(told["type"], "account_credit_block.told")
        self.assertIn(rest.name, told["payload"]["label"])
        self.assertEqual(told["payload"]["action"]["res_id"], rest.id)
        with self.assertRaisesRegex(UserError, "done all of it"):
            returned.action_stop()
        self.click_confirm(rest)
        self.assertEqual(rest.state, "confirmed")
        self.assertFalse(returned.rest_count)
        self.assertEqual(len(rest.notice_ids), 3)

    def test_no_amount_is_all_of_the_payment_before_it_is_booked(self):
        returned = self.large_return(4)
        total = returned.amount_total
        self.assertEqual(total, 100 + 101 + 102 + 103)
        returned.line_ids[1:].amount = 0
        self.assertEqual(returned.amount_total, total)
        told = self.company.currency_id.format(total)
        self.assertIn(f"4 lines, {told},", returned._foresee_later()[0])
        returned.line_ids[0].amount = 60
        self.assertEqual(returned.amount_total, total - 40)
        returned.line_ids[3].match_state = "skipped"
        self.assertEqual(returned.amount_total, total - 40 - 103)

    def test_stopped_before_anything_is_booked_it_is_the_draft_that_it_was(self):
        returned = self.large_return(4)
        self.click_confirm(returned)
        returned.action_stop()
        self.do_pieces()
        self.assertEqual((returned.state, returned.work_kind), ("draft", False))
        self.assertEqual(len(returned.line_ids), 4)
        self.assertFalse(returned.is_stopping)
        self.click_confirm(returned)
        self.do_pieces()
        self.assertEqual(len(returned.line_ids.filtered("undone_ids")), 4)

    def test_a_line_that_cannot_be_booked_is_set_aside_with_its_reason(self):
        returned = self.large_return(6)
        bad = returned.line_ids[3]
        with self.failing(bad):
            self.do_pieces()
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(len(returned.line_ids), 5)
        self.assertEqual(bad.return_id, returned.rest_ids)
        self.assertEqual(bad.match_state, "unmatched")
        self.assertIn("no product", bad.match_note)
        self.assertFalse(bad.undone_ids)
        bad.action_match()
        self.assertEqual(bad.match_state, "matched")

    def test_what_fails_for_all_lines_is_given_up_and_asks_for_a_person(self):
        returned = self.large_return(6)
        with self.failing(*returned.line_ids), patch.object(work, "MOST_FAILURES", 2):
            self.do_pieces()
        self.assertEqual((returned.state, returned.work_kind), ("draft", False))
        self.assertEqual(len(returned.line_ids), 6)
        activity = returned.activity_ids
        self.assertEqual(activity.user_id, self.env.user)
        self.assertIn("no product", activity.note)
        self.assertEqual(returned.matched_count, 4)

    def test_what_cannot_be_ended_is_put_off_and_stops_no_other(self):
        first, other = self.large_return(4), self.large_return(4)
        rule = (
            self.env["base.automation"]
            .sudo()
            .create(
                {
                    "name": "An administrator's own",
                    "model_id": self.env["ir.model"]._get_id("account.payment.return"),
                    "trigger": "on_state_set",
                    "trg_selection_field_id": self.env.ref(
                        "account_credit_block"
                        ".selection__account_payment_return__state__confirmed"
                    ).id,
                    "filter_domain": repr([("id", "=", first.id)]),
                }
            )
        )
        self.env["ir.actions.server"].sudo().create(
            {
                "name": "Refuses",
                "model_id": rule.model_id.id,
                "base_automation_id": rule.id,
                "usage": "base_automation",
                "state": "code",
                "code": "raise UserError('not on a Friday')",
            }
        )
        self.click_confirm(first)
        self.click_confirm(other)
        self.do_pieces()
        self.assertEqual((first.state, other.state), ("draft", "confirmed"))
        self.assertEqual(len(first.line_ids.filtered("undone_ids")), 4)
        self.assertIn("not on a Friday", first.activity_ids.note)
        rule.active = False
        self.assertFalse(self.works._do_next())
        first.sudo().work_ids.put_off_until = "2000-01-01"
        self.do_pieces()
        self.assertEqual(first.state, "confirmed")
        self.assertEqual(len(first.line_ids.undone_ids), 4)

    def test_the_lines_of_a_customer_are_booked_together(self):
        payments = self.pay_each(4)
        customer = payments[0].partner_id
        for _number in range(2):
            payments += self.pay(self.invoice(50, customer))
        returned = self.make_return(payments)
        self.click_confirm(returned)
        self.do_pieces(1)
        booked = returned.line_ids.filtered("is_ahead")
        self.assertEqual(
            booked,
            returned.line_ids.filtered(
                lambda ln: ln.partner_id in payments[:2].partner_id
            ),
        )

    def test_what_is_one_transaction_of_the_bank_is_booked_at_once(self):
        payments = self.pay_each(4)
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-10-05",
                "payment_ref": "Returns",
                "amount": -sum(payments.mapped("amount")),
            }
        )
        returned = self.make_return(payments, statement_line_id=transaction.id)
        self.click_confirm(returned)
        self.assertEqual(self.do_pieces(), 2)
        self.assertEqual(returned.state, "confirmed")
        self.assertTrue(transaction.is_reconciled)
        self.assertEqual(returned.move_ids, transaction.move_id)

    def test_the_cron_does_it_with_odoos_progress_for_who_asked(self):
        returned = self.large_return(5)
        asking = new_test_user(
            self.env,
            login="asks",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self.click_confirm(returned.with_user(asking).with_company(self.company))
        cron = self.env.ref("account_credit_block.ir_cron_payment_return_work").sudo()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(returned.move_ids.create_uid, asking)
        progress = (
            self.env["ir.cron.progress"]
            .sudo()
            .search([("cron_id", "=", cron.id)], order="id desc", limit=1)
        )
        self.assertEqual((progress.done, progress.remaining), (4, 0))
        notifications = self.env["bus.bus"].sudo().search([]).mapped("message")
        self.assertTrue(any("5 booked" in text for text in notifications))

    def test_who_may_not_confirm_may_not_ask_for_it(self):
        returned = self.large_return(4)
        auditor = new_test_user(
            self.env,
            login="audits",
            groups="account.group_account_readonly",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        with self.assertRaises(AccessError):
            returned.with_user(auditor).action_confirm_later()
        with self.assertRaises(AccessError):
            self.works.with_user(auditor).sudo(False).create(
                {"return_id": returned.id, "kind": "confirm", "user_id": auditor.id}
            )
        with self.assertRaises(UserError):
            returned.write({"work_kind": "confirm"})
        returned.action_confirm_later()
        with self.assertRaises(AccessError):
            returned.with_user(auditor).action_stop()
        self.assertEqual(returned.with_user(auditor).work_text, "0 of 4 lines booked")
        returned.action_stop()

    def test_who_has_lost_the_right_meanwhile_books_nothing(self):
        returned = self.large_return(4)
        user = new_test_user(
            self.env,
            login="leaves",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        returned.with_user(user).with_company(self.company).action_confirm_later()
        user.sudo().group_ids = self.env.ref("base.group_user")
        self.do_pieces()
        self.assertFalse(returned.move_ids)
        self.assertEqual((returned.state, returned.work_kind), ("draft", False))
        self.assertIn("leaves", returned.message_ids.mapped("body")[0])
        self.assertFalse(returned.activity_ids, "nobody manages credit there")

    def test_instead_of_who_has_lost_the_right_a_manager_is_asked(self):
        returned = self.large_return(4)
        user, manager = (
            new_user(self.env, login, groups, self.company)
            for login, groups in (
                ("goes", "account.group_account_invoice"),
                ("manages", "account_credit_block.group_credit_manager"),
            )
        )
        returned.with_user(user).with_company(self.company).action_confirm_later()
        user.sudo().group_ids = self.env.ref("base.group_user")
        self.do_pieces()
        self.assertEqual(returned.activity_ids.user_id, manager)
        self.assertIn(f"{user.name} may not confirm", returned.activity_ids.note)

    def test_who_works_there_no_more_books_nothing_and_stops_no_other(self):
        first, other = self.large_return(4), self.large_return(4)
        elsewhere = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        user = new_test_user(
            self.env,
            login="moves",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=(self.company | elsewhere).ids,
        )
        first.with_user(user).with_company(self.company).action_confirm_later()
        self.click_confirm(other)
        self.do_pieces(1)
        user.sudo().write({"company_id": elsewhere.id, "company_ids": elsewhere.ids})
        self.do_pieces()
        self.assertEqual(other.state, "confirmed")
        self.assertEqual((first.state, first.work_kind), ("confirmed", False))
        self.assertEqual(len(first.line_ids), 2)
        self.assertEqual(first.rest_ids.state, "draft")
        self.assertIn("moves", "".join(first.message_ids.mapped("body")))

    def test_nothing_to_book_is_said_at_once(self):
        returned = self.large_return(4)
        returned.line_ids.action_skip()
        with self.assertRaisesRegex(UserError, "no line has a payment"):
            returned.action_confirm_later()
        self.assertFalse(returned.work_kind)

    def test_a_new_return_is_not_worked_on(self):
        new = self.env["account.payment.return"].new({})
        self.assertEqual((new.work_progress, new.work_text), (0.0, False))
        self.assertFalse(new._is_large())
        self.assertFalse(self.works._do_next())


@tagged("post_install", "-at_install")
class TestMatchBackground(BackgroundCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payments = cls.pay_each(5)
        for number, payment in enumerate(cls.payments):
            payment.end_to_end_id = f"E-{number}"

    def load(self, *keys, name="list.csv"):
        """Import a list by which these collections come back."""
        rows = "".join(f"{key};{amount};2026-10-05\n" for key, amount in keys)
        data = f"End-to-end ID;Amount;Date\n{rows}".encode()
        wizard = self.env["account.payment.return.import"]
        return wizard._import_files([(name, data)], self.company, journal=self.bank)

    def get_told(self, returned):
        return [
            (
                line.end_to_end_id,
                line.match_state,
                line.payment_id,
                line.match_note.replace(returned.name, "itself"),
            )
            for line in returned.line_ids.sorted("id")
        ]

    ROWS = (
        ("E-0", 100),
        ("E-1", 101),
        ("E-1", 101),
        ("nobody", 7),
        ("E-2", 1),
        ("E-3", 103),
    )

    def test_a_large_file_is_matched_bit_by_bit_as_at_once(self):
        with patch.object(background, "LARGE_TO_MATCH", 100):
            at_once = self.load(*self.ROWS)
        told, note, name = self.get_told(at_once), at_once.import_note, at_once.name
        self.assertFalse(at_once.work_kind)
        at_once.unlink()
        returned = self.load(*self.ROWS)
        self.assertEqual(returned.work_kind, "match")
        self.assertEqual(set(returned.line_ids.mapped("match_state")), {"unmatched"})
        self.do_pieces(1)
        self.assertEqual(returned.work_text, "2 of 6 lines looked at")
        self.do_pieces()
        self.assertFalse(returned.work_kind)
        self.assertEqual(self.get_told(returned), told)
        self.assertIn("itself", told[2][3])
        self.assertEqual(
            set(returned.import_note.replace(returned.name, name).split("<li>")),
            set(note.split("<li>")),
        )

    def test_it_is_confirmed_by_itself_then_if_the_company_wants_it(self):
        self.company.sudo().credit_return_auto_confirm = True
        returned = self.load(*((f"E-{number}", 100 + number) for number in range(5)))
        self.assertEqual(returned.work_kind, "match")
        self.do_pieces(4)
        self.assertEqual(returned.work_kind, "confirm")
        self.do_pieces()
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(len(returned.line_ids.undone_ids), 5)

    def test_a_large_file_told_again_is_kept_out_of_the_list(self):
        first = self.load(*self.ROWS)
        self.do_pieces()
        again = self.load(*self.ROWS, ("E-0", 100), name="again.csv")
        self.do_pieces()
        self.assertTrue(first.active)
        self.assertEqual(
            set(again.line_ids.mapped("match_state")) - {"duplicate"}, set()
        )
        self.assertFalse(again.active)

    def test_stopped_the_lines_wait_to_be_matched(self):
        returned = self.load(*self.ROWS)
        self.do_pieces(1)
        with self.assertRaisesRegex(UserError, "press Stop"):
            returned.action_match()
        returned.action_stop()
        self.do_pieces()
        self.assertEqual((returned.state, returned.matched_count), ("draft", 2))
        returned.action_match()
        self.assertEqual(returned.matched_count, 4)
