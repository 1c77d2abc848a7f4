"""What a customer paid comes back, and nothing else, however a line gets it."""

from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import tagged

from .test_ledger_known import BooksCommon
from .test_return_choice import ChoiceCommon

CHOOSE = "account.payment.return.choose"
NEVER_PAID = "not what a customer paid"
TWO = "the other one follows"


@tagged("post_install", "-at_install")
class TestReturnCollection(ChoiceCommon, BooksCommon):
    def setUp(self):
        super().setUp()
        self.line = self.told({"amount": 50, "reference": "?"}).line_ids

    def post_payment(self, payment_type, partner_type):
        payment = self.env["account.payment"].create(
            {
                "payment_type": payment_type,
                "partner_type": partner_type,
                "partner_id": self.customer.id,
                "amount": 100,
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        return payment

    def get_wrong_payments(self):
        return {
            "paid to a supplier": self.post_payment("outbound", "supplier"),
            "paid out to a customer": self.post_payment("outbound", "customer"),
            "paid back by a supplier": self.post_payment("inbound", "supplier"),
        }

    def get_wrong_items(self):
        invoice = self.invoice(100)
        refund = self.invoice(100, move_type="out_refund")
        entry = self.entry(self.company_data["default_account_revenue"]).move_id
        opposite = entry._reverse_moves([{}], cancel=False)
        opposite.action_post()
        payments = self.get_wrong_payments().values()
        return {
            "owed": self.due_items(invoice),
            "sold": invoice.invoice_line_ids,
            "credited": self.due_items(refund),
            "entered": self.due_items(opposite),
            "in the bank": self.collect().move_id.line_ids.filtered("debit"),
            "taken by the bank": self.transaction(-100),
            **{
                f"of {payment.payment_type} {payment.partner_type}": (
                    payment.move_id.line_ids.filtered("credit")
                )
                for payment in payments
            },
        }

    def get_wrong_values(self):
        for name, payment in self.get_wrong_payments().items():
            yield name, {"payment_id": payment.id}
        for name, item in self.get_wrong_items().items():
            yield name, {"move_line_id": item.id}

    def get_good_values(self):
        yield {"payment_id": self.collect().id}
        yield {"move_line_id": self.payment_item(self.collect()).id}
        yield {"move_line_id": self.transaction(100).id}
        other = self.collect(partner=self.other_customer)
        yield {"payment_id": other.id, "move_line_id": self.payment_item(other).id}

    def save_line(self, values):
        """Write a line, by the form of its return."""
        self.rpc(
            self.clerk,
            "account.payment.return",
            "web_save",
            self.line.return_id.ids,
            {"line_ids": [Command.update(self.line.id, values)]},
            specification={},
        )

    def choose(self, ids):
        """Click the button of the dialog."""
        self.rpc(self.clerk, CHOOSE, "action_choose_payment", ids)

    def enter_line(self, values):
        """Create a line; return it."""
        values = {"return_id": self.line.return_id.id, "amount": 50, **values}
        ids = self.rpc(self.clerk, self.line._name, "create", [values])
        return self.line.browse(ids)

    def assertRefused(self, text, enter, *args):
        # Unlike `assertRaisesRegex` it rolls back.
        with self.assertRaises(ValidationError) as refused:
            enter(*args)
        self.assertRegex(str(refused.exception), text)

    def test_what_no_customer_paid_is_put_on_no_line(self):
        for name, values in self.get_wrong_values():
            with self.subTest(name=name):
                for enter in (self.save_line, self.enter_line):
                    self.assertRefused(NEVER_PAID, enter, values)
                self.assertFalse(self.line.move_line_id or self.line.payment_id)

    def test_what_a_customer_paid_is(self):
        for values in self.get_good_values():
            with self.subTest(values=values):
                entered = self.enter_line(values)
                self.save_line({**values, "partner_id": entered.partner_id.id})
                for line in (entered, self.line):
                    self.assertEqual(line.match_state, "matched")
                    for name, id_ in values.items():
                        self.assertEqual(line[name].id, id_)

    def test_the_dialog_chooses_only_what_a_customer_paid(self):
        good = self.collect()
        for payment in (*self.get_wrong_payments().values(), good):
            values = {"line_id": self.line.id, "payment_id": payment.id}
            ids = self.rpc(self.clerk, CHOOSE, "create", [values])
            if payment != good:
                self.assertRefused(NEVER_PAID, self.choose, ids)
        self.choose(ids)
        self.assertMatched(self.line, good)

    def test_a_payment_and_the_item_of_another_are_not_one(self):
        first, second = self.collect(), self.collect()
        for item in (self.payment_item(second), self.transaction(100)):
            values = {"payment_id": first.id, "move_line_id": item.id}
            for enter in (self.save_line, self.enter_line):
                self.assertRefused(TWO, enter, values)
        own = {"payment_id": first.id, "move_line_id": self.payment_item(first).id}
        self.save_line(own)
        self.assertMatched(self.line, first)
        # The item follows a payment that is given alone.
        self.save_line({"payment_id": second.id})
        self.assertEqual(self.line.payment_id, second)
        self.assertFalse(self.line.move_line_id - self.payment_item(second))

    def test_a_payment_without_an_entry_goes_with_the_transaction_that_brought_it(self):
        invoice = self.invoice(100)
        payment = self.pay_without_entry(invoice)
        other, own = self.transaction(100), self.transaction(100)
        (own | self.due_items(invoice)).reconcile()
        values = {"payment_id": payment.id, "move_line_id": other.id}
        self.assertRefused(TWO, self.save_line, values)
        self.save_line({**values, "move_line_id": own.id})
        self.assertEqual((self.line.payment_id, self.line.move_line_id), (payment, own))

    def test_what_got_on_a_line_otherwise_is_set_aside_at_confirm(self):
        good = self.collect()
        returned = self.make_return(good + self.collect() + self.collect())
        payment = self.post_payment("outbound", "customer")
        item = self.invoice(100).line_ids[:1]
        _line, by_payment, by_item = returned.line_ids.sorted("id")
        self.env.flush_all()
        for line, payment_id, item_id in (
            (by_payment, payment.id, None),
            (by_item, None, item.id),
        ):
            self.env.cr.execute(
                "UPDATE account_payment_return_line"
                " SET payment_id = %s, move_line_id = %s WHERE id = %s",
                (payment_id, item_id, line.id),
            )
        self.env.invalidate_all()
        returned.action_confirm()
        self.assertEqual((payment.state, good.state), ("in_process", "rejected"))
        for line in (by_payment, by_item):
            self.assertEqual((line.state, line.match_state), ("draft", "unmatched"))
            self.assertIn(NEVER_PAID, line.match_note)
