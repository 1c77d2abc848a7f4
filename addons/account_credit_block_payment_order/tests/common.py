import unittest

from odoo.addons.account_credit_block.tests.common_debit_orders import DebitOrderCommon


class OrderCommon(DebitOrderCommon):
    """Debit orders of OCA's account_payment_order, whose files another addon makes."""

    group = "account_payment_order.group_account_payment"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        method = cls.env.ref(
            "account_banking_sepa_direct_debit.sepa_direct_debit",
            raise_if_not_found=False,
        )
        if not method:
            raise unittest.SkipTest("No addon makes files of direct debits.")
        cls.env["account.payment.method.line"].create(
            {
                "name": "Direct debit",
                "payment_method_id": method.id,
                "journal_id": cls.bank.id,
            }
        )
        cls.mode = cls.env["account.payment.mode"].create(
            {
                "name": "Direct debit",
                "company_id": cls.company.id,
                "payment_method_id": method.id,
                "bank_account_link": "fixed",
                "fixed_journal_id": cls.bank.id,
                "group_lines": False,
            }
        )

    @classmethod
    def add_mandate(cls, customer, number, **values):
        """Override: what only this addon asks of a mandate."""
        more = {"format": "sepa", "scheme": "CORE", "recurrent_sequence_type": "first"}
        return super().add_mandate(customer, number, **more, **values)

    def make_order(self, invoices):
        """Override: by the items of the invoices, as its dialog does."""
        orders = self.env["account.payment.order"]
        order = orders.create({"payment_mode_id": self.mode.id})
        lines = self.due_items(invoices).create_payment_line_from_move_line(order)
        for line in lines:
            line.mandate_id = line.partner_bank_id.mandate_ids
        return order

    def get_file(self, order):
        """Override: the last one that is attached."""
        return self.get_attachments(order)[:1].raw

    def get_attachments(self, order):
        domain = [("res_model", "=", order._name), ("res_id", "=", order.id)]
        return self.env["ir.attachment"].search(domain, order="id desc")
