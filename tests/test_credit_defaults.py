from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from ..models.ir_default import without_habits
from .common import CreditBlockFixture
from .common_holds import HoldCommon
from .common_returns import PaymentReturnCommon
from .common_rpc import RemoteCalls, RpcMixin


class HabitsMixin:
    """Defaults that a user keeps for himself, as the web client's debug menu sets."""

    def keep_default(self, user, model, **values):
        for name, value in values.items():
            self.rpc(user, "ir.default", "set", model, name, value, True)


@tagged("post_install", "-at_install")
class TestDefaultsOfReturns(
    HabitsMixin, RemoteCalls, CreditBlockFixture, PaymentReturnCommon
):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(
            user=cls.env.ref("base.user_root"),
            context={**cls.env.context, "allowed_company_ids": cls.company.ids},
        )
        cls._setup_credit_block(cls.company)
        cls.accountant = cls.user_accountant
        cls.payment = cls.pay(cls.invoice(100, cls.customer))

    def _confirm(self, payment=None, **context):
        """Enter a return as the accountant does, and confirm it."""
        values = {
            "payment_id": (payment or self.payment).id,
            "amount": 100.0,
            "reason_id": self.reason_funds.id,
        }
        name = "account.payment.return"
        entered = {"journal_id": self.bank.id, "line_ids": [Command.create(values)]}
        payment_return = self.enter(self.accountant, name, **entered)
        self.call(self.accountant, payment_return, "action_confirm", context=context)
        return payment_return

    def test_nobody_s_own_defaults_keep_a_customer_from_being_blocked(self):
        kept = {"state": "lifted", "waived": True, "waived_returns": 99}
        self.keep_default(self.accountant, "credit.block", **kept)
        self._confirm()
        block = self.customer.credit_block_ids
        self.assertRecordValues(
            block, [{"state": "in_force", "waived": False, "waived_returns": 0}]
        )

    def test_what_is_to_be_done_of_a_return_is_not_born_done(self):
        name = "account.payment.return.task"
        self.keep_default(self.accountant, name, done_on="2026-01-01 00:00:00")
        lines = self._confirm().line_ids
        task = self.env[name].search([("return_line_id", "in", lines.ids)])
        self.assertEqual((len(task), task.done_on), (1, False))

    def test_the_entry_of_a_return_takes_no_defaults_of_a_client_or_its_user(self):
        other = self._confirm(self.pay(self.invoice(100, self.other_customer)))
        poison = {
            "reversed_entry_id": other.move_ids.id,
            "auto_post": "monthly",
            "auto_post_until": "2027-03-31",
            "name": "EVIL",
        }
        self.keep_default(self.accountant, "account.move", **poison)
        context = {f"default_{name}": value for name, value in poison.items()}
        entry = self._confirm(**context).move_ids
        self.assertEqual(len(entry), 1)
        self.assertRecordValues(
            entry, [{"reversed_entry_id": False, "auto_post": "no"}]
        )
        self.assertNotIn("EVIL", entry.name)
        self.call(self.accountant, other, "action_cancel", context=context)
        reversal = other.move_ids.reversal_move_ids
        self.assertEqual((len(reversal), reversal.auto_post), (1, "no"))
        self.assertEqual(reversal.state, "posted")

    def test_what_a_company_has_for_everybody_stays(self):
        self.env["ir.default"].set("account.move", "ref", "OURS", company_id=True)
        own = self.env["ir.default"].with_user(self.accountant)
        self.keep_default(self.accountant, "account.move", ref="MINE")
        self.assertEqual(own._get_model_defaults("account.move")["ref"], "MINE")
        with without_habits(own) as (asked,):
            self.assertEqual(asked._get_model_defaults("account.move")["ref"], "OURS")
        self.assertEqual(own._get_model_defaults("account.move")["ref"], "MINE")

    def test_a_return_from_a_file_or_split_from_another_starts_afresh(self):
        other = self.make_return(self.pay(self.invoice(50)))
        poison = {
            "booked_elsewhere": True,
            "taken_over_from": "x,1",
            "split_from_id": other.id,
            "is_stopping": True,
        }
        context = {f"default_{name}": value for name, value in poison.items()}
        context["default_name"] = "RET/1"
        draft = self.make_return(self.payment)
        lost = {"amount": 7.0, "reference": "nobody's"}
        self.call(self.accountant, draft, "write", {"line_ids": [Command.create(lost)]})
        draft.line_ids[1].match_state = "unmatched"
        self.call(self.accountant, draft, "action_confirm", context=context)
        rest = draft.rest_ids
        self.assertEqual(len(rest), 1)
        self.assertNotEqual(rest.name, "RET/1")
        self.assertRecordValues(
            rest,
            [
                {
                    "booked_elsewhere": False,
                    "taken_over_from": False,
                    "split_from_id": draft.id,
                    "is_stopping": False,
                }
            ],
        )

    def test_no_default_of_his_own_names_what_one_may_not_see(self):
        other = self.env["res.company"].create({"name": "Of others"})
        foreign = self._create_customer("Theirs", company_id=other.id)
        name = "account.payment.return.line"
        draft = self.make_return(self.payment)
        self.keep_default(self.accountant, name, partner_id=foreign.id)
        with self.assertRaises(AccessError):
            self.enter(self.accountant, name, return_id=draft.id, amount=1.0)
        self.keep_default(self.accountant, name, partner_id=self.customer.id)
        line = self.enter(self.accountant, name, return_id=draft.id, amount=1.0)
        self.assertEqual(line.partner_id, self.customer)

    def test_what_odoo_notes_on_a_return_is_deleted_by_nobody(self):
        payment_return = self._confirm()
        notes = payment_return.message_ids
        self.call(
            self.accountant,
            payment_return,
            "message_post",
            body="I rang them.",
            message_type="comment",
        )
        mine = payment_return.message_ids - notes
        self.assertTrue(notes)
        for user in (self.accountant, self.user_credit_manager):
            for note in notes:
                with self.subTest(user=user.name, note=note.id):
                    with self.assertRaisesRegex(UserError, "stays as it is"):
                        self.call(user, note, "unlink")
                    with self.assertRaisesRegex(UserError, "stays as it is"):
                        self.call(user, note, "write", {"body": "nothing"})
        self.call(self.accountant, mine, "unlink")
        self.assertEqual(payment_return.message_ids, notes)

    def test_the_notes_of_a_draft_go_with_it(self):
        draft = self.enter(
            self.accountant, "account.payment.return", journal_id=self.bank.id
        )
        notes = draft.message_ids
        self.call(self.accountant, draft, "unlink")
        self.assertTrue(notes)
        self.assertFalse(notes.exists())


@tagged("post_install", "-at_install")
class TestDefaultsOfHolds(HabitsMixin, RpcMixin, HoldCommon):
    def test_no_salesperson_hides_his_order_from_who_decides(self):
        user = self.user_salesperson
        kept = {"state": "released", "is_from_customer": True, "request_text": "forged"}
        self.keep_default(user, "sale.order.hold", **kept)
        order = self._create_order()
        self.rpc(user, "sale.order", "action_confirm_or_hold", order.ids)
        self._assert_states(order, "sent", "held")
        self.assertRecordValues(
            order.sudo().hold_ids,
            [{"state": "held", "is_from_customer": False, "request_text": False}],
        )
