"""What is refused because it is too large, too much, or can be read in two ways.

Each refusal stands beside a file that differs only in that, and is read. How long the
worst files take is measured by the benchmark; here they are as small as they can be.
"""

import io
import zipfile
from datetime import date
from decimal import Decimal
from unittest.mock import patch

from odoo.tests import tagged

from ..parsers import allowance, base, parse
from ..parsers.sheet import MAX_CELL
from .test_parsers import (
    ISO,
    UNPAID,
    ParserCase,
    batch,
    camt,
    csv,
    details,
    entry,
    pain,
    tx,
    zipped,
)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HEAD = "Reference;Amount;Date\n"
AMOUNT = '<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">{}</InstdAmt></Amt></OrgnlTxRef>'


def limited(**limits):
    """A patch that makes limits of one file smaller."""
    changed = {
        kind: (limit, allowance.LIMITS[kind][1]) for kind, limit in limits.items()
    }
    return patch.dict(allowance.LIMITS, changed)


def row(*values, number=None):
    """The source of a row; values are sources of cells, numbers, or shared strings."""
    cells = "".join(
        value if str(value).startswith("<") else f"<c><v>{value}</v></c>"
        for value in values
    )
    return f'<row r="{number}">{cells}</row>' if number else f"<row>{cells}</row>"


def text(value):
    """The source of a cell with a text."""
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


HEADING = row(*map(text, ("Reference", "Amount", "Date")))


def workbook(*rows, strings=(), styles="", book="", sheets=1, **parts):
    """A workbook made of sources; ``parts`` add or replace some."""
    data = f"<sheetData>{HEADING}{''.join(rows)}</sheetData>"
    numbers = range(1, sheets + 1)
    listed = "".join(f'<sheet name="S{n}" r:id="r{n}"/>' for n in numbers)
    links = "".join(
        f'<Relationship Id="r{n}" Type="x/worksheet" Target="worksheets/{n}.xml"/>'
        for n in numbers
    )
    links += '<Relationship Id="s" Type="x/sharedStrings" Target="strings.xml"/>'
    links += '<Relationship Id="t" Type="x/styles" Target="/xl/styles.xml"/>'
    shared = "".join(f"<si><t>{string}</t></si>" for string in strings)
    files = {
        "xl/workbook.xml": (
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{book}'
            f"<sheets>{listed}</sheets></workbook>"
        ),
        "xl/_rels/workbook.xml.rels": (
            f'<Relationships xmlns="{PACKAGE}">{links}</Relationships>'
        ),
        "xl/strings.xml": f'<sst xmlns="{MAIN}">{shared}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        **{f"xl/worksheets/{n}.xml": f'<x xmlns="{MAIN}">{data}</x>' for n in numbers},
    }
    return zipped(**{**files, **parts})


