"""The house's rules on this addon's own source, which no linter knows."""

import ast
import itertools
import re
from datetime import date, datetime
from pathlib import Path

import polib

from odoo.api import Environment
from odoo.fields import Field
from odoo.models import BaseModel, MetaModel
from odoo.modules import get_module_path
from odoo.sql_db import Cursor
from odoo.tests.common import BaseCase

from .common_rooms import find_upward

RAISES = re.compile(r":raises [A-Z]\w+(, [A-Z]\w+)*: \S")
NAMES = (
    "",
    "_delivery",
    "_website_sale",
    "_payment_order",
    "_payment_batch",
    "_payment_return",
    "_payment_stripe",
    "_payment_adyen",
)
# Those beside others are looked at where they are, installed or not.
ADDONS = [
    Path(path)
    for name in NAMES
    if (path := get_module_path(f"account_credit_block{name}", display_warning=False))
]
MODEL_BASES = {"Model", "AbstractModel", "TransientModel"}
LEVEL_XMLID = re.compile(
    r"credit_block_level_(assistance|unpaid|pending|doubtful|non_performing)\b"
)
# What a client says by its context fills in a dialog that he may fill in otherwise, or
# goes on to the next action, or how a payment is called and found. Nothing is decided
# by it.
READS_CONTEXT = {
    (
        "models/returns/account_payment_return_file.py",
        "create_document_from_attachment",
    ),
    ("models/returns/account_payment.py", "_compute_display_name"),
    ("models/returns/account_payment.py", "_search_display_name"),
    ("models/returns/account_payment.py", "name_search"),
    ("models/collections/account_move_line.py", "_compute_display_name"),
    ("models/blocks/res_partner.py", "action_open_credit_block"),
    ("models/holds/sale_order_hold_deciding.py", "_open_decision"),
    # Who says that an addon is installed gets what is there, unchanged.
    ("models/credit_shipped.py", "_is_shipping"),
    # The defaults of a client are left out of it.
    ("models/ir_default.py", "without_habits"),
    # What it says is refused like any value that is entered; it opens nothing.
    ("models/named_records.py", "_get_defaults"),
    # What an error tells the client, not what the client says.
    ("models/holds/sale_order_refusal.py", "_explain_refusal"),
    ("wizards/credit_block_change.py", "_default_partner_ids"),
    ("wizards/sale_order_hold_decision.py", "_default_seen"),
}
# The way of an order, by the files of its steps: what is known of it, and then.
WAY = {
    "facts": ("access", "state", "origin", "verdict", "fingerprint", "reasons", "hold"),
    "asked": ("asking", "refusal", "entry", "fixed", "change"),
    "held": ("hold_reason", "hold_shown", "hold_telling", "holding"),
    "decided": (
        *("hold_guard", "hold_deciding", "hold_lift", "hold_recheck"),
        *("deciding", "give_back"),
    ),
    "resumed": ("hold_resume",),
}
FILE = "models/holds/sale_order_{}.py"
# The company's default level for returns is a setting, and starts at one of them.
MAY_NAME_A_LEVEL = {"models/res_company.py"}
# What only seems to be of a later room.
NAMED_ALIKE = {
    # A bucket, after which a report names its column.
    ("models/credit/credit_exposure.py", "not_final"),
}


