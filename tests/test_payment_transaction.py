from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from .common import CreditBlockFixture


@tagged("post_install", "-at_install")
class TestPaymentTransaction(CreditBlockFixture, AccountPaymentCommon):
    """A payment link on an order of the back office, down to the books."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.enable_post_process_patcher = False
        cls._setup_credit_block(cls.env.company)
        cls.order = (
            cls.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": cls.customer.id,
                    "user_id": cls.user_salesperson.id,
                    "order_line": [Command.create({"product_id": cls.product_a.id})],
                }
            )
        )

    def _pay(self, state="done"):
        tx = self._create_transaction(
            "direct",
            state=state,
            amount=self.order.amount_total,
            partner_id=self.customer.id,
            sale_order_ids=self.order.ids,
        )
        with mute_logger("odoo.addons.sale.models.payment_transaction"):
            tx._post_process()
        return tx

    def test_the_money_of_a_refused_order_is_in_the_books(self):
        self._block()
        tx = self._pay()
        self.assertEqual(self.order.state, "sent")
        self.assertTrue(tx.is_post_processed)
        self.assertRecordValues(
            tx.payment_id,
            [{"amount": self.order.amount_total, "partner_id": self.customer.id}],
        )

    def test_a_credit_manager_is_asked_to_decide(self):
        self._block()
        self._pay()
        self.assertEqual(
            self.order.hold_ids.activity_ids.user_id,
            self.credit_company._get_credit_managers(limit=1),
        )

    def test_a_paid_order_is_confirmed_when_nothing_is_blocked(self):
        tx = self._pay()
        self.assertEqual(self.order.state, "sale")
        self.assertTrue(tx.payment_id)

    # === AFTER THE DECISION === #

    def _hold_paid(self, **vals):
        self._block(level=self.level_pending)
        tx = self._pay(**vals)
        self.assertRecordValues(self.order, [{"state": "sent", "hold_state": "held"}])
        return tx

    def _decide(self, name, reason="decided"):
        getattr(self.order.with_user(self.user_credit_manager), name)(reason)

    def _get_mails(self):
        comment = self.env.ref("mail.mt_comment")
        messages = self.order.message_ids
        return messages.filtered(lambda m: m.subject and m.subtype_id == comment)

    def test_release_confirms_and_sends_the_mail_of_a_confirmed_order(self):
        self._hold_paid()
        before = self._get_mails()
        self._decide("_release_hold")
        self.assertRecordValues(
            self.order, [{"state": "sale", "hold_state": "released"}]
        )
        self.assertIn("Order", (self._get_mails() - before).subject)
        self.assertFalse(self.order.invoice_ids, "no automatic invoices here")

    def test_release_makes_the_automatic_invoice_and_pays_it(self):
        self.env["ir.config_parameter"].set_param("sale.automatic_invoice", "True")
        self.product_a.invoice_policy = "order"
        tx = self._hold_paid()
        self.assertFalse(self.order.invoice_ids)
        self.assertTrue(tx.payment_id, "the money is in the books meanwhile")
        self._decide("_release_hold")
        invoice = self.order.invoice_ids
        self.assertRecordValues(
            invoice,
            [{"state": "posted", "amount_total": self.order.amount_total}],
        )
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))
        self.assertTrue(invoice.is_move_sent)

    def test_who_has_paid_reads_that_the_order_is_reviewed(self):
        self._hold_paid()
        mail = self._get_mails()
        self.assertIn("we have received your order", mail.subject)
        self.assertIn("is being reviewed", mail.body)
        self.assertNotIn("block", mail.body)

    def test_silently_held_customers_read_what_they_always_read(self):
        self.credit_company.credit_hold_handover = "silent"
        self._hold_paid()
        self.assertNotIn("reviewed", str(self._get_mails().mapped("body")))

    def test_refusing_refunds_what_the_provider_can_refund(self):
        self.provider.support_refund = "full_only"
        tx = self._hold_paid()
        self._decide("_refuse_hold")
        self.assertEqual(self.order.hold_state, "refused")
        refund = tx.child_transaction_ids
        self.assertRecordValues(
            refund, [{"operation": "refund", "amount": -self.order.amount_total}]
        )
        self.assertFalse(self.order.activity_ids)

    def test_refusing_voids_what_was_only_authorized(self):
        self.provider.support_manual_capture = "full_only"
        tx = self._hold_paid(state="authorized")
        self._decide("_refuse_hold")
        self.assertEqual(len(tx.child_transaction_ids), 1)
        self.assertFalse(self.order.activity_ids)

    def test_refusing_asks_a_person_where_the_provider_cannot_give_back(self):
        self.provider.support_refund = "none"
        self._hold_paid()
        self._decide("_refuse_hold")
        self.assertEqual(self.order.state, "cancel")
        note = self.order.activity_ids.note
        self.assertIn("pay the money back to", note)
        self.assertIn(self.order.transaction_ids.reference, note)

    def test_a_released_order_may_be_forbidden_to_others(self):
        """Who paid is never stranded: what blocks forbid is for a manager to decide."""
        self._block(level=self.level_doubtful)
        self._pay()
        self.assertEqual(self.order.hold_state, "held")
        self._decide("_release_hold")
        self.assertEqual(self.order.state, "sale")
