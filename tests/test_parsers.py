import io
import re
import time
import zipfile
from datetime import date
from decimal import Decimal
from pathlib import Path

from odoo.tests import BaseCase, tagged

from ..parsers import MESSAGES, ParseError, parse
from ..parsers.base import MAX_FILE_BYTES, MAX_ZIP_ENTRIES

FILES = Path(__file__).parent / "files"
ISO = "urn:iso:std:iso:20022:tech:xsd:"
OWN_IBAN = "IT60X0542811101000000123456"


def pain(body, version="03", original="pain.008.001.02", group="<GrpSts>PART</GrpSts>"):
    """A pain.002 with ``body`` below the original group."""
    return (
        f'<Document xmlns="{ISO}pain.002.001.{version}"><CstmrPmtStsRpt><GrpHdr>'
        "<MsgId>MSG-1</MsgId><CreDtTm>2026-11-02T09:00:01+01:00</CreDtTm></GrpHdr>"
        "<OrgnlGrpInfAndSts><OrgnlMsgId>FILE-1</OrgnlMsgId>"
        f"<OrgnlMsgNmId>{original}</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>"
        f"{body}</CstmrPmtStsRpt></Document>"
    )


def batch(*transactions, status="", batch_id="PMT-1"):
    """An OrgnlPmtInfAndSts."""
    return (
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{batch_id}</OrgnlPmtInfId>{status}"
        f"{''.join(transactions)}</OrgnlPmtInfAndSts>"
    )


def tx(end_to_end="E2E-1", status="RJCT", reason="<Rsn><Cd>AM04</Cd></Rsn>", more=""):
    """A TxInfAndSts."""
    status = f"<TxSts>{status}</TxSts>" if status else ""
    reason = f"<StsRsnInf>{reason}</StsRsnInf>" if reason else ""
    return (
        f"<TxInfAndSts><OrgnlEndToEndId>{end_to_end}</OrgnlEndToEndId>{status}{reason}"
        f"{more}</TxInfAndSts>"
    )


def camt(*entries, version="053.001.08", statement="", acct="", message="MSG-2"):
    """A camt message with one statement."""
    part = {"052": "Rpt", "053": "Stmt", "054": "Ntfctn"}[version[:3]]
    return (
        f'<Document xmlns="{ISO}camt.{version}"><Message><GrpHdr>'
        f"<MsgId>{message}</MsgId><CreDtTm>2026-11-11T09:00:01</CreDtTm></GrpHdr>"
        f"<{part}><Id>STMT-1</Id>{statement}"
        f"<Acct><Id><IBAN>{acct or OWN_IBAN}</IBAN></Id><Ccy>EUR</Ccy></Acct>"
        f"{''.join(entries)}</{part}></Message></Document>"
    )


UNPAID = (
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd>"
    "</Fmly></Domn></BkTxCd>"
)


def domain(family, sub_family):
    """A BkTxCd of the domain PMNT."""
    return UNPAID.replace("IDDT", family).replace("UPDD", sub_family)


def causale(code, issuer="<Issr>CBI</Issr>"):
    """A BkTxCd with an Italian causale."""
    return f"<BkTxCd><Prtry><Cd>{code}</Cd>{issuer}</Prtry></BkTxCd>"


def entry(
    *details, amount="100.00", sign="DBIT", status="<Cd>BOOK</Cd>", code=UNPAID, more=""
):
    """A Ntry."""
    details = f"<NtryDtls>{''.join(details)}</NtryDtls>" if details else ""
    status = f"<Sts>{status}</Sts>" if status else ""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd>{status}'
        "<BookgDt><Dt>2026-11-09</Dt></BookgDt><ValDt><Dt>2026-11-10</Dt></ValDt>"
        f"<AcctSvcrRef>REF</AcctSvcrRef>{code}{more}{details}</Ntry>"
    )


def details(end_to_end="E2E-1", amount="", reason="AM04", more=""):
    """A TxDtls."""
    amount = f'<Amt Ccy="EUR">{amount}</Amt>' if amount else ""
    reason = f"<RtrInf><Rsn><Cd>{reason}</Cd></Rsn></RtrInf>" if reason else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>{amount}{more}"
        f"{reason}</TxDtls>"
    )


