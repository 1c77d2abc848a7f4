import base64
import io
import unittest
import zipfile
from pathlib import Path

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..parsers import Code, Mark, Variant, parse
from ..parsers.marks import MEANINGS, read_marks
from ..parsers.variant import LIST, SHIPPED
from .common import new_user
from .test_import_cbi import ImportCbiCommon
from .test_parsers_cbi import flow, movement, receipt

DOCS = Path(__file__).resolve().parent.parent / "docs"
GUIDE = DOCS / "when_your_bank_sends_something_else.md"
LIST_OF_PORTAL = (
    "Pratica;Intestatario effetto;Impagato il;Euro;Fine\n"
    "RB-1;Rossi Impianti Srl;31/10/2026;100,00;KO\n"
    "RB-2;Rossi Impianti Srl;31/10/2026;10,00;OK\n"
)


class FormatCommon(ImportCbiCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref(
            "account_credit_block.group_credit_manager"
        )

    @classmethod
    def format(cls, kind="cbi.riba", fields=(), codes=(), marks=(), **values):
        """A bank format with rows of these values."""
        return cls.env["account.payment.return.format"].create(
            {
                "name": "Our savings bank",
                "kind": kind,
                "company_id": cls.company.id,
                "field_ids": [Command.create(row) for row in fields],
                "code_ids": [Command.create(row) for row in codes],
                "mark_ids": [Command.create(row) for row in marks],
                **values,
            }
        )

    @classmethod
    def at(cls, record, field, first, last):
        """Values of a field at other positions."""
        return {"record": record, "field": field, "first": first, "last": last}


@tagged("post_install", "-at_install")
class TestPaymentReturnFormat(FormatCommon):
    """What an administrator says of the files of a bank."""

    def test_no_format_is_needed(self):
        formats = self.env["account.payment.return.format"]
        self.assertEqual(formats._get_variants(self.company), ())
        self.assertTrue(self.load(self.file(flow(receipt()))))

    def test_a_field_is_read_where_the_bank_puts_it(self):
        moved = receipt(1, customer_code="0000000777")
        self.format(fields=[self.at("51", "receipt", 21, 30)])
        moved[5] = moved[5][:10] + " " * 10 + "0000000777" + moved[5][30:]
        returned = self.load(self.file(flow(moved)))
        self.assertEqual(returned.line_ids.reference, "777")
        self.assertIn(
            "read by the bank format “Our savings bank”", returned.import_note
        )

    def test_a_code_of_the_bank_gets_a_meaning_and_a_reason(self):
        reason = self.env.ref("account_credit_block.payment_return_reason_42010")
        told = flow(receipt(1, causale="49999"), receipt(2, causale="48888"))
        before = parse("x", "\n".join(told).encode())[0].payments
        self.assertEqual([payment.doubt for payment in before], ["code", "code"])
        self.format(
            codes=[
                {"code": "49999", "kind": "return", "reason_id": reason.id},
                {"code": "48888", "kind": "paid"},
            ]
        )
        line = self.load(self.file(told)).line_ids
        self.assertEqual(
            (line.reason_id, line.doubt, line.kind), (reason, False, "return")
        )

    def test_every_kind_of_code_can_be_chosen(self):
        kinds = self.env["account.payment.return.format.code"]._fields["kind"]
        for number, kind in enumerate(kinds.get_values(self.env), 1):
            self.format(
                name=kind, codes=[{"code": "49999", "kind": kind}], sequence=-number
            )
            told = receipt(1, causale="49999", receipt=f"{900 + number:010}")
            file = self.file(flow(told, support=str(number)))
            with self.subTest(kind=kind):
                if kind in ("paid", "charges", "ignored"):
                    with self.assertRaises(UserError):
                        self.load(file)
                else:
                    line = self.load(file).line_ids
                    self.assertEqual(line.kind, "return" if kind == "ask" else kind)
                    self.assertEqual(line.doubt, "code" if kind == "ask" else False)

    def test_the_words_of_a_text_tell_what_stands_after_them(self):
        text = "INS. RIBA DEB. VERDI MARIO MANDATO  M-7 SCAD 31/10 rif. FV/103"
        self.format(
            kind="cbi.statement",
            codes=[{"code": "37EI", "kind": "recall"}],
            marks=[
                {"mark": "DEB.", "until": "MANDATO", "meaning": "partner_name"},
                {"mark": "mandato", "single": True, "meaning": "mandate_reference"},
                {"mark": "RIF.", "meaning": "remittance"},
            ],
        )
        line = self.load(
            self.file(self.day(movement(texts=[text], own_causale="EI")))
        ).line_ids
        self.assertEqual(line.partner_name, "VERDI MARIO")
        self.assertEqual(line.mandate_reference, "M-7")
        self.assertEqual(line.kind, "recall")
        self.assertEqual(line.texts.splitlines()[0], "FV/103")

    def test_the_headings_and_words_of_a_list_are_the_banks(self):
        file = ("lista.csv", LIST_OF_PORTAL.encode())
        with self.assertRaises(UserError):
            self.load(file)
        self.format(
            kind="list",
            journal_ids=self.bank.ids,
            fields=[
                {"field": "reference", "heading": "pratica"},
                {"field": "partner_name", "heading": "Intestatario effetto"},
                {"field": "date", "heading": "Impagato il"},
                {"field": "amount", "heading": "EURO"},
                {"field": "status", "heading": "Fine"},
            ],
            codes=[{"code": "KO", "kind": "return"}, {"code": "ok", "kind": "paid"}],
        )
        line = self.load(file, journal=self.bank).line_ids
        self.assertEqual((line.reference, line.amount), ("RB-1", 100.0))
        self.assertEqual(line.partner_name, "Rossi Impianti Srl")

    def test_a_list_of_another_bank_is_not_read_so(self):
        other = self.bank.copy({"name": "Other Bank"})
        rows = [{"field": "reference", "heading": "Pratica"}]
        format_ = self.format(kind="list", journal_ids=other.ids, fields=rows)
        variants = format_._get_variants
        self.assertFalse(variants(self.company, self.bank))
        self.assertFalse(variants(self.company))
        self.assertTrue(variants(self.company, other))

    def test_only_files_of_its_banks_are_read_so(self):
        rows = {"codes": [{"code": "42010", "kind": "paid"}]}
        format_ = self.format(abi="03069 02008", **rows)
        self.assertTrue(self.load(self.file(flow(receipt(1)))))
        format_.journal_ids = self.bank
        with self.assertRaisesRegex(UserError, "accepted or paid"):
            self.load(self.file(flow(receipt(2), support="B")))
        format_.active = False
        self.assertTrue(self.load(self.file(flow(receipt(3), support="C"))))

    def test_what_is_archived_does_not_count_whatever_the_client_says(self):
        self.format(codes=[{"code": "42010", "kind": "paid"}], active=False)
        self.importer = self.importer.with_context(active_test=False)
        returned = self.load(self.file(flow(receipt(1))))
        self.assertEqual(returned.line_ids.kind, "return")

    def test_a_list_of_the_banks_of_others_is_not_one_of_every_bank(self):
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        bank = self.env["account.journal"].sudo()
        bank = bank.create(
            {"name": "Theirs", "type": "bank", "code": "TH", "company_id": other.id}
        )
        rows = [{"field": "reference", "heading": "Pratica"}]
        format_ = self.format(kind="list", fields=rows).sudo()
        formats = self.env["account.payment.return.format"].with_context(
            allowed_company_ids=self.company.ids
        )
        self.assertTrue(formats._get_variants(self.company, self.bank))
        format_.write({"company_id": False, "journal_ids": [Command.set(bank.ids)]})
        self.env.invalidate_all()
        self.assertFalse(formats._get_variants(self.company, self.bank))

    def test_the_first_format_that_fits_counts(self):
        first = self.format(codes=[{"code": "42010", "kind": "recall"}])
        self.format(codes=[{"code": "42010", "kind": "paid"}], name="Second")
        self.assertEqual(self.load(self.file(flow(receipt()))).line_ids.kind, "recall")
        first.sequence = 99
        with self.assertRaises(UserError):
            self.load(self.file(flow(receipt(2), support="B")))

    def test_the_formats_of_other_companies_are_not_used(self):
        other = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        rows = [{"code": "42010", "kind": "paid"}]
        format_ = self.format(codes=rows).sudo()
        format_.company_id = other
        self.assertTrue(self.load(self.file(flow(receipt()))))
        format_.company_id = False
        with self.assertRaises(UserError):
            self.load(self.file(flow(receipt(2), support="B")))

    def test_what_cannot_be_is_refused_with_what_can(self):
        for text, make in {
            "five digits": lambda: self.format(abi="5034"),
            "“51 Receipt number, Due date”.* one of these: .*Receipt": lambda: (
                self.format(fields=[self.at("51", "due_date", 1, 6)])
            ),
            "“62 Movement, Amount”.*“Outcomes of Ri.Ba..*has: 10 Memo, 14": lambda: (
                self.format(fields=[self.at("62", "amount", 1, 6)])
            ),
            "“Amount”: choose a record": lambda: self.format(
                fields=[self.at(False, "amount", 1, 6)]
            ),
            "119 to 121 is no place .*from 1 to 120": lambda: self.format(
                fields=[self.at("51", "receipt", 119, 121)]
            ),
            "13 to 12 is no place": lambda: self.format(
                fields=[self.at("51", "receipt", 13, 12)]
            ),
            "Row “51 Receipt number, Receipt number”: -3 to 12": lambda: self.format(
                fields=[self.at("51", "receipt", -3, 12)]
            ),
            "Row “Reference”: enter its heading": lambda: self.format(
                "list", fields=[{"field": "reference", "heading": " … "}]
            ),
            "Row “Cheque number”: a list has no such .*: Amount, Bank fee": lambda: (
                self.format("list", fields=[{"field": "cheque", "heading": "Assegno"}])
            ),
            "“PRATICA” is entered for “Reference” and for “Debtor”": lambda: (
                self.format(
                    "list",
                    fields=[
                        {"field": "reference", "heading": "pratica"},
                        {"field": "partner_name", "heading": "PRATICA"},
                    ],
                )
            ),
            "at most 40": lambda: self.format(
                marks=[{"mark": "x" * 41, "meaning": "reason"}]
            ),
            "at most 50 texts": lambda: self.format(
                marks=[{"mark": f"x{n}", "meaning": "reason"} for n in range(51)]
            ),
            "as the bank writes it": lambda: self.format(
                codes=[{"code": " ", "kind": "paid"}]
            ),
        }.items():
            with self.subTest(text=text), self.assertRaisesRegex(ValidationError, text):
                make()
        self.format(fields=[self.at("51", "receipt", 1, 120)], abi="05034, 03069")
        self.format(
            "list",
            fields=[
                {"field": "reference", "heading": "Pratica"},
                {"field": "reference", "heading": "Numero"},
            ],
        )

    def test_what_can_be_chosen_is_what_the_kind_of_file_has(self):
        with Form(self.format()) as form, form.field_ids.new() as row:
            self.assertEqual(row.record_choice, ["10", "14", "30", "50", "51"])
            self.assertIn("name", row.field_choice)
            self.assertNotIn("partner_name", row.field_choice)
            row.record = "51"
            known = ["charges", "memo", "receipt", "value_date"]
            self.assertEqual(row.field_choice, known)
            row.field = "receipt"
            row.record = "30"
            self.assertFalse(row.field, "A receipt has its number in another record")
            self.assertEqual(row.field_choice, ["name", "name_more", "tax_code"])
            row.field = "name"
        statements = self.format("cbi.statement", fields=[self.at("62", "date", 1, 6)])
        self.assertIn("62", statements.field_ids.record_choice)
        self.assertNotIn("14", statements.field_ids.record_choice)
        statements.field_ids.write({"record": "61", "field": "balance"})
        self.assertNotIn("iban", statements.field_ids.field_choice)
        self.assertEqual(statements.field_ids.new({}).field_choice, [""])
        with Form(self.format("list")) as form, form.field_ids.new() as row:
            self.assertEqual(row.record_choice, [""])
            self.assertIn("partner_name", row.field_choice)
            self.assertNotIn("name", row.field_choice)
            row.field, row.heading = "amount", "Euro"

    def test_no_two_choices_are_called_the_same(self):
        rows = self.env["account.payment.return.format.field"]
        for name in ("record", "field"):
            labels = [label for _value, label in rows._fields[name].selection]
            self.assertEqual(len(labels), len(set(labels)))

    def test_an_error_names_the_format_by_which_the_file_was_read(self):
        wrong = flow(receipt(name="ROSSI"))
        format_ = self.format(fields=[self.at("14", "amount", 35, 47)], name="Wrong")
        for file in (self.file(wrong), self.zipped(self.file(wrong))):
            with self.assertRaisesRegex(
                UserError, "format “Wrong”: check that first.*is not an amount"
            ):
                self.load(file)
        text = "\n".join(wrong)
        preview = self.env["account.payment.return.format.preview"]
        preview = preview.create({"format_id": format_.id, "text": text})
        self.assertIn("format “Wrong”", preview.outcome)
        # Of a file that is read as shipped nobody's format is to blame.
        format_.active = False
        broken = flow(receipt(due_date="310226"))
        with self.assertRaises(UserError) as caught:
            self.load(self.file(broken))
        self.assertNotIn("format", str(caught.exception))

    def test_an_error_in_a_list_names_its_format(self):
        file = ("lista.csv", LIST_OF_PORTAL.replace("100,00", "x").encode())
        rows = [
            {"field": "reference", "heading": "Pratica"},
            {"field": "amount", "heading": "Euro"},
        ]
        self.format("list", fields=rows, name="Of the portal")
        with self.assertRaisesRegex(UserError, "“Of the portal”(.|\n)*“x” is not"):
            self.load(file)
        with self.assertRaises(UserError) as caught:
            self.load(("x.pdf", b"%PDF-1.4"))
        self.assertNotIn("Of the portal", str(caught.exception))

    @classmethod
    def zipped(cls, file):
        """A zip of one file, as (name, bytes)."""
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr(*file)
        return "files.zip", archive.getvalue()

    def test_numbers_of_errors_are_written_as_the_user_writes_them(self):
        self.env["res.lang"].sudo()._activate_lang("it_IT")
        self.importer = self.importer.with_context(lang="it_IT")
        with self.assertRaisesRegex(UserError, r"1\.220,00"):
            self.load(self.file(flow(receipt(), negative=99)))

    def test_a_list_speaks_of_no_abi_codes_which_it_has_none_of(self):
        self.assertIn("ABI", self.format().journals_hint)
        self.assertNotIn("ABI", self.format("list").journals_hint)

    def test_a_field_starts_where_the_shipped_format_has_it(self):
        with Form(self.format()) as form, form.field_ids.new() as row:
            row.record, row.field = "51", "receipt"
            self.assertEqual((row.first, row.last), (11, 20))
            row.first = 21
            row.last = 30
        self.assertEqual(form.record.field_ids.first, 21)

    def test_a_bank_without_an_italian_account_needs_its_abi(self):
        self.bank.bank_acc_number = "BE71096123456769"
        with self.assertRaisesRegex(ValidationError, "no Italian account number"):
            self.format(journal_ids=self.bank.ids)
        self.format(journal_ids=self.bank.ids, abi="05034")

    def test_fields_of_another_kind_of_file_do_not_stay(self):
        format_ = self.format(fields=[self.at("51", "receipt", 11, 20)])
        with self.assertRaises(ValidationError):
            format_.kind = "cbi.statement"

    @mute_logger("odoo.sql_db")
    def test_a_code_and_a_field_are_there_once(self):
        fields = [self.at("51", "receipt", n, 20) for n in (11, 12)]
        for words, model, rows in (
            ("“ZZ, 1” is there twice", "code", {"codes": [{"code": "zz, 1"}] * 2}),
            ("“51 Receipt number, Receipt number” is", "field", {"fields": fields}),
        ):
            with self.subTest(words=words):
                with (
                    self.assertRaises(IntegrityError) as caught,
                    self.env.cr.savepoint(),
                ):
                    self.format(**rows)
                # What the user reads, see Odoo's `retrying`.
                rows = self.env[f"account.payment.return.format.{model}"]
                told = rows._sql_error_to_message(caught.exception)
                self.assertIn(words, told)

    @mute_logger("odoo.sql_db")
    def test_blanks_around_a_code_make_no_other_code(self):
        format_ = self.format(codes=[{"code": " 30010\t", "kind": "paid"}])
        self.assertEqual(format_.code_ids.code, "30010")
        for code in ("30010", " 30010", "30010 "):
            with (
                self.subTest(code=code),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                format_.code_ids = [Command.create({"code": code, "kind": "return"})]
        format_.code_ids = [Command.create({"code": "30011", "kind": "return"})]
        changed = format_.code_ids[-1]
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            changed.code = "30010 "
            self.env.flush_all()
        changed.code = " 30012 "
        self.assertEqual(changed.code, "30012")

    def test_a_format_says_from_which_it_differs(self):
        format_ = self.format(fields=[self.at("51", "receipt", 11, 20)])
        with self.assertRaisesRegex(ValidationError, "Choose which shipped format"):
            format_.write({"kind": False})
        format_.write({"kind": "cbi.mav"})

    def test_managers_enter_them_and_others_read(self):
        format_ = self.format(codes=[{"code": "42010", "kind": "paid"}])
        for group, may in {
            "account_credit_block.group_credit_user": False,
            "account.group_account_invoice": False,
            "account_credit_block.group_credit_manager": True,
        }.items():
            user = new_user(self.env, f"format_{group}", group, self.company)
            own = format_.with_user(user).with_context(
                allowed_company_ids=self.company.ids
            )
            with self.subTest(group=group):
                self.assertEqual(own.code_ids.mapped("code"), ["42010"])
                for record in (own, own.code_ids, own.mark_ids, own.field_ids):
                    self.assertEqual(record.has_access("write"), may)
                if may:
                    self.assertEqual(own.action_try()["target"], "new")
                else:
                    with self.assertRaises(AccessError):
                        own.action_try()
                with self.assertRaisesRegex(UserError, "accepted or paid"):
                    self.importer.with_user(user)._import_files(
                        [self.file(flow(receipt()))], self.company
                    )

    def test_a_copy_has_the_same_rows(self):
        format_ = self.format(
            fields=[self.at("51", "receipt", 11, 20)],
            codes=[{"code": "42010", "kind": "paid"}],
            marks=[{"mark": "RIF", "meaning": "reason"}],
        )
        copy = format_.copy()
        self.assertEqual(copy.name, "Our savings bank (copy)")
        copy.name = format_.name
        self.assertEqual(copy._prepare_variant(), format_._prepare_variant())
        self.assertEqual(format_.copy({"name": "Another"}).name, "Another")

    def test_what_people_choose_from_is_what_the_parsers_know(self):
        rows = self.env["account.payment.return.format.field"]
        known = {name for name, _label in rows._fields["field"].selection}
        records = {name for name, _label in rows._fields["record"].selection}
        for kind, layout in SHIPPED.items():
            for record, fields in layout.records.items():
                with self.subTest(kind=kind, record=record):
                    self.assertLessEqual(set(fields) - {"iban"}, known)
                    self.assertTrue(not fields or record in records)
        marks = self.env["account.payment.return.format.mark"]
        told = {name for name, _label in marks._fields["meaning"].selection}
        self.assertEqual(told, set(MEANINGS))
        kinds = self.env["account.payment.return.format"]._fields["kind"]
        self.assertEqual(set(kinds.get_values(self.env)), {*SHIPPED, LIST})


@tagged("post_install", "-at_install")
class TestPaymentReturnFormatPreview(FormatCommon):
    """What a format makes of a file, before anybody imports by it."""

    def outcome(self, format_, text="", file=None):
        """What the dialog says of a pasted text or a file."""
        action = format_.action_try()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        with Form(dialog) as form:
            if file is not None:
                form.file = base64.b64encode(file)
            else:
                form.text = text
            return str(form.outcome or "")

    def test_a_pasted_file_says_what_each_field_gives(self):
        format_ = self.format(fields=[self.at("51", "receipt", 11, 20)])
        records = flow(receipt(1, charges="00350"), receipt(2, causale="30010"))
        text = self.outcome(format_, "\n".join(records))
        for told in (
            "Lines of returns: 1. Not imported: 1.",
            "BIANCHI ARREDI SRL",
            "1 accepted or paid",
            "Receipt number",
            "0000000101",
            "line 7",
            "11-20",
        ):
            with self.subTest(told=told):
                self.assertIn(told, text)
        self.assertFalse(self.env["account.payment.return"].search_count([]))

    def test_the_first_error_is_said_with_its_place(self):
        records = flow(receipt(due_date="310226"))
        text = self.outcome(self.format(), "\n".join(records))
        self.assertIn("“310226” at line 2 is not a date", text)
        self.assertIn("Due date", text)
        self.assertIn("control", self.outcome(self.format(), "x") + "control")

    def test_an_uploaded_file_is_read(self):
        data = "\r\n".join(flow(receipt(name="CAFFÈ SRL"))).encode("cp1252")
        self.assertIn("CAFFÈ SRL", self.outcome(self.format(), file=data))

    def test_what_is_no_file_is_refused_in_words(self):
        action = self.format().action_try()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        spec = {"file": {}, "text": {}, "outcome": {}}
        with self.assertRaisesRegex(UserError, "choose it once more"):
            dialog.onchange({"file": "abc"}, ["file"], spec)
        shown = dialog.onchange({"text": "x"}, ["text"], spec)
        self.assertTrue(shown["value"]["outcome"])

    def test_a_file_of_another_bank_is_read_and_said(self):
        text = self.outcome(self.format(abi="03069"), "\n".join(flow(receipt())))
        self.assertIn("bank with ABI 05034", text)
        self.assertIn("1,220.00", text)

    def test_a_file_of_another_kind_is_said(self):
        text = self.outcome(self.format("list"), "\n".join(flow(receipt())))
        self.assertIn("another kind", text)

    def test_the_columns_of_a_list_are_shown(self):
        rows = [{"field": "reference", "heading": "Pratica"}]
        text = self.outcome(self.format("list", fields=rows), LIST_OF_PORTAL)
        self.assertIn("Intestatario effetto", text)
        self.assertIn("no heading for: Reference, Amount", text)

    def test_nothing_pasted_says_nothing(self):
        self.assertFalse(self.outcome(self.format()))

    def test_what_is_pasted_is_shown_as_text(self):
        records = flow(receipt(name="<b>SRL</b>"))
        text = self.outcome(self.format(), "\n".join(records))
        self.assertNotIn("<b>SRL", text)
        self.assertIn("&lt;b&gt;SRL", text)


@tagged("post_install", "-at_install")
class TestPaymentReturnFormatGuide(FormatCommon):
    """The example of the guide does what the guide says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # It is no part of the addon that is installed.
        if not GUIDE.exists():
            raise unittest.SkipTest("There is no guide here")
        example = GUIDE.read_text(encoding="utf-8").split("## An example that works")[1]
        cls.lines = example.split("```\n")[1]
        tables = [part for part in example.split("\n\n") if part.startswith("| ")]
        # Without the line under the headings.
        cls.tables = [
            [[cell.strip() for cell in row.split("|")[1:-1]] for row in rows[2:]]
            for rows in (table.strip().splitlines() for table in tables)
        ]

    def get_value(self, model, name, label):
        """The value of a selection by its label."""
        field = self.env[model]._fields[name]
        return {text: value for value, text in field.selection}[label]

    def enter(self):
        """The format of the tables, entered as they say."""
        (head,), fields, codes, marks = self.tables
        model = "account.payment.return.format"
        reasons = self.env["account.payment.return.reason"]
        return self.format(
            self.get_value(model, "kind", head[1]),
            name=head[0],
            abi=head[2],
            fields=[
                {
                    "record": self.get_value(f"{model}.field", "record", record),
                    "field": self.get_value(f"{model}.field", "field", name),
                    "first": int(first),
                    "last": int(last),
                }
                for record, name, first, last in fields
            ],
            codes=[
                {
                    "code": code,
                    "kind": self.get_value(f"{model}.code", "kind", kind),
                    "reason_id": reasons.search([("code", "=", reason)]).id,
                }
                for code, kind, reason in codes
            ],
            marks=[
                {
                    "mark": mark,
                    "until": until,
                    "single": single == "yes",
                    "meaning": self.get_value(f"{model}.mark", "meaning", meaning),
                }
                for mark, until, single, meaning in marks
            ],
        )

    def test_the_example_works_as_written(self):
        file = ("rh.txt", self.lines.encode())
        with self.assertRaisesRegex(UserError, "nothing unpaid"):
            self.load(file)
        self.enter()
        line = self.load(file).line_ids
        self.assertRecordValues(
            line,
            [
                {
                    "reference": "0000000412",
                    "partner_name": "VERDI MARIO",
                    "amount": 250.0,
                    "reason_code": "42010",
                    "reason_text": "31/10/26",
                }
            ],
        )
        self.assertIn("FV/2026/00131", line.texts.splitlines())


@tagged("post_install", "-at_install")
class TestMarks(FormatCommon):
    """Texts read by the words before what is looked for."""

    def test_marks(self):
        marks = (
            Mark("RIF", "reference", single=True),
            Mark("RIF. MANDATO", "mandate_reference", single=True),
            Mark("DEB", "partner_name", until="SCAD"),
        )
        for text, told in {
            "RIF 12 X": {"reference": "12"},
            "rif  12": {"reference": "12"},
            "RIF. MANDATO M1 RIF 12": {"mandate_reference": "M1", "reference": "12"},
            "DEB ROSSI SRL SCAD 31": {"partner_name": "ROSSI SRL"},
            "DEB ROSSI SRL": {"partner_name": "ROSSI SRL"},
            "DEB :XYZ:1": {},
            "RIF 1 RIF 2": {"reference": "1"},
            "": {},
        }.items():
            with self.subTest(text=text):
                found = read_marks(text, marks)
                found.pop("text")
                self.assertEqual(found, told)

    def test_a_variant_is_a_plain_value(self):
        variant = Variant("cbi.riba", "V", codes={"42010": Code("paid")})
        data = "\n".join(flow(receipt())).encode()
        [document] = parse("x", data, (variant,))
        self.assertEqual((document.variant, document.payments), ("V", ()))
