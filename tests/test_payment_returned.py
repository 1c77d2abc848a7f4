"""A return is registered where the payment is seen: on the invoice or the payment."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import format_date

from .common import CreditBlockFixture, new_user
from .common_returns import PaymentReturnCommon


@tagged("post_install", "-at_install")
class TestPaymentReturned(CreditBlockFixture, PaymentReturnCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        blocked = cls.customer
        cls._setup_credit_block(cls.company)
        cls.customer = blocked
        cls.customer.email = "rossi@example.com"
        # The least who may.
        cls.env = cls.env(user=cls.user_accountant)
        cls.today = cls.company._get_credit_today()

    def open(self, document):
        """Return the dialog that the button of a document opens."""
        action = document.with_env(self.env).action_open_payment_returned()
        return self.env[action["res_model"]].browse(action["res_id"])

    def fill_in(self, document, **values):
        dialog = self.open(document)
        dialog.write({"reason_id": self.reason_funds.id, **values})
        return dialog

    def find_return(self, payment):
        return (
            self.env["account.payment.return.line"]
            .search([("payment_id", "=", payment.id)])
            .return_id
        )

    # === WHAT IT SHOWS AND DOES === #

    def test_from_the_invoice_to_the_books(self):
        invoice = self.invoice(950.99)
        payment = self.pay(invoice)
        self.assertTrue(invoice.with_env(self.env).can_come_back)
        dialog = self.open(invoice)
        self.assertEqual(dialog.partner_id, self.customer)
        self.assertEqual(dialog.payment_id, payment)
        self.assertEqual(dialog.invoice_ids, invoice)
        self.assertEqual(dialog.amount, 950.99)
        self.assertEqual(dialog.date, self.today)
        self.assertEqual(dialog.journal_id, self.bank)
        amount = self.company.currency_id.format(950.99)
        self.assertEqual(
            dialog.summary,
            f"Books {amount} back on {invoice.name} · writes to rossi@example.com"
            f" · blocks Rossi Impianti Srl ({self.level_unpaid.name})",
        )
        self.assertFalse(self.find_return(payment), "nothing is there before")
        dialog.reason_id = self.reason_funds
        answer = dialog.action_confirm()
        self.assertEqual(
            answer["params"]["next"]["type"], "ir.actions.act_window_close"
        )
        returned = self.find_return(payment)
        self.assertEqual(returned.state, "confirmed")
        self.assertEqual(returned.line_ids.reason_id, self.reason_funds)
        self.assertEqual(invoice.payment_state, "not_paid")
        self.assertEqual(
            self.customer.credit_block_ids.return_line_id, returned.line_ids
        )
        self.assertEqual((returned.block_count, returned.mail_count), (1, 1))
        self.assertEqual(returned.line_ids.status, "booked")
        self.assertIn(
            "1 invoice reopened", " ".join(returned.message_ids.mapped("body"))
        )
        self.assertFalse(invoice.with_env(self.env).can_come_back)
        returned.action_cancel()
        self.assertEqual(returned.line_ids.status, "reversed")
        self.assertTrue(invoice.with_env(self.env).can_come_back)

    def test_from_a_payment_without_an_entry(self):
        invoice = self.invoice(80)
        payment = self.pay_without_entry(invoice)
        self.assertTrue(payment.with_env(self.env).can_come_back)
        self.fill_in(payment).action_confirm()
        self.assertEqual(payment.state, "rejected")
        self.assertFalse(payment.with_env(self.env).can_come_back)

    def test_a_part_comes_back_and_then_the_rest(self):
        payment = self.pay(self.invoice(100))
        self.fill_in(payment, amount=40).action_confirm()
        dialog = self.fill_in(payment)
        self.assertEqual((dialog.amount, dialog.free_amount), (60, 60))
        dialog.action_confirm()
        with self.assertRaisesRegex(UserError, "Nothing of .* can come back"):
            self.open(payment)

    def test_an_invoice_of_several_payments_asks_which_one(self):
        invoice = self.invoice(100)
        first, second = self.pay(invoice, amount=30), self.pay(invoice)
        dialog = self.open(invoice)
        self.assertEqual(dialog.row_ids.payment_id, first + second)
        self.assertEqual(dialog.row_id.payment_id, first)
        with Form(dialog) as form:
            form.row_id = dialog.row_ids[1]
            self.assertEqual(form.amount, 70)
            form.reason_id = self.reason_funds
        dialog.action_confirm()
        self.assertTrue(self.find_return(second))
        self.assertFalse(self.find_return(first))

    def test_an_invoice_paid_by_the_bank_alone(self):
        invoice = self.invoice(100)
        transaction = (
            self.env["account.bank.statement.line"]
            .sudo()
            .create(
                {
                    "journal_id": self.bank.id,
                    "amount": 100,
                    "payment_ref": "RiBa",
                    "partner_id": self.customer.id,
                    "counterpart_account_id": self.receivable.id,
                }
            )
        )
        item = transaction.move_id.line_ids.filtered(
            lambda line: line.account_id == self.receivable
        )
        (item + self.due_items(invoice)).reconcile()
        dialog = self.fill_in(invoice)
        self.assertEqual(dialog.row_id.move_line_id, item)
        dialog.action_confirm()
        self.assertEqual(invoice.payment_state, "not_paid")

    def test_several_payments_make_a_return_of_each_bank(self):
        other_bank = self.bank.sudo().copy({"name": "Second Bank"})
        payments = self.pay(self.invoice(10)) + self.pay(self.invoice(20))
        payments += self.pay(self.invoice(30), journal_id=other_bank.id)
        returned = self.make_return(payments[0])
        payments.with_env(self.env)
        dialog = self.fill_in(payments)
        self.assertTrue(dialog.is_several)
        self.assertEqual(dialog.row_ids.payment_id, payments[1:], "one is in a draft")
        self.assertEqual(
            dialog.left_out,
            f"{payments[0].name} is in the payment return {returned.name} already:"
            " confirm that one.",
        )
        dialog.action_confirm()
        first, second = (self.find_return(payment) for payment in payments[1:])
        self.assertEqual((first.journal_id, second.journal_id), (self.bank, other_bank))
        self.assertEqual((first + second).mapped("state"), ["confirmed"] * 2)
        self.assertEqual(returned.state, "draft")

    def test_which_of_several_are_left_out_and_why(self):
        waiting, first, second, fine, more = (
            self.pay(self.invoice(amount)) for amount in (10, 20, 30, 40, 50)
        )
        self.assertFalse(self.fill_in(fine + more).left_out)
        draft = self.make_return(waiting)
        self.make_return(first + second).action_confirm()
        dialog = self.fill_in(waiting + first + second + fine)
        self.assertEqual(dialog.row_id.payment_id, fine)
        in_draft, back = dialog.left_out.split("\n")
        self.assertIn(f"{waiting.name} is in the payment return {draft.name}", in_draft)
        self.assertIn(f"Nothing of {first.name}, {second.name} can come back", back)
        self.assertFalse(self.open(fine).left_out)

    # === DRAFTS === #

    def test_it_is_added_to_the_draft_of_the_day(self):
        first, second = self.pay(self.invoice(10)), self.pay(self.invoice(20))
        self.fill_in(first).action_add_to_draft()
        answer = self.fill_in(second).action_add_to_draft()
        draft = self.find_return(first)
        self.assertEqual(self.find_return(second), draft)
        self.assertEqual((draft.state, draft.date), ("draft", self.today))
        self.assertTrue(answer["params"]["links"][0]["url"].endswith(f"/{draft.id}"))

    def test_what_is_in_a_draft_in_whole_is_not_offered_again(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        draft = self.make_return(payment, line_amount=60)
        self.assertTrue(invoice.with_env(self.env).can_come_back)
        self.assertEqual(self.open(invoice).amount, 40)
        draft.line_ids.amount = 100
        self.env.invalidate_all()
        self.assertFalse(invoice.with_env(self.env).can_come_back)
        self.assertFalse(payment.with_env(self.env).can_come_back)
        with self.assertRaisesRegex(
            UserError, f"is in the payment return {draft.name}"
        ):
            self.open(invoice)
        draft.line_ids.action_skip()
        self.env.invalidate_all()
        self.assertTrue(invoice.with_env(self.env).can_come_back)

    # === THE WRONG ORDER === #

    def test_a_second_click_registers_nothing_twice(self):
        payment = self.pay(self.invoice(100))
        dialog = self.fill_in(payment)
        other = self.fill_in(payment)
        dialog.action_confirm()
        for late in (dialog, other):
            with self.assertRaisesRegex(UserError, "Nothing of .* can come back"):
                late.action_confirm()
        self.assertEqual(len(self.find_return(payment)), 1)

    def test_a_payment_cancelled_meanwhile(self):
        payment = self.pay(self.invoice(100))
        dialog = self.fill_in(payment)
        payment.action_draft()
        with self.assertRaisesRegex(UserError, "Nothing of .* can come back"):
            dialog.action_confirm()

    def test_without_a_reason_or_emptied(self):
        payment = self.pay(self.invoice(100))
        with self.assertRaisesRegex(UserError, "Say why"):
            self.open(payment).action_confirm()
        dialog = self.fill_in(payment)
        dialog.row_id = False
        with self.assertRaisesRegex(UserError, "Say which payment"):
            dialog.action_confirm()
        dialog = self.fill_in(payment, journal_id=False)
        with self.assertRaisesRegex(UserError, "Say which bank"):
            dialog.action_confirm()
        empty = self.env["account.payment.return.register"].create({})
        self.assertFalse(empty.summary or empty.problem)
        for is_several in (False, True):
            empty.sudo().is_several = is_several
            for name in ("action_confirm", "action_add_to_draft"):
                with self.assertRaisesRegex(UserError, "Say which payment"):
                    getattr(empty, name)()

    def check_refused(self, dialog, text):
        """The dialog says at once what confirming answers, and nothing comes of it."""
        self.assertFalse(dialog.summary)
        self.assertRegex(dialog.problem, text)
        for name in ("action_confirm", "action_add_to_draft"):
            with self.assertRaisesRegex(UserError, text):
                getattr(dialog, name)()
        self.assertFalse(self.find_return(dialog.payment_id))

    def check_accepted(self, dialog):
        self.assertFalse(dialog.problem)
        self.assertTrue(dialog.summary)
        dialog.action_confirm()
        self.assertEqual(self.find_return(dialog.payment_id).state, "confirmed")

    def test_no_amount_too_much_and_less_than_nothing(self):
        payment = self.pay(self.invoice(100))
        only = self.company.currency_id.format(100).replace("$", "[$]")
        for values, text in (
            ({"amount": 0}, "amount is missing"),
            ({"amount": -5}, "amount cannot be negative"),
            ({"amount": 500}, f"only {only} can"),
            ({"fee_amount": -5}, "fee of the bank cannot be negative"),
        ):
            with self.subTest(values=values):
                self.check_refused(self.fill_in(payment, **values), text)
        with Form(self.open(payment)) as form:
            form.amount = -5
            self.assertIn("amount cannot be negative", form.problem)
            form.amount = 5
            self.assertFalse(form.problem)
        self.check_accepted(self.fill_in(payment, amount=99, fee_amount=5))

    def test_it_came_back_after_the_payment_and_until_today(self):
        first, day = self.today - timedelta(days=9), timedelta(days=1)
        payment = self.pay(self.invoice(100), payment_date=first)
        told = format_date(self.env, first)
        for date, text in (
            (first - day, f"is of {told}: it cannot have come back before"),
            (self.today + day, "a day to come"),
        ):
            with self.subTest(date=date):
                self.check_refused(self.fill_in(payment, date=date), text)
        self.check_accepted(self.fill_in(payment, date=first))
        payment = self.pay(self.invoice(100), payment_date=first)
        self.check_accepted(self.fill_in(payment, date=self.today))
        several = self.pay(self.invoice(1), payment_date=first)
        several += self.pay(self.invoice(2), payment_date=first + day)
        dialog = self.fill_in(several, date=first)
        self.assertIn(several[1].name, dialog.problem)
        dialog.date = first + day
        self.assertFalse(dialog.problem)

    def test_a_payment_dated_ahead_came_back_today(self):
        due = self.today + timedelta(days=30)
        payment = self.pay(self.invoice(100), payment_date=due)
        yesterday = self.today - timedelta(days=1)
        self.check_refused(self.fill_in(payment, date=yesterday), "come back before")
        self.check_accepted(self.fill_in(payment))

    # === WHAT A CLIENT MAY SEND === #

    def test_a_payment_and_the_item_of_another_are_no_collection(self):
        mine, other = self.pay(self.invoice(100)), self.pay(self.invoice(100))
        unpaid = self.invoice(55)
        transaction = (
            self.env["account.bank.statement.line"]
            .sudo()
            .create(
                {
                    "journal_id": self.bank.id,
                    "amount": 70,
                    "payment_ref": "RiBa",
                    "partner_id": self.customer.id,
                    "counterpart_account_id": self.receivable.id,
                }
            )
        )
        bank_item = transaction.move_id.line_ids.filtered(lambda item: item.balance > 0)
        collected = transaction.move_id.line_ids - bank_item
        for payment, item in (
            (mine, self.payment_item(other)),
            (mine, self.due_items(unpaid)),
            (mine, bank_item),
            (mine, collected),
            (mine, None),
            (None, self.due_items(unpaid)),
            (None, bank_item),
        ):
            with self.subTest(payment=payment, item=item):
                dialog = self.fill_in(mine)
                dialog.row_id.write(
                    {
                        "payment_id": payment and payment.id,
                        "move_line_id": item and item.id,
                        "free_amount": 100,
                    }
                )
                dialog.amount = 55
                with self.assertRaisesRegex(UserError, "Nothing of .* can come back"):
                    dialog.action_confirm()
        lines = self.env["account.payment.return.line"]
        self.assertFalse(lines.search([]))
        self.check_accepted(self.fill_in(mine))
        dialog = self.fill_in(other)
        dialog.row_id.write({"payment_id": False, "move_line_id": collected.id})
        dialog.amount = 70
        dialog.action_confirm()
        line = lines.search([("move_line_id", "=", collected.id)])
        self.assertEqual((line.amount, line.state), (70, "confirmed"))

    def test_only_reasons_that_say_unpaid(self):
        payment = self.pay(self.invoice(100))
        reasons = self.env["account.payment.return.reason"]
        for outcome in ("paid", "recalled", "other"):
            reason = reasons.search([("outcome", "=", outcome)], limit=1)
            self.assertTrue(reason, outcome)
            with self.subTest(outcome=outcome):
                dialog = self.fill_in(payment, reason_id=reason.id)
                self.check_refused(dialog, "does not say that a payment came back")
        self.check_accepted(self.fill_in(payment, reason_id=self.reason_iban.id))

    def test_only_the_journal_of_a_bank(self):
        payment = self.pay(self.invoice(100))
        sales = self.company_data["default_journal_sale"]
        dialog = self.fill_in(payment, journal_id=sales.id)
        self.check_refused(dialog, "is not the journal of a bank")
        with self.assertRaisesRegex(ValidationError, "is not the journal of a bank"):
            self.env["account.payment.return"].create({"journal_id": sales.id})
        cash = self.company_data["default_journal_cash"]
        self.env["account.payment.return"].create({"journal_id": cash.id})
        self.check_accepted(self.fill_in(payment))

    def test_a_locked_period_is_told(self):
        payment = self.pay(self.invoice(100))
        self.company.sudo().fiscalyear_lock_date = self.today
        self.fill_in(payment).action_confirm()
        returned = self.find_return(payment)
        self.assertGreater(returned.move_ids.date, self.today)
        self.assertTrue(returned.date_notice)

    def test_nothing_of_a_vendor_or_of_an_invoice_that_is_not_paid(self):
        invoice = self.invoice(100)
        self.assertFalse(invoice.with_env(self.env).can_come_back)
        with self.assertRaisesRegex(UserError, "No payment of it can come back"):
            self.open(invoice)
        payment = self.env["account.payment"].create(
            {"payment_type": "outbound", "partner_type": "supplier", "amount": 5}
        )
        self.assertFalse(payment.can_come_back)
        with self.assertRaisesRegex(UserError, "can come back"):
            self.open(payment)

    # === WHO === #

    def test_who_keeps_the_books_and_nobody_else(self):
        invoice = self.invoice(100)
        payment = self.pay(invoice)
        auditor = new_user(
            self.env(su=True),
            "acb_auditor",
            "account.group_account_readonly",
            self.company,
        )
        for user in (auditor, self.user_salesperson):
            for document in (invoice, payment):
                own = document.with_user(user)
                with self.subTest(user=user.login, model=document._name):
                    self.assertNotIn("can_come_back", own.fields_get())
                    with self.assertRaises(AccessError):
                        own.action_open_payment_returned()
        for user in (self.user_accountant, self.user_credit_user):
            action = invoice.with_user(user).action_open_payment_returned()
            self.assertEqual(action["target"], "new")

    def test_in_a_branch(self):
        self.env = self.env(user=self.env.ref("base.user_root"), su=False)
        type(self).add_branch.__func__(self)
        user = self.user_accountant
        user.sudo().company_ids |= self.branch
        invoice = self.invoice(100, company_id=self.branch.id)
        payment = self.pay(invoice)
        self.env = self.env(user=user)
        self.fill_in(payment).action_confirm()
        line = self.find_return(payment).line_ids
        self.assertEqual(line.company_id, self.branch)
        self.assertEqual(line.return_id.company_id, self.bank.company_id)

    # === REASONS === #

    def test_five_reasons_are_one_click_away(self):
        dialog = self.open(self.pay(self.invoice(100)))
        self.assertEqual(len(dialog.common_reason_ids), 5)
        self.assertEqual(set(dialog.common_reason_ids.mapped("outcome")), {"unpaid"})
        self.assertNotIn(self.reason_iban, dialog.common_reason_ids)
        for _time in range(2):
            self.fill_in(
                self.pay(self.invoice(5)), reason_id=self.reason_iban.id
            ).action_confirm()
        self.fill_in(self.pay(self.invoice(5))).action_confirm()
        common = self.open(self.pay(self.invoice(100))).common_reason_ids
        reasons = self.env["account.payment.return.reason"]
        method = self.bank.inbound_payment_method_line_ids.payment_method_id
        found = reasons._find_common(method, self.company)
        self.assertEqual(found[:2], self.reason_iban + self.reason_funds)
        self.assertEqual(common, found.sorted())
