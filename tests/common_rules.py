from datetime import timedelta

from .common_returns import PaymentReturnCommon


class RuleCommon(PaymentReturnCommon):
    """The shipped rules in a company with returns; time stands still where it does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        rules = cls.env["credit.block.rule"].sudo()
        rules.with_context(active_test=False).search(
            [("company_id", "!=", False)]
        ).unlink()
        cls.rule_first = cls._rule("first_return")
        cls.rule_overdue = cls._rule("overdue")
        cls.rule_three = cls._rule("three_returns")
        cls.unpaid, cls.pending, cls.doubtful = (
            cls.env.ref(f"account_credit_block.credit_block_level_{name}")
            for name in ("unpaid", "pending", "doubtful")
        )

    @classmethod
    def _rule(cls, name):
        return cls.env.ref(f"account_credit_block.credit_block_rule_{name}").sudo()

    @classmethod
    def days_ago(cls, days):
        """A date before today, as it is today for the test."""
        return cls.env.company._get_credit_today() - timedelta(days=days)

    def overdue(self, days, amount=100.0, partner=None):
        """An open invoice whose due date was some days ago."""
        return self.invoice(
            amount,
            partner=partner,
            invoice_date=self.days_ago(days),
            invoice_date_due=self.days_ago(days),
        )

    def returned(self, partner=None, amount=100.0, **values):
        """An invoice whose payment came back, on the ``date`` of the return."""
        invoice = self.invoice(amount, partner=partner)
        self.make_return(self.pay(invoice), **values).action_confirm()
        return invoice

    def in_force(self, partner=None):
        """Levels in force of a customer in the test's company."""
        partner = partner or self.customer
        return partner._get_credit_blocks(self.company)[partner.id].level_id

    def automatic(self, partner=None):
        """Blocks in force of a customer that a rule set."""
        partner = partner or self.customer
        blocks = partner._get_credit_blocks(self.company)[partner.id]
        return blocks.filtered(lambda block: block.origin != "manual")

    def night(self):
        """The nightly pass, as the server runs it."""
        cron = self.env.ref("account_credit_block.ir_cron_evaluate_credit_blocks")
        with self.enter_registry_test_mode():
            cron.sudo().method_direct_trigger()
        self.env.invalidate_all()
