"""Paths to state `sale` that other addons of Odoo bring, and what hangs on the state.

These run in a database that has those addons: see `make test-neighbours`.
"""

import uuid
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from .common import new_user
from .common_paths import (
    ALL_ASIDE,
    ASIDE,
    NEW_ORDER,
    TO_HOLD,
    ConfirmationPaths,
    Path,
)

TAGS = ("-standard", "-at_install", "post_install", "neighbours")


@tagged(*TAGS)
class TestConfirmationPathsProject(ConfirmationPaths, TransactionCase):
    """Orders that are confirmed because somebody plans the work."""

    # `sale_project` confirms drafts only: what waits or was refused is linked as it is.
    linked = {"to_hold": TO_HOLD, "held": ASIDE, "refused": ASIDE}
    paths = (
        Path(
            "10", "an employee's rate", "_map_employee", ("salesperson",), **NEW_ORDER
        ),
        Path("11", "an order made from a task", "_create_for_task", **NEW_ORDER),
        Path("12", "a new task of an order", "_create_task", **linked),
        Path("12", "a task that gets an order", "_link_task", **linked),
        Path("12", "a new project of an order", "_create_project", **linked),
        Path("12", "a project that gets an order", "_link_project", **linked),
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.product = cls.env["product.product"].create(
            {"name": "Consulting", "type": "service", "taxes_id": False}
        )
        cls.project = cls.env["project.project"].create(
            {"name": "Plant", "allow_billable": True}
        )

    def _create_like(self, order, **context):
        return order.with_context(**context).create(
            {
                "partner_id": order.partner_id.id,
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )

    def _new_task(self, **vals):
        vals = {"name": "Survey", "project_id": self.project.id, **vals}
        return self.env["project.task"].create(vals)

    def _new_project(self, **vals):
        vals = {"name": "Plant", "allow_billable": True, **vals}
        return self.env["project.project"].create(vals)

    def _map_employee(self, order):
        return self._create_like(order, create_for_employee_mapping=True)

    def _create_for_task(self, order):
        task = self._new_task(partner_id=order.partner_id.id)
        return self._create_like(order, create_for_task_id=task.id)

    def _create_task(self, order):
        self._new_task(sale_line_id=order.order_line.id)

    def _link_task(self, order):
        task = self._new_task(partner_id=order.partner_id.id)
        task.sale_line_id = order.order_line

    def _create_project(self, order):
        self._new_project(
            partner_id=order.partner_id.id, sale_line_id=order.order_line.id
        )

    def _link_project(self, order):
        project = self._new_project(partner_id=order.partner_id.id)
        project.sale_line_id = order.order_line


@tagged(*TAGS)
class TestConfirmationPathsCounter(ConfirmationPaths, AccountTestInvoicingCommon):
    """Quotations that the customer pays and takes away at the counter."""

    paths = (Path("9", "settled at the counter", "_settle", ("cashier",), **ALL_ASIDE),)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.company_data["company"])
        cls.users["cashier"] = new_user(
            cls.env,
            "acb_cashier",
            "point_of_sale.group_pos_user,sales_team.group_sale_salesman_all_leads",
            cls.credit_company,
        )
        cls.product = cls.env["product.product"].create(
            {
                "name": "Drill",
                "is_storable": True,
                "list_price": 10,
                "taxes_id": False,
                "available_in_pos": True,
            }
        )
        cls.session = cls._open_session()

    @classmethod
    def _open_session(cls):
        card = (
            cls.env["pos.payment.method"]
            .sudo()
            .create(
                {
                    "name": "Card",
                    "journal_id": cls.company_data["default_journal_bank"].id,
                }
            )
        )
        config = (
            cls.env["pos.config"]
            .sudo()
            .create(
                {
                    "name": "Counter",
                    "payment_method_ids": [Command.set(card.ids)],
                    "down_payment_product_id": cls.env["product.product"]
                    .create({"name": "Down payment", "type": "service"})
                    .id,
                }
            )
        )
        config.open_ui()
        config.current_session_id.set_opening_control(0, "")
        return config.current_session_id

    def _settle(self, order):
        order.env["pos.order"].sync_from_ui([self._prepare_sale(order)])

    def _prepare_sale(self, order):
        """Return what the counter sends when it settles an order."""
        amount = order.amount_total
        line = order.order_line
        return {
            "uuid": str(uuid.uuid4()),
            "name": f"Sale of {order.name}",
            "session_id": self.session.id,
            "user_id": order.env.uid,
            "partner_id": order.partner_id.id,
            "date_order": fields.Datetime.to_string(fields.Datetime.now()),
            "fiscal_position_id": False,
            "to_invoice": False,
            "amount_paid": amount,
            "amount_return": 0,
            "amount_tax": 0,
            "amount_total": amount,
            "state": "paid",
            "lines": [
                Command.create(
                    {
                        "product_id": line.product_id.id,
                        "qty": line.product_uom_qty,
                        "price_unit": line.price_unit,
                        "price_subtotal": amount,
                        "price_subtotal_incl": amount,
                        "discount": 0,
                        "tax_ids": [],
                        "pack_lot_ids": [],
                        "sale_order_origin_id": order.id,
                        "sale_order_line_id": line.id,
                    }
                )
            ],
            "payment_ids": [
                Command.create(
                    {
                        "amount": amount,
                        "name": fields.Datetime.to_string(fields.Datetime.now()),
                        "payment_method_id": self.session.payment_method_ids.id,
                    }
                )
            ],
        }

    def _assert_customer_is_served(self, path, order):
        sale = order.pos_order_line_ids.order_id
        self.assertRecordValues(
            sale,
            [
                {
                    "state": "paid",
                    "amount_paid": order.amount_total,
                    "partner_id": order.partner_id.id,
                }
            ],
        )
        self.assertEqual(sale.payment_ids.amount, order.amount_total)

    def test_what_the_blocks_forbid_waits_once_it_is_paid_at_the_counter(self):
        self.level_pending.sudo().policy_confirmation = "forbid"
        order = self._create_order(self.customer)
        self._settle(self._as(order, "cashier"))
        self.assertEqual((order.state, order.hold_state), ("sent", "held"))
        with self.assertRaisesRegex(UserError, TO_HOLD):
            self._create_order(self.customer).action_confirm_or_hold()

    def test_the_invoice_of_the_counter_is_made_for_an_order_on_hold(self):
        for create in (self._create_held, self._create_refused):
            with self.subTest(create=create.__name__):
                order = create()
                sale = {**self._prepare_sale(order), "to_invoice": True}
                self._as(order, "cashier").env["pos.order"].sync_from_ui([sale])
                invoice = order.pos_order_line_ids.order_id.account_move
                self.assertEqual(invoice.state, "posted")
                self._assert_nothing_is_confirmed()

    def test_a_down_payment_at_the_counter_waits_for_the_decision_too(self):
        order = self._create_order(self.customer)
        self._pay_down(order)
        self.assertEqual((order.state, order.hold_state), ("sent", "held"))
        self.assertEqual(order.pos_order_line_ids.order_id.state, "paid")

    def test_a_down_payment_of_an_order_confirmed_before_the_block_is_taken(self):
        order = self._create_order(self.customer)
        self.customer._lift_credit_block(self.level_pending, "ok", self.credit_company)
        order.action_confirm()
        self._block(level=self.level_pending)
        self._pay_down(order)
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.pos_order_line_ids.order_id.state, "paid")

    def _pay_down(self, order):
        sale = self._prepare_sale(order)
        sale["lines"][0][2].update(
            product_id=self.session.config_id.down_payment_product_id.id,
            sale_order_line_id=False,
        )
        self._as(order, "cashier").env["pos.order"].sync_from_ui([sale])
        self.assertTrue(order.order_line.filtered("is_downpayment"))

    def test_who_decides_reads_that_the_order_is_paid(self):
        order = self._create_order(self.customer)
        self._settle(self._as(order, "cashier"))
        sale = order.pos_order_line_ids.order_id
        notes = order.message_ids.filtered(lambda message: sale.name in message.body)
        self.assertEqual(len(notes), 1)
        self.assertIn("Settled at the point of sale", notes.body)

    def test_a_released_order_delivers_only_what_was_not_taken_away(self):
        order = self._create_order(self.customer)
        order.order_line.product_uom_qty = 5
        sale = self._prepare_sale(order)
        sale["lines"][0][2]["qty"] = 3
        self._as(order, "cashier").env["pos.order"].sync_from_ui([sale])
        self.assertFalse(order.picking_ids)
        order.with_user(self.user_credit_manager)._release_hold("paid")
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.picking_ids.move_ids.product_uom_qty, 2)

    def test_a_released_order_that_was_taken_away_delivers_nothing(self):
        order = self._create_order(self.customer)
        self._settle(self._as(order, "cashier"))
        order.with_user(self.user_credit_manager)._release_hold("paid")
        self.assertEqual(order.state, "sale")
        self.assertEqual(set(order.picking_ids.mapped("state")), {"cancel"})
        self.assertEqual(order.order_line.qty_delivered, 1)


