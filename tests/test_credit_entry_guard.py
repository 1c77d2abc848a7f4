from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .common_exposure import ExposureCommon
from .common_rpc import RemoteCalls

OUR_WORDS = "is filled in by Odoo and cannot be entered"


@tagged("post_install", "-at_install")
class TestCreditEntryGuard(RemoteCalls, ExposureCommon):
    """A limit of 5,000, an order of 29,036, and somebody who writes fields by RPC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.company)
        cls.company.credit_hold_limit = True
        cls.customer.credit_limit = 5000.0
        cls.user_salesperson.group_ids += cls.env.ref("base.group_partner_manager")

    def setUp(self):
        super().setUp()
        self.quote = self._quotation()

    def _quotation(self, price=29036.0, quantity=1.0, **values):
        values.setdefault("user_id", self.user_salesperson.id)
        return self.order(price, quantity, state="draft", **values)

    def _write(self, records, vals, user=None):
        return self.call(user or self.user_salesperson, records, "write", vals)

    def _assert_refused(self, records, vals, user=None, words=OUR_WORDS):
        with self.assertRaisesRegex(AccessError, words):
            self._write(records, vals, user)

    def _assert_closed(self, record, user):
        """Nothing that is computed can be entered; the value that is there, may."""
        fields = [
            field
            for field in record._fields.values()
            if field.store and field.compute and field.readonly and not field.groups
        ]
        self.assertTrue(fields)
        for field in fields:
            with self.subTest(field):
                same = field.convert_to_write(record[field.name], record)
                self._write(record, {field.name: same}, user)
                forged = {field.name: self._forge(record, field)}
                self._assert_refused(record, forged, user)

    def _forge(self, record, field):
        """Return a value that a field does not have."""
        if field.type == "many2one":
            return False if record[field.name] else 1
        if field.type == "selection":
            keys = dict(field._description_selection(self.env))
            return next(key for key in keys if key != record[field.name])
        if field.type in ("date", "datetime"):
            return "2001-01-01"
        if field.type == "boolean":
            return not record[field.name]
        if field.type in ("float", "monetary", "integer"):
            return record[field.name] + 7
        return "forged"

    # === WHAT IT IS FOR === #

    def test_a_total_that_somebody_enters_confirms_nothing(self):
        self._assert_refused(self.quote, {"amount_total": 0.01})
        self.call(self.user_salesperson, self.quote, "action_confirm_or_hold")
        self.assertEqual(self.quote.hold_state, "held")
        self._assert_refused(self.quote, {"amount_total": 0.01})
        told = self.call(self.user_salesperson, self.quote, "action_recheck_hold")
        self.assertIn("over the credit limit", told["params"]["message"])
        self.assertEqual(self.quote.state, "sent")

    def test_a_quotation_within_the_limit_is_confirmed(self):
        small = self._quotation(100.0)
        self._write(small, {"client_order_ref": "X", "amount_total": 100.0})
        self.call(self.user_salesperson, small, "action_confirm_or_hold")
        self.assertEqual((small.state, small.client_order_ref), ("sale", "X"))

    def test_nobody_enters_what_odoo_computes_of_an_order(self):
        order = self._quotation(100.0)
        order.action_confirm()
        self._assert_closed(order, self.user_salesperson)
        self._assert_closed(order.order_line, self.user_salesperson)
        self.assertExposure(ordered=100.0)

    def test_nobody_enters_what_odoo_computes_of_an_invoice(self):
        invoice = self.issue(700.0)
        item = invoice.line_ids.filtered(lambda i: i.display_type == "payment_term")
        self._assert_closed(invoice, self.user_accountant)
        self._assert_closed(item, self.user_accountant)
        self.assertExposure(open=700.0)

    def test_nobody_enters_what_a_payment_counts_for(self):
        payment = self.pay(self.issue(700.0))
        name = "amount_company_currency_signed"
        self._write(payment, {name: 700.0, "memo": "x"}, self.user_accountant)
        self._assert_refused(payment, {name: 1.0}, self.user_accountant)
        # What it waits on is no matter of credit.
        account = {"outstanding_account_id": False}
        self._write(payment, account, self.user_accountant)

    def test_nobody_enters_whose_limit_counts(self):
        healthy = self.good_customer
        for partner in (self.customer, self.contact):
            self._assert_refused(partner, {"commercial_partner_id": healthy.id})
            self.assertEqual(partner.commercial_partner_id, self.customer)
        with self.assertRaisesRegex(AccessError, OUR_WORDS):
            self.enter(
                self.user_salesperson,
                "res.partner",
                name="Alias",
                parent_id=self.customer.id,
                commercial_partner_id=healthy.id,
            )
        alias = self.enter(
            self.user_salesperson,
            "res.partner",
            name="Alias",
            parent_id=self.customer.id,
            commercial_partner_id=self.customer.id,
        )
        self.assertEqual(alias.commercial_partner_id, self.customer)

    # === BY WHATEVER WAY === #

    def test_it_is_not_entered_at_the_creation(self):
        line = {"product_id": self.goods.id, "price_unit": 29036.0, "tax_ids": False}
        for forged in (
            {"amount_total": 0.01, "order_line": [Command.create(line)]},
            {"order_line": [Command.create({**line, "price_total": 0.01})]},
            {"order_line": [Command.create({**line, "qty_invoiced": 1.0})]},
            {"currency_rate": 1e6, "order_line": [Command.create(line)]},
        ):
            with self.subTest(forged), self.assertRaisesRegex(AccessError, OUR_WORDS):
                self.enter(
                    self.user_salesperson,
                    "sale.order",
                    partner_id=self.customer.id,
                    **forged,
                )

    def test_it_is_not_entered_through_another_document(self):
        line = self.quote.order_line
        update = Command.update(line.id, {"price_total": 0.01})
        self._assert_refused(self.quote, {"order_line": [update]})
        through = Command.update(self.quote.id, {"amount_total": 0.01})
        self._assert_refused(self.customer, {"sale_order_ids": [through]})
        control = Command.update(line.id, {"price_unit": 29000.0})
        self._write(self.quote, {"order_line": [control]})
        self.assertEqual(self.quote.amount_total, 29000.0)

    def test_it_is_not_entered_by_saving_a_form(self):
        with self.assertRaisesRegex(AccessError, OUR_WORDS):
            self.call(
                self.user_salesperson,
                self.quote,
                "web_save",
                {"amount_total": 0.01},
                specification={},
            )

    def test_it_is_not_imported(self):
        names = ["partner_id", "order_line/product_id", "order_line/price_unit"]
        row = [self.customer.name, "Goods", "29036"]

        def load(names, row):
            orders = self.env["sale.order"]
            return self.call(self.user_salesperson, orders, "load", names, [row])

        self.assertTrue(load(names, row)["ids"])
        result = load([*names, "amount_total"], [*row, "0.01"])
        self.assertFalse(result["ids"])
        self.assertIn(OUR_WORDS, result["messages"][0]["message"])

    def test_it_is_not_given_to_a_duplicate(self):
        with self.assertRaisesRegex(AccessError, OUR_WORDS):
            self.call(self.user_salesperson, self.quote, "copy", {"amount_total": 0.01})
        (copy_id,) = self.call(self.user_salesperson, self.quote, "copy")
        self.assertEqual(self.quote.browse(copy_id).amount_total, 29036.0)

    def test_no_default_of_a_client_or_user_enters_it(self):
        values = {
            "partner_id": self.customer.id,
            "order_line": [
                Command.create({"product_id": self.goods.id, "price_unit": 29036.0})
            ],
        }
        context = {"default_amount_total": 0.01, "default_price_total": 0.01}
        orders = self.enter(
            self.user_salesperson, "sale.order", context=context, **values
        )
        defaults = self.env["ir.default"]
        self.call(
            self.user_salesperson,
            defaults,
            "set",
            "sale.order.line",
            "qty_invoiced",
            1.0,
            user_id=True,
        )
        orders |= self.enter(self.user_salesperson, "sale.order", **values)
        for order in orders:
            self.assertEqual(order.amount_total, 29036.0)
            self.assertEqual(order.order_line.qty_invoiced, 0.0)

    def test_a_field_that_a_client_names_is_no_assignment(self):
        with self.assertRaisesRegex(AccessError, OUR_WORDS):
            self.call(
                self.user_salesperson,
                self.quote,
                "web_resequence",
                {},
                field_name="amount_total",
            )
        order = self.quote.with_user(self.user_salesperson).sudo(False)
        with self.assertRaisesRegex(AccessError, OUR_WORDS):
            order["amount_total"] = 0.01
        with self.assertRaisesRegex(AccessError, OUR_WORDS):
            order.update({"amount_total": 0.01})

    # === WHAT STAYS OPEN === #

    def test_what_odoo_proposes_only_is_still_entered(self):
        other = self._create_contact(self.customer, "Accounts of Rossi")
        self._write(
            self.quote,
            {
                "partner_invoice_id": other.id,
                "payment_term_id": False,
                "order_line": [
                    Command.update(
                        self.quote.order_line.id,
                        {"price_unit": 50.0, "discount": 10.0, "qty_delivered": 1.0},
                    )
                ],
            },
        )
        self.assertEqual(self.quote.amount_total, 45.0)
        self.assertEqual(self.quote.order_line.qty_delivered, 1.0)
        self.assertEqual(self.quote.partner_invoice_id, other)

    def test_an_electronic_order_brings_its_currency(self):
        currency = self.env.ref("base.USD")
        currency.active = True
        attachment = (
            self.env["ir.attachment"]
            .with_user(self.user_salesperson)
            .create({"name": "order.xml", "raw": b"<order/>"})
        )

        def decode(order, file_data, new):
            order.write({"currency_id": currency.id})

        decoder = {"priority": 20, "decoder": decode}
        with patch.object(
            self.registry["sale.order"], "_get_edi_decoder", lambda *a, **kw: decoder
        ):
            action = self.call(
                self.user_salesperson,
                self.env["sale.order"],
                "create_document_from_attachment",
                [],
                attachment.ids,
            )
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual(order.currency_id, currency)
        self._assert_refused(order, {"currency_id": self.company.currency_id.id})

    def test_an_accountant_blocks_an_invoice_for_payment(self):
        invoice = self.issue(100.0)
        for state in ("blocked", "not_paid"):
            self.call(self.user_accountant, invoice, "action_toggle_block_payment")
            self.assertEqual(invoice.payment_state, state)
        self._assert_refused(invoice, {"payment_state": "paid"}, self.user_accountant)

    def test_the_day_of_a_rate_is_not_entered_on_a_confirmed_order(self):
        currency = self.setup_other_currency("USD", rates=[("2001-01-01", 1000.0)])
        orders = self._quotation(100.0) | self._quotation(100.0)
        orders[0].sudo().currency_id = currency
        for order in orders:
            self._write(order, {"date_order": "2002-01-01 00:00:00"})
            order.action_confirm()
        with self.assertRaisesRegex(UserError, "rate of its currency"):
            self._write(orders[0], {"date_order": "2002-01-01 00:00:00"})
        self._write(orders[0], {"date_order": orders[0].date_order})
        self._write(orders[1], {"date_order": "2002-01-01 00:00:00"})

    def test_what_is_sold_in_another_currency_is_not_sold_at_an_old_rate(self):
        currency = self.setup_other_currency("USD", rates=[("2001-01-01", 1000.0)])
        orders = self._quotation(100.0) | self._quotation(100.0)
        orders[0].sudo().currency_id = currency
        for order in orders:
            self._write(order, {"date_order": "2002-01-01 00:00:00"})
        with self.assertRaisesRegex(UserError, "at the rate of today"):
            self._write(orders[0], {"state": "sale"})
        self._write(orders[1], {"state": "sale"})
        orders[0].action_confirm()
        self.assertEqual(orders.mapped("state"), ["sale", "sale"])

    # === WHAT ODOO MEASURES === #

    def test_goods_are_no_down_payment(self):
        order = self._quotation(100.0)
        line = order.order_line
        with self.assertRaisesRegex(ValidationError, "down payment"):
            self._write(line, {"is_downpayment": True})
        order.action_confirm()
        line.sudo().is_downpayment = True
        self.assertExposure(ordered=100.0)
        with self.assertRaisesRegex(ValidationError, "down payment"):
            self._write(line, {"product_uom_qty": 50.0})

    def test_a_salesperson_invoices_a_down_payment(self):
        order = self._quotation(100.0)
        order.action_confirm()
        wizard = self.enter(
            self.user_salesperson,
            "sale.advance.payment.inv",
            advance_payment_method="fixed",
            fixed_amount=40.0,
            sale_order_ids=[Command.set(order.ids)],
        )
        self.call(self.user_salesperson, wizard, "create_invoices")
        self.assertExposure(ordered=60.0, drafts=40.0)

    def test_totals_are_not_told_to_the_taxes(self):
        line = self._quotation(100.0, 10.0).order_line
        data = {
            "currency_id": line.currency_id.id,
            "price_unit": 100.0,
            "discount": 0.0,
            "quantity": 10.0,
            "manual_tax_amounts": {"0": {}},
            "manual_total_excluded_currency": 0.01,
        }
        self._assert_refused(line, {"extra_tax_data": data})
        self._write(line, {"price_unit": -1.0, "extra_tax_data": data})
        self._assert_refused(line, {"price_unit": 100.0})
        line.sudo().price_unit = 100.0
        self.assertEqual(line.extra_tax_data, data)
        self.assertEqual(line.price_total, 0.01)
        line.sudo().extra_tax_data = False
        self.assertEqual(line.price_total, 1000.0)

    def test_a_salesperson_gives_a_discount_by_odoo_s_dialog(self):
        order = self._quotation(100.0)
        self.company.sale_discount_product_id = self._create_sold("Discount", "order")
        wizard = self.enter(
            self.user_salesperson,
            "sale.order.discount",
            sale_order_id=order.id,
            discount_type="so_discount",
            discount_percentage=0.1,
        )
        self.call(self.user_salesperson, wizard, "action_apply_discount")
        self.assertEqual(order.amount_total, 90.0)

    def test_what_odoo_has_measured_as_delivered_is_not_taken_back(self):
        order = self._quotation(100.0)
        line = order.order_line
        line.is_expense = True
        self.assertEqual(line.qty_delivered_method, "analytic")
        self._write(line, {"qty_delivered": 3.0})
        self._assert_refused(line, {"qty_delivered": 1.0})
        self._write(line, {"qty_delivered": 3.0, "name": "Corrected"})
        self.assertEqual(line.name, "Corrected")

    def test_a_quantity_that_is_no_number_is_read_as_odoo_reads_it(self):
        by_hand, line = (self._quotation(100.0).order_line for _number in range(2))
        line.is_expense = True
        for entered in ("5", 5):
            for each in (by_hand, line):
                self._write(each, {"qty_delivered": entered})
                self.assertEqual(each.qty_delivered, 5.0)
        for entered in ("1", None, False):
            self._assert_refused(line, {"qty_delivered": entered})
            self._write(by_hand, {"qty_delivered": entered})
        self.assertEqual(by_hand.qty_delivered, 0.0)
        self.assertEqual(line.qty_delivered, 5.0)

    # === WHOSE INVOICE === #

    def test_an_order_is_not_invoiced_with_a_stranger_s_invoice(self):
        order = self._quotation(100.0)
        order.action_confirm()
        line = order.order_line
        foreign = self.issue(100.0, partner_id=self.good_customer.id)
        item = foreign.invoice_line_ids
        self._assert_refused(line, {"invoice_lines": [Command.link(item.id)]})
        draft = self.draft(100.0, partner_id=self.good_customer.id)
        with self.assertRaisesRegex(UserError, "not to the customer of"):
            self._write(
                draft.invoice_line_ids,
                {"sale_line_ids": [Command.link(line.id)]},
                self.user_accountant,
            )
        self.assertExposure(ordered=100.0)
        own = self.draft(100.0)
        self._write(
            own.invoice_line_ids,
            {"sale_line_ids": [Command.link(line.id)]},
            self.user_accountant,
        )
        self.assertExposure(drafts=100.0)

    def test_an_invoice_of_an_order_is_reversed(self):
        order = self._quotation(100.0)
        order.action_confirm()
        invoice = order._create_invoices()
        invoice.action_post()
        wizard = self.enter(
            self.user_accountant,
            "account.move.reversal",
            context={"active_model": "account.move", "active_ids": invoice.ids},
            journal_id=invoice.journal_id.id,
        )
        self.call(self.user_accountant, wizard, "refund_moves")
        refund = invoice.reversal_move_ids
        self.assertEqual(refund.line_ids.sale_line_ids, order.order_line)
