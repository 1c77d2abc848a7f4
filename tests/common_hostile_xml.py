"""What is done to XML: declarations, entities, nesting, namespaces, elements."""

import re

from .common_hostile import ANYTHING, REFUSED, SAME, mutator
from .common_hostile_bytes import choose_record

DOCTYPES = (
    '<!DOCTYPE a [<!ENTITY x "y">]>',
    '<!DOCTYPE a SYSTEM "file:///etc/passwd">',
    '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://localhost/x.dtd"> %p;]>',
    '<!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE a PUBLIC "-//X//Y" "x.dtd">',
)
BETWEEN = re.compile(rb"(?<=>)\s*(?=<)")
LEAF = re.compile(rb"<((?:\w+:)?\w+)((?: [^<>]*)?)>([^<>]*)</\1>")
START = re.compile(rb"<([A-Z]\w*)([^<>]*)>")
DECLARED = re.compile(rb"\A\s*<\?xml[^>]*\?>\s*")
NAMESPACE = re.compile(rb'xmlns="([^"]*)"')


def choose_between(rng, sample):
    """A place between two tags of a record, None where there is no record."""
    if not (span := choose_record(rng, sample)):
        return None
    return rng.choice([m.end() for m in BETWEEN.finditer(sample.data, *span)] or [None])


def find_begin(sample):
    """Where the first element begins."""
    match = DECLARED.match(sample.data)
    return match.end() if match else 0


@mutator("xml")
def declare_a_document_type(rng, sample):
    """A document type, in any encoding that is read: refused as such."""
    at, piece = find_begin(sample), rng.choice(DOCTYPES).encode()
    mutant = sample.splice((at, at), piece, piece[:40].decode(), "doctype")
    if rng.random() < 0.3:
        data = mutant.data.decode().encode("utf-16")
        mutant = mutant._replace(data=data)
    return mutant


@mutator("xml", "sheet")
def name_an_entity(rng, sample):
    """An entity that nobody declared: refused; a sign by its number may be read."""
    if not (span := choose_record(rng, sample)):
        return None
    leaf = rng.choice(list(LEAF.finditer(sample.data, *span)))
    piece, must = rng.choice(
        (
            (b"&x;", REFUSED),
            (b"&nbsp;", REFUSED),
            (b"&#0;", REFUSED),
            (b"&#xFFFFFFFF;", REFUSED),
            (b"&#x41;", ANYTHING),
            (b"&amp;lt;", ANYTHING),
            (b"&#8238;", ANYTHING),
        )
    )
    only = sample.get_weight(span)
    return sample.splice((leaf.start(3),) * 2, piece, piece.decode(), must, only)


@mutator("xml")
def nest_deeply(rng, sample):
    """Elements in elements, closed or not."""
    at = choose_between(rng, sample)
    if not at:
        return None
    depth = rng.choice((10, 100, 300, 3000, 100_000))
    name = rng.choice((b"a", b"Ntry", b"TxDtls", b"TxInfAndSts", b"NtryDtls"))
    end = b"</%s>" % name if rng.random() < 0.8 else b""
    piece = (b"<%s>" % name) * depth + end * depth
    must = ANYTHING if end and depth < 3000 else REFUSED
    return sample.splice((at, at), piece, f"{name} {depth} times", must)


@mutator("xml")
def add_what_is_not_read(rng, sample):
    """Comments, instructions and elements of others: the same is read."""
    at = choose_between(rng, sample)
    if not at:
        return None
    piece = rng.choice(
        (
            b"<!-- <Ntry> -->",
            b"<?xml-stylesheet href='x'?>",
            b"<o:x xmlns:o='urn:other'><o:Amt Ccy='EUR'>1</o:Amt></o:x>",
            b"<Amt xmlns='urn:other' Ccy='EUR'>1</Amt>",
            b"\n\t \n",
        )
    )
    return sample.splice((at, at), piece, piece.decode(), SAME)


@mutator("xml")
def write_as_data(rng, sample):
    """The text of an element as CDATA, which says the same."""
    leaves = [m for m in LEAF.finditer(sample.data) if b"&" not in m.group(3)]
    leaf = rng.choice(leaves)
    piece = b"<![CDATA[%s]]>" % leaf.group(3)
    return sample.splice(leaf.span(3), piece, leaf.group(1).decode(), SAME)


@mutator("xml")
def split_a_text(rng, sample):
    """A text with an element or a comment in the middle is not half read."""
    if not (span := choose_record(rng, sample)):
        return None
    leaf = rng.choice(list(LEAF.finditer(sample.data, *span)))
    if not leaf.group(3):
        return None
    at = rng.randrange(leaf.start(3), leaf.end(3) + 1)
    piece = rng.choice((b"<x/>", b"<!---->", b"<?x y?>", b"<Amt Ccy='EUR'>7</Amt>"))
    return sample.splice((at, at), piece, piece.decode(), only=sample.get_weight(span))


