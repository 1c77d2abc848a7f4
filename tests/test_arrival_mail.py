"""Files that banks send by mail: real mails, through Odoo's own gateway."""

import base64
import io
import zipfile
from email import message_from_bytes
from email.message import EmailMessage
from email.mime.text import MIMEText
from unittest.mock import patch

from psycopg2 import OperationalError

from odoo import SUPERUSER_ID
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..parsers.base import MAX_FILE_BYTES
from .common_arrivals import BANK, STRANGER, ArrivalCommon
from .test_import import OUTCOMES, STATEMENT
from .test_import_cbi import TOTAL, ImportCbiCommon
from .test_parsers_cbi import flow, movement, receipt

BAD = ("bad.xml", b"<Document><unfinished")
LETTER = ("letter.pdf", b"%PDF-1.4", "application/pdf")
LOGO = ("logo.png", b"\x89PNG", "image/png")


@tagged("post_install", "-at_install")
class TestArrivalMail(ArrivalCommon):
    def test_a_file_of_the_bank_becomes_a_draft(self):
        payment = self.collect(10, end_to_end_id="A-1")
        name, data = self.pain(("A-1", 10))
        arrival = self.send((name, data))
        self.assertEqual((arrival.state, arrival.name), ("arrived", name))
        self.assertEqual((arrival.source, arrival.sender), ("mail", BANK))
        self.run_cron()
        returned = self.assertImported(arrival)
        self.assertEqual((returned.state, returned.company_id), ("draft", self.company))
        self.assertEqual(returned.line_ids.payment_id, payment)
        self.assertEqual(base64.b64decode(arrival.file), data)
        self.assertIn("Good morning", arrival.message_ids[-1].body)
        self.assertIn(BANK, returned.message_ids[0].body)

    def test_nothing_is_imported_before_the_mail_is_safe(self):
        arrival = self.send(self.pain(("A-1", 10)))
        self.assertFalse(arrival.return_ids)
        triggers = self.env["ir.cron.trigger"].sudo()
        cron = self.env.ref("account_credit_block.ir_cron_import_arrivals")
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))

    def test_a_text_is_kept_byte_for_byte(self):
        """Odoo takes it for UTF-8, where the mail does not say what it is."""
        rows = "Riferimento;Importo;Cliente\nA-1;10,00;Società Agricola\n"
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Message-ID"] = BANK, self.address, "<l@x>"
        mail.make_mixed()
        part = MIMEText("", "csv")
        part.set_payload(base64.encodebytes(rows.encode("cp1252")).decode())
        part.replace_header("Content-Transfer-Encoding", "base64")
        part.del_param("charset")
        part.add_header("Content-Disposition", "attachment", filename="list.csv")
        mail.attach(part)
        arrival = self.receive(mail.as_bytes())
        self.assertEqual(base64.b64decode(arrival.file), rows.encode("cp1252"))
        self.run_cron()
        line = self.assertImported(arrival).line_ids
        self.assertEqual(line.partner_name, "Società Agricola")

    def test_each_file_is_on_its_own(self):
        arrivals = self.send_and_import(
            BAD, self.pain(("A-1", 10), message="ONE"), LETTER, LOGO
        )
        bad, good = arrivals
        self.assertImported(good)
        self.assertWaiting(bad, "The file is cut or damaged")
        self.assertEqual(base64.b64decode(bad.file), BAD[1])
        names = arrivals.message_ids.attachment_ids.mapped("name")
        self.assertEqual(
            sorted(names), ["ONE.xml", "bad.xml", "letter.pdf", "logo.png"]
        )
        for arrival in arrivals:
            self.assertIn("Good morning", "".join(arrival.message_ids.mapped("body")))

    def test_outcomes_are_imported_before_the_statement_with_their_total(self):
        arrivals = self.send(self.sample(STATEMENT), self.sample(OUTCOMES))
        self.assertEqual(arrivals[0].name, "riba_esiti_42010.txt")

    def test_an_archive_is_read_as_in_the_dialog(self):
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr(*self.pain(("A-1", 10), message="ONE"))
            packed.writestr(*self.pain(("A-2", 10), message="TWO"))
        arrival = self.send_and_import(("both.zip", archive.getvalue()))
        self.assertEqual(arrival.state, "done")
        messages = arrival.return_ids.mapped("bank_message_id")
        self.assertEqual(sorted(messages), ["ONE", "TWO"])

    def test_the_same_file_twice_in_a_mail_is_one(self):
        file = self.pain(("A-1", 10))
        arrival = self.send_and_import(file, ("copy.xml", file[1]))
        self.assertImported(arrival)
        names = arrival.message_ids.attachment_ids.mapped("name")
        self.assertEqual(sorted(names), ["MSG-1.xml", "copy.xml"])

    def test_a_file_that_comes_again_says_where_it_is(self):
        file = self.pain(("A-1", 10))
        returned = self.assertImported(self.send_and_import(file))
        again = self.send_and_import(file)
        self.assertEqual((again.state, again.return_ids), ("done", returned))
        self.assertRegex(again.reason, f"already imported .* as {returned.name}")
        self.assertFalse(again.activity_ids)

    def test_the_same_mail_twice_is_one(self):
        raw = self.write_mail(self.pain(("A-1", 10)))
        self.assertEqual(len(self.receive(raw)), 1)
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.assertFalse(self.receive(raw))

    def test_a_file_that_fails_every_day_waits_once(self):
        arrival = self.send_and_import(BAD)
        self.assertFalse(self.send_and_import(BAD, subject="Again"))
        self.assertWaiting(arrival, "cut or damaged")
        self.assertEqual(len(arrival.activity_ids), 1)
        self.assertIn("Again", arrival.message_ids.mapped("subject"))

    def test_a_statement_without_returns_bothers_nobody(self):
        paid = self.pain(("A-2", 20), message="PAID", status="ACSC")
        arrival = self.send_and_import(paid)
        self.assertEqual((arrival.state, len(arrival.return_ids)), ("done", 0))
        self.assertIn("nothing unpaid", arrival.reason)
        self.assertFalse(arrival.activity_ids)

    def test_a_mail_without_a_file_waits_to_be_read(self):
        arrival = self.send(subject="Your report is ready")
        self.assertEqual(arrival.name, "Your report is ready")
        self.assertWaiting(arrival, "There is no file of a bank in this mail. Read")
        arrival = self.send(LETTER, LOGO)
        self.assertWaiting(arrival, "only letter.pdf, logo.png")
        names = arrival.message_ids.attachment_ids.mapped("name")
        self.assertEqual(names, ["letter.pdf", "logo.png"])

    def test_a_file_that_is_too_large_is_kept_and_waits(self):
        data = b"A" * (MAX_FILE_BYTES + 1)
        arrival = self.send_and_import(("large.txt", data))
        self.assertWaiting(arrival, "large")
        self.assertEqual(base64.b64decode(arrival.file), data)

    def test_many_mails_of_a_bank_in_an_hour_are_no_loop(self):
        """Odoo drops, and answers, the mails of who sends twenty in two hours."""
        files = [self.pain((f"A-{n}", 10), message=f"M-{n}") for n in range(25)]
        for file in files:
            self.assertEqual(len(self.send(file)), 1)
        self.assertEqual(self._get_mails_out(), self.env["mail.mail"])

    def _get_mails_out(self):
        return self.env["mail.mail"].sudo().search([("email_to", "!=", False)])


