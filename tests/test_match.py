import ast
from pathlib import Path

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools.misc import file_path

from odoo.addons.account_credit_block.models.returns import match_rules

from .common_returns import PaymentReturnCommon


class MatchCommon(PaymentReturnCommon):
    @classmethod
    def collect(cls, amount=100.0, partner=None, invoice=None, **values):
        """A payment of a new invoice, with what its collection is known by."""
        invoice = invoice or cls.invoice(amount, partner)
        payment = cls.pay(invoice)
        payment.write(values)
        return payment

    @classmethod
    def told(cls, *lines, **values):
        """A draft return with the lines that a bank told."""
        # As the importer does: where a return comes from is entered by nobody.
        returned = cls.env["account.payment.return"].sudo()
        return returned.create(
            {
                "journal_id": cls.bank.id,
                "date": "2026-10-05",
                "line_ids": [Command.create(line) for line in lines],
                **values,
            }
        ).sudo(False)

    def match(self, **line):
        """The only line of a new return, after matching."""
        line = self.told(line).line_ids
        line._match()
        return line

    def assertMatched(self, line, payment, note=None):
        self.assertEqual((line.match_state, line.payment_id), ("matched", payment))
        self.assertEqual(line.move_line_id, self.payment_item(payment))
        self.assertEqual(line.partner_id, payment.partner_id)
        if note:
            self.assertIn(note, line.match_note)

    def assertNotMatched(self, line, state, note):
        self.assertEqual(line.match_state, state)
        self.assertFalse(line.move_line_id or line.payment_id)
        self.assertRegex(line.match_note, note)


