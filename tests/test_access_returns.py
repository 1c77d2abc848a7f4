from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CreditBlockFixture
from .common_returns import PaymentReturnCommon

# role -> what it may do with each model; "c", "r", "u", "d" as in any matrix.
MATRIX = {
    "account.payment.return": {
        "credit_manager": "crud",
        "credit_user": "crud",
        "accountant": "crud",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
    "account.payment.return.partial": {
        "credit_manager": "r",
        "credit_user": "r",
        "accountant": "r",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
    "account.payment.return.reason": {
        "credit_manager": "crud",
        "credit_user": "r",
        "accountant": "r",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
    "account.payment.return.import": {
        "credit_manager": "crud",
        "credit_user": "crud",
        "accountant": "crud",
        "salesperson": "",
        "portal": "",
        "public": "",
    },
}
for name in ("format", "format.field", "format.code", "format.mark"):
    reasons = MATRIX["account.payment.return.reason"]
    MATRIX[f"account.payment.return.{name}"] = reasons
MATRIX["account.payment.return.format.preview"] = {
    **dict.fromkeys(MATRIX["account.payment.return"], ""),
    "credit_manager": "cru",
}
for name in ("line", "decision", "register", "register.row"):
    MATRIX[f"account.payment.return.{name}"] = MATRIX["account.payment.return"]


@tagged("post_install", "-at_install")
class TestAccessReturns(CreditBlockFixture, PaymentReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Users are made by the system, not by the accountant of the fixture.
        cls.env = cls.env(
            user=cls.env.ref("base.user_root"),
            context={**cls.env.context, "allowed_company_ids": cls.company.ids},
        )
        cls._setup_credit_block(cls.company)
        cls.payment = cls.pay(cls.invoice(100))

    def _as(self, record, role):
        record = record.with_user(self.users[role]).sudo(False)
        return record.with_context(allowed_company_ids=self.company.ids)

    def test_every_cell_of_the_matrix(self):
        self._check_access_matrix(MATRIX)

    def test_who_does_accounting_registers_confirms_and_cancels(self):
        for role in ("accountant", "credit_user", "credit_manager"):
            with self.subTest(role=role):
                payment = self.pay(self.invoice(100))
                returned = self._as(self.env["account.payment.return"], role).create(
                    {
                        "journal_id": self.bank.id,
                        "line_ids": [Command.create({"payment_id": payment.id})],
                    }
                )
                returned.action_match()
                returned.action_confirm()
                self.assertEqual(payment.invoice_ids.payment_state, "not_paid")
                self.assertTrue(self.payment.partner_id.credit_block_level_id)
                returned.action_cancel()
                self.assertEqual(payment.invoice_ids.payment_state, "paid")

    def test_others_can_neither_confirm_nor_cancel(self):
        returned = self.make_return(self.payment)
        for role in ("salesperson", "portal", "public"):
            for method in ("action_match", "action_confirm", "action_cancel"):
                with (
                    self.subTest(role=role, method=method),
                    self.assertRaisesRegex(AccessError, "Payment Return"),
                ):
                    getattr(self._as(returned, role), method)()
        self.assertEqual(returned.state, "draft")

    def test_the_returns_of_other_companies_are_hidden(self):
        returned = self.make_return(self.payment)
        returned.action_confirm()
        other = self.env["res.company"].create({"name": "Other Company"})
        user = self.users["credit_manager"].copy(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        line = returned.line_ids
        for record in (returned, line, line.undone_ids):
            hidden = record.with_user(user).with_context(allowed_company_ids=other.ids)
            with self.subTest(model=record._name):
                self.assertFalse(hidden.search([("id", "in", record.ids)]))
                with self.assertRaises(AccessError):
                    hidden.read(["display_name"])
                self.assertTrue(
                    self._as(record, "accountant").search([("id", "in", record.ids)])
                )
