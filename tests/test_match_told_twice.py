import re
from pathlib import Path

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.misc import file_path

from .test_match import MatchCommon


@tagged("post_install", "-at_install")
class TestToldTwice(MatchCommon):
    """The same return in two files, neither of them with a payment in Odoo."""

    def tell(self, file_format="camt.054", day="2026-10-05", **line):
        """The line of a return that came by a file, after matching."""
        told = {"amount": 100, "date": day, **line}
        returned = self.told(told, file_format=file_format, date=day)
        returned.action_match()
        return returned.line_ids

    def assertToldTwice(self, first, second):
        self.assertNotMatched(second, "duplicate", first.return_id.name)
        self.assertEqual(second.duplicate_line_id, first)

    def test_the_second_file_is_a_duplicate_of_the_first(self):
        for told in (
            {"end_to_end_id": "NOBODY-1"},
            {"reference": "NOBODY-2", "end_to_end_id": False},
        ):
            with self.subTest(told=told):
                first = self.tell(**told)
                second = self.tell("camt.053", "2026-10-07", **told)
                self.assertEqual(first.match_state, "unmatched")
                self.assertToldTwice(first, second)
                third = self.tell("pain.002", "2026-10-08", **told)
                self.assertToldTwice(first, third)

    def test_two_files_of_one_import_are_compared_too(self):
        told = {"end_to_end_id": "NOBODY-1", "amount": 100}
        first = self.told(told, file_format="camt.054")
        second = self.told(told, file_format="camt.053")
        (first | second).line_ids._match()
        self.assertEqual(first.line_ids.match_state, "unmatched")
        self.assertToldTwice(first.line_ids, second.line_ids)

    def test_it_is_told_in_other_letters(self):
        first = self.tell(end_to_end_id="Nobody 1")
        self.assertToldTwice(first, self.tell("camt.053", end_to_end_id="NOBODY-1"))

    def test_whatever_became_of_the_first(self):
        first = self.tell(end_to_end_id="NOBODY-1")
        payment = self.collect()
        first.write(
            {"payment_id": payment.id, "move_line_id": self.payment_item(payment).id}
        )
        first.return_id.action_confirm()
        self.assertToldTwice(first, self.tell("camt.053", end_to_end_id="NOBODY-1"))
        aside = self.tell(end_to_end_id="NOBODY-2")
        aside.action_skip()
        self.assertToldTwice(aside, self.tell("camt.053", end_to_end_id="NOBODY-2"))

    def test_whatever_the_second_would_match(self):
        first = self.tell(end_to_end_id="FT-2026-001")
        payment = self.collect(end_to_end_id="FT-2026-001")
        self.assertToldTwice(first, self.tell("camt.053", end_to_end_id="FT-2026-001"))
        first.action_match()
        self.assertMatched(first, payment)

    def test_what_differs_is_another_return(self):
        self.tell(end_to_end_id="NOBODY-1", mandate_reference="M-1")
        for other in (
            {"amount": 60},
            {"end_to_end_id": "NOBODY-2"},
            {"mandate_reference": "M-2"},
            {"day": "2027-06-01"},
            {"currency_id": self.env.ref("base.USD").id},
        ):
            with self.subTest(other=other):
                told = {"end_to_end_id": "NOBODY-1", **other}
                line = self.tell("camt.053", **told)
                self.assertEqual(line.match_state, "unmatched")
                line.return_id.action_cancel()

    def test_an_amount_that_one_message_omits_is_the_other_ones(self):
        first = self.tell("pain.002", end_to_end_id="NOBODY-1", amount=0)
        self.assertToldTwice(first, self.tell("camt.053", end_to_end_id="NOBODY-1"))

    def test_two_lines_of_one_file_are_two_returns(self):
        told = {"end_to_end_id": "NOBODY-1", "amount": 100}
        returned = self.told(told, told)
        returned.action_match()
        self.assertEqual(set(returned.line_ids.mapped("match_state")), {"unmatched"})

    def test_the_same_kind_of_file_tells_of_another_day(self):
        self.tell("camt.053", "2026-10-05", end_to_end_id="NOBODY-1")
        line = self.tell("camt.053", "2026-11-09", end_to_end_id="NOBODY-1")
        self.assertEqual(line.match_state, "unmatched")

    def test_the_banks_word_for_every_return_tells_nothing(self):
        self.tell(reference="INSOLUTO SDD")
        line = self.tell("camt.053", reference="INSOLUTO SDD")
        self.assertEqual(line.match_state, "unmatched")

    def test_a_cancelled_return_told_nothing(self):
        self.tell(end_to_end_id="NOBODY-1").return_id.action_cancel()
        line = self.tell("camt.053", end_to_end_id="NOBODY-1")
        self.assertEqual(line.match_state, "unmatched")

    def told_twice(self, **told):
        """Two lines that tell the same, the second a duplicate of the first."""
        told = {"end_to_end_id": "FT-2026-001", **told}
        first, second = self.tell(**told), self.tell("camt.053", **told)
        self.assertToldTwice(first, second)
        return first, second

    def test_a_duplicate_of_what_is_gone_is_open_and_looked_at_anew(self):
        for gone in ("action_cancel", "unlink"):
            for told in ({}, {"unique_key": f"camt.054||{gone}"}):
                with self.subTest(gone=gone, told=told):
                    reference = f"FT-{gone}-{len(told)}"
                    first, second = self.told_twice(end_to_end_id=reference)
                    if told:
                        (first | second).sudo().write(told)
                    getattr(first.return_id, gone)()
                    self.assertNotMatched(second, "unmatched", "not there any more")
                    second.return_id.action_match()
                    self.assertNotMatched(second, "unmatched", "No payment found")
                    self.assertFalse(second.duplicate_line_id)
                    payment = self.collect(end_to_end_id=reference)
                    second.return_id.action_match()
                    self.assertMatched(second, payment)

    def test_a_line_deleted_from_its_draft_is_gone_too(self):
        first, second = self.told_twice()
        first.unlink()
        payment = self.collect(end_to_end_id="FT-2026-001")
        second.return_id.action_match()
        self.assertMatched(second, payment)

    def test_a_duplicate_of_what_waits_stays_one(self):
        first, second = self.told_twice()
        payment = self.collect(end_to_end_id="FT-2026-001")
        second.return_id.action_match()
        self.assertToldTwice(first, second)
        first.return_id.action_match()
        self.assertMatched(first, payment)
        first.return_id.action_confirm()
        second.return_id.action_match()
        self.assertToldTwice(first, second)

    def test_who_asks_again_gets_the_payment_of_what_was_set_aside(self):
        first, second = self.told_twice()
        first.action_skip()
        second.return_id.action_match()
        self.assertToldTwice(first, second)
        payment = self.collect(end_to_end_id="FT-2026-001")
        second.return_id.action_match()
        self.assertMatched(second, payment)
        self.assertFalse(second.duplicate_line_id)

    def test_the_line_of_one_message_that_was_set_aside_is_asked_again(self):
        payment = self.collect(end_to_end_id="FT-2026-001")
        told = {"end_to_end_id": "FT-2026-001", "unique_key": "camt.053||1"}
        first = self.tell("camt.053", **told)
        second = self.tell("camt.053", **told)
        self.assertEqual(second.duplicate_line_id, first)
        first.action_skip()
        third = self.tell("camt.053", **told)
        self.assertEqual(third.match_state, "duplicate")
        second.return_id.action_match()
        self.assertMatched(second, payment)

    def test_the_first_is_never_a_duplicate_of_its_duplicate(self):
        told = {"end_to_end_id": "FT-2026-001", "unique_key": "camt.053||1"}
        first = self.tell("camt.053", **told)
        second = self.tell("camt.053", **told)
        payment = self.collect(end_to_end_id="FT-2026-001")
        first.return_id.action_match()
        self.assertMatched(first, payment)
        self.assertEqual(second.duplicate_line_id, first)

    def test_a_duplicate_of_an_entry_is_looked_at_when_that_is_gone(self):
        payment = self.collect(end_to_end_id="FT-2026-001")
        reversal = payment.move_id._reverse_moves(
            [{"date": payment.date}], cancel=False
        )
        reversal.action_post()
        line = self.tell(day=str(payment.date), end_to_end_id="FT-2026-001")
        self.assertNotMatched(line, "duplicate", reversal.name)
        line.return_id.action_match()
        self.assertNotMatched(line, "duplicate", reversal.name)
        reversal.button_draft()
        reversal.button_cancel()
        line.return_id.action_match()
        self.assertMatched(line, payment)


