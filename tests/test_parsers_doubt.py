from decimal import Decimal

from odoo.tests import tagged

from .test_import import ImportCommon
from .test_parsers import (
    ISO,
    OWN_IBAN,
    ParserCase,
    batch,
    camt,
    causale,
    details,
    domain,
    entry,
    pain,
    tx,
)

GERMAN_IBAN = "DE89370400440532013000"
REVERSED = "<RvslInd>true</RvslInd>"
TWO = "<Btch><NbOfTxs>2</NbOfTxs></Btch>"


def german(code):
    """A BkTxCd of a German bank."""
    return f"<BkTxCd><Prtry><Cd>{code}</Cd><Issr>DK</Issr></Prtry></BkTxCd>"


@tagged("post_install", "-at_install")
class TestDoubt(ParserCase):
    """What may be a return, but is not told as one, is kept for a person to say."""

    def assertDoubt(self, doubt, text, kind="return"):
        payment = self.payment(text)
        self.assertEqual((payment.doubt, payment.kind), (doubt, kind))
        self.assertEqual(payment.amount, Decimal("100.00"))
        return payment

    def test_a_return_told_in_the_usual_way_is_in_no_doubt(self):
        self.assertDoubt("", camt(entry(details())))

    def test_a_credit_with_reversal_mark_and_reason_is_in_doubt(self):
        code = domain("IDDT", "ESDD")
        text = camt(entry(details(), sign="CRDT", code=code, more=REVERSED))
        payment = self.assertDoubt("credit", text)
        self.assertEqual(payment.end_to_end_id, "E2E-1")
        self.assertEqual(payment.reason_codes, ("AM04",))

    def test_a_credit_without_mark_or_reason_is_a_credit(self):
        code = domain("IDDT", "ESDD")
        for given in (
            entry(details(), sign="CRDT", code=code),
            entry(details(reason=""), sign="CRDT", code=code, more=REVERSED),
            entry(details(), sign="CRDT", code=domain("ICDT", "RRTN"), more=REVERSED),
        ):
            self.assertEqual(self.whys(camt(given)), ["credit"])

    def test_a_debit_called_ours_with_a_reason_is_in_doubt(self):
        text = camt(entry(details(), code=domain("RDDT", "RJCT")))
        self.assertDoubt("own", text)
        self.assertDoubt("", camt(entry(details(), code=domain("RDDT", "UPDD"))))

    def test_a_debit_called_ours_is_ours_without_reason_or_on_our_account(self):
        code = domain("RDDT", "RJCT")
        self.assertEqual(
            self.whys(camt(entry(details(reason=""), code=code))), ["own_debit"]
        )
        own = (
            f"<RltdPties><DbtrAcct><Id><IBAN>{OWN_IBAN}</IBAN></Id></DbtrAcct>"
            "</RltdPties>"
        )
        text = camt(entry(details(more=own), code=code))
        self.assertEqual(self.whys(text), ["own_debit"])

    def test_the_german_code_of_returned_items_alone_is_in_doubt(self):
        for code in ("NRTI+109", "NRTI+109+00931", "NRTI+108"):
            text = camt(entry(details(reason=""), code=german(code)), acct=GERMAN_IBAN)
            self.assertDoubt("code", text)
        text = camt(entry(details(reason=""), code=german("NDDT+105")))
        self.assertEqual(self.whys(text), ["not_return"])

    def test_the_german_code_beside_a_reason_is_in_no_doubt(self):
        text = camt(entry(details(), code=german("NRTI+109")), acct=GERMAN_IBAN)
        self.assertDoubt("", text)

    def test_a_causale_of_reversals_is_in_doubt(self):
        payment = self.assertDoubt(
            "reversal", camt(entry(code=causale("68//"))), kind="reversal"
        )
        self.assertEqual(payment.reason_codes, ("68",))

    def test_a_causale_without_issuer_is_one_on_italian_accounts_only(self):
        code = causale("37/X0/", issuer="")
        self.assertDoubt("", camt(entry(code=code)))
        self.assertEqual(
            self.whys(camt(entry(code=code), acct=GERMAN_IBAN)), ["not_return"]
        )
        self.assertDoubt("code", camt(entry(code=code), acct="12345678"))
        self.assertDoubt("", camt(entry(code=causale("37//")), acct=GERMAN_IBAN))
        charge = causale("16//", issuer="")
        self.assertEqual(self.whys(camt(entry(code=charge))), ["charges"])

    def test_what_the_transactions_of_a_batch_miss_is_a_fee_in_doubt(self):
        two = [TWO, details("A", "60.00"), details("B", "40.00")]
        document = self.read_one(camt(entry(*two, amount="103.50")))
        first, second = document.payments
        self.assertEqual((first.amount, first.fee_amount), (60, Decimal("3.50")))
        self.assertEqual((first.fee_currency, first.doubt), ("EUR", "fee"))
        self.assertEqual((second.amount, second.fee_amount, second.doubt), (40, 0, ""))

    def test_a_batch_of_which_a_transaction_may_be_missing_is_refused(self):
        two = [details("A", "60.00"), details("B", "40.00")]
        words = "make 100.00, but the bank booked 140.00 .* register these returns by"
        self.assertRefused("control_batch", words, camt(entry(*two, amount="140.00")))
        # Less than any transaction: nothing can be missing.
        document = self.read_one(camt(entry(*two, amount="105.00")))
        self.assertEqual(document.payments[0].fee_amount, 5)

    def test_what_charges_explain_is_in_no_doubt(self):
        charges = '<Chrgs><Rcrd><Amt Ccy="EUR">2.00</Amt></Rcrd></Chrgs>'
        two = [TWO, details("A", "60.00"), details("B", "40.00")]
        document = self.read_one(camt(entry(*two, amount="102.00", more=charges)))
        self.assertEqual([p.doubt for p in document.payments], ["", ""])


