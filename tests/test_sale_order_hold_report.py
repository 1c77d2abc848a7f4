from datetime import timedelta

from odoo.tests import tagged

from .common_holds import HoldCommon


@tagged("post_install", "-at_install")
class TestSaleOrderHoldReport(HoldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit_company.credit_hold_limit = True
        cls.credit_company.account_use_credit_limit = True
        cls.report = cls.env["sale.order.hold.report"].with_user(
            cls.user_credit_manager
        )

    def _group(self, groupby, *measures):
        orders = self.env["sale.order"].search(
            [("partner_id", "in", (self.customer | self.good_customer).ids)]
        )
        groups = self.report._read_group(
            [("order_id", "in", orders.ids)], [groupby], measures
        )
        return {key: tuple(values) for key, *values in groups}

    def _hold_for_two_reasons(self):
        self.customer.use_partner_credit_limit = True
        self.customer.credit_limit = 1.0
        order = self._hold(quantity=100)
        codes = set(order.hold_ids.reason_ids.mapped("code"))
        self.assertEqual(codes, {"level", "limit"})
        return order

    def _decide(self, order, days, decision="_release"):
        hold = order.hold_ids.with_user(self.user_credit_manager)
        getattr(hold, decision)("after a call")
        hold.sudo().decided_on = hold.create_date + timedelta(days=days)

    def test_an_order_held_for_two_reasons_is_told_under_both_and_counts_once(self):
        order = self._hold()
        both = self._hold_for_two_reasons()
        measures = ("hold_id:count_distinct", "amount_total:sum")
        total = order.amount_total + both.amount_total
        self.assertEqual(
            self._group("code", *measures),
            {"level": (2, total), "limit": (1, both.amount_total)},
        )
        self.assertEqual(self._group("state", *measures), {"held": (2, total)})

    def test_two_orders_of_the_same_amount_are_two_amounts(self):
        first, second = self._hold(), self._hold()
        self.assertEqual(first.amount_total, second.amount_total)
        self.assertEqual(
            self._group("state", "amount_total:sum"),
            {"held": (first.amount_total * 2,)},
        )

    def test_the_days_to_decide_are_a_mean_over_orders_decided(self):
        self._hold()
        self._decide(self._hold_for_two_reasons(), days=4)
        self._decide(self._hold(), days=1, decision="_refuse")
        self.assertEqual(
            self._group("state", "decision_days:avg"),
            {"held": (False,), "released": (4.0,), "refused": (1.0,)},
        )
        deciders = self._group("decided_by_id", "decision_days:avg")
        self.assertEqual(deciders[self.user_credit_manager], (2.5,))

    def test_amounts_are_in_the_currency_of_the_company(self):
        order = self._hold()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET currency_rate = 2 WHERE id = %s", [order.id]
        )
        self.env.invalidate_all()
        self.assertEqual(
            self._group("state", "amount_total:sum"),
            {"held": (order.amount_total / 2,)},
        )

    def test_months_go_by_the_day_of_the_hold(self):
        self._hold()
        month = self.env.company._get_credit_today().replace(day=1)
        groups = self._group("date:month", "hold_id:count_distinct")
        self.assertEqual({key.date(): n for key, n in groups.items()}, {month: (1,)})

    def test_a_row_opens_the_hold(self):
        order = self._hold()
        row = self.report.search([("order_id", "=", order.id)])
        action = row.action_open_document()
        self.assertEqual(action["res_model"], "sale.order.hold")
        self.assertEqual(action["res_id"], order.hold_ids.id)

    def test_an_order_hidden_from_people_is_hidden_from_their_figures(self):
        self.credit_company.credit_hold_handover = "hidden"
        order = self._hold()
        report = self.report.with_user(self.user_credit_user)
        domain = [("order_id", "=", order.id)]
        self.assertEqual(self.report.search_count(domain), 1)
        self.assertEqual(report.search_count(domain), 0)
        self.assertFalse(report._read_group(domain, ["state"], ["amount_total:sum"]))
        self._decide(order, days=1)
        self.assertEqual(report.search_count(domain), 1)
