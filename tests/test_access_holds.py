from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common_holds import HoldCommon

MATRIX = {
    "sale.order.hold": {
        "credit_manager": "r",
        "credit_user": "r",
        "accountant": "",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
    "sale.order.hold.reason": {
        "credit_manager": "r",
        "credit_user": "r",
        "accountant": "",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
    "sale.order.hold.decision": {
        "credit_manager": "cru",
        "credit_user": "",
        "accountant": "",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
}


@tagged("post_install", "-at_install")
class TestAccessHolds(HoldCommon):
    def test_every_cell_of_the_matrix(self):
        self._check_access_matrix(MATRIX)

    def test_nobody_creates_changes_or_deletes_a_hold_directly(self):
        hold = self._hold().hold_ids
        for role, user in self.users.items():
            own = hold.with_user(user)
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    own.create({"order_id": hold.order_id.id, "handover": "visible"})
                with self.assertRaises(AccessError):
                    own.write({"state": "released"})
                with self.assertRaises(AccessError):
                    own.reason_ids.write({"data": {}})
                with self.assertRaises(AccessError):
                    own.unlink()
        self.assertEqual(hold.state, "held")

    def test_the_fields_of_the_decision_are_for_credit_users(self):
        order = self._hold()
        names = ("hold_ids", "hold_status", "hold_hidden", "hold_count")
        for name in names:
            with self.subTest(name=name):
                order.with_user(self.user_credit_manager).read([name])
                with self.assertRaises(AccessError):
                    order.with_user(self.user_salesperson).read([name])

    def _move_to_other_company(self, user):
        other = self.other_company.id
        user.write({"company_id": other, "company_ids": [Command.set([other])]})

    def test_the_holds_of_other_companies_are_hidden(self):
        hold = self._hold().hold_ids
        manager = self.user_credit_manager
        found = self.env["sale.order.hold"].with_user(manager).search([])
        self.assertIn(hold, found)
        self._move_to_other_company(manager)
        found = self.env["sale.order.hold"].with_user(manager).search([])
        self.assertNotIn(hold, found)
        self.assertNotIn(hold.reason_ids, hold.reason_ids.with_user(manager).search([]))

    def test_a_manager_of_another_company_does_not_decide(self):
        order = self._hold()
        self._move_to_other_company(self.user_credit_manager)
        with self.assertRaisesRegex(AccessError, "Only those who decide"):
            order.with_user(self.user_credit_manager)._release_hold("hello")

    def test_the_dialog_tells_nothing_of_orders_of_another_company(self):
        hold = self._hold().hold_ids
        dialog = self.env["sale.order.hold.decision"].with_user(
            self.user_credit_manager
        )
        dialog = dialog.with_context(default_hold_ids=hold.ids)
        self.assertTrue(dialog.default_get(["seen"])["seen"])
        self._move_to_other_company(self.user_credit_manager)
        self.env.invalidate_all()
        with self.assertRaisesRegex(AccessError, "Order Hold"):
            dialog.default_get(["seen"])

    def test_the_customer_reads_no_field_of_ours_on_the_own_order(self):
        self.customer = self.user_portal.partner_id
        self._block(level=self.level_assistance)
        order = self._hold(self.customer).with_user(self.user_portal)
        self.assertTrue(order.read(["name"]))
        for name in ("hold_status", "hold_ids", "hold_banner", "credit_block_banner"):
            with self.subTest(name=name), self.assertRaises(AccessError):
                order.read([name])
