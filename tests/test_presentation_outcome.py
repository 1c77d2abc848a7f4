from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import tagged

from .common_presentations import PresentationCommon


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
