from psycopg2 import errors

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ConcurrencyError, LockError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.account_credit_block.models.rehearsal import rehearse

from .common import TwoConnectionsCase


@tagged("post_install", "-at_install")
class TestConcurrency(TwoConnectionsCase):
    """Two people at once: two real connections, on committed records."""

    def setUp(self):
        super().setUp()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.company_id = env.company.id
            journal = env["account.journal"].create(
                {"name": "Two at once", "type": "general", "code": "TWO1"}
            )
            returned = env["account.payment.return"].create({"journal_id": journal.id})
            partner = env["res.partner"].create({"name": "Two at once"})
            self.records = [returned, partner, journal]
        self.addCleanup(self.remove)
        self.first = self.connect()
        self.second = self.connect()

    def remove(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            cr.execute(
                "DELETE FROM credit_block WHERE partner_id = %s", [self.records[1].id]
            )
            for record in self.records:
                record.with_env(env).unlink()

    def test_a_return_that_somebody_else_is_confirming_is_refused(self):
        returned = self.records[0].with_env(self.second)
        self.records[0].with_env(self.first).lock_for_update()
        with self.assertRaisesRegex(UserError, "Somebody is confirming"):
            returned.action_confirm()
        with self.assertRaisesRegex(UserError, "Somebody is confirming"):
            returned.action_cancel()
        self.first.cr.rollback()
        with self.assertRaisesRegex(UserError, "no line has a payment"):
            returned.action_confirm()

    @mute_logger("odoo.sql_db")
    def test_a_rehearsal_keeps_nobody_out(self):
        returned = self.records[0].with_env(self.second)
        with rehearse(self.first) as env:
            self.records[0].with_env(env).date = "2026-01-01"
            env.flush_all()
            with self.assertRaises(LockError):
                returned.lock_for_update()
            self.second.cr.rollback()
        returned.lock_for_update()
        self.assertNotEqual(str(returned.date), "2026-01-01")

    @mute_logger("odoo.sql_db")
    def test_a_return_confirmed_meanwhile_is_looked_at_again(self):
        """The second transaction is replayed by Odoo, and then sees the first."""
        returned = self.records[0].with_env(self.second)
        self.assertEqual(returned.state, "draft")
        self.records[0].with_env(self.first).write({"state": "confirmed"})
        self.first.cr.commit()
        with self.assertRaises(errors.SerializationFailure):
            returned.action_confirm()
        self.second.cr.rollback()
        self.second.invalidate_all()
        self.assertTrue(returned.action_confirm())
        self.assertFalse(returned.move_ids)
        self.second.cr.rollback()
        self.records[0].with_env(self.first).write({"state": "draft"})
        self.first.cr.commit()

    @mute_logger("odoo.sql_db")
    def test_a_line_whose_payment_somebody_else_is_choosing_is_refused(self):
        with self.registry.cursor() as cr:
            returned = self.records[0].with_env(api.Environment(cr, SUPERUSER_ID, {}))
            returned.line_ids = [Command.create({"reference": "Two at once"})]
            line = returned.line_ids
        line.with_env(self.first).lock_for_update()
        with self.assertRaisesRegex(UserError, "Somebody is choosing"):
            line.with_env(self.second).action_take_candidate("account.payment", 1)
        self.first.cr.rollback()
        with self.assertRaisesRegex(UserError, "not proposed any more"):
            line.with_env(self.second).action_take_candidate("account.payment", 1)
        self.second.cr.rollback()

    def test_two_blocks_at_once_make_one(self):
        def block(env):
            level = env["credit.block.level"].search([], limit=1)
            partner = self.records[1].with_env(env)
            company = env["res.company"].browse(self.company_id)
            return partner._set_credit_block(level, "Two at once", company)

        self.assertFalse(self.records[1].with_env(self.second).credit_block_ids)
        first = block(self.first)
        self.first.cr.commit()
        with self.assertRaises(
            (ConcurrencyError, errors.SerializationFailure, errors.UniqueViolation)
        ):
            block(self.second)
            self.second.cr.flush()
        self.second.cr.rollback()
        self.second.invalidate_all()
        self.assertEqual(block(self.second).ids, first.ids)
        self.second.cr.rollback()

    @mute_logger("odoo.sql_db")
    def test_whom_no_rule_wants_yet_is_looked_at_by_one_after_the_other(self):
        """Two returns at once: each sees one, and a rule may ask for two."""
        self.assertTrue(self.first["credit.block.rule"]._get_kinds())
        owner = self.records[1]
        self.assertFalse(owner.with_env(self.second).credit_block_ids)

        def evaluate(env):
            company = env["res.company"].browse(self.company_id)
            env["credit.block.evaluation"]._evaluate(owner.with_env(env), company)
            env.cr.commit()

        evaluate(self.first)
        with self.assertRaises(errors.SerializationFailure):
            evaluate(self.second)
        self.second.cr.rollback()
        evaluate(self.second)

    @mute_logger("odoo.sql_db")
    def test_two_evaluations_of_one_customer_come_one_after_the_other(self):
        """One sees a cause and keeps the block, the other sees none and lifts it."""

        def evaluate(env):
            partner = self.records[1].with_env(env)
            company = env["res.company"].browse(self.company_id)
            env["credit.block.evaluation"]._evaluate(partner, company)
            return partner.credit_block_ids.mapped("state")

        partner = self.records[1].with_env(self.first)
        partner._set_credit_block(
            self.first["credit.block.level"].search([], limit=1),
            "Overdue",
            self.first["res.company"].browse(self.company_id),
            origin="overdue",
        )
        self.first.cr.commit()
        self.assertEqual(
            self.records[1].with_env(self.second).credit_block_ids.state, "in_force"
        )
        self.assertEqual(evaluate(self.first), ["lifted"])
        self.first.cr.commit()
        with self.assertRaises(errors.SerializationFailure):
            evaluate(self.second)
        self.second.cr.rollback()
        self.second.invalidate_all()
        self.assertEqual(evaluate(self.second), ["lifted"])
        self.second.cr.rollback()
