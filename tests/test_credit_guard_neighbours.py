"""Guards of what Odoo's other addons bring; in the database that has them."""

import json

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged

from .common_guards import GUARD_NEUTRAL_TEXT, GuardFixture
from .test_confirmation_paths_neighbours import TAGS, TestConfirmationPathsCounter

MAIL = """\
From: {sender}
To: support@credit-block.example.com
Subject: {subject}
Message-ID: <{subject}@customer.example.com>
Content-Type: text/plain; charset=utf-8

The machine does not start.
"""
REPLY = """\
From: {sender}
To: support@credit-block.example.com
Subject: Re: {subject}
Message-ID: <reply-{subject}@customer.example.com>
In-Reply-To: {parent}
References: {parent}
Content-Type: text/plain; charset=utf-8

Please hurry.
"""


class SuggestedGuards(GuardFixture):
    def _suggest(self, *names):
        """Create the suggested guards and switch those on whose name has a word."""
        self.env["credit.guard"].sudo().action_create_suggested()
        guards = self.env["credit.guard"].with_context(active_test=False).search([])
        guards = guards.filtered(lambda guard: any(n in guard.name for n in names))
        self.assertTrue(guards)
        guards.active = True
        self.addCleanup(lambda: guards.exists().unlink())
        return guards

    def _get_notes(self, record):
        subtype = self.env.ref("account_credit_block.mail_message_subtype_guard")
        return record.sudo().message_ids.filtered(lambda m: m.subtype_id == subtype)


