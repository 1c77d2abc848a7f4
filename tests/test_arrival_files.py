"""Files to look at: who sees them, who tries again, and what stays as it came."""

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import new_user
from .common_arrivals import STRANGER, ArrivalCommon
from .common_rpc import RemoteCalls

OURS = "IT60X0542811101000000123456"


@tagged("post_install", "-at_install")
class TestArrivalAgain(RemoteCalls, ArrivalCommon):
    def test_after_the_account_is_entered_the_file_is_imported(self):
        self.bank.copy({"name": "Second Bank"})
        self.bank.bank_acc_number = "IT12Y0300203280000400162854"
        arrival = self.send_and_import(self.pain(("A-1", 10), own_iban=OURS))
        self.assertWaiting(arrival, f"account {OURS}, which no bank journal(.|\n)*try")
        self.call(self.accountant, arrival, "action_try_again")
        self.assertWaiting(arrival, OURS)
        self.assertEqual(len(arrival.activity_ids), 1)
        self.bank.bank_acc_number = OURS
        action = self.call(self.accountant, arrival, "action_try_again")
        returned = self.assertImported(arrival)
        self.assertEqual(
            (action["res_model"], action["res_id"]), (returned._name, returned.id)
        )
        self.assertEqual(returned.journal_id, self.bank)
        self.assertEqual(returned.create_uid, self.accountant)

    def test_a_bank_that_the_file_does_not_name_is_chosen(self):
        second = self.bank.copy({"name": "Second Bank"})
        arrival = self.send_and_import(self.pain(("A-1", 10)))
        self.assertWaiting(arrival, "Choose(.|\n)*as Bank, then try again")
        with Form(arrival.with_user(self.accountant)) as form:
            form.journal_id = second
        self.call(self.accountant, arrival, "action_try_again")
        self.assertEqual(self.assertImported(arrival).journal_id, second)

    def test_a_journal_that_is_none_of_a_bank_is_not_chosen(self):
        arrival = self.send(self.pain(("A-1", 10)), sender=STRANGER)
        sales = self.company_data["default_journal_sale"]
        with self.assertRaisesRegex(ValidationError, "is not a bank"):
            self.call(self.accountant, arrival, "write", {"journal_id": sales.id})
        self.call(self.accountant, arrival, "write", {"journal_id": self.bank.id})
        self.call(self.accountant, arrival, "action_try_again")
        self.assertEqual(self.assertImported(arrival).journal_id, self.bank)

    def test_many_are_tried_at_once_each_on_its_own(self):
        files = [self.pain((f"A-{n}", 10), message=f"M-{n}") for n in range(3)]
        arrivals = self.send(*files, ("bad.xml", b"<Document><cut"), sender=STRANGER)
        mail = self.send(sender=STRANGER)
        action = self.call(self.accountant, arrivals | mail, "action_try_again")
        self.assertEqual(
            action["params"]["message"], "Imported: 3. Still to look at: 2."
        )
        self.assertImported(arrivals[:3])
        self.assertWaiting(arrivals[3], "cut or damaged")
        self.assertWaiting(mail, "no file")

    def test_a_mail_without_a_file_counts_among_those_that_wait(self):
        file = self.send(self.pain(("A-1", 10)), sender=STRANGER)
        mail, aside = self.send(sender=STRANGER), self.send(sender=STRANGER)
        self.call(self.accountant, aside, "action_put_aside")
        action = self.call(self.accountant, file | mail | aside, "action_try_again")
        self.assertEqual(
            action["params"]["message"], "Imported: 1. Still to look at: 1."
        )
        self.assertEqual(aside.state, "aside")

    def test_a_file_known_since_then_says_so(self):
        file = self.pain(("A-1", 10))
        arrival = self.send(file, sender=STRANGER)
        returned = self.load(file)
        self.call(self.accountant, arrival, "action_try_again")
        self.assertEqual(self.assertImported(arrival), returned)
        self.assertIn("already imported", arrival.reason)

    def test_what_is_set_aside_waits_no_more_and_is_taken_up_again(self):
        arrival = self.send(sender=STRANGER)
        self.call(self.accountant, arrival, "action_put_aside")
        self.assertEqual((arrival.state, len(arrival.activity_ids)), ("aside", 0))
        self.call(self.accountant, arrival, "action_take_up")
        self.assertWaiting(arrival, "no file")
        with self.assertRaisesRegex(UserError, "There is no file to import"):
            self.call(self.accountant, arrival, "action_try_again")

    def test_what_is_done_stays_as_it_is(self):
        arrival = self.send_and_import(self.pain(("A-1", 10)))
        for method in ("action_try_again", "action_put_aside", "action_take_up"):
            with self.assertRaisesRegex(UserError, "This file is done"):
                self.call(self.accountant, arrival, method)
        with self.assertRaisesRegex(UserError, "This file is done"):
            self.call(self.accountant, arrival, "write", {"journal_id": self.bank.id})

    def test_the_reason_is_found(self):
        arrival = self.send(sender=STRANGER)
        found = self.arrivals.search([("reason", "ilike", "no file of a bank")])
        self.assertEqual(found, arrival)


