from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.call_marks import BOOKING
from .common import new_user
from .common_returns import PaymentReturnCommon
from .common_rpc import RpcMixin

MODEL = "account.payment.return"


@tagged("post_install", "-at_install")
class TestReturnStanding(RpcMixin, PaymentReturnCommon):
    """What a return stands on stays as it is, until the return is cancelled."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_user(
            cls.env,
            "acb_standing",
            "account.group_account_user,account_credit_block.group_credit_manager",
            cls.company,
        )

    def setUp(self):
        super().setUp()
        self.debt = self.invoice(100)
        self.payment = self.pay(self.debt)
        self.returned = self.make_return(self.payment)
        self.rpc(self.user, MODEL, "action_confirm", self.returned.ids)

    def cancel(self, returned=None):
        self.rpc(self.user, MODEL, "action_cancel", (returned or self.returned).ids)

    def owed(self):
        """What the customer owes on balance."""
        items = self.env["account.move.line"].search(
            [
                ("partner_id", "=", self.customer.id),
                ("account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
            ]
        )
        return sum(items.mapped("balance"))

    def assertRefusedFor(self, name, *calls):
        for model, method, *args in calls:
            with (
                self.subTest(method=method, args=args),
                self.assertRaisesRegex((UserError, AccessError), name),
                self.env.cr.savepoint(),
            ):
                self.rpc(self.user, model, method, *args)

    def payment_calls(self, payment):
        """Everything that takes a payment, or its entry, out of the books."""
        wizard = self.rpc(
            self.user,
            "account.move.reversal",
            "create",
            {"journal_id": payment.journal_id.id},
            context={
                "active_model": "account.move",
                "active_ids": payment.move_id.ids,
            },
        )
        return [
            ("account.payment", "action_draft", payment.ids),
            ("account.payment", "action_cancel", payment.ids),
            ("account.payment", "unlink", payment.ids),
            ("account.payment", "write", payment.ids, {"state": "draft"}),
            ("account.payment", "write", payment.ids, {"amount": 40.0}),
            ("account.payment", "write", payment.ids, {"move_id": False}),
            ("account.move", "button_draft", payment.move_id.ids),
            ("account.move", "button_cancel", payment.move_id.ids),
            ("account.move", "write", payment.move_id.ids, {"date": "2026-11-05"}),
            ("account.move.reversal", "refund_moves", [wizard]),
            ("account.move.reversal", "modify_moves", [wizard]),
        ]

    # === WHAT CAME BACK === #

    def test_a_payment_that_came_back_stays_in_the_books(self):
        self.assertRefusedFor(self.returned.name, *self.payment_calls(self.payment))
        self.assertRefusedFor(
            self.returned.name,
            ("account.payment", "action_validate", self.payment.ids),
        )
        self.assertEqual(self.payment.state, "rejected")
        self.assertEqual(self.owed(), 100.0)

    def test_a_payment_of_which_a_part_came_back_stays_too(self):
        payment = self.pay(self.invoice(50))
        self.make_return(payment, line_amount=20.0).action_confirm()
        returned = payment.payment_return_line_ids.return_id
        self.assertRefusedFor(returned.name, *self.payment_calls(payment))
        # What is still to happen to the rest of it may happen.
        self.rpc(self.user, "account.payment", "action_validate", payment.ids)
        self.assertEqual(payment.state, "paid")

    def make_reversal(self, payment, **values):
        """The reversal of a payment's entry, left in draft."""
        return payment.move_id._reverse_moves([values], cancel=False)

    def test_a_reversal_that_waited_is_not_posted_once_the_payment_came_back(self):
        payment = self.pay(self.invoice(50))
        reversal = self.make_reversal(payment)
        returned = self.make_return(payment)
        returned.action_confirm()
        owed = self.owed()
        self.assertRefusedFor(
            returned.name,
            ("account.move", "action_post", reversal.ids),
            ("account.move", "write", reversal.ids, {"state": "posted"}),
        )
        self.assertEqual((reversal.state, self.owed()), ("draft", owed))
        self.cancel(returned)
        self.rpc(self.user, "account.move", "action_post", reversal.ids)
        self.assertEqual(reversal.state, "posted")

    def test_core_leaves_that_reversal_in_draft_and_posts_the_others(self):
        payment, other = self.pay(self.invoice(50)), self.pay(self.invoice(60))
        waiting = self.make_reversal(payment, date="2026-10-01", auto_post="at_date")
        good = self.make_reversal(other, date="2026-10-01", auto_post="at_date")
        returned = self.make_return(payment)
        returned.action_confirm()
        # The job commits, and takes back, on its own.
        job = self.env.registry["ir.cron"]
        with (
            patch.object(job, "_commit_progress", lambda *args, **kwargs: None),
            patch.object(self.env.cr, "rollback", lambda: None),
        ):
            self.env["account.move"].sudo()._autopost_draft_entries()
        self.assertEqual((waiting.state, good.state), ("draft", "posted"))
        self.assertIn(returned.name, waiting.message_ids[0].body)

    def test_the_same_is_done_to_any_other_payment_and_after_a_cancellation(self):
        other = self.pay(self.invoice(50))
        self.make_return(other)
        self.rpc(self.user, "account.payment", "action_draft", other.ids)
        self.assertEqual(other.state, "draft")
        self.cancel()
        self.rpc(self.user, "account.payment", "action_cancel", self.payment.ids)
        self.assertEqual(self.payment.state, "canceled")

    def test_the_memo_of_a_payment_that_came_back_may_be_written(self):
        values = {"memo": "Called the customer"}
        self.rpc(self.user, "account.payment", "write", self.payment.ids, values)
        self.assertEqual(self.payment.memo, "Called the customer")

    def test_a_bank_transaction_that_came_back_stays_in_the_books(self):
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "payment_ref": "Collection",
                "amount": 70.0,
                "partner_id": self.customer.id,
                "counterpart_account_id": self.receivable.id,
            }
        )
        item = transaction.move_id.line_ids.filtered(
            lambda i: i.account_id == self.receivable
        )
        invoice = self.invoice(70)
        (item | self.due_items(invoice)).reconcile()
        returned = self.env[MODEL].create(
            {
                "journal_id": self.bank.id,
                "date": "2026-10-05",
                "line_ids": [Command.create({"move_line_id": item.id, "amount": 70.0})],
            }
        )
        returned.action_confirm()
        model = "account.bank.statement.line"
        self.assertRefusedFor(
            returned.name,
            (model, "action_undo_reconciliation", transaction.ids),
            (model, "unlink", transaction.ids),
            (model, "write", transaction.ids, {"amount": 5.0}),
        )
        self.cancel(returned)
        self.rpc(self.user, model, "action_undo_reconciliation", transaction.ids)
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_what_a_cancelled_return_has_booked_stays_as_a_trace(self):
        self.cancel()
        for entry in self.returned.move_ids:
            self.assertRefusedFor(
                self.returned.name,
                ("account.move", "button_draft", entry.ids),
                ("account.move", "button_cancel", entry.ids),
                ("account.move", "unlink", entry.ids),
            )
        self.assertEqual(self.owed(), 0.0)

    # === CANCELLING === #

    def free(self, item):
        """Undo what took an item back, as it could be done before it was refused."""
        with BOOKING.set(self.env):
            item.matched_debit_ids.unlink()

    def test_a_payment_used_elsewhere_meanwhile_is_not_used_twice(self):
        item = self.payment_item(self.payment)
        self.free(item)
        other = self.invoice(60)
        (item | self.due_items(other)).reconcile()
        self.cancel()
        self.assertEqual(self.returned.state, "cancelled")
        self.assertEqual(item.amount_residual, 0.0)
        self.assertEqual(other.payment_state, "paid")
        self.assertEqual(self.debt.amount_residual, 60.0)
        self.assertEqual(self.owed(), 60.0)
        said = self.returned.message_ids[0].body
        self.assertIn("used for something else meanwhile: 60.00", said)

    def test_a_payment_used_up_elsewhere_meanwhile_is_said(self):
        item = self.payment_item(self.payment)
        self.free(item)
        (item | self.due_items(self.invoice(100))).reconcile()
        self.cancel()
        self.assertEqual(self.debt.amount_residual, 100.0)
        self.assertEqual(self.owed(), 100.0)
        self.assertIn("used for something else", self.returned.message_ids[0].body)

    def test_an_invoice_cancelled_meanwhile_is_said_and_left(self):
        self.debt.button_draft()
        self.debt.button_cancel()
        self.cancel()
        self.assertEqual(self.returned.state, "cancelled")
        self.assertEqual(self.payment_item(self.payment).amount_residual, -100.0)
        self.assertIn("not in the books any more", self.returned.message_ids[0].body)

    def test_an_invoice_deleted_meanwhile_is_said_and_left(self):
        self.debt.button_draft()
        self.debt.name = False
        self.debt.with_context(force_delete=True).unlink()
        self.cancel()
        self.assertEqual(self.owed(), -100.0)
        self.assertIn("not in the books any more", self.returned.message_ids[0].body)

    def test_an_entry_reversed_by_hand_before_is_not_reversed_again(self):
        # As it could be done before it was refused.
        link = {"payment_return_id": False}
        entry = self.returned.move_ids
        entry.sudo().write(link)
        with BOOKING.set(self.env):
            entry._reverse_moves(cancel=True)
        entry.sudo().write({"payment_return_id": self.returned.id})
        self.cancel()
        self.assertEqual(self.returned.state, "cancelled")
        self.assertEqual(self.returned.move_ids, entry)
        self.assertEqual(self.owed(), 0.0)
        self.assertEqual(self.debt.payment_state, "paid")
        self.assertIn("reversed before", self.returned.message_ids[0].body)

    def test_two_returns_of_one_payment_are_cancelled_together(self):
        invoice = self.invoice(500)
        payment = self.pay(invoice)
        returns = self.env[MODEL]
        for amount in (200.0, 300.0):
            returns += self.make_return(payment, line_amount=amount)
            returns[-1].action_confirm()
        self.assertEqual(invoice.amount_residual, 500.0)
        self.cancel(returns)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(self.payment_item(payment).amount_residual, 0.0)

    def test_a_bank_transaction_in_a_locked_period_is_taken_back_by_a_reversal(self):
        invoice = self.invoice(80)
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "payment_ref": "Insoluto",
                "date": "2026-10-05",
                "amount": -80.0,
            }
        )
        returned = self.make_return(self.pay(invoice), statement_line_id=transaction.id)
        returned.action_confirm()
        self.company.sudo().fiscalyear_lock_date = "2026-10-31"
        self.cancel(returned)
        self.assertEqual(returned.state, "cancelled")
        self.assertEqual(invoice.payment_state, "paid")
        reversal = returned.move_ids - transaction.move_id
        self.assertBalanced(reversal)
        suspense = self.bank.suspense_account_id
        open_item = reversal.line_ids.filtered(lambda i: i.account_id == suspense)
        self.assertEqual(open_item.balance, 80.0)
        self.assertIn("locked period", returned.message_ids[0].body)

    def test_a_bank_transaction_in_an_open_period_is_free_again(self):
        transaction = self.env["account.bank.statement.line"].create(
            {
                "journal_id": self.bank.id,
                "payment_ref": "Insoluto",
                "date": "2026-10-05",
                "amount": -80.0,
            }
        )
        returned = self.make_return(
            self.pay(self.invoice(80)), statement_line_id=transaction.id
        )
        returned.action_confirm()
        self.cancel(returned)
        self.assertFalse(transaction.is_reconciled)
        self.assertFalse(returned.move_ids)
