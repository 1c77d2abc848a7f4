from odoo.tests import Form, tagged

from .common_exposure import ExposureCommon


@tagged("post_install", "-at_install")
class TestAccountMoveCreditLimit(ExposureCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"credit_hold_limit": True, "account_use_credit_limit": True})
        cls._limit(limit=1000.0)

    @classmethod
    def _limit(cls, **terms):
        names = {"limit": "credit_limit"}
        cls.customer.sudo().with_company(cls.company).write(
            {names.get(k, f"credit_limit_{k}"): terms[k] for k in terms}
        )

    def _raise(self, amount, days):
        self._limit(**{"raise": amount}, raise_until=self.day(days))

    def _warning(self, move):
        move.invalidate_recordset(["partner_credit_warning"])
        return move.partner_credit_warning.replace("\N{NO-BREAK SPACE}", " ")

    # === BY OUR EXPOSURE === #

    def test_a_draft_invoice_warns_from_the_share_that_the_company_says(self):
        self.issue(700.0)
        draft = self.draft(99.0)
        self.assertEqual(self._warning(draft), "")
        near = self.draft(1.0)
        self.assertEqual(
            self._warning(near),
            "Rossi Impianti Srl is close to the credit limit of 1,000.00 €: the"
            " exposure with this invoice is 800.00 €, 200.00 € are left.",
        )
        near.action_post()
        self.assertEqual(self._warning(near), "")
        self.company.credit_hold_limit_warning = 0
        self.assertEqual(self._warning(draft), "")

    def test_a_draft_invoice_says_by_how_much_it_is_over_the_limit(self):
        self.issue(700.0)
        self.assertIn("1,100.00 €, 100.00 € over it", self._warning(self.draft(400.0)))

    def test_what_is_ordered_counts_and_an_invoice_of_it_counts_once(self):
        order = self.order(900.0)
        self.assertIn("is close", self._warning(self.draft(1.0)))
        draft = order._create_invoices()
        self.assertIn("is 901.00 €", self._warning(draft))

    def test_what_is_entered_counts_before_it_is_saved(self):
        alert = "account_partner_credit_warning"
        draft = self.draft(100.0)
        with Form(draft) as form:
            self.assertNotIn(alert, form.alerts or {})
            with form.invoice_line_ids.edit(0) as line:
                line.price_unit = 850.0
            self.assertIn("is close", form.alerts[alert]["message"])
            form.partner_id = self.other_customer
            self.assertNotIn(alert, form.alerts or {})

    def test_a_limit_that_expired_warns_on_every_draft(self):
        self._limit(until=self.day(-1))
        self.assertIn(
            f"the credit limit expired on {self.day(-1):%m/%d/%Y}",
            self._warning(self.draft(1.0)),
        )
        self._raise(10.0, days=0)
        self.assertEqual(self._warning(self.draft(5.0)), "")

    def test_many_drafts_ask_for_the_exposure_once(self):
        drafts = self.draft(900.0)
        # Once for what the registry keeps, as the default limit.
        self._count_queries(lambda: drafts.mapped("partner_credit_warning"))
        one = self._count_queries(lambda: drafts.mapped("partner_credit_warning"))
        for _other in range(5):
            drafts |= self.draft(900.0)
        many = self._count_queries(lambda: drafts.mapped("partner_credit_warning"))
        self.assertEqual(one, many)

    # === BY CORE'S === #

    def test_core_s_own_warning_knows_the_dates_of_the_limit(self):
        self.company.credit_hold_limit = False
        draft = self.draft(1100.0)
        self.assertIn("has reached its credit limit", self._warning(draft))
        self._raise(2000.0, days=0)
        self.assertEqual(self._warning(draft), "")
        self._raise(1099.0, days=0)
        self.assertIn("over the temporary credit limit of 1,099", self._warning(draft))
        self._raise(2000.0, days=-1)
        self.assertIn("has reached its credit limit", self._warning(draft))
        self._limit(until=self.day(-1))
        self.assertIn("the credit limit expired on", self._warning(self.draft(1.0)))

    def test_core_s_warning_on_orders_knows_the_dates_too(self):
        self.company.credit_hold_limit = False
        order = self.order(100.0, state="draft")
        self.assertFalse(order.partner_credit_warning)
        self._limit(until=self.day(-1))
        order.invalidate_recordset()
        self.assertIn("the credit limit expired on", order.partner_credit_warning)
