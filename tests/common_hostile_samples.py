"""The samples that are mutated: the files of `files`, and some in their shape."""

from functools import lru_cache

from .common_hostile import FILES, Sample
from .common_hostile_packed import zip_files

# Those whose bank declares what the records add up to.
TOTALS = ("camt.053.001.08", "cbi-status-report", "insoluti", "riba_esiti", "rh_")
KINDS = {".xml": "xml", ".txt": "cbi", ".csv": "csv"}
HEADINGS = ("N° Effetto", "Debitore", "Importo", "Scadenza", "Motivo", "Esito")
ROWS = (
    ("FT-1", "Rossi Srl", "1250.40", "31/10/2026", "AM04", "Insoluto"),
    ("FT-2", "Bianchi & C. Snc", "80.00", "31/10/2026", "MD06", "Insoluto"),
    ("FT-3", "Verdi Anna", "15.49", "30/09/2026", "", "Pagato"),
    ("FT-4", "Neri Ugo", "1000.00", "30/09/2026", "AC04", "Richiamato"),
)
WORKBOOK = {
    "xl/workbook.xml": (
        '<workbook xmlns="{main}" xmlns:r="{office}">'
        '<sheets><sheet name="A" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="{package}"><Relationship Id="r1" Type="x/worksheet" '
        'Target="worksheets/1.xml"/></Relationships>'
    ),
}
OPEN = "http://schemas.openxmlformats.org"
MAIN = f"{OPEN}/spreadsheetml/2006/main"
SPACES = {
    "main": MAIN,
    "office": f"{OPEN}/officeDocument/2006/relationships",
    "package": f"{OPEN}/package/2006/relationships",
}
ISO = "urn:iso:std:iso:20022:tech:xsd:"


@lru_cache
def get_samples():
    """Every `Sample`; each is read once."""
    files = sorted(path for path in FILES.rglob("*.*") if path.suffix in KINDS)
    return (*map(read_sample, files), *make_lists(), make_status(), make_batch())


def read_sample(path):
    """A file of the bank."""
    totals = path.name.startswith(TOTALS)
    return Sample(path.name, path.read_bytes(), KINDS[path.suffix], totals)


def make_lists():
    """What a portal exports, with and without totals, as text and as a workbook."""
    total = "Totale", "", "2345.89", "", "", ""
    lines = [";".join(row) for row in (HEADINGS, *map(write_italian, ROWS))]
    yield Sample("lista.csv", "\n".join([*lines, ""]).encode(), "csv")
    quoted = [row[:1] + [f'"{cell}"' for cell in row[1:]] for row in map(list, ROWS)]
    lines = [",".join(row) for row in (HEADINGS, *quoted)]
    yield Sample("list.csv", "\r\n".join([*lines, ""]).encode(), "csv")
    for name, rows in (("lista.xlsx", ROWS), ("totale.xlsx", (*ROWS, total))):
        cells = "".join(f"<row>{''.join(map(write_cell, row))}</row>" for row in rows)
        head = "".join(map(write_cell, HEADINGS))
        data = f'<row r="1">{head}</row>{cells}'
        data = f'<x xmlns="{MAIN}"><sheetData>{data}</sheetData></x>'
        yield Sample(name, data.encode(), "sheet", name == "totale.xlsx", pack_sheet)


def write_italian(row):
    """A row with its amount as Italians write it."""
    return (*row[:2], f"{float(row[2]):.2f}".replace(".", ","), *row[3:])


def write_cell(text):
    """The source of a cell: a number, a text, or a blank one."""
    if not text:
        return "<c></c>"
    if text.replace(".", "").isdigit():
        return f"<c><v>{text}</v></c>"
    text = text.replace("&", "&amp;")
    return f'<c t="inlineStr"><is><t>{text}</t></is></c>'


def pack_sheet(sheet):
    """The workbook of one sheet."""
    parts = [(name, text.format(**SPACES)) for name, text in WORKBOOK.items()]
    return zip_files(*parts, ("xl/worksheets/1.xml", sheet))


def make_status():
    """A report on a dozen collections, five of them rejected, with its totals."""
    rows = "".join(map(write_status, range(1, 13)))
    total = sum(100 + number for number in range(1, 6))
    text = (
        f'<Document xmlns="{ISO}pain.002.001.03"><CstmrPmtStsRpt><GrpHdr>'
        "<MsgId>MSG-1</MsgId><CreDtTm>2026-11-02T09:00:01</CreDtTm></GrpHdr>"
        "<OrgnlGrpInfAndSts><OrgnlMsgId>FILE-1</OrgnlMsgId>"
        "<OrgnlMsgNmId>pain.008.001.02</OrgnlMsgNmId><GrpSts>PART</GrpSts>"
        "<NbOfTxsPerSts><DtldNbOfTxs>5</DtldNbOfTxs><DtldSts>RJCT</DtldSts>"
        f"<DtldCtrlSum>{total}</DtldCtrlSum></NbOfTxsPerSts></OrgnlGrpInfAndSts>"
        "<OrgnlPmtInfAndSts><OrgnlPmtInfId>PMT-1</OrgnlPmtInfId>"
        f"{rows}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )
    return Sample("status.xml", text.encode(), "xml")


def write_status(number):
    """What a report says of one collection."""
    status = "RJCT" if number <= 5 else "ACSC"
    return (
        f"<TxInfAndSts><StsId>S{number}</StsId>"
        f"<OrgnlEndToEndId>E2E-{number}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        "<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf><OrgnlTxRef>"
        f'<Amt><InstdAmt Ccy="EUR">{100 + number}.00</InstdAmt></Amt>'
        f"<Dbtr><Nm>Debtor {number}</Nm></Dbtr></OrgnlTxRef></TxInfAndSts>"
    )


def make_batch():
    """A notification of entries with several transactions each, and of charges."""
    entries = "".join(map(write_entry, range(1, 5)))
    text = (
        f'<Document xmlns="{ISO}camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr>'
        "<MsgId>MSG-2</MsgId><CreDtTm>2026-11-11T09:00:01</CreDtTm></GrpHdr><Ntfctn>"
        "<Id>N-1</Id><Acct><Id><IBAN>IT60X0542811101000000123456</IBAN></Id>"
        "<Ccy>EUR</Ccy></Acct><TxsSummry><TtlNtries><NbOfNtries>4</NbOfNtries>"
        "<Sum>1224.00</Sum></TtlNtries></TxsSummry>"
        f"{entries}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    )
    return Sample("batch.xml", text.encode(), "xml", True)


def write_entry(number):
    """An entry of three returns, which the bank charges two euros each."""
    details = "".join(
        f"<TxDtls><Refs><EndToEndId>E2E-{number}-{part}</EndToEndId></Refs>"
        '<Amt Ccy="EUR">100.00</Amt><Chrgs><Rcrd><Amt Ccy="EUR">2.00</Amt></Rcrd>'
        "</Chrgs><RltdPties><Dbtr><Pty><Nm>Debtor</Nm></Pty></Dbtr></RltdPties>"
        "<RtrInf><Rsn><Cd>AM04</Cd></Rsn></RtrInf></TxDtls>"
        for part in range(1, 4)
    )
    return (
        '<Ntry><Amt Ccy="EUR">306.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd>'
        "</Sts><BookgDt><Dt>2026-11-09</Dt></BookgDt><BkTxCd><Domn><Cd>PMNT</Cd><Fmly>"
        "<Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls>"
        f"<Btch><NbOfTxs>3</NbOfTxs></Btch>{details}</NtryDtls></Ntry>"
    )
