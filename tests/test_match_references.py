import random

from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.account_credit_block.models.reference_form import normal, normal_sql

from .test_match import MatchCommon

UUID = "550e8400-e29b-41d4-a716-446655440000"


@tagged("post_install", "-at_install")
class TestReferenceForms(MatchCommon):
    """References are told in other letters than those they are stored in."""

    def assertFound(self, payment, *told, **more):
        """Each way of telling it finds the payment."""
        for text in told:
            with self.subTest(told=text):
                line = self.match(
                    **{"reference": text, "amount": payment.amount, **more}
                )
                self.assertMatched(line, payment, "Found by")
                line.return_id.action_cancel()

    def test_the_end_to_end_id_is_told_in_other_case_and_with_blanks(self):
        payment = self.collect(end_to_end_id="Ft-2026  001 Rossi")
        self.collect(end_to_end_id="FT-2026-002")
        for told in ("FT-2026 001 ROSSI", "ft-2026  001  rossi", "Ft-2026  001 Rossi"):
            self.assertFound(payment, told)
            self.assertFound(payment, "", end_to_end_id=told)

    def test_the_mandate_is_told_in_other_case(self):
        payment = self.collect(mandate_reference="Mndt-0001/A")
        self.assertFound(payment, "", mandate_reference="MNDT 0001 A")

    def test_the_batch_is_told_in_other_case(self):
        payment = self.collect(collection_batch_id="Pmt-1")
        returned = self.told({"scope": "batch", "batch_id": "PMT-1"})
        returned.action_match()
        self.assertEqual(returned.line_ids.payment_id, payment)

    def test_structured_references_are_told_with_blanks_or_without(self):
        for stored, told in (
            ("RF18539007547034", "RF18 5390 0754 7034"),
            ("RF18 5390 0754 7034", "rf18539007547034"),
            ("+++090/9337/55493+++", "090933755493"),
            ("090933755493", "+++090/9337/55493+++"),
            ("210000000003139471430009017", "21 00000 00003 13947 14300 09017"),
        ):
            invoice = self.invoice(100, payment_reference=stored)
            payment = self.collect(invoice=invoice)
            payment.memo = False
            self.assertFound(payment, told)
            invoice.payment_reference = f"done {invoice.id}"

    def test_invoice_numbers_are_told_in_other_letters(self):
        payment = self.collect()
        payment.memo = False
        name = payment.invoice_ids.name
        self.assertFound(
            payment,
            name.lower(),
            name.replace("/", "-"),
            name.replace("/", " "),
            name.replace("/", ""),
            f"Saldo fattura {name.replace('/', ' ')} del 01/09/2026",
            f"saldo fatt.n.{name.lower()} grazie",
        )

    def test_numbers_are_told_as_spreadsheets_write_them(self):
        payment = self.collect(end_to_end_id="0000000123")
        self.assertFound(payment, '="0000000123"', "'0000000123", "123", "0000000123")

    def test_a_long_reference_may_be_cut(self):
        payment = self.collect(end_to_end_id=UUID)
        self.collect(end_to_end_id="550e8400-e29b-41d4-a716-999999999999")
        self.assertFound(payment, UUID[:35], UUID[:35].upper(), UUID[:30])
        self.assertFound(payment, "", end_to_end_id=UUID[:35])

    def test_what_was_sent_to_the_bank_may_have_been_cut(self):
        payment = self.collect(end_to_end_id=UUID[:35])
        self.assertFound(payment, UUID)

    def test_a_cut_reference_proves_nothing_with_another_amount(self):
        payment = self.collect(end_to_end_id=UUID)
        line = self.match(reference=UUID[:35], amount=40)
        self.assertNotMatched(line, "ambiguous", "without proof")
        self.assertEqual(line.candidate_line_ids, self.payment_item(payment))

    def test_a_reference_cut_too_short_finds_nothing(self):
        self.collect(end_to_end_id=UUID)
        line = self.match(reference=UUID[:29], amount=100)
        self.assertNotMatched(line, "unmatched", "No payment found")

    def test_a_cut_reference_of_two_collections_is_left_to_a_person(self):
        payments = self.collect(100, end_to_end_id=f"{UUID}-1")
        payments += self.collect(60, end_to_end_id=f"{UUID}-2")
        line = self.match(reference=UUID[:35], amount=60)
        self.assertNotMatched(line, "ambiguous", "Several payments fit")
        self.assertEqual(
            line.candidate_line_ids,
            payments.move_id.line_ids.filtered(
                lambda item: item.account_type == "asset_receivable"
            ),
        )

    def test_a_whole_reference_that_came_back_is_not_the_beginning_of_another(self):
        first = self.collect(end_to_end_id=f"{UUID}-1")
        self.collect(end_to_end_id=f"{UUID}-10")
        self.make_return(first).action_confirm()
        line = self.match(end_to_end_id=f"{UUID}-1", amount=100, date="2027-09-01")
        self.assertNotMatched(line, "unmatched", "already came back in full")

    def test_a_form_that_two_collections_share_is_left_to_a_person(self):
        payments = self.collect(100, end_to_end_id="1-23/A")
        payments += self.collect(60, end_to_end_id="12-3/A")
        line = self.match(reference="123A", amount=60)
        self.assertNotMatched(line, "ambiguous", "Several payments fit")
        self.assertEqual(len(line.candidate_line_ids), 2)

    def test_letter_by_letter_it_is_the_one_that_was_told(self):
        self.collect(100, end_to_end_id="1-23/A")
        payment = self.collect(100, end_to_end_id="12-3/A")
        self.assertFound(payment, "12-3/A")

    def test_two_invoices_of_one_form_are_left_to_a_person(self):
        for ref in ("ORD 1/23", "ORD-12/3"):
            self.collect(invoice=self.invoice(100, ref=ref)).memo = False
        line = self.match(reference="ord 123", amount=100)
        self.assertNotMatched(line, "ambiguous", "Several payments fit")

    def test_the_form_is_the_same_in_python_and_in_the_database(self):
        chance = random.Random(14)
        letters = (
            "aAbZz019 /-_.+'\"=\u00a0\u2013\u2019\u00e8\u00df\u0130\u0416\\[]^{}\t\n"
        )
        texts = [
            "".join(chance.choices(letters, k=chance.randint(0, 12)))
            for _number in range(2000)
        ]
        texts += ["0" * 200, "x" * 300, "000", "0 0-1", "1\n", UUID]
        query = SQL("SELECT t, %s FROM UNNEST(%s) t", SQL(normal_sql("t")), texts)
        self.assertEqual(
            [], [(t, f) for t, f in self.env.execute_query(query) if f != normal(t)]
        )

    def test_the_database_looks_references_up_by_index(self):
        match = self.env["account.payment.return.match"]
        # The tables of a test are small: what is left is to use an index, or nothing.
        for way in ("seqscan", "indexscan", "indexonlyscan"):
            self.env.cr.execute(SQL("SET LOCAL %s = off", SQL(f"enable_{way}")))
        for model, names in (
            ("account.payment", ["end_to_end_id", "name", "memo"]),
            ("account.payment", ["mandate_reference"]),
            ("account.payment", ["collection_batch_id"]),
            ("account.payment", ["collection_message_id"]),
            ("account.move", ["name", "payment_reference", "ref"]),
            ("account.payment.return.line", ["end_to_end_id", "reference"]),
        ):
            records = self.env[model].sudo()
            forms = dict.fromkeys(names, {"AB12"})
            domain = match._get_forms_domain(records, forms)
            plan = self.env.execute_query(
                SQL("EXPLAIN %s", records._search(domain).select())
            )
            plan = "\n".join(row for (row,) in plan)
            self.assertEqual(plan.count("_form_idx"), len(names), plan)


