"""What is done to any bank file: bytes, records, fields, lines, encodings."""

import re

from .common_hostile import (
    ANYTHING,
    REFUSED,
    SAME,
    find_amount,
    mutator,
)

SPECIAL = (b"\x00", b"\n", b"\r", b'"', b"'", b";", b",", b"<", b"&", b"\xff", b"\t")
SPECIAL += ("\u202e".encode(), "\u0663".encode(), "\u2028".encode(), b"\x1a", b" ")
FIELDS = {
    "xml": re.compile(rb">([^<>\s][^<>]*)<"),
    "cbi": re.compile(rb"[^ \r\n]+"),
    "csv": re.compile(rb"[^;\r\n]+"),
    "sheet": re.compile(rb">([^<>\s][^<>]*)<"),
}
# Where a trailer of CBI's begins, all the records are there.
TRAILER = b" EF"


def flip(rng, data, at):
    """The data with another byte at a place: a bit flipped, or any byte."""
    byte = data[at] ^ (1 << rng.randrange(8)) if rng.random() < 0.5 else None
    byte = rng.randrange(256) if byte is None else byte
    return data[:at] + bytes([byte]) + data[at + 1 :]


def choose_record(rng, sample):
    """One of the records, None where there is none."""
    return rng.choice(sample.records) if sample.records else None


@mutator()
def flip_bytes_of_a_record(rng, sample):
    """Bytes of one record change: the others tell what they told."""
    if not (span := choose_record(rng, sample)):
        return None
    data, places = sample.data, []
    for _each in range(rng.choice((1, 1, 1, 2, 5))):
        places.append(rng.randrange(*span))
        data = flip(rng, data, places[-1])
    return sample.mutate(data, f"bytes {places}", only=get_spread(sample, span))


def get_spread(sample, span):
    """How many payments change with a record: a line end in a list makes it two."""
    return sample.get_weight(span) * (2 if sample.kind == "csv" else 1)


@mutator()
def flip_bytes_anywhere(rng, sample):
    """Bytes of the file change, of its totals and headings too."""
    data = sample.data
    for _each in range(rng.choice((1, 1, 2, 10, 100))):
        data = flip(rng, data, rng.randrange(len(data)))
    return sample.mutate(data, "some bytes")


@mutator()
def put_special_bytes(rng, sample):
    """Bytes that mean something are put into a record."""
    if not (span := choose_record(rng, sample)):
        return None
    at, piece = rng.randrange(*span), rng.choice(SPECIAL) * rng.choice((1, 1, 2, 500))
    only = get_spread(sample, span) + piece.count(b"\n")
    return sample.splice((at, at), piece, f"put {piece[:8]!r}", only=only)


@mutator()
def take_bytes(rng, sample):
    """A piece of the file is missing."""
    start = rng.randrange(len(sample.data))
    end = min(len(sample.data), start + rng.choice((1, 2, 10, 120, 121, 1000)))
    return sample.splice((start, end), b"", f"{end - start} bytes are missing")


@mutator()
def repeat_bytes(rng, sample):
    """A piece of the file is there twice."""
    start = rng.randrange(len(sample.data))
    piece = sample.data[start : start + rng.choice((1, 2, 10, 120, 121, 1000))]
    return sample.splice((start, start), piece, f"{len(piece)} bytes are there twice")


@mutator()
def cut_the_end(rng, sample):
    """The file ends early: refused where that can be seen, else rows are missing."""
    data = sample.data.rstrip()
    if sample.kind == "cbi":
        data = data[: data.rindex(b"\n") + 1 + len(TRAILER)]
    if sample.kind == "sheet":
        packed = sample.pack(sample.data)
        size = rng.randrange(4, len(packed))
        mutant = sample.mutate(sample.data, f"cut at {size} of a workbook", REFUSED)
        return mutant._replace(data=packed[:size])
    size = rng.randrange(1, len(data))
    mutant = sample.mutate(data[:size], f"cut at {size}", REFUSED)
    if sample.kind == "csv":
        return mutant._replace(must=ANYTHING, begins=True)
    last = data[:size].rstrip().rpartition(b"\n")[2]
    if last.startswith(TRAILER):
        # Between two flows nobody can say that there was another one.
        return None
    return mutant


@mutator()
def take_a_record(rng, sample):
    """A record is missing: refused where the bank says how many there are."""
    if not (span := choose_record(rng, sample)):
        return None
    only = sample.get_weight(span)
    if sample.totals:
        return sample.splice(span, b"", "a record is missing", REFUSED)
    return sample.splice(span, b"", "a record is missing", only=only)


@mutator()
def repeat_a_record(rng, sample):
    """A record is there twice, or thrice."""
    if not (span := choose_record(rng, sample)):
        return None
    times = rng.choice((2, 2, 3))
    must = REFUSED if sample.totals else ANYTHING
    piece, only = sample.data[slice(*span)], sample.get_weight(span) * times
    return sample.splice(span, piece * times, f"a record {times} times", must, only)


