import json

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.holds.reasons.base import HoldFinding
from ..models.holds.reasons.limit import HoldReasonLimit
from .common_exposure import ExposureCommon

reason = HoldReasonLimit()


@tagged("post_install", "-at_install")
class TestHoldReasonLimit(ExposureCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.credit_hold_limit = True
        cls._limit(1000.0)

    @classmethod
    def _limit(cls, amount, partner=None):
        (partner or cls.customer).with_company(cls.company).credit_limit = amount

    def quotation(self, price, **values):
        return self.order(price, state="draft", **values)

    def find(self, orders, found=None, running=False):
        """Prices of the orders found, and their findings."""
        findings = reason.find(orders.sudo(), found or {}, running=running)
        return {order.amount_total: finding for order, finding in findings.items()}

    def assertHeld(self, orders, prices, **kwargs):
        self.assertEqual(sorted(self.find(orders, **kwargs)), sorted(prices))

    def pay_online(self, order, amount, post=False, **values):
        provider = self.env["payment.provider"].sudo().create({"name": "Test bank"})
        payment = self.env["account.payment"]
        if post:
            payment = payment.create(
                {
                    "partner_id": order.partner_id.id,
                    "amount": amount,
                    "journal_id": self.bank.id,
                }
            )
            payment.action_post()
        return (
            self.env["payment.transaction"]
            .sudo()
            .create(
                {
                    "provider_id": provider.id,
                    "payment_method_id": self.env.ref("payment.payment_method_card").id,
                    "amount": amount,
                    "currency_id": order.currency_id.id,
                    "partner_id": order.partner_id.id,
                    "reference": f"{order.name}-{len(order.transaction_ids)}",
                    "state": "done",
                    "sale_order_ids": [Command.link(order.id)],
                    "payment_id": payment.id,
                    **values,
                }
            )
        )

    # === THE LIMIT === #

    def test_an_order_is_held_when_it_brings_the_customer_over_the_limit(self):
        self.issue(600.0)
        self.assertHeld(self.quotation(400.0), [])
        self.assertHeld(self.quotation(401.0), [401.0])

    def test_one_cent_over_the_limit_is_over_and_less_than_a_cent_is_not(self):
        self.issue(0.1)
        self.issue(0.2)
        self._limit(0.4)
        self.assertHeld(self.quotation(0.1), [])
        self.assertHeld(self.quotation(0.11), [0.11])
        self._limit(0.396)
        self.assertHeld(self.quotation(0.1), [])

    def test_a_customer_without_limit_is_never_held(self):
        self._limit(0.0)
        self.issue(5000.0)
        self.assertHeld(self.quotation(5000.0), [])
        self._limit(1.0)
        self.assertHeld(self.quotation(5000.0), [5000.0])

    def test_the_default_limit_of_the_company_holds_as_in_core(self):
        partner = self._create_customer("By default")
        order = self.quotation(101.0, partner_id=partner.id)
        self.assertHeld(order, [])
        self.env["ir.default"].sudo().set(
            "res.partner", "credit_limit", 100.0, company_id=self.company.id
        )
        partner.invalidate_recordset()
        self.assertHeld(order, [101.0])

    def _terms(self, **terms):
        self.customer.sudo().with_company(self.company).write(
            {f"credit_limit_{name}": value for name, value in terms.items()}
        )

    def test_after_the_limit_s_last_day_every_order_is_held(self):
        self.company.credit_hold_limit_tolerance = 10.0
        self._terms(until=self.day(0))
        self.assertHeld(self.quotation(1.0), [])
        self._terms(until=self.day(-1))
        self.assertHeld(self.quotation(1.0), [1.0])
        self.assertHeld(self.quotation(0.0), [], running=True)

    def test_a_temporary_limit_counts_between_its_dates(self):
        self._terms(**{"raise": 2000.0}, raise_until=self.day(0))
        self.assertHeld(self.quotation(2000.0), [])
        self.assertHeld(self.quotation(2001.0), [2001.0])
        self._terms(raise_until=self.day(-1))
        self.assertHeld(self.quotation(2000.0), [2000.0])

    def test_the_tolerance_is_a_share_of_the_limit(self):
        self.company.credit_hold_limit_tolerance = 10.0
        self.assertHeld(self.quotation(1100.0), [])
        self.assertHeld(self.quotation(1100.01), [1100.01])

    def test_the_limit_is_of_who_gets_the_invoice(self):
        self._limit(50.0, self.other_customer)
        order = self.quotation(100.0, partner_invoice_id=self.other_customer.id)
        self.assertHeld(order, [100.0])
        order.partner_invoice_id = self.customer
        self.assertHeld(order, [])

    def test_a_contact_has_the_limit_of_its_company(self):
        child = self._create_contact(self.customer, "Mario of Rossi")
        self.issue(950.0, partner=child)
        self.assertHeld(self.quotation(51.0, partner_id=child.id), [51.0])
        self.assertHeld(self.quotation(50.0, partner_id=child.id), [])

    def test_the_limit_is_the_one_in_the_company_of_the_order(self):
        other = self.setup_other_company()["company"]
        self.customer.with_company(other).credit_limit = 10.0
        order = self.quotation(100.0)
        self.assertHeld(order.with_company(other), [])
        self._limit(99.0)
        self.assertHeld(order.with_company(other), [100.0])

    def test_an_order_in_another_currency_is_compared_in_that_of_the_company(self):
        currency = self.setup_other_currency("HRK", rates=[("2000-01-01", 4.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        self.assertHeld(self.quotation(4000.0, pricelist_id=pricelist.id), [])
        order = self.quotation(4004.0, pricelist_id=pricelist.id)
        self.assertEqual(self.find(order)[4004.0].data["amount"], 1001.0)

    def test_a_quotation_of_an_earlier_day_is_judged_at_the_rate_of_its_confirmation(
        self,
    ):
        rates = [("2000-01-01", 8.0), (self.day(0), 4.0)]
        currency = self.setup_other_currency("HRK", rates=rates)
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        small, large = (
            self.quotation(price, pricelist_id=pricelist.id, date_order=self.day(-60))
            for price in (4000.0, 4004.0)
        )
        self.assertHeld(small | large, [4004.0])
        self.assertEqual(self.find(large)[4004.0].data["amount"], 1001.0)
        small.action_confirm()
        self.assertExposure(ordered=1000.0)

    def test_a_confirmed_order_does_not_count_twice(self):
        order = self.order(1000.0)
        self.assertHeld(order, [])
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            order.order_line.price_unit = 1001.0
        self._limit(999.0)
        self.assertEqual(self.find(order)[1000.0].data["amount"], 0.0)

    def test_a_limit_below_zero_is_no_credit_and_zero_is_no_limit(self):
        self._limit(-1.0)
        self.assertHeld(self.quotation(1.0) | self.quotation(0.0), [1.0])
        self._limit(0.0)
        self.assertHeld(self.quotation(10000.0), [])

    def test_an_order_that_costs_nothing_needs_no_credit(self):
        self.issue(2000.0)
        self.assertHeld(self.quotation(0.0), [])
        self.assertHeld(self.quotation(1.0), [1.0])

    # === PAID BEFORE === #

    def test_an_order_paid_in_full_is_never_held(self):
        self.issue(5000.0)
        order = self.quotation(100.0)
        self.assertHeld(order, [100.0])
        self.pay_online(order, 100.0)
        self.assertHeld(order, [])
        order.action_confirm()
        self.assertHeld(order, [])
        self.company.credit_hold_prepaid_exempt = False
        self.assertHeld(order, [100.0])

    def test_what_is_paid_of_an_order_needs_no_credit(self):
        order = self.quotation(1500.0)
        self.pay_online(order, 400.0)
        self.assertEqual(self.find(order)[1500.0].data["amount"], 1100.0)
        self.pay_online(order, 100.0)
        self.assertHeld(order, [])

    def test_what_is_paid_and_in_the_books_counts_once(self):
        """Its credit lowers the exposure already."""
        order = self.quotation(1500.0)
        self.pay_online(order, 400.0, post=True)
        data = self.find(order)[1500.0].data
        self.assertEqual(data["exposure"]["open"] + data["amount"], 1100.0)
        self.pay_online(order, 100.0, post=True)
        self.assertHeld(order, [])

    def test_a_payment_that_came_back_or_failed_pays_nothing(self):
        order = self.quotation(1500.0)
        self.pay_online(order, 1500.0, state="error")
        self.assertHeld(order, [1500.0])
        payment = self.pay_online(order, 1500.0, post=True).payment_id
        self.assertHeld(order, [])
        self.make_return(payment).action_confirm()
        self.assertEqual(payment.state, "rejected")
        self.assertHeld(order, [1500.0])

    # === SEVERAL AT ONCE === #

    def test_orders_confirmed_together_count_those_before_them(self):
        orders = self.quotation(600.0) | self.quotation(500.0) | self.quotation(400.0)
        self.assertHeld(orders, [])
        findings = self.find(orders, running=True)
        self.assertEqual(list(findings), [500.0])
        self.assertEqual(findings[500.0].data["before"], 600.0)

    def test_orders_set_aside_for_another_reason_do_not_use_the_limit(self):
        first, second = self.quotation(600.0), self.quotation(500.0)
        found = {first: [HoldFinding("web")], second: []}
        self.assertHeld(first | second, [], found=found, running=True)
        self.assertHeld(first | second, [500.0], found={first: []}, running=True)

    def test_a_released_order_counts_for_those_after_it(self):
        first, second = self.quotation(1200.0), self.quotation(500.0)
        self.assertHeld(first | second, [1200.0], running=True)
        first.sudo().hold_status = "released"
        self.assertHeld(first | second, [1200.0, 500.0], running=True)

    def test_orders_of_two_customers_do_not_count_for_each_other(self):
        self._limit(1000.0, self.other_customer)
        orders = self.quotation(600.0) | self.quotation(
            600.0, partner_id=self.other_customer.id
        )
        self.assertHeld(orders, [], running=True)

    def test_two_hundred_orders_cost_the_queries_of_one(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {i}", "credit_limit": 100.0} for i in range(100)]
        )
        orders = self.env["sale.order"].union(
            *(
                self.quotation(60.0, partner_id=customer.id)
                for customer in customers
                for _twice in range(2)
            )
        )

        def ask(asked):
            asked = asked.sudo()
            # What core has read of the orders anyway when they are confirmed.
            asked.mapped("amount_total")
            asked.order_line.mapped("price_total")
            asked.company_id.mapped("name")
            asked.currency_id.mapped("name")
            before = self.env.cr.sql_log_count
            found = reason.find(asked, {}, running=True)
            return len(found), self.env.cr.sql_log_count - before

        self.env.flush_all()
        self.env.invalidate_all()
        # Once for what the registry keeps, as the default limit.
        ask(orders[:1])
        # Contacts, their limits, kin, transactions; exposure and its lock.
        self.env.invalidate_all()
        self.assertEqual(ask(orders[:1]), (0, 5))
        self.env.invalidate_all()
        self.assertEqual(ask(orders), (100, 5))

    # === WHAT IS SAID === #

    def test_the_text_says_no_amount_and_the_detail_all_of_them(self):
        self.issue(600.0)
        data = self.find(self.quotation(500.0))[500.0].data
        data = json.loads(json.dumps(data))
        text = reason.get_text(self.env, data)
        self.assertEqual(text, "Rossi Impianti Srl would be over the credit limit.")
        detail = reason.get_detail(self.env, data).replace("\N{NO-BREAK SPACE}", " ")
        for amount in ("1,000.00 €", "600.00 €", "500.00 €", "1,100.00 €", "100.00 €"):
            self.assertIn(amount, detail)
        self.assertIn(": 100.00 € over it.", detail)

    def test_the_detail_counts_the_orders_confirmed_with_it(self):
        orders = self.quotation(600.0) | self.quotation(500.0)
        data = self.find(orders, running=True)[500.0].data
        detail = reason.get_detail(self.env, data).replace("\N{NO-BREAK SPACE}", " ")
        self.assertIn("exposure of 600.00 €", detail)
        self.assertIn(": 100.00 € over it.", detail)

    def test_a_limit_that_expired_is_said_in_its_own_words(self):
        self._terms(until=self.day(-1))
        self.issue(600.0)
        data = self.find(self.quotation(500.0))[500.0].data
        data = json.loads(json.dumps(data))
        day = f"{self.day(-1):%m/%d/%Y}"
        text = reason.get_text(self.env, data)
        self.assertEqual(
            text, f"Rossi Impianti Srl: the credit limit expired on {day}."
        )
        detail = reason.get_detail(self.env, data).replace("\N{NO-BREAK SPACE}", " ")
        self.assertIn(f"The credit limit expired on {day}", detail)
        self.assertIn("make 1,100.00 €.", detail)
        self.assertNotIn("over it", detail)

    def test_the_detail_says_that_a_limit_is_temporary(self):
        self._terms(**{"raise": 700.0}, raise_until=self.day(2))
        data = self.find(self.quotation(701.0))[701.0].data
        detail = reason.get_detail(self.env, json.loads(json.dumps(data)))
        self.assertIn(f"is temporary, until {self.day(2):%m/%d/%Y}", detail)
        self._terms(raise_until=self.day(-2))
        data = self.find(self.quotation(1001.0))[1001.0].data
        self.assertNotIn("temporary", reason.get_detail(self.env, data))

    def test_who_sells_and_may_not_see_the_customer_reads_the_text(self):
        self._setup_credit_users(self.company)
        data = self.find(self.quotation(1500.0))[1500.0].data
        env = self.env(user=self.user_portal)
        self.assertIn("Rossi Impianti Srl", reason.get_text(env, data))

    def test_a_customer_that_is_gone_leaves_a_text(self):
        data = self.find(self.quotation(1500.0))[1500.0].data
        data["partner_id"] = self.env["res.partner"].create({"name": "Gone"}).id
        self.env["res.partner"].browse(data["partner_id"]).unlink()
        text = reason.get_text(self.env, data)
        self.assertEqual(text, "the customer would be over the credit limit.")

    # === CLOSE TO IT === #

    def test_quotations_warn_from_the_share_of_the_limit_that_the_company_says(self):
        self.issue(700.0)
        near, far = self.quotation(100.0), self.quotation(99.0)
        over = self.quotation(400.0)
        found = reason.find_near((near | far | over).sudo())
        self.assertEqual(set(found), set((near | over).sudo()))
        self.assertEqual(
            reason.get_text(self.env, found[near].data),
            "Rossi Impianti Srl is close to the credit limit.",
        )
        self.assertIn("200.00", reason.get_detail(self.env, found[near].data))
        self.assertIn("would be over", reason.get_text(self.env, found[over].data))

    def test_a_limit_that_expired_warns_on_every_quotation(self):
        self._terms(until=self.day(-1))
        order = self.quotation(1.0)
        self.assertIn("expired on", order.partner_credit_warning)

    def test_a_share_of_zero_never_warns(self):
        order = self.quotation(1000.0).sudo()
        self.assertTrue(reason.find_near(order))
        self.company.credit_hold_limit_warning = 0
        self.assertFalse(reason.find_near(order))
