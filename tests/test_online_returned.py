from datetime import date, datetime

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TwoConnectionsCase
from .common_online import OnlinePaymentCommon


@tagged("post_install", "-at_install")
class TestOnlineReturned(OnlinePaymentCommon):
    """What a payment provider took back, by what addons of one provider call."""

    def tell(self, event="dp_1", amount=100.0, tx=None, **told):
        """As the request of the provider does: nobody is logged in."""
        tx = (tx or self.tx).with_user(self.env.ref("base.public_user")).sudo()
        told.setdefault("currency", tx.currency_id)
        line = tx._register_credit_return(event, amount, **told)
        return line.with_env(self.env)

    # === A DRAFT === #

    def test_it_is_a_draft_of_the_payment(self):
        payment = self.tx.payment_id
        line = self.tell(
            moment=datetime(2026, 10, 5, 22, 30),
            reason_codes=("AM04",),
            reason_text="insufficient_funds",
            fee=7.5,
            texts="dp_1",
        )
        self.company.partner_id.tz = "Europe/Rome"
        self.assertRecordValues(
            line,
            [
                {
                    "match_state": "matched",
                    "payment_id": payment.id,
                    "move_line_id": self.payment_item(payment).id,
                    "transaction_id": self.tx.id,
                    "partner_id": self.customer.id,
                    "amount": 100.0,
                    "fee_amount": 7.5,
                    "currency_id": payment.currency_id.id,
                    "reason_id": self.reason_funds.id,
                    "reason_code": "AM04",
                    "reason_text": "insufficient_funds",
                    "reference": self.tx.reference,
                    "is_chosen": False,
                }
            ],
        )
        self.assertIn(self.provider.name, line.match_note)
        self.assertRecordValues(
            line.return_id,
            [
                {
                    "state": "draft",
                    "journal_id": payment.journal_id.id,
                    "company_id": self.company.id,
                    "create_uid": SUPERUSER_ID,
                }
            ],
        )
        self.assertEqual(self.invoice_paid.payment_state, "paid")

    def test_its_day_is_that_of_the_company(self):
        self.company.sudo().partner_id.tz = "Europe/Rome"
        line = self.tell(moment=datetime(2026, 10, 5, 22, 30))
        self.assertEqual(line.return_date, date(2026, 10, 6))
        self.assertEqual(line.return_id.date, date(2026, 10, 6))

    def test_an_accountant_confirms_it_as_any_other(self):
        line = self.tell(fee=7.5, reason_codes=("AM04",))
        line.return_id.action_confirm()
        self.assertRecordValues(
            self.invoice_paid, [{"payment_state": "not_paid", "amount_residual": 100.0}]
        )
        self.assertEqual(line.invoice_line_ids, self.due_items(self.invoice_paid))
        self.assertBalanced(line.return_id.move_ids)
        self.assertTrue(self.customer.credit_block_ids)

    def test_it_is_confirmed_by_itself_where_the_company_wants_it(self):
        self.company.sudo().credit_return_auto_confirm = True
        line = self.tell(reason_codes=("AM04",))
        self.assertEqual(line.return_id.state, "confirmed")
        self.assertEqual(self.invoice_paid.payment_state, "not_paid")
        self.assertTrue(self.customer.credit_block_ids)

    def test_part_of_a_payment_opens_part_of_the_invoice(self):
        self.tell(amount=30.0).return_id.action_confirm()
        self.assertRecordValues(
            self.invoice_paid, [{"payment_state": "partial", "amount_residual": 30.0}]
        )

    def test_a_reason_that_nobody_knows_stays_as_text(self):
        line = self.tell(reason_codes=("never_heard_of",), reason_text="Why not")
        self.assertFalse(line.reason_id)
        self.assertEqual(line.reason_code, "never_heard_of")
        self.assertEqual(line._get_reason_label(), "Why not")
        # The first code that is known counts, one that says "paid" never does.
        paid = self.env["account.payment.return.reason"].search(
            [("outcome", "=", "paid")], limit=1
        )
        other = self.tell("dp_2", reason_codes=(paid.code, "x", "AM04", "AC01"))
        self.assertEqual(other.reason_id, self.reason_funds)

    def test_nobody_enters_by_whom_it_was_told(self):
        line = self.tell()
        with self.assertRaises(AccessError):
            line.write({"transaction_id": False})
        line.write({"amount": 50.0})
        self.assertEqual(line.amount, 50.0)

    def test_what_is_registered_by_hand_does_not_join_it(self):
        line = self.tell()
        other = self.invoice(70.0)
        payment = self.pay(other, journal_id=line.journal_id.id)
        action = payment.action_open_payment_returned()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        dialog.date = line.return_id.date
        dialog.reason_id = self.reason_funds
        dialog.action_add_to_draft()
        self.assertEqual(line.return_id.line_ids, line)
        self.assertNotEqual(payment.payment_return_line_ids.return_id, line.return_id)

    # === GIVEN BACK BY US === #

    def test_of_what_was_refunded_already_a_person_decides(self):
        self.company.sudo().credit_return_auto_confirm = True
        payment = self.tx.payment_id
        refund = self.refund_online(100.0)
        line = self.tell(reason_codes=("AM04",))
        self.assertEqual(
            (line.match_state, line.return_id.state), ("ambiguous", "draft")
        )
        self.assertEqual(line.candidate_line_ids, self.payment_item(payment))
        for part in ("given back already", refund.name, "100.00", "set the line aside"):
            self.assertIn(part, line.match_note)
        with (
            self.assertRaisesRegex(UserError, "given back already"),
            self.env.cr.savepoint(),
        ):
            line.return_id.action_open_confirm()
        line.action_take_candidate("account.move.line", self.payment_item(payment).id)
        line.return_id.action_confirm()
        self.assertEqual(self.invoice_paid.payment_state, "not_paid")

    def test_what_is_refunded_after_the_draft_is_asked_about_too(self):
        line = self.tell()
        self.assertEqual(line.match_state, "matched")
        self.refund_online(100.0)
        with self.assertRaisesRegex(UserError, "given back already"):
            line.return_id.action_confirm()
        self.assertEqual(self.invoice_paid.payment_state, "paid")

    def test_what_was_not_refunded_comes_back_without_a_question(self):
        self.refund_online(30.0)
        line = self.tell(amount=70.0)
        self.assertEqual(line.match_state, "matched")
        line.return_id.action_confirm()
        again = self.tell("dp_2", amount=30.0)
        self.assertEqual(again.match_state, "ambiguous")
        self.assertIn("given back already", again.match_note)

    def test_a_refund_that_was_cancelled_gave_nothing_back(self):
        refund = self.refund_online(100.0)
        refund.action_draft()
        refund.action_cancel()
        self.assertEqual(self.tell().match_state, "matched")

    def test_a_credit_note_that_was_paid_out_is_known_too(self):
        note = self.invoice_paid._reverse_moves(
            [{"invoice_date": self.invoice_paid.invoice_date}]
        )
        note.action_post()
        self.assertEqual(self.tell("dp_0").match_state, "matched")
        self.pay(note)
        line = self.tell()
        self.assertEqual(line.match_state, "ambiguous")
        self.assertIn(note.name, line.match_note)

    # === WHAT CANNOT BE === #

    def test_what_no_provider_can_mean_is_refused_and_nothing_is_done(self):
        count = self.env["account.payment.return"].search_count([])
        none = self.env["res.currency"]
        for told, says in (
            ({"amount": float("nan")}, "amount is nan"),
            ({"amount": float("inf")}, "amount is inf"),
            ({"amount": -1.0}, "amount is -1.0"),
            ({"amount": "100"}, "amount is '100'"),
            ({"fee": -1.0}, "fee is -1.0"),
            ({"fee": float("nan")}, "fee is nan"),
            ({"event": ""}, "event is ''"),
            ({"event": "dp\0"}, "event is"),
            ({"event": "x" * 10_000}, "event is 'xxx"),
            ({"texts": "a\0b"}, "texts is"),
            ({"texts": "x" * 1_000_000}, "texts is 'xxx"),
            ({"reason_text": "\0"}, "reason_text is"),
            ({"reason_text": "\ud800"}, "reason_text is"),
            ({"reason_codes": ("x\0",)}, "reason_codes is"),
            ({"currency": none}, "currency is"),
            ({"kind": "stolen"}, "kind is 'stolen'"),
            ({"moment": "yesterday"}, "moment is 'yesterday'"),
        ):
            with (
                self.subTest(told=str(told)[:60]),
                self.assertRaisesRegex(ValidationError, says) as error,
            ):
                self.tell(**told)
            self.assertIn(self.tx.reference, str(error.exception))
            self.assertLess(len(str(error.exception)), 600)
        self.assertFalse(self.find_lines())
        self.assertEqual(self.env["account.payment.return"].search_count([]), count)
        line = self.tell()
        self.assertEqual(line.match_state, "matched")
        self.assertEqual(self.tell(), line)

    def test_nothing_told_is_all_that_was_collected(self):
        line = self.tell(amount=0.0)
        self.assertEqual((line.match_state, line.amount), ("matched", 100.0))

    def test_a_currency_is_known_by_its_code_active_or_not(self):
        tx = self.tx
        self.assertEqual(tx._get_told_currency("eur"), self.env.ref("base.EUR"))
        rial = self.env.ref("base.YER")
        self.assertFalse(rial.active)
        self.assertEqual(tx._get_told_currency("YER"), rial)
        for code in ("XXQ", "", None, "\0"):
            with self.assertRaisesRegex(ValidationError, "not known here"):
                tx._get_told_currency(code)

    # === ONCE === #

    def test_told_twice_it_is_one_return(self):
        line = self.tell()
        self.assertEqual(self.tell(), line)
        line.return_id.action_confirm()
        self.assertEqual(self.tell(), line)
        self.assertEqual(self.find_lines(), line)
        # Another event is another return, of which nothing is left here.
        other = self.tell("dp_2")
        self.assertNotEqual(other, line)
        self.assertEqual(other.match_state, "unmatched")
        self.assertIn("came back", other.match_note)

    def test_of_a_draft_that_was_deleted_it_can_be_told_anew(self):
        self.tell().return_id.unlink()
        self.assertFalse(self.find_lines())
        self.assertEqual(self.tell().match_state, "matched")

    def test_the_database_lets_no_second_one_in(self):
        line = self.tell()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.UniqueViolation),
            self.env.cr.savepoint(),
        ):
            line.sudo().copy(
                {"unique_key": line.unique_key, "transaction_id": self.tx.id}
            )
            self.env.flush_all()

    # === WITHOUT A PAYMENT === #

    def test_what_is_not_booked_waits_for_its_payment(self):
        invoice = self.invoice(80.0)
        tx = self.create_online(80.0, invoice_ids=invoice.ids)
        line = self.tell(amount=80.0, tx=tx)
        self.assertRecordValues(
            line,
            [
                {
                    "match_state": "unmatched",
                    "payment_id": False,
                    "partner_id": self.customer.id,
                    "amount": 80.0,
                }
            ],
        )
        self.assertIn("not booked yet", line.match_note)
        self.book(tx)
        self.assertRecordValues(
            line, [{"match_state": "matched", "payment_id": tx.payment_id.id}]
        )
        self.assertEqual(line.return_id.state, "draft")

    def test_it_is_confirmed_by_itself_once_it_is_booked(self):
        self.company.sudo().credit_return_auto_confirm = True
        invoice = self.invoice(80.0)
        tx = self.create_online(80.0, invoice_ids=invoice.ids)
        line = self.tell(amount=80.0, tx=tx)
        self.assertEqual(line.return_id.state, "draft")
        self.book(tx)
        self.assertEqual(line.return_id.state, "confirmed")
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_of_what_was_captured_in_parts_a_person_says_which(self):
        self.provider.sudo().support_manual_capture = "partial"
        source = self.create_online(100.0, state="authorized")
        parts = [
            self.create_online(amount, source_transaction_id=source.id)
            for amount in (40.0, 60.0)
        ]
        for part in parts:
            self.book(part)
        line = self.tell(amount=60.0, tx=source)
        self.assertEqual(line.match_state, "ambiguous")
        self.assertEqual(
            line.candidate_line_ids.payment_id,
            parts[0].payment_id | parts[1].payment_id,
        )
        item = self.payment_item(parts[1].payment_id)
        line.action_take_candidate("account.move.line", item.id)
        line.return_id.action_confirm()
        self.assertEqual(line.payment_id, parts[1].payment_id)

    def test_a_payment_without_an_entry_comes_back(self):
        invoice = self.invoice(90.0)
        tx = self.create_online(90.0)
        tx.payment_id = self.pay_without_entry(invoice)
        self.assertEqual(invoice.payment_state, "paid")
        self.tell(amount=90.0, tx=tx).return_id.action_confirm()
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_a_payment_that_was_cancelled_gives_nothing_back(self):
        self.tx.payment_id.action_draft()
        self.tx.payment_id.action_cancel()
        line = self.tell()
        self.assertEqual(line.match_state, "unmatched")
        self.assertIn("not collected", line.match_note)

    # === CURRENCIES === #

    def test_an_amount_of_another_currency_is_not_taken_for_the_payments(self):
        dollar = self.env.ref("base.USD")
        dollar.sudo().active = True
        line = self.tell(currency=dollar)
        self.assertEqual(line.match_state, "unmatched")
        self.assertEqual(line.currency_id, dollar)
        self.assertIn("USD", line.match_note)

    # === GIVEN BACK === #

    def test_a_draft_whose_money_was_given_back_is_cancelled(self):
        line = self.tell()
        self.tell(given_back=True, moment=datetime(2026, 11, 3, 12))
        self.assertRecordValues(
            line.return_id,
            [{"state": "cancelled", "given_back_date": date(2026, 11, 3)}],
        )
        self.assertEqual(line.match_state, "skipped")
        self.assertIn("gave the money back", line.match_note)
        self.assertFalse(line.return_id.activity_ids)

    def test_given_back_before_it_was_told_it_is_not_booked(self):
        self.company.sudo().credit_return_auto_confirm = True
        line = self.tell(given_back=True)
        self.assertEqual(self.tell(), line)
        self.assertEqual(line.return_id.state, "cancelled")
        self.assertEqual(self.invoice_paid.payment_state, "paid")

    def test_of_a_confirmed_return_a_person_decides(self):
        line = self.tell()
        line.return_id.action_confirm()
        for _each in range(2):
            self.tell(given_back=True)
        self.assertEqual(line.return_id.state, "confirmed")
        self.assertEqual(len(line.return_id.activity_ids), 1)
        self.assertIn("Cancel this return", line.return_id.activity_ids.note)
        line.return_id.action_cancel()
        self.assertEqual(self.invoice_paid.payment_state, "paid")

    def test_other_lines_of_the_draft_stay(self):
        line = self.tell()
        other = self.make_return(self.pay(self.invoice(20.0)))
        other.line_ids.return_id = line.return_id
        self.tell(given_back=True)
        self.assertEqual(line.match_state, "skipped")
        self.assertEqual(line.return_id.state, "draft")
        line.return_id.action_confirm()
        self.assertEqual(self.invoice_paid.payment_state, "paid")


