"""Telling the kinds of files apart, once, and handing each to its parser."""

from . import archive, camt, pain002, table, workbook, xmltree
from .base import MAX_FILE_BYTES, THE_FILE, ParseError

XML_FORMATS = (pain002, camt)
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def parse(filename, data):
    """The `ReturnDocument` tuple of a bank file, or of a zip of bank files.

    ``filename`` is shown to people, ``data`` are the bytes; the kind of file is told
    from its content.  Raises `ParseError` for the whole file, never reads half of it.
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise ParseError("empty")
    if len(data) > MAX_FILE_BYTES:
        raise ParseError("too_large", limit=MAX_FILE_BYTES // 1024 // 1024)
    if archive.is_zip(data) and not archive.is_workbook(data):
        return _parse_archive(filename, data)
    return tuple(_parse_file(filename, data))


def _parse_archive(filename, data):
    documents = []
    for name, content in archive.read_files(data):
        documents += _parse_member(filename, name, content)
    return tuple(documents)


def _parse_member(filename, name, content):
    try:
        return parse(f"{filename}/{name}", content)
    except ParseError as error:
        raise error.inside(name) from None


def _parse_file(filename, data):
    if archive.is_zip(data):
        return workbook.parse(data, filename)
    if data.startswith(_OLD_EXCEL):
        raise ParseError("xls")
    if xmltree.is_xml(data):
        return _parse_xml(filename, data)
    return table.parse_csv(data, filename)


def _parse_xml(filename, data):
    documents = []
    roots = xmltree.read(data)
    for root in roots:
        found = [doc for fmt in XML_FORMATS for doc in fmt.parse(root, filename)]
        if not found:
            names = [root.name, *[child.name for child in root.children()[:1]]]
            place = root.line if len(roots) > 1 else THE_FILE
            raise ParseError("not_returns", place, message="/".join(names))
        documents += found
    return documents