@mutator("xml")
def name_another_namespace(rng, sample):
    """A namespace that is none of a bank's: refused."""
    spans = [match.span(1) for match in NAMESPACE.finditer(sample.data)]
    name = rng.choice((b"", b"urn:other", b"http://www.w3.org/1999/xhtml", b"x" * 500))
    return sample.splice(spans[0], name, name[:30].decode(), REFUSED)


@mutator("xml")
def name_a_prefix(rng, sample):
    """Every element with a prefix, which says the same."""
    if b"<l:" in sample.data:
        return None
    name = rng.choice((b"n", b"ns0", b"a" * 50, "é".encode()))
    data = re.sub(rb"<(/?)(\w)", rb"<\1%s:\2" % name, sample.data)
    data = data.replace(b'xmlns="', b'xmlns:%s="' % name, 1)
    return sample.mutate(data, name.decode(), SAME)


@mutator("xml")
def repeat_an_element(rng, sample):
    """An element of a record is there twice, the same or with another content."""
    if not (span := choose_record(rng, sample)):
        return None
    leaf = rng.choice(list(LEAF.finditer(sample.data, *span)))
    name, more, text = leaf.groups()
    other = rng.choice((text, b"X" + text, b"1" + text))
    piece = b"<%s%s>%s</%s>" % (name, more, other, name)
    only = sample.get_weight(span) * (2 if name.endswith(b"Ntry") else 1)
    return sample.splice((leaf.end(),) * 2, piece, piece.decode(), only=only)


@mutator("xml")
def take_an_element(rng, sample):
    """An element of a record is missing."""
    if not (span := choose_record(rng, sample)):
        return None
    leaf = rng.choice(list(LEAF.finditer(sample.data, *span)))
    did, only = leaf.group().decode(), sample.get_weight(span)
    return sample.splice(leaf.span(), b"", did, only=only)


@mutator("xml")
def turn_a_sign(rng, sample):
    """A debit is a credit, or neither."""
    spans = [m.span() for m in re.finditer(rb"\bDBIT\b|\bCRDT\b", sample.data)]
    if not spans:
        return None
    place = rng.choice(spans)
    word = rng.choice((b"DBIT", b"CRDT", b"", b"dbit", b"XXXX"))
    return sample.splice(place, word, word.decode())


@mutator("xml")
def write_a_currency(rng, sample):
    """A currency that is none, or another one."""
    spans = [m.span(1) for m in re.finditer(rb'Ccy="(\w*)"', sample.data)]
    if not spans:
        return None
    word = rng.choice((b"", b"eur", b"XXX", b"USD", b"EURO", b"ITL", b"&#8364;"))
    return sample.splice(rng.choice(spans), word, word.decode())


DATES = ("0000-00-00", "2026-02-30", "9999-12-31", "0001-01-01", "31/12/2026", "")
DATES += ("2026-11-09T25:61:61", "-2026-11-09", "2026-W45-1", "2" * 300)


@mutator("xml")
def write_a_date(rng, sample):
    """A day that is none, or that no bank can have meant."""
    days = re.compile(rb">(\d{4}-\d\d-\d\d[^<]*)<")
    spans = [match.span(1) for match in days.finditer(sample.data)]
    text = rng.choice(DATES)
    return sample.splice(rng.choice(spans), text.encode(), text[:30])


@mutator("xml")
def add_names(rng, sample):
    """Attributes, names and namespaces by the thousands, or very long ones."""
    tag = rng.choice(list(START.finditer(sample.data)))
    count = rng.choice((3, 100, 5000))
    piece = rng.choice(
        (
            b"".join(b' a%d="1"' % number for number in range(count)),
            b"".join(
                b' xmlns:p%d="urn:%d"' % (number, number) for number in range(count)
            ),
            b" %s='1'" % (b"a" * count),
            b" a='%s'" % (b"1" * count * 100),
        )
    )
    return sample.splice((tag.end(2),) * 2, piece, f"{piece[:8].decode()} {count}")


@mutator("xml")
def declare_an_encoding(rng, sample):
    """A declaration that lies, or names what is none."""
    names = ("utf-7", "idna", "rot13", "undefined", "utf-16", "ibm037", "x" * 50)
    names += ("iso-8859-1", "unicode_escape", "zlib", "utf-8-sig", "mbcs", "hex")
    name = rng.choice(names)
    begin = b'<?xml version="1.0" encoding="%s"?>\n' % name.encode()
    return sample.splice((0, find_begin(sample)), begin, name)
