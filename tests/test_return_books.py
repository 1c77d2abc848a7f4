from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import tagged

from .common import new_user
from .common_returns import PaymentReturnCommon
from .common_rpc import RpcMixin

MODEL = "account.payment.return"
# Answers of ours and of core: whichever comes first.
REFUSED = (
    "already in the books|Cancel the return instead|linked to it by the return itself"
    "|buttons Confirm and Cancel|are not entered|in draft only|cannot be deleted"
    "|readonly fields on a posted move|created by a return"
)


@tagged("post_install", "-at_install")
class TestReturnBooks(RpcMixin, PaymentReturnCommon):
    """What a confirmed return has put in the books changes with the return only."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_user(
            cls.env,
            "acb_books",
            "account.group_account_user,account_credit_block.group_credit_manager",
            cls.company,
        )

    def setUp(self):
        super().setUp()
        self.payment, self.other_payment = (
            self.pay(self.invoice(amount)) for amount in (100, 50)
        )
        self.returned = self.make_return(self.payment)
        self.draft = self.make_return(self.other_payment)
        self.rpc(self.user, MODEL, "action_confirm", self.returned.ids)
        self.entry = self.returned.move_ids
        self.item = self.entry.line_ids.filtered(lambda i: i.balance > 0)

    def _assert_refused(self, calls, user=None):
        for model, name, *args in calls:
            *args, context = args if isinstance(args[-1], tuple) else (*args, ())
            with (
                self.subTest(model=model, name=name, args=args),
                self.assertRaisesRegex((UserError, AccessError), REFUSED),
            ):
                self.rpc(user or self.user, model, name, *args, context=dict(context))
        self.assertRecordValues(
            self.entry,
            [{"state": "posted", "payment_return_id": self.returned.id}],
        )
        self.assertEqual(self.returned.state, "confirmed")
        self.assertEqual(self.item.exists().balance, 100.0)

    # === THE RETURN === #

    def test_the_total_of_a_draft_is_computed_and_not_entered(self):
        for record, name in (
            (self.draft, "amount_total"),
            (self.draft.line_ids, "commercial_partner_id"),
        ):
            with self.subTest(name=name), self.assertRaises(AccessError):
                self.rpc(self.user, record._name, "write", record.ids, {name: 1})
        # What is there anyway is no entry.
        known = {"amount_total": self.draft.amount_total, "date": "2026-10-07"}
        self.rpc(self.user, MODEL, "write", self.draft.ids, known)
        self.assertEqual(str(self.draft.date), "2026-10-07")
        self.assertEqual(self.draft.amount_total, 50.0)

    def test_nothing_of_a_confirmed_return_is_written(self):
        line = self.returned.line_ids
        calls = [
            (MODEL, "write", self.returned.ids, {name: False})
            for name, field in self.returned._fields.items()
            if name not in self.env["mail.thread.main.attachment"]._fields
            and name not in self.env["mail.activity.mixin"]._fields
            and (field.store or field.type == "one2many")
            and not field.compute
            and name not in MAGIC_COLUMNS
        ]
        self.assertGreater(len(calls), 15)
        for values in (
            {"amount": 1.0},
            {"partner_id": self.other_customer.id},
            {"invoice_line_ids": [Command.clear()]},
            {"move_line_id": self.payment_item(self.other_payment).id},
            {"undone_ids": [Command.clear()]},
            {"entry_line_ids": [Command.clear()]},
            {"fee_amount": 5.0},
            {"reason_id": self.reason_iban.id},
            {"return_id": self.draft.id},
        ):
            calls.append((line._name, "write", line.ids, values))
            calls.append(
                (
                    MODEL,
                    "write",
                    self.returned.ids,
                    {"line_ids": [Command.update(line.id, values)]},
                )
            )
        calls += [
            (line._name, "unlink", line.ids),
            (MODEL, "unlink", self.returned.ids),
            (line._name, "create", {"return_id": self.returned.id, "amount": 1.0}),
            (
                line._name,
                "write",
                self.draft.line_ids.ids,
                {"return_id": self.returned.id},
            ),
        ]
        self._assert_refused(calls)

    def test_people_go_on_talking_about_a_confirmed_return(self):
        todo = self.env.ref("mail.mail_activity_data_todo")
        self.rpc(self.user, MODEL, "message_post", self.returned.ids, body="Called.")
        self.rpc(
            self.user,
            MODEL,
            "activity_schedule",
            self.returned.ids,
            activity_type_id=todo.id,
            user_id=self.user.id,
        )
        follower = self.user.partner_id
        values = {"message_main_attachment_id": False}
        self.rpc(self.user, MODEL, "write", self.returned.ids, values)
        self.rpc(self.user, MODEL, "message_subscribe", self.returned.ids, follower.ids)
        self.assertTrue(self.returned.activity_ids)
        self.assertIn(follower, self.returned.message_partner_ids)

    def test_nobody_enters_where_a_return_comes_from(self):
        values = {"journal_id": self.bank.id}
        entered = {
            "file_hash": "x",
            "taken_over_from": "x",
            "booked_elsewhere": True,
            "split_from_id": self.returned.id,
            "state": "confirmed",
            "name": "RET/1",
        }
        calls = [
            (MODEL, "create", {**values, "move_ids": [Command.link(self.entry.id)]}),
            (MODEL, "copy", self.draft.ids, {"state": "confirmed"}),
        ]
        for name, value in entered.items():
            calls += [
                (MODEL, "create", {**values, name: value}),
                (MODEL, "write", self.draft.ids, {name: value}),
            ]
        self._assert_refused(calls)
        defaults = {f"default_{name}": value for name, value in entered.items()}
        made, plain = (
            self.env[MODEL].browse(
                self.rpc(self.user, MODEL, "create", values, context=context)
            )
            for context in (defaults, {})
        )
        for name in entered.keys() - {"name"}:
            self.assertEqual(made[name], plain[name], name)
        self.assertNotEqual(made.name, "RET/1")
        self.rpc(self.user, MODEL, "copy", self.draft.ids)
        self.rpc(self.user, MODEL, "write", self.draft.ids, {"date": "2026-10-06"})

    # === ITS ENTRY === #

    def test_the_entry_of_a_confirmed_return_stays_as_it_is(self):
        move, item = self.entry.ids, self.item.ids
        free = (("skip_readonly_check", True), ("hash_version", 1))
        partner = self.other_customer.id
        self._assert_refused(
            [
                ("account.move", "button_draft", move),
                ("account.move", "button_cancel", move),
                ("account.move", "write", move, {"state": "draft"}),
                ("account.move", "write", move, {"state": "cancel"}),
                ("account.move", "write", move, {"payment_return_id": False}),
                ("account.move", "write", move, {"date": "2026-11-05"}, free),
                (
                    "account.move",
                    "write",
                    move,
                    {"line_ids": [Command.update(*item, {"partner_id": partner})]},
                    free,
                ),
                ("account.move", "unlink", move),
                ("account.move", "unlink", move, (("force_delete", True),)),
                (MODEL, "write", self.draft.ids, {"move_ids": [Command.link(*move)]}),
                ("account.move.line", "write", item, {"partner_id": partner}),
                ("account.move.line", "write", item, {"date_maturity": "2027-11-05"}),
                ("account.move.line", "write", item, {"payment_return_line_id": 0}),
                ("account.move.line", "write", item, {"reopened_by_line_ids": []}),
                ("account.move.line", "unlink", item, (("force_delete", True),)),
            ]
        )

    def test_the_entry_of_a_confirmed_return_is_reversed_by_the_return_only(self):
        wizard = self.rpc(
            self.user,
            "account.move.reversal",
            "create",
            {"journal_id": self.entry.journal_id.id},
            context={"active_model": "account.move", "active_ids": self.entry.ids},
        )
        self._assert_refused(
            [
                ("account.move.reversal", "refund_moves", [wizard]),
                ("account.move.reversal", "modify_moves", [wizard]),
                (
                    "account.move",
                    "create",
                    {"move_type": "entry", "reversed_entry_id": self.entry.id},
                ),
            ]
        )
        self.rpc(self.user, MODEL, "action_cancel", self.returned.ids)
        self.assertEqual(self.returned.state, "cancelled")
        self.assertEqual(len(self.returned.move_ids), 2)

    def test_notes_on_the_entry_may_be_written(self):
        self.rpc(self.user, "account.move", "write", self.entry.ids, {"ref": "Bank 5"})
        self.assertEqual(self.entry.ref, "Bank 5")

    # === LINKS === #

    def test_nobody_links_entries_and_invoices_to_a_return(self):
        invoice = self.invoice(10)
        entry = {
            "move_type": "entry",
            "line_ids": [
                Command.create(
                    {"account_id": self.receivable.id, "debit": d, "credit": c}
                )
                for d, c in ((5, 0), (0, 5))
            ],
        }
        calls = []
        for name in ("payment_return_id", "fee_return_id"):
            value = self.returned.id
            calls += [
                ("account.move", "create", {**entry, name: value}),
                ("account.move", "write", invoice.ids, {name: value}),
                ("account.move", "copy", invoice.ids, {name: value}),
            ]
        item = {"payment_return_line_id": self.returned.line_ids.id}
        entry["line_ids"][0][2].update(item)
        calls += [
            ("account.move", "create", entry),
            ("account.move.line", "write", invoice.line_ids[:1].ids, item),
        ]
        self._assert_refused(calls)
        entry["line_ids"][0][2].pop("payment_return_line_id")
        context = {
            "default_payment_return_id": self.returned.id,
            "default_payment_return_line_id": self.returned.line_ids.id,
        }
        new = self.rpc(self.user, "account.move", "create", entry, context=context)
        new = self.env["account.move"].browse(new)
        self.assertFalse(new.payment_return_id)
        self.assertFalse(new.line_ids.payment_return_line_id)