@tagged("post_install", "-at_install")
class TestMatchKeys(MatchCommon):
    def test_the_end_to_end_id_finds_the_payment(self):
        payment = self.collect(end_to_end_id="FT-2026-001")
        self.collect(end_to_end_id="FT-2026-002")
        line = self.match(end_to_end_id="FT-2026-001", amount=100)
        self.assertMatched(line, payment, "end-to-end ID")
        self.assertEqual(line.invoice_ids, payment.invoice_ids)

    def test_a_missing_amount_is_that_of_the_collection(self):
        self.collect(123.45, end_to_end_id="FT-2026-001")
        line = self.match(end_to_end_id="FT-2026-001")
        self.assertEqual((line.match_state, line.amount), ("matched", 123.45))

    def test_leading_zeros_of_receipt_numbers_do_not_count(self):
        payment = self.collect(end_to_end_id="0000001234")
        self.assertMatched(self.match(reference="1234", amount=100), payment)
        payment = self.collect(end_to_end_id="77")
        self.assertMatched(self.match(end_to_end_id="0000000077"), payment)

    def test_a_receipt_number_of_several_slips_is_told_apart_by_the_amount(self):
        self.collect(50, end_to_end_id="7")
        payment = self.collect(60, end_to_end_id="7")
        self.assertMatched(self.match(reference="7", amount=60), payment)

    def test_a_receipt_number_of_several_slips_is_told_apart_by_the_customer(self):
        self.other_customer.vat = "IT12345670017"
        self.collect(end_to_end_id="7")
        payment = self.collect(partner=self.other_customer, end_to_end_id="7")
        line = self.match(reference="7", amount=100, partner_vat="12345670017")
        self.assertMatched(line, payment)

    def test_a_receipt_number_of_another_customer_is_not_followed(self):
        self.other_customer.vat = "IT12345670017"
        self.collect(end_to_end_id="7")
        line = self.match(reference="7", amount=90, partner_vat="12345670017")
        self.assertNotMatched(line, "unmatched", "Looked for: 7")

    def test_an_ambiguous_receipt_number_offers_its_payments(self):
        payments = self.collect(end_to_end_id="7") + self.collect(end_to_end_id="7")
        line = self.match(reference="7", amount=100)
        self.assertNotMatched(line, "ambiguous", "Several payments fit")
        self.assertEqual(
            line.candidate_line_ids,
            self.payment_item(payments[0]) + self.payment_item(payments[1]),
        )

    def test_the_instruction_id_is_a_weaker_end_to_end_id(self):
        payment = self.collect(end_to_end_id="FT-2026-001")
        line = self.match(end_to_end_id="OTHER", instruction_id="FT-2026-001")
        self.assertMatched(line, payment, "instruction")

    def test_mandate_and_amount_find_the_payment(self):
        self.collect(50, mandate_reference="M-1")
        payment = self.collect(60, mandate_reference="M-1")
        line = self.match(mandate_reference="M-1", amount=60)
        self.assertMatched(line, payment, "mandate")

    def test_the_only_open_collection_of_a_mandate_is_enough_without_amount(self):
        payment = self.collect(60, mandate_reference="M-1")
        self.assertMatched(self.match(mandate_reference="M-1"), payment)

    def test_a_mandate_with_another_amount_is_only_a_proposal(self):
        payment = self.collect(60, mandate_reference="M-1")
        line = self.match(mandate_reference="M-1", amount=20)
        self.assertNotMatched(line, "ambiguous", "without proof")
        self.assertEqual(line.candidate_line_ids, self.payment_item(payment))

    def test_the_number_of_the_payment_finds_it(self):
        payment = self.collect()
        self.assertMatched(
            self.match(reference=payment.name, amount=100), payment, "of the payment"
        )

    def test_the_number_of_the_invoice_finds_its_payment(self):
        payment = self.collect()
        payment.memo = "something else"
        line = self.match(reference=payment.invoice_ids.name, amount=100)
        self.assertMatched(line, payment, "of the invoice")

    def test_the_number_of_the_invoice_is_found_inside_free_texts(self):
        payment = self.collect()
        payment.memo = False
        name = payment.invoice_ids.name
        line = self.match(texts=f"PER LA FATTURA N. {name}, DEL 01/09/26", amount=100)
        self.assertMatched(line, payment, "of the invoice")

    def test_a_number_in_a_free_text_with_another_amount_is_only_a_proposal(self):
        payment = self.collect()
        line = self.match(texts=f"fattura {payment.invoice_ids.name}", amount=40)
        self.assertNotMatched(line, "ambiguous", "without proof")

    def test_the_reference_of_the_invoice_finds_its_payment(self):
        invoice = self.invoice(100, ref="ORD-778", payment_reference="RF18539007547034")
        payment = self.collect(invoice=invoice)
        payment.memo = False
        self.assertMatched(self.match(reference="ORD-778", amount=100), payment)
        other = self.match(end_to_end_id="RF18539007547034", amount=100)
        self.assertNotMatched(other, "duplicate", "already")

    def test_a_custom_memo_finds_its_payment(self):
        payment = self.collect()
        payment.memo = "SLIP 12 ROW 3"
        self.assertMatched(self.match(reference="SLIP 12 ROW 3", amount=100), payment)

    def test_customer_amount_and_due_date_find_the_payment(self):
        self.customer.vat = "IT12345670017"
        invoice = self.invoice(100, invoice_date_due="2026-09-30")
        payment = self.collect(invoice=invoice)
        line = self.match(
            partner_vat="IT12345670017", amount=100, due_date="2026-09-30"
        )
        self.assertMatched(line, payment, "customer, amount")

    def test_the_iban_tells_the_customer(self):
        self.env["res.partner.bank"].create(
            {
                "partner_id": self.customer.id,
                "acc_number": "IT60X0542811101000000123456",
            }
        )
        payment = self.collect(81)
        self.collect(81, partner=self.other_customer)
        line = self.match(partner_iban="IT60X0542811101000000123456", amount=81)
        self.assertMatched(line, payment)

    def test_two_equal_payments_of_a_customer_are_left_to_a_person(self):
        self.customer.vat = "IT12345670017"
        self.collect(81)
        self.collect(81)
        line = self.match(partner_vat="12345670017", amount=81)
        self.assertNotMatched(line, "ambiguous", "Several payments fit")
        self.assertEqual(len(line.candidate_line_ids), 2)

    def test_a_due_date_that_does_not_agree_is_no_proof(self):
        self.customer.vat = "IT12345670017"
        self.collect(81)
        line = self.match(partner_vat="12345670017", amount=81, due_date="2020-01-01")
        self.assertNotMatched(line, "ambiguous", "without proof")

    def test_the_name_alone_never_matches(self):
        payment = self.collect(81)
        line = self.match(partner_name="ROSSI Impianti SRL", amount=81)
        self.assertNotMatched(line, "ambiguous", "No reference leads")
        self.assertEqual(line.candidate_line_ids, self.payment_item(payment))
        self.assertEqual(line.partner_name, "ROSSI Impianti SRL")

    def test_the_name_breaks_a_tie(self):
        self.collect(end_to_end_id="7")
        payment = self.collect(partner=self.other_customer, end_to_end_id="7")
        line = self.match(reference="7", amount=100, partner_name="bianchi, carlo")
        self.assertMatched(line, payment)

    def test_nothing_found_keeps_the_line_and_what_the_bank_said(self):
        line = self.match(
            end_to_end_id="NOBODY",
            partner_name="Verdi Anna",
            partner_iban="IT60X0542811101000000123456",
            amount=10,
        )
        self.assertNotMatched(line, "unmatched", "Looked for: NOBODY, IT60X")
        self.assertRecordValues(
            line,
            [
                {
                    "partner_name": "Verdi Anna",
                    "partner_iban": "IT60X0542811101000000123456",
                    "partner_id": False,
                    "amount": 10.0,
                }
            ],
        )

    def test_what_a_person_chose_is_left_alone(self):
        chosen = self.collect()
        self.collect(end_to_end_id="FT-2026-001")
        returned = self.make_return(chosen, line_end_to_end_id="FT-2026-001")
        returned.action_match()
        self.assertMatched(returned.line_ids, chosen)


