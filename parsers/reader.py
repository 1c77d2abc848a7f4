"""Telling the kinds of files apart, once, and handing each to its parser."""

import re
from collections import Counter
from decimal import Decimal

from . import (
    archive,
    camt,
    cbi,
    cbi_records,
    pain002,
    table,
    workbook,
    xmltree,
)
from .allowance import CODES, Allowance
from .base import MAX_FILE_BYTES, THE_FILE, ParseError, is_kept, read_by
from .variant import get_list_layout

XML_FORMATS = (pain002, camt)
_UNITS = {name: take for fmt in XML_FORMATS for name, take in fmt.UNITS.items()}
_SOMETHING = re.compile(rb"[^\x00 \t\r\n]")
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def parse(filename, data, variants=()):
    """The `ReturnDocument` tuple of a bank file, or of a zip of bank files.

    ``filename`` is shown to people, ``data`` are the bytes; the kind of file is told
    from its content.  ``variants`` are `Variant` values, the one that counts first.
    Raises `ParseError` for the whole file, never reads half of it.
    """
    return _parse(filename, data, Allowance(), variants)


def _parse(filename, data, allowance, variants):
    if not _SOMETHING.search(data):
        raise ParseError("empty")
    if len(data) > MAX_FILE_BYTES:
        raise ParseError("too_large", limit=MAX_FILE_BYTES // 1024 // 1024)
    if archive.is_zip(data) and not archive.is_workbook(data):
        return _parse_archive(filename, data, allowance, variants)
    documents = tuple(_parse_file(filename, data, allowance, variants))
    for document in documents:
        with read_by(document.variant):
            _check_document(document, allowance)
    return documents


def _parse_archive(filename, data, allowance, variants):
    documents = []
    for name, content in archive.read_files(data):
        documents += _parse_member(filename, name, content, allowance, variants)
    return tuple(documents)


def _parse_member(filename, name, content, allowance, variants):
    try:
        return _parse(f"{filename}/{name}", content, allowance, variants)
    except ParseError as error:
        # What the members have too much of together is no fault of one of them.
        together = error.code in CODES
        raise (error if together else error.inside(name)) from None


def _parse_file(filename, data, allowance, variants):
    layout = get_list_layout(variants)
    if archive.is_zip(data):
        return workbook.parse(data, filename, allowance, layout)
    if data.startswith(_OLD_EXCEL):
        raise ParseError("xls")
    if xmltree.is_xml(data):
        return _parse_xml(filename, data, allowance)
    if cbi_records.is_cbi(data):
        return cbi.parse(data, filename, allowance, variants)
    return table.parse_csv(data, filename, allowance, layout)


def _parse_xml(filename, data, allowance):
    documents = []
    roots = xmltree.read(data, _UNITS, allowance)
    for root in roots:
        found = [
            document
            for format_ in XML_FORMATS
            for document in format_.parse(root, filename, allowance)
        ]
        if not found:
            names = [root.name, *[child.name for child in root.children()[:1]]]
            place = root.line if len(roots) > 1 else THE_FILE
            raise ParseError("not_returns", place, message="/".join(names))
        documents += found
    return documents


def _check_document(document, allowance):
    """Count what one document gives, and add up what Odoo will have to add up.

    Raises `ParseError`: too_many_reasons, amount_large.
    """
    sums = Counter()
    for payment in document.payments:
        allowance.take_codes(payment.reason_codes)
        sums[payment.currency] += payment.amount or 0
        sums[payment.fee_currency] += payment.fee_amount
    for total in sums.values():
        if not is_kept(Decimal(total)):
            raise ParseError("amount_large", THE_FILE, value=total)
