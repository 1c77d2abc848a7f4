from psycopg2 import errors

from odoo import SUPERUSER_ID, api
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import TwoConnectionsCase
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
            env = env(context={"allowed_company_ids": company.ids})
            accounts = env["account.account"].search(
                [("account_type", "=", "expense")], limit=1
            )
            self.entry = env["account.move"].create(
                {
                    "move_type": "entry",
                    "line_ids": [
                        Command.create({"account_id": accounts.id, "balance": balance})
                        for balance in (100.0, -100.0)
                    ],
                }
            )
            self.items = self.entry.line_ids
        self.addCleanup(self.remove)

    def remove(self):
        with self.registry.cursor() as cr:
            self.entry.with_env(api.Environment(cr, SUPERUSER_ID, {})).unlink()

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