@tagged("post_install", "-at_install")
class TestXmlLimits(ParserCase):
    def test_more_transactions_than_the_limit_are_refused_in_words(self):
        words = "more than 2 transactions.*shorter period and import each part"
        for make in (
            lambda n: pain(batch(*[tx(status="ACCP")] * n)),
            lambda n: camt(*[entry(sign="CRDT")] * n),
            lambda n: camt(entry(*[details(amount="1.00")] * n, sign="CRDT")),
        ):
            with limited(transactions=2):
                self.assertEqual(len(self.read_one(make(2)).ignored), 2)
                self.assertRefused("too_many_transactions", words, make(3))

    def test_more_returns_than_the_limit_are_refused_in_words(self):
        for make in (
            lambda n: pain(batch(*[tx()] * n)),
            lambda n: camt(*[entry(details())] * n),
        ):
            with limited(returns=2):
                self.assertEqual(len(self.read_one(make(2)).payments), 2)
                words = "more than 2 returned payments"
                self.assertRefused("too_many_returns", words, make(3))

    def test_the_members_of_a_zip_share_one_allowance(self):
        data = zipped(a__xml=pain(batch(tx())), b__xml=pain(batch(tx("E-2"))))
        with limited(returns=2):
            self.assertEqual(len(parse("a.zip", data)), 2)
        with limited(returns=1):
            words = "^The file has more than 1 returned"
            self.assertRefused("too_many_returns", words, data)

    def test_more_statements_or_batches_than_the_limit_are_refused(self):
        bodies = [batch(tx(), batch_id=str(n)) for n in range(3)]
        with limited(documents=4):
            self.assertEqual(len(self.read_one(pain("".join(bodies))).payments), 3)
        with limited(documents=3):
            words = "more than 3 statements, reports or batches"
            self.assertRefused("too_many_documents", words, pain("".join(bodies)))

    def test_a_thousand_different_reasons_are_none(self):
        bodies = [tx(reason=f"<Rsn><Prtry>{n:04}</Prtry></Rsn>") for n in range(501)]
        self.assertEqual(len(self.read_one(pain(batch(*bodies[1:]))).payments), 500)
        words = "more than 500 different codes of reasons"
        self.assertRefused("too_many_reasons", words, pain(batch(*bodies)))

    def test_what_lies_outside_of_transactions_is_bounded(self):
        filled = pain(batch(tx())).replace("</GrpHdr>", "{}</GrpHdr>")
        self.assertEqual(len(self.read_one(filled.format("<a/>" * 1000)).payments), 1)
        for many in ("<a/>" * 260_000, "<a>" + 'b="" '.join(map(str, range(9))) * 9):
            code = "too_much_held" if many.startswith("<a/>") else "truncated"
            self.assertRefused(code, "ask the bank|again", filled.format(many))

    def test_an_element_that_no_bank_repeats_so_often_is_refused(self):
        reasons = "</StsRsnInf><StsRsnInf>".join(["<Rsn><Cd>AM04</Cd></Rsn>"] * 2000)
        self.assertEqual(
            self.payment(pain(batch(tx(reason=reasons)))).reason_codes[0], "AM04"
        )
        reasons += "</StsRsnInf><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn>"
        text_ = pain(batch(tx(reason=reasons)))
        self.assertRefused("too_much_held", "more XML than a bank message", text_)

    def test_unusual_numbers_of_names_or_namespaces_are_refused(self):
        good = pain(batch(tx()))
        words = "more XML names or namespaces"
        for more in (
            "".join(f"<a{n}/>" for n in range(5_000)),
            f"<{'a' * 300}/>",
            f"<a {' '.join(f'b{n}=``' for n in range(5_000))}/>".replace("`", '"'),
            f"<a {' '.join(f'xmlns:b{n}=`u`' for n in range(90))}/>".replace("`", '"'),
            f'<a xmlns:b="{"u" * 300}"/>',
        ):
            data = good.replace("</GrpHdr>", f"{more}</GrpHdr>")
            self.assertRefused("too_many_names", words, data)
        self.assertEqual(len(self.read_one(good).payments), 1)

    def test_a_long_reason_of_the_message_is_cut_for_each_transaction(self):
        reason = f"<AddtlInf>{'a b ' * 500}</AddtlInf>" * 500
        group = f"<GrpSts>RJCT</GrpSts><StsRsnInf>{reason}</StsRsnInf>"
        body = batch(tx("A", "", ""), tx("B", "", ""))
        for payment in self.read_one(pain(body, group=group)).payments:
            self.assertLessEqual(len(payment.reason_text), base.MAX_TEXT)

    def test_many_texts_of_one_transaction_are_cut(self):
        texts = "".join(f"<Ustrd>{n}</Ustrd>" for n in range(500))
        more = f"<OrgnlTxRef><RmtInf>{texts}</RmtInf></OrgnlTxRef>"
        payment = self.payment(pain(batch(tx(more=more))))
        self.assertEqual(len(payment.texts), base.MAX_TEXTS)

    def test_a_long_file_tells_the_right_line(self):
        lines = "\n" * 70_000
        body = batch(f"{lines}{tx()}", tx(more=AMOUNT.format("x")))
        error = self.assertRefused("amount", "is not an amount", pain(body))
        self.assertEqual(error.place, "line 70001 (InstdAmt)")
        moved = camt(
            entry(
                details(),
                lines
                + details(more="<RltdDts><ReqdColltnDt>x</ReqdColltnDt></RltdDts>"),
            )
        )
        error = self.assertRefused("date", "is not a date", moved)
        self.assertEqual(error.place, "line 70001 (ReqdColltnDt)")

    def test_what_ends_in_the_middle_of_a_chunk_is_read_whole(self):
        for pad in range(0, 40, 3):
            filler = f"<!--{'x' * (base.MAX_TEXT * 131 - 100 + pad)}-->"
            data = filler + pain(batch(tx(reason="<AddtlInf>però €</AddtlInf>")))
            self.assertEqual(self.payment(data).reason_text, "però €")

    def test_an_account_named_after_its_entries_is_refused(self):
        good = camt(entry(details()))
        account = good[good.index("<Acct>") : good.index("</Acct>") + 7]
        later = f"<!--{'x' * 200_000}-->{account}</Stmt>"
        moved = good.replace(account, "").replace("</Stmt>", later)
        self.assertRefused("order", "named after its entries", moved)
        self.assertEqual(len(self.read_one(good).payments), 1)

    def test_an_order_of_our_own_is_named_however_large(self):
        transaction = "<DrctDbtTxInf>" + "<a/>" * 100 + "</DrctDbtTxInf>"
        body = f"<CstmrDrctDbtInitn><PmtInf>{transaction * 4_000}</PmtInf>"
        order = f'<Document xmlns="{ISO}x">{body}</CstmrDrctDbtInitn></Document>'
        self.assertRefused("not_returns", "CstmrDrctDbtInitn", order)