@tagged("post_install", "-at_install")
class TestOnlineReturnedBranch(OnlinePaymentCommon):
    """A provider of a branch, which collects on the bank of its head office."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()
        cls.provider_of_branch = cls.provider.sudo().copy(
            {"company_id": cls.branch.id, "state": "test"}
        )

    def test_it_is_booked_in_the_branch(self):
        invoice = self.invoice(50.0, company_id=self.branch.id)
        tx = self.create_online(50.0, provider_id=self.provider_of_branch.id)
        self.assertEqual(tx.company_id, self.branch)
        tx.payment_id = self.pay(invoice)
        line = tx._register_credit_return("dp_1", 50.0, tx.currency_id)
        line = line.with_env(self.env)
        self.assertEqual(tx.payment_id.company_id, self.branch)
        self.assertEqual(line.company_id, self.branch)
        self.assertEqual(line.return_id.company_id, self.branch)
        line.return_id.action_confirm()
        self.assertEqual(line.return_id.move_ids.company_id, self.branch)
        self.assertEqual(invoice.payment_state, "not_paid")


@tagged("post_install", "-at_install")
class TestOnlineReturnedAtOnce(TwoConnectionsCase):
    """Two requests of a provider that tell the same at the same moment."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env.company
            bank = env["account.journal"].create(
                {"name": "Two Requests", "code": "TWORQ", "type": "bank"}
            )
            method = env["payment.method"].create({"name": "Two", "code": "two"})
            provider = env["payment.provider"].create(
                {
                    "name": "Two Requests",
                    "code": "none",
                    "state": "test",
                    "company_id": company.id,
                    "payment_method_ids": [Command.set(method.ids)],
                }
            )
            tx = env["payment.transaction"].create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": method.id,
                    "reference": "TWO-REQUESTS",
                    "amount": 10.0,
                    "currency_id": company.currency_id.id,
                    "partner_id": env["res.partner"].create({"name": "Twice"}).id,
                    "state": "done",
                    "is_post_processed": True,
                }
            )
            self.made = [tx, provider, method, bank, tx.partner_id]
        self.addCleanup(self._clean_up)

    def _clean_up(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            domain = [("line_ids.transaction_id", "=", self.made[0].id)]
            env["account.payment.return"].search(domain).unlink()
            for record in self.made:
                record.with_env(env).unlink()

    def _tell(self, env):
        tx = self.made[0].with_env(env)
        return tx._register_credit_return("dp_1", 10.0, tx.currency_id)

    def test_the_second_one_is_replayed_and_finds_the_first(self):
        first, second = self.connect(), self.connect()
        # The second request has looked before the first one is through.
        self.made[0].with_env(second).read(["reference"])
        line = self._tell(first)
        first.cr.commit()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(psycopg2.errors.SerializationFailure),
        ):
            self._tell(second)
        second.cr.rollback()
        self.assertEqual(self._tell(second).id, line.id)
