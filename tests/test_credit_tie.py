from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, TransactionCase, tagged

from ..models.blocks import tax_key
from .common import CreditBlockFixture
from .common_exposure import ExposureCommon
from .common_rpc import call_as
from .common_rules import RuleCommon

BIG = 29036.0


class TieCommon(ExposureCommon):
    """A blocked customer with contacts, and a salesperson who knows his way about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.company)
        cls.user_salesperson.group_ids += cls.env.ref("base.group_partner_manager")
        cls.company.account_use_credit_limit = True
        cls.company.credit_hold_limit = True
        cls.buyer = cls._create_contact(cls.customer, "Buyer of Rossi")

    def rpc(self, records, method, *args, user=None, **kwargs):
        """Call a method as the web client of a user does; a salesperson by default."""
        user = user or self.user_salesperson
        companies = self.company | user.company_ids
        context = {"allowed_company_ids": companies.ids}
        args = (records.ids, *args) if records else args
        name = records._name
        return call_as(self.env, user, name, method, *args, context=context, **kwargs)

    def change(self, partner, user=None, **vals):
        self.rpc(partner, "write", vals, user=user)

    def sell(self, partner, amount=100.0, user=None, **vals):
        """Enter an order as a salesperson; return it, not confirmed."""
        vals = {
            "partner_id": partner.id,
            "order_line": [
                Command.create({"product_id": self.goods.id, "price_unit": amount})
            ],
            **vals,
        }
        ids = self.rpc(self.env["sale.order"], "create", [vals], user=user)
        return self.env["sale.order"].browse(ids)

    def confirm(self, order, user=None):
        self.rpc(order, "action_confirm", user=user)

    def policy(self, partner, operation="quotation", company=None):
        return partner._get_credit_verdict(operation, company or self.company).policy

    def assertRefused(self, partner, regex="Unpaid returns block"):
        """No quotation can be entered for a contact, and the refusal says why."""
        with self.assertRaisesRegex(ValidationError, regex):
            self.sell(partner)

    def assertSold(self, partner, amount=100.0):
        order = self.sell(partner, amount)
        self.confirm(order)
        self.assertEqual(order.state, "sale")
        return order


@tagged("post_install", "-at_install")
class TestCreditTieFormer(TieCommon):
    """Contacts that leave a customer, by whatever road, and come back."""

    def test_who_ordered_and_leaves_a_blocked_company_stays_blocked(self):
        self.sell(self.buyer)
        self._block()
        self.change(self.buyer, parent_id=False)
        self.assertEqual(self.buyer.commercial_partner_id, self.buyer)
        self.assertRefused(self.buyer, "was part of Officine Rossi")
        self.assertEqual(self.buyer.activity_ids.user_id.ids, self._get_managers())

    def _get_managers(self):
        return self.company._get_credit_managers(limit=1).ids

    def test_who_neither_ordered_nor_owes_is_free(self):
        self.order(partner_id=self.customer.id)
        self._block()
        self.change(self.buyer, parent_id=False)
        self.assertSold(self.buyer)
        self.assertFalse(self.buyer.activity_ids)

    def test_each_address_of_an_order_ties_the_contact(self):
        for name in ("partner_id", "partner_invoice_id", "partner_shipping_id"):
            contact = self._create_contact(self.customer, name)
            self.order(**{"partner_id": self.customer.id, name: contact.id})
            with self.subTest(name=name):
                self.change(contact, parent_id=False)
                self._block()
                self.assertRefused(contact)
            self.customer._lift_credit_block(self.level_unpaid, "ok", self.company)

    def test_an_invoice_in_its_name_ties_the_contact(self):
        self.issue(partner_id=self.buyer.id)
        self.change(self.buyer, parent_id=False)
        self._block()
        self.assertRefused(self.buyer)

    def test_a_return_in_its_name_ties_the_contact(self):
        payment_return = self.make_return(self.pay(self.issue()))
        payment_return.line_ids.partner_id = self.buyer
        payment_return.action_confirm()
        self.assertEqual(self.policy(self.customer), "forbid")
        self.change(self.buyer, parent_id=False)
        self.env["credit.block.evaluation"].sudo()._evaluate(
            self.customer | self.buyer, self.company
        )
        self.assertEqual(self.policy(self.customer), "forbid", "the debt stays here")
        self.assertEqual(self.policy(self.buyer), "forbid")

    def test_an_order_that_was_cancelled_ties_nobody(self):
        self.sell(self.buyer)._action_cancel()
        self._block()
        self.change(self.buyer, parent_id=False)
        self.assertSold(self.buyer)

    def test_a_block_set_after_it_left_counts_too(self):
        self.order(partner_id=self.buyer.id)
        self.change(self.buyer, parent_id=False)
        self.assertSold(self.buyer)
        self._block()
        self.assertRefused(self.buyer)
        self.customer._lift_credit_block(self.level_unpaid, "paid", self.company)
        self.assertSold(self.buyer)

    def test_every_road_out_of_a_company(self):
        roads = {
            "parent": lambda p: self.change(p, parent_id=False),
            "another": lambda p: self.change(p, parent_id=self.good_customer.id),
            "is_company": lambda p: self.change(p, is_company=True),
            "company_type": lambda p: self.change(p, company_type="company"),
            "unlink": lambda p: self.change(
                self.customer, child_ids=[Command.unlink(p.id)]
            ),
            "update": lambda p: self.change(
                self.customer, child_ids=[Command.update(p.id, {"parent_id": False})]
            ),
            "link": lambda p: self.change(
                self.good_customer, child_ids=[Command.link(p.id)]
            ),
            "load": lambda p: self.rpc(
                self.env["res.partner"],
                "load",
                [".id", "parent_id/.id"],
                [[str(p.id), str(self.good_customer.id)]],
            ),
        }
        self._block()
        self.customer._lift_credit_block(self.level_unpaid, "ok", self.company)
        for name, leave in roads.items():
            contact = self._create_contact(self.customer, f"by {name}")
            employee = self._create_contact(self.customer, f"employee by {name}")
            self.order(partner_id=contact.id)
            leave(contact)
            leave(employee)
            self._block()
            with self.subTest(road=name):
                self.assertRefused(contact)
                self.assertEqual(self.policy(employee), "allow")
                self.assertEqual(self.policy(self.good_customer), "allow")
            self.customer._lift_credit_block(self.level_unpaid, "ok", self.company)

    def test_who_is_under_a_contact_that_leaves_leaves_too(self):
        team = self._create_contact(self.customer, "Team")
        member = self._create_contact(team, "Member")
        idle = self._create_contact(team, "Idle")
        self.assertEqual(member.commercial_partner_id, self.customer)
        self.order(partner_id=member.id)
        self._block()
        self.change(team, parent_id=False)
        self.assertEqual(
            [self.policy(p) for p in (team, member, idle)], ["allow", "forbid", "allow"]
        )

    def test_who_is_under_a_contact_that_is_deleted_leaves_too(self):
        team = self._create_contact(self.customer, "Team")
        member = self._create_contact(team, "Member")
        self.order(partner_id=member.id)
        self._block()
        self.rpc(team, "unlink")
        self.assertEqual(member.commercial_partner_id, member)
        self.assertRefused(member)

    def test_a_company_put_under_another_does_not_free_its_contacts(self):
        self.order(partner_id=self.buyer.id)
        self._block()
        self.change(self.customer, is_company=False, parent_id=self.good_customer.id)
        self.assertEqual(self.buyer.commercial_partner_id, self.good_customer)
        for partner in self.customer | self.buyer:
            self.assertRefused(partner)
        self.assertSold(self.good_customer)

    def test_taken_back_a_company_is_what_it_was(self):
        self.order(partner_id=self.buyer.id)
        self._block()
        self.change(self.buyer, is_company=True)
        self.assertRefused(self.buyer)
        self.change(self.buyer, is_company=False)
        self.assertEqual(self.buyer.commercial_partner_id, self.customer)
        self.assertRefused(self.buyer)

    def test_a_manager_says_that_who_left_is_another(self):
        self.order(partner_id=self.buyer.id)
        self._block()
        self.change(self.buyer, parent_id=False)
        self._decide(self.buyer)
        self.assertSold(self.buyer)
        self.change(
            self.buyer, parent_id=self.customer.id, user=self.user_credit_manager
        )
        self.change(self.buyer, parent_id=False)
        self.assertRefused(self.buyer)

    def _decide(self, partner, user=None):
        user = user or self.user_credit_manager
        action = self.rpc(partner, "action_open_credit_tie", user=user)
        dialog = self.env[action["res_model"]].with_user(user)
        dialog = dialog.with_context(**action["context"]).create({"reason": "left"})
        self.rpc(dialog, "action_apply", user=user)

    # === MERGING === #

    def _merge(self, contact, into):
        # Core lets nobody else merge.
        for group in ("base.group_erp_manager", "account.group_account_invoice"):
            self.user_salesperson.sudo().group_ids += self.env.ref(group)
        wizard = self.env["base.partner.merge.automatic.wizard"].with_user(
            self.user_salesperson
        )
        (contact | into).sudo().email = "same@example.com"
        wizard._merge((contact | into).ids, into)
        self.env.invalidate_all()

    def test_who_is_merged_into_a_stranger_is_not_free(self):
        stranger = self._create_contact(self.good_customer, "Of Verdi")
        self.order(partner_id=self.buyer.id)
        self._block()
        self._merge(self.buyer, stranger)
        self.assertRefused(stranger)

    def test_who_has_ordered_nothing_is_merged_and_free(self):
        stranger = self._create_contact(self.good_customer, "Of Verdi")
        self._block()
        self._merge(self.buyer, stranger)
        self.assertSold(stranger)

    def test_what_was_sold_to_a_stranger_is_not_merged_into_a_blocked_company(self):
        stranger = self._create_customer("Stranger", is_company=False)
        self.assertSold(stranger)
        self._block()
        with self.assertRaisesRegex(UserError, "would come under"):
            self._merge(stranger, self.buyer)

    # === COMING BACK === #

    def _limit(self, amount, partner=None):
        (partner or self.customer).sudo().credit_limit = amount

    def test_the_limit_is_not_split_by_leaving(self):
        self._limit(5000.0)
        self.order(4000.0, partner_id=self.buyer.id)
        self.change(self.buyer, parent_id=False)
        for partner in self.buyer | self.customer:
            order = self.sell(partner, 2000.0)
            with self.assertRaisesRegex(UserError, "over the credit limit"):
                self.confirm(order)
            self.confirm(self.sell(partner, 400.0))

    def test_what_was_sold_to_a_free_contact_does_not_come_in_over_the_limit(self):
        self._limit(5000.0)
        self.change(self.buyer, parent_id=False)
        self._limit(0.0, self.buyer)
        order = self.assertSold(self.buyer, BIG)
        with self.assertRaisesRegex(UserError, f"{order.name} would come under"):
            self.change(self.buyer, parent_id=self.customer.id)
        self.change(
            self.buyer, parent_id=self.customer.id, user=self.user_credit_manager
        )
        self.assertEqual(self.buyer.commercial_partner_id, self.customer)

    def test_what_a_free_contact_owes_of_an_order_does_not_come_in_over_the_limit(self):
        self.company.credit_hold_limit = True
        self._limit(150.0)
        self.assertSold(self.customer, 100.0)
        newcomer = self.env["res.partner"].create({"name": "Newcomer"})
        order = self.assertSold(newcomer, 100.0)
        order.order_line.qty_delivered = 1.0
        invoice = order._create_invoices()
        for posted in (False, True):
            if posted:
                invoice.action_post()
            with self.assertRaisesRegex(UserError, "would come under"):
                self.change(newcomer, parent_id=self.customer.id)
        self.pay(invoice)
        self.change(newcomer, parent_id=self.customer.id)
        self.assertEqual(newcomer.commercial_partner_id, self.customer)

    def test_who_is_his_own_customer_again_has_his_own_limit(self):
        self.company.credit_hold_limit = True
        self._limit(5000.0)
        self._limit(50.0, self.buyer)
        order = self.assertSold(self.buyer)
        with self.assertRaisesRegex(UserError, f"{order.name} would come under"):
            self.change(self.buyer, parent_id=False)
        self._limit(150.0, self.buyer)
        self.change(self.buyer, parent_id=False)
        self.assertEqual(self.buyer.commercial_partner_id, self.buyer)

    def test_a_limit_is_not_left_behind_under_another_customer(self):
        self.company.credit_hold_limit = True
        limited = self._create_customer("Limited")
        strict = self._create_customer("Strict")
        self._limit(500.0, limited)
        self._limit(400.0, strict)
        vals = {"is_company": False, "parent_id": self.other_customer.id}
        for limit in (0.0, 600.0):
            self._limit(limit, self.other_customer)
            with self.assertRaisesRegex(AccessError, "Only a credit manager can put"):
                self.change(limited, **vals)
        self.change(limited, **{**vals, "parent_id": strict.id})
        self.assertEqual(limited.commercial_partner_id, strict)

    def test_what_was_sold_to_a_new_contact_does_not_come_under_a_blocked_company(self):
        self._block()
        new = self._create_customer("New", is_company=False)
        self.assertSold(new)
        with self.assertRaisesRegex(UserError, "would come under"):
            self.change(new, parent_id=self.customer.id)

    def test_orders_within_the_limit_come_along(self):
        self._limit(5000.0)
        new = self._create_customer("New", is_company=False)
        self.assertSold(new, 4000.0)
        self.change(new, parent_id=self.customer.id)
        self.assertEqual(new.commercial_partner_id, self.customer)

    def test_an_own_contact_moves_between_healthy_customers(self):
        self.order(partner_id=self.buyer.id)
        self.change(self.buyer, parent_id=self.good_customer.id)
        self.assertSold(self.buyer)
        self.change(self.buyer, parent_id=self.customer.id)
        self.assertSold(self.buyer)


@tagged("post_install", "-at_install")
class TestCreditTieTaxNumber(TieCommon):
    """Contacts with the tax number of a blocked customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.vat = "IT12345670785"

    def _create_twin(self, vat="12345670785", user=None, **vals):
        vals = {"name": "Officine R. nuova", "vat": vat, **vals}
        ids = self.rpc(self.env["res.partner"], "create", [vals], user=user)
        return self.env["res.partner"].browse(ids)

    def test_a_new_contact_with_the_number_of_a_blocked_customer_is_blocked(self):
        self._block()
        for vat in ("12345670785", "IT12345670785", " it 123.456 707-85 "):
            with self.subTest(vat=vat):
                self.assertRefused(
                    self._create_twin(vat), "has the same tax number as Officine Rossi"
                )
        other = self._create_twin("IT00743110157")
        self.assertSold(other)

    def test_the_banner_says_whose_number_it_is(self):
        self._block()
        twin = self._create_twin()
        self.assertIn("same tax number as Officine Rossi", twin.credit_block_message)
        self.assertEqual(twin.credit_block_level_id, self.level_unpaid)

    def test_a_contact_of_the_new_one_is_asked_about_too(self):
        self._block()
        contact = self._create_contact(self._create_twin(is_company=True), "Secretary")
        self.assertRefused(contact)

    def test_of_a_held_order_the_reason_says_so_too(self):
        self._block(level=self.level_pending)
        order = self.sell(self._create_twin())
        self.rpc(order, "action_confirm_or_hold")
        self.assertEqual(order.hold_state, "held")
        self.assertIn("same tax number", order.sudo().hold_ids.reason_text)

    def test_a_number_added_to_a_contact_counts_at_once(self):
        self._block()
        twin = self._create_twin(False)
        self.assertEqual(self.policy(twin), "allow")
        self.change(twin, vat="12345670785")
        self.assertRefused(twin)

    def test_who_sold_first_cannot_add_the_number_then(self):
        self._block()
        twin = self._create_twin(False)
        self.assertSold(twin, BIG)
        with self.assertRaisesRegex(UserError, "would come under"):
            self.change(twin, vat="12345670785")

    def test_only_a_credit_manager_takes_the_number_away(self):
        self._block()
        twin = self._create_twin()
        for partner in twin | self.customer:
            for vat in (False, "IT00743110157"):
                with self.assertRaisesRegex(AccessError, "Only a credit manager"):
                    self.change(partner, vat=vat)
            self.change(partner, vat="IT 12345670785")
        self.change(twin, vat=False, user=self.user_credit_manager)
        self.assertSold(twin)

    def test_a_manager_of_another_company_does_not_take_it_away(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self._block(company=other)
        twin = self._create_twin()
        manager = self.user_credit_manager
        with self.assertRaisesRegex(AccessError, "Only a credit manager"):
            self.change(twin, vat=False, user=manager)
        manager.sudo().company_ids |= other
        self.change(twin, vat=False, user=manager)

    def test_the_form_opens_beside_a_customer_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        twin = self._create_twin()
        self.assertEqual(twin.credit_kin_ids, self.customer)
        self.customer.sudo().company_id = other
        for user in (self.user_accountant, self.user_credit_manager):
            specification = {"credit_kin_ids": {"fields": {"display_name": {}}}}
            [values] = self.rpc(twin, "web_read", specification, user=user)
            self.assertFalse(values["credit_kin_ids"])

    def test_a_contact_of_a_blocked_customer_does_not_change_its_number(self):
        self._block()
        with self.assertRaisesRegex(AccessError, "Only a credit manager"):
            self.change(self.buyer, vat="IT00743110157")

    def test_the_number_of_a_customer_without_blocks_is_anybody_s_to_correct(self):
        self.change(self.customer, vat="IT00743110157")
        self.assertEqual(self.buyer.vat, "IT00743110157")

    def test_an_employee_leaves_the_company_s_number_there(self):
        self._block()
        self.assertEqual(self.buyer.vat, self.customer.vat)
        self.change(self.buyer, parent_id=self.good_customer.id)
        self.assertFalse(self.good_customer.vat)
        self.assertFalse(self.buyer.vat)
        self.assertSold(self.good_customer)
        self.assertSold(self.buyer)

    def test_a_company_that_takes_over_the_number_is_the_blocked_one(self):
        person = self._create_twin("IT00743110157", company_name="Neri Srl")
        self._block(person)
        self.rpc(person, "create_company")
        self.assertEqual(person.parent_id.name, "Neri Srl")
        self.assertRefused(person.parent_id)

    def test_a_healthy_company_with_its_own_number_stays_so(self):
        self.good_customer.vat = "IT00743110157"
        self._block()
        vals = {"is_company": False, "parent_id": self.good_customer.id}
        with self.assertRaisesRegex(AccessError, "Only a credit manager"):
            self.change(self.customer, **vals)
        self.change(self.customer, **vals, user=self.user_credit_manager)
        self.assertEqual(self.customer.vat, "IT00743110157")
        self.assertSold(self.good_customer)
        self.assertRefused(self.customer)

    def test_a_block_counts_in_its_company_only(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self._block(company=other)
        twin = self._create_twin()
        self.assertEqual(self.policy(twin), "allow")
        self.assertEqual(self.policy(twin, company=other), "forbid")

    # === ANOTHER CUSTOMER === #

    def test_a_manager_says_with_a_reason_that_it_is_another(self):
        self._block()
        twin = self._create_twin()
        with self.assertRaisesRegex(UserError, "Give the reason"):
            self._set_another(twin, " ")
        self._set_another(twin)
        self.assertSold(twin)
        self.assertIn("the ministry's office", twin.message_ids[0].body)
        self.assertRefused(self._create_twin())

    def _set_another(self, twin, reason="the ministry's office", user=None):
        twin = twin.with_user(user or self.user_credit_manager)
        twin._set_another_customer(self.customer, reason, self.company)

    def test_a_manager_takes_back_that_it_is_another(self):
        self._block()
        twin = self._create_twin()
        self._set_another(twin)
        self.assertSold(twin)
        self._answer(twin, "same", "the ministry was wrong")
        self.assertRefused(twin)
        self.assertIn("the ministry was wrong", twin.message_ids[0].body)
        known = twin.with_user(self.user_credit_manager)
        self.assertFalse(known.credit_freed_ids)
        self.assertIn(self.customer, known.credit_kin_ids)
        self._answer(twin, "another", "it was right after all")
        self.assertSold(twin)

    def _answer(self, partner, decision, reason):
        """Decide in the dialog, as the buttons of the form open it."""
        manager = self.user_credit_manager
        action = self.rpc(partner, "action_open_credit_tie", user=manager)
        dialog = self.env[action["res_model"]].with_user(manager)
        dialog = dialog.with_context(**action["context"], default_decision=decision)
        dialog = Form(dialog)
        self.assertEqual(dialog.other_ids[:], self.customer)
        dialog.reason = reason
        self.rpc(dialog.save(), "action_apply", user=manager)

    def test_a_decision_is_seen_and_taken_back_from_either_side(self):
        self._block()
        twin = self._create_twin()
        self._set_another(twin)
        manager = self.user_credit_manager
        for one, other in ((twin, self.customer), (self.customer, twin)):
            self.assertEqual(one.with_user(manager).credit_freed_ids, other)
        self.customer.with_user(manager)._set_same_customer(twin, "no", self.company)
        self.assertFalse(twin.with_user(manager).credit_freed_ids)
        self.assertRefused(twin)

    def test_only_what_was_chosen_is_taken_back(self):
        self._block()
        twin = self._create_twin()
        self._set_another(twin)
        twin = twin.with_user(self.user_credit_manager)
        twin._set_same_customer(self.good_customer, "somebody else", self.company)
        self.assertEqual(twin.credit_freed_ids, self.customer)
        self.assertSold(twin.sudo(False))

    def test_a_decision_that_a_new_number_ended_is_none_to_take_back(self):
        twin = self._create_twin()
        self._set_another(twin)
        self.change(twin, vat="IT00743110157", user=self.user_credit_manager)
        self.assertFalse(twin.with_user(self.user_credit_manager).credit_freed_ids)

    def test_nobody_else_takes_it_back(self):
        self._block()
        twin = self._create_twin()
        self._set_another(twin)
        for user in (self.user_accountant, self.user_credit_user):
            with self.assertRaises(AccessError):
                twin.with_user(user)._set_same_customer(
                    self.customer, "mine", self.company
                )
        self.assertSold(twin)

    def test_nobody_else_says_so(self):
        self._block()
        twin = self._create_twin()
        for user in (
            self.user_salesperson,
            self.user_accountant,
            self.user_credit_user,
        ):
            with self.assertRaises(AccessError):
                self.rpc(twin, "action_open_credit_tie", user=user)
            with self.assertRaises(AccessError):
                dialog = self.env["credit.tie.decision"]
                vals = {"partner_id": twin.id, "reason": "x"}
                self.rpc(dialog, "create", vals, user=user)
            with self.assertRaises(AccessError):
                vals = {"partner_id": twin.id, "other_id": self.customer.id}
                tie = self.env["credit.tie"]
                self.rpc(tie, "create", {**vals, "is_freed": True}, user=user)
        manager = self.user_credit_manager
        with self.assertRaises(AccessError):
            self.rpc(self.env["credit.tie"], "create", vals, user=manager)

    def test_nobody_enters_what_the_number_is_compared_by(self):
        self._block()
        twin = self._create_twin()
        for name in ("credit_tax_key", "credit_fiscal_key"):
            with self.assertRaises(AccessError):
                self.change(twin, **{name: "IT0"})

    def test_the_decision_ends_when_the_number_changes(self):
        self._block()
        twin = self._create_twin()
        self._set_another(twin)
        self.change(twin, vat="IT00743110157", user=self.user_credit_manager)
        self.change(twin, vat="12345670785", user=self.user_credit_manager)
        self.assertSold(twin)
        self.customer.sudo().vat = "IT00743110157"
        self.change(twin, vat="IT00743110157", user=self.user_credit_manager)
        self.assertRefused(twin)

    def test_a_decision_is_of_the_head_office(self):
        self._block()
        twin = self._create_twin()
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        manager = self.user_credit_manager
        manager.write(
            {"company_ids": [Command.set(branch.ids)], "company_id": branch.id}
        )
        with self.assertRaisesRegex(AccessError, "credit manager of the head office"):
            twin.with_user(manager)._set_another_customer(self.customer, "mine", branch)

    # === LIMITS === #

    def test_who_has_no_limit_shares_that_of_the_same_number(self):
        self.customer.sudo().credit_limit = 5000.0
        twin = self._create_twin()
        order = self.sell(twin, BIG)
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            self.confirm(order)
        self.assertSold(twin, 4000.0)
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            self.confirm(self.sell(self.customer, 2000.0))

    def test_who_has_a_limit_of_its_own_has_its_own_credit(self):
        self.customer.sudo().credit_limit = 5000.0
        twin = self._create_twin()
        twin.sudo().credit_limit = 4000.0
        self.assertSold(twin, 4000.0)
        self.assertSold(self.customer, 5000.0)

    # === MERGING === #

    def test_merged_ties_go_with_the_surviving_contact(self):
        self.order(partner_id=self.buyer.id)
        self.change(self.buyer, parent_id=False)
        same = self._create_customer("Buyer again", is_company=False)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (self.buyer | same).ids, same
        )
        self.env.invalidate_all()
        self._block()
        self.assertRefused(same)


@tagged("post_install", "-at_install")
class TestTaxKey(TransactionCase):
    def test_the_same_number_written_differently(self):
        for numbers in (
            ("IT12345670785", "12345670785", "it 123 456 707 85", "IT-12345670785"),
            ("RSSMRA80A01H501U", "rssmra80a01h501u"),
            ("ESB12345674", "B12345674", "es-b12345674"),
            ("ESPMRA80A01H501U",),
        ):
            keys = {tax_key.normalise(number) for number in numbers}
            self.assertEqual(len(keys), 1, numbers)
        self.assertEqual(tax_key.normalise("ESPMRA80A01H501U"), "ESPMRA80A01H501U")

    def test_what_says_that_there_is_no_number_is_none(self):
        for number in (
            False,
            "",
            "/",
            "NA",
            "0",
            "00000000000",
            "OO99999999999",
            "EXPORT",
        ):
            self.assertFalse(tax_key.normalise(number), number)


@tagged("post_install", "-at_install")
class TestCreditTieRules(CreditBlockFixture, RuleCommon):
    """The debts of a blocked contact that comes under a healthy company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule_overdue.active = True
        cls.trader = cls._create_customer("Bianchi Carlo", is_company=False)
        cls.healthy = cls._create_customer("Bianchi Srl")

    def _evaluate(self):
        evaluation = self.env["credit.block.evaluation"].sudo()
        owners = (self.trader | self.healthy).commercial_partner_id
        for company, partners in evaluation._get_work():
            if company == self.company:
                evaluation._evaluate(partners, company)
        evaluation._evaluate(owners, self.company)

    def test_the_night_does_not_block_the_company_for_them(self):
        self.overdue(40, partner=self.trader)
        returned = self.returned(self.trader)
        self._evaluate()
        self.assertEqual(self.in_force(self.trader), self.pending)
        self.trader.parent_id = self.healthy
        self.assertEqual(returned.commercial_partner_id, self.healthy)
        self._evaluate()
        self.assertEqual(self.in_force(self.trader), self.pending)
        self.assertFalse(self.in_force(self.healthy))

    def test_what_the_contact_has_paid_lifts_its_block(self):
        invoice = self.overdue(40, partner=self.trader)
        self._evaluate()
        self.trader.parent_id = self.healthy
        self.pay(invoice)
        self._evaluate()
        self.assertFalse(self.in_force(self.trader))

    def test_what_the_company_owes_blocks_it_as_ever(self):
        self._evaluate()
        self.trader.parent_id = self.healthy
        self.overdue(40, partner=self.trader)
        self._evaluate()
        self.assertEqual(self.in_force(self.healthy), self.pending)
