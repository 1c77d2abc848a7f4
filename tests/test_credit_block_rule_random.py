import random
from collections import defaultdict
from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.tests import tagged

from .common_rules import RuleCommon

START = fields.Date.from_string("2026-10-06")


@tagged("post_install", "-at_install")
class TestCreditBlockRuleRandom(RuleCommon):
    """Whatever happens, the blocks in force are those of the rules and the manual ones.

    What the rules say is told again here, in Python and from the documents, so that
    it can differ from what the statement in SQL says.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.rule_overdue | cls.rule_three).active = True
        cls.rule_three.write({"return_days": 120, "return_count": 2})
        cls.payer = cls.env["res.partner"].create({"name": "Factoring Spa"})
        cls.partners = cls.customer | cls.other_customer | cls.payer
        cls.add_branch()

    def test_random_sequences(self):
        seen = set()
        for seed in range(4):
            with (
                self.subTest(seed=seed),
                self.env.cr.savepoint() as savepoint,
                freeze_time(START) as clock,
            ):
                # The head office's own customers, or those of a branch.
                self.office = (self.company, self.branch)[seed % 2]
                self.run_sequence(random.Random(seed), clock, seen)
                savepoint.rollback()
            self.env.invalidate_all()
        # All that can be in force was in force at some time.
        self.assertLessEqual(
            {("return", self.unpaid.id), ("overdue", self.pending.id)}, seen
        )
        self.assertIn(("return", self.doubtful.id), seen)
        self.assertTrue({origin for origin, _level in seen} >= {"manual"})

    def run_sequence(self, rng, clock, seen):
        self.clock = clock
        self.payments = self.env["account.payment"]
        self.returns = self.env["account.payment.return"]
        self.manual, self.debtors = {}, {}
        self.transactions = self.env["account.bank.statement.line"]
        self.invoices = self.env["account.move"]
        self.sell(rng)
        actions = (
            self.sell,
            *[self.collect] * 2,
            *[self.give_back] * 6,
            self.cancel,
            self.undo,
            self.pay_by_bank,
            self.pay_on_account,
            self.undo_at_bank,
            self.take_back,
            self.credit,
            self.block_by_hand,
            self.pass_time,
        )
        for _step in range(20):
            action = rng.choice(actions)
            action(rng)
            self.check_blocks(action.__name__, seen)

    # === WHAT CAN HAPPEN === #

    def sell(self, rng):
        for partner in (self.customer, self.other_customer):
            self.invoices |= self.invoice(
                rng.choice((50.0, 120.0)),
                partner=partner,
                company_id=self.office.id,
                invoice_date=self.env.company._get_credit_today(),
                invoice_date_due=self.env.company._get_credit_today()
                + timedelta(days=20),
            )

    def collect(self, rng):
        unpaid = self.invoices.filtered(lambda invoice: invoice.amount_residual > 0)
        if unpaid:
            invoice = rng.choice(unpaid)
            amount = rng.choice((invoice.amount_residual, 10.0))
            self.pay_by_somebody(rng, invoice, amount)

    def pay_by_somebody(self, rng, invoice, amount=None):
        """The debtor pays, or somebody else for him."""
        values = {"journal_id": self.bank.id}
        if rng.random() < 0.3:
            values["partner_id"] = self.payer.id
        self.payments |= self.pay(invoice, amount=amount, **values)

    def give_back(self, rng):
        if not self.payments or rng.random() < 0.6:
            self.sell(rng)
            self.pay_by_somebody(rng, rng.choice(self.invoices[-2:]))
        payment = rng.choice(self.payments[-2:])
        returned = self.make_return(payment, date=self.env.company._get_credit_today())
        line = returned.line_ids
        line.reason_id = rng.choice((self.reason_funds,) * 3 + (self.reason_iban,))
        line.amount = line._get_returnable_amounts()[line.id]
        if line.amount > 0:
            self.debtors[line] = self.get_debtors(payment)
            returned.action_confirm()
            self.returns |= returned

    def get_debtors(self, payment):
        """Who owes when all of a payment comes back: whose invoices it pays.

        Who paid owes what of it pays nothing.
        """
        item = self.payment_item(payment)
        debts = item.matched_debit_ids.debit_move_id.filtered(
            lambda debt: debt.move_id in self.invoices
        )
        spare = item.partner_id if item.amount_residual else item.partner_id.browse()
        return debts.partner_id | spare

    def cancel(self, rng):
        confirmed = self.returns.filtered(lambda r: r.state == "confirmed")
        if confirmed:
            rng.choice(confirmed).action_cancel()

    def undo(self, rng):
        # What a return has taken back is undone by cancelling that.
        payments = self.payments.filtered(
            lambda p: p.reconciled_invoice_ids and not p.payment_return_count
        )
        if payments:
            self.payment_item(rng.choice(payments)).remove_move_reconcile()

    def pay_on_account(self, rng):
        """The debtor pays something on account, by the bank or by a payment."""
        partner = rng.choice((self.customer, self.other_customer))
        amount = rng.choice((7.07, 121.01))
        if rng.random() < 0.5:
            self.add_to_bank(amount, partner)
            return
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": partner.id,
                "company_id": self.office.id,
                "amount": amount,
                "date": self.env.company._get_credit_today(),
                "journal_id": self.bank.id,
            }
        )
        payment.action_post()
        self.payments |= payment

    def pay_by_bank(self, rng):
        """The debtor pays an invoice, and the bank's line is matched with it.

        No amount is that of a payment, lest it is one that came back.
        """
        unpaid = self.invoices.filtered(lambda invoice: invoice.amount_residual > 0)
        if not unpaid:
            return
        invoice = rng.choice(unpaid)
        amount = rng.choice((invoice.amount_residual + 1.01, 7.07))
        item = self.add_to_bank(amount, invoice.partner_id)
        (item | self.due_items(invoice)).reconcile()

    def add_to_bank(self, amount, partner):
        item = self.bank_item(amount, partner, company_id=self.office.id)
        self.transactions |= item.statement_line_id
        return item

    def undo_at_bank(self, rng):
        """What a line of the bank has paid is undone, or the line is deleted."""
        if not self.transactions:
            return
        transaction = rng.choice(self.transactions)
        if rng.random() < 0.5:
            transaction.action_undo_reconciliation()
        else:
            self.transactions -= transaction
            transaction.unlink()

    def take_back(self, rng):
        """A payment is reset to draft, and deleted or posted again."""
        payments = self.payments.filtered(
            lambda payment: (
                payment.state != "draft" and not payment.payment_return_count
            )
        )
        if not payments:
            return
        payment = rng.choice(payments)
        payment.action_draft()
        if rng.random() < 0.5:
            payment.action_post()
        else:
            self.payments -= payment
            payment.unlink()

    def credit(self, rng):
        unpaid = self.invoices.filtered(lambda invoice: invoice.amount_residual > 0)
        if unpaid:
            invoice = rng.choice(unpaid)
            invoice._reverse_moves(
                [{"invoice_date": self.env.company._get_credit_today()}], cancel=True
            )

    def block_by_hand(self, rng):
        partner = rng.choice((self.customer, self.other_customer))
        level = rng.choice((self.unpaid, self.pending, self.doubtful))
        if (partner, level) in self.manual and rng.random() < 0.5:
            partner._lift_credit_block(level, "by hand", self.office)
            del self.manual[partner, level]
            self.env["credit.block.evaluation"]._evaluate(partner, self.office)
        else:
            until = rng.choice(
                (False, self.env.company._get_credit_today() + timedelta(days=15))
            )
            partner._set_credit_block(level, "by hand", self.office, until=until)
            self.manual[partner, level] = until

    def pass_time(self, rng):
        self.clock.tick(timedelta(days=rng.choice((1, 16, 40, 100))))
        today = self.env.company._get_credit_today()
        self.manual = {k: d for k, d in self.manual.items() if not d or d >= today}
        self.night()

    # === WHAT MUST BE IN FORCE === #

    def check_blocks(self, action, seen):
        wanted = self.get_wanted()
        for partner in self.partners:
            blocks = partner._get_credit_blocks(self.office)[partner.id]
            manual = {level for owner, level in self.manual if owner == partner}
            self.assertEqual(
                {(b.level_id, b.origin == "manual") for b in blocks},
                {(level, True) for level in manual}
                | {(level, False) for level in wanted[partner] - manual},
                f"{partner.name} after {action}",
            )
            seen.update((block.origin, block.level_id.id) for block in blocks)

    def get_wanted(self):
        """The level that the rules want of each customer, as a set of one or none."""
        levels = defaultdict(set)
        today = self.env.company._get_credit_today()
        lines = self.returns.filtered(lambda r: r.state == "confirmed").line_ids
        for partner in self.partners:
            counting = [
                line
                for line in lines
                if partner in self.debtors[line] and line.reason_id.counts_as_default
            ]
            if any(self.is_unpaid(line, partner) for line in counting):
                levels[partner].add(self.unpaid)
            recent = [ln for ln in counting if (today - ln.return_date).days < 120]
            if len(recent) >= 2:
                levels[partner].add(self.doubtful)
            if self.is_overdue(partner, today):
                levels[partner].add(self.pending)
        return defaultdict(
            set,
            {
                partner: {max(found, key=lambda level: level.sequence)}
                for partner, found in levels.items()
            },
        )

    def is_unpaid(self, line, partner):
        """Whether a debtor's invoices are open, or he owes what had paid nothing."""
        items = self.get_items(partner)
        if sum(items.mapped("amount_residual")) <= 0:
            return False
        reopened = line.invoice_line_ids.filtered(lambda i: i.partner_id == partner)
        if reopened:
            return any(not item.reconciled for item in reopened)
        return not any(
            item.balance < 0 and item.date >= line.return_date for item in items
        )

    def is_overdue(self, partner, today):
        """Whether what is long due is more than what the customer has in credit."""
        left = {
            item: item.amount_residual
            for item in self.get_items(partner)
            if not item.reconciled
        }
        due = [
            amount
            for item, amount in left.items()
            if amount > 0 and (today - item.date_maturity).days > 30
        ]
        spare = sum(amount for amount in left.values() if amount < 0)
        return bool(due) and sum(due) + spare > 0

    def get_items(self, partner):
        """Posted receivable items of a customer."""
        return self.env["account.move.line"].search(
            [
                ("partner_id", "=", partner.id),
                ("company_id", "=", self.office.id),
                ("account_id", "=", self.receivable.id),
                ("parent_state", "=", "posted"),
            ]
        )