@mutator()
def repeat_a_record_very_often(rng, sample):
    """A file that grows until a limit says so."""
    if not (span := choose_record(rng, sample)):
        return None
    piece = sample.data[slice(*span)]
    most = 15_000_000 // len(piece)
    times = rng.choice((*[100] * 12, *[1000] * 4, 5000, most))
    must = REFUSED if sample.totals else ANYTHING
    return sample.splice(
        span, piece * min(times, most), f"a record {times} times", must
    )


@mutator()
def swap_records(rng, sample):
    """Two records change places: nothing else changes."""
    if len(sample.records) < 2 or has_flows(sample):
        return None
    first, second = sorted(rng.sample(sample.records, 2))
    data = sample.data
    swapped = (
        data[: first[0]]
        + data[slice(*second)]
        + data[first[1] : second[0]]
        + data[slice(*first)]
        + data[second[1] :]
    )
    return sample.mutate(swapped, f"records at {first} and {second}", SAME)


def has_flows(sample):
    """Whether a file has several messages, each with records and totals of its own."""
    return sample.data.count(b"\n EF") > 1 or sample.data.count(b"<Stmt>") > 1


@mutator()
def swap_amounts(rng, sample):
    """Two records change their amounts: the totals still agree."""
    spans = [find_amount(sample, span) for span in sample.records]
    spans = [span for span in spans if span]
    if len(spans) < 2 or has_flows(sample):
        return None
    first, second = sorted(rng.sample(spans, 2))
    data = sample.data
    one, other = data[slice(*first)], data[slice(*second)]
    data = data[: second[0]] + one + data[second[1] :]
    data = data[: first[0]] + other + data[first[1] :]
    return sample.mutate(data, f"amounts at {first} and {second}")


@mutator()
def swap_fields(rng, sample):
    """Two fields of one record change places."""
    if not (span := choose_record(rng, sample)):
        return None
    piece = sample.data[slice(*span)]
    found = list(FIELDS[sample.kind].finditer(piece))
    if len(found) < 2:
        return None
    group = FIELDS[sample.kind].groups
    first, second = sorted(m.span(group) for m in rng.sample(found, 2))
    swapped = (
        piece[: first[0]]
        + piece[slice(*second)]
        + piece[first[1] : second[0]]
        + piece[slice(*first)]
        + piece[second[1] :]
    )
    return sample.splice(span, swapped, "fields", only=sample.get_weight(span))


@mutator()
def change_an_amount(rng, sample):
    """A digit of an amount is another one: refused where there are totals."""
    span = choose_record(rng, sample)
    place = span and find_amount(sample, span)
    if not place:
        return None
    at = rng.choice([at for at in range(*place) if sample.data[at : at + 1].isdigit()])
    digit = (sample.data[at] - 48 + rng.randrange(1, 10)) % 10
    must = REFUSED if sample.totals else ANYTHING
    piece, only = str(digit).encode(), sample.get_weight(span)
    return sample.splice((at, at + 1), piece, "a digit", must, only)


NO_AMOUNTS = ("NaN", "Infinity", "-1.00", "1e9", "0x10", "١٢٣", "1.2.3", "9" * 400)
NO_AMOUNTS += ("--5", "5-5", "1_000", "12abc", "9" * 16 + ".00", "\u2212", "1/2")


@mutator("xml", "csv", "sheet")
def write_no_amount(rng, sample):
    """What is no amount stands in the place of one: refused."""
    span = choose_record(rng, sample)
    place = span and find_amount(sample, span)
    if not place:
        return None
    text = rng.choice(NO_AMOUNTS)
    if sample.kind == "csv" and text == "-1.00":
        # People write what came back as a negative amount.
        text = "1-1"
    if sample.kind == "sheet" and text in ("-1.00", "1e9"):
        text = "1e999"
    return sample.splice(place, text.encode(), text[:20], REFUSED)


@mutator("cbi")
def write_no_cents(rng, sample):
    """The same in records of a fixed width."""
    span = choose_record(rng, sample)
    place = span and find_amount(sample, span)
    if not place:
        return None
    width = place[1] - place[0]
    text = rng.choice(("9" * width, "-" + "1" * (width - 1), " " * width, "A" * width))
    return sample.splice(place, text.encode(), text, REFUSED)


@mutator("cbi", "csv", "xml")
def change_line_ends(rng, sample):
    """Lines end as on another system: the same is read."""
    ends = [b"\r\n", b"\r"]
    if sample.kind == "cbi" and all(
        len(line) == 120 for line in sample.data.splitlines()
    ):
        ends.append(b"")
    end = rng.choice(ends)
    data = sample.data.replace(b"\r\n", b"\n").replace(b"\n", end)
    return sample.mutate(data, repr(end), SAME)


