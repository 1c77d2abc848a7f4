from psycopg2 import errors

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TwoConnectionsCase, new_user
from .common_returns import COMPANY, keep_company


@tagged("post_install", "-at_install")
class TestPresentationTogether(TwoConnectionsCase):
    """Two people present at once: two real connections, on committed records."""

    def setUp(self):
        super().setUp()
        keep_company()
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env["res.company"].search([("name", "=", COMPANY)])
            self.user = new_user(
                env, "together", "account.group_account_invoice", company
            )
            env = env(context={"allowed_company_ids": company.ids})
            self.entry = env["account.move"].create(
                {
                    "move_type": "entry",
                    "line_ids": [
                        Command.create({"account_id": account.id, "balance": balance})
                        for account, balance in (
                            (self.find_account(env, "asset_receivable"), 100.0),
                            (self.find_account(env, "asset_receivable"), 50.0),
                            (self.find_account(env, "income"), -150.0),
                        )
                    ],
                }
            )
            self.items = self.entry.line_ids
            self.presentation = env["account.payment.presentation"].create(
                {"line_ids": [Command.create({"move_line_id": self.items[0].id})]}
            )
        self.addCleanup(self.remove)

    def find_account(self, env, kind):
        company = env.company
        return env["account.account"].search(
            [("account_type", "=", kind), ("company_ids", "in", company.ids)], limit=1
        )

    def remove(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.presentation.with_env(env).state = "draft"
            self.presentation.with_env(env).unlink()
            self.entry.with_env(env).unlink()
            partner = self.user.with_env(env).partner_id
            self.user.with_env(env).unlink()
            partner.unlink()

    def connect_user(self):
        """A connection of who keeps the books."""
        env = self.connect()
        return env(user=self.user.id)

    def add_line(self, env):
        """Enter the second instalment, as a person does."""
        return env["account.payment.presentation.line"].create(
            {
                "presentation_id": self.presentation.id,
                "move_line_id": self.items[1].id,
            }
        )

    @mute_logger("odoo.sql_db")
    def test_the_second_one_starts_again_and_sees_the_first(self):
        first, second = self.connect(), self.connect()
        self.assertTrue(self.items.with_env(second).mapped("balance"))
        self.items.with_env(first)._lock_instalments()
        first.cr.commit()
        with self.assertRaises(errors.SerializationFailure):
            self.items.with_env(second)._lock_instalments()
        second.cr.rollback()
        self.items.with_env(second)._lock_instalments()
        second.cr.rollback()

    @mute_logger("odoo.sql_db")
    def test_a_line_is_not_added_to_what_is_presented_meanwhile(self):
        presenting, entering = self.connect(), self.connect_user()
        seen = self.presentation.with_env(entering)
        self.assertEqual(seen.state, "draft")
        self.presentation.with_env(presenting).state = "presented"
        presenting.cr.commit()
        for change in (
            lambda: self.add_line(entering),
            lambda: seen.line_ids.write({"due_date": "2026-01-01"}),
            lambda: seen.line_ids.unlink(),
        ):
            entering.cr.rollback()
            entering.invalidate_all()
            self.presentation.with_env(presenting).state = "draft"
            presenting.cr.commit()
            self.assertEqual(seen.state, "draft")
            self.assertTrue(seen.line_ids)
            self.presentation.with_env(presenting).state = "presented"
            presenting.cr.commit()
            with self.assertRaises(errors.SerializationFailure):
                change()
            entering.cr.rollback()
            entering.invalidate_all()
            with self.assertRaisesRegex(UserError, "The bank has been told"):
                change()

    @mute_logger("odoo.sql_db")
    def test_what_is_presented_has_the_line_that_is_added_meanwhile(self):
        entering, presenting = self.connect_user(), self.connect_user()
        seen = self.presentation.with_env(presenting)
        self.assertEqual(len(seen.line_ids), 1)
        line = self.add_line(entering)
        entering.cr.commit()
        with self.assertRaises(errors.SerializationFailure):
            seen.action_present()
        presenting.cr.rollback()
        presenting.invalidate_all()
        self.assertIn(line.id, seen.line_ids.ids)
        with self.assertRaisesRegex(UserError, "Nothing was presented"):
            seen.action_present()
        presenting.cr.rollback()

    def test_a_line_is_added_to_what_nobody_presents(self):
        entering = self.connect_user()
        self.assertTrue(self.add_line(entering).presentation_id)
        entering.cr.rollback()