@tagged("post_install", "-at_install")
class TestContradictions(ParserCase):
    def test_two_elements_that_differ_where_one_may_be_are_refused(self):
        amount = "<OrgnlTxRef><Amt>{}</Amt></OrgnlTxRef>".format
        one, other = (f'<InstdAmt Ccy="EUR">{n}</InstdAmt>' for n in (5, 6))
        dollars = one.replace("EUR", "USD")
        id_ = "<OrgnlEndToEndId>E2E-1</OrgnlEndToEndId>"
        cases = {
            "InstdAmt": ((amount(one + other), amount(one + one))),
            "Amt": (
                amount(one).replace("</Amt>", f"</Amt><Amt>{other}</Amt>"),
                amount(one).replace("</Amt>", f"</Amt><Amt>{one}</Amt>"),
            ),
            "OrgnlEndToEndId": (id_.replace("-1", "-2"), id_),
            "TxSts": ("<TxSts>ACCP</TxSts>", "<TxSts> RJCT</TxSts>".replace(" ", "")),
        }
        cases["InstdAmt "] = (amount(one + dollars), amount(one))
        for element, (different, same) in cases.items():
            words = f"has the element {element.strip()} more than once.*which one"
            error = self.assertRefused(
                "contradiction", words, pain(batch(tx(more="\n" + different)))
            )
            self.assertEqual(error.place, "line 2")
            self.assertEqual(self.payment(pain(batch(tx(more=same)))).kind, "reject")

    def test_the_same_holds_for_entries_and_their_details(self):
        def refs(text_):
            return text_.replace(
                "</EndToEndId>", "</EndToEndId><EndToEndId>%s</EndToEndId>"
            )

        both = camt(entry(refs(details())))
        self.assertEqual(self.payment(both % "E2E-1").end_to_end_id, "E2E-1")
        self.assertRefused("contradiction", "EndToEndId more than", both % "E-2")
        entries = camt(entry(details(), more='<Amt Ccy="EUR">%s</Amt>'))
        self.assertEqual(self.payment(entries % "100.00").amount, 100)
        self.assertRefused("contradiction", "element Amt", entries % "200.00")
        status = camt(entry(details(), more="<Sts><Cd>%s</Cd></Sts>"))
        self.assertEqual(len(self.read_one(status % "BOOK").payments), 1)
        self.assertRefused("contradiction", "element Sts", status % "PDNG")

    def test_what_may_be_repeated_still_may(self):
        two = f"<NtryDtls>{details('B', '60.00')}</NtryDtls>"
        text_ = camt(entry(details("A", "40.00"), more=two))
        found = [payment.end_to_end_id for payment in self.read_one(text_).payments]
        self.assertEqual(sorted(found), ["A", "B"])

    def test_an_amount_around_another_element_is_none(self):
        whole = pain(batch(tx(more=AMOUNT.format("100.00"))))
        self.assertEqual(self.payment(whole).amount, 100)
        commented = pain(batch(tx(more=AMOUNT.format("1<!-- -->00.00"))))
        self.assertEqual(self.payment(commented).amount, 100)
        split = pain(batch(tx(more=AMOUNT.format("1<x/>00.00"))))
        self.assertRefused("amount", "is not an amount", split)


