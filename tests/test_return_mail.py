from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.modules import get_module_path
from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.returns import account_payment_return_mail
from .common_returns import PaymentReturnCommon

MIGRATION = "migrations/19.0.1.3.0/post-return_mail.py"


@tagged("post_install", "-at_install")
class TestReturnMail(PaymentReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "amministrazione@rossi.example.com"
        cls.other_customer.email = "carlo@bianchi.example.com"
        cls.company.email = "crediti@demo.example.com"
        cls.template = cls.env.ref("account_credit_block.mail_template_payment_return")

    def confirm(self, payments, **values):
        returned = self.make_return(payments, **values)
        returned.action_confirm()
        return returned

    def test_one_mail_for_two_collections_of_a_customer(self):
        invoices = self.invoice(100) + self.invoice(50)
        other = self.invoice(80, partner=self.other_customer)
        payments = self.pay(invoices, group=False) + self.pay(other)
        returned = self.confirm(payments)
        notices = returned.notice_ids.sudo()
        self.assertEqual(notices.partner_id, self.customer + self.other_customer)
        self.assertEqual(set(notices.mapped("state")), {"mailed"})
        mail = notices.filtered(lambda n: n.partner_id == self.customer).mail_id
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertEqual((mail.model, mail.res_id), (returned._name, returned.id))
        for invoice in invoices:
            self.assertIn(invoice.name, mail.subject)
            self.assertIn(invoice.name, mail.body_html)
            self.assertIn(f"access_token={invoice.access_token}", mail.body_html)
        self.assertNotIn(other.name, mail.body_html)
        self.assertIn("150.00", mail.body_html)
        self.assertIn(self.reason_funds.name, mail.body_html)

    def test_the_invoice_and_the_return_tell_it_in_their_chatter(self):
        invoice = self.invoice(100)
        returned = self.confirm(self.pay(invoice))
        self.assertIn(
            returned.notice_ids.sudo().mail_id.mail_message_id.id,
            returned.message_ids.ids,
        )
        bodies = " ".join(invoice.message_ids.mapped("body"))
        self.assertIn(self.customer.email, bodies)

    def test_a_return_is_told_once(self):
        returned = self.confirm(self.pay(self.invoice(100)))
        mails = returned.notice_ids.sudo().mail_id
        returned.action_confirm()
        returned._send_return_mails()
        self.assertEqual(len(returned.notice_ids), 1)
        self.assertEqual(returned.notice_ids.sudo().mail_id, mails)

    def test_an_unknown_bank_code_is_not_told_to_the_customer(self):
        reason = self.env["account.payment.return.reason"]._get_or_create_by_code(
            ["XK77"]
        )["XK77"]
        returned = self.confirm(self.pay(self.invoice(100)), line_reason_id=reason.id)
        body = returned.notice_ids.sudo().mail_id.body_html
        self.assertNotIn("XK77", body)
        self.assertIn("not stated", body)

    def test_without_a_reason_the_mail_does_not_invent_one(self):
        returned = self.confirm(self.pay(self.invoice(100)), line_reason_id=False)
        self.assertEqual(returned.notice_ids.reason_text, "not stated")
        self.assertNotIn("refused", returned.notice_ids.sudo().mail_id.body_html)

    def test_a_mail_that_came_back_can_be_sent_again(self):
        returned = self.confirm(self.pay(self.invoice(100)))
        notice = returned.notice_ids
        with self.assertRaises(UserError):
            notice.action_send()
        notice.sudo().mail_id.state = "exception"
        notice.action_send()
        self.assertEqual(notice.mail_state, "outgoing")

    def test_nobody_writes_what_a_customer_was_told(self):
        returned = self.confirm(self.pay(self.invoice(100)))
        with self.assertRaises(AccessError):
            returned.notice_ids.state = "pending"
        with self.assertRaises(AccessError):
            returned.notice_ids.unlink()

    def test_who_wants_no_mail_gets_none(self):
        self.customer.credit_return_mail_opt_out = True
        returned = self.confirm(self.pay(self.invoice(100)))
        self.assertEqual(returned.notice_ids.state, "opted_out")
        self.assertFalse(returned.notice_ids.sudo().mail_id)

    def test_without_address_the_return_says_so(self):
        self.customer.email = False
        returned = self.confirm(self.pay(self.invoice(100)))
        self.assertEqual(returned.notice_ids.state, "no_address")
        bodies = " ".join(returned.message_ids.mapped("body"))
        self.assertIn("no e-mail address", bodies)
        self.customer.email = "nuovo@rossi.example.com"
        returned.notice_ids.action_send()
        self.assertEqual(returned.notice_ids.state, "mailed")

    def test_the_invoice_address_of_the_customer_is_used(self):
        self.customer.email = False
        address = self.env["res.partner"].create(
            {
                "name": "Contabilità",
                "type": "invoice",
                "parent_id": self.customer.id,
                "email": "contabilita@rossi.example.com",
            }
        )
        returned = self.confirm(self.pay(self.invoice(100)))
        self.assertEqual(returned.notice_ids.recipient_ids, address)

    def test_a_recall_of_our_own_is_no_news(self):
        returned = self.confirm(self.pay(self.invoice(100)), line_kind="reversal")
        self.assertFalse(returned.notice_ids)

    def test_the_fee_is_told_only_when_it_is_charged_again(self):
        self.company.credit_return_fee_policy = "receivable"
        returned = self.confirm(self.pay(self.invoice(100)), line_fee_amount=7.77)
        self.assertIn("7.77", returned.notice_ids.sudo().mail_id.body_html)
        self.company.credit_return_fee_policy = "company"
        returned = self.confirm(self.pay(self.invoice(100)), line_fee_amount=6.66)
        self.assertNotIn("6.66", returned.notice_ids.sudo().mail_id.body_html)

    def test_the_mail_speaks_the_language_of_the_customer(self):
        self.env["res.lang"].sudo()._activate_lang("it_IT")
        self.template.sudo().with_context(lang="it_IT").subject = "Insoluto"
        self.customer.lang = "it_IT"
        payments = self.pay(self.invoice(100))
        payments += self.pay(self.invoice(1234, partner=self.other_customer))
        notices = self.confirm(payments).notice_ids.sudo().sorted("id")
        self.assertEqual(notices[0].mail_id.subject, "Insoluto")
        self.assertIn("came back unpaid", notices[1].mail_id.subject)

    def test_an_administrator_can_switch_the_mails_off(self):
        rule = self.env.ref(
            "account_credit_block.base_automation_payment_return_mail"
        ).sudo()
        # The classes stay unpatched after the rollback, for the tests that follow.
        self.addCleanup(rule.write, {"active": True})
        rule.active = False
        returned = self.confirm(self.pay(self.invoice(100)))
        self.assertEqual(returned.state, "confirmed")
        self.assertFalse(returned.notice_ids)

    def test_a_company_that_does_not_write_says_so_in_its_settings(self):
        self.assertTrue(self.company.credit_return_mail)
        settings = self.env["res.config.settings"].sudo()
        settings.create({"credit_return_mail": False}).execute()
        returned = self.confirm(self.pay(self.invoice(100)))
        self.assertEqual(returned.state, "confirmed")
        self.assertFalse(returned.notice_ids)
        settings.create({"credit_return_mail": True}).execute()
        returned = self.confirm(self.pay(self.invoice(100)))
        self.assertEqual(returned.notice_ids.state, "mailed")

    def test_where_the_automation_was_off_the_setting_is_after_an_update(self):
        rule = self.env.ref(
            "account_credit_block.base_automation_payment_return_mail"
        ).sudo()
        self.addCleanup(rule.write, {"active": True})
        path = get_module_path("account_credit_block")
        script = load_script(f"{path}/{MIGRATION}", "post_return_mail")
        script.migrate(self.env.cr, "19.0.1.2.0")
        self.assertTrue(self.company.credit_return_mail)
        rule.active = False
        script.migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertFalse(self.company.credit_return_mail)
        self.assertTrue(rule.active)

    def test_of_two_companies_one_does_not_write(self):
        company = self.env["res.company"].sudo().create({"name": "Silent"})
        company.credit_return_mail = False
        returned = self.confirm(self.pay(self.invoice(100)))
        self.assertEqual(returned.notice_ids.state, "mailed")

    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_a_mail_that_cannot_be_written_undoes_nothing(self):
        self.template.sudo().body_html = '<p t-out="object.no_such_field"/>'
        invoice = self.invoice(100)
        returned = self.confirm(self.pay(invoice))
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(returned.notice_ids.state, "failed")
        self.assertTrue(returned.notice_ids.note)
        bodies = " ".join(returned.message_ids.mapped("body"))
        self.assertIn("could not be written", bodies)
        self.assertTrue(returned.activity_ids)

    @mute_logger("odoo.addons.mail.models.mail_render_mixin")
    def test_one_bad_mail_does_not_stop_the_others(self):
        self.template.sudo().body_html = (
            f'<p t-out="1 / (object.partner_id.id - {self.customer.id})"/>'
        )
        payments = self.pay(self.invoice(100))
        payments += self.pay(self.invoice(80, partner=self.other_customer))
        notices = self.confirm(payments).notice_ids.sorted("id")
        self.assertEqual(notices.mapped("state"), ["failed", "mailed"])

    def test_a_deleted_template_is_said(self):
        self.template.sudo().unlink()
        returned = self.confirm(self.pay(self.invoice(100)))
        self.assertEqual(returned.notice_ids.state, "failed")
        self.assertIn("deleted", returned.notice_ids.note)

    def test_cancelling_takes_back_the_mail_that_has_not_left(self):
        returned = self.confirm(self.pay(self.invoice(100)))
        returned.action_cancel()
        self.assertEqual(returned.notice_ids.state, "withdrawn")
        self.assertEqual(returned.notice_ids.sudo().mail_id.state, "cancel")

    def test_the_mails_of_a_big_return_are_written_in_the_background(self):
        payments = self.pay(self.invoice(100))
        payments += self.pay(self.invoice(80, partner=self.other_customer))
        with patch.object(account_payment_return_mail, "WRITE_AT_ONCE", 1):
            returned = self.confirm(payments)
        self.assertEqual(set(returned.notice_ids.mapped("state")), {"pending"})
        cron = self.env.ref("account_credit_block.ir_cron_send_return_mails").sudo()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        returned.invalidate_recordset()
        self.assertEqual(set(returned.notice_ids.mapped("state")), {"mailed"})

    def test_queries_do_not_grow_with_the_customers(self):
        def count(number):
            partners = self.env["res.partner"].create(
                [{"name": f"P{i}", "email": f"p{i}@example.com"} for i in range(number)]
            )
            payments = self.env["account.payment"]
            for partner in partners:
                payments += self.pay(self.invoice(100, partner=partner))
            with patch.object(
                type(self.env["account.payment.return"]),
                "_send_return_mails",
                lambda self: None,
            ):
                returned = self.confirm(payments)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            returned.sudo()._send_return_mails()
            self.env.flush_all()
            self.assertEqual(set(returned.notice_ids.mapped("state")), {"mailed"})
            return self.env.cr.sql_log_count - before

        few, many = count(4), count(14)
        self.assertLessEqual((many - few) / 10, 3.0, (few, many))
