"""A dialog is for who opened it, and about what he may see."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import NO_ACCESS, Command
from odoo.tests import tagged

from .common import ADDON
from .common_callers import CallersCommon

# Who may open a dialog, in the other company; the others are refused by the model.
USERS = ("other_invoicing", "other_credit_user", "other_manager")


@tagged("post_install", "-at_install")
class TestDialogs(CallersCommon):
    def _iter_dialogs(self):
        for name, record in self.records.items():
            model = self.env[name]
            if model._transient and model._original_module.startswith(ADDON):
                yield record

    def _ask(self, user, model, method, *args, **kwargs):
        """Return the answer to a call, or the text of its refusal."""
        try:
            with self.env.cr.savepoint():
                return self._call(user, model, method, *args, **kwargs)
        except UserError as error:
            return str(error)

    def test_every_dialog_is_for_who_opened_it(self):
        colleague = self.user_credit_manager.copy({"login": "acb_colleague"})
        for record in self._iter_dialogs():
            fields = {
                name: {}
                for name, field in record._fields.items()
                if field.type != "binary" and field.groups != NO_ACCESS
            }
            for user in (colleague, *map(self.strangers.get, USERS)):
                with self.subTest(model=record._name, user=user.login):
                    found = self._ask(
                        user, record._name, "search", [("id", "=", record.id)]
                    )
                    self.assertFalse(found if isinstance(found, list) else [])
                    with self.assertRaises(AccessError):
                        self._call(user, record._name, "web_read", record.ids, fields)
            own = self._call(
                self.user_credit_manager, record._name, "web_read", record.ids, fields
            )
            self.assertEqual(own[0]["id"], record.id)

    def _iter_foreign_values(self, record):
        """Yield values of a model that name a record of the other company each."""
        for name, field in record._fields.items():
            named = field.store and self.records.get(field.comodel_name)
            if named and self._may_read(named):
                continue
            if named and field.type == "many2one":
                yield {name: named.id}
            elif named and field.type in ("one2many", "many2many"):
                yield {name: [Command.link(named.id)]}
                yield {name: [Command.set(named.ids)]}

    def _may_read(self, record):
        user = self.strangers["other_manager"]
        return record.with_env(self.env(user=user, su=False, context={})).has_access(
            "read"
        )

    def test_a_dialog_names_nothing_that_one_may_not_see(self):
        tried = 0
        for record in self._iter_dialogs():
            for values in self._iter_foreign_values(record):
                context = {f"default_{name}": value for name, value in values.items()}
                calls = (
                    ("onchange", [], values, list(values), self._get_spec(record)),
                    ("onchange", [], {}, [], dict.fromkeys(values, {}), context),
                    ("create", [values]),
                    ("default_get", list(values), context),
                )
                for call in calls:
                    self._assert_refused(record._name, *call)
                tried += 1
        self.assertGreater(tried, 10)

    def test_a_form_of_a_return_names_nothing_that_one_may_not_see(self):
        for record in (self.draft_return, self.draft_return.line_ids):
            for values in self._iter_foreign_values(record):
                spec = self._get_spec(record)
                self._assert_refused(
                    record._name, "onchange", [], values, list(values), spec
                )
        line = [Command.create({"payment_id": self.paid.id})]
        values = {"line_ids": line}
        spec = {"line_ids": {"fields": {"partner_id": {}, "amount": {}}}}
        self._assert_refused(
            "account.payment.return", "onchange", [], values, ["line_ids"], spec
        )

    def _get_spec(self, record):
        return {name: {} for name, field in record._fields.items() if field.compute}

    def _assert_refused(self, model, method, *args):
        *args, context = args if args and self._is_context(args[-1]) else (*args, {})
        user = self.strangers["other_manager"]
        with (
            self.subTest(model=model, method=method, args=args, context=context),
            self.assertRaises(AccessError),
        ):
            self._call(user, model, method, *args, context=context)

    def _is_context(self, value):
        return isinstance(value, dict) and any(k.startswith("default_") for k in value)

    def test_nothing_is_computed_from_what_a_dialog_names_with_the_systems_rights(self):
        computed = [
            f"{record._name}.{name}"
            for record in self._iter_dialogs()
            for name, field in record._fields.items()
            if field.compute_sudo and (field._module or "").startswith(ADDON)
        ]
        # What colour a level has is no secret.
        self.assertEqual(computed, ["credit.block.rule.preview.line.level_color"])

    def test_who_may_not_read_a_record_gets_no_secret_by_any_way_of_reading(self):
        wrong = []
        for model, record in self.records.items():
            names = [n for n, f in record._fields.items() if f.type != "binary"]
            domain = [("id", "in", record.ids)]
            calls = (
                ("read", record.ids, ["display_name"]),
                ("web_read", record.ids, {"display_name": {}}),
                ("export_data", record.ids, ["display_name"]),
                ("search_read", domain, ["display_name"]),
                ("name_search", "", domain),
                ("formatted_read_group", domain, ["id"], ["__count"]),
                *(("read", record.ids, [n]) for n in names if self._is_ours(record, n)),
            )
            for who, user in self.strangers.items():
                env = self.env(user=user, su=False, context={})
                if record.with_env(env).has_access("read"):
                    continue
                for method, *args in calls:
                    answer = self._ask(user, model, method, *args)
                    if self._tells(answer):
                        wrong.append(f"{model}.{method} {args} as {who}: {answer}")
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def _is_ours(self, record, name):
        return (record._fields[name]._module or "").startswith(ADDON)