@tagged("post_install", "-at_install")
class TestMatchCandidates(MatchCommon):
    def test_a_payment_that_is_not_posted_is_no_candidate(self):
        payment = self.collect(end_to_end_id="FT-2026-001")
        payment.action_draft()
        line = self.match(end_to_end_id="FT-2026-001", amount=100)
        self.assertNotMatched(line, "unmatched", "it is not collected")
        self.assertFalse(line.candidate_line_ids or line.candidate_payment_ids)

    def test_a_supplier_payment_is_no_candidate(self):
        self.env["account.payment"].create(
            {
                "payment_type": "outbound",
                "partner_type": "supplier",
                "partner_id": self.customer.id,
                "amount": 100,
                "journal_id": self.bank.id,
                "end_to_end_id": "FT-2026-001",
            }
        ).action_post()
        line = self.match(end_to_end_id="FT-2026-001", amount=100)
        self.assertNotMatched(line, "unmatched", "No payment found")

    def test_more_than_can_come_back_is_not_matched(self):
        payment = self.collect(80, end_to_end_id="FT-2026-001")
        line = self.match(end_to_end_id="FT-2026-001", amount=100)
        self.assertNotMatched(line, "unmatched", "only 80.00.* can come back")
        self.assertEqual(line.candidate_line_ids, self.payment_item(payment))

    def test_another_currency_is_not_matched(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self.collect(100, end_to_end_id="FT-2026-001")
        line = self.match(end_to_end_id="FT-2026-001", amount=100, currency_id=usd.id)
        self.assertNotMatched(line, "unmatched", "No payment found")

    def test_a_payment_of_another_company_is_not_matched(self):
        other = self.setup_other_company()
        invoice = self.init_invoice(
            "out_invoice",
            self.customer,
            "2026-09-01",
            amounts=[100],
            taxes=self.env["account.tax"],
            company=other["company"],
            post=True,
        )
        foreign = self.pay(invoice)
        foreign.end_to_end_id = "FT-2026-001"
        self.assertEqual(foreign.company_id, other["company"])
        line = self.match(end_to_end_id="FT-2026-001", amount=100)
        self.assertNotMatched(line, "unmatched", "No payment found")
        own = self.collect(100, end_to_end_id="FT-2026-001")
        line._match()
        self.assertMatched(line, own)

    def test_the_payment_of_the_bank_that_tells_is_preferred(self):
        bank = self.bank.copy({"name": "Second Bank", "code": "BNK9"})
        first, second = self.invoice(100), self.invoice(100)
        self.pay(first).end_to_end_id = "7"
        payment = self.pay(second, journal_id=bank.id)
        payment.end_to_end_id = "7"
        line = self.told({"reference": "7", "amount": 100}, journal_id=bank.id).line_ids
        line._match()
        self.assertMatched(line, payment)

    def test_each_instalment_has_its_own_payment(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30/60",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (30, 60)
                ],
            }
        )
        invoice = self.invoice(100, invoice_payment_term_id=term.id)
        items = self.due_items(invoice)
        first, second = (self.pay(item) for item in items)
        line = self.match(
            reference=invoice.name, amount=50, due_date=items[1].date_maturity
        )
        self.assertMatched(line, second)
        self.assertEqual(line.invoice_line_ids, items[1])
        other = self.match(reference=invoice.name, amount=50)
        self.assertMatched(other, first)

    def test_the_instalment_of_a_grouped_payment_is_named(self):
        invoices = self.invoice(100) + self.invoice(120) + self.invoice(80)
        payment = self.pay(invoices)
        payment.end_to_end_id = "FT-2026-001"
        line = self.match(
            end_to_end_id="FT-2026-001", texts=invoices[1].name, amount=120
        )
        self.assertMatched(line, payment)
        self.assertEqual(line.invoice_ids, invoices[1])
        other = self.match(end_to_end_id="FT-2026-001", amount=80)
        self.assertMatched(other, payment)
        self.assertEqual(other.invoice_ids, invoices[2])

    def test_an_invoice_paid_by_a_bank_transaction_is_found(self):
        invoice = self.invoice(100)
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-09-10",
                "payment_ref": "collection",
                "amount": 100,
                "partner_id": self.customer.id,
                "counterpart_account_id": self.receivable.id,
            }
        )
        item = transaction.move_id.line_ids.filtered(
            lambda ln: ln.account_id == self.receivable
        )
        (item + self.due_items(invoice)).reconcile()
        line = self.match(reference=invoice.name, amount=100)
        self.assertEqual((line.match_state, line.move_line_id), ("matched", item))
        self.assertFalse(line.payment_id)
        self.assertEqual(line.invoice_line_ids, self.due_items(invoice))

    def test_a_payment_without_an_entry_is_found_through_its_invoice(self):
        invoice = self.invoice(100)
        payment = self.pay_without_entry(invoice)
        line = self.match(reference=invoice.name, amount=100)
        self.assertEqual((line.match_state, line.payment_id), ("matched", payment))
        self.assertFalse(line.move_line_id)
        self.assertEqual(line.invoice_line_ids, self.due_items(invoice))

    def test_a_payment_without_an_entry_is_found_by_its_end_to_end_id(self):
        payment = self.pay_without_entry(self.invoice(100))
        payment.end_to_end_id = "FT-2026-009"
        line = self.match(end_to_end_id="FT-2026-009")
        self.assertEqual((line.match_state, line.payment_id), ("matched", payment))
        self.assertEqual(line.amount, 100.0)
        again = self.match(end_to_end_id="FT-2026-009", amount=100)
        self.assertNotMatched(again, "duplicate", "already")


