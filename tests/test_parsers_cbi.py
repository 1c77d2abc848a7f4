import time
from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..parsers import MESSAGES, ParseError, parse
from ..parsers.cbi_layout import ADVANCE, END, HEADER, OUTCOME, STATEMENT, WIDTH
from ..parsers.iban import make_italian_iban

OUR_ACCOUNT = {"abi": "05034", "cab": "11702", "account": "000000123456"}


def record(type_, layout, **values):
    """One record of 120 characters, with values at the positions of a layout."""
    text = list(f" {type_}".ljust(WIDTH))
    for name, value in values.items():
        first, last = layout[name]
        text[first - 1 : last] = value.ljust(last - first + 1)[: last - first + 1]
    return "".join(text)


def receipt(number=1, causale="42010", cents=122000, **values):
    """The records of the outcome of one receipt, as a list.

    :param values: of any of its records, by the name of the field
    """
    known = {
        "due_date": "311026",
        "causale": causale,
        "amount": f"{cents:013}",
        "sign": "-",
        **OUR_ACCOUNT,
        "name": "BIANCHI ARREDI SRL",
        "tax_code": "01533020673",
        "text": "PER LA FATTURA N. FV/2026/00101 DEL 31/0",
        "text_more": "8/26",
        "receipt": f"{100 + number:010}",
        **values,
    }
    return [
        record(
            type_,
            {"number": (4, 10), **OUTCOME[type_]},
            number=f"{number:07}",
            **{name: known[name] for name in OUTCOME[type_] if name in known},
        )
        for type_ in ("14", "20", "30", "40", "50", "51", "70")
    ]


def memo(number, causale, cents, reference):
    """The two records of an entry that the bank has booked for several receipts."""
    values = {"causale": causale, "amount": f"{cents:013}", "sign": "-"}
    num = f"{number:07}"
    return [
        record("10", OUTCOME["10"], number=num, memo=reference, **values),
        record("70", {"number": (4, 10)}, number=num),
    ]


def flow(*items, header="IB", support="ESITI1", negative=None, positive=0, **declared):
    """A logical flow of some items, as a list of records."""
    names = {"sender": "05034", "recipient": "A1B2C", "created": "031126"}
    names["support"] = support
    body = [one for item in items for one in item]
    amounts = [int(one[33:46]) for one in body if one[1:3] in ("10", "14")]
    total = sum(amounts) if negative is None else negative
    totals = {
        "count": f"{len(items):07}",
        "negative": f"{total:015}",
        "positive": f"{positive:015}",
        "records": f"{len(body) + 2:07}",
        **declared,
    }
    return [
        record(header, HEADER, **names),
        *body,
        record("EF", END, **names, **totals),
    ]


def movement(number=1, causale="37", euro="99,99", sign="D", texts=(), **values):
    """A movement of a statement and the records of its text, as a list."""
    at = {"at": (4, 10), "number": (11, 13)}
    counted = {"at": "0000001", "number": f"{number:03}"}
    told = {
        "value_date": "031126",
        "date": "031126",
        "sign": sign,
        "amount": euro.rjust(15, "0"),
        "causale": causale,
        **values,
    }
    first = record("62", at | STATEMENT["62"], **counted, **told)
    rest = [record("63", at | STATEMENT["63"], **counted, text=t) for t in texts]
    return [first, *rest]


def statement(*movements, opening="10000,00", closing="", **declared):
    """A daily account of some movements, as a list of records."""
    body = [one for records in movements for one in records]
    balance = STATEMENT["61"]
    fields = dict(balance, iban=(100, 103), bban=(52, 74))
    first = {
        "iban": "IT60",
        "bban": "X0542811101000000123456",
        "currency": "EUR",
        "sign": "C",
        "balance": opening.rjust(15, "0"),
    }
    last = {"sign": "C", "balance": closing.rjust(15, "0")} if closing else {}
    return flow(
        [record("61", fields, causale="93001", **first)],
        body,
        [record("64", STATEMENT["64"], currency="EUR", **last)],
        **{"header": "RH", "negative": 0, "count": "0000001", **declared},
    )


