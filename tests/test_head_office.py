"""Orders of a branch, held by a block of the head office: who decides on them."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_holds import HoldCommon


@tagged("post_install", "-at_install")
class TestHeadOffice(HoldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.env["res.company"].create(
            {"name": "Branch", "parent_id": cls.credit_company.id}
        )
        cls.branch_seller = cls._create_user("seller", cls.user_salesperson)
        cls.branch_manager = cls._create_user("manager", cls.user_credit_manager)

    @classmethod
    def _create_user(cls, name, like):
        return like.copy(
            {
                "login": f"acb_branch_{name}",
                "name": f"Branch {name}",
                "company_id": cls.branch.id,
                "company_ids": [Command.set(cls.branch.ids)],
            }
        )

    def _as(self, user, records):
        """Return records as a client of the user has them, with nothing in cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        return records.with_env(self.env(user=user, su=False, context={}))

    def _hold_in_branch(self, **vals):
        order = self._create_order(
            user=self.branch_seller,
            user_id=self.branch_seller.id,
            company_id=self.branch.id,
            **vals,
        )
        order.action_confirm_or_hold()
        return order.sudo()

    def _decide(self, user, hold, decision, **vals):
        """Decide in the dialog, as the web client does."""
        action = getattr(self._as(user, hold), f"action_{decision}")()
        dialog = self._as(user, self.env[action["res_model"]])
        form = Form(dialog.with_context(**action["context"]))
        form.reason = "head office says so"
        for name, value in vals.items():
            form[name] = value
        return self._as(user, form.save()).action_apply()

    def test_the_head_office_releases_an_order_of_the_branch(self):
        order = self._hold_in_branch()
        self._assert_states(order, "sent", "held")
        self._decide(self.user_credit_manager, order.hold_ids, "release")
        self._assert_states(order, "sale", "released")
        self.assertEqual(order.hold_ids.decided_by_id, self.user_credit_manager)

    def test_the_head_office_lifts_its_block_from_an_order_that_it_does_not_see(self):
        order = self._hold_in_branch()
        hold = self._as(self.user_credit_manager, order.hold_ids)
        self.assertFalse(self._as(self.user_credit_manager, order).has_access("read"))
        (shown,) = hold.web_read(
            {
                "reason_short": {},
                "exposure_total": {},
                "is_blocked": {},
                "order_id": {"fields": {"display_name": {}}},
            }
        )
        self.assertEqual(shown["exposure_total"], 100.0)
        self.assertEqual(shown["reason_short"], "Support block")
        self.assertTrue(shown["is_blocked"])
        told = hold.action_recheck()["params"]["message"]
        self.assertIn("1 still held", told)
        self._decide(self.user_credit_manager, order.hold_ids, "lift")
        self._assert_states(order, "sale", "released")
        self.assertEqual(self.customer.credit_block_ids.state, "lifted")

    def test_the_branch_releases_an_order_but_lifts_no_block_of_the_head_office(self):
        order = self._hold_in_branch()
        hold = self._as(self.branch_manager, order.hold_ids)
        with self.assertRaisesRegex(AccessError, self.credit_company.name):
            hold.action_lift()
        self._decide(self.branch_manager, order.hold_ids, "release")
        self._assert_states(order, "sale", "released")
        self.assertEqual(self.customer.credit_block_ids.state, "in_force")

    def test_the_head_office_refuses_and_cancels_an_order_of_the_branch(self):
        order = self._hold_in_branch()
        self._decide(
            self.user_credit_manager, order.hold_ids, "refuse", outcome="cancel"
        )
        self.assertEqual(order.state, "cancel")
        self.assertEqual(order.hold_ids.state, "refused")

    def _ask_in_branch(self, **vals):
        return self._create_order(
            user=self.branch_seller,
            user_id=self.branch_seller.id,
            company_id=self.branch.id,
            credit_request="They pay next week",
            **vals,
        ).sudo()

    def test_what_the_head_office_forbids_is_released_by_the_head_office(self):
        self.level_assistance.policy_quotation = "forbid"
        order = self._ask_in_branch()
        self.assertNotIn(self.branch_manager, order.hold_ids.responsible_id)
        self.assertIn(self.credit_company, order.hold_ids.responsible_id.company_ids)
        hold = self._as(self.branch_manager, order.hold_ids)
        refusal = f"Only a credit manager of {self.credit_company.name} can lift"
        for release in (
            hold.action_release,
            lambda: hold._release("why not"),
            lambda: self._as(self.branch_manager, order)._release_hold("why not"),
        ):
            with self.assertRaisesRegex(AccessError, refusal):
                release()
        self._assert_states(order, "draft", "held")
        self._decide(self.user_credit_manager, order.hold_ids, "release")
        self._assert_states(order, "draft", "released")

    def test_what_the_head_office_does_not_let_be_confirmed_is_released_by_it(self):
        self.level_assistance.policy_confirmation = "forbid"
        order = self._create_order(
            user=self.branch_seller,
            user_id=self.branch_seller.id,
            company_id=self.branch.id,
        )
        order.action_ask_to_confirm("They pay next week")
        hold = order.sudo().hold_ids
        self.assertNotIn(self.branch_manager, hold.responsible_id)
        with self.assertRaisesRegex(AccessError, "Only a credit manager of"):
            self._as(self.branch_manager, hold).action_release()
        self._decide(self.user_credit_manager, hold, "release")
        self._assert_states(order, "sale", "released")

    def test_what_the_branch_forbids_is_released_by_the_branch(self):
        self.customer.credit_block_ids._lift("paid")
        level = self.level_assistance.copy(
            {"name": "Branch level", "company_id": self.branch.id}
        )
        level.policy_quotation = "forbid"
        self._block(level=level, company=self.branch)
        order = self._ask_in_branch()
        self.assertEqual(order.hold_ids.responsible_id, self.branch_manager)
        self._decide(self.branch_manager, order.hold_ids, "release")
        self._assert_states(order, "draft", "released")

    def test_the_manager_of_the_branch_decides_too_and_is_asked_first(self):
        order = self._hold_in_branch()
        self.assertEqual(order.hold_ids.responsible_id, self.branch_manager)
        self._decide(self.branch_manager, order.hold_ids, "release")
        self._assert_states(order, "sale", "released")

    def test_where_the_branch_has_nobody_the_head_office_is_asked(self):
        self.branch_manager.active = False
        order = self._hold_in_branch()
        deciders = self.branch._get_hold_deciders()
        self.assertEqual(order.hold_ids.responsible_id, deciders[:1])
        self.assertIn(self.user_credit_manager, deciders)

    def test_the_head_office_forwards_to_the_branch(self):
        order = self._hold_in_branch()
        self._decide(
            self.user_credit_manager,
            order.hold_ids,
            "forward",
            user_id=self.branch_manager,
        )
        self.assertEqual(order.hold_ids.responsible_id, self.branch_manager)

    def test_what_the_head_office_needs_to_see(self):
        order = self._hold_in_branch()
        hold = self._as(self.user_credit_manager, order.hold_ids)
        self.assertIn(hold, hold.search([("state", "=", "held")]))
        form = Form(hold)
        self.assertEqual(form.record.display_name, order.name)
        self.assertIn("late payer", hold.reason_text)
        self.assertIn("Bolt", hold.order_summary)
        self.assertEqual(hold.amount_total, order.amount_total)
        for view in ("list", "kanban", "form"):
            spec = {name: {} for name in self._get_names(hold, view)}
            self._as(self.user_credit_manager, hold).web_read(spec)
        with self.assertRaises(AccessError):
            self._as(self.user_credit_manager, hold).action_open_order()

    def _get_names(self, hold, view):
        models = hold.get_views([(False, view)])["models"]
        return models[hold._name]["fields"]

    def test_a_branch_does_not_decide_for_its_head_office(self):
        hold = self._hold().hold_ids
        self.assertNotIn(self.branch_manager, self.credit_company._get_hold_deciders())
        hold = self._as(self.branch_manager, hold)
        self.assertNotIn(hold, hold.search([]))
        for method in ("action_release", "action_refuse", "action_forward"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(self._as(self.branch_manager, hold), method)()
        order = self._as(self.branch_manager, hold.sudo().order_id)
        with self.assertRaisesRegex(AccessError, "Only those who decide"):
            order.action_release_hold()
        self.assertEqual(hold.sudo().state, "held")

    def test_a_credit_user_of_the_head_office_sees_the_holds_of_his_company_only(self):
        own, branch = self._hold().hold_ids, self._hold_in_branch().hold_ids
        found = self._as(self.user_credit_user, own).search([])
        self.assertIn(own, found)
        self.assertNotIn(branch, found)

    def test_who_is_chosen_at_the_head_office_decides_there(self):
        chosen = self.user_credit_manager.copy({"login": "acb_chosen"})
        self.credit_company.credit_hold_user_ids = chosen
        deciders = self.branch._get_hold_deciders()
        self.assertEqual(deciders, self.branch_manager | chosen)