@tagged("post_install", "-at_install")
class TestDoctype(ParserCase):
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'

    def test_a_doctype_is_found_wherever_it_stands(self):
        good = pain(batch(tx()))
        comment = f"<!--{' ' * 200_000}-->"
        self.assertEqual(len(self.read_one(comment + good).payments), 1)
        for encoding in ("utf-8", "utf-16", "utf-16-le", "cp1252"):
            declared = (
                f'<?xml version="1.0" encoding="{encoding.partition("-le")[0]}"?>'
            )
            for place in (comment + self.bomb + good, good + comment + self.bomb):
                data = (declared + place).encode(encoding)
                self.assertRefused("doctype", "DOCTYPE", data)

    def test_a_doctype_across_two_chunks_is_found(self):
        for pad in range(0, 24, 2):
            comment = f"<!--{' ' * (128 * 1024 - 30 + pad)}-->"
            data = comment + self.bomb + pain(batch(tx()))
            self.assertRefused("doctype", "DOCTYPE", data)

    def test_a_doctype_in_a_part_of_a_workbook_is_found(self):
        rows = row(text("A"), 5)
        self.assertEqual(self.payment(workbook(rows)).reference, "A")
        comment = f"<!--{' ' * 8_000}-->"
        sheet = f'<x xmlns="{MAIN}"><sheetData>{HEADING}{rows}</sheetData></x>'
        for name in (
            "xl/worksheets/1.xml",
            "xl/styles.xml",
            "xl/strings.xml",
            "xl/workbook.xml",
            "docProps/core.xml",
        ):
            for encoding in ("utf-8", "utf-16", "utf-16-be"):
                source = f"{comment}{self.bomb}{sheet}".encode(encoding)
                data = workbook(rows, **{name: source})
                self.assertRefused("doctype", "DOCTYPE", data)

    def test_a_part_in_another_encoding_hides_nothing(self):
        sheet = f'<x xmlns="{MAIN}"><sheetData>{HEADING}{row(text("A"), 5)}</sheetData>'
        declared = '<?xml version="1.0" encoding="{}"?>{}</x>'.format
        name = "xl/worksheets/1.xml"
        for encoding in ("utf-8", "utf-16"):
            source = declared(encoding, sheet).encode(encoding)
            payment = self.payment(workbook(**{name: source}))
            self.assertEqual(payment.reference, "A")
        hidden = declared("utf-7", "+ADwAIQ-DOCTYPE x+AD4-" + sheet)
        self.assertRefused("encoding", "utf-7", workbook(**{name: hidden}))
        ebcdic = declared("cp037", self.bomb + sheet).encode("cp037")
        self.assertRefused("encoding", "utf-8", workbook(**{name: ebcdic}))


