"""An invoice is covered by its order: as decided, to its debtor, and only once."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_exposure import ExposureCommon
from .common_rpc import RemoteCalls


class InvoicedCommon(RemoteCalls, ExposureCommon):
    """A customer with a limit, another without, and an accountant who sells."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._setup_credit_block(cls.company)
        cls.company.sudo().credit_hold_limit = True
        cls.limited = cls._create_customer("Limited")
        cls.limited.sudo().with_company(cls.company).credit_limit = 500.0
        cls.stranger = cls._create_customer("Stranger")
        sells = cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.user_accountant.sudo().group_ids += sells

    def sell(self, price=400.0, partner=None, confirm=True, lines=(), **line):
        """Enter an order of one piece as a salesperson, and confirm it."""
        order = self.enter(
            self.user_salesperson,
            "sale.order",
            partner_id=(partner or self.limited).id,
            company_id=self.company.id,
            order_line=[
                Command.create(
                    {
                        "product_id": self.goods.id,
                        "product_uom_qty": 1.0,
                        "price_unit": price,
                        "tax_ids": False,
                        **line,
                    }
                ),
                *lines,
            ],
        )
        if confirm:
            self.call(self.user_salesperson, order, "action_confirm_or_hold")
        return order.sudo()

    def bill(self, order):
        """Invoice an order by the dialog, as the accountant; return the draft."""
        before = order.invoice_ids
        context = {"active_model": "sale.order", "active_ids": order.ids}
        dialog = self.enter(
            self.user_accountant,
            "sale.advance.payment.inv",
            context=context,
            advance_payment_method="delivered",
        )
        self.call(self.user_accountant, dialog, "create_invoices", context=context)
        return (order.invoice_ids - before).sudo()

    def change(self, invoice, price=None, **vals):
        """Write on an invoice as the accountant; a price goes to its first line."""
        if price is not None:
            line = invoice.invoice_line_ids[:1]
            command = Command.update(line.id, {"price_unit": price})
            vals["invoice_line_ids"] = [command]
        self.call(self.user_accountant, invoice, "write", vals)

    def post(self, invoice):
        self.call(self.user_accountant, invoice, "action_post")
        self.assertEqual(invoice.state, "posted")

    def reset(self, invoice):
        self.call(self.user_accountant, invoice, "button_draft")

    def reverse(self, invoice):
        """Credit an invoice in full, and post the credit note."""
        context = {"active_model": "account.move", "active_ids": invoice.ids}
        dialog = self.enter(
            self.user_accountant,
            "account.move.reversal",
            context=context,
            journal_id=invoice.journal_id.id,
        )
        self.call(self.user_accountant, dialog, "refund_moves", context=context)
        self.post(invoice.reversal_move_ids.sudo())

    def assertRefused(self, invoice, words="over the credit limit"):
        with self.assertRaisesRegex(UserError, words):
            self.call(self.user_accountant, invoice, "action_post")
        self.assertEqual(invoice.state, "draft")


