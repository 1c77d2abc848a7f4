"""A release covers what the manager was shown, and nothing else."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tests import Form, tagged

from .common_holds import HoldCommon
from .common_rpc import RemoteCalls

DIALOG = "sale.order.hold.decision"


class ShownCommon(RemoteCalls, HoldCommon):
    """A company that holds over the limit, on changed terms, and blocked customers."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credit_company.write(
            {
                "account_use_credit_limit": True,
                "credit_hold_limit": True,
                "credit_hold_terms": True,
            }
        )
        cls.late_term = cls.env["account.payment.term"].create(
            {
                "name": "In 90 days",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 90}
                    )
                ],
            }
        )

    def _limit(self, amount):
        self.customer.use_partner_credit_limit = True
        self.customer.credit_limit = amount

    def _invoice(self, amount):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": self.env.company._get_credit_today(),
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Goods", "price_unit": amount, "tax_ids": False}
                    )
                ],
            }
        )
        invoice.action_post()
        return invoice

    def _change_terms(self, order):
        self.call(
            self.user_salesperson,
            order,
            "write",
            {"payment_term_id": self.late_term.id},
        )

    def _read(self, hold, *names):
        (values,) = self.call(self.user_credit_manager, hold, "read", list(names))
        return values

    def _open(self, holds):
        """Open the dialog as the web client does; nothing is saved yet."""
        return self.call(self.user_credit_manager, holds, "action_release")["context"]

    def _apply(self, context, **values):
        """Save the dialog and press its button."""
        dialog = self.enter(
            self.user_credit_manager, DIALOG, context, reason="fine", **values
        )
        return self.call(self.user_credit_manager, dialog, "action_apply")


