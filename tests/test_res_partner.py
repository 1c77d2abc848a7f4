from dataclasses import FrozenInstanceError

from odoo.exceptions import AccessError
from odoo.service.model import call_kw
from odoo.tests import new_test_user, tagged
from odoo.tools import format_date

from ..models.credit.res_partner import CreditLimit
from .common import CreditBlockCommon


@tagged("post_install", "-at_install")
class TestResPartner(CreditBlockCommon):
    def _search(self, *conditions):
        ids = (self.customer | self.contact | self.good_customer).ids
        return self.env["res.partner"].search([*conditions, ("id", "in", ids)])

    # === VERDICT === #

    def test_a_customer_without_blocks_may_do_everything(self):
        verdict = self._verdict("quotation")
        self.assertEqual((verdict.policy, verdict.messages), ("allow", ()))
        self.assertFalse(verdict.level)

    def test_a_level_that_allows_an_operation_says_nothing_about_it(self):
        self._block(level=self.level_assistance)
        self.assertEqual(self._verdict("quotation").messages, ())
        self.assertEqual(self._verdict("support").policy, "forbid")

    def test_the_verdict_says_level_since_why_and_who_can_help(self):
        block = self._block(reason="two returns")
        text = self._verdict("quotation").text
        date = format_date(self.env, block.date_from.date())
        for part in ("Officine Rossi", "Unpaid returns block", date, "two returns"):
            self.assertIn(part, text)
        self.assertIn("To lift the block, ask: ", text)

    def test_the_verdict_names_the_managers_of_its_company_only(self):
        self._block(company=self.other_company)
        self.env.ref("base.user_admin").company_ids -= self.other_company
        text = self._verdict("quotation", company=self.other_company).text
        self.assertNotIn("Test credit_manager", text)
        self.assertIn("No credit manager is defined for Other Company", text)
        self.user_credit_manager.company_ids |= self.other_company
        text = self._verdict("quotation", company=self.other_company).text
        self.assertIn("Test credit_manager", text)

    def test_the_strictest_policy_wins_and_the_most_important_level_speaks(self):
        self._block(level=self.level_unpaid)
        self._block(level=self.level_pending)
        self._block(level=self.level_doubtful)
        self.assertEqual(self._verdict("quotation").policy, "forbid")
        self.assertEqual(self._verdict("quotation").level, self.level_doubtful)
        self.assertEqual(len(self._verdict("quotation").messages), 3)
        self.assertEqual(self._verdict("delivery").policy, "hold")

    def test_importance_does_not_soften_a_stricter_level(self):
        self._block(level=self.level_unpaid)
        self._block(level=self.level_pending)
        verdict = self._verdict("quotation")
        self.assertEqual((verdict.policy, verdict.level), ("forbid", self.level_unpaid))

    def test_a_contact_answers_for_its_company(self):
        self._block()
        self.assertEqual(self._verdict("quotation", self.contact).policy, "forbid")

    def test_a_blocked_person_stays_blocked_when_put_under_a_company(self):
        person = self.env["res.partner"].create({"name": "Mario Bianchi"})
        self._block(person)
        person.parent_id = self.good_customer
        self.assertEqual(self._verdict("quotation", person).policy, "forbid")
        person._lift_credit_block(self.level_unpaid, "ok", self.credit_company)
        self.assertEqual(self._verdict("quotation", person).policy, "allow")

    def test_a_block_counts_in_its_company_only(self):
        self._block()
        verdict = self._verdict("quotation", company=self.other_company)
        self.assertEqual(verdict.policy, "allow")

    def test_a_block_of_the_head_office_counts_in_its_branches(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.credit_company.id}
        )
        self._block()
        self.assertEqual(self._verdict("quotation", company=branch).policy, "forbid")
        self._block(self.good_customer, company=branch)
        verdict = self._verdict("quotation", self.good_customer)
        self.assertEqual(verdict.policy, "allow", "a branch does not bind the others")

    def test_a_verdict_cannot_be_altered(self):
        verdict = self._verdict("quotation")
        with self.assertRaises(FrozenInstanceError):
            verdict.policy = "forbid"

    def test_nobody_has_an_answer_and_who_was_not_asked_about_has_none(self):
        partners, company = self.customer, self.credit_company
        self._block()
        new = self.env["res.partner"].new({"name": "Not saved yet"})
        for answers, of_nobody in (
            (partners._get_credit_blocks(company), self.env["credit.block"]),
            (partners._get_credit_limit_details(company), CreditLimit()),
        ):
            self.assertEqual(answers[False], of_nobody)
            self.assertEqual(answers[new.id], of_nobody)
            self.assertEqual(list(answers), self.customer.ids)
            with self.assertRaises(KeyError):
                answers.__getitem__(self.good_customer.id)
        verdicts = partners._get_credit_verdicts("quotation", company)
        self.assertEqual(verdicts[False].policy, "allow")
        self.assertEqual(verdicts[self.customer.id].policy, "forbid")
        exposures = partners._get_credit_exposure(company)
        self.assertEqual(set(exposures[False].values()), {0.0})
        self.assertEqual(exposures[False].keys(), exposures[self.customer.id].keys())

    def test_who_has_no_accounting_right_duplicates_a_contact(self):
        user = new_test_user(
            self.env,
            login="acb_contacts",
            groups="sales_team.group_sale_salesman,base.group_partner_manager",
        )
        given = {
            "credit_return_mail_opt_out": True,
            "credit_return_fee_policy": "receivable",
            "credit_block_exempt": True,
            "credit_block_exempt_reason": "test reason",
            "credit_limit_until": "2026-12-31",
        }
        self.customer.write(given)
        for copying in (user, self.user_credit_manager):
            with self.subTest(user=copying.login):
                partners = self.env["res.partner"].with_user(copying).browse()
                copied = call_kw(partners, "copy", [self.customer.ids], {})
                # It is another customer: nothing that was agreed with this one.
                copy = self.env["res.partner"].browse(copied)
                self.assertFalse(any(copy[name] for name in given))

    def test_an_unknown_operation_is_a_programming_error(self):
        with self.assertRaisesRegex(ValueError, "Unknown credit operation: 'refund'"):
            self._verdict("refund")

    def test_a_salesperson_gets_the_verdict_without_reading_blocks(self):
        self._block()
        customer = self.customer.with_user(self.user_salesperson)
        verdict = customer._get_credit_verdict("quotation", self.credit_company)
        self.assertEqual(verdict.policy, "forbid")
        self.assertEqual(verdict.level.name, "Unpaid returns block")

    def _create_blocked(self, count):
        partners = self.env["res.partner"].create(
            [{"name": f"blocked {count} {i}"} for i in range(count)]
        )
        self._block(partners)
        return partners

    def test_the_verdict_of_many_costs_the_queries_of_one(self):
        def ask(partners):
            return self._count_queries(
                lambda: partners._get_credit_verdicts("quotation", self.credit_company)
            )

        few, many = self._create_blocked(1), self._create_blocked(80)
        ask(few)  # fill the caches that survive
        self.assertEqual(ask(few), ask(many))
        self.assertLessEqual(ask(many), 11)

    def test_nothing_about_managers_is_asked_for_who_is_not_blocked(self):
        count = self._count_queries(lambda: self._verdict("quotation"))
        self.assertLessEqual(count, 6)

    # === FIELDS === #

    def test_the_badge_shows_the_most_important_level_on_every_contact(self):
        self._block(level=self.level_unpaid)
        self._block(level=self.level_doubtful)
        for partner in self.customer | self.contact:
            self.assertEqual(partner.credit_block_level_id, self.level_doubtful)
        self.assertFalse(self.good_customer.credit_block_level_id)

    def test_the_badge_depends_on_the_company(self):
        self._block()
        partner = self.customer.with_company(self.other_company)
        self.assertFalse(partner.credit_block_level_id)

    def test_the_badge_follows_the_block_in_the_same_transaction(self):
        self.assertFalse(self.customer.credit_block_level_id)
        self._block()
        self.assertEqual(self.customer.credit_block_level_id, self.level_unpaid)
        self.customer._lift_credit_block(self.level_unpaid, "ok", self.credit_company)
        self.assertFalse(self.customer.credit_block_level_id)

    def test_the_badges_of_a_list_cost_the_queries_of_one(self):
        def show(partners):
            return self._count_queries(
                lambda: partners.mapped("credit_block_level_id.color")
            )

        few, many = self._create_blocked(1), self._create_blocked(80)
        show(few)
        self.assertEqual(show(few), show(many))
        self.assertLessEqual(show(many), 6)

    def test_the_banner_tells_every_block_in_force(self):
        self._block(level=self.level_unpaid, reason="first")
        self._block(level=self.level_doubtful, reason="second")
        lines = self.customer.credit_block_message.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertIn("second", lines[0])
        self.assertIn("first", lines[1])

    def test_blocked_customers_are_found_with_their_contacts(self):
        self._block()
        blocked = self.customer | self.contact
        self.assertEqual(self._search(("credit_block_level_id", "!=", False)), blocked)
        self.assertEqual(
            self._search(("credit_block_level_id", "=", False)), self.good_customer
        )

    def test_customers_are_found_by_the_level_that_is_shown(self):
        self._block(level=self.level_unpaid)
        self._block(level=self.level_doubtful)
        blocked = self.customer | self.contact
        unpaid = ("credit_block_level_id", "=", self.level_unpaid.id)
        self.assertFalse(self._search(unpaid))
        doubtful = ("credit_block_level_id", "in", self.level_doubtful.ids)
        self.assertEqual(self._search(doubtful), blocked)
        not_doubtful = ("credit_block_level_id", "!=", self.level_doubtful.id)
        self.assertEqual(self._search(not_doubtful), self.good_customer)
        by_name = ("credit_block_level_id", "ilike", "doubtf")
        self.assertEqual(self._search(by_name), blocked)
        by_path = ("credit_block_level_id.policy_delivery", "=", "hold")
        self.assertEqual(self._search(by_path), blocked)

    # === EXEMPTION === #

    def test_only_a_credit_manager_exempts_a_customer(self):
        for user in (self.user_accountant, self.user_credit_user):
            user.group_ids += self.env.ref("base.group_partner_manager")
            with self.assertRaisesRegex(AccessError, "Only a credit manager"):
                self.good_customer.with_user(user).credit_block_exempt = True
            with self.assertRaisesRegex(AccessError, "Only a credit manager"):
                self.env["res.partner"].with_user(user).create(
                    {"name": "exempt", "credit_block_exempt": True}
                )
        customer = self.good_customer.with_user(self.user_credit_manager)
        customer.write(
            {"credit_block_exempt": True, "credit_block_exempt_reason": "agreed"}
        )
        self.assertTrue(customer.credit_block_exempt)

    def test_saving_an_unchanged_exemption_needs_no_right(self):
        self.user_accountant.group_ids += self.env.ref("base.group_partner_manager")
        self.good_customer.with_user(self.user_accountant).write(
            {"credit_block_exempt": False, "ref": "C1"}
        )
        self.assertEqual(self.good_customer.ref, "C1")
