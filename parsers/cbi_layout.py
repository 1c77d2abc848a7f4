"""Where CBI's fixed-width records keep their fields: positions are data.

Source: CBI-RIB-001 6.02 (Ri.Ba., chapter 5: outcomes), CBI-RND-001 6.05.  Positions
count from 1 and include both ends, as the standard writes them.
"""

WIDTH = 120

# Headers of logical flows, and what they carry.
RIBA, MAV = "IB", "IM"
OTHER_FLOWS = {
    "DT": "securities",
    "EC": "statement",
    "ER": "diagnostics",
    "IR": "rid",
    "RA": "statement",
    "RH": "statement",
    "RP": "statement",
}
HEADERS = {RIBA, MAV, *OTHER_FLOWS}
TRAILER = "EF"

HEADER = {
    "sender": (4, 8),
    "recipient": (9, 13),
    "created": (14, 19),
    "support": (20, 39),
}
END = {
    **HEADER,
    "count": (46, 52),
    "negative": (53, 67),
    "positive": (68, 82),
    "records": (83, 89),
}
# By type of record; those of a receipt share the number in positions 4 to 10.
OUTCOME = {
    "10": {
        "number": (4, 10),
        "value_date": (17, 22),
        "causale": (29, 33),
        "amount": (34, 46),
        "sign": (47, 47),
        "memo": (58, 69),
    },
    "14": {
        "number": (4, 10),
        "due_date": (23, 28),
        "causale": (29, 33),
        "amount": (34, 46),
        "sign": (47, 47),
        "abi": (70, 74),
        "cab": (75, 79),
        "account": (80, 91),
        "customer_code": (98, 113),
    },
    "20": {},
    "30": {"name": (11, 40), "name_more": (41, 70), "tax_code": (71, 86)},
    "40": {},
    "50": {"text": (11, 50), "text_more": (51, 90)},
    "51": {
        "receipt": (11, 20),
        "charges": (87, 91),
        "value_date": (92, 97),
        "memo": (98, 109),
    },
    "59": {},
    "70": {},
}
# The records that begin a receipt, or a memo that goes with several.
RECEIPT, MEMO = "14", "10"