@tagged("post_install", "-at_install")
class TestMatchRepeated(MatchCommon):
    def test_a_return_that_was_confirmed_is_a_duplicate_in_another_format(self):
        payment = self.collect(end_to_end_id="FT-2026-001")
        first = self.told({"end_to_end_id": "FT-2026-001"}, file_format="pain.002")
        first.action_match()
        first.action_confirm()
        second = self.told(
            {"end_to_end_id": "FT-2026-001", "amount": 100}, file_format="camt.053"
        )
        second.action_match()
        self.assertNotMatched(second.line_ids, "duplicate", first.name)
        self.assertRecordValues(
            second.line_ids,
            [
                {
                    "duplicate_line_id": first.line_ids.id,
                    "partner_id": payment.partner_id.id,
                }
            ],
        )

    def test_a_return_that_a_draft_claims_is_a_duplicate(self):
        self.collect(end_to_end_id="FT-2026-001")
        first = self.match(end_to_end_id="FT-2026-001", amount=100)
        second = self.match(end_to_end_id="FT-2026-001", amount=100)
        self.assertEqual(first.match_state, "matched")
        self.assertNotMatched(second, "duplicate", first.return_id.name)

    def test_a_cancelled_return_claims_nothing(self):
        payment = self.collect(end_to_end_id="FT-2026-001")
        first = self.match(end_to_end_id="FT-2026-001", amount=100)
        first.return_id.action_cancel()
        second = self.match(end_to_end_id="FT-2026-001", amount=100)
        self.assertMatched(second, payment)

    def test_a_collection_presented_again_can_be_returned_again(self):
        invoice = self.invoice(100)
        self.collect(invoice=invoice, end_to_end_id="FT-2026-001")
        first = self.match(end_to_end_id="FT-2026-001", amount=100)
        first.return_id.action_confirm()
        again = self.collect(invoice=invoice, end_to_end_id="FT-2026-001")
        line = self.match(end_to_end_id="FT-2026-001", amount=100, kind="reject")
        self.assertMatched(line, again)

    def test_a_return_before_the_new_presentation_is_the_old_one_told_again(self):
        invoice = self.invoice(100)
        self.collect(invoice=invoice, end_to_end_id="FT-2026-001")
        first = self.match(end_to_end_id="FT-2026-001", amount=100)
        first.return_id.action_confirm()
        again = self.pay(invoice, payment_date="2026-12-01")
        again.end_to_end_id = "FT-2026-001"
        told = {"end_to_end_id": "FT-2026-001", "amount": 100}
        old = self.match(**told, date="2026-10-06")
        self.assertNotMatched(old, "duplicate", first.return_id.name)
        self.assertMatched(self.match(**told, date="2026-12-04"), again)

    def test_an_old_return_is_not_what_is_told_again(self):
        self.collect(end_to_end_id="FT-2026-001")
        first = self.match(end_to_end_id="FT-2026-001", amount=100, date="2026-10-01")
        first.return_id.action_confirm()
        line = self.match(end_to_end_id="FT-2026-001", amount=100, date="2027-06-01")
        self.assertNotMatched(line, "unmatched", "already came back in full")

    def test_one_file_takes_a_collection_back_only_once(self):
        self.collect(end_to_end_id="FT-2026-001")
        told = {"end_to_end_id": "FT-2026-001", "amount": 100}
        lines = self.told({**told, "unique_key": "a"}, {**told, "unique_key": "b"})
        lines.action_match()
        self.assertEqual(
            lines.line_ids.sorted("id").mapped("match_state"), ["matched", "duplicate"]
        )

    def test_two_different_parts_of_a_payment_are_two_returns(self):
        invoices = self.invoice(100) + self.invoice(120)
        payment = self.pay(invoices)
        payment.end_to_end_id = "FT-2026-001"
        told = {"end_to_end_id": "FT-2026-001"}
        returned = self.told({**told, "amount": 100}, {**told, "amount": 120})
        returned.action_match()
        self.assertEqual(returned.line_ids.payment_id, payment)
        self.assertEqual(set(returned.line_ids.mapped("match_state")), {"matched"})

    def test_the_same_line_of_a_bank_message_is_a_duplicate(self):
        first = self.match(end_to_end_id="NOBODY", unique_key="msg|1")
        second = self.match(end_to_end_id="NOBODY", unique_key="msg|1")
        other = self.match(end_to_end_id="NOBODY", unique_key="msg|2")
        self.assertNotMatched(second, "duplicate", first.return_id.name)
        self.assertEqual(second.duplicate_line_id, first)
        self.assertEqual(other.match_state, "unmatched")

    def test_what_the_bank_calls_paid_is_set_aside(self):
        paid = self.env["account.payment.return.reason"].search(
            [("outcome", "=", "paid")], limit=1
        )
        self.collect(end_to_end_id="FT-2026-001")
        line = self.match(end_to_end_id="FT-2026-001", reason_id=paid.id)
        self.assertNotMatched(line, "skipped", "was paid")


