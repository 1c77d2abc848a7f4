"""How people import: dropped, uploaded or chosen, each file on its own."""

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Command
from odoo.tests import tagged

from odoo.addons.account_credit_block.parsers import camt, cbi_outcome
from odoo.addons.account_credit_block.parsers.cbi_layout import STATEMENTS

from .common import new_user
from .test_import import (
    DAY,
    NOTIFICATION,
    OUTCOMES,
    PAIN,
    STATEMENT,
    ImportCommon,
)

HOSTILE = "<img src=x onerror=alert(1)> %s %(name)s {{7*7}}.xml"
BAD = ("bad.xml", b"<Document><unfinished")


class ImportEachCommon(ImportCommon):
    def attach(self, *files, user=None, **values):
        """Attachments as the web client makes them of files that are dropped."""
        attachments = self.env["ir.attachment"].with_user(user or self.env.user)
        return attachments.sudo().create(
            [{"name": name, "raw": data, **values} for name, data in files]
        )

    def drop(self, *files, journal=None, user=None):
        """Drop files on the list of returns, or on the tile of a bank."""
        returns = self.env["account.payment.return"]
        attachments = self.attach(*files, user=user)
        if user:
            returns = returns.with_user(user)
        if journal:
            returns = returns.with_context(
                default_journal_id=journal.id, default_move_type="entry"
            )
        return returns.create_document_from_attachment(attachments.ids)

    def get_notes(self, action):
        """What is told, as pairs of title and message."""
        return [
            (note["title"], note["message"])
            for note in action["params"]["notifications"]
        ]

    def get_returns(self, action):
        """The returns that an action opens, perhaps after it has told something."""
        action = action.get("params", {}).get("next", action)
        model = self.env[action["res_model"]]
        if action.get("res_id"):
            return model.browse(action["res_id"])
        return model.search(action["domain"])

    def new_user(self, groups, login="dropper"):
        return new_user(self.env(su=True), login, groups, self.company).with_env(
            self.env
        )


