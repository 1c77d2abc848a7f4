import io
import zipfile
from unittest.mock import patch

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger
from odoo.tools.misc import file_open

from odoo.addons.account_credit_block import parsers
from odoo.addons.account_credit_block.wizards.account_payment_return_import import (
    COMPLETED,
)
from odoo.addons.account_credit_block.wizards.parse_messages import (
    PARSE_MESSAGES,
    PARSE_PHRASES,
)

from ..models import said
from ..parsers.phrase import PHRASES, Phrase
from .test_match import MatchCommon

PAIN = "tests/files/mockbank/pain.002.001.10-1.xml"
NOTIFICATION = "tests/files/mockbank/camt.054.001.08-20.xml"
STATEMENT = "tests/files/mockbank/camt.053.001.08-21.xml"
OUTCOMES = "tests/files/cbi/riba_esiti_42010.txt"
DAY = "tests/files/cbi/rh_insoluti_rifesicbi.txt"
DAY_AGAIN = "tests/files/cbi/rh_insoluti_rifesicbi_recupero.txt"


class ImportCommon(MatchCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.importer = cls.env["account.payment.return.import"]

    @classmethod
    def sample(cls, path):
        """A sample file, as (name, bytes)."""
        with file_open(f"account_credit_block/{path}", "rb") as file:
            return path.rpartition("/")[2], file.read()

    @classmethod
    def pain(cls, *transactions, message="MSG-1", own_iban="", status="RJCT"):
        """A pain.002 file with one row for each (end-to-end id, amount)."""
        account = own_iban and (
            f"<CdtrAcct><Id><IBAN>{own_iban}</IBAN></Id></CdtrAcct>"
        )
        rows = "".join(
            f"<TxInfAndSts><OrgnlEndToEndId>{reference}</OrgnlEndToEndId>"
            f"<TxSts>{status}</TxSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>"
            f'<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{amount}</InstdAmt></Amt>{account}'
            "</OrgnlTxRef></TxInfAndSts>"
            for reference, amount in transactions
        )
        return (
            f"{message}.xml",
            (
                '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03">'
                f"<CstmrPmtStsRpt><GrpHdr><MsgId>{message}</MsgId>"
                "<CreDtTm>2026-11-02T09:00:00</CreDtTm></GrpHdr>"
                "<OrgnlGrpInfAndSts><OrgnlMsgId>SDD-1</OrgnlMsgId>"
                "<OrgnlMsgNmId>pain.008.001.02</OrgnlMsgNmId></OrgnlGrpInfAndSts>"
                "<OrgnlPmtInfAndSts><OrgnlPmtInfId>PMT-1</OrgnlPmtInfId>"
                f"{rows}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
            ).encode(),
        )

    def load(self, *files, **options):
        """Import files for the test's company."""
        return self.importer._import_files(list(files), self.company, **options)


@tagged("post_install", "-at_install")
class TestImport(ImportCommon):
    def test_a_line_that_a_file_told_is_not_deleted_alone(self):
        file = self.pain(("E2E-1", 10), ("E2E-2", 20))
        returned = self.load(file)
        with self.assertRaisesRegex(UserError, "MSG-1.xml told this line"):
            returned.line_ids = [Command.delete(returned.line_ids[0].id)]
        entered = self.make_return(self.pay(self.invoice(30)))
        entered.line_ids.unlink()
        returned.unlink()
        self.assertEqual(len(self.load(file).line_ids), 2)

    def test_the_file_of_the_bank_stays_as_it_came(self):
        returned = self.load(self.pain(("E2E-1", 10)))
        file = returned.message_main_attachment_id
        for change in (
            lambda: file.write({"raw": b"x"}),
            lambda: file.write({"res_id": False, "res_model": False}),
            lambda: file.unlink(),
        ):
            with self.assertRaisesRegex(UserError, "stays as it is"):
                change()
        note = file.create(
            {
                "name": "note",
                "raw": b"x",
                "res_model": returned._name,
                "res_id": returned.id,
            }
        )
        note.write({"raw": b"y"})
        note.unlink()
        returned.unlink()
        self.assertFalse(file.exists())

    def test_outcomes_of_receipts_become_a_draft_with_their_charges(self):
        self.customer.name = "Bianchi Arredi S.r.l."
        invoice = self.invoice(1220, name="FV/2026/00101")
        payment = self.pay(invoice)
        returned = self.load(self.sample(OUTCOMES))
        self.assertEqual(returned.file_format, "cbi.riba")
        self.assertEqual(returned.journal_id, self.bank)
        self.assertEqual(str(returned.date), "2026-11-03")
        matched, unknown = returned.line_ids
        self.assertEqual(
            (matched.match_state, matched.payment_id), ("matched", payment)
        )
        self.assertEqual((matched.amount, matched.fee_amount), (1220.0, 3.5))
        self.assertEqual(matched.reason_id.code, "42010")
        self.assertEqual(unknown.match_state, "unmatched")
        with self.assertRaises(RedirectWarning):
            self.load(self.sample(OUTCOMES))

    def test_a_day_that_the_bank_sends_again_tells_nothing_new(self):
        returned = self.load(self.sample(DAY))
        self.assertEqual(returned.file_format, "cbi.rh")
        self.assertEqual(returned.line_ids.mapped("amount"), [99.99])
        with self.assertRaises(RedirectWarning):
            self.load(self.sample(DAY_AGAIN))

    def test_an_italian_account_is_known_by_bank_branch_and_number(self):
        """The files tell its check characters in part only."""
        other = self.bank.copy({"name": "Second Bank"})
        other.bank_acc_number = "IT60X0503411702000000123456"
        self.assertEqual(self.load(self.sample(OUTCOMES)).journal_id, other)
        self.assertEqual(self.load(self.sample(DAY)).journal_id, other)

    def test_a_status_report_becomes_a_matched_draft(self):
        payment = self.collect(100, end_to_end_id="FT-2026-004")
        returned = self.load(self.sample(PAIN))
        self.assertRecordValues(
            returned,
            [
                {
                    "state": "draft",
                    "journal_id": self.bank.id,
                    "company_id": self.company.id,
                    "file_name": "pain.002.001.10-1.xml",
                    "file_format": "pain.002",
                    "bank_message_id": "MB-P002-000001",
                }
            ],
        )
        line = returned.line_ids
        self.assertMatched(line, payment)
        self.assertRecordValues(
            line,
            [
                {
                    "reference": "FT-2026-004",
                    "end_to_end_id": "FT-2026-004",
                    "instruction_id": "INS-FT-2026-004",
                    "reason_code": "AC04",
                    "kind": "reject",
                    "amount": 100.0,
                }
            ],
        )
        self.assertEqual(line.reason_id.code, "AC04")
        self.assertIn("is closed", line.reason_text)

    def test_the_summary_tells_what_became_of_each_row(self):
        self.collect(100, end_to_end_id="FT-2026-004")
        note = self.load(self.sample(PAIN)).import_note
        self.assertIn("1 matched with its payment", note)
        self.assertIn("3 accepted or paid, not imported", note)

    def test_the_summary_of_a_return_tells_of_its_own_file_only(self):
        returns = self.load(
            self.pain(("A-1", 10), message="ONE"),
            self.pain(("A-2", 20), message="TWO"),
            self.pain(("A-3", 30), message="PAID", status="ACSC"),
        )
        self.assertEqual(len(returns), 2)
        for payment_return in returns:
            self.assertNotIn("PAID", payment_return.import_note)
            self.assertNotIn("accepted", payment_return.import_note)

    def test_what_else_is_in_the_file_of_a_return_is_in_its_summary_once(self):
        name, data = self.pain(("A-1", 10), message="ONE")
        report = data.partition(b"<CstmrPmtStsRpt>")[2].partition(b"</Document>")[0]
        paid = b"<CstmrPmtStsRpt>" + report.replace(b"RJCT", b"ACSC")
        data = data.replace(b"</Document>", paid * 2 + b"</Document>")
        returned = self.load((name, data))
        self.assertEqual(
            returned.import_note.count("ONE.xml: nothing unpaid (2 accepted"), 1
        )

    def test_one_is_said_in_the_singular(self):
        for count, text in ((1, "1 credit, not"), (2, "2 credits, not")):
            kept = said.say("import.row.credit", count=count)
            self.assertEqual(said.tell(self.env, kept), f"{text} imported")

    def test_the_file_is_kept_on_its_return(self):
        name, data = self.sample(PAIN)
        returned = self.load((name, data))
        attachment = returned.message_main_attachment_id
        self.assertEqual((attachment.name, attachment.raw), (name, data))
        self.assertEqual(attachment.res_id, returned.id)

    def test_nothing_found_keeps_the_line(self):
        line = self.load(self.sample(PAIN)).line_ids
        self.assertNotMatched(line, "unmatched", "FT-2026-004")

    def test_the_same_return_in_two_formats_is_recognised(self):
        self.collect(1250.40, end_to_end_id="FT-2026-001")
        self.collect(80, self.other_customer, end_to_end_id="FT-2026-002")
        report = self.load(self.sample(NOTIFICATION))
        self.assertEqual(report.line_ids.mapped("match_state"), ["matched"] * 2)
        report.action_confirm()
        statement = self.load(self.sample(STATEMENT))
        self.assertEqual(statement.line_ids.mapped("match_state"), ["duplicate"] * 2)
        self.assertEqual(statement.line_ids.duplicate_line_id, report.line_ids)
        self.assertIn("2 known already, set aside", statement.import_note)

    def test_several_files_give_a_return_each(self):
        returns = self.load(
            self.pain(("A-1", 10), message="ONE"), self.pain(("A-2", 20), message="TWO")
        )
        self.assertEqual(returns.mapped("bank_message_id"), ["ONE", "TWO"])
        self.assertEqual(returns.line_ids.mapped("amount"), [10, 20])

    def test_an_archive_gives_a_return_for_each_file_inside(self):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(*self.pain(("A-1", 10), message="ONE"))
            archive.writestr(*self.pain(("A-2", 20), message="TWO"))
        data = buffer.getvalue()
        returns = self.load(("bank.zip", data))
        self.assertEqual(len(returns), 2)
        with self.assertRaisesRegex(RedirectWarning, "already imported"):
            self.load(("bank.zip", data))

    def test_a_list_of_the_bank_portal_is_read(self):
        payment = self.collect(122, end_to_end_id="0000012345")
        data = (
            b"Numero effetto;Importo;Data;Causale;Debitore\n"
            b"12345;122,00;05/10/2026;AM04;Rossi Impianti Srl\n"
        )
        line = self.load(("insoluti.csv", data)).line_ids
        self.assertMatched(line, payment)
        self.assertEqual(line.amount, 122.0)

    def test_a_recall_is_a_return_of_a_kind_of_its_own(self):
        payment = self.collect(122, end_to_end_id="12345")
        data = b"Reference;Amount;Date;Reason\n12345;122.00;2026-10-05;30008\n"
        line = self.load(("list.csv", data)).line_ids
        self.assertMatched(line, payment)
        self.assertEqual(line.kind, "recall")

    def test_what_was_paid_is_no_return(self):
        self.collect(122, end_to_end_id="12345")
        data = b"Reference;Amount;Date;Reason\n12345;122.00;2026-10-05;30010\n"
        with self.assertRaisesRegex(UserError, "1 accepted or paid"):
            self.load(("list.csv", data))


@tagged("post_install", "-at_install")
class TestImportRefusals(ImportCommon):
    def test_the_same_file_is_refused_with_a_link_to_the_first(self):
        first = self.load(self.sample(PAIN))
        told = f"already imported on .* as {first.name}"
        with self.assertRaisesRegex(RedirectWarning, told) as caught:
            self.load(self.sample(PAIN))
        self.assertEqual(caught.exception.args[1]["res_id"], first.id)

    def test_a_cancelled_return_can_be_imported_again(self):
        self.load(self.sample(PAIN)).action_cancel()
        self.assertEqual(self.load(self.sample(PAIN)).state, "draft")

    @mute_logger("odoo.sql_db")
    def test_two_imports_at_once_cannot_both_pass(self):
        first = self.load(self.sample(PAIN))
        with self.assertRaisesRegex(Exception, "file_uniq"), self.cr.savepoint():
            self.told({"reference": "x"}).sudo().write(
                {"file_hash": first.file_hash, "file_part": first.file_part}
            )
            self.env.flush_all()

    def test_the_same_message_in_another_file_is_refused(self):
        name, data = self.pain(("A-1", 10))
        first = self.load((name, data))
        with self.assertRaisesRegex(RedirectWarning, first.name):
            self.load((name, data + b"\n"))

    def test_the_same_file_twice_at_once_is_refused(self):
        with self.assertRaisesRegex(UserError, "there twice"):
            self.load(self.sample(PAIN), self.sample(PAIN))

    def test_a_bad_file_is_named_and_stops_the_others(self):
        good = self.pain(("A-1", 10))
        with self.assertRaisesRegex(UserError, "bad.xml: The file is cut(.|\n)*others"):
            self.load(good, ("bad.xml", b"<Document><unfinished"))
        self.assertFalse(self.env["account.payment.return"].search([]))
        self.assertTrue(self.load(good))

    def test_a_refused_file_leaves_nothing_behind(self):
        models = (
            "account.payment.return",
            "account.payment.return.line",
            "account.payment.return.reason",
            "ir.attachment",
            "mail.message",
        )

        def count():
            self.env.flush_all()
            return [self.env[name].sudo().search_count([]) for name in models]

        name, data = good = self.pain(("A-1", "12.34"), message="GOOD")
        before = count()
        for old, new, words in (
            (b"12.34", b"999999999999999.99", "kept to the cent"),
            (b"12.34", b"12.345", "12.345 .*has more decimals than EUR has"),
            (b"<Amt>", b"<Amt/><Amt>", "Amt more than once"),
            (
                b"AM04",
                b"</Cd></Rsn><Rsn><Cd>".join(b"%04d" % n for n in range(2001)),
                "more XML than a bank message",
            ),
            (b"<TxSts>", b"<!DOCTYPE x><TxSts>", "DOCTYPE"),
            (b"AM04", b"XX99" + b"</Cd></Rsn></StsRsnInf></TxInfAndSts>", "cut or"),
        ):
            bad = ("bad.xml", data.replace(b"GOOD", b"BAD").replace(old, new))
            with self.assertRaisesRegex(UserError, words):
                self.load(good, bad)
            self.assertEqual(count(), before, words)
        returned = self.load(good)
        self.assertEqual(returned.line_ids.amount, 12.34)
        self.assertEqual(returned.file_name, name)

    def test_a_file_without_returns_says_what_was_read(self):
        with self.assertRaisesRegex(UserError, "nothing unpaid(.|\n)*1 accepted"):
            self.load(self.pain(("A-1", 10), status="ACSC"))

    def test_no_file_at_all_is_refused(self):
        with self.assertRaisesRegex(UserError, "at least one file"):
            self.load()

    def test_every_parse_error_has_a_translated_sentence(self):
        self.assertEqual(PARSE_MESSAGES.keys(), parsers.MESSAGES.keys())
        for code, sentence in parsers.MESSAGES.items():
            self.assertEqual(self.env._(PARSE_MESSAGES[code]), sentence)
        self.assertEqual(PARSE_PHRASES.keys(), PHRASES.keys())
        for code, phrase in PHRASES.items():
            self.assertEqual(self.env._(PARSE_PHRASES[code]), phrase)

    def test_a_place_is_told_in_the_words_of_the_reader(self):
        read = self.importer._tell_phrase
        row = Phrase(("row", 4), ("sheet", "Foglio"), ("inside", "lista.xlsx"))
        self.assertEqual(read(row), "row 4 of sheet Foglio of lista.xlsx")
        self.assertEqual(read(row), str(row))
        self.assertEqual(read("100% esiti.txt"), "100% esiti.txt")
        line = Phrase(("line", 7)).then("element", "Amt").then("receipt", 2)
        self.assertEqual(read(line), "line 7 (Amt), receipt 2")

    def test_an_inactive_currency_is_refused(self):
        name, data = self.pain(("A-1", 10))
        self.env.ref("base.CHF").active = False
        with self.assertRaisesRegex(UserError, "CHF, which is not active"):
            self.load((name, data.replace(b'"EUR"', b'"CHF"')))


@tagged("post_install", "-at_install")
class TestImportBank(ImportCommon):
    IBAN = "IT60X0542811101000000123456"

    def set_iban(self, journal, iban=IBAN):
        journal.bank_account_id = self.env["res.partner.bank"].create(
            {"acc_number": iban, "partner_id": self.company.partner_id.id}
        )

    def test_the_bank_is_found_by_its_account_number(self):
        second = self.bank.copy({"name": "Second Bank", "code": "BNK9"})
        self.set_iban(second)
        returned = self.load(self.pain(("A-1", 10), own_iban=self.IBAN))
        self.assertEqual(returned.journal_id, second)

    def test_an_unknown_account_is_named(self):
        self.set_iban(self.bank, "IT40S0542811101000000123456")
        file = self.pain(("A-1", 10), own_iban=self.IBAN)
        named = rf"^MSG-1.xml: .*{self.IBAN}(.|\n)*Nothing was imported\.$"
        with self.assertRaisesRegex(UserError, named):
            self.load(file)
        self.assertEqual(self.load(file, journal=self.bank).journal_id, self.bank)

    def test_each_file_of_an_unknown_account_is_named_and_no_other(self):
        self.set_iban(self.bank)
        unknown = "IT40S0542811101000000123456"
        files = [
            self.pain(("A-1", 10), message="ONE", own_iban=unknown),
            self.pain(("A-2", 10), message="TWO", own_iban=self.IBAN),
            self.pain(("A-3", 10), message="THREE", own_iban=unknown),
        ]
        with self.assertRaises(UserError) as refused:
            self.load(*files)
        text = refused.exception.args[0]
        self.assertIn("ONE.xml: The file is of the account", text)
        self.assertIn("THREE.xml: The file is of the account", text)
        self.assertNotIn("TWO.xml", text)
        self.assertIn("Nothing was imported. Remove these files", text)

    def test_with_two_banks_a_person_has_to_choose(self):
        second = self.bank.copy({"name": "Second Bank", "code": "BNK9"})
        file = self.pain(("A-1", 10))
        with self.assertRaisesRegex(UserError, "Choose the bank"):
            self.load(file)
        self.assertEqual(self.load(file, journal=second).journal_id, second)

    def test_the_account_of_another_company_is_unknown(self):
        other = self.setup_other_company()
        self.set_iban(self.bank, "IT40S0542811101000000123456")
        other["default_journal_bank"].bank_account_id = self.env[
            "res.partner.bank"
        ].create(
            {"acc_number": self.IBAN, "partner_id": other["company"].partner_id.id}
        )
        file = self.pain(("A-1", 10), own_iban=self.IBAN)
        with self.assertRaisesRegex(UserError, self.IBAN):
            self.load(file)
        returned = self.importer._import_files([file], other["company"])
        self.assertEqual(returned.company_id, other["company"])

    def add_bank(self, code, iban=None, bic=None, **values):
        """Another bank journal of the company, with what it is known by."""
        bank = self.bank.copy({"name": code, "code": code, **values})
        if iban:
            self.set_iban(bank, iban)
        if bic:
            bank.bank_account_id.bank_id = self.env["res.bank"].create(
                {"name": code, "bic": bic}
            )
        return bank

    def pain_of(self, agent, *transactions, header=False, **options):
        """A status report that names the bank that collects."""
        name, data = self.pain(*transactions, **options)
        agent = f"<CdtrAgt><FinInstnId>{agent}</FinInstnId></CdtrAgt>".encode()
        place = b"</GrpHdr>" if header else b"</OrgnlTxRef>"
        return name, data.replace(place, agent + place)

    def test_the_bank_that_collects_tells_which_it_is(self):
        intesa = self.add_bank("INT", "IT40S0306911101000000123456", "BCITITMMXXX")
        self.add_bank("UNI", self.IBAN, "UNCRITMM")
        for header in (True, False):
            for number, agent in enumerate(
                (
                    "<BICFI>BCITITMM</BICFI>",
                    "<BIC>BCITITMM</BIC>",
                    "<ClrSysMmbId><MmbId>03069</MmbId></ClrSysMmbId>",
                )
            ):
                with self.subTest(agent=agent, header=header):
                    message = f"MSG-{header}-{number}"
                    file = self.pain_of(
                        agent, ("A-1", 10), header=header, message=message
                    )
                    self.assertEqual(self.load(file).journal_id, intesa)

    def test_two_journals_at_the_bank_that_collects_do_not_tell(self):
        self.add_bank("IN1", "IT40S0306911101000000123456")
        self.add_bank("IN2", "IT40S0306911101000000999999")
        file = self.pain_of(
            "<ClrSysMmbId><MmbId>03069</MmbId></ClrSysMmbId>", ("A-1", 10)
        )
        with self.assertRaisesRegex(UserError, "Choose the bank"):
            self.load(file)

    def test_the_only_bank_is_taken_whoever_collects(self):
        self.set_iban(self.bank)
        file = self.pain_of(
            "<ClrSysMmbId><MmbId>03069</MmbId></ClrSysMmbId>", ("A-1", 10)
        )
        self.assertEqual(self.load(file).journal_id, self.bank)

    def test_the_payments_that_came_back_tell_the_bank(self):
        second = self.add_bank("BNK9")
        for number in (1, 2):
            payment = self.pay(self.invoice(100), journal_id=second.id)
            payment.end_to_end_id = f"A-{number}"
        returned = self.load(self.pain(("A-1", 100), ("A-2", 100), ("A-3", 5)))
        self.assertEqual(returned.journal_id, second)
        self.assertEqual(returned.matched_count, 2)

    def test_payments_of_two_banks_do_not_tell(self):
        second = self.add_bank("BNK9")
        self.pay(self.invoice(100), journal_id=second.id).end_to_end_id = "A-1"
        self.collect(end_to_end_id="A-2")
        with self.assertRaisesRegex(UserError, "Choose the bank"):
            self.load(self.pain(("A-1", 100), ("A-2", 100)))

    def test_of_an_account_in_two_currencies_the_statements_counts(self):
        usd = self.env.ref("base.USD")
        usd.active = True
        self.set_iban(self.bank)
        dollars = self.add_bank("USD", currency_id=usd.id)
        dollars.bank_account_id = self.bank.bank_account_id
        name, data = self.pain(("A-1", 10), own_iban=self.IBAN, message="USD")
        returned = self.load((name, data.replace(b'"EUR"', b'"USD"')))
        self.assertEqual(returned.journal_id, dollars)
        returned = self.load(self.pain(("A-1", 10), own_iban=self.IBAN, message="EUR"))
        self.assertEqual(returned.journal_id, self.bank)

    def setup_two_companies(self):
        """The account of each of two companies of the user, as (name, bytes)."""
        other = self.setup_other_company()
        other["company"].currency_id = self.company.currency_id
        own_iban = "IT40S0542811101000000123456"
        self.set_iban(self.bank, own_iban)
        account = self.env["res.partner.bank"].create(
            {"acc_number": self.IBAN, "partner_id": other["company"].partner_id.id}
        )
        other["default_journal_bank"].bank_account_id = account
        self.env.user.company_ids |= other["company"]
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for iban in (own_iban, self.IBAN):
                archive.writestr(*self.pain(("A-1", 10), own_iban=iban, message=iban))
        return other["company"], ("bank.zip", buffer.getvalue())

    def test_each_return_goes_to_the_company_of_its_account(self):
        other, file = self.setup_two_companies()
        returns = self.load(file)
        self.assertEqual(returns.company_id, self.company | other)
        self.assertEqual(returns[1].company_id, other)
        account = returns[1].journal_id.bank_account_id
        self.assertEqual(account.sanitized_acc_number, self.IBAN)
        with self.assertRaisesRegex(RedirectWarning, "already imported"):
            self.load(file)

    def test_nobody_is_told_to_book_another_companys_return(self):
        other, _file = self.setup_two_companies()
        file = self.pain(("A-1", 10), own_iban=self.IBAN)
        with self.assertRaisesRegex(UserError, "switch to that company"):
            self.load(file)
        user = new_test_user(
            self.env,
            login="biller",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        importer = self.importer.with_user(user)
        for journal in (None, self.bank):
            with self.assertRaisesRegex(UserError, "in which you do not work"):
                importer._import_files([file], self.company, journal)
        self.assertFalse(self.env["account.payment.return"].search([]))


@tagged("post_install", "-at_install")
class TestImportWizard(ImportCommon):
    def test_a_company_can_have_matched_returns_confirmed(self):
        self.company.sudo().credit_return_auto_confirm = True
        payment = self.collect(100, end_to_end_id="A-1")
        returned = self.load(self.pain(("A-1", 100), message="ONE"))
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(payment.state, "rejected")
        self.collect(100, end_to_end_id="A-2")
        returned = self.load(self.pain(("A-2", 100), ("A-3", 5), message="TWO"))
        self.assertEqual(returned.state, "draft")

    def test_a_salesperson_cannot_import(self):
        user = new_test_user(
            self.env, login="seller", groups="sales_team.group_sale_salesman"
        )
        with self.assertRaisesRegex(AccessError, "Payment Return"):
            self.importer.with_user(user)._import_files([self.sample(PAIN)])

    def test_an_invoicing_user_can_import(self):
        user = new_test_user(
            self.env,
            login="biller",
            groups="account.group_account_invoice",
            company_id=self.company.id,
            company_ids=self.company.ids,
        )
        self.collect(100, end_to_end_id="FT-2026-004")
        returned = self.importer.with_user(user)._import_files(
            [self.sample(PAIN)], self.company
        )
        self.assertEqual(returned.line_ids.match_state, "matched")


@tagged("post_install", "-at_install")
class TestImportSpeed(ImportCommon):
    def count_queries(self, size):
        """The queries of importing and matching a file of so many lines."""
        payments = self.pay(
            sum(
                (self.invoice(100 + n) for n in range(size)),
                start=self.env["account.move"],
            ),
            group=False,
        )
        for number, payment in enumerate(payments):
            payment.end_to_end_id = f"Q{size}-{number}"
        rows = [(p.end_to_end_id, f"{p.amount:.2f}") for p in payments]
        file = self.pain(*rows, message=f"SIZE-{size}")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        returned = self.load(file)
        self.env.flush_all()
        self.assertEqual(set(returned.line_ids.mapped("match_state")), {"matched"})
        return self.cr.sql_log_count - before

    def test_the_number_of_queries_does_not_depend_on_the_lines(self):
        self.count_queries(2)
        few, many = self.count_queries(3), self.count_queries(12)
        self.assertAlmostEqual(few, many, delta=2)
        # A thousand lines add the batches of a hundred rows that the ORM writes: nine
        # more that are created, and nine that are written once, with what follows.
        self.assertLessEqual(many + 18, 64)

    def test_what_is_not_computed_of_new_lines_is_what_odoo_would_compute(self):
        for file in (self.pain(("UNKNOWN", "1.00")), self.sample(STATEMENT)):
            with self.subTest(file[0]):
                with patch.object(
                    type(self.env["account.payment.return.match"]), "_match"
                ):
                    lines = self.load(file, journal=self.bank).line_ids
                given = [{name: line[name] for name in COMPLETED} for line in lines]
                for name in COMPLETED:
                    self.env.add_to_compute(lines._fields[name], lines)
                lines.flush_recordset()
                lines.invalidate_recordset()
                self.assertEqual(
                    [{name: line[name] for name in COMPLETED} for line in lines], given
                )
                # Nor is there anything left to be computed, or said.
                self.assertEqual(set(lines.mapped("match_state")), {"unmatched"})
                self.assertFalse(any(lines.mapped("match_said")))
