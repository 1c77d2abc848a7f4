"""What an employee enters as an order of the website, or takes back."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from odoo.addons.account_credit_block.tests.test_sale_order_entry import (
    BLOCKED,
    FILLED_IN,
    EntryCommon,
)


@tagged("post_install", "-at_install")
class TestSaleOrderOrigin(EntryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].search([], limit=1)

    def _create_web_order(self, partner=None, state="draft"):
        order = self._create_order(partner, user=self.env.ref("base.user_root"))
        order.sudo().write({"website_id": self.website.id, "state": state})
        return order.sudo()

    def test_an_order_of_the_website_stays_one(self):
        self.credit_company.credit_hold_web = True
        draft = self._create_web_order(self.good_customer)
        held = self._create_web_order(self.good_customer)
        held.action_confirm_or_hold()
        for order in (draft, held):
            with self.assertRaisesRegex(AccessError, FILLED_IN):
                self._act(order, "write", {"website_id": False})
            self._act(order, "write", {"website_id": self.website.id, "note": "x"})
        told = self._act(held, "action_recheck_hold")["params"]["message"]
        self.assertRegex(told, "0 let go, 1 still held\\n.*\\n.*from the website")
        self._assert_states(held, "sent", "held")

    def test_a_quotation_does_not_become_an_order_of_the_website(self):
        order = self._create_order(self.good_customer)
        with self.assertRaisesRegex(AccessError, FILLED_IN):
            self._act(order, "write", {"website_id": self.website.id})
        self._act(order, "write", {"website_id": False, "note": "x"})
        self.assertFalse(order.website_id)

    def test_what_an_employee_calls_an_order_of_the_website_is_his_order_too(self):
        self.level_assistance.policy_web_order = "allow"
        came = self._create_web_order(self.customer)
        entered = self._enter(
            "sale.order", partner_id=self.customer.id, website_id=self.website.id
        )
        copied = came.browse(self._act(came, "copy"))
        by_default = self._enter(
            "sale.order",
            context={"default_website_id": self.website.id},
            partner_id=self.customer.id,
        )
        for order in entered | copied | by_default:
            self.assertEqual(order.website_id, self.website)
            self._act(order, "action_confirm_or_hold")
            self._assert_states(order, "sent", "held")
        self._act(came, "action_confirm_or_hold")
        self._assert_states(came, "sale", "none")

    def test_a_cart_of_a_forbidden_customer_becomes_no_quotation(self):
        cart = self._create_web_order(self.good_customer)
        old = self._create_order(self.good_customer)
        self._forbid_quotations()
        cart.write({"note": "the customer goes on shopping"})
        with self.assertRaisesRegex(ValidationError, BLOCKED):
            self._act(cart, "write", {"state": "sent"})
        # What was a quotation before the block goes on.
        self._act(old, "write", {"state": "sent"})
        self.assertEqual(old.state, "sent")