@tagged("post_install", "-at_install")
class TestWorkbookLimits(ParserCase):
    def test_text_is_cut_before_it_is_cleaned_and_each_string_once(self):
        strings = ["x " * 10_000]
        shared = '<c t="s"><v>0</v></c>'
        rows = [row(shared, n, shared) for n in range(1, 4)]
        with patch.object(base, "_SLACK", 4), self.counting_cleaned() as cleaned:
            error = self.assertRefused(
                "bad_rows", "not a date", workbook(*rows, strings=strings)
            )
        self.assertEqual(len(error.errors), 3)
        long = [length for length in cleaned if length > 100]
        self.assertEqual(len(long), 1, "one shared string, cleaned once")

    def counting_cleaned(self):
        from contextlib import contextmanager

        from ..parsers import sheet

        @contextmanager
        def counting():
            lengths, clean = [], sheet.clean

            def counted(value, *limit):
                lengths.append(len(value))
                return clean(value, *limit)

            with patch.object(sheet, "clean", counted):
                yield lengths

        return counting()

    def test_a_cell_longer_than_excel_can_hold_is_refused(self):
        for make in (
            lambda value: workbook(row(text(value), 5)),
            lambda value: workbook(row('<c t="s"><v>0</v></c>', 5), strings=[value]),
            lambda value: workbook(row(f'<c t="str"><v>{value}</v></c>', 5)),
        ):
            payment = self.payment(make("x" * MAX_CELL))
            self.assertEqual(len(payment.reference), base.MAX_TEXT)
            words = "at row 2 of sheet S1 has more than 32767 characters"
            self.assertRefused("cell_long", words, make("x" * (MAX_CELL + 1)))
        runs = "<r><t>" + "</t></r><r><t>".join(["x" * 20_000] * 2) + "</t></r>"
        rich = row(f'<c t="inlineStr"><is>{runs}</is></c>', 5)
        self.assertRefused("cell_long", "32767", workbook(rich))

    def test_totals_of_rows_cells_and_text_are_refused_in_words(self):
        rows = [row(text(f"R{n}"), n) for n in range(1, 5)]
        words = {
            "rows": "more than 4 rows",
            "cells": "more than 10 filled cells",
            "characters": "more than 26 characters of text",
        }
        enough = {"rows": 5, "cells": 11, "characters": 27}
        with limited(**enough):
            self.assertEqual(len(self.read_one(workbook(*rows)).payments), 4)
        codes = {
            "rows": "too_many_rows",
            "cells": "too_many_cells",
            "characters": "too_much_text",
        }
        for kind, code in codes.items():
            with limited(**{kind: enough[kind] - 1}):
                self.assertRefused(code, words[kind], workbook(*rows))

    def test_far_and_repeated_cells_are_refused_but_far_rows_are_read(self):
        far = row(text("A"), 5, number=1_048_576)
        self.assertIn("row 1048576", self.payment(workbook(far)).place)
        wide = row(text("A"), 5, '<c r="XFD2"><v>1</v></c>')
        words = "Row 2 of sheet S1 has cells beyond column 200"
        self.assertRefused("too_many_columns", words, workbook(wide))
        empty = row(text("A"), 5, '<c r="XFD2" s="1"/>')
        self.assertEqual(len(self.read_one(workbook(empty)).payments), 1)
        twice = row(text("A"), 5, '<c r="B2"><v>6</v></c>')
        self.assertRefused("sheet", "damaged", workbook(twice))
        rows = [row(text("A"), 5, number=3), row(text("B"), 5, number=3)]
        self.assertRefused("sheet", "damaged", workbook(*rows))

    def test_many_sheets_are_refused(self):
        with patch("odoo.addons.account_credit_block.parsers.workbook.MAX_SHEETS", 2):
            rows = row(text("A"), 5)
            self.assertEqual(len(self.read_one(workbook(rows, sheets=2)).payments), 2)
            words = "more than 2 sheets"
            self.assertRefused("too_many_sheets", words, workbook(rows, sheets=3))

    def test_what_no_list_needs_is_not_read(self):
        rows = row(text("A"), 5)
        merged = "<mergeCells>" + '<mergeCell ref="A1:XFD1048576"/>' * 5_000
        sheet = (
            f'<x xmlns="{MAIN}"><dimension ref="A1:XFD1048576"/><sheetData>{HEADING}'
        )
        sheet += f"{rows}</sheetData>{merged}</mergeCells></x>"
        parts = {
            "xl/worksheets/1.xml": sheet,
            "xl/comments1.xml": "<not xml",
            "xl/externalLinks/externalLink1.xml": "<not xml",
        }
        self.assertEqual(self.payment(workbook(**parts)).reference, "A")
        styles = "<a/>" * 252_000
        words = "holds more than a list needs, such as formats"
        self.assertRefused("workbook_large", words, workbook(rows, styles=styles))

    def test_a_file_that_is_in_a_workbook_twice_is_refused(self):
        data = workbook(row(text("A"), 5))
        buffer = io.BytesIO(data)
        with zipfile.ZipFile(buffer, "a") as archive:
            name = "xl/worksheets/1.xml"
            with self.assertWarns(UserWarning):
                archive.writestr(name, archive.read(name))
        words = "worksheets/1.xml is in the archive twice"
        self.assertRefused("zip_twice", words, buffer.getvalue())

    def test_dates_of_excel_are_those_that_excel_shows(self):
        styles = (
            '<numFmts><numFmt numFmtId="164" formatCode="[Red]dd/mm/yy;@"/><numFmt '
            'numFmtId="165" formatCode="0.00&quot; days&quot;"/></numFmts><cellXfs>'
            '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/>'
            '<xf numFmtId="165"/></cellXfs>'
        )

        def day(value, style=0, book=""):
            cell = f'<c s="{style}"><v>{value}</v></c>'
            return workbook(row(text("A"), 5, cell), styles=styles, book=book)

        for style in range(4):
            payment = self.payment(day(46331, style))
            self.assertEqual(payment.date, date(2026, 11, 5), style)
        self.assertEqual(self.payment(day("46331.75", 1)).date, date(2026, 11, 5))
        from_1904 = '<workbookPr date1904="1"/>'
        for style in range(2):
            payment = self.payment(day(46331 - 1462, style, from_1904))
            self.assertEqual(payment.date, date(2026, 11, 5))
        for value in (0, 1, 59, 60, 61, -5, 2_958_466, "1e300"):
            for style in range(2):
                words = "is not a date"
                self.assertRefused("bad_rows", words, day(value, style))
        self.assertRefused("sheet", "damaged", day("NaN"))
        self.assertRefused("sheet", "damaged", day("1e999"))

    def test_an_error_or_an_uncomputed_formula_is_no_value(self):
        good = row(text("A"), 5, 46331)
        self.assertEqual(len(self.read_one(workbook(good)).payments), 1)
        error = '<c t="e"><v>#N/A</v></c>'
        formula = "<c><f>VLOOKUP(A2,X!A:B,2)</f></c>"
        for bad, words in (
            (row(error, 5), "“#N/A” where a value should be"),
            (row(formula, 5), "“=VLOOKUP"),
            (row(text("A"), error), "“#N/A” is not an amount"),
            (row(text("A"), 5, error), "“#N/A”"),
            (row(text("A"), '<c t="b"><v>1</v></c>'), "“True” is not an amount"),
            (row(text("A"), 5, '<c t="b"><v>1</v></c>'), "“True” is not a date"),
        ):
            self.assertRefused("bad_rows", words, workbook(bad))
        self.assertEqual(
            len(self.read_one(workbook(row(text("A"), 5, "", error))).payments),
            1,
            "a column without heading is not read",
        )
        self.assertRefused("bad_rows", "“#RIF!”", f"{HEAD}#RIF!;1,50;\n", "a.csv")

    def test_formulas_give_the_value_that_excel_stored(self):
        formula = "<c><f>1+1</f><v>2.5</v></c>"
        payment = self.payment(workbook(row(text("A"), formula)))
        self.assertEqual(payment.amount, Decimal("2.5"))

    def test_phonetic_runs_and_escapes_are_no_text(self):
        strings = [
            "a</t></si><si><r><t>Ros</t></r><r><t>si_x000D_</t></r><rPh><t>no</t></rPh>"
            "<t>"
        ]
        shared = '<c t="s"><v>1</v></c>'
        payment = self.payment(workbook(row(shared, 5), strings=strings))
        self.assertEqual(payment.reference, "Rossi")


