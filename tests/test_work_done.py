"""What follows from work that was done goes through; what a person enters is asked."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from .common import CreditBlockFixture
from .common_exposure import ExposureCommon

NEIGHBOURS = ("-standard", "-at_install", "post_install", "neighbours")


@tagged("post_install", "-at_install")
class TestWorkDone(ExposureCommon):
    """An expense that is charged again on a confirmed order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.company)
        cls.company.sudo().write(
            {"account_use_credit_limit": True, "credit_hold_limit": True}
        )
        cls.customer.sudo().write(
            {"use_partner_credit_limit": True, "credit_limit": 1000}
        )
        plan = cls.env["account.analytic.plan"].sudo().create({"name": "Projects"})
        cls.project = (
            cls.env["account.analytic.account"]
            .sudo()
            .create({"name": "Plant", "plan_id": plan.id})
        )
        cls.travel = cls._create_sold("Travel", "order")
        cls.travel.expense_policy = "cost"
        # Odoo asks for this, to charge an expense again.
        cls.user_accountant.group_ids += cls.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        cls.sold = cls.order(995)

    def _post_expense(self, amount=20.0):
        bill = self.env["account.move"].create(
            {
                "move_type": "in_invoice",
                "partner_id": self.other_customer.id,
                "invoice_date": self.env.company._get_credit_today(),
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.travel.id,
                            "price_unit": amount,
                            "tax_ids": False,
                            "analytic_distribution": {self.project.id: 100},
                        }
                    )
                ],
            }
        )
        # Which order it is for, other addons say.
        orders = dict.fromkeys(bill.invoice_line_ids.ids, self.sold)
        items = type(self.env["account.move.line"])
        with patch.object(items, "_sale_determine_order", lambda self: orders):
            bill.with_user(self.user_accountant).action_post()
        return bill

    def _get_notes(self):
        subtype = self.env.ref("account_credit_block.mail_message_subtype_guard")
        return self.sold.message_ids.filtered(lambda m: m.subtype_id == subtype)

    def test_an_expense_over_the_limit_is_posted_counts_and_is_noted(self):
        bill = self._post_expense()
        self.assertEqual(bill.state, "posted")
        self.assertEqual(self.sold.amount_total, 1015)
        self.assertExposure(ordered=1015.0)
        self.assertEqual(len(self._get_notes()), 1)
        self.assertIn("over the credit limit", self._get_notes().body)
        self.assertNotIn("1,015", self._get_notes().body)
        activity = self.sold.sudo().activity_ids
        self.assertEqual(activity.user_id, self.user_credit_manager)

    def test_an_expense_within_the_limit_leaves_no_note(self):
        self._post_expense(5)
        self.assertEqual(self.sold.amount_total, 1000)
        self.assertFalse(self._get_notes())
        self.assertFalse(self.sold.sudo().activity_ids)

    def test_several_expenses_leave_one_activity(self):
        self._post_expense()
        self._post_expense()
        self.assertEqual(len(self._get_notes()), 2)
        self.assertEqual(len(self.sold.sudo().activity_ids), 1)

    def test_the_expenses_of_a_customer_blocked_since_are_posted(self):
        self._block(level=self.level_non_performing)
        self._post_expense(2)
        self.assertEqual(self.sold.amount_total, 997)
        self.assertIn("Non-performing", self._get_notes().body)

    def test_what_a_salesperson_enters_is_refused_all_the_same(self):
        order = self.sold.with_user(self.user_salesperson).sudo(False)
        self.sold.user_id = self.user_salesperson
        line = {"product_id": self.travel.id, "price_unit": 20, "tax_ids": False}
        for values in (line, {**line, "is_expense": True}):
            with self.assertRaisesRegex(UserError, "cannot be changed in this way"):
                order.write({"order_line": [Command.create(values)]})

    def test_taxes_computed_again_by_a_salesperson_are_refused(self):
        self.goods.taxes_id = self.tax
        self.sold.user_id = self.user_salesperson
        with self.assertRaisesRegex(UserError, "cannot be changed in this way"):
            self.sold.with_user(self.user_salesperson).action_update_taxes()


@tagged(*NEIGHBOURS)
class TestWorkDoneInWarehouse(CreditBlockFixture, TransactionCase):
    """A carrier that tells what it has cost when the goods leave."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.credit_company.write(
            {"account_use_credit_limit": True, "credit_hold_limit": True}
        )
        cls.customer.write({"use_partner_credit_limit": True, "credit_limit": 1000})
        cls.product = cls.env["product.product"].create(
            {
                "name": "Machine",
                "type": "consu",
                "list_price": 995,
                "taxes_id": False,
                "weight": 1,
            }
        )
        freight = cls.env["product.product"].create(
            {"name": "Freight", "type": "service", "taxes_id": False}
        )
        cls.carrier = cls.env["delivery.carrier"].create(
            {
                "name": "Courier",
                "product_id": freight.id,
                "delivery_type": "fixed",
                "fixed_price": 30,
                "invoice_policy": "real",
                "integration_level": "rate_and_ship",
            }
        )
        cls.user_stock = new_test_user(
            cls.env, "acb_stock", groups="stock.group_stock_user"
        )

    def _ship(self, quantity=1):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "carrier_id": self.carrier.id,
                "order_line": [Command.create({"product_id": self.product.id})],
            }
        )
        order.action_confirm()
        self.assertEqual(order.amount_total, 995)
        return order, order.picking_ids

    def _validate(self, picking, quantity=1):
        self.env.invalidate_all()
        picking = picking.with_user(self.user_stock)
        picking.carrier_id = self.carrier
        picking.move_ids.write({"quantity": quantity, "picked": True})
        picking.button_validate()
        self.assertEqual(picking.state, "done")

    def test_the_real_cost_over_the_limit_is_charged_and_noted(self):
        order, picking = self._ship()
        self._validate(picking)
        self.assertEqual(order.amount_total, 1025)
        self.assertIn("Work that was done", str(order.message_ids.mapped("body")))
        exposure = self.customer._get_credit_exposure(self.credit_company)
        self.assertEqual(exposure[self.customer.id]["ordered"], 1025)

    def test_the_real_cost_of_a_customer_blocked_since_is_charged(self):
        order, picking = self._ship()
        self._block(level=self.level_non_performing)
        self._validate(picking)
        self.assertEqual(order.amount_total, 1025)

    def test_more_than_was_ordered_leaves_to_a_blocked_customer(self):
        order, picking = self._ship()
        self.carrier.invoice_policy = "estimated"
        self._block(level=self.level_non_performing)
        self._validate(picking, quantity=2)
        self.assertEqual(order.order_line[:1].qty_delivered, 2)
