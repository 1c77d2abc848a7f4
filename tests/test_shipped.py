"""What comes with the addon as a start, and what updates do with it."""

from odoo.modules import get_module_path
from odoo.modules.migration import load_script
from odoo.tests import TransactionCase, tagged
from odoo.tools import convert_file

ADDON = "account_credit_block"
REASON = "account.payment.return.reason"
RATE = "account.late.interest.rate"
MIGRATION = "migrations/19.0.1.6.0/pre-shipped.py"


@tagged("post_install", "-at_install")
class TestShipped(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.funds = cls.env.ref(f"{ADDON}.payment_return_reason_am04")
        cls.closed = cls.env.ref(f"{ADDON}.payment_return_reason_ac04")
        cls.rate = cls.env.ref(f"{ADDON}.late_interest_rate_2026_1")

    def update(self):
        """Load what is shipped, as an update of the addon does."""
        self.env.flush_all()
        for model in (REASON, RATE):
            convert_file(self.env, ADDON, f"data/{model}.csv", {}, mode="update")
        self.env.invalidate_all()

    def forget(self, record):
        """As if an earlier version had been installed, which did not ship it."""
        domain = [("model", "=", record._name), ("res_id", "=", record.id)]
        self.env["ir.model.data"].search(domain).unlink()

    def test_an_update_leaves_what_the_office_has_chosen(self):
        self.funds.write(
            {"counts_as_default": False, "next_step": "legal", "name": "Broke"}
        )
        self.rate.reference_rate = 7.77
        self.update()
        self.assertFalse(self.funds.counts_as_default)
        self.assertEqual((self.funds.next_step, self.funds.name), ("legal", "Broke"))
        self.assertEqual(self.rate.reference_rate, 7.77)

    def test_an_update_adds_what_is_new_and_the_next_one_leaves_it(self):
        self.funds.unlink()
        self.rate.unlink()
        self.update()
        funds = self.env.ref(f"{ADDON}.payment_return_reason_am04")
        self.assertEqual((funds.code, funds.next_step), ("AM04", "present"))
        self.assertTrue(self.env.ref(f"{ADDON}.late_interest_rate_2026_1"))
        funds.next_step = "plan"
        self.update()
        self.assertEqual(funds.next_step, "plan")

    def test_a_code_that_was_there_before_it_is_shipped_is_that_one(self):
        self.forget(self.funds)
        self.forget(self.closed)
        # Of the one a bank has told the code, the other one somebody has described.
        self.funds.write({"name": "AM04", "next_step": "contact"})
        self.closed.write({"name": "Gone", "next_step": "legal", "active": False})
        self.update()
        for reason, name, step in (
            (self.funds, "am04", "present"),
            (self.closed, "ac04", "legal"),
        ):
            with self.subTest(name):
                shipped = self.env.ref(f"{ADDON}.payment_return_reason_{name}")
                self.assertEqual(shipped, reason)
                self.assertEqual(reason.next_step, step)
        self.assertIn("funds", self.funds.name)
        self.assertEqual(self.closed.name, "Gone")

    def test_who_imports_a_list_is_told_that_a_code_is_there(self):
        loaded = self.env[REASON].load(["code", "name"], [["AM04", "Mine"]])
        self.assertFalse(loaded["ids"])
        self.assertIn("with this code", loaded["messages"][0]["message"])
        loaded = self.env[REASON].load(["code", "name"], [["XX99", "Mine"]])
        self.assertTrue(loaded["ids"])

    def test_the_reasons_of_an_earlier_version_stay_and_get_their_next_step(self):
        own = self.env[REASON].create({"code": "XX98", "name": "Of a bank"})
        self.funds.counts_as_default = False
        self.env.flush_all()
        cr = self.env.cr
        cr.execute(
            "UPDATE ir_model_data SET noupdate = FALSE WHERE model = %s", [REASON]
        )
        cr.execute(
            "ALTER TABLE account_payment_return_reason DROP COLUMN next_step CASCADE"
        )
        script = load_script(f"{get_module_path(ADDON)}/{MIGRATION}", "pre_shipped")
        for _time in range(2):
            script.migrate(cr, "19.0.1.5.0")
            self.env.invalidate_all()
            self.assertEqual(self.funds.next_step, "present")
            self.assertEqual(self.closed.next_step, "fix")
            self.assertEqual(own.next_step, "contact")
            self.update()
            self.assertFalse(self.funds.counts_as_default)
            cr.execute(
                "SELECT count(*) FROM account_payment_return_reason"
                " WHERE next_step IS NULL"
            )
            self.assertEqual(cr.fetchall(), [(0,)])
