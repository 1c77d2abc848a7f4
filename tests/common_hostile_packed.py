"""What is done to archives, workbooks and lists."""

import io
import re
import struct
import warnings
import zipfile

from .common_hostile import ANYTHING, REFUSED, SAME, Mutant, mutator
from .common_hostile_bytes import choose_record, flip

NAMES = ("../../etc/passwd", "/a.xml", "C:\\a.xml", "a\x00b.xml", "a" * 60_000, "")
NAMES += ("con.xml", "\u202elmx.a", "a/b/c.xml", "%(place)s.xml", "é" * 100, "..")
MIB = 1024 * 1024
# Of entries in an archive: where it says how it is packed, and whether by a password.
ENTRY, FLAGS, METHOD, SIZE = b"PK\x01\x02", 8, 10, 24


def zip_files(*files, method=zipfile.ZIP_DEFLATED):
    """A zip archive of pairs of name and content."""
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", method) as archive:
        # That a name is there twice is the point.
        warnings.simplefilter("ignore")
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content, method)
    return buffer.getvalue()


def archive_of(sample, data, did, must=ANYTHING):
    """The `Mutant` that is an archive."""
    return Mutant(f"{sample.name}.zip", data, did, must)


def get_file(sample):
    """The sample as (name, bytes)."""
    return sample.name, sample.pack(sample.data)


@mutator()
def zip_it(rng, sample):
    """The file in an archive, under any name: the same is read, nothing is written."""
    name, data = rng.choice((sample.name, *NAMES)), sample.pack(sample.data)
    must = SAME
    if not name or name.endswith("/"):
        must = ANYTHING
    litter = ("__MACOSX/._x", b"x"), ("Thumbs.db", b"x")
    files = [(name, data), *(litter if rng.random() < 0.3 else ())]
    return archive_of(sample, zip_files(*files), f"as {name[:20]!r}", must)


@mutator()
def zip_it_badly(rng, sample):
    """An archive that is refused, each for its own reason."""
    file, ways = get_file(sample), []
    name, data = file
    whole = zip_files(file)
    ways.append((zip_files(("a.zip", whole)), "zip_nested"))
    ways.append((zip_files(file, file), "zip_twice"))
    ways.append((zip_files(*((f"{n}.xml", data) for n in range(201))), "zip_entries"))
    ways.append((zip_files(file, method=zipfile.ZIP_BZIP2), "zip_method"))
    ways.append((zip_files(file, method=zipfile.ZIP_LZMA), "zip_method"))
    ways.append((zip_files(), "zip_empty"))
    ways.append((zip_files((f"{name}/", b"")), "zip_empty"))
    ways.append((write_into(whole, FLAGS, "<H", 1), "zip_encrypted"))
    ways.append((write_into(whole, SIZE, "<L", 500 * MIB), "zip_too_large"))
    ways.append((whole[: rng.randrange(4, len(whole))], REFUSED))
    packed, must = rng.choice(ways)
    if must == "zip_nested" and sample.kind == "sheet" and rng.random() < 0.5:
        packed, must = zip_files(("a.zip", zip_files(("b.txt", whole)))), "zip_nested"
    return archive_of(sample, packed, must, must)


def write_into(packed, offset, layout, value):
    """An archive whose first entry says something else of itself."""
    at = packed.index(ENTRY) + offset
    return (
        packed[:at]
        + struct.pack(layout, value)
        + packed[at + struct.calcsize(layout) :]
    )


@mutator()
def flip_bytes_of_an_archive(rng, sample):
    """The archive is damaged: what is read of it, is what was in it."""
    packed = zip_files(get_file(sample))
    for _each in range(rng.choice((1, 1, 3, 10))):
        packed = flip(rng, packed, rng.randrange(2, len(packed)))
    return archive_of(sample, packed, "bytes")._replace(only=0)


