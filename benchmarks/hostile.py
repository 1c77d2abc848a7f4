"""The files that ``files.py`` measures: honest big ones, and ones made to hurt.

Each case is a function without arguments that gives (file name, bytes); its name is
the case's.  Where a limit is on the size, the file is just below it.
"""

import io
import random
import struct
import zipfile

LIMIT = 20 * 1024 * 1024
ISO = "urn:iso:std:iso:20022:tech:xsd:"
CASES = {}

AMOUNT = '<InstdAmt Ccy="EUR">12.34</InstdAmt>'
UNPAID = (
    "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{}</Cd><SubFmlyCd>{}</SubFmlyCd></Fmly>"
    "</Domn></BkTxCd>"
)


def cases(words=()):
    """(name, function) of the cases whose names contain one of the words."""
    return [
        (name, make)
        for name, make in CASES.items()
        if not words or any(word in name for word in words)
    ]


def case(function):
    """Register a case."""
    CASES[function.__name__.replace("_", " ")] = function
    return function


def fill(piece, head="", tail="", limit=LIMIT):
    """``head``, as many ``piece`` as fit under the limit, and ``tail``, in bytes."""
    head, piece, tail = (text.encode() for text in (head, piece, tail))
    return head + piece * ((limit - len(head) - len(tail)) // len(piece)) + tail


def document(kind, parts):
    """(head, tail) of a document of ISO 20022; ``parts`` are its open elements."""
    head = f'<Document xmlns="{ISO}{kind}">' + "".join(f"<{p}>" for p in parts.split())
    tail = "".join(f"</{part}>" for part in reversed(parts.split()))
    return head, tail + "</Document>"


def pain(body=None, group="", piece=""):
    """A pain.002 around ``body``, or full of ``piece``."""
    head, tail = document("pain.002.001.03", "CstmrPmtStsRpt")
    head += (
        "<GrpHdr><MsgId>MSG</MsgId><CreDtTm>2026-11-02T09:00:00</CreDtTm></GrpHdr>"
        "<OrgnlGrpInfAndSts><OrgnlMsgId>FILE</OrgnlMsgId>"
        f"<OrgnlMsgNmId>pain.008.001.02</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>"
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>PMT</OrgnlPmtInfId>"
    )
    tail = "</OrgnlPmtInfAndSts>" + tail
    data = fill(piece, head, tail) if piece else (head + body + tail).encode()
    return "pain.xml", data


def camt(body=None, version="053.001.08", part="Stmt", piece="", inside=""):
    """A camt around ``body``, or full of ``piece``."""
    head, tail = document(f"camt.{version}", "BkToCstmr")
    head += "<GrpHdr><MsgId>MSG</MsgId><CreDtTm>2026-11-02T09:00:00</CreDtTm></GrpHdr>"
    head += f"<{part}><Id>STMT</Id><Acct><Id><IBAN>IT60X</IBAN></Id></Acct>{inside}"
    tail = f"</{part}>" + tail
    data = fill(piece, head, tail) if piece else (head + body + tail).encode()
    return "camt.xml", data


# What cannot be packed lets the rest unpack to more: 250 times the size of the file.
FILLER = ("__MACOSX/._filler", random.Random(1).randbytes(280_000))


def zipped(files, method=zipfile.ZIP_DEFLATED):
    """A zip of (name, content) pairs."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
HEAD = ["Reference", "Amount", "Date", "Reason", "Customer"]


def cells(row, values, letters="ABCDEFGHIJKLMNOPQRSTUVWXYZ"):
    """The source of a row with texts and numbers."""
    found = []
    for letter, value in zip(letters, values, strict=False):
        if isinstance(value, str):
            found.append(f'<c r="{letter}{row}" t="inlineStr"><is><t>{value}</t></is>')
        else:
            found.append(f'<c r="{letter}{row}"><v>{value}</v>')
    return f'<row r="{row}">{"</c>".join(found)}</c></row>'


def workbook(rows=None, strings=None, styles="", sheets=1, more=(), sheet=None):
    """A workbook whose sheets have the heading and then ``rows`` (source)."""
    source = sheet or f"<sheetData>{cells(1, HEAD)}{rows or ''}</sheetData>"
    listed = "".join(
        f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, sheets + 1)
    )
    links = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/worksheet" '
        f'Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, sheets + 1)
    )
    types = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="application/'
        'vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
        for n in range(1, sheets + 1)
    )
    spread = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    for name in ("sharedStrings", "styles"):
        links += (
            f'<Relationship Id="{name}" Type="{OFFICE}/{name}" Target="{name}.xml"/>'
        )
        types += (
            f'<Override PartName="/xl/{name}.xml" ContentType="{spread}.{name}+xml"/>'
        )
    parts = [
        (
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{spread}.sheet.main'
            f'+xml"/>{types}</Types>',
        ),
        (
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
            f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
            "</Relationships>",
        ),
        (
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets>'
            "</workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>',
        ),
        ("xl/sharedStrings.xml", strings or f'<sst xmlns="{MAIN}"></sst>'),
        ("xl/styles.xml", styles or f'<styleSheet xmlns="{MAIN}"></styleSheet>'),
    ]
    for n in range(1, sheets + 1):
        name = f"xl/worksheets/sheet{n}.xml"
        parts.append((name, f'<worksheet xmlns="{MAIN}">{source}</worksheet>'))
    return "list.xlsx", zipped([*parts, *more, FILLER])


def rows_of(count, row):
    """So many rows, from the second on: ``row(number)``."""
    return "".join(row(number) for number in range(2, count + 2))


# ---- honest -------------------------------------------------------------------------


@case
def honest_pain_10000_returns():
    original = (
        "<OrgnlTxRef>\n <Amt>" + AMOUNT + "</Amt>\n <ReqdColltnDt>2026-10-31"
        "</ReqdColltnDt>\n <MndtRltdInf><MndtId>MND-{n}</MndtId><DtOfSgntr>2020-01-01"
        "</DtOfSgntr></MndtRltdInf>\n <RmtInf><Ustrd>Fattura FT/2026/{n}</Ustrd>"
        "</RmtInf>\n <Dbtr><Nm>Customer {n} Srl</Nm><Id><OrgId><Othr><Id>0123{n:07}"
        "</Id></Othr></OrgId></Id></Dbtr>\n <DbtrAcct><Id><IBAN>IT60X05428111010{n:011}"
        "</IBAN></Id></DbtrAcct>\n <DbtrAgt><FinInstnId><BIC>ABCDITMM</BIC>"
        "</FinInstnId>"
        "</DbtrAgt>\n <CdtrAcct><Id><IBAN>IT99X0542811101000000123456</IBAN></Id>"
        "</CdtrAcct>\n</OrgnlTxRef>\n"
    )
    piece = (
        "<TxInfAndSts>\n <StsId>S{n}</StsId>\n <OrgnlInstrId>I{n}</OrgnlInstrId>\n "
        "<OrgnlEndToEndId>FT-{n}</OrgnlEndToEndId>\n <TxSts>RJCT</TxSts>\n "
        "<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>\n "
        '<ChrgsInf><Amt Ccy="EUR">0.50</Amt></ChrgsInf>\n' + original + "</TxInfAndSts>"
    )
    return pain("\n".join(piece.format(n=n) for n in range(10_000)))


def _entry(n, code, amount="12.34"):
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>'
        f"<BookgDt><Dt>2026-11-09</Dt></BookgDt><AcctSvcrRef>R{n}</AcctSvcrRef>"
        f"{UNPAID.format(*code)}<NtryDtls><TxDtls><Refs><EndToEndId>E{n}</EndToEndId>"
        f"</Refs></TxDtls></NtryDtls></Ntry>"
    )


@case
def honest_camt_50000_entries():
    other, back = ("ICDT", "ESCT"), ("IDDT", "UPDD")
    body = (_entry(n, other if n % 500 else back) for n in range(50_000))
    return camt("".join(body), version="053.001.02")


@case
def honest_camt_10000_in_one_entry():
    piece = (
        "<TxDtls>\n<Refs><EndToEndId>FT-{n}</EndToEndId><TxId>T{n}</TxId><MndtId>M{n}"
        '</MndtId></Refs>\n<Amt Ccy="EUR">12.34</Amt>\n<AmtDtls><InstdAmt><Amt '
        'Ccy="EUR">12.34</Amt></InstdAmt></AmtDtls>\n<Chrgs><Rcrd><Amt Ccy="EUR">0.50'
        "</Amt></Rcrd></Chrgs>\n<RltdPties><Dbtr><Pty><Nm>Customer {n}</Nm></Pty>"
        "</Dbtr>"
        "<DbtrAcct><Id><IBAN>IT60X05428111010{n:011}</IBAN></Id></DbtrAcct><Cdtr><Pty>"
        "<Nm>We Srl</Nm></Pty></Cdtr></RltdPties>\n<RltdAgts><DbtrAgt><FinInstnId>"
        "<BICFI>ABCDITMM</BICFI></FinInstnId></DbtrAgt></RltdAgts>\n<RmtInf><Ustrd>"
        "Fattura {n}</Ustrd></RmtInf>\n<RtrInf><OrgnlBkTxCd>"
        + UNPAID.format("IDDT", "ESDD")[8:-9]
        + "</OrgnlBkTxCd><Rsn><Cd>AM04</Cd></Rsn></RtrInf>\n</TxDtls>"
    )
    details = "".join(piece.format(n=n) for n in range(10_000))
    return camt(
        '<Ntry><Amt Ccy="EUR">123400.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK'
        "</Cd></Sts><BookgDt><Dt>2026-11-09</Dt></BookgDt>"
        f"{UNPAID.format('IDDT', 'UPDD')}<NtryDtls>"
        "<Btch><NbOfTxs>10000</NbOfTxs></Btch>"
        f"{details}</NtryDtls></Ntry>",
        version="054.001.08",
        part="Ntfctn",
    )


@case
def honest_workbook_20000_rows():
    def row(n):
        values = [f"FT-{n}", n + 0.25, "05/11/2026", "AM04", f"Customer {n}"]
        return cells(n, [*values, f"01234{n:06}", "note", "x", 3, 4, 5, 6])

    head = [*HEAD, "VAT", "Note", *"ABCDE"]
    return workbook(
        sheet=f"<sheetData>{cells(1, head)}{rows_of(19_900, row)}</sheetData>"
    )


@case
def honest_csv_20000_rows():
    rows = (
        f"FT-{n};{n},25;05/11/2026;AM04;Customer {n} Srl;0,50;Fattura numero {n}\n"
        for n in range(19_900)
    )
    return "list.csv", (
        ";".join([*HEAD, "Fee", "Note"]) + "\n" + "".join(rows)
    ).encode()


@case
def honest_zip_of_200_files():
    files = []
    for number in range(200):
        _name, data = pain(
            "".join(
                f"<TxInfAndSts><OrgnlEndToEndId>E{number}-{n}</OrgnlEndToEndId><TxSts>"
                "RJCT</TxSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf><OrgnlTxRef>"
                f"<Amt>{AMOUNT}</Amt></OrgnlTxRef></TxInfAndSts>"
                for n in range(50)
            )
        )
        data = data.replace(b"<MsgId>MSG<", f"<MsgId>MSG-{number}<".encode())
        files.append((f"{number}.xml", data))
    return "bank.zip", zipped(files)


@case
def honest_cbi_10000_outcomes():
    receipts = [receipt(number) for number in range(1, 10_001)]
    return "esiti.txt", flow("IB", receipts, count=10_000)


# ---- CBI's fixed width --------------------------------------------------------------


def record(type_, *fields):
    """One record of 120 characters; ``fields`` are pairs of first position and text."""
    text = " " * 120
    for first, value in ((2, type_), *fields):
        text = text[: first - 1] + value + text[first - 1 + len(value) :]
    return text[:120]


def receipt(number):
    """The records of one unpaid receipt of 12.34, each customer's own."""
    ours = ((70, "05034"), (75, "11702"), (80, "000000123456"))
    return [
        record(type_, (4, f"{number:07}"), *fields)
        for type_, fields in {
            "14": ((23, "311026"), (29, "42010"), (34, f"{1234:013}-"), *ours),
            "20": ((11, "NOI SRL"),),
            "30": ((11, f"CUSTOMER {number} SRL"), (71, f"{number:011}")),
            "40": ((11, "VIA ROMA 1"),),
            "50": ((11, f"PER LA FATTURA N. FT/2026/{number}"),),
            "51": ((11, f"{number:010}"), (87, "00350031126ESI1")),
            "70": (),
        }.items()
    ]


def flow(header, items, count=0, end="\r\n"):
    """The bytes of a flow of some items, which are lists of records."""
    body = [each for item in items for each in item]
    names = ((4, "05034"), (9, "A1B2C"), (14, "031126"))
    records = [
        record(header, *names),
        *body,
        record("EF", *names, (46, f"{count:07}"), (83, f"{len(body) + 2:07}")),
    ]
    return end.join(records).encode()


def full(header, records, piece, end="\n"):
    """A flow of ``records`` and then as many of ``piece`` as fit under the limit."""
    head, tail = flow(header, [[]]).decode().split("\r\n")
    tail = tail[:82] + " " * 38
    return fill(piece + end, end.join([head, *records]) + end, tail)


@case
def cbi_of_the_most_receipts():
    return "esiti.txt", full("IB", [], record("14", (29, "42010"), (34, f"{1:013}-")))


@case
def cbi_of_the_most_memos():
    records = receipt(1)
    return "esiti.txt", full("IB", records, record("10", (29, "16000"), (46, "1-")))


@case
def cbi_of_empty_lines():
    return "esiti.txt", full("IB", [], "")


@case
def cbi_of_the_shortest_records():
    return "esiti.txt", full("IB", [], " 14")


@case
def cbi_of_many_flows():
    return "esiti.txt", fill(flow("IB", [], end="\n").decode() + "\n")


@case
def cbi_movement_with_a_text_of_20_MB():
    opening = record("61", (75, "EUR"))
    moved = record("62", (14, "031126031126D000000000001,0037"))
    return "rh.txt", full("RH", [opening, moved], record("63", (14, ":EE1:X:ABC:" * 9)))


@case
def cbi_of_the_most_movements():
    moved = record("62", (14, "031126031126D000000000001,0037"))
    return "rh.txt", full("RH", [record("61", (75, "EUR"))], moved)


# ---- XML ----------------------------------------------------------------------------


@case
def pain_of_the_smallest_transactions():
    return pain(piece="<TxInfAndSts><TxSts>RJCT</TxSts></TxInfAndSts>")


@case
def pain_of_60000_returns():
    piece = (
        "<TxInfAndSts><OrgnlEndToEndId>E</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        "<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf><OrgnlTxRef><Amt>"
        + AMOUNT
        + "</Amt><Dbtr><Nm>A name of a customer</Nm></Dbtr></OrgnlTxRef></TxInfAndSts>"
    )
    return pain(piece * 60_000)


@case
def pain_of_the_most_that_is_read():
    piece = (
        "<TxInfAndSts><OrgnlEndToEndId>E</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        "<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf><OrgnlTxRef><Amt>"
        + AMOUNT
        + "</Amt><RmtInf>"
        + "<Ustrd>x</Ustrd>" * 39
        + "</RmtInf></OrgnlTxRef></TxInfAndSts>"
    )
    return pain(piece * 20_000)


@case
def pain_of_the_most_accepted():
    piece = (
        "<TxInfAndSts><OrgnlEndToEndId>E</OrgnlEndToEndId><TxSts>ACCP</TxSts>"
        "<OrgnlTxRef><Amt>"
        + AMOUNT
        + "</Amt><RmtInf>"
        + "<Ustrd>x</Ustrd>" * 13
        + "</RmtInf></OrgnlTxRef></TxInfAndSts>"
    )
    return pain(piece * 50_000)


@case
def pain_with_long_reasons_inherited():
    text = "<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn>" + "<AddtlInf>{}</AddtlInf>" * 1_900
    text = text.format(*(f"{n:05000}" for n in range(1_900))) + "</StsRsnInf>"
    many = "<TxInfAndSts><OrgnlEndToEndId>E</OrgnlEndToEndId></TxInfAndSts>" * 15_000
    return pain(many, group=f"<GrpSts>RJCT</GrpSts>{text}")


RARE = "\U0001f600"


@case
def pain_of_rare_characters_everywhere():
    group = f"<GrpSts>RJCT</GrpSts><StsRsnInf><AddtlInf>{RARE * 999}</AddtlInf>"
    piece = f"<TxInfAndSts><StsId>{RARE}{'s' * 900}</StsId></TxInfAndSts>"
    name, data = pain(piece * 19_900, group=f"{group}</StsRsnInf>")
    long = RARE * 1_000
    for tag in ("MsgId", "OrgnlMsgId", "OrgnlPmtInfId"):
        source = data.split(f"<{tag}>".encode())[1].split(b"<")[0]
        data = data.replace(
            f"<{tag}>".encode() + source, f"<{tag}>{long}{tag}".encode()
        )
    names = " ".join(f'xmlns:a{n}="{"u" * 150}"' for n in range(50))
    return name, data.replace(
        b"<OrgnlPmtInfAndSts", f"<OrgnlPmtInfAndSts {names}".encode()
    )


@case
def camt_of_rare_characters_everywhere():
    long = RARE * 1_000
    head = '<Ntry><Amt Ccy="EUR">19900</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>'
    head += f"<AcctSvcrRef>{long}</AcctSvcrRef>{UNPAID.format('IDDT', 'UPDD')}"
    head += f"<NtryDtls><Btch><MsgId>{long}</MsgId><PmtInfId>{long}</PmtInfId></Btch>"
    text = f"{RARE}{'x' * 800}"
    piece = f'<TxDtls><Amt Ccy="EUR">1</Amt><RmtInf><Ustrd>{text}</Ustrd></RmtInf>'
    tail = f"</NtryDtls><AddtlNtryInf>{long}</AddtlNtryInf></Ntry>"
    name, data = camt(f"{head}{f'{piece}</TxDtls>' * 19_900}{tail}")
    return name, data.replace(b">MSG<", f">{long}<".encode())


@case
def camt_of_rare_characters_in_credits():
    long = RARE * 1_000
    head = '<Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>'
    head += f"<AcctSvcrRef>{long}</AcctSvcrRef><NtryDtls>"
    refs = f"<Refs><EndToEndId>{RARE}{'x' * 230}</EndToEndId></Refs>"
    tail = f"</NtryDtls><AddtlNtryInf>{long}</AddtlNtryInf></Ntry>"
    name, data = camt(f"{head}{f'<TxDtls>{refs}</TxDtls>' * 59_000}{tail}")
    return name, data.replace(b">MSG<", f">{long}<".encode())


@case
def pain_with_many_reason_codes_inherited():
    codes = "".join(f"<Rsn><Cd>{n:04}</Cd></Rsn>" for n in range(400_000))
    many = "<TxInfAndSts><OrgnlEndToEndId>E</OrgnlEndToEndId></TxInfAndSts>" * 15_000
    return pain(many, group=f"<GrpSts>RJCT</GrpSts><StsRsnInf>{codes}</StsRsnInf>")


@case
def pain_with_many_counts():
    detail = (
        "<NbOfTxsPerSts><DtldNbOfTxs>15000</DtldNbOfTxs><DtldSts>RJCT</DtldSts>"
        "<DtldCtrlSum>185100.00</DtldCtrlSum></NbOfTxsPerSts>"
    )
    piece = (
        f"<TxInfAndSts><TxSts>RJCT</TxSts><OrgnlTxRef><Amt>{AMOUNT}</Amt></OrgnlTxRef>"
        "</TxInfAndSts>"
    )
    return pain(piece * 15_000, group=detail * 100_000)


@case
def pain_with_one_transaction_of_20_MB():
    head = "<TxInfAndSts><TxSts>RJCT</TxSts><OrgnlTxRef><RmtInf>"
    return pain(
        head + "<Ustrd>a b</Ustrd>" * 1_150_000 + "</RmtInf></OrgnlTxRef></TxInfAndSts>"
    )


@case
def pain_with_repeated_elements():
    return pain(f"<TxInfAndSts>{'<TxSts>RJCT</TxSts>' * 1_090_000}</TxInfAndSts>")


@case
def pain_with_a_text_of_9_MB():
    texts = f"<AddtlInf>{' x' * 4_900_000}</AddtlInf>" * 2
    return pain(
        f"<TxInfAndSts><TxSts>RJCT</TxSts><StsRsnInf>{texts}</StsRsnInf></TxInfAndSts>"
    )


@case
def pain_of_many_batches():
    return pain(piece="</OrgnlPmtInfAndSts><OrgnlPmtInfAndSts>")


@case
def pain_of_many_reports():
    report = "<CstmrPmtStsRpt><GrpHdr/></CstmrPmtStsRpt>"
    return "pain.xml", fill(report, *document("pain.002.001.03", ""))


@case
def xml_of_many_documents():
    head, tail = document("pain.002.001.03", "CstmrPmtStsRpt")
    return "pain.xml", fill(head + tail)


@case
def xml_of_empty_elements():
    return "pain.xml", fill("<a/>", *document("pain.002.001.03", "CstmrPmtStsRpt"))


@case
def xml_of_few_enough_elements():
    piece = "<a/>" * 240_000
    head, tail = document("pain.002.001.03", "CstmrPmtStsRpt")
    return "pain.xml", f"{head}{piece}{tail}".encode()


@case
def pain_of_large_transactions():
    piece = f"<TxInfAndSts><TxSts>RJCT</TxSts>{'<a/>' * 100_000}</TxInfAndSts>"
    return pain(piece=piece)


@case
def pain_of_large_transactions_in_known_names():
    piece = "<StsRsnInf><Rsn><Cd>A</Cd></Rsn></StsRsnInf>" * 30_000
    return pain(piece=f"<TxInfAndSts><TxSts>RJCT</TxSts>{piece}</TxInfAndSts>")


@case
def pain_of_transactions_with_repeated_elements():
    parts = "<Dbtr><Nm>x</Nm></Dbtr>" * 30_000
    piece = f"<TxInfAndSts><OrgnlTxRef>{parts}</OrgnlTxRef></TxInfAndSts>"
    return pain(piece=piece)


@case
def xml_of_elements_and_texts():
    piece = "<a/>x<b/>yz"
    return "pain.xml", fill(piece, *document("pain.002.001.03", "CstmrPmtStsRpt"))


@case
def xml_of_attributes():
    names = " ".join(f'a{n}=""' for n in range(50))
    piece = f"<a {names}/>"
    return "pain.xml", fill(piece, *document("pain.002.001.03", "CstmrPmtStsRpt"))


@case
def xml_of_one_tag_with_many_attributes():
    names = " ".join(f'a{n}=""' for n in range(1_500_000))
    head, tail = document("pain.002.001.03", "CstmrPmtStsRpt")
    return "pain.xml", f"{head}<a {names}/>{tail}".encode()[:LIMIT]


@case
def xml_of_namespaces():
    names = " ".join(f'xmlns:a{n}="u"' for n in range(500_000))
    transaction = "<TxInfAndSts><TxSts>RJCT</TxSts></TxInfAndSts>" * 10_000
    name, data = pain(transaction)
    return name, data.replace(
        b"<OrgnlPmtInfAndSts", f"<OrgnlPmtInfAndSts {names}".encode()
    )


@case
def xml_of_49_namespaces_inherited():
    names = " ".join(f'xmlns:a{n}="{"u" * 150}"' for n in range(40))
    transaction = "<TxInfAndSts><TxSts>RJCT</TxSts></TxInfAndSts>" * 20_000
    name, data = pain(transaction)
    return name, data.replace(
        b"<OrgnlPmtInfAndSts", f"<OrgnlPmtInfAndSts {names}".encode()
    )


@case
def xml_of_nested_elements():
    piece = "<a>" * 200 + "</a>" * 200
    return "pain.xml", fill(piece, *document("pain.002.001.03", "CstmrPmtStsRpt"))


@case
def xml_of_comments():
    piece = "<!---->"
    return "pain.xml", fill(piece, *document("pain.002.001.03", "CstmrPmtStsRpt"))


@case
def xml_of_declarations():
    return "pain.xml", fill("<?xml ", *document("pain.002.001.03", "CstmrPmtStsRpt"))


@case
def xml_of_references():
    return "pain.xml", fill("&#65;", *document("pain.002.001.03", "CstmrPmtStsRpt"))


@case
def xml_in_utf_16_with_rare_characters():
    head, tail = document("pain.002.001.03", "CstmrPmtStsRpt")
    return "pain.xml", (head + "<a>\U0001f600</a>" * 550_000 + tail).encode("utf-16")


@case
def xml_with_a_late_doctype():
    head, tail = document("pain.002.001.03", "CstmrPmtStsRpt")
    comment = f"<!--{' ' * 19_000_000}-->"
    return "pain.xml", f"{comment}<!DOCTYPE Document>{head}{tail}".encode()


@case
def camt_of_the_smallest_entries():
    return camt(piece='<Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>CRDT</CdtDbtInd></Ntry>')


@case
def camt_of_the_most_credits():
    piece = _entry(1, ("IDDT", "UPDD")).replace("DBIT", "CRDT")
    return camt(piece * 50_000)


@case
def camt_of_details_in_one_entry():
    head = '<Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>'
    head += UNPAID.format("IDDT", "UPDD") + "<NtryDtls>"
    return camt(head + "<TxDtls/>" * 2_000_000 + "</NtryDtls></Ntry>")


@case
def camt_of_long_details_in_one_entry():
    head = '<Ntry><Amt Ccy="EUR">20000</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>'
    head += UNPAID.format("IDDT", "UPDD") + "<NtryDtls>"
    piece = '<TxDtls><Amt Ccy="EUR">1</Amt><RmtInf>' + "<Ustrd>x</Ustrd>" * 46
    piece += "</RmtInf></TxDtls>"
    tail = f"</NtryDtls><AddtlNtryInf>{'y' * 990}</AddtlNtryInf></Ntry>"
    return camt(head + piece * 20_000 + tail)


@case
def camt_with_one_detail_of_20_MB():
    head = '<Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>'
    head += UNPAID.format("IDDT", "UPDD") + "<NtryDtls><TxDtls><RmtInf>"
    tail = "</RmtInf></TxDtls></NtryDtls></Ntry>"
    return camt(head + "<Ustrd>x</Ustrd>" * 1_290_000 + tail)


@case
def camt_of_charges():
    head = '<Ntry><Amt Ccy="EUR">1</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>'
    head += UNPAID.format("IDDT", "UPDD") + "<Chrgs>"
    rows = "".join(
        f'<Rcrd><Amt Ccy="{chr(65 + n % 26)}{chr(65 + n // 26 % 26)}X">1</Amt></Rcrd>'
        for n in range(480_000)
    )
    return camt(f"{head}{rows}</Chrgs></Ntry>")


@case
def camt_of_many_statements():
    piece = "</Stmt><Stmt><Id>S</Id><Acct><Id><IBAN>IT60X</IBAN></Id></Acct>"
    return camt(piece=piece)


@case
def camt_of_balances():
    return camt(piece='<Bal><Amt Ccy="EUR">1</Amt><Tp><Cd>X</Cd></Tp></Bal>')


# ---- workbooks ----------------------------------------------------------------------


def _strings(*texts):
    listed = "".join(f"<si><t>{text}</t></si>" for text in texts)
    return f'<sst xmlns="{MAIN}">{listed}</sst>'


def _shared(n, width=5):
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[:width]
    return (
        f'<row r="{n}">'
        + "".join(f'<c r="{letter}{n}" t="s"><v>0</v></c>' for letter in letters)
        + "</row>"
    )


@case
def workbook_of_one_long_shared_string():
    return workbook(rows_of(2_000, _shared), _strings("x " * 16_000))


@case
def workbook_of_one_huge_shared_string():
    return workbook(rows_of(19_000, _shared), _strings("x " * 2_000_000))


@case
def workbook_of_shared_strings_at_the_limit():
    return workbook(rows_of(19_000, _shared), _strings("x" * 1_000))


@case
def workbook_of_marks_that_grow():
    return workbook(rows_of(15_000, _shared), _strings("\ufdfa" * 1_000))


@case
def workbook_of_many_shared_strings():
    return workbook(rows_of(10, _shared), _strings(*["x"] * 3_500_000))


@case
def workbook_of_rich_text_runs():
    runs = "<r><rPr><b/></rPr><t>x</t></r>" * 1_000_000
    strings = f'<sst xmlns="{MAIN}"><si>{runs}</si></sst>'
    return workbook(rows_of(1_000, _shared), strings)


@case
def workbook_of_empty_cells():
    row = "<c/>" * 840
    return workbook(f"<row>{row}</row>" * 19_000)


@case
def workbook_of_empty_rows():
    return workbook("<row/>" * 10_000_000)


@case
def workbook_of_one_wide_row():
    return workbook(f'<row r="2">{"<c><v>1</v></c>" * 4_000_000}</row>')


@case
def workbook_of_the_most_cells():
    row = "<c><v>1</v></c>" * 26
    head = [*HEAD, *(["Note"] * 21)]
    source = f"<sheetData>{cells(1, head)}{f'<row>{row}</row>' * 19_000}</sheetData>"
    return workbook(sheet=source)


@case
def workbook_of_far_cells():
    def row(n):
        return f'<row r="{n}"><c r="XFD{n}"><v>1</v></c></row>'

    return workbook(rows_of(15_000, row) + row(1048576))


@case
def workbook_with_a_huge_dimension():
    data = f"{cells(1, HEAD)}{cells(2, ['A', 1])}{cells(1048576, ['B', 2])}"
    sheet = f'<dimension ref="A1:XFD1048576"/><sheetData>{data}</sheetData>'
    return workbook(sheet=sheet)


@case
def workbook_of_merged_cells():
    merged = '<mergeCell ref="A1:XFD1048576"/>' * 1_000_000
    data = f"{cells(1, HEAD)}{cells(2, ['A', 1])}"
    sheet = f"<sheetData>{data}</sheetData><mergeCells>{merged}</mergeCells>"
    return workbook(sheet=sheet)


@case
def workbook_of_styles():
    style = '<xf numFmtId="14" fontId="0" fillId="0" borderId="0"/>'
    fonts = '<font><b/><sz val="11"/></font>' * 300_000
    styles = (
        f'<styleSheet xmlns="{MAIN}"><fonts>{fonts}</fonts>'
        f"<cellXfs>{style * 500_000}</cellXfs></styleSheet>"
    )
    return workbook(cells(2, ["A", 1]), styles=styles)


@case
def workbook_of_formats():
    formats = "".join(
        f'<numFmt numFmtId="{n}" formatCode="{"[" * 100}{"d" * 100}"/>'
        for n in range(164, 200_000)
    )
    styles = f'<styleSheet xmlns="{MAIN}"><numFmts>{formats}</numFmts></styleSheet>'
    return workbook(cells(2, ["A", 1]), styles=styles)


@case
def workbook_of_sheets():
    return workbook(cells(2, ["A", 1]), sheets=150)


@case
def workbook_of_sheets_that_share_a_part():
    name, data = workbook(rows_of(5_000, lambda n: cells(n, ["A", 1])), sheets=1)
    listed = "".join(
        f'<sheet name="S{n}" sheetId="{n}" r:id="r1"/>' for n in range(20_000)
    )
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist()]
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets>'
    parts = [
        (part, f"{book}</workbook>" if part == "xl/workbook.xml" else content)
        for part, content in parts
    ]
    return name, zipped(parts)


