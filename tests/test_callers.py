"""Whatever a client may call: nothing of it helps with a record of others."""

import inspect
import itertools

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common_callers import CallersCommon, get_own_methods

# What a method is given, after the records; the others take nothing.
ARGUMENTS = {
    "create": ([],),
    "write": ({},),
    "default_get": (["name"],),
    "onchange": ({}, [], {"display_name": {}}),
    "copy": (),
    "action_ask_to_confirm": ("They pay next week",),
    "create_document_from_attachment": ([],),
    "unlink": (),
    "get_empty_list_help": ("",),
    "action_open_credit_figure": ("overdue",),
    "name_search": (),
    "import_files": ([],),
    "message_new": ({}, {}),
    "action_take_candidate": ("account.payment", 0),
    "set_delivery_line": (None, 1.0),  # and a carrier: see `_get_arguments`
}
# What is the work of these people after all: models, or single methods, whose effect
# core leaves to them.
OWN_WORK = {
    "invoicing": {
        "account.bank.statement.line",
        "account.move",
        "account.move.reversal",
        "account.partial.reconcile",
        "account.move.line.action_open_presentation",
        "account.move.line.unlink",
        "account.payment",
        "account.payment.presentation",
        "account.payment.presentation.line",
        "account.payment.return",
        "account.payment.return.arrival",
        "account.payment.return.line",
        "account.payment.return.notice",
        "ir.attachment.write",
        "sale.order.action_confirm",
        "sale.order.action_confirm_or_hold",
        "sale.order.action_draft",
        "sale.order.set_delivery_line",
        "sale.order.write",
        "sale.order.line.write",
    },
    # Core's dialog lets go of entries of other companies and does nothing.
    "other_invoicing": {"account.move.reversal"},
    "other_credit_user": {"account.move.reversal"},
    "other_manager": {"account.move.reversal"},
}
# What only reads, for whoever may read.
READING = {"copy_data"}
# Who is tried with each field that can be written.
WRITERS = ("portal", "employee", "other_manager")
NOTHING = (None, False, True, [], {}, 0)


@tagged("post_install", "-at_install", "shop")
class TestCallers(CallersCommon):
    def _iter_calls(self):
        """Yield each model that has records and public method of the addon's."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            for method in () if model._abstract else get_own_methods(model):
                yield name, method

    def _get_arguments(self, model, method):
        """Return the arguments of a call, without the ids where it takes none."""
        function = getattr(type(self.env[model]), method)
        args = ARGUMENTS.get(method, ())
        if method == "set_delivery_line":
            args = (self.env["delivery.carrier"].search([], limit=1), *args[1:])
        if not getattr(function, "_api_model", False):
            args = (self.records[model].ids, *args)
        required = [
            p
            for p in list(inspect.signature(function).parameters.values())[1:]
            if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD
        ]
        known = method in ARGUMENTS or not required
        self.assertTrue(known, f"What does {model}.{method} take? See ARGUMENTS.")
        return args

    def _try(self, user, model, method, *args):
        """Call a method and take everything back.

        :return: what is wrong with the outcome, in words; nothing is right
        """
        answer, refused = None, False
        with self._watching_writes() as writes:
            try:
                with self.env.cr.savepoint() as savepoint:
                    answer = self._call(user, model, method, *args)
                    self.env.flush_all()
                    savepoint.rollback()
            except AccessError as error:
                refused, answer = True, str(error)
            except UserError as error:
                answer = str(error)
            except Exception as error:  # noqa: BLE001  # whatever it is, it is wrong
                return f"crashes: {error!r}"
        self.env.invalidate_all()
        if method in READING and self._may_read(user, model):
            return ""
        if found := self._tells(answer):
            return f"tells {found}: {answer}"
        if not refused and writes:
            return f"changed the database: {writes[0][:80]}"
        if refused or args[:1] != (self.records[model].ids,):
            return ""
        return self._judge_answer(user, model, answer)

    def test_a_refusal_of_a_change_tells_nothing_of_the_record(self):
        wrong = []
        for model, method in self._iter_calls():
            names = self._get_written_names(model) if method == "write" else ()
            for name, who in itertools.product(names, WRITERS):
                user, values = self.strangers[who], {name: False}
                if self._may_read(user, model):
                    continue
                problem = self._try(user, model, method, *self._get_ids(model), values)
                if problem and not problem.startswith("answers"):
                    wrong.append(f"{model}.{name} as {who} {problem}")
        self.assertFalse(wrong, "\n" + "\n".join(wrong))

    def _get_ids(self, model):
        return (self.records[model].ids,)

    def _get_written_names(self, model):
        fields = self.env[model]._fields.values()
        return [f.name for f in fields if f.store and f.name != "id"]

    def _judge_answer(self, user, model, answer):
        """Who may not even read the record gets nothing, or an error like any other."""
        if answer in NOTHING or self._may_read(user, model):
            return ""
        return f"answers {answer}"

    def _may_read(self, user, model):
        """Say whether a user may read the record of a model."""
        env = self.env(user=user, su=False, context={})
        return self.records[model].with_env(env).has_access("read")

    def test_every_public_method_has_a_record_to_be_tried_on(self):
        models = {model for model, _method in self._iter_calls()}
        self.assertIn("sale.order", models)
        missing = [m for m in models if not self.records.get(m)]
        self.assertFalse(missing, "The fixture has no record of these models")

    def test_no_public_method_helps_with_a_record_of_others(self):
        wrong = []
        for model, method in self._iter_calls():
            args = self._get_arguments(model, method)
            for name, user in self.strangers.items():
                if not {model, f"{model}.{method}"} & OWN_WORK.get(name, set()):
                    problem = self._try(user, model, method, *args)
                    wrong += [f"{model}.{method} as {name} {problem}"] * bool(problem)
        self.assertFalse(wrong, "\n" + "\n".join(wrong))
