from decimal import Decimal
from unittest.mock import patch

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, tagged

from ..hooks import uninstall_hook
from ..parsers import ParseError, cbi_writer, parse
from ..parsers.iban import make_italian_iban
from .common_presentations import HIS_TAX_CODE, SIA, PresentationCommon


@tagged("post_install", "-at_install")
class TestPresentation(PresentationCommon):
    def test_each_instalment_becomes_a_receipt_that_pays_just_it(self):
        invoice = self.bill_in_parts()
        first, second, third = self.due_items(invoice)
        presentation = self.present(first | second)
        self.assertPresented(presentation, 2)
        self.assertEqual([i.reconciled for i in (first, second, third)], [1, 1, 0])
        self.assertEqual(invoice.payment_state, "partial")
        receipts = presentation.line_ids.payment_id
        self.assertEqual(
            receipts.mapped("collection_due_date"),
            [first.date_maturity, second.date_maturity],
        )
        self.assertEqual(receipts.mapped("amount"), [100.0, 100.0])

    def test_a_receipt_is_at_the_bank_until_it_is_credited(self):
        presentation = self.present(self.bill(120), self.bill(30))
        self.assertEqual(presentation.line_ids.mapped("outcome"), ["presented"] * 2)
        self.credit(120, presentation.line_ids[0].payment_id._get_waiting())
        outcomes = presentation.line_ids.mapped("outcome")
        self.assertEqual(outcomes, ["credited", "presented"])

    def test_the_entry_is_on_the_bills_account(self):
        presentation = self.present(self.bill(120))
        self.assertRecordValues(
            presentation.payment_ids.move_id.line_ids.sorted("balance"),
            [
                {"account_id": self.receivable.id, "balance": -120.0},
                {"account_id": self.bills.id, "balance": 120.0},
            ],
        )

    def test_one_receipt_a_customer_and_due_date(self):
        bills = [self.bill(100), self.bill(50), self.bill(70, due=60)]
        other = self.bill(30, partner=self.other_customer)
        presentation = self.present(*bills, other, grouping="customer")
        self.assertPresented(presentation, 3)
        amounts = sorted(presentation.payment_ids.mapped("amount"))
        self.assertEqual(amounts, [30.0, 70.0, 150.0])
        self.assertTrue(all(b.payment_state == "paid" for b in (*bills, other)))

    def test_numbers_go_on_whatever_is_presented(self):
        numbers = [
            int(self.present(self.bill()).payment_ids.end_to_end_id) for _i in range(3)
        ]
        self.assertEqual(numbers, [numbers[0] + i for i in range(3)])

    def test_another_company_has_numbers_of_its_own(self):
        other = self.env["res.company"].sudo().create({"name": "Another"})
        first = self.company._get_receipt_sequence()
        self.assertNotEqual(first, other._get_receipt_sequence())
        self.assertEqual(first, self.company._get_receipt_sequence())

    def test_a_sequence_without_gaps_goes_on_too(self):
        first = self.company._draw_receipt_numbers(1)
        sequence = self.company._get_receipt_sequence()
        sequence.write({"implementation": "no_gap", "number_next": 100})
        numbers = self.company._draw_receipt_numbers(2)
        self.assertEqual([number[2:] for number in numbers], ["00000100", "00000101"])
        self.assertEqual(len(first[0]), len(numbers[0]))

    def test_a_sequence_that_makes_no_ten_digits_is_refused(self):
        sequence = self.company._get_receipt_sequence()
        self.assertEqual(len(self.company._draw_receipt_numbers(1)[0]), 10)
        for prefix in ("RB", "20260"):
            sequence.prefix = prefix
            with self.assertRaisesRegex(UserError, "cannot be the number of a receipt"):
                self.company._draw_receipt_numbers(1)

    def test_a_number_that_a_payment_has_already_is_left_out(self):
        (last,) = self.company._draw_receipt_numbers(1)
        taken = [str(int(last) + step) for step in (1, 3)]
        by_hand = self.pay(self.bill(50))
        by_hand.end_to_end_id = f"{taken[0][:2]} {taken[0][2:]}"
        withdrawn = self.pay(self.bill(60))
        withdrawn.end_to_end_id = taken[1]
        withdrawn.action_cancel()
        presentation = self.present(self.bill(), self.bill(due=60))
        numbers = presentation.line_ids.mapped("receipt_number")
        self.assertEqual(numbers, [str(int(last) + step) for step in (2, 4)])

    def test_another_companys_numbers_are_its_own(self):
        (last,) = self.company._draw_receipt_numbers(1)
        other = self.setup_other_company(name="Other Numbers")["company"]
        payment = (
            self.env["account.payment"]
            .sudo()
            .create(
                {
                    "payment_type": "inbound",
                    "partner_id": self.customer.id,
                    "amount": 5,
                    "company_id": other.id,
                    "end_to_end_id": str(int(last) + 1),
                }
            )
        )
        self.assertEqual(self.company._draw_receipt_numbers(1), [payment.end_to_end_id])

    def test_the_file_tells_of_every_receipt(self):
        presentation = self.present(self.bill(1220.5), self.bill(99.99, due=60))
        lines = self.read_file(presentation)
        self.assertEqual(len(lines), 16)
        self.assertEqual({len(line) for line in lines}, {120})
        self.assertEqual(lines[0][3:13], f"{SIA}05034")
        self.assertEqual(lines[0][19:39].strip(), presentation.name)
        self.assertEqual(int(lines[-1][52:67]), 132049)
        numbers = [line[10:20] for line in lines if line[1:3] == "51"]
        receipts = presentation.line_ids.payment_id
        self.assertEqual(numbers, receipts.mapped("end_to_end_id"))
        debtors = [line[70:86].strip() for line in lines if line[1:3] == "30"]
        self.assertEqual(debtors, [HIS_TAX_CODE] * 2)
        self.assertEqual(
            lines[5][10:90].strip(),
            f"FATT. {presentation.line_ids[0].move_id.name} DEL {self.today:%d/%m/%Y}",
        )
        content = "\r\n".join(lines).encode()
        with self.assertRaises(ParseError) as caught:
            parse(presentation.file_name, content)
        self.assertEqual(caught.exception.code, "cbi_presentation")

    def test_a_receipt_that_is_withdrawn_is_not_in_the_file_any_more(self):
        presentation = self.present(self.bill(100), self.bill(50))
        first, second = presentation.line_ids
        number = first.receipt_number
        sent = presentation.file
        first.action_withdraw()
        told = "".join(self.read_file(presentation))
        self.assertNotIn(number, told)
        self.assertIn(second.receipt_number, told)
        self.assertIn(f"{5000:015}", self.read_file(presentation)[-1])
        self.assertEqual(presentation.amount_total, 50)
        note = presentation.message_ids[0]
        self.assertIn(number, note.body)
        self.assertEqual(note.attachment_ids.datas, sent)
        self.assertEqual(presentation.state, "presented")
        second.action_withdraw()
        self.assertEqual(presentation.state, "cancelled")
        self.assertEqual(presentation.amount_total, 150)

    def test_the_file_can_be_downloaded(self):
        presentation = self.present(self.bill())
        self.assertIn(presentation.file_name, presentation.action_download()["url"])
        self.assertRegex(presentation.file_name, r"^RB-\d{4}-\d{5}\.cbi$")

    def test_without_a_file_there_is_none_to_be_downloaded(self):
        with self.assertRaisesRegex(UserError, "There is no file"):
            self.choose(self.bill()).action_download()

    def test_instalments_are_chosen_in_the_list(self):
        invoice, other = self.bill_in_parts(), self.bill()
        items = self.due_items(invoice) | self.due_items(other)
        found = self.env["account.move.line"].search([("is_to_present", "=", True)])
        self.assertLessEqual(items, found)
        action = self.due_items(invoice)[:2].action_open_presentation()
        presentation = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(presentation.line_ids.move_line_id, items[:2])
        presentation.action_present()
        found = self.env["account.move.line"].search([("is_to_present", "=", True)])
        self.assertEqual(items & found, items[2:])
        self.assertEqual(items.filtered("is_to_present"), items[2:])

    def test_invoices_are_presented_from_their_list(self):
        bills = self.bill(100) | self.bill(200)
        action = bills.action_open_presentation()
        presentation = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(presentation.line_ids.move_id, bills)
        presentation.action_present()
        self.assertEqual(bills.mapped("receipt_count"), [1, 1])
        with self.assertRaisesRegex(UserError, "Nothing of it can be presented"):
            bills.action_open_presentation()
        with self.assertRaisesRegex(UserError, "Nothing of it can be presented"):
            bills.browse().action_open_presentation()

    def test_the_method_of_the_invoice_says_which_bank(self):
        second = self.bank.sudo().copy({"name": "Second Bank", "code": "BNK9"})
        method = second._get_presented_methods() or self.method.copy(
            {"journal_id": second.id}
        )
        bill = self.bill(preferred_payment_method_line_id=method[0].id)
        listed = self.env["account.move.line"].search([("is_for_bank", "=", True)])
        self.assertLessEqual(self.due_items(bill), listed)
        self.assertFalse(self.due_items(self.bill()) & listed)
        action = bill.action_open_presentation()
        presentation = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(presentation.journal_id, second)
        self.assertEqual(presentation.payment_method_line_id, method[0])

    def test_the_form_names_what_is_missing_and_makes_the_receipts(self):
        bill = self.bill()
        self.customer.sudo().zip = False
        presentation = self.choose(bill)
        self.assertIn("zip of five digits", presentation.line_ids.problem)
        self.assertEqual(presentation.problem_count, 1)
        self.customer.sudo().zip = "20100"
        with Form(presentation) as form:
            self.assertFalse(form.problem_count)
            with form.line_ids.edit(0) as line:
                line.due_date = self.day(45)
        presentation.action_present()
        receipt = presentation.payment_ids
        self.assertEqual(receipt.collection_due_date, self.day(45))

    def test_what_lacks_is_told_by_receipt_and_nothing_is_made(self):
        bills = self.bill(100), self.bill(50, partner=self.other_customer)
        partner = self.other_customer.sudo()
        lacks = {
            "Italian IBAN": lambda: partner.bank_ids.unlink(),
            "VAT number or tax code": lambda: partner.write({"vat": False}),
            "street, city and zip": lambda: partner.write({"city": False}),
            "SIA code of the company": lambda: self.bank.sudo().write(
                {"cbi_sia_code": False}
            ),
            "no Italian IBAN": lambda: self.bank.bank_account_id.sudo().write(
                {"acc_number": "DE89370400440532013000"}
            ),
            "valid Italian tax code": lambda: self.company.sudo().write({"vat": False}),
        }
        for text, spoil in lacks.items():
            with self.subTest(text=text), self.env.cr.savepoint() as savepoint:
                spoil()
                presentation = self.choose(*bills)
                with self.assertRaisesRegex(UserError, text):
                    presentation.action_present()
                self.assertFalse(presentation.payment_ids)
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertPresented(self.present(*bills), 2)

    def test_neither_a_strangers_account_nor_another_method_is_taken(self):
        bill = self.bill()
        presentation = self.choose(bill)
        own = presentation.line_ids.partner_bank_id
        presentation.line_ids.partner_bank_id = self.other_customer.bank_ids
        with self.assertRaisesRegex(UserError, "Italian IBAN"):
            presentation.action_present()
        presentation.line_ids.partner_bank_id = own
        by_hand = self.bank.inbound_payment_method_line_ids - self.method
        presentation.payment_method_line_id = by_hand[0]
        with self.assertRaisesRegex(UserError, "collects neither Ri.Ba. nor debits"):
            presentation.action_present()
        presentation.payment_method_line_id = self.method
        presentation.action_present()
        self.assertPresented(presentation, 1)

    def test_who_collects_no_ribas_needs_none_of_that(self):
        self.bank.sudo().cbi_sia_code = False
        debit = self.env["account.payment.method"].sudo().search(
            [("code", "=", "sepa_direct_debit"), ("payment_type", "=", "inbound")]
        ) or self.env["account.payment.method"].sudo().create(
            {
                "name": "Debit",
                "code": "sepa_direct_debit",
                "payment_type": "inbound",
            }
        )
        line = (
            self.env["account.payment.method.line"]
            .sudo()
            .create(
                {
                    "payment_method_id": debit.id,
                    "journal_id": self.bank.id,
                    "name": "Debit",
                    "payment_account_id": self.bills.id,
                }
            )
        )
        presentation = self.present(self.bill(), payment_method_line_id=line.id)
        self.assertPresented(presentation, 1)
        self.assertFalse(presentation.file)

    def test_a_due_date_that_has_passed_is_asked_for(self):
        bill = self.bill(due=-3)
        presentation = self.choose(bill)
        self.assertFalse(presentation.line_ids.due_date)
        with self.assertRaisesRegex(UserError, "Enter a due date"):
            presentation.action_present()
        presentation.line_ids.due_date = self.day(-1)
        with self.assertRaisesRegex(UserError, "before the presentation"):
            presentation.action_present()
        presentation.line_ids.due_date = self.day(20)
        presentation.action_present()
        self.assertPresented(presentation, 1)

    def test_a_presentation_is_not_dated_before_its_invoices(self):
        presentation = self.choose(self.bill())
        presentation.date = self.day(-1)
        self.assertIn("before its invoice", presentation.line_ids.problem)
        presentation.date = self.day(0)
        self.assertFalse(presentation.line_ids.problem)

    def test_an_account_that_is_entered_later_is_taken(self):
        self.customer.bank_ids.sudo().unlink()
        self.other_customer.bank_ids.sudo().unlink()
        foreign, none = self.customer, self.other_customer
        add = self.env["res.partner.bank"].sudo()
        old = add.create({"acc_number": "FR7612345", "partner_id": foreign.id})
        presentation = self.choose(self.bill(), self.bill(partner=none))
        first, second = presentation.line_ids
        self.assertEqual((first | second).partner_bank_id, old)
        new = [
            add.create(
                {
                    "acc_number": make_italian_iban("03069", "09400", f"7{partner.id}"),
                    "partner_id": partner.id,
                }
            )
            for partner in (foreign, none)
        ]
        self.assertEqual([first.partner_bank_id, second.partner_bank_id], new)
        presentation.action_present()
        second.partner_bank_id.sudo().acc_number = "FR7698765"
        self.assertEqual(second.partner_bank_id, new[1])

    def test_a_form_without_a_bank_asks_for_it(self):
        new = self.env["account.payment.presentation"].new({"journal_id": False})
        self.assertEqual(new.problem, "Choose the bank that is to collect.")

    def test_a_due_date_years_after_the_presentation_is_a_mistake(self):
        presentation = self.choose(self.bill())
        line = presentation.line_ids
        for day in ("9999-12-31", self.day(3 * 366), self.day(36525)):
            line.due_date = day
            self.assertIn("two years after", line.problem)
            self.assertEqual(presentation.problem_count, 1)
            with self.assertRaisesRegex(UserError, "two years after"):
                presentation.action_present()
        line.due_date = self.day(2 * 365)
        self.assertFalse(line.problem)
        presentation.action_present()
        self.assertPresented(presentation, 1)

    def test_a_presentation_of_another_age_is_a_mistake(self):
        bill = self.bill()
        draft = self.choose(bill)
        for day in ("0001-01-01", "0999-01-01", "9999-12-31", self.day(3 * 366)):
            with self.assertRaisesRegex(UserError, "less than two years away"):
                self.choose(bill, date=day)
            with self.assertRaisesRegex(UserError, "less than two years away"):
                draft.date = day
        self.assertTrue(self.choose(bill, date=self.day(-365)))

    def test_what_the_digits_of_the_file_do_not_tell_is_not_presented(self):
        most = 99_999_999_999.99
        first, second = self.bill(most), self.bill(10)
        whole = self.choose(first, second, grouping="customer")
        self.assertEqual(whole.problem_count, 2)
        with self.assertRaisesRegex(UserError, "of more than"):
            whole.action_present()
        whole.grouping = "instalment"
        self.assertFalse(whole.problem_count)
        whole.action_present()
        self.assertPresented(whole, 2)
        draft = self.choose(self.bill(123_456_789_012.0))
        self.assertIn("of more than", draft.line_ids.problem)
        with self.assertRaisesRegex(UserError, "of more than"):
            draft.action_present()
        draft = self.choose(self.bill(100), self.bill(50))
        with patch.object(cbi_writer, "LARGEST_TOTAL", Decimal("149.99")):
            self.assertIn("present it in parts", draft.problem)
        draft.invalidate_recordset()
        self.assertFalse(draft.problem)

    def test_the_receipt_that_lives_is_named(self):
        bill = self.bill()
        first = self.present(bill)
        first.action_cancel()
        # The one that was withdrawn comes last by its due date.
        second = self.choose(bill)
        second.line_ids.due_date = self.day(10)
        second.action_present()
        draft = self.choose(bill)
        problem = draft.line_ids.problem
        self.assertIn(second.payment_ids.end_to_end_id, problem)
        self.assertIn(second.name, problem)
        second.action_cancel()
        self.assertFalse(draft.line_ids.problem)

    def test_only_what_is_open_is_presented_and_once(self):
        bill = self.bill()
        first, second = self.choose(bill), self.choose(bill)
        first.action_present()
        with self.assertRaisesRegex(UserError, "in receipt 26|in receipt [0-9]{10}"):
            second.action_present()
        paid = self.bill()
        third = self.choose(paid)
        self.pay(paid)
        with self.assertRaisesRegex(UserError, "Nothing of it is open"):
            third.action_present()
        with self.assertRaisesRegex(UserError, "Choose the instalments"):
            self.choose().action_present()
        with self.assertRaisesRegex(UserError, "Choose a presentation"):
            self.choose().browse().action_present()

    def test_what_is_paid_meanwhile_is_asked_for_no_more(self):
        bill = self.bill(100)
        presentation = self.choose(bill)
        self.assertEqual(presentation.amount_total, 100.0)
        self.pay(bill, 40)
        self.assertEqual(presentation.amount_total, 60.0)
        presentation.action_present()
        self.assertEqual(presentation.payment_ids.amount, 60.0)
        self.assertEqual(presentation.line_ids.amount, 60.0)

    def test_other_currencies_are_not_collected(self):
        usd = self.env.ref("base.USD").sudo()
        usd.active = True
        presentation = self.choose(self.bill(currency_id=usd.id))
        with self.assertRaisesRegex(UserError, "It is in USD"):
            presentation.action_present()

    def test_only_instalments_that_customers_owe_are_taken(self):
        refund = self.invoice(10, move_type="out_refund")
        bill = self.bill()
        for item in (
            self.due_items(refund),
            bill.line_ids.filtered(lambda i: i.account_type == "income"),
        ):
            with self.assertRaisesRegex(UserError, "no instalment that a customer"):
                self.choose(item)
        self.assertTrue(self.choose(bill))

    def test_a_new_italian_bank_collects_ribas_and_they_are_final_after_days(self):
        bank = (
            self.env["account.journal"]
            .sudo()
            .create({"name": "New Bank", "type": "bank", "code": "NEW1"})
        )
        riba = bank._get_presented_methods()
        self.assertEqual(riba.mapped("code"), ["riba"])
        self.assertEqual(riba.credit_final_days, 5)
        other = bank.inbound_payment_method_line_ids - riba
        self.assertEqual(set(other.mapped("credit_final_days")), {0})
        cash = (
            self.env["account.journal"]
            .sudo()
            .create({"name": "New Cash", "type": "cash", "code": "NEW2"})
        )
        self.assertFalse(cash._get_presented_methods())

    def test_uninstalling_leaves_no_method_that_nobody_knows(self):
        receipt = self.present(self.bill()).payment_ids
        unused = self.method.copy({"name": "Unused"})
        uninstall_hook(self.env(su=True))
        manual = self.env.ref("account.account_payment_method_manual_in")
        self.assertEqual(receipt.payment_method_line_id.payment_method_id, manual)
        self.assertEqual(unused.code, "riba")

    def test_a_sia_code_has_five_characters(self):
        for code in ("A1B2", "A1B2C3", "a1b2c", "A1 2C"):
            with self.assertRaisesRegex(ValidationError, "is no SIA code"):
                self.bank.sudo().cbi_sia_code = code
        self.bank.sudo().cbi_sia_code = "00000"

    def test_payments_are_found_by_their_presentation_and_without_one(self):
        presentation, other = self.present(self.bill()), self.present(self.bill())
        mine, theirs = presentation.payment_ids, other.payment_ids
        free = self.pay(self.bill())
        every = mine | theirs | free
        for operator, value, found in (
            ("=", presentation.id, mine),
            ("!=", presentation.id, theirs | free),
            ("=", False, free),
            ("!=", False, mine | theirs),
            ("in", presentation.ids, mine),
            ("in", [presentation.id, False], mine | free),
            ("not in", presentation.ids, theirs | free),
            ("not in", [presentation.id, False], theirs),
            ("ilike", presentation.name, mine),
            ("not ilike", presentation.name, theirs | free),
            ("any", [("id", "=", other.id)], theirs),
        ):
            with self.subTest(operator=operator, value=value):
                domain = [("presentation_id", operator, value)]
                self.assertEqual(
                    every.search([("id", "in", every.ids), *domain]).sorted("id"),
                    found.sorted("id"),
                )

    def test_receipts_are_not_copied(self):
        bill = self.bill(invoice_date=self.day(-30), due=30)
        presentation = self.present(bill, date=self.day(-20))
        copy = presentation.copy()
        self.assertEqual(copy.date, self.today)
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.line_ids or copy.file)
        payment = presentation.payment_ids.copy()
        self.assertFalse(payment.end_to_end_id or payment.presentation_line_ids)
