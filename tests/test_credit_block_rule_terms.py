from datetime import timedelta

from odoo.tests import freeze_time, tagged

from .common_rules import RuleCommon


@tagged("post_install", "-at_install")
class TestCreditBlockRuleTerms(RuleCommon):
    """Rules beside exemptions, dates of limits, and customers that change company."""

    def _lift(self, **vals):
        wizard = self.env["credit.block.change"].sudo()
        return wizard.create(
            {
                "change": "lift",
                "partner_ids": self.customer.ids,
                "company_id": self.company.id,
                "level_id": self.unpaid.id,
                "reason": "he pays on Friday",
                **vals,
            }
        )

    def test_until_the_day_that_a_manager_said_not_even_a_new_return_blocks(self):
        self.returned()
        self.assertTrue(self.automatic())
        last_day = self.env.company._get_credit_today() + timedelta(days=30)
        self._lift(exempt_until=last_day).action_apply()
        self.returned()
        self.night()
        self.assertFalse(self.automatic())
        with freeze_time(last_day):
            self.night()
            self.assertFalse(self.automatic())
        with freeze_time(last_day + timedelta(days=1)):
            self.night()
            self.assertEqual(self.in_force(), self.unpaid)

    def test_without_a_day_the_next_return_blocks_again(self):
        self.returned()
        self._lift().action_apply()
        self.night()
        self.assertFalse(self.automatic())
        self.returned()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_the_end_of_an_exemption_by_hand_blocks_at_once(self):
        partner = self.customer.sudo().with_company(self.company)
        partner._set_credit_exemption("agreed", self.company)
        self.returned()
        self.assertFalse(self.automatic())
        partner.credit_block_exempt = False
        self.assertEqual(self.in_force(), self.unpaid)

    def test_raising_a_limit_lifts_what_a_share_of_it_blocked(self):
        self.rule_overdue.write({"active": True, "overdue_share": 50.0})
        partner = self.customer.sudo().with_company(self.company)
        partner.credit_limit = 1000.0
        self.overdue(90, 600.0)
        self.night()
        self.assertTrue(self.automatic())
        partner.write(
            {
                "credit_limit_raise": 2000.0,
                "credit_limit_raise_until": self.env.company._get_credit_today()
                + timedelta(days=3),
            }
        )
        self.assertFalse(self.automatic())
        partner.credit_limit_raise_until = self.days_ago(1)
        self.assertTrue(self.automatic())

    def test_of_a_limit_that_expired_every_overdue_invoice_is_a_share(self):
        self.rule_overdue.write({"active": True, "overdue_share": 50.0})
        partner = self.customer.sudo().with_company(self.company)
        partner.credit_limit = 1000.0
        self.overdue(90, 1.0)
        self.night()
        self.assertFalse(self.automatic())
        partner.credit_limit_until = self.days_ago(1)
        self.assertTrue(self.automatic())

    def test_who_comes_under_a_company_is_blocked_alone_by_what_he_owes(self):
        trader = self.env["res.partner"].create({"name": "Bianchi Carlo"})
        company = self.env["res.partner"].create(
            {"name": "Bianchi Srl", "is_company": True}
        )
        self.returned(trader)
        block = self.automatic(trader)
        self.assertEqual(block.partner_id, trader)
        trader.parent_id = company
        for parent in (company, self.env["res.partner"]):
            trader.parent_id = parent
            self.night()
            self.assertEqual(block.state, "in_force")
            self.assertEqual(self.automatic(trader), block)
            self.assertFalse(self.automatic(company))

    def test_the_rules_look_at_the_debts_of_merged_customers_together(self):
        self.rule_three.write({"active": True, "return_count": 2})
        self.returned()
        self.returned(self.other_customer)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.customer | self.other_customer).ids, self.customer
        )
        self.env.invalidate_all()
        self.assertEqual(self.in_force(), self.doubtful)

    def test_an_archived_customer_is_looked_at_by_night_like_the_others(self):
        self.rule_overdue.active = True
        self.overdue(90)
        self.customer.action_archive()
        self.night()
        self.assertEqual(self.in_force(), self.rule_overdue.level_id)