@tagged("post_install", "-at_install")
class TestImportEach(ImportEachCommon):
    def test_outcomes_come_before_the_statement_that_has_their_total(self):
        files = [self.sample(path) for path in (DAY, OUTCOMES)]
        returns = self.get_returns(self.drop(*files))
        day = returns.filtered(lambda r: r.file_format == "cbi.rh")
        told = returns - day
        self.assertEqual(told.file_format, "cbi.riba")
        self.assertIn(f"total of 2 receipts of return {told.name}", day.import_note)

    def test_one_return_is_opened(self):
        action = self.drop(self.sample(PAIN))
        self.assertEqual(action["type"], "ir.actions.act_window")
        self.assertEqual(self.get_returns(action).bank_message_id, "MB-P002-000001")

    def test_several_returns_are_listed_and_counted(self):
        self.collect(10, end_to_end_id="A-1")
        action = self.drop(
            self.pain(("A-1", 10), message="ONE"), self.pain(("A-2", 20), message="TWO")
        )
        self.assertEqual(len(self.get_returns(action)), 2)
        self.assertEqual(
            self.get_notes(action),
            [("2 payment returns imported", "Lines matched: 1. Still to match: 1.")],
        )
        views = [view_type for _id, view_type in action["params"]["next"]["views"]]
        self.assertEqual(views, ["list", "kanban", "form"])

    def test_a_bad_file_does_not_lose_the_good_ones(self):
        action = self.drop(self.pain(("A-1", 10), message="GOOD"), BAD)
        self.assertEqual(self.get_returns(action).bank_message_id, "GOOD")
        [(title, message)] = self.get_notes(action)
        self.assertEqual(title, "bad.xml")
        self.assertIn("The file is cut or damaged", message)
        self.assertNotIn("Nothing was imported. Remove", message)

    def test_of_bad_files_alone_each_is_named_and_nothing_is_left(self):
        before = self.env["ir.attachment"].search_count([])
        told = "bad.xml: The file(.|\n)*worse.xml: "
        with self.assertRaisesRegex(UserError, told), self.env.cr.savepoint():
            self.drop(BAD, ("worse.xml", b""))
        self.assertFalse(self.env["account.payment.return"].search([]))
        self.assertEqual(self.env["ir.attachment"].search_count([]), before)
        with self.assertRaisesRegex(UserError, "^bad.xml: The file is cut"):
            self.drop(BAD)

    def test_nothing_at_all_is_refused(self):
        with self.assertRaisesRegex(UserError, "Choose at least one file"):
            self.drop()

    def test_a_file_without_returns_says_what_was_read(self):
        paid = self.pain(("A-2", 20), message="PAID", status="ACSC")
        with self.assertRaisesRegex(UserError, "nothing unpaid in PAID.xml"):
            self.drop(paid)
        action = self.drop(self.pain(("A-1", 10), message="ONE"), paid)
        self.assertEqual(len(self.get_returns(action)), 1)
        [(title, message)] = self.get_notes(action)
        self.assertEqual(title, "PAID.xml")
        self.assertIn("1 accepted or paid, not imported: 20.00 EUR", message)

    def test_a_file_imported_before_is_told_with_a_link(self):
        first = self.get_returns(self.drop(self.sample(PAIN)))
        told = f"already imported on .* as {first.name}"
        with self.assertRaisesRegex(RedirectWarning, told) as caught:
            self.drop(self.sample(PAIN))
        self.assertEqual(caught.exception.args[1]["res_id"], first.id)
        action = self.drop(self.sample(PAIN), self.pain(("A-1", 10), message="NEW"))
        self.assertEqual(self.get_returns(action).bank_message_id, "NEW")
        [note] = action["params"]["notifications"]
        self.assertRegex(note["message"], told)
        self.assertEqual(note["action"]["res_id"], first.id)

    def test_the_same_file_twice_is_imported_once(self):
        action = self.drop(self.sample(PAIN), self.sample(PAIN))
        self.assertEqual(len(self.get_returns(action)), 1)
        self.assertRegex(self.get_notes(action)[0][1], "already imported")

    def test_a_hostile_name_is_a_name(self):
        _name, data = self.pain(("A-1", 10), message="GOOD")
        good, bad = (HOSTILE, data), (HOSTILE, BAD[1])
        returned = self.get_returns(self.drop(good))
        self.assertEqual(returned.file_name, HOSTILE)
        action = self.drop(bad, self.pain(("A-2", 10), message="NEXT"))
        self.assertEqual(self.get_notes(action)[0][0], HOSTILE)
        with self.assertRaises(RedirectWarning) as caught:
            self.drop(good)
        self.assertIn(HOSTILE, caught.exception.args[0])

    def test_a_clean_file_is_booked_at_once_where_the_company_wants_it(self):
        self.company.sudo().credit_return_auto_confirm = True
        self.collect(100, end_to_end_id="A-1")
        returned = self.get_returns(self.drop(self.pain(("A-1", 100))))
        self.assertEqual(returned.state, "confirmed")

    def test_the_files_that_were_dropped_are_kept_once(self):
        attachments = self.env["ir.attachment"]
        before = attachments.search([])
        returned = self.get_returns(self.drop(self.sample(PAIN)))
        new = attachments.search([]) - before
        self.assertEqual(new, returned.message_main_attachment_id)

    def test_what_is_a_file_of_something_else_stays_where_it_is(self):
        kept = self.attach(self.sample(PAIN), res_model="res.partner", res_id=1)
        returns = self.env["account.payment.return"]
        returns.create_document_from_attachment(kept.ids)
        self.assertTrue(kept.exists())

    def test_the_dialog_takes_files_as_well(self):
        files = self.attach(self.sample(PAIN), BAD, res_model=self.importer._name)
        dialog = self.importer.create({"attachment_ids": files.ids})
        action = dialog.action_import()
        self.assertEqual(self.get_returns(action).file_format, "pain.002")
        self.assertEqual(self.get_notes(action)[0][0], "bad.xml")
        self.assertFalse(files.exists())


