from odoo.tests import tagged

from .common_rules import RuleCommon


@tagged("post_install", "-at_install")
class TestReturnBalance(RuleCommon):
    """Who owes nothing on balance is neither blocked nor asked to pay."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "rossi@rossi.example.com"

    def advance(self, amount=100.0, partner=None, **values):
        """A payment on account, applied to nothing."""
        payment = self.env["account.payment"].create(
            {
                "partner_id": (partner or self.customer).id,
                "amount": amount,
                "payment_type": "inbound",
                "partner_type": "customer",
                "journal_id": self.bank.id,
                **values,
            }
        )
        payment.action_post()
        return payment

    def come_back(self, payment, **values):
        returned = self.make_return(payment, **values)
        returned.action_confirm()
        return returned

    def assertLeftAlone(self, returned):
        self.assertFalse(self.in_force())
        self.assertFalse(returned.notice_ids.sudo().mail_id)
        self.night()
        self.assertFalse(self.in_force())

    def assertPressed(self, returned):
        self.assertEqual(self.in_force(), self.unpaid)
        self.assertEqual(returned.notice_ids.state, "mailed")
        self.night()
        self.assertEqual(self.in_force(), self.unpaid)

    def test_who_owes_what_came_back_is_blocked_and_asked(self):
        self.assertPressed(self.come_back(self.pay(self.invoice(100))))

    def test_an_advance_that_covers_it_counts(self):
        payment = self.pay(self.invoice(100))
        self.advance(100)
        returned = self.come_back(payment)
        self.assertLeftAlone(returned)
        self.assertEqual(returned.notice_ids.state, "settled")
        bodies = " ".join(returned.message_ids.mapped("body"))
        self.assertIn("owe nothing on balance", bodies)

    def test_an_advance_that_is_less_does_not(self):
        payment = self.pay(self.invoice(100))
        self.advance(99.99)
        self.assertPressed(self.come_back(payment))

    def assertAsked(self, returned, amount):
        """The mail asks for an amount that is less than what it tells as open."""
        notice = returned.notice_ids.sudo()
        self.assertEqual(notice.state, "mailed")
        asked = f"<strong>{amount}\xa0€</strong> is left to pay"
        self.assertIn(asked, notice.mail_id.body_html)
        self.assertNotIn("View and Pay", notice.mail_id.body_html)

    def assertAskedInFull(self, returned):
        notice = returned.notice_ids.sudo()
        self.assertEqual(notice.state, "mailed")
        self.assertNotIn("left to pay", notice.mail_id.body_html)

    def test_of_what_an_advance_covers_only_the_rest_is_asked(self):
        payment = self.pay(self.invoice(100))
        self.advance(40)
        self.assertAsked(self.come_back(payment), "60.00")

    def test_of_a_covered_invoice_only_the_fee_is_asked(self):
        self.company.credit_return_fee_policy = "receivable"
        payment = self.pay(self.invoice(100))
        self.advance(100)
        returned = self.come_back(payment, line_fee_amount=5.0)
        self.assertPressed(returned)
        self.assertAsked(returned, "5.00")

    def test_without_an_advance_all_of_it_is_asked(self):
        self.company.credit_return_fee_policy = "receivable"
        payment = self.pay(self.invoice(100))
        self.invoice(70)
        self.assertAskedInFull(self.come_back(payment, line_fee_amount=5.0))
        on_account = self.advance(30)
        self.assertAskedInFull(self.come_back(on_account, line_fee_amount=5.0))

    def test_the_advance_of_another_customer_does_not(self):
        payment = self.pay(self.invoice(100))
        self.advance(100, partner=self.other_customer)
        self.assertPressed(self.come_back(payment))

    def test_an_advance_that_other_debts_need_does_not(self):
        payment = self.pay(self.invoice(100))
        self.advance(100)
        self.invoice(50)
        self.assertPressed(self.come_back(payment))

    def test_an_invoice_cancelled_before_is_not_owed(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        invoice.button_draft()
        invoice.button_cancel()
        self.assertLeftAlone(self.come_back(payment))

    def test_an_invoice_cancelled_afterwards_lifts_the_block_at_once(self):
        invoice = self.invoice(100)
        self.assertPressed(self.come_back(self.pay(invoice)))
        invoice.button_draft()
        self.assertEqual(self.in_force(), self.unpaid)
        invoice.button_cancel()
        self.assertFalse(self.in_force())

    def test_an_advance_that_comes_back_is_no_debt(self):
        self.assertLeftAlone(self.come_back(self.advance(70)))

    def test_an_advance_that_comes_back_to_a_debtor_blocks_him(self):
        self.invoice(30)
        self.assertPressed(self.come_back(self.advance(70, date="2026-09-01")))

    def test_a_payment_lifts_the_block_when_it_is_posted(self):
        self.come_back(self.pay(self.invoice(100)))
        self.advance(60)
        self.assertEqual(self.in_force(), self.unpaid)
        self.advance(40)
        self.assertFalse(self.in_force())
        self.night()
        self.assertFalse(self.in_force())

    def test_a_credit_note_lifts_it_when_it_is_posted(self):
        invoice = self.invoice(100)
        self.come_back(self.pay(invoice))
        refund = invoice._reverse_moves([{"invoice_date": "2026-10-10"}])
        refund.action_post()
        self.assertFalse(self.in_force())

    def test_money_that_is_not_final_lifts_it_when_it_is(self):
        method = self.bank.inbound_payment_method_line_ids[0].sudo()
        self.come_back(self.pay(self.invoice(100)), date=self.days_ago(9))
        method.credit_final_days = 5
        payment = self.advance(100, date=self.days_ago(0))
        self.assertEqual(self.in_force(), self.unpaid)
        method.credit_final_days = 0
        self.night()
        self.assertFalse(self.in_force())
        self.assertEqual(self.payment_item(payment).amount_residual, -100.0)

    def test_three_returns_in_a_year_count_though_they_are_paid(self):
        self.rule_three.active = True
        payments = [self.pay(self.invoice(100)) for _time in range(3)]
        self.advance(300)
        for payment in payments:
            self.come_back(payment, date=self.days_ago(9))
        self.assertEqual(self.in_force(), self.doubtful)
