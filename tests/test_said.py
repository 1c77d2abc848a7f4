"""Generated sentences are kept as code and data, and told to each in his language."""

import datetime
import json
from decimal import Decimal

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.modules import get_module_path
from odoo.modules.migration import load_script
from odoo.tests import new_test_user, tagged

from ..models import said
from .common_rpc import call_as
from .test_import import NOTIFICATION, PAIN, ImportCommon
from .test_match import MatchCommon

PATH = get_module_path("account_credit_block")
MIGRATION = "migrations/19.0.1.3.0/pre-said.py"
RULE = "account_credit_block.credit_block_rule_overdue"


def get_ill_formed():
    """Sentences that nobody wrote by `say`, wrong at one place each."""
    euro = {"amount": "1.00", "currency_id": False, "currency": "EUR"}
    for amount in (
        {"amount": 1.5},
        {"amount": "1e400"},
        {"amount": "nan"},
        {"amount": "much"},
        {"amount": 10**400},
        {"amount": []},
        {"currency_id": "x"},
        {"currency_id": 10**12},
        {"currency_id": -1},
        {"currency_id": [1, 2]},
        {"currency": {}},
    ):
        yield said.say("match.excess", amount={**euro, **amount}, available=euro)
    for user in (
        {"name": {}},
        {"name": {"en_US": []}},
        {"name": 7},
        {"name": None},
        {},
        {"date": "tomorrow, say"},
        {"date": "2026-02-31"},
        {"date": 20260901},
        {"date": {}},
        [{"name": {}}],
    ):
        yield said.say("match.chosen", user=user)
    yield {"code": ["match.gone"], "data": {}}
    yield {"code": {}, "data": {}}
    yield from ({"code": "match.chosen", "data": d} for d in ([], "x", 7, None, {}))
    yield from ({"code": "text", "data": d} for d in ({"text": {}}, {"text": 7}, []))
    yield said.say("match.doubt", doubt=[], note="x")
    yield [[]]
    yield "match.gone"
    yield 7
    yield True