@tagged("post_install", "-at_install")
class TestImportEachBank(ImportEachCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.bank.copy({"name": "Second Bank", "code": "BNK9"})

    def add_account(self, iban):
        return self.env["res.partner.bank"].create(
            {"acc_number": iban, "partner_id": self.company.partner_id.id}
        )

    def test_the_tile_says_the_bank(self):
        for bank in (self.bank, self.second):
            returned = self.get_returns(
                self.drop(self.pain((bank.code, 10), message=bank.code), journal=bank)
            )
            self.assertEqual(returned.journal_id, bank)
            self.assertEqual(returned.company_id, self.company)

    def test_a_file_that_names_its_account_goes_to_its_bank(self):
        iban = "IT60X0542811101000000123456"
        self.second.bank_account_id = self.add_account(iban)
        file = self.pain(("A-1", 10), own_iban=iban)
        returned = self.get_returns(self.drop(file, journal=self.bank))
        self.assertEqual(returned.journal_id, self.second)

    def test_what_the_tile_says_of_documents_is_said_of_nothing_else(self):
        action = self.drop(self.pain(("A-1", 10)), journal=self.bank)
        self.assertFalse([key for key in action["context"] if "default" in key])

    def test_where_only_the_bank_is_missing_the_dialog_asks_for_it(self):
        action = self.drop(self.pain(("A-1", 10)))
        self.assertEqual(
            (action["res_model"], action["target"]), (self.importer._name, "new")
        )
        dialog = self.importer.browse(action["res_id"])
        self.assertEqual(dialog.attachment_ids.mapped("name"), ["MSG-1.xml"])
        self.assertRegex(dialog.question, "^MSG-1.xml: .*Choose the bank")
        dialog.journal_id = self.second
        returned = self.get_returns(dialog.action_import())
        self.assertEqual(returned.journal_id, self.second)

    def test_the_others_are_not_asked_about_again(self):
        iban = "IT60X0542811101000000123456"
        self.second.bank_account_id = self.add_account(iban)
        self.bank.bank_account_id = self.add_account("IT21S0542811101000000999999")
        clear = self.pain(("A-1", 10), own_iban=iban, message="CLEAR")
        unclear = self.pain(
            ("A-2", 10), own_iban="IT80S0542811101000000777777", message="UNCLEAR"
        )
        action = self.drop(clear, unclear, BAD)
        self.assertEqual(self.get_notes(action)[0][0], "bad.xml")
        dialog = self.importer.browse(action["params"]["next"]["res_id"])
        self.assertEqual(dialog.attachment_ids.mapped("name"), ["UNCLEAR.xml"])
        found = self.env["account.payment.return"].search([])
        self.assertEqual(found.bank_message_id, "CLEAR")


@tagged("post_install", "-at_install")
class TestImportEachAccess(ImportEachCommon):
    def test_who_may_invoice_may_drop(self):
        for groups in (
            "account.group_account_invoice",
            "account_credit_block.group_credit_user",
        ):
            user = self.new_user(groups, login=groups)
            file = self.pain((groups, 10), message=groups)
            self.assertTrue(self.get_returns(self.drop(file, user=user)))

    def test_others_are_refused(self):
        for groups in (
            "sales_team.group_sale_salesman",
            "account.group_account_readonly",
            "base.group_user",
            "base.group_portal",
        ):
            user = self.new_user(groups, login=groups)
            with self.assertRaises(AccessError):
                self.drop(self.sample(PAIN), user=user)
        self.assertFalse(self.env["account.payment.return"].search([]))

    def test_nobody_imports_the_files_of_others(self):
        user = self.new_user("account.group_account_invoice")
        private = self.attach(self.sample(PAIN))
        returns = self.env["account.payment.return"].with_user(user)
        with self.assertRaises(AccessError):
            returns.create_document_from_attachment(private.ids)

    def test_what_are_no_files_is_told(self):
        returns = self.env["account.payment.return"]
        for garbage in ("abc", {}, None, False, 5, ["x"], [None], [{}], [[7]], [1.5]):
            with (
                self.subTest(garbage=garbage),
                self.assertRaisesRegex(UserError, "Choose at least one file"),
            ):
                returns.create_document_from_attachment(garbage)
        with self.assertRaises(UserError):
            returns.create_document_from_attachment([2**31 - 1])
        files = self.attach(self.pain(("A-1", 10)))
        self.assertTrue(returns.create_document_from_attachment(files.ids))

    def test_nobody_imports_into_a_bank_of_another_company(self):
        other = self.setup_other_company()
        bank = other["default_journal_bank"]
        user = self.new_user("account.group_account_invoice")
        with self.assertRaises(AccessError):
            self.drop(self.sample(PAIN), journal=bank, user=user)
        self.assertFalse(self.env["account.payment.return"].search([]))

    def test_a_tile_of_another_company_of_the_user_says_the_company(self):
        other = self.setup_other_company()
        bank, company = other["default_journal_bank"], other["company"]
        self.env.user.company_ids |= company
        env = self.env(context={"allowed_company_ids": (self.company | company).ids})
        returns = env["account.payment.return"].with_context(default_journal_id=bank.id)
        files = self.attach(self.pain(("A-1", 10)))
        action = returns.create_document_from_attachment(files.ids)
        returned = env["account.payment.return"].browse(action["res_id"])
        self.assertEqual((returned.journal_id, returned.company_id), (bank, company))

    def test_only_a_bank_is_a_bank(self):
        sales = self.company_data["default_journal_sale"]
        with self.assertRaisesRegex(UserError, "not a bank"):
            self.drop(self.pain(("A-1", 10)), journal=sales)

    def test_an_empty_list_offers_the_import_to_who_may(self):
        for model in (
            "account.payment.return",
            "account.payment.return.line",
            "account.payment.return.report",
        ):
            text = self.env[model].get_empty_list_help("<p>Help</p>")
            self.assertIn("<p>Help</p>", text)
            self.assertIn("Import Bank Files</a>", text)
            user = self.new_user("account.group_account_readonly", login=model)
            text = self.env[model].with_user(user).get_empty_list_help("<p>Help</p>")
            self.assertNotIn("</a>", text)
            self.assertIn("ask", text)


@tagged("post_install", "-at_install")
class TestImportEachBranch(ImportEachCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()

    def test_the_bank_of_the_head_office_serves_a_branch(self):
        user = self.new_user("account.group_account_invoice")
        user.sudo().write(
            {
                "company_ids": [Command.set(self.branch.ids)],
                "company_id": self.branch.id,
            }
        )
        self.env = self.env(context={"allowed_company_ids": self.branch.ids})
        action = self.drop(self.pain(("A-1", 10)), journal=self.bank, user=user)
        self.assertEqual(self.get_returns(action).company_id, self.branch)


@tagged("post_install", "-at_install")
class TestImportKnown(ImportEachCommon):
    """A file in which nothing is new."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.collect(1250.40, end_to_end_id="FT-2026-001")
        cls.collect(80, cls.other_customer, end_to_end_id="FT-2026-002")

    def setUp(self):
        super().setUp()
        self.report = self.load(self.sample(NOTIFICATION))
        self.report.action_confirm()
        self.returns = self.env["account.payment.return"]

    def test_it_leaves_no_draft(self):
        action = self.drop(self.sample(STATEMENT))
        self.assertEqual(
            action["params"]["next"]["type"], "ir.actions.act_window_close"
        )
        self.assertEqual(self.returns.search([]), self.report)
        [note] = action["params"]["notifications"]
        self.assertEqual(note["title"], "camt.053.001.08-21.xml")
        self.assertRegex(
            note["message"], f"already imported on .* as {self.report.name}"
        )
        self.assertEqual(note["action"]["res_id"], self.report.id)

    def test_it_is_found_by_its_number_and_its_hash(self):
        self.drop(self.sample(STATEMENT))
        noted = self.returns.search([("active", "=", False)])
        self.assertEqual(noted.line_ids.duplicate_line_id, self.report.line_ids)
        with self.assertRaisesRegex(RedirectWarning, noted.name):
            self.drop(self.sample(STATEMENT))
        view = self.env.ref("account_credit_block.account_payment_return_view_search")
        self.assertIn("('active', 'in', (True, False))", view.arch)

    def test_it_comes_back_when_what_it_repeats_is_cancelled(self):
        noted = self.load(self.sample(STATEMENT))
        self.assertFalse(noted.active)
        self.report.action_cancel()
        self.assertTrue(noted.active)
        self.assertEqual(noted.pending_count, 2)
        noted.action_match()
        self.assertEqual(noted.matched_count, 2)

    def test_of_a_file_with_something_new_there_is_a_draft(self):
        name, data = self.sample(STATEMENT)
        data = data.replace(b"FT-2026-002", b"FT-2026-009")
        returned = self.get_returns(self.drop((name, data)))
        states = sorted(returned.line_ids.mapped("match_state"))
        self.assertEqual(states, ["duplicate", "unmatched"])
        self.assertTrue(returned.active)

    def test_what_a_person_entered_stays_in_the_list(self):
        line = self.report.line_ids[0]
        mine = self.told({"reference": "By hand"})
        known = {"match_state": "duplicate", "duplicate_line_id": line.id}
        mine.line_ids.sudo().write(known)
        self.env.flush_all()
        self.assertTrue(mine.active)

    def test_a_draft_that_waited_in_the_list_stays_there(self):
        name, data = self.sample(STATEMENT)
        draft = self.load((name, data.replace(b"FT-2026-00", b"XY-2026-00")))
        self.assertEqual(draft.pending_count, 2)
        for line, first in zip(draft.line_ids, self.report.line_ids, strict=True):
            known = {"match_state": "duplicate", "duplicate_line_id": first.id}
            line.sudo().write(known)
        self.env.flush_all()
        self.assertTrue(draft.active)

    def test_nobody_takes_a_return_out_of_the_list(self):
        draft = self.load(self.pain(("A-1", 10)))
        with self.assertRaises(AccessError):
            draft.write({"active": False})
        with self.assertRaises(AccessError):
            draft.action_archive()
        with self.assertRaises(UserError):
            self.report.action_archive()


@tagged("post_install", "-at_install")
class TestMatchTells(ImportEachCommon):
    def get_message(self, action):
        return action["params"]["message"]

    def test_nothing_found_is_said(self):
        returned = self.load(self.pain(("A-1", 10), ("A-2", 20)))
        self.assertEqual(
            self.get_message(returned.action_match()),
            "Nothing new found. 2 lines are still to match.",
        )

    def test_what_was_found_is_counted(self):
        returned = self.load(self.pain(("A-1", 10), ("A-2", 20)))
        self.collect(10, end_to_end_id="A-1")
        self.assertEqual(
            self.get_message(returned.action_match()),
            "Payments found: 1. 1 line is still to match.",
        )
        self.collect(20, end_to_end_id="A-2")
        action = returned.line_ids.action_match()
        self.assertEqual(
            self.get_message(action), "Payments found: 1. No line is left to match."
        )
        self.assertEqual(
            action["params"]["next"]["type"], "ir.actions.act_window_close"
        )

    def test_an_empty_return_says_that_nothing_is_left(self):
        returned = self.returns_by_hand()
        self.assertEqual(
            self.get_message(returned.action_match()),
            "Nothing new found. No line is left to match.",
        )

    def returns_by_hand(self):
        return self.env["account.payment.return"].create({"journal_id": self.bank.id})

    def test_lines_are_set_aside_together_and_taken_back(self):
        lines = self.load(self.pain(("A-1", 10), ("A-2", 20))).line_ids
        lines.action_skip()
        self.assertEqual(set(lines.mapped("match_state")), {"skipped"})
        self.collect(10, end_to_end_id="A-1")
        lines.return_id.action_match()
        self.assertEqual(set(lines.mapped("match_state")), {"skipped"})
        lines.action_match()
        self.assertEqual(lines.mapped("match_state"), ["matched", "unmatched"])

    def test_formats_have_names_that_people_read(self):
        labels = dict(
            self.env["account.payment.return"]
            ._fields["file_format"]
            ._description_selection(self.env)
        )
        self.assertEqual(labels["csv"], "List (CSV)")
        told = {"pain.002", "csv", "xlsx", *camt.FORMATS.values()}
        told |= {*cbi_outcome.FORMATS.values()}
        told |= {f"cbi.{name.lower()}" for name in STATEMENTS}
        self.assertEqual(labels.keys(), told)
