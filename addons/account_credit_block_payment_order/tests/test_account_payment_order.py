from odoo.tests import tagged

from odoo.addons.account_credit_block.tests.common_debit_orders import DebitOrderCases

from .common import OrderCommon


@tagged("post_install", "-at_install")
class TestDebitOrder(DebitOrderCases, OrderCommon):
    def drop_file(self, order):
        self.get_attachments(order).unlink()

    def test_its_end_to_end_id_is_that_of_the_payment(self):
        order, _file = self.upload(self.invoices(2))
        for payment in order.payment_ids:
            self.assertEqual(payment.end_to_end_id, str(payment.id))

    def test_the_batch_is_called_as_it_was_before_the_mandates_went_on(self):
        order, _file = self.upload(self.invoices(1))
        self.assertIn("FRST", order.payment_ids.collection_batch_id)
        mandate = order.payment_line_ids.mandate_id
        self.assertEqual(mandate.recurrent_sequence_type, "recurring")
        self.forget(order.payment_ids)
        order.sudo()._fill_in_uploaded()
        self.assertIn("FRST", order.payment_ids.collection_batch_id)
