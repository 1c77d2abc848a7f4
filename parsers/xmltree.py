"""Reading hostile XML safely, and walking it by local names."""

import hashlib
import re
from functools import lru_cache

from lxml import etree

from .base import (
    MAX_RAW,
    MAX_REPEATS,
    ParseError,
    clean,
    parse_amount,
    parse_currency,
    parse_date,
)
from .phrase import Phrase
from .xmlstream import BOMS, Malformed, count_held, decode, stream

NAMESPACES = (
    "urn:iso:std:iso:20022:tech:xsd:",
    "urn:CBI:xsd:",
    "http://www.six-interbank-clearing.com/de/",
)
CBI = "urn:CBI:xsd:"

_WRAPPER = "concatenated"
# Large elements of messages that tell no returns: read over, to say so in words.
_DROPPED = ("DrctDbtTxInf", "CdtTrfTxInf", "SplmtryData")
_PARSER = etree.XMLParser(
    encoding="utf-8", resolve_entities=False, no_network=True, huge_tree=False
)
_NAMESPACE = re.compile(rb"""\sxmlns(:[^\s=]+)?="[^"]*\"""")
_BETWEEN = re.compile(rb">\s+<")
# The parts of messages: whoever looks for a message need not enter them.
_BODIES = {"GrpHdr", "PmtInf", "Stmt", "Ntfctn", "Rpt", "OrgnlPmtInfAndSts"}


class Node:
    """An element whose children are found by local name, in constant time.

    Elements of foreign namespaces (supplementary data) are not seen.
    """

    __slots__ = (
        "_elements",
        "_nodes",
        "_shift",
        "_single",
        "_taken",
        "_texts",
        "element",
    )

    def __init__(self, element, parent=None):
        self.element = element
        self._elements = None
        self._nodes = {}
        self._single = set()
        self._texts = {}
        self._shift = parent._shift if parent else 0
        self._taken = parent._taken if parent else {}

    @property
    def name(self):
        """The local name, "" for an element of a foreign namespace."""
        return local_name(self.element.tag)

    @property
    def namespace(self):
        """The namespace as written."""
        return etree.QName(self.element.tag).namespace or ""

    @property
    def line(self):
        """Where the element starts, for a person."""
        return Phrase(("line", self.element.sourceline + self._shift))

    def children(self):
        """All the children of known namespaces, in document order."""
        return [Node(child, self) for child in self.element if local_name(child.tag)]

    def has(self, name):
        """Whether there are children called ``name``, also such as were taken."""
        return bool(name in self._by_name() or self.taken(name))

    def taken(self, name):
        """What was made of the children called ``name`` as they ended (see `read`)."""
        return self._taken.get(self.element, {}).get(name, ())

    def all(self, *path):
        """Every element reached by ``path``, a list of local names."""
        nodes = (self,)
        for name in path:
            nodes = [child for node in nodes for child in node._named(name)]
        return nodes

    def above(self):
        """The node of the parent, one for all of its children (see `read`).

        It sees of the parent what was there when it was asked for first.
        """
        parent = self.element.getparent()
        key = ("above", parent)
        if key not in self._taken:
            self._taken[key] = Node(parent)
        return self._taken[key]

    def first(self, *path):
        """The only element reached by ``path``, or None.

        Raises `ParseError` ``contradiction`` when there are several that differ.
        """
        node = self
        for name in path:
            found = node._named(name)
            if not found:
                return None
            if len(found) > 1:
                node._check_single(name)
            node = found[0]
        return node

    def text(self, *path):
        """The cleaned text of the only element reached by ``path``, or ""."""
        if not path:
            return clean(self.element.text or "")
        parent = self.first(*path[:-1])
        return parent._text_of(path[-1]) if parent else ""

    def texts(self, *path):
        """The cleaned texts of all the elements reached by ``path``."""
        parents = self.all(*path[:-1])
        return [
            clean(element.text or "")
            for parent in parents
            for element in parent._elements_named(path[-1])
        ]

    def day(self, *path):
        """The date at ``path``, or in its Dt or DtTm; None when absent."""
        node = self.first(*path)
        if node is None:
            return None
        text = node.text() or node.text("Dt") or node.text("DtTm")
        return parse_date(text, node.line.then("element", path[-1]))

    def money(self, *path):
        """(amount, currency) at ``path``; (None, "") when absent."""
        node = self.first(*path)
        if node is None:
            return None, ""
        place = node.line.then("element", path[-1])
        if len(node.element):
            # Digits before and after another element: which of them count?
            raise ParseError("amount", place, value=clean_source(node.source())[:40])
        currency = parse_currency(node.element.get("Ccy", "").strip(), place)
        return parse_amount(node.text(), place), currency

    def number(self, *path):
        """The whole number at ``path``, None when absent or not a number."""
        text = self.text(*path)
        return int(text) if text.isascii() and text.isdigit() else None

    def source(self):
        """The source of the element, as bytes that `from_source` understands."""
        return etree.tostring(self.element, encoding="utf-8", with_tail=False)

    def raw(self):
        """The beginning of the source of the element, for people to check."""
        return clean_source(self.source())

    def digest(self, *more):
        """What identifies the element when the bank gives no identification.

        ``more``: what was made of those of its elements that were taken already.
        """
        digest = hashlib.sha256(self.source())
        for value in more:
            digest.update(repr(value).encode())
        return "sha256:" + digest.hexdigest()[:32]

    def _check_single(self, name):
        """Refuse several children of one name that differ: which one is meant?

        One that is only repeated says nothing else, and is read once.
        """
        if name in self._single:
            return
        elements = self._elements_named(name)
        first = _content(elements[0])
        for element in elements[1:]:
            if _content(element) != first:
                line = Phrase(("line", element.sourceline + self._shift))
                raise ParseError("contradiction", line, element=name)
        self._single.add(name)

    def _text_of(self, name):
        """The cleaned text of the only child called ``name``, or "".

        Always the same object: what an entry says is told of each of its items.
        """
        if name not in self._texts:
            found = self._by_name().get(name)
            if found and len(found) > 1:
                self._check_single(name)
            self._texts[name] = clean(found[0].text or "") if found else ""
        return self._texts[name]

    def _named(self, name):
        """The child nodes called ``name``; made when first asked for."""
        nodes = self._nodes.get(name)
        if nodes is None:
            elements = self._elements_named(name)
            nodes = self._nodes[name] = [Node(element, self) for element in elements]
        return nodes

    def _elements_named(self, name):
        """The children called ``name``, of which no bank repeats so many.

        What comes by the thousands is taken while it is read (see `read`).
        """
        elements = self._by_name().get(name, ())
        if len(elements) > MAX_REPEATS:
            raise ParseError("too_much_held", self.line)
        return elements

    def _by_name(self):
        if self._elements is None:
            self._elements = {}
            for child in self.element:
                name = local_name(child.tag)
                if name:
                    self._elements.setdefault(name, []).append(child)
        return self._elements


