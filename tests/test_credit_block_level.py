from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..models.const import OPERATIONS
from .common import CreditBlockCommon

GRID = {
    "assistance": "forbid allow allow allow allow allow",
    "unpaid": "warn forbid forbid hold warn allow",
    "pending": "warn warn hold hold warn allow",
    "doubtful": "forbid forbid forbid forbid hold allow",
    "non_performing": "forbid forbid forbid forbid forbid warn",
}


@tagged("post_install", "-at_install")
class TestCreditBlockLevel(CreditBlockCommon):
    def test_the_shipped_grid_is_the_specification(self):
        for name, policies in GRID.items():
            level = self._get_level(name)
            for operation, policy in zip(OPERATIONS, policies.split(), strict=True):
                with self.subTest(level=name, operation=operation):
                    self.assertEqual(level._get_policy(operation), policy)

    def test_the_verdict_on_a_customer_follows_the_grid(self):
        for name, policies in GRID.items():
            customer = self._create_customer(name)
            self._block(customer, self._get_level(name))
            for operation, policy in zip(OPERATIONS, policies.split(), strict=True):
                with self.subTest(level=name, operation=operation):
                    verdict = self._verdict(operation, customer)
                    self.assertEqual(verdict.policy, policy)

    def test_levels_are_ordered_by_rising_importance(self):
        levels = self.env["credit.block.level"].search([])
        shipped = [self._get_level(name) for name in GRID]
        self.assertEqual([lvl for lvl in levels if lvl in shipped], shipped)

    def test_an_unknown_operation_is_a_programming_error(self):
        with self.assertRaisesRegex(ValueError, "Unknown credit operation: 'name'"):
            self.level_unpaid._get_policy("name")

    def test_a_level_in_use_is_archived_but_not_deleted(self):
        level = self.level_pending.copy()
        unused = level.copy()
        self._block(level=level)
        with self.assertRaisesRegex(UserError, "archive it instead"):
            level.unlink()
        level.active = False
        self.assertEqual(self._verdict("quotation").level, level, "still in force")
        unused.unlink()
        self.assertFalse(unused.exists())

    def test_the_level_of_a_company_setting_is_not_deleted(self):
        level = self.level_pending.copy()
        self.credit_company.credit_block_return_level_id = level
        with self.assertRaisesRegex(UserError, "archive it instead"):
            level.unlink()

    def test_a_level_that_a_rule_or_a_company_gives_is_not_archived(self):
        level = self.level_pending.copy()
        rule = self.env["credit.block.rule"].create(
            {"name": "Two in a row", "level_id": level.id, "return_count": 2}
        )
        self.credit_company.credit_block_return_level_id = level
        users = f"the rule “Two in a row”, the settings of {self.credit_company.name}"
        with self.assertRaisesRegex(ValidationError, users):
            level.action_archive()
        rule.active = False
        with self.assertRaisesRegex(ValidationError, "is used by the settings of"):
            level.action_archive()
        self.credit_company.credit_block_return_level_id = self.level_unpaid
        level.action_archive()
        self.assertFalse(level.active)
        with self.assertRaisesRegex(ValidationError, "is used by the rule"):
            rule.active = True
        rule.write({"active": True, "level_id": self.level_unpaid.id})

    def test_editing_the_grid_changes_the_verdict_at_once(self):
        self._block()
        self.assertEqual(self._verdict("quotation").policy, "forbid")
        self.level_unpaid.policy_quotation = "warn"
        self.assertEqual(self._verdict("quotation").policy, "warn")
