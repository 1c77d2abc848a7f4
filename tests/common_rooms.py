"""What the rooms of ``models`` define, and what they name of the rooms after them."""

import ast
import re

# The lowest first; what is in none of them is the root, below all.
ROOMS = (
    "returns",
    "collections",
    "credit",
    "statements",
    "blocks",
    "guards",
    "holds",
    "work",
    "screens",
)
# A field, or a path of fields, in a domain or a list of names.
FIELD_PATH = re.compile(r"[a-z_0-9.]+")


def find_upward(sources, known):
    """Return the places where a room names what only later rooms define.

    Methods and fields are compared by name, whatever they are asked of: one that
    another library defines too says nothing, and is left out.

    :param sources: dict from path, of this addon from ``models`` on, to parsed source
    :param known: names that others define
    :return: list of (path, line, name)
    """
    homes = {}
    for path, tree in sources.items():
        for definition in _get_definitions(tree):
            homes[definition] = min(_rank(path), homes.get(definition, len(ROOMS)))
    return sorted(
        {
            (path, line, definition[1])
            for path, tree in sources.items()
            for line, definition in _get_mentions(path, tree)
            if definition[1] not in known and _get_home(homes, definition) > _rank(path)
        }
    )


def _rank(path):
    """Return the position of the room of a file; that of the root is below all.

    What is in an addon of its own is above them.
    """
    folder, room = path.split("/")[:2]
    if folder != "models":
        return len(ROOMS)
    return ROOMS.index(room) if room in ROOMS else -1


def _get_home(homes, definition):
    """Return the position of the lowest room that defines something, or below all."""
    kind, name = definition
    if kind == "room":
        return ROOMS.index(name) if name in ROOMS else -1
    if kind == "model":
        return homes.get(definition, -1)
    # By its name nobody knows whether it is a method or a field.
    found = {homes[k, name] for k in ("method", "field") if (k, name) in homes}
    return min(found, default=-1)


def _get_definitions(tree):
    """Yield pairs of a kind (method, field, model) and the name defined.

    What a value or a module offers counts as a method: it is asked for in the same way.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            yield "method", node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield "method", node.target.id
        elif isinstance(node, ast.ClassDef):
            yield from _get_definitions_of_model(node)


def _get_definitions_of_model(owner):
    """Yield the fields of a model, and the model itself where it begins."""
    values = {
        node.targets[0].id: node.value
        for node in owner.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    for name, value in values.items():
        if isinstance(value, ast.Call) and _is_in(value.func, "fields"):
            yield "field", name
    if "_name" in values:
        name = ast.literal_eval(values["_name"])
        if name not in _get_inherited(values):
            yield "model", name


def _get_inherited(values):
    """Return the names of the models that a class extends."""
    names = ast.literal_eval(values["_inherit"]) if "_inherit" in values else []
    return [names] if isinstance(names, str) else names


def _get_mentions(path, tree):
    """Yield pairs of a line and what is named there, as in `_get_definitions`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.lineno, ("method", node.attr)
        elif isinstance(node, ast.Subscript) and _is_env(node.value):
            if isinstance(node.slice, ast.Constant):
                yield node.lineno, ("model", node.slice.value)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if FIELD_PATH.fullmatch(node.value):
                for name in filter(_is_telling, node.value.split(".")):
                    yield node.lineno, ("field", name)
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield from ((node.lineno, ("room", r)) for r in _get_rooms(path, node))


def _get_rooms(path, node):
    """Return what a relative import names right below ``models``."""
    folders = path.split("/")[: -node.level]
    names = node.module.split(".") if node.module else []
    if names:
        return (folders + names)[1:2]
    return [(*folders, alias.name)[1] for alias in node.names]


def _is_telling(name):
    """Say whether a word of a text may be meant as a field, and nothing else."""
    return "_" in name


def _is_in(node, name):
    return isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == name


def _is_env(node):
    return isinstance(node, ast.Attribute) and node.attr == "env"
