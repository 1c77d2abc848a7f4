"""Zip archives of bank files, opened with limits and never written to disk."""

import io
import lzma
import struct
import zipfile
import zlib

from .base import (
    MAX_FILE_BYTES,
    MAX_UNZIPPED_BYTES,
    MAX_ZIP_ENTRIES,
    MAX_ZIP_RATIO,
    THE_FILE,
    ParseError,
    clean,
)

_MIB = 1024 * 1024
_CHUNK = 64 * 1024
_WORKBOOK = "xl/workbook.xml"
# Files that operating systems leave in archives.
_LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")

# What a damaged archive leads to inside zipfile and its decompressors.
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    OverflowError,
    ValueError,
)


def is_zip(data):
    """Whether ``data`` starts like a zip archive (or an empty one)."""
    return data.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


def is_workbook(data):
    """Whether the zip archive ``data`` is an Excel workbook."""
    with _open(data) as archive:
        return _WORKBOOK in archive.namelist()


def read_files(data):
    """(name, bytes) of every file in the archive, directories and litter left out.

    Raises `ParseError`: zip_damaged, zip_empty, zip_encrypted, zip_entries,
    zip_nested, zip_too_large, too_large.
    """
    files = []
    for name, content in _unpack(data):
        if _is_litter(name):
            continue
        if len(content) > MAX_FILE_BYTES:
            raise ParseError("too_large", name, limit=MAX_FILE_BYTES // _MIB)
        if is_zip(content) and not is_workbook(content):
            raise ParseError("zip_nested", name)
        files.append((name, content))
    if not files:
        raise ParseError("zip_empty")
    return files


def check_workbook(data):
    """Raise `ParseError` when the parts of a workbook are not safe to read.

    A workbook is a zip of XML: it can be a bomb, or carry entities.
    """
    for name, content in _unpack(data):
        head = content[:4096].replace(b"\x00", b"")
        if name.endswith((".xml", ".rels")) and b"<!DOCTYPE" in head:
            raise ParseError("doctype")


def _open(data):
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGES:
        raise ParseError("zip_damaged") from None


def _unpack(data):
    """(name, bytes) of the entries, counting what really comes out of them."""
    with _open(data) as archive:
        entries = [info for info in archive.infolist() if not info.is_dir()]
        if len(entries) > MAX_ZIP_ENTRIES:
            raise ParseError("zip_entries", limit=MAX_ZIP_ENTRIES)
        # A legitimate file of a few bytes may have any ratio.
        limit = min(MAX_UNZIPPED_BYTES, max(len(data) * MAX_ZIP_RATIO, _MIB))
        contents = []
        for info in entries:
            content = _read(archive, info, limit)
            limit -= len(content)
            contents.append((clean(info.filename, 120), content))
        return contents


def _read(archive, info, limit):
    name = clean(info.filename, 120) or THE_FILE
    if info.flag_bits & 0x1:
        raise ParseError("zip_encrypted", name)
    pieces, size = [], 0
    try:
        with archive.open(info) as stream:
            while piece := stream.read(_CHUNK):
                size += len(piece)
                if size > limit:
                    limit_mib = MAX_UNZIPPED_BYTES // _MIB
                    raise ParseError("zip_too_large", limit=limit_mib)
                pieces.append(piece)
    except _DAMAGES:
        raise ParseError("zip_damaged", name) from None
    return b"".join(pieces)


def _is_litter(name):
    base = name.rsplit("/", 1)[-1]
    return "__MACOSX/" in name or base in _LITTER or base.startswith("._")