def zipped(**files):
    """A zip archive of ``files``; a double underscore in a name is a dot."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return buffer.getvalue()


def csv(text, encoding="utf-8"):
    """The documents of a CSV list."""
    return parse("list.csv", text.encode(encoding))


class ParserCase(BaseCase):
    def read_one(self, text, name="file.xml"):
        """The only document of a text."""
        data = text.encode() if isinstance(text, str) else text
        documents = parse(name, data)
        self.assertEqual(len(documents), 1)
        return documents[0]

    def payment(self, text):
        """The only payment of a text."""
        payments = self.read_one(text).payments
        self.assertEqual(len(payments), 1)
        return payments[0]

    def whys(self, text):
        """Why each entry was left aside, in a text without payments."""
        document = self.read_one(text)
        self.assertEqual(document.payments, ())
        return [row.why for row in document.ignored]

    def assertRefused(self, code, words, text, name="file.xml"):
        data = text.encode() if isinstance(text, str) else text
        with self.assertRaisesRegex(ParseError, words) as caught:
            parse(name, data)
        self.assertEqual(caught.exception.code, code)
        return caught.exception


@tagged("post_install", "-at_install")
class TestSamples(ParserCase):
    def sample(self, name):
        return self.read_one((FILES / name).read_bytes(), name)

    def test_mockbank_status_report_gives_only_the_rejected_collection(self):
        document = self.sample("mockbank/pain.002.001.10-1.xml")
        self.assertEqual(document.format, "pain.002")
        self.assertEqual(document.message_id, "MB-P002-000001")
        self.assertEqual([row.why for row in document.ignored], ["accepted"] * 3)
        (payment,) = document.payments
        self.assertEqual(payment.end_to_end_id, "FT-2026-004")
        self.assertEqual(payment.instruction_id, "INS-FT-2026-004")
        self.assertEqual(payment.kind, "reject")
        self.assertEqual(payment.scope, "payment")
        self.assertEqual(payment.reason_codes, ("AC04",))
        self.assertIn("is closed", payment.reason_text)
        self.assertIsNone(payment.amount)
        self.assertEqual(payment.mandate_reference, "")
        self.assertEqual(payment.batch_id, "PMT-1")
        self.assertEqual(payment.original_message_id, "SDD-20261102-1")
        self.assertEqual(payment.date, date(2026, 11, 2))

    def test_mockbank_second_status_report_gives_the_refused_collection(self):
        (payment,) = self.sample("mockbank/pain.002.001.10-5.xml").payments
        self.assertEqual(payment.end_to_end_id, "FT-2026-003")
        self.assertEqual(payment.reason_codes, ("MD01",))
        self.assertEqual(payment.kind, "reject")

    def test_mockbank_settlements_are_no_returns(self):
        for name in ("camt.054.001.08-6", "camt.053.001.08-16"):
            document = self.sample(f"mockbank/{name}.xml")
            self.assertEqual(document.payments, ())
            self.assertEqual([row.why for row in document.ignored], ["credit"] * 2)

    def test_mockbank_notification_and_statement_tell_the_same_two_returns(self):
        for name in ("camt.054.001.08-20", "camt.053.001.08-21"):
            document = self.sample(f"mockbank/{name}.xml")
            self.assertEqual(document.format, name[:8])
            self.assertEqual(document.account_iban, "NL41MOCK0000000001")
            self.assertEqual(document.account_currency, "EUR")
            self.assertEqual(
                [
                    (p.end_to_end_id, p.amount, p.reason_codes, p.mandate_reference)
                    for p in document.payments
                ],
                [
                    ("FT-2026-001", Decimal("1250.40"), ("AM04",), "MNDT-001"),
                    ("FT-2026-002", Decimal("80.00"), ("MD06",), "MNDT-002"),
                ],
            )
            kinds = [payment.kind for payment in document.payments]
            self.assertEqual(kinds, ["return", "refund"])
            first = document.payments[0]
            self.assertEqual(first.partner_name, "Rossi Impianti Srl")
            self.assertEqual(first.partner_iban, "IT60X0542811101000000123456")
            self.assertEqual(first.texts, ("Fattura FT-2026-001",))
            self.assertEqual(first.value_date, date(2026, 11, 9))
            self.assertIn("<EndToEndId>FT-2026-001</EndToEndId>", first.raw)

    def test_genkgo_statements_hold_no_return(self):
        names = sorted(path.name for path in (FILES / "genkgo").glob("*.xml"))
        self.assertEqual(len(names), 6)
        for name in names:
            self.assertEqual(self.sample(f"genkgo/{name}").payments, (), name)

    def test_a_status_report_of_cbi_gives_charges_mandate_and_due_date(self):
        document = self.sample("own/cbi-status-report.xml")
        first, second = document.payments
        self.assertEqual(first.amount, Decimal("1250.40"))
        self.assertEqual(
            (first.fee_amount, first.fee_currency), (Decimal("0.5"), "EUR")
        )
        self.assertEqual(first.mandate_reference, "MNDT-001")
        self.assertEqual(first.due_date, date(2026, 11, 6))
        self.assertEqual(first.date, date(2026, 11, 9))
        self.assertEqual(second.reason_codes, ("B01",))
        self.assertEqual(second.batch_id, "PMT-1")

    def test_the_list_of_a_portal_gives_its_unpaid_rows(self):
        document = self.sample("own/insoluti.csv")
        references = [payment.reference for payment in document.payments]
        self.assertEqual(references, ["FT-2026-001", "FT-2026-002"])
        self.assertEqual([row.why for row in document.ignored], ["accepted"])

    def test_our_own_collection_order_is_refused(self):
        data = (FILES / "mockbank/input-pain.008.001.08.xml").read_bytes()
        self.assertRefused("not_returns", "CstmrDrctDbtInitn", data)


@tagged("post_install", "-at_install")
class TestStatusReport(ParserCase):
    def test_everything_the_bank_says_is_read(self):
        more = (
            '<ChrgsInf><Amt Ccy="EUR">0.50</Amt></ChrgsInf>'
            '<ChrgsInf><Amt Ccy="EUR">0.00</Amt></ChrgsInf>'
            '<ChrgsInf><Amt Ccy="EUR">1.25</Amt></ChrgsInf>'
            '<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">250.90</InstdAmt></Amt>'
            "<ReqdColltnDt>2026-10-31</ReqdColltnDt>"
            "<MndtRltdInf><MndtId>MND-1</MndtId></MndtRltdInf>"
            "<RmtInf><Ustrd>FT/2026/7</Ustrd></RmtInf><Dbtr>{dbtr}</Dbtr>"
            "<DbtrAcct><Id><IBAN>it60 x054</IBAN></Id></DbtrAcct>"
            "<CdtrAcct><Id><IBAN>IT00OWN</IBAN></Id></CdtrAcct></OrgnlTxRef>"
        )
        debtor = (
            "<Nm>Rossi</Nm><Id><OrgId><Othr><Id>01234567890</Id></Othr></OrgId></Id>"
        )
        reason = (
            "<Rsn><Cd>AM04</Cd></Rsn><AddtlInf>one</AddtlInf><AddtlInf>two</AddtlInf>"
        )
        for version, dbtr in (("03", debtor), ("10", f"<Pty>{debtor}</Pty>")):
            body = batch(tx(reason=reason, more=more.format(dbtr=dbtr)))
            document = self.read_one(pain(body, version))
            self.assertEqual(document.account_iban, "IT00OWN")
            (payment,) = document.payments
            self.assertEqual(payment.amount, Decimal("250.90"))
            self.assertEqual(payment.currency, "EUR")
            self.assertEqual(payment.fee_amount, Decimal("1.75"))
            self.assertEqual(payment.fee_currency, "EUR")
            self.assertEqual(payment.due_date, date(2026, 10, 31))
            self.assertIsNone(payment.value_date)
            self.assertEqual(payment.mandate_reference, "MND-1")
            self.assertEqual(payment.partner_name, "Rossi")
            self.assertEqual(payment.partner_vat, "01234567890")
            self.assertEqual(payment.partner_iban, "IT60X054")
            self.assertEqual(payment.reason_text, "one two")
            self.assertEqual(payment.texts, ("FT/2026/7",))

    def test_only_rejected_and_cancelled_transactions_are_returns(self):
        statuses = ["ACCP", "ACSP", "ACSC", "ACTC", "ACWC"]
        statuses += ["PDNG", "RJCT", "CANC", "XXXX"]
        body = batch(*[tx(f"E-{status}", status) for status in statuses])
        document = self.read_one(pain(body))
        self.assertEqual(
            [(p.end_to_end_id, p.kind) for p in document.payments],
            [("E-RJCT", "reject"), ("E-CANC", "recall")],
        )
        whys = [row.why for row in document.ignored]
        self.assertEqual(whys, ["accepted"] * 5 + ["pending", "unknown_status"])

    def test_a_proprietary_reason_and_no_reason_are_both_fine(self):
        reasons = (
            "<Rsn><Prtry>B01</Prtry></Rsn>",
            "",
            "<AddtlInf>PRE</AddtlInf>",
            "<Rsn><Cd>AM04</Cd></Rsn></StsRsnInf><StsRsnInf><Rsn><Cd>NARR</Cd></Rsn>",
        )
        body = batch(*[tx(reason=reason) for reason in reasons])
        found = [
            (p.reason_codes, p.reason_text) for p in self.read_one(pain(body)).payments
        ]
        expected = [(("B01",), ""), ((), ""), ((), "PRE"), (("AM04", "NARR"), "")]
        self.assertEqual(found, expected)

    def test_a_missing_or_zero_amount_is_that_of_the_collection(self):
        amount = '<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{}</InstdAmt></Amt></OrgnlTxRef>'
        body = batch(*[tx(more=amount.format(text)) for text in ("0.00", "5")], tx())
        amounts = [payment.amount for payment in self.read_one(pain(body)).payments]
        self.assertEqual(amounts, [None, Decimal(5), None])

    def test_notprovided_is_no_reference(self):
        payment = self.payment(
            pain(batch(tx("NOTPROVIDED", more="<OrgnlInstrId>I-1</OrgnlInstrId>")))
        )
        self.assertEqual(payment.end_to_end_id, "")
        self.assertEqual(payment.reference, "I-1")

    def test_a_rejected_batch_stands_for_all_of_its_collections(self):
        status = (
            "<PmtInfSts>RJCT</PmtInfSts><StsRsnInf><Rsn><Cd>DT01</Cd></Rsn></StsRsnInf>"
        )
        accepted = batch(status="<PmtInfSts>ACCP</PmtInfSts>", batch_id="PMT-2")
        document = self.read_one(pain(batch(status=status) + accepted))
        (payment,) = document.payments
        self.assertEqual((payment.scope, payment.batch_id), ("batch", "PMT-1"))
        self.assertEqual(payment.reason_codes, ("DT01",))
        self.assertEqual([row.why for row in document.ignored], ["accepted"])

    def test_a_rejected_file_stands_for_all_of_its_collections(self):
        group = (
            "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>NARR</Cd></Rsn>"
            "<AddtlInf>duplicate file</AddtlInf></StsRsnInf>"
        )
        payment = self.payment(pain("", group=group))
        self.assertEqual(payment.scope, "message")
        self.assertEqual(payment.original_message_id, "FILE-1")
        self.assertEqual(payment.reference, "FILE-1")
        self.assertEqual(payment.reason_text, "duplicate file")

    def test_a_status_and_a_reason_are_inherited_from_the_level_above(self):
        group = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>"
        payment = self.payment(pain(batch(tx(status="", reason="")), group=group))
        self.assertEqual((payment.scope, payment.kind), ("payment", "reject"))
        self.assertEqual(payment.reason_codes, ("FF01",))
        self.assertEqual(self.whys(pain(batch(tx(status="")))), ["no_status"])

    def test_an_unlisted_rest_of_a_rejected_batch_is_told(self):
        status = "<OrgnlNbOfTxs>3</OrgnlNbOfTxs><PmtInfSts>RJCT</PmtInfSts>"
        document = self.read_one(pain(batch(tx(), status=status)))
        self.assertEqual(len(document.payments), 1)
        self.assertEqual([row.why for row in document.ignored], ["unlisted"])

    def test_the_answer_to_our_own_transfers_is_no_return(self):
        body = batch(tx())
        self.assertEqual(
            self.whys(pain(body, original="pain.001.001.03")), ["own_debit"]
        )
        self.assertEqual(self.payment(pain(body)).end_to_end_id, "E2E-1")

    def test_the_counts_of_the_message_are_checked_not_those_of_the_original(self):
        detail = (
            "<NbOfTxsPerSts><DtldNbOfTxs>{}</DtldNbOfTxs><DtldSts>RJCT</DtldSts>"
            "</NbOfTxsPerSts>"
        )
        original = "<OrgnlNbOfTxs>9</OrgnlNbOfTxs><OrgnlCtrlSum>999</OrgnlCtrlSum>"
        body = batch(tx("A"), tx("B"), tx("C", "ACCP"))
        group = original + detail.format(2)
        self.assertEqual(len(self.read_one(pain(body, group=group)).payments), 2)
        self.assertRefused(
            "control_count",
            r"NbOfTxsPerSts\) declares 3 items, but 2 are there",
            pain(body, group=original + detail.format(3)),
        )

    def test_the_detailed_sum_is_checked(self):
        amount = (
            '<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">5.10</InstdAmt></Amt></OrgnlTxRef>'
        )
        detail = (
            "<NbOfTxsPerSts><DtldNbOfTxs>2</DtldNbOfTxs>"
            "<DtldCtrlSum>{}</DtldCtrlSum></NbOfTxsPerSts>"
        )
        body = batch(tx("A", more=amount)) + batch(tx("B", more=amount))
        good = pain(body, group=detail.format("10.20"))
        self.assertEqual(len(self.read_one(good).payments), 2)
        self.assertRefused(
            "control_sum",
            "make 10.20, but the bank declares 10.30",
            pain(body, group=detail.format("10.30")),
        )

    def test_equal_transactions_keep_different_keys(self):
        body = batch(*[tx()] * 11, batch_id="1") + batch(tx(), batch_id="1")
        keys = [payment.unique_key for payment in self.read_one(pain(body)).payments]
        self.assertEqual(len(set(keys)), 12)

    def test_the_keys_of_a_message_are_stable(self):
        text = pain(batch(tx("A"), tx("B")))
        self.assertEqual(self.read_one(text), self.read_one(text))

    def test_the_report_of_version_02_without_batches_is_read(self):
        text = pain(
            "<TxInfAndSts><OrgnlPmtInfId>P9</OrgnlPmtInfId>"
            "<OrgnlEndToEndId>E</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><StsRsn>"
            "<Cd>AC01</Cd></StsRsn><AddtlStsRsnInf>x</AddtlStsRsnInf></StsRsnInf>"
            "</TxInfAndSts>"
        ).replace("CstmrPmtStsRpt", "pain.002.001.02")
        payment = self.payment(text)
        self.assertEqual(payment.batch_id, "P9")
        self.assertEqual((payment.reason_codes, payment.reason_text), (("AC01",), "x"))

    def test_a_bad_amount_date_or_currency_is_refused_with_its_place(self):
        amount = "<OrgnlTxRef><Amt><InstdAmt {}</InstdAmt></Amt></OrgnlTxRef>"
        for text in ("NaN", "-5", "Infinity", "1e3", "1,5", "9" * 16, "", "1.234567"):
            more = amount.format(f'Ccy="EUR">{text}')
            words = r"is not an amount.*ask the bank"
            error = self.assertRefused("amount", words, pain(batch(tx(more=more))))
            self.assertRegex(error.place, r"line 1 \(InstdAmt\)")
        more = amount.format('Ccy="euro">1')
        self.assertRefused("currency", "euro", pain(batch(tx(more=more))))
        more = "<OrgnlTxRef><ReqdColltnDt>2026-02-30</ReqdColltnDt></OrgnlTxRef>"
        self.assertRefused(
            "date", "2026-02-30.*is not a date", pain(batch(tx(more=more)))
        )
        good = amount.format('Ccy="EUR">9.12000')
        self.assertEqual(
            self.payment(pain(batch(tx(more=good)))).amount, Decimal("9.12")
        )


@tagged("post_install", "-at_install")
class TestEnvelopes(ParserCase):
    def cbi(self, count=2, messages=2):
        """CBI's physical message with so many logical messages."""
        log = "urn:CBI:xsd:CBISDDStsRptLogMsg.00.01.00"
        message = re.search("<CstmrPmtStsRpt>(.*)</CstmrPmtStsRpt>", pain(batch(tx())))
        body = "".join(
            "<CBIEnvelSDDStsRptLogMsg><CBISDDStsRptLogMsg>"
            + re.sub(r"<(/?)(?=\w)", r"<\1l:", message[1].replace("MSG-1", f"MSG-{n}"))
            + "</CBISDDStsRptLogMsg></CBIEnvelSDDStsRptLogMsg>"
            for n in range(messages)
        )
        return (
            '<CBIBdySDDStsRpt xmlns="urn:CBI:xsd:CBIBdySDDStsRpt.00.01.00" '
            f'xmlns:l="{log}"><PhyMsgInf><PhyMsgTpCd>STAT-RPT-INC-SDD-01</PhyMsgTpCd>'
            f"<NbOfLogMsg>{count}</NbOfLogMsg></PhyMsgInf>{body}</CBIBdySDDStsRpt>"
        )

    def test_every_logical_message_of_cbi_is_a_document(self):
        documents = parse("cbi.xml", self.cbi().encode())
        self.assertEqual([doc.message_id for doc in documents], ["MSG-0", "MSG-1"])
        keys = {doc.payments[0].unique_key for doc in documents}
        self.assertEqual(len(keys), 2)

    def test_a_missing_logical_message_of_cbi_is_noticed(self):
        self.assertRefused("control_count", "3 items, but 2 are there", self.cbi(3))

    def test_the_outer_envelope_and_the_bare_logical_message_of_cbi_are_read(self):
        space = 'xmlns="urn:CBI:xsd:CBISDDStsRptPhyMsg.00.01.00"'
        outer = f"<CBISDDStsRptPhyMsg {space}>{self.cbi(1, 1)}</CBISDDStsRptPhyMsg>"
        self.assertEqual(self.payment(outer).end_to_end_id, "E2E-1")
        own = "urn:CBI:xsd:CBISDDStsRptLogMsg.00.01.00"
        bare = pain(batch(tx())).replace(f"{ISO}pain.002.001.03", own)
        bare = bare.replace("<Document", "<CBISDDStsRptLogMsg")
        bare = bare.replace("Document>", "CBISDDStsRptLogMsg>")
        bare = re.sub("</?CstmrPmtStsRpt>", "", bare)
        self.assertEqual(self.payment(bare).end_to_end_id, "E2E-1")

    def test_the_technical_acknowledgement_of_cbi_is_refused(self):
        text = self.cbi().replace("SDDStsRpt", "SDDTechValSts")
        self.assertRefused("not_returns", "CBIBdySDDTechValSts", text)

    def test_cbi_statements_tell_returns_by_their_causale(self):
        inner = camt(
            entry(code=causale("37//"), more="<NtryRef>1</NtryRef>"),
            entry(code=causale("48//")),
            entry(code=causale("16/X0/"), amount="0.50"),
            entry(code=causale("Z9//", issuer=""), amount="7.00"),
            entry(code=causale("32//"), amount="8.00"),
            entry(code=causale("35//"), amount="9.00"),
            version="053.001.02",
        ).replace(f"{ISO}camt.053.001.02", "urn:CBI:xsd:CBIDlyStmtReqLogMsg.00.01.02")
        inner = inner.replace("Document", "CBIDlyStmtReqLogMsg")
        inner = re.sub("</?Message>", "", inner)
        text = (
            "<CBIBdyBkToCstmrStmtReq "
            'xmlns="urn:CBI:xsd:CBIBdyBkToCstmrStmtReq.00.01.02">'
            "<PhyMsgInf><NbOfLogMsg>1</NbOfLogMsg></PhyMsgInf>"
            f"<CBIEnvel>{inner}</CBIEnvel></CBIBdyBkToCstmrStmtReq>"
        )
        document = self.read_one(text)
        self.assertEqual(document.format, "camt.053")
        self.assertEqual(
            [(p.amount, p.kind, p.reason_codes) for p in document.payments],
            [
                (Decimal("100.00"), "return", ("37",)),
                (Decimal("7.00"), "return", ("Z9",)),
                (Decimal("8.00"), "recall", ("32",)),
                (Decimal("9.00"), "reversal", ("35",)),
            ],
        )
        whys = [row.why for row in document.ignored]
        self.assertEqual(whys, ["not_return", "charges"])

    def test_the_flavour_of_six_is_read(self):
        six = "http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd"
        text = pain(batch(tx())).replace(f"{ISO}pain.002.001.03", six)
        self.assertEqual(self.payment(text).end_to_end_id, "E2E-1")

    def test_another_namespace_or_none_is_refused(self):
        good = pain(batch(tx()))
        self.assertEqual(len(self.read_one(good).payments), 1)
        for other in ("urn:swift:xsd:x", "", "urn:iso:std:iso:20022:other"):
            text = good.replace(f"{ISO}pain.002.001.03", other)
            words = "belongs neither to ISO 20022 nor to CBI or SIX"
            self.assertRefused("namespace", words, text)

    def test_foreign_elements_inside_a_message_are_not_seen(self):
        foreign = '<x:TxSts xmlns:x="urn:other">RJCT</x:TxSts>'
        text = pain(
            batch(tx(status="").replace("<StsRsnInf>", f"{foreign}<StsRsnInf>"))
        )
        self.assertEqual(self.whys(text), ["no_status"])

    def test_an_interbank_status_report_is_refused(self):
        text = pain(batch(tx())).replace("CstmrPmtStsRpt", "FIToFIPmtStsRpt")
        self.assertRefused("not_returns", "FIToFIPmtStsRpt", text)


