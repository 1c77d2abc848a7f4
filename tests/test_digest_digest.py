from datetime import timedelta
from email import message_from_bytes, policy
from unittest import skipUnless
from unittest.mock import patch

from lxml import html

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, config

from ..models.screens.digest_digest import COLUMNS
from .common import CreditBlockFixture, new_user
from .common_returns import PaymentReturnCommon
from .common_smtp import Controller, SmtpCommon

KPIS = {
    "kpi_credit_returns": "Returned Collections",
    "kpi_credit_returned": "Amount Returned",
    "kpi_credit_blocks": "New Credit Blocks",
    "kpi_credit_holds": "Held Orders",
}


@tagged("post_install", "-at_install")
class TestDigestDigest(SmtpCommon, CreditBlockFixture, PaymentReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            user=cls.env.ref("base.user_root"),
            context={**cls.env.context, "allowed_company_ids": cls.company.ids},
        )
        cls._setup_credit_block(cls.company)
        cls.user_credit_manager.email = "manager@example.com"
        cls.digest = cls.env.ref("account_credit_block.digest_digest_credit")

    def _return(self, amount, days):
        """A return that came back some days ago."""
        returned = self.make_return(
            self.pay(self.invoice(amount)),
            date=self.env.company._get_credit_today() - timedelta(days=days),
        )
        returned.action_confirm()

    def _hold(self):
        """An order of the customer that waits for a decision."""
        self.level_unpaid.write(
            {"policy_quotation": "allow", "policy_confirmation": "hold"}
        )
        self._block(self.customer)
        product = self.env["product.product"].create(
            {"name": "Bolt", "type": "service", "list_price": 10, "taxes_id": False}
        )
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "order_line": [Command.create({"product_id": product.id})],
            }
        )
        order.action_confirm_or_hold()
        return order.hold_ids

    def _age(self, records, name, days=1 / 24):
        """Make what happened just now have happened before: a period ends now."""
        self.env.flush_all()
        for record in records:
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s",
                    SQL.identifier(record._table),
                    SQL.identifier(name),
                    record[name] - timedelta(days=days),
                    record.id,
                )
            )
        self.env.invalidate_all()

    def _kpis(self, user=None):
        """Return a dict from figure to its values: a day, a week, a month."""
        user = user or self.user_credit_manager
        kpis = self.digest._compute_kpis(self.company, user)
        return {
            kpi["kpi_name"]: [kpi[column]["value"] for column in COLUMNS if kpi[column]]
            for kpi in kpis
        }

    def test_the_returns_of_the_period_are_counted_and_summed(self):
        for amount, days in ((100.0, 0), (50.0, 3), (25.0, 20), (1000.0, 40)):
            self._return(amount, days)
        kpis = self._kpis()
        self.assertEqual(kpis["kpi_credit_returns"], [1, 2, 3])
        amounts = [text.strip("€\xa0 ") for text in kpis["kpi_credit_returned"]]
        self.assertEqual(amounts, ["100", "150", "175"])

    def test_the_blocks_of_the_period_are_counted_lifted_ones_too(self):
        blocks = self._block(self.customer) | self._block(self.good_customer)
        self._age(blocks, "date_from")
        self.good_customer._lift_credit_block(self.level_unpaid, "paid", self.company)
        self.assertEqual(self._kpis()["kpi_credit_blocks"], [2, 2, 2])

    def test_the_orders_that_wait_are_counted_whenever_they_were_held(self):
        hold = self._hold()
        self._age(hold, "create_date", days=50)
        self.assertEqual(self._kpis()["kpi_credit_holds"], [1])
        hold.with_user(self.user_credit_manager)._release("after a call")
        self.assertEqual(self._kpis()["kpi_credit_holds"], [0])

    def test_other_companies_are_not_counted(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self._age(self._block(self.good_customer, company=other), "date_from")
        self.assertEqual(self._kpis()["kpi_credit_blocks"], [0, 0, 0])
        self.digest.company_id = self.company
        self._age(self._block(self.customer), "date_from")
        self.assertEqual(self._kpis()["kpi_credit_blocks"], [1, 1, 1])

    def test_who_is_no_credit_user_gets_none_of_the_figures(self):
        self.assertEqual(set(self._kpis(self.user_credit_user)), set(KPIS))
        for user in (self.user_accountant, self.user_salesperson):
            self.assertFalse(self._kpis(user))
            digest = self.digest.with_user(user).with_context(
                start_datetime=fields.Datetime.now(), end_datetime=fields.Datetime.now()
            )
            for name in KPIS:
                with (
                    self.subTest(user=user.name, name=name),
                    self.assertRaisesRegex(AccessError, "Only credit users"),
                ):
                    digest.read([f"{name}_value"])

    def test_credit_managers_are_subscribed_when_it_is_sent(self):
        self.digest.action_send_manual()
        self.assertIn(self.user_credit_manager, self.digest.user_ids)
        self.assertNotIn(self.user_credit_user, self.digest.user_ids)
        self.user_credit_user.group_ids += self.env.ref(
            "account_credit_block.group_credit_manager"
        )
        self.digest.action_send_manual()
        self.assertIn(self.user_credit_user, self.digest.user_ids)

    def test_who_unsubscribed_is_not_subscribed_again(self):
        self.digest.action_send_manual()
        self.digest.with_user(self.user_credit_manager).action_unsubscribe()
        self.digest.action_send_manual()
        self.assertNotIn(self.user_credit_manager, self.digest.user_ids)

    def test_who_is_no_credit_manager_any_more_is_not_written_to(self):
        self.digest.action_send_manual()
        self.digest.user_ids += self.user_credit_user
        self.user_credit_manager.group_ids = [
            Command.set(self.env.ref("base.group_user").ids)
        ]
        self.digest.action_send_manual()
        self.assertNotIn(self.user_credit_manager, self.digest.user_ids)
        self.assertIn(self.user_credit_user, self.digest.user_ids)

    def test_other_digests_subscribe_nobody(self):
        digest = self.env["digest.digest"].create({"name": "Other"})
        digest.action_send_manual()
        self.assertFalse(digest.user_ids)

    def test_the_schedule_sends_it_every_week(self):
        # Core writes less often where none of the readers has been seen for a week.
        self.env["res.users.log"].with_user(self.user_credit_manager).sudo().create({})
        self.digest.next_run_date = self.env.company._get_credit_today()
        self.env["digest.digest"]._cron_send_digest_email()
        self.assertEqual(self.digest.periodicity, "weekly")
        week = self.env.company._get_credit_today() + timedelta(days=7)
        self.assertEqual(self.digest.next_run_date, week)
        self.assertTrue(self._mail_to("manager@example.com"))

    def _mail_to(self, address):
        return self.env["mail.mail"].search([("email_to", "like", address)])

    def test_the_mail_tells_each_figure_and_opens_its_report(self):
        self._return(123.0, 0)
        self.digest.action_send_manual()
        mail = self._mail_to("manager@example.com")
        tree = html.fromstring(mail.body_html)
        for name, label in KPIS.items():
            (table,) = tree.xpath(f"//table[@data-field='{name}']")
            self.assertIn(label.lower(), table.text_content().lower())
            (link,) = table.xpath(".//a/@href")
            xmlid = link.split("/odoo/action-")[1].partition("?")[0]
            self.assertEqual(self.env.ref(xmlid).type, "ir.actions.act_window")
        self.assertIn("123", tree.text_content())
        self.assertIn("Now", tree.text_content())

    def test_a_rise_is_not_painted_as_good_news(self):
        for amount, days in ((100.0, 0), (50.0, 10)):
            self._return(amount, days)
        self.digest.kpi_account_total_revenue = True
        kpis = self.digest._compute_kpis(self.company, self.user_credit_manager)
        for kpi in kpis:
            margins = {kpi[column].get("margin", 0.0) for column in COLUMNS}
            if kpi["kpi_name"] in KPIS:
                self.assertEqual(margins, {0.0}, kpi["kpi_name"])
        names = {kpi["kpi_name"] for kpi in kpis}
        self.assertEqual(names, {*KPIS, "kpi_account_total_revenue"})

    @skipUnless(Controller, "aiosmtpd is not installed")
    @patch.dict(config.options, {"smtp_server": ""})
    def test_the_manager_receives_the_mail(self):
        self._return(123.0, 0)
        self._age(self._block(self.good_customer), "date_from")
        self.digest.action_send_manual()
        mail = self._mail_to("manager@example.com")
        with self.mailbox() as mailbox:
            mail.send(auto_commit=False, raise_exception=True)
        (envelope,) = mailbox.received
        self.assertEqual(envelope.rcpt_tos, ["manager@example.com"])
        message = message_from_bytes(envelope.content, policy=policy.default)
        self.assertIn("Weekly Credit Digest", message["Subject"])
        self.assertIn("unsubscribe", message["List-Unsubscribe"])
        text = message.get_body(("html",)).get_content()
        for label in KPIS.values():
            self.assertIn(label, text)

    def test_a_manager_of_another_language_reads_it_in_that_language(self):
        lang = self.env["res.lang"]._activate_lang("it_IT")
        self.digest.with_context(lang=lang.code).name = "Riepilogo dei crediti"
        user = new_user(
            self.env,
            "acb_italian",
            "account_credit_block.group_credit_manager",
            self.company,
            lang=lang.code,
            email="italian@example.com",
        )
        self.digest.action_send_manual()
        self.assertIn(user, self.digest.user_ids)
        self.assertIn("Riepilogo", self._mail_to("italian@example.com").subject)
