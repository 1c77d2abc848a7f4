from datetime import timedelta

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import CreditBlockCommon


@tagged("post_install", "-at_install")
class TestResPartnerCreditLimit(CreditBlockCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = cls.env.company._get_credit_today()

    def _day(self, days):
        return self.today + timedelta(days=days)

    def _set(self, partner=None, company=None, **vals):
        company = company or self.credit_company
        (partner or self.customer).with_company(company).write(
            {f"credit_limit{name and '_'}{name}": vals[name] for name in vals}
        )

    def _limit(self, amount, **vals):
        self._set(**{"": amount, **vals})

    def _get_in_sql(self, partner, company):
        statement = SQL(
            "SELECT %s FROM res_partner AS customer WHERE id = %s",
            partner._get_credit_limit_sql("customer", company),
            partner.id,
        )
        return self.env.execute_query(statement)[0][0]

    def assertLimit(self, amount, partner=None, company=None):
        """Both ways of asking give an amount, or None for no limit."""
        partner = partner or self.customer
        company = company or self.credit_company
        limits = partner._get_credit_limit_details(company)
        self.assertEqual(limits[partner.id].amount, amount)
        self.assertEqual(self._get_in_sql(partner, company), amount)

    def test_core_s_limit_counts_and_zero_is_none(self):
        self.assertLimit(None)
        self._limit(500.0)
        self.assertLimit(500.0)
        self._limit(0.001)
        self.assertLimit(None)
        # Below zero is no credit.
        self._limit(-1.0)
        self.assertLimit(0.0)

    def test_the_default_of_the_company_counts_as_in_core(self):
        self.env["ir.default"].sudo().set(
            "res.partner", "credit_limit", 70.0, company_id=self.credit_company.id
        )
        self.env.invalidate_all()
        self.assertLimit(70.0)
        self.assertLimit(None, company=self.other_company)

    def test_after_its_last_day_a_limit_is_no_credit(self):
        self._limit(500.0, until=self._day(0))
        self.assertLimit(500.0)
        self._limit(500.0, until=self._day(-1))
        self.assertLimit(0.0)

    def test_no_limit_does_not_expire(self):
        self._limit(0.0, until=self._day(-1))
        self.assertLimit(None)

    def test_a_temporary_limit_counts_between_its_dates(self):
        self._limit(500.0)
        for first, last, amount in (
            (0, 0, 800.0),
            (-5, 5, 800.0),
            (1, 5, 500.0),
            (-5, -1, 500.0),
        ):
            with self.subTest(first=first, last=last):
                self._set(
                    **{
                        "raise": 800.0,
                        "raise_from": self._day(first),
                        "raise_until": self._day(last),
                    }
                )
                self.assertLimit(amount)
        self._set(raise_from=False, raise_until=self._day(1))
        self.assertLimit(800.0)

    def test_a_temporary_limit_counts_when_the_other_has_expired(self):
        self._limit(500.0, until=self._day(-1))
        self._set(**{"raise": 100.0, "raise_until": self._day(1)})
        self.assertLimit(100.0)

    def test_a_contact_has_the_limit_of_its_company(self):
        self._limit(500.0, until=self._day(-1))
        self.assertLimit(0.0, self.contact)

    def test_each_company_has_its_own_limits(self):
        self._limit(500.0, until=self._day(-1))
        self._set(company=self.other_company, **{"": 9.0, "until": self._day(1)})
        self.assertLimit(0.0)
        self.assertLimit(9.0, company=self.other_company)

    def test_a_temporary_limit_needs_an_end(self):
        with self.assertRaisesRegex(ValidationError, "until when"):
            self._set(**{"raise": 100.0})
        with self.assertRaisesRegex(ValidationError, "ends after it begins"):
            self._set(raise_from=self._day(2), raise_until=self._day(1))
        with self.assertRaisesRegex(ValidationError, "cannot be negative"):
            self._set(**{"raise": -1.0, "raise_until": self._day(1)})
        self._set(**{"raise": 100.0, "raise_until": self._day(1)})
        self.assertLimit(100.0)

    def test_a_customer_with_dates_of_his_own_comes_under_a_company_with_others(self):
        raised = {
            "raise": 5.0,
            "raise_from": self._day(20),
            "raise_until": self._day(30),
        }
        self._set(self.good_customer, **raised)
        self._set(**{"raise": 100.0, "raise_until": self._day(9)})
        self.good_customer.write({"is_company": False, "parent_id": self.customer.id})
        limits = self.good_customer._get_credit_limit_details(self.credit_company)
        self.assertEqual(limits[self.good_customer.id].amount, 100.0)

    # === WHO === #

    def _as(self, user):
        user.group_ids += self.env.ref("base.group_partner_manager")
        return self.customer.with_user(user)

    def test_only_a_credit_manager_says_how_long_a_limit_is_valid(self):
        values = (
            {"until": self._day(9)},
            {"raise": 100.0, "raise_until": self._day(9)},
            {"raise_from": self._day(0)},
        )
        for vals in values:
            customer = self._as(self.user_credit_user)
            with self.assertRaisesRegex(AccessError, "Only a credit manager"):
                self._set(customer, **vals)
            self._set(self._as(self.user_credit_manager), **vals)
        self.assertLimit(100.0)

    def test_no_default_of_the_context_raises_a_limit(self):
        partners = self._as(self.user_accountant).with_context(
            default_credit_limit_raise=900.0,
            default_credit_limit_raise_until=self._day(9),
        )
        with self.assertRaisesRegex(AccessError, "Only a credit manager"):
            partners.create({"name": "Raised"})
        created = self._as(self.user_accountant).create({"name": "Not raised"})
        self.assertLimit(None, created)

    def test_who_adds_a_contact_needs_no_right_on_the_limit_it_takes_over(self):
        self._limit(500.0, until=self._day(9))
        contact = self._as(self.user_accountant).create(
            {"name": "Luigi of Rossi", "parent_id": self.customer.id}
        )
        self.assertEqual(contact.credit_limit_until, self._day(9))

    def test_the_customer_s_history_tells_every_change_of_the_limit(self):
        self._track()
        self._limit(500.0, until=self._day(9))
        self._track()
        tracked = self.customer.sudo().message_ids[:1].tracking_value_ids.field_id
        self.assertEqual(
            set(tracked.mapped("name")), {"credit_limit", "credit_limit_until"}
        )

    def _track(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
