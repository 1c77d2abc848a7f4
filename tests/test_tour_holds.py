from odoo.fields import Command
from odoo.tests import tagged

from .test_tour import TourCommon

# As in static/tests/tours/order_hold_tour.js.
CUSTOMER = "Officine Rossi"
PRODUCT = "Bolt of the tour"


class TourHoldsFixture:
    """The customer of the tours, who decides, and a product to sell."""

    @classmethod
    def _setup_holds(cls, customer):
        cls.customer = customer
        customer.name = CUSTOMER
        company = cls.credit_company
        company.credit_hold_user_ids = cls.user_credit_manager
        cls.product_of_tour = cls.env["product.product"].create(
            {
                "name": PRODUCT,
                "type": "service",
                "list_price": 100.0,
                "taxes_id": False,
            }
        )

    def _create_quotation(self):
        """A quotation of the salesperson, entered before the customer is blocked."""
        order = (
            self.env["sale.order"]
            .with_user(self.user_salesperson)
            .with_company(self.credit_company)
            .create(
                {
                    "partner_id": self.customer.id,
                    "order_line": [
                        Command.create({"product_id": self.product_of_tour.id})
                    ],
                }
            )
        )
        self._block(level=self.level_pending)
        return order


@tagged("post_install", "-at_install")
class TestTourHolds(TourHoldsFixture, TourCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_holds(cls.customer)

    def test_a_salesperson_hands_over_and_a_manager_releases_from_the_queue(self):
        order = self._create_quotation()
        self.start_tour("/odoo", "credit_hold_hand_over", login="acb_salesperson")
        self.assertRecordValues(order, [{"state": "sent", "hold_state": "held"}])
        self.start_tour("/odoo", "credit_hold_release", login="acb_credit_manager")
        self.assertRecordValues(order, [{"state": "sale", "hold_state": "released"}])
        self.assertEqual(order.sudo().hold_ids.decision_reason, "Pays at the counter")

    def test_a_manager_decides_on_one_order_after_the_other_at_the_desk(self):
        blocked = self._create_quotation()
        over, gone = self._create_over_the_limit(), self._create_over_the_limit()
        for order in (blocked, over, gone):
            order.action_confirm_or_hold()
        gone.sudo().partner_id.with_company(self.credit_company).credit_limit = 0
        self.start_tour("/odoo", "credit_hold_desk", login="acb_credit_manager")
        self.assertRecordValues(
            (blocked + over + gone).sudo(),
            [
                {"state": "sale", "hold_state": "released"},
                {"state": "sent", "hold_state": "refused"},
                {"state": "sale", "hold_state": "released"},
            ],
        )
        block = self.customer.credit_block_ids
        self.assertEqual(block.state, "lifted")
        self.assertEqual(block.lift_reason, "Pays at the counter")

    def _create_over_the_limit(self):
        """A quotation of a customer of its own, who has half the credit for it."""
        self.credit_company.credit_hold_limit = True
        customer = self._create_customer("Officine Neri")
        customer.with_company(self.credit_company).credit_limit = 100
        return (
            self.env["sale.order"]
            .with_user(self.user_salesperson)
            .with_company(self.credit_company)
            .create(
                {
                    "partner_id": customer.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.product_of_tour.id,
                                "product_uom_qty": 2,
                            }
                        )
                    ],
                }
            )
        )


@tagged("post_install", "-at_install")
class TestTourHoldsPhone(TourHoldsFixture, TourCommon):
    browser_size = "390x844"
    touch_enabled = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_holds(cls.customer)

    def test_held_orders_are_decided_on_a_phone(self):
        order = self._create_quotation()
        self.start_tour(
            "/odoo/sales", "credit_hold_phone_quotations", login="acb_salesperson"
        )
        order.action_confirm_or_hold()
        self.start_tour(
            "/odoo/held-orders", "credit_hold_phone", login="acb_credit_manager"
        )