@tagged("post_install", "-at_install")
class TestStatement(ParserCase):
    def test_both_shapes_of_status_and_debtor_are_read(self):
        old = (
            "<RltdPties><Dbtr><Nm>Rossi</Nm></Dbtr><DbtrAcct><Id><IBAN>IT1</IBAN></Id>"
            "</DbtrAcct></RltdPties>"
        )
        new = old.replace("<Nm>Rossi</Nm>", "<Pty><Nm>Rossi</Nm></Pty>")
        shapes = (("054.001.02", "BOOK", old), ("054.001.08", "<Cd>BOOK</Cd>", new))
        for version, status, parties in shapes:
            text = camt(entry(details(more=parties), status=status), version=version)
            payment = self.payment(text)
            self.assertEqual(payment.partner_name, "Rossi")
            self.assertEqual(payment.partner_iban, "IT1")
            self.assertEqual(payment.date, date(2026, 11, 9))
            self.assertEqual(payment.value_date, date(2026, 11, 10))
            self.assertEqual(payment.amount, Decimal("100.00"))

    def test_credits_and_pending_entries_are_no_returns(self):
        text = camt(
            entry(details(), sign="CRDT"),
            entry(details(), status="<Cd>PDNG</Cd>"),
            entry(details(), status="PDNG"),
            entry(details(), status="<Cd>INFO</Cd>"),
        )
        expected = ["credit", "pending", "pending", "information"]
        self.assertEqual(self.whys(text), expected)

    def test_a_return_without_status_is_refused(self):
        text = camt(entry(details(), status=""))
        self.assertRefused("missing", "mandatory element Sts is missing", text)

    def test_an_unknown_indicator_is_refused(self):
        self.assertRefused("indicator", "neither a debit", camt(entry(sign="BOTH")))

    def test_the_table_of_bank_transaction_codes_decides(self):
        cases = {
            ("IDDT", "UPDD"): "return",
            ("IDDT", "PRDD"): "reversal",
            ("IDDT", "RCDD"): "reversal",
            ("RCDT", "RRTN"): "return",
            ("RCDT", "RPCR"): "reversal",
            ("RCHQ", "UPCQ"): "return",
            ("RCHQ", "CQRV"): "reversal",
            ("DRFT", "UDFT"): "return",
        }
        for code, kind in cases.items():
            payment = self.payment(camt(entry(code=domain(*code))))
            self.assertEqual(payment.kind, kind, code)
            self.assertEqual(payment.amount, Decimal("100.00"))
        ignored = {
            ("IDDT", "ESDD"): "not_return",
            ("ICDT", "RRTN"): "own_debit",
            ("RDDT", "UPDD"): "own_debit",
            ("RDDT", "ESDD"): "own_debit",
            ("IDDT", "CHRG"): "charges",
            ("MCRD", "POSD"): "not_return",
        }
        for code, why in ignored.items():
            self.assertEqual(self.whys(camt(entry(code=domain(*code)))), [why], code)

    def test_a_return_reason_is_enough(self):
        payment = self.payment(camt(entry(details(), code="")))
        self.assertEqual(payment.reason_codes, ("AM04",))
        self.assertEqual(
            self.whys(camt(entry(details(reason=""), code=""))), ["not_return"]
        )

    def test_a_collection_debited_with_the_reversal_mark_is_a_return(self):
        text = camt(entry(code=domain("IDDT", "ESDD"), more="<RvslInd>true</RvslInd>"))
        self.assertEqual(self.payment(text).kind, "return")

    def test_a_debit_in_which_we_are_the_debtor_is_ours(self):
        own = (
            f"<RltdPties><DbtrAcct><Id><IBAN>{OWN_IBAN}</IBAN></Id></DbtrAcct>"
            "<Cdtr><Nm>Enel</Nm></Cdtr></RltdPties>"
        )
        text = camt(entry(details(more=own), code=""))
        self.assertEqual(self.whys(text), ["own_debit"])
        original = "<OrgnlBkTxCd>" + domain("ICDT", "ESCT")[8:-9] + "</OrgnlBkTxCd>"
        text = camt(
            entry(details(), code="").replace("<RtrInf>", f"<RtrInf>{original}")
        )
        self.assertEqual(self.whys(text), ["own_debit"])

    def test_a_sent_back_transfer_names_the_customer_as_creditor(self):
        own = (
            f"<RltdPties><Dbtr><Nm>We</Nm></Dbtr><DbtrAcct><Id><IBAN>{OWN_IBAN}</IBAN>"
            "</Id></DbtrAcct><Cdtr><Nm>Rossi</Nm></Cdtr></RltdPties>"
        )
        text = camt(entry(details(more=own), code=domain("RCDT", "RRTN")))
        self.assertEqual(self.payment(text).partner_name, "Rossi")

    def test_refunds_are_told_from_returns_by_their_reason(self):
        for reason, kind in (
            ("MD06", "refund"),
            ("MD01", "refund"),
            ("AC04", "return"),
        ):
            payment = self.payment(camt(entry(details(reason=reason))))
            self.assertEqual(payment.kind, kind)
        text = camt(entry(details(reason="MD06"), code=domain("IDDT", "PRDD")))
        self.assertEqual(self.payment(text).kind, "reversal")

    def test_a_batch_entry_gives_every_transaction(self):
        batch_ = "<Btch><PmtInfId>P</PmtInfId><NbOfTxs>2</NbOfTxs></Btch>"
        text = camt(entry(batch_, details("A", "60.00"), details("B", "40.00")))
        found = [(p.end_to_end_id, p.amount) for p in self.read_one(text).payments]
        self.assertEqual(found, [("A", Decimal("60.00")), ("B", Decimal("40.00"))])
        text = text.replace("<NbOfTxs>2", "<NbOfTxs>3")
        self.assertRefused("control_count", "declares 3 items, but 2", text)

    def test_a_batch_entry_that_does_not_add_up_is_refused(self):
        two = [details("A", "60.00"), details("B", "41.00")]
        words = "make 101.00, but the bank declares 100.00"
        self.assertRefused("control_sum", words, camt(entry(*two)))
        charges = '<Chrgs><Rcrd><Amt Ccy="EUR">1.00</Amt></Rcrd></Chrgs>'
        self.assertEqual(
            len(self.read_one(camt(entry(*two, more=charges))).payments), 2
        )

    def test_in_a_mixed_entry_each_transaction_has_its_own_sign(self):
        credit = details("A", "150.00", reason="", more="<CdtDbtInd>CRDT</CdtDbtInd>")
        debit = details("B", "50.00", more="<CdtDbtInd>DBIT</CdtDbtInd>")
        document = self.read_one(camt(entry(credit, debit, sign="CRDT", code="")))
        self.assertEqual([p.end_to_end_id for p in document.payments], ["B"])
        self.assertEqual([row.why for row in document.ignored], ["credit"])

    def test_an_entry_without_details_keeps_the_references_of_its_batch(self):
        batch_ = "<Btch><MsgId>M</MsgId><PmtInfId>P</PmtInfId></Btch>"
        more = "<AddtlNtryInf>RIBA INSOLUTA FT 12</AddtlNtryInf>"
        payment = self.payment(camt(entry(batch_, more=more)))
        self.assertEqual((payment.batch_id, payment.original_message_id), ("P", "M"))
        self.assertEqual(payment.texts, ("RIBA INSOLUTA FT 12",))
        self.assertEqual(payment.reference, "RIBA INSOLUTA FT 12")

    def test_amounts_are_found_where_each_version_puts_them(self):
        of = '<AmtDtls><{0}><Amt Ccy="EUR">{1}</Amt></{0}></AmtDtls>'.format
        for given in (
            details(amount="100.00"),
            details(more=of("TxAmt", "100.00")),
            details(more=of("InstdAmt", "100.00")),
            details(),
        ):
            self.assertEqual(self.payment(camt(entry(given))).amount, Decimal(100))

    def test_what_exceeds_the_original_amount_is_a_cost(self):
        of = '<AmtDtls><{0}><Amt Ccy="EUR">{1}</Amt></{0}></AmtDtls>'.format
        given = details(amount="103.00", more=of("InstdAmt", "100.00"))
        payment = self.payment(camt(entry(given, amount="103.00")))
        self.assertEqual((payment.amount, payment.fee_amount), (100, 3))
        self.assertEqual(payment.fee_currency, "EUR")

    def test_charges_of_both_shapes_are_read_once(self):
        old = '<Chrgs><Amt Ccy="EUR">{}</Amt></Chrgs>'.format
        new = '<Chrgs>{}<Rcrd><Amt Ccy="EUR">{}</Amt>{}</Rcrd></Chrgs>'.format
        total = '<TtlChrgsAndTaxAmt Ccy="EUR">3.66</TtlChrgsAndTaxAmt>'
        included = "<ChrgInclInd>true</ChrgInclInd>"
        cases = (
            (old("3.00") + old("0.50"), "", "100.00", "3.50"),
            (new("", "3.00", ""), "", "100.00", "3.00"),
            (new(total, "3.00", ""), "", "100.00", "3.66"),
            (new("", "3.00", included), "", "97.00", "3.00"),
            ("", new("", "3.00", ""), "100.00", "3.00"),
            (new("", "3.00", ""), new("", "3.00", ""), "100.00", "3.00"),
            (old("0.00"), "", "100.00", "0"),
            ("", new("", "3.00", included), "97.00", "3.00"),
        )
        for of_details, of_entry, amount, fee in cases:
            text = camt(entry(details(more=of_details), more=of_entry))
            payment = self.payment(text)
            self.assertEqual(payment.amount, Decimal(amount), of_details + of_entry)
            self.assertEqual(payment.fee_amount, Decimal(fee), of_details + of_entry)

    def test_charges_of_a_batch_entry_are_not_shared_out(self):
        charges = '<Chrgs><Rcrd><Amt Ccy="EUR">2.00</Amt></Rcrd></Chrgs>'
        two = [details("A", "60.00"), details("B", "40.00")]
        document = self.read_one(camt(entry(*two, amount="102.00", more=charges)))
        self.assertEqual([p.fee_amount for p in document.payments], [0, 0])
        (row,) = document.ignored
        self.assertEqual((row.why, row.amount), ("charges", Decimal("2.00")))

    def test_entries_and_transactions_one_and_eleven_have_different_keys(self):
        many = [details(amount="1.00") for _ in range(11)]
        entries = [entry(*many, amount="11.00")]
        entries += [entry(details(amount="1.00"), amount="1.00") for _ in range(10)]
        keys = [p.unique_key for p in self.read_one(camt(*entries)).payments]
        self.assertEqual(len(keys), 21)
        self.assertEqual(len(set(keys)), 21)

    def test_every_statement_of_a_message_is_a_document(self):
        text = camt(entry(details()))
        part = text[text.index("<Stmt>") : text.index("</Stmt>") + 7]
        other = part.replace("STMT-1", "STMT-2").replace(OWN_IBAN, "IT02")
        documents = parse("two.xml", text.replace(part, part + other).encode())
        self.assertEqual(
            [(doc.message_id, doc.account_iban) for doc in documents],
            [("MSG-2|STMT-1", OWN_IBAN), ("MSG-2|STMT-2", "IT02")],
        )

    def test_the_summary_of_the_statement_is_checked(self):
        summary = (
            "<TxsSummry><TtlNtries><NbOfNtries>{}</NbOfNtries><Sum>{}</Sum></TtlNtries>"
            "</TxsSummry>"
        )
        entries = [entry(details()), entry(sign="CRDT", amount="30.00")]
        for total in ("130.00", "70.00", "-70.00"):
            text = camt(*entries, statement=summary.format(2, total))
            self.assertEqual(len(self.read_one(text).payments), 1)
        text = camt(*entries, statement=summary.format(3, "130.00"))
        self.assertRefused(
            "control_count", r"TtlNtries\) declares 3 items, but 2", text
        )
        text = camt(*entries, statement=summary.format(2, "131.00"))
        self.assertRefused("control_sum", "make 130.00, but .* 131.00", text)

    def test_the_summary_of_a_page_is_not_compared(self):
        summary = (
            "<TxsSummry><TtlNtries><NbOfNtries>9</NbOfNtries></TtlNtries></TxsSummry>"
        )
        page = "<StmtPgntn><PgNb>{}</PgNb><LastPgInd>{}</LastPgInd></StmtPgntn>"
        text = camt(entry(details()), statement=page.format(1, "false") + summary)
        self.assertEqual(len(self.read_one(text).payments), 1)
        text = camt(entry(details()), statement=page.format(1, "true") + summary)
        self.assertRefused("control_count", "declares 9 items, but 1", text)

    def test_a_returned_cheque_is_known_by_its_number(self):
        cheque = "<Refs><ChqNb>0001234567</ChqNb></Refs>"
        given = f"<TxDtls>{cheque}</TxDtls>"
        payment = self.payment(camt(entry(given, code=causale("55//"))))
        self.assertEqual(payment.reference, "0001234567")

    def test_several_returns_are_read_in_linear_time(self):
        text = camt(*[entry(details())] * 3000)
        start = time.monotonic()
        self.assertEqual(len(self.read_one(text).payments), 3000)
        # Some ten times what a slow machine needs; quadratic would take minutes.
        self.assertLess(time.monotonic() - start, 10)


