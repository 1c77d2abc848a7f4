from odoo.tests import tagged

from .test_tour import TourCommon


class WorkTourCommon(TourCommon):
    """Three collections that came back, of two customers and for two reasons."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        refused = cls.env.ref("account_credit_block.payment_return_reason_ms02")
        cls.first, cls.second, cls.refused = (
            cls._bring_back(partner, amount, reason)
            for partner, amount, reason in (
                (cls.customer, 240.0, cls.reason_funds),
                (cls.other_customer, 90.0, cls.reason_funds),
                (cls.customer, 55.0, refused),
            )
        )

    @classmethod
    def _bring_back(cls, partner, amount, reason):
        payment = cls._collect(partner, amount)
        returned = cls.make_return(payment, line_reason_id=reason.id)
        returned.action_confirm()
        return returned.line_ids.sudo().task_ids

    def _start(self, tour):
        self.start_tour("/odoo", tour, login="acb_credit_user")


@tagged("post_install", "-at_install")
class TestTourWork(WorkTourCommon):
    def test_what_came_back_is_worked(self):
        self._start("credit_return_work")
        tasks = self.first | self.second
        self.assertEqual(tasks.responsible_id.login, "acb_credit_user")
        self.assertEqual(self.refused.ending, "by_hand")
        self.assertEqual(set(tasks.mapped("state")), {"todo"})
        draft = self.env["account.payment.presentation"].search([], limit=1)
        self.assertEqual(
            draft.line_ids.move_line_id, self.second.return_line_id.invoice_line_ids
        )


@tagged("post_install", "-at_install")
class TestTourWorkPhone(WorkTourCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_it_is_worked_on_a_phone(self):
        self._start("credit_return_work_phone")
        self.assertEqual(self.first.ending, "by_hand")
        self.assertEqual(self.second.state, "todo")
