from unittest.mock import patch

from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_presentations import PresentationCommon

TYPE = "account_id.account_type"


@tagged("post_install", "-at_install")
class TestPresentationOutcome(PresentationCommon):
    def come_back(self, presentation, **values):
        """Confirm the outcomes of all receipts, or those with numbers."""
        returns = self.read_answer(self.answer(presentation, **values))
        returns.action_confirm()
        self.assertEqual(set(returns.mapped("state")), {"confirmed"})
        return returns

    def test_outcomes_find_every_receipt(self):
        presentation = self.present(
            self.bill_in_parts(),
            self.bill(99.99),
            self.bill(100, partner=self.other_customer),
        )
        returns = self.read_answer(self.answer(presentation))
        self.assertEqual(set(returns.line_ids.mapped("match_state")), {"matched"})
        self.assertEqual(returns.line_ids.payment_id, presentation.payment_ids)
        self.assertEqual(returns.journal_id, self.bank)

    def test_the_receipt_that_came_back_opens_its_instalment_only(self):
        invoice = self.bill_in_parts()
        presentation = self.present(invoice)
        first, second, third = presentation.line_ids
        self.come_back(presentation, numbers=[second.receipt_number])
        self.assertEqual(
            [line.move_line_id.amount_residual for line in (first, second, third)],
            [0.0, 100.0, 0.0],
        )
        self.assertEqual(second.outcome, "returned")
        self.assertEqual(second.move_line_id.is_to_present, True)

    def test_a_tax_due_on_payment_goes_with_the_instalment_that_came_back(self):
        tax = self.setup_cash_basis_tax()
        for number in range(3):
            with self.subTest(number), self.env.cr.savepoint() as savepoint:
                invoice = self.taxed_in_parts(tax)
                presentation = self.present(invoice, self.bill(50))
                self.assertEqual(self.cash_basis_tax_due(tax), -60.0)
                line = self.due_items(invoice)[number].presentation_line_ids
                self.come_back(presentation, numbers=[line.receipt_number])
                self.assertEqual(self.cash_basis_tax_due(tax), -40.0)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_receipts_are_matched_in_as_few_calls_as_their_taxes_need(self):
        bills = self.taxed_in_parts(self.env["account.tax"]) | self.bill(50)
        self.assertEqual(self.count_matchings(*bills), 1)
        tax = self.setup_cash_basis_tax()
        bills = self.taxed_in_parts(tax) | self.taxed_in_parts(tax) | self.bill(50)
        self.assertEqual(self.count_matchings(*bills), 3)

    def taxed_in_parts(self, tax):
        """An invoice in three instalments of 120, or of 100 without a tax of 20%."""
        values = {"name": "Goods", "price_unit": 300.0, "tax_ids": tax.ids}
        return self.bill_in_parts(invoice_line_ids=[Command.create(values)])

    def count_matchings(self, *bills):
        """How often items of invoices are matched when these are presented."""
        items = self.env.registry["account.move.line"]
        matched = items._reconcile_plan
        calls = []

        def reconcile(records, plan):
            calls.extend(i for i in plan[:1] if "asset_receivable" in i.mapped(TYPE))
            return matched(records, plan)

        with patch.object(items, "_reconcile_plan", reconcile):
            self.present(*bills)
        return len(calls)

    def test_a_cumulated_receipt_opens_all_its_instalments(self):
        bills = self.bill(100) | self.bill(50) | self.bill(25.5)
        other = self.bill(70, due=60)
        presentation = self.present(*bills, other, grouping="customer")
        whole = presentation.payment_ids.filtered(lambda p: p.amount == 175.5)
        returned = self.come_back(presentation, numbers=[whole.end_to_end_id])
        self.assertEqual(bills.mapped("payment_state"), ["not_paid"] * 3)
        self.assertEqual(bills.mapped("amount_residual"), [100.0, 50.0, 25.5])
        self.assertEqual(other.payment_state, "paid")
        self.assertEqual(returned.line_ids.invoice_ids, bills)
        self.assertEqual(returned.line_ids.amount, 175.5)

    def test_a_part_of_a_cumulated_receipt_opens_just_that(self):
        bills = self.bill(100) | self.bill(50)
        presentation = self.present(*bills, grouping="customer")
        returned = self.make_return(
            presentation.payment_ids,
            line_amount=50.0,
            line_invoice_line_ids=self.due_items(bills[1]).ids,
        )
        returned.action_confirm()
        self.assertEqual(bills.mapped("amount_residual"), [0.0, 50.0])
        self.assertEqual(presentation.payment_ids.state, "in_process")

    def test_the_books_are_even_after_a_return(self):
        presentation = self.present(self.bill(100))
        self.come_back(presentation)
        items = self.env["account.move.line"].search(
            [("account_id", "=", self.bills.id), ("parent_state", "=", "posted")]
        )
        self.assertAlmostEqual(sum(items.mapped("balance")), 0.0)

    def test_what_came_back_is_presented_again_with_a_new_number(self):
        bill = self.bill(100)
        first = self.present(bill)
        self.come_back(first)
        second = self.choose(bill)
        second.line_ids.due_date = self.day(60)
        second.action_present()
        self.assertPresented(second, 1)
        self.assertEqual(bill.payment_state, "paid")
        self.assertNotEqual(
            first.payment_ids.end_to_end_id, second.payment_ids.end_to_end_id
        )
        with self.assertRaisesRegex(RedirectWarning, "already imported"):
            self.read_answer(self.answer(first, name="again"))
        third = self.read_answer(self.answer(second, name="second"))
        self.assertEqual(third.line_ids.payment_id, second.payment_ids)
        third.action_confirm()
        self.assertEqual(bill.payment_state, "not_paid")

    def test_cancelling_says_what_was_presented_again(self):
        told = self.env["account.payment.return.outcome"]
        bill = self.bill(100)
        returned = self.come_back(self.present(bill))
        self.assertNotIn("presented again", " ".join(told._foresee_cancel(returned)))
        again = self.present(bill)
        sentences = " ".join(told._foresee_cancel(returned))
        number = again.payment_ids.end_to_end_id
        self.assertIn(f"presented again, with {number}: withdraw", sentences)
        again.action_cancel()
        self.assertNotIn("presented again", " ".join(told._foresee_cancel(returned)))

    def test_the_due_date_of_the_receipt_agrees_with_the_outcome(self):
        bill = self.bill(100, due=10)
        presentation = self.choose(bill)
        presentation.line_ids.due_date = self.day(40)
        presentation.action_present()
        returns = self.read_answer(self.answer(presentation))
        self.assertEqual(returns.line_ids.match_state, "matched")
        self.assertEqual(returns.line_ids.due_date, self.day(40))

    def test_a_receipt_entered_by_hand_comes_back_by_its_number(self):
        bills = self.bill(100) | self.bill(50)
        payment = self.pay(bills)
        payment.write({"end_to_end_id": "77", "collection_due_date": self.day(30)})
        presentation = self.present(self.bill(150))
        name, content = self.answer(presentation)
        number = presentation.payment_ids.end_to_end_id
        content = content.replace(number.encode(), b"0000000077")
        returns = self.read_answer((name, content))
        self.assertEqual(returns.line_ids.payment_id, payment)
        returns.action_confirm()
        self.assertEqual(bills.mapped("payment_state"), ["not_paid"] * 2)

    def test_what_the_bank_has_answered_is_not_withdrawn(self):
        presentation = self.present(self.bill(100), self.bill(50))
        receipt = presentation.line_ids[0]
        draft = self.read_answer(
            self.answer(presentation, numbers=[receipt.receipt_number])
        )
        for _time in ("draft", "confirmed"):
            with self.assertRaisesRegex(UserError, "the bank has answered"):
                presentation.action_cancel()
            with self.assertRaisesRegex(UserError, "the bank has answered"):
                receipt.action_withdraw()
            if draft.state == "draft":
                draft.action_confirm()
        presentation.line_ids[1].action_withdraw()
        self.assertEqual(presentation.line_ids[1].outcome, "withdrawn")


