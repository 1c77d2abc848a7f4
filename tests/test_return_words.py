"""What is said of a return where people look is what came of it."""

from html import unescape

from odoo.tests import tagged

from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestReturnWords(PaymentReturnCommon):
    # === ON INVOICES === #

    def assertSaid(self, invoices, returned, *amounts):
        """Each invoice says its own amount, and one of which is None says nothing."""
        for invoice, notes, amount in zip(
            invoices,
            self.notes_by_invoice(invoices, returned.action_confirm),
            amounts,
            strict=True,
        ):
            text = amount and f": {self.company.currency_id.format(amount)} came back"
            self.assertEqual(len(notes), 1 if amount else 0, invoice.name)
            self.assertTrue(not amount or text in notes[0], notes)

    def notes_by_invoice(self, invoices, do):
        before = invoices.message_ids
        do()
        return [
            [
                message.body.striptags()
                for message in invoice.message_ids - before
                if "came back unpaid" in message.body
            ]
            for invoice in invoices
        ]

    def test_each_invoice_says_its_own_share(self):
        invoices = self.invoice(100) + self.invoice(107.37) + self.invoice(114.74)
        payment = self.pay(invoices)
        self.assertSaid(invoices, self.make_return(payment), 100, 107.37, 114.74)

    def test_an_invoice_of_which_a_part_came_back_says_the_part(self):
        invoices = self.invoice(200) + self.invoice(100)
        payment = self.pay(invoices)
        named = {"line_invoice_line_ids": self.due_items(invoices[1]).ids}
        first = self.make_return(payment, line_amount=110, **named)
        self.assertSaid(invoices, first, 10, 100)
        self.assertEqual(invoices.mapped("amount_residual"), [10, 100])
        self.assertSaid(invoices, self.make_return(payment, line_amount=40), 40, None)

    def test_an_invoice_that_stays_paid_says_nothing(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice, amount=300)
        self.assertSaid(invoice, self.make_return(payment, line_amount=200), None)
        self.assertEqual(invoice.payment_state, "paid")
        self.assertSaid(invoice, self.make_return(payment, line_amount=100), 100)

    def test_a_payment_without_an_entry_says_it_too(self):
        invoice = self.invoice(100)
        payment = self.pay_without_entry(invoice)
        returned = self.make_return(payment, line_move_line_id=False)
        self.assertSaid(invoice, returned, 100)

    def test_a_discount_did_not_come_back_from_the_bank(self):
        term = self.early_discount_term()
        invoice = self.invoice(100, invoice_payment_term_id=term.id)
        payment = self.pay(invoice, payment_date="2026-09-05")
        self.assertSaid(invoice, self.make_return(payment), 98)
        self.assertEqual(invoice.amount_residual, 100)

    # === SEVERAL RETURNS === #

    def test_in_whatever_order_they_are_selected_nothing_has_changed(self):
        first, last = (
            self.make_return(self.pay(self.invoice(amount)), date=day)
            for amount, day in ((100, "2026-10-05"), (40, "2026-10-06"))
        )
        summaries = []
        for returns in (last + first, first + last):
            dialog = self.open(returns, "confirm")
            self.env.invalidate_all()
            summaries.append(dialog.summary)
        self.assertEqual(*summaries)
        dialog.action_confirm()
        self.assertEqual((first + last).mapped("state"), ["confirmed"] * 2)
        dialog = self.open(first + last, "cancel")
        self.env.invalidate_all()
        dialog.action_cancel()
        self.assertEqual((first + last).mapped("state"), ["cancelled"] * 2)

    def open(self, returns, decision):
        """Return the dialog that a button of returns opens."""
        action = getattr(returns, f"action_open_{decision}")()
        return self.env[action["res_model"]].browse(action["res_id"])

    # === CANCEL === #

    def test_cancelling_that_has_nothing_to_say_says_nothing(self):
        returned = self.make_return(self.pay(self.invoice(100)))
        returned.action_confirm()
        self.assertFalse([*filter(_is_empty, self.cancel(returned))])
        invoice = self.invoice(100)
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        self.pay(invoice)
        said = self.cancel(returned)
        self.assertFalse([*filter(_is_empty, said)])
        self.assertIn("settled otherwise", " ".join(said.mapped("body")))

    def cancel(self, returned):
        """Cancel a return, and give the messages of it."""
        before = returned.message_ids
        returned.action_cancel()
        return returned.message_ids - before

    def test_what_is_applied_again_is_told_by_invoice(self):
        invoice = self.invoice(100)
        returned = self.make_return(self.pay(invoice, amount=150))
        returned.action_confirm()
        told = self.foresee_cancel(returned)
        self.assertIn(f"1 reversed, {self.euro(150)}", told)
        self.assertIn(f"applied again to {invoice.name} ({self.euro(100)})", told)

    def test_what_is_applied_again_is_told_without_what_is_not(self):
        invoices = self.invoice(100) + self.invoice(40)
        returned = self.make_return(self.pay(invoices))
        returned.action_confirm()
        self.pay(invoices[0], amount=0.01)
        told = self.foresee_cancel(returned)
        named = [
            f"{invoice.name} ({self.euro(amount)})"
            for invoice, amount in zip(invoices, (99.99, 40), strict=True)
        ]
        for each in named:
            self.assertIn(each, told)
        self.assertIn("applied again to", told)
        self.pay(invoices)
        self.assertNotIn("applied again to", self.foresee_cancel(returned))

    def test_of_many_invoices_the_sum_is_told(self):
        invoices = self.env["account.move"].union(*(self.invoice(9) for _n in range(4)))
        returned = self.make_return(self.pay(invoices, amount=50))
        returned.action_confirm()
        text = f"{self.euro(36)} applied again to 4 invoices"
        self.assertIn(text, self.foresee_cancel(returned))

    def test_a_payment_without_an_entry_applies_again_by_its_state(self):
        invoice = self.invoice(100)
        payment = self.pay_without_entry(invoice)
        returned = self.make_return(payment, line_move_line_id=False)
        returned.action_confirm()
        text = f"applied again to {invoice.name} ({self.euro(100)})"
        self.assertIn(text, self.foresee_cancel(returned))

    def foresee_cancel(self, returned):
        outcomes = self.env["account.payment.return.outcome"]
        return " · ".join(outcomes._foresee_cancel(returned))

    def euro(self, amount):
        return self.company.currency_id.format(amount)

    def test_what_a_credit_note_settled_was_settled_otherwise(self):
        invoice = self.invoice(100)
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        refund = invoice._reverse_moves([{"invoice_date": "2026-10-06"}])
        refund.action_post()
        self.assertEqual(invoice.amount_residual, 0)
        said = " ".join(self.cancel(returned).mapped("body"))
        self.assertIn(f"{invoice.name} was settled otherwise meanwhile", said)

    def test_what_stays_as_a_credit_is_told_in_the_currency_of_the_payment(self):
        dollar = self.setup_other_currency("USD", rates=[("2026-01-01", 1.25)])
        invoice = self.invoice(33.33, currency_id=dollar.id)
        payment = self.pay(invoice, currency_id=dollar.id)
        returned = self.make_return(payment)
        returned.action_confirm()
        self.pay(invoice, currency_id=dollar.id)
        said = " ".join(self.cancel(returned).mapped("body"))
        self.assertIn(f"{dollar.format(33.33)} of {payment.name}", unescape(said))
        item = self.payment_item(payment)
        self.assertEqual(item.amount_residual_currency, -33.33)


def _is_empty(message):
    return not (message.body.striptags() or message.tracking_value_ids)
