from email.message import EmailMessage
from itertools import count

from odoo import SUPERUSER_ID

from .common import new_user
from .test_import import ImportCommon

BANK = "reports@bank.example.com"
STRANGER = "somebody@elsewhere.example.com"
_NUMBERS = count(1)


class ArrivalCommon(ImportCommon):
    """A company with an address for the files of its bank."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        system = cls.env(user=SUPERUSER_ID, context={})
        cls.domain = system["mail.alias.domain"].create({"name": "ours.example.com"})
        cls.accountant = new_user(
            system,
            "arrival_accountant",
            "account.group_account_invoice",
            cls.company,
            email="accountant@ours.example.com",
            notification_type="inbox",
        )
        cls.open_address(cls.company, "returns", cls.accountant)
        cls.address = "returns@ours.example.com"
        cls.arrivals = system["account.payment.return.arrival"]

    @classmethod
    def open_address(cls, company, name, user):
        """Let a company take files from the bank, and ask somebody who fail."""
        company = company.sudo()
        company.alias_domain_id = cls.domain
        company.credit_arrival_alias_name = name
        company.credit_arrival_senders = BANK
        company.credit_arrival_user_id = user

    @classmethod
    def add_company(cls, name="Other Company"):
        """Another company with a bank of its own and an accountant."""
        system = cls.env(user=SUPERUSER_ID, context={})
        company = system["res.company"].create(
            {"name": name, "country_id": cls.company.country_id.id}
        )
        bank = system["account.journal"].create(
            {
                "name": "Bank of the Other",
                "code": "OBNK",
                "type": "bank",
                "company_id": company.id,
            }
        )
        user = new_user(
            system, "other_accountant", "account.group_account_invoice", company
        )
        return company, bank, user

    def write_mail(self, *files, sender=BANK, to=None, subject="Returns", **headers):
        """A mail as bytes, with files as (name, bytes) or (name, bytes, kind)."""
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = to or self.address
        mail["Subject"] = subject
        mail["Message-ID"] = f"<{next(_NUMBERS)}@mail.example.com>"
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content("Good morning, attached what came back.\n")
        for name, data, *kind in files:
            maintype, _slash, subtype = (kind or ["application/octet-stream"])[
                0
            ].partition("/")
            mail.add_attachment(data, maintype=maintype, subtype=subtype, filename=name)
        return mail.as_bytes()

    def receive(self, raw):
        """Hand a mail to Odoo's gateway, as the mail server does; what arrived."""
        before = self.arrivals.search([])
        system = self.env(user=SUPERUSER_ID, context={})
        system["mail.thread"].message_process(False, raw)
        return self.arrivals.search([], order="id") - before

    def send(self, *files, **options):
        """Send files by mail to the company."""
        return self.receive(self.write_mail(*files, **options))

    def run_cron(self):
        """Let the job import what has arrived."""
        cron = self.env.ref("account_credit_block.ir_cron_import_arrivals").sudo()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def send_and_import(self, *files, **options):
        """The same, after the job has run."""
        arrivals = self.send(*files, **options)
        self.run_cron()
        return arrivals

    def assertWaiting(self, arrivals, reason):
        """They wait for a person, who was asked, for a reason."""
        for arrival in arrivals:
            self.assertEqual(arrival.state, "waiting", arrival.reason)
            self.assertRegex(arrival.reason, reason)
            self.assertEqual(
                arrival.activity_ids.user_id, arrival.company_id._get_arrival_user()
            )
            self.assertTrue(arrival.activity_ids.user_id)

    def assertImported(self, arrivals):
        """They are done, and made one return each; the returns."""
        for arrival in arrivals:
            self.assertEqual(arrival.state, "done", arrival.reason)
            self.assertFalse(arrival.activity_ids)
            self.assertEqual(len(arrival.return_ids), 1)
        return arrivals.return_ids
