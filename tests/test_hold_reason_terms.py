from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import format_date, mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

from ..models.holds.reasons.terms import HoldReasonTerms
from .common import CreditBlockFixture
from .common_rpc import RpcMixin


class TermsCommon(RpcMixin, CreditBlockFixture, AccountTestInvoicingCommon):
    """A customer who has agreed on 30 days, and terms to compare with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls._setup_credit_block(cls.company)
        cls.company.credit_hold_terms = True
        cls.product = cls.env["product.product"].create(
            {
                "name": "Bolt",
                "type": "service",
                "invoice_policy": "order",
                "list_price": 1000.0,
                "taxes_id": False,
            }
        )
        cls.days_30 = cls._create_terms("30 days", (100, 30))
        cls.days_60 = cls._create_terms("60 days", (100, 60))
        cls.immediate = cls.env.ref("account.account_payment_term_immediate")
        cls.customer.property_payment_term_id = cls.days_30
        cls.bank_method = cls._get_method("bank")
        cls.cash_method = cls._get_method("cash")
        cls.reason = HoldReasonTerms()

    @classmethod
    def _create_terms(cls, name, *instalments, **vals):
        """Terms of (percentage, days) or of (percentage, days, values) each."""
        lines = [
            Command.create(
                {"value_amount": amount, "nb_days": days, **(rest[0] if rest else {})}
            )
            for amount, days, *rest in instalments
        ]
        return cls.env["account.payment.term"].create(
            {"name": name, "line_ids": lines, **vals}
        )

    @classmethod
    def _get_method(cls, kind):
        journal = cls.company_data[f"default_journal_{kind}"]
        return journal.inbound_payment_method_line_ids[:1]

    def _create_order(self, partner=None, terms=None, **vals):
        order = super()._create_order(partner, **vals)
        if terms is not None:
            order.payment_term_id = terms
        return order

    def _find(self, orders):
        return self.reason.find(orders.sudo(), {})

    def _is_found(self, terms, agreed, **vals):
        """Whether an order on these terms is found when the others were agreed."""
        self.customer.property_payment_term_id = agreed
        return bool(self._find(self._create_order(terms=terms, **vals)))


@tagged("post_install", "-at_install")
class TestHoldReasonTerms(TermsCommon):
    # === TERMS === #

    def test_the_terms_of_the_customer_are_no_change(self):
        order = self._create_order()
        self.assertEqual(order.payment_term_id, self.days_30)
        self.assertFalse(self._find(order))

    def test_longer_terms_are_a_change_and_shorter_ones_are_not(self):
        self.assertTrue(self._is_found(self.days_60, self.days_30))
        self.assertFalse(self._is_found(self.days_30, self.days_60))
        self.assertFalse(self._is_found(self.immediate, self.days_30))

    def test_terms_of_another_name_are_the_same(self):
        net = self._create_terms("Net 30", (100, 30))
        self.assertFalse(self._is_found(net, self.days_30))

    def test_no_terms_are_payable_at_once(self):
        none = self.env["account.payment.term"]
        self.assertFalse(self._is_found(none, self.days_30))
        self.assertFalse(self._is_found(self.immediate, none))
        self.assertTrue(self._is_found(self.days_30, none))

    def test_the_end_of_the_month_counts_as_its_middle(self):
        end_of_month = self._create_terms(
            "30 days end of month", (100, 30, {"delay_type": "days_after_end_of_month"})
        )
        self.assertTrue(self._is_found(end_of_month, self.days_30))
        self.assertFalse(self._is_found(end_of_month, self.days_60))
        self.assertTrue(self._is_found(self.days_60, end_of_month))

    def test_instalments_weigh_as_much_as_their_amount(self):
        halves = self._create_terms("30/60 days", (50, 30), (50, 60))
        late = self._create_terms("Late 30/60 days", (10, 30), (90, 60))
        self.assertTrue(self._is_found(halves, self.days_30))
        self.assertFalse(self._is_found(halves, self.days_60))
        self.assertTrue(self._is_found(late, halves))
        self.assertFalse(self._is_found(halves, late))

    def test_instalments_of_a_fixed_amount_weigh_by_the_order(self):
        small = self._create_terms(
            "100 at once", (100, 0, {"value": "fixed", "value_amount": 100}), (100, 30)
        )
        large = self._create_terms(
            "900 at once", (900, 0, {"value": "fixed", "value_amount": 900}), (100, 30)
        )
        self.assertTrue(self._is_found(small, large))
        self.assertFalse(self._is_found(large, small))
        bolts = [
            Command.create({"product_id": self.product.id, "price_unit": price})
            for price in (50.0, -10.0)
        ]
        self.assertFalse(self._is_found(small, large, order_line=bolts))

    def test_a_discount_for_paying_early_is_worse(self):
        vals = {"early_discount": True, "discount_days": 5}
        two = self._create_terms("2 %", (100, 30), discount_percentage=2.0, **vals)
        three = self._create_terms("3 %", (100, 30), discount_percentage=3.0, **vals)
        self.assertTrue(self._is_found(two, self.days_30))
        self.assertTrue(self._is_found(three, two))
        self.assertFalse(self._is_found(two, three))

    def test_terms_within_the_tolerance_are_no_change(self):
        self.company.credit_hold_terms_days = 29
        self.assertTrue(self._is_found(self.days_60, self.days_30))
        self.company.credit_hold_terms_days = 30
        self.assertFalse(self._is_found(self.days_60, self.days_30))

    def test_what_counts_are_the_terms_in_the_company_of_the_order(self):
        other = self._create_company(name="Other")
        customer = self.customer.with_company(other)
        customer.property_payment_term_id = self.days_60
        order = self._create_order(terms=self.days_60)
        self.assertTrue(self._find(order.with_company(other)))
        self.customer.property_payment_term_id = self.days_60
        customer.property_payment_term_id = self.days_30
        self.assertFalse(self._find(order.with_company(other)))

    def test_the_text_names_the_terms(self):
        order = self._create_order(terms=self.days_60)
        data = self._find(order)[order].data
        words = "Payment terms “60 days” instead of “30 days” of the customer."
        self.assertEqual(self.reason.get_text(self.env, data), words)
        self.customer.property_payment_term_id = False
        data = self._find(order)[order].data
        words = (
            "Payment terms “60 days” instead of “Immediate Payment” of the customer."
        )
        self.assertEqual(self.reason.get_text(self.env, data), words)

    # === WHOSE === #

    def _confirm(self, **vals):
        values = {
            "partner_id": self.customer.id,
            "company_id": self.company.id,
            "order_line": [Command.create({"product_id": self.product.id})],
            **vals,
        }
        user = self.user_salesperson
        order = self.rpc(user, "sale.order", "create", values)
        self.rpc(user, "sale.order", "action_confirm_or_hold", [order])
        return self.env["sale.order"].browse(order).sudo().hold_state

    def test_the_terms_that_count_are_those_of_who_gets_the_invoice(self):
        strict = self._create_customer("Pays at once")
        address = self._create_contact(strict, "Office", type="invoice")
        address.property_payment_term_id = self.days_60
        for debtor in (strict, address):
            self.assertEqual(self._confirm(partner_invoice_id=debtor.id), "held")
        vals = {"payment_term_id": self.days_60.id}
        self.assertEqual(self._confirm(**vals), "held")
        generous = self._create_customer(
            "Pays late", property_payment_term_id=self.days_60.id
        )
        vals["partner_invoice_id"] = generous.id
        self.assertEqual(self._confirm(**vals), "none")
        self.assertEqual(self._confirm(), "none")

    def test_the_method_that_counts_is_that_of_who_gets_the_invoice(self):
        debtor = self._create_customer(
            "Pays by bank",
            property_payment_term_id=self.days_30.id,
            property_inbound_payment_method_line_id=self.bank_method.id,
        )
        vals = {"partner_invoice_id": debtor.id}
        self.assertEqual(self._confirm(**vals), "held")
        vals["preferred_payment_method_line_id"] = self.bank_method.id
        self.assertEqual(self._confirm(**vals), "none")

    # === METHOD === #

    def test_the_payment_method_of_the_customer_is_no_change(self):
        self.customer.property_inbound_payment_method_line_id = self.bank_method
        order = self._create_order()
        self.assertEqual(order.preferred_payment_method_line_id, self.bank_method)
        self.assertFalse(self._find(order))

    def test_another_payment_method_is_a_change_and_so_is_none(self):
        self.customer.property_inbound_payment_method_line_id = self.bank_method
        order = self._create_order()
        for method, name in (
            (self.cash_method, self.cash_method.display_name),
            (self.cash_method.browse(), "none"),
        ):
            with self.subTest(method=name):
                order.preferred_payment_method_line_id = method
                text = self.reason.get_text(self.env, self._find(order)[order].data)
                self.assertIn(f"Payment method “{name}” instead of “", text)
                self.assertIn(self.bank_method.display_name, text)

    def test_a_customer_without_a_method_may_have_any(self):
        order = self._create_order()
        order.preferred_payment_method_line_id = self.cash_method
        self.assertFalse(self._find(order))

    def test_terms_and_method_are_told_together(self):
        self.customer.property_inbound_payment_method_line_id = self.bank_method
        order = self._create_order(terms=self.days_60)
        order.preferred_payment_method_line_id = self.cash_method
        text = self.reason.get_text(self.env, self._find(order)[order].data)
        self.assertRegex(text, "^Payment terms .* Payment method .*$")

    # === DECISIONS === #

    def test_a_decision_covers_no_worse_terms_and_no_other_method(self):
        decided = {"term_id": 1, "agreed_term_id": 2, "rank": [60, 60.0, 0.0]}
        method = {"method_id": 3, "agreed_method_id": 4}
        for found, covered in (
            (decided, True),
            ({**decided, "term_id": 5, "rank": [45, 45.0, 0.0]}, True),
            ({**decided, "rank": [61, 60.0, 0.0]}, False),
            ({**decided, "rank": [60, 60.0, 1.0]}, False),
            (method, False),
            ({**decided, **method}, False),
        ):
            with self.subTest(found=found):
                self.assertEqual(self.reason.is_covered(found, decided), covered)
        self.assertTrue(self.reason.is_covered(method, {**decided, **method}))
        self.assertFalse(self.reason.is_covered({**method, "method_id": 9}, method))
        self.assertFalse(self.reason.is_covered(decided, method))

    def test_queries_do_not_grow_with_the_orders(self):
        orders = self.env["sale.order"]
        for number in range(20):
            days = 31 + number
            customer = self._create_customer(
                f"Customer {number}",
                property_payment_term_id=self._create_terms(f"{number}", (100, 30)).id,
                property_inbound_payment_method_line_id=self.bank_method.id,
            )
            terms = self._create_terms(f"{days} days", (100, days))
            orders |= self._create_order(customer, terms)
        self.assertEqual(len(self._find(orders)), 20)
        self._count_queries(lambda: self._find(orders))
        one = self._count_queries(lambda: self._find(orders[:1]))
        many = self._count_queries(lambda: self._find(orders))
        self.assertLessEqual(many, one)
        self.assertLessEqual(many, 7)
        orders.payment_term_id = orders[:1].partner_id.property_payment_term_id
        unchanged = self._count_queries(lambda: self._find(orders))
        self.assertLessEqual(unchanged, many)


@tagged("post_install", "-at_install")
class TestInvoiceTerms(TermsCommon):
    """The second door: terms that are changed on the invoice."""

    def _create_invoice(self, orders=None, terms=None):
        orders = (orders or self._create_order()).sudo()
        orders.filtered(lambda order: order.state != "sale").action_confirm()
        invoices = orders._create_invoices().with_user(self.user_accountant)
        if terms is not None:
            invoices.invoice_payment_term_id = terms
        return invoices

    def _assert_refused(
        self, invoices, words="“60 days”: they are worse than “30 days”"
    ):
        with self.assertRaisesRegex(UserError, words) as caught:
            invoices.action_post()
        self.assertEqual(set(invoices.mapped("state")), {"draft"})
        return str(caught.exception)

    def test_an_invoice_on_the_terms_of_its_order_is_posted(self):
        invoice = self._create_invoice()
        self.assertEqual(invoice.invoice_payment_term_id, self.days_30)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_worse_terms_on_the_invoice_are_refused_with_what_to_do(self):
        order = self._create_order()
        text = self._assert_refused(self._create_invoice(order, self.days_60))
        self.assertIn(f"agreed on order {order.name}", text)
        self.assertIn("Draft Invoice", text)
        self.assertIn("Put the agreed terms back, or have the new ones approved", text)

    def test_better_terms_on_the_invoice_are_posted(self):
        invoice = self._create_invoice(terms=self.immediate)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_the_terms_put_back_are_posted(self):
        invoice = self._create_invoice(terms=self.days_60)
        self._assert_refused(invoice)
        invoice.invoice_payment_term_id = self.days_30
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_terms_that_the_order_was_confirmed_with_are_agreed(self):
        # What a release ends with; confirming itself is another test's.
        self.company.credit_hold_terms = False
        order = self._create_order(terms=self.days_60)
        invoice = self._create_invoice(order)
        self.company.credit_hold_terms = True
        self.assertEqual(invoice.invoice_payment_term_id, self.days_60)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_terms_that_the_customer_has_been_given_are_agreed(self):
        invoice = self._create_invoice(terms=self.days_60)
        self._assert_refused(invoice)
        self.customer.property_payment_term_id = self.days_60
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_the_tolerance_is_that_of_the_orders(self):
        self.company.credit_hold_terms_days = 30
        invoice = self._create_invoice(terms=self.days_60)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_a_due_date_without_terms_is_a_term_too(self):
        today = self.env.company._get_credit_today()
        invoice = self._create_invoice(terms=self.days_60.browse())
        invoice.invoice_date_due = today + timedelta(days=90)
        date = format_date(self.env, invoice.invoice_date_due)
        self._assert_refused(invoice, f"“due on {date}”")
        invoice.invoice_date_due = today + timedelta(days=30)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_no_terms_on_both_do_not_make_any_due_date_right(self):
        self.customer.property_payment_term_id = False
        invoice = self._create_invoice()
        today = self.env.company._get_credit_today()
        invoice.invoice_date_due = today + timedelta(days=1)
        self._assert_refused(invoice, "are worse than “Immediate Payment”")
        invoice.invoice_date_due = today
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_an_invoice_of_an_earlier_day_has_not_been_given_time(self):
        self.customer.property_payment_term_id = False
        invoice = self._create_invoice()
        today = self.env.company._get_credit_today()
        invoice.write(
            {"invoice_date": today - timedelta(days=20), "invoice_date_due": today}
        )
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_every_order_on_the_invoice_counts(self):
        self.company.credit_hold_terms = False
        other = self._create_order(terms=self.days_60)
        order = self._create_order()
        invoice = self._create_invoice(other | order, self.days_60)
        self.company.credit_hold_terms = True
        self.assertEqual(len(invoice), 1)
        text = self._assert_refused(invoice)
        self.assertIn(f"agreed on order {order.name}", text)

    def test_all_the_invoices_are_told_at_once(self):
        invoices = self._create_invoice(terms=self.days_60)
        invoices |= self._create_invoice()
        invoices |= self._create_invoice(terms=self.days_60)
        text = self._assert_refused(invoices)
        self.assertIn("2 invoices cannot be posted. Take them out", text)
        self.assertEqual(text.count("Put the agreed terms back"), 2)

    def test_an_invoice_of_no_order_is_on_the_terms_of_the_customer(self):
        invoice = self._create_invoice()
        invoice.action_post()
        credit_note = invoice._reverse_moves()
        credit_note.invoice_payment_term_id = self.days_60
        credit_note.action_post()
        free = invoice.copy({"invoice_payment_term_id": self.days_60.id})
        self.assertFalse(free.line_ids.sale_line_ids)
        self._assert_refused(free, "“30 days” of the customer, and no order covers")
        free.invoice_payment_term_id = self.days_30
        free.action_post()
        self.assertEqual(free.state, "posted")

    def test_a_company_that_does_not_ask_refuses_nothing(self):
        self.company.credit_hold_terms = False
        invoice = self._create_invoice(terms=self.days_60)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_an_invoice_of_a_later_day_is_asked_on_that_day(self):
        invoice = self._create_invoice(terms=self.days_60)
        today = self.env.company._get_credit_today()
        invoice.invoice_date = invoice.date = today + timedelta(days=5)
        invoice._post(soft=True)
        self.assertEqual((invoice.state, invoice.auto_post), ("draft", "at_date"))
        invoice.invoice_date = invoice.date = today
        self._assert_refused(invoice)

    def test_a_later_day_of_the_invoice_gives_no_time(self):
        today = self.env.company._get_credit_today()
        later = today + timedelta(days=300)
        for terms in (self.days_30, self.days_30.browse()):
            with self.subTest(terms=terms):
                invoice = self._create_invoice(terms=terms)
                vals = {"invoice_date": later}
                if not terms:
                    vals["invoice_date_due"] = later + timedelta(days=30)
                self._rpc_invoice("write", invoice, vals)
                with self.assertRaisesRegex(UserError, "worse than “30 days”"):
                    self._rpc_invoice("action_post", invoice)
                vals = {name: today for name in vals}
                self._rpc_invoice("write", invoice, vals)
                self._rpc_invoice("action_post", invoice)
                self.assertEqual(invoice.state, "posted")

    def test_the_cron_tells_why_and_posts_the_others(self):
        refused = self._create_invoice(terms=self.days_60)
        posted = self._create_invoice()
        invoices = refused | posted
        invoices.auto_post = "at_date"
        # Core starts over one by one after a refusal, which would end this test.
        self.patch(self.env.cr, "rollback", lambda: None)
        self.patch(self.env.cr, "commit", lambda: None)
        with mute_logger("odoo.addons.base.models.ir_cron"):
            self.env["account.move"].sudo()._autopost_draft_entries()
        self.assertEqual((refused.state, posted.state), ("draft", "posted"))
        body = refused.message_ids[:1].body
        self.assertIn("could not be posted", body)
        self.assertIn("worse than “30 days”", body)

    # === OTHER WAYS === #

    def _rpc_invoice(self, name, invoice, *args, user=None, model="account.move", **kw):
        user = user or self.user_accountant
        return self.rpc(user, model, name, invoice.ids, *args, **kw)

    def test_the_state_is_not_written_round_the_gate(self):
        invoice = self._create_invoice(terms=self.days_60)
        with self.assertRaisesRegex(UserError, "worse than “30 days”"):
            self._rpc_invoice("write", invoice, {"state": "posted"})
        vals = invoice.copy_data()[0]
        with self.assertRaisesRegex(UserError, "worse than|already in the posted"):
            self.rpc(
                self.user_accountant,
                "account.move",
                "create",
                vals,
                context={"default_state": "posted"},
            )
        good = self._create_invoice()
        self._rpc_invoice("write", good, {"state": "posted"})
        self.assertEqual(good.state, "posted")

    def test_orders_that_are_cleared_or_of_others_agree_on_nothing(self):
        self.company.credit_hold_terms = False
        generous = self._create_customer("Pays late")
        other = self._create_order(generous, terms=self.days_60).sudo()
        other.action_confirm()
        invoice = self._create_invoice(self._create_order(terms=self.days_60))
        rerouted = self._create_invoice(terms=self.days_60)
        self.company.credit_hold_terms = True
        lines = (invoice | rerouted).invoice_line_ids.sudo()
        lines[0].sale_line_ids = False
        lines[1].sale_line_ids = other.order_line
        for stopped in (invoice, rerouted):
            with self.assertRaisesRegex(UserError, "no order covers"):
                self._rpc_invoice("action_post", stopped)
        lines.move_id.invoice_payment_term_id = self.days_30
        self._rpc_invoice("action_post", invoice)
        self.assertEqual(invoice.state, "posted")

    def test_an_order_covers_no_more_than_was_ordered(self):
        self.company.credit_hold_terms = False
        order = self._create_order(terms=self.days_60)
        invoice = self._create_invoice(order)
        self.company.credit_hold_terms = True
        invoice.invoice_line_ids.quantity = 5
        with self.assertRaisesRegex(UserError, "no order covers"):
            self._rpc_invoice("action_post", invoice)
        invoice.invoice_line_ids.quantity = 1
        self._rpc_invoice("action_post", invoice)
        self.assertEqual(invoice.state, "posted")

    def test_a_day_that_was_typed_over_the_terms_is_refused(self):
        invoice = self._create_invoice()
        today = self.env.company._get_credit_today()
        item = invoice.line_ids.filtered(lambda i: i.display_type == "payment_term")
        vals = {"date_maturity": today + timedelta(days=300)}
        self._rpc_invoice("write", item, vals, model="account.move.line")
        if item.exists().date_maturity == vals["date_maturity"]:
            with self.assertRaisesRegex(UserError, "worse than “30 days”"):
                self._rpc_invoice("action_post", invoice)
        else:
            self._rpc_invoice("action_post", invoice)
            self.assertEqual(item.date_maturity, today + timedelta(days=30))

    # === AFTER POSTING === #

    def _get_loosened(self, invoice):
        """Calls that give time after posting: method, records, values, context."""
        late = self.env.company._get_credit_today() + timedelta(days=90)
        item = invoice.line_ids.filtered(lambda i: i.display_type == "payment_term")
        free = {"skip_readonly_check": True}
        term = {"invoice_payment_term_id": self.days_60.id}
        command = {"line_ids": [Command.update(item.id, {"date_maturity": late})]}
        return [
            (invoice, {"invoice_date_due": late}, {}),
            (item, {"date_maturity": late}, {}),
            (invoice, term, free),
            (invoice, command, free),
        ]

    def test_nobody_gives_time_after_posting_but_a_credit_manager(self):
        invoice = self._create_invoice()
        invoice.action_post()
        for records, vals, context in self._get_loosened(invoice):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(
                    UserError, "cannot be due on .*: that is later than “30 days”"
                ),
            ):
                self._rpc_invoice(
                    "write", records, vals, model=records._name, context=context
                )
        self.user_credit_manager.group_ids += self.env.ref(
            "account.group_account_invoice"
        )
        records, vals, __ = self._get_loosened(invoice)[1]
        user = self.user_credit_manager
        self._rpc_invoice("write", records, vals, model=records._name, user=user)
        self.assertEqual(records.date_maturity, vals["date_maturity"])

    def test_posted_invoices_may_be_due_earlier_or_as_agreed(self):
        invoice = self._create_invoice(terms=self.immediate)
        invoice.action_post()
        item = invoice.line_ids.filtered(lambda i: i.display_type == "payment_term")
        today = self.env.company._get_credit_today()
        for days in (30, 10):
            day = today + timedelta(days=days)
            vals = {"date_maturity": day}
            self._rpc_invoice("write", item, vals, model=item._name)
            self.assertEqual(item.date_maturity, day)

    # === THE DEBTOR === #

    def test_the_invoice_of_an_order_is_not_for_a_customer_who_has_no_credit(self):
        self.company.credit_hold_limit = True
        self.good_customer.write(
            {"credit_limit": 10.0, "property_payment_term_id": self.days_30.id}
        )
        invoice = self._create_invoice()
        vals = {"partner_id": self.good_customer.id}
        self._rpc_invoice("write", invoice, vals)
        words = "is not what order .* Fratelli Verdi would be over the credit limit"
        with self.assertRaisesRegex(UserError, words):
            self._rpc_invoice("action_post", invoice)
        self.good_customer.credit_limit = 10000.0
        self._rpc_invoice("action_post", invoice)
        self.assertEqual(invoice.state, "posted")

    def test_the_invoice_of_an_order_is_not_for_a_blocked_customer(self):
        self.good_customer.property_payment_term_id = self.days_30
        self._block(self.good_customer, self.level_unpaid)
        invoice = self._create_invoice()
        self._rpc_invoice("write", invoice, {"partner_id": self.good_customer.id})
        with self.assertRaisesRegex(UserError, "is not what order .* test reason"):
            self._rpc_invoice("action_post", invoice)
        self._rpc_invoice("write", invoice, {"partner_id": self.customer.id})
        self._rpc_invoice("action_post", invoice)
        self.assertEqual(invoice.state, "posted")

    def test_a_higher_price_on_the_invoice_needs_credit(self):
        self.company.credit_hold_limit = True
        self.customer.credit_limit = 1000.0
        order = self._create_order()
        invoice = self._create_invoice(order)
        price = [Command.update(invoice.invoice_line_ids.id, {"price_unit": 1500.0})]
        self._rpc_invoice("write", invoice, {"invoice_line_ids": price})
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            self._rpc_invoice("action_post", invoice)
        price[0][2]["price_unit"] = 1000.0
        self._rpc_invoice("write", invoice, {"invoice_line_ids": price})
        self._rpc_invoice("action_post", invoice)
        self.assertEqual(invoice.state, "posted")

    def test_what_was_delivered_beyond_the_order_may_be_invoiced(self):
        self.company.credit_hold_limit = True
        self.customer.credit_limit = 1000.0
        self.product.invoice_policy = "delivery"
        order = self._create_order().sudo()
        order.action_confirm()
        self.customer.credit_limit = 2000.0
        order.order_line.qty_delivered = 2
        self.customer.credit_limit = 1000.0
        invoice = self._create_invoice(order)
        self.assertEqual(invoice.amount_total, 2000.0)
        self._rpc_invoice("action_post", invoice)
        self.assertEqual(invoice.state, "posted")

    def test_queries_do_not_grow_with_the_invoices(self):
        invoices = self.env["account.move"]
        for __ in range(12):
            invoices |= self._create_invoice()

        def check(moves):
            return self._count_queries(lambda: moves._get_terms_refusals())

        check(invoices)
        one, many = check(invoices[:1]), check(invoices)
        self.assertLessEqual(many, one)
        self.assertLessEqual(many, 10)
        self.company.credit_hold_terms = False
        self.assertLess(check(invoices), many)


@tagged("post_install", "-at_install")
class TestCustomerTerms(TermsCommon):
    """The third door: terms that are changed on the customer."""

    WORDS = "Officine Rossi: only accounting can change the payment terms"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Both enter contacts, as most of their kind do.
        for user in (cls.user_salesperson, cls.user_accountant):
            user.group_ids += cls.env.ref("base.group_partner_manager")

    def _as(self, user):
        return self.customer.with_user(user)

    def test_a_salesperson_cannot_change_the_terms_of_a_customer(self):
        for vals in (
            {"property_payment_term_id": self.days_60.id},
            {"property_payment_term_id": False},
            {"property_inbound_payment_method_line_id": self.bank_method.id},
        ):
            with (
                self.subTest(vals=vals),
                self.assertRaisesRegex(AccessError, self.WORDS),
            ):
                self._as(self.user_salesperson).write(vals)
        self.assertEqual(self.customer.property_payment_term_id, self.days_30)

    def test_accounting_and_the_superuser_change_them(self):
        for customer in (
            self._as(self.user_accountant),
            self._as(self.user_credit_manager),
            self._as(self.user_salesperson).sudo(),
        ):
            customer.property_payment_term_id = self.days_60
            customer.property_inbound_payment_method_line_id = self.bank_method
            self.assertEqual(self.customer.property_payment_term_id, self.days_60)
            customer.property_payment_term_id = self.days_30

    def test_a_salesperson_changes_everything_else(self):
        vals = {"phone": "123", "property_payment_term_id": self.days_30.id}
        self._as(self.user_salesperson).write(vals)
        self.assertEqual(self.customer.phone, "123")

    def test_a_company_that_does_not_ask_guards_nothing(self):
        self.company.credit_hold_terms = False
        self._as(self.user_salesperson).property_payment_term_id = self.days_60
        self.assertEqual(self.customer.property_payment_term_id, self.days_60)

    def test_a_salesperson_cannot_enter_a_customer_with_terms(self):
        partners = self.env["res.partner"].with_user(self.user_salesperson)
        vals = {"name": "Officine Rossi bis"}
        words = "Officine Rossi bis: only accounting"
        with self.assertRaisesRegex(AccessError, words):
            partners.create({**vals, "property_payment_term_id": self.days_30.id})
        key = {"default_property_payment_term_id": self.days_30.id}
        with self.assertRaisesRegex(AccessError, words):
            partners.with_context(**key).create(vals)
        self.assertFalse(partners.create(vals).property_payment_term_id)

    def test_the_default_terms_of_the_company_are_given_to_new_customers(self):
        self.env["ir.default"].sudo().set(
            "res.partner",
            "property_payment_term_id",
            self.days_30.id,
            company_id=self.company.id,
        )
        partners = self.env["res.partner"].with_user(self.user_salesperson)
        customer = partners.create({"name": "New"})
        self.assertEqual(customer.property_payment_term_id, self.days_30)

    def test_a_contact_takes_over_the_terms_of_its_company(self):
        partners = self.env["res.partner"].with_user(self.user_salesperson)
        vals = {"name": "Luigi", "parent_id": self.customer.id}
        contact = partners.create(vals)
        self.assertEqual(contact.property_payment_term_id, self.days_30)
        late = partners.create({"name": "Anna"})
        late.parent_id = self.customer
        self.assertEqual(late.property_payment_term_id, self.days_30)
        with self.assertRaisesRegex(AccessError, "Anna.*only accounting"):
            late.property_payment_term_id = self.days_60

    # === UNDER A COMPANY, AND OUT AGAIN === #

    def _move(self, contact, parent, user=None):
        user = user or self.user_salesperson
        vals = {"parent_id": parent and parent.id}
        self.rpc(user, "res.partner", "write", contact.ids, vals)

    def _create_own(self, **vals):
        """A customer with terms and a limit of his own."""
        return self._create_customer(
            "Own", is_company=False, credit_limit=5000.0, **vals
        )

    def test_who_leaves_a_company_leaves_its_terms_there(self):
        self.customer.credit_limit = 100000.0
        days_10 = self._create_terms("10 days", (100, 10))
        contact = self._create_own(property_payment_term_id=days_10.id)
        self._move(contact, self.customer)
        self.assertEqual(contact.property_payment_term_id, self.days_30)
        self.assertEqual(contact.credit_limit, 100000.0)
        self._move(contact, False)
        self.assertEqual(contact.property_payment_term_id, days_10)
        self.assertEqual(contact.credit_limit, 5000.0)

    def test_who_leaves_by_any_road_leaves_the_terms_there(self):
        user, model = self.user_salesperson, "res.partner"
        parent = self._create_customer("Way", property_payment_term_id=self.days_60.id)

        def unlink(contact):
            self.rpc(user, model, "unlink", parent.ids)

        def write(contact, **vals):
            self.rpc(user, model, "write", contact.ids, vals)

        roads = [
            lambda c: write(c, is_company=True),
            lambda c: write(parent, child_ids=[Command.unlink(c.id)]),
            lambda c: write(parent, child_ids=[Command.set([])]),
            lambda c: write(parent, child_ids=[Command.update(c.id, {"parent_id": 0})]),
            unlink,
        ]
        for number, leave in enumerate(roads):
            with self.subTest(road=number):
                contact = self._create_own()
                write(parent, child_ids=[Command.link(contact.id)])
                self.assertEqual(contact.property_payment_term_id, self.days_60)
                leave(contact)
                self.assertEqual(contact.commercial_partner_id, contact)
                self.assertFalse(contact.property_payment_term_id)
                self.assertEqual(contact.credit_limit, 5000.0)
                if parent.exists():
                    contact.is_company = contact.parent_id = False

    def test_who_was_entered_under_a_company_leaves_as_a_new_customer(self):
        vals = {"name": "Luigi", "parent_id": self.customer.id}
        partners = self.env["res.partner"]
        new = self.rpc(self.user_salesperson, "res.partner", "create", vals)
        contact = partners.browse(new)
        self.assertEqual(contact.property_payment_term_id, self.days_30)
        self._move(contact, False)
        self.assertFalse(contact.property_payment_term_id)

    def test_terms_of_every_company_stay_behind(self):
        other = self._create_company(name="Other", credit_hold_terms=True)
        theirs = self.customer.with_company(other)
        theirs.property_payment_term_id = self.days_60
        contact = self._create_own()
        self._move(contact, self.customer)
        self.assertEqual(
            contact.with_company(other).property_payment_term_id, self.days_60
        )
        self._move(contact, False)
        self.assertFalse(contact.with_company(other).property_payment_term_id)

    def test_who_may_grant_terms_leaves_them_to_who_leaves(self):
        contact = self._create_own()
        self.user_credit_manager.group_ids += self.env.ref("base.group_partner_manager")
        self._move(contact, self.customer)
        self._move(contact, False, self.user_credit_manager)
        self.assertEqual(contact.property_payment_term_id, self.days_30)

    def test_a_copy_has_no_terms(self):
        self.assertNotIn("property_payment_term_id", self.customer.copy_data()[0])

    def test_a_contact_always_belongs_to_somebody(self):
        contact = self._create_own()
        self._move(contact, self.customer)
        vals = {"parent_id": 0}
        self.rpc(self.user_salesperson, "res.partner", "write", contact.ids, vals)
        self.assertEqual(contact.commercial_partner_id, contact)
        vals["name"] = "New"
        new = self.rpc(self.user_salesperson, "res.partner", "create", vals)
        partner = self.env["res.partner"].browse(new)
        self.assertEqual(partner.commercial_partner_id, partner)

    def test_merging_gives_nobody_the_terms_of_another(self):
        model = "base.partner.merge.automatic.wizard"
        # Core lets nobody else merge, and its website nobody but designers.
        for group in ("base.group_partner_manager", "website.group_website_designer"):
            found = self.env.ref(group, raise_if_not_found=False)
            self.user_salesperson.group_ids += found or self.env["res.groups"]
        bad, same = (self._create_customer(name) for name in ("Bad", "Same"))
        vals = {
            "partner_ids": [Command.set((self.customer | bad).ids)],
            "dst_partner_id": bad.id,
            "state": "selection",
        }
        wizard = self.rpc(self.user_salesperson, model, "create", vals)
        with self.assertRaisesRegex(AccessError, "only accounting can merge"):
            self.rpc(self.user_salesperson, model, "action_merge", [wizard])
        vals["partner_ids"] = [Command.set((same | bad).ids)]
        wizard = self.rpc(self.user_salesperson, model, "create", vals)
        self.rpc(self.user_salesperson, model, "action_merge", [wizard])
        self.assertFalse(same.exists())

    def _run_tracking(self):
        self.env.flush_all()
        self.env.cr.precommit.run()
        self.env.invalidate_all()

    def test_the_changes_are_told_in_the_chatter(self):
        self._run_tracking()
        customer = self._as(self.user_accountant).with_context(
            tracking_disable=False, mail_notrack=False
        )
        for name, value, told in (
            ("property_payment_term_id", self.days_60, ("30 days", "60 days")),
            (
                "property_inbound_payment_method_line_id",
                self.bank_method,
                ("", self.bank_method.display_name),
            ),
        ):
            customer[name] = value
            self._run_tracking()
            tracked = self.customer.sudo().message_ids[:1].tracking_value_ids
            self.assertEqual(tracked.field_id.name, name)
            self.assertEqual(
                (tracked.old_value_char or "", tracked.new_value_char), told
            )
