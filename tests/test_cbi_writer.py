import doctest
from datetime import date
from decimal import Decimal

from odoo.tests import BaseCase, tagged

from ..parsers import ParseError, cbi_writer, iban, parse
from ..parsers.cbi_writer import Creditor, Receipt, write_riba

CREDITOR = Creditor(
    name="Esempio Forniture S.r.l.",
    street="Via delle Prove 1",
    town="20100 Milano",
    tax_code="01234567897",
    sia="A1B2C",
    abi="05034",
    cab="11702",
    account="000000123456",
)
DAY = date(2026, 10, 5)


def receipt(number=1, cents=122000, **values):
    """A receipt of 1,220 euro."""
    known = {
        "number": f"26{number:08}",
        "amount": Decimal(cents).scaleb(-2),
        "due_date": date(2026, 10, 31),
        "abi": "03069",
        "cab": "09400",
        "name": "Bianchi Arredi S.r.l.",
        "tax_code": "01533020673",
        "street": "Via Roma 10",
        "zip": "20100",
        "city": "Milano",
        "province": "MI",
        "bank": "Intesa Milano",
        "text": "FATT. FV/2026/00101 DEL 31/08/2026",
        "customer_code": "C00017",
    }
    return Receipt(**known | values)


def write(*receipts):
    """The lines of the file."""
    content = write_riba(CREDITOR, receipts, DAY, "RB/2026/00001")
    return content.decode("ascii").split("\r\n")


@tagged("post_install", "-at_install")
class TestCbiWriter(BaseCase):
    def at(self, line, first, last=None):
        """The text at a position, which counts from 1."""
        return line[first - 1 : last or first]

    def test_the_examples_of_the_writer_hold(self):
        for module in (cbi_writer, iban):
            self.assertFalse(doctest.testmod(module).failed)

    def test_a_receipt_has_seven_records_between_header_and_trailer(self):
        lines = write(receipt(1), receipt(2))
        self.assertEqual(lines.pop(), "")
        self.assertEqual({len(line) for line in lines}, {120})
        kinds = [line[1:3] for line in lines]
        seven = ["14", "20", "30", "40", "50", "51", "70"]
        self.assertEqual(kinds, ["IB", *seven, *seven, "EF"])
        numbers = [self.at(line, 4, 10) for line in lines[1:-1]]
        self.assertEqual(numbers, ["0000001"] * 7 + ["0000002"] * 7)

    def test_the_header_is_from_us_to_the_bank(self):
        header = write(receipt())[0]
        self.assertEqual(self.at(header, 4, 8), "A1B2C")
        self.assertEqual(self.at(header, 9, 13), "05034")
        self.assertEqual(self.at(header, 14, 19), "051026")
        self.assertEqual(self.at(header, 20, 39).strip(), "RB/2026/00001")
        self.assertEqual(self.at(header, 114), "E")

    def test_the_trailer_counts_and_sums(self):
        trailer = write(receipt(1), receipt(2, cents=9999))[-2]
        self.assertEqual(self.at(trailer, 4, 39), self.at(write(receipt())[0], 4, 39))
        self.assertEqual(self.at(trailer, 46, 52), "0000002")
        self.assertEqual(self.at(trailer, 53, 67), f"{131999:015}")
        self.assertEqual(self.at(trailer, 68, 82), f"{0:015}")
        self.assertEqual(self.at(trailer, 83, 89), "0000016")

    def test_what_the_bank_is_to_collect_stands_in_record_14(self):
        first = write(receipt())[1]
        told = {
            (23, 28): "311026",
            (29, 33): "30000",
            (34, 46): "0000000122000",
            (47, 47): "-",
            (48, 69): "0503411702000000123456",
            (70, 79): "0306909400",
            (92, 96): "A1B2C",
            (97, 97): "4",
            (98, 113): "C00017".ljust(16),
            (120, 120): "E",
        }
        for position, text in told.items():
            with self.subTest(position=position):
                self.assertEqual(self.at(first, *position), text)

    def test_names_and_numbers_stand_where_the_standard_says(self):
        lines = write(receipt())
        told = {
            (2, 11, 34): "ESEMPIO FORNITURE S.R.L.",
            (3, 11, 70): "BIANCHI ARREDI S.R.L.",
            (3, 71, 86): "01533020673",
            (4, 11, 40): "VIA ROMA 10",
            (4, 41, 45): "20100",
            (4, 46, 68): "MILANO",
            (4, 69, 70): "MI",
            (4, 71, 120): "INTESA MILANO",
            (5, 11, 90): "FATT. FV/2026/00101 DEL 31/08/2026",
            (5, 101, 116): "01234567897",
            (6, 11, 20): "2600000001",
            (6, 21, 40): "ESEMPIO FORNITURE S.",
        }
        for (line, *position), text in told.items():
            with self.subTest(position=position):
                self.assertEqual(self.at(lines[line], *position).strip(), text)

    def test_any_letters_can_be_written(self):
        for name in ("Città & Søn «Łódź»", "株式会社", "A\x00B\u2028C", "", "ẞß" * 99):
            with self.subTest(name=name):
                lines = write(receipt(name=name, street=name, city=name, text=name))
                self.assertEqual({len(line) for line in lines[:-1]}, {120})

    def test_what_cannot_be_told_is_no_file(self):
        write(receipt(cents=10**13 - 1))
        write(receipt(due_date=date(2099, 12, 31)))
        for values in (
            {"cents": 10**13},
            {"number": 10**8},
            {"abi": "1234X"},
            {"due_date": date(2126, 11, 30)},
            {"due_date": date(1999, 12, 31)},
            {"due_date": date.max},
            {"due_date": date.min},
        ):
            with self.subTest(values=values), self.assertRaises(ValueError):
                write(receipt(**values))

    def test_the_day_of_the_flow_has_a_year_of_two_digits(self):
        self.assertTrue(write_riba(CREDITOR, [receipt()], DAY, "X"))
        with self.assertRaises(ValueError):
            write_riba(CREDITOR, [receipt()], DAY.replace(year=2126), "X")

    def test_the_largest_amounts_are_those_that_the_fields_hold(self):
        self.assertEqual(cbi_writer.LARGEST_AMOUNT, Decimal("99999999999.99"))
        self.assertEqual(cbi_writer.LARGEST_TOTAL, Decimal("9999999999999.99"))

    def test_our_reader_knows_it_for_a_presentation(self):
        content = "\r\n".join(write(receipt())).encode()
        with self.assertRaises(ParseError) as caught:
            parse("presentation.cbi", content)
        self.assertEqual(caught.exception.code, "cbi_presentation")
