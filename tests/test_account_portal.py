import re

from lxml import html

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.payment.tests.common import PaymentCommon

from .common import CreditBlockFixture
from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestAccountPortal(
    CreditBlockFixture, PaymentReturnCommon, PaymentCommon, HttpCase
):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.company)
        cls.customer = cls.user_portal.partner_id
        cls.customer.email = "rossi@example.com"
        cls.company.write({"email": "office@example.com", "phone": "+39 02 555"})
        cls.bank_account = cls.env["res.partner.bank"].create(
            {
                "acc_number": "IT60X0542811101000000123456",
                "partner_id": cls.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        cls.provider.sudo().write(
            {"company_id": cls.company.id, "is_published": True, "state": "test"}
        )
        cls.returned_invoice = cls.invoice(240, partner_bank_id=cls.bank_account.id)
        cls.payment = cls.pay(cls.returned_invoice, payment_date="2026-09-20")
        cls.payment_return = cls.make_return(cls.payment)
        cls.payment_return.action_confirm()
        cls.good_invoice = cls.invoice(80)

    def setUp(self):
        super().setUp()
        self.authenticate("acb_portal", "acb_portal")

    def _open(self, path):
        """The page at a path, as an element; its status must be fine."""
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200)
        return html.fromstring(response.text)

    def _open_invoice(self, invoice):
        return self._open(f"/my/invoices/{invoice.id}")

    def _read(self, page, name):
        """What the parts of a page with a name say, spaces put right."""
        parts = page.xpath(f".//*[@name='{name}']")
        return [" ".join(part.text_content().split()) for part in parts]

    def _withdraw_provider(self):
        providers = self.env["payment.provider"].sudo().search([])
        providers.write({"state": "disabled", "is_published": False})

    # === THE LIST === #

    def test_the_list_marks_what_came_back_and_nothing_else(self):
        page = self._open("/my/invoices")
        rows = {
            row.xpath("string(.//a)").strip(): self._read(row, "payment_returned")
            for row in page.xpath("//table//tbody/tr")
        }
        self.assertEqual(rows[self.returned_invoice.name], ["Payment returned"])
        self.assertEqual(rows[self.good_invoice.name], [])

    def _read_list(self, filterby):
        page = self._open(f"/my/invoices?filterby={filterby}")
        rows = page.xpath("//table//tbody/tr")
        return {row.xpath("string(.//a)").strip() for row in rows}

    def test_a_filter_finds_what_came_back(self):
        both = {self.returned_invoice.name, self.good_invoice.name}
        self.assertLessEqual(both, self._read_list("all"))
        self.assertEqual(self._read_list("returned"), {self.returned_invoice.name})

    def test_what_was_paid_again_is_not_marked_any_more(self):
        self.pay(self.returned_invoice)
        self.assertFalse(self._read(self._open("/my/invoices"), "payment_returned"))
        page = self._open_invoice(self.returned_invoice)
        self.assertFalse(self._read(page, "payment_returned"))

    # === THE INVOICE === #

    def test_the_invoice_says_which_payment_came_back_and_takes_another(self):
        self.assertEqual(self.returned_invoice.payment_state, "not_paid")
        page = self._open_invoice(self.returned_invoice)
        (notice,) = self._read(page, "payment_returned")
        self.assertIn(
            "Your payment of 240.00 € on 09/20/2026 came back unpaid.", notice
        )
        self.assertIn("Please pay again.", notice)
        (button,) = page.xpath("//a[@name='pay_again']")
        self.assertEqual(button.get("data-bs-target"), "#pay_with")
        dialog = page.xpath("//div[@id='pay_with']")[0]
        self.assertTrue(dialog.xpath(".//form[@id='o_payment_form']"))
        self.assertIn("240.00", dialog.text_content())
        self.assertFalse(self._read(page, "pay_by_transfer"))

    def test_an_invoice_that_did_not_come_back_says_nothing(self):
        page = self._open_invoice(self.good_invoice)
        self.assertFalse(self._read(page, "payment_returned"))
        self.assertTrue(page.xpath("//a[@data-bs-target='#pay_with']"))

    def test_without_a_way_to_pay_online_the_bank_is_told(self):
        self._withdraw_provider()
        page = self._open_invoice(self.returned_invoice)
        self.assertFalse(page.xpath("//a[@name='pay_again']"))
        (transfer,) = self._read(page, "pay_by_transfer")
        self.assertIn(self.bank_account.acc_number, transfer)
        self.assertIn(self.returned_invoice.payment_reference, transfer)
        (contact,) = self._read(page, "pay_contact")
        self.assertIn("office@example.com", contact)

    def test_a_payment_of_several_invoices_is_named_on_each(self):
        invoices = self.invoice(30) + self.invoice(50)
        payment = self.pay(invoices, payment_date="2026-09-21")
        self.make_return(payment).action_confirm()
        for invoice in invoices:
            (notice,) = self._read(self._open_invoice(invoice), "payment_returned")
            self.assertIn("payment of 80.00 € on 09/21/2026", notice)

    def test_only_the_instalment_that_is_still_open_is_asked_for(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30/60",
                "line_ids": [
                    Command.create({"value_amount": 50, "nb_days": days})
                    for days in (30, 60)
                ],
            }
        )
        invoice = self.invoice(100, invoice_payment_term_id=term.id)
        first, second = self.due_items(invoice)
        for item, date in ((first, "2026-09-01"), (second, "2026-09-02")):
            self.make_return(self.pay(item, payment_date=date)).action_confirm()
        (notice,) = self._read(self._open_invoice(invoice), "payment_returned")
        self.assertIn("on 09/01/2026", notice)
        self.assertIn("on 09/02/2026", notice)
        self.pay(first)
        (notice,) = self._read(self._open_invoice(invoice), "payment_returned")
        self.assertNotIn("on 09/01/2026", notice)
        self.assertIn("on 09/02/2026", notice)

    # === WHAT STAYS OURS === #

    def test_no_page_tells_a_block_or_its_level(self):
        for level in self.env["credit.block.level"].sudo().search([]):
            self._block(level=level, reason="secret reason")
        self.assertTrue(self.customer.credit_block_level_id)
        names = self.customer.sudo().credit_block_ids.level_id.mapped("name")
        self.assertGreaterEqual(len(names), 5)
        for path in (
            "/my",
            "/my/invoices",
            f"/my/invoices/{self.returned_invoice.id}",
        ):
            text = self.url_open(path).text
            for secret in (*names, "secret reason", "credit block"):
                with self.subTest(path=path, secret=secret):
                    self.assertNotRegex(text, rf"(?i)\b{re.escape(secret)}\b")

    def test_the_invoice_of_another_customer_stays_refused(self):
        other = self.invoice(70, partner=self.other_customer)
        self.make_return(self.pay(other)).action_confirm()
        response = self.url_open(f"/my/invoices/{other.id}")
        self.assertTrue(response.url.endswith("/my"), response.url)
        self.assertNotIn("came back unpaid", response.text)
        self.assertNotIn(other.name, self.url_open("/my/invoices").text)

    def test_the_link_of_the_mail_leads_to_the_notice(self):
        self.authenticate(None, None)
        body = self.payment_return.notice_ids.sudo().mail_id.body_html
        links = html.fromstring(body).xpath("//a/@href")
        (link,) = (url for url in links if "/my/invoices/" in url)
        page = self._open(link[link.index("/my/") :])
        (notice,) = self._read(page, "payment_returned")
        self.assertIn("came back unpaid", notice)
        self.assertTrue(page.xpath("//a[@name='pay_again']"))
