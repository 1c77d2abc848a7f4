"""What the law gives a creditor who is paid late, worked out by hand from the law.

D.Lgs. 231/2002: from the day after the term (art. 4 c. 1), reference rate of the
half-year plus eight points (art. 2, 5), 40 euro an invoice (art. 6 c. 2). Reference
rates of the Gazzetta Ufficiale: 4.00 (2nd half of 2023), 4.50 and 4.25 (2024), 2.15
(1st half of 2026).
"""

from datetime import date
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import freeze_time, tagged

from ..models.returns import late_interest
from .common import CreditBlockFixture, new_user
from .common_returns import PaymentReturnCommon
from .common_tables import TablesCase
from .test_import import OUTCOMES, ImportCommon


class TestLateTables(TablesCase):
    def test_days_and_rates_are_as_their_examples_say(self):
        self.check_tables(late_interest, 2)


class LateCommon(PaymentReturnCommon):
    """A company that charges its customers for paying late."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().credit_late_charges = True
        cls.customer.is_company = True

    @classmethod
    def owe(cls, amount=1000.0, due="2026-03-31", **values):
        """An invoice that is due on a day, and was written on it."""
        dates = {"invoice_date": due, "invoice_date_due": due}
        return cls.invoice(amount, **dates, **values)

    @classmethod
    def bounce(cls, invoice, today, paid="2026-03-31", **values):
        """A return of what is open of an invoice, confirmed on a day."""
        payment = cls.pay(invoice, payment_date=paid, **values.pop("payment", {}))
        with freeze_time(today):
            returned = cls.make_return(payment, date=today, **values)
            returned.action_confirm()
        return returned

    @classmethod
    def terms_of(cls, *days):
        """Terms of equal parts, due so many days after the invoice."""
        share = round(100.0 / len(days), 2)
        shares = [*(share for __ in days[1:]), 100.0 - share * (len(days) - 1)]
        return cls.env["account.payment.term"].create(
            {
                "name": f"Parts after {days} days",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": part, "nb_days": number}
                    )
                    for number, part in zip(days, shares, strict=True)
                ],
            }
        )

    def charge(self, returned, today):
        """What the button gives on a day."""
        with freeze_time(today):
            return returned.action_charge_late()

    def get_lines(self, returned, kind):
        return returned.fee_invoice_ids.invoice_line_ids.filtered(
            lambda line: line.late_charge == kind
        )

    def assertCharged(self, returned, interest, flat=(40.0,)):
        """What the drafts of a return ask for, line by line."""
        for kind, amounts in (("interest", interest), ("flat", flat)):
            lines = self.get_lines(returned, kind)
            self.assertEqual(lines.mapped("price_unit"), list(amounts), kind)


@tagged("post_install", "-at_install")
class TestLateCharges(LateCommon):
    # === THE LAW === #

    def test_interest_and_40_euro_are_proposed_on_a_draft(self):
        invoice = self.owe()
        returned = self.bounce(invoice, "2026-04-10")
        # 1 to 10 April: 10 days at 2.15 + 8 = 10.15 %.
        # 1,000.00 x 10.15 % x 10 / 365 = 2.7808
        self.assertCharged(returned, [2.78])
        draft = returned.fee_invoice_ids
        self.assertRecordValues(
            draft,
            [
                {
                    "state": "draft",
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "currency_id": self.company.currency_id.id,
                    "amount_total": 42.78,
                }
            ],
        )
        text = self.get_lines(returned, "interest").name
        for part in (invoice.name, "03/31/2026", "04/01/2026 – 04/10/2026: 10 days"):
            self.assertIn(part, text)
        self.assertIn("10.15 %", text)
        self.assertIn(invoice.name, self.get_lines(returned, "flat").name)

    def test_half_years_have_their_own_rate_and_a_leap_year_365_days(self):
        invoice = self.owe(10000, due="2023-12-15")
        returned = self.bounce(invoice, "2024-07-10", paid="2023-12-15")
        # 16 to 31 December 2023, 16 days: 10,000 x 12.00 % x  16/365 =  52.60
        # first half of 2024,    182 days: 10,000 x 12.50 % x 182/365 = 623.29
        # 1 to 10 July 2024,      10 days: 10,000 x 12.25 % x  10/365 =  33.56
        self.assertCharged(returned, [709.45])
        text = self.get_lines(returned, "interest").name
        for days, rate in ((16, "12.00"), (182, "12.50"), (10, "12.25")):
            self.assertRegex(text, rf"\b{days} days on .*at {rate} %")

    def test_what_was_paid_meanwhile_bears_interest_until_its_day(self):
        invoice = self.owe(due="2026-01-31")
        self.pay(invoice, amount=400, payment_date="2026-02-10")
        returned = self.bounce(invoice, "2026-03-02", paid="2026-02-20")
        # 1 to 10 February, 10 days on 1,000: 1,000 x 10.15 % x 10/365 = 2.78
        # 11 February to 2 March, 20 days on 600: 600 x 10.15 % x 20/365 = 3.34
        self.assertCharged(returned, [6.12])

    def test_what_a_credit_note_takes_off_was_never_due(self):
        invoice = self.owe(due="2026-01-31")
        note = self.owe(400, due="2026-02-10", move_type="out_refund")
        (self.due_items(invoice) | self.due_items(note)).reconcile()
        self.assertEqual(invoice.amount_residual, 600)
        returned = self.bounce(invoice, "2026-03-02", paid="2026-02-20")
        # 1 February to 2 March, 30 days on 600: 600 x 10.15 % x 30/365 = 5.01
        self.assertCharged(returned, [5.01])

    def test_each_instalment_has_its_own_days_and_the_invoice_one_flat_sum(self):
        invoice = self.invoice(
            2000,
            invoice_date="2026-01-01",
            invoice_payment_term_id=self.terms_of(30, 60).id,
        )
        dues = [str(item.date_maturity) for item in self.due_items(invoice)]
        self.assertEqual(dues, ["2026-01-31", "2026-03-02"])
        returned = self.bounce(
            invoice, "2026-03-12", paid="2026-01-31", payment={"amount": 2000}
        )
        # 1,000 for 1 February to 12 March, 40 days: 1,000 x 10.15 % x 40/365 = 11.12
        # 1,000 for 3 to 12 March, 10 days: 2.78
        self.assertCharged(returned, [11.12, 2.78])

    def test_what_is_not_late_yet_is_not_charged(self):
        invoice = self.owe(due="2026-04-10")
        returned = self.bounce(invoice, "2026-04-10")
        self.assertFalse(returned.fee_invoice_ids)
        self.charge(returned, "2026-04-11")
        # One day: 1,000 x 10.15 % x 1/365 = 0.28
        self.assertCharged(returned, [0.28])

    def test_the_margin_is_the_contracts_where_the_company_says_so(self):
        self.company.sudo().credit_late_margin = 5.0
        returned = self.bounce(self.owe(), "2026-04-10")
        # 1,000 x 7.15 % x 10/365 = 1.96
        self.assertCharged(returned, [1.96])

    # === ONCE === #

    def test_a_second_return_asks_for_the_days_since_and_no_flat_sum(self):
        invoice = self.owe()
        first = self.bounce(invoice, "2026-04-10")
        second = self.bounce(invoice, "2026-05-10", paid="2026-04-30")
        self.assertCharged(first, [2.78])
        # 1 April to 10 May, 40 days: 1,000 x 10.15 % x 40/365 = 11.12, less 2.78
        self.assertCharged(second, [8.34], [])
        self.assertIn("2.78", self.get_lines(second, "interest").name)

    def test_the_button_adds_to_the_draft_what_came_since(self):
        returned = self.bounce(self.owe(), "2026-04-10")
        again = self.charge(returned, "2026-04-10")
        self.assertEqual(again["tag"], "display_notification")
        action = self.charge(returned, "2026-05-10")
        self.assertEqual(action["res_id"], returned.fee_invoice_ids.id)
        self.assertCharged(returned, [2.78, 8.34])

    def test_what_is_posted_is_not_added_to(self):
        returned = self.bounce(self.owe(), "2026-04-10")
        first = returned.fee_invoice_ids
        first.action_post()
        self.charge(returned, "2026-05-10")
        self.assertEqual(first.amount_total, 42.78)
        self.assertEqual((returned.fee_invoice_ids - first).amount_total, 8.34)

    def test_interest_ends_with_the_payment(self):
        invoice = self.owe()
        returned = self.bounce(invoice, "2026-04-10")
        self.pay(invoice, payment_date="2026-04-20")
        self.charge(returned, "2026-05-31")
        # 1 to 20 April: 1,000 x 10.15 % x 20/365 = 5.56, less 2.78
        self.assertCharged(returned, [2.78, 2.78])

    def test_what_a_person_deletes_is_not_asked_and_what_is_lowered_stays(self):
        returned = self.bounce(self.owe(), "2026-04-10")
        self.get_lines(returned, "flat").unlink()
        self.get_lines(returned, "interest").price_unit = 1.0
        self.assertEqual(returned.fee_invoice_ids.amount_total, 1.0)
        self.charge(returned, "2026-05-10")
        self.assertCharged(returned, [1.0, 8.34])

    def test_what_was_taken_back_is_asked_again(self):
        returned = self.bounce(self.owe(), "2026-04-10")
        asked = returned.fee_invoice_ids
        asked.action_post()
        asked._reverse_moves(cancel=True)
        self.assertEqual(asked.payment_state, "reversed")
        self.charge(returned, "2026-04-10")
        self.assertEqual((returned.fee_invoice_ids - asked).amount_total, 42.78)

    def test_what_is_corrected_by_a_new_invoice_is_not_asked_twice(self):
        returned = self.bounce(self.owe(), "2026-04-10")
        asked = returned.fee_invoice_ids
        asked.action_post()
        context = {"active_model": "account.move", "active_ids": asked.ids}
        wizards = self.env["account.move.reversal"].with_context(**context)
        wizards.create({"journal_id": asked.journal_id.id}).modify_moves()
        self.assertEqual(asked.payment_state, "reversed")
        corrected = returned.fee_invoice_ids - asked
        self.assertEqual((corrected.state, corrected.amount_total), ("draft", 42.78))
        self.charge(returned, "2026-04-10")
        self.assertEqual(returned.fee_invoice_ids, asked | corrected)
        self.assertEqual(corrected.amount_total, 42.78)
        # 11 to 20 April: 1,000 x 10.15 % x 10/365 = 2.78
        self.charge(returned, "2026-04-20")
        self.assertEqual(corrected.amount_total, 45.56)

    def test_instalments_that_come_back_one_by_one_are_asked_in_full(self):
        invoice = self.invoice(
            2000,
            invoice_date="2026-01-01",
            invoice_payment_term_id=self.terms_of(30, 60).id,
        )
        first = self.bounce(
            invoice, "2026-03-12", paid="2026-01-31", payment={"amount": 1000}
        )
        second = self.bounce(
            invoice, "2026-03-12", paid="2026-03-02", payment={"amount": 2000}
        )
        self.assertCharged(first, [11.12])
        # 1,000 for 3 to 12 March, 10 days: 2.78, whatever the other instalment bears
        self.assertCharged(second, [2.78], [])

    def test_after_other_terms_only_what_was_not_asked_yet_is_asked(self):
        invoice = self.invoice(
            2000,
            invoice_date="2026-01-01",
            invoice_payment_term_id=self.terms_of(30, 60).id,
        )
        first = self.bounce(
            invoice, "2026-03-12", paid="2026-01-31", payment={"amount": 2000}
        )
        self.assertCharged(first, [11.12, 2.78])
        for days, interest in (
            # 2,000 for 1 February to 12 March, 40 days: 2,000 x 10.15 % x 40/365 =
            # 22.25, less 11.12 + 2.78
            ((30,), [8.35]),
            # Three thirds, of which 666.67 are due on 31 January: 7.42
            ((30, 60, 90), []),
        ):
            invoice.button_draft()
            invoice.invoice_payment_term_id = self.terms_of(*days)
            invoice.action_post()
            again = self.bounce(
                invoice, "2026-03-12", paid="2026-03-05", payment={"amount": 2000}
            )
            self.assertEqual(again.line_ids.invoice_line_ids, self.due_items(invoice))
            self.assertCharged(again, interest, [])
        # Another invoice asks for its own.
        other = self.owe(2000, due="2026-01-31")
        own = self.bounce(other, "2026-03-12", paid="2026-01-31")
        self.assertCharged(own, [22.25])

    def test_a_cancelled_document_does_not_ask_beside_the_one_in_its_place(self):
        returned = self.bounce(self.owe(), "2026-04-10")
        first = returned.fee_invoice_ids
        first.button_cancel()
        self.charge(returned, "2026-04-10")
        second = returned.fee_invoice_ids - first
        self.assertEqual(second.amount_total, 42.78)
        first.button_draft()
        for document, other in ((first, second), (second, first)):
            with self.assertRaisesRegex(UserError, "Cancel or delete the one") as error:
                document.action_post()
            self.assertIn(other.display_name, str(error.exception))
            # Two drafts have no name yet: their return and amount tell them apart.
            self.assertIn(f"({returned.name}, 42.78\xa0€)", str(error.exception))
            self.assertEqual(document.state, "draft")
        second.button_cancel()
        first.action_post()
        self.assertEqual(first.state, "posted")

    def test_what_is_lowered_or_asks_for_the_days_since_is_posted(self):
        returned = self.bounce(self.owe(), "2026-04-10")
        first = returned.fee_invoice_ids
        first.action_post()
        self.charge(returned, "2026-05-10")
        second = returned.fee_invoice_ids - first
        second.action_post()
        self.assertEqual(second.state, "posted")
        third = second.copy()
        self.assertFalse(third.invoice_line_ids.late_invoice_id)
        third.invoice_date = "2026-05-10"
        third.action_post()
        self.assertEqual(third.state, "posted", "a copy is what a person enters")

    def test_one_of_two_that_ask_the_same_may_be_lowered(self):
        returned = self.bounce(self.owe(), "2026-04-10")
        first = returned.fee_invoice_ids
        first.button_cancel()
        self.charge(returned, "2026-04-20")
        second = returned.fee_invoice_ids - first
        first.button_draft()
        # 1 to 20 April: 5.56, of which 2.78 may be asked beside 2.78
        self.get_lines(returned, "flat").filtered(
            lambda line: line.move_id == second
        ).unlink()
        with self.assertRaisesRegex(UserError, "5.56"):
            second.action_post()
        second.invoice_line_ids.price_unit = 2.78
        second.action_post()
        first.action_post()
        self.assertEqual((first.state, second.state), ("posted", "posted"))

    def test_what_charges_an_invoice_that_is_no_more_is_not_posted(self):
        for undo in ("draft", "cancel", "credit"):
            with self.subTest(undo=undo):
                invoice = self.owe()
                charged = self.bounce(invoice, "2026-04-10").fee_invoice_ids
                if undo == "credit":
                    self.credit(invoice)
                else:
                    invoice.button_draft()
                if undo == "cancel":
                    invoice.button_cancel()
                with self.assertRaisesRegex(UserError, "credited or set to draft"):
                    charged.action_post()
                self.assertEqual(charged.state, "draft")
                charged.invoice_line_ids.price_unit = 0
                charged.invoice_line_ids = [
                    Command.create({"name": "Other", "price_unit": 1, "tax_ids": False})
                ]
                charged.action_post()
                self.assertEqual(charged.state, "posted", "it asks nothing late")

    def credit(self, invoice):
        """Credit an invoice in whole."""
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        values = {"journal_id": invoice.journal_id.id, "date": "2026-04-11"}
        wizard.create(values).refund_moves()
        invoice.reversal_move_ids.action_post()
        items = self.due_items(invoice | invoice.reversal_move_ids)
        items.filtered(lambda item: not item.reconciled).reconcile()
        self.assertEqual(invoice.payment_state, "reversed")

    def test_what_charges_an_invoice_set_to_draft_is_posted_when_that_is_back(self):
        invoice = self.owe()
        charged = self.bounce(invoice, "2026-04-10").fee_invoice_ids
        invoice.button_draft()
        with self.assertRaisesRegex(UserError, invoice.name):
            charged.action_post()
        invoice.action_post()
        charged.action_post()
        self.assertEqual(charged.state, "posted")

    def test_cancelling_deletes_the_draft(self):
        returned = self.bounce(self.owe(), "2026-04-10")
        self.assertTrue(returned.fee_invoice_ids)
        returned.action_cancel()
        self.assertFalse(returned.fee_invoice_ids)
        with self.assertRaisesRegex(UserError, "confirmed returns only"):
            self.charge(returned, "2026-04-11")

    def test_fee_interest_and_flat_sum_are_on_one_draft(self):
        company = self.company.sudo()
        company.credit_return_fee_policy = "invoice"
        company.credit_return_fee_product_id = self.env["product.product"].create(
            {"name": "Return fee", "type": "service", "taxes_id": False}
        )
        returned = self.bounce(self.owe(), "2026-04-10", line_fee_amount=5.0)
        self.assertCharged(returned, [2.78])
        self.assertEqual(returned.fee_invoice_ids.amount_total, 47.78)

    # === WHO === #

    def test_consumers_are_never_charged(self):
        person = self.other_customer
        returned = self.bounce(self.owe(partner=person), "2026-04-10")
        self.assertFalse(returned.fee_invoice_ids)
        for vat, is_consumer in (
            ("RSSMRA80A01H501U", True),
            ("/", True),
            ("IT12345670017", False),
        ):
            with self.subTest(vat=vat):
                self.env.cr.execute(
                    "UPDATE res_partner SET vat = %s WHERE id = %s", (vat, person.id)
                )
                person.invalidate_recordset(["vat"])
                self.assertEqual(person._is_credit_consumer(), is_consumer)
        self.charge(returned, "2026-04-10")
        self.assertCharged(returned, [2.78])

    def test_who_is_excepted_is_not_charged(self):
        self.customer.credit_late_opt_out = True
        returned = self.bounce(self.owe(), "2026-04-10")
        self.assertFalse(returned.fee_invoice_ids)
        self.customer.credit_late_opt_out = False
        self.charge(returned, "2026-04-10")
        self.assertCharged(returned, [2.78])

    def test_what_charges_late_payment_bears_no_interest(self):
        charged = self.bounce(self.owe(), "2026-04-10").fee_invoice_ids
        charged.write({"invoice_date": "2026-04-10", "invoice_date_due": "2026-04-10"})
        charged.action_post()
        again = self.bounce(charged, "2026-05-10", paid="2026-04-30")
        self.assertEqual(again.line_ids.invoice_ids, charged)
        self.assertFalse(again.fee_invoice_ids)

    def test_an_invoice_that_is_not_in_the_books_is_not_charged(self):
        invoice = self.owe()
        returned = self.bounce(invoice, "2026-04-10")
        returned.fee_invoice_ids.unlink()
        invoice.button_draft()
        self.charge(returned, "2026-04-10")
        self.assertFalse(returned.fee_invoice_ids)
        invoice.button_cancel()
        self.charge(returned, "2026-04-10")
        self.assertFalse(returned.fee_invoice_ids)
        invoice.button_draft()
        invoice.action_post()
        self.charge(returned, "2026-04-10")
        self.assertCharged(returned, [2.78])

    def test_what_is_not_the_customers_default_is_not_charged(self):
        returned = self.bounce(
            self.owe(), "2026-04-10", line_reason_id=self.reason_iban.id
        )
        self.assertFalse(returned.fee_invoice_ids)

    def test_less_interest_than_the_company_asks_waits(self):
        self.company.sudo().credit_late_minimum = 5.0
        returned = self.bounce(self.owe(), "2026-04-10")
        self.assertCharged(returned, [])
        self.charge(returned, "2026-04-30")
        # 1 to 30 April: 1,000 x 10.15 % x 30/365 = 8.34
        self.assertCharged(returned, [8.34])

    def test_nothing_is_proposed_where_the_company_does_not_ask(self):
        self.company.sudo().credit_late_charges = False
        returned = self.bounce(self.owe(), "2026-04-10")
        self.assertFalse(returned.fee_invoice_ids)
        self.assertFalse(returned.is_charging_late)
        self.charge(returned, "2026-04-10")
        self.assertFalse(returned.fee_invoice_ids)
        self.company.sudo().credit_late_charges = True
        returned.invalidate_recordset(["is_charging_late"])
        self.assertTrue(returned.is_charging_late)
        self.assertFalse(self.env["account.payment.return"].new().is_charging_late)

    # === WHERE === #

    def test_each_currency_has_its_draft_and_the_law_speaks_of_euro(self):
        usd = self.setup_other_currency("USD", rates=[("2026-01-01", 1.2)])
        usd.active = True
        invoice = self.owe(currency_id=usd.id)
        returned = self.bounce(invoice, "2026-04-10", payment={"currency_id": usd.id})
        self.assertCharged(returned, [2.78])
        found = {
            draft.currency_id.name: draft.amount_total
            for draft in returned.fee_invoice_ids
        }
        self.assertEqual(found, {"USD": 2.78, "EUR": 40.0})

    def test_it_is_income_outside_the_taxable_base(self):
        returned = self.bounce(self.owe(), "2026-04-10")
        draft = returned.fee_invoice_ids
        self.assertEqual(draft.amount_tax, 0.0)
        tax = draft.invoice_line_ids.tax_ids
        self.assertEqual((len(tax), tax.amount), (1, 0.0))
        # DPR 633/72, art. 15: nature N1.
        self.assertEqual(tax.l10n_it_exempt_reason, "N1")
        codes = {
            kind: self.get_lines(returned, kind).account_id.code
            for kind in ("interest", "flat")
        }
        # "Interessi attivi v/clienti" and "Proventi vari" of the Italian chart.
        self.assertEqual(codes, {"interest": "511000", "flat": "320200"})

    def test_accounts_and_tax_are_the_companys_choice(self):
        company = self.company.sudo()
        income = self.company_data["default_account_revenue"]
        company.credit_late_interest_account_id = income
        tax = (
            self.env["account.tax"]
            .sudo()
            .create(
                {
                    "name": "Outside",
                    "amount": 0.0,
                    "type_tax_use": "sale",
                    "l10n_it_exempt_reason": "N1",
                    "invoice_legal_notes": "Art. 15 DPR 633/72",
                }
            )
        )
        company.credit_late_tax_id = tax
        returned = self.bounce(self.owe(), "2026-04-10")
        self.assertEqual(self.get_lines(returned, "interest").account_id, income)
        self.assertEqual(returned.fee_invoice_ids.invoice_line_ids.tax_ids, tax)

    def test_without_an_account_it_is_said_which_to_choose(self):
        company = self.company.sudo()
        company.chart_template = False
        with self.assertRaisesRegex(UserError, "Choose the Late Interest Account"):
            self.bounce(self.owe(), "2026-04-10")
        income = self.company_data["default_account_revenue"]
        company.credit_late_interest_account_id = income
        returned = self.bounce(self.owe(), "2026-04-10")
        lines = returned.fee_invoice_ids.invoice_line_ids
        self.assertEqual(lines.account_id, income)
        self.assertFalse(lines.tax_ids, "another chart has no such tax")

    # === RATES === #

    def test_a_rate_that_nobody_knows_is_not_guessed(self):
        self.env["account.late.interest.rate"].sudo().search(
            [("date_from", ">", "2026-06-30")]
        ).unlink()
        returned = self.bounce(
            self.owe(due="2026-06-15"), "2026-07-10", paid="2026-06-15"
        )
        # 16 to 30 June, 15 days: 1,000 x 10.15 % x 15/365 = 4.17
        self.assertCharged(returned, [4.17])
        said = self.find_unknown(returned)
        self.assertIn("07/01/2026 – 12/31/2026", said.body)
        told = self.charge(returned, "2026-07-10")
        self.assertIn("07/01/2026", told["params"]["message"])
        self.assertIn("A credit manager who works in every", told["params"]["message"])
        # It is said once, however often a return is charged.
        self.assertEqual(len(said), 1)
        self.assertEqual(len(self.find_unknown(returned)), 1)
        self.env["account.late.interest.rate"].sudo().create(
            {"date_from": "2026-07-01", "reference_rate": 2.4}
        )
        self.charge(returned, "2026-07-10")
        # 1 to 10 July, 10 days: 1,000 x 10.40 % x 10/365 = 2.85
        self.assertCharged(returned, [4.17, 2.85])

    def test_it_is_said_once_whatever_the_language(self):
        """In Italian there are apostrophes, which no HTML keeps as they are."""
        late = type(self.env["account.payment.return.late"])
        returned = self.bounce(self.owe(), "2026-04-10")
        unknown = {returned: {date(2026, 12, 31)}}
        text = "L'interesse > l'anno & \"altro\""
        with patch.object(late, "_get_unknown_text", lambda *_args: text):
            for _time in range(2):
                self.env[late._name]._log_unknown(unknown)
        said = [m for m in returned.message_ids if "interesse" in m.body]
        self.assertEqual(len(said), 1)

    def find_unknown(self, returned):
        """The notes that say for which days there is no rate."""
        return returned.message_ids.filtered(
            lambda message: "No interest is proposed" in message.body
        )

    def test_a_rate_is_of_a_half_year_and_there_is_one(self):
        rates = self.env["account.late.interest.rate"].sudo()
        with self.assertRaisesRegex(ValidationError, "1 January or 1 July"):
            rates.create({"date_from": "2030-02-01", "reference_rate": 1.0})
        rate = rates.create({"date_from": "2030-01-01", "reference_rate": 1.0})
        self.assertEqual(str(rate.date_to), "2030-06-30")
        self.assertEqual(rate.total_rate, 9.0)
        new = rates.new()
        self.assertFalse(new.date_to)
        self.assertFalse(new.display_name)

    def test_a_rate_that_lost_its_point_is_refused(self):
        rates = self.env["account.late.interest.rate"].sudo()
        with self.assertRaisesRegex(ValidationError, "215.00 % a year.*as in 2.15"):
            rates.create({"date_from": "2030-07-01", "reference_rate": 215})
        rate = rates.create({"date_from": "2030-01-01", "reference_rate": 2.15})
        with self.assertRaises(ValidationError):
            rate.reference_rate = 100
        rate.reference_rate = 99.99

    def test_a_rate_entered_before_we_ship_it_stays_as_it_was_entered(self):
        rates = self.env["account.late.interest.rate"].sudo()
        entered = rates.create({"date_from": "2030-01-01", "reference_rate": 1.1})
        shipped = {
            "xml_id": "account_credit_block.late_interest_rate_2030_1",
            "values": {"date_from": "2030-01-01", "reference_rate": 1.15},
            "noupdate": False,
        }
        other = {
            "xml_id": "account_credit_block.late_interest_rate_2030_2",
            "values": {"date_from": "2030-07-01", "reference_rate": 1.2},
            "noupdate": False,
        }
        rates = rates.with_context(install_module="account_credit_block")
        loaded = rates._load_records([shipped, other])
        self.assertEqual(loaded[0], entered)
        self.assertEqual(loaded.mapped("reference_rate"), [1.1, 1.2])
        self.assertEqual(self.env.ref(shipped["xml_id"]), entered)

    # === WHO MAY === #

    def test_who_invoices_charges_and_others_do_not(self):
        returned = self.bounce(self.owe(), "2026-04-10")
        seller = new_user(
            self.env, "acb_late", "sales_team.group_sale_salesman", self.company
        )
        with self.assertRaises(AccessError):
            self.charge(returned.with_user(seller), "2026-05-10")
        biller = new_user(
            self.env, "acb_bills", "account.group_account_invoice", self.company
        )
        own = returned.with_user(biller).with_context(
            allowed_company_ids=self.company.ids
        )
        self.charge(own, "2026-05-10")
        self.assertCharged(returned, [2.78, 8.34])

    def test_nobody_says_by_hand_what_was_charged(self):
        invoice = self.owe()
        debt = self.due_items(invoice)
        with self.assertRaisesRegex(UserError, "payment return"):
            invoice.invoice_line_ids.late_debt_id = debt
        with self.assertRaisesRegex(UserError, "payment return"):
            self.owe(
                invoice_line_ids=[
                    Command.create({"name": "X", "late_amount": 1000000.0})
                ]
            )

    # === HOW MANY QUERIES === #

    def test_what_a_hundred_returns_give_takes_as_many_queries_as_of_ten(self):
        invoices = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": self.customer.id,
                    "invoice_date": "2026-03-31",
                    "invoice_date_due": "2026-03-31",
                    "invoice_line_ids": [
                        Command.create({"name": "X", "price_unit": 100, "tax_ids": []})
                    ],
                }
                for __ in range(100)
            ]
        )
        invoices.action_post()
        self.company.sudo().credit_late_charges = False
        returned = self.bounce(invoices, "2026-04-10", payment={"group": False})
        self.company.sudo().credit_late_charges = True
        self.assertEqual(len(returned.line_ids), 100)
        late = self.env["account.payment.return.late"]

        def count(lines):
            self.env.flush_all()
            self.env.invalidate_all()
            lines = lines.browse(lines.ids)
            before = self.env.cr.sql_log_count
            with freeze_time("2026-04-10"):
                proposed, __ = late._propose(lines)
            (values,) = proposed.values()
            self.assertEqual(len(values), 2 * len(lines))
            return self.env.cr.sql_log_count - before

        count(returned.line_ids[:10])  # fill the caches that survive
        few = count(returned.line_ids[:10])
        self.assertEqual(count(returned.line_ids), few)
        self.assertLessEqual(few, 25)


@tagged("post_install", "-at_install")
class TestChargesForeseen(LateCommon):
    """What confirming says before it drafts invoices of fees and late payment."""

    def foresee(self, returned):
        """What the dialog says, and what has come of it, are the same."""
        outcomes = self.env["account.payment.return.outcome"]
        foreseen = outcomes._foresee(returned)
        action = returned.action_open_confirm()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        self.assertFalse(returned.fee_invoice_ids)
        summary = dialog.summary
        dialog.action_confirm()
        self.assertEqual(outcomes._read(returned.line_ids), foreseen)
        return foreseen, summary

    def charge_fees(self):
        company = self.company.sudo()
        company.credit_return_fee_policy = "invoice"
        company.credit_return_fee_product_id = self.env["product.product"].create(
            {"name": "Return fee", "type": "service"}
        )

    def draft(self, *customers, **values):
        """A return of an invoice of each customer, who paid late."""
        payments = self.env["account.payment"]
        for customer in customers:
            invoice = self.owe(partner=customer)
            payments += self.pay(invoice, payment_date="2026-04-02")
        return self.make_return(payments, date="2026-04-10", **values)

    @freeze_time("2026-04-10")
    def test_the_drafts_are_told(self):
        self.charge_fees()
        returned = self.draft(self.customer, line_fee_amount=5.0)
        foreseen, summary = self.foresee(returned)
        currency = self.company.currency_id
        self.assertEqual(foreseen.charges, ((self.customer.id, currency.id, 47.78),))
        self.assertIn("1 invoice of charges drafted for Rossi", summary)
        self.assertIn("47.78", summary)
        self.assertEqual(returned.fee_invoice_ids.amount_untaxed, 47.78)

    @freeze_time("2026-04-10")
    def test_nothing_is_told_where_nothing_is_charged(self):
        self.company.sudo().credit_late_charges = False
        foreseen, summary = self.foresee(self.draft(self.customer))
        self.assertFalse(foreseen.charges)
        self.assertNotIn("charges", summary)

    @freeze_time("2026-04-10")
    def test_of_many_customers_the_number_is_told(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Ditta {n}", "is_company": True} for n in range(4)]
        )
        __, summary = self.foresee(self.draft(*customers))
        self.assertIn("4 invoices of charges drafted, 171.12", summary.replace("$", ""))

    @freeze_time("2026-04-10")
    def test_what_came_back_in_part_bears_interest_on_that(self):
        returned = self.draft(self.customer, line_amount=400.0)
        foreseen, __ = self.foresee(returned)
        # 1 and 2 April on 1,000, 3 to 10 April on 400
        self.assertEqual(foreseen.charges[0][2], returned.fee_invoice_ids.amount_total)

    @freeze_time("2026-04-10")
    def test_the_dialog_of_one_payment_tells_it_too(self):
        payment = self.pay(self.owe(), payment_date="2026-04-02")
        action = payment.action_open_payment_returned()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        dialog.write({"reason_id": self.reason_funds.id, "date": "2026-04-10"})
        self.assertIn("1 invoice of charges drafted for Rossi", dialog.summary)

    # === WHAT IS MISSING === #

    @freeze_time("2026-04-10")
    def test_a_product_that_is_missing_is_told_on_the_draft(self):
        self.charge_fees()
        returned = self.draft(self.customer, line_fee_amount=5.0)
        self.assertFalse(returned.fee_notice)
        self.company.sudo().credit_return_fee_product_id = False
        returned.invalidate_recordset(["fee_notice"])
        self.assertIn("Choose the Return Fee Product", returned.fee_notice)
        for refused in (
            returned.action_open_confirm,
            returned.action_confirm_later,
            returned.action_confirm,
        ):
            with (
                self.subTest(refused.__name__),
                self.assertRaisesRegex(UserError, "Choose the Return Fee Product"),
                self.env.cr.savepoint(),
            ):
                refused()
        self.assertEqual((returned.state, returned.work_kind), ("draft", False))
        self.company.sudo().credit_return_fee_policy = "receivable"
        returned.invalidate_recordset(["fee_notice"])
        self.assertFalse(returned.fee_notice)
        returned.action_confirm_later()
        self.assertEqual(returned.work_kind, "confirm")

    @freeze_time("2026-04-10")
    def test_an_account_that_is_missing_is_told_on_the_draft(self):
        company = self.company.sudo()
        company.credit_return_fee_account_id = False
        company.chart_template = False
        returned = self.draft(self.customer, line_fee_amount=5.0)
        self.assertIn("Choose the Return Fee Account", returned.fee_notice)
        returned.line_ids.fee_amount = 0.0
        self.assertFalse(returned.fee_notice)
        with self.assertRaisesRegex(UserError, "Choose the Late Interest Account"):
            returned.action_confirm_later()
        company.credit_late_charges = False
        returned.action_confirm_later()
        self.assertEqual(returned.work_kind, "confirm")

    def test_a_new_return_says_nothing_of_settings(self):
        self.assertFalse(self.env["account.payment.return"].new().fee_notice)
        returned = self.draft(self.customer)
        returned.action_confirm()
        self.assertFalse(returned.fee_notice)


@tagged("post_install", "-at_install")
class TestLateBranch(LateCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()

    def test_a_branch_charges_its_own_with_the_accounts_of_its_head_office(self):
        invoice = self.owe(company_id=self.branch.id)
        returned = self.bounce(
            invoice, "2026-04-10", payment={"journal_id": self.bank.id}
        )
        self.assertFalse(returned.fee_invoice_ids, "the branch does not ask")
        self.branch.sudo().credit_late_charges = True
        self.charge(returned, "2026-04-10")
        self.assertCharged(returned, [2.78])
        draft = returned.fee_invoice_ids
        self.assertEqual(draft.company_id, self.branch)
        self.assertEqual(draft.invoice_line_ids.account_id.company_ids, self.company)


@tagged("post_install", "-at_install")
class TestLateGate(CreditBlockFixture, LateCommon):
    """What the law gives is asked of a customer whose invoices are refused."""

    def setUp(self):
        super().setUp()
        self.company.sudo().credit_block_on_return = False
        self.draft = self.bounce(self.owe(), "2026-04-10").fee_invoice_ids
        level = self._get_level("assistance")
        level.sudo().policy_invoice = "forbid"
        self.customer._set_credit_block(level, "test reason", self.company)

    def test_it_is_claimed_from_a_blocked_customer(self):
        self.draft.action_post()
        self.assertEqual(self.draft.state, "posted")

    def test_goods_do_not_pass_for_interest(self):
        self.draft.invoice_line_ids[0].price_unit = 500
        with self.assertRaisesRegex(UserError, "cannot be posted"):
            self.draft.action_post()


@tagged("post_install", "-at_install")
class TestReturnFees(ImportCommon):
    """What the bank takes for a return: told, usual, and who bears it."""

    def test_the_usual_fee_counts_where_the_file_tells_none(self):
        self.assertEqual(self.load(self.pain(("E2E-0", 10))).line_ids.fee_amount, 0.0)
        self.bank.sudo().credit_return_fee = 9.0
        untold = self.load(self.pain(("E2E-1", 10), message="MSG-2"))
        self.assertEqual(untold.journal_id, self.bank)
        self.assertEqual(untold.line_ids.fee_amount, 9.0)
        told = self.load(self.sample(OUTCOMES))
        self.assertEqual(set(told.line_ids.mapped("fee_amount")), {3.5})

    def test_a_small_fee_is_our_cost(self):
        company = self.company.sudo()
        company.credit_return_fee_policy = "receivable"
        company.credit_return_fee_minimum = 5.0
        lines = self.make_return(
            self.pay(self.invoice(100)), line_fee_amount=4.99
        ).line_ids
        self.assertEqual(lines._get_fee_policy(), "company")
        lines.fee_amount = 5.0
        self.assertEqual(lines._get_fee_policy(), "receivable")
        self.customer.sudo().credit_return_fee_policy = "company"
        self.assertEqual(lines._get_fee_policy(), "company")

    def test_the_dialog_begins_with_the_usual_fee_of_the_bank(self):
        self.bank.sudo().credit_return_fee = 3.5
        payment = self.pay(self.invoice(100))
        action = payment.action_open_payment_returned()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(dialog.fee_amount, 3.5)
        dialog.write({"reason_id": self.reason_funds.id, "fee_amount": 4.0})
        dialog.action_confirm()
        found = self.env["account.payment.return.line"].search(
            [("payment_id", "=", payment.id)]
        )
        self.assertEqual(found.fee_amount, 4.0)

    def test_the_usual_fee_is_in_the_currency_of_the_bank(self):
        usd = self.setup_other_currency("USD", rates=[("2026-01-01", 1.2)])
        usd.active = True
        self.bank.sudo().credit_return_fee = 3.5
        day = self.env.company._get_credit_today()
        self.assertEqual(self.bank._get_return_fee(usd, day), 4.2)
        self.assertEqual(self.bank._get_return_fee(self.company.currency_id, day), 3.5)
        none = self.env["account.journal"]
        self.assertEqual(none._get_return_fee(usd, day), 0.0)