@case
def workbook_of_comments_and_links():
    text = "<comment ref='A1'><text><t>x</t></text></comment>" * 400_000
    link = "<externalLink><externalBook>" + "<x/>" * 2_000_000
    link += "</externalBook></externalLink>"
    more = [("xl/comments1.xml", f"<comments>{text}</comments>")]
    return workbook(
        cells(2, ["A", 1]), more=[*more, ("xl/externalLinks/externalLink1.xml", link)]
    )


@case
def workbook_of_formulas():
    formula = f"<c><f>{'+'.join(['1'] * 100)}</f></c>"
    text = '<c t="inlineStr"><is><t>A</t></is></c>'
    return workbook(f"<row>{text}{formula}</row>" * 19_000)


@case
def workbook_with_a_late_doctype():
    comment = f"<!--{' ' * 5_000_000}-->"
    return workbook(sheet=f"{comment}<!DOCTYPE a><sheetData/>")


@case
def workbook_of_64_MB_of_blanks():
    return workbook(sheet=f"<sheetData>{' ' * 60_000_000}</sheetData>")


@case
def workbook_of_bad_rows():
    return workbook(rows_of(19_000, lambda n: cells(n, ["A", "x" * 50])))


@case
def workbook_of_notes():
    head = ["Reference", "Amount", *["Note"] * 24]
    row = (
        "<row><c><v>1</v></c><c><v>2</v></c>" + '<c t="s"><v>0</v></c>' * 24 + "</row>"
    )
    source = f"<sheetData>{cells(1, head)}{row * 19_000}</sheetData>"
    return workbook(strings=_strings("y" * 20), sheet=source)