@tagged("post_install", "-at_install")
class TestArrivalSenders(ArrivalCommon):
    def test_what_a_stranger_sends_waits_for_a_person(self):
        file = self.pain(("A-1", 10))
        arrival = self.send_and_import(file, sender=STRANGER)
        self.assertWaiting(arrival, f"{STRANGER} is not among the senders")
        self.assertFalse(arrival.return_ids)
        self.assertEqual(base64.b64decode(arrival.file), file[1])
        arrival.with_user(self.accountant).action_try_again()
        self.assertImported(arrival)

    def test_nobody_outside_is_answered_or_follows(self):
        stranger = self.env["res.partner"].create({"name": "S", "email": STRANGER})
        known = self.env["res.partner"].create({"name": "Bank", "email": BANK})
        mails = self.env["mail.mail"].sudo()
        before = mails.search([])
        arrivals = self.send(BAD, sender=STRANGER) | self.send(sender=STRANGER)
        arrivals |= self.send_and_import(self.pain(("A-1", 10)), Cc=STRANGER)
        for arrival in arrivals:
            arrival.message_post(body="Look", subtype_xmlid="mail.mt_comment")
        self.assertFalse((mails.search([]) - before).filtered("email_to"))
        people = (
            arrivals.message_partner_ids | arrivals.message_ids.notified_partner_ids
        )
        people |= (mails.search([]) - before).recipient_ids
        self.assertFalse(people & (stranger | known))

    def test_a_refused_alias_answers_nobody_either(self):
        """Core would: with the text of the mail, and our address."""
        alias = self.company.sudo().credit_arrival_alias_id
        for contact in ("partners", "followers"):
            alias.alias_contact = contact
            file = ("bad.xml", contact.encode())
            self.assertTrue(self.send(file, sender=STRANGER))
        self.assertFalse(
            self.env["mail.mail"].sudo().search([("email_to", "ilike", STRANGER)])
        )

    def test_addresses_and_domains_let_in(self):
        company = self.company.sudo()
        company.credit_arrival_senders = "One@Bank.example, @two.example\nthree.example"
        answers = {
            "one@bank.example": True,
            "other@bank.example": False,
            "any@two.example": True,
            "any@mail.three.example": True,
            "any@nothree.example": False,
            "any@three.example.evil.example": False,
            "three.example@evil.example": False,
            "": False,
        }
        for address, expected in answers.items():
            with self.subTest(address=address):
                self.assertEqual(company._is_arrival_sender(address), expected)
        company.credit_arrival_senders = False
        self.assertFalse(company._is_arrival_sender("one@bank.example"))

    def test_who_is_let_in_is_told_to_administrators_alone(self):
        company = self.company.with_user(self.accountant).sudo(False)
        self.assertTrue(company.name)
        with self.assertRaises(AccessError):
            company.read(["credit_arrival_senders"])
        with self.assertRaises(AccessError):
            company.search([("credit_arrival_senders", "ilike", BANK)])
        self.assertTrue(company._is_arrival_sender(BANK))

    def test_the_name_of_a_sender_says_nothing(self):
        arrival = self.send(BAD, sender=f'"{BANK}" <{STRANGER}>')
        self.assertWaiting(arrival, f"^{STRANGER} is not")
        self.assertWaiting(self.send(LETTER, sender="nobody"), "no file")
        self.assertWaiting(
            self.send(("b.xml", b"x"), sender="nobody"), "does not say who"
        )

    def test_what_is_neither_address_nor_domain_is_refused(self):
        company = self.company.sudo()
        for senders in (
            "bank",
            "a@b@c.example",
            "bank.example, @",
            "x@",
            "*@bank.example",
        ):
            with self.subTest(senders=senders), self.assertRaises(ValidationError):
                company.credit_arrival_senders = senders

    def test_of_certified_mail_the_sender_inside_counts(self):
        inside = self.write_mail(self.pain(("A-1", 10)))
        arrival = self._send_certified(inside)
        self.assertEqual((arrival.sender, arrival.name), (BANK, "MSG-1.xml"))
        self.run_cron()
        self.assertImported(arrival)
        stranger = self.write_mail(self.pain(("A-2", 10)), sender=STRANGER)
        self.assertWaiting(self._send_certified(stranger), STRANGER)

    def _send_certified(self, inside):
        """A mail in its envelope, as RFC 6109 has it."""
        mail = EmailMessage()
        mail["X-Trasporto"] = "posta-certificata"
        mail["From"] = f'"Per conto di: {BANK}" <posta-certificata@pec.example.com>'
        mail["To"], mail["Message-ID"] = self.address, f"<{hash(inside)}@pec>"
        mail["Subject"] = "POSTA CERTIFICATA: Returns"
        mail.set_content("Messaggio di posta certificata\n")
        mail.add_attachment(
            b"<postacert/>",
            maintype="application",
            subtype="xml",
            filename="daticert.xml",
        )
        original = EmailMessage()
        original.set_payload([message_from_bytes(inside)])
        original["Content-Type"] = "message/rfc822; name=postacert.eml"
        original["Content-Disposition"] = 'attachment; filename="postacert.eml"'
        mail.attach(original)
        return self.receive(mail.as_bytes())