@tagged(*TAGS)
class TestConfirmationPathsConsequences(ConfirmationPaths, TransactionCase):
    """What other addons do with a confirmed order, they do after the release only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.product = cls.env["product.product"].create(
            {"name": "Drill", "is_storable": True, "list_price": 10, "taxes_id": False}
        )

    def _release(self, order):
        order.with_user(self.user_credit_manager)._release_hold("test release")
        self.assertEqual(order.state, "sale")

    def test_a_held_order_is_delivered_after_its_release(self):
        order = self._create_held()
        self.assertFalse(order.picking_ids)
        self._release(order)
        self.assertEqual(order.picking_ids.move_ids.product_uom_qty, 1)

    def test_an_order_created_as_confirmed_delivers_nothing_to_the_blocked(self):
        moves = self.env["stock.move"]
        vals = {
            "state": "sale",
            "order_line": [Command.create({"product_id": self.product.id})],
        }
        with self.assertRaisesRegex(UserError, TO_HOLD):
            self.env["sale.order"].create({"partner_id": self.customer.id, **vals})
        self.assertFalse(moves.search([("product_id", "=", self.product.id)]))
        self.env["sale.order"].create({"partner_id": self.good_customer.id, **vals})
        self.assertTrue(moves.search([("product_id", "=", self.product.id)]))

    def test_coupon_points_move_after_the_release(self):
        program = self.env["loyalty.program"].create(
            {
                "name": "Points",
                "program_type": "loyalty",
                "applies_on": "both",
                "trigger": "auto",
                "rule_ids": [
                    Command.create(
                        {"reward_point_mode": "order", "reward_point_amount": 10}
                    )
                ],
            }
        )
        card = self.env["loyalty.card"].create(
            {"program_id": program.id, "partner_id": self.customer.id, "points": 100}
        )
        order = self._create_order(self.customer)
        order._update_programs_and_rewards()
        with self.assertRaisesRegex(UserError, TO_HOLD):
            order.action_confirm()
        self.assertEqual(card.points, 100)
        order.action_confirm_or_hold()
        self.assertEqual(card.points, 100)
        self._release(order)
        self.assertEqual(card.points, 110)

    def test_attendees_of_a_held_order_are_made_after_its_release(self):
        start = fields.Datetime.now()
        event = self.env["event.event"].create(
            {"name": "Fair", "date_begin": start, "date_end": start + timedelta(days=1)}
        )
        ticket = self.env["event.event.ticket"].create(
            {
                "name": "Standard",
                "event_id": event.id,
                "product_id": self.env["product.product"]
                .create(
                    {"name": "Ticket", "type": "service", "service_tracking": "event"}
                )
                .id,
            }
        )
        order = self._create_order(self.customer)
        order.order_line = [
            Command.create(
                {
                    "product_id": ticket.product_id.id,
                    "event_id": event.id,
                    "event_ticket_id": ticket.id,
                }
            )
        ]
        order.action_confirm_or_hold()
        self.assertFalse(event.registration_ids)
        self._release(order)
        self.assertEqual(len(event.registration_ids), 1)