class TestHouseRules(BaseCase):
    """Each rule lists the places that break it."""

    def _sources(self, *folders):
        """Pairs of a relative path and its parsed source."""
        for addon, folder in itertools.product(ADDONS, folders):
            for path in sorted((addon / folder).rglob("*.py")):
                name = path.relative_to(addon).as_posix()
                if addon != ADDONS[0]:
                    name = f"{addon.name}/{name}"
                yield name, ast.parse(path.read_text(encoding="utf-8"), name)

    def _assert_none(self, places, rule):
        """Fail with the rule and all the places that break it."""
        self.assertFalse(places, f"{rule}:\n" + "\n".join(places))

    def test_parsers_do_not_know_odoo(self):
        places = [
            f"{name}:{node.lineno}"
            for name, tree in self._sources("parsers")
            for node in ast.walk(tree)
            if any(module.split(".")[0] == "odoo" for module in _imports(node))
        ]
        self._assert_none(places, "A parser is plain Python and imports no odoo")

    def test_code_names_no_level(self):
        places = [
            f"{name}:{node.lineno} {node.value}"
            for name, tree in self._sources("models", "controllers", "wizards")
            if name not in MAY_NAME_A_LEVEL
            for node in ast.walk(tree)
            if _is_text(node) and LEVEL_XMLID.search(node.value)
        ]
        self._assert_none(places, "Code asks a level's policy, never which level it is")

    def test_no_context_key_opens_a_gate(self):
        folders = ("models", "controllers", "wizards")
        places = [
            f"{name}:{node.lineno} {node.value}"
            for name, tree in self._sources(*folders)
            for node in ast.walk(tree)
            if _is_text(node) and node.value.startswith("bypass_")
        ]
        places += [
            f"{name}:{node.lineno} {function.name}"
            for name, tree in self._sources(*folders)
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef)
            if (name, function.name) not in READS_CONTEXT
            for node in ast.walk(function)
            if _is_attribute(node, "context")
        ]
        self._assert_none(places, "No gate is opened by a key of the context")

    def test_nothing_is_kept_in_the_cache_of_the_cursor(self):
        places = [
            f"{name}:{node.lineno}"
            for name, tree in self._sources("models", "controllers", "wizards")
            for node in ast.walk(tree)
            if _is_attribute(node, "cache") and _is_attribute(node.value, "cr")
        ]
        self._assert_none(places, "A rolled back savepoint empties that cache")

    def test_one_model_a_file(self):
        places = []
        for name, tree in self._sources("models", "wizards"):
            classes = [node.name for node in tree.body if _is_model(node)]
            expected = 0 if name.endswith("__init__.py") else 1
            if len(classes) != expected and not _is_helper(tree):
                places.append(f"{name}: {', '.join(classes) or 'no model'}")
        self._assert_none(places, "One model a file")

    def test_a_room_names_nothing_of_the_rooms_after_it(self):
        sources = {
            name: tree
            for name, tree in self._sources("models")
            if not name.endswith("__init__.py")
        }
        # Every room opens its dialogs.
        dialogs = {
            node.name
            for _name, tree in self._sources("wizards")
            for node in ast.walk(tree)
            if isinstance(node, ast.FunctionDef)
        }
        known = _get_names_of_others() | dialogs
        places = [
            f"{path}:{line} {name}"
            for path, line, name in find_upward(sources, known)
            if (path, name) not in NAMED_ALIKE
        ]
        self._assert_none(places, "A room knows only the rooms before it")

    def test_what_a_room_names_of_a_later_one_is_found(self):
        later = """
class Later(models.Model):
    _name = "later.model"
    later_id = fields.Many2one("later.model")
    def _ask_later(self): ...
"""
        named = {
            "from ..holds import later": "holds",
            "from ..holds.later import Later": "holds",
            "self._ask_later()": "_ask_later",
            "self.mapped('partner_id.later_id')": "later_id",
            "self.env['later.model'].create({})": "later.model",
        }
        for source, name in named.items():
            sources = {
                "models/holds/later.py": ast.parse(later),
                "models/screens/above.py": ast.parse(source),
            }
            self.assertFalse(find_upward(sources, set()))
            sources["models/returns/below.py"] = ast.parse(source)
            found = find_upward(sources, set())
            self.assertEqual(found, [("models/returns/below.py", 1, name)])

    def test_the_way_of_an_order_has_no_way_back(self):
        trees = dict(self._sources("models/holds"))
        steps = {step: [FILE.format(n) for n in names] for step, names in WAY.items()}
        known, places = set(), []
        for step, files in steps.items():
            ahead = steps["resumed"] if step == "decided" else []
            known |= _defined(trees[name] for name in [*files, *ahead])
            later = _defined(trees[n] for names in steps.values() for n in names)
            places += [
                f"{name}:{node.lineno} {node.attr}"
                for name in files
                for node in ast.walk(trees[name])
                if isinstance(node, ast.Attribute) and node.attr in later - known
            ]
        self._assert_none(places, "A step knows those before it; a decision resumes")

    def test_public_methods_and_overrides_have_docstrings(self):
        places = [
            f"{name}:{method.lineno} {owner.name}.{method.name}"
            for name, tree in self._sources("models", "wizards", "controllers")
            for owner in ast.walk(tree)
            if isinstance(owner, ast.ClassDef)
            for method in owner.body
            if isinstance(method, ast.FunctionDef)
            if not method.name.startswith("_") or _calls_super(method)
            if not ast.get_docstring(method)
        ]
        self._assert_none(places, "A public method or override says what it is for")

    def test_what_is_raised_is_said_in_one_way(self):
        places = [
            f"{name}:{node.lineno} {line.strip()}"
            for name, tree in self._sources(
                "models", "wizards", "controllers", "report"
            )
            for node in ast.walk(tree)
            if isinstance(node, (ast.FunctionDef, ast.ClassDef))
            for line in (ast.get_docstring(node) or "").splitlines()
            if line.strip().startswith(":raise") and not RAISES.match(line.strip())
        ]
        self._assert_none(places, "What is raised is said as “:raises UserError: …”")

    def test_italian_is_complete(self):
        for addon in ADDONS:
            with self.subTest(addon=addon.name):
                self._assert_translated(addon)

    def _assert_translated(self, addon):
        italian = polib.pofile(str(addon / "i18n" / "it.po"))
        known = {entry.msgid for entry in italian if not entry.obsolete}
        places = [entry.msgid for entry in italian.untranslated_entries()]
        places += [entry.msgid for entry in italian.fuzzy_entries()]
        template = polib.pofile(str(addon / "i18n" / f"{addon.name}.pot"))
        places += [entry.msgid for entry in template if entry.msgid not in known]
        self._assert_none(places, "Every term has its Italian translation")


def _imports(node):
    """Names of the modules that a statement imports."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and not node.level:
        return [node.module]
    return []


def _get_names_of_others():
    """Names that Odoo or an addon of others gives to something, or Python does."""
    classes = [BaseModel, Cursor, Environment, Field, date, datetime, dict, list, str]
    for module, definitions in MetaModel._module_to_models__.items():
        if not module.startswith(ADDONS[0].name):
            classes += definitions
    return {
        name
        for owner in classes
        for each in owner.__mro__
        for name in (*vars(each), *vars(each).get("__annotations__", ()))
    }


def _defined(trees):
    """Names of the methods that some modules define."""
    return {
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }


def _is_attribute(node, name):
    return isinstance(node, ast.Attribute) and node.attr == name


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_model(node):
    bases = node.bases if isinstance(node, ast.ClassDef) else []
    return any(isinstance(b, ast.Attribute) and b.attr in MODEL_BASES for b in bases)


def _is_helper(tree):
    """A module without any model holds plain values or functions: allowed."""
    return not any(_is_model(node) for node in tree.body)


def _calls_super(method):
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "super"
        for node in ast.walk(method)
    )