@tagged("post_install", "-at_install")
class TestArrivalTrust(ArrivalCommon):
    def test_what_a_mail_brings_is_never_confirmed_by_itself(self):
        """Its sender can be forged."""
        self.company.sudo().credit_return_auto_confirm = True
        self.collect(10, end_to_end_id="A-1")
        self.collect(20, end_to_end_id="A-2")
        arrival = self.send_and_import(self.pain(("A-1", 10)))
        returned = self.assertImported(arrival)
        self.assertEqual((returned.state, returned.matched_count), ("draft", 1))
        control = self.load(self.pain(("A-2", 20), message="MSG-2"))
        self.assertEqual(control.state, "confirmed")
        returned._confirm_by_itself()
        self.assertEqual(returned.state, "draft")
        returned.action_confirm()
        self.assertEqual(returned.state, "confirmed")

    def test_a_person_who_tries_again_gets_a_draft_too(self):
        self.company.sudo().credit_return_auto_confirm = True
        self.collect(10, end_to_end_id="A-1")
        arrival = self.send(self.pain(("A-1", 10)), sender=STRANGER)
        arrival.with_user(self.accountant).action_try_again()
        self.assertEqual(self.assertImported(arrival).state, "draft")

    def test_each_company_has_its_own_files(self):
        other, bank, user = self.add_company()
        self.open_address(other, "other", user)
        file = self.pain(("A-1", 10))
        arrival = self.send_and_import(file, to="other@ours.example.com")
        self.assertEqual(arrival.company_id, other)
        returned = self.assertImported(arrival)
        self.assertEqual((returned.company_id, returned.journal_id), (other, bank))
        ours = self.send_and_import(file)
        self.assertEqual(self.assertImported(ours).company_id, self.company)

    def test_a_mail_to_two_companies_is_of_both(self):
        other, _bank, user = self.add_company()
        self.open_address(other, "other", user)
        arrivals = self.send(BAD, to=f"{self.address}, other@ours.example.com")
        self.assertEqual(arrivals.company_id, self.company | other)

    def test_the_defaults_of_an_alias_say_nothing(self):
        other, _bank, _user = self.add_company()
        alias = self.company.sudo().credit_arrival_alias_id
        alias.alias_defaults = repr({"company_id": other.id, "state": "done"})
        arrival = self.send(self.pain(("A-1", 10)))
        self.assertEqual((arrival.company_id, arrival.state), (self.company, "arrived"))

    def test_a_file_of_another_company_waits_and_tells_nothing_of_it(self):
        other, bank, user = self.add_company("Secret Holding")
        bank.bank_acc_number = "IT60X0542811101000000123456"
        file = self.pain(("A-1", 10), own_iban="IT60X0542811101000000123456")
        arrival = self.send_and_import(file)
        self.assertWaiting(arrival, "of another company")
        self.assertNotIn("Secret", arrival.reason)
        self.open_address(other, "other", user)
        mine = self.send_and_import(file, to="other@ours.example.com")
        self.assertEqual(self.assertImported(mine).journal_id, bank)

    def test_who_works_in_both_moves_it_to_the_right_one(self):
        other, bank, user = self.add_company()
        self.open_address(other, "other", user)
        bank.bank_acc_number = "IT60X0542811101000000123456"
        file = self.pain(("A-1", 10), own_iban="IT60X0542811101000000123456")
        arrival = self.send_and_import(file)
        user.company_ids |= self.company
        companies = (self.company | other).ids
        own = arrival.with_user(user).with_context(allowed_company_ids=companies)
        own.company_id = other
        # Who looked after it, and may not work there, is not asked any more.
        self.assertEqual(other._get_arrival_user(), user)
        self.assertWaiting(arrival, "account")
        self.assertNotIn(self.accountant.partner_id, arrival.message_partner_ids)
        own.action_try_again()
        self.assertEqual(self.assertImported(arrival).journal_id, bank)

    def test_what_is_put_aside_asks_nobody_in_the_company_that_it_comes_to(self):
        other, _bank, user = self.add_company()
        self.open_address(other, "other", user)
        arrival = self.send(sender=STRANGER)
        user.company_ids |= self.company
        companies = (self.company | other).ids
        own = arrival.with_user(user).with_context(allowed_company_ids=companies)
        own.action_put_aside()
        own.company_id = other
        self.assertFalse(arrival.activity_ids)
        own.action_take_up()
        self.assertWaiting(arrival, "no file")

    def test_a_reply_with_a_file_is_a_new_one(self):
        first = self.send_and_import(BAD)
        reference = first.message_ids[-1].message_id
        file = self.pain(("A-1", 10))
        second = self.send_and_import(file, In_Reply_To=reference)
        self.assertImported(second)
        answer = self.write_mail(In_Reply_To=reference, subject="Re: Returns")
        self.assertFalse(self.receive(answer))
        self.assertIn("Re: Returns", first.message_ids.mapped("subject"))

    def test_a_mailbox_without_an_alias_is_of_the_first_company(self):
        """An incoming mail server may name the model itself."""
        raw = self.write_mail(BAD, to="box@elsewhere.example.com")
        system = self.env(user=SUPERUSER_ID, context={})
        system["mail.thread"].message_process(self.arrivals._name, raw)
        arrival = self.arrivals.search([], limit=1)
        self.assertEqual(arrival.company_id, system.company)
        self.assertEqual((arrival.name, arrival.sender), ("bad.xml", BANK))


