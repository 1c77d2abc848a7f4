from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common_holds import HoldCommon

BUTTON, CALL = "/web/dataset/call_button", "/web/dataset/call_kw"


@tagged("post_install", "-at_install")
class TestConfirmClick(HoldCommon, HttpCase):
    """Odoo's own button hands over what a program is told it cannot confirm."""

    def setUp(self):
        super().setUp()
        self.user_salesperson.password = "acb_salesperson"
        self.authenticate(self.user_salesperson.login, "acb_salesperson")

    def _ask(self, route, records, method="action_confirm", **context):
        context["allowed_company_ids"] = self.credit_company.ids
        params = {"model": records._name, "method": method, "args": [records.ids]}
        params["kwargs"] = {"context": context}
        url = f"{route}/{records._name}.{method}"
        return self.make_jsonrpc_request(url, params)

    def _refuse(self, *args, **context):
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException):
            self._ask(*args, **context)

    def test_a_click_hands_over(self):
        order = self._create_order()
        result = self._ask(BUTTON, order)
        self.assertIn("handed over", result["params"]["message"])
        self._assert_states(order, "sent", "held")

    def test_a_click_confirms_what_nobody_has_to_decide_on(self):
        order = self._create_order(self.good_customer)
        self.assertFalse(self._ask(BUTTON, order))
        self._assert_states(order, "sale", "none")

    def test_a_click_goes_on_with_what_was_released(self):
        order = self._hold()
        order.order_line.product_uom_qty = 1
        self._ask(BUTTON, order, "action_draft")
        self._ask(BUTTON, order)
        order.with_user(self.user_credit_manager)._release_hold("paid by cheque")
        self._assert_states(order, "sale", "released")

    def test_a_program_is_refused(self):
        order, free = self._create_order(), self._create_order(self.good_customer)
        self._refuse(CALL, order)
        self._assert_states(order, "draft", "none")
        self._ask(CALL, free)
        self._assert_states(free, "sale", "none")

    def test_what_is_forbidden_is_refused_to_a_click_too(self):
        self.level_assistance.policy_confirmation = "forbid"
        order = self._create_order()
        self._refuse(BUTTON, order)
        self._assert_states(order, "draft", "none")

    def test_a_click_on_something_else_hands_nothing_over(self):
        """Whatever a button leads to is code, and is refused as code is."""
        order, free = self._create_order(), self._create_order(self.good_customer)
        action = self.env["ir.actions.server"].create(
            {
                "name": "Confirm at Once",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "state": "code",
                "code": "records.action_confirm()",
            }
        )
        origin = {"active_model": "sale.order"}
        self._refuse(BUTTON, action, "run", active_ids=order.ids, **origin)
        self._assert_states(order, "draft", "none")
        self._ask(BUTTON, action, "run", active_ids=free.ids, **origin)
        self._assert_states(free, "sale", "none")

    def test_a_click_on_no_order_says_so(self):
        self._refuse(BUTTON, self.env["sale.order"])

    def test_of_several_a_click_confirms_those_it_may(self):
        order, free = self._create_order(), self._create_order(self.good_customer)
        self._ask(BUTTON, order | free)
        self._assert_states(order, "sent", "held")
        self._assert_states(free, "sale", "none")