@tagged("post_install", "-at_install")
class TestHostileFiles(ParserCase):
    def setUp(self):
        super().setUp()
        self.good = pain(batch(tx("E-1"), tx("E-2")))

    def test_a_cut_file_is_refused_with_the_line(self):
        text = self.good.replace("<TxInfAndSts>", "\n<TxInfAndSts>")
        for length in (len(text) - 1, len(text) // 2, len(text) * 2 // 3):
            words = r"cut or damaged at line \d.*download it again"
            self.assertRefused("truncated", words, text[:length])

    def test_a_doctype_or_an_entity_is_refused_in_every_encoding(self):
        doctype = '<!DOCTYPE Document [<!ENTITY x "RJCT">]>'
        text = doctype + self.good.replace("RJCT", "&x;", 1)
        for data in (text.encode(), text.encode("utf-16"), text.encode("utf-16-be")):
            self.assertRefused("doctype", "DOCTYPE or entity", data)
        bomb = '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><a>&b;</a>'
        self.assertRefused("doctype", "DOCTYPE or entity", bomb)
        external = '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'
        self.assertRefused("doctype", "DOCTYPE or entity", self.good + external)

    def test_an_undeclared_entity_is_refused(self):
        self.assertRefused("truncated", "x", self.good.replace("E-1", "&x;"))

    def test_too_deep_nesting_is_refused(self):
        deep = f"<Document xmlns='{ISO}x'>" + "<a>" * 500
        self.assertRefused("too_deep", "nested too deeply", deep)

    def test_a_file_made_to_take_time_or_memory_is_refused(self):
        start = time.monotonic()
        many = f"<Document xmlns='{ISO}x'>" + "<a/>" * 2_100_000 + "</Document>"
        self.assertRefused("too_much_held", "more XML than a bank message", many)
        many = f"<TxInfAndSts>{'<a/>' * 100_000}</TxInfAndSts>" * 21
        self.assertRefused(
            "too_many_tags", "more than 2000000 XML tags", pain(batch(many))
        )
        self.assertRefused("truncated", "line 1", self.good + "<?xml " * 1_000)
        self.assertRefused(
            "too_many_documents", "more than 2000", self.good + "<?xml " * 500_000
        )
        self.assertLess(time.monotonic() - start, 20)

    def test_an_empty_or_too_large_file_is_refused(self):
        self.assertRefused("empty", "nothing to import", "")
        self.assertRefused("empty", "nothing to import", " \n\t ")
        large = self.good.encode() + b" " * MAX_FILE_BYTES
        self.assertRefused("too_large", "larger than 20 MiB", large)

    def test_byte_order_marks_and_encodings_are_understood(self):
        declared = '<?xml version="1.0" encoding="{}"?>\n'
        text = pain(batch(tx(reason="<AddtlInf>però</AddtlInf>")))
        for encoding in ("utf-8", "utf-8-sig", "iso-8859-1", "windows-1252", "utf-16"):
            name = encoding.removesuffix("-sig")
            data = (declared.format(name) + text).encode(encoding)
            self.assertEqual(self.payment(data).reason_text, "però", encoding)
        for encoding in ("utf-16-le", "utf-16-be"):
            self.assertEqual(self.payment(text.encode(encoding)).reason_text, "però")
        wrong = (declared.format("utf-16") + text).encode()
        self.assertEqual(self.payment(wrong).reason_text, "però")

    def test_characters_that_do_not_fit_the_encoding_are_refused(self):
        text = pain(batch(tx(reason="<AddtlInf>però</AddtlInf>")))
        words = "cannot be read as utf-8.*Save the file as UTF-8"
        self.assertRefused("encoding", words, text.encode("cp1252"))
        for name in ("utf-7", "idna", "rot13", "nonsense"):
            data = f'<?xml version="1.0" encoding="{name}"?>{text}'
            self.assertRefused("encoding", name, data)

    def test_concatenated_documents_are_all_read(self):
        declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
        other = self.good.replace("MSG-1", "MSG-9")
        for join in ("", "\n", "\n" + declaration, "\n\ufeff" + declaration):
            data = (declaration + self.good + join + other).encode()
            ids = [doc.message_id for doc in parse("two.xml", data)]
            self.assertEqual(ids, ["MSG-1", "MSG-9"])
        both = (declaration + self.good + declaration + other).encode("utf-16")
        self.assertEqual(len(parse("two.xml", both)), 2)

    def test_one_bad_document_refuses_the_whole_file(self):
        self.assertRefused("truncated", "line", self.good + self.good[:-20])
        other = self.good.replace(ISO, "urn:x:")
        self.assertRefused("namespace", "urn:x:", self.good + other)
        self.assertRefused("not_xml", "text outside", self.good + "junk" + self.good)

    def test_text_is_cleaned_and_bounded(self):
        reason = f"<AddtlInf>a\u202eb\n  c&#9;d{'x' * 5000}</AddtlInf>"
        text = self.payment(pain(batch(tx(reason=reason)))).reason_text
        self.assertTrue(text.startswith("a b c d"))
        self.assertLessEqual(len(text), 1000)

    def test_other_files_are_refused_in_words(self):
        self.assertRefused(
            "unknown_format", "not a bank file", b"%PDF-1.7 \x00\x01", "a"
        )
        self.assertRefused("unknown_format", "not a bank file", "hello\n", "a.txt")
        picture = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\x81\x8d"
        self.assertRefused("unknown_format", "not a bank file", picture, "a.png")
        words = "Save the file as UTF-8"
        self.assertRefused("encoding", words, picture.replace(b"\0", b""), "a.csv")
        old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 100
        self.assertRefused("xls", "save it as .xlsx without a password", old, "a.xls")
        self.assertRefused("not_xml", "not well formed", "<<<", "a.xml")
        self.assertRefused("namespace", "ISO 20022", "<html><body/></html>", "a.xls")

    def test_every_message_is_a_sentence_with_a_place(self):
        for code, message in MESSAGES.items():
            self.assertIn("%(place)s", message, code)
            self.assertNotRegex(message, r"%[sd]", code)


@tagged("post_install", "-at_install")
class TestArchives(ParserCase):
    def setUp(self):
        super().setUp()
        self.good = pain(batch(tx()))

    def test_every_file_of_a_zip_is_read(self):
        data = zipped(
            **{
                "in/a.xml": self.good,
                "__MACOSX/._a.xml": "x",
                ".DS_Store": "x",
                "b.csv": "Reference;Amount\nR1;250,90\n",
            }
        )
        documents = parse("bank.zip", data)
        names = [document.filename for document in documents]
        self.assertEqual(names, ["bank.zip/in/a.xml", "bank.zip/b.csv"])

    def test_one_bad_file_refuses_the_zip_and_is_named(self):
        data = zipped(a__xml=self.good, b__xml=self.good[:-30])
        self.assertRefused("truncated", "damaged at line 1 of b.xml", data)

    def test_an_empty_zip_is_refused(self):
        self.assertRefused("zip_empty", "without files", zipped())
        self.assertRefused("zip_empty", "without files", zipped(**{"dir/": ""}))

    def test_a_zip_bomb_is_refused(self):
        bomb = zipped(**{f"{n}.xml": b" " * (19 * 1024 * 1024) for n in range(4)})
        self.assertRefused("zip_too_large", "unpacks to far more", bomb)

    def test_an_archive_inside_an_archive_is_refused(self):
        data = zipped(a__zip=zipped(a__xml=self.good))
        self.assertRefused("zip_nested", "a.zip is an archive inside", data)

    def test_too_many_files_are_refused(self):
        data = zipped(**{f"{n}.xml": self.good for n in range(MAX_ZIP_ENTRIES + 1)})
        self.assertRefused("zip_entries", "more than 200 files", data)

    def test_a_damaged_zip_is_refused(self):
        data = zipped(a__xml=self.good)
        self.assertRefused("zip_damaged", "damaged zip", data[: len(data) // 2])
        self.assertEqual(len(parse("a.zip", data)), 1)

    def test_a_zip_with_a_password_is_refused(self):
        data = bytearray(zipped(a__xml=self.good))
        data[6] |= 1
        data[data.index(b"PK\x01\x02") + 8] |= 1
        self.assertRefused("zip_encrypted", "protected by a password", bytes(data))


@tagged("post_install", "-at_install")
class TestLists(ParserCase):
    italian = (
        "Elenco insoluti;;\n"
        "\n"
        "N° Effetto;Debitore;P.IVA;IBAN;Importo (€);Scadenza;Data contabile;"
        "Motivo;Spese;Mandato;Divisa;Descrizione\n"
        "0001;Società Rossi;01234567890;IT60 X054;1.250,90;31/10/2026;05/11/2026;"
        "AM04 - Fondi insufficienti;5,00;M-1;EUR;Fattura FT/2026/7\n"
        ";;;;;;;;;;;\n"
        "0002;Bianchi;;;1.250;31-10-2026;2026-11-05;Conto estinto;;;;\n"
        "Totale;;;;2.500,90;;;;;;;\n"
    )

    def test_an_italian_list_is_read_whole(self):
        for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
            (document,) = csv(self.italian, encoding)
            first, second = document.payments
            self.assertEqual(document.format, "csv")
            self.assertEqual(first.reference, "0001")
            self.assertEqual(first.partner_name, "Società Rossi")
            self.assertEqual(first.partner_vat, "01234567890")
            self.assertEqual(first.partner_iban, "IT60X054")
            self.assertEqual(first.amount, Decimal("1250.90"))
            self.assertEqual(first.currency, "EUR")
            self.assertEqual(first.due_date, date(2026, 10, 31))
            self.assertEqual(first.date, date(2026, 11, 5))
            self.assertEqual(first.reason_codes, ("AM04",))
            self.assertEqual(first.reason_text, "Fondi insufficienti")
            self.assertEqual((first.fee_amount, first.fee_currency), (5, "EUR"))
            self.assertEqual(first.mandate_reference, "M-1")
            self.assertIn("Fattura FT/2026/7", first.texts)
            self.assertEqual(first.place, "row 4")
            self.assertEqual(second.amount, Decimal("1250"))
            self.assertEqual(second.reason_codes, ())
            self.assertEqual(second.reason_text, "Conto estinto")

    def test_the_separator_is_found_out(self):
        for mark in (";", ",", "\t", "|"):
            text = (
                "Reference;Amount;Date;Reason;Customer\nR1;250.90;2026-11-05;AM04;A\n"
            )
            (document,) = csv(text.replace(";", mark))
            self.assertEqual(document.payments[0].amount, Decimal("250.90"))

    def test_amounts_of_either_country_are_read(self):
        for written, expected in {
            "1.250,90": "1250.90",
            "1,250.90": "1250.90",
            "250,90": "250.90",
            "1'250.90": "1250.90",
            "1.234.567,8": "1234567.8",
            "€ 12,50": "12.50",
            "12,50 EUR": "12.50",
            "1250": "1250",
        }.items():
            (document,) = csv(f"Reference;Amount\nR;{written}\n")
            self.assertEqual(document.payments[0].amount, Decimal(expected), written)

    def test_an_amount_with_two_readings_needs_the_rest_of_the_list(self):
        words = "“1.250” can be read in two ways"
        text = "Reference;Amount\nA;1.250\n"
        self.assertRefused("bad_rows", words, text, "a.csv")
        (document,) = csv(text + "B;3,50\n")
        self.assertEqual(document.payments[0].amount, Decimal(1250))
        self.assertRefused("bad_rows", words, text + "B;3.50\n", "a.csv")

    def test_amounts_that_are_all_negative_are_debits(self):
        (document,) = csv("Reference;Amount\nA;-1,50\nB;2,50-\nC;(3,50)\n")
        amounts = [payment.amount for payment in document.payments]
        self.assertEqual(amounts, [Decimal("1.5"), Decimal("2.5"), Decimal("3.5")])
        words = "Row 2: “-1,50” is negative while other amounts are positive"
        text = "Reference;Amount\nA;-1,50\nB;2,50\n"
        self.assertRefused("bad_rows", words, text, "a.csv")

    def test_a_zero_or_blank_amount_is_that_of_the_collection(self):
        (document,) = csv("Reference;Amount\nA;0,00\nB;\n")
        self.assertEqual([p.amount for p in document.payments], [None, None])

    def test_every_bad_row_is_told_at_once(self):
        text = (
            "Reference;Amount;Date;Status\nA;abc;2026-11-05;\nB;1,50;31/02/2026;\n"
            "C;2,50;05/11/2026;\nD;3,50;12/31/2026;\nE;4,50;;Boh\n;5,50;;\n"
            "F;6,50;;;x\n"
        )
        error = self.assertRefused("bad_rows", "6 rows of the file", text, "a.csv")
        self.assertEqual(
            [(one.code, one.place) for one in error.errors],
            [
                ("row_amount", "row 2"),
                ("row_date", "row 3"),
                ("row_date", "row 5"),
                ("row_status", "row 6"),
                ("row_nothing", "row 7"),
                ("row_cells", "row 8"),
            ],
        )
        for place in ("Row 2", "Row 3", "Row 5", "Row 6", "Row 7", "Row 8"):
            self.assertIn(place, str(error))

    def test_a_decimal_comma_in_a_comma_list_is_refused(self):
        words = "more cells than headings"
        self.assertRefused("bad_rows", words, "Reference,Amount\nA,250,90\n", "a.csv")
        (document,) = csv('Reference,Amount\nA,"250,90"\n')
        self.assertEqual(document.payments[0].amount, Decimal("250.90"))

    def test_a_lost_quotation_mark_swallows_no_row(self):
        text = 'Reference;Amount;Note\nA;1,50;"note\nB;2,50;x\n'
        self.assertRefused("quotes", "marks at row 2 do not match", text, "a.csv")
        (document,) = csv(text.replace("note", 'no\nte"'))
        self.assertEqual(len(document.payments), 2)

    def test_paid_rows_are_no_returns(self):
        text = (
            "Riferimento;Importo;Esito\nA;1,50;Pagato\nB;2,50;Insoluto\nC;3,50;42010\n"
        )
        text += "D;4,50;Richiamato\nE;5,50;In corso\n"
        (document,) = csv(text)
        self.assertEqual(
            [(p.reference, p.kind) for p in document.payments],
            [("B", "return"), ("C", "return"), ("D", "recall")],
        )
        self.assertEqual([r.why for r in document.ignored], ["accepted", "pending"])

    def test_codes_of_paid_and_unpaid_are_understood_in_either_column(self):
        for column in ("Esito", "Causale"):
            text = f"Riferimento;Importo;{column}\n" + "".join(
                f"{code};1,50;{code}\n"
                for code in (
                    "42010",
                    "30010",
                    "AM04",
                    "30008",
                    "ACCP",
                    "37000",
                    "50010",
                )
            )
            (document,) = csv(text)
            self.assertEqual(
                [(p.reference, p.kind) for p in document.payments][:3],
                [("42010", "return"), ("AM04", "return"), ("30008", "recall")],
            )
        text = "Riferimento;Importo;Esito\nA;1,50;Pagato in parte\nB;1,50;ABCD\n"
        self.assertRefused("bad_rows", "2 rows.*\n.*Pagato in parte", text, "a.csv")

    def test_a_row_without_reason_has_none(self):
        (document,) = csv("Reference;Amount;Reason\nA;1,50;\n")
        self.assertEqual(document.payments[0].reason_codes, ())
        self.assertEqual(document.payments[0].reason_text, "")

    def test_a_missing_column_is_named(self):
        words = "no heading for: Amount"
        self.assertRefused("column_missing", words, "Reference;Date\nA;1\n", "a.csv")
        words = "no heading for: Reference"
        self.assertRefused("column_missing", words, "Date;Amount\n;1\n", "a.csv")
        self.assertRefused("column_missing", "Reference, Amount", "a;b\n1;2\n", "a.csv")

    def test_the_total_row_is_checked(self):
        text = self.italian.replace("2.500,90", "2.500,91")
        words = "make 2500.90, but the bank declares 2500.91"
        self.assertRefused("control_sum", words, text, "a.csv")

    def test_a_list_without_rows_is_empty(self):
        self.assertRefused("empty", "nothing to import", "Reference;Amount\n", "a.csv")

    def test_keys_of_rows_do_not_depend_on_the_file(self):
        head = "Reference;Amount;Date\n"
        (old,) = csv(head + "A;1,50;05/11/2026\nA;1,50;05/11/2026\n")
        (new,) = csv(head + "B;9,90;06/11/2026\nA;1,5;2026-11-05\n")
        keys = [payment.unique_key for payment in old.payments]
        self.assertEqual(len(set(keys)), 2)
        self.assertEqual(new.payments[1].unique_key, keys[0])
        self.assertNotEqual(old.message_id, new.message_id)

    def test_valuta_is_a_currency_or_a_date(self):
        (document,) = csv("Riferimento;Importo;Valuta\nA;1,50;EUR\n")
        self.assertEqual(document.payments[0].currency, "EUR")
        (document,) = csv("Riferimento;Importo;Valuta\nA;1,50;05/11/2026\n")
        self.assertEqual(document.payments[0].value_date, date(2026, 11, 5))


@tagged("post_install", "-at_install")
class TestWorkbooks(ParserCase):
    def workbook(self, *rows, more=()):
        import openpyxl

        book = openpyxl.Workbook()
        for row in rows:
            book.active.append(row)
        for title, others in more:
            sheet = book.create_sheet(title)
            for row in others:
                sheet.append(row)
        buffer = io.BytesIO()
        book.save(buffer)
        return buffer.getvalue()

    head = ["Reference", "Amount", "Date", "Reason", "Customer"]

    def test_a_workbook_is_read_with_its_own_dates_and_numbers(self):
        data = self.workbook(
            ["Unpaid list"],
            [],
            self.head,
            [1001, 1250.9, date(2026, 11, 5), "AM04", "Rossi"],
            ["R2", 0.1 + 0.2, "05/11/2026", None, "Bianchi"],
            ["R3", "1.250,90", 46331, None, None],
        )
        document = self.read_one(data, "list.xlsx")
        self.assertEqual(document.format, "xlsx")
        self.assertEqual(
            [(p.reference, p.amount) for p in document.payments],
            [
                ("1001", Decimal("1250.9")),
                ("R2", Decimal("0.3")),
                ("R3", Decimal("1250.90")),
            ],
        )
        days = {payment.date for payment in document.payments}
        self.assertEqual(days, {date(2026, 11, 5)})
        self.assertEqual(document.payments[0].place, "row 4 of sheet Sheet")

    def test_a_workbook_and_a_csv_of_the_same_list_have_the_same_keys(self):
        data = self.workbook(self.head, ["A", 1.5, date(2026, 11, 5), "AM04", "x"])
        (payment,) = self.read_one(data).payments
        (other,) = csv(
            "Reference;Amount;Date;Reason;Customer\nA;1,50;5/11/2026;AM04;x\n"
        )
        self.assertEqual(payment.unique_key, other.payments[0].unique_key)

    def test_bad_rows_of_a_workbook_are_told_with_their_sheet(self):
        data = self.workbook(self.head, ["A", True, None], ["B", 5, "no"])
        words = "Row 2 of sheet Sheet: “True” is not an amount"
        error = self.assertRefused("bad_rows", words, data)
        self.assertEqual(len(error.errors), 2)

    def test_sheets_without_headings_are_skipped(self):
        others = [("Notes", [["hello"]]), ("More", [self.head, ["B", 2]])]
        data = self.workbook(self.head, ["A", 1], more=others)
        references = [payment.reference for payment in self.read_one(data).payments]
        self.assertEqual(references, ["A", "B"])

    def test_a_formula_without_a_stored_value_is_no_amount(self):
        data = self.workbook(self.head, ["A", "=1+1", None, None, None])
        self.assertRefused("bad_rows", "“=1\\+1” is not an amount", data)

    def test_a_damaged_or_hostile_workbook_is_refused(self):
        data = self.workbook(self.head, ["A", 1])
        parts = {"[Content_Types].xml": "", "xl/workbook.xml": "<x/>"}
        self.assertRefused("sheet", "damaged Excel workbook", zipped(**parts))
        parts["xl/workbook.xml"] = "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>"
        self.assertRefused("doctype", "DOCTYPE", zipped(**parts))
        self.assertEqual(len(self.read_one(data).payments), 1)

    def test_a_workbook_inside_a_zip_is_read(self):
        data = zipped(list__xlsx=self.workbook(self.head, ["A", 1]))
        self.assertEqual(self.read_one(data).payments[0].reference, "A")


@tagged("post_install", "-at_install")
class TestPurity(BaseCase):
    def test_parsers_do_not_know_odoo(self):
        folder = Path(__file__).parent.parent / "parsers"
        for path in folder.glob("*.py"):
            self.assertNotRegex(path.read_text(), r"(?m)^\s*(from|import) odoo", path)