@tagged("post_install", "-at_install")
class TestArrivalTotals(ImportCbiCommon, ArrivalCommon):
    def test_totals_of_receipts_that_no_file_lists_wait_those_known_do_not(self):
        day = self.day(movement(euro="1708,50", **TOTAL))
        arrival = self.send_and_import(self.file(day, name="day.txt"))
        self.assertWaiting(arrival, "file of outcomes with the reference ESI1")
        outcomes = [receipt(1, memo="ESI1"), receipt(2, cents=48850, memo="ESI1")]
        told = self.send_and_import(self.file(flow(*outcomes, negative=0)))
        returned = self.assertImported(told)
        arrival.with_user(self.accountant).action_try_again()
        self.assertEqual((arrival.state, len(arrival.activity_ids)), ("done", 0))
        self.assertIn(f"2 receipts of return {returned.name}", arrival.reason)


@tagged("post_install", "-at_install")
class TestArrivalFaults(ArrivalCommon):
    def test_what_nobody_expected_stops_no_other_file(self):
        first = self.send(self.pain(("A-1", 10), message="ONE"))
        second = self.send(self.pain(("A-2", 10), message="TWO"))
        importer = type(self.env["account.payment.return.import"])
        read = importer._read_file

        def fail(self, name, data, variants):
            if name == "ONE.xml":
                raise ZeroDivisionError
            return read(self, name, data, variants)

        logger = "odoo.addons.account_credit_block.models.returns"
        with (
            patch.object(importer, "_read_file", fail),
            mute_logger(f"{logger}.account_payment_return_arrival_import"),
        ):
            self.run_cron()
        self.assertWaiting(first, "did not expect that")
        self.assertImported(second)
        first.with_user(self.accountant).action_try_again()
        self.assertImported(first)

    def test_a_file_in_which_the_server_stops_is_tried_again_then_waits(self):
        arrival = self.send(self.pain(("A-1", 10)))
        for attempts in (1, 2, 3):
            with patch.object(type(arrival), "_import", side_effect=OperationalError):
                self._run_failing_cron()
            self.assertEqual((arrival.attempts, arrival.state), (attempts, "arrived"))
        self.run_cron()
        self.assertWaiting(arrival, "stopped several times")
        arrival.with_user(self.accountant).action_try_again()
        self.assertImported(arrival)

    def _run_failing_cron(self):
        with mute_logger("odoo.addons.base.models.ir_cron"):
            self.run_cron()