@tagged("post_install", "-at_install")
class TestListLimits(ParserCase):
    def test_long_cells_and_wide_rows_are_refused(self):
        (document,) = csv(f"{HEAD}{'x' * MAX_CELL};1,50;\n")
        self.assertEqual(len(document.payments[0].reference), base.MAX_TEXT)
        words = "at row 2 has more than 32767 characters"
        for size in (MAX_CELL + 1, 200_000, 2_000_000):
            data = f"{HEAD}{'x' * size};1,50;\n"
            self.assertRefused("cell_long", words, data, "a.csv")
        blank = f"{HEAD}A;1,50;{';' * 5_000}\n"
        self.assertEqual(len(csv(blank)[0].payments), 1)
        for columns in (300, 20_000):
            data = f"{HEAD}A;1,50;{';' * columns}x\n"
            self.assertRefused("too_many_columns", "beyond column 200", data, "a.csv")

    def test_a_row_of_many_quoted_lines_is_bounded(self):
        lines = ('";' + ";" * 1_000 + '"\n') * 30
        self.assertRefused("too_many_columns", "Row 2 has", f'{HEAD}"{lines}"', "a.csv")

    def test_totals_of_a_list_are_refused_in_words(self):
        rows = "".join(f"R{n};{n},50;\n" for n in range(1, 5))
        with limited(rows=5, cells=11, characters=48):
            self.assertEqual(len(csv(HEAD + rows)[0].payments), 4)
        for kind, code in (
            ("rows", "too_many_rows"),
            ("cells", "too_many_cells"),
            ("characters", "too_much_text"),
        ):
            with limited(**{kind: 4}):
                self.assertRefused(code, "more than 4", HEAD + rows, "a.csv")
        with patch("odoo.addons.account_credit_block.parsers.table.MAX_LINES", 9):
            self.assertEqual(len(csv(f"{HEAD}{rows}\n\n\n")[0].payments), 4)
            data = f"{HEAD}{rows}\n\n\n\n\n\n"
            self.assertRefused("too_many_rows", "more than 9 rows", data, "a.csv")

    def test_of_very_many_bad_rows_the_first_are_told(self):
        for count in (99, 100, 150):
            data = HEAD + "A;abc;\n" * count
            code = "bad_rows" if count <= 100 else "bad_rows_many"
            error = self.assertRefused(code, f"{count} rows of the file", data, "a.csv")
            self.assertEqual(len(error.errors), min(count, 100))
        self.assertIn("The first 100 are:\n", str(error))

    def test_a_null_byte_is_no_list(self):
        data = f"{HEAD}A;1,50;\x00\n"
        self.assertRefused("unknown_format", "not a bank file", data, "a.csv")


