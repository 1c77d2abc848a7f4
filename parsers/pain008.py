"""What was sent to the bank: the collections of a file of direct debits.

ISO 20022's pain.008 and the national ones made of it, told by their elements: they are
files of our own side, of whatever version.
"""

from dataclasses import dataclass
from datetime import date

from lxml import etree

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
# Said where nothing else is (ISO 20022).
_NOTHING = "NOTPROVIDED"


@dataclass(frozen=True, slots=True)
class Collection:
    """How a file calls a collection, its batch, itself, and the debtor's mandate.

    ``due`` is the day on which the bank is asked to collect it, if it is told.
    """

    end_to_end_id: str
    batch_id: str
    message_id: str
    mandate: str
    due: date | None = None


def read(data):
    """The `Collection` tuple of a file; empty for anything that is none."""
    try:
        root = etree.fromstring(data or b"", _PARSER)
    except (etree.XMLSyntaxError, ValueError):
        return ()
    message_id = next((_text(header, "MsgId") for header in root.iter("{*}GrpHdr")), "")
    return tuple(
        Collection(
            _text(item, "PmtId/EndToEndId"),
            _text(batch, "PmtInfId"),
            message_id,
            _text(item, "DrctDbtTx/MndtRltdInf/MndtId"),
            _day(batch, "ReqdColltnDt"),
        )
        for batch in root.iter("{*}PmtInf")
        for item in batch.iterfind("{*}DrctDbtTxInf")
    )


def _text(element, path):
    found = element.findtext("/".join(f"{{*}}{name}" for name in path.split("/")))
    text = (found or "").strip()
    return "" if text == _NOTHING else text


def _day(element, path):
    try:
        return date.fromisoformat(_text(element, path)[:10])
    except ValueError:
        return None
