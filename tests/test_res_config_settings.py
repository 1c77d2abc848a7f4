from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged
from odoo.tools.safe_eval import safe_eval

from .common import CreditBlockCommon


@tagged("post_install", "-at_install")
class TestResConfigSettings(CreditBlockCommon):
    def test_a_new_company_blocks_on_returns_at_the_unpaid_level(self):
        self.assertRecordValues(
            self.other_company,
            [
                {
                    "credit_block_on_return": True,
                    "credit_block_return_level_id": self.level_unpaid.id,
                    "credit_return_auto_confirm": False,
                    "credit_return_fee_policy": "company",
                }
            ],
        )

    def test_a_company_older_than_the_addon_gets_the_level_too(self):
        self.other_company.credit_block_return_level_id = False
        self.credit_company.credit_block_return_level_id = self.level_pending
        self.env["res.company"]._init_credit_block_return_level()
        self.assertEqual(
            self.other_company.credit_block_return_level_id, self.level_unpaid
        )
        self.assertEqual(
            self.credit_company.credit_block_return_level_id, self.level_pending
        )

    def test_the_settings_are_those_of_the_company(self):
        settings = self.env["res.config.settings"].create(
            {
                "credit_block_on_return": False,
                "credit_block_return_level_id": self.level_doubtful.id,
                "credit_return_fee_policy": "receivable",
            }
        )
        settings.execute()
        self.assertRecordValues(
            self.env.company,
            [
                {
                    "credit_block_on_return": False,
                    "credit_block_return_level_id": self.level_doubtful.id,
                    "credit_return_fee_policy": "receivable",
                }
            ],
        )

    def test_the_settings_say_where_fees_go_without_an_account(self):
        company = self.env.company
        settings = self.env["res.config.settings"].new({"company_id": company.id})
        company.chart_template = False
        self.assertEqual(settings.credit_return_fee_account_hint, "Choose an account")
        account = self.env["account.account"].create(
            {"name": "Spese di incasso", "code": "4213", "account_type": "expense"}
        )
        self.env["ir.model.data"].create(
            {
                "module": "account",
                "name": f"{company.id}_4213",
                "model": account._name,
                "res_id": account.id,
            }
        )
        company.chart_template = "it"
        settings.invalidate_recordset(["credit_return_fee_account_hint"])
        self.assertEqual(settings.credit_return_fee_account_hint, account.display_name)

    def test_holding_over_the_limit_switches_the_limits_of_core_on(self):
        self.env.company.account_use_credit_limit = False
        with Form(self.env["res.config.settings"]) as form:
            self.assertFalse(form.account_use_credit_limit)
            form.credit_hold_limit = True
            self.assertTrue(form.account_use_credit_limit)
        form.record.execute()
        self.assertTrue(self.env.company.account_use_credit_limit)

    def test_only_credit_managers_of_the_company_are_chosen_to_decide(self):
        settings = self.env["res.config.settings"].create({})
        domain = settings.fields_get(["credit_hold_user_ids"])
        domain = safe_eval(
            domain["credit_hold_user_ids"]["domain"],
            {"company_id": settings.company_id.id},
        )
        offered = self.env["res.users"].search(domain)
        self.assertIn(self.user_credit_manager, offered)
        self.assertNotIn(self.user_credit_user, offered)
        with self.assertRaisesRegex(
            ValidationError, "Only credit managers.*Test credit_user cannot"
        ):
            self.env.company.credit_hold_user_ids = self.user_credit_user
        with self.assertRaisesRegex(ValidationError, "credit_manager cannot"):
            self.other_company.credit_hold_user_ids = self.user_credit_manager
        self.env.company.credit_hold_user_ids = self.user_credit_manager
        self.assertEqual(
            self.env.company._get_hold_deciders(), self.user_credit_manager
        )
