"""Zip archives of bank files, opened with limits and never written to disk."""

import io
import struct
import zipfile
import zlib
from collections import Counter

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
# Every entry of the directory starts like this; a stored archive inside has some too.
_ENTRY = b"PK\x01\x02"
_MAX_ENTRIES_SEEN = 20 * MAX_ZIP_ENTRIES
# Others take memory as the file pleases (lzma), and no bank uses them.
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

# What a damaged archive leads to inside zipfile and its decompressors.
_DAMAGES = (
    zipfile.BadZipFile,
    zlib.error,
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

    One at a time, so that only one is held.  Raises `ParseError`: zip_damaged,
    zip_empty, zip_encrypted, zip_entries, zip_method, zip_nested, zip_too_large,
    zip_twice, too_large.
    """
    empty = True
    with Archive(data) as archive:
        for name in archive.names:
            shown = clean(name, 120)
            if _is_litter(name):
                continue
            content = archive.extract(name)
            if is_zip(content) and not is_workbook(content):
                raise ParseError("zip_nested", shown)
            yield shown, content
            empty = False
    if empty:
        raise ParseError("zip_empty")


class Archive:
    """An open archive, whose files together are only so large.

    Raises `ParseError`: zip_damaged, zip_entries, zip_encrypted, zip_method,
    zip_twice; and zip_too_large when it is read.
    """

    def __init__(self, data):
        self._archive = _open(data)
        found = self._archive.infolist()
        if not all(info.filename for info in found):
            # Nothing can be asked of a file without a name.
            raise ParseError("zip_damaged")
        entries = [info for info in found if not info.is_dir()]
        if len(entries) > MAX_ZIP_ENTRIES:
            raise ParseError("zip_entries", limit=MAX_ZIP_ENTRIES)
        for info in entries:
            _check_entry(info)
        self.names = [info.filename for info in entries]
        name, count = next(iter(Counter(self.names).most_common(1)), ("", 0))
        if count > 1:
            raise ParseError("zip_twice", clean(name, 120))
        # A legitimate file of a few bytes may have any ratio.
        self._left = min(MAX_UNZIPPED_BYTES, max(len(data) * MAX_ZIP_RATIO, _MIB))
        # What they say themselves, before the first is read; then what comes out.
        self._check_left(sum(info.file_size for info in entries))

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        self._archive.close()

    def extract(self, name):
        """The bytes of one file.  Raises `ParseError` ``too_large`` too."""
        pieces, size = [], 0
        for piece in self.chunks(name):
            size += len(piece)
            if size > MAX_FILE_BYTES:
                limit = MAX_FILE_BYTES // _MIB
                raise ParseError("too_large", clean(name, 120), limit=limit)
            pieces.append(piece)
        return b"".join(pieces)

    def chunks(self, name):
        """The bytes of one file in pieces, counting what really comes out."""
        try:
            with self._archive.open(name) as stream:
                while piece := stream.read(_CHUNK):
                    self._check_left(len(piece))
                    self._left -= len(piece)
                    yield piece
        except _DAMAGES:
            raise ParseError("zip_damaged", clean(name, 120) or THE_FILE) from None

    def _check_left(self, size):
        if size > self._left:
            raise ParseError("zip_too_large", limit=MAX_UNZIPPED_BYTES // _MIB)


def _check_entry(info):
    name = clean(info.filename, 120) or THE_FILE
    if info.flag_bits & 0x1:
        raise ParseError("zip_encrypted", name)
    if info.compress_type not in _METHODS:
        raise ParseError("zip_method", name)


def _open(data):
    # Before they are all read: an archive of nothing but entries has half a million.
    if data.count(_ENTRY) > _MAX_ENTRIES_SEEN:
        raise ParseError("zip_entries", limit=MAX_ZIP_ENTRIES)
    try:
        return zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGES:
        raise ParseError("zip_damaged") from None


def _is_litter(name):
    base = name.rsplit("/", 1)[-1]
    return "__MACOSX/" in name or base in _LITTER or base.startswith("._")
