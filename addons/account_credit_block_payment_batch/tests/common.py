import unittest

from odoo.addons.account_credit_block.tests.common_debit_orders import DebitOrderCommon


class BatchCommon(DebitOrderCommon):
    """Debit orders of OCA's account_payment_batch_oca, whose files another makes."""

    group = "account_payment_batch_oca.group_account_payment"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        method = cls.env.ref(
            "account_payment_sepa_direct_debit.sepa_direct_debit",
            raise_if_not_found=False,
        )
        if not method:
            raise unittest.SkipTest("No addon makes files of direct debits.")
        cls.method_line = cls.env["account.payment.method.line"].create(
            {
                "name": "Direct debit",
                "company_id": cls.company.id,
                "payment_method_id": method.id,
                "bank_account_link": "fixed",
                "journal_id": cls.bank.id,
                "selectable": True,
                "group_lines": False,
                "payment_account_id": cls.get_waiting_account().id,
            }
        )

    @classmethod
    def get_waiting_account(cls):
        """The account on which collections wait for the bank; without, no entry."""
        return cls.company_data["default_account_assets"].copy(
            {"account_type": "asset_current", "reconcile": True}
        )

    def make_order(self, invoices):
        """Override: by the items of the invoices, as its dialog does."""
        orders = self.env["account.payment.order"]
        order = orders.create(
            {"payment_type": "inbound", "payment_method_line_id": self.method_line.id}
        )
        self.env["account.payment.line"].create(
            [
                {"order_id": order.id, "move_line_id": item.id}
                for item in self.due_items(invoices)
            ]
        )
        return order

    def get_file(self, order):
        """Override: the order keeps one."""
        return order.payment_file_id.raw
