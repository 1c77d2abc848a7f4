from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestReturnPolicy(PaymentReturnCommon):
    """From a return to a blocked customer, and back, with nobody's help."""

    def returned(self, partner=None, **line_values):
        invoice = self.invoice(100, partner=partner)
        returned = self.make_return(self.pay(invoice), **line_values)
        returned.action_confirm()
        return invoice

    def level(self, partner=None):
        partner = partner or self.customer
        partner.invalidate_recordset()
        return partner.credit_block_level_id

    def test_the_company_can_switch_the_block_off(self):
        self.company.sudo().credit_block_on_return = False
        self.returned()
        self.assertFalse(self.level())
        self.company.sudo().credit_block_on_return = True
        self.returned()
        self.assertTrue(self.level())

    def test_the_company_chooses_the_level(self):
        pending = self.env.ref("account_credit_block.credit_block_level_pending")
        self.company.sudo().credit_block_return_level_id = pending
        self.returned()
        self.assertEqual(self.level(), pending)

    def test_an_exempt_customer_is_not_blocked(self):
        self.customer.sudo().credit_block_exempt = True
        self.returned()
        self.assertFalse(self.level())
        self.returned(partner=self.other_customer)
        self.assertTrue(self.level(self.other_customer))

    def test_what_we_took_back_ourselves_blocks_nobody(self):
        self.returned(line_kind="reversal")
        self.returned(line_kind="recall")
        self.assertFalse(self.level())

    def test_a_child_contact_blocks_its_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Amministrazione", "parent_id": self.customer.id}
        )
        self.returned(partner=contact)
        self.assertTrue(self.level())
        self.assertTrue(self.level(contact))

    def test_paying_one_of_two_returned_invoices_keeps_the_block(self):
        first, second = self.returned(), self.returned()
        self.pay(first)
        self.assertTrue(self.level())
        self.pay(second, amount=60.0)
        self.assertTrue(self.level())
        self.pay(second)
        self.assertFalse(self.level())

    def test_a_credit_note_lifts_the_block_like_a_payment(self):
        invoice = self.returned()
        refund = invoice._reverse_moves([{"invoice_date": "2026-10-10"}], cancel=True)
        self.assertEqual(refund.payment_state, "paid")
        self.assertFalse(self.level())

    def test_a_block_by_hand_stays_when_the_invoice_is_paid(self):
        doubtful = self.env.ref("account_credit_block.credit_block_level_doubtful")
        invoice = self.returned()
        self.customer._set_credit_block(doubtful, "by hand", self.company)
        self.pay(invoice)
        self.assertEqual(self.level(), doubtful)

    def test_the_automatic_level_set_by_hand_stays_too(self):
        level = self.company.credit_block_return_level_id
        self.customer._set_credit_block(level, "by hand", self.company)
        invoice = self.returned()
        self.pay(invoice)
        self.assertEqual(self.level(), level)

    def test_an_order_for_the_returned_customer_is_refused(self):
        orders = self.env["sale.order"].sudo()
        self.returned()
        with self.assertRaisesRegex(UserError, "Unpaid returns block.*since"):
            orders.create({"partner_id": self.customer.id})
        self.assertTrue(orders.create({"partner_id": self.other_customer.id}))

    def test_a_return_can_be_cancelled_after_its_period_was_locked(self):
        invoice = self.invoice(100)
        returned = self.make_return(self.pay(invoice))
        returned.action_confirm()
        self.company.sudo().fiscalyear_lock_date = "2026-10-31"
        returned.action_cancel()
        self.assertEqual(invoice.payment_state, "paid")
        reversal = returned.move_ids.filtered("reversed_entry_id")
        self.assertGreater(str(reversal.date), "2026-10-31")

    def test_several_returns_are_confirmed_and_cancelled_at_once(self):
        invoices = self.invoice(100) + self.invoice(70, partner=self.other_customer)
        returns = self.make_return(self.pay(invoices[0])) + self.make_return(
            self.pay(invoices[1])
        )
        returns.action_confirm()
        self.assertEqual(invoices.mapped("payment_state"), ["not_paid", "not_paid"])
        self.assertEqual([len(r.move_ids) for r in returns], [1, 1])
        returns.action_cancel()
        self.assertEqual(invoices.mapped("payment_state"), ["paid", "paid"])

    def test_a_collection_presented_again_and_returned_again_is_a_new_return(self):
        invoice = self.returned()
        again = self.make_return(self.pay(invoice))
        again.action_confirm()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(invoice.payment_return_count, 2)

    def test_a_line_entered_by_its_payment_alone_is_completed(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        returned = self.env["account.payment.return"].create(
            {
                "journal_id": self.bank.id,
                "line_ids": [Command.create({"payment_id": payment.id})],
            }
        )
        self.assertEqual(returned.line_ids.match_state, "matched")
        returned.action_confirm()
        self.assertRecordValues(
            returned.line_ids,
            [
                {
                    "move_line_id": self.payment_item(payment).id,
                    "amount": 100.0,
                    "partner_id": self.customer.id,
                }
            ],
        )
