from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .test_import import ImportCommon
from .test_parsers import camt, details, entry


class BooksCommon(ImportCommon):
    """What people book beside returns: entries, bank transactions, reversals."""

    def entry(self, account, amount=100.0, partner=None, **values):
        """Post a miscellaneous entry that debits the customer, and give that item."""
        partner = partner or self.customer
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-10-05",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.receivable.id,
                            "partner_id": partner.id,
                            "debit": amount,
                        }
                    ),
                    Command.create({"account_id": account.id, "credit": amount}),
                ],
                **values,
            }
        )
        entry.action_post()
        return entry.line_ids.filtered("debit")

    def transaction(self, amount, partner=None, date="2026-10-05"):
        """A bank transaction put on the customer's receivable; gives that item."""
        transaction = (
            self.env["account.bank.statement.line"]
            .sudo()
            .create(
                {
                    "journal_id": self.bank.id,
                    "amount": amount,
                    "date": date,
                    "payment_ref": "Insoluto",
                    "partner_id": (partner or self.customer).id,
                    "counterpart_account_id": self.receivable.id,
                }
            )
        )
        return transaction.move_id.line_ids.filtered(
            lambda item: item.account_id == self.receivable
        )

    def match_by_hand(self, payment, item, amount=None):
        """Take a payment off its invoice and match it with another item first."""
        collected = self.payment_item(payment)
        debts = collected.matched_debit_ids.debit_move_id
        collected.remove_move_reconcile()
        (collected | item).reconcile()
        if amount:
            (collected | debts).reconcile()

    def reverse(self, payment):
        """Reverse the payment's entry by the wizard of accounting."""
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=payment.move_id.ids)
            .create({"journal_id": payment.move_id.journal_id.id})
        )
        wizard.reverse_moves()
        reversal = payment.move_id.reversal_move_ids
        if reversal.state == "draft":
            reversal.action_post()
        return reversal

    def owed(self, partner=None):
        """What the customer owes on balance."""
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", (partner or self.customer).id),
                ("account_id", "=", self.receivable.id),
                ("parent_state", "=", "posted"),
            ]
        )
        return sum(items.mapped("amount_residual"))

    def assertKnown(self, line, name, states=("ambiguous", "duplicate")):
        self.assertIn(line.match_state, states)
        self.assertFalse(line.move_line_id or line.payment_id)
        self.assertIn(name, line.match_note)


