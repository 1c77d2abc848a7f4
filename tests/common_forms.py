"""Uses views as the web client does, as one user, and notes whatever breaks."""

import ast
import copy
import re
import traceback
import warnings
from contextlib import contextmanager
from pathlib import Path

from lxml import etree, html
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.service.model import call_kw
from odoo.tests import Form
from odoo.tests.form import Dotter, O2MForm
from odoo.tools.safe_eval import safe_eval

from odoo.addons.web.controllers.utils import clean_action

from .common import ADDON

# What a button may answer: access and validation errors are user errors, and the server
# makes one of a constraint of the database.
REFUSALS = (UserError, RedirectWarning, IntegrityError)
# What core lets nobody duplicate: a customer has a number once.
ONLY_ONCE = {"res.partner.bank"}
RELATIONAL = ("many2one", "one2many", "many2many")
# What no test may press: it installs apps.
INSTALLS = "Module operations inside tests"


class Undo(Exception):
    """Ends a savepoint whose work is not kept."""


class WebClient:
    """One user who opens views, empties fields and presses buttons.

    Nothing that is done is kept: each attempt is a savepoint that is rolled back.

    :param env: environment of the user
    :param str name: what the user is called in the faults
    :param dict faults: collects the users who met each fault
    :param set done: collects what was done, to be sure that anything was
    """

    def __init__(self, env, name, faults, done):
        self.env = env
        self.name = name
        self.faults = faults
        self.done = done

    @contextmanager
    def attempt(self, *what, allowed=()):
        """Undo what is done inside, note what breaks, go on."""
        try:
            with (
                warnings.catch_warnings(record=True) as heard,
                self.env.cr.savepoint(),
            ):
                warnings.simplefilter("ignore", DeprecationWarning)
                yield
                raise Undo
        except Undo:
            self.done.add(what)
        except allowed as refusal:
            self.done.add(what)
            # Whoever is shown a button of ours may press it.
            if isinstance(refusal, AccessError) and self.is_ours(what):
                self.note(what, refusal)
        except Exception as error:  # noqa: BLE001  # whatever it is, it is noted
            self.note(what, error)
        for warning in heard:
            self.note(what, warning.message)

    def is_ours(self, what):
        """Say whether it was a button of a model of this addon."""
        return what[0] == "press" and self.env[what[1]]._original_module == ADDON

    def note(self, what, error):
        """Note a fault: whoever else meets it is added to its users."""
        if INSTALLS in str(error):
            return
        frames = traceback.extract_tb(error.__traceback__)[-4:]
        where = " < ".join(
            f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)
        )
        # The same fault of another user is no other fault.
        text = re.sub(r"User: \d+", "User", " ".join(str(error).split())[:200])
        fault = f"{' '.join(what)}: {type(error).__name__}: {text} ({where})"
        self.faults.setdefault(fault, set()).add(self.name)

    # === FORMS === #

    def open(self, record, view=False):
        """Return the form of a record, new if it is empty."""
        return WebForm(record, view)

    def try_open(self, record, view, *what):
        """Return the same, or None if that breaks."""
        with self.attempt(*what, record._name):
            return self.open(record, view)
        return None

    def empty_fields(self, form, *what):
        """Empty each relational field once that a user can reach."""
        for name in form.get_editable():
            with self.attempt("empty", *what, name), form.kept():
                form.empty(name)

    def empty_lines(self, form, *what, steps=("edit", "new")):
        """Do the same in the first line of each list, and in a new one."""
        for name, step in form.get_line_steps():
            if step not in steps:
                continue
            line = None
            with self.attempt(step, "line", *what, name):
                line = form.open_line(name, step)
            if line:
                self.empty_fields(line, step, "line", *what, name)

    def fill(self, form, values):
        """Fill in what is said, then what is required and has anything to choose."""
        visible = form.get_visible()
        for name, value in values.items():
            if name in visible:
                form.enter(name, value)
        for _turn in range(10):
            for name in form.get_missing()[:1]:
                form.choose(name)

    def duplicate(self, record, *what, allowed=()):
        """Duplicate a record, as the menu of a form does."""
        if record._name in ONLY_ONCE:
            return
        with self.attempt("duplicate", *what, record._name, allowed=allowed):
            call_kw(self.env[record._name], "copy", [record.ids], {})

    # === BUTTONS === #

    def press_all(self, form, *what, depth=0):
        """Press each button that a form shows, also those of a row of its lists."""
        for model, ids, button, values in list(form.get_buttons()):
            self.press(model, ids, button, values, *what, depth=depth)

    def press(self, model, ids, button, values, *what, depth=0):
        """Press a button as the web client does, and open what it answers."""
        name = button.get("name")
        with self.attempt("press", model, name, *what, allowed=REFUSALS):
            context = dict(values["context"])
            context |= safe_eval(button.get("context", "{}"), dict(values))
            active = {
                "active_model": model,
                "active_ids": ids,
                "active_id": ids[0] if ids else None,
            }
            if button.get("type") == "object":
                args = [ids, *ast.literal_eval(button.get("args", "[]"))]
                action = self.call(model, name, args, context)
            else:
                action = self.load(name, {**context, **active})
            self.follow(action, active, *what, depth=depth)

    def call(self, model, name, args, context):
        """Call a method by the route of the buttons, which passes ids always."""
        action = call_kw(self.env[model], name, args, {"context": context})
        if isinstance(action, dict) and action.get("type") != "":
            return clean_action(action, env=self.env)
        return None

    def load(self, name, context):
        """Return an action as the web client gets it by its id; server actions run."""
        actions = self.env["ir.actions.actions"].sudo()
        found = actions.browse(int(name)) if name.isdigit() else self.env.ref(name)
        kind = found.sudo().type
        action = self.env[kind].with_context(**context).browse(found.id)
        if kind == "ir.actions.server":
            result = action.run()
            return clean_action(result, env=action.env) if result else None
        if kind == "ir.actions.act_window":
            return clean_action(action.sudo()._get_action_dict(), env=self.env)
        return clean_action(action.sudo().read()[0], env=self.env)

    def follow(self, action, active, *what, depth=0):
        """Open what an action shows, print a report, press the buttons of a dialog."""
        kind = action and action["type"]
        if kind == "ir.actions.report" and action["report_type"].startswith("qweb"):
            self.env["ir.actions.report"]._render_qweb_html(
                action["report_name"], active["active_ids"], action.get("data")
            )
        if kind != "ir.actions.act_window":
            return
        values = {**self.env.context, **active}
        values |= evaluate(action.get("context"), values)
        records = self.env[action["res_model"]].with_context(**values)
        loaded = records.get_views(action["views"])["views"]
        view_id, view_type = action["views"][0]
        self.done.add(("opened", action["res_model"]))
        if view_type in ("list", "kanban"):
            arch = etree.fromstring(loaded[view_type]["arch"])
            self.read_records(records, arch, evaluate(action.get("domain"), values))
        elif view_type == "form":
            form = self.open(records.browse(action.get("res_id") or []), view_id)
            if action.get("target") == "new" and depth:
                self.press_dialog(form, *what)

    def press_dialog(self, form, *what):
        """Press the buttons of a dialog, which is saved before."""
        if not form._record.id:
            self.fill(form, {})
        if not form.get_missing():
            form.save()
            self.press_all(form, *what)

    # === LISTS === #

    def show(self, model, view, kind):
        """Load a view, and read and press what a list or kanban shows."""
        records = self.env[model]
        with self.attempt(kind, view.xml_id):
            loaded = records.get_views([(view.id, kind)])["views"][kind]
            arch = etree.fromstring(loaded["arch"])
            if kind in ("list", "kanban"):
                self.read_records(records, arch)
                self.press_list(records, arch)

    def read_records(self, records, arch, domain=None):
        """Read the records of a list or kanban, as the web client does."""
        names = {
            node.get("name")
            for node in arch.iter("field")
            if not is_below(node, "field") and node.get("name") in records._fields
        }
        records.web_search_read(domain or [], dict.fromkeys(names, {}), limit=40)

    def press_list(self, records, arch):
        """Press what a list shows always, and what it shows of chosen records."""
        found = records.search([], limit=2).ids
        values = {"context": dict(records.env.context)}
        row = self.read_row(records.browse(found[:1]), arch)
        for button in iter_buttons(arch):
            is_header = is_below(button, "header")
            chosen = found if is_header else found[:1]
            if is_header and button.get("display") == "always":
                chosen = []
            elif not chosen:
                continue
            known = values if is_header else {**row, **values}
            self.press(records._name, chosen, button, known)

    def read_row(self, record, arch):
        """What the buttons of a row may name: its id and the fields that it shows."""
        nodes = [node for node in arch.iter("field") if not is_below(node, "field")]
        names = {node.get("name") for node in nodes} & record._fields.keys()
        return (record.read(names) or [{}])[0]

    def follow_links(self, action):
        """Follow the links of an empty list, which whoever reads it is shown."""
        if not self.env[action.res_model].has_access("read"):
            return
        with self.attempt("help of", action.xml_id):
            text = action.with_env(self.env).sudo()._get_action_dict()["help"]
            links = html.fromstring(f"<div>{text or ''}</div>").xpath("//a[@type]")
            for link in links:
                answer = self.load(link.get("name"), dict(self.env.context))
                assert answer, f"“{link.text_content()}” does nothing"
                self.follow(answer, {"active_ids": []})
                self.done.add(("followed", action.xml_id))


