from email import message_from_bytes, policy
from unittest import skipUnless
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import config

from .common_returns import PaymentReturnCommon
from .common_smtp import Controller, SmtpCommon


@tagged("post_install", "-at_install")
@skipUnless(Controller, "aiosmtpd is not installed")
@patch.dict(config.options, {"smtp_server": ""})
class TestReturnMailSmtp(SmtpCommon, PaymentReturnCommon):
    """The mail goes through a real SMTP session and is read as it arrives."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "amministrazione@rossi.example.com"
        cls.company.email = "crediti@demo.example.com"

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
