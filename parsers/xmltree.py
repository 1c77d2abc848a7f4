"""Reading hostile XML safely, and walking it by local names."""

import codecs
import hashlib
import re
from functools import lru_cache

from lxml import etree

from .base import (
    MAX_RAW,
    MAX_XML_TAGS,
    ParseError,
    clean,
    parse_amount,
    parse_currency,
    parse_date,
)

NAMESPACES = (
    "urn:iso:std:iso:20022:tech:xsd:",
    "urn:CBI:xsd:",
    "http://www.six-interbank-clearing.com/de/",
)
CBI = "urn:CBI:xsd:"

# Bounded, or a file of unfinished declarations would take a day.
_DECLARATION = re.compile(r"<\?xml\s[^<>]{0,200}\?>")
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# Only plain character tables: "idna" or "utf-7" are decoders with surprises.
_ENCODINGS = re.compile(r"utf-8|utf-16(-[lb]e)?|ascii|iso8859-\d+|cp125\d|cp8\d\d")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_AFTER_THE_END = 5  # libxml2: extra content at the end of the document
_WRAPPER = "concatenated"
# The parts of messages: whoever looks for a message need not enter them.
_BODIES = {"GrpHdr", "PmtInf", "Stmt", "Ntfctn", "Rpt", "OrgnlPmtInfAndSts"}


class Node:
    """An element whose children are found by local name, in constant time.

    Elements of foreign namespaces (supplementary data) are not seen.
    """

    __slots__ = ("_elements", "_nodes", "element")

    def __init__(self, element):
        self.element = element
        self._elements = None
        self._nodes = {}

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
        return f"line {self.element.sourceline}"

    def children(self):
        """All the children of known namespaces, in document order."""
        return [Node(child) for child in self.element if local_name(child.tag)]

    def each(self, name):
        """The children called ``name``, one at a time and forgotten after use."""
        return (Node(element) for element in self._by_name().get(name, ()))

    def all(self, *path):
        """Every element reached by ``path``, a list of local names."""
        nodes = (self,)
        for name in path:
            nodes = [child for node in nodes for child in node._named(name)]
        return nodes

    def first(self, *path):
        """The first element reached by ``path``, or None."""
        node = self
        for name in path:
            found = node._named(name)
            if not found:
                return None
            node = found[0]
        return node

    def text(self, *path):
        """The cleaned text of the first element reached by ``path``, or ""."""
        if not path:
            return clean(self.element.text or "")
        parent = self.first(*path[:-1])
        found = parent._by_name().get(path[-1]) if parent else None
        return clean(found[0].text or "") if found else ""

    def texts(self, *path):
        """The cleaned texts of all the elements reached by ``path``."""
        parents = self.all(*path[:-1])
        return [
            clean(element.text or "")
            for parent in parents
            for element in parent._by_name().get(path[-1], ())
        ]

    def day(self, *path):
        """The date at ``path``, or in its Dt or DtTm; None when absent."""
        node = self.first(*path)
        if node is None:
            return None
        text = node.text() or node.text("Dt") or node.text("DtTm")
        return parse_date(text, f"{node.line} ({path[-1]})")

    def money(self, *path):
        """(amount, currency) at ``path``; (None, "") when absent."""
        node = self.first(*path)
        if node is None:
            return None, ""
        place = f"{node.line} ({path[-1]})"
        currency = parse_currency(node.element.get("Ccy", "").strip(), place)
        return parse_amount(node.text(), place), currency

    def number(self, *path):
        """The whole number at ``path``, None when absent or not a number."""
        text = self.text(*path)
        return int(text) if text.isascii() and text.isdigit() else None

    def raw(self):
        """The source of the element, for people to check."""
        text = etree.tostring(self.element, encoding="unicode", with_tail=False)
        return clean(text, MAX_RAW)

    def digest(self):
        """What identifies the element when the bank gives no identification."""
        source = etree.tostring(self.element, with_tail=False)
        return "sha256:" + hashlib.sha256(source).hexdigest()[:32]

    def _named(self, name):
        """The child nodes called ``name``; made when first asked for."""
        nodes = self._nodes.get(name)
        if nodes is None:
            elements = self._by_name().get(name, ())
            nodes = self._nodes[name] = [Node(element) for element in elements]
        return nodes

    def _by_name(self):
        if self._elements is None:
            self._elements = {}
            for child in self.element:
                name = local_name(child.tag)
                if name:
                    self._elements.setdefault(name, []).append(child)
        return self._elements