def read(*flows, end="\r\n"):
    """The documents of a file of some flows."""
    return parse("esiti.txt", end.join(sum(flows, [])).encode())


@tagged("post_install", "-at_install")
class TestParsersCbi(BaseCase):
    """Outcomes of receipts in CBI's fixed width."""

    def assert_refused(self, code, *flows):
        with self.assertRaises(ParseError) as caught:
            read(*flows)
        self.assertEqual(caught.exception.code, code)
        self.assertIn(code, MESSAGES)
        self.assertTrue(str(caught.exception))

    def test_an_unpaid_receipt_is_read_whole(self):
        [document] = read(flow(receipt(charges="00350", memo="ESI1")))
        self.assertEqual(
            (document.format, document.date, document.account_currency),
            ("cbi.riba", date(2026, 11, 3), "EUR"),
        )
        self.assertEqual(document.agent_abi, "05034")
        self.assertEqual(document.account_iban, "IT23N0503411702000000123456")
        [payment] = document.payments
        expected = {
            "reference": "101",
            "amount": Decimal("1220.00"),
            "currency": "EUR",
            "fee_amount": Decimal("3.50"),
            "kind": "return",
            "reason_codes": ("42010",),
            "date": date(2026, 11, 3),
            "due_date": date(2026, 10, 31),
            "partner_name": "BIANCHI ARREDI SRL",
            "partner_vat": "01533020673",
            "batch_id": "ESI1",
            "doubt": "",
        }
        for name, value in expected.items():
            with self.subTest(name=name):
                self.assertEqual(getattr(payment, name), value)

    def test_halves_of_a_text_are_joined_where_they_were_cut(self):
        names = {"name": "FERRAMENTA ROSSI DI ROSSI PIET", "name_more": "RO SNC"}
        [document] = read(flow(receipt(**names)))
        [payment] = document.payments
        self.assertEqual(payment.partner_name, "FERRAMENTA ROSSI DI ROSSI PIETRO SNC")
        self.assertEqual(
            payment.texts, ("PER LA FATTURA N. FV/2026/00101 DEL 31/08/26",)
        )

    def test_what_each_causale_tells(self):
        for causale, kind in (
            ("42010", "return"),
            ("30006", "return"),
            ("30007", "return"),
            ("30009", "return"),
            ("30008", "recall"),
        ):
            with self.subTest(causale=causale):
                [payment] = read(flow(receipt(causale=causale)))[0].payments
                self.assertEqual((payment.kind, payment.doubt), (kind, ""))

    def test_a_causale_that_nobody_knows_is_for_a_person_to_say(self):
        [payment] = read(flow(receipt(causale="49999")))[0].payments
        self.assertEqual(payment.doubt, "code")

    def test_a_paid_receipt_is_no_return_and_may_come_back_later(self):
        paid = flow(receipt(causale="30010", sign="+"), negative=0, positive=122000)
        first, second = read(paid, flow(receipt(), support="ESITI2"))
        self.assertFalse(first.payments)
        self.assertEqual([entry.why for entry in first.ignored], ["accepted"])
        self.assertEqual(len(second.payments), 1)

    def test_what_receipts_tell_is_not_told_again_by_the_memos(self):
        items = [receipt(1, charges="00350", memo="ESI1")]
        items.append(memo(2, "37000", 122000, "ESI1"))
        [document] = read(flow(*items, memo(3, "16000", 350, "ESI1"), negative=122000))
        self.assertEqual([entry.why for entry in document.ignored], ["told", "told"])
        self.assertEqual(document.payments[0].fee_amount, Decimal("3.50"))

    def fees(self, *items):
        """The fees of the returns of some items, and what is left of the charges."""
        [document] = read(flow(*items, negative=0))
        left = [entry.amount for entry in document.ignored if entry.why == "charges"]
        return [str(payment.fee_amount) for payment in document.payments], left

    def test_charges_of_a_memo_alone_are_shared_by_its_receipts(self):
        first, second = receipt(1, memo="ESI1"), receipt(2, memo="ESI1")
        charge = memo(9, "16000", 1000, "ESI1")
        self.assertEqual(self.fees(first, charge), (["10.00"], []))
        third = receipt(3, memo="ESI1")
        self.assertEqual(
            self.fees(charge, first, second, third), (["3.33", "3.33", "3.34"], [])
        )
        other = receipt(3, memo="ESI2")
        self.assertEqual(self.fees(first, other, charge), (["10.00", "0.00"], []))
        cent = memo(9, "16000", 1, "ESI1")
        self.assertEqual(self.fees(first, second, cent), (["0.00", "0.01"], []))

    def test_a_memo_without_a_reference_is_of_the_receipts_without_one(self):
        self.assertEqual(
            self.fees(receipt(1), memo(2, "16000", 350, "")), (["3.50"], [])
        )

    def test_charges_of_no_returned_receipt_are_said(self):
        charge = memo(2, "16000", 350, "ESI1")
        paid = receipt(1, causale="30010", memo="ESI1")
        self.assertEqual(self.fees(paid, charge), ([], [Decimal("3.50")]))
        self.assertEqual(self.fees(receipt(1), charge), (["0.00"], [Decimal("3.50")]))

    def test_what_a_memo_charges_above_the_receipts_is_said(self):
        told = receipt(1, memo="ESI1", charges="00350")
        for cents, left in ((350, []), (500, [Decimal("1.50")]), (100, [])):
            with self.subTest(cents=cents):
                found = self.fees(told, memo(2, "16000", cents, "ESI1"))
                self.assertEqual(found, (["3.50"], left))

    def test_both_sums_of_the_totals_are_right(self):
        items = [receipt(1), memo(2, "37000", 122000, "ESI1")]
        for negative in (122000, 244000, 0):
            with self.subTest(negative=negative):
                [document] = read(flow(*items, negative=negative))
                self.assertEqual(len(document.payments), 1)
        self.assert_refused("control_sum", flow(*items, negative=122001))

    def test_a_file_that_is_cut_is_refused(self):
        whole = flow(receipt(1), receipt(2))
        read(whole)
        self.assert_refused("truncated", whole[:-1])
        self.assert_refused("control_count", whole[:5] + whole[6:])
        self.assert_refused("control_count", flow(receipt(), count="0000002"))
        self.assert_refused("truncated", whole[:-1], whole)
        self.assert_refused("truncated", whole, whole[1:])

    def test_what_tells_no_outcome_is_refused_by_name(self):
        for causale, code in (
            ("30000", "cbi_presentation"),
            ("30100", "cbi_recall"),
            ("31000", "cbi_debtor"),
        ):
            with self.subTest(causale=causale):
                self.assert_refused(code, flow(receipt(causale=causale)))
        for header, code in (
            ("DT", "cbi_securities"),
            ("ER", "cbi_diagnostics"),
            ("IR", "cbi_rid"),
        ):
            with self.subTest(header=header):
                self.assert_refused(code, flow(header=header))

    def test_the_lines_may_end_as_they_like(self):
        records = flow(receipt(1), receipt(2))
        expected = read(records)[0].payments
        for name, data in {
            "LF": "\n".join(records),
            "CR": "\r".join(records),
            "none": "".join(records),
            "trimmed": "\r\n".join(line.rstrip() for line in records),
            "shifted": "\r\n".join(line[1:] for line in records),
            "end of file": "\r\n".join(records) + "\r\n\x1a",
        }.items():
            with self.subTest(ends=name):
                payments = parse("x", data.encode())[0].payments
                self.assertEqual(
                    [payment.unique_key for payment in payments],
                    [payment.unique_key for payment in expected],
                )

    def test_any_letters_are_read(self):
        text = "\r\n".join(flow(receipt(name="CAFFÈ LUNGO SRL")))
        for encoding in ("cp1252", "utf-8"):
            with self.subTest(encoding=encoding):
                [payment] = parse("x", text.encode(encoding))[0].payments
                self.assertEqual(payment.partner_name, "CAFFÈ LUNGO SRL")
        broken = text.replace("È", "#").encode().replace(b"#", b"\x81")
        self.assertEqual(len(parse("x", broken)[0].payments), 1)

    def test_several_flows_are_several_documents_and_receipts_keep_apart(self):
        first, second = read(flow(receipt(1)), flow(receipt(2), support="ESITI2"))
        self.assertNotEqual(first.message_id, second.message_id)
        self.assertNotEqual(first.payments[0].unique_key, second.payments[0].unique_key)

    def test_the_same_outcome_under_another_name_has_the_same_key(self):
        first, second = read(flow(receipt()), flow(receipt(), support="AGAIN"))
        self.assertEqual(first.payments[0].unique_key, second.payments[0].unique_key)

    def test_what_is_no_amount_or_day_is_refused(self):
        self.assert_refused("date", flow(receipt(due_date="310226")))
        self.assert_refused("date", flow(receipt(due_date="31O126")))
        broken = flow(receipt())
        broken[1] = broken[1].replace("0000000122000", "00000001220,0")
        self.assert_refused("amount", broken)

    def test_records_may_be_missing_but_the_first(self):
        bare = receipt()[:1]
        [payment] = read(flow(bare))[0].payments
        self.assertEqual((payment.reference, payment.amount), ("", Decimal("1220.00")))
        self.assert_refused("truncated", flow(receipt()[1:], negative=0))

    def test_thousands_of_outcomes_are_read_in_linear_time(self):
        data = "\r\n".join(flow(*map(receipt, range(1, 10_001)))).encode()
        start = time.monotonic()
        self.assertEqual(len(parse("esiti.txt", data)[0].payments), 10_000)
        # Some ten times what a slow machine needs; quadratic would take minutes.
        self.assertLess(time.monotonic() - start, 10)

    def test_a_file_of_nothing_but_lines_is_refused(self):
        [header, *rest] = flow(receipt())
        with self.assertRaises(ParseError) as caught:
            parse("x", "\n".join([header, *[""] * 400_001, *rest]).encode())
        self.assertEqual(caught.exception.code, "too_many_rows")

    def test_outcomes_of_mav_are_read_alike(self):
        [document] = read(flow(receipt(causale="07006"), header="IM"))
        self.assertEqual(document.format, "cbi.mav")
        self.assertEqual(document.payments[0].doubt, "")

    def test_receipts_of_two_accounts_name_none(self):
        other = receipt(2, account="000000999999")
        self.assertEqual(read(flow(receipt(1), other))[0].account_iban, "")

    def test_the_iban_of_an_italian_account(self):
        # The example of the Italian bankers' association.
        self.assertEqual(
            make_italian_iban("05428", "11101", "123456"),
            "IT60X0542811101000000123456",
        )
        for parts in (("", "", ""), ("0542A", "11101", "1"), ("1", "2", "1" * 13)):
            with self.subTest(parts=parts):
                self.assertEqual(make_italian_iban(*parts), "")


