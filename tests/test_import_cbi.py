from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import tagged

from ..parsers.cbi_layout import ADVANCE
from .test_import import DAY, OUTCOMES, ImportCommon
from .test_parsers_cbi import flow, memo, movement, receipt, record, statement

MIXED = "tests/files/cbi/riba_esiti_misti.txt"
PRESENTED = "tests/files/cbi/riba_presentazione.txt"
# Of the customer of the tests.
OURS = {"name": "ROSSI IMPIANTI SRL", "tax_code": ""}
TOTAL = {"tag": "RIFESICBI", "reference": "ESI1"}


class ImportCbiCommon(ImportCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bank.bank_acc_number = "IT23N0503411702000000123456"

    @classmethod
    def file(cls, *flows, name="esiti.txt"):
        """A file of some flows, as (name, bytes)."""
        return name, "\r\n".join(sum(flows, [])).encode()

    @classmethod
    def day(cls, *movements, **declared):
        """A daily account of the bank, as a flow."""
        records = statement(*movements, **declared)
        # Of the account that collects, in the same words.
        own = records[1][:51] + "N0503411702000000123456" + records[1][74:]
        return [records[0], own[:99] + "IT23" + own[103:], *records[2:]]


@tagged("post_install", "-at_install")
class TestImportOutcomesTotals(ImportCbiCommon):
    """What a statement tells of receipts that a file of outcomes lists."""

    def refusal(self, *files):
        with self.assertRaises(UserError) as caught:
            self.load(*files)
        return str(caught.exception)

    def outcomes(self, charges="00350", memos=(), **values):
        items = [
            receipt(1, charges=charges, memo="ESI1", **values),
            receipt(2, cents=48850, charges=charges, memo="ESI1"),
        ]
        return flow(*items, *memos, negative=0)

    def test_a_total_names_the_return_whose_receipts_it_is_of(self):
        told = self.load(self.sample(OUTCOMES))
        note = self.load(self.sample(DAY)).import_note
        self.assertIn(f"the total of 2 receipts of return {told.name}", note)
        self.assertIn(f"the charges of return {told.name}, which has them", note)
        self.assertIn("1,708.50", note)

    def test_a_total_before_its_file_of_outcomes_says_what_is_missing(self):
        day = self.load(self.sample(DAY))
        self.assertEqual(day.line_ids.mapped("amount"), [99.99])
        self.assertIn("no file has listed yet", day.import_note)
        self.assertIn("the reference ESI20261103A", day.import_note)
        returned = self.load(self.sample(OUTCOMES))
        self.assertEqual(sum(returned.line_ids.mapped("amount")), 1708.5)
        self.assertEqual(sum(returned.line_ids.mapped("fee_amount")), 7.0)

    def test_a_statement_of_totals_alone_is_refused_and_can_be_imported_later(self):
        day = self.file(self.day(movement(euro="1708,50", **TOTAL)))
        text = self.refusal(day)
        self.assertIn("totals only", text)
        self.assertIn("file of outcomes with the reference ESI1", text)
        told = self.load(self.file(self.outcomes()))
        self.assertIn(f"2 receipts of return {told.name}", self.refusal(day))

    def test_one_receipt_is_no_total(self):
        told = self.load(self.file(flow(receipt(memo="ESI1"))))
        text = self.refusal(self.file(self.day(movement(euro="1220,00", **TOTAL))))
        self.assertIn(f"the receipt of return {told.name}", text)

    def test_receipts_that_make_another_total_are_said(self):
        told = self.load(self.file(self.outcomes()))
        text = self.refusal(self.file(self.day(movement(euro="1800,00", **TOTAL))))
        self.assertIn(f"of return {told.name}, which make", text)
        self.assertIn("1,708.50", text)

    def test_both_in_one_file_know_each_other(self):
        day = self.day(movement(euro="1708,50", **TOTAL))
        told = self.load(self.file(self.outcomes(), day))
        self.assertEqual(len(told.line_ids), 2)
        self.assertIn(f"2 receipts of return {told.name}", told.import_note)

    def test_a_total_without_a_reference_is_known_by_amount_and_day(self):
        told = self.load(self.file(self.outcomes()))
        for euro, state in {
            "1708,50": "skipped",
            "1715,50": "skipped",
            "1708,51": "unmatched",
        }.items():
            with self.subTest(euro=euro):
                day = self.day(movement(euro=euro), support=euro.replace(",", ""))
                line = self.load(self.file(day)).line_ids
                self.assertEqual(line.match_state, state)
                note = f"total of 2 receipts of {told.name}"
                self.assertEqual(note in line.match_note, state == "skipped")

    def test_such_a_total_is_known_also_when_its_receipts_come_later(self):
        day = self.day(movement(euro="1708,50"), movement(2, euro="10,00"))
        lines = self.load(self.file(day)).line_ids
        self.assertEqual(set(lines.mapped("match_state")), {"unmatched"})
        self.load(self.file(self.outcomes()))
        self.assertEqual(lines.mapped("match_state"), ["skipped", "unmatched"])
        lines[0].action_match()
        self.assertEqual(lines[0].match_state, "unmatched")

    def test_what_is_of_another_time_or_bank_is_no_total(self):
        self.load(self.file(self.outcomes()))
        late = movement(euro="1708,50", date="101126", value_date="101126")
        self.assertEqual(self.load(self.file(self.day(late))).pending_count, 1)

    def test_one_receipt_of_an_amount_is_no_total_of_it(self):
        self.load(self.file(flow(receipt(1, cents=9999))))
        line = self.load(self.file(self.day(movement()))).line_ids
        self.assertEqual(line.match_state, "unmatched")

    def test_charges_of_a_total_are_booked_once(self):
        told = self.load(self.file(self.outcomes()))
        charge = self.day(movement(causale="16", euro="7,00", **TOTAL))
        self.assertIn(
            f"the charges of return {told.name}", self.refusal(self.file(charge))
        )

    def refusal_of_charges(self, euro):
        moved = movement(causale="16", euro=euro, **TOTAL)
        return self.refusal(self.file(self.day(moved)))

    def test_charges_that_no_receipt_has_are_said(self):
        told = self.load(self.file(self.outcomes(charges="00000")))
        text = self.refusal_of_charges("7,00")
        self.assertIn(f"return {told.name}, whose receipts have", text)

    def test_charges_of_a_memo_alone_are_shared_by_its_receipts(self):
        memos = [memo(3, "16000", 701, "ESI1")]
        told = self.load(self.file(self.outcomes(charges="00000", memos=memos)))
        self.assertEqual(told.line_ids.mapped("fee_amount"), [3.5, 3.51])
        self.assertIn("has them on its receipts", self.refusal_of_charges("7,01"))

    def test_the_reference_finds_the_receipts_also_in_the_books(self):
        payment = self.collect(1220, end_to_end_id="101")
        told = self.load(self.file(self.outcomes(**OURS)))
        line = told.line_ids.filtered(lambda line: line.payment_id == payment)
        told.action_confirm()
        lines = told.line_ids | told.rest_ids.line_ids
        find = self.env["account.payment.return.line"]._find_by_outcomes_reference
        self.assertIn(line, find("ESI1", self.company))
        self.assertEqual(find(" ESI1        N. 2", self.company), lines)
        self.assertEqual(find("ESI1", self.company, line.date), lines)
        for name, day in {"": None, "ESI2": None, "ESI1": "2027-06-01"}.items():
            with self.subTest(name=name, day=day):
                day = day and line._fields["date"].to_date(day)
                self.assertFalse(find(name, self.company, day))
        told.action_cancel()
        self.assertEqual(find("ESI1", self.company), lines - told.line_ids)

    def test_receipts_told_twice_count_once(self):
        first = self.load(self.file(self.outcomes()))
        other = receipt(3, cents=1000, memo="ESI1")
        items = [receipt(1, memo="ESI1"), other]
        again = self.load(self.file(flow(*items, support="AGAIN")))
        find = self.env["account.payment.return.line"]._find_by_outcomes_reference
        found = find("ESI1", self.company)
        self.assertEqual(found, first.line_ids | again.line_ids[1])


@tagged("post_install", "-at_install")
class TestImportCbi(ImportCbiCommon):
    """Files of CBI's fixed width, from the bytes to the books."""

    def test_several_flows_of_a_file_are_a_return_each(self):
        returns = self.load(self.sample(MIXED))
        told = [
            (line.reference, line.amount, line.reason_code, line.kind)
            for line in returns.line_ids.sorted("reference")
        ]
        self.assertEqual(
            told,
            [
                ("101", 1220.0, "42010", "return"),
                ("102", 488.5, "42010", "return"),
                ("103", 99.99, "30007", "return"),
                ("104", 2500.0, "30008", "recall"),
            ],
        )
        self.assertEqual(len(returns), 3)
        self.assertIn("1 accepted or paid", "".join(returns.mapped("import_note")))

    def test_the_periodic_statement_tells_only_the_other_days(self):
        day = movement(causale="37")
        later = movement(2, "37", "15,00", date="041126", value_date="041126")
        self.load(self.file(self.day(day)))
        for header in ("RH", "EC"):
            again = self.day(day, support="AGAIN", header=header)
            with self.subTest(header=header), self.assertRaises(RedirectWarning):
                self.load(self.file(again))
        period = self.load(self.file(self.day(day, later, header="EC")))
        self.assertEqual(period.file_format, "cbi.ec")
        states = {line.amount: line.match_state for line in period.line_ids}
        self.assertEqual(states, {99.99: "duplicate", 15.0: "unmatched"})

    def test_a_day_sent_again_is_known_line_by_line(self):
        twins = [movement(1), movement(2)]
        first = self.load(self.file(self.day(*twins)))
        self.assertEqual(first.line_ids.mapped("amount"), [99.99, 99.99])
        again = self.day(*twins, movement(3), support="AGAIN")
        again[1] = again[1].replace("93001", "93011")
        states = self.load(self.file(again)).line_ids.mapped("match_state")
        self.assertEqual(states, ["duplicate", "duplicate", "unmatched"])

    def test_the_account_of_portfolios_names_the_file_that_we_sent(self):
        sent = f"031026{'DISTINTA12'.ljust(20)}{1:07}{9999:014}".ljust(107)
        texts = [sent, "VERDI MARIO FV/2026/00103"]
        told = self.load(self.file(self.day(movement(texts=texts), header="RP")))
        self.assertEqual(told.file_format, "cbi.rp")
        self.assertEqual(told.line_ids.original_message_id, "DISTINTA12")
        self.assertEqual(told.line_ids.texts, "VERDI MARIO FV/2026/00103")
        plain = movement(2, texts=["VERDI MARIO FV/2026/00104"])
        told = self.load(self.file(self.day(plain, header="RP")))
        self.assertEqual(told.line_ids.texts, "VERDI MARIO FV/2026/00104")

    def test_the_account_of_advances_is_read_by_its_own_records(self):
        values = {"date": "031126", "sign": "D", "amount": "000000000099,99"}
        moved = record("63", ADVANCE, causale="37", **values)
        advances = self.day([moved], header="RA")
        told = self.load(self.file(advances))
        self.assertEqual(told.file_format, "cbi.ra")
        self.assertEqual(told.line_ids.mapped("amount"), [99.99])

    def test_what_was_credited_may_come_back_unpaid(self):
        payment = self.collect(1220, end_to_end_id="101")
        credited = receipt(1, causale="30010", sign="+", **OURS)
        credited = flow(credited, negative=0, positive=122000)
        with self.assertRaisesRegex(UserError, "1 accepted or paid"):
            self.load(self.file(credited))
        returned = self.load(
            self.file(credited, flow(receipt(1, **OURS), support="LATER"))
        )
        self.assertEqual(returned.line_ids.payment_id, payment)
        returned.action_confirm()
        self.assertEqual(payment.reconciled_invoice_ids.payment_state, "not_paid")

    def test_only_who_did_not_pay_is_blocked_and_who_is_recalled_gets_no_mail(self):
        self.company.sudo().credit_block_on_return = True
        for number, (causale, blocked, written) in enumerate(
            [
                ("30006", False, True),
                ("30007", False, True),
                ("30009", False, True),
                ("30008", False, False),
                ("42010", True, True),
            ],
            201,
        ):
            partner = self.env["res.partner"].create(
                {"name": f"Customer {number}", "email": f"{number}@example.com"}
            )
            self.collect(1220, partner, end_to_end_id=str(number))
            told = receipt(1, causale, receipt=f"{number:010}", name="", tax_code="")
            returned = self.load(self.file(flow(told, support=str(number))))
            with self.subTest(causale=causale):
                self.assertEqual(returned.matched_count, 1)
                returned.action_confirm()
                self.assertEqual(bool(partner.credit_block_ids), blocked)
                self.assertEqual(bool(returned.sudo().notice_ids), written)

    def test_the_lines_may_end_as_they_like(self):
        ways = {
            "CRLF": lambda records: "\r\n".join(records),
            "CR": lambda records: "\r".join(records),
            "LF": lambda records: "\n".join(records),
            "none": lambda records: "".join(records),
            "trimmed": lambda records: "\n".join(line.rstrip() for line in records),
            "shifted": lambda records: "\n".join(line[1:] for line in records),
            "both": lambda records: "\n".join(line.strip() for line in records),
            "marked": lambda records: "\ufeff" + "\n".join(records),
            "ended": lambda records: "\r\n".join(records) + "\r\n\x1a",
        }
        for number, (name, write) in enumerate(ways.items(), 301):
            records = flow(receipt(1, receipt=str(number)), support=name.upper())
            with self.subTest(ends=name):
                returned = self.load((f"{name}.txt", write(records).encode()))
                self.assertEqual(returned.line_ids.reference, str(number))
                self.assertEqual(returned.line_ids.amount, 1220.0)

    def test_letters_of_windows_are_read(self):
        text = "\r\n".join(flow(receipt(1, name="CAFFÈ LUNGO SRL")))
        returned = self.load(("esiti.txt", text.encode("cp1252")))
        self.assertEqual(returned.line_ids.partner_name, "CAFFÈ LUNGO SRL")

    def test_what_tells_no_return_is_refused_with_what_to_do(self):
        text = "Import the file of outcomes"
        refused = {
            "presentation": (self.sample(PRESENTED)[1].decode(), text),
            "recall": (flow(receipt(causale="30100", sign="+")), text),
            "debtor": (flow(receipt(causale="31000")), "of the receipts that you have"),
            "DT": (flow(header="DT"), text),
            "ER": (flow(header="ER"), "Correct that file and send it again"),
            "IR": (flow(header="IR"), "Import the bank's pain.002"),
        }
        for name, (records, todo) in refused.items():
            records = records if isinstance(records, str) else "\n".join(records)
            with (
                self.subTest(name=name),
                self.assertRaisesRegex(UserError, todo) as caught,
            ):
                self.load((f"{name}.txt", records.encode()))
            self.assertIn(f"{name}.txt: Line", str(caught.exception))
        self.assertTrue(self.load(self.file(flow(receipt()))))
