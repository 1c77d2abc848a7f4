"""Reading hostile XML in pieces, so that a file of any size is never held whole.

Used for the messages of banks and for the parts of workbooks.
"""

import codecs
import contextlib
import itertools
import re

from lxml import etree

from .base import (
    MAX_DOCUMENTS,
    MAX_XML_HELD,
    MAX_XML_NAME,
    MAX_XML_NAMES,
    MAX_XML_NAMESPACES,
    ParseError,
)
from .phrase import Phrase

CHUNK = 128 * 1024
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
# Bounded, or a file of unfinished declarations would take a day.
_DECLARATION = re.compile(r"\A\s*<\?xml\s[^<>]{0,200}\?>")
_DECLARED = re.compile(rb"""<\?xml\s[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
# Only plain character tables: "idna" or "utf-7" are decoders with surprises.
_ENCODINGS = re.compile(r"utf-8|utf-16(-[lb]e)?|ascii|iso8859-\d+|cp125\d|cp8\d\d")
_FORBIDDEN = (b"<!DOCTYPE", b"<!ENTITY")
_OVERLAP = max(map(len, _FORBIDDEN))
_NAMES = (
    re.compile(rb"<([^\s<>/!?=]+)"),
    re.compile(rb"""\s([^\s"'<>/=]+)\s*=\s*["']"""),
)
_HELD = etree.XPath("count(//*) + count(//@*) + count(//text())")


def stream(chunks, tags):
    """Every element called one of ``tags`` (local names), as it ends; then it is freed.

    ``chunks`` are the source as UTF-8, in pieces.  What lies outside of these
    elements stays; the tree is the return value of the generator, for `yield from`.
    Raises `ParseError`: doctype, too_much_held, too_many_names; and `Malformed`.
    """
    parser = etree.XMLPullParser(
        events=("end", "start-ns", "end-ns"),
        tag=[f"{{*}}{tag}" for tag in tags],
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    guard = _Guard()
    for chunk in guard.check_sources(chunks):
        with _told(parser):
            parser.feed(chunk)
        for event, found in parser.read_events():
            if event == "end":
                guard.element = found
                yield found
                _free(found)
            else:
                guard.count_namespace(event, found)
        guard.check_held(chunk)
    with _told(parser):
        root = parser.close()
    # Belt and braces: it was refused as source already.
    if root.getroottree().docinfo.doctype:
        raise ParseError("doctype")
    return root


class Malformed(Exception):
    """What is not XML: ``line`` and ``detail`` of the first fault."""

    def __init__(self, line, detail):
        super().__init__(line, detail)
        self.line = line
        self.detail = detail


@contextlib.contextmanager
def _told(parser):
    """Tell the first fault: lxml tells the last one, and often only at the end."""
    error = None
    try:
        yield
    except etree.XMLSyntaxError as caught:
        error = caught
    fatal = next(iter(parser.feed_error_log.filter_from_fatals()), None)
    if fatal is not None:
        raise Malformed(fatal.line, fatal.message)
    if error is not None:
        raise Malformed(error.lineno or 1, str(error.msg or ""))


class _Guard:
    """What is counted while a source is read."""

    def __init__(self):
        self.element = None
        self._held = 0
        self._names = set()
        self._in_scope = 0

    def check_sources(self, chunks):
        """The chunks, after a look for what no bank message has.

        Without a DTD there are no entities to expand; lxml would leave them out
        silently.  Raises `ParseError`: doctype, too_many_names.
        """
        tail = b""
        for chunk in chunks:
            joint = tail + chunk[:_OVERLAP]
            if any(mark in chunk or mark in joint for mark in _FORBIDDEN):
                raise ParseError("doctype")
            tail = (tail + chunk)[-_OVERLAP:]
            for pattern in _NAMES:
                self._count_names(pattern.findall(chunk))
            yield chunk

    def _count_names(self, names):
        known = len(self._names)
        self._names.update(names)
        if len(self._names) > known:
            long = max(map(len, self._names)) > MAX_XML_NAME
            if long or len(self._names) > MAX_XML_NAMES:
                raise ParseError("too_many_names")

    def count_namespace(self, event, found):
        """Namespaces in scope are repeated in the source of every element in them.

        Raises `ParseError` ``too_many_names``.
        """
        if event == "end-ns":
            self._in_scope -= 1
            return
        self._in_scope += 1
        self._count_names([text or "" for text in found])
        if self._in_scope > MAX_XML_NAMESPACES:
            raise ParseError("too_many_names")

    def check_held(self, chunk):
        """Refuse when more is held than fits: all nodes, attributes and texts.

        The signs in the source tell when to count, and are the count when no element
        was met by which the tree could be found.
        """
        self._held += chunk.count(b"<") + chunk.count(b"=")
        if self._held > MAX_XML_HELD and self.element is not None:
            self._held = count_held(self.element)
        if self._held > MAX_XML_HELD:
            raise ParseError("too_much_held")


def count_held(element):
    """How many elements, attributes and texts the tree of an element has."""
    return int(_HELD(element.getroottree()))


def _free(element):
    parent = element.getparent()
    element.clear()
    if parent is not None:
        parent.remove(element)


def decode(data):
    """The source of all the documents in ``data`` as UTF-8 chunks.

    Declarations are left out, lines keep their number.  Raises `ParseError`
    ``encoding``.
    """
    known = find_mark(data)
    if known.startswith("utf-16"):
        data, known = _decode_whole(data, known), "utf-8"
    else:
        known = ""
    for start, end in _pieces(data):
        encoding = known or find_declared(data[start : start + 300])
        chunks = (data[at : min(at + CHUNK, end)] for at in range(start, end, CHUNK))
        try:
            yield from recode(chunks, encoding)
        except _Undecodable as error:
            line = Phrase(("line", data.count(b"\n", 0, start + error.at) + 1))
            raise ParseError("encoding", line, encoding=encoding) from None


def decode_part(chunks):
    """The source of one part of a workbook as UTF-8 chunks.

    Raises `ParseError` ``encoding``.
    """
    chunks = iter(chunks)
    head = next(chunks, b"")
    encoding = find_mark(head) or find_declared(head[:300])
    try:
        yield from recode(itertools.chain([head], chunks), encoding)
    except _Undecodable:
        raise ParseError("encoding", encoding=encoding) from None


def find_mark(data):
    """The encoding that the first bytes prove, or ""."""
    return next((name for mark, name in BOMS if data.startswith(mark)), "")


def find_declared(head):
    """The encoding that an XML declaration names, else UTF-8.

    Raises `ParseError` ``encoding`` for one that is not read.
    """
    match = _DECLARED.search(head)
    name = match.group(1).decode("ascii") if match else "utf-8"
    try:
        encoding = codecs.lookup(name).name
    except LookupError:
        encoding = ""
    if not _ENCODINGS.fullmatch(encoding):
        raise ParseError("encoding", encoding=name)
    # Programs that write a UTF-16 string into a UTF-8 file leave the declaration.
    return "utf-8" if encoding.startswith("utf-16") else encoding


def recode(chunks, encoding):
    """The chunks as UTF-8, without declaration and byte order marks."""
    decoder = codecs.getincrementaldecoder(encoding)()
    at = 0
    for chunk in chunks:
        text = _decode_chunk(decoder, chunk, at).replace("\ufeff", "")
        if not at:
            text = _DECLARATION.sub(_keep_lines, text, count=1)
        at += len(chunk)
        yield text.encode()
    yield _decode_chunk(decoder, b"", at, final=True).encode()


class _Undecodable(Exception):
    """Bytes that the encoding does not know, somewhere after byte ``at``."""

    def __init__(self, at):
        super().__init__(at)
        self.at = at


def _decode_chunk(decoder, chunk, at, final=False):
    try:
        return decoder.decode(chunk, final)
    except UnicodeDecodeError as error:
        raise _Undecodable(at + error.start) from None


def _decode_whole(data, encoding):
    try:
        return data.decode(encoding).encode()
    except UnicodeError:
        raise ParseError("encoding", encoding=encoding) from None


def _pieces(data):
    """(start, end) of what follows each declaration: its encoding may be another.

    Raises `ParseError` ``too_many_documents``.
    """
    start = 0
    for number, match in enumerate(re.finditer(rb"<\?xml\s", data)):
        if number > MAX_DOCUMENTS:
            raise ParseError("too_many_documents", limit=MAX_DOCUMENTS)
        if match.start() > start:
            yield start, match.start()
            start = match.start()
    yield start, len(data)


def _keep_lines(match):
    return "\n" * match.group().count("\n")
