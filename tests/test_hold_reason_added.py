"""Another addon brings a reason of its own: one more class, and a code."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models import said
from ..models.holds.reasons.base import HoldFinding, HoldReason
from ..models.holds.sale_order_hold_reason import keep_rows
from .common_holds import HoldCommon


class MoonReason(HoldReason):
    """Orders whose reference names the moon."""

    code = "moon"
    sequence = 15
    color = 9
    depends = ("client_order_ref",)

    def is_asked(self, company):
        return True

    def find(self, orders, found, running=False):
        told = orders.filtered(lambda o: "moon" in (o.client_order_ref or ""))
        return {o: HoldFinding(self.code, {"moon": o.client_order_ref}) for o in told}

    def get_text(self, env, data):
        return f"Ordered under a {data['moon']}."


def _get_extensions():
    """What the addon would have in its models."""

    class SaleOrder(models.Model):
        _module = None
        _name = "sale.order"
        _inherit = ["sale.order"]

        @api.model
        def _get_hold_reasons(self):
            return [*super()._get_hold_reasons(), MoonReason()]

        @api.model
        def _get_decided_names(self):
            return super()._get_decided_names() | {"client_order_ref"}

        def _take_fingerprint(self):
            return {**super()._take_fingerprint(), "moon": self.client_order_ref}

        def _is_decided_on(self, decided, now):
            same = decided.get("moon") == now["moon"]
            return same and super()._is_decided_on(decided, now)

    class SaleOrderHoldReason(models.Model):
        _module = None
        _name = "sale.order.hold.reason"
        _inherit = ["sale.order.hold.reason"]

        code = fields.Selection(
            selection_add=[("moon", "Under the moon")], ondelete={"moon": keep_rows}
        )

    return SaleOrder, SaleOrderHoldReason


@tagged("post_install", "-at_install")
class TestHoldReasonAdded(HoldCommon):
    def setUp(self):
        super().setUp()
        self.bases = {
            name: self.registry[name]._base_classes__
            for name in ("sale.order", "sale.order.hold.reason")
        }
        self.addCleanup(self._uninstall)

    def _install(self):
        """Extend the models as an addon that is installed does."""
        # Of the ORM's internals, as in Odoo's own tests.
        from odoo.orm.model_classes import add_to_registry  # noqa: PLC0415

        for definition in _get_extensions():
            add_to_registry(self.registry, definition)
        self._set_up_models()

    def _uninstall(self):
        """Take the extension away again, and leave what is in the database."""
        for name, bases in self.bases.items():
            self.registry[name]._base_classes__ = bases
        self._set_up_models()

    def _set_up_models(self):
        self.env.flush_all()
        self.registry._setup_models__(self.env.cr, list(self.bases))
        self.registry.registry_invalidated = False
        self.env.invalidate_all()

    def _order(self, reference="full moon"):
        """An order of a customer whom nothing else stops."""
        return self._create_order(self.good_customer, client_order_ref=reference)

    def _hold_for_moon(self, reference="full moon"):
        order = self._order(reference)
        order.action_confirm_or_hold()
        self._assert_states(order, "sent", "held")
        return order.sudo()

    def _release(self, order):
        order.with_user(self.user_credit_manager)._release_hold("a clear night")

    def test_it_holds_what_it_finds_and_nothing_else(self):
        self._install()
        other = self._order("Tuesday")
        other.action_confirm_or_hold()
        self._assert_states(other, "sale", "none")
        self._hold_for_moon()

    def test_without_it_the_same_order_is_confirmed(self):
        order = self._order()
        order.action_confirm_or_hold()
        self._assert_states(order, "sale", "none")

    def test_its_words_and_its_colour_are_shown(self):
        self._install()
        order = self._hold_for_moon()
        manager = order.hold_ids.with_user(self.user_credit_manager)
        self.assertRecordValues(
            manager.reason_ids,
            [{"code": "moon", "color": 9, "display_name": "Under the moon"}],
        )
        self.assertEqual(manager.reason_text, "Ordered under a full moon.")
        banner = order.with_user(self.user_salesperson).hold_banner
        self.assertIn("Ordered under a full moon.", banner)
        known = self.env["sale.order.hold.report"].fields_get(["code"])
        self.assertIn(("moon", "Under the moon"), known["code"]["selection"])

    def test_a_hold_that_is_shown_follows_what_it_depends_on(self):
        self._install()
        order = self._hold_for_moon()
        self.assertIn("full moon", order.hold_ids.reason_text)
        order.client_order_ref = "new moon"
        self.assertIn("new moon", order.hold_ids.reason_text)

    def test_it_is_asked_in_its_place_and_the_limit_last(self):
        def get_codes():
            reasons = self.env["sale.order"]._get_sorted_hold_reasons()
            return [reason.code for reason in reasons]

        before = get_codes()
        self.assertEqual(before[-1], "limit")
        self._install()
        self.assertEqual(get_codes(), [before[0], "moon", *before[1:]])

    def test_a_release_lets_the_order_go_on(self):
        self._install()
        order = self._hold_for_moon()
        self._release(order)
        self._assert_states(order, "sale", "released")

    def test_what_it_adds_to_a_decision_is_compared(self):
        self._install()
        order = self._hold_for_moon()
        self._release(order)
        order.with_user(self.user_salesperson).note = "Ring twice"
        with self.assertRaisesRegex(UserError, "Ordered under a new moon"):
            order.with_user(self.user_salesperson).client_order_ref = "new moon"

    def test_what_waits_when_it_comes_is_held_for_it_too(self):
        order = self._hold(client_order_ref="full moon")
        hold = order.hold_ids
        self._install()
        self.env["sale.order.hold"]._add_missing_rows()
        self.assertEqual(hold.reason_ids.mapped("code"), ["level", "moon"])
        self.env["sale.order.hold"]._add_missing_rows()
        self.assertEqual(len(hold.row_ids.filtered(lambda r: r.code == "moon")), 1)

    def test_what_it_has_held_is_shown_as_gone_when_it_is_gone(self):
        self._install()
        order = self._hold_for_moon()
        self._release(order)
        self._uninstall()
        manager = order.hold_ids.with_user(self.user_credit_manager)
        unknown = str(said.UNKNOWN)
        self.assertRecordValues(
            manager.reason_ids,
            [{"code": "moon", "color": 0, "display_name": "moon", "detail": unknown}],
        )
        self.assertEqual(manager.reason_text, unknown)
        report = self.env["sale.order.hold.report"].with_user(self.user_credit_manager)
        rows = report.search_read([("order_id", "=", order.id)], ["code"])
        self.assertEqual([row["code"] for row in rows], ["moon"])

    def test_what_waits_when_it_goes_is_held_for_nothing(self):
        self._install()
        order = self._hold_for_moon()
        self._uninstall()
        self.assertIn("None of the reasons", order.hold_ids.reason_text)
        order.with_user(self.user_salesperson).action_recheck_hold()
        self._assert_states(order, "sale", "released")
