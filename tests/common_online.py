from odoo.tools import mute_logger

from odoo.addons.payment.tests.common import PaymentCommon

from .common_returns import PaymentReturnCommon


class OnlinePaymentCommon(PaymentCommon, PaymentReturnCommon):
    """Customers who paid their invoices online, by the provider of the test."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_dummy_payment_method_for_provider(
            provider=cls.dummy_provider, journal=cls.bank
        )

    def setUp(self):
        self.enable_post_process_patcher = False
        super().setUp()
        self.invoice_paid = self.invoice(100.0)
        self.tx = self.pay_online(self.invoice_paid)

    def create_online(self, amount, **values):
        """A transaction that is done and that nobody has booked yet."""
        count = self.env["payment.transaction"].sudo().search_count([])
        return self._create_transaction(
            "direct",
            **{
                "state": "done",
                "amount": amount,
                "currency_id": self.company.currency_id.id,
                "partner_id": self.customer.id,
                "reference": f"ONLINE-{count}",
                **values,
            },
        )

    def pay_online(self, invoice, **values):
        """The transaction that paid an invoice, and is booked."""
        values = {"invoice_ids": invoice.ids, **values}
        tx = self.create_online(invoice.amount_total, **values)
        self.book(tx)
        self.assertEqual(invoice.payment_state, "paid")
        return tx

    def refund_online(self, amount, tx=None):
        """The refund of a payment by its provider, booked."""
        tx = tx or self.tx
        refund = self.create_online(
            -amount, operation="refund", source_transaction_id=tx.id
        )
        self.book(refund)
        self.assertEqual(refund.payment_id.payment_type, "outbound")
        return refund.payment_id

    def book(self, tx):
        """Book a transaction, as the job of Odoo does."""
        with mute_logger("odoo.addons.sale.models.payment_transaction"):
            tx._post_process()

    def find_lines(self, tx=None):
        """The lines that were made of what the provider told of a payment."""
        lines = self.env["account.payment.return.line"].search(
            [("transaction_id", "=", (tx or self.tx).id)]
        )
        lines.invalidate_recordset()
        return lines
