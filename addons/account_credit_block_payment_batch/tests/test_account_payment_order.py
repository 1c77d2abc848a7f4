from odoo.tests import tagged

from odoo.addons.account_credit_block.tests.common_debit_orders import DebitOrderCases

from .common import BatchCommon


@tagged("post_install", "-at_install")
class TestBatch(DebitOrderCases, BatchCommon):
    def drop_file(self, order):
        order.payment_file_id.unlink()

    def test_its_end_to_end_id_is_lot_and_number(self):
        order, _file = self.upload(self.invoices(2))
        lot = order.payment_lot_ids.name
        self.assertEqual(
            order.payment_ids.mapped("end_to_end_id"), [f"{lot}/1", f"{lot}/2"]
        )
        self.assertEqual(set(order.payment_ids.mapped("collection_batch_id")), {lot})

    def test_lot_1_number_11_is_not_lot_11_number_1(self):
        order, _file = self.generate(self.invoices(1))
        first, second = f"{order.name}/LOT1/11", f"{order.name}/LOT11/1"
        payment = order.payment_ids
        payment.memo = second
        order.payment_file_id.raw = order.payment_file_id.raw.replace(
            f"{order.name}/LOT1/1<".encode(), f"{first}<".encode()
        )
        order.generated2uploaded()
        self.assertEqual(payment.end_to_end_id, second)

    def test_letters_that_no_bank_takes_are_told_as_in_the_file(self):
        order = self.make_order(self.invoices(1))
        order.name = "Prélèvement_7"
        order.draft2open()
        order.open2generated()
        order.generated2uploaded()
        payment = order.payment_ids
        self.assertEqual(payment.end_to_end_id, "Prelevement-7/LOT1/1")
        self.assertEqual(payment.collection_message_id, "Prelevement-7")


@tagged("post_install", "-at_install")
class TestBatchWithoutEntry(DebitOrderCases, BatchCommon):
    """Payments that get no entry before the bank tells."""

    @classmethod
    def get_waiting_account(cls):
        return cls.env["account.account"]

    def upload(self, invoices):
        order, file = super().upload(invoices)
        self.assertFalse(order.payment_ids.move_id)
        return order, file

    def drop_file(self, order):
        order.payment_file_id.unlink()
