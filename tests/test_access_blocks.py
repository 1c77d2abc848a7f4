from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.blocks.res_partner_exemption import EXEMPTION_FIELDS
from ..models.credit.res_partner import LIMIT_FIELDS
from .common import ROLES, CreditBlockCommon

# What accounting reads of the limits and exemptions of customers.
TERMS = (*LIMIT_FIELDS, *EXEMPTION_FIELDS)

# role -> what it may do with each model; "c", "r", "u", "d" as in any matrix.
MATRIX = {
    "credit.block": {
        "credit_manager": "r",
        "credit_user": "r",
        "accountant": "r",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
    "credit.block.level": {
        "credit_manager": "crud",
        "credit_user": "r",
        "accountant": "r",
        "salesperson": "r",
        "portal": "",
        "public": "",
    },
    "credit.block.change": {
        "credit_manager": "cru",
        "credit_user": "",
        "accountant": "",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
}


@tagged("post_install", "-at_install")
class TestAccessBlocks(CreditBlockCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.block = cls.customer._set_credit_block(
            cls.level_unpaid, "test reason", cls.credit_company
        )

    def _as(self, record, role):
        record = record.with_user(self.users[role])
        return record.with_context(allowed_company_ids=self.credit_company.ids)

    def test_every_cell_of_the_matrix(self):
        self._check_access_matrix(MATRIX)

    def test_nobody_creates_changes_or_deletes_a_block_directly(self):
        vals = {
            "partner_id": self.good_customer.id,
            "company_id": self.credit_company.id,
            "level_id": self.level_unpaid.id,
            "reason_said": {"code": "text", "data": {"text": "by RPC"}},
        }
        for role in ROLES:
            block = self._as(self.block, role)
            with self.subTest(role=role):
                with self.assertRaises(AccessError):
                    block.create(vals)
                with self.assertRaises(AccessError):
                    block.write({"state": "lifted"})
                with self.assertRaises(AccessError):
                    block.unlink()
        self.assertEqual(self.block.state, "in_force")

    def test_who_does_accounting_reads_the_blocks(self):
        for role in ("credit_manager", "credit_user", "accountant"):
            with self.subTest(role=role):
                block = self._as(self.block, role)
                self.assertEqual(block.reason, "test reason")
                customer = self._as(self.customer, role)
                self.assertEqual(customer.credit_block_ids, self.block)
                self.assertTrue(customer.read(TERMS))

    def test_a_salesperson_sees_banner_and_badge_but_no_rows(self):
        customer = self._as(self.customer, "salesperson")
        self.assertEqual(customer.credit_block_level_id.name, "Unpaid returns block")
        self.assertIn("test reason", customer.credit_block_message)
        with self.assertRaises(AccessError):
            self._as(self.block, "salesperson").read(["reason"])
        with self.assertRaises(AccessError):
            customer.read(["credit_block_ids"])
        for name in ("credit_block_exempt", *TERMS):
            with self.subTest(name=name), self.assertRaises(AccessError):
                customer.read([name])

    def test_portal_and_public_see_nothing(self):
        for role in ("portal", "public"):
            partner = self._as(self.users[role].partner_id, role)
            for name in (
                "credit_block_level_id",
                "credit_block_message",
                "credit_block_ids",
                "credit_block_exempt",
                *TERMS,
            ):
                with self.subTest(role=role, name=name), self.assertRaises(AccessError):
                    partner.read([name])
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._as(self.level_unpaid, role).read(["name"])

    def test_the_blocks_of_other_companies_are_hidden(self):
        other = self._block(company=self.other_company)
        for role in ("credit_manager", "credit_user", "accountant"):
            with self.subTest(role=role):
                found = self._as(self.env["credit.block"], role).search(
                    [("partner_id", "=", self.customer.id)]
                )
                self.assertEqual(found, self.block)
                with self.assertRaises(AccessError):
                    self._as(other, role).read(["reason"])
        self.user_credit_user.company_ids |= self.other_company
        both = self.env["credit.block"].with_user(self.user_credit_user)
        both = both.with_context(
            allowed_company_ids=(self.credit_company | self.other_company).ids
        )
        self.assertEqual(
            both.search([("partner_id", "=", self.customer.id)]), self.block | other
        )

    def test_the_level_rows_can_be_edited_by_a_credit_manager_only(self):
        for role in ROLES[1:]:
            with self.subTest(role=role), self.assertRaises(AccessError):
                self._as(self.level_unpaid, role).policy_quotation = "allow"
        self.user_credit_manager.company_ids = self.env["res.company"].search([])
        self._as(self.level_unpaid, "credit_manager").policy_quotation = "warn"
        self.assertEqual(self.level_unpaid.policy_quotation, "warn")

    def test_the_trusted_methods_are_not_open_to_remote_calls(self):
        for name in (
            "_set_credit_block",
            "_lift_credit_block",
            "_lift_automatic_credit_blocks",
            "_get_credit_verdict",
        ):
            self.assertTrue(name.startswith("_"))
            self.assertTrue(hasattr(self.customer, name))
