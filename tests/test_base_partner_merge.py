from datetime import timedelta

from odoo.tests import tagged

from .common import CreditBlockCommon


@tagged("post_install", "-at_install")
class TestBasePartnerMerge(CreditBlockCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.env.company._get_credit_today()

    def _merge(self):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | self.good_customer).ids, self.good_customer
        )
        self.env.invalidate_all()

    def _day(self, days):
        return self.today + timedelta(days=days)

    # === BLOCKS === #

    def test_the_blocks_follow_the_merged_customer(self):
        block = self._block()
        self._merge()
        self.assertEqual(block.partner_id, self.good_customer)
        verdict = self._verdict("quotation", self.good_customer)
        self.assertEqual(verdict.policy, "forbid")

    def test_the_history_follows_the_merged_customer(self):
        past = self._block()
        self.customer._lift_credit_block(self.level_unpaid, "paid", self.credit_company)
        self._block(self.good_customer)
        self._merge()
        self.assertEqual(past.partner_id, self.good_customer)
        self.assertEqual((past.state, past.lift_reason), ("lifted", "paid"))
        self.assertEqual(len(self.good_customer.credit_block_ids), 2)

    def test_of_two_equal_blocks_the_one_by_hand_stays(self):
        manual = self._block()
        automatic = self._block(self.good_customer, origin="return")
        self._merge()
        self.assertEqual(manual.state, "in_force")
        self.assertEqual(automatic.state, "lifted")
        self.assertEqual((manual | automatic).partner_id, self.good_customer)

    def test_of_two_blocks_by_hand_the_one_that_lasts_longer_stays(self):
        short = self._block(self.good_customer, until=self._day(5))
        long = self._block(until=self._day(9))
        self._merge()
        self.assertEqual((short.state, long.state), ("lifted", "in_force"))

    def test_a_block_without_end_stays_before_one_that_ends(self):
        long = self._block(self.good_customer)
        short = self._block(until=self._day(9))
        self._merge()
        self.assertEqual((short.state, long.state), ("lifted", "in_force"))

    def test_the_contacts_of_the_merged_customer_are_blocked_with_it(self):
        self._block(self.good_customer)
        self.assertEqual(self._verdict("quotation", self.contact).policy, "allow")
        self._merge()
        self.assertEqual(self._verdict("quotation", self.contact).policy, "forbid")

    def test_customers_for_whom_orders_were_confirmed_are_merged(self):
        partners = self.customer | self.good_customer
        lock = self.env["credit.exposure.lock"]
        lock._take(partners, self.credit_company)
        self._merge()
        lock = lock.search([("partner_id", "in", partners.ids)])
        self.assertEqual(lock.partner_id, self.good_customer)

    # === LIMITS AND EXEMPTIONS === #

    def _set(self, partner, company=None, **vals):
        partner.with_company(company or self.credit_company).write(vals)

    def _read(self, *names, company=None):
        partner = self.good_customer.with_company(company or self.credit_company)
        return tuple(partner[name] for name in names)

    def test_the_limit_of_the_surviving_customer_keeps_its_own_dates(self):
        self._set(self.good_customer, credit_limit=1000.0)
        self._set(
            self.customer,
            credit_limit=5.0,
            credit_limit_until=self._day(-1),
            credit_limit_raise=9.0,
            credit_limit_raise_until=self._day(1),
        )
        self._merge()
        names = ("credit_limit", "credit_limit_until", "credit_limit_raise")
        self.assertEqual(self._read(*names), (1000.0, False, 0.0))

    def test_a_limit_is_taken_over_where_the_surviving_customer_has_none(self):
        self._set(self.good_customer, self.other_company, credit_limit=1000.0)
        vals = {"credit_limit": 5.0, "credit_limit_until": self._day(-1)}
        self._set(self.customer, **vals)
        self._merge()
        self.assertEqual(self._read(*vals), (5.0, self._day(-1)))
        other = self._read(*vals, company=self.other_company)
        self.assertEqual(other, (1000.0, False))

    def test_an_exemption_keeps_its_own_date_and_reason(self):
        self._set(
            self.customer,
            credit_block_exempt=True,
            credit_block_exempt_until=self._day(-1),
            credit_block_exempt_reason="for a month",
        )
        self._set(
            self.good_customer,
            credit_block_exempt=True,
            credit_block_exempt_reason="our own company",
        )
        self._merge()
        exempt = self.good_customer._is_credit_exempt(self.credit_company)
        self.assertEqual(exempt, {self.good_customer.id})
        names = ("credit_block_exempt_until", "credit_block_exempt_reason")
        self.assertEqual(self._read(*names), (False, "our own company"))
