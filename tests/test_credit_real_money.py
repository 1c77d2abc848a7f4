from freezegun import freeze_time

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .common_exposure import ExposureCommon
from .common_rules import RuleCommon


@tagged("post_install", "-at_install")
class TestRealMoney(RuleCommon):
    """What pays what came back, beside what only looks like money."""

    def setUp(self):
        super().setUp()
        self.reopened = self.invoice(100)
        self.payment = self.pay(self.reopened, payment_date=self.days_ago(20))
        self.payment.end_to_end_id = "E2E-0001"

    def come_back(self, **values):
        """Book the return as a statement tells it, which leaves the bank lines open."""
        values = {"file_format": "camt.053", "date": self.days_ago(10), **values}
        returns = self.env["account.payment.return"].sudo()
        returned = returns.create(
            {
                "journal_id": self.bank.id,
                "line_ids": [
                    Command.create(
                        {
                            "payment_id": self.payment.id,
                            "move_line_id": self.payment_item(self.payment).id,
                            "amount": values.pop("amount", 100),
                            "reason_id": self.reason_funds.id,
                            "kind": values.pop("kind", "return"),
                        }
                    )
                ],
                **values,
            }
        ).sudo(False)
        returned.action_confirm()
        self.assertEqual(self.in_force(), self.unpaid)
        return returned

    def bank_credit(self, days=20, amount=100.0, text="Collection", journal=None):
        """A bank transaction that somebody put on the customer's account."""
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": (journal or self.bank).id,
                "amount": amount,
                "date": self.days_ago(days),
                "payment_ref": text,
                "partner_id": self.customer.id,
            }
        )
        item = transaction._seek_for_lines()[1]
        item.account_id = self.receivable
        return item

    def apply(self, item):
        """Pay the reopened invoice by an item, and give the levels in force."""
        (item | self.due_items(self.reopened)).reconcile()
        self.assertEqual(self.reopened.payment_state, "paid")
        self.customer.invalidate_recordset()
        return self.in_force()

    def collected(self):
        return self.payment.move_id.line_ids.filtered(lambda item: item.balance > 0)

    def meet_bank(self):
        """Let the collection meet its bank line."""
        item = self.bank_credit()
        item.account_id = self.payment.outstanding_account_id
        (item | self.collected()).reconcile()

    # === THE COLLECTION ITSELF === #

    def test_the_returned_collection_does_not_lift_the_block(self):
        self.come_back()
        item = self.bank_credit()
        self.assertEqual(self.apply(item), self.unpaid)
        self.night()
        self.assertEqual(self.in_force(), self.unpaid)
        self.assertFalse(self.automatic().lift_reason)

    def test_a_real_advance_lifts_it(self):
        for told in (
            {"days": 15},
            {"amount": 150.0},
            {"days": 10},
            {"days": 5, "text": "E2E-0001"},
        ):
            with self.subTest(**told), self.env.cr.savepoint() as savepoint:
                self.come_back()
                self.assertFalse(self.apply(self.bank_credit(**told)))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_the_same_day_at_another_bank_lifts_it(self):
        bank = self.bank.copy({"name": "Other bank"})
        self.come_back()
        self.assertFalse(self.apply(self.bank_credit(journal=bank)))

    def test_the_collection_is_known_by_its_reference_too(self):
        for text in ("SDD e2e 0001 of the 3rd", self.payment.name, self.payment.memo):
            with self.subTest(text=text), self.env.cr.savepoint() as savepoint:
                self.come_back()
                item = self.bank_credit(days=18, text=text)
                self.assertEqual(self.apply(item), self.unpaid)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_it_is_known_by_the_day_on_which_the_bank_was_to_collect(self):
        self.payment.collection_due_date = self.days_ago(18)
        for days, levels in ((18, self.unpaid), (17, self.unpaid.browse())):
            with self.subTest(days=days), self.env.cr.savepoint() as savepoint:
                self.come_back()
                self.assertEqual(self.apply(self.bank_credit(days=days)), levels)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_short_number_is_known_where_it_belongs_only(self):
        self.payment.write({"end_to_end_id": "2026", "name": "PBNK1/1"})
        details = {"EndToEndId": "2026"}
        for told, levels in (
            ({"ref": "2026"}, self.unpaid),
            ({"transaction_details": details}, self.unpaid),
            ({"payment_ref": "FT INV/2026/00777"}, self.unpaid.browse()),
            ({"payment_ref": "CRO 7720267"}, self.unpaid.browse()),
        ):
            with self.subTest(**told), self.env.cr.savepoint() as savepoint:
                self.come_back()
                text = told.pop("payment_ref", "Collection")
                item = self.bank_credit(days=18, text=text)
                item.statement_line_id.write(told)
                self.assertEqual(self.apply(item), levels)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_the_bank_credits_the_collections_of_a_batch_at_once(self):
        other = self.pay(self.invoice(50), payment_date=self.days_ago(20))
        other.end_to_end_id = "E2E-0002"
        self.payment.collection_batch_id = "SDD-2026-09"
        for days, text in (
            (20, "Batch of E2E-0001 E2E-0002"),
            (18, "SDD 2026/09"),
            (10, "E2E-0001, E2E-0002"),
        ):
            with self.subTest(text=text), self.env.cr.savepoint() as savepoint:
                self.come_back()
                item = self.bank_credit(days=days, amount=150.0, text=text)
                self.assertEqual(self.apply(item), self.unpaid)
                self.night()
                self.assertEqual(self.in_force(), self.unpaid)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_who_pays_more_and_names_his_invoice_has_paid(self):
        self.payment.end_to_end_id = self.reopened.name
        for text in (self.reopened.name, "E2E-0009"):
            with self.subTest(text=text), self.env.cr.savepoint() as savepoint:
                self.come_back()
                item = self.bank_credit(days=10, amount=150.0, text=text)
                self.assertFalse(self.apply(item))
                savepoint.rollback()
            self.env.invalidate_all()

    def test_the_rest_of_a_collection_is_the_collection(self):
        self.come_back(amount=40.0)
        (self.bank_credit() | self.due_items(self.reopened)).reconcile()
        self.assertEqual(self.reopened.payment_state, "paid")
        self.assertEqual(self.in_force(), self.unpaid)

    def test_of_a_line_by_hand_the_collection_is_known_too(self):
        self.come_back(file_format=False)
        self.assertTrue(self.collected().reconciled)
        self.assertEqual(self.apply(self.bank_credit()), self.unpaid)

    def test_what_never_reached_the_bank_is_no_credit_of_the_bank(self):
        self.come_back(file_format="pain.002", kind="reject")
        self.assertFalse(self.apply(self.bank_credit()))

    def test_a_collection_that_met_its_bank_line_came_already(self):
        self.meet_bank()
        self.come_back()
        self.assertFalse(self.apply(self.bank_credit()))

    def test_the_block_goes_when_the_customer_pays_instead(self):
        self.come_back()
        item = self.bank_credit()
        self.apply(item)
        item.remove_move_reconcile()
        self.assertFalse(self.apply(self.bank_credit(days=1)))

    def test_both_bank_lines_find_what_they_are(self):
        returned = self.come_back()
        credit = returned.move_ids.line_ids.filtered(lambda item: item.balance < 0)
        self.meet_bank()
        debit = self.bank_credit(days=10, amount=-100.0)
        debit.account_id = credit.account_id
        (debit | credit).reconcile()
        self.assertTrue(self.collected().reconciled and credit.reconciled)
        self.assertEqual(self.in_force(), self.unpaid)

    def test_a_payment_on_account_that_came_back_is_not_paid_by_itself(self):
        self.due_items(self.reopened).remove_move_reconcile()
        self.come_back()
        self.bank_credit().remove_move_reconcile()
        self.night()
        self.assertEqual(self.in_force(), self.unpaid)
        self.pay(self.invoice(10), payment_date=self.days_ago(1))
        self.night()
        self.assertFalse(self.in_force())


