from dataclasses import replace
from decimal import Decimal
from time import process_time

from odoo.exceptions import RedirectWarning, UserError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from . import (
    common_hostile_bytes,
    common_hostile_packed,
    common_hostile_xml,
)
from .common_hostile import FILES, MUTATORS, REFUSED, SAME, get_payments, make_mutant
from .common_hostile_packed import zip_files
from .common_hostile_samples import get_samples
from .common_hostile_truth import SECONDS, check_sums, find_faults, read
from .common_soak import get_share, keep
from .test_match import MatchCommon
from .test_parsers import ParserCase

# What a bank sends in a day, of what is imported: how long more takes is measured by
# the benchmark.
MOST = 200
# Those who know what is done to a file.
KNOW = (common_hostile_bytes, common_hostile_packed, common_hostile_xml)


class MutantCase:
    """Mutants, each tried; all that is wrong is told at the end."""

    def try_all(self, kind, few):
        """Try the mutants of a share, and fail with what is wrong with any of them."""
        seed, numbers = get_share(kind, few)
        faults = []
        for number in numbers:
            sample, mutant = make_mutant(get_samples(), seed, number)
            found = self.find_faults(sample, mutant)
            if found:
                path = keep(f"{kind}-{seed}-{number}", mutant.data)
                repeat = f'make soak ARGS="--seed {seed} --only {kind}/{number}"'
                told = "\n".join(found)
                faults.append(f"{sample.name}: {mutant.did}\n{told}\n{repeat} {path}")
        if faults:
            faults.append(f"{len(faults)} of {len(numbers)}")
            self.fail("\n\n".join(faults))

    def find_faults(self, sample, mutant):
        try:
            return self.try_one(sample, mutant)
        except Exception as error:  # what a user would see as a traceback
            return [f"{type(error).__name__}: {error}"]


@tagged("post_install", "-at_install")
class TestMutants(BaseCase, MutantCase):
    """Whatever is done to a bank's file, it is read rightly or refused in words."""

    def test_a_damaged_file_is_read_rightly_or_refused(self):
        self.try_all("mutants", few=range(200))

    def try_one(self, sample, mutant):
        return find_faults(sample, mutant, read(mutant))

    def test_each_kind_of_file_and_of_damage_is_there(self):
        samples = get_samples()
        kinds = {sample.kind for sample in samples if sample.totals}
        self.assertEqual(kinds, {"xml", "cbi", "csv", "sheet"})
        formats = {document.format for s in samples for document in get_read(s)}
        told = "pain.002 camt.052 camt.053 camt.054 cbi.riba cbi.rh csv xlsx"
        self.assertEqual(formats, set(told.split()))
        self.assertEqual({f.__module__ for f, _kinds in MUTATORS}, names(KNOW))

    def test_what_is_wrong_is_found(self):
        """A judge who finds everything right is no judge."""
        for sample in get_samples():
            data = sample.pack(sample.data)
            same = sample.mutate(sample.data, "nothing", SAME)
            right = sample.outcome
            self.assertEqual(find_faults(sample, same, right), [], sample.name)
            if not get_payments(right):
                continue
            fewer = [replace(right[0], payments=right[0].payments[1:]), *right[1:]]
            self.assertTrue(find_faults(sample, same, fewer), sample.name)
            first, *others = right[0].payments
            for wrong in (
                replace(first, amount=Decimal("-1")),
                replace(first, amount=Decimal("NaN")),
                replace(first, currency="eur"),
                replace(first, reference="a\x00b"),
            ):
                changed = [replace(right[0], payments=(wrong, *others)), *right[1:]]
                anything = same._replace(must="")
                self.assertTrue(find_faults(sample, anything, changed), sample.name)
            self.assertTrue(find_faults(sample, same._replace(must=REFUSED), right))
            self.assertEqual(same.data, data)

    def test_money_that_the_bank_does_not_declare_is_found(self):
        for name in (
            "riba_esiti_42010",
            "cbi-status",
            "insoluti",
            "camt.053.001.08-21",
        ):
            (sample,) = (s for s in get_samples() if s.name.startswith(name))
            same = sample.mutate(sample.data, "nothing")
            (document,) = sample.outcome
            self.assertEqual(list(check_sums(same, [document])), [])
            twice = replace(document, payments=document.payments * 2)
            self.assertTrue(list(check_sums(same, [twice])), name)


def get_read(sample):
    """The documents of a sample that is not refused."""
    return () if isinstance(sample.outcome, str) else sample.outcome


def names(modules):
    """The names of some modules."""
    return {module.__name__ for module in modules}