@tagged("post_install", "-at_install")
class TestInvoiceOfOrder(InvoicedCommon):
    # === WHOSE ORDER IT IS === #

    def test_no_default_takes_an_order_into_a_stranger_s_invoice(self):
        order = self.sell()
        context = {"default_sale_line_ids": [Command.link(order.order_line.id)]}
        line = {"name": "x", "quantity": 1, "price_unit": 0.01, "tax_ids": False}
        move = {"move_type": "out_invoice", "partner_id": self.stranger.id}
        user = self.user_accountant
        told = {**line, "sale_line_ids": context["default_sale_line_ids"]}
        with self.assertRaisesRegex(UserError, "not to the customer of"):
            commands = [Command.create(told)]
            self.enter(user, "account.move", **move, invoice_line_ids=commands)
        commands = [Command.create(line)]
        invoice = self.enter(
            user, "account.move", context, **move, invoice_line_ids=commands
        ).sudo()
        vals = {"invoice_line_ids": commands}
        self.call(user, invoice, "write", vals, context=context)
        self.assertFalse(invoice.line_ids.sale_line_ids)
        self.post(invoice)
        self.assertExposure(self.limited, ordered=400.0)
        with self.assertRaisesRegex(UserError, "not to the customer of"):
            commands = [Command.create(told)]
            self.enter(user, "account.move", context, **move, invoice_line_ids=commands)

    def test_a_linked_item_is_not_moved_to_a_stranger_s_invoice(self):
        order = self.sell()
        invoice = self.bill(order)
        line = {"name": "x", "quantity": 1, "price_unit": 1, "tax_ids": False}
        foreign = self.enter(
            self.user_accountant,
            "account.move",
            move_type="out_invoice",
            partner_id=self.stranger.id,
            invoice_line_ids=[Command.create(line)],
        )
        with self.assertRaisesRegex(UserError, "not to the customer of"):
            self.call(
                self.user_accountant,
                invoice.invoice_line_ids,
                "write",
                {"move_id": foreign.id},
            )
        self.assertEqual(invoice.invoice_line_ids.move_id, invoice)

    # === POSTED FOR LESS, OR TO ANOTHER, AND AGAIN === #

    def test_an_invoice_that_was_lowered_is_asked_when_it_is_put_back(self):
        invoice = self.bill(self.sell())
        self.change(invoice, 0.01, partner_id=self.stranger.id)
        self.post(invoice)
        self.assertEqual(self.sell().state, "sale")
        self.reset(invoice)
        self.change(invoice, 400, partner_id=self.limited.id)
        self.assertRefused(invoice)
        self.call(self.user_accountant, invoice, "button_cancel")
        self.call(self.user_accountant, invoice, "button_draft")
        self.assertRefused(invoice)

    def test_an_invoice_to_another_is_asked_when_it_comes_back(self):
        invoice = self.bill(self.sell())
        self.change(invoice, partner_id=self.stranger.id)
        self.post(invoice)
        self.assertEqual(self.sell().state, "sale")
        self.reset(invoice)
        self.change(invoice, partner_id=self.limited.id)
        self.assertRefused(invoice)

    def test_what_was_posted_for_less_is_asked_by_whatever_way(self):
        def delete(invoice):
            self.reset(invoice)
            invoice.with_context(force_delete=True).unlink()

        for undo in (self.reverse, delete):
            with self.subTest(undo=undo):
                self.limited = self._create_customer("Limited too")
                self.limited.sudo().with_company(self.company).credit_limit = 500.0
                order = self.sell()
                invoice = self.bill(order)
                self.change(invoice, 0.01)
                self.post(invoice)
                self.assertEqual(self.sell().state, "sale")
                undo(invoice)
                self.assertRefused(self.bill(order))

    def test_a_discount_line_is_less_too(self):
        invoice = self.bill(self.sell())
        line = {"name": "x", "quantity": 1, "price_unit": -399, "tax_ids": False}
        self.change(invoice, invoice_line_ids=[Command.create(line)])
        self.post(invoice)
        self.assertEqual(self.sell().state, "sale")
        self.reset(invoice)
        discount = invoice.invoice_line_ids.filtered(lambda i: i.price_unit < 0)
        self.change(invoice, invoice_line_ids=[Command.delete(discount.id)])
        self.assertRefused(invoice)

    def test_a_correction_is_posted_again(self):
        order = self.sell(400.0)
        invoice = self.bill(order)
        self.post(invoice)
        # Whatever the customer owes by now.
        self.limited.sudo().with_company(self.company).credit_limit = 10.0
        for vals in ({"ref": "Corrected"}, {"price": 390.0}, {"price": 380.0}):
            with self.subTest(vals=vals):
                self.reset(invoice)
                self.change(invoice, **vals)
                self.post(invoice)
        self.reset(invoice)
        self.change(invoice, 400.0)
        self.assertRefused(invoice, "charges more than when")
        self.limited.sudo().with_company(self.company).credit_limit = 400.0
        self.post(invoice)

    def test_an_invoice_of_another_part_is_no_correction(self):
        order = self.sell(40.0, product_uom_qty=10.0)
        invoice = self.bill(order)
        self.change(
            invoice,
            invoice_line_ids=[
                Command.update(
                    invoice.invoice_line_ids.id, {"quantity": 5, "price_unit": 39.0}
                ),
                Command.create(
                    {"name": "x", "quantity": 1, "price_unit": -7, "tax_ids": False}
                ),
            ],
        )
        self.post(invoice)
        self.limited.sudo().with_company(self.company).credit_limit = 10.0
        self.post(self.bill(order))

    def test_what_was_credited_is_invoiced_again_as_it_was(self):
        order = self.sell()
        for limit in (500.0, 10.0):
            self.limited.sudo().with_company(self.company).credit_limit = limit
            invoice = self.bill(order)
            self.change(invoice, 390.0)
            self.post(invoice)
            self.reverse(invoice)
        self.assertRefused(self.bill(order), "charges more than when")

    def test_who_shares_the_credit_owes_it_too(self):
        self.limited.sudo().vat = "IT12345670017"
        twin = self._create_customer("Twin", vat="IT12345670017")
        self.sell()
        invoice = self.bill(self.sell(partner=self.stranger))
        self.change(invoice, partner_id=twin.id)
        self.assertRefused(invoice)
        self.change(invoice, partner_id=self._create_customer("Nobody's").id)
        self.post(invoice)

    def test_queries_do_not_grow_with_the_invoices(self):
        self.limited.sudo().with_company(self.company).credit_limit = 5000.0
        invoices = self.env["account.move"].union(
            *(self.bill(self.sell(10.0)) for __ in range(6))
        )
        invoices = invoices.with_user(self.user_accountant)

        def count(moves, name):
            return self._count_queries(getattr(moves, name))

        for name in ("_get_order_refusals", "_filter_delivered"):
            with self.subTest(name=name):
                count(invoices, name)
                one, many = count(invoices[:1], name), count(invoices, name)
                self.assertLessEqual(many, one)

    def test_what_was_remembered_is_entered_by_nobody(self):
        order = self.sell()
        with self.assertRaises(UserError):
            self.call(self.user_salesperson, order, "write", {"credit_let_go": -1000.0})

    def test_a_draft_credit_note_makes_no_room(self):
        order = self.sell()
        invoice = self.bill(order)
        self.post(invoice)
        refund = invoice._reverse_moves()
        self.assertEqual(refund.state, "draft")
        again = self.enter(
            self.user_accountant,
            "account.move",
            move_type="out_invoice",
            partner_id=self.limited.id,
            invoice_line_ids=[
                Command.create(
                    {
                        "name": "x",
                        "quantity": 1,
                        "price_unit": 400,
                        "tax_ids": False,
                        "sale_line_ids": [Command.link(order.order_line.id)],
                    }
                )
            ],
        ).sudo()
        self.assertRefused(again)

    # === ANOTHER DEBTOR OF THE ORDER === #

    def _move_to(self, order, partner):
        names = ("partner_id", "partner_invoice_id", "partner_shipping_id")
        vals = dict.fromkeys(names, partner.id)
        self.call(self.user_salesperson, order, "write", vals)

    def test_a_new_debtor_needs_credit_for_what_another_was_invoiced(self):
        order = self.sell(29036.0, partner=self.stranger)
        invoice = self.bill(order)
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            self._move_to(order, self.limited)
        self.post(invoice)
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            self._move_to(order, self.limited)
        cheap = self.sell(300.0, partner=self.stranger)
        self.post(self.bill(cheap))
        self._move_to(cheap, self.limited)
        self.assertEqual(cheap.partner_invoice_id, self.limited)

    def test_nor_is_it_moved_while_it_is_a_quotation(self):
        for post in (False, True):
            with self.subTest(post=post):
                order = self.sell(29036.0, partner=self.stranger)
                invoice = self.bill(order)
                if post:
                    self.post(invoice)
                order._action_cancel()
                order.action_draft()
                if not post:
                    self.call(self.user_accountant, invoice, "button_draft")
                self._move_to(order, self.limited)
                self.call(self.user_salesperson, order, "action_confirm_or_hold")
                self.assertEqual(order.hold_state, "held")

    # === ASKED LIKE AN ORDER === #

    def test_a_higher_price_is_asked_of_the_block_too(self):
        self.company.sudo().credit_hold_limit = False
        order = self.sell(partner=self.stranger)
        invoice = self.bill(order)
        self._block(self.stranger, self.level_unpaid, company=self.company)
        self.change(invoice, 29036.0)
        self.assertRefused(invoice, "is not what order .* test reason")
        self.change(invoice, 400.0)
        self.post(invoice)