@tagged("post_install", "-at_install")
class TestLedgerKnown(BooksCommon):
    """A bounce that the books know already is not booked again."""

    def setUp(self):
        super().setUp()
        self.payment = self.collect(end_to_end_id="FT-1")
        self.invoice_paid = self.payment.invoice_ids

    def tell(self, amount=100, **values):
        return self.match(end_to_end_id="FT-1", amount=amount, **values)

    def test_a_reversed_payment_has_come_back(self):
        reversal = self.reverse(self.payment)
        self.assertEqual(self.owed(), 100)
        line = self.tell()
        self.assertKnown(line, reversal.name)
        self.assertEqual(line.candidate_line_ids, self.payment_item(self.payment))

    def test_a_reversal_that_nobody_matched_counts_as_well(self):
        reversal = self.payment.move_id._reverse_moves(
            [{"date": "2026-10-05"}], cancel=False
        )
        reversal.action_post()
        self.assertKnown(self.tell(), reversal.name, ("duplicate",))

    def test_a_reversal_that_was_reversed_itself_took_nothing_back(self):
        reversal = self.payment.move_id._reverse_moves([{}], cancel=False)
        reversal.action_post()
        reversal._reverse_moves([{}], cancel=True)
        self.assertMatched(self.tell(), self.payment)

    def test_a_payment_matched_with_a_minus_line_has_come_back(self):
        minus = self.transaction(-100)
        self.match_by_hand(self.payment, minus)
        line = self.tell()
        self.assertKnown(line, minus.move_name, ("duplicate",))
        self.assertEqual(self.owed(), 100)

    def test_long_after_the_minus_line_a_person_decides(self):
        minus = self.transaction(-100, date="2026-09-10")
        self.match_by_hand(self.payment, minus)
        self.assertKnown(self.tell(), minus.move_name, ("ambiguous",))

    def test_a_bounce_booked_by_a_miscellaneous_entry_has_come_back(self):
        outstanding = self.payment.outstanding_account_id
        for account in (outstanding, self.bank.default_account_id):
            with self.subTest(account=account.name):
                payment = self.collect(end_to_end_id=f"FT-{account.id}")
                item = self.entry(account)
                self.match_by_hand(payment, item)
                line = self.match(end_to_end_id=f"FT-{account.id}", amount=100)
                self.assertKnown(line, item.move_name)

    def test_an_entry_that_only_moves_balances_after_the_payment_is_no_debt(self):
        account = self.env["account.account"].create(
            {"name": "RiBa", "code": "242099", "account_type": "liability_current"}
        )
        item = self.entry(account)
        self.match_by_hand(self.payment, item)
        self.assertKnown(self.tell(), item.move_name)

    def test_an_opening_balance_is_a_debt(self):
        equity = self.env["account.account"].create(
            {"name": "Opening", "code": "299999", "account_type": "equity"}
        )
        transit = self.env["account.account"].create(
            {"name": "Transit", "code": "199999", "account_type": "asset_current"}
        )
        for account in (equity, transit):
            with self.subTest(account=account.name):
                item = self.entry(account, date="2026-01-01")
                payment = self.pay(item)
                payment.end_to_end_id = f"OB-{account.id}"
                line = self.match(end_to_end_id=f"OB-{account.id}", amount=100)
                self.assertMatched(line, payment)
                line.return_id.action_confirm()
                self.assertEqual(item.amount_residual, 100)

    def test_a_charge_of_later_is_a_debt(self):
        income = self.company_data["default_account_revenue"]
        self.match_by_hand(self.payment, self.entry(income))
        self.assertMatched(self.tell(), self.payment)

    def test_a_payment_that_was_refunded_can_still_come_back(self):
        self.payment.move_id.line_ids.remove_move_reconcile()
        refund = self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 100,
                "journal_id": self.bank.id,
            }
        )
        refund.action_post()
        (self.payment_item(self.payment) | self.payment_item(refund)).reconcile()
        line = self.tell()
        self.assertMatched(line, self.payment)
        line.return_id.action_confirm()
        self.assertEqual(self.owed(), 200)
        self.assertEqual(self.payment_item(refund).amount_residual, 100)

    def test_a_part_booked_by_hand_is_not_the_other_part(self):
        minus = self.transaction(-40)
        self.match_by_hand(self.payment, minus, 60)
        self.assertEqual(self.invoice_paid.amount_residual, 40)
        for amount in (40, 100, 0):
            line = self.tell(amount)
            self.assertKnown(line, minus.move_name, ("ambiguous",))
            line.return_id.unlink()
        line = self.tell(60)
        self.assertMatched(line, self.payment)
        line.return_id.action_confirm()
        self.assertEqual(self.owed(), 100)
        self.assertTrue(minus.reconciled, "the match made by hand holds")

    def test_a_person_may_say_that_it_is_the_other_part(self):
        minus = self.transaction(-40)
        self.match_by_hand(self.payment, minus, 60)
        line = self.tell(40)
        match = self.env["account.payment.return.match"]
        match._choose(line, self.payment_item(self.payment), self.payment)
        line.return_id.action_confirm()
        self.assertEqual(self.owed(), 80)
        self.assertTrue(minus.reconciled)

    def test_what_is_gone_does_not_come_back_though_a_person_chose_it(self):
        self.match_by_hand(self.payment, self.transaction(-100))
        returned = self.make_return(self.payment)
        with self.assertRaisesRegex(Exception, "may have come back already: BNK"):
            returned.action_confirm()

    def test_what_becomes_of_a_payment_is_nobodys_choice(self):
        for steps in (
            ("action_draft", "action_post"),
            ("action_draft", "action_cancel", "action_draft", "action_post"),
        ):
            with self.subTest(steps=steps):
                amount, reference = 70 + len(steps), f"FT {len(steps)}"
                payment = self.collect(amount, end_to_end_id=reference)
                line = self.match(end_to_end_id=reference, amount=amount)
                for step in steps:
                    getattr(payment, step)()
                    self.assertFalse(line.is_chosen)
                    self.assertNotIn("Chosen by", line.match_note)
                minus = self.transaction(-amount)
                with self.assertRaisesRegex(UserError, minus.move_name):
                    line.return_id.action_confirm()

    def test_what_a_person_chose_stays_his_choice_and_is_confirmed(self):
        self.transaction(-100)
        line = self.tell()
        self.assertFalse(line.is_chosen)
        line.payment_id = self.payment
        for step in ("action_draft", "action_cancel", "action_draft", "action_post"):
            getattr(self.payment, step)()
        self.assertTrue(line.is_chosen)
        (
            self.payment_item(self.payment) | self.due_items(self.invoice_paid)
        ).reconcile()
        line.return_id.action_confirm()
        self.assertEqual(self.owed(), 200)

    def test_a_minus_line_put_on_the_customer_may_be_the_return(self):
        minus = self.transaction(-100)
        self.assertKnown(self.tell(), minus.move_name, ("ambiguous",))
        self.assertMatched(self.tell(90), self.payment)

    def test_a_minus_line_put_on_the_payable_account_may_be_the_return(self):
        minus = self.transaction(-100)
        minus.account_id = self.company_data["default_account_payable"]
        self.assertKnown(self.tell(), minus.move_name, ("ambiguous",))

    def test_a_minus_line_that_pays_a_bill_of_the_customer_is_no_return(self):
        bill = self.invoice(move_type="in_invoice")
        minus = self.transaction(-100)
        minus.account_id = self.company_data["default_account_payable"]
        owed = bill.line_ids.filtered(lambda i: i.account_type == "liability_payable")
        (minus | owed).reconcile()
        self.assertMatched(self.tell(), self.payment)

    def test_a_minus_line_that_was_paid_again_may_be_the_return(self):
        minus = self.transaction(-100)
        self.pay(minus)
        self.assertTrue(minus.reconciled)
        self.assertKnown(self.tell(), minus.move_name, ("ambiguous",))

    def test_the_minus_line_of_a_sister_is_not_the_return(self):
        other = self.collect(end_to_end_id="FT-2")
        self.match_by_hand(other, self.transaction(-100))
        self.assertMatched(self.tell(), self.payment)

    def test_a_minus_line_that_refunds_a_credit_note_is_no_return(self):
        refund = self.invoice(move_type="out_refund")
        minus = self.transaction(-100)
        (minus | self.due_items(refund)).reconcile()
        self.assertMatched(self.tell(), self.payment)

    def test_the_minus_line_of_another_customer_is_not_the_return(self):
        self.transaction(-100, self.other_customer)
        self.assertMatched(self.tell(), self.payment)

    def test_a_bounce_put_on_the_debtor_of_a_third_party_may_be_the_return(self):
        collected = self.payment_item(self.payment)
        collected.remove_move_reconcile()
        debt = self.due_items(self.invoice(100, partner_id=self.other_customer.id))
        (collected | debt).reconcile()
        outstanding = self.payment.outstanding_account_id
        for put in (
            lambda: self.transaction(-100, self.other_customer),
            lambda: self.entry(outstanding, partner=self.other_customer),
        ):
            item = put()
            line = self.tell()
            self.assertKnown(line, item.move_name, ("ambiguous",))
            line.return_id.unlink()
            item.move_id.button_draft()
            item.move_id.unlink()
        self.assertMatched(self.tell(), self.payment)

    def tell_with(self, *others, fee=0.0, **values):
        """The first line, after matching, of a return with several lines."""
        first = {"end_to_end_id": "FT-1", "amount": 100, "fee_amount": fee}
        returned = self.told({**first, **values}, *others)
        returned.line_ids._match()
        return returned.line_ids[0]

    def test_a_bank_debit_that_holds_the_fee_may_be_the_return(self):
        minus = self.transaction(-103)
        for fee in (0.0, 2.0):
            line = self.tell_with(fee=fee)
            self.assertMatched(line, self.payment)
            line.return_id.unlink()
        self.assertKnown(self.tell_with(fee=3.0), minus.move_name, ("ambiguous",))

    def test_a_bank_debit_of_two_bounces_may_be_the_returns(self):
        other = self.collect(50, end_to_end_id="FT-2")
        second = {"end_to_end_id": "FT-2", "amount": 50}
        minus = self.transaction(-150)
        # Of another day, or of another return, they are two debits.
        line = self.tell_with({**second, "date": "2026-10-02"})
        self.assertMatched(line, self.payment)
        self.assertMatched(line.return_id.line_ids[1], other)
        line.return_id.unlink()
        self.assertMatched(self.tell(), self.payment)
        self.assertMatched(self.match(**second), other)
        self.env["account.payment.return"].search([]).unlink()
        for line in self.tell_with(second).return_id.line_ids:
            self.assertKnown(line, minus.move_name, ("ambiguous",))

    def test_a_bank_debit_of_the_bounces_of_one_customer_among_others(self):
        self.collect(50, end_to_end_id="FT-2")
        third = self.pay(self.invoice(70, partner_id=self.other_customer.id))
        third.end_to_end_id = "FT-3"
        minus = self.transaction(-153)
        line = self.tell_with(
            {"end_to_end_id": "FT-2", "amount": 50},
            {"end_to_end_id": "FT-3", "amount": 70},
            fee=3.0,
        )
        lines = line.return_id.line_ids
        for line in lines[:2]:
            self.assertKnown(line, minus.move_name, ("ambiguous",))
        self.assertMatched(lines[2], third)

    def test_a_debit_of_several_that_comes_between_match_and_confirmation(self):
        other = self.collect(50, end_to_end_id="FT-2")
        line = self.tell_with({"end_to_end_id": "FT-2", "amount": 50})
        self.assertMatched(line, self.payment)
        self.assertMatched(line.return_id.line_ids[1], other)
        minus = self.transaction(-150)
        with self.assertRaisesRegex(UserError, minus.move_name):
            line.return_id.action_confirm()

    def test_the_minus_line_of_another_company_is_not_the_return(self):
        other = self.setup_other_company(name="Sister Srl")
        self.env["account.bank.statement.line"].sudo().create(
            {
                "journal_id": other["default_journal_bank"].id,
                "amount": -100,
                "date": "2026-10-05",
                "payment_ref": "Insoluto",
                "partner_id": self.customer.id,
                "counterpart_account_id": other["default_account_receivable"].id,
            }
        )
        self.assertMatched(self.tell(), self.payment)

    def test_a_bounce_booked_by_hand_that_nobody_matched_may_be_the_return(self):
        item = self.entry(self.payment.outstanding_account_id)
        self.assertKnown(self.tell(), item.move_name, ("ambiguous",))

    def test_what_is_charged_to_the_customer_is_no_return(self):
        self.entry(self.company_data["default_account_revenue"])
        self.assertMatched(self.tell(), self.payment)

    def test_what_another_addon_marks_as_its_return_is_known(self):
        item = self.entry(self.company_data["default_account_revenue"])
        self.match_by_hand(self.payment, item)
        self.assertMatched(self.tell(), self.payment)
        marked = patch.object(
            self.env.registry["account.payment.return.left"],
            "_get_marked_sql",
            lambda left: SQL("partial.debit_move_id = %s", item.id),
        )
        with marked:
            line = self.match(end_to_end_id="FT-1", amount=100, kind="refund")
            self.assertKnown(line, item.move_name)

    def test_the_same_mandate_does_not_lead_to_the_sister_of_what_is_known(self):
        self.payment.mandate_reference = "M1"
        self.collect(mandate_reference="M1")
        minus = self.transaction(-100)
        self.match_by_hand(self.payment, minus)
        line = self.match(mandate_reference="M1", amount=100)
        self.assertKnown(line, minus.move_name, ("ambiguous",))

    def test_a_minus_line_that_comes_between_match_and_confirmation(self):
        for put in ("matched", "on the customer"):
            with self.subTest(put=put):
                payment = self.collect(77, end_to_end_id=f"FT {put}")
                line = self.match(end_to_end_id=f"FT {put}", amount=77)
                self.assertMatched(line, payment)
                minus = self.transaction(-77)
                if put == "matched":
                    self.match_by_hand(payment, minus)
                with self.assertRaisesRegex(Exception, minus.move_name):
                    line.return_id.action_confirm()

    def test_the_others_are_booked_and_the_known_one_waits(self):
        other = self.collect(50, end_to_end_id="FT-2")
        returned = self.told(
            {"end_to_end_id": "FT-1", "amount": 100},
            {"end_to_end_id": "FT-2", "amount": 50},
        )
        returned.line_ids._match()
        self.assertEqual(set(returned.line_ids.mapped("match_state")), {"matched"})
        minus = self.transaction(-100)
        self.match_by_hand(self.payment, minus)
        returned.action_confirm()
        self.assertEqual(returned.line_ids.payment_id, other)
        self.assertKnown(returned.rest_ids.line_ids, minus.move_name)
        self.assertTrue(minus.reconciled)
        self.assertEqual(self.owed(), 150)
        returned.rest_ids.action_match()
        self.assertKnown(returned.rest_ids.line_ids, minus.move_name)

    def test_a_rejected_file_asks_about_what_is_known(self):
        other = self.collect(50, collection_message_id="MSG")
        self.payment.collection_message_id = "MSG"
        minus = self.transaction(-40)
        self.match_by_hand(self.payment, minus, 60)
        returned = self.told({"scope": "message", "original_message_id": "MSG"})
        returned.action_match()
        known = returned.line_ids.filtered(lambda ln: ln.match_state == "ambiguous")
        self.assertEqual(known.candidate_line_ids, self.payment_item(self.payment))
        self.assertIn(minus.move_name, known.match_note)
        matched = returned.line_ids.filtered(lambda ln: ln.match_state == "matched")
        self.assertEqual(matched.payment_id, other)

    def test_a_fee_charged_again_is_a_debt_of_the_payment_that_pays_it(self):
        self.customer.sudo().credit_return_fee_policy = "receivable"
        returned = self.make_return(self.payment, line_fee_amount=5.0)
        returned.action_confirm()
        fee = returned.move_ids.line_ids.filtered(
            lambda item: item.account_id == self.receivable and item.balance == 5
        )
        payment = self.pay(fee)
        payment.end_to_end_id = "FEE"
        self.assertMatched(self.match(end_to_end_id="FEE", amount=5), payment)

    def test_a_file_is_not_confirmed_by_itself_where_the_books_know(self):
        self.company.sudo().credit_return_auto_confirm = True
        other = self.collect(50, end_to_end_id="FT-2")
        minus = self.transaction(-100)
        self.match_by_hand(self.payment, minus)
        told = entry(
            details("FT-1", amount="100.00"),
            details("FT-2", amount="50.00"),
            amount="150.00",
        )
        returned = self.load(("camt.xml", camt(told).encode()))
        self.assertEqual((returned.state, self.owed()), ("draft", 100))
        known = returned.line_ids.filtered(lambda ln: ln.end_to_end_id == "FT-1")
        self.assertKnown(known, minus.move_name)
        returned.action_confirm()
        self.assertEqual(self.owed(), 150)
        self.assertEqual(returned.line_ids.payment_id, other)
        self.assertTrue(minus.reconciled, "the match made by hand holds")