@tagged("post_install", "-at_install")
class TestArrivalAccess(RemoteCalls, ArrivalCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        system = cls.arrivals.env
        cls.auditor = new_user(
            system, "arrival_auditor", "account.group_account_readonly", cls.company
        )
        cls.seller = new_user(
            system, "arrival_seller", "sales_team.group_sale_manager", cls.company
        )
        cls.manager = new_user(
            system,
            "arrival_manager",
            "account_credit_block.group_credit_manager",
            cls.company,
        )
        _other, _bank, cls.stranger = cls.add_company()

    def test_who_invoices_decides_who_audits_reads_others_see_nothing(self):
        arrival = self.send(self.pain(("A-1", 10)), sender=STRANGER)
        for user in (self.accountant, self.auditor):
            [row] = self.call(user, arrival, "read", ["reason", "file", "return_ids"])
            self.assertTrue(row["file"])
        for user in (self.seller, self.stranger):
            with self.assertRaises(AccessError):
                self.call(user, arrival, "read", ["name"])
        for user in (self.auditor, self.seller, self.stranger):
            for method in ("action_try_again", "action_put_aside", "action_take_up"):
                with self.assertRaises(AccessError):
                    self.call(user, arrival, method)
        self.call(self.accountant, arrival, "action_try_again")
        self.assertImported(arrival)

    def test_nobody_says_that_something_arrived(self):
        values = {"name": "x", "source": "mail", "company_id": self.company.id}
        for user in (self.accountant, self.manager):
            with self.assertRaises(AccessError):
                self.call(user, self.arrivals, "create", [values])

    def test_nobody_enters_what_became_of_it(self):
        arrival = self.send(sender=STRANGER)
        for values in (
            {"state": "done"},
            {"source": "script"},
            {"sender": "other"},
            {"reason_said": False},
            {"file": False},
            {"return_ids": [(5,)]},
        ):
            with self.assertRaisesRegex(UserError, "is not entered"):
                self.call(self.manager, arrival, "write", values)
        self.call(self.manager, arrival, "write", {"journal_id": self.bank.id})

    def test_nobody_moves_it_where_he_does_not_work(self):
        arrival = self.send(sender=STRANGER)
        with self.assertRaises(AccessError):
            company = self.stranger.company_id
            self.call(self.accountant, arrival, "write", {"company_id": company.id})

    def test_what_came_stays_as_it_came(self):
        letter = ("letter.pdf", b"%PDF", "application/pdf")
        arrival = self.send(self.pain(("A-1", 10)), letter)
        files = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [
                    ("res_model", "=", arrival._name),
                    ("res_id", "=", arrival.id),
                    ("res_field", "in", [False, "file"]),
                ]
            )
        )
        self.assertEqual(len(files), 3)
        for file in files:
            for change in (("write", {"raw": "eA=="}), ("unlink",)):
                with self.assertRaisesRegex(UserError, "stays as it is"):
                    self.call(self.accountant, file, *change)
        own = self.enter(
            self.accountant,
            "ir.attachment",
            name="note",
            raw="eA==",
            res_model=arrival._name,
            res_id=arrival.id,
        )
        self.call(self.accountant, own, "unlink")
        self.assertFalse(own.exists())

    def test_a_manager_deletes_what_was_set_aside(self):
        arrival = self.send(sender=STRANGER)
        with self.assertRaisesRegex(UserError, "Put the file aside first"):
            self.call(self.manager, arrival, "unlink")
        self.call(self.accountant, arrival, "action_put_aside")
        with self.assertRaises(AccessError):
            self.call(self.accountant, arrival, "unlink")
        self.call(self.manager, arrival, "unlink")
        self.assertFalse(arrival.exists())