@tagged("post_install", "-at_install")
class TestStaleMatch(MatchCommon):
    """A line is matched as long as its payment is there."""

    def test_a_deleted_payment_leaves_the_line_open(self):
        line = self.match_of(self.collect(end_to_end_id="FT-2026-001"))
        payment = line.payment_id
        payment.action_draft()
        payment.unlink()
        self.assertNotMatched(line, "unmatched", "not there any more")
        again = self.collect(end_to_end_id="FT-2026-001")
        line.return_id.action_match()
        self.assertMatched(line, again)

    def match_of(self, payment):
        line = self.match(end_to_end_id=payment.end_to_end_id, amount=payment.amount)
        self.assertMatched(line, payment)
        return line

    def test_confirming_says_that_the_payment_is_gone(self):
        line = self.match_of(self.collect(end_to_end_id="FT-2026-001"))
        line.payment_id.action_draft()
        line.payment_id.unlink()
        with self.assertRaisesRegex(UserError, "not there any more: click Match"):
            line.return_id.action_confirm()

    def test_a_payment_set_back_to_draft_is_not_matched(self):
        line = self.match_of(self.collect(end_to_end_id="FT-2026-001"))
        payment = line.payment_id
        payment.action_draft()
        self.assertEqual(line.match_state, "unmatched")
        payment.action_post()
        self.assertEqual(line.match_state, "matched")

    def test_a_payment_made_smaller_is_not_matched_until_the_amount_is_corrected(self):
        line = self.match_of(self.collect(end_to_end_id="FT-2026-001"))
        payment = line.payment_id
        payment.action_draft()
        payment.amount = 90
        payment.action_post()
        self.assertEqual((line.match_state, line.payment_id), ("unmatched", payment))
        self.assertRegex(line.match_note, "only .*90.00.* can: correct the amount")
        line.return_id.action_match()
        self.assertEqual(line.match_state, "unmatched")
        line.amount = 90
        line.return_id.action_match()
        self.assertMatched(line, payment)

    def test_match_looks_again_for_a_payment_that_is_gone(self):
        line = self.match_of(self.collect(end_to_end_id="FT-2026-001"))
        line.payment_id.action_draft()
        again = self.collect(end_to_end_id="FT-2026-001")
        line.return_id.action_match()
        self.assertMatched(line, again)

    def test_a_deleted_bank_transaction_leaves_the_line_open(self):
        invoice = self.invoice(100, ref="ORD-778")
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-09-10",
                "payment_ref": "collection",
                "amount": 100,
                "partner_id": self.customer.id,
                "counterpart_account_id": self.receivable.id,
            }
        )
        item = transaction.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        (item + self.due_items(invoice)).reconcile()
        line = self.match(reference="ORD-778", amount=100)
        self.assertEqual((line.match_state, line.move_line_id), ("matched", item))
        item.remove_move_reconcile()
        transaction.unlink()
        self.assertNotMatched(line, "unmatched", "not there any more")

    def test_a_corrected_amount_is_matched_again(self):
        payment = self.collect(80)
        other = self.collect()
        returned = self.make_return(payment, line_amount=90)
        returned.line_ids = [
            Command.create({"payment_id": other.id, "amount": other.amount})
        ]
        returned.action_confirm()
        line = returned.rest_ids.line_ids
        self.assertEqual((line.match_state, line.payment_id), ("unmatched", payment))
        line.return_id.action_match()
        self.assertEqual((line.match_state, line.payment_id), ("unmatched", payment))
        self.assertIn("correct the amount", line.match_note)
        line.amount = 80
        line.return_id.action_match()
        self.assertMatched(line, payment, "Chosen by")

    def test_what_is_in_the_books_stays_matched(self):
        line = self.match_of(self.collect(end_to_end_id="FT-2026-001"))
        line.return_id.action_confirm()
        self.assertEqual(line.payment_id.state, "rejected")
        self.assertEqual(line.match_state, "matched")

    def test_a_line_set_aside_after_it_was_matched_is_no_return(self):
        kept = self.collect(end_to_end_id="FT-2026-001")
        aside = self.collect(end_to_end_id="FT-2026-002")
        returned = self.told(
            *({"end_to_end_id": p.end_to_end_id, "amount": 100} for p in kept + aside)
        )
        returned.action_match()
        returned.line_ids.filtered(lambda line: line.payment_id == aside).action_skip()
        returned.action_confirm()
        (kept.invoice_ids + aside.invoice_ids).invalidate_recordset()
        self.assertRecordValues(
            kept.invoice_ids + aside.invoice_ids,
            [
                {"payment_return_count": 1, "is_payment_returned": True},
                {"payment_return_count": 0, "is_payment_returned": False},
            ],
        )
        self.assertFalse(aside.invoice_ids.payment_return_date)
        self.assertFalse(aside.invoice_ids.payment_return_line_ids)
        self.assertEqual(aside.payment_return_count, 0)
        moves = self.env["account.move"]
        mine = [("id", "in", (kept.invoice_ids + aside.invoice_ids).ids)]
        self.assertEqual(
            moves.search([*mine, ("payment_return_count", ">", 0)]), kept.invoice_ids
        )
        self.assertEqual(
            moves.search([*mine, ("payment_return_line_ids", "!=", False)]),
            kept.invoice_ids,
        )
        self.assertEqual(
            moves.search([*mine, ("payment_return_line_ids", "=", False)]),
            aside.invoice_ids,
        )
        self.assertEqual(returned.invoice_count, 1)

    def test_what_really_came_back_is_said_in_one_place(self):
        home = "account_payment_return_line.py"
        copy = re.compile(
            r"match_state = 'matched'|line\.state ==? .confirmed."
            r"|\(.state., .=., .confirmed.\)"
        )
        models = Path(file_path("account_credit_block/models"))
        copies = [
            path.name
            for path in models.glob("*.py")
            if path.name != home and copy.search(path.read_text(encoding="utf-8"))
        ]
        self.assertEqual(copies, [])