@tagged(*TAGS)
class TestCreditGuardTasks(SuggestedGuards, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.customer.email = "rossi@customer.example.com"
        cls.good_customer.email = "verdi@customer.example.com"
        cls.user_support = new_test_user(
            cls.env, login="acb_support", groups="project.group_project_user"
        )
        cls.domain = cls.env["mail.alias.domain"].create(
            {"name": "credit-block.example.com"}
        )
        cls.project = cls.env["project.project"].create(
            {
                "name": "Support",
                "alias_name": "support",
                "alias_domain_id": cls.domain.id,
                "privacy_visibility": "portal",
            }
        )

    def setUp(self):
        super().setUp()
        self.guard = self._suggest("tasks")
        self._block(level=self.level_assistance)

    def _create_tasks(self, number=1, partner=None, user=None, **vals):
        tasks = self.env["project.task"].with_user(user or self.user_support)
        return tasks.sudo().create(
            [
                {
                    "name": f"Task {i}",
                    "project_id": self.project.id,
                    "partner_id": (partner or self.customer).id,
                    **vals,
                }
                for i in range(number)
            ]
        )

    def _receive(self, mail, **values):
        self.env["mail.thread"].message_process(None, mail.format(**values))
        return self.env["project.task"].search(
            [("name", "=", values["subject"])], limit=1
        )

    # === SUGGESTIONS === #

    def test_what_is_installed_is_suggested_once_and_switched_off(self):
        guards = self.env["credit.guard"].with_context(active_test=False)
        found = guards.search([("model", "in", ("project.task", "stock.picking"))])
        self.assertEqual(
            sorted(found.mapped(lambda g: (g.model, g.operation, g.effect, g.active))),
            [
                ("project.task", "support", "refuse", True),
                ("stock.picking", "delivery", "refuse", False),
                ("stock.picking", "delivery", "warn", False),
            ],
        )
        self.assertEqual(guards._get_suggestions(), [])
        before = guards.search_count([])
        action = guards.action_create_suggested()
        self.assertIn("guarded already", action["params"]["message"])
        self.assertEqual(guards.search_count([]), before)

    def test_what_is_not_installed_is_not_suggested(self):
        known = dict(self.env["credit.guard"]._get_known_suggestions())
        self.assertNotIn("helpdesk.ticket", known)
        self.assertEqual(
            set(known) & {"project.task", "stock.picking"},
            {"project.task", "stock.picking"},
        )

    # === TASKS === #

    def test_a_task_is_refused_to_an_employee_and_neutrally_to_a_customer(self):
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_tasks()
        with self.assertRaisesRegex(UserError, GUARD_NEUTRAL_TEXT):
            self._create_tasks(user=self.user_portal)
        self.assertTrue(self._create_tasks(partner=self.good_customer))

    def test_a_task_that_gets_its_customer_from_the_project_is_refused_too(self):
        self.project.partner_id = self.customer
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_tasks(partner_id=False).partner_id = self.customer

    def test_warn_leaves_an_activity_for_who_does_the_task(self):
        self.level_assistance.policy_support = "warn"
        task = self._create_tasks(user_ids=[Command.set(self.user_support.ids)])
        self.assertEqual(task.activity_ids.user_id, self.user_support)
        self.assertEqual(len(self._get_notes(task)), 1)

    # === MAIL === #

    def test_the_mail_of_a_blocked_customer_makes_a_flagged_task(self):
        task = self._receive(MAIL, sender=self.customer.email, subject="Broken")
        self.assertEqual(task.partner_id, self.customer)
        note = self._get_notes(task)
        self.assertEqual(len(note), 1)
        self.assertIn("gets no support", note.body)
        self.assertIn("It came by mail", note.body)
        self.assertFalse(note.notified_partner_ids, "the customer reads nothing of it")
        self.assertEqual(len(task.activity_ids), 1)
        bounced = self.env["mail.mail"].sudo().search([("email_to", "ilike", "rossi")])
        self.assertFalse(bounced)

    def test_a_reply_to_a_flagged_task_comes_in_too(self):
        task = self._receive(MAIL, sender=self.customer.email, subject="Broken")
        parent = task.message_ids.filtered(lambda m: m.author_id == self.customer)[-1]
        self._receive(
            REPLY,
            sender=self.customer.email,
            subject="Broken",
            parent=parent.message_id,
        )
        self.assertIn("Please hurry", str(task.message_ids.mapped("body")))
        self.assertEqual(len(self._get_notes(task)), 1)

    def test_the_mail_of_a_good_customer_makes_an_ordinary_task(self):
        task = self._receive(MAIL, sender=self.good_customer.email, subject="Fine")
        self.assertEqual(task.partner_id, self.good_customer)
        self.assertFalse(self._get_notes(task) or task.activity_ids)

    def test_an_employee_is_refused_again_after_a_mail(self):
        self._receive(MAIL, sender=self.customer.email, subject="Broken")
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_tasks()

    # === COST === #

    def _count(self, number):
        """Queries of creating tasks of a customer without a block, caches filled."""

        def create():
            self._create_tasks(number, self.good_customer)

        self._count_queries(create)
        return self._count_queries(create)

    def test_the_cost_of_an_active_guard(self):
        """Core looks its rules up at every write and every recomputation: 4 a task."""
        one, fifty = self._count(1), self._count(50)
        self.guard.active = False
        one -= self._count(1)
        fifty -= self._count(50)
        self.assertLessEqual(one, 27)
        self.assertLessEqual(fifty, one + 49 * 4)

    def test_asking_about_many_costs_the_queries_of_one(self):
        self.guard.active = False

        def count(number):
            customers = self.env["res.partner"].create(
                [{"name": f"Customer {number} {i}"} for i in range(number)]
            )
            self._block(customers, self.level_assistance)
            tasks = self.env["project.task"].union(
                *(self._create_tasks(partner=customer) for customer in customers)
            )
            return self._count_queries(lambda: self.guard._get_verdicts(tasks))

        count(1)  # fill the caches that survive
        self.assertEqual(count(40), count(2))


@tagged(*TAGS)
class TestCreditGuardForm(SuggestedGuards, HttpCase):
    """The contact form of the website, filled in by anybody."""

    def test_the_form_of_a_blocked_customer_is_taken_and_flagged(self):
        self._setup_credit_block(self.env.company)
        self._suggest("tasks")
        self.customer.email = "rossi@customer.example.com"
        self._block(level=self.level_assistance)
        project = self.env["project.project"].create({"name": "Support"})
        answer = self.url_open(
            "/website/form/project.task",
            data={
                "name": "From the form",
                "partner_name": self.customer.name,
                "email_from": "rossi@customer.example.com",
                "project_id": project.id,
            },
        )
        self.assertEqual(answer.status_code, 200)
        task = self.env["project.task"].browse(json.loads(answer.text).get("id"))
        self.assertEqual(task.partner_id, self.customer)
        self.assertEqual(len(self._get_notes(task)), 1)


@tagged(*TAGS)
class TestCreditGuardDeliveries(SuggestedGuards, TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.user_stock = new_test_user(
            cls.env,
            login="acb_stock",
            groups="stock.group_stock_user,sales_team.group_sale_salesman_all_leads",
            company_id=cls.credit_company.id,
        )
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.credit_company.id)], limit=1
        )
        cls.product = cls.env["product.product"].create(
            {"name": "Drill", "is_storable": True, "taxes_id": False}
        )
        cls.env["stock.quant"]._update_available_quantity(
            cls.product, cls.warehouse.lot_stock_id, 100
        )
        cls.customers = cls.env.ref("stock.stock_location_customers")
        cls.level_assistance.policy_delivery = "forbid"

    def setUp(self):
        super().setUp()
        self._suggest("Deliveries")
        self._block(level=self.level_assistance)

    def _create_transfer(self, partner, source, target, picking_type):
        picking = self.env["stock.picking"].create(
            {
                "partner_id": partner.id,
                "picking_type_id": picking_type.id,
                "location_id": source.id,
                "location_dest_id": target.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 1,
                            "location_id": source.id,
                            "location_dest_id": target.id,
                        }
                    )
                ],
            }
        )
        return picking.with_user(self.user_stock)

    def _create_delivery(self, partner):
        stock = self.warehouse.lot_stock_id
        return self._create_transfer(
            partner, stock, self.customers, self.warehouse.out_type_id
        )

    def _validate(self, picking):
        picking.action_confirm()
        picking.action_assign()
        picking.move_ids.picked = True
        picking.button_validate()

    def test_a_delivery_to_a_blocked_customer_does_not_leave(self):
        picking = self._create_delivery(self.customer)
        picking.action_confirm()
        picking.move_ids.picked = True
        with self.assertRaisesRegex(UserError, "Nothing is delivered") as caught:
            picking.button_validate()
            self.env.flush_all()
        self.assertIn(picking.name, str(caught.exception))
        good = self._create_delivery(self.good_customer)
        self._validate(good)
        self.assertEqual(good.state, "done")

    def test_its_preparation_is_warned_about_once(self):
        picking = self._create_delivery(self.customer)
        picking.action_confirm()
        picking.action_assign()
        self.assertEqual(picking.state, "assigned")
        self.assertEqual(len(self._get_notes(picking)), 1)
        good = self._create_delivery(self.good_customer)
        good.action_confirm()
        self.assertFalse(self._get_notes(good))

    def test_what_the_customer_sends_back_is_received(self):
        picking = self._create_transfer(
            self.customer,
            self.customers,
            self.warehouse.lot_stock_id,
            self.warehouse.in_type_id,
        )
        self._validate(picking)
        self.assertEqual(picking.state, "done")
        self.assertFalse(self._get_notes(picking))

    def test_what_goes_back_to_a_vendor_leaves(self):
        picking = self._create_transfer(
            self.customer,
            self.warehouse.lot_stock_id,
            self.env.ref("stock.stock_location_suppliers"),
            self.warehouse.out_type_id,
        )
        self._validate(picking)
        self.assertEqual(picking.state, "done")

    def test_a_transfer_within_the_company_is_made(self):
        shelf = self.warehouse.lot_stock_id.copy({"name": "Shelf"})
        picking = self._create_transfer(
            self.customer,
            self.warehouse.lot_stock_id,
            shelf,
            self.warehouse.int_type_id,
        )
        self._validate(picking)
        self.assertEqual(picking.state, "done")

    def test_an_order_is_confirmed_and_its_delivery_flagged(self):
        order = (
            self.env["sale.order"]
            .with_user(self.user_stock)
            .create(
                {
                    "partner_id": self.customer.id,
                    "order_line": [Command.create({"product_id": self.product.id})],
                }
            )
        )
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(len(self._get_notes(order.picking_ids)), 1)


@tagged(*TAGS)
class TestCreditGuardCounter(SuggestedGuards, TestConfirmationPathsCounter):
    """What is sold, paid and taken away at the counter."""

    allow_inherited_tests_method = False

    def test_the_counter_hands_over_and_invoices_whatever_the_blocks_say(self):
        self.env = self.env(user=self.env.ref("base.user_root"))
        self._suggest("Deliveries")
        level = self.level_pending.sudo()
        level.write({"policy_delivery": "forbid", "policy_invoice": "forbid"})
        self.credit_company.point_of_sale_update_stock_quantities = "real"
        order = self._create_order(self.customer)
        sale = {**self._prepare_sale(order), "to_invoice": True}
        self._as(order, "cashier").env["pos.order"].sync_from_ui([sale])
        sold = order.pos_order_line_ids.order_id.sudo()
        self.assertEqual(sold.account_move.state, "posted")
        self.assertEqual(sold.picking_ids.mapped("state"), ["done"])
