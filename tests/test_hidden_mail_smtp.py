from email import message_from_bytes, policy
from unittest import skipUnless
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import config

from .common_hidden import NAME, HiddenCommon
from .common_smtp import Controller, SmtpCommon


@tagged("post_install", "-at_install")
@skipUnless(Controller, "aiosmtpd is not installed")
@patch.dict(config.options, {"smtp_server": ""})
class TestHiddenMailSmtp(SmtpCommon, HiddenCommon):
    """What leaves the house when an order is hidden, read as it arrives."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit_company.email = "crediti@demo.example.com"
        cls.user_credit_manager.email = "manager@demo.example.com"
        cls.credit_company.credit_hold_user_ids = cls.user_credit_manager
        cls.seller = cls.user_salesperson.partner_id.email

    def _receive(self, last):
        """Send what waits in the queue; return pairs of recipients and message."""
        mails = self.env["mail.mail"].search([("id", ">", last)])
        with self.mailbox() as mailbox:
            mails.send(auto_commit=False, raise_exception=True)
        return [
            (
                envelope.rcpt_tos,
                envelope.mail_from,
                message_from_bytes(envelope.content, policy=policy.default),
            )
            for envelope in mailbox.received
        ]

    def _last_mail(self):
        return self.env["mail.mail"].search([], limit=1).id or 0

    def test_only_who_decides_is_written_to_and_not_by_the_salesperson(self):
        order = self._create_order(name=NAME)
        last = self._last_mail()
        self._hide(order)
        received = self._receive(last)
        self.assertTrue(received)
        for recipients, sender, message in received:
            self.assertEqual(recipients, ["manager@demo.example.com"])
            for value in (sender, *map(str, message.values())):
                self.assertNotIn(self.seller, value)
                self.assertNotIn(self.user_salesperson.name, value)
        question = next(m for _to, _from, m in received if "decision" in m["Subject"])
        self.assertIn("crediti@demo.example.com", question["From"])
        self.assertIn(NAME, question["Subject"])
        self.assertNotIn(self.seller, question["Reply-To"] or "")

    def test_the_customer_gets_the_new_link_from_the_company(self):
        order = self._create_order(name=NAME)
        order._portal_ensure_token()
        order.sudo().message_post(
            body="our offer",
            partner_ids=self.customer.ids,
            subtype_xmlid="mail.mt_comment",
        )
        last = self._last_mail()
        order = self._hide(order)
        mails = [
            (sender, message)
            for recipients, sender, message in self._receive(last)
            if self.customer.email in recipients
        ]
        self.assertEqual(len(mails), 1)
        ((sender, message),) = mails
        body = message.get_body(("html",)).get_content()
        self.assertIn(order.access_token, body)
        self.assertNotIn("review", body)
        self.assertIn("crediti@demo.example.com", message["From"])
        for value in (sender, *map(str, message.values())):
            self.assertNotIn(self.seller, value)