class DeliveredCommon(InvoicedCommon):
    """A customer whom the grid lets be invoiced for what was delivered only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.sudo().credit_hold_limit = False
        cls.level_assistance.sudo().policy_invoice = "forbid"

    def _sell_and_block(self, lines=(), **line):
        order = self.sell(10.0, partner=self.stranger, lines=lines, **line)
        line = order.order_line[:1]
        self.call(self.user_salesperson, line, "write", {"qty_delivered": 1})
        self._block(self.stranger, self.level_assistance, company=self.company)
        return order

    def _more(self, price=100.0, **vals):
        vals = {"product_id": self.goods.id, "price_unit": price, **vals}
        return Command.create({"tax_ids": False, "product_uom_qty": 100, **vals})


@tagged("post_install", "-at_install")
class TestInvoiceOfDelivered(DeliveredCommon):
    def test_what_was_delivered_is_invoiced_at_its_price(self):
        invoice = self.bill(self._sell_and_block())
        self.change(invoice, 29036.0)
        self.assertRefused(invoice, "cannot be posted")
        self.change(invoice, 10.0)
        self.post(invoice)

    def test_what_is_not_delivered_makes_no_room_for_a_higher_price(self):
        invoice = self.bill(self._sell_and_block([self._more()]))
        rest = invoice.invoice_line_ids[1]
        self.change(invoice, invoice_line_ids=[Command.delete(rest.id)])
        self.change(invoice, 9000.0)
        self.assertRefused(invoice, "cannot be posted")
        self.change(invoice, 10.0)
        self.post(invoice)