@tagged("post_install", "-at_install")
class TestNamespaces(ParserCase):
    def test_the_namespace_of_another_message_is_refused(self):
        words = "belongs neither to ISO 20022 nor to CBI or SIX"
        report, statement = pain(batch(tx())), camt(entry(details()))
        for message in ("other.002.001.03", "pacs.002.001.03", "camt.053.001.02"):
            text = report.replace("pain.002.001.03", message)
            self.assertRefused("namespace", words, text)
        for message in ("other.053.001.08", "pain.002.001.03", "camt.060.001.03"):
            text = statement.replace("camt.053.001.08", message)
            self.assertRefused("namespace", words, text)
        other = "urn:CBI:xsd:CBIPaymentRequest.00.04.01"
        text = report.replace(f"{ISO}pain.002.001.03", other)
        self.assertRefused("namespace", words, text)

    def test_national_variants_of_the_messages_are_read(self):
        for message in ("pain.002.003.03", "pain.002.001.14"):
            text = pain(batch(tx())).replace("pain.002.001.03", message)
            self.assertEqual(self.payment(text).end_to_end_id, "E2E-1")

    def test_the_periodic_statement_of_cbi_is_read_as_the_daily_one(self):
        for name in ("CBIDlyStmtReqLogMsg", "CBIPrdcStmtReqLogMsg"):
            inner = camt(entry(code=causale("37//")), version="053.001.02")
            inner = inner.replace(
                f"{ISO}camt.053.001.02", f"urn:CBI:xsd:{name}.00.01.02"
            )
            inner = inner.replace("Document", name)
            inner = inner.replace("<Message>", "").replace("</Message>", "")
            text = (
                "<CBIBdyBkToCstmrStmtReq "
                'xmlns="urn:CBI:xsd:CBIBdyBkToCstmrStmtReq.00.01.02">'
                "<PhyMsgInf><NbOfLogMsg>1</NbOfLogMsg></PhyMsgInf>"
                f"<CBIEnvel>{inner}</CBIEnvel></CBIBdyBkToCstmrStmtReq>"
            )
            for given in (text, inner):
                self.assertEqual(self.payment(given).reason_codes, ("37",))


@tagged("post_install", "-at_install")
class TestDoubtImported(ImportCommon):
    def load_entries(self, *entries):
        self.bank.bank_account_id = self.env["res.partner.bank"].create(
            {"acc_number": OWN_IBAN, "partner_id": self.company.partner_id.id}
        )
        return self.load(("statement.xml", camt(*entries).encode()))

    def test_a_line_in_doubt_is_for_a_person_though_its_payment_is_known(self):
        payment = self.collect(end_to_end_id="E2E-1")
        code = domain("RDDT", "RJCT")
        returned = self.load_entries(entry(details(), code=code))
        line = returned.line_ids
        self.assertNotMatched(line, "ambiguous", "a debit of ours.* choose it if")
        self.assertEqual(line.candidate_line_ids, self.payment_item(payment))
        self.assertEqual(returned.pending_count, 1)
        line._match()
        self.assertNotMatched(line, "ambiguous", "a debit of ours")
        row = self.env["account.payment.return.choose"].create(
            {"line_id": line.id, "payment_id": payment.id}
        )
        row.action_choose_payment()
        self.assertMatched(line, payment)

    def test_a_line_in_no_doubt_is_matched(self):
        payment = self.collect(end_to_end_id="E2E-1")
        self.assertMatched(self.load_entries(entry(details())).line_ids, payment)

    def test_a_line_in_doubt_without_payment_says_why_too(self):
        returned = self.load_entries(entry(code=causale("68//")))
        self.assertNotMatched(
            returned.line_ids, "unmatched", "reversed an entry.* by which the payment"
        )
