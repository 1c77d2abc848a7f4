"""Who hands orders over, has them checked again and decides, by remote calls."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import new_user
from .common_holds import HoldCommon
from .common_rpc import call_as

STRANGERS = {
    "portal": ("base.group_portal", "own"),
    "employee": ("base.group_user", "own"),
    "colleague": ("sales_team.group_sale_salesman", "own"),
    "invoicing": ("account.group_account_invoice", "own"),
    "auditor": ("account.group_account_readonly", "own"),
    "other_seller": ("sales_team.group_sale_salesman_all_leads", "other"),
    "other_manager": ("account_credit_block.group_credit_manager", "other"),
}


@tagged("post_install", "-at_install")
class TestCallersOrders(HoldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = {"own": cls.credit_company, "other": cls.other_company}
        cls.strangers = {
            name: new_user(cls.env, f"acb_order_{name}", group, companies[company])
            for name, (group, company) in STRANGERS.items()
        }

    def _call(self, user, records, name, *args, **kwargs):
        """Call a method as a client does, with plain values in a fresh environment."""
        return call_as(
            self.env, user, records._name, name, records.ids, *args, **kwargs
        )

    def _refuse(self, user, records, name):
        """Return the text with which a call is refused, whatever it is."""
        try:
            with self.env.cr.savepoint():
                self._call(user, records, name)
        except UserError as error:
            return type(error), str(error)
        return None, ""

    def test_checking_again_is_refused_alike_whatever_the_order_is(self):
        held, other = self._hold(), self._create_order().sudo()
        free = self._create_order(self.good_customer).sudo()
        none = free.browse(free.id + 1000)
        for name, user in self.strangers.items():
            with self.subTest(user=name):
                orders = (held, other, free, none)
                refusals = {
                    self._refuse(user, order, "action_recheck_hold") for order in orders
                }
                self.assertEqual(len(refusals), 1, refusals)
                error, text = refusals.pop()
                self.assertEqual(error, AccessError)
                self.assertIn("Only those who sell an order", text)
        self._assert_states(held, "sent", "held")

    def test_deciding_is_refused_alike_whatever_the_order_is(self):
        held, free = self._hold(), self._create_order(self.good_customer).sudo()
        for name, user in self.strangers.items():
            for method in ("action_release_hold", "action_refuse_hold"):
                with self.subTest(user=name, method=method):
                    refusals = {
                        self._refuse(user, order, method) for order in (held, free)
                    }
                    self.assertEqual(len(refusals), 1, refusals)
                    error, text = refusals.pop()
                    self.assertEqual(error, AccessError)
                    self.assertIn("Only those who decide", text)

    def test_who_sells_the_order_has_it_checked_again(self):
        held = self._hold()
        stranger = self.strangers["invoicing"]
        self.assertTrue(self._refuse(stranger, held, "action_recheck_hold")[0])
        told = self._call(self.user_salesperson, held, "action_recheck_hold")
        self.assertIn("1 still held", told["params"]["message"])
        self._assert_states(held, "sent", "held")
        self.customer._lift_credit_block(
            self.level_assistance, "has paid", self.credit_company
        )
        with self.assertRaisesRegex(AccessError, "Only those who sell"):
            self._call(self.strangers["invoicing"], held, "action_recheck_hold")
        self._assert_states(held, "sent", "held")
        self._call(self.user_salesperson, held, "action_recheck_hold")
        self._assert_states(held, "sale", "released")

    def test_who_decides_has_it_checked_again_too(self):
        held = self._hold()
        self.customer._lift_credit_block(
            self.level_assistance, "has paid", self.credit_company
        )
        self._call(self.user_credit_manager, held, "action_recheck_hold")
        self._assert_states(held, "sale", "released")

    def test_a_silent_hold_is_not_told_by_checking_again(self):
        self.credit_company.credit_hold_handover = "silent"
        held, free = self._hold(), self._create_order(self.good_customer).sudo()
        texts = [
            self._refuse(self.user_salesperson, order, "action_recheck_hold")[1]
            for order in (held, free)
        ]
        texts = [t.replace(o.name, "") for t, o in zip(texts, held | free, strict=True)]
        self.assertEqual(texts[0], texts[1])
        self.assertIn("Nobody has to decide", texts[0])

    def test_only_who_sells_hands_over(self):
        order = self._create_order().sudo()
        for name, user in self.strangers.items():
            with self.subTest(user=name):
                self.assertTrue(self._refuse(user, order, "action_confirm_or_hold")[0])
                self.assertFalse(order.hold_ids)
        self._call(self.user_salesperson, order, "action_confirm_or_hold")
        self._assert_states(order, "sent", "held")

    def test_a_customer_and_an_auditor_hand_over_nothing_of_what_they_read(self):
        self.customer = self.user_portal.partner_id
        self._block(level=self.level_assistance)
        order = self._create_order().sudo()
        for user in (self.user_portal, self.strangers["auditor"]):
            with self.subTest(user=user.login):
                self.assertTrue(self._call(user, order, "read", ["name"]))
                with self.assertRaisesRegex(AccessError, "Only those who sell"):
                    self._call(user, order, "action_confirm_or_hold")
                self.assertFalse(order.hold_ids)

    def test_who_invoices_confirms_as_core_lets_him(self):
        order = self._create_order(self.good_customer).sudo()
        self._call(self.strangers["invoicing"], order, "action_confirm_or_hold")
        self.assertEqual(order.state, "sale")

    def test_a_form_that_names_another_company_learns_nothing_of_its_customers(self):
        self.user_salesperson.company_ids = self.credit_company
        spec = {"credit_block_banner": {}, "credit_block_policy": {}, "hold_banner": {}}
        values = {"partner_id": self.customer.id, "company_id": self.credit_company.id}
        values["partner_invoice_id"] = values["partner_shipping_id"] = self.customer.id
        told = self._onchange(self.user_salesperson, values, spec)
        self.assertIn("late payer", str(told))
        told = self._onchange(self.strangers["other_seller"], values, spec)
        self.assertNotIn("late payer", str(told))

    def _onchange(self, user, values, spec):
        try:
            with self.env.cr.savepoint():
                names = list(values)
                empty = self.env["sale.order"]
                return self._call(user, empty, "onchange", values, names, spec)
        except AccessError as error:
            return error

    def test_a_form_that_names_the_hold_of_another_order_is_not_told_of_it(self):
        hold = self._hold().hold_ids
        user = self.strangers["other_manager"]
        values = {"hold_status": "held", "hold_ids": [Command.link(hold.id)]}
        spec = {"hold_banner": {}, "hold_state": {}, "hold_ids": {"fields": {}}}
        told = self._onchange(user, values, spec)
        self.assertNotIn("late payer", str(told))
