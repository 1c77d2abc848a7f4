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

    def _pay(self):
        tx = self._create_transaction(
            "direct",
            state="done",
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