@tagged("post_install", "-at_install")
class TestMutantsImported(MatchCommon, MutantCase):
    """Who imports such a file is told what is wrong, and nothing else happens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.importer = cls.env["account.payment.return.import"]
        for number, amount in ((1, 1250.4), (2, 80), (3, 1000), (4, 15.49)):
            name = f"FT-2026-00{number}"
            cls.collect(amount, end_to_end_id=name, mandate_reference=f"M-{number}")
        cls.entries = cls.env["account.move"].search_count([])

    def test_a_damaged_file_is_imported_rightly_or_refused(self):
        self.try_all("imports", few=range(60))

    def try_one(self, sample, mutant):
        if len(get_payments(read(mutant))) > MOST:
            return []
        start = process_time()
        with self.env.cr.savepoint() as savepoint, mute_logger("odoo.sql_db"):
            try:
                returns = self.importer._import_files(
                    [(mutant.name, mutant.data)], self.company, self.bank
                )
                faults = list(self.check_drafts(mutant, returns))
            except (UserError, RedirectWarning) as error:
                faults = list(self.check_words(error))
            savepoint.rollback()
        self.env.invalidate_all()
        took = process_time() - start
        return [*faults, *([f"took {took:.1f} s"] if took > SECONDS else [])]

    def check_words(self, error):
        """A refusal is a sentence, not an error of the server."""
        text = str(error.args[0])
        if len(text) < 20 or "Traceback" in text or "%(" in text.replace("%(place", ""):
            yield f"no sentence: {text}"

    def check_drafts(self, mutant, returns):
        """The drafts say what the parsers read, and nothing is in the books."""
        self.env.flush_all()
        payments = get_payments(read(mutant))
        lines = returns.with_context(active_test=False).line_ids
        if set(returns.mapped("state")) != {"draft"}:
            yield "a return is confirmed"
        if self.env["account.move"].search_count([]) != self.entries:
            yield "something is in the books"
        if len(lines.filtered(lambda line: line.scope == "payment")) > len(payments):
            yield f"{len(payments)} were read, {len(lines)} lines are there"
        for line in lines.filtered(lambda line: line.scope == "payment"):
            told = {
                payment.amount
                for payment in payments
                if line.unique_key.endswith(payment.unique_key)
            }
            amount = round(Decimal(line.amount), line.currency_id.decimal_places)
            if amount not in told and None not in told:
                yield f"{amount} is there, the file says {told}"
            if not line.currency_id.active:
                yield f"nobody uses {line.currency_id.name}"


@tagged("post_install", "-at_install")
class TestWhatMutantsFound(ParserCase):
    """What was read wrongly once; each beside its like that is read."""

    lines = ("Riferimento;Debitore;Importo;Esito", "FT-1;Rossi;10,00;Insoluto")

    def read_list(self, *lines, end="\n"):
        return self.read_one("\n".join([*self.lines, *lines]) + end, "list.csv")

    def test_a_file_without_a_name_damages_its_archive(self):
        data = "\n".join(self.lines)
        self.assertEqual(len(self.read_one(zip_files(("a", data))).payments), 1)
        packed = zip_files(("a", data), ("", data))
        self.assertRefused("zip_damaged", "damaged zip", packed)

    def test_a_list_that_ends_within_a_row_is_refused(self):
        for row in ("FT-2;Bianchi;80", "FT-2"):
            self.assertEqual(len(self.read_list(row).payments), 2)
            words = "cut or damaged at row 3: (Esito|Debitore) is missing"
            text = "\n".join([*self.lines, row])
            self.assertRefused("truncated", words, text, "list.csv")
        for row in ("FT-2;Bianchi;80,00;", "Totale;;10,00"):
            self.assertTrue(self.read_list(row, end="").payments)

    def test_rows_that_are_all_as_short_are_whole(self):
        short = "FT-2;Bianchi;80,00"
        self.assertEqual(len(self.read_list(short, short, end="").payments), 3)

    def test_a_byte_that_is_none_does_not_spoil_the_other_letters(self):
        head = "N° Effetto;Debitore;Importo\nFT-1;Società;10,00\n"
        for data in (head.encode(), head.encode("cp1252")):
            (payment,) = self.read_one(data, "list.csv").payments
            self.assertEqual(payment.partner_name, "Società")
        damaged = head.encode().replace(b"FT", b"\xff\xfe")
        self.assertRefused("encoding", "Save the file as UTF-8", damaged, "list.csv")

    def test_a_control_character_of_a_fixed_width_is_a_blank(self):
        data = (FILES / "cbi/riba_esiti_42010.txt").read_bytes()
        marked = data.replace(b"BIANCHI ARREDI", b"BIANCHI\x00ARREDI")
        one, other = self.read_one(data), self.read_one(marked)
        self.assertEqual(one, other)
        marked = data.replace(b"A1B2C4C00017", b"A1B2C4C\x1200\xe2")
        self.assertNotIn("\x12", self.read_one(marked).payments[0].raw)

    def test_a_batch_that_is_told_whole_is_no_transaction(self):
        data = (FILES / "own/cbi-status-report.xml").read_bytes()
        self.assertEqual(len(self.read_one(data).payments), 2)
        start = data.rindex(b"<l:TxInfAndSts>")
        end = data.rindex(b"</l:OrgnlPmtInfAndSts>")
        words = "declares 2 items, but 1"
        self.assertRefused("control_count", words, data[:start] + data[end:])

    def test_a_number_of_a_workbook_has_the_digits_of_xml(self):
        (sample,) = (s for s in get_samples() if s.name == "lista.xlsx")
        number = b"<v>1250.40</v>"
        self.assertIn(number, sample.data)
        for text in ("1_250", "١٢٥٠", "1250,40"):
            data = sample.data.replace(number, f"<v>{text}</v>".encode())
            self.assertRefused("sheet", "damaged Excel", sample.pack(data))
