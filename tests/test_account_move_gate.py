from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import CreditBlockFixture
from .common_guards import GUARD_NEUTRAL_TEXT
from .common_returns import PaymentReturnCommon
from .common_rpc import RpcMixin


class InvoiceFixture(RpcMixin, CreditBlockFixture):
    def _create_invoice(self, partner=None, **vals):
        """Return a draft of one line, in the name of the accountant."""
        return (
            self.env["account.move"]
            .with_user(self.user_accountant)
            .create(
                {
                    "move_type": "out_invoice",
                    "company_id": self.credit_company.id,
                    "partner_id": (partner or self.customer).id,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Goods", "price_unit": 10, "tax_ids": False}
                        )
                    ],
                    **vals,
                }
            )
        )

    def _create_delivered(self, delivered=5, invoiced=5, **line):
        """Return a draft invoice of an order line of five pieces."""
        self.product.invoice_policy = "order"
        order = self.env["sale.order"].create(
            {
                "partner_id": self.customer.id,
                "company_id": self.credit_company.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 5,
                            "price_unit": 10,
                            "tax_ids": False,
                            **line,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        order.order_line.qty_delivered = delivered
        invoice = order._create_invoices()
        invoice.invoice_line_ids.quantity = invoiced
        return invoice.with_user(self.user_accountant)


class GateCommon(InvoiceFixture, AccountTestInvoicingCommon):
    """A customer whom nothing may be invoiced to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.company_data["company"]
        context = {"allowed_company_ids": company.ids}
        cls.env = cls.env(user=cls.env.ref("base.user_root"), context=context)
        cls._setup_credit_block(company)
        cls.product = cls.env["product.product"].create(
            {"name": "Bolt", "type": "service", "taxes_id": False}
        )
        cls.level_assistance.policy_invoice = "forbid"

    def setUp(self):
        super().setUp()
        self._block(level=self.level_assistance)


@tagged("post_install", "-at_install")
class TestAccountMoveGate(GateCommon):
    # === REFUSING === #

    def test_an_invoice_that_the_grid_forbids_is_not_posted(self):
        invoice = self._create_invoice()
        with self.assertRaisesRegex(UserError, "cannot be posted") as caught:
            invoice.action_post()
        text = str(caught.exception)
        self.assertIn(
            "Draft Invoice to Officine Rossi for $\N{NO-BREAK SPACE}10.00", text
        )
        self.assertIn("credit block “Support block”", text)
        self.assertIn("test reason", text)
        self.assertIn("To lift the block, ask:", text)
        good = self._create_invoice(self.good_customer)
        good.action_post()
        self.assertEqual(good.state, "posted")

    def test_hold_refuses_and_says_who_decides(self):
        self.level_assistance.policy_invoice = "hold"
        self.credit_company.credit_hold_user_ids = self.user_credit_manager
        with self.assertRaisesRegex(UserError, "manager has to decide") as caught:
            self._create_invoice().action_post()
        self.assertIn("Who decides: Test credit_manager.", str(caught.exception))

    def test_the_state_is_not_written_round_the_gate(self):
        invoice, good = (
            self._create_invoice(partner) for partner in (None, self.good_customer)
        )
        user, model = self.user_accountant, "account.move"
        with self.assertRaisesRegex(UserError, "credit block “Support block”"):
            self.rpc(user, model, "write", invoice.ids, {"state": "posted"})
        context = {"skip_readonly_check": True}
        vals = {"state": "posted", "partner_id": self.customer.id}
        other = self._create_invoice(self.good_customer)
        with self.assertRaisesRegex(UserError, "credit block “Support block”"):
            self.rpc(user, model, "write", other.ids, vals, context=context)
        vals = {"move_type": "out_invoice", "partner_id": self.customer.id}
        with self.assertRaises(UserError):
            context = {"default_state": "posted"}
            self.rpc(user, model, "create", vals, context=context)
        self.rpc(user, model, "write", good.ids, {"state": "posted"})
        self.assertEqual(good.state, "posted")

    def test_an_invoice_to_a_contact_is_refused_too(self):
        with self.assertRaisesRegex(UserError, "cannot be posted"):
            self._create_invoice(self.contact).action_post()

    def test_a_receipt_is_refused_too(self):
        with self.assertRaisesRegex(UserError, "cannot be posted"):
            self._create_invoice(move_type="out_receipt").action_post()
        receipt = self._create_invoice(self.good_customer, move_type="out_receipt")
        receipt.action_post()
        self.assertEqual(receipt.state, "posted")

    def test_what_is_posted_stays_the_kind_of_document_that_it_is(self):
        refund = self._create_invoice(move_type="out_refund")
        refund.action_post()
        user, model = self.user_accountant, "account.move"
        context = {"skip_readonly_check": True}
        for kind in ("out_invoice", "out_receipt", "entry"):
            with self.assertRaisesRegex(UserError, "stays the kind of document"):
                vals = {"move_type": kind}
                self.rpc(user, model, "write", refund.ids, vals, context=context)
        vals = {"move_type": "out_refund", "ref": "the same"}
        self.rpc(user, model, "write", refund.ids, vals, context=context)
        self.assertEqual(refund.ref, "the same")

    def test_credit_notes_bills_and_entries_are_never_asked_about(self):
        for move_type in ("out_refund", "in_invoice", "in_refund", "in_receipt"):
            with self.subTest(move_type=move_type):
                move = self._create_invoice(
                    move_type=move_type,
                    invoice_date=self.env.company._get_credit_today(),
                )
                move.action_post()
                self.assertEqual(move.state, "posted")

    def test_who_acts_for_a_customer_reads_a_neutral_text(self):
        invoice = self._create_invoice().with_user(self.user_portal).sudo()
        with self.assertRaisesRegex(UserError, GUARD_NEUTRAL_TEXT) as caught:
            invoice._post()
        self.assertEqual(str(caught.exception), GUARD_NEUTRAL_TEXT)

    def test_one_of_several_is_named(self):
        good = self._create_invoice(self.good_customer)
        blocked = self._create_invoice()
        with self.assertRaisesRegex(UserError, "to Officine Rossi") as caught:
            (good | blocked).action_post()
        self.assertNotIn("Fratelli Verdi", str(caught.exception))
        self.assertEqual(good.state, "draft")

    def test_all_of_several_are_named(self):
        blocked = self._create_invoice() | self._create_invoice(self.contact)
        with self.assertRaisesRegex(UserError, "2 invoices cannot be posted") as caught:
            blocked.action_post()
        for name in ("Officine Rossi", "Mario of Rossi"):
            self.assertIn(f"to {name} for", str(caught.exception))

    def test_an_invoice_for_a_later_day_is_asked_about_on_that_day(self):
        later = fields.Date.add(self.env.company._get_credit_today(), days=5)
        invoice = self._create_invoice(invoice_date=later)
        invoice.date = later
        invoice._post(soft=True)
        self.assertRecordValues(invoice, [{"state": "draft", "auto_post": "at_date"}])

    def test_the_job_posts_the_others_and_says_why_one_stays(self):
        blocked, good = (
            self._create_invoice(
                partner,
                auto_post="at_date",
                invoice_date="2024-01-01",
                date="2024-01-01",
            )
            for partner in (self.customer, self.good_customer)
        )
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref(
                "account.ir_cron_auto_post_draft_entry"
            ).method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(good.state, "posted")
        self.assertEqual(blocked.state, "draft")
        self.assertIn("credit block", str(blocked.message_ids.mapped("body")))

    # === WARNING === #

    def test_warn_leaves_a_note_on_the_posted_invoice(self):
        self.level_assistance.policy_invoice = "warn"
        invoice, good = self._create_invoice(), self._create_invoice(self.good_customer)
        (invoice | good).action_post()
        notes = invoice.message_ids.filtered(lambda m: "test reason" in m.body)
        self.assertEqual(len(notes), 1)
        self.assertTrue(notes.is_internal)
        self.assertFalse(good.message_ids.filtered(lambda m: "test reason" in m.body))

    def test_a_draft_shows_what_bears_on_posting_it(self):
        for policy, level, text in (
            ("forbid", "danger", "cannot be posted"),
            ("warn", "warning", "test reason"),
            ("allow", "warning", "test reason"),
        ):
            with self.subTest(policy=policy):
                self.level_assistance.policy_invoice = policy
                invoice = self._create_invoice()
                alert = invoice.alerts["account_credit_block"]
                self.assertEqual(alert["level"], level)
                self.assertIn(text, alert["message"])
        for other in (
            self._create_invoice(self.good_customer),
            self._create_invoice(move_type="out_refund"),
        ):
            self.assertNotIn("account_credit_block", other.alerts or {})

    # === DELIVERED GOODS === #

    def test_what_was_delivered_is_invoiced(self):
        invoice = self._create_delivered()
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_what_was_not_delivered_is_not(self):
        for delivered in (0, 4):
            with (
                self.subTest(delivered=delivered),
                self.assertRaisesRegex(UserError, "cannot be posted"),
            ):
                self._create_delivered(delivered).action_post()

    def test_a_part_that_was_delivered_is_invoiced(self):
        invoice = self._create_delivered(delivered=2, invoiced=2)
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_anything_added_by_hand_was_not_delivered(self):
        invoice = self._create_delivered()
        invoice.invoice_line_ids = [
            Command.create({"name": "More", "price_unit": 5, "tax_ids": False})
        ]
        with self.assertRaisesRegex(UserError, "cannot be posted"):
            invoice.action_post()

    def test_discounts_go_along_with_what_was_delivered(self):
        invoice = self._create_delivered()
        invoice.invoice_line_ids = [
            Command.create({"name": "Discount", "price_unit": -1, "tax_ids": False})
        ]
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")

    def test_a_down_payment_was_not_delivered(self):
        order = self._create_delivered().invoice_line_ids.sale_line_ids.order_id
        order.invoice_ids.sudo().unlink()
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": order.ids,
                "advance_payment_method": "percentage",
                "amount": 50,
            }
        )
        invoice = wizard._create_invoices(order.sudo())
        with self.assertRaisesRegex(UserError, "cannot be posted"):
            invoice.with_user(self.user_accountant).action_post()

    def test_the_grid_may_stop_delivered_goods_too(self):
        self.level_assistance.invoice_delivered = True
        with self.assertRaisesRegex(UserError, "cannot be posted"):
            self._create_delivered().action_post()

    def test_only_the_levels_that_say_so_stop_delivered_goods(self):
        self._block(level=self.level_non_performing)
        self.level_non_performing.write(
            {"policy_invoice": "hold", "invoice_delivered": True}
        )
        with self.assertRaisesRegex(UserError, "Non-performing") as caught:
            self._create_delivered().action_post()
        self.assertNotIn("Support block", str(caught.exception))

    # === WHAT IS NO SALE === #

    def test_a_draft_is_made_from_an_order_whatever_the_block(self):
        self.assertEqual(self._create_delivered(delivered=0).state, "draft")

    # === COMPANIES AND COST === #

    def test_the_company_of_the_invoice_decides(self):
        self.customer._lift_credit_block(
            self.level_assistance, "test", self.credit_company
        )
        other = self.env["res.company"].create({"name": "Other Company"})
        self._block(level=self.level_assistance, company=other)
        invoice = self._create_invoice()
        invoice.with_context(
            allowed_company_ids=(other | self.credit_company).ids
        ).sudo().action_post()
        self.assertEqual(invoice.state, "posted")

    def test_asking_about_many_costs_the_queries_of_one(self):
        def count(number):
            customers = self.env["res.partner"].create(
                [{"name": f"Customer {number} {i}"} for i in range(number)]
            )
            self._block(customers[: number // 2], self.level_assistance)
            moves = self.env["account.move"].union(
                *map(self._create_invoice, customers)
            )
            return self._count_queries(moves._get_credit_invoice_verdicts)

        count(2)  # fill the caches that survive
        self.assertEqual(count(40), count(2))

    def test_invoices_of_good_customers_cost_two_queries(self):
        def count(number):
            moves = self.env["account.move"].union(
                *(self._create_invoice(self.good_customer) for __ in range(number))
            )
            self.env.flush_all()
            moves.read(["partner_id", "company_id", "move_type", "amount_untaxed"])
            before = self.env.cr.sql_log_count
            moves._filter_posted_now(False)._get_gated_verdicts()
            return self.env.cr.sql_log_count - before

        count(2)  # fill the caches that survive
        self.assertLessEqual(count(2), 2)
        self.assertLessEqual(count(40), 2)


@tagged("post_install", "-at_install")
class TestReturnFeeInvoice(CreditBlockFixture, PaymentReturnCommon):
    """The fee that the bank took for the return of a customer who may not buy."""

    def setUp(self):
        super().setUp()
        company = self.company.sudo()
        company.credit_block_on_return = False
        company.credit_return_fee_policy = "invoice"
        company.credit_return_fee_product_id = self.env["product.product"].create(
            {"name": "Return fee", "type": "service", "taxes_id": False}
        )
        returned = self.make_return(self.pay(self.invoice(100)), line_fee_amount=5.0)
        returned.action_confirm()
        self.fee_invoice = returned.fee_invoice_ids
        level = self._get_level("assistance")
        level.sudo().policy_invoice = "forbid"
        self.customer._set_credit_block(level, "test reason", self.company)

    def test_the_fee_is_claimed_from_a_blocked_customer(self):
        self.fee_invoice.action_post()
        self.assertEqual(self.fee_invoice.state, "posted")
        with self.assertRaisesRegex(UserError, "cannot be posted"):
            self.invoice(5)

    def test_goods_do_not_pass_for_a_fee(self):
        self.fee_invoice.invoice_line_ids.price_unit = 500
        with self.assertRaisesRegex(UserError, "cannot be posted"):
            self.fee_invoice.action_post()


@tagged("post_install", "-at_install")
class TestPaidInvoice(InvoiceFixture, AccountPaymentCommon):
    """Who has paid online is never stranded: the money is booked, a person decides."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enable_post_process_patcher = False
        cls._setup_credit_block(cls.env.company)
        cls.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        cls.product_a.invoice_policy = "order"
        cls.level_assistance.sudo().policy_invoice = "forbid"

    def _pay(self, partner):
        order = (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": partner.id,
                    "user_id": self.user_salesperson.id,
                    "order_line": [Command.create({"product_id": self.product_a.id})],
                }
            )
        )
        tx = self._create_transaction(
            "direct",
            reference=f"tx of {order.name}",
            state="done",
            amount=order.amount_total,
            partner_id=partner.id,
            sale_order_ids=order.ids,
        )
        with mute_logger("odoo.addons.sale.models.payment_transaction"):
            tx._post_process()
        return tx

    def test_the_invoice_of_a_paid_order_is_left_in_draft(self):
        self._block(level=self.level_assistance)
        tx = self._pay(self.customer)
        self.assertTrue(tx.is_post_processed)
        self.assertEqual(tx.sale_order_ids.state, "sale")
        self.assertEqual(tx.payment_id.amount, tx.amount)
        invoice = tx.invoice_ids
        self.assertEqual(invoice.state, "draft")
        self.assertFalse(invoice.is_move_sent)
        subtype = self.env.ref("account_credit_block.mail_message_subtype_guard")
        note = invoice.message_ids.filtered(lambda m: m.subtype_id == subtype)
        self.assertEqual(len(note), 1)
        self.assertIn("cannot be posted", note.body)
        self.assertIn("the payment is recorded", note.body)
        self.assertEqual(len(invoice.activity_ids), 1)
        self.assertEqual(invoice.activity_ids.user_id, self.user_salesperson)

    def test_it_is_posted_and_paid_once_the_block_is_lifted(self):
        self._block(level=self.level_assistance)
        invoice = self._pay(self.customer).invoice_ids
        self.customer._lift_credit_block(
            self.level_assistance, "test", self.credit_company
        )
        invoice.with_user(self.user_accountant).action_post()
        self.assertEqual(invoice.state, "posted")
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))

    def test_the_invoice_of_a_good_customer_is_posted_and_paid(self):
        invoice = self._pay(self.good_customer).invoice_ids
        self.assertEqual(invoice.state, "posted")
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))

    def test_releasing_a_paid_order_does_not_fail_on_its_invoice(self):
        self._block(level=self.level_pending)
        self._block(level=self.level_assistance)
        tx = self._pay(self.customer)
        order = tx.sale_order_ids
        self.assertEqual(order.hold_state, "held")
        order.with_user(self.user_credit_manager)._release_hold("decided")
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.invoice_ids.state, "draft")

    def test_nobody_else_posts_without_being_asked_while_it_lasts(self):
        self._block(level=self.level_assistance)
        moves = self.env["account.move"]
        invoice = self._create_invoice()
        with moves._leaving_blocked_in_draft():
            invoice._post()
        self.assertEqual(invoice.state, "draft")
        for key in ("leave_blocked_in_draft", "account_credit_block.leave"):
            with self.assertRaisesRegex(UserError, "cannot be posted"):
                invoice.with_context(**{key: True})._post()
