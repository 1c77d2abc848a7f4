from lxml import etree

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import new_user
from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestViews(PaymentReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit_user = cls._new_user("acb_views", "group_credit_user")
        cls.salesperson = cls._new_user("acb_sales", "sales_team.group_sale_salesman")
        cls.returned_invoice = cls.invoice(100, invoice_user_id=cls.salesperson.id)
        cls.payment = cls.pay(cls.returned_invoice)
        cls.payment_return = cls.make_return(cls.payment)
        cls.payment_return.action_confirm()
        cls.good_invoice = cls.invoice(80)

    @classmethod
    def _new_user(cls, login, group):
        if "." not in group:
            group = f"account_credit_block.{group}"
        return new_user(cls.env, login, group, cls.company)

    def _as(self, records, user):
        return records.with_user(user).with_context(
            allowed_company_ids=self.company.ids
        )

    # === FORMS === #

    def test_a_return_is_registered_by_hand_in_the_form(self):
        payment = self.pay(self.invoice(75))
        for user in (self.env.user, self.credit_user):
            form = Form(self._as(self.env["account.payment.return"], user))
            form.journal_id = self.bank
            with form.line_ids.new() as line:
                line.reference = "RB-1"
                line.payment_id = payment
                self.assertEqual(line.amount, 75.0)
                self.assertEqual(line.match_state, "matched")
                line.reason_id = self.reason_funds
            returned = form.save()
            self.assertEqual(returned.line_ids.move_line_id, self.payment_item(payment))
            self.assertEqual(returned.amount_total, 75.0)
            self.assertEqual(returned.pending_count, 0)

    def test_choosing_another_payment_changes_the_returned_item(self):
        first, second = self.pay(self.invoice(75)), self.pay(self.invoice(30))
        returned = self.make_return(first)
        with Form(returned) as form, form.line_ids.edit(0) as line:
            line.payment_id = second
        self.assertEqual(returned.line_ids.move_line_id, self.payment_item(second))
        self.assertEqual(returned.line_ids.payment_id, second)

    def test_the_forms_open_for_who_may_see_them(self):
        reason = self.reason_funds
        line = self.payment_return.line_ids
        records = (self.payment_return, line, reason, self.returned_invoice)
        for record in (*records, self.payment, self.customer):
            for user in (self.env.user, self.credit_user):
                with self.subTest(model=record._name, user=user.login):
                    Form(self._as(record, user))

    def test_every_view_loads(self):
        views = {
            "account.payment.return": (
                ["list", "kanban", "form", "search", "pivot", "graph", "activity"]
            ),
            "account.payment.return.reason": ["list", "form", "search"],
            "account.payment.return.line": ["form"],
        }
        for model, types in views.items():
            model = self._as(self.env[model], self.credit_user)
            for view_type in types:
                with self.subTest(model=model._name, view_type=view_type):
                    arch = model.get_view(view_type=view_type)["arch"]
                    self.assertEqual(etree.fromstring(arch).tag, view_type)

    # === BUTTONS === #

    def test_the_smart_buttons_open_what_they_count(self):
        returned, invoice = self.payment_return, self.returned_invoice
        rest = returned.sudo().copy({"split_from_id": returned.id}).sudo(False)
        expected = (
            (returned.action_open_moves(), returned.move_ids),
            (returned.action_open_invoices(), invoice),
            (returned.action_open_rest(), rest),
            (rest.action_open_split_from(), returned),
            (invoice.action_open_payment_returns(), returned),
            (returned.move_ids.action_open_source_return(), returned),
            (self.payment.action_open_payment_returns(), returned),
            (returned.line_ids.action_open_details(), returned.line_ids),
        )
        for action, records in expected:
            with self.subTest(action=action["name"]):
                self.assertEqual(action["res_model"], records._name)
                self.assertEqual(action["res_id"], records.id)
        self.assertEqual(returned.rest_count, 0)
        unknown = {"amount": 7.0, "reference": "unknown"}
        rest.line_ids = [Command.create(unknown), Command.create(unknown)]
        self.assertEqual(returned.rest_count, 2, "the lines that wait")

    def test_the_customer_counts_the_returns_of_all_its_contacts(self):
        contact = self.env["res.partner"].create(
            {"name": "Mario", "parent_id": self.customer.id}
        )
        self.assertEqual(self.customer.payment_return_count, 1)
        self.assertEqual(contact.payment_return_count, 1)
        self.assertEqual(self.other_customer.payment_return_count, 0)
        action = contact.action_open_payment_returns()
        found = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(found, self.payment_return.line_ids)

    # === INVOICES === #

    def test_the_filters_of_the_invoices(self):
        again = self.invoice(60)
        self.make_return(self.pay(again)).action_confirm()
        self.pay(again)
        invoices = self.returned_invoice + again + self.good_invoice
        arch = self.env["account.move"].get_view(
            self.env.ref("account.view_account_invoice_filter").id, "search"
        )["arch"]
        self.assertIn('name="payment_returned"', arch)
        self.assertIn('name="payment_ever_returned"', arch)
        expected = (
            ([("is_payment_returned", "=", True)], self.returned_invoice),
            ([("is_payment_returned", "=", False)], again + self.good_invoice),
            ([("payment_return_count", ">", 0)], self.returned_invoice + again),
            ([("payment_return_count", "=", 0)], self.good_invoice),
            ([("payment_return_count", "!=", 1)], self.good_invoice),
            ([("payment_return_count", "<", 2)], invoices),
            ([("payment_return_count", ">=", 2)], invoices.browse()),
        )
        for domain, found in expected:
            with self.subTest(domain=domain):
                searched = invoices.search([("id", "in", invoices.ids), *domain])
                self.assertEqual(set(searched.ids), set(found.ids))

    def test_a_salesperson_reads_what_came_back_but_not_the_returns(self):
        invoice = self._as(self.returned_invoice, self.salesperson)
        invoice.invalidate_recordset()
        names = [
            name
            for name in invoice._fields
            if ("payment_return" in name or name == "fee_return_id")
            and name != "payment_return_line_ids"
        ]
        values = invoice.read(names)[0]
        with self.assertRaises(AccessError):
            invoice.read(["payment_return_line_ids"])
        self.assertTrue(values["is_payment_returned"])
        self.assertEqual(values["payment_return_count"], 1)
        self.assertEqual(values["payment_return_reason"], self.reason_funds.name)
        found = invoice.search([("is_payment_returned", "=", True)])
        self.assertEqual(found, invoice)
        self.assertEqual(invoice.search([("payment_return_count", ">", 0)]), invoice)
        arch = etree.fromstring(invoice.get_view(view_type="form")["arch"])
        buttons = arch.xpath("//button[@name='action_open_payment_returns']")
        self.assertFalse(buttons)
        self.assertTrue(arch.xpath("//widget[@title='Returned']"))

    def test_an_invoice_that_never_came_back_says_nothing(self):
        self.assertRecordValues(
            self.good_invoice,
            [
                {
                    "payment_return_count": 0,
                    "payment_return_date": False,
                    "payment_return_reason": False,
                    "is_payment_returned": False,
                }
            ],
        )
        self.assertFalse(self.payment_return.date_notice)

    def test_one_ribbon_at_a_time_on_a_returned_invoice(self):
        arch = etree.fromstring(self.env["account.move"].get_view()["arch"])
        ribbons = arch.xpath("//widget[@name='web_ribbon'][@title]")
        for ribbon in ribbons:
            if ribbon.get("title") in ("Sent", "Partial"):
                self.assertIn("is_payment_returned", ribbon.get("invisible"))

    def test_a_list_of_invoices_costs_the_same_whatever_its_length(self):
        partners = self.env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(8)]
        )
        invoices = self.returned_invoice
        for partner in partners:
            invoices += self.invoice(100, partner=partner)
        self.make_return(self.pay(invoices[1:], group=False)).action_confirm()
        names = [
            "payment_return_count",
            "payment_return_date",
            "payment_return_reason",
            "is_payment_returned",
        ]

        for records, fields in ((invoices, names), (partners, names[:1])):
            with self.subTest(model=records._name):
                self._count_read(records, fields)
                few = self._count_read(records[:2], fields)
                self.assertEqual(self._count_read(records, fields), few)

    def _count_read(self, records, names):
        """How many queries reading some fields costs with nothing in cache."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        records.read(names)
        return self.env.cr.sql_log_count - before
