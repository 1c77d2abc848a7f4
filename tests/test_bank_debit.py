from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from .common import new_user
from .common_returns import PaymentReturnCommon
from .common_rpc import RpcMixin


class BankDebitCommon(RpcMixin, PaymentReturnCommon):
    """Debits on the statement of a bank that collects by direct debit."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user_books = new_user(
            cls.env, "acb_debits", "account.group_account_user", cls.company
        )
        cls.user_invoices = new_user(
            cls.env, "acb_debits_invoices", "account.group_account_invoice", cls.company
        )

    @classmethod
    def transaction(cls, amount, text="PMNT", **values):
        """A transaction of the bank that waits to be explained."""
        return (
            cls.env["account.bank.statement.line"]
            .sudo()
            .create(
                {
                    "journal_id": cls.bank.id,
                    "amount": amount,
                    "date": "2026-10-06",
                    "payment_ref": text,
                    **values,
                }
            )
            .sudo(False)
        )

    @classmethod
    def returned_debit(cls, amount, text="Return", **values):
        """A debit that the bank calls a direct debit that came back."""
        return cls.transaction(
            -amount, text, transaction_type="PMNT-IDDT-UPDD", **values
        )

    @classmethod
    def collect(cls, amount=122.0, **values):
        """An invoice, and the payment that collected it."""
        invoice = cls.invoice(amount)
        payment = cls.pay(invoice, payment_date="2026-10-01")
        payment.sudo().write(values)
        return invoice, payment

    @classmethod
    def come_back(cls, payments, **values):
        """A confirmed return that a bank's notification told."""
        returned = cls.make_return(payments, **values)
        returned.sudo().file_format = "camt.054"
        for line in returned.sudo().line_ids:
            line.unique_key = f"told:{line.id}"
        returned.action_confirm()
        return returned

    @classmethod
    def come_back_with_fees(cls, *amounts, fees=3.5):
        """The same of collections that are named E2E-FEE-100 by their amount.

        :param fees: of each, or of all of them
        """
        account = cls.company_data["default_account_expense"]
        cls.company.sudo().credit_return_fee_account_id = account
        payments = cls.env["account.payment"]
        for amount in amounts:
            name = f"E2E-FEE-{amount:.0f}"
            payments |= cls.collect(amount, end_to_end_id=name)[1]
        returned = cls.make_return(payments)
        each = fees if isinstance(fees, tuple) else (fees,) * len(amounts)
        for line, fee in zip(returned.line_ids, each, strict=True):
            line.fee_amount = fee
        returned.sudo().file_format = "camt.054"
        for line in returned.sudo().line_ids:
            line.unique_key = f"told:{line.id}"
        returned.action_confirm()
        return returned

    def assert_all_met(self, returned, debits, fees):
        """Nothing of a return waits any more, and its fees are booked once."""
        self.assertEqual(set(debits.mapped("is_reconciled")), {True})
        entries = returned.move_ids | debits.move_id
        credits = returned.move_ids.line_ids.filtered(lambda item: item.balance < 0)
        self.assertEqual(set(credits.mapped("reconciled")), {True})
        self.assertBalanced(entries)
        account = self.company.credit_return_fee_account_id
        costs = entries.line_ids.filtered(lambda item: item.account_id == account)
        self.assertAlmostEqual(sum(costs.mapped("balance")), fees)

    @classmethod
    def to_check(cls):
        """The debits of the list."""
        return cls.env["account.bank.statement.line"].search(
            [("is_debit_to_check", "=", True), ("journal_id", "=", cls.bank.id)]
        )

    def as_books(self, records):
        """The same records, for who keeps the books."""
        return records.with_user(self.user_books).with_company(self.company)


