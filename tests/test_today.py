from datetime import datetime

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common_exposure import ExposureCommon


@tagged("post_install", "-at_install")
class TestToday(ExposureCommon):
    """One day for everybody: the company's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.company)
        cls.company.partner_id.tz = "Europe/Rome"
        cls.day_before = fields.Date.to_date("2026-06-10")
        # Half past midnight in Rome on the 11th.
        cls.night = datetime(2026, 6, 10, 22, 30)

    def _far_away(self):
        return self.env(context={**self.env.context, "tz": "America/Los_Angeles"})

    def _get_customer(self):
        return self.customer.with_env(self._far_away())

    def test_the_day_is_that_of_the_company_whoever_asks(self):
        company = self.company.with_env(self._far_away())
        with freeze_time(self.night):
            self.assertEqual(str(company._get_credit_today()), "2026-06-11")
            self.company.partner_id.tz = False
            self.company.resource_calendar_id.tz = "Pacific/Auckland"
            self.assertEqual(str(company._get_credit_today()), "2026-06-11")
            self.company.resource_calendar_id = False
            self.assertEqual(str(company._get_credit_today()), "2026-06-10")

    def test_a_day_ends_at_midnight_of_the_company(self):
        end = self.company._get_credit_day_end(self.day_before)
        self.assertEqual(end, datetime(2026, 6, 10, 22, 0))

    def test_what_is_late_in_the_exposure_is_late_in_the_aging(self):
        with freeze_time(self.night):
            invoice = self.issue(100.0)
            self.due_items(invoice).date_maturity = self.day_before
            customer = self._get_customer()
            self.assertExposure(customer, overdue=100.0)
            history = self.env["credit.customer.history"].with_env(self._far_away())
            figures = history._get_figures(customer, self.company)[customer.id]
            self.assertEqual(figures.aging["days_30"], 100.0)

    def test_a_limit_that_has_expired_there_has_expired_for_everybody(self):
        limit = {"credit_limit": 50.0, "credit_limit_until": "2026-06-10"}
        self.customer.sudo().write(limit)
        for moment, is_expired in (("2026-06-10 21:59:00", False), (self.night, True)):
            with freeze_time(moment):
                customer = self._get_customer()
                limit = customer._get_credit_limit_details(self.company)[customer.id]
                self.assertEqual(limit.is_expired, is_expired)

    def test_a_block_ends_with_its_last_day_there(self):
        with freeze_time("2026-06-09 12:00:00"):
            self._block(until="2026-06-10")
        evening = "2026-06-10 21:59:00"
        for moment, policy in ((evening, "forbid"), (self.night, "allow")):
            with freeze_time(moment):
                verdict = self._verdict("quotation", self._get_customer())
                self.assertEqual(verdict.policy, policy)
                cron = self.env.ref("account_credit_block.ir_cron_expire_credit_blocks")
                with self.enter_registry_test_mode():
                    cron.sudo().method_direct_trigger()
                state = "expired" if policy == "allow" else "in_force"
                block = self.env["credit.block"].search(
                    [("partner_id", "=", self.customer.id)]
                )
                self.assertEqual(block.state, state)

    def test_an_exemption_ends_with_its_last_day_there(self):
        with freeze_time("2026-06-09 12:00:00"):
            until = self.day_before
            self.customer._set_credit_exemption("they pay", self.company, until)
        for moment, exempt in (("2026-06-10 21:59:00", True), (self.night, False)):
            with freeze_time(moment):
                found = self._get_customer()._is_credit_exempt(self.company)
                self.assertEqual(bool(found), exempt)

    def test_the_rules_and_the_list_of_blocked_go_by_that_day_too(self):
        with freeze_time("2026-06-09 12:00:00"):
            self._block(until="2026-06-10")
        for moment, shown in (("2026-06-10 21:59:00", 1), (self.night, 0)):
            with freeze_time(moment):
                report = self.env["credit.exposure.report"].with_env(self._far_away())
                report = report.sudo()
                rows = report.search([("partner_id", "=", self.customer.id)])
                self.assertEqual(len(rows), shown)
