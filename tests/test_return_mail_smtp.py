import contextlib
import socket
from email import message_from_bytes, policy
from unittest import skipUnless
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import config

from odoo.addons.base.models.ir_mail_server import IrMail_Server

from .common_returns import PaymentReturnCommon

try:
    from aiosmtpd.controller import Controller
except ImportError:
    Controller = None


class Mailbox:
    """Handler of an SMTP server that keeps what it receives."""

    def __init__(self):
        self.received = []

    async def handle_DATA(self, server, session, envelope):
        self.received.append(envelope)
        return "250 OK"


@tagged("post_install", "-at_install")
@skipUnless(Controller, "aiosmtpd is not installed")
@patch.dict(config.options, {"smtp_server": ""})
class TestReturnMailSmtp(PaymentReturnCommon):
    """The mail goes through a real SMTP session and is read as it arrives."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "amministrazione@rossi.example.com"
        cls.company.email = "crediti@demo.example.com"

    @contextlib.contextmanager
    def mailbox(self):
        """An SMTP server on a free port, the only mail server of the database."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        mailbox = Mailbox()
        controller = Controller(mailbox, hostname="127.0.0.1", port=port)
        servers = self.env["ir.mail_server"].sudo()
        servers.search([]).active = False
        servers.create(
            {
                "name": "Test mailbox",
                "smtp_host": "127.0.0.1",
                "smtp_port": port,
                "smtp_encryption": "none",
                "smtp_authentication": "login",
            }
        )
        controller.start()
        try:
            # Odoo sends nothing while tests run, unless told so.
            with patch.object(IrMail_Server, "_disable_send", return_value=False):
                yield mailbox
        finally:
            controller.stop()

    def test_the_customer_receives_the_mail(self):
        invoice = self.invoice(123.45)
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        mail = returned.notice_ids.sudo().mail_id
        with self.mailbox() as mailbox:
            mail.send(auto_commit=False, raise_exception=True)
        self.assertEqual(mail.state, "sent")
        self.assertEqual(returned.notice_ids.mail_state, "sent")
        (envelope,) = mailbox.received
        self.assertEqual(envelope.rcpt_tos, ["amministrazione@rossi.example.com"])
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.assertIn("crediti@demo.example.com", message["From"])
        self.assertIn(invoice.name, message["Subject"])
        html = message.get_body(("html",)).get_content()
        text = message.get_body(("plain",)).get_content()
        for content in (html, text):
            self.assertIn(invoice.name, content)
            self.assertIn("123.45", content)
            self.assertIn(self.reason_funds.name, content)
        link = f"{invoice.get_base_url()}/my/invoices/{invoice.id}?access_token="
        self.assertIn(link, html)
