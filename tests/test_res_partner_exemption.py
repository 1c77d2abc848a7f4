from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CreditBlockCommon


@tagged("post_install", "-at_install")
class TestResPartnerExemption(CreditBlockCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.env.company._get_credit_today()

    def _exempt(self, days=None, partner=None, company=None):
        company = company or self.credit_company
        (partner or self.customer).with_company(company).write(
            {
                "credit_block_exempt": True,
                "credit_block_exempt_reason": "agreed by phone",
                "credit_block_exempt_until": (
                    self.today + timedelta(days=days) if days is not None else False
                ),
            }
        )

    def assertExempt(self, exempt, partner=None, company=None):
        """Both ways of asking say whether automatisms leave a customer alone."""
        partner = partner or self.customer
        company = company or self.credit_company
        self.assertEqual(partner.id in partner._is_credit_exempt(company), exempt)
        statement = SQL(
            "SELECT %s FROM res_partner AS customer WHERE id = %s",
            partner._get_credit_exempt_sql("customer", company),
            partner.commercial_partner_id.id,
        )
        self.assertEqual(self.env.execute_query(statement), [(exempt,)])

    def test_an_exemption_counts_until_its_last_day(self):
        self.assertExempt(False)
        for days, exempt in ((None, True), (1, True), (0, True), (-1, False)):
            with self.subTest(days=days):
                self._exempt(days)
                self.assertExempt(exempt)

    def test_an_exemption_is_of_one_company_and_of_its_contacts(self):
        self._exempt()
        self.assertExempt(True, self.contact)
        self.assertExempt(False, company=self.other_company)
        self.assertExempt(False, self.good_customer)

    def test_people_exempt_for_a_reason_only(self):
        self.user_credit_manager.group_ids += self.env.ref("base.group_partner_manager")
        customer = self.customer.with_user(self.user_credit_manager)
        for reason in (False, " "):
            with self.assertRaisesRegex(UserError, "Say why"):
                customer.write(
                    {
                        "credit_block_exempt": True,
                        "credit_block_exempt_reason": reason,
                    }
                )
        self._exempt(partner=customer)
        self.assertTrue(customer.credit_block_exempt)

    def test_an_exempt_customer_is_blocked_by_people_only(self):
        self._exempt(days=0)
        self.assertFalse(self._block(origin="return"))
        self.assertTrue(self._block())

    def test_an_exemption_that_is_over_does_not_count(self):
        self._exempt(days=-1)
        self.assertTrue(self._block(origin="return"))

    # === BLOCKS IN FORCE === #

    def test_exempting_a_customer_lifts_what_automatisms_set(self):
        automatic = self._block(origin="overdue")
        manual = self._block(level=self.level_doubtful)
        other = self._block(company=self.other_company, origin="overdue")
        self._exempt(days=9)
        self.assertEqual(automatic.state, "lifted")
        self.assertEqual(
            automatic.lift_reason,
            "Automatic blocks were switched off for the customer: agreed by phone",
        )
        self.assertEqual((manual.state, other.state), ("in_force", "in_force"))

    def test_an_exemption_that_is_over_lifts_nothing(self):
        block = self._block(origin="limit")
        self._exempt(days=-1)
        self.assertEqual(block.state, "in_force")
