from lxml import html

from odoo.fields import Command
from odoo.tests import tagged

from .common import CreditBlockFixture
from .test_import import ImportCommon

EVIL = '<a href="https://evil.example">x</a><img src="x" onerror="alert(1)">'


@tagged("post_install", "-at_install")
class TestHtmlEscaped(CreditBlockFixture, ImportCommon):
    """Whatever people, customers and banks write is text: never a link, never code."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        payer = cls.customer
        cls._setup_credit_block(cls.company)
        cls.customer = payer
        cls.root_env = cls.env(su=True, user=1)
        cls.customer = cls.customer.with_env(cls.root_env)
        cls.customer.write({"name": f"Rossi {EVIL}", "email": "rossi@example.com"})
        cls.contact = cls._create_contact(cls.customer, f"Mario {EVIL}")
        cls.level_assistance = cls.level_assistance.with_env(cls.root_env)
        cls.level_assistance.write({"name": EVIL, "policy_confirmation": "hold"})
        cls.level_assistance.policy_invoice = "warn"
        cls.user_credit_manager.sudo().name = f"Manager {EVIL}"
        cls.reason_funds.sudo().name = f"Funds {EVIL}"
        cls.evil_product = cls.root_env["product.product"].create(
            {"name": EVIL, "type": "service", "list_price": 10, "taxes_id": False}
        )

    def setUp(self):
        super().setUp()
        self.before = {
            model: self.root_env[model].search([], order="id desc", limit=1).id or 0
            for model, _name in self._html_fields()
        }

    def _html_fields(self):
        """Pairs of a model and a field whose stored values are shown as HTML."""
        fields = [
            (name, field.name)
            for name, model in self.env.registry.items()
            if not model._abstract and model._auto
            for field in model._fields.values()
            if field.type == "html" and field.store and not field.inherited
        ]
        return [*fields, ("mail.mail", "body_html")]

    def _assert_harmless(self, written, where):
        """Fail for a value in which what was typed has become a part of the page."""
        page = html.fromstring(f"<div>{written}</div>")
        live = page.xpath(
            "//a[contains(@href, 'evil')]"
            " | //@onerror[contains(., 'alert')] | //img[@src='x']"
        )
        self.assertFalse(live, f"{where}: {written}")

    def _assert_all_harmless(self, *told):
        """Walk through what was written since the start.

        :param told: models in which the texts must be found: a control
        """
        self.env.flush_all()
        found = set()
        for model, name in self._html_fields():
            domain = [("id", ">", self.before[model])]
            rows = self.root_env[model].with_context(active_test=False)
            for row in rows.search(domain):
                self._assert_harmless(row[name], f"{row} {name}")
                if "evil.example" in (row[name] or ""):
                    found.add(model)
        self.assertLessEqual(set(told), found)

    def _order(self, **vals):
        return self.root_env["sale.order"].create(
            {
                "name": f"S {EVIL}",
                "partner_id": self.customer.id,
                "user_id": self.user_salesperson.id,
                "company_id": self.company.id,
                "client_order_ref": EVIL,
                "order_line": [Command.create({"product_id": self.evil_product.id})],
                **vals,
            }
        )

    def test_the_story_of_held_orders(self):
        self._block(level=self.level_assistance, reason=f"late\n{EVIL}")
        orders = self._order() + self._order() + self._order()
        orders.with_user(self.user_salesperson).sudo().action_confirm_or_hold()
        holds = orders.hold_ids.with_user(self.user_credit_manager)
        self.assertEqual(len(holds), 3)
        holds[0]._forward(self.user_credit_manager, EVIL)
        holds[0]._release(EVIL)
        holds[1]._refuse(EVIL, cancel=True)
        for hold in holds:
            self._assert_harmless(hold.customer_card, "card")
            self._assert_harmless(hold.order_summary, "order")
            self.assertIn("evil.example", hold.customer_card + hold.order_summary)
        self._assert_all_harmless("mail.activity", "mail.mail", "mail.message")

    def test_money_to_be_given_back(self):
        order = self._order()
        provider = self.root_env["payment.provider"].search([], limit=1)
        method = self.env.ref("payment.payment_method_card")
        tx = self.root_env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": method.id,
                "amount": 10.0,
                "currency_id": order.currency_id.id,
                "partner_id": self.customer.id,
                "sale_order_ids": order.ids,
                "reference": f"S {EVIL}",
                "state": "done",
            }
        )
        tx.with_user(self.user_credit_manager).sudo()._ask_to_give_back(order, 10.0)
        self.assertIn("evil.example", order.activity_ids.note)
        self._assert_all_harmless("mail.activity")

    def test_a_file_of_the_bank_and_its_return(self):
        payment = self.collect(100, end_to_end_id="FT-2026-001")
        text = (
            "Riferimento;Debitore;Importo;Data contabile;Motivo;Esito\n"
            f"FT-2026-001;{EVIL};100,00;09/11/2026;AM04 - {EVIL};Insoluto\n"
            f"OTHER {EVIL};{EVIL};80,00;09/11/2026;{EVIL};Insoluto\n"
            f"PAID;{EVIL};15,00;09/11/2026;;Pagato\n"
        )
        files = [(f"elenco {EVIL}.csv", text.encode())]
        returned = self.importer._import_files(files, self.company)
        self.assertTrue(returned)
        returned.line_ids.filtered("payment_id").reason_id = self.reason_funds
        returned.action_confirm()
        self.assertEqual(returned[0].state, "confirmed")
        invoice = payment.reconciled_invoice_ids
        self.assertTrue(invoice)
        returned[0].action_cancel()
        self._assert_all_harmless("mail.message")

    def test_flags_on_invoices_and_blocks_of_customers(self):
        block = self._block(level=self.level_assistance, reason=EVIL)
        invoice = self.invoice(50.0)
        self.root_env["credit.document.note"]._leave(
            invoice, self.company, [EVIL, "two\nlines"]
        )
        block.partner_id._lift_credit_block(self.level_assistance, EVIL, self.company)
        self._assert_all_harmless("mail.message", "mail.activity")

    def test_cards_on_screen_and_on_paper(self):
        order = self._order()
        self._block(level=self.level_assistance, reason=EVIL)
        self.make_return(self.pay(self.invoice(10.0))).action_confirm()
        card = self.root_env["credit.customer.card"]
        written = [
            card._render(self.customer, self.company),
            card._render_full(self.customer, self.company),
            card._render_figures(self.customer, self.company),
            *card._render_paper(self.customer, self.company).values(),
            card._render_order(order),
            self.root_env["ir.actions.report"]
            ._render_qweb_html(
                "account_credit_block.action_report_credit_customer_card",
                self.customer.ids,
            )[0]
            .decode(),
        ]
        for value in written:
            self._assert_harmless(value, "card")
        self.assertIn("evil.example", written[1])