@tagged("post_install", "-at_install")
class TestWithdrawnOutcome(PresentationCommon):
    """What the bank tells of a withdrawn receipt is of no other payment."""

    def withdraw(self, causale="30008", bill=None, **values):
        """A withdrawn receipt of a bill, and what the bank tells of it.

        :return: (the receipt, the bill, the bank's file)
        """
        bill = bill or self.bill(100)
        presentation = self.present(bill)
        told = self.answer(presentation, causale=causale, **values)
        presentation.action_cancel()
        self.assertEqual(bill.payment_state, "not_paid")
        return presentation.payment_ids, bill, told

    def read_nothing(self, told, state, note):
        """Import what the bank tells of the withdrawn receipt: nothing is booked."""
        line = self.read_answer(told).line_ids
        self.assertEqual((line.match_state, line.payment_id.id), (state, False))
        self.assertRegex(line.match_note, note)
        return line

    def test_the_recall_is_confirmed_and_the_next_receipt_stays(self):
        receipt, bill, told = self.withdraw()
        again = self.present(bill).payment_ids
        state = again.state
        self.company.sudo().credit_return_auto_confirm = True
        note = f"confirms that {receipt.name} was withdrawn"
        line = self.read_nothing(told, "skipped", note)
        self.assertEqual(line.partner_id, self.customer)
        self.assertEqual((again.state, bill.payment_state), (state, "paid"))
        line.action_match()
        self.assertEqual(line.match_state, "skipped")

    def test_the_next_receipt_comes_back_by_its_own_number(self):
        _receipt, bill, _told = self.withdraw()
        again = self.present(bill)
        line = self.read_answer(self.answer(again, causale="30008")).line_ids
        self.assertEqual(
            (line.match_state, line.payment_id), ("matched", again.payment_ids)
        )

    def test_what_was_withdrawn_and_still_came_back_is_told(self):
        receipt, bill, told = self.withdraw("42010")
        self.present(bill)
        note = f"{receipt.name} was found, but it was withdrawn"
        line = self.read_nothing(told, "unmatched", note)
        self.assertFalse(line.candidate_line_ids or line.candidate_payment_ids)
        self.assertEqual(bill.payment_state, "paid")

    def test_another_invoice_of_the_same_amount_and_day_is_left_alone(self):
        for causale, state in (("30008", "skipped"), ("42010", "unmatched")):
            with self.subTest(causale=causale):
                _receipt, _bill, told = self.withdraw(causale, name=f"of {causale}")
                other = self.bill(100)
                self.present(other)
                self.read_nothing(told, state, "withdrawn")
                self.assertEqual(other.payment_state, "paid")

    def test_a_transfer_that_paid_the_invoice_is_left_alone(self):
        receipt, bill, told = self.withdraw()
        self.pay(bill)
        self.read_nothing(told, "skipped", "withdrawn")
        _receipt, bill, told = self.withdraw("42010", name="of the bank")
        self.credit(100, self.due_items(bill))
        self.read_nothing(told, "unmatched", "withdrawn")
        self.assertEqual(bill.payment_state, "paid")

    def test_without_entries_it_is_just_so(self):
        self.without_entry()
        receipt, bill, told = self.withdraw()
        again = self.present(bill).payment_ids
        note = f"{receipt.end_to_end_id} was withdrawn"
        self.read_nothing(told, "skipped", note)
        self.assertEqual(again.state, "in_process")

    def test_each_withdrawn_receipt_of_one_file_is_told(self):
        bill = self.bill_in_parts()
        presentation = self.present(bill)
        told = self.answer(presentation, causale="30008")
        presentation.action_cancel()
        self.present(bill)
        lines = self.read_answer(told).line_ids
        self.assertEqual(lines.mapped("match_state"), ["skipped"] * 3)