@tagged("post_install", "-at_install")
class TestMatchGroups(MatchCommon):
    def test_a_rejected_batch_becomes_its_collections(self):
        values = {"collection_batch_id": "PMT-1"}
        payments = self.collect(50, **values) + self.collect(60, **values)
        self.collect(70, collection_batch_id="PMT-2")
        returned = self.told(
            {
                "scope": "batch",
                "batch_id": "PMT-1",
                "reason_id": self.reason_funds.id,
                "fee_amount": 2.0,
            }
        )
        whole = returned.line_ids
        returned.action_match()
        self.assertNotMatched(whole, "skipped", "2 collections")
        lines = (returned.line_ids - whole).sorted("amount")
        self.assertEqual(lines.payment_id, payments)
        self.assertEqual(lines.mapped("amount"), [50, 60])
        self.assertEqual(lines.reason_id, self.reason_funds)
        self.assertEqual((returned.amount_total, returned.fee_total), (110, 2))
        returned.action_confirm()
        self.assertEqual(payments.mapped("state"), ["rejected", "rejected"])

    def test_a_rejected_file_becomes_its_collections(self):
        payment = self.collect(50, collection_message_id="SDD-1")
        returned = self.told({"scope": "message", "original_message_id": "SDD-1"})
        returned.action_match()
        self.assertEqual(returned.line_ids.payment_id, payment)

    def test_a_rejected_batch_told_again_is_a_duplicate(self):
        self.collect(50, collection_batch_id="PMT-1")
        told = {"scope": "batch", "batch_id": "PMT-1"}
        first = self.told(told)
        first.action_match()
        line = self.match(**told)
        self.assertNotMatched(line, "duplicate", first.name)

    def test_an_unknown_batch_is_kept(self):
        line = self.match(scope="batch", batch_id="PMT-9")
        self.assertNotMatched(line, "unmatched", "PMT-9")