@tagged("post_install", "-at_install")
class TestArrivalSettings(ArrivalCommon):
    def test_an_address_is_opened_changed_and_closed(self):
        company, _bank, _user = self.add_company()
        company.alias_domain_id = self.domain
        settings = self.env["res.config.settings"].sudo().with_company(company)
        settings.create({"credit_arrival_alias_name": "Insoluti Banca"}).execute()
        alias = company.credit_arrival_alias_id
        self.assertEqual(alias.alias_full_name, "insoluti-banca@ours.example.com")
        self.assertEqual(alias.alias_model_id.model, self.arrivals._name)
        self.assertEqual(alias.alias_defaults, "{}")
        settings.create({"credit_arrival_alias_name": "banca"}).execute()
        self.assertEqual(alias.alias_full_name, "banca@ours.example.com")
        settings.create({"credit_arrival_alias_name": False}).execute()
        self.assertFalse(alias.exists() or company.credit_arrival_alias_id)

    def test_an_address_that_is_taken_is_refused(self):
        company, _bank, _user = self.add_company()
        company.alias_domain_id = self.domain
        with self.assertRaisesRegex(UserError, "already linked"):
            company.credit_arrival_alias_name = "returns"

    def test_an_address_goes_along_to_another_domain(self):
        domain = self.domain.create({"name": "new.example.com"})
        self.company.sudo().alias_domain_id = domain
        alias = self.company.sudo().credit_arrival_alias_id
        self.assertEqual(alias.alias_full_name, "returns@new.example.com")

    def test_who_is_responsible_may_look(self):
        _company, _bank, stranger = self.add_company()
        company = self.company.sudo()
        refused = self.assertRaisesRegex(ValidationError, "somebody who may invoice")
        with refused, self.env.cr.savepoint():
            company.credit_arrival_user_id = stranger
        self.assertEqual(company._get_arrival_user(), self.accountant)
        self.accountant.active = False
        self.assertEqual(
            company._get_arrival_user(), company._get_credit_managers(limit=1)
        )
        branch = company.create({"name": "Branch", "parent_id": company.id})
        self.accountant.active = True
        self.assertEqual(
            branch._get_arrival_user(), branch._get_credit_managers(limit=1)
        )
        self.accountant.company_ids |= branch
        self.assertEqual(branch._get_arrival_user(), self.accountant)