@lru_cache(maxsize=8192)
def local_name(tag):
    """The local name of a tag of a known namespace, else ""."""
    namespace, _, name = tag[1:].partition("}")
    return name if name and namespace.startswith(NAMESPACES) else ""


def from_source(source, line):
    """The `Node` of a `Node.source` that began at ``line``."""
    node = Node(etree.fromstring(source, _PARSER))
    node._shift = line - 1
    return node


def clean_source(source):
    """The beginning of a `Node.source` on one line, for people.

    Without the namespaces that it has from above, which each of them repeats.
    """
    end = source.find(b">")
    source = _NAMESPACE.sub(b"", source[:end]) + source[end : end + 2 * MAX_RAW]
    return clean(source.decode("utf-8", "ignore"), MAX_RAW)


def _content(element):
    """The source of an element without the blanks between its tags, to compare."""
    source = etree.tostring(element, encoding="utf-8", with_tail=False)
    return _BETWEEN.sub(b"><", source)


def is_xml(data):
    """Whether ``data`` starts like XML, whatever its encoding."""
    data = data[:200]
    for mark, encoding in BOMS:
        if data.startswith(mark):
            data = data.decode(encoding, "ignore").encode("ascii", "ignore")
            break
    return data.lstrip().startswith(b"<")


def read(data, units, allowance):
    """The root `Node` of every document in ``data``; they may be concatenated.

    ``units``: {name: function} of the elements that a file has by the thousands. What
    the function makes of each, when it ends, is kept for `Node.taken` of its parent;
    the element is not.  Raises `ParseError`: doctype, truncated, too_deep,
    too_much_held, too_many_tags, too_many_names, too_many_transactions, not_xml,
    encoding, namespace, and what the functions raise.
    """
    taken = {}
    try:
        wrapper = _take_units(data, units, allowance, taken)
    except Malformed as error:
        raise _refusal(error, data) from None
    _check_outside(wrapper)
    roots = [Node(element) for element in wrapper]
    for root in roots:
        root._taken = taken
        if not root.namespace.startswith(NAMESPACES):
            namespace = clean(root.namespace, 200) or "-"
            raise ParseError("namespace", root.line, namespace=namespace)
    return roots