class SaidCommon(MatchCommon):
    """Two colleagues with the same rights who read English and Italian."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"].sudo()._activate_lang("it_IT")
        cls.english = cls._create_reader("en_US")
        cls.italian = cls._create_reader("it_IT")

    @classmethod
    def _create_reader(cls, lang):
        return new_test_user(
            cls.env,
            f"reader_{lang}",
            "account.group_account_invoice,account_credit_block.group_credit_user,"
            "base.group_allow_export",
            lang=lang,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )

    def as_reader(self, records, user):
        """The records as a colleague gets them, in his language."""
        env = self.env(user=user, context={"lang": user.lang})
        return records.with_env(env)

    def read_by_both(self, records, name):
        """What the two read in a field of the records."""
        return [
            self.as_reader(records, user).mapped(name)
            for user in (self.english, self.italian)
        ]


@tagged("post_install", "-at_install")
class TestSaid(SaidCommon):
    def tell(self, kept, lang="it_IT"):
        return said.tell(self.env(context={"lang": lang}), kept)

    def test_each_word_of_a_sentence_is_in_the_readers_language(self):
        usd = self.env.ref("base.USD")
        kept = said.say(
            "match.excess",
            amount=said.amount(1234.5, self.company.currency_id),
            available=said.amount(1, usd),
        )
        self.assertEqual(
            self.tell(kept, "en_US").replace("\xa0", " "),
            "1,234.50 € came back, but only $ 1.00 can: correct the amount or choose"
            " another payment.",
        )
        self.assertIn("1.234,50", self.tell(kept))
        self.assertNotIn("came back", self.tell(kept))

    def test_data_are_plain_json(self):
        euro = self.company.currency_id
        self.assertEqual(
            said.amount(0.1 + 0.2, euro),
            {"amount": "0.30", "currency_id": euro.id, "currency": "EUR"},
        )
        day = datetime.date(2026, 9, 1)
        self.assertEqual(said.day(day), {"date": "2026-09-01"})
        self.assertFalse(said.day(False))
        self.assertEqual(said.name(self.env["res.users"]), "")

    def test_a_name_is_that_of_the_day_on_which_it_was_said(self):
        kept = said.say("match.set_aside", user=said.name(self.italian))
        before = self.tell(kept, "en_US")
        self.italian.sudo().name = "Another Name"
        self.assertEqual(self.tell(kept, "en_US"), before)

    def test_a_name_with_translations_is_kept_in_all_of_them(self):
        reason = self.reason_funds.sudo()
        reason.with_context(lang="it_IT").name = "Fondi insufficienti"
        names = said.name(reason)
        self.assertEqual(names["name"]["it_IT"], "Fondi insufficienti")
        reason.with_context(lang="it_IT").name = "Altro"
        kept = said.say("match.chosen", user=names)
        self.assertIn("Fondi insufficienti", self.tell(kept))
        # A language that came later reads what all have.
        self.env["res.lang"].sudo()._activate_lang("fr_FR")
        self.assertIn(reason.name, self.tell(kept, "fr_FR"))

    def test_what_a_person_typed_stays_as_typed(self):
        self.assertEqual(self.tell(said.keep(" 100% sure: %(x)s ")), "100% sure: %(x)s")
        for nothing in ("", "  ", False, None):
            self.assertFalse(said.keep(nothing))
            self.assertFalse(said.tell(self.env, said.keep(nothing)))
        self.assertEqual(said.keep(said.say("match.gone")), said.say("match.gone"))

    def test_an_unknown_code_says_so_instead_of_failing(self):
        unknown = said.tell(self.env, said.say("gone_addon.sentence", x=1))
        self.assertIn("is not installed any more", unknown)
        for strange in ({}, {"code": "match.chosen"}, {"a": 1}, [1], "x", 7):
            with self.subTest(strange=strange):
                self.assertIn(said.tell(self.env, strange), (False, unknown))
        inside = said.say("match.doubt", doubt="no_such", note=said.say("match.gone"))
        self.assertEqual(said.tell(self.env, inside), unknown)

    def test_what_is_not_well_formed_says_so_instead_of_failing(self):
        unknown = said.tell(self.env, said.say("gone_addon.sentence"))
        for kept in get_ill_formed():
            with self.subTest(kept=str(kept)[:90]):
                self.assertEqual(said.tell(self.env, kept), unknown)
        # Nothing of it reached the database, which goes on.
        euro = said.amount(1, self.company.currency_id)
        kept = said.say("match.excess", amount=euro, available=euro)
        self.assertIn("came back", self.tell(kept, "en_US"))

    def test_depth_is_no_failure(self):
        deep = said.say("match.gone")
        for _each in range(5000):
            deep = said.say("match.chosen", user=deep)
        self.assertIsInstance(said.tell(self.env, deep), str)

    def test_an_addon_adds_a_sentence_of_its_own(self):
        self.addCleanup(said.SENTENCES.pop, "test.twice")
        said.add({"test.twice": lambda env, data: f"{data['n']}{data['n']}"})
        self.assertEqual(said.tell(self.env, said.say("test.twice", n=4)), "44")

    def test_a_currency_that_is_gone_is_told_by_its_code(self):
        gone = {"amount": "3.00", "currency_id": 0x7FFFFFFF, "currency": "XXX"}
        kept = said.say("match.excess", amount=gone, available=gone)
        self.assertIn("3.00 XXX came back", self.tell(kept, "en_US"))


@tagged("post_install", "-at_install")
class TestMatchNotes(SaidCommon):
    def test_two_readers_of_one_line_read_it_each_in_his_language(self):
        line = self.match(reference="NOBODY", amount=100)
        english, italian = self.read_by_both(line, "match_note")
        self.assertEqual(english, ["No payment found. Looked for: NOBODY."])
        self.assertRegex(italian[0], "^Nessun pagamento .*NOBODY")

    def test_of_what_is_typed_by_hand_the_bank_names_nothing(self):
        line = self.match(amount=100)
        self.assertRegex(line.match_note, "^Choose the payment .* or enter its number")
        returned = self.told({"amount": 100}, file_format="csv")
        returned.line_ids._match()
        self.assertIn("The bank names nothing", returned.line_ids.match_note)

    def test_who_acted_does_not_choose_the_language(self):
        line = self.match(reference="NOBODY")
        self.as_reader(line, self.italian).action_skip()
        english, italian = self.read_by_both(line, "match_note")
        self.assertEqual(english, [f"Set aside by {self.italian.name}."])
        self.assertNotEqual(italian, english)
        self.assertIn(self.italian.name, italian[0])

    def test_the_list_and_the_export_tell_it_too(self):
        self.collect(end_to_end_id="FT-2026-001")
        line = self.match(end_to_end_id="FT-2026-001", amount=100)
        for user, word in ((self.english, "Found"), (self.italian, "Trovato")):
            mine = self.as_reader(line, user)
            (row,) = mine.web_search_read([("id", "=", line.id)], {"match_note": {}})[
                "records"
            ]
            self.assertIn(word, row["match_note"])
            self.assertIn(word, mine.export_data(["match_note"])["datas"][0][0])

    def test_a_list_grouped_by_its_state_tells_it_in_each_group(self):
        line = self.match(reference="NOBODY")
        groups = self.as_reader(line, self.italian).formatted_read_group(
            [("id", "=", line.id)], ["match_state"], ["__count"]
        )
        rows = self.as_reader(line, self.italian).search(groups[0]["__extra_domain"])
        self.assertIn("Nessun pagamento", rows.browse(line.id).match_note)

    def test_it_is_searched_by_the_words_that_one_reads(self):
        lost = self.match(reference="NOBODY")
        typed = self.told({"match_note": "Ask Mr. Rossi"}).line_ids
        empty = self.told({"reference": "?"}).line_ids
        lines = lost | typed | empty
        for user, operator, value, found in (
            (self.english, "ilike", "no payment FOUND", lost),
            (self.italian, "ilike", "no payment found", lost.browse()),
            (self.italian, "ilike", "nessun pagamento", lost),
            (self.italian, "ilike", "nobody", lost),
            (self.italian, "not ilike", "nobody", typed | empty),
            (self.english, "=", "Ask Mr. Rossi", typed),
            (self.english, "!=", "Ask Mr. Rossi", lost | empty),
            (self.english, "=", False, empty),
            (self.english, "!=", False, lost | typed),
            (self.english, "ilike", "", lines),
        ):
            with self.subTest(user=user.login, operator=operator, value=value):
                domain = [("id", "in", lines.ids), ("match_note", operator, value)]
                rows = self.as_reader(lines, user).search(domain)
                self.assertEqual(set(rows.ids), set(found.ids))

    def test_a_line_that_nobody_looked_at_says_nothing(self):
        self.assertFalse(self.env["account.payment.return.line"].new().match_note)
        self.assertFalse(self.told({"reference": "?"}).line_ids.match_note)

    def test_a_note_is_emptied_and_typed_like_any_text(self):
        line = self.match(reference="NOBODY")
        line.match_note = "Ask Mr. Rossi"
        self.assertEqual(self.read_by_both(line, "match_note")[1], ["Ask Mr. Rossi"])
        line.match_note = False
        self.assertFalse(line.match_said)

    def test_what_is_not_well_formed_breaks_no_list_and_no_search(self):
        lost = self.match(reference="NOBODY")
        broken = self.told(*({"reference": "?"} for _each in get_ill_formed())).line_ids
        for line, kept in zip(broken, get_ill_formed(), strict=True):
            self.env.cr.execute(
                "UPDATE account_payment_return_line SET match_said = %s::jsonb"
                " WHERE id = %s",
                (json.dumps(kept), line.id),
            )
        broken.invalidate_recordset()
        mine = self.as_reader(broken | lost, self.english)
        rows = mine.web_search_read([("id", "in", mine.ids)], {"match_note": {}})
        self.assertEqual(rows["length"], len(mine))
        for value, found in (("no payment", lost), ("not installed any more", broken)):
            domain = [("id", "in", mine.ids), ("match_note", "ilike", value)]
            self.assertEqual(mine.search(domain), found)

    def test_who_matched_is_said_by_nobody_who_did_not(self):
        clerk, model = self.english, "account.payment.return.line"
        line = self.match(reference="NOBODY")
        before = line.match_said
        forged = said.say("match.chosen", user=said.name(self.italian))
        returned = line.return_id
        new = {"return_id": returned.id, "reference": "?", "match_said": forged}
        commands = (
            Command.create({"match_said": forged}),
            Command.update(line.id, {"match_said": forged}),
        )
        for name, method, *args in (
            (model, "write", line.ids, {"match_said": forged}),
            (model, "create", [new]),
            (model, "web_save", line.ids, {"match_said": forged}, {}),
            *(
                (returned._name, "write", returned.ids, {"line_ids": [command]})
                for command in commands
            ),
        ):
            with self.subTest(method=method, args=args):
                with self.assertRaises(AccessError):
                    call_as(self.env, clerk, name, method, *args)
                self.assertEqual(line.match_said, before)
        count = len(returned.line_ids)
        columns = ["return_id/.id", "reference", "match_said"]
        data = [[str(returned.id), "imported", json.dumps(forged)]]
        result = call_as(self.env, clerk, model, "load", columns, data)
        self.assertFalse(result["ids"])
        self.assertEqual(len(returned.line_ids), count)
        # What a client sends along as a default is not taken.
        (created,) = call_as(
            self.env,
            clerk,
            model,
            "create",
            [{"return_id": returned.id, "reference": "?"}],
            context={"default_match_said": forged},
        )
        self.assertFalse(line.browse(created).match_said)

    def test_who_chooses_says_so_whatever_he_sends_along(self):
        first, second = self.collect(), self.collect()
        line = self.match(reference="NOBODY")
        self.as_reader(line, self.italian).write({"payment_id": first.id})
        values = {"payment_id": second.id, "match_said": line.match_said}
        # What is there anyway is no entry, and no answer either.
        self.as_reader(line, self.english).write(values)
        self.assertEqual(line.payment_id, second)
        self.assertIn(self.english.name, line.match_note)

    def test_who_may_write_a_line_types_its_note_and_sets_it_aside(self):
        line = self.match(reference="NOBODY")
        model = line._name
        values = {"match_note": "Ask Mr. Rossi"}
        call_as(self.env, self.english, model, "write", line.ids, values)
        self.assertEqual(line.match_note, "Ask Mr. Rossi")
        new = {"return_id": line.return_id.id, "match_note": "As typed: %(x)s"}
        (created,) = call_as(self.env, self.english, model, "create", [new])
        self.assertEqual(line.browse(created).match_note, "As typed: %(x)s")
        call_as(self.env, self.english, model, "action_skip", line.ids)
        self.assertIn(f"Set aside by {self.english.name}", line.match_note)

    def test_a_line_of_an_addon_that_is_gone_can_still_be_read(self):
        line = self.match(reference="NOBODY")
        line.match_said = said.say("gone_addon.sentence", x=1)
        for told in self.read_by_both(line, "match_note"):
            self.assertTrue(told[0])
        self.assertNotIn("gone_addon", line.match_note)

    def test_why_the_file_is_not_clear_is_told_in_the_same_language(self):
        labels = self.env["ir.model.fields.selection"].sudo()
        label = labels.search(
            [("field_id.name", "=", "doubt"), ("value", "=", "credit")], limit=1
        )
        label.with_context(lang="it_IT").name = "La banca lo chiama accredito."
        self.collect(end_to_end_id="FT-2026-001")
        line = self.told({"end_to_end_id": "FT-2026-001", "amount": 100}).line_ids
        line.sudo().doubt = "credit"
        line._match()
        english, italian = self.read_by_both(line, "match_note")
        self.assertIn("The bank calls it a credit", english[0])
        self.assertIn("A payment was found", english[0])
        self.assertIn("accredito. È stato trovato", italian[0])

    def test_two_hundred_lines_are_told_by_the_queries_of_one(self):
        lines = self.told(*({"reference": f"N{n}", "amount": 7} for n in range(200)))
        lines = lines.line_ids
        excess = said.amount(7, self.company.currency_id)
        lines.match_said = said.say("match.excess", amount=excess, available=excess)
        self.env.flush_all()
        mine = self.as_reader(lines, self.italian)

        def count(some):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.web_read({"match_note": {}})
            return self.cr.sql_log_count - before

        count(mine[:1])
        self.assertEqual(count(mine), count(mine[:1]))

    def test_texts_from_before_stay_as_they_were(self):
        line = self.match(reference="NOBODY")
        self.env.flush_all()
        self.cr.execute(
            "ALTER TABLE account_payment_return_line ADD COLUMN match_note varchar"
        )
        self.cr.execute(
            "UPDATE account_payment_return_line SET match_note = 'Trovato.',"
            " match_said = NULL WHERE id = %s",
            [line.id],
        )
        script = load_script(f"{PATH}/{MIGRATION}", "pre_said")
        for __ in range(2):
            script.migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual(line.match_said, said.say("text", text="Trovato."))
        self.assertEqual(self.read_by_both(line, "match_note"), [["Trovato."]] * 2)


@tagged("post_install", "-at_install")
class TestImportNote(SaidCommon, ImportCommon):
    def test_the_summary_of_a_file_is_told_to_each_in_his_language(self):
        mine = self.as_reader(self.importer, self.italian)
        returned = mine._import_files([self.sample(PAIN)], self.company)
        english, italian = self.read_by_both(returned, "import_note")
        self.assertIn("<li>1 without a payment</li>", english[0])
        self.assertIn("No payment found. Looked for:", english[0])
        self.assertIn("Nessun pagamento trovato", italian[0])
        self.assertNotIn("not imported", italian[0])

    def test_the_amounts_of_rows_are_written_as_the_reader_writes_them(self):
        told = said.told_amount("EUR", Decimal("1234.5"))
        kept = said.say("import.row.credit", count=1, amounts=[told])
        english, italian = (
            said.tell(self.env(context={"lang": lang}), kept)
            for lang in ("en_US", "it_IT")
        )
        self.assertEqual(english, "1 credit, not imported: 1,234.50 EUR")
        self.assertIn(": 1.234,50 EUR", italian)

    def test_a_return_entered_by_hand_has_no_summary(self):
        self.assertFalse(self.told({"reference": "?"}).import_note)
        self.assertFalse(self.env["account.payment.return"].new().import_note)

    def test_what_the_bank_wrote_in_a_summary_is_no_markup(self):
        name, data = self.pain(("&lt;b&gt;X&lt;/b&gt;", 10))
        returned = self.load((f"<i>{name}", data), self.pain(("A", 1), status="ACSC"))
        self.assertIn("&lt;b&gt;X", returned.import_note)
        self.assertNotIn("<b>", returned.import_note)
        self.assertNotIn("<i>", returned.import_note)

    def test_returns_are_searched_by_their_summary(self):
        first, second = self.load(self.sample(PAIN), self.sample(NOTIFICATION))
        first.sudo().import_said = said.say("import.summary", sentences=[])
        first._add_import_sentences([said.say("import.before", file="ZX81.xml")])
        found = first.search([("import_note", "ilike", "zx81.xml: imported before")])
        self.assertEqual(found, first)

    def test_a_summary_from_before_stays_markup(self):
        returned = self.told({"reference": "?"})
        returned.sudo().import_said = said.keep(
            "<ul><li>1 senza pagamento<script>x</script></li></ul>"
        )
        self.assertEqual(
            self.read_by_both(returned, "import_note"),
            [["<ul><li>1 senza pagamento</li></ul>"]] * 2,
        )


@tagged("post_install", "-at_install")
class TestNoticeNote(SaidCommon):
    def test_why_no_mail_was_written_is_told_to_each_in_his_language(self):
        template = self.env.ref("account_credit_block.mail_template_payment_return")
        template.sudo().unlink()
        self.customer.email = "rossi@example.com"
        returned = self.make_return(self.collect())
        self.as_reader(returned, self.italian).action_confirm()
        notices = returned.notice_ids
        english, italian = self.read_by_both(notices, "note")
        self.assertEqual(english, ["The mail template of payment returns was deleted."])
        self.assertNotEqual(italian, english)
        found = notices.search([("note", "ilike", "was deleted")])
        self.assertEqual(found, notices)


@tagged("post_install", "-at_install")
class TestHoldReasonGone(SaidCommon):
    def test_a_reason_of_an_addon_that_is_gone_says_so(self):
        get_reason = self.env["sale.order"]._get_hold_reason
        reason = get_reason("gone_addon")
        reason.read_named(self.env, [{"partner_ids": [1]}])
        for tell in (reason.get_text, reason.get_detail):
            self.assertEqual(tell(self.env, {"x": 1}), str(said.UNKNOWN))
        self.assertNotEqual(type(get_reason("terms")), type(reason))


@tagged("post_install", "-at_install")
class TestBlockReasons(SaidCommon):
    def setUp(self):
        super().setUp()
        self.level = self.env.ref("account_credit_block.credit_block_level_unpaid")
        reason = self.reason_funds.sudo()
        reason.name = "Insufficient funds"
        reason.with_context(lang="it_IT").name = "Fondi insufficienti"

    def confirm_return(self):
        returned = self.make_return(self.collect())
        returned.action_confirm()
        return returned

    def get_blocks(self):
        return self.customer.credit_block_ids

    def test_why_a_rule_blocks_is_told_to_each_in_his_language(self):
        returned = self.confirm_return()
        english, italian = self.read_by_both(self.get_blocks(), "reason")
        self.assertRegex(
            english[0],
            rf"^Payment returned unpaid on .* \({returned.name}\). Insufficient funds$",
        )
        self.assertIn("Fondi insufficienti", italian[0])
        self.assertNotIn("Payment returned", italian[0])

    def test_what_is_shown_to_who_is_refused_is_in_his_language_too(self):
        self.confirm_return()
        messages = self.read_by_both(self.customer, "credit_block_message")
        self.assertIn("Insufficient funds", messages[0][0])
        self.assertIn("Fondi insufficienti", messages[1][0])

    def test_why_a_block_is_lifted_is_told_so_too(self):
        self.as_reader(self.confirm_return(), self.italian).action_cancel()
        english, italian = self.read_by_both(self.get_blocks(), "lift_reason")
        self.assertEqual(english, ["The payment return was cancelled."])
        self.assertNotEqual(italian, english)

    def test_the_card_tells_the_past_in_the_readers_language(self):
        self.confirm_return().action_cancel()
        history = self.env["credit.customer.history"].sudo()
        for user, word in ((self.english, "was cancelled"), (self.italian, "annullat")):
            mine = history.with_context(lang=user.lang)
            (past,) = mine._get_past_blocks(self.customer, self.company)[
                self.customer.id
            ]
            self.assertIn(word, past.end_reason)

    def test_what_a_person_typed_is_nobodys_to_translate(self):
        self.customer.sudo()._set_credit_block(
            self.level, " Payment returned ", self.company
        )
        self.customer.sudo()._lift_credit_block(self.level, " He paid ", self.company)
        for name, text in (("reason", "Payment returned"), ("lift_reason", "He paid")):
            self.assertEqual(self.read_by_both(self.get_blocks(), name), [[text]] * 2)

    def test_a_block_without_a_reason_is_still_refused(self):
        for nothing in ("", "   ", False):
            with self.assertRaisesRegex(UserError, "Give the reason"):
                self.customer._set_credit_block(self.level, nothing, self.company)

    def test_blocks_are_searched_by_what_the_reader_reads(self):
        self.confirm_return()
        block = self.get_blocks()
        for user, found in ((self.english, block.browse()), (self.italian, block)):
            mine = self.as_reader(block, user)
            domain = [("id", "=", block.id), ("reason", "ilike", "fondi insuff")]
            self.assertEqual(mine.search(domain).ids, found.ids)

    def test_two_hundred_blocks_are_told_by_the_queries_of_one(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {n}"} for n in range(200)]
        )
        self.customer.credit_block_ids.browse()._open_each(
            {
                partner.id: said.say(
                    "block.overdue",
                    date=said.day(datetime.date(2026, 9, 1)),
                    rule=said.name(self.env.ref(RULE).sudo()),
                )
                for partner in partners
            },
            self.level,
            self.company,
            origin="overdue",
        )
        blocks = self.as_reader(partners.credit_block_ids, self.italian)
        self.assertEqual(len(blocks), 200)

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some.web_read({"reason": {}, "lift_reason": {}})
            return self.cr.sql_log_count - before

        count(blocks[:1])
        self.assertEqual(count(blocks), count(blocks[:1]))

    def test_the_reason_in_the_history_cannot_be_rewritten(self):
        self.confirm_return()
        for name in ("reason", "reason_said"):
            with self.assertRaisesRegex(UserError, "cannot be changed"):
                self.get_blocks().sudo().write({name: "other"})
