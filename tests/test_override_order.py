from collections import defaultdict
from inspect import isfunction

from odoo.tests.common import TransactionCase

from .common_rooms import ROOMS

PACKAGE = "odoo.addons.account_credit_block.models."


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

    def test_an_invoice_is_posted_through_one_override(self):
        self.assertEqual(self._get_overrides("account.move")["_post"], ["guards"])