@tagged("post_install", "-at_install")
class TestMatchChoice(MatchCommon):
    def test_a_person_chooses_in_one_click(self):
        payments = self.collect(end_to_end_id="7") + self.collect(end_to_end_id="7")
        line = self.match(reference="7")
        action = line.action_choose_candidate()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(action["target"], "new")
        row = dialog.row_ids.filtered(
            lambda r: r.move_line_id == self.payment_item(payments[1])
        )
        self.assertEqual(row.invoices, payments[1].invoice_ids.name)
        row.action_choose()
        self.assertMatched(line, payments[1], "Chosen by")
        self.assertEqual(line.amount, 100.0)
        self.assertFalse(line.candidate_line_ids)

    def test_a_payment_that_was_not_proposed_can_be_chosen(self):
        payment = self.collect()
        line = self.match(reference="NOBODY", amount=100)
        action = line.action_choose_candidate()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        with self.assertRaisesRegex(UserError, "Choose a payment first"):
            dialog.action_choose_payment()
        dialog.payment_id = payment
        dialog.action_choose_payment()
        self.assertMatched(line, payment)

    def test_a_wrong_duplicate_can_be_put_right(self):
        self.collect(end_to_end_id="FT-2026-001")
        other = self.collect(end_to_end_id="FT-2026-002")
        self.match(end_to_end_id="FT-2026-001", amount=100)
        line = self.match(end_to_end_id="FT-2026-001", amount=100)
        self.assertEqual(line.match_state, "duplicate")
        action = line.action_choose_candidate()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        dialog.payment_id = other
        dialog.action_choose_payment()
        self.assertMatched(line, other)
        self.assertFalse(line.duplicate_line_id)

    def test_the_note_follows_a_payment_that_is_set_back_to_draft(self):
        payment = self.collect(end_to_end_id="FT-2026-001")
        found = self.match(end_to_end_id="FT-2026-001", amount=100)
        chosen = self.told({"reference": "?", "amount": 100}).line_ids
        chosen.payment_id = self.collect()
        self.assertIn("Chosen by", chosen.match_note)
        for line in found, chosen:
            line.payment_id.action_draft()
            self.assertEqual(line.match_state, "unmatched")
            self.assertIn("Its payment is not there any more", line.match_note)
            line.payment_id.action_post()
            self.assertEqual(line.match_state, "matched")
            self.assertEqual(line.match_note, "Its payment is collected again.")
        self.assertEqual(found.payment_id, payment)

    def test_the_note_stays_when_the_bank_pays_in(self):
        payment = self.collect(end_to_end_id="FT-2026-001")
        payment.state = "in_process"
        line = self.match(end_to_end_id="FT-2026-001", amount=100)
        payment.state = "paid"
        self.assertIn("end-to-end ID", line.match_note)

    def test_nothing_is_chosen_on_a_return_in_the_books(self):
        returned = self.make_return(self.collect())
        returned.action_confirm()
        with self.assertRaisesRegex(UserError, "on draft payment returns only"):
            returned.line_ids.action_choose_candidate()

    def test_a_person_can_set_a_line_aside(self):
        line = self.match(reference="NOBODY")
        line.action_skip()
        self.assertNotMatched(line, "skipped", "Set aside by")
        line.return_id.action_match()
        self.assertEqual(line.match_state, "skipped")