@lru_cache(maxsize=4096)
def local_name(tag):
    """The local name of a tag of a known namespace, else ""."""
    namespace, _, name = tag[1:].partition("}")
    return name if name and namespace.startswith(NAMESPACES) else ""


def is_xml(data):
    """Whether ``data`` starts like XML, whatever its encoding."""
    data = data[:200]
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            data = data.decode(encoding, "ignore").encode("ascii", "ignore")
            break
    return data.lstrip().startswith(b"<")


def read(data):
    """The root `Node` of every document in ``data``; they may be concatenated.

    Raises `ParseError`: doctype, truncated, too_deep, too_many_tags,
    not_xml, encoding, namespace.
    """
    text = _decode(data)
    # Refused before parsing: without a DTD there are no entities to expand, and
    # with resolve_entities=False their elements would silently become empty.
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ParseError("doctype")
    if text.count("<") > MAX_XML_TAGS:
        raise ParseError("too_many_tags", limit=MAX_XML_TAGS)
    roots = [Node(element) for element in _roots(text)]
    for root in roots:
        if not root.namespace.startswith(NAMESPACES):
            namespace = clean(root.namespace, 200) or "-"
            raise ParseError("namespace", root.line, namespace=namespace)
    return roots


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
        place = f"{headers[0].line} (NbOfLogMsg)"
        raise ParseError("control_count", place, expected=expected, found=found[0])


def _decode(data):
    """The text of all the documents, without declarations; lines keep their number."""
    encoding = next((enc for mark, enc in _BOMS if data.startswith(mark)), "")
    if encoding.startswith("utf-16"):
        pieces = [_to_text(data, encoding)]
    else:
        starts = [match.start() for match in re.finditer(rb"<\?xml\s", data)]
        cuts = [0, *[start for start in starts if start], len(data)]
        pieces = [
            _to_text(data[start:end], _declared_encoding(data[start:end]))
            for start, end in zip(cuts, cuts[1:], strict=False)
        ]
    text = "".join(pieces).replace("\ufeff", "")
    return _DECLARATION.sub(lambda match: "\n" * match.group().count("\n"), text)


def _declared_encoding(data):
    match = _DECLARED.search(data[:300])
    name = match.group(1).decode("ascii") if match else "utf-8"
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if not _ENCODINGS.fullmatch(encoding):
        raise ParseError("encoding", encoding=name)
    # Programs that write a UTF-16 string into a UTF-8 file leave the declaration.
    return "utf-8" if encoding.startswith("utf-16") else encoding


def _to_text(data, encoding):
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ParseError("encoding", f"line {line}", encoding=encoding) from None


def _roots(text):
    """The root elements: of the one document, else of the concatenated ones."""
    try:
        return [_parse(text)]
    except etree.XMLSyntaxError as error:
        if error.code != _AFTER_THE_END:
            raise _refusal(error, text) from None
    try:
        wrapper = _parse(f"<{_WRAPPER}>{text}</{_WRAPPER}>")
    except etree.XMLSyntaxError as error:
        raise _refusal(error, text) from None
    for part in [wrapper.text, *[element.tail for element in wrapper]]:
        if part and part.strip():
            raise ParseError("not_xml", detail=f"text outside: {clean(part, 40)}")
    return list(wrapper)


def _parse(text):
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    root = etree.fromstring(text.encode(), parser)
    if root.getroottree().docinfo.doctype:
        raise ParseError("doctype")
    return root


def _refusal(error, text):
    """The `ParseError` for what libxml2 says of ``text``."""
    line = f"line {error.lineno or 1}"
    detail = re.sub(r", line \d+, column \d+$", "", str(error.msg or ""))
    detail = clean(detail.replace(_WRAPPER, "the end of the file"), 200)
    if "depth" in detail.lower():
        return ParseError("too_deep", line)
    if not re.match(r"\s*<[\w:.-]+[\s/>]", text):
        return ParseError("not_xml", detail=detail)
    return ParseError("truncated", line, detail=detail)
