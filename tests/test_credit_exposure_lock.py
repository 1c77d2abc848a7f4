from psycopg2 import errors

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.holds.reasons.limit import HoldReasonLimit
from .common import CreditBlockCommon, TwoConnectionsCase


@tagged("post_install", "-at_install")
class TestCreditExposureLock(CreditBlockCommon):
    def _rows(self):
        return self.env["credit.exposure.lock"].search(
            [("partner_id", "in", (self.customer | self.good_customer).ids)]
        )

    def test_taking_it_changes_one_row_a_customer(self):
        lock = self.env["credit.exposure.lock"]
        lock._take(self.customer | self.good_customer, self.credit_company)
        lock._take(self.customer, self.credit_company)
        lock._take(self.env["res.partner"], self.credit_company)
        rows = self._rows()
        counters = {row.partner_id: row.counter for row in rows}
        self.assertEqual(counters, {self.customer: 2, self.good_customer: 1})
        self.assertEqual(rows.company_id, self.credit_company.root_id)

    def test_a_branch_shares_the_lock_of_its_company(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.other_company.id}
        )
        lock = self.env["credit.exposure.lock"]
        lock._take(self.customer, self.other_company)
        lock._take(self.customer, branch)
        self.assertEqual(self._rows().mapped("counter"), [2])

    def test_nobody_reads_or_writes_it(self):
        lock = self.env["credit.exposure.lock"]
        for user in (*self.users.values(), self.env.ref("base.user_admin")):
            for operation in ("read", "write", "create", "unlink"):
                self.assertFalse(lock.with_user(user).has_access(operation))

    def test_it_keeps_no_customer_from_being_deleted(self):
        partner = self._create_customer("Deleted soon")
        self.env["credit.exposure.lock"]._take(partner, self.credit_company)
        partner.unlink()
        self.assertFalse(self._rows())


@tagged("post_install", "-at_install")
class TestTwoConfirmationsAtOnce(TwoConnectionsCase):
    """Two real connections, on committed records."""

    def setUp(self):
        super().setUp()
        self.records = []
        self.addCleanup(self.remove)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            product = env["product.product"].create(
                {"name": "Two at once", "type": "service", "taxes_id": False}
            )
            env.company.credit_hold_limit = True
            partner = env["res.partner"].create({"name": "Two at once"})
            partner.with_company(env.company).credit_limit = 1500.0
            orders = env["sale.order"].create(
                [self.prepare_order(partner, product) for _order in range(2)]
            )
            self.records = [*orders, partner, product.product_tmpl_id]
        self.first = self.connect()
        self.second = self.connect()

    def prepare_order(self, partner, product):
        line = {"product_id": product.id, "price_unit": 1000.0, "tax_ids": False}
        return {"partner_id": partner.id, "order_line": [Command.create(line)]}

    def remove(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env.company.credit_hold_limit = False
            for record in self.records:
                if record._name == "sale.order":
                    record.with_env(env).state = "cancel"
                record.with_env(env).unlink()

    def find(self, order, env, running=True):
        return HoldReasonLimit().find(order.with_env(env), {}, running=running)

    @mute_logger("odoo.sql_db")
    def test_two_orders_confirmed_at_once_cannot_both_pass_the_limit(self):
        one, other = self.records[:2]
        # Both have looked at the customer before either of them confirms.
        self.assertFalse(self.find(other, self.second, running=False))
        self.assertFalse(self.find(one, self.first))
        one.with_env(self.first).state = "sale"
        self.first.cr.commit()
        with self.assertRaises(errors.SerializationFailure):
            self.find(other, self.second)
        # Odoo replays the request, which then sees the first order.
        self.second.cr.rollback()
        self.second.invalidate_all()
        findings = self.find(other, self.second)
        self.assertEqual(findings[other.with_env(self.second)].data["amount"], 1000.0)
        self.second.cr.rollback()

    @mute_logger("odoo.sql_db")
    def test_of_two_people_who_confirm_at_once_the_second_hands_over(self):
        one, other = self.records[:2]
        other = other.with_env(self.second)
        self.assertEqual(other.state, "draft", "the second is looking already")
        one.with_env(self.first).action_confirm_or_hold()
        self.first.cr.commit()
        with self.assertRaises(errors.SerializationFailure):
            other.action_confirm_or_hold()
        self.second.cr.rollback()
        self.second.invalidate_all()
        other.action_confirm_or_hold()
        self.assertEqual((other.state, other.hold_state), ("sent", "held"))
        self.assertEqual(other.hold_ids.reason_ids.code, "limit")
        self.second.cr.rollback()
        self.assertEqual(one.with_env(self.first).state, "sale")

    @mute_logger("odoo.sql_db")
    def test_two_who_confirm_at_once_do_not_wait_for_other_customers(self):
        one = self.records[0]
        self.assertFalse(self.find(one, self.first))
        partner = self.second["res.partner"].create({"name": "Somebody else"})
        self.second.cr.execute("SET LOCAL lock_timeout = '1s'")
        lock = self.second["credit.exposure.lock"]
        lock._take(partner, self.second.company)
        with self.assertRaises(errors.LockNotAvailable):
            self.find(self.records[1], self.second)
        self.second.cr.rollback()
        self.first.cr.rollback()
