from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_presentations import PresentationCommon


@tagged("post_install", "-at_install")
class TestPresentationWithoutEntry(PresentationCommon):
    """Receipts that book nothing until the bank credits them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.without_entry()

    def come_back(self, presentation, **values):
        returns = self.read_answer(self.answer(presentation, **values))
        self.assertEqual(set(returns.line_ids.mapped("match_state")), {"matched"})
        returns.action_confirm()
        return returns

    def test_nothing_is_booked_and_the_instalments_are_known(self):
        invoice = self.bill_in_parts()
        items = self.due_items(invoice)
        presentation = self.present(items[:2])
        self.assertPresented(presentation, 2)
        self.assertFalse(presentation.payment_ids.move_id)
        self.assertEqual(invoice.amount_residual, 300.0)
        self.assertEqual(items.mapped("is_to_present"), [False, False, True])

    def test_an_invoice_is_paid_when_all_of_it_is_presented(self):
        invoice = self.bill_in_parts()
        items = self.due_items(invoice)
        self.present(items[:2])
        self.assertEqual(invoice.payment_state, "partial")
        self.present(items[2:])
        self.assertEqual(invoice.payment_state, "paid")

    def test_nothing_is_presented_twice(self):
        invoice = self.bill_in_parts()
        items = self.due_items(invoice)
        draft = self.choose(items[0])
        first = self.present(items[0])
        with self.assertRaisesRegex(UserError, first.payment_ids.end_to_end_id):
            draft.action_present()
        self.assertPresented(self.present(items[1]), 1)

    def test_a_return_names_its_instalment(self):
        invoice = self.bill_in_parts()
        presentation = self.present(invoice)
        second = presentation.line_ids[1]
        returned = self.come_back(presentation, numbers=[second.receipt_number])
        self.assertEqual(returned.line_ids.invoice_line_ids, second.move_line_id)
        self.assertEqual(second.outcome, "returned")
        self.assertEqual(invoice.payment_state, "partial")
        self.assertEqual(
            presentation.line_ids.move_line_id.mapped("is_to_present"),
            [False, True, False],
        )

    def test_a_cumulated_receipt_opens_all_its_instalments(self):
        bills = self.bill(100) | self.bill(50)
        other = self.bill(70, due=60)
        presentation = self.present(*bills, other, grouping="customer")
        whole = presentation.payment_ids.filtered(lambda p: p.amount == 150)
        returned = self.come_back(presentation, numbers=[whole.end_to_end_id])
        self.assertEqual(returned.line_ids.invoice_ids, bills)
        self.assertEqual(bills.mapped("payment_state"), ["not_paid"] * 2)
        self.assertEqual(other.payment_state, "paid")

    def test_each_receipt_has_the_money_of_its_own_instalment(self):
        invoice = self.bill_in_parts()
        items = self.due_items(invoice)
        presentation = self.present(items[1], items[0])
        credits = [self.credit(100, items[0]), self.credit(100, items[1])]
        pairs = self.env["account.payment.return.pair"]._find(
            presentation.payment_ids, items.browse()
        )
        by_item = {line.move_line_id: line.payment_id for line in presentation.line_ids}
        for item, credit in zip(items, credits, strict=False):
            found = pairs[by_item[item]]
            self.assertEqual(found.statement_line_id, credit)

    def test_what_was_credited_comes_back_to_its_instalment(self):
        invoice = self.bill_in_parts()
        items = self.due_items(invoice)
        presentation = self.present(items)
        for item in items:
            self.credit(100, item)
        self.assertEqual(invoice.payment_state, "paid")
        second = presentation.line_ids[1]
        self.come_back(presentation, numbers=[second.receipt_number])
        self.assertEqual(items.mapped("amount_residual"), [0.0, 100.0, 0.0])

    def test_it_is_withdrawn_until_the_bank_credits_it(self):
        bills = self.bill(100), self.bill(50)
        first, second = self.present(bills[0]), self.present(bills[1])
        self.credit(100, self.due_items(bills[0]))
        with self.assertRaisesRegex(UserError, "has credited receipt"):
            first.action_cancel()
        second.action_cancel()
        self.assertEqual(second.payment_ids.state, "canceled")
        self.assertEqual(bills[1].payment_state, "not_paid")
        self.assertTrue(self.due_items(bills[1]).is_to_present)
        self.assertPresented(self.present(bills[1]), 1)

    def test_what_came_back_is_presented_again(self):
        bill = self.bill(100)
        first = self.present(bill)
        self.come_back(first)
        second = self.present(bill)
        self.assertPresented(second, 1)
        again = self.read_answer(self.answer(second, name="second"))
        self.assertEqual(again.line_ids.payment_id, second.payment_ids)