# ---- lists --------------------------------------------------------------------------

TITLE = ";".join(HEAD) + "\n"


@case
def csv_of_one_line():
    return "list.csv", fill("x", TITLE)


@case
def csv_of_one_line_of_columns():
    return "list.csv", fill(";", TITLE)


@case
def csv_of_quoted_lines_of_columns():
    return "list.csv", fill(";" * 15_000 + '"\n"', TITLE + '"', '"')


@case
def csv_of_a_long_field():
    return "list.csv", fill("x y ", TITLE + "A;1,50;;;", "\n")


@case
def csv_of_quotes():
    return "list.csv", fill('"', TITLE)


@case
def csv_of_blank_lines():
    return "list.csv", fill("\n", TITLE)


@case
def csv_of_blank_cells():
    return "list.csv", fill(";;;;\n", TITLE)


@case
def csv_of_null_bytes():
    return "list.csv", fill("\x00", TITLE)


@case
def csv_of_rare_characters():
    return "list.csv", fill("A;1,50;;;\U0001f600\n", TITLE)


@case
def csv_of_long_rows():
    row = f"A;1,50;05/11/2026;AM04;{'c' * 900}\n"
    return "list.csv", (TITLE + row * 19_900).encode()


@case
def csv_of_long_rows_of_rare_characters():
    row = f"A;1,50;05/11/2026;AM04;{chr(0x1F600) * 250}\n"
    return "list.csv", (TITLE + row * 19_000).encode()