class WebForm(Form):
    """A form that can be asked what its user sees."""

    @contextmanager
    def kept(self):
        """Give the form its values back, whatever is done inside."""
        values = copy.deepcopy(self._values)
        try:
            yield
        finally:
            object.__setattr__(self, "_values", values)

    def allows(self, operation):
        """Say whether the view offers to create, edit or duplicate."""
        return is_offered(self._view["tree"], operation)

    def get_visible(self):
        """Return the names of the fields that are shown."""
        hiding = ("invisible", "column_invisible")
        return [
            name
            for name in self._view["fields"]
            if name != "id" and not any(self._get_modifier(name, m) for m in hiding)
        ]

    def get_editable(self, *types):
        """Return the relational fields that are shown and can be changed."""
        fields = self._view["fields"]
        return [
            name
            for name in self.get_visible()
            if fields[name]["type"] in (types or RELATIONAL)
            and not self._get_modifier(name, "readonly")
        ]

    def get_missing(self):
        """Return the required fields that are shown and empty."""
        return [
            name
            for name in self.get_visible()
            if self._values[name] is False
            and self._view["fields"][name]["type"] != "boolean"
            and self._get_modifier(name, "required")
            and not self._get_modifier(name, "readonly")
        ]

    def empty(self, name):
        """Empty a field, as with the keyboard or the bin of each line."""
        info = self._view["fields"][name]
        if info["type"] == "one2many":
            while len(self[name]):
                self[name].remove(0)
        else:
            self[name] = self._env[info["relation"]]

    def enter(self, name, value):
        """Enter a value, or a line of values."""
        if self._view["fields"][name]["type"] != "one2many":
            self[name] = value
            return
        line = self.open_line(name, "new")
        for field_name, entered in value.items():
            line[field_name] = entered
        line.save()

    def choose(self, name):
        """Give a field the first value that may be chosen."""
        info = self._view["fields"][name]
        if info["type"] == "many2one":
            domain = self.get_node(name).get("domain") or info.get("domain") or []
            if isinstance(domain, str):
                domain = safe_eval(domain, self._get_eval_context())
            self[name] = self._env[info["relation"]].search(domain, limit=1)
        elif info["type"] == "selection":
            self[name] = info["selection"][0][0]
        else:
            self[name] = {"date": "2026-10-05"}.get(info["type"], "1")

    def get_node(self, name):
        """Return the first node of a field in the view."""
        return next(
            n for n in self._view["tree"].iter("field") if n.get("name") == name
        )

    def get_line_steps(self):
        """Yield pairs of a list and what its user can do: edit a line, or add one."""
        for name in self.get_editable("one2many"):
            tree = self._view["fields"][name]["edition_view"]["tree"]
            if len(self[name]) and is_offered(tree, "edit"):
                yield name, "edit"
            if is_offered(tree, "create") and is_offered(self.get_node(name), "create"):
                yield name, "new"

    def open_line(self, name, step):
        """Return the form of the first line of a list, or of a new one."""
        return WebLine(self[name], 0 if step == "edit" else None)

    def get_buttons(self):
        """Yield (model, ids, node, values) of each button that is shown."""
        values = {"uid": self._env.uid, **self._get_eval_context()}
        for button in iter_buttons(self._view["tree"]):
            if is_shown(button, values):
                yield self._record._name, self._record.ids, button, values
        for name in self.get_visible():
            if self._view["fields"][name]["type"] in ("one2many", "many2many"):
                yield from self.get_row_buttons(name, values)

    def get_row_buttons(self, name, context):
        """Yield the same of the buttons of a list, in the first row that has each."""
        for arch in self.get_node(name).xpath("./*[self::list or self::kanban]"):
            buttons = list(iter_buttons(arch))
            rows = self.read_rows(name, arch) if buttons else []
            for button in buttons:
                for row in rows:
                    known = {name: context[name] for name in ("context", "uid")}
                    values = {**row, **known}
                    if is_shown(button, values, arch):
                        model = self._view["fields"][name]["relation"]
                        yield model, [row["id"]], button, values
                        break

    def read_rows(self, name, arch):
        """Return the values of the first rows of a list."""
        records = self._env[self._view["fields"][name]["relation"]]
        ids = [id_ for id_ in self._values[name] if isinstance(id_, int)][:5]
        names = {node.get("name") for node in arch.iter("field")} & set(records._fields)
        rows = records.browse(ids).web_read(dict.fromkeys(names, {}))
        return [{**row, "parent": Dotter(self._values)} for row in rows]


class WebLine(WebForm, O2MForm):
    """The same for a line of a one2many field."""


def iter_buttons(arch):
    """Yield the buttons and links of a view that call something, not of its lists."""
    depth = len(list(arch.iterancestors("field")))
    for node in arch.iter("button", "a"):
        if (
            node.get("type") in ("object", "action")
            and len(list(node.iterancestors("field"))) == depth
        ):
            yield node


def is_below(node, tag):
    """Say whether a node is within another one with a tag."""
    return any(True for _node in node.iterancestors(tag))


def is_offered(node, operation):
    """Say whether a view offers an operation to its user."""
    return (node.get(operation) or "1").lower() not in ("0", "false")


def is_shown(node, values, top=None):
    """Say whether nothing hides a node of a view."""
    while node is not None and node is not top:
        hidden = node.get("invisible") or node.get("column_invisible")
        if hidden and safe_eval(hidden, dict(values)):
            return False
        node = node.getparent()
    return True


def evaluate(expression, values):
    """Return the context or domain of an action, which may be text."""
    if isinstance(expression, str):
        return safe_eval(expression, dict(values))
    return expression or {}
