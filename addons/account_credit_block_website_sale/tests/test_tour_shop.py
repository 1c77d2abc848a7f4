from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.account_credit_block.tests.common import CreditBlockFixture
from odoo.addons.account_credit_block.tests.test_tour_holds import (
    CUSTOMER,
    TourHoldsFixture,
)
from odoo.addons.website_sale.tests.common import WebsiteSaleCommon


class TourShopCommon(TourHoldsFixture, CreditBlockFixture, WebsiteSaleCommon, HttpCase):
    """A shop whose customer is a portal user with a complete address."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls._setup_holds(cls.user_portal.partner_id)
        cls.website.company_id = cls.env.company
        cls.product_of_tour.is_published = True
        cls.customer.write(
            {
                **cls.dummy_partner_address_values,
                "name": CUSTOMER,
                "email": "rossi@example.com",
                "phone": "+32 2 555 01 00",
            }
        )


@tagged("post_install", "-at_install")
class TestTourShop(TourShopCommon):
    def test_the_shop_refuses_a_customer_before_paying(self):
        self._block(level=self.level_doubtful)
        self.start_tour("/shop", "credit_hold_shop_refused", login="acb_portal")
        order = self.customer.sale_order_ids
        self.assertRecordValues(order, [{"state": "draft", "hold_state": "none"}])
        self.assertFalse(order.transaction_ids)


@tagged("post_install", "-at_install", "-standard", "neighbours")
class TestTourShopNeighbours(TourShopCommon):
    """Paying on the shop takes the demo provider, which the addon does not need."""

    @mute_logger("odoo.addons.sale.models.payment_transaction")
    def test_a_paid_order_is_reviewed_released_and_shown_to_the_customer(self):
        self.env.ref("payment.payment_provider_demo").company_id = self.env.company
        self._block(level=self.level_pending)
        self.start_tour("/shop", "credit_hold_shop", login="acb_portal")
        order = self.customer.sale_order_ids
        self.assertRecordValues(order, [{"state": "sent", "hold_state": "held"}])
        self.assertEqual(order.transaction_ids.state, "done")
        self.start_tour("/my/quotes", "credit_hold_portal_waiting", login="acb_portal")
        self.start_tour("/odoo", "credit_hold_release", login="acb_credit_manager")
        self.assertRecordValues(order, [{"state": "sale", "hold_state": "released"}])
        self.start_tour("/my/orders", "credit_hold_portal_released", login="acb_portal")