@mutator("cbi", "csv", "xml")
def encode_otherwise(rng, sample):
    """The same signs in other bytes, with a mark that says so: the same is read."""
    encodings = ["utf-8-sig"]
    if sample.kind != "cbi":
        encodings += ["utf-16", "utf-16-le", "utf-16-be"]
    encoding = rng.choice(encodings)
    mark = "\ufeff" if encoding.startswith("utf-16-") else ""
    text = mark + sample.data.decode()
    return sample.mutate(text.encode(encoding), encoding, SAME)


@mutator("cbi", "csv", "xml")
def encode_badly(rng, sample):
    """The same in bytes of which nobody knows what they are."""
    encoding = rng.choice(("utf-32", "utf-16-le", "utf-7", "cp037", "punycode"))
    data = sample.data.decode().encode(encoding, "replace")
    return sample.mutate(data, encoding)


@mutator()
def write_very_long(rng, sample):
    """A text of one record is longer than anybody writes."""
    if not (span := choose_record(rng, sample)):
        return None
    found = list(FIELDS[sample.kind].finditer(sample.data, *span))
    at = rng.choice(found).start(FIELDS[sample.kind].groups)
    size = rng.choice((200, 2000, 40_000, 40_000, 2_000_000))
    piece = rng.choice((b"x", b" ", b"9", "è".encode(), b"a b ")) * size
    return sample.splice((at, at), piece[:size], f"{size} signs")


@mutator()
def follow_one_by_another(rng, sample):
    """The file is there twice in one, or with something strange after it."""
    strange = (sample.data, b"<a/>", b"PK\x05\x06" + bytes(18), b"\x00" * 200, b"x;y\n")
    return sample.mutate(sample.data + rng.choice(strange), "what follows")


@mutator()
def write_nonsense(rng, sample):
    """Bytes that say nothing, behind the first ones of a file."""
    size = rng.choice((0, 1, 5, 60, 300))
    data = sample.pack(sample.data)[:size] + rng.randbytes(rng.choice((1, 50, 5000)))
    return sample.mutate(sample.data, f"after {size} bytes", REFUSED)._replace(
        data=data
    )


@mutator("cbi")
def shift_columns(rng, sample):
    """One line is a column to the right, or to the left."""
    lines = sample.data.splitlines(keepends=True)
    number, at = rng.randrange(len(lines)), rng.randrange(1, 120)
    line, by = lines[number], rng.choice((-2, -1, 1, 2))
    shifted = line[:at] + (b" " * by + line[at:] if by > 0 else line[at - by :])
    lines[number] = shifted
    return sample.mutate(b"".join(lines), f"line {number + 1} by {by} at {at}")


@mutator("cbi")
def trim_lines(rng, sample):
    """What banks do with blanks: cut at the end, the first one left out."""
    lines = [line.rstrip() for line in sample.data.splitlines()]
    if rng.random() < 0.5:
        lines = [line[1:] for line in lines]
    return sample.mutate(b"\n".join(lines) + b"\n", "blanks", SAME)


@mutator("cbi")
def take_a_line(rng, sample):
    """A line is missing: the trailer says how many there are."""
    lines = sample.data.splitlines(keepends=True)
    number = rng.randrange(1, len(lines))
    del lines[number]
    return sample.mutate(b"".join(lines), f"line {number + 1}", REFUSED)


TOTALS = {
    "xml": re.compile(
        rb"<(?:Ttl(?:Dbt)?Ntries><NbOfNtries|Sum|l:DtldNbOfTxs|l:DtldCtrlSum|DtldNbOfTxs"
        rb"|DtldCtrlSum)>([\d.]+)<"
    ),
    "cbi": re.compile(rb"^ EF.{42}([\d ]{7})(\d{15})", re.MULTILINE),
    "csv": re.compile(rb"^Totale[^\d\r\n]*([\d.,]+)", re.MULTILINE),
    "sheet": re.compile(rb"Totale</t></is></c>(?:<c></c>)*<c><v>([\d.]+)<"),
}


@mutator()
def change_a_total(rng, sample):
    """What the bank declares is not what there is: refused."""
    found = list(TOTALS[sample.kind].finditer(sample.data)) if sample.totals else ()
    if not found:
        return None
    match = rng.choice(found)
    places = [at for at in range(*match.span(1)) if sample.data[at : at + 1].isdigit()]
    if not places:
        return None
    at = rng.choice(places)
    digit = (sample.data[at] - 48 + rng.randrange(1, 10)) % 10
    piece = str(digit).encode()
    if sample.kind == "cbi" and not int(
        (sample.data[:at] + piece + sample.data[at + 1 :])[slice(*match.span(1))]
    ):
        # No total at all: some banks declare none.
        return None
    return sample.splice((at, at + 1), piece, "a digit of a total", REFUSED)