@case
def csv_of_rare_characters_everywhere():
    head = ["Reference", "Amount", *(f"Note {RARE * 40}" for _ in range(23))]
    row = ["A", "1,50", *([f"{RARE}{'x' * 17}"] * 23)]
    lines = [";".join(head), *[";".join(row)] * 19_900]
    return "list.csv", "\n".join(lines).encode()


@case
def workbook_of_rare_characters_everywhere():
    head = ["Reference", "Amount", *(f"Note {RARE * 40}" for _ in range(23))]
    row = (
        "<row><c><v>1</v></c><c><v>2</v></c>" + '<c t="s"><v>0</v></c>' * 23 + "</row>"
    )
    source = f"<sheetData>{cells(1, head)}{row * 19_900}</sheetData>"
    return workbook(strings=_strings(RARE * 19), sheet=source)


@case
def csv_of_outcomes_that_grow():
    head = "Reference;Amount;Status\n"
    grows = "\ufdfa"
    row = f"{grows * 30};1,50;unpaid {grows * 290}\n"
    return "list.csv", (head + row * 19_900).encode()


@case
def csv_of_bad_rows():
    return "list.csv", fill("A;abc;;;\n", TITLE, limit=170_000)


@case
def csv_of_the_most_cells():
    head = TITLE.strip() + ";Note" * 195 + "\n"
    return "list.csv", fill("A;1,50;;;" + ";x" * 195 + "\n", head)


