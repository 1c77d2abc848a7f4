"""What a bank answers to a file of direct debits, written from that very file."""

from lxml import etree

ISO = "urn:iso:std:iso:20022:tech:xsd"


def reject(data, names, code="AC04"):
    """The pain.002 that rejects some collections.

    :param data: the pain.008
    :param names: end-to-end ids
    """
    file = _File(data)
    told = "".join(
        f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>{item.batch}</OrgnlPmtInfId><TxInfAndSts>"
        f"<OrgnlInstrId>{item.text('PmtId/InstrId')}</OrgnlInstrId>"
        f"<OrgnlEndToEndId>{item.name}</OrgnlEndToEndId><TxSts>RJCT</TxSts>"
        f"<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>"
        f"</TxInfAndSts></OrgnlPmtInfAndSts>"
        for item in file.items
        if item.name in names
    )
    return _get_report(file, "<GrpSts>PART</GrpSts>", told)


def reject_file(data, code="AM05"):
    """The pain.002 that rejects all of it, and names no collection."""
    status = f"<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>"
    return _get_report(_File(data), status, "")


def notify(data, names, day, code="AM04"):
    """The camt.054 by which the bank takes some collections back."""
    file = _File(data)
    entries = "".join(
        f"<Ntry>{item.money}<CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt>"
        f"<AcctSvcrRef>REF-{item.name}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly>"
        "<Cd>IDDT</Cd><SubFmlyCd>UPDD</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls>"
        f"<TxDtls><Refs><EndToEndId>{item.name}</EndToEndId></Refs>{item.money}"
        "<CdtDbtInd>DBIT</CdtDbtInd><RltdPties>"
        f"<Dbtr><Pty><Nm>{item.text('Dbtr/Nm')}</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>"
        f"{item.text('DbtrAcct/Id/IBAN')}</IBAN></Id></DbtrAcct></RltdPties>"
        f"<RtrInf><Rsn><Cd>{code}</Cd></Rsn></RtrInf></TxDtls></NtryDtls></Ntry>"
        for item in file.items
        if item.name in names
    )
    return (
        f'<Document xmlns="{ISO}:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><GrpHdr>'
        f"<MsgId>N-{file.name}</MsgId><CreDtTm>{day}T09:00:00</CreDtTm></GrpHdr>"
        f"<Ntfctn><Id>N-{file.name}</Id><CreDtTm>{day}T09:00:00</CreDtTm>"
        f"<Acct><Id><IBAN>{file.account}</IBAN></Id><Ccy>EUR</Ccy></Acct>{entries}"
        "</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def _get_report(file, status, told):
    day = file.text("GrpHdr/CreDtTm")[:10]
    return (
        f'<Document xmlns="{ISO}:pain.002.001.03"><CstmrPmtStsRpt><GrpHdr>'
        f"<MsgId>S-{file.name}</MsgId><CreDtTm>{day}T10:00:00</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{file.name}</OrgnlMsgId>"
        f"<OrgnlMsgNmId>{file.version}</OrgnlMsgNmId>{status}</OrgnlGrpInfAndSts>"
        f"{told}</CstmrPmtStsRpt></Document>"
    ).encode()


class _Element:
    def __init__(self, element):
        self.element = element

    def text(self, path):
        """The text at a path of local names."""
        steps = "/".join(f"{{*}}{name}" for name in path.split("/"))
        return self.element.findtext(steps, "")


class _File(_Element):
    """A pain.008, and its ``items``."""

    def __init__(self, data):
        root = etree.fromstring(data)
        super().__init__(root[0])
        self.version = etree.QName(root).namespace.rpartition(":")[2]
        self.name = self.text("GrpHdr/MsgId")
        self.account = self.text("PmtInf/CdtrAcct/Id/IBAN")
        self.items = [_Item(item) for item in root.iter("{*}DrctDbtTxInf")]


class _Item(_Element):
    def __init__(self, element):
        super().__init__(element)
        self.name = self.text("PmtId/EndToEndId")
        self.batch = _Element(element.getparent()).text("PmtInfId")
        amount = element.find("{*}InstdAmt")
        self.money = f'<Amt Ccy="{amount.get("Ccy")}">{amount.text}</Amt>'