@tagged("post_install", "-at_install")
class TestHoldShown(ShownCommon):
    def test_the_queue_shows_the_reasons_of_today(self):
        order = self._hold()
        hold = order.hold_ids
        self.assertEqual(hold.reason_ids.mapped("code"), ["level"])
        self._change_terms(order)
        self.assertEqual(set(hold.reason_ids.mapped("code")), {"level", "terms"})
        self.assertIn("In 90 days", self._read(hold, "reason_text")["reason_text"])
        self._limit(50)
        self.assertIn("limit", hold.reason_ids.mapped("code"))
        text = self._read(hold, "reason_text")["reason_text"]
        self.assertIn("make $\xa0100.00", text)

    def test_the_queue_is_filtered_by_the_reasons_of_today(self):
        order, other = self._hold(), self._hold()
        self._change_terms(order)

        def find(code):
            holds = self.env["sale.order.hold"].with_user(self.user_credit_manager)
            mine = Domain("order_id", "in", (order | other).ids)
            return holds.search(mine & Domain("reason_ids.code", "=", code)).order_id

        self.assertEqual(find("terms"), order)
        self.assertEqual(find("level"), order | other)
        order.with_user(self.user_credit_manager)._release_hold("fine")
        self.assertEqual(find("terms"), order)

    def test_the_report_shows_the_reasons_of_today(self):
        order = self._hold()
        self._change_terms(order)
        report = self.env["sale.order.hold.report"].with_user(self.user_credit_manager)
        rows = report.search([("order_id", "=", order.id)])
        self.assertEqual(set(rows.mapped("code")), {"level", "terms"})
        self.customer._lift_credit_block(
            self.level_assistance, "paid", self.credit_company
        )
        order.payment_term_id = False
        self.env.invalidate_all()
        rows = report.search([("order_id", "=", order.id)])
        self.assertRecordValues(rows, [{"code": False, "state": "held"}])

    def test_the_salesperson_reads_the_reasons_of_today_too(self):
        order = self._hold()
        self._change_terms(order)
        (values,) = self.call(
            self.user_salesperson, order.sudo(False), "read", ["hold_banner"]
        )
        self.assertIn("In 90 days", values["hold_banner"])

    def test_the_dialog_shows_what_is_decided(self):
        order = self._hold()
        self._change_terms(order)
        dialog = self.env[DIALOG].with_user(self.user_credit_manager)
        with Form(dialog.with_context(**self._open(order.hold_ids))) as form:
            self.assertIn(order.name, form.shown_text)
            self.assertIn("In 90 days", form.shown_text)
            self.assertIn("100.00", form.shown_text)
            form.reason = "fine"

    def test_what_was_shown_is_released_and_kept(self):
        order = self._hold()
        self._change_terms(order)
        self._apply(self._open(order.hold_ids))
        self._assert_states(order, "sale", "released")
        hold = order.hold_ids
        self.assertEqual(set(hold.decided_reasons), {"level", "terms"})
        self.assertEqual(set(hold.reason_ids.mapped("code")), {"level", "terms"})
        order.payment_term_id = False
        self.assertIn("In 90 days", self._read(hold, "reason_text")["reason_text"])

    def _assert_not_released(self, order, context, text):
        with self.assertRaisesRegex(UserError, "were changed meanwhile") as caught:
            self._apply(context)
        self.assertIn(text, str(caught.exception))
        self._assert_states(order, "sent", "held")
        self.assertFalse(order.hold_ids.decided_reasons)
        self._apply(self._open(order.hold_ids))
        self._assert_states(order, "sale", "released")

    def test_terms_changed_while_the_dialog_was_open_are_not_released(self):
        order = self._hold()
        context = self._open(order.hold_ids)
        self._change_terms(order)
        self._assert_not_released(order, context, "In 90 days")

    def test_an_invoice_posted_while_the_dialog_was_open_is_not_released(self):
        self._limit(50)
        order = self._hold()
        context = self._open(order.hold_ids)
        self._invoice(1000)
        self._assert_not_released(order, context, "1,100.00")

    def test_a_block_set_while_the_dialog_was_open_is_not_released(self):
        order = self._hold()
        context = self._open(order.hold_ids)
        self._block(level=self.level_pending)
        self._assert_not_released(order, context, "Pending items block")

    def test_of_several_none_is_released_when_one_has_changed(self):
        order, other = self._hold(), self._hold()
        context = self._open((order | other).hold_ids)
        self._change_terms(order)
        with self.assertRaisesRegex(UserError, "were changed meanwhile"):
            self._apply(context)
        self._assert_states(other, "sent", "held")

    def test_several_orders_that_use_the_same_limit_are_released_together(self):
        self._limit(50)
        orders = self._hold() | self._hold()
        self._apply(self._open(orders.hold_ids))
        self.assertEqual(orders.mapped("state"), ["sale", "sale"])

    def test_a_change_never_stops_a_refusal(self):
        order = self._hold()
        context = self._open(order.hold_ids)
        self._change_terms(order)
        self._apply({**context, "default_decision": "refuse"})
        self._assert_states(order, "sent", "refused")
        self.assertIn("terms", order.hold_ids.reason_ids.mapped("code"))

    def test_an_order_without_a_reason_left_says_so(self):
        order = self._hold()
        self.customer._lift_credit_block(
            self.level_assistance, "paid", self.credit_company
        )
        text = self._read(order.hold_ids, "reason_text")["reason_text"]
        self.assertIn("None of the reasons", text)

    def test_what_is_no_order_as_it_was_shown_releases_nothing(self):
        order = self._hold()
        hold = str(order.hold_ids.id)
        context = self._open(order.hold_ids)
        now = context["default_seen"][hold]
        entries = ("x", [], 5, {}, {"before": "x"}, {**now, "order": {}})
        told_before = {"before": now, "order": {}, "reasons": {}}
        seen = ({hold: entry} for entry in (*entries, told_before))
        for told in ("abc", [1], 5, True, None, *seen):
            with (
                self.subTest(seen=told),
                self.assertRaisesRegex(UserError, "were changed meanwhile"),
            ):
                self._apply({**context, "default_seen": told})
        self._assert_states(order, "sent", "held")
        self._apply(context)
        self._assert_states(order, "sale", "released")

    def test_nobody_but_the_server_says_what_an_order_became(self):
        hold = self._hold().hold_ids
        context = self._open(hold)
        for told in (
            {"context": context, "became": context["default_seen"]},
            {"context": {**context, "default_became": context["default_seen"]}},
        ):
            with self.assertRaises(AccessError):
                self.enter(self.user_credit_manager, DIALOG, reason="fine", **told)

    def test_the_dialog_takes_its_orders_in_every_form_of_a_default(self):
        hold = self._hold().hold_ids
        dialogs = self.env[DIALOG]

        def default(user, holds, *names):
            context = {"default_hold_ids": holds}
            return self.call(user, dialogs, "default_get", [*names], context=context)

        shown = self._open(hold)["default_seen"]
        for holds in (hold.ids, [[6, 0, hold.ids]], [[4, hold.id, 0]], [[4, hold.id]]):
            with self.subTest(holds=holds):
                values = default(self.user_credit_manager, holds, "seen")
                self.assertEqual(values["seen"], shown)
                with self.assertRaises(AccessError):
                    default(self.user_salesperson, holds, "seen")
        for holds in ("abc", 5, True, None, [None], ["x"], [[]], [["4", 1]], [1.5]):
            with self.subTest(holds=holds):
                values = default(self.user_credit_manager, holds, "seen")
                self.assertFalse(values["seen"])
