from odoo.fields import Command
from odoo.tests import tagged

from .common_exposure import ExposureCommon


@tagged("post_install", "-at_install")
class TestCreditCustomerHistory(ExposureCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        customer = cls.customer
        cls._setup_credit_block(cls.company)
        cls.customer = customer
        cls.history = cls.env["credit.customer.history"]

    def _get_figures(self, partner=None):
        partner = partner or self.customer
        return self.history._get_figures(partner, self.company)[partner.id]

    def _get_rate(self):
        """What the card says: the percentage of the collected amount."""
        card = self.env["credit.customer.card"]
        return card._get_values(self.customer, self.company)[self.customer.id]["rate"]

    def _pay_on(self, invoice, days, **values):
        return self.pay(invoice, payment_date=self.day(days), **values)

    # === AGING === #

    def test_open_items_are_put_where_their_age_is(self):
        for amount, due in ((1, 5), (2, 0), (4, -1), (8, -30), (16, -31), (32, -60)):
            self.issue(amount, due=due)
        for amount, due in ((64, -61), (128, -90), (256, -91), (512, -400)):
            self.issue(amount, due=due)
        self.assertEqual(
            self._get_figures().aging,
            {"not_due": 3, "days_30": 12, "days_60": 48, "days_90": 192, "older": 768},
        )

    def test_ages_add_up_to_what_core_calls_the_receivable(self):
        self.issue(100, due=-45)
        self.pay(self.issue(80, due=5), amount=30)
        self.draft(40, "out_refund").action_post()
        self.draft(999)
        contact = self._create_contact(self.customer, "Mario")
        self.issue(10, due=-100, partner=contact)
        figures = self._get_figures()
        self.assertEqual(
            figures.aging,
            {"days_60": 100, "not_due": 50, "unused": -40, "older": 10},
        )
        self.customer.invalidate_recordset(["credit"])
        total = self.customer.credit + contact.credit
        self.assertAlmostEqual(sum(figures.aging.values()), total, 2)

    def test_ages_are_in_the_currency_of_the_company(self):
        dollars = self.setup_other_currency("USD", rates=[("2016-01-01", 2.0)])
        self.issue(100, due=-10, currency_id=dollars.id)
        self.assertEqual(self._get_figures().aging, {"days_30": 50})

    # === HOW THE CUSTOMER PAYS === #

    def test_nothing_paid_has_no_average(self):
        self.issue(100, due=-10)
        figures = self._get_figures()
        self.assertEqual((figures.paid_count, figures.collected), (0, 0))

    def test_days_run_from_invoice_and_due_date_to_the_last_payment(self):
        late = self.issue(100, due=-30, invoice_date=self.day(-60))
        self._pay_on(late, -40, amount=70)
        self._pay_on(late, -20)  # 40 days, 10 late
        early = self.issue(100, due=10, invoice_date=self.day(-20))
        self._pay_on(early, 0)  # 20 days, 10 early
        third = self.issue(100, due=-20, invoice_date=self.day(-20))
        self._pay_on(third, -5)  # 15 days, 15 late
        figures = self._get_figures()
        self.assertEqual(
            (figures.paid_count, figures.days_to_pay, figures.days_late), (3, 25, 5)
        )

    def test_every_instalment_has_its_own_due_date(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30/60",
                "line_ids": [
                    Command.create({"value_amount": 50, "nb_days": days})
                    for days in (30, 60)
                ],
            }
        )
        invoice = self.invoice(
            100,
            invoice_date=self.day(-60),
            invoice_payment_term_id=term.id,
        )
        first, second = self.due_items(invoice)
        self._pay_on(first, -30)
        figures = self._get_figures()
        self.assertEqual((figures.paid_count, figures.days_late), (1, 0))
        self._pay_on(second, 0)
        figures = self._get_figures()
        self.assertEqual(
            (figures.paid_count, figures.days_to_pay, figures.days_late), (2, 45, 0)
        )

    def test_what_a_credit_note_closed_was_never_paid(self):
        invoice = self.issue(100, due=-10, invoice_date=self.day(-60))
        refund = self.draft(100, "out_refund")
        refund.action_post()
        (self.due_items(invoice) + self.due_items(refund)).reconcile()
        self.assertIn(invoice.payment_state, ("paid", "reversed"))
        self.assertFalse(self._get_figures().paid_count)

    def test_payments_of_before_the_last_year_do_not_count(self):
        self._pay_on(self.issue(100, due=-400, invoice_date=self.day(-430)), -380)
        figures = self._get_figures()
        self.assertEqual((figures.paid_count, figures.collected), (0, 0))

    def test_an_instalment_that_came_back_is_paid_when_it_is_paid_again(self):
        invoice = self.issue(100, due=-50, invoice_date=self.day(-60))
        payment = self._pay_on(invoice, -50)
        self.make_return(payment, date=self.day(-40)).action_confirm()
        self.assertFalse(self._get_figures().paid_count)
        self._pay_on(invoice, -20)
        figures = self._get_figures()
        self.assertEqual((figures.days_to_pay, figures.days_late), (40, 30))

    # === RATE OF RETURNS === #

    def test_the_rate_is_on_all_that_was_collected_also_what_came_back(self):
        self._pay_on(self.issue(300, due=-30), -25)
        whole = self._pay_on(self.issue(100, due=-30), -25)
        part = self._pay_on(self.issue(600, due=-30), -25)
        self.assertEqual(self._get_figures().collected, 1000)
        self.assertEqual(self._get_rate(), 0)
        self.make_return(whole, date=self.day(-20)).action_confirm()
        self.make_return(part, date=self.day(-20), line_amount=50).action_confirm()
        self.assertEqual(whole.state, "rejected")
        self.assertEqual(self._get_figures().collected, 1000)
        self.assertEqual(self._get_rate(), 15)

    def test_there_is_no_rate_without_a_collection(self):
        self.assertIsNone(self._get_rate())

    # === WHAT WAS DECIDED === #

    def test_past_blocks_tell_who_set_and_lifted_them_the_last_first(self):
        self._block(level=self.level_unpaid, reason="two returns")
        customer = self.customer.with_user(self.user_credit_manager)
        customer._lift_credit_block(self.level_unpaid, "paid in cash", self.company)
        self._block(level=self.level_doubtful, reason="a plan")
        last, first = self.history._get_past_blocks(self.customer, self.company)[
            self.customer.id
        ]
        self.assertEqual((last.level, last.state), (self.level_doubtful, "in_force"))
        self.assertEqual((first.level, first.state), (self.level_unpaid, "lifted"))
        self.assertEqual(
            (first.reason, first.set_by), ("two returns", self.env.user.name)
        )
        self.assertEqual(first.ended_by, "Test credit_manager")
        self.assertEqual(first.end_reason, "paid in cash")
        self.assertEqual(first.ended, self.env.company._get_credit_today())

    def test_blocks_of_another_company_are_not_told(self):
        other = self.env["res.company"].create({"name": "Other"})
        self._block(company=other)
        past = self.history._get_past_blocks(self.customer, self.company)
        self.assertFalse(past)

    def test_released_and_refused_orders_are_told_held_ones_are_not(self):
        self.level_assistance.sudo().policy_confirmation = "hold"
        self._block(level=self.level_assistance)
        orders = [self.order(amount, state="draft") for amount in (10, 20, 30)]
        for order in orders:
            order.action_confirm_or_hold()
        manager = self.user_credit_manager
        orders[0].with_user(manager)._release_hold("pays in advance")
        orders[1].with_user(manager)._refuse_hold("too much")
        refused, released = self._get_figures().decisions
        self.assertEqual(
            (refused.order, refused.amount, refused.is_released, refused.reason),
            (orders[1].name, 20, False, "too much"),
        )
        self.assertEqual(
            (released.order, released.is_released, released.by, released.on),
            (orders[0].name, True, manager.name, self.env.company._get_credit_today()),
        )

    def test_only_the_last_ten_are_told(self):
        for number in range(12):
            self._block(level=self.level_unpaid, reason=f"number {number}")
            self.customer._lift_credit_block(self.level_unpaid, "ok", self.company)
        past = self.history._get_past_blocks(self.customer, self.company)
        reasons = [block.reason for block in past[self.customer.id]]
        self.assertEqual(reasons, [f"number {n}" for n in range(11, 1, -1)])

    # === COST === #

    def test_the_values_of_many_customers_cost_those_of_one(self):
        card = self.env["credit.customer.card"].with_context(lang="en_US")

        def ask(partners):
            return self._count_queries(lambda: card._get_values(partners, self.company))

        customers = self.env["res.partner"].create(
            [{"name": f"Customer {n}"} for n in range(8)]
        )
        for customer in customers:
            self.make_return(
                self.pay(self.issue(10, partner=customer)), date=self.day(-1)
            ).action_confirm()
        ask(customers[:1])
        few, many = ask(customers[:1]), ask(customers)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 11)
