"""Where CBI's fixed-width records keep their fields: positions are data.

Source: CBI-RIB-001 6.02 (Ri.Ba., chapter 5: outcomes), CBI-RND-001 6.05.  Positions
count from 1 and include both ends, as the standard writes them.
"""

WIDTH = 120

# Headers of logical flows, and what they carry.
RIBA, MAV = "IB", "IM"
STATEMENTS = ("RH", "EC", "RP", "RA")
OTHER_FLOWS = {"DT": "securities", "ER": "diagnostics", "IR": "rid"}
HEADERS = {RIBA, MAV, *STATEMENTS, *OTHER_FLOWS}
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

# What the causali of receipts and memos tell (CBI-RIB-001 5.3.1; those of MAV: several
# programs).
OUTCOME_CODES = {
    "42010": "return",
    "30006": "return",  # irregular
    "30007": "return",  # wrongly domiciled
    "30009": "return",  # beyond the limits
    "07006": "return",
    "07010": "return",
    "30008": "recall",
    "07008": "recall",
    "30010": "paid",
    "07000": "paid",
    "07011": "paid",
    "16000": "charges",
    "37000": "total",
}
# Flows that go the other way: from us to the bank, or to us as debtor.
OURS = {
    "30000": "cbi_presentation",
    "30100": "cbi_recall",
    "31000": "cbi_debtor",
    "31100": "cbi_debtor",
    "33000": "cbi_debtor",
}

# Statements: what follows the header, by type of record.
STATEMENT = {
    "61": {
        "causale": (29, 33),
        "iban": ((100, 101), (102, 103), (52, 52), (53, 57), (58, 62), (63, 74)),
        "currency": (75, 77),
        "sign": (84, 84),
        "balance": (85, 99),
    },
    "62": {
        "number": (11, 13),
        "value_date": (14, 19),
        "date": (20, 25),
        "sign": (26, 26),
        "amount": (27, 41),
        "causale": (42, 43),
        "own_causale": (44, 45),
        "cheque": (46, 61),
        "bank_reference": (62, 77),
        "tag": (78, 86),
        "reference": (87, 120),
    },
    "63": {"number": (11, 13), "text": (14, 120)},
    "64": {"currency": (11, 13), "sign": (20, 20), "balance": (21, 35)},
    "65": {},
}
# In the account of advances the movement itself is record 63.
ADVANCES = "RA"
ADVANCE = {
    "value_date": (26, 31),
    "date": (32, 37),
    "sign": (38, 38),
    "amount": (39, 53),
    "causale": (54, 55),
}
# In the account of portfolios the first record 63 begins with the file that we sent.
PORTFOLIOS = "RP"
PORTFOLIO = {
    "created": (14, 19),
    "support": (20, 39),
    "count": (40, 46),
    "total": (47, 60),
}
# Record 62 calls the memo of a file of outcomes by this (CBI-RND-001 2.5).
OUTCOMES_TAG = "RIFESICBI"
# Tagged texts of record 63: end-to-end and message id at fixed places.
ID_TAG = "ID1"
