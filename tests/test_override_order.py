from collections import defaultdict
from inspect import isfunction

from odoo.tests import TransactionCase, tagged

from .common_rooms import ROOMS

PACKAGE = "odoo.addons.account_credit_block.models."


# What is put around methods is there once everything is loaded.
@tagged("post_install", "-at_install")
class TestOverrideOrder(TransactionCase):
    """Of two rooms that extend a method, the later one is called first."""

    def _get_overrides(self, model):
        """Return a dict from method to the rooms that extend it, as they are called."""
        overrides = defaultdict(list)
        for owner in type(self.env[model]).__mro__:
            if not owner.__module__.startswith(PACKAGE) or owner._name != model:
                continue
            room = owner.__module__.removeprefix(PACKAGE).split(".")[0]
            for name, value in vars(owner).items():
                if isfunction(value):
                    overrides[name].append(room)
        return overrides

    def test_a_later_room_is_called_first(self):
        several = {
            (model, name): rooms
            for model in self.env.registry
            for name, rooms in self._get_overrides(model).items()
            if len(set(rooms)) > 1
        }
        self.assertGreater(len(several), 10)
        for called, rooms in several.items():
            ranks = [ROOMS.index(room) if room in ROOMS else -1 for room in rooms]
            self.assertEqual(ranks, sorted(ranks, reverse=True), (called, rooms))

    def test_an_order_is_stopped_before_anything_else_is_asked(self):
        for model, name, first in (
            ("sale.order", "write", "holds"),
            ("sale.order", "create", "holds"),
            ("sale.order", "action_confirm", "holds"),
            ("account.move", "write", "guards"),
            ("account.move", "create", "guards"),
            ("res.partner", "write", "guards"),
        ):
            with self.subTest(model=model, method=name):
                self.assertEqual(self._get_overrides(model)[name][0], first)

    def _get_classes(self, model, method):
        """Return the files that extend a method, as they are called."""
        return [
            owner.__module__.removeprefix(PACKAGE)
            for owner in type(self.env[model]).__mro__
            if method in vars(owner) and owner.__module__.startswith(PACKAGE)
        ]

    def test_what_is_asked_for_waits_before_it_is_refused(self):
        expected = [
            "holds.sale_order_request",
            "holds.sale_order",
            "credit.sale_order_payment",
            "credit_entry_guard",
            "holds.hidden.base",  # of every model
        ]
        for method in ("create", "write"):
            with self.subTest(method=method):
                self.assertEqual(self._get_classes("sale.order", method), expected)

    def test_who_sets_orders_aside_stands_around_every_override(self):
        model_class = vars(self.registry["sale.order"])
        self.assertTrue(model_class["action_confirm"].is_credit_block_wrapper)
        self.assertNotIn("write", model_class)

    def test_what_others_object_is_known_apart_from_what_we_do(self):
        order = type(self.env["sale.order"]).__mro__
        names = [owner.__module__.removeprefix(PACKAGE) for owner in order]
        (ours,) = self._get_classes("sale.order", "_confirmation_error_message")
        self.assertLess(names.index(ours), names.index("holds.sale_order_asking"))

    def test_an_invoice_is_posted_through_one_override(self):
        self.assertEqual(self._get_overrides("account.move")["_post"], ["guards"])