@mutator()
def make_a_bomb(rng, sample):
    """A few bytes that unpack to very many."""
    size = rng.choice((*[2] * 18, 20, 65)) * MIB
    inside = rng.choice((b"\x00", b"<a>", b" ", b"a;b\n"))
    content = inside * (size // len(inside))
    return archive_of(sample, zip_files((sample.name, content)), f"{size}", REFUSED)


CELLS = (
    '<c r="A1"><v>1</v></c>',
    '<c r="ZZZ1"><v>1</v></c>',
    '<c r="XFE1048577"><v>1</v></c>',
    '<c r="1A"><v>1</v></c>',
    '<c t="s"><v>99</v></c>',
    '<c t="s"><v>-1</v></c>',
    '<c t="s"><v>1e3</v></c>',
    "<c><f>1+1</f></c>",
    '<c t="e"><v>#REF!</v></c>',
    "<c><v>1e400</v></c>",
    "<c><v>nan</v></c>",
    '<c t="d"><v>2026-13-45</v></c>',
    '<c t="b"><v>2</v></c>',
    '<c t="zzz"><v>2</v></c>',
    '<c s="9999"><v>45000</v></c>',
    '<c t="inlineStr"><is><t>_x0000_</t></is></c>',
    '<c t="inlineStr"/>',
    "<c><v/></c>",
    '<row r="0"/>',
)


@mutator("sheet")
def write_a_cell(rng, sample):
    """A cell that no workbook has, in the place of one or after it."""
    span = choose_record(rng, sample)
    cells = re.compile(rb"<c[ >/].*?(?:</c>|/>)")
    found = list(cells.finditer(sample.data, *span))
    place, piece = rng.choice(found).span(), rng.choice(CELLS)
    place = place if rng.random() < 0.5 else (place[1], place[1])
    return sample.splice(place, piece.encode(), piece, only=1)


@mutator("sheet")
def number_rows(rng, sample):
    """Rows with numbers that do not grow, or that are none."""
    span = choose_record(rng, sample)
    number = rng.choice(("0", "-1", "1", "99999999", "x", "1.5", "1" * 5000))
    place = span[0] + len("<row"), span[0] + len("<row")
    return sample.splice(place, f' r="{number}"'.encode(), number[:20])


@mutator("sheet")
def take_a_part(rng, sample):
    """A part of a workbook is missing, empty, or something else."""
    packed = sample.pack(sample.data)
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = rng.choice(list(parts))
    content = rng.choice((None, b"", b"x", b"<a/>", rng.choice(list(parts.values()))))
    parts[name] = content
    files = [(name, part) for name, part in parts.items() if part is not None]
    mutant = sample.mutate(sample.data, f"{name} is {str(content)[:20]}")
    return mutant._replace(data=zip_files(*files))


@mutator("csv")
def put_quotation_marks(rng, sample):
    """Quotation marks that do not match: no row is lost in a cell."""
    if not (span := choose_record(rng, sample)):
        return None
    at = rng.choice(
        [m.end() for m in re.finditer(rb"^|[;,\t]", sample.data[slice(*span)])]
    )
    at += span[0]
    return sample.splice((at, at), b'"', "a mark", REFUSED)


@mutator("csv")
def change_a_separator(rng, sample):
    """One row is cut by another sign."""
    if not (span := choose_record(rng, sample)):
        return None
    piece = sample.data[slice(*span)].replace(
        b";", rng.choice((b",", b"\t", b"|", b""))
    )
    return sample.splice(span, piece, "a row", only=1)


@mutator("csv", "sheet")
def change_a_heading(rng, sample):
    """A heading is missing, unknown or there twice."""
    heading = rng.choice(
        ("Importo", "Scadenza", "Debitore", "Motivo", "Spese", "Esito", "N° Effetto")
    )
    other = rng.choice(("", "Xyz", "Importo", "Debitore", "Scadenza", "Spese"))
    data = sample.data.replace(heading.encode(), other.encode(), 1)
    return sample.mutate(data, f"{heading} is {other}")
