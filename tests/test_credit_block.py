from datetime import timedelta

import psycopg2.errors
from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import said
from .common import CreditBlockCommon


@tagged("post_install", "-at_install")
class TestCreditBlock(CreditBlockCommon):
    def _tomorrow(self, days=1):
        return self.env.company._get_credit_today() + timedelta(days=days)

    # === SETTING === #

    def test_blocking_a_contact_blocks_its_company(self):
        block = self._block(self.contact)
        self.assertRecordValues(
            block,
            [
                {
                    "partner_id": self.customer.id,
                    "company_id": self.credit_company.id,
                    "level_id": self.level_unpaid.id,
                    "state": "in_force",
                    "origin": "manual",
                    "reason": "test reason",
                    "set_by_id": self.env.uid,
                }
            ],
        )

    def test_blocking_twice_keeps_the_first_row(self):
        first = self._block(origin="return")
        second = self._block(origin="overdue", reason="again")
        self.assertEqual(first, second)
        self.assertEqual(second.reason, "test reason")

    def test_a_block_by_hand_replaces_an_automatic_one(self):
        automatic = self._block(origin="return")
        manual = self._block(reason="I decide")
        self.assertEqual(manual.origin, "manual")
        self.assertEqual(automatic.state, "lifted")
        self.assertEqual(automatic.lift_reason, "Replaced by a block set by hand.")

    def test_an_automatic_block_does_not_replace_one_by_hand(self):
        manual = self._block()
        self.assertEqual(self._block(origin="return"), manual)
        self.assertEqual(manual.state, "in_force")

    def test_a_block_by_hand_with_another_expiry_is_a_new_one(self):
        first = self._block(until=self._tomorrow())
        self.assertEqual(self._block(until=self._tomorrow()), first)
        second = self._block(until=self._tomorrow(30))
        self.assertEqual(first.state, "lifted")
        self.assertEqual(second.until, self._tomorrow(30))

    def test_an_exempt_customer_is_blocked_by_people_only(self):
        self.customer.with_company(self.credit_company).credit_block_exempt = True
        partners = self.customer | self.good_customer
        blocks = self._block(partners, origin="return")
        self.assertEqual(blocks.partner_id, self.good_customer)
        self.assertEqual(self._block().partner_id, self.customer)

    def test_an_exemption_holds_in_its_company_only(self):
        self.customer.with_company(self.other_company).credit_block_exempt = True
        self.assertTrue(self._block(origin="return"))
        self.assertFalse(self._block(origin="return", company=self.other_company))

    def test_a_block_needs_a_reason(self):
        for reason in (False, "", "  "):
            with self.assertRaisesRegex(UserError, "Give the reason"):
                self._block(reason=reason)
        self.assertTrue(self._block(reason="late"))

    def test_a_block_cannot_expire_in_the_past(self):
        with self.assertRaisesRegex(UserError, "cannot expire in the past"):
            self._block(until=self._tomorrow(-1))
        self.assertTrue(self._block(until=self._tomorrow(0)))

    def test_many_customers_are_blocked_with_one_note_each(self):
        partners = self.customer | self.good_customer
        self._block(partners)
        for partner in partners:
            self.assertIn("Unpaid returns block", partner.message_ids[0].body)
            self.assertIn("test reason", partner.message_ids[0].body)

    def test_the_reason_is_escaped_in_the_note(self):
        self._block(reason="<b>owes</b>")
        self.assertIn("&lt;b&gt;", self.customer.message_ids[0].body)

    def test_blocking_many_costs_the_queries_of_one(self):
        def block(count):
            partners = self.env["res.partner"].create(
                [{"name": f"{count} {i}"} for i in range(count)]
            )
            return self._count_queries(lambda: self._block(partners))

        block(1)  # fill the caches that survive
        self.assertEqual(block(80), block(2))

    # === TWO AT ONCE === #

    @mute_logger("odoo.sql_db")
    def test_the_database_refuses_two_rows_in_force(self):
        block = self._block()
        vals = {
            "partner_id": block.partner_id.id,
            "company_id": block.company_id.id,
            "level_id": block.level_id.id,
            "reason_said": said.keep("twice"),
        }
        with self.assertRaises(psycopg2.errors.UniqueViolation):
            self.env["credit.block"].sudo().create(vals)

    # === LIFTING === #

    def test_lifting_records_who_when_and_why(self):
        block = self._block()
        lifted = self.contact._lift_credit_block(
            self.level_unpaid, "paid at last", self.credit_company
        )
        self.assertEqual(lifted, block)
        self.assertEqual(block.state, "lifted")
        self.assertEqual(block.lifted_by_id, self.env.user)
        self.assertTrue(block.lifted_on)
        self.assertEqual(block.lift_reason, "paid at last")
        self.assertIn("paid at last", self.customer.message_ids[0].body)
        self.assertEqual(self._verdict("quotation").policy, "allow")

    def test_lifting_needs_a_reason(self):
        block = self._block()
        with self.assertRaisesRegex(UserError, "Give the reason"):
            self.customer._lift_credit_block(
                self.level_unpaid, " ", self.credit_company
            )
        self.assertEqual(block.state, "in_force")

    def test_lifting_leaves_other_levels_and_companies_alone(self):
        self._block()
        other_level = self._block(level=self.level_doubtful)
        other_company = self._block(company=self.other_company)
        self.customer._lift_credit_block(self.level_unpaid, "ok", self.credit_company)
        self.assertEqual(other_level.state, "in_force")
        self.assertEqual(other_company.state, "in_force")

    def test_an_automatism_never_lifts_what_people_set(self):
        manual = self._block(level=self.level_doubtful)
        automatic = self._block(origin="return")
        lifted = self.customer._lift_automatic_credit_blocks(
            self.env["credit.block.level"],
            "paid",
            self.credit_company,
            origins=("return", "manual"),
        )
        self.assertEqual(lifted, automatic)
        self.assertEqual(manual.state, "in_force")

    def test_an_automatism_lifts_its_own_origin_and_level_only(self):
        returned = self._block(origin="return")
        overdue = self._block(level=self.level_pending, origin="overdue")
        args = (self.level_pending, "paid", self.credit_company)
        self.assertFalse(self.customer._lift_automatic_credit_blocks(*args))
        self.customer._lift_automatic_credit_blocks(*args, origins=("overdue",))
        self.assertEqual(overdue.state, "lifted")
        self.assertEqual(returned.state, "in_force")

    # === HISTORY === #

    def test_nobody_rewrites_the_history(self):
        block = self._block()
        for vals in ({"reason": "x"}, {"partner_id": self.good_customer.id}):
            with self.assertRaisesRegex(UserError, "cannot be changed"):
                block.sudo().write(vals)
        self.customer._lift_credit_block(self.level_unpaid, "ok", self.credit_company)
        with self.assertRaisesRegex(UserError, "cannot be changed"):
            block.sudo().write({"state": "in_force"})

    def test_nobody_deletes_the_history(self):
        with self.assertRaisesRegex(UserError, "cannot be deleted"):
            self._block().sudo().unlink()

    def test_a_customer_with_blocks_is_not_deleted(self):
        self._block()
        self.customer._lift_credit_block(self.level_unpaid, "ok", self.credit_company)
        with self.assertRaisesRegex(UserError, "archive the contact instead"):
            self.customer.unlink()
        self.good_customer.unlink()
        self.assertFalse(self.good_customer.exists())

    def test_an_archived_customer_stays_blocked(self):
        self._block()
        self.customer.active = False
        self.assertEqual(self._verdict("quotation").policy, "forbid")

    def test_the_lift_button_needs_a_credit_manager(self):
        block = self._block()
        with self.assertRaisesRegex(AccessError, "Only a credit manager"):
            block.with_user(self.user_credit_user).action_open_lift()
        action = block.with_user(self.user_credit_manager).action_open_lift()
        self.assertEqual(action["context"]["default_block_ids"], block.ids)

    # === EXPIRY === #

    def test_a_block_is_out_of_force_the_day_after_its_last(self):
        self._block(until=self._tomorrow())
        with freeze_time(self._tomorrow()):
            self.env.invalidate_all()
            self.assertEqual(self._verdict("quotation").policy, "forbid")
        with freeze_time(self._tomorrow(2)):
            self.env.invalidate_all()
            self.assertEqual(self._verdict("quotation").policy, "allow")
            self.assertFalse(self.customer.credit_block_level_id)
            self.assertFalse(
                self.env["res.partner"].search(
                    [
                        ("credit_block_level_id", "!=", False),
                        ("id", "=", self.customer.id),
                    ]
                )
            )

    def test_a_customer_is_blocked_again_before_the_cron_closes_the_old_block(self):
        old = self._block(until=self._tomorrow())
        with freeze_time(self._tomorrow(2)):
            new = self._block(origin="return")
        self.assertEqual(old.state, "expired")
        self.assertEqual(new.state, "in_force")

    def test_the_cron_closes_expired_blocks_and_no_other(self):
        short = self._block(until=self._tomorrow())
        forever = self._block(self.good_customer)
        cron = self.env.ref("account_credit_block.ir_cron_expire_credit_blocks")
        with self.enter_registry_test_mode(), freeze_time(self._tomorrow(2)):
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertRecordValues(
            short, [{"state": "expired", "lifted_by_id": False, "lift_reason": False}]
        )
        self.assertTrue(short.lifted_on)
        self.assertEqual(forever.state, "in_force")