@case
def csv_of_signs():
    return "list.csv", fill("A;" + "-" * 60 + "1;;;\n", TITLE, limit=1_200_000)


@case
def text_of_one_word():
    return "list.txt", fill("riferimento ")


# ---- archives -----------------------------------------------------------------------


@case
def zip_of_slow_members():
    piece = "<TxInfAndSts><OrgnlEndToEndId>E</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
    piece += f"<OrgnlTxRef><Amt>{AMOUNT}</Amt></OrgnlTxRef></TxInfAndSts>"
    files = []
    for number in range(190):
        _name, data = pain(piece * 1_900)
        files.append((f"{number}.xml", data.replace(b">MSG<", b">M%d<" % number)))
    return "bank.zip", zipped([*files, FILLER])


@case
def zip_of_members_without_returns():
    _name, data = camt(_entry(1, ("ICDT", "ESCT")) * 40_000)
    return "bank.zip", zipped([*((f"{n}.xml", data) for n in range(3)), FILLER])


@case
def zip_of_members_of_tags():
    head, tail = document("pain.002.001.03", "CstmrPmtStsRpt")
    data = fill("<a/>", head, tail, limit=1_000_000)
    return "bank.zip", zipped([*((f"{n}.xml", data) for n in range(60)), FILLER])


@case
def zip_of_large_transactions():
    unit = f"<TxInfAndSts><TxSts>RJCT</TxSts>{'<a/>' * 100_000}</TxInfAndSts>"
    _name, data = pain(unit * 40)
    return "bank.zip", zipped([*((f"{n}.xml", data) for n in range(3)), FILLER])


