from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import TransactionCase, new_test_user, tagged

from .common_guards import GuardFixture

DOCUMENT = "account.analytic.account"


@tagged("post_install", "-at_install")
class TestCreditGuard(GuardFixture, TransactionCase):
    """Contracts stand for whatever an administrator may guard."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.env.company)
        cls.plan = cls.env["account.analytic.plan"].create({"name": "Contracts"})
        cls.employee = new_test_user(
            cls.env,
            login="acb_employee",
            name="Employee",
            groups="base.group_user,analytic.group_analytic_accounting",
            company_id=cls.credit_company.id,
        )
        cls.administrator = new_test_user(
            cls.env, login="acb_admin", groups="base.group_system"
        )

    def _create_contract(self, partner=None, user=None, **vals):
        return (
            self.env[DOCUMENT]
            .with_user(user or self.employee)
            .sudo()
            .create(
                {
                    "name": "Contract",
                    "plan_id": self.plan.id,
                    "partner_id": (partner or self.customer).id,
                    "company_id": self.credit_company.id,
                    **vals,
                }
            )
        )

    def test_smoke(self):
        self._create_guard(DOCUMENT)
        self._block(level=self.level_assistance)
        with self.assertRaisesRegex(UserError, "gets no support"):
            self._create_contract()
        self.assertTrue(self._create_contract(self.good_customer))
