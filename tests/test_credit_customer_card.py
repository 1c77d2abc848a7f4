from lxml import html

from odoo.tests import tagged

from .common_exposure import ExposureCommon


@tagged("post_install", "-at_install")
class TestCreditCustomerCard(ExposureCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        customer = cls.customer
        cls._setup_credit_block(cls.company)
        cls.customer = customer

    def _render(self, order=None, partner=None):
        """The card, as an element."""
        card = self.env["credit.customer.card"]
        return html.fromstring(
            card._render(partner or self.customer, self.company, order)
        )

    def _render_order(self, order, **kwargs):
        card = self.env["credit.customer.card"]
        return self._read(html.fromstring(card._render_order(order, **kwargs)))

    def _read(self, element):
        """What a person reads, spaces put right."""
        return " ".join(element.text_content().replace("\ufeff", "").split())

    def _read_part(self, card, name):
        """What one named part of a card says; empty if it is not there."""
        return " ".join(map(self._read, card.xpath(f"//*[@name='{name}']")))

    # === BLOCKS === #

    def test_the_card_says_that_nobody_blocked_the_customer(self):
        self.assertEqual(self._read_part(self._render(), "blocks"), "Not blocked")

    def test_the_card_says_every_block_since_when_and_why(self):
        self._block(level=self.level_unpaid, reason="two returns")
        self._block(level=self.level_doubtful, reason="a payment plan")
        text = self._read_part(self._render(), "blocks")
        today = self.env.company._get_credit_today().strftime("%m/%d/%Y")
        self.assertIn(f"since {today}: two returns", text)
        self.assertIn("a payment plan", text)
        self.assertLess(text.index("payment plan"), text.index("two returns"))

    # === EXPOSURE === #

    def test_the_card_says_that_there_is_no_limit(self):
        text = self._read_part(self._render(), "exposure")
        self.assertIn("No credit limit", text)
        self.assertNotIn("over the limit", text)

    def test_what_is_left_of_the_limit_is_told(self):
        self.customer.with_company(self.company).credit_limit = 1000
        self.issue(300)
        self.issue(100, due=-10)
        card = self._render()
        text = self._read_part(card, "exposure")
        self.assertIn("400.00 € of a limit of 1,000.00 € 40 %", text)
        self.assertIn("600.00 € left", text)
        self.assertEqual(self._read_part(card, "open"), "Not due yet 300.00 €")
        self.assertEqual(
            self._read_part(card, "overdue"), "Overdue, not returned 100.00 €"
        )
        self.assertFalse(self._read_part(card, "drafts"), "nothing, not shown")

    def test_a_limit_that_expired_is_told_with_its_last_day(self):
        self.issue(300)
        partner = self.customer.sudo().with_company(self.company)
        partner.write({"credit_limit": 1000, "credit_limit_until": self.day(30)})
        text = self._read_part(self._render(), "exposure")
        self.assertIn("30 %", text)
        self.assertIn(f"Limit valid until {self.day(30):%m/%d/%Y}", text)
        partner.credit_limit_until = self.day(-1)
        text = self._read_part(self._render(), "exposure")
        self.assertIn(f"Limit expired on {self.day(-1):%m/%d/%Y}", text)
        for told in ("%", "left", "over the limit", "valid until"):
            self.assertNotIn(told, text)

    def test_a_temporary_limit_is_told_with_its_last_day(self):
        self.issue(300)
        self.customer.sudo().with_company(self.company).write(
            {
                "credit_limit": 100,
                "credit_limit_raise": 600,
                "credit_limit_raise_until": self.day(3),
            }
        )
        text = self._read_part(self._render(), "exposure")
        self.assertIn("of a limit of 600.00 € 50 %", text)
        self.assertIn(f"Temporary limit until {self.day(3):%m/%d/%Y}", text)

    def test_the_order_that_is_decided_on_comes_on_top(self):
        self.customer.with_company(self.company).credit_limit = 1000
        self.issue(300)
        order = self.order(900, state="draft")
        card = self._render(order)
        text = self._read_part(card, "exposure")
        self.assertIn("Exposure with this order 1,200.00 €", text)
        self.assertIn("120 %", text)
        self.assertIn("200.00 € over the limit", text)
        self.assertEqual(self._read_part(card, "order"), "This order 900.00 €")
        self.assertAlmostEqual(sum(self._get_widths(card)), 100, 1)

    def _get_widths(self, card):
        """Percentages of the bar that its parts take."""
        styles = card.xpath("//div[@class='progress']/div/@style")
        return [float(style.split(":")[1].rstrip("%")) for style in styles]

    def test_the_amount_of_an_order_is_in_the_currency_of_the_company(self):
        currency = self.setup_other_currency("USD", rates=[("2016-01-01", 2.0)])
        pricelist = self.env["product.pricelist"].create(
            {"name": "Dollars", "currency_id": currency.id}
        )
        order = self.order(900, state="draft", pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, currency)
        self.assertEqual(
            self._read_part(self._render(order), "order"), "This order 450.00 €"
        )

    def test_what_the_customer_has_in_its_favour_shortens_no_bar(self):
        self.issue(500)
        refund = self.draft(700, "out_refund")
        refund.action_post()
        card = self._render()
        self.assertIn("-200.00", self._read_part(card, "exposure"))
        self.assertFalse(self._get_widths(card))

    def test_a_contact_has_the_card_of_its_company(self):
        self.issue(300)
        contact = self._create_contact(self.customer, "Mario")
        text = self._read_part(self._render(partner=contact), "exposure")
        self.assertIn("300.00 €", text)

    # === PAYMENT RETURNS === #

    def test_the_card_says_that_nothing_came_back(self):
        self.assertEqual(
            self._read_part(self._render(), "returns"),
            "No payment return in the last 12 months",
        )

    def test_the_returns_of_a_year_are_counted_with_the_last_reason(self):
        for amount, date in ((40, self.day(-20)), (50, self.day(-10))):
            returned = self.make_return(self.pay(self.invoice(amount)), date=date)
            returned.action_confirm()
        old = self.make_return(self.pay(self.invoice(60)), date=self.day(-400))
        old.action_confirm()
        text = self._read_part(self._render(), "returns")
        self.assertIn("2 payment returns in the last 12 months, for 90.00 €.", text)
        last = self.day(-10).strftime("%m/%d/%Y")
        self.assertIn(f"Last on {last}: {self.reason_funds.name}", text)

    # === THE WHOLE CARD === #

    def _render_full(self):
        card = self.env["credit.customer.card"]
        return html.fromstring(card._render_full(self.customer, self.company))

    def test_the_whole_card_of_a_new_customer_says_that_there_is_nothing(self):
        card = self._render_full()
        self.assertEqual(self._read_part(card, "blocks"), "Not blocked")
        self.assertIn("Open in total 0.00 €", self._read_part(card, "aging"))
        self.assertEqual(self._read_part(card, "returns"), "Payment returns None")
        self.assertFalse(self._read_part(card, "rate"))
        self.assertIn("Nothing was paid", self._read_part(card, "days_to_pay"))
        self.assertIn("Never blocked", self._read_part(card, "past_blocks"))
        self.assertIn("No order was released", self._read_part(card, "decisions"))

    def test_the_whole_card_tells_the_age_of_what_is_open(self):
        self.issue(300)
        self.issue(100, due=-45)
        self.draft(30, "out_refund").action_post()
        text = self._read_part(self._render_full(), "aging")
        self.assertIn("Not due yet 300.00 €", text)
        self.assertIn("31 to 60 days late 100.00 €", text)
        self.assertIn("Over 90 days late 0.00 €", text)
        self.assertIn("Unused payments and credit notes -30.00 €", text)
        self.assertIn("Open in total 370.00 €", text)

    def test_the_whole_card_tells_how_the_customer_paid(self):
        late = self.issue(150, due=-20, invoice_date=self.day(-50))
        self.pay(late, payment_date=self.day(-10))
        returned = self.pay(self.issue(50, due=-20), payment_date=self.day(-15))
        self.make_return(returned, date=self.day(-5)).action_confirm()
        card = self._render_full()
        self.assertIn("1 for 50.00 €", self._read_part(card, "returns"))
        self.assertIn("25.0 % of 200.00 €", self._read_part(card, "rate"))
        self.assertIn(self.reason_funds.name, self._read_part(card, "last_return"))
        self.assertEqual(
            self._read_part(card, "days_to_pay"),
            "Average days to pay 40 (1 instalment paid)",
        )
        self.assertEqual(
            self._read_part(card, "days_late"),
            "Average delay 10 days after the due date",
        )

    def test_who_pays_early_has_no_delay(self):
        early = self.issue(150, due=10, invoice_date=self.day(-20))
        self.pay(early, payment_date=self.day(0))
        text = self._read_part(self._render_full(), "days_late")
        self.assertIn("10 days before the due date", text)

    def test_the_whole_card_tells_why_a_block_ended(self):
        self._block(reason="two returns")
        self.customer._lift_credit_block(self.level_unpaid, "paid", self.company)
        card = self._render_full()
        self.assertEqual(self._read_part(card, "blocks"), "Not blocked")
        text = self._read_part(card, "past_blocks")
        self.assertIn("two returns", text)
        self.assertIn(f"by {self.env.user.name}: paid", text)

    def test_paper_has_no_colours_that_a_printer_loses(self):
        self._block(reason="two returns")
        self.customer.with_company(self.company).credit_limit = 1000
        card = self.env["credit.customer.card"]
        papers = card._render_paper(self.customer, self.company)
        paper = html.fromstring(papers[self.customer.id])
        self.assertIn("two returns", self._read(paper))
        self.assertFalse(paper.xpath("//*[contains(@class, 'badge')]"))
        self.assertFalse(paper.xpath("//*[contains(@class, 'd-none')]"))

    # === COST AND LANGUAGE === #

    def test_a_card_costs_the_same_whatever_the_history(self):
        self.issue(10)
        self.make_return(
            self.pay(self.invoice(10)), date=self.day(-20)
        ).action_confirm()
        self._count_queries(self._render)
        short = self._count_queries(self._render)
        for amount in range(1, 12):
            self.issue(amount)
            self.make_return(
                self.pay(self.invoice(amount)), date=self.day(-amount)
            ).action_confirm()
        self._count_queries(self._render)
        long = self._count_queries(self._render)
        self.assertEqual(long, short)
        self.assertLessEqual(long, 16)

    # === THE ORDER === #

    def test_the_order_is_summed_up_with_what_is_paid(self):
        order = self.order(100, quantity=3, state="draft")
        text = self._render_order(order)
        self.assertIn("Goods 3.00 Units 300.00 €", text)
        self.assertIn("Total, taxes included 300.00 €", text)
        self.assertNotIn("Paid already", text)

    def test_a_long_order_is_cut(self):
        order = self.order(100, state="draft")
        order.order_line.copy({"order_id": order.id})
        order.order_line[:1].copy({"order_id": order.id})
        self.assertIn("… and 1 more", self._render_order(order, most=2))
        self.assertNotIn("more", self._render_order(order, most=3))
