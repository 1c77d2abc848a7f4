"""Who takes part in the demo, and what happens to them. Data only, no Odoo."""

from dataclasses import dataclass

COMPANY = {
    "name": "Officine Demo S.r.l.",
    "street": "Via dell'Industria 12",
    "zip": "20126",
    "city": "Milano",
    "vat": "IT09988770013",
    "email": "amministrazione@officine-demo.example",
    "phone": "+39 02 5550 0100",
}
COMPANY_IBAN = "IT57P0542811101000000900001"
COMPANY_BIC = "MOCKIT2A"
CREDITOR_ID = "IT39ZZZ0000009988770013"
PASSWORD = "demo"
ADMIN = ("admin", "admin")


@dataclass(frozen=True, slots=True)
class User:
    """Somebody of the company, with one role."""

    key: str
    name: str
    role: str
    groups: tuple
    sees: str

    @property
    def login(self):
        """What is typed to log in: the name in lower case with a dot."""
        return self.name.lower().replace(" ", ".")


USERS = (
    User(
        "accountant",
        "Laura Conti",
        "accountant",
        ("account.group_account_user",),
        "imports the bank's files, confirms returns, reads the books",
    ),
    User(
        "salesperson",
        "Paolo Greco",
        "salesperson",
        ("sales_team.group_sale_salesman",),
        "own quotations; blocks as banner and badge; is refused",
    ),
    User(
        "manager",
        "Elena Fontana",
        "credit manager",
        ("account_credit_block.group_credit_manager",),
        "decides on held orders, blocks and lifts by hand, edits the grid of levels",
    ),
    User(
        "credit_user",
        "Marco Ferri",
        "credit user",
        ("account_credit_block.group_credit_user",),
        "sees blocks and their history, registers returns",
    ),
)


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer, with the account and the mandate of its direct debits."""

    key: str
    name: str
    street: str
    zip: str
    city: str
    vat: str
    iban: str

    @property
    def mandate(self):
        """Unique reference of the mandate."""
        return f"MND-{self.vat[-4:]}-1"

    @property
    def email(self):
        """Where mails go: a domain that exists nowhere."""
        return f"contabilita@{self.key}.example"


CUSTOMERS = (
    Customer(
        "galli",
        "Ferramenta Galli S.n.c.",
        "Via Borgo Palazzo 41",
        "24125",
        "Bergamo",
        "IT09123000151",
        "IT46K0542811101000000710010",
    ),
    Customer(
        "moretti",
        "Idraulica Moretti S.r.l.",
        "Via Orzinuovi 8",
        "25125",
        "Brescia",
        "IT09123370182",
        "IT94B0542811101000000710147",
    ),
    Customer(
        "riva",
        "Termosanitari Riva S.p.A.",
        "Via Napoleona 60",
        "22100",
        "Como",
        "IT09123740210",
        "IT16J0542811101000000710284",
    ),
    Customer(
        "sala",
        "Carpenteria Sala S.r.l.",
        "Viale Lombardia 119",
        "20900",
        "Monza",
        "IT09124110249",
        "IT47U0542811101000000710421",
    ),
    Customer(
        "marchetti",
        "Officina Marchetti S.a.s.",
        "Via Emilia Est 310",
        "41122",
        "Modena",
        "IT09124480279",
        "IT91K0542811101000000710558",
    ),
    Customer(
        "esposito",
        "Edilizia Esposito S.r.l.",
        "Via Argine 77",
        "80147",
        "Napoli",
        "IT09124850307",
        "IT05Q0542811101000000710695",
    ),
    Customer(
        "bruno",
        "Autoricambi Bruno S.r.l.",
        "Corso Giulio Cesare 204",
        "10154",
        "Torino",
        "IT09125220336",
        "IT29B0542811101000000710832",
    ),
    Customer(
        "deluca",
        "De Luca Impianti S.r.l.",
        "Via Tiburtina 912",
        "00156",
        "Roma",
        "IT09125590365",
        "IT80R0542811101000000710969",
    ),
    Customer(
        "pellegrini",
        "Pellegrini Arredamenti S.r.l.",
        "Via Torricelli 25",
        "37135",
        "Verona",
        "IT09125960394",
        "IT67R0542811101000000711106",
    ),
    Customer(
        "fabbri",
        "Fabbri Costruzioni S.r.l.",
        "Via Stalingrado 84",
        "40128",
        "Bologna",
        "IT09126330423",
        "IT78X0542811101000000711243",
    ),
    Customer(
        "rinaldi",
        "Rinaldi Macchine S.p.A.",
        "Corso Stati Uniti 14",
        "35127",
        "Padova",
        "IT09126700450",
        "IT90F0542811101000000711380",
    ),
    Customer(
        "serra",
        "Vivai Serra S.s.",
        "Viale Elmas 142",
        "09122",
        "Cagliari",
        "IT09127070481",
        "IT44V0542811101000000711517",
    ),
    Customer(
        "longo",
        "Tipografia Longo S.r.l.",
        "Via Oreto 310",
        "90124",
        "Palermo",
        "IT09127440510",
        "IT68G0542811101000000711654",
    ),
    Customer(
        "amato",
        "Panificio Amato S.n.c.",
        "Via Napoli 231",
        "70123",
        "Bari",
        "IT09127810548",
        "IT79M0542811101000000711791",
    ),
)
CUSTOMER_BY_KEY = {customer.key: customer for customer in CUSTOMERS}

# key: name, price without VAT, kind
PRODUCTS = {
    "pump": ("Pompa centrifuga 1,5 kW", 420.0, "consu"),
    "boiler": ("Caldaia a condensazione 24 kW", 1190.0, "consu"),
    "valve": ('Valvola a sfera 1"', 18.5, "consu"),
    "pipe": ("Tubo multistrato 26x3, rotolo", 96.0, "consu"),
    "hour": ("Ora di manutenzione", 52.0, "service"),
}

AT_30 = "30"  # due 30 days after the invoice
AT_30_60 = "30/60"  # half of it after 30 days, half after 60


@dataclass(frozen=True, slots=True)
class Collection:
    """A direct debit of the story, and what the bank is going to say.

    ``outcome`` is paid, rejected (told by the status report, at once) or returned
    (told by the account reports, ``after`` business days after settlement).
    """

    customer: str
    invoices: tuple  # pairs of products with quantities, and term
    outcome: str = "paid"
    reason: str = ""
    after: int = 0
    is_default: bool = False  # whether it is the customer's fault, hence a block


COLLECTIONS = (
    Collection(
        "galli",
        (({"valve": 40}, AT_30), ({"pump": 3}, AT_30_60)),
        "returned",
        "AM04",
        1,
        True,
    ),
    Collection("moretti", (({"boiler": 2}, AT_30_60),), "returned", "AM04", 1, True),
    Collection("marchetti", (({"hour": 6}, AT_30),), "returned", "AC01", 1),
    Collection(
        "riva", (({"boiler": 4, "pipe": 10}, AT_30),), "returned", "MD06", 2, True
    ),
    Collection("sala", (({"pipe": 12}, AT_30),), "returned", "MS02", 2, True),
    Collection("esposito", (({"pump": 5}, AT_30_60),), "rejected", "AM04", 0, True),
    Collection("bruno", (({"valve": 25}, AT_30),), "rejected", "AC04", 0, True),
    Collection("deluca", (({"boiler": 1, "hour": 4}, AT_30),)),
    Collection("longo", (({"pipe": 5}, AT_30),)),
    Collection("amato", (({"hour": 3}, AT_30),)),
)


@dataclass(frozen=True, slots=True)
class PastReturn:
    """A collection that came back before the story, and when it was paid at last."""

    customer: str
    days_ago: int
    products: dict
    reason: str
    paid_days_ago: int = 0  # 0: still to be paid
    bank: str = "BNK1"


PAST_RETURNS = (
    PastReturn("amato", 214, {"hour": 8}, "AM04", 196),
    PastReturn("rinaldi", 187, {"pump": 4, "boiler": 2}, "MS03"),
    PastReturn("longo", 152, {"pipe": 8}, "AM04", 140, "CARD"),
    PastReturn("deluca", 121, {"valve": 60}, "AC01", 113),
    PastReturn("longo", 81, {"valve": 30}, "MS02", 74),
    PastReturn("fabbri", 65, {"pump": 2}, "AM04"),
    PastReturn("fabbri", 37, {"pump": 3}, "AM04"),
)


@dataclass(frozen=True, slots=True)
class Steady:
    """A customer whose direct debits are mostly paid: what the rates are made of."""

    customer: str
    products: dict
    bank: str = "BNK1"


STEADY = (
    Steady("galli", {"valve": 30, "pump": 1}),
    Steady("riva", {"boiler": 2}),
    Steady("deluca", {"boiler": 1, "hour": 3}),
    Steady("longo", {"pipe": 6, "valve": 11}),
    Steady("amato", {"hour": 9}, "CARD"),
    Steady("bruno", {"valve": 45}, "CARD"),
    Steady("sala", {"pipe": 9}, "CARD"),
)
# Days ago of their collections; the last ones are final when the story begins.
STEADY_DAYS = tuple(range(340, 60, -30))


@dataclass(frozen=True, slots=True)
class HandBlock:
    """A block that the credit manager set by hand before the story."""

    customer: str
    level: str
    days_ago: int
    reason: str


HAND_BLOCKS = (
    HandBlock(
        "rinaldi",
        "non_performing",
        93,
        "Composition with creditors filed at the court of Padua.",
    ),
    HandBlock(
        "fabbri",
        "doubtful",
        30,
        "Two direct debits unpaid in a month; a payment plan has been asked for.",
    ),
    HandBlock(
        "pellegrini",
        "assistance",
        25,
        "The maintenance contract has lapsed and two visits are still to be paid.",
    ),
    HandBlock(
        "serra", "pending", 18, "Differences on last spring's deliveries to be settled."
    ),
)

# Invoices that nobody collects by direct debit: customer, days ago, products.
OPEN_INVOICES = (
    ("pellegrini", 96, {"hour": 7}),
    ("serra", 130, {"pipe": 6}),
    ("deluca", 12, {"pump": 1}),
    ("longo", 9, {"boiler": 1}),
)

# Quotations of the salesperson that were there before: customer, products.
QUOTATIONS = (
    ("moretti", {"boiler": 1, "pipe": 4}),
    ("deluca", {"pump": 2}),
    ("amato", {"hour": 5}),
)

# What each customer may owe at most, VAT included; the others have no limit.
CREDIT_LIMITS = {"deluca": 5000.0, "amato": 1500.0, "pellegrini": 3000.0}

# Who buys on the website, for a customer: key, name, login.
SHOPPER = ("longo", "Anna Longo", "anna.longo")
WEB_ORDER = {"hour": 6}


@dataclass(frozen=True, slots=True)
class HeldOrder:
    """An order that the salesperson confirms and a manager has to decide on."""

    customer: str
    products: dict
    reason: str
    days_ago: int = 0  # for how long it waits
    decision: str = ""  # release or refuse
    why: str = ""
    term: str = ""  # instead of the customer's


HELD_ORDERS = (
    HeldOrder("serra", {"pipe": 8, "valve": 20}, "level", 5),
    HeldOrder("deluca", {"boiler": 3, "hour": 8}, "limit", 2),
    HeldOrder("galli", {"valve": 50}, "terms", 1, term=AT_30_60),
    HeldOrder(
        "amato",
        {"boiler": 1, "hour": 4},
        "limit",
        1,
        "release",
        "The bakery pays half of it in advance, agreed with Mr Amato.",
    ),
    HeldOrder(
        "pellegrini",
        {"boiler": 2, "pump": 3},
        "limit",
        1,
        "refuse",
        "First the maintenance visits have to be paid.",
    ),
)
