from odoo.tests import tagged

from .test_tour import TourCommon
from .test_tour_holds import TourHoldsFixture


@tagged("post_install", "-at_install")
class TestTourRequests(TourHoldsFixture, TourCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_holds(cls.customer)

    def _start(self, name, url="/odoo"):
        self.start_tour(url, name, login="acb_salesperson")

    def _get_orders(self):
        orders = self.env["sale.order"].sudo()
        return orders.search([("partner_id", "=", self.customer.id)])

    def test_a_refused_quotation_is_asked_for_and_confirmed_after_the_answer(self):
        self._block()
        self._start("credit_request_ask")
        order = self._get_orders()
        self.assertRecordValues(order, [{"state": "draft", "hold_state": "held"}])
        self.assertEqual(order.order_line.product_id, self.product_of_tour)
        order.with_user(self.user_credit_manager)._release_hold("Pays at the counter")
        self._start("credit_request_answer")
        self.assertRecordValues(order, [{"state": "sale", "hold_state": "released"}])

    def test_a_refused_quotation_is_discarded(self):
        self._block()
        self._start("credit_request_discard")
        self.assertFalse(self._get_orders())

    def test_a_refused_quotation_is_asked_for_on_leaving_it_and_copied(self):
        self._block()
        self._start("credit_request_leave")
        self.assertEqual(
            set(self._get_orders().hold_ids.mapped("request_text")),
            {"They pay next week", "Once more of it"},
        )

    def test_who_decides_lifts_the_block_and_saves(self):
        self._block()
        seller = self.env.ref("sales_team.group_sale_salesman")
        self.user_credit_manager.sudo().group_ids += seller
        self.start_tour("/odoo", "credit_request_lift", login="acb_credit_manager")
        order = self._get_orders()
        self.assertRecordValues(order, [{"state": "draft", "hold_state": "none"}])

    def test_what_may_not_be_confirmed_is_asked_for(self):
        self.level_pending.sudo().policy_confirmation = "forbid"
        order = self._create_quotation()
        self._start("credit_request_to_confirm", f"/odoo/sales/{order.id}")
        self.assertRecordValues(order, [{"state": "sent", "hold_state": "held"}])


@tagged("post_install", "-at_install")
class TestTourRequestsPhone(TourHoldsFixture, TourCommon):
    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_holds(cls.customer)

    def test_a_refused_quotation_is_asked_for_on_a_phone(self):
        self._block()
        self.start_tour(
            "/odoo/sales/new", "credit_request_phone", login="acb_salesperson"
        )
        order = self.customer.sudo().sale_order_ids
        self.assertRecordValues(order, [{"state": "draft", "hold_state": "held"}])