def _take_units(data, units, allowance, taken):
    """The tree of ``data`` without its units, which go to ``taken`` by parent."""
    parents = []
    elements = stream(_wrap(data, allowance), [*units, *_DROPPED])
    while True:
        try:
            element = next(elements)
        except StopIteration as end:
            allowance.take("held", count_held(end.value))
            return end.value
        function = units.get(local_name(element.tag))
        if function is None:
            continue
        node = Node(element)
        node._taken = taken
        value = function(node, allowance)
        # Those inside another one have done their work; it counts as so many.
        inside = _forget_inside(element, parents, taken)
        if not inside:
            allowance.take("transactions")
        parent = element.getparent()
        if parent not in taken:
            taken[parent] = {}
            parents.append(parent)
        taken[parent].setdefault(local_name(element.tag), []).append(value)


def _forget_inside(element, parents, taken):
    """Forget what was taken inside of ``element``; whether there was anything."""
    found = False
    while parents and any(above is element for above in parents[-1].iterancestors()):
        del taken[parents.pop()]
        found = True
    return found


def _wrap(data, allowance):
    """The chunks of ``data`` in one element, because documents may be concatenated."""
    yield f"<{_WRAPPER}>".encode()
    for chunk in decode(data):
        allowance.take("tags", chunk.count(b"<"))
        yield chunk
    yield f"</{_WRAPPER}>".encode()


def _check_outside(wrapper):
    for part in [wrapper.text, *[element.tail for element in wrapper]]:
        if part and part.strip():
            raise ParseError("not_xml", detail=Phrase(("outside", clean(part, 40))))
    if not len(wrapper):
        raise ParseError("not_xml", detail=Phrase(("no_element", "")))


def find(root, matches):
    """The outermost nodes for which ``matches`` is true, in document order."""
    found, stack = [], [root]
    while stack:
        node = stack.pop()
        if matches(node):
            found.append(node)
        elif node.name not in _BODIES:
            stack.extend(reversed(node.children()))
    return found


def check_logical_messages(root, *found):
    """Compare CBI's NbOfLogMsg with the logical messages there are.

    ``found`` holds the counts that satisfy it.  The declared one is in the header of
    CBI's physical message (CBI, PhyMsgInf).  Raises `ParseError` ``control_count``.
    """
    headers = find(root, lambda node: node.name == "PhyMsgInf")
    counts = [header.number("NbOfLogMsg") for header in headers]
    expected = sum(count for count in counts if count is not None)
    if headers and None not in counts and expected not in found:
        place = headers[0].line.then("element", "NbOfLogMsg")
        raise ParseError("control_count", place, expected=expected, found=found[0])


def check_namespace(message, names):
    """Raise `ParseError` ``namespace`` for a message in that of another one.

    ``names``: regular expression of what follows the prefix of a namespace.
    """
    namespace = message.namespace
    prefix = next(start for start in NAMESPACES if namespace.startswith(start))
    if not re.match(names, namespace[len(prefix) :]):
        raise ParseError("namespace", message.line, namespace=clean(namespace, 200))


def _refusal(error, data):
    """The `ParseError` for what libxml2 says of ``data``."""
    line = Phrase(("line", error.line))
    detail = re.sub(r", line \d+, column \d+$", "", error.detail)
    detail = clean(detail.replace(_WRAPPER, "the end of the file"), 200)
    if "depth" in detail.lower():
        return ParseError("too_deep", line)
    head = next(decode(data[:400]), b"")
    if not re.match(rb"\s*(<!--|<\?|<[\w:.-]+[\s/>])", head):
        return ParseError("not_xml", detail=detail)
    return ParseError("truncated", line, detail=detail)
