from ast import literal_eval
from datetime import timedelta

from lxml import etree

from odoo.fields import Command, Domain
from odoo.tests import tagged

from .common import CreditBlockCommon


@tagged("post_install", "-at_install")
class TestCreditBlockFollow(CreditBlockCommon):
    """Blocks of customers that come, go, are archived, and of companies that end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.trader = cls._create_customer("Bianchi Carlo", is_company=False)
        cls.new_company = cls._create_customer("Bianchi Srl")

    def _get_policies(self):
        return [
            self._verdict("quotation", partner).policy
            for partner in (self.trader, self.new_company)
        ]

    # === COMING UNDER A COMPANY === #

    def test_who_comes_under_a_company_stays_blocked_and_the_company_is_not(self):
        block = self._block(self.trader)
        self.trader.parent_id = self.new_company
        self.assertEqual(self._get_policies(), ["forbid", "allow"])
        self.assertEqual(block.state, "in_force")
        self.assertFalse(self.new_company.credit_block_ids)

    def test_the_manager_is_asked_whether_the_company_is_blocked_too(self):
        self._block(self.trader, reason="<a href='https://x'>x</a>")
        self.trader.name = "Bianchi <b>Carlo</b>"
        self._put_under_new_company(self.user_salesperson)
        activity = self.trader.activity_ids
        managers = self.credit_company._get_credit_managers()
        self.assertEqual(activity.user_id, managers[:1])
        self.assertIn("decide whether Bianchi Srl is blocked too", activity.note)
        self.assertNotIn("<b>", activity.note, "a name is no markup")
        self._block(self.new_company)
        self.assertEqual(self._get_policies(), ["forbid", "forbid"])

    def test_a_manager_who_moves_a_blocked_customer_asks_nobody(self):
        self._block(self.trader)
        self._put_under_new_company(self.user_credit_manager)
        self.assertFalse(self.trader.activity_ids)
        self.assertIn("belongs to Bianchi Srl now", self.trader.message_ids[0].body)

    def test_a_customer_without_blocks_is_moved_without_a_word(self):
        self._put_under_new_company(self.user_salesperson)
        self.assertFalse(self.trader.activity_ids)
        self.assertEqual(self._get_policies(), ["allow", "allow"])

    def _put_under_new_company(self, user):
        user.group_ids += self.env.ref("base.group_partner_manager")
        self.trader.with_user(user).parent_id = self.new_company

    def test_from_company_to_company_his_blocks_stay_his(self):
        self._block(self.trader)
        for company in (self.new_company, self.customer):
            self.trader.parent_id = company
            self.assertEqual(self._get_policies(), ["forbid", "allow"])
        self.trader.parent_id = False
        self.assertEqual(self._get_policies(), ["forbid", "allow"])
        self.assertEqual(self._verdict("quotation", self.customer).policy, "allow")

    def test_an_employee_who_leaves_a_blocked_company_is_not_blocked(self):
        self._block(self.customer)
        self.assertEqual(self._verdict("quotation", self.contact).policy, "forbid")
        self.contact.parent_id = False
        self.assertEqual(self._verdict("quotation", self.contact).policy, "allow")
        self.assertEqual(self._verdict("quotation", self.customer).policy, "forbid")

    def test_who_becomes_a_company_keeps_what_is_his(self):
        self._block(self.trader)
        self.trader.parent_id = self.new_company
        self.trader.is_company = True
        self.assertEqual(self.trader.commercial_partner_id, self.trader)
        self.assertEqual(self._get_policies(), ["forbid", "allow"])

    def test_a_company_made_around_a_blocked_person_is_not_blocked_by_itself(self):
        self._block(self.trader)
        company = self._create_customer(
            "Bianchi & Figli", child_ids=[Command.link(self.trader.id)]
        )
        self.assertEqual(self._verdict("quotation", company).policy, "allow")
        self.assertEqual(self._verdict("quotation", self.trader).policy, "forbid")

    # === BROUGHT ALONG EARLIER === #

    def _bring(self, **values):
        """A block that came along with the trader, as it once did by itself."""
        self.trader.parent_id = self.new_company
        block = self._block(self.new_company, **values)
        self.env.cr.execute(
            "UPDATE credit_block SET came_with_id = %s WHERE id = %s",
            [self.trader.id, block.id],
        )
        block.invalidate_recordset()
        return block

    def test_he_takes_what_he_brought_along_when_he_leaves(self):
        block = self._bring()
        self._block(self.new_company, self.level_pending)
        self.trader.parent_id = False
        self.assertEqual(self._verdict("quotation", self.trader).policy, "forbid")
        self.assertEqual(self._verdict("quotation", self.new_company).policy, "warn")
        self.assertEqual(block.state, "lifted")
        self.assertIn("went with Bianchi Carlo", block.lift_reason)
        came = self.trader.credit_block_ids
        for name in ("reason", "date_from", "origin", "set_by_id", "level_id"):
            self.assertEqual(came[name], block[name])
        self.trader.parent_id = self.customer
        self.assertEqual(self._verdict("quotation", self.trader).policy, "forbid")
        self.assertEqual(self._verdict("quotation", self.customer).policy, "allow")

    def test_what_has_expired_does_not_follow(self):
        block = self._bring(until=self.env.company._get_credit_today())
        self.env.cr.execute(
            "UPDATE credit_block SET until = %s WHERE id = %s",
            [self.env.company._get_credit_today() - timedelta(days=3), block.id],
        )
        block.invalidate_recordset()
        self.trader.parent_id = False
        self.assertEqual(block.state, "expired")
        self.assertFalse(self.trader.credit_block_ids)

    # === ARCHIVING === #

    def test_an_archived_customer_stays_blocked(self):
        block = self._block()
        self.customer.action_archive()
        self.assertEqual(block.state, "in_force")
        self.assertEqual(self._verdict("quotation").policy, "forbid")
        self.customer.action_unarchive()
        self.assertEqual(self._verdict("quotation").policy, "forbid")

    def test_archived_customers_are_not_among_the_blocked_ones(self):
        partners = self.customer | self.good_customer
        blocks = self._block() | self._block(self.good_customer)
        self.customer.action_archive()
        for name, expected in (
            ("in_force", self.good_customer),
            ("archived", self.customer),
        ):
            found = blocks.filtered_domain(self._get_filter("credit.block", name))
            self.assertEqual(found.partner_id, expected)
        self.assertEqual(blocks.partner_id, partners)

    def _get_filter(self, model, name):
        """The domain of a filter of the search view."""
        view = self.env[model].get_view(view_type="search")
        [node] = etree.fromstring(view["arch"]).xpath(f"//filter[@name='{name}']")
        return Domain(literal_eval(node.get("domain")))

    def test_blocks_that_end_within_a_week_are_found(self):
        today = self.env.company._get_credit_today()
        soon = self._block(until=today + timedelta(days=7))
        blocks = soon | self._block(self.good_customer, until=today + timedelta(days=8))
        blocks |= self._block(self.trader, origin="return")
        domain = self._get_filter("credit.block", "expiring")
        self.assertEqual(blocks.filtered_domain(domain), soon)
        fixed = blocks.filtered_domain(self._get_filter("credit.block", "manual"))
        self.assertEqual(fixed, blocks.filtered(lambda b: b.origin == "manual"))

    # === COMPANIES THAT END === #

    def test_archiving_a_company_closes_its_blocks_with_a_reason(self):
        block = self._block(company=self.other_company)
        kept = self._block()
        self.other_company.active = False
        self.assertEqual(block.state, "lifted")
        self.assertEqual(block.lift_reason, "The company was archived.")
        self.assertEqual(kept.state, "in_force")

    def test_a_rule_of_a_company_ends_with_it(self):
        rule = self.env["credit.block.rule"]
        self.assertEqual(rule._fields["company_id"].ondelete, "cascade")

    def test_blocks_do_not_keep_a_company_from_being_deleted(self):
        block = self._block(company=self.other_company)
        # Core's own reason to keep it.
        providers = self.env["payment.provider"].sudo()
        providers.search([("company_id", "=", self.other_company.id)]).unlink()
        self.other_company.unlink()
        self.assertFalse(block.exists())
