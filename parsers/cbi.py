"""CBI's fixed-width files: each logical flow goes to who reads its kind."""

from . import cbi_outcome, cbi_statement
from .base import ParseError, read_by
from .cbi_layout import HEADER, OTHER_FLOWS, STATEMENTS
from .cbi_records import read_flows
from .variant import get_layout


def parse(data, filename, allowance, variants=()):
    """The `ReturnDocument` list of the flows of a file, in their order.

    ``variants`` are what is known of the formats of banks.
    Raises `ParseError`: what the flows raise, and a refusal of those that cannot tell
    of a return.
    """
    documents = []
    for flow in read_flows(data, allowance):
        documents += _parse_flow(flow, filename, allowance, variants)
    return documents


def _parse_flow(flow, filename, allowance, variants):
    header = flow.header.type
    if header in OTHER_FLOWS:
        raise ParseError(f"cbi_{OTHER_FLOWS[header]}", flow.header.place)
    with read_by(get_layout(header, flow.header.get(HEADER["sender"]), variants).name):
        if header in STATEMENTS:
            return cbi_statement.parse_flow(flow, filename, allowance, variants)
        return [cbi_outcome.parse_flow(flow, filename, allowance, variants)]