@case
def zip_of_lists():
    _name, data = honest_csv_20000_rows()
    return "bank.zip", zipped([*((f"{n}.csv", data) for n in range(40)), FILLER])


@case
def zip_of_workbooks():
    _name, data = workbook(rows_of(4_000, lambda n: cells(n, ["A", n])))
    return "bank.zip", zipped([(f"{n}.xlsx", data) for n in range(60)])


@case
def zip_of_workbook_bombs():
    _name, data = workbook(rows_of(2, _shared), _strings(*["x"] * 3_000_000))
    return "bank.zip", zipped([(f"{n}.xlsx", data) for n in range(45)])


@case
def zip_of_450000_directories():
    # 46 bytes each: no name, no content.
    entry = bytearray(b"PK\x01\x02" + bytes(42))
    struct.pack_into("<H", entry, 28, 2)
    directory = (bytes(entry) + b"a/") * 420_000
    end = struct.pack(
        "<4s4H2IH", b"PK\x05\x06", 0, 0, 65535, 65535, len(directory), 4, 0
    )
    return "bank.zip", b"PK\x03\x04" + directory + end


@case
def zip_bomb():
    blanks = b" " * 19_000_000
    return "bank.zip", zipped([(f"{n}.xml", blanks) for n in range(150)])


@case
def zip_packed_with_lzma():
    data = pain("<TxInfAndSts><TxSts>RJCT</TxSts></TxInfAndSts>")[1]
    return "bank.zip", zipped([("a.xml", data)], zipfile.ZIP_LZMA)
