"""A form tells nothing of a hidden order that a client names in its values."""

from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged

from ..models import named_records
from ..models.holds.hidden.base import check_hidden
from .common_hidden import HiddenCommon

# What tells the customer of the order that a form names, as far as it is installed.
TELLING = {
    "choose.delivery.carrier": "partner_id",
    "sale.order.line": "order_partner_id",
}
LINKS = ("many2one", "one2many", "many2many")


@tagged("post_install", "-at_install", "shop")
class TestHiddenForms(HiddenCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.user_sales_manager
        cls.telling = {m: name for m, name in TELLING.items() if m in cls.env}

    def _fill_in(self, model, values, *names, user=None, **kwargs):
        """Return what a form fills in from values, by the names of the fields."""
        spec = {name: {"fields": {"display_name": {}}} for name in names}
        user = user or self.user
        spec = {**dict.fromkeys(values, {}), **spec}
        args = ([], values, list(values), spec)
        return self.rpc(user, model, "onchange", *args, **kwargs)["value"]

    def _iter_links(self, comodel):
        """Yield each model and its fields in which a client may name such a record."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            for field in model._fields.values() if not model._abstract else ():
                if field.comodel_name == comodel and field.type in LINKS:
                    yield name, field

    def test_a_form_fills_in_the_customer_of_an_order_that_one_may_see(self):
        order = self._create_order()
        for model, name in self.telling.items():
            filled_in = self._fill_in(model, {"order_id": order.id}, name)
            self.assertEqual(filled_in[name]["display_name"], self.customer.name)

    def test_no_form_fills_in_the_customer_of_a_hidden_order(self):
        order = self._hide()
        for model, name in self.telling.items():
            for values, context in (
                ({"order_id": order.id}, {}),
                ({"order_id": {"id": order.id}}, {}),
                ({}, {"default_order_id": order.id}),
                # Odoo overlooks these, and PostgreSQL takes them for the order.
                ({"order_id": str(order.id)}, {}),
                ({"order_id": order.id + 0.4}, {}),
            ):
                with (
                    self.subTest(model=model, values=values, context=context),
                    self.assertRaises(AccessError),
                ):
                    self._fill_in(model, values, "order_id", name, context=context)
            manager = self.user_credit_manager
            filled_in = self._fill_in(model, {"order_id": order.id}, name, user=manager)
            self.assertTrue(filled_in[name])

    def test_no_form_of_any_model_takes_a_hidden_order_or_its_line(self):
        order = self._hide()
        tried = 0
        for record in (order, order.order_line[:1]):
            for model, field in self._iter_links(record._name):
                value = record.id
                if field.type != "many2one":
                    value = [Command.set(record.ids)]
                with (
                    self.subTest(model=model, field=field.name),
                    self.assertRaises(AccessError),
                ):
                    self._fill_in(model, {field.name: value})
                tried += 1
        self.assertGreater(tried, 15)

    def test_a_line_within_a_form_is_asked_about_too(self):
        order = self._hide()
        line = {"sale_line_ids": [Command.link(order.order_line[0].id)]}
        values = {"invoice_line_ids": [[0, "virtual_1", line]]}
        for command in (values, {"invoice_line_ids": [line]}):
            with self.subTest(values=command), self.assertRaises(AccessError):
                self._fill_in("account.move", command, user=self.user_accountant)

    def test_a_document_that_is_named_by_its_model_is_asked_about(self):
        order = self._hide()
        preview = self.env["mail.template.preview"].with_user(self.user)
        activity = self.env["mail.activity"].with_user(self.user)
        for records, values in (
            (preview, {"resource_ref": f"sale.order,{order.id}"}),
            (preview, {"resource_ref": f"sale.order, {order.id}"}),
            (activity, {"res_model": "sale.order", "res_id": order.id}),
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                check_hidden(records, values)
        other = self._create_order()
        check_hidden(activity, {"res_model": "sale.order", "res_id": other.id})

    def test_ids_are_read_in_every_form_that_a_client_sends(self):
        for value, ids in (
            ([3, 5], [3, 5]),
            ([3.0, {"id": 5}], [3, 5]),
            ([[6, 0, [3, 5]]], [3, 5]),
            ([[4, 3], [1, 5, {}], [3, 7, 0], [5, 0, 0], [6, 0, None]], [3, 5]),
            ([[], ["4", 3], "3", None, 1.5, float("inf"), float("nan")], []),
        ):
            with self.subTest(value=value):
                self.assertEqual(named_records.read_ids(value), ids)
        for value in ("abc", 5, True, None, {"id": 3}):
            with self.subTest(value=value):
                self.assertEqual(named_records.read_ids(value), [])