@tagged("post_install", "-at_install")
class TestPresentedAgain(ExposureCommon, RuleCommon):
    """Money of a method that is final after some days."""

    def setUp(self):
        super().setUp()
        self.reopened = self.invoice(100)
        payment = self.pay(self.reopened, payment_date=self.days_ago(20))
        self.make_return(payment, date=self.days_ago(10)).action_confirm()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_the_block_stays_until_the_money_is_final(self):
        self.pay(self.reopened, payment_method_line_id=self.method(5).id)
        self.assertEqual(self.reopened.payment_state, "paid")
        self.night()
        self.assertEqual(self.in_force(), self.unpaid)
        with freeze_time(fields.Date.add(self.env.company._get_credit_today(), days=6)):
            self.night()
            self.assertFalse(self.in_force())

    def test_money_that_is_final_at_once_lifts_it_at_once(self):
        self.pay(self.reopened, payment_method_line_id=self.method(0).id)
        self.assertFalse(self.in_force())

    def test_presented_long_ago_it_is_final(self):
        self.due_items(self.reopened).date_maturity = self.days_ago(6)
        self.pay(
            self.reopened,
            payment_method_line_id=self.method(5).id,
            payment_date=self.days_ago(6),
        )
        self.assertFalse(self.in_force())

    def test_what_was_collected_beside_it_before_does_not_count(self):
        invoice = self.invoice(100)
        self.pay(invoice, amount=60, payment_method_line_id=self.method(9).id)
        self.make_return(self.pay(invoice)).action_confirm()
        self.pay(self.reopened)
        self.assertEqual(self.in_force(), self.unpaid)
        self.pay(invoice)
        self.assertFalse(self.in_force())

    def test_an_advance_presented_again_is_not_final_either(self):
        self.pay(self.reopened, payment_date=self.days_ago(8))
        self.assertFalse(self.in_force())
        advance = self.pay(self.invoice(30), payment_date=self.days_ago(5))
        self.payment_item(advance).remove_move_reconcile()
        self.make_return(advance, date=self.days_ago(3)).action_confirm()
        self.assertEqual(self.in_force(), self.unpaid)
        method = self.method(5)
        self.pay(self.invoice(30), payment_method_line_id=method.id)
        self.night()
        self.assertEqual(self.in_force(), self.unpaid)
        method.sudo().credit_final_days = 0
        self.night()
        self.assertFalse(self.in_force())


