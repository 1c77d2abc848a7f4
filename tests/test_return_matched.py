from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import new_user
from .common_returns import PaymentReturnCommon
from .common_rpc import RpcMixin


@tagged("post_install", "-at_install")
class TestReturnMatched(RpcMixin, PaymentReturnCommon):
    """What a return has matched, and the payment it stands on, stay as they are."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = new_user(
            cls.env, "acb_matched_clerk", "account.group_account_invoice", cls.company
        )
        cls.invoiced = cls.invoice(122)
        cls.payment = cls.pay(cls.invoiced)
        cls.returned = cls.make_return(cls.payment)
        cls.returned.action_confirm()
        cls.item = cls.payment_item(cls.payment)
        cls.partial = cls.item.matched_debit_ids
        cls.other = cls.pay(cls.invoice(61))
        cls.other_partial = cls.payment_item(cls.other).matched_debit_ids

    def as_clerk(self, records, method, *args):
        """Call a method as the clerk does over RPC."""
        return self.rpc(self.clerk, records._name, method, records.ids, *args)

    def test_the_match_of_a_payment_and_its_return_is_not_undone(self):
        calls = (
            (self.partial, "unlink"),
            (self.partial, "write", {"amount": 0.01}),
            (self.item, "remove_move_reconcile"),
            (self.returned.move_ids.line_ids, "remove_move_reconcile"),
        )
        for call in calls:
            with self.assertRaisesRegex(UserError, "Cancel (the|that) return"):
                self.as_clerk(*call)
        self.as_clerk(self.other_partial, "unlink")
        self.assertEqual(self.invoiced.payment_state, "not_paid")

    def test_no_other_match_becomes_that_of_a_return(self):
        debit = self.partial.debit_move_id
        with self.assertRaisesRegex(UserError, "Cancel the return"):
            self.other_partial.sudo().write(
                {"debit_move_id": debit.id, "credit_move_id": self.item.id}
            )

    def test_cancelling_undoes_the_match(self):
        self.returned.action_cancel()
        match = self.item.matched_debit_ids
        self.assertEqual(match.debit_move_id.move_id, self.invoiced)
        self.assertEqual(self.invoiced.payment_state, "paid")
        self.as_clerk(match, "unlink")
        self.assertEqual(self.invoiced.payment_state, "not_paid")

    def test_nothing_of_a_payment_that_came_back_is_written(self):
        account = self.payment.outstanding_account_id
        for values in (
            {"end_to_end_id": "X"},
            {"name": "X"},
            {"mandate_reference": "X"},
            {"outstanding_account_id": account.id},
            {"invoice_ids": [Command.clear()]},
        ):
            refused = self.assertRaisesRegex(UserError, "came back unpaid")
            with self.subTest(values=values), refused:
                self.as_clerk(self.payment, "write", values)
        self.as_clerk(self.other, "write", {"end_to_end_id": "X"})
        self.as_clerk(self.payment, "message_subscribe", self.clerk.partner_id.ids)