@tagged("post_install", "-at_install")
class TestReadings(ParserCase):
    """Nothing is read as something else without a word."""

    def amount(self, written):
        return csv(f'{HEAD}A;"{written}";\n')[0].payments[0].amount

    def day(self, written):
        return csv(f"{HEAD}A;1,50;{written}\n")[0].payments[0].date

    def test_years_out_of_the_way_are_refused(self):
        for written in (
            "05/11/2026",
            "5.11.26",
            "2026-11-05",
            "20261105",
            "05-11-2026 09:30:00",
            "2026-11-05T09:30:00.123+01:00",
        ):
            self.assertEqual(self.day(written), date(2026, 11, 5), written)
        self.assertEqual(self.day("01/01/25"), date(2025, 1, 1))
        for written in (
            "01/01/0001",
            "01/01/0025",
            "0001-01-01",
            "01/01/1899",
            "01/01/9999",
            "01/01/99",
            "01/01/001",
        ):
            words = f"Row 2: “{written}|[0-9]{{4}}-[0-9-]*” is not a date"
            data = f"{HEAD}A;1,50;{written}\n"
            self.assertRefused("bad_rows", words, data, "a.csv")

    def test_days_that_can_be_read_in_two_ways_are_refused(self):
        for written in (
            "31/02/2026",
            "12/31/2026",
            "2026111",
            "05/11-2026",
            "٠٥/١١/٢٠٢٦",
            "05/11/2026" + "x" * 60,
            "46331",
        ):
            data = f"{HEAD}A;1,50;{written}\n"
            self.assertRefused("bad_rows", "is not a date", data, "a.csv")

    def test_amounts_are_read_as_written_or_refused(self):
        for written, expected in {
            "1 250,90": "1250.90",
            "1\u00a0250,90": "1250.90",
            "1\u202f250\u202f000,90": "1250000.90",
            "12.50-": "12.50",
            "( 12,50 )": "12.50",
            "EUR 12,50-": "12.50",
            "12,50 €": "12.50",
        }.items():
            self.assertEqual(self.amount(written), Decimal(expected), written)
        for written in (
            "1e5",
            "12 50",
            "1 2,50",
            "1.250 300,50",
            "1,00,000.00",
            "١٢٣,٥٠",
            "12,50,",
            "--12,50",
            "$ 12.50",
            "12,50" + " x" * 40,
            "0x1F",
            "NaN",
        ):
            data = f'{HEAD}A;"{written}";\n'
            self.assertRefused("bad_rows", "is not an amount", data, "a.csv")

    def test_amounts_that_a_float_does_not_keep_are_refused(self):
        large, larger = "999999999999.99", "1000000000000.01"
        for written in (larger, "999999999999999.99", "7556770995438.07"):
            words = "larger than an amount that can be kept to the cent"
            data = f"{HEAD}A;{written};\n"
            self.assertRefused("bad_rows", words, data, "a.csv")
            data = pain(batch(tx(more=AMOUNT.format(written))))
            self.assertRefused("amount_large", words, data)
            fee = f'<ChrgsInf><Amt Ccy="EUR">{written}</Amt></ChrgsInf>'
            self.assertRefused("amount_large", words, pain(batch(tx(more=fee))))
            data = workbook(row(text("A"), written))
            self.assertRefused("bad_rows", "larger than|not an amount", data)
        data = pain(batch(tx(more=AMOUNT.format(large))))
        self.assertEqual(self.payment(data).amount, Decimal(large))
        self.assertEqual(self.amount(large), Decimal(large))

    def test_a_total_that_a_float_does_not_keep_is_refused(self):
        one = tx(more=AMOUNT.format("600000000000.01"))
        self.assertEqual(len(self.read_one(pain(batch(one))).payments), 1)
        words = "“1200000000000.02” at the file is larger"
        self.assertRefused("amount_large", words, pain(batch(one, one)))
        rows = "A;600000000000,01;\n"
        self.assertEqual(len(csv(HEAD + rows)[0].payments), 1)
        self.assertRefused("amount_large", words, HEAD + rows * 2, "a.csv")

    def test_columns_that_contradict_each_other_are_refused(self):
        head = "Reference;Amount;Amount;Date\n"
        (document,) = csv(f"{head}A;1,50;1,50;\nB;2,50;;\n")
        self.assertEqual(
            [p.amount for p in document.payments], [Decimal("1.5"), Decimal("2.5")]
        )
        words = "two columns are called “amount”, and they say different"
        self.assertRefused("bad_rows", words, f"{head}A;1,50;2,50;\n", "a.csv")
        head = "Reference;Amount;Currency\n"
        self.assertEqual(csv(f"{head}A;1,50 EUR;EUR\n")[0].payments[0].currency, "EUR")
        words = "the amount is in EUR and the column of currencies says USD"
        self.assertRefused("bad_rows", words, f"{head}A;1,50 EUR;USD\n", "a.csv")


