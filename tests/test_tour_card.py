from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_tour import TourCommon


class TourCardCommon(TourCommon):
    """A customer with a return, a block and a refused order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level_assistance.sudo().policy_confirmation = "hold"
        cls.customer._set_credit_block(
            cls.level_assistance, "came back twice", cls.company
        )
        order = cls.env["sale.order"].sudo().create({"partner_id": cls.customer.id})
        order.action_confirm_or_hold()
        order.with_user(cls.user_credit_manager)._refuse_hold("no")


@tagged("post_install", "-at_install")
class TestTourCard(TourCardCommon):
    def test_a_credit_user_opens_the_card_from_the_customer(self):
        self._block_by_return()
        self.start_tour("/odoo", "credit_card", login="acb_credit_user")


@tagged("post_install", "-at_install")
class TestTourCardPhone(TourCardCommon):
    browser_size = "390x844"
    touch_enabled = True

    def test_the_card_is_read_on_a_phone(self):
        self._block_by_return()
        self.start_tour(
            f"/odoo/customer-credit/{self.customer.id}",
            "credit_card_phone",
            login="acb_credit_user",
        )


@tagged("post_install", "-at_install", "-standard", "neighbours")
class TestTourPortalNeighbours(TourCommon):
    """Paying takes the demo provider, which the addon does not need."""

    @mute_logger("odoo.addons.account_payment.models.payment_transaction")
    def test_a_customer_pays_again_what_came_back(self):
        provider = self.env.ref("payment.payment_provider_demo").sudo()
        provider.write(
            {"company_id": self.company.id, "state": "test", "is_published": True}
        )
        self.customer = self.user_portal.partner_id
        self.customer.email = "rossi@example.com"
        invoice = self._block_by_return().line_ids.invoice_ids
        self.assertEqual(invoice.payment_state, "not_paid")
        self.start_tour("/my/invoices", "credit_portal_pay_again", login="acb_portal")
        self.assertEqual(invoice.transaction_ids.state, "done")
        self.assertIn(invoice.payment_state, ("in_payment", "paid"))