@tagged("post_install", "-at_install")
class TestOnlyPresented(RuleCommon):
    """Collections that a file presents again: no money yet."""

    def setUp(self):
        super().setUp()
        self.reopened = self.invoice(100)
        payment = self.pay(self.reopened, payment_date=self.days_ago(20))
        self.make_return(payment, date=self.days_ago(10)).action_confirm()
        self.assertEqual(self.in_force(), self.unpaid)

    def present(self, name="end_to_end_id", days=0, amount=None):
        """Pay the reopened invoice by a collection that is presented in a file."""
        items = self.due_items(self.reopened)
        payment = self.env["account.payment"].create(
            {
                "amount": amount or 100,
                "date": self.days_ago(days),
                "partner_id": self.customer.id,
                "journal_id": self.bank.id,
                name: "PRESENTED-1",
            }
        )
        payment.action_post()
        (items | self.payment_item(payment)).reconcile()
        self.assertEqual(self.reopened.amount_residual, 100 - payment.amount)
        return payment

    def meet_bank(self, payment):
        """Let a collection meet its bank line; return the items."""
        waiting = payment.move_id.line_ids.filtered(lambda item: item.balance > 0)
        transaction = self.env["account.bank.statement.line"].create(
            {"journal_id": self.bank.id, "amount": 100, "payment_ref": "Collection"}
        )
        item = transaction._seek_for_lines()[1]
        item.account_id = payment.outstanding_account_id
        (item | waiting).reconcile()
        return item

    def test_what_a_file_presents_again_pays_nothing_yet(self):
        names = ("end_to_end_id", "collection_batch_id", "collection_message_id")
        for name in names:
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                self.present(name)
                self.assertEqual(self.in_force(), self.unpaid)
                self.night()
                self.assertEqual(self.in_force(), self.unpaid)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_a_payment_that_no_file_has_pays_at_once(self):
        self.present("memo")
        self.assertFalse(self.in_force())

    def test_its_bank_line_pays_at_once(self):
        payment = self.present()
        item = self.meet_bank(payment)
        self.assertFalse(self.in_force())
        item.remove_move_reconcile()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_without_bank_lines_it_has_paid_when_no_bank_refuses_it_any_more(self):
        self.present()
        today = self.env.company._get_credit_today()
        for days, level in ((7, self.unpaid), (8, self.unpaid.browse())):
            with freeze_time(fields.Date.add(today, days=days)):
                self.night()
                self.assertEqual(self.in_force(), level)

    def test_the_days_start_when_it_is_collected(self):
        payment = self.present()
        self.payment_item(payment).date_maturity = self.days_ago(-20)
        today = self.env.company._get_credit_today()
        for days, level in ((27, self.unpaid), (28, self.unpaid.browse())):
            with freeze_time(fields.Date.add(today, days=days)):
                self.night()
                self.assertEqual(self.in_force(), level)

    def test_what_was_presented_long_ago_has_paid(self):
        for days, level in ((8, self.unpaid.browse()), (7, self.unpaid)):
            with self.subTest(days=days), self.env.cr.savepoint() as savepoint:
                self.due_items(self.reopened).date_maturity = self.days_ago(10)
                self.present(days=days)
                self.assertEqual(self.in_force(), level)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_the_customer_who_pays_instead_is_unblocked(self):
        payment = self.present()
        self.payment_item(payment).remove_move_reconcile()
        self.assertEqual(self.in_force(), self.unpaid)
        self.pay(self.reopened)
        self.assertFalse(self.in_force())

    def test_presented_on_account_it_lowers_nothing_either(self):
        payment = self.present()
        self.payment_item(payment).remove_move_reconcile()
        self.night()
        self.assertEqual(self.in_force(), self.unpaid)
        owed = self.env["credit.real.money"]._get_owed(self.customer, self.company)
        self.assertEqual(owed[self.customer.id], 100.0)