@tagged("post_install", "-at_install")
class TestParsersCbiStatement(BaseCase):
    """Returns in statements of CBI's fixed width."""

    def payments(self, *movements):
        [document] = read(statement(*movements))
        return document.payments

    def why(self, *movements):
        [document] = read(statement(*movements))
        return [entry.why for entry in document.ignored]

    def test_a_debit_of_a_returned_receipt_is_a_return(self):
        texts = ["INSOLUTO RI.BA. VERDI MARIO FV/2026/00103".ljust(107), " SCAD. 31/10"]
        [document] = read(statement(movement(texts=texts), closing="9900,01"))
        self.assertEqual(document.account_iban, "IT60X0542811101000000123456")
        self.assertEqual(document.account_currency, "EUR")
        [payment] = document.payments
        self.assertEqual(payment.amount, Decimal("99.99"))
        self.assertEqual(payment.reason_codes, ("37",))
        self.assertEqual(payment.date, date(2026, 11, 3))
        self.assertIn("FV/2026/00103 SCAD. 31/10", payment.texts[0])

    def test_what_is_no_return_is_said(self):
        for why, values in {
            "credit": {"sign": "C"},
            "charges": {"causale": "16"},
            "not_return": {"causale": "50"},
            "outcomes": {"tag": "RIFESICBI", "reference": "ESI1"},
        }.items():
            with self.subTest(why=why):
                self.assertEqual(self.why(movement(**values)), [why])

    def test_a_reversal_of_nobody_knows_what_is_for_a_person_to_say(self):
        [payment] = self.payments(movement(causale="68"))
        self.assertEqual((payment.kind, payment.doubt), ("reversal", "reversal"))

    def test_tags_in_the_text_are_read_across_its_pieces(self):
        text = ":RMG:RETURN:TRC:AM04:EE1:E2E-1:IDM:MND-1:DEN:VERDI MARIO:RIF:FV/103"
        pieces = [text[:40].ljust(107), text[40:]]
        [payment] = self.payments(movement(causale="Z9", texts=pieces))
        self.assertEqual(payment.reason_codes, ("AM04",))
        self.assertEqual(payment.mandate_reference, "MND-1")
        broken = [text.rjust(150)[:107], text.rjust(150)[107:]]
        [payment] = self.payments(movement(causale="Z9", texts=broken))
        self.assertEqual(payment.end_to_end_id, "E2E-1")
        self.assertEqual(payment.partner_name, "VERDI MARIO")
        self.assertIn("FV/103", payment.texts)

    def test_the_ids_of_a_payment_stand_at_fixed_places(self):
        ids = f"ID1{'MSG-7'.ljust(35)}{'E2E-7'.ljust(35)}"
        [payment] = self.payments(movement(causale="Z9", texts=[ids]))
        self.assertEqual(payment.end_to_end_id, "E2E-7")
        self.assertEqual(payment.original_message_id, "MSG-7")

    def test_a_charge_that_names_its_return_is_its_fee(self):
        back = movement(1, "Z9", texts=[":EE1:E2E-1"])
        charge = movement(2, "16", "0,50", texts=[":EE1:E2E-1"])
        other = movement(3, "16", "0,50", texts=[":EE1:E2E-2"])
        [document] = read(statement(back, charge, other))
        self.assertEqual(document.payments[0].fee_amount, Decimal("0.50"))
        self.assertEqual([entry.why for entry in document.ignored], ["charges"])

    def test_the_day_sent_again_has_the_same_keys_and_twins_keep_apart(self):
        twins = [movement(1), movement(2)]
        first, second = read(statement(*twins), statement(*twins, support="AGAIN"))
        keys = [payment.unique_key for payment in first.payments]
        self.assertEqual(len(set(keys)), 2)
        self.assertEqual(keys, [payment.unique_key for payment in second.payments])

    def test_what_does_not_add_up_is_refused(self):
        for code, records in {
            "control_sum": statement(movement(), closing="9900,00"),
            "control_count": statement(movement(), count="0000002"),
            "amount": statement(movement(euro="9999")),
            "indicator": statement(movement(sign="X")),
            "truncated": flow(movement(), header="RH", negative=0, count="0000001"),
        }.items():
            with self.subTest(code=code), self.assertRaises(ParseError) as caught:
                read(records)
            self.assertEqual(caught.exception.code, code)
        read(statement(movement(), closing="9900,01"))

    def test_the_account_of_advances_has_its_movements_in_another_record(self):
        opening = statement()[1]
        told = {"date": "031126", "sign": "D", "amount": "000000000099,99"}
        moved = record("63", ADVANCE, causale="37", **told)
        [document] = read(flow([opening], [moved], header="RA", count="0000001"))
        self.assertEqual(document.format, "cbi.ra")
        self.assertEqual(document.payments[0].amount, Decimal("99.99"))