@tagged("post_install", "-at_install")
class TestMatchSpeed(MatchCommon):
    def count_queries(self, size):
        """The queries of matching a return of so many lines."""
        prefix = f"Q{size}"
        invoices = self.env["account.move"]
        for number in range(size):
            invoices |= self.invoice(100 + number)
        payments = self.pay(invoices, group=False)
        for number, payment in enumerate(payments):
            payment.end_to_end_id = f"{prefix}-{number}"
        returned = self.told(*({"end_to_end_id": f"{prefix}-{n}"} for n in range(size)))
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        returned.action_match()
        self.env.flush_all()
        self.assertEqual(set(returned.line_ids.mapped("match_state")), {"matched"})
        return self.cr.sql_log_count - before

    def test_the_number_of_queries_does_not_depend_on_the_lines(self):
        self.count_queries(2)
        self.assertEqual(self.count_queries(3), self.count_queries(12))


@tagged("post_install", "-at_install")
class TestMatchRules(MatchCommon):
    def test_the_rules_know_no_database(self):
        path = Path(file_path("account_credit_block/models/returns/match_rules.py"))
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {
            alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        } | {n.module for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        self.assertEqual(names, {"re", "dataclasses", "datetime", "reference_form"})

    def test_days_and_short_numbers_are_no_document_numbers(self):
        self.assertEqual(
            match_rules.tokens(
                ["FATT. N. INV/2026/00012, DEL 01/09/2026 (12) 1.220,00"]
            ),
            {"INV/2026/00012", "1.220"},
        )