@tagged("post_install", "-at_install")
class TestBankDebit(BankDebitCommon):
    """Debits of the bank that are returns, and those that meet one in the books."""

    # === WHICH THEY ARE === #

    def test_a_rule_knows_a_debit_by_its_code_or_its_words(self):
        by_code = self.returned_debit(10.0)
        by_words = self.transaction(-10.0, "SDD INSOLUTO del 01/10")
        other = self.transaction(-10.0, "Affitto ottobre")
        incoming = self.transaction(10.0, "Insoluto pagato")
        self.assertTrue(by_code.return_rule_id)
        self.assertTrue(by_words.return_rule_id)
        self.assertFalse(other.return_rule_id)
        self.assertFalse(incoming.return_rule_id)
        self.assertEqual(self.to_check(), by_code | by_words)

    def test_a_code_means_a_return_in_the_country_of_the_bank_only(self):
        self.assertTrue(
            self.transaction(-10.0, transaction_type="37/26").return_rule_id
        )
        self.assertFalse(self.transaction(-10.0, transaction_type="108").return_rule_id)
        self.assertFalse(self.transaction(-10.0, transaction_type="3").return_rule_id)
        for type_, is_found in (("37EI", True), ("370", False), ("3726", False)):
            found = self.transaction(-10.0, transaction_type=type_).return_rule_id
            self.assertEqual(bool(found), is_found, type_)

    def test_an_unpaid_riba_is_one_with_dots_too(self):
        rule = self.env.ref("account_credit_block.debit_rule_riba")
        for text in ("INSOLUTO RI.BA. N. 1", "INSOLUTI RI.BA. 10/26", "RIBA INSOLUTA"):
            self.assertEqual(self.transaction(-10.0, text).return_rule_id, rule, text)
        sdd = self.env.ref("account_credit_block.debit_rule_italy")
        self.assertEqual(self.transaction(-10.0, "SDD INSOLUTO").return_rule_id, sdd)

    def test_a_new_rule_finds_what_waits_already(self):
        debit = self.transaction(-10.0, "Ritorno incasso")
        self.assertNotIn(debit, self.to_check())
        rule = (
            self.env["account.payment.return.debit.rule"]
            .sudo()
            .create({"name": "Ours", "words": "ritorno incasso"})
        )
        self.assertEqual(debit.return_rule_id.id, rule.id)
        self.assertIn(debit, self.to_check())
        rule.unlink()
        self.assertNotIn(debit, self.to_check())

    def test_a_rule_needs_something_to_look_for(self):
        rules = self.env["account.payment.return.debit.rule"].sudo()
        with self.assertRaisesRegex(UserError, "neither a code nor a word"):
            rules.create({"name": "Nothing", "words": " , "})
        with self.assertRaisesRegex(UserError, "neither a code nor a word"):
            rules.create({"name": "Nothing"})
        with self.assertRaisesRegex(UserError, "stands in any text"):
            rules.create({"name": "Everything", "words": "a"})

    def test_what_is_no_return_leaves_the_list_and_comes_back_to_it(self):
        debit = self.returned_debit(10.0)
        self.rpc(self.user_books, debit._name, "action_is_no_return", debit.ids)
        self.assertNotIn(debit, self.to_check())
        self.rpc(self.user_books, debit._name, "action_may_be_return", debit.ids)
        self.assertIn(debit, self.to_check())

    def test_what_waits_in_a_draft_is_set_aside_there_first(self):
        debit, other = self.returned_debit(77.0), self.returned_debit(78.0)
        action = self.as_books(debit).action_came_back()
        draft = self.env["account.payment.return"].browse(action["res_id"])
        for debits in (debit, debit | other):
            with self.assertRaisesRegex(UserError, f"draft return .{draft.name}"):
                self.rpc(
                    self.user_books, debit._name, "action_is_no_return", debits.ids
                )
        self.assertFalse(debit.is_no_return or other.is_no_return)
        draft.line_ids.action_skip()
        self.as_books(debit | other).action_is_no_return()
        self.assertTrue(debit.is_no_return and other.is_no_return)

    def test_what_came_back_after_all_is_a_return_again(self):
        debit = self.as_books(self.returned_debit(77.0))
        debit.action_is_no_return()
        self.rpc(self.user_books, debit._name, "action_came_back", debit.ids)
        self.assertEqual(debit.return_proposal_kind, "asked")
        self.assertFalse(debit.is_no_return)

    # === A RETURN OF THEIR OWN === #

    def test_a_debit_that_names_the_invoice_becomes_the_return_in_one_click(self):
        invoice, payment = self.collect()
        debit = self.returned_debit(122.0, f"Return {invoice.name} AM04")
        proposed = self.as_books(debit)
        self.assertEqual(proposed.return_proposal_kind, "matched")
        self.assertIn(payment.name, proposed.return_proposal)
        self.rpc(self.user_books, debit._name, "action_came_back", debit.ids)
        self.assertTrue(debit.is_reconciled)
        returned = debit.move_id.payment_return_id
        self.assertRecordValues(
            returned.line_ids,
            [
                {
                    "payment_id": payment.id,
                    "reason_id": self.reason_funds.id,
                    "state": "confirmed",
                }
            ],
        )
        self.assertEqual(str(returned.line_ids.return_date), "2026-10-06")
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertNotIn(debit, self.to_check())

    def test_many_debits_of_one_day_become_one_return(self):
        debits = self.transaction(-1.0).browse()
        invoices = self.env["account.move"]
        for amount in (10.0, 20.0, 30.0):
            invoice, _payment = self.collect(amount)
            invoices |= invoice
            debits |= self.returned_debit(amount, f"Return {invoice.name}")
        self.as_books(debits).action_came_back()
        self.assertEqual(debits.mapped("is_reconciled"), [True] * 3)
        self.assertEqual(len(debits.move_id.payment_return_id), 1)
        self.assertEqual(invoices.mapped("payment_state"), ["not_paid"] * 3)

    def test_what_nobody_knows_waits_in_a_draft_and_the_rest_is_booked(self):
        invoice, _payment = self.collect()
        known = self.returned_debit(122.0, f"Return {invoice.name}")
        unknown = self.returned_debit(77.0, "Return of something")
        told = self.as_books(known | unknown).action_came_back()
        self.assertIn("1 booked", told["params"]["message"])
        action = told["params"]["next"]
        self.assertEqual(action["res_model"], "account.payment.return")
        draft = self.env["account.payment.return"].browse(action["res_id"])
        self.assertRecordValues(
            draft.line_ids, [{"statement_line_id": unknown.id, "amount": 77.0}]
        )
        self.assertTrue(known.is_reconciled)
        self.assertFalse(unknown.is_reconciled)
        again = self.as_books(unknown)
        self.assertEqual(again.return_proposal_kind, "asked")
        self.assertEqual(again.action_came_back()["res_id"], draft.id)

    def test_a_debit_that_may_be_several_opens_its_draft_with_the_candidates(self):
        for _each in range(2):
            self.collect(50.0)
        debit = self.returned_debit(50.0, partner_id=self.customer.id)
        action = self.as_books(debit).action_came_back()
        draft = self.env["account.payment.return"].browse(action["res_id"])
        self.assertEqual(
            len(
                draft.line_ids.candidate_payment_ids
                | draft.line_ids.candidate_line_ids.payment_id
            ),
            2,
        )
        self.assertEqual(draft.state, "draft")

    def choose_first(self, **values):
        """Put a debit that names nothing on the first of two equal payments.

        :return: (the return of it, the payments)
        """
        payments = self.env["account.payment"]
        for name in ("E2E-FIRST-1", "E2E-SECOND-2"):
            payments |= self.collect(50.0, end_to_end_id=name)[1]
        debit = self.returned_debit(50.0, partner_id=self.customer.id)
        action = self.as_books(debit).action_came_back()
        draft = self.env["account.payment.return"].browse(action["res_id"])
        self.as_books(draft).line_ids.payment_id = payments[0]
        self.as_books(draft).action_confirm()
        return draft, payments

    def read_notice(self, *names, day="2026-10-06"):
        """The draft of a bank's notification that names what came back."""
        lines = [{"end_to_end_id": name, "amount": 50.0} for name in names]
        notice = self.env["account.payment.return"].sudo()
        notice = notice.create(
            {
                "journal_id": self.bank.id,
                "date": day,
                "file_format": "camt.054",
                "line_ids": [Command.create(line) for line in lines],
            }
        ).sudo(False)
        self.as_books(notice).action_match()
        return notice

    def test_what_names_another_payment_than_a_person_chose_is_asked(self):
        draft, payments = self.choose_first()
        notice = self.read_notice("E2E-SECOND-2")
        line = notice.line_ids
        self.assertEqual((line.match_state, line.payment_id.id), ("ambiguous", False))
        self.assertRegex(line.match_note, f"{payments[1].name} .*{draft.name}")
        self.assertEqual(line.candidate_line_ids.payment_id, payments[1])
        self.as_books(draft).action_cancel()
        self.as_books(notice).action_match()
        self.assertEqual((line.match_state, line.payment_id), ("matched", payments[1]))

    def test_it_is_asked_at_the_latest_when_it_is_confirmed(self):
        payments = self.env["account.payment"]
        for name in ("E2E-FIRST-1", "E2E-SECOND-2"):
            payments |= self.collect(50.0, end_to_end_id=name)[1]
        notice = self.read_notice("E2E-SECOND-2")
        self.assertEqual(notice.line_ids.match_state, "matched")
        debit = self.returned_debit(50.0)
        other = self.make_return(payments[0], statement_line_id=debit.id)
        self.as_books(other).action_confirm()
        with self.assertRaisesRegex(UserError, other.name):
            self.as_books(notice).action_confirm()

    def test_both_came_back_where_the_bank_names_both_or_a_person_says_so(self):
        _draft, payments = self.choose_first()
        notice = self.read_notice("E2E-SECOND-2", "E2E-FIRST-1")
        self.assertEqual(
            notice.line_ids.sorted("id").mapped("match_state"), ["matched", "duplicate"]
        )
        self.as_books(notice).action_cancel()
        notice = self.read_notice("E2E-SECOND-2")
        line = self.as_books(notice).line_ids
        line.action_take_candidate("account.move.line", line.candidate_line_ids.id)
        self.as_books(notice).action_confirm()
        self.assertEqual((notice.state, payments[1].state), ("confirmed", "rejected"))

    def test_what_is_of_other_days_is_another_return(self):
        _draft, payments = self.choose_first()
        line = self.read_notice("E2E-SECOND-2", day="2026-11-06").line_ids
        self.assertEqual((line.match_state, line.payment_id), ("matched", payments[1]))

    def test_cancelling_puts_the_debit_back_on_the_list(self):
        invoice, _payment = self.collect()
        debit = self.returned_debit(122.0, f"Return {invoice.name}")
        self.as_books(debit).action_came_back()
        debit.move_id.payment_return_id.action_cancel()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertIn(debit, self.to_check())
        self.as_books(debit).action_came_back()
        self.assertEqual(invoice.payment_state, "not_paid")

    # === ONE THAT IS IN THE BOOKS === #

    def test_a_return_from_a_file_meets_its_later_debit(self):
        invoice, payment = self.collect()
        returned = self.come_back(payment)
        debit = self.returned_debit(122.0)
        proposed = self.as_books(debit)
        self.assertEqual(proposed.return_proposal_kind, "meets")
        self.assertIn(returned.name, proposed.return_proposal)
        self.rpc(self.user_books, debit._name, "action_came_back", debit.ids)
        self.assertTrue(debit.is_reconciled)
        credit = returned.move_ids.line_ids.filtered(lambda item: item.balance < 0)
        self.assertTrue(credit.reconciled)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertFalse(debit.move_id.payment_return_id)
        self.assertEqual(payment.payment_return_count, 1)

    def test_a_debit_of_the_amount_is_listed_though_no_rule_knows_it(self):
        _invoice, payment = self.collect()
        self.come_back(payment)
        meets = self.transaction(-122.0, "Addebito")
        other = self.transaction(-121.0, "Addebito")
        late = self.transaction(-122.0, "Addebito", date="2026-12-01")
        self.assertEqual(self.to_check(), meets)
        kinds = self.as_books(meets | other | late).mapped("return_proposal_kind")
        self.assertEqual(kinds, ["meets", "unknown", "unknown"])

    def test_one_debit_is_the_sum_of_many_returns(self):
        payments = self.env["account.payment"]
        for amount in (10.0, 20.0, 30.0):
            payments |= self.collect(amount)[1]
        returned = self.come_back(payments)
        debit = self.returned_debit(60.0)
        self.assertEqual(self.as_books(debit).return_proposal_kind, "meets")
        self.as_books(debit).action_came_back()
        credits = returned.move_ids.line_ids.filtered(lambda item: item.balance < 0)
        self.assertEqual(set(credits.mapped("reconciled")), {True})
        self.assertTrue(debit.is_reconciled)

    def test_a_debit_carries_the_fee_of_the_bank(self):
        account = self.company_data["default_account_expense"]
        self.company.sudo().credit_return_fee_account_id = account
        _invoice, payment = self.collect()
        self.come_back(payment)
        unnamed = self.returned_debit(125.5)
        self.assertEqual(self.as_books(unnamed).return_proposal_kind, "unknown")
        debit = self.returned_debit(125.5, partner_id=self.customer.id)
        self.as_books(debit).action_came_back()
        fee = debit.move_id.line_ids.filtered(lambda i: i.account_id == account)
        self.assertEqual(fee.balance, 3.5)
        self.assertTrue(debit.is_reconciled)
        self.assertBalanced(debit.move_id)

    def test_debits_that_carry_the_fees_that_were_told_book_them_once(self):
        returned = self.come_back_with_fees(100.0, 150.0)
        debits = self.returned_debit(103.5) | self.returned_debit(153.5, "E2E-FEE-150")
        for text in self.as_books(debits).mapped("return_proposal"):
            self.assertRegex(text, r"3\.50.* for the bank")
        self.as_books(debits[0]).action_came_back()
        self.as_books(debits[1]).action_came_back()
        self.assert_all_met(returned, debits, fees=7.0)
        returned.action_cancel()
        self.assertEqual(set(debits.mapped("is_reconciled")), {False})

    def test_a_fee_of_one_return_only_is_in_its_own_debit(self):
        returned = self.come_back_with_fees(100.0, 150.0, fees=(3.5, 0.0))
        debits = self.returned_debit(103.5) | self.returned_debit(150.0)
        other = self.returned_debit(153.5)
        self.as_books(debits).action_came_back()
        self.assert_all_met(returned, debits, fees=3.5)
        self.assertEqual(self.as_books(other).return_proposal_kind, "unknown")

    def test_what_the_bank_takes_beyond_the_fee_that_was_told_is_new(self):
        returned = self.come_back_with_fees(100.0)
        unnamed = self.returned_debit(104.0)
        self.assertNotEqual(self.as_books(unnamed).return_proposal_kind, "meets")
        debit = self.returned_debit(104.0, "E2E-FEE-100")
        self.as_books(debit).action_came_back()
        self.assert_all_met(returned, debit, fees=4.0)

    def test_a_customer_who_bears_a_fee_that_was_told_owes_it_once(self):
        self.company.sudo().credit_return_fee_policy = "receivable"
        returned = self.come_back_with_fees(100.0, 150.0)
        debits = self.returned_debit(103.5) | self.returned_debit(153.5)
        self.as_books(debits).action_came_back()
        self.assertEqual(set(debits.mapped("is_reconciled")), {True})
        items = (returned.move_ids | debits.move_id).line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        )
        self.assertEqual(sum(items.mapped("balance")), 257.0)

    def test_the_total_and_the_fees_apart_meet_one_return(self):
        returned = self.come_back_with_fees(100.0, 150.0)
        debits = self.returned_debit(250.0) | self.returned_debit(7.0, "Insoluti: comm")
        kinds = self.as_books(debits).mapped("return_proposal_kind")
        self.assertEqual(kinds, ["meets"] * 2)
        self.as_books(debits).action_came_back()
        self.assert_all_met(returned, debits, fees=7.0)

    def test_fees_that_are_debited_one_by_one_meet_the_fees_of_a_return(self):
        returned = self.come_back_with_fees(100.0, 150.0)
        debits = self.returned_debit(250.0)
        for _each in range(2):
            debits |= self.returned_debit(3.5, "Insoluti: comm")
        other = self.returned_debit(3.5, "Insoluti: comm")
        self.as_books(debits).action_came_back()
        self.assert_all_met(returned, debits, fees=7.0)
        self.assertEqual(self.as_books(other).return_proposal_kind, "unknown")

    def explain_part(self, debit, credit):
        """Match part of a debit with an open credit, as by hand."""
        suspense = debit._seek_for_lines()[1]
        part = {
            "name": "part",
            "account_id": credit.account_id.id,
            "partner_id": credit.partner_id.id,
            "balance": -credit.balance,
        }
        rest = {
            "name": "rest",
            "account_id": suspense.account_id.id,
            "balance": suspense.balance + credit.balance,
        }
        debit.sudo().with_context(skip_readonly_check=True, force_delete=True).write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    Command.create(part),
                    Command.create(rest),
                ]
            }
        )
        found = debit.move_id.line_ids.filtered(
            lambda item: item.account_id == credit.account_id
        )
        (found | credit).reconcile()

    def test_of_a_debit_that_is_explained_in_part_the_rest_meets_a_return(self):
        returned = self.come_back(self.collect(100.0)[1] | self.collect(150.0)[1])
        debit = self.transaction(-250.0)
        credits = returned.move_ids.line_ids.filtered(lambda item: item.balance < 0)
        self.explain_part(debit, credits.filtered(lambda i: i.balance == -100.0))
        self.assertEqual(self.to_check(), debit)
        proposed = self.as_books(debit)
        self.assertEqual(proposed.return_proposal_kind, "meets")
        self.assertRegex(proposed.return_proposal, r"Rest of .*150\.00")
        proposed.action_came_back()
        self.assertTrue(debit.is_reconciled)
        self.assertEqual(set(credits.mapped("reconciled")), {True})

    def test_of_a_debit_that_is_explained_in_part_the_rest_becomes_a_return(self):
        other = self.come_back(self.collect(100.0)[1])
        credit = other.move_ids.line_ids.filtered(lambda item: item.balance < 0)
        invoice, _payment = self.collect(150.0)
        debit = self.returned_debit(250.0, f"Return {invoice.name}")
        self.explain_part(debit, credit)
        self.as_books(debit).action_came_back()
        self.assertTrue(debit.is_reconciled)
        returned = debit.move_id.payment_return_id
        self.assertEqual(returned.line_ids.amount, 150.0)
        self.assertEqual(invoice.payment_state, "not_paid")
        returned.action_cancel()
        self.assertFalse(debit.is_reconciled)
        self.assertEqual(invoice.payment_state, "paid")

    def test_far_more_than_the_return_is_no_fee(self):
        _invoice, payment = self.collect()
        self.come_back(payment)
        debit = self.returned_debit(200.0)
        self.assertNotEqual(self.as_books(debit).return_proposal_kind, "meets")

    def test_what_a_debit_names_goes_before_what_has_the_amount(self):
        returned = self.env["account.payment.return"]
        for name in ("E2E-AAAA1", "E2E-BBBB2"):
            payment = self.collect(end_to_end_id=name)[1]
            returned |= self.come_back(payment)
        debits = self.returned_debit(122.0, "E2E-BBBB2") | self.returned_debit(
            122.0, "E2E-AAAA1"
        )
        proposals = {d: self.as_books(d).return_proposal for d in debits}
        self.assertIn(returned[1].name, proposals[debits[0]])
        self.assertIn(returned[0].name, proposals[debits[1]])

    def test_a_debit_that_tells_another_receipt_does_not_meet_a_return(self):
        other = self.collect(80.0, end_to_end_id="2600000002")[1]
        self.come_back(other)
        returned = self.come_back(self.collect(end_to_end_id="2600000007")[1])
        kinds = [
            self.as_books(self.returned_debit(122.0, f"N. {text}")).return_proposal_kind
            for text in ("2600000002 MORETTI", "2600000099 ROSSI", "FATT. 3")
        ]
        self.assertNotIn("meets", kinds[:2])
        self.assertNotIn("matched", kinds[:2])
        self.assertEqual(kinds[2], "meets")
        debit = self.as_books(self.returned_debit(122.0, "N. 2600000007 GALLI"))
        self.assertIn(returned.name, debit.return_proposal)

    def test_fees_of_another_return_than_the_debit_tells_are_not_met(self):
        self.come_back_with_fees(100.0)
        self.collect(80.0, end_to_end_id="E2E-OTHER-80")
        other = self.returned_debit(3.5, "Comm. E2E-OTHER-80")
        mine = self.returned_debit(3.5, "Comm. E2E-FEE-100")
        kinds = [self.as_books(each).return_proposal_kind for each in (other, mine)]
        self.assertNotEqual(kinds[0], "meets")
        self.assertEqual(kinds[1], "meets")

    def test_what_no_bank_takes_for_a_return_is_no_fee(self):
        self.come_back(self.collect(768.6, end_to_end_id="E2E-BIG-1")[1])
        debits = self.returned_debit(793.7, "E2E-BIG-1")
        self.assertNotEqual(self.as_books(debits).return_proposal_kind, "meets")
        debits = self.returned_debit(793.6, "E2E-BIG-1")
        self.assertEqual(self.as_books(debits).return_proposal_kind, "meets")

    def test_beyond_a_fee_that_was_told_only_as_much_again_is_one(self):
        self.come_back_with_fees(100.0)
        debits = self.returned_debit(107.0, "E2E-FEE-100")
        self.assertEqual(self.as_books(debits).return_proposal_kind, "meets")
        debits = self.returned_debit(107.1, "E2E-FEE-100")
        self.assertNotEqual(self.as_books(debits).return_proposal_kind, "meets")

    def test_a_debit_of_one_customer_never_meets_the_return_of_another(self):
        _invoice, payment = self.collect()
        self.come_back(payment)
        values = {"partner_id": self.other_customer.id}
        debits = self.returned_debit(122.0, **values)
        debits |= self.returned_debit(125.0, **values)
        kinds = self.as_books(debits).mapped("return_proposal_kind")
        self.assertEqual(kinds, ["unknown"] * 2)
        mine = self.returned_debit(122.0, partner_id=self.customer.id)
        self.assertEqual(self.as_books(mine).return_proposal_kind, "meets")

    def test_a_payment_of_the_very_amount_goes_before_a_return_with_a_fee(self):
        self.come_back(self.collect(122.0)[1])
        self.collect(125.0)
        debit = self.returned_debit(125.0, partner_id=self.customer.id)
        self.assertNotEqual(self.as_books(debit).return_proposal_kind, "meets")

    def test_the_end_to_end_id_in_the_bank_s_text_finds_the_payment(self):
        _invoice, payment = self.collect(end_to_end_id="SDD261120-008")
        text = "STORNO SDD INSOLUTO AM04 SDD261120-008"
        debit = self.returned_debit(122.0, text)
        other = self.returned_debit(99.0, text)
        details = {"EndToEndId": "SDD261120-008"}
        told = self.returned_debit(122.0, "Return", transaction_details=details)
        # Each as if it were alone: two debits do not take one payment back.
        kinds = [
            self.as_books(self.env[each._name].browse(each.id)).return_proposal_kind
            for each in (debit, other, told)
        ]
        self.assertEqual(kinds, ["matched", "choose", "matched"])
        self.as_books(debit).action_came_back()
        self.assertEqual(debit.move_id.payment_return_id.line_ids.payment_id, payment)

    def test_a_reference_of_its_own_finds_the_payment_however_short(self):
        payments = self.env["account.payment"]
        for name, amount in (("41505", 61.0), ("2026", 62.0), ("77", 63.0)):
            payments |= self.collect(amount, end_to_end_id=name)[1]
        details = {"Refs": {"EndToEndId": "77"}}
        debits = self.returned_debit(61.0, "RETURN", ref="41505")
        debits |= self.returned_debit(62.0, "RETURN", ref="2026")
        debits |= self.returned_debit(63.0, "RETURN", transaction_details=details)
        in_text = self.returned_debit(64.0, "RETURN 2026", ref="NOTPROVIDED")
        kinds = self.as_books(debits | in_text).mapped("return_proposal_kind")
        self.assertEqual(kinds, ["matched"] * 3 + ["unknown"])
        self.as_books(debits).action_came_back()
        self.assertEqual(debits.move_id.payment_return_id.line_ids.payment_id, payments)

    def test_a_reference_of_its_own_names_the_return_that_it_meets(self):
        returns = self.env["account.payment.return"]
        for name in ("11", "22"):
            returns |= self.come_back(self.collect(end_to_end_id=name)[1])
        debits = self.returned_debit(122.0, ref="22") | self.returned_debit(
            122.0, ref="11"
        )
        proposals = self.as_books(debits).mapped("return_proposal")
        self.assertIn(returns[1].name, proposals[0])
        self.assertIn(returns[0].name, proposals[1])

    def test_a_reference_of_its_own_with_another_amount_is_to_choose(self):
        invoice, _payment = self.collect(end_to_end_id="E2E-FEE-OF-1")
        details = {"EndToEndId": "E2E-FEE-OF-1"}
        for told in (
            {"ref": "E2E-FEE-OF-1"},
            {"ref": invoice.name},
            {"transaction_details": details},
        ):
            fee = self.as_books(self.returned_debit(3.5, "Insoluto: comm", **told))
            self.assertEqual(fee.return_proposal_kind, "choose", told)
            debit = self.as_books(self.returned_debit(122.0, "Insoluto", **told))
            self.assertEqual(debit.return_proposal_kind, "matched", told)

    def test_two_debits_with_one_reference_are_two(self):
        debits = self.returned_debit(77.0, ref="BATCH-9")
        debits |= self.returned_debit(77.0, ref="BATCH-9")
        for debit in debits:
            self.as_books(debit).action_came_back()
        kinds = self.as_books(debits).mapped("return_proposal_kind")
        self.assertEqual(kinds, ["asked"] * 2)

    def test_our_own_company_is_not_the_customer_that_the_bank_names(self):
        _invoice, payment = self.collect(end_to_end_id="E2E-OURS-1")
        partner = self.company.partner_id
        account = self.env["res.partner.bank"].sudo()
        iban = "IT60X0542811101000000123456"
        account.create({"acc_number": iban, "partner_id": partner.id})
        ours = {
            "partner_id": partner.id,
            "partner_name": partner.name.upper(),
            "account_number": iban,
        }
        debit = self.as_books(self.returned_debit(122.0, "E2E-OURS-1", **ours))
        self.assertEqual(debit.return_proposal_kind, "matched")
        theirs = {"partner_id": self.other_customer.id}
        other = self.as_books(self.returned_debit(122.0, "E2E-OURS-1", **theirs))
        self.assertEqual(other.return_proposal_kind, "choose")
        self.come_back(payment)
        meets = self.as_books(self.returned_debit(122.0, "Return", **ours))
        self.assertEqual(meets.return_proposal_kind, "meets")

    def test_a_debit_in_a_draft_meets_the_return_that_came_since(self):
        _invoice, payment = self.collect(end_to_end_id="E2E-SINCE-1")
        debit = self.returned_debit(122.0)
        action = self.as_books(debit).action_came_back()
        draft = self.env["account.payment.return"].browse(action["res_id"])
        self.come_back(payment)
        self.assertEqual(self.as_books(debit).return_proposal_kind, "meets")
        self.as_books(debit).action_came_back()
        self.assertTrue(debit.is_reconciled)
        self.assertFalse(draft.exists())

    def test_a_debit_that_is_deleted_takes_its_draft_along(self):
        debit = self.returned_debit(77.0)
        action = self.as_books(debit).action_came_back()
        draft = self.env["account.payment.return"].browse(action["res_id"])
        by_hand = self.make_return(self.collect()[1])
        other = self.transaction(-122.0)
        by_hand.line_ids.statement_line_id = other
        (debit | other).sudo().unlink()
        self.assertFalse(draft.exists())
        self.assertEqual(len(by_hand.line_ids), 1)

    def test_two_debits_of_an_amount_never_meet_one_return(self):
        _invoice, payment = self.collect()
        self.come_back(payment)
        debits = self.returned_debit(122.0) | self.returned_debit(122.0)
        kinds = self.as_books(debits).mapped("return_proposal_kind")
        self.assertEqual(kinds.count("meets"), 1)

    def test_a_debit_of_another_payment_does_not_meet_a_return_of_its_amount(self):
        _invoice, payment = self.collect()
        self.come_back(payment)
        other, second = self.collect()
        debit = self.returned_debit(122.0, f"Return {other.name}")
        self.assertEqual(self.as_books(debit).return_proposal_kind, "matched")
        self.as_books(debit).action_came_back()
        self.assertEqual(debit.move_id.payment_return_id.line_ids.payment_id, second)

    def test_cancelling_frees_the_debit_that_met_the_return(self):
        invoice, payment = self.collect()
        returned = self.come_back(payment)
        debit = self.returned_debit(122.0)
        self.as_books(debit).action_came_back()
        returned.action_cancel()
        self.assertFalse(debit.is_reconciled)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertIn(debit, self.to_check())

    def test_cancelling_frees_a_debit_at_another_rate_too(self):
        dollar = self.setup_other_currency(
            "USD", rounding=0.01, rates=[("2020-01-01", 1.2), ("2026-10-04", 1.25)]
        )
        invoice = self.invoice(120.0, currency_id=dollar.id)
        payment = self.pay(invoice, currency_id=dollar.id, payment_date="2026-10-01")
        returned = self.come_back(payment)
        debit = self.returned_debit(
            96.0, foreign_currency_id=dollar.id, amount_currency=-120.0
        )
        self.assertEqual(self.as_books(debit).return_proposal_kind, "meets")
        self.as_books(debit).action_came_back()
        self.assertTrue(debit.is_reconciled)
        self.assertBalanced(debit.move_id)
        returned.action_cancel()
        self.assertFalse(debit.is_reconciled)

    def test_debits_at_another_rate_share_the_fees_of_a_return(self):
        account = self.company_data["default_account_expense"]
        self.company.sudo().credit_return_fee_account_id = account
        dollar = self.setup_other_currency(
            "USD", rounding=0.01, rates=[("2020-01-01", 1.2), ("2026-10-04", 1.25)]
        )
        payments = self.env["account.payment"]
        for amount in (120.0, 60.0):
            invoice = self.invoice(amount, currency_id=dollar.id)
            payments |= self.pay(
                invoice, currency_id=dollar.id, payment_date="2026-10-01"
            )
        returned = self.come_back(payments, line_fee_amount=6.0)
        debits = self.env["account.bank.statement.line"]
        for amount, dollars in ((101.0, 126.0), (53.0, 66.0)):
            debits |= self.returned_debit(
                amount, foreign_currency_id=dollar.id, amount_currency=-dollars
            )
        self.as_books(debits).action_came_back()
        self.assertEqual(debits.mapped("is_reconciled"), [True] * 2)
        credits = returned.move_ids.line_ids.filtered(lambda item: item.balance < 0)
        self.assertEqual(set(credits.mapped("reconciled")), {True})
        self.assertBalanced(debits.move_id)

    def test_a_debit_that_met_two_returns_says_why_it_stays(self):
        returns = self.env["account.payment.return"]
        for number in (1, 2):
            payment = self.collect(end_to_end_id=f"BATCH-{number}-TWO")[1]
            returns |= self.come_back(payment)
        debit = self.returned_debit(244.0, "BATCH-1-TWO BATCH-2-TWO")
        self.as_books(debit).action_came_back()
        self.assertTrue(debit.is_reconciled)
        returns[0].action_cancel()
        self.assertTrue(debit.is_reconciled)
        said = " ".join(returns[0].message_ids.mapped("body"))
        self.assertIn(f"has met {returns[1].name} too", said)
        self.assertIn(debit.move_id.name, said)
        returns[1].action_cancel()
        self.assertFalse(debit.is_reconciled)

    def test_who_meets_whom_is_noted_on_the_return(self):
        returned = self.come_back(self.collect()[1])
        debit = self.returned_debit(122.0)
        self.as_books(debit).action_came_back()
        said = " ".join(returned.message_ids.mapped("body"))
        self.assertIn(debit.move_id.name, said)
        action = self.as_books(debit).action_open_return()
        self.assertEqual(action["res_id"], returned.id)

    def test_undoing_the_debit_leaves_the_return_in_the_books(self):
        invoice, payment = self.collect()
        self.come_back(payment)
        debit = self.returned_debit(122.0)
        self.as_books(debit).action_came_back()
        self.as_books(debit).action_undo_reconciliation()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(self.as_books(debit).return_proposal_kind, "meets")

    # === ORDER OF EVENTS === #

    def pay_by_bank(self, invoice, amount, **values):
        """A credit of the bank that somebody has applied to an invoice."""
        credit = self.transaction(amount, f"SDD {invoice.name}", **values)
        _bank, suspense, _other = credit.sudo()._seek_for_lines()
        credit.sudo().with_context(skip_readonly_check=True, force_delete=True).write(
            {
                "line_ids": [
                    Command.delete(suspense.id),
                    Command.create(
                        {
                            "name": "paid",
                            "account_id": self.receivable.id,
                            "partner_id": self.customer.id,
                            "balance": -amount,
                        }
                    ),
                ]
            }
        )
        item = credit.move_id.line_ids.filtered(
            lambda i: i.account_id == self.receivable
        )
        (item | self.due_items(invoice)).reconcile()
        return credit

    def test_the_old_credit_that_pays_the_reopened_invoice_is_put_right(self):
        invoice, payment = self.collect()
        self.come_back(payment)
        credit = self.pay_by_bank(invoice, 122.0, date="2026-10-01")
        self.assertEqual(invoice.payment_state, "paid")
        debit = self.returned_debit(122.0)
        self.as_books(debit).action_came_back()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(invoice.amount_residual, 122.0)
        self.assertTrue(credit.is_reconciled)
        collected = payment.move_id.line_ids.filtered(lambda i: i.balance > 0)
        self.assertTrue(collected.reconciled)

    def test_a_credit_on_account_of_what_came_back_is_put_right_too(self):
        invoice, payment = self.collect(end_to_end_id="E2E-ACCOUNT-1")
        credit = self.pay_by_bank(self.invoice(122.0), 122.0, date="2026-10-01")
        credit.move_id.line_ids.remove_move_reconcile()
        debit = self.returned_debit(122.0, "E2E-ACCOUNT-1")
        self.as_books(debit).action_came_back()
        self.assertEqual(debit.move_id.payment_return_id.line_ids.payment_id, payment)
        self.assertEqual(invoice.payment_state, "not_paid")
        collected = payment.move_id.line_ids.filtered(lambda i: i.balance > 0)
        self.assertTrue(collected.reconciled)

    def test_new_money_that_pays_the_reopened_invoice_stays(self):
        invoice, payment = self.collect()
        self.come_back(payment)
        self.pay_by_bank(invoice, 122.0, date="2026-10-20")
        debit = self.returned_debit(122.0)
        self.as_books(debit).action_came_back()
        self.assertEqual(invoice.payment_state, "paid")

    def test_a_credit_that_comes_after_its_return_is_put_right_from_the_list(self):
        invoice, payment = self.collect()
        self.come_back(payment)
        self.as_books(self.returned_debit(122.0)).action_came_back()
        credit = self.pay_by_bank(invoice, 122.0, date="2026-10-01")
        self.assertEqual(invoice.payment_state, "paid")
        with freeze_time("2026-10-20"):
            self.assertEqual(self.to_check(), credit)
        proposed = self.as_books(credit)
        self.assertEqual(proposed.return_proposal_kind, "early")
        self.assertIn(invoice.name, proposed.return_proposal)
        self.rpc(self.user_books, credit._name, "action_put_right", credit.ids)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertTrue(credit.is_reconciled)
        self.assertEqual(self.as_books(credit).return_proposal_kind, "none")
        with self.assertRaisesRegex(UserError, "Nothing to put right"):
            self.rpc(self.user_books, credit._name, "action_put_right", credit.ids)

    def test_money_in_a_closed_period_is_not_put_right(self):
        invoice, payment = self.collect()
        self.come_back(payment)
        credit = self.pay_by_bank(invoice, 122.0, date="2026-10-01")
        self.company.sudo().fiscalyear_lock_date = "2026-10-01"
        with self.assertRaisesRegex(UserError, "Nothing to put right"):
            self.as_books(credit).action_put_right()
        self.company.sudo().fiscalyear_lock_date = False
        self.as_books(credit).action_put_right()

    def pay_two_by_bank(self, invoice, other, text):
        """A credit of the bank that somebody has applied to two invoices."""
        amounts = [each.amount_residual for each in (invoice, other)]
        credit = self.transaction(sum(amounts), text, date="2026-10-01")
        _bank, suspense, _other = credit.sudo()._seek_for_lines()
        items = [
            Command.create(
                {
                    "name": "paid",
                    "account_id": self.receivable.id,
                    "partner_id": each.partner_id.id,
                    "balance": -amount,
                }
            )
            for each, amount in zip((invoice, other), amounts, strict=True)
        ]
        credit.sudo().with_context(skip_readonly_check=True, force_delete=True).write(
            {"line_ids": [Command.delete(suspense.id), *items]}
        )
        for each in (invoice, other):
            item = credit.move_id.line_ids.filtered(
                lambda i, partner=each.partner_id: (
                    i.account_id == self.receivable and i.partner_id == partner
                )
            )
            (item | self.due_items(each)).reconcile()
        return credit

    def test_of_a_credit_of_several_that_names_it_only_what_came_back_is_put_right(
        self,
    ):
        invoice, payment = self.collect(collection_batch_id="BATCH-OF-TWO")
        self.come_back(payment)
        other = self.invoice(50.0, partner=self.other_customer)
        credit = self.pay_two_by_bank(invoice, other, "SDD BATCH-OF-TWO")
        with freeze_time("2026-10-20"):
            self.assertEqual(self.to_check(), credit)
        self.rpc(self.user_books, credit._name, "action_put_right", credit.ids)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(other.payment_state, "paid")
        self.assertTrue(credit.is_reconciled)
        self.assertBalanced(credit.move_id)
        with freeze_time("2026-10-20"):
            self.assertFalse(self.to_check())

    def test_part_of_a_credit_that_names_nothing_is_not_offered(self):
        invoice, payment = self.collect(collection_batch_id="BATCH-OF-TWO")
        self.come_back(payment)
        other = self.invoice(50.0, partner=self.other_customer)
        self.pay_two_by_bank(invoice, other, "Bonifico")
        with freeze_time("2026-10-20"):
            self.assertFalse(self.to_check())
        self.as_books(self.returned_debit(122.0)).action_came_back()
        self.assertEqual(invoice.payment_state, "paid")

    def test_what_cannot_be_put_right_is_not_offered(self):
        invoice, payment = self.collect()
        self.come_back(payment)
        credit = self.pay_by_bank(invoice, 122.0, date="2026-10-01")
        with freeze_time("2026-10-20"):
            self.company.sudo().fiscalyear_lock_date = "2026-10-01"
            self.assertFalse(self.to_check())
            self.company.sudo().fiscalyear_lock_date = False
            self.assertEqual(self.to_check(), credit)

    # === COLLECTIONS WITHOUT AN ENTRY === #

    def come_back_without_entry(self):
        """A return of what no entry books, told before the bank credited it.

        :return: (invoice, return)
        """
        invoice = self.invoice(122.0)
        payment = self.pay_without_entry(invoice)
        payment.sudo().end_to_end_id = "E2E-NO-ENTRY-1"
        returned = self.come_back(payment)
        self.assertFalse(returned.line_ids.move_line_id)
        self.assertFalse(returned.move_ids)
        self.assertEqual(payment.state, "rejected")
        return invoice, returned

    def assert_pays_nothing(self, invoice, credit, debit):
        """The bank's credit and its debit have met each other, and nothing else."""
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(invoice.amount_residual, 122.0)
        items = (credit | debit).move_id.line_ids
        waiting = items.filtered(lambda item: item.account_id.reconcile)
        self.assertEqual(waiting.mapped("reconciled"), [True] * 2)
        self.assertEqual(set(waiting.mapped("balance")), {122.0, -122.0})

    def test_a_credit_and_a_debit_of_what_no_entry_books_meet_each_other(self):
        invoice, returned = self.come_back_without_entry()
        credit = self.pay_by_bank(invoice, 122.0, date="2026-09-10")
        self.assertEqual(invoice.payment_state, "paid")
        debit = self.returned_debit(122.0, "E2E-NO-ENTRY-1")
        self.assertEqual(self.as_books(debit).return_proposal_kind, "meets")
        self.rpc(self.user_books, debit._name, "action_came_back", debit.ids)
        self.assert_pays_nothing(invoice, credit, debit)
        self.assertIn(debit.move_id.name, " ".join(returned.message_ids.mapped("body")))
        self.assertNotEqual(
            self.as_books(self.returned_debit(122.0)).return_proposal_kind, "meets"
        )

    def test_a_debit_of_what_no_entry_books_waits_for_the_credit(self):
        invoice, _returned = self.come_back_without_entry()
        debit = self.returned_debit(122.0)
        self.as_books(debit).action_came_back()
        self.assertTrue(debit.is_reconciled)
        credit = self.pay_by_bank(invoice, 122.0, date="2026-09-10")
        with freeze_time("2026-10-20"):
            self.assertEqual(self.to_check(), credit)
        self.rpc(self.user_books, credit._name, "action_put_right", credit.ids)
        self.assert_pays_nothing(invoice, credit, debit)

    def test_cancelling_a_return_without_an_entry_frees_what_the_bank_showed(self):
        invoice, returned = self.come_back_without_entry()
        credit = self.pay_by_bank(invoice, 122.0, date="2026-09-10")
        debit = self.returned_debit(122.0)
        self.as_books(debit).action_came_back()
        returned.action_cancel()
        self.assertEqual((credit | debit).mapped("is_reconciled"), [False] * 2)
        self.assertEqual(returned.line_ids.payment_id.state, "paid")

    def test_undoing_such_a_debit_lets_it_wait_again(self):
        self.come_back_without_entry()
        debit = self.returned_debit(122.0)
        self.as_books(debit).action_came_back()
        self.as_books(debit).action_undo_reconciliation()
        self.assertFalse(debit.is_reconciled)
        self.assertEqual(self.as_books(debit).return_proposal_kind, "meets")

    # === WHO === #

    def test_who_only_invoices_reads_the_list_and_books_nothing(self):
        debit = self.returned_debit(10.0)
        mine = debit.with_user(self.user_invoices)
        self.assertTrue(mine.return_proposal_kind)
        for name in (
            "action_came_back",
            "action_put_right",
            "action_is_no_return",
            "action_may_be_return",
        ):
            with self.assertRaises(AccessError):
                self.rpc(self.user_invoices, debit._name, name, debit.ids)
        self.rpc(self.user_books, debit._name, "action_is_no_return", debit.ids)

    def test_nobody_enters_what_a_rule_or_a_button_says(self):
        debit = self.as_books(self.transaction(-10.0, "Affitto"))
        rule = self.env["account.payment.return.debit.rule"].sudo().search([], limit=1)
        for values in ({"return_rule_id": rule.id}, {"is_no_return": True}):
            with self.assertRaises(AccessError):
                self.rpc(self.user_books, debit._name, "write", debit.ids, values)
        debit.write({"payment_ref": "Affitto ottobre"})
        self.assertFalse(debit.return_rule_id)

    def test_what_is_explained_is_not_set_aside(self):
        invoice, _payment = self.collect()
        debit = self.returned_debit(122.0, f"Return {invoice.name}")
        self.as_books(debit).action_came_back()
        with self.assertRaisesRegex(UserError, "waits to be explained"):
            self.as_books(debit).action_is_no_return()

    def test_what_does_not_wait_is_refused_with_what_to_do(self):
        incoming = self.transaction(10.0)
        with self.assertRaisesRegex(UserError, "waits to be explained"):
            self.as_books(incoming).action_came_back()

    def test_the_tile_counts_the_debits_to_check(self):
        self.returned_debit(10.0)
        data = self.as_books(self.bank)._get_journal_dashboard_data_batched()
        self.assertEqual(data[self.bank.id]["payment_returns"]["debits"], 1)
        mine = self.bank.with_user(self.user_invoices)
        data = mine._get_journal_dashboard_data_batched()
        self.assertNotIn("debits", data[self.bank.id]["payment_returns"])

    def test_each_debit_more_that_meets_its_return_takes_two_queries(self):
        self.meet_together(2)
        few = self.meet_together(3)
        self.assertLess(self.meet_together(12), few + 3 * 9)

    def meet_together(self, count):
        """Let so many debits meet their returns in one click.

        :return: how many queries that takes
        """
        amounts = [1000.0 * count + number for number in range(count)]
        payments, debits = self.env["account.payment"], self.to_check().browse()
        for amount in amounts:
            payments |= self.collect(amount, end_to_end_id=f"E2E-MANY-{amount:.0f}")[1]
        returned = self.come_back(payments)
        for amount in amounts:
            debits |= self.returned_debit(amount, f"Return E2E-MANY-{amount:.0f}")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.as_books(debits).action_came_back()
        self.env.flush_all()
        taken = self.env.cr.sql_log_count - before
        self.assert_all_met(returned, debits, 0)
        return taken

    def test_proposing_takes_as_many_queries_for_many_as_for_few(self):
        def propose(count):
            debits = self.transaction(-1.0).browse()
            for number in range(count):
                invoice, _payment = self.collect(100.0 + number)
                debits |= self.returned_debit(100.0 + number, f"R {invoice.name}")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.as_books(debits).mapped("return_proposal")
            return self.env.cr.sql_log_count - before

        propose(1)
        few = propose(2)
        self.assertLessEqual(propose(8), few + 2)


@tagged("post_install", "-at_install")
class TestBankDebitOfBranch(BankDebitCommon):
    """A bank that collects for a company and its branch."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()

    def test_the_total_of_a_company_and_its_branch_meets_their_return(self):
        account = self.company_data["default_account_expense"]
        self.company.sudo().credit_return_fee_account_id = account
        sales = self.company_data["default_journal_sale"]
        payments = self.env["account.payment"]
        for company, amount in ((self.branch, 100.0), (self.company, 60.0)):
            invoice = self.invoice(amount, company_id=company.id, journal_id=sales.id)
            payments |= self.pay(invoice, payment_date="2026-10-01")
        self.assertEqual(payments.company_id, self.company | self.branch)
        returned = self.come_back(payments, line_fee_amount=3.5)
        self.assertEqual(len(returned.move_ids), 2)
        debits = self.returned_debit(160.0) | self.returned_debit(7.0, "Insoluti: comm")
        debits.action_came_back()
        self.assertEqual(debits.mapped("is_reconciled"), [True] * 2)
        self.assert_all_met(returned, debits, fees=7.0)
