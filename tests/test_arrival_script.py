"""Files that a script hands over, as docs/arrival.md tells it to: over real HTTP."""

import base64
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import skipUnless

from odoo import SUPERUSER_ID, api, fields
from odoo.exceptions import ConcurrencyError
from odoo.tests import HttpCase, get_db_name, tagged
from odoo.tools import mute_logger

from .common import TwoConnectionsCase, new_user
from .common_arrivals import STRANGER, ArrivalCommon

ARRIVAL = "account.payment.return.arrival"
GROUP = "account_credit_block.group_credit_return_import"
IMPORT = "account.payment.return.import/import_files"
PAGE = Path(__file__).resolve().parents[1] / "docs" / "arrival.md"
BAD = ("bad.xml", b"<Document><unfinished")


class ScriptCommon(ArrivalCommon, HttpCase):
    """Who hands files over with an API key."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.robot = cls.add_user("robot", f"base.group_user,{GROUP}")
        cls.key = cls.make_key(cls.robot)

    @classmethod
    def add_user(cls, login, groups):
        return new_user(cls.arrivals.env, login, groups, cls.company, name="Robot")

    @classmethod
    def make_key(cls, user):
        keys = cls.arrivals.env["res.users.apikeys"].with_user(user).sudo()
        return keys._generate("rpc", "script", fields.Datetime.now() + timedelta(1))

    def ask(self, path, key=None, **body):
        """Call a method as a script does: by JSON-2, with an API key."""
        self.env.flush_all()
        headers = {
            "Authorization": f"bearer {key or self.key}",
            "X-Odoo-Database": get_db_name(),
        }
        with mute_logger("odoo.http"):
            answer = self.url_open(f"/json/2/{path}", json=body, headers=headers)
        self.env.invalidate_all()
        return answer

    def hand_over(self, *files, **options):
        """Hand files over; what became of them."""
        answer = self.ask(IMPORT, files=self.encode(*files), **options)
        self.assertEqual(answer.status_code, 200, answer.text)
        return answer.json()

    def encode(self, *files):
        return [
            {"name": name, "content": base64.encodebytes(data).decode()}
            for name, data in files
        ]


@tagged("post_install", "-at_install")
class TestArrivalScript(ScriptCommon):
    def test_a_script_is_told_what_became_of_each_file(self):
        self.collect(10, end_to_end_id="A-1")
        good = self.pain(("A-1", 10), ("A-2", 20))
        bad, told = self.hand_over(BAD, good)
        arrivals = self.arrivals.browse([bad["arrival_id"], told["arrival_id"]])
        returned = self.assertImported(arrivals[1])
        self.assertEqual(
            told,
            {
                "name": "MSG-1.xml",
                "state": "done",
                "reason": False,
                "arrival_id": arrivals[1].id,
                "returns": [
                    {
                        "id": returned.id,
                        "name": returned.name,
                        "state": "draft",
                        "lines": 2,
                        "matched": 1,
                        "pending": 1,
                    }
                ],
            },
        )
        self.assertEqual((bad["name"], bad["state"]), ("bad.xml", "waiting"))
        self.assertEqual(bad["reason"], arrivals[0].reason)
        self.assertWaiting(arrivals[0], "cut or damaged")
        self.assertEqual(arrivals.mapped("source"), ["script", "script"])
        self.assertEqual(returned.create_uid, self.robot)

    def test_a_name_that_the_database_cannot_hold_stops_no_other_file(self):
        names = ["a\0.xml", "b\ud800.xml", "c\u00e0.xml"]
        told = self.hand_over(
            *((name, name.encode("utf-8", "replace")) for name in names)
        )
        kept = ["a?.xml", "b?.xml", "c\u00e0.xml"]
        self.assertEqual([each["name"] for each in told], kept)
        arrivals = self.arrivals.browse([each["arrival_id"] for each in told])
        self.assertEqual(arrivals.mapped("name"), kept)

    def test_the_same_file_again_is_known_and_a_bad_one_waits_once(self):
        good = self.pain(("A-1", 10))
        first = self.hand_over(good, BAD)
        again = self.hand_over(good, BAD)
        self.assertEqual(again[0]["returns"], first[0]["returns"])
        self.assertIn("already imported", again[0]["reason"])
        self.assertEqual(again[1]["arrival_id"], first[1]["arrival_id"])
        twice = self.hand_over(BAD, ("other name.xml", BAD[1]))
        self.assertEqual(
            [each["name"] for each in twice], ["bad.xml", "other name.xml"]
        )
        self.assertEqual(
            {each["arrival_id"] for each in twice}, {again[1]["arrival_id"]}
        )

    def test_what_matches_is_confirmed_where_the_company_wants_it(self):
        self.company.sudo().credit_return_auto_confirm = True
        self.collect(10, end_to_end_id="A-1")
        [told] = self.hand_over(self.pain(("A-1", 10)))
        self.assertEqual(told["returns"][0]["state"], "confirmed")

    def test_who_is_not_in_the_group_is_refused(self):
        groups = (
            "account_credit_block.group_credit_manager,account.group_account_manager"
        )
        key = self.make_key(self.add_user("head", groups))
        answer = self.ask(IMPORT, key, files=self.encode(self.pain(("A-1", 10))))
        self.assertEqual(answer.status_code, 403)
        self.assertIn("Import by Script", answer.json()["message"])
        self.assertFalse(self.arrivals.search([("source", "=", "script")]))
        self.assertEqual(self.ask(IMPORT, "0" * 40, files=[]).status_code, 401)

    def test_the_user_of_a_script_may_do_nothing_else(self):
        payment = self.collect(10, end_to_end_id="A-1")
        [told] = self.hand_over(self.pain(("A-1", 10)))
        returned, id_ = "account.payment.return", told["returns"][0]["id"]
        partner = payment.partner_id.id
        block = {"level": 1, "reason": "x", "company": 1}
        for path, body in (
            ("account.move/search_read", {"fields": ["name"]}),
            ("account.payment/search_read", {"fields": ["name"]}),
            (f"{returned}/search_read", {"fields": ["name"]}),
            (f"{returned}/read", {"ids": [id_], "fields": ["name"]}),
            (f"{returned}/action_confirm", {"ids": [id_]}),
            (f"{returned}/action_cancel", {"ids": [id_]}),
            (f"{returned}/create", {"vals_list": [{}]}),
            (f"{returned}.arrival/read", {"ids": [told["arrival_id"]], "fields": []}),
            (f"{returned}.arrival/action_try_again", {"ids": [told["arrival_id"]]}),
            (f"{returned}.import/create", {"vals_list": [{}]}),
            ("credit.block/search_read", {"fields": ["name"]}),
            ("res.partner/_set_credit_block", {"ids": [partner], **block}),
            ("res.partner/write", {"ids": [partner], "vals": {"name": "x"}}),
        ):
            with self.subTest(path=path):
                status = self.ask(path, **body).status_code
                self.assertIn(status, (403, 404), path)

    def test_a_company_is_one_of_the_user(self):
        other, _bank, _user = self.add_company()
        file = self.pain(("A-1", 10))
        answer = self.ask(IMPORT, files=self.encode(file), company_id=other.id)
        self.assertEqual(answer.status_code, 403)
        self.robot.sudo().company_ids |= other
        [told] = self.hand_over(file, company_id=other.id)
        arrival = self.arrivals.browse(told["arrival_id"])
        self.assertEqual(arrival.company_id, other)
        self.assertEqual(self.assertImported(arrival).company_id, other)
        for wrong in ("1", True, 1.5, 10**9):
            with self.subTest(company=wrong):
                answer = self.ask(IMPORT, files=self.encode(file), company_id=wrong)
                self.assertIn(answer.status_code, (403, 422))

    def test_what_are_no_files_is_refused_and_nothing_is_kept(self):
        before = self.arrivals.search_count([])
        good = self.encode(self.pain(("A-1", 10)))
        for files in (
            [],
            None,
            {},
            "text",
            [1],
            [{"name": "a"}],
            [{"content": "YQ=="}],
            [{"name": "a", "content": 1}],
            [{"name": 1, "content": "YQ=="}],
            [{"name": " ", "content": "YQ=="}],
            [{"name": "a", "content": "no base64!"}],
            [*good, {"name": "a", "content": "YQ"}],
        ):
            with self.subTest(files=files):
                answer = self.ask(IMPORT, files=files)
                self.assertEqual(answer.status_code, 422, answer.text)
                self.assertIn("list of objects", answer.json()["message"])
        self.assertEqual(self.arrivals.search_count([]), before)

    def test_nothing_that_a_client_says_besides_counts(self):
        context = {"default_state": "done", "default_source": "mail", "lang": "en_US"}
        [told] = self.hand_over(BAD, context=context)
        arrival = self.arrivals.browse(told["arrival_id"])
        self.assertEqual((arrival.state, arrival.source), ("waiting", "script"))

    @skipUnless(PAGE.exists(), "the pages are not installed with the addon")
    def test_the_watched_folder_of_the_docs_works(self):
        """The script is taken from the page, and runs as it stands there."""
        script = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)[1]
        with TemporaryDirectory() as folder:
            inbox = Path(folder)
            for name, data in (self.pain(("A-1", 10)), BAD):
                (inbox / name).write_bytes(data)
            with self.allow_requests(all_requests=True):
                run = self._run_script(script, inbox)
            self.assertFalse(run.returncode, run.stderr)
            found = sorted(
                path.relative_to(inbox).as_posix()
                for path in inbox.rglob("*")
                if path.is_file()
            )
        self.env.invalidate_all()
        done, bad = self.arrivals.search([], limit=2).sorted("state")
        self.assertEqual(
            found, [f"done/{done.id}-MSG-1.xml", f"failed/{bad.id}-bad.xml"]
        )
        self.assertImported(done)
        self.assertWaiting(bad, "cut or damaged")

    def _run_script(self, script, inbox):
        return subprocess.run(
            [sys.executable, "-c", script, inbox],
            env={
                "ODOO_URL": self.base_url(),
                "ODOO_DB": get_db_name(),
                "ODOO_KEY": self.key,
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@tagged("post_install", "-at_install")
class TestArrivalBranch(ScriptCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_branch()
        invoice = cls.invoice(100, company_id=cls.branch.id)
        cls.pay(invoice, journal_id=cls.bank.id).end_to_end_id = "BRANCH-1"

    def test_a_branch_is_told_nothing_of_what_the_head_office_has_imported(self):
        file, robot = self.pain(("BRANCH-1", 100)), self.robot.sudo()
        first = self.load(file)
        robot.company_ids |= self.branch
        [told] = self.hand_over(file, company_id=self.branch.id)
        self.assertEqual([each["id"] for each in told["returns"]], first.ids)
        self.assertIn(first.name, told["reason"])
        robot.write({"company_id": self.branch.id, "company_ids": self.branch.ids})
        [told] = self.hand_over(file)
        self.assertEqual((told["state"], told["returns"]), ("done", []))
        self.assertNotIn(first.name, told["reason"])
        self.assertIn(f"in {self.company.name}", told["reason"])


@tagged("post_install", "-at_install")
class TestArrivalAtOnce(TwoConnectionsCase):
    """Two scripts with the same file: Odoo replays the second, which sees the first."""

    def setUp(self):
        super().setUp()
        self.addCleanup(self.remove)

    def remove(self):
        with self.registry.cursor() as cr:
            arrivals = api.Environment(cr, SUPERUSER_ID, {})[ARRIVAL]
            arrivals.search([("name", "=", BAD[0])]).unlink()

    def hand_over(self, env):
        """As `import_files` does for a script; what the file is kept as."""
        importer = env["account.payment.return.import"]
        [arrival] = importer._import_or_replay([BAD], env.company)
        return arrival

    @mute_logger("odoo.sql_db", "odoo.addons.account_credit_block")
    def test_a_bad_file_waits_once(self):
        first, second = self.connect(), self.connect()
        second.cr.execute("SELECT 1")
        kept = self.hand_over(first)
        self.assertEqual(kept.state, "waiting")
        first.cr.commit()
        with self.assertRaises(ConcurrencyError):
            self.hand_over(second)
        second.cr.rollback()
        second.transaction.reset()
        again = self.hand_over(second)
        self.assertEqual(again.id, kept.id)
        # A third one meanwhile waits for the second.
        third = self.connect()
        with self.assertRaises(ConcurrencyError):
            self.hand_over(third)
        third.cr.rollback()
        second.cr.rollback()


@tagged("post_install", "-at_install")
class TestArrivalGateway(ArrivalCommon, HttpCase):
    def test_a_mail_server_hands_a_mail_over(self):
        """By XML-RPC, as ``odoo-mailgate.py`` of Odoo does for Postfix."""
        self.arrivals.env.ref("base.user_admin").password = "acb_admin"
        raw = self.write_mail(BAD, sender=STRANGER)
        proxy = self.xmlrpc_object
        admin = self.env.ref("base.user_admin").id
        proxy.execute_kw(
            *(get_db_name(), admin, "acb_admin"),
            *("mail.thread", "message_process"),
            *([False, raw.decode()], {}),
        )
        self.env.invalidate_all()
        self.assertWaiting(self.arrivals.search([], limit=1), STRANGER)
