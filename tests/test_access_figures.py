from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from .common import CreditBlockCommon

# role -> what it may do with each report; "c", "r", "u", "d" as in any matrix.
MATRIX = {
    model: {
        "credit_manager": "r",
        "credit_user": "r",
        "accountant": "",
        "salesperson": "",
        "portal": "",
        "public": "",
    }
    for model in (
        "account.payment.return.report",
        "credit.exposure.report",
        "sale.order.hold.report",
    )
}


@tagged("post_install", "-at_install")
class TestAccessFigures(CreditBlockCommon):
    def _exposure(self, role):
        report = self.env["credit.exposure.report"].with_user(self.users[role])
        return report.with_context(allowed_company_ids=self.users[role].company_ids.ids)

    def test_every_cell_of_the_matrix(self):
        self._check_access_matrix(MATRIX)

    def test_a_salesperson_never_reads_an_exposure(self):
        self._block()
        measures = (["level_id"], ["total:sum"])
        self.assertTrue(self._exposure("credit_user")._read_group([], *measures))
        for role in ("salesperson", "accountant", "portal"):
            with (
                self.subTest(role=role),
                self.assertRaisesRegex(AccessError, "Exposure of Blocked Customers"),
            ):
                self._exposure(role)._read_group([], *measures)

    def test_the_figures_of_other_companies_are_hidden(self):
        self._block()
        self._block(self.good_customer, company=self.other_company)
        report = self._exposure("credit_user")
        self.assertEqual(report.search([]).partner_id, self.customer)
        other = self.other_company
        self.user_credit_user.write(
            {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        )
        report = self._exposure("credit_user")
        self.assertEqual(report.search([]).partner_id, self.good_customer)

    def test_an_auditor_reads_the_returns_and_not_the_exposure(self):
        group = self.env.ref("account.group_account_readonly")
        self.user_accountant.group_ids = [Command.set(group.ids)]
        returns = self.env["account.payment.return.report"]
        self.assertTrue(returns.with_user(self.user_accountant).has_access("read"))
        self.assertFalse(self._exposure("accountant").has_access("read"))
