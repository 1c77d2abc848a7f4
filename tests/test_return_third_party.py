from odoo.fields import Command
from odoo.modules import get_module_path
from odoo.modules.migration import load_script
from odoo.tests import tagged

from .common_rpc import call_as
from .common_rules import RuleCommon

MIGRATION = "migrations/19.0.1.2.0/post-owed_again.py"


@tagged("post_install", "-at_install")
class TestReturnThirdParty(RuleCommon):
    """Who owes again is blocked, told and evaluated, whoever had paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "rossi@rossi.example.com"
        cls.other_customer.email = "carlo@bianchi.example.com"
        cls.payer = cls.env["res.partner"].create(
            {"name": "Factoring Spa", "email": "incassi@factoring.example.com"}
        )

    def pay_for(self, invoices, amount=None):
        """The payer pays invoices of others, with one payment."""
        items = invoices.line_ids.filtered(
            lambda i: i.account_type == "asset_receivable"
        )
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.payer.id,
                "amount": amount or sum(items.mapped("balance")),
                "payment_type": "inbound",
                "partner_type": "customer",
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        (self.payment_item(payment) | items).reconcile()
        return payment

    def confirm(self, payment, **values):
        returned = self.make_return(payment, **values)
        returned.action_confirm()
        return returned

    def told(self, returned):
        return {n.partner_id: n for n in returned.notice_ids.sudo()}

    def test_the_debtor_is_blocked_and_told_and_not_who_had_paid(self):
        invoice = self.invoice(100)
        returned = self.confirm(self.pay_for(invoice))
        self.assertEqual(self.in_force(), self.unpaid)
        self.assertFalse(self.in_force(self.payer))
        told = self.told(returned)
        self.assertEqual(list(told), [self.customer])
        mail = told[self.customer].mail_id
        self.assertEqual(mail.recipient_ids, self.customer)
        self.assertIn(invoice.name, mail.body_html)
        self.assertEqual(returned.line_ids.commercial_partner_id, self.customer)
        self.assertEqual(returned.line_ids.partner_id, self.payer)
        self.night()
        self.assertEqual(self.in_force(), self.unpaid)
        self.assertFalse(self.in_force(self.payer))

    def test_who_had_paid_is_blocked_as_usual_for_debts_of_his_own(self):
        returned = self.confirm(self.pay(self.invoice(100)))
        self.assertEqual(self.in_force(), self.unpaid)
        self.assertEqual(list(self.told(returned)), [self.customer])

    def test_when_the_debtor_pays_the_block_goes_at_once(self):
        invoice = self.invoice(100)
        self.confirm(self.pay_for(invoice))
        self.pay(invoice)
        self.assertFalse(self.in_force())

    def test_cancelling_lifts_the_block_of_the_debtor(self):
        invoice = self.invoice(100)
        returned = self.confirm(self.pay_for(invoice))
        returned.action_cancel()
        self.assertFalse(self.in_force())
        self.assertEqual(invoice.payment_state, "paid")
        self.assertEqual(returned.notice_ids.state, "withdrawn")

    def test_each_of_two_debtors_is_told_of_his_own_invoice_only(self):
        first = self.invoice(100)
        second = self.invoice(60, partner=self.other_customer)
        returned = self.confirm(self.pay_for(first + second))
        self.assertEqual(self.in_force(), self.unpaid)
        self.assertEqual(self.in_force(self.other_customer), self.unpaid)
        self.assertFalse(self.in_force(self.payer))
        told = self.told(returned)
        self.assertEqual(set(told), {self.customer, self.other_customer})
        for partner, own, other, amount in (
            (self.customer, first, second, "100.00"),
            (self.other_customer, second, first, "60.00"),
        ):
            body = told[partner].mail_id.body_html
            self.assertIn(own.name, body)
            self.assertNotIn(other.name, body)
            self.assertIn(amount, told[partner].amount_text)
        self.pay(first)
        self.assertFalse(self.in_force())
        self.assertEqual(self.in_force(self.other_customer), self.unpaid)

    def test_who_had_paid_is_told_of_what_paid_nothing(self):
        invoice = self.invoice(100)
        returned = self.confirm(self.pay_for(invoice, amount=130.0))
        told = self.told(returned)
        self.assertEqual(set(told), {self.customer, self.payer})
        self.assertIn("30.00", told[self.payer].amount_text)
        self.assertFalse(told[self.payer].invoice_line_ids)
        self.assertIn("100.00", told[self.customer].amount_text)

    def test_only_what_a_debtor_owes_again_counts_for_an_amount(self):
        self.rule_first.write({"return_count": 0, "return_amount": 80.0})
        first = self.invoice(100)
        second = self.invoice(60, partner=self.other_customer)
        self.confirm(self.pay_for(first + second))
        self.assertEqual(self.in_force(), self.unpaid)
        self.assertFalse(self.in_force(self.other_customer))

    def test_the_fee_is_charged_to_the_debtor(self):
        self.customer.sudo().credit_return_fee_policy = "receivable"
        returned = self.confirm(self.pay_for(self.invoice(100)), line_fee_amount=5.0)
        fee = returned.move_ids.line_ids.filtered(lambda i: i.balance == 5.0)
        self.assertEqual(fee.partner_id, self.customer)

    def test_a_payment_without_an_entry_names_the_debtor_too(self):
        invoice = self.invoice(100)
        payment = self.pay_for(invoice)
        payment.move_id.line_ids.remove_move_reconcile()
        payment.move_id.button_draft()
        payment.write({"move_id": False, "outstanding_account_id": False})
        payment.invoice_ids = invoice
        payment.sudo().state = "paid"
        self.assertEqual(invoice.payment_state, "paid")
        returned = self.env["account.payment.return"].create(
            {
                "journal_id": self.bank.id,
                "line_ids": [Command.create({"payment_id": payment.id})],
            }
        )
        returned.action_confirm()
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(self.in_force(), self.unpaid)
        self.assertEqual(list(self.told(returned)), [self.customer])
        returned.action_cancel()
        self.assertEqual(invoice.payment_state, "paid")
        self.assertFalse(self.in_force())

    def test_a_block_that_a_manager_lifted_comes_back_with_the_next_return(self):
        self.confirm(self.pay_for(self.invoice(100)))
        self.customer._lift_credit_block(self.unpaid, "talked to him", self.company)
        self.night()
        self.assertFalse(self.in_force())
        self.confirm(self.pay_for(self.invoice(50)))
        self.assertEqual(self.in_force(), self.unpaid)

    def test_returns_from_before_say_who_owes_them_too(self):
        invoice = self.invoice(100)
        returned = self.confirm(self.pay_for(invoice, amount=130.0))
        pieces = returned.line_ids.undone_ids.sudo()
        pieces.filtered(lambda piece: not piece.had_paid).unlink()
        path = get_module_path("account_credit_block")
        script = load_script(f"{path}/{MIGRATION}", "post_owed_again")
        script.migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertEqual(
            {p.partner_id: p.returned_amount for p in returned.line_ids.undone_ids},
            {self.customer: 100.0, self.payer: 30.0},
        )
        self.assertEqual(returned.line_ids.commercial_partner_id, self.customer)

    # === MERGED CUSTOMERS === #

    def merge(self, *partners):
        """Merge customers into the first one as an administrator does."""
        partners = self.env["res.partner"].union(*partners)
        admin = self.env.ref("base.user_admin")
        admin.company_ids |= self.company
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard = wizard.with_user(admin).create(
            {
                "partner_ids": [Command.set(partners.ids)],
                "dst_partner_id": partners[:1].id,
                "state": "selection",
            }
        )
        call_as(self.env, admin, wizard._name, "action_merge", wizard.ids)

    def test_customers_told_of_one_return_are_merged(self):
        invoices = self.invoice(100) | self.invoice(60, self.other_customer)
        own = self.invoice(40)
        payments = self.pay_for(invoices) | self.pay(own)
        returned = self.confirm(payments)
        self.assertEqual(len(returned.notice_ids), 2)
        self.merge(self.other_customer, self.customer)
        notice = returned.notice_ids.sudo()
        self.assertEqual(notice.partner_id, self.other_customer)
        self.assertEqual(notice.state, "mailed")
        self.assertTrue(notice.mail_id and notice.mailed_on)
        self.assertEqual(notice.line_ids, returned.line_ids)
        self.assertEqual(notice.invoice_line_ids.move_id, invoices | own)
        self.assertIn("200.00", notice.amount_text)
        self.assertEqual(self.in_force(self.other_customer), self.unpaid)
        returned.action_cancel()
        self.assertEqual(set((invoices | own).mapped("amount_residual")), {0.0})

    def test_customers_told_of_different_returns_are_merged(self):
        returns = self.confirm(self.pay(self.invoice(100)))
        returns |= self.confirm(self.pay(self.invoice(60, self.other_customer)))
        self.merge(self.other_customer, self.customer)
        told = returns.notice_ids.sudo()
        self.assertEqual(len(told), 2)
        self.assertEqual(told.partner_id, self.other_customer)

    def test_a_customer_who_owed_nothing_is_merged_with_one_who_was_written_to(self):
        payment = self.pay_for(self.invoice(100), amount=130)
        returned = self.confirm(payment)
        told = self.told(returned)
        self.assertEqual(told[self.customer].state, "mailed")
        mail = told[self.customer].mail_id
        told[self.payer].state = "settled"
        self.merge(self.payer, self.customer)
        notice = returned.notice_ids.sudo()
        self.assertEqual((notice.state, notice.mail_id), ("mailed", mail))
        self.assertIn("130.00", notice.amount_text)

    def test_what_was_not_told_yet_is_still_told_after_a_merge(self):
        invoices = self.invoice(100) | self.invoice(60, self.other_customer)
        self.other_customer.email = False
        returned = self.confirm(self.pay_for(invoices))
        told = self.told(returned)
        self.assertEqual(told[self.other_customer].state, "no_address")
        self.merge(self.customer, self.other_customer)
        notice = returned.notice_ids
        notice.action_send()
        self.assertEqual(notice.state, "mailed")
        body = notice.sudo().mail_id.body_html
        for invoice in invoices:
            self.assertIn(invoice.name, body)
