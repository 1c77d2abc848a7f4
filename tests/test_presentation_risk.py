from odoo.tests import tagged

from .common_exposure import ExposureCommon
from .common_presentations import PresentationCommon
from .common_rules import RuleCommon


@tagged("post_install", "-at_install")
class TestPresentationExposure(PresentationCommon, ExposureCommon):
    """What is presented is not paid: the risk goes on until a receipt is final."""

    def test_a_receipt_counts_until_five_days_after_its_due_date(self):
        for due, counted in ((30, 100.0), (-5, 100.0), (-6, 0.0)):
            with self.subTest(due=due):
                bill = self.bill(100, due=due, invoice_date=self.day(-60))
                presentation = self.present(bill, date=self.day(-40))
                self.assertExposure(not_final=counted)
                presentation.action_cancel()
                bill.button_draft()
                bill.button_cancel()

    def test_without_an_entry_it_counts_as_open_then_as_not_final(self):
        self.without_entry()
        presentation = self.present(self.bill(100))
        self.assertExposure(open=100.0)
        self.credit(100, presentation.line_ids.move_line_id)
        self.assertExposure(not_final=100.0)

    def test_without_an_entry_each_instalment_counts_once(self):
        self.without_entry()
        presentation = self.present(self.bill_in_parts())
        self.assertExposure(open=300.0)
        self.credit(100, presentation.line_ids[0].move_line_id)
        self.assertExposure(open=200.0, not_final=100.0)

    def test_what_is_presented_again_counts_until_its_own_due_date(self):
        bill = self.bill(100, due=-20)
        presentation = self.choose(bill)
        self.assertExposure(overdue=100.0)
        presentation.line_ids.due_date = self.day(30)
        presentation.action_present()
        self.assertExposure(not_final=100.0)

    def test_what_came_back_counts_as_returned(self):
        presentation = self.present(self.bill_in_parts())
        numbers = [presentation.line_ids[0].receipt_number]
        self.read_answer(self.answer(presentation, numbers=numbers)).action_confirm()
        self.assertExposure(not_final=200.0, returned=100.0)

    def test_what_is_withdrawn_is_open_again(self):
        presentation = self.present(self.bill(100))
        self.assertExposure(not_final=100.0)
        presentation.action_cancel()
        self.assertExposure(open=100.0)


@tagged("post_install", "-at_install")
class TestPresentationBlock(PresentationCommon, RuleCommon):
    """Who is blocked stays so while what came back is only presented again."""

    def check_block(self):
        bill = self.bill(100)
        first = self.present(bill)
        self.read_answer(self.answer(first)).action_confirm()
        self.assertEqual(self.in_force(), self.unpaid)
        second = self.present(bill)
        self.assertEqual(self.in_force(), self.unpaid)
        self.night()
        self.assertEqual(self.in_force(), self.unpaid)
        return second

    def test_presenting_again_lifts_no_block(self):
        second = self.check_block()
        self.method.credit_final_days = 0
        self.night()
        self.assertEqual(self.in_force(), self.unpaid)
        self.credit(100, second.payment_ids._get_waiting())
        self.night()
        self.assertFalse(self.in_force())
        self.assertEqual(second.line_ids.move_id.payment_state, "paid")

    def test_presenting_again_without_an_entry_lifts_none_either(self):
        self.without_entry()
        second = self.check_block()
        self.credit(100, second.line_ids.move_line_id)
        self.night()
        self.assertFalse(self.in_force())
