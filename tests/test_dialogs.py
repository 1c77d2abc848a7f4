"""A dialog is for who opened it, and about what he may see."""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common_callers import CallersCommon

# Who may open a dialog, in the other company; the others are refused by the model.
USERS = ("other_invoicing", "other_credit_user", "other_manager")


@tagged("post_install", "-at_install")
class TestDialogs(CallersCommon):
    def _iter_dialogs(self):
        for name, record in self.records.items():
            model = self.env[name]
            if model._transient and model._module == "account_credit_block":
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
            fields = {n: {} for n, f in record._fields.items() if f.type != "binary"}
            for user in (colleague, *map(self.strangers.get, USERS)):
                with self.subTest(model=record._name, user=user.login):
                    found = self._ask(
                        user, record._name, "search", [("id", "=", record.id)]
                    )
                    self.assertIn(found, ([], found if isinstance(found, str) else []))
                    with self.assertRaises(AccessError):
                        self._call(
                            user, record._name, "web_read", record.ids, fields
                        )
            own = self._call(
                self.user_credit_manager, record._name, "web_read", record.ids, fields
            )
            self.assertEqual(own[0]["id"], record.id)

    def test_a_dialog_names_nothing_that_one_may_not_see(self):
        line, hold = self.draft_return.line_ids, self.hold
        item = self.payment_item(self.second_payment)
        tried = (
            ("account.payment.return.choose", {"line_id": line.id}),
            ("account.payment.return.choose", {"payment_id": self.paid.id}),
            ("account.payment.return.choose.row", {"move_line_id": item.id}),
            ("account.payment.return.choose.row", {"payment_id": self.paid.id}),
            ("account.payment.return.import", {"company_id": self.company.id}),
            ("account.payment.return.import", {"journal_id": self.bank.id}),
            ("credit.block.change", {"partner_ids": [Command.link(self.secret.id)]}),
            ("credit.block.change", {"partner_ids": [Command.set(self.secret.ids)]}),
            ("credit.block.change", {"company_id": self.company.id}),
            ("credit.block.rule.preview", {"rule_id": self.rule.id}),
            ("sale.order.hold.decision", {"hold_ids": [Command.set(hold.ids)]}),
            ("account.payment.return.line", {"payment_id": self.paid.id}),
            ("account.payment.return.line", {"return_id": self.draft_return.id}),
            ("account.payment.return", {"journal_id": self.bank.id}),
            (
                "account.payment.return",
                {"line_ids": [Command.create({"payment_id": self.paid.id})]},
            ),
        )
        user = self.strangers["other_manager"]
        for model, values in tried:
            spec = {n: {} for n, f in self.env[model]._fields.items() if f.compute}
            calls = {
                "onchange": ([], values, list(values), spec),
                "create": ([values],),
                "default_get": (list(values),),
            }
            for method, args in calls.items():
                context = {f"default_{n}": v for n, v in values.items()}
                context = context if method == "default_get" else {}
                if model.endswith(("return", ".line")) and method != "onchange":
                    continue
                with self.subTest(model=model, values=values, method=method):
                    with self.assertRaises(AccessError):
                        self._call(user, model, method, *args, context=context)

    def test_nothing_is_computed_from_what_a_dialog_names_with_the_systems_rights(self):
        computed = [
            f"{record._name}.{name}"
            for record in self._iter_dialogs()
            for name, field in record._fields.items()
            if field.compute_sudo and field._module == "account_credit_block"
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
        return record._fields[name]._module == "account_credit_block"
