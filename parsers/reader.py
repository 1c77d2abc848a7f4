"""Telling the kinds of files apart, once, and handing each to its parser."""

from . import camt, pain002, xmltree
from .base import MAX_FILE_BYTES, ParseError

XML_FORMATS = (pain002, camt)


def parse(filename, data):
    """The `ReturnDocument` tuple of a bank file.

    ``filename`` is shown to people and tells a CSV from other texts; ``data`` are
    its bytes.  Raises `ParseError` for the whole file, never reads half of it.
    """
    return tuple(_parse_one(filename, data))


def _parse_one(filename, data):
    if not data.strip(b"\x00 \t\r\n"):
        raise ParseError("empty")
    if len(data) > MAX_FILE_BYTES:
        raise ParseError("too_large", limit=MAX_FILE_BYTES // 1024 // 1024)
    if xmltree.is_xml(data):
        return _parse_xml(filename, data)
    raise ParseError("unknown_format")


def _parse_xml(filename, data):
    documents = []
    for root in xmltree.read(data):
        found = [doc for fmt in XML_FORMATS for doc in fmt.parse(root, filename)]
        if not found:
            names = [root.name, *[child.name for child in root.children()[:1]]]
            raise ParseError("not_returns", root.line, message="/".join(names))
        documents += found
    return documents
