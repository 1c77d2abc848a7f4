import random
from collections import defaultdict

from odoo.fields import Command
from odoo.tests import tagged

from .common_exposure import BUCKETS, ExposureCommon


@tagged("post_install", "-at_install")
class TestCreditExposure(ExposureCommon):
    # === WHAT IS INVOICED === #

    def test_a_customer_without_anything_has_every_bucket_at_zero(self):
        self.assertExposure()

    def test_nobody_is_no_question(self):
        nobody = self.env["res.partner"]
        self.assertEqual(nobody._get_credit_exposure(self.company), {})

    def test_an_invoice_is_open_until_its_due_date_and_overdue_after(self):
        self.issue(100.0, due=0)
        self.issue(30.0, due=-1)
        self.assertExposure(open=100.0, overdue=30.0)

    def test_each_instalment_goes_by_its_own_due_date(self):
        invoice = self.issue(100.0, due=-10)
        item = self.due_items(invoice)
        term = self.env["account.payment.term"].create(
            {
                "name": "Half now",
                "line_ids": [
                    Command.create({"value_amount": 50.0, "nb_days": 0}),
                    Command.create({"value_amount": 50.0, "nb_days": 40}),
                ],
            }
        )
        self.assertExposure(overdue=100.0)
        self.assertEqual(item.date_maturity, self.day(-10))
        self.issue(
            100.0, due=-5, invoice_payment_term_id=term.id, invoice_date_due=False
        )
        self.assertExposure(overdue=150.0, open=50.0)

    def test_what_is_paid_of_an_invoice_is_not_owed(self):
        invoice = self.issue(100.0)
        self.pay(invoice, amount=60.0)
        self.assertExposure(open=40.0)
        self.pay(invoice)
        self.assertExposure()

    def test_credits_not_used_yet_lower_what_is_open(self):
        self.issue(100.0, due=-5)
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.customer.id,
                "amount": 25.0,
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        self.draft(5.0, "out_refund").action_post()
        self.assertExposure(overdue=100.0, open=-30.0)

    def test_what_a_return_opens_again_is_returned_and_nothing_else(self):
        invoice = self.issue(100.0, due=-5)
        payment = self.pay(invoice, amount=70.0)
        payment_return = self.make_return(payment)
        self.assertExposure(overdue=30.0)
        payment_return.action_confirm()
        self.assertExposure(returned=100.0)
        self.pay(invoice, amount=40.0)
        self.assertExposure(returned=60.0)
        self.pay(invoice)
        self.assertExposure()

    def test_a_cancelled_return_leaves_nothing_returned(self):
        invoice = self.issue(100.0)
        payment_return = self.make_return(self.pay(invoice, amount=70.0))
        payment_return.action_confirm()
        payment_return.action_cancel()
        self.assertExposure(open=30.0)

    def test_vendor_bills_are_no_exposure(self):
        self.draft(100.0, "in_invoice").action_post()
        self.draft(100.0, "in_invoice")
        self.assertExposure()

    # === DRAFTS === #

    def test_draft_invoices_count_and_draft_credit_notes_lower_nothing(self):
        self.draft(100.0)
        self.assertExposure(drafts=100.0)
        refund = self.draft(30.0, "out_refund")
        self.assertExposure(drafts=100.0)
        refund.action_post()
        self.assertExposure(drafts=100.0, open=-30.0)

    def test_a_cancelled_draft_does_not_count(self):
        self.draft(100.0).button_cancel()
        self.assertExposure()

    def test_a_draft_entry_that_is_no_invoice_does_not_count(self):
        values = {"account_id": self.receivable.id, "partner_id": self.customer.id}
        self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create({**values, "debit": 10.0}),
                    Command.create({"account_id": self.receivable.id, "credit": 10.0}),
                ]
            }
        )
        self.assertExposure()

    # === COLLECTED, NOT FINAL === #

    def test_a_collection_counts_until_the_bank_cannot_take_it_back(self):
        method = self.method(5)
        values = {"payment_method_line_id": method.id, "journal_id": self.bank.id}
        self.pay(self.issue(100.0, due=-5), payment_date=self.day(-5), **values)
        self.assertExposure(not_final=100.0)
        self.pay(self.issue(30.0, due=-6), payment_date=self.day(-6), **values)
        self.assertExposure(not_final=100.0)

    def test_a_bill_presented_before_it_is_due_counts_from_the_day_it_is_due(self):
        method = self.method(5)
        values = {"payment_method_line_id": method.id, "journal_id": self.bank.id}
        for due, amount in ((10, 100.0), (-5, 30.0), (-6, 7.0)):
            invoice = self.issue(amount, due=due)
            self.pay(invoice, payment_date=self.day(-60), **values)
        self.assertExposure(not_final=130.0)

    def test_the_same_of_a_bill_whose_payment_has_no_entry(self):
        invoice = self.issue(100.0, due=-5)
        payment = self._collect_without_entry(invoice, date=self.day(-60))
        self.assertFalse(payment.move_id)
        self._receive_on_statement(invoice, 100.0)
        self.assertExposure(not_final=100.0)
        self.due_items(invoice).date_maturity = self.day(-6)
        self.assertExposure()

    def _collect_without_entry(self, invoice, **values):
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 100.0,
                "journal_id": self.bank.id,
                "payment_method_line_id": self.method(5).id,
                **values,
            }
        )
        payment.outstanding_account_id = False
        payment.action_post()
        invoice.matched_payment_ids += payment
        return payment

    def test_a_collection_by_a_final_method_does_not_count(self):
        self.pay(self.issue(100.0), payment_method_line_id=self.method(0).id)
        self.assertExposure()

    def test_a_collection_not_used_yet_does_not_lower_the_total(self):
        method = self.method(5)
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "amount": 25.0,
                "journal_id": self.bank.id,
                "payment_method_line_id": method.id,
            }
        )
        self.assertExposure()
        payment.action_post()
        self.assertExposure(open=-25.0, not_final=25.0)

    def test_what_came_back_of_a_collection_counts_once(self):
        payment = self.pay(self.issue(100.0), payment_method_line_id=self.method(5).id)
        payment_return = self.make_return(payment, line_amount=40.0)
        payment_return.action_confirm()
        self.assertExposure(not_final=60.0, returned=40.0)
        payment_return.action_cancel()
        self.assertExposure(not_final=100.0)
        self.make_return(payment).action_confirm()
        self.assertExposure(returned=100.0)

    def test_a_reversed_payment_is_owed_once(self):
        payment = self.collect()
        self.assertNotFinal(payment, 100.0)
        self.reverse(payment)
        self.assertExposure(open=100.0)
        self.assertNotFinal(payment, 0.0)

    def test_a_reversal_in_draft_takes_nothing_back(self):
        payment = self.collect()
        reversal = payment.move_id._reverse_moves()
        self.assertExposure(not_final=100.0)
        self.assertNotFinal(payment, 100.0)
        reversal.action_post()
        self.assertNotFinal(payment, 0.0)

    def test_what_the_bank_took_back_without_a_return_is_owed_once(self):
        payment = self.collect()
        item = self.payment_item(payment)
        debit = self.bank_item(-40.0)
        self.assertNotFinal(payment, 100.0)
        item.remove_move_reconcile()
        (item | debit).reconcile()
        self.assertExposure(open=40.0, not_final=60.0)
        self.assertNotFinal(payment, 60.0)
        self.make_return(payment, line_amount=60.0).action_confirm()
        self.assertNotFinal(payment, 0.0)

    def test_what_is_paid_out_again_was_collected(self):
        payment = self.collect()
        again = self.issue(50.0)
        self.assertExposure(open=50.0, not_final=100.0)
        item = self.payment_item(payment)
        item.remove_move_reconcile()
        (item | self.due_items(again)).reconcile()
        self.assertExposure(open=50.0, not_final=100.0)
        self.assertNotFinal(payment, 100.0)

    def collect(self):
        """A payment of an invoice that the bank may take back for long."""
        method = self.method(30)
        return self.pay(self.issue(100.0), payment_method_line_id=method.id)

    def reverse(self, payment):
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=payment.move_id.ids
        )
        wizard.create({"journal_id": payment.journal_id.id}).reverse_moves()

    def assertNotFinal(self, payment, amount):
        """So much may still be taken back, as the statement and as the ORM say."""
        exposure = self.exposure(payment.partner_id)
        target = self.payment_item(payment), payment
        left = self.env["account.payment.return.left"]._find([target])[target]
        self.assertEqual((exposure["not_final"], left.amount), (amount, amount))

    def test_a_payment_without_entry_counts_once_its_invoice_is_settled(self):
        invoice = self.issue(100.0)
        payment = self._collect_without_entry(invoice)
        self.assertFalse(payment.move_id)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertExposure(open=100.0)
        self._receive_on_statement(invoice, 70.0)
        self.assertExposure(open=30.0, not_final=70.0)
        self._receive_on_statement(invoice, 30.0)
        self.assertExposure(not_final=100.0)

    def _receive_on_statement(self, invoice, amount):
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "amount": amount,
                "date": self.today,
                "payment_ref": "Collection",
                "partner_id": self.customer.id,
                "counterpart_account_id": self.receivable.id,
            }
        )
        items = line.move_id.line_ids.filtered(
            lambda item: item.account_id == self.receivable
        )
        (items | self.due_items(invoice)).reconcile()

    # === ORDERS === #

    def test_an_order_counts_with_its_taxes_once_it_is_confirmed(self):
        order = self.order(100.0, line_tax_ids=self.tax.ids, state="draft")
        self.assertExposure()
        order.action_confirm()
        self.assertExposure(ordered=122.0)
        order._action_cancel()
        self.assertExposure()

    def test_an_order_invoiced_on_delivery_counts_before_anything_is_delivered(self):
        order = self.order(10.0, 10.0, line_product_id=self.work.id)
        self.assertExposure(ordered=100.0)
        order.order_line.qty_delivered = 4.0
        self.assertExposure(ordered=100.0)
        order._create_invoices()
        self.assertExposure(ordered=60.0, drafts=40.0)

    def test_what_is_delivered_beyond_the_order_counts_too(self):
        order = self.order(10.0, 10.0, line_product_id=self.work.id)
        order.order_line.qty_delivered = 12.0
        self.assertExposure(ordered=120.0)

    def test_an_order_moves_from_bucket_to_bucket_and_is_never_in_two(self):
        order = self.order(100.0, line_tax_ids=self.tax.ids)
        invoice = order._create_invoices()
        self.assertExposure(drafts=122.0)
        invoice.action_post()
        self.assertExposure(open=122.0)
        refund = invoice._reverse_moves(cancel=False)
        self.assertExposure(open=122.0)
        refund.action_post()
        # What is credited may be invoiced again: core's own reading of an order.
        self.assertExposure(ordered=122.0)

    def test_a_draft_that_charges_less_than_its_order_lowers_nothing(self):
        order = self.order(100.0, 2.0, line_tax_ids=self.tax.ids)
        invoice = order._create_invoices()
        self.assertExposure(drafts=244.0)
        for price, drafts, ordered in ((0.0, 0.0, 244.0), (75.0, 183.0, 61.0)):
            invoice.invoice_line_ids.price_unit = price
            self.assertExposure(drafts=drafts, ordered=ordered)
        invoice.invoice_line_ids.price_unit = 120.0
        self.assertExposure(drafts=292.8)

    def test_a_line_that_takes_something_off_a_draft_lowers_nothing(self):
        order = self.order(100.0)
        invoice = order._create_invoices()
        line = {"name": "Allowance", "quantity": 1, "price_unit": -1000.0}
        invoice.invoice_line_ids = [Command.create({**line, "tax_ids": False})]
        self.assertExposure(ordered=100.0)
        invoice.invoice_line_ids[-1].price_unit = -30.0
        self.assertExposure(drafts=70.0, ordered=30.0)
        invoice.action_post()
        self.assertExposure(open=70.0)

    def test_no_rate_of_a_draft_lowers_what_was_ordered(self):
        currency = self.setup_other_currency("HRK", rates=[("2000-01-01", 4.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        order = self.order(400.0, pricelist_id=pricelist.id)
        invoice = order._create_invoices()
        self.assertExposure(drafts=100.0)
        invoice.invoice_currency_rate = 4000000.0
        self.assertExposure(ordered=100.0)
        invoice.invoice_currency_rate = 4.0
        self.assertExposure(drafts=100.0)

    def test_an_allowance_on_a_draft_takes_off_no_more_than_was_ordered(self):
        order = self.order(400.0)
        goods = {"product_id": self.goods.id, "product_uom_qty": 0.0}
        line = {**goods, "price_unit": -400.0, "tax_ids": False}
        order.order_line = [Command.create(line)]
        invoice = order._create_invoices()
        item = {"name": "Allowance", "price_unit": 0.0, "tax_ids": False}
        item["sale_line_ids"] = [Command.link(order.order_line[1].id)]
        invoice.invoice_line_ids.price_unit = 0.0
        invoice.invoice_line_ids = [Command.create(item)]
        self.assertExposure(ordered=400.0)

    def test_an_ordered_discount_on_a_draft_lowers_it(self):
        order = self.order(400.0, state="draft")
        line = {"product_id": self.goods.id, "price_unit": -100.0, "tax_ids": False}
        order.order_line = [Command.create(line)]
        order.action_confirm()
        self.assertExposure(ordered=300.0)
        order._create_invoices()
        self.assertExposure(drafts=300.0)

    def test_a_draft_to_another_customer_leaves_the_order_with_its_debtor(self):
        order = self.order(100.0)
        invoice = order._create_invoices()
        invoice.partner_id = self.other_customer
        self.assertExposure(ordered=100.0)
        self.assertExposure(self.other_customer, drafts=100.0)
        invoice.partner_id = self.customer
        self.assertExposure(drafts=100.0)
        self.assertExposure(self.other_customer)

    def test_a_draft_in_another_unit_charges_what_the_order_is_for(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.order(120.0, 2.0, line_product_uom_id=dozen.id)
        invoice = order._create_invoices()
        line = invoice.invoice_line_ids
        line.write({"product_uom_id": self.goods.uom_id.id, "quantity": 24.0})
        line.price_unit = 10.0
        self.assertExposure(drafts=240.0)
        line.price_unit = 4.0
        self.assertExposure(drafts=96.0, ordered=144.0)

    def test_lines_invoiced_beyond_the_order_lower_no_other_line(self):
        order = self.order(100.0)
        invoice = order._create_invoices()
        invoice.invoice_line_ids.quantity = 3.0
        order.order_line = [
            Command.create(
                {"product_id": self.goods.id, "price_unit": 50.0, "tax_ids": False}
            )
        ]
        self.assertExposure(drafts=300.0, ordered=50.0)

    def test_a_discount_on_the_order_lowers_it_and_never_below_zero(self):
        discount = Command.create(
            {
                "product_id": self.goods.id,
                "product_uom_qty": -1.0,
                "price_unit": 30.0,
                "tax_ids": False,
            }
        )
        order = self.order(100.0, state="draft")
        order.order_line = [discount]
        order.action_confirm()
        self.assertExposure(ordered=70.0)
        self.order(40.0, -2.0)
        self.assertExposure(ordered=70.0)

    def test_an_expense_charged_again_counts_though_nothing_was_ordered(self):
        order = self.order(
            100.0, 0.0, line_product_id=self.work.id, line_tax_ids=self.tax.ids
        )
        self.assertExposure()
        order.order_line.write({"qty_delivered": 2.0, "discount": 10.0})
        self.assertExposure(ordered=219.6)

    def test_an_order_closed_by_hand_does_not_count(self):
        order = self.order(100.0)
        order.invoice_status = "invoiced"
        self.assertExposure()

    def test_a_down_payment_counts_once_from_the_draft_to_the_last_invoice(self):
        order = self.order(100.0, 10.0, line_tax_ids=self.tax.ids)
        self.assertExposure(ordered=1220.0)
        down_payment = self._create_down_payment(order, 30.0)
        self.assertExposure(ordered=854.0, drafts=366.0)
        down_payment.action_post()
        self.assertExposure(ordered=854.0, open=366.0)
        last = order._create_invoices(final=True)
        self.assertExposure(drafts=854.0, open=366.0)
        last.action_post()
        self.assertExposure(open=1220.0)

    def _create_down_payment(self, order, percentage=0.0, fixed_amount=0.0):
        method = "fixed" if fixed_amount else "percentage"
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create(
                {
                    "advance_payment_method": method,
                    "amount": percentage,
                    "fixed_amount": fixed_amount,
                }
            )
        )
        return wizard._create_invoices(order)

    def test_a_deposit_that_is_paid_lowers_the_exposure_until_the_end(self):
        order = self.order(100.0, 10.0)
        deposit = self._create_down_payment(order, fixed_amount=300.0)
        self.assertExposure(ordered=700.0, drafts=300.0)
        deposit.action_post()
        self.pay(deposit)
        self.assertExposure(ordered=700.0)
        order._create_invoices(final=True).action_post()
        self.assertExposure(open=700.0)

    def test_a_deposit_that_is_credited_is_owed_with_the_order_again(self):
        order = self.order(100.0, 10.0)
        deposit = self._create_down_payment(order, fixed_amount=300.0)
        deposit.action_post()
        self.assertExposure(ordered=700.0, open=300.0)
        deposit._reverse_moves(cancel=True)
        self.assertExposure(ordered=1000.0)

    def test_a_deposit_in_another_currency_counts_once(self):
        currency = self.setup_other_currency("HRK", rates=[("2000-01-01", 4.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        order = self.order(100.0, 4.0, pricelist_id=pricelist.id)
        self.assertExposure(ordered=100.0)
        self._create_down_payment(order, percentage=20.0).action_post()
        self.assertExposure(ordered=80.0, open=20.0)

    def test_what_is_delivered_in_another_currency_for_who_gets_the_invoice(self):
        currency = self.setup_other_currency("HRK", rates=[("2000-01-01", 4.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        office = self._create_contact(self.customer, "Office", type="invoice")
        order = self.order(
            10.0,
            10.0,
            line_product_id=self.work.id,
            partner_id=self.other_customer.id,
            partner_invoice_id=office.id,
            pricelist_id=pricelist.id,
        )
        self.assertExposure(ordered=25.0)
        order.order_line.qty_delivered = 12.0
        self.assertExposure(ordered=30.0)
        invoice = order._create_invoices()
        self.assertExposure(drafts=30.0)
        invoice.action_post()
        self.assertExposure(open=30.0)
        self.assertExposure(self.other_customer)

    def test_a_credit_note_that_is_used_lowers_the_invoice_it_is_used_on(self):
        invoice = self.issue(100.0, due=-3)
        refund = self.draft(30.0, "out_refund")
        self.assertExposure(overdue=100.0)
        refund.action_post()
        self.assertExposure(overdue=100.0, open=-30.0)
        (self.due_items(invoice) | self.due_items(refund)).reconcile()
        self.assertExposure(overdue=70.0)

    def test_orders_waiting_for_a_decision_are_shown_and_not_summed(self):
        order = self.order(100.0, state="sent")
        self.order(20.0)
        order.sudo().hold_status = "held"
        self.assertExposure(ordered=20.0, held=100.0)
        order.sudo().hold_status = "released"
        self.assertExposure(ordered=20.0)

    # === WHOSE === #

    def test_a_contact_answers_for_its_company_and_its_company_for_it(self):
        child = self._create_contact(self.customer, "Mario of Rossi")
        self.issue(100.0, partner=child)
        self.order(20.0, partner_id=child.id)
        self.assertExposure(child, open=100.0, ordered=20.0)
        self.assertExposure(self.customer, open=100.0, ordered=20.0)

    def test_who_comes_under_a_company_brings_his_exposure(self):
        self.issue(100.0, partner=self.other_customer)
        self.order(20.0, partner_id=self.other_customer.id)
        self.draft(3.0, partner_id=self.other_customer.id)
        self.other_customer.parent_id = self.customer
        self.assertExposure(open=100.0, ordered=20.0, drafts=3.0)

    def test_an_order_counts_for_who_gets_the_invoice(self):
        self.order(100.0, partner_invoice_id=self.other_customer.id)
        self.assertExposure(self.customer)
        self.assertExposure(self.other_customer, ordered=100.0)

    def test_an_archived_customer_still_owes(self):
        self.issue(100.0)
        self.customer.active = False
        self.assertExposure(open=100.0)

    def test_who_may_not_read_invoices_gets_the_same_answer_from_the_code(self):
        self._setup_credit_users(self.company)
        self.issue(100.0)
        self.assertExposure(self.customer.with_user(self.user_salesperson), open=100.0)

    # === COMPANIES AND CURRENCIES === #

    def test_each_company_has_its_own_exposure_whatever_the_current_one(self):
        other = self.setup_other_company()["company"]
        values = {"name": "Goods", "price_unit": 70.0, "tax_ids": False}
        self.env["account.move"].with_company(other).create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date_due": self.day(5),
                "invoice_line_ids": [Command.create(values)],
            }
        ).action_post()
        self.issue(100.0)
        for current in (self.company, other):
            customer = self.customer.with_company(current)
            self.assertExposure(customer, self.company, open=100.0)
            self.assertExposure(customer, other, open=70.0)

    def test_the_branches_of_a_company_are_one_customer_of_it(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id}
        )
        self.env.user.company_ids |= branch
        self.issue(100.0)
        self.order(20.0, company_id=branch.id)
        self.assertExposure(company=self.company, open=100.0, ordered=20.0)
        self.assertExposure(company=branch, open=100.0, ordered=20.0)

    def test_other_currencies_are_counted_in_the_currency_of_the_company(self):
        currency = self.setup_other_currency("HRK", rates=[("2000-01-01", 4.0)])
        self.issue(100.0, currency_id=currency.id)
        self.draft(40.0, currency_id=currency.id)
        pricelist = self.env["product.pricelist"].create(
            {"name": "Abroad", "currency_id": currency.id}
        )
        self.order(20.0, pricelist_id=pricelist.id)
        payment = self.pay(
            self.issue(200.0, currency_id=currency.id),
            payment_method_line_id=self.method(5).id,
        )
        self.assertEqual(payment.currency_id, currency)
        self.assertExposure(open=25.0, drafts=10.0, ordered=5.0, not_final=50.0)
        self.make_return(payment, line_amount=80.0).action_confirm()
        self.assertExposure(
            open=25.0, drafts=10.0, ordered=5.0, not_final=30.0, returned=20.0
        )

    # === HOW WELL === #

    def test_it_is_never_read_from_the_cache(self):
        self.assertExposure()
        self.issue(100.0)
        order = self.order(10.0)
        self.assertExposure(open=100.0, ordered=10.0)
        order.order_line.price_unit = 30.0
        self.assertExposure(open=100.0, ordered=30.0)

    def test_two_hundred_customers_cost_the_queries_of_one(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {index}"} for index in range(200)]
        )
        for customer in customers[:20]:
            self.order(10.0, partner_id=customer.id)

        def ask(partners):
            return lambda: partners._get_credit_exposure(self.company)

        # The statement; with an empty cache the company, its currency and whom the
        # contacts belong to as well.
        self.assertEqual(self._count_queries(ask(customers[:1])), 4)
        self.assertEqual(self._count_queries(ask(customers)), 4)
        with self.assertQueryCount(1):
            ask(customers)()
        exposures = customers._get_credit_exposure(self.company)
        self.assertEqual(len(exposures), 200)
        self.assertEqual(sum(e["total"] for e in exposures.values()), 200.0)

    def test_random_documents_make_what_a_plain_count_of_them_makes(self):
        rng = random.Random(19)
        customers = self.customer | self.other_customer
        for _step in range(40):
            self._make_random_document(rng, rng.choice(customers))
        asked = customers._get_credit_exposure(self.company)
        for customer in customers:
            self.assertEqual(
                {bucket: asked[customer.id][bucket] for bucket in BUCKETS},
                self._count_documents(customer),
            )

    def _make_random_document(self, rng, customer):
        kind = rng.choice(("invoice", "draft", "refund", "order", "order", "paid"))
        amount = rng.randint(100, 99999) / 100
        if kind == "invoice":
            self.issue(amount, due=rng.randint(-60, 60), partner=customer)
        elif kind in ("draft", "refund"):
            move_type = "out_invoice" if kind == "draft" else "out_refund"
            self.draft(amount, move_type, partner_id=customer.id)
        elif kind == "paid":
            invoice = self.issue(amount, due=rng.randint(-60, 60), partner=customer)
            self.pay(invoice, amount=round(amount / rng.randint(1, 3), 2))
        else:
            self._make_random_order(rng, customer, amount)

    def _make_random_order(self, rng, customer, amount):
        order = self.order(
            amount,
            rng.randint(1, 9),
            partner_id=customer.id,
            line_product_id=rng.choice((self.goods, self.work)).id,
        )
        order.order_line.qty_delivered = rng.randint(0, 12)
        if order.order_line.qty_to_invoice > 0:
            invoice = order._create_invoices()
            invoice.invoice_line_ids.quantity = rng.randint(1, 9)
            if rng.random() < 0.5:
                invoice.action_post()

    def _count_documents(self, customer):
        """The same figures the slow way: document by document."""
        counted = defaultdict(float)
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", customer.id),
                ("account_type", "=", "asset_receivable"),
            ]
        )
        for item in items:
            if item.parent_state == "draft":
                counted["drafts"] += max(item.balance, 0.0)
            elif item.amount_residual > 0 and item.date_maturity < self.today:
                counted["overdue"] += item.amount_residual
            else:
                counted["open"] += item.amount_residual
        orders = self.env["sale.order"].search([("partner_id", "=", customer.id)])
        for line in orders.order_line:
            quantity = max(line.product_uom_qty, line.qty_delivered)
            left = max(quantity - line.qty_invoiced, 0.0)
            counted["ordered"] += line.price_unit * left
        return {bucket: round(counted[bucket], 2) for bucket in BUCKETS}
