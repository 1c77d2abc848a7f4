from odoo.tests import tagged

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