@tagged("post_install", "-at_install")
class TestArchiveLimits(ParserCase):
    def test_a_member_that_is_there_twice_is_refused(self):
        buffer = io.BytesIO(zipped(a__xml=pain(batch(tx()))))
        self.assertEqual(len(parse("a.zip", buffer.getvalue())), 1)
        with zipfile.ZipFile(buffer, "a") as archive, self.assertWarns(UserWarning):
            archive.writestr("a.xml", pain(batch(tx("E-2"))))
        words = "a.xml is in the archive twice"
        self.assertRefused("zip_twice", words, buffer.getvalue())

    def test_a_member_packed_in_an_unusual_way_is_refused(self):
        for method, code in (
            (zipfile.ZIP_STORED, None),
            (zipfile.ZIP_DEFLATED, None),
            (zipfile.ZIP_BZIP2, "zip_method"),
            (zipfile.ZIP_LZMA, "zip_method"),
        ):
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w", method) as archive:
                archive.writestr("a.xml", pain(batch(tx())))
            if code:
                words = "a.xml is packed in an unusual way. Extract it"
                self.assertRefused(code, words, buffer.getvalue())
            else:
                self.assertEqual(len(parse("a.zip", buffer.getvalue())), 1)

    def test_a_directory_of_nothing_but_entries_is_not_even_read(self):
        data = b"PK\x03\x04" + b"PK\x01\x02".ljust(46, b"\x00") * 5_000
        self.assertRefused("zip_entries", "more than 200 files", data)

    def test_a_file_with_another_extension_is_told_by_its_content(self):
        for name, data in (
            ("a.csv", pain(batch(tx()))),
            ("a.xml", f"{HEAD}A;1,50;\n"),
            ("a.pdf", workbook(row(text("A"), 5))),
            ("a.xlsx", zipped(a__xml=pain(batch(tx())))),
        ):
            self.assertEqual(len(self.read_one(data, name).payments), 1, name)

    def test_a_cut_workbook_is_refused(self):
        data = workbook(row(text("A"), 5))
        self.assertEqual(len(self.read_one(data).payments), 1)
        for length in (len(data) - 1, len(data) // 2, 40):
            self.assertRefused("zip_damaged", "damaged zip", data[:length])
        spoiled = bytearray(data)
        spoiled[data.index(b"xl/worksheets") + 40] ^= 255
        with self.assertRaisesRegex(base.ParseError, "damaged"):
            parse("a.xlsx", bytes(spoiled))

    def test_an_unpaid_entry_is_read_from_every_wrapping(self):
        text_ = camt(entry(details(), code=UNPAID))
        data = zipped(**{"deep/er/a__xml": text_, "empty/": ""})
        self.assertEqual(self.payment(data).amount, 100)