@tagged("post_install", "-at_install")
class TestWrongCustomer(MatchCommon):
    """A match is certain only if nothing says that it is somebody else's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_customer.vat = "IT12345670017"
        cls.env["res.partner.bank"].create(
            {
                "partner_id": cls.other_customer.id,
                "acc_number": "IT60X0542811101000000123456",
            }
        )
        cls.somebody_else = (
            {"partner_iban": "IT60X0542811101000000123456"},
            {"partner_vat": "12345670017"},
            {"partner_name": "BIANCHI CARLO"},
        )

    def test_a_short_number_of_another_customers_invoice_is_no_proof(self):
        payment = self.collect(invoice=self.invoice(100, ref="5"))
        payment.memo = False
        line = self.match(end_to_end_id="5", amount=100)
        self.assertNotMatched(line, "ambiguous", "without proof")
        self.assertEqual(line.candidate_line_ids, self.payment_item(payment))
        for told in self.somebody_else:
            with self.subTest(told=told):
                line = self.match(end_to_end_id="5", amount=100, **told)
                self.assertFalse(line.payment_id)

    def test_the_customer_that_the_file_names_is_found_instead(self):
        self.collect(invoice=self.invoice(100, ref="5")).memo = False
        payment = self.collect(partner=self.other_customer)
        line = self.match(
            end_to_end_id="5",
            amount=100,
            partner_iban="IT60X0542811101000000123456",
        )
        self.assertMatched(line, payment, "customer")

    def test_the_id_of_a_payment_is_not_another_customers_invoice(self):
        payment = self.collect(invoice=self.invoice(100, ref="412345"))
        payment.memo = False
        own = self.env["res.partner.bank"].create(
            {
                "acc_number": "IT23A0336844430152923804660",
                "partner_id": payment.partner_id.id,
            }
        )
        for told in self.somebody_else:
            for values in ({"end_to_end_id": "412345"}, {"reference": "412345"}):
                with self.subTest(told=told, **values):
                    line = self.match(amount=100, **values, **told)
                    self.assertFalse(line.payment_id)
                    line.return_id.action_cancel()
        line = self.match(
            end_to_end_id="412345", amount=100, partner_iban=own.acc_number
        )
        self.assertMatched(line, payment, "invoice")

    def test_a_short_number_with_the_right_customer_and_amount_is_proof(self):
        payment = self.collect(invoice=self.invoice(100, self.other_customer, ref="5"))
        payment.memo = False
        for told in self.somebody_else:
            with self.subTest(told=told):
                line = self.match(reference="5", amount=100, **told)
                self.assertMatched(line, payment, "invoice")
                line.return_id.action_cancel()

    def test_a_receipt_number_of_ours_with_the_amount_is_proof_however_short(self):
        payment = self.collect(end_to_end_id="5")
        self.assertMatched(self.match(reference="5", amount=100), payment)

    def test_a_receipt_number_of_ours_with_another_amount_is_no_proof(self):
        self.collect(end_to_end_id="5")
        line = self.match(reference="5", amount=40)
        self.assertNotMatched(line, "ambiguous", "without proof")

    def test_whoever_the_bank_names_contradicts_every_key(self):
        payment = self.collect(
            end_to_end_id="FT-2026-001", mandate_reference="MNDT-0001"
        )
        keys = (
            {"end_to_end_id": "FT-2026-001"},
            {"instruction_id": "FT-2026-001"},
            {"reference": payment.name},
            {"reference": payment.invoice_ids.name},
        )
        for key in keys:
            for told in self.somebody_else:
                with self.subTest(key=key, told=told):
                    line = self.match(**key, **told, amount=100)
                    self.assertNotMatched(line, "ambiguous", "names another customer")
                    self.assertEqual(
                        line.candidate_line_ids, self.payment_item(payment)
                    )
                    line.return_id.action_cancel()
            with self.subTest(key=key):
                line = self.match(**key, amount=100, partner_name="ROSSI IMPIANTI")
                self.assertMatched(line, payment)
                line.return_id.action_cancel()

    def test_the_mandate_outweighs_a_name_but_not_an_iban(self):
        payment = self.collect(mandate_reference="MNDT-0001")
        told = {"mandate_reference": "MNDT-0001", "amount": 100}
        iban, vat, name = self.somebody_else
        for other in (iban, vat):
            line = self.match(**told, **other)
            self.assertNotMatched(line, "ambiguous", "names another customer")
        self.assertMatched(self.match(**told, **name), payment, "mandate")

    def test_a_name_that_is_cut_or_turned_round_is_the_same(self):
        payment = self.collect(end_to_end_id="FT-2026-001")
        for name in ("IMPIANTI ROSSI", "Rossi Impiant", "ROSSI IMP. S.R.L.", "Srl"):
            with self.subTest(name=name):
                line = self.match(
                    end_to_end_id="FT-2026-001", amount=100, partner_name=name
                )
                self.assertMatched(line, payment)
                line.return_id.action_cancel()

    def test_an_unknown_iban_says_nothing(self):
        payment = self.collect(end_to_end_id="FT-2026-001")
        line = self.match(
            end_to_end_id="FT-2026-001",
            amount=100,
            partner_iban="DE89370400440532013000",
        )
        self.assertMatched(line, payment)

    def test_an_unknown_tax_code_is_another_than_the_customers(self):
        payment = self.collect(partner=self.other_customer, end_to_end_id="FT-2026-001")
        line = self.match(
            end_to_end_id="FT-2026-001", amount=100, partner_vat="IT00743110157"
        )
        self.assertNotMatched(line, "ambiguous", "names another customer")
        line = self.match(
            end_to_end_id="FT-2026-001", amount=100, partner_vat="CUC12345"
        )
        self.assertMatched(line, payment)

    def test_the_note_of_a_match_is_renewed_when_a_person_chooses(self):
        self.collect(end_to_end_id="FT-2026-001")
        other = self.collect()
        line = self.match(end_to_end_id="FT-2026-001", amount=100)
        self.assertIn("end-to-end", line.match_note)
        line.payment_id = other
        self.assertEqual(line.match_note, f"Chosen by {self.env.user.name}.")
        found = self.match(reference="NOBODY", amount=100)
        self.assertIn("NOBODY", found.match_note)
        found.payment_id = other
        self.assertIn("Chosen by", found.match_note)


@tagged("post_install", "-at_install")
class TestCalledOtherwise(MatchCommon):
    """What the bank calls a collection is not what another one is called."""

    def tell(self, called, payment, **told):
        """What is told of a payment's invoice, under an end-to-end ID."""
        texts = payment.invoice_ids.name
        return self.match(end_to_end_id=called, texts=texts, amount=100, **told)

    def test_a_cancelled_payment_is_meant_though_its_invoice_was_paid_again(self):
        old = self.collect(end_to_end_id="E2E-OLD-1234")
        invoice = old.invoice_ids
        old.action_cancel()
        self.collect(invoice=invoice, end_to_end_id="E2E-NEW-5678")
        line = self.tell("E2E-OLD-1234", old)
        self.assertNotMatched(line, "unmatched", f"{old.name} was found, but it was wi")
        line = self.match(texts=f"SDD E2E-OLD-1234 {invoice.name}", amount=100)
        self.assertNotMatched(line, "unmatched", "withdrawn")

    def test_a_cancelled_payment_is_meant_though_a_transfer_paid(self):
        old = self.collect(end_to_end_id="E2E-OLD-1234")
        old.action_cancel()
        again = self.collect(invoice=old.invoice_ids)
        line = self.tell("E2E-OLD-1234", again)
        self.assertNotMatched(line, "unmatched", "withdrawn")
        self.assertMatched(self.match(texts=again.invoice_ids.name, amount=100), again)

    def test_a_cancelled_payment_of_somebody_else_hides_nothing(self):
        old = self.collect(partner=self.other_customer, end_to_end_id="E2E-OLD-1234")
        old.action_cancel()
        payment = self.collect()
        line = self.tell("E2E-OLD-1234", payment, partner_name="ROSSI IMPIANTI")
        self.assertMatched(line, payment, "invoice")

    def test_an_id_that_is_nobodys_is_not_that_of_the_payment(self):
        payment = self.collect(end_to_end_id="E2E-NEW-5678")
        line = self.tell("E2E-QQQ-9999", payment)
        note = "sent to the bank as E2E-NEW-5678, and the bank tells of E2E-QQQ-9999"
        self.assertNotMatched(line, "ambiguous", note)
        self.assertEqual(line.candidate_line_ids, self.payment_item(payment))
        line.return_id.action_cancel()
        self.assertMatched(self.tell("E2E-NEW-5678", payment), payment)

    def test_a_payment_without_an_id_is_found_by_its_invoice(self):
        payment = self.collect()
        self.assertMatched(self.tell("E2E-QQQ-9999", payment), payment, "invoice")

    def test_an_id_that_is_nobodys_repeats_nothing_for_sure(self):
        payment = self.collect(end_to_end_id="E2E-NEW-5678")
        self.make_return(payment).action_confirm()
        line = self.tell("E2E-QQQ-9999", payment)
        self.assertNotMatched(line, "ambiguous", "may have come back already")
        self.assertFalse(line.duplicate_line_id)
        line.return_id.action_cancel()
        line = self.tell("E2E-NEW-5678", payment)
        self.assertNotMatched(line, "duplicate", "is in .* already")
