from odoo.tests import tagged

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
