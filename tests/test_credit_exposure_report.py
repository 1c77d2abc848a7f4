from odoo.tests import tagged

from .common_exposure import BUCKETS, ExposureCommon

AMOUNTS = (*BUCKETS, "total", "held")


@tagged("post_install", "-at_install")
class TestCreditExposureReport(ExposureCommon):
    """The exposure of the blocked, which must be that of their cards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Blocks are set by the tests, not by the returns that they need.
        cls.company.sudo().credit_block_on_return = False
        cls.level_unpaid = cls._get_level("unpaid")
        cls.level_doubtful = cls._get_level("doubtful")
        cls.third = cls.env["res.partner"].create({"name": "Neri Spa"})

    def _block(self, partner, level, company=None, **values):
        return partner.sudo()._set_credit_block(
            level, "test reason", company or self.company, **values
        )

    def _rows(self, company=None):
        return (
            self.env["credit.exposure.report"]
            .sudo()
            .search([("company_id", "=", (company or self.company).id)])
        )

    def _fill(self):
        """Something in every bucket of the first customer, an invoice of the second."""
        self.issue(100.005, due=10)
        self.issue(40.0, due=-10)
        payment = self.pay(self.issue(25.0))
        self.make_return(payment).action_confirm()
        self.pay(self.issue(13.0), payment_method_line_id=self.method(90).id)
        self.order(55.0)
        self.draft(7.0)
        self.issue(300.0, partner=self.other_customer)

    def test_each_blocked_customer_has_the_figures_of_the_card(self):
        self._fill()
        self._block(self.customer, self.level_doubtful)
        self._block(self.other_customer, self.level_unpaid)
        rows = self._rows().grouped("partner_id")
        self.assertEqual(set(rows), {self.customer, self.other_customer})
        for partner, row in rows.items():
            shown = {name: row[name] for name in AMOUNTS}
            self.assertEqual(shown, self.exposure(partner))
        self.assertTrue(all(self.exposure()[name] for name in BUCKETS))

    def test_who_is_not_blocked_is_not_told_of(self):
        self._fill()
        self.assertFalse(self._rows())
        self._block(self.third, self.level_unpaid)
        self.assertEqual(self._rows().partner_id, self.third)
        self.assertEqual(self._rows().total, 0.0)

    def test_the_most_important_level_counts_and_each_customer_once(self):
        self._fill()
        customers = self.customer | self.other_customer
        self._block(customers, self.level_unpaid)
        self._block(self.customer, self.level_doubtful)
        groups = (
            self.env["credit.exposure.report"]
            .sudo()
            ._read_group(
                [("company_id", "=", self.company.id)],
                ["level_id"],
                ["__count", "total:sum"],
            )
        )
        expected = [
            (self.level_unpaid, 1, self.exposure(self.other_customer)["total"]),
            (self.level_doubtful, 1, self.exposure()["total"]),
        ]
        self.assertEqual(groups, expected)

    def test_blocks_lifted_or_over_do_not_count(self):
        block = self._block(self.customer, self.level_unpaid, until=self.today)
        self.assertTrue(self._rows())
        self.env.cr.execute(
            "UPDATE credit_block SET until = %s WHERE id = %s",
            [self.day(-1), block.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self._rows())
        self._block(self.customer, self.level_doubtful)
        self.assertEqual(self._rows().level_id, self.level_doubtful)
        self.customer.sudo()._lift_credit_block(
            self.level_doubtful, "paid", self.company
        )
        self.assertFalse(self._rows())

    def test_each_company_tells_of_its_own_books(self):
        self.issue(100.0)
        other = self.env["res.company"].sudo().create({"name": "Other Company"})
        self._block(self.customer, self.level_unpaid)
        self._block(self.customer, self.level_doubtful, company=other)
        self.assertRecordValues(
            self._rows(), [{"total": 100.0, "level_id": self.level_unpaid.id}]
        )
        self.assertRecordValues(
            self._rows(other), [{"total": 0.0, "level_id": self.level_doubtful.id}]
        )

    def test_a_branch_counts_for_its_head_office(self):
        branch = (
            self.env["res.company"]
            .sudo()
            .create({"name": "Branch", "parent_id": self.company.id})
        )
        self.issue(100.0)
        self._block(self.customer, self.level_unpaid)
        self._block(self.customer, self.level_doubtful, company=branch)
        self.assertRecordValues(
            self._rows(), [{"total": 100.0, "level_id": self.level_doubtful.id}]
        )
        self.assertFalse(self._rows(branch))

    def test_the_whole_report_is_a_few_queries(self):
        def read():
            self.env["credit.exposure.report"].sudo()._read_group(
                [("company_id", "=", self.company.id)], ["level_id"], ["total:sum"]
            )

        self._block(self.customer, self.level_unpaid)
        read()
        few = self._count_queries(read)
        self._block(
            self.customer | self.other_customer | self.third, self.level_doubtful
        )
        self.assertEqual(self._count_queries(read), few)
        self.assertLessEqual(few, 5)

    def test_a_row_opens_the_customer(self):
        self._block(self.customer, self.level_unpaid)
        action = self._rows().action_open_customer()
        self.assertEqual(
            (action["res_model"], action["res_id"]), ("res.partner", self.customer.id)
        )
