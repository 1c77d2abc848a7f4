from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common_returns import PaymentReturnCommon
from .common_rpc import RpcMixin


@tagged("post_install", "-at_install")
class TestReturnAsks(RpcMixin, PaymentReturnCommon):
    """A line that asks more than its payment can give says so when it is saved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.payment = cls.pay(cls.invoice(1671.40))

    def save(self, *amounts, returned=None):
        """Save a return by the form, with a line of the payment for each amount."""
        lines = [
            Command.create(
                {
                    "payment_id": self.payment.id,
                    "move_line_id": self.payment_item(self.payment).id,
                    "amount": amount,
                }
            )
            for amount in amounts
        ]
        self.rpc(
            self.env.user,
            "account.payment.return",
            "web_save",
            [],
            {"journal_id": self.bank.id, "date": "2026-10-05", "line_ids": lines},
            specification={},
        )
        returned = self.env["account.payment.return"].search([], limit=1)
        return returned.line_ids.sorted("id")

    def change(self, line, command):
        """Save a change of a line by the form of its return."""
        self.rpc(
            self.env.user,
            "account.payment.return",
            "web_save",
            line.return_id.ids,
            {"line_ids": [command]},
            specification={},
        )

    def assertAsksTooMuch(self, line, note="only"):
        self.assertEqual(line.match_state, "unmatched")
        self.assertIn(note, line.match_note)

    def test_what_the_payment_can_give_is_matched(self):
        self.assertEqual(self.save(1671.40).match_state, "matched")
        parts = self.save(1000, 671.40)
        self.assertEqual(parts.mapped("match_state"), ["matched"] * 2)

    def test_a_new_line_says_who_chose_its_payment_and_nothing_before(self):
        item = self.payment_item(self.payment)
        values = {"payment_id": self.payment.id, "move_line_id": item.id, "amount": 1}
        new = self.env["account.payment.return.line"].new(values)
        self.assertEqual(new.match_state, "matched")
        self.assertFalse(new.match_note)
        self.assertIn("Chosen by", self.save(1671.40).match_note)

    def test_more_than_the_payment_is_said_on_save(self):
        first, second = self.save(999_999, 1671.40)
        self.assertAsksTooMuch(first)
        self.assertEqual(second.match_state, "matched")

    def test_the_line_that_waits_keeps_its_reason(self):
        first, second = self.save(999_999, 1671.40)
        returned, note = first.return_id, first.match_note
        self.rpc(
            self.env.user, "account.payment.return", "action_confirm", returned.ids
        )
        self.assertEqual(second.state, "confirmed")
        self.assertEqual(first.return_id, returned.rest_ids)
        self.assertEqual(first.match_state, "unmatched")
        self.assertEqual(first.match_note, note)

    def test_what_is_found_out_at_confirmation_only_keeps_its_reason_too(self):
        one, other = self.save(1671.40), self.save(1671.40)
        other.return_id = one.return_id
        self.env.cr.execute(
            "UPDATE account_payment_return_line SET match_state = 'matched'"
        )
        self.env.invalidate_all()
        one.return_id.action_confirm()
        self.assertEqual(other.return_id.split_from_id, one.return_id)
        self.assertAsksTooMuch(other, "already came back in full")

    def test_of_two_drafts_confirmed_together_the_other_is_named(self):
        first, second = (self.save(1671.40).return_id for _n in range(2))
        with self.assertRaisesRegex(UserError, f"{first.name} takes back the same"):
            (first | second).action_confirm()
        # As a click that is refused leaves it.
        second.line_ids.match_state = "matched"
        second.action_confirm()
        self.assertEqual(second.state, "confirmed")
        with self.assertRaisesRegex(UserError, "already came back in full"):
            first.action_confirm()

    def test_what_the_other_draft_leaves_is_told(self):
        first, second = (self.save(1000).return_id for _n in range(2))
        with self.assertRaisesRegex(UserError, "beside it only 671.40"):
            (first | second).action_confirm()
        second.line_ids.amount = 671.40
        (first | second).action_confirm()
        self.assertEqual((first | second).mapped("state"), ["confirmed"] * 2)

    def test_a_second_line_beyond_what_is_left_is_said_on_save(self):
        first, second = self.save(1671.40, 1671.40)
        self.assertEqual(first.match_state, "matched")
        self.assertAsksTooMuch(second, "already came back in full")
        first, second = self.save(1000, 1000)
        self.assertAsksTooMuch(second)

    def test_a_corrected_amount_is_matched_again(self):
        line = self.save(999_999)
        self.change(line, Command.update(line.id, {"amount": 1671.40}))
        self.assertEqual(line.match_state, "matched")
        self.change(line, Command.update(line.id, {"amount": 1671.41}))
        self.assertAsksTooMuch(line)

    def test_an_amount_that_is_emptied_in_the_form_is_all_of_the_payment(self):
        line = self.save(1000)
        with Form(line.return_id) as form:
            with form.line_ids.edit(0) as edited:
                edited.amount = 0
                self.assertEqual(edited.amount, 1671.40)
                edited.amount = 70
            self.assertEqual(form.amount_total, 70)
            with form.line_ids.new() as other:
                other.amount = 0
                self.assertFalse(other.amount, "without a payment nothing is known")
                other.reference = "X"
        self.assertEqual(line.amount, 70)

    def test_what_a_line_gives_up_another_one_can_have(self):
        first, second = self.save(1671.40, 1671.40)
        self.change(first, Command.update(first.id, {"payment_id": False}))
        self.assertEqual(second.match_state, "matched")
        first, second = self.save(1671.40, 1671.40)
        self.change(first, Command.delete(first.id))
        self.assertEqual(second.match_state, "matched")

    def test_match_does_not_promise_what_another_line_takes(self):
        first, second = self.save(1671.40, 1671.40)
        self.rpc(
            self.env.user, "account.payment.return.line", "action_match", second.ids
        )
        self.assertEqual(first.match_state, "matched")
        self.assertNotEqual(second.match_state, "matched")

    def test_a_payment_chosen_in_the_dialog_is_asked_too(self):
        line = self.save(1671.40)
        line.return_id.action_confirm()
        late = self.env["account.payment.return"].create(
            {
                "journal_id": self.bank.id,
                "line_ids": [Command.create({"reference": "?", "amount": 10})],
            }
        )
        action = late.line_ids.action_choose_candidate()
        dialog = self.env[action["res_model"]].browse(action["res_id"])
        dialog.payment_id = self.payment
        dialog.action_choose_payment()
        self.assertAsksTooMuch(late.line_ids, "already came back in full")
