"""Which collection a return takes back: the rules, free of the ORM.

``KEYS`` is the order in which a collection is looked for; `decide` gives the answer
for one return. The database's side (what to load, what to write) is in
``account.payment.return.match``.

Every key gives hits; those that can still give back what came back are its answer.
One: matched. Several: the preferences narrow them down, and what is left is for a
person. Hits that have nothing left to give tell that the return is known already.

References are compared letter by letter, and then in their normal form
(``reference_form``): one that two references share is never an answer. Whoever the bank
names contradicts every key that leads to somebody else.

The tables below are run as tests. In them ``hit()`` is a collection of 100 euro from
customer 1, due on ``DUE``, with receipt number E2E-000017, mandate MNDT-1 and invoice
INV/2026/00012, of which all can still come back; ``told()`` is what the bank tells two
days later in a pain.002, of any amount; ``claim()`` is a return of all of it that is in
the books by a camt.053; ``entry()`` is an entry by which the customer gave as much.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from ..reference_form import normal, same

# The other format of a return comes days later; a refund may take 8 weeks, and a
# refund of an unauthorised one 13 months (EPC rulebook), but that is a first return.
REPEAT_WINDOW = timedelta(days=120)
MAX_CANDIDATES = 10
# How far back a payment is proposed only because its amount or its customer is the
# same: a refund of an unauthorised collection may come after 13 months (EPC rulebook).
PROPOSAL_DAYS = 400
# What is told within so many days of an entry of the same amount is that entry.
SAME_DAYS = timedelta(days=10)
# What tells a return that is in the books by another entry, as a kind of file.
BOOKS = "books"
# Shorter numbers are quantities, days or house numbers as often as documents.
_MIN_TOKEN = 3
_MIN_NUMERIC_TOKEN = 6
# A reference that a bank's field cut proves something from this length on, if enough of
# it are letters and digits.
_MIN_CUT, _MIN_CUT_FORM = 30, 20
# No field for a reference is longer (ISO 20022: Max35Text).
_MAX_CUT = 35
# How many pieces of a text may be one number with blanks in it, and how long that is.
_MAX_PIECES, _MIN_SPACED, _MAX_SPACED = 4, 5, 25

_TOKEN = re.compile(r"[^\s,;:()\[\]\"'<>]+")
_DAY = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")
_CLAUSE = re.compile(r"[,;:()\[\]\"<>\n]+")
# Italian tax codes: of a company or person registered for VAT, of a private person.
_TAX_CODES = (
    re.compile(r"\d{11}"),
    re.compile(r"[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]"),
)
# Words that do not tell one customer from another.
_NO_NAMES = frozenset(
    [
        "a",
        "ag",
        "and",
        "c",
        "co",
        "company",
        "d",
        "da",
        "dei",
        "del",
        "della",
        "di",
        "e",
        "f",
        "figli",
        "fratelli",
        "gmbh",
        "il",
        "inc",
        "la",
        "llc",
        "ltd",
        "p",
        "r",
        "s",
        "sa",
        "sas",
        "signor",
        "signora",
        "sig",
        "soc",
        "societa",
        "sl",
        "snc",
        "sp",
        "spa",
        "srl",
        "srls",
        "the",
        "u",
        "v",
        "lli",
        "bv",
        "nv",
        "ab",
        "oy",
        "as",
        "cooperativa",
    ]
)


@dataclass(frozen=True, slots=True)
class Instalment:
    """The receivable item of an invoice that a collection paid, and how much."""

    line_id: int
    due: date | None
    amount: float
    names: frozenset
    partner_id: int = 0
    partner_name: str = ""
    forms: frozenset = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "forms", _forms(self.names))


@dataclass(frozen=True, slots=True)
class Claim:
    """A return line that already takes back (a part of) a collection.

    Or an entry of the books that is no return: its family is ``BOOKS``.
    """

    line_id: int
    source: str
    family: str
    amount: float
    day: date | None
    instalments: frozenset
    draft: bool


@dataclass(slots=True, eq=False)
class Collection:
    """A payment of a customer, or the bank transaction that paid an invoice.

    Or a payment without an entry with the transaction that brought its money: that has
    ``item_id`` and ``payment_id``, and is a ``pair``. ``company``, ``partner`` and
    ``currency`` are records; ``left`` is what the books say can come back (``Left``).
    """

    item_id: int
    payment_id: int
    label: str
    company: object
    partner: object
    currency: object
    journal_id: int
    day: date
    amount: float
    open: bool
    due: date | None = None
    end_to_end_id: str = ""
    mandate: str = ""
    names: frozenset = frozenset()
    memo: str = ""
    batch_id: str = ""
    message_id: str = ""
    instalments: tuple = ()
    codes: frozenset = frozenset()
    pair: bool = False
    # Why it collects nothing, though the bank was told of it: "withdrawn", or
    # "not_collected" of what was never posted again.
    gone: str = ""
    left: object = None
    claims: list = field(default_factory=list)
    # What the bank calls the whole of it, by id of the bank's currency: pairs of amount
    # and currency.
    brought: dict = field(default_factory=dict)
    root_id: int = field(init=False)
    company_ids: frozenset = field(init=False)
    partner_id: int = field(init=False)
    numbers: frozenset = field(init=False)

    def __post_init__(self):
        # Read a thousand times below: a plain value costs less than a record.
        self.root_id = self.company.root_id.id
        self.company_ids = frozenset(self.company.sudo().parent_ids.ids)
        self.partner_id = self.partner.commercial_partner_id.id
        documents = [part.names for part in self.instalments]
        self.numbers = frozenset(self.names).union({self.memo}, *documents) - {""}

    @property
    def people(self):
        """Who may be called its customer: who paid, and whose invoices were paid."""
        return {self.partner_id} | {part.partner_id for part in self.instalments}

    @property
    def people_names(self):
        """The names of the same."""
        partner = self.partner
        names = {partner.name, partner.commercial_partner_id.name}
        names |= {part.partner_name for part in self.instalments}
        return {clean_name(name) for name in names} - {""}

    @property
    def free(self):
        """What can still come back: what is left, but for what drafts take."""
        if not self.open:
            return 0.0
        taken = sum(claim.amount for claim in self.claims if claim.draft)
        return self.currency.round(min(self.left.amount, self.amount) - taken)

    @property
    def due_days(self):
        """The days on which it was due, as the bank may tell them.

        A receipt has its own; the instalments in it may have been due before.
        """
        if self.due:
            return {self.day, self.due}
        return {self.day} | {part.due for part in self.instalments}

    def same(self, first, second):
        """Whether two amounts are the same in the collection's currency."""
        return not self.currency.compare_amounts(first, second)

    def express(self, wanted):
        """What was told, in the collection's currency, by its own rate.

        :return: amount; None when the bank does not speak of it in that currency
        """
        if not wanted.amount or wanted.currency_id == self.currency.id:
            return wanted.amount
        if wanted.currency_id not in self.brought:
            return None
        parts = [part.amount for part in self.instalments]
        return convert_by_rate(
            wanted.amount,
            self.brought[wanted.currency_id],
            (self.amount, self.currency),
            (self.free, *parts),
        )


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the bank tells about one return. ``amount`` zero: the collection's.

    ``company_id`` is that of the bank.
    """

    root_id: int
    company_id: int
    journal_id: int
    ids: tuple
    instruction_id: str
    mandate: str
    words: frozenset
    tokens: frozenset
    amount: float
    currency_id: int
    due: date | None
    day: date | None
    kind: str
    family: str
    vat: str
    iban: str
    name: str
    scope: str = "payment"
    batch_id: str = ""
    message_id: str = ""
    customers: frozenset = frozenset()
    code: str = ""
    spaced: frozenset = frozenset()
    end_to_end_id: str = ""
    reference: str = ""
    # What the bank calls the one collection: its end-to-end ID, or receipt number.
    called: str = ""
    doubt: bool = False
    # By a debit that may be the fee for it: nothing is certain without the amount.
    by_debit: bool = False
    names: frozenset = field(init=False)
    forms: frozenset = field(init=False)
    word_forms: frozenset = field(init=False)
    proofs: frozenset = field(init=False)

    def __post_init__(self):
        # Everything that may be the number of a payment or of an invoice.
        names = self.words | self.tokens | self.spaced
        object.__setattr__(self, "names", names)
        object.__setattr__(self, "forms", _forms(names))
        forms = _forms(self.words)
        object.__setattr__(self, "word_forms", forms)
        proofs = frozenset(form for form in forms if not is_short(form))
        object.__setattr__(self, "proofs", proofs)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer for one return: ``state`` is the line's, ``key`` says by what.

    ``problem`` is why a collection that was found cannot be it, or may not.
    """

    state: str
    key: str = ""
    collection: Collection | None = None
    instalments: tuple = ()
    candidates: tuple = ()
    repeats: Claim | None = None
    problem: str = ""


# === MONEY === #


def convert_by_rate(amount, brought, collected, parts=()):
    """An amount of the bank in the currency of a collection, by its own rate.

    It is compared in the currency in which the bank speaks: what is there the whole
    of the collection, or one of its parts, is just that.

    :param amount: what the bank told
    :param brought: the whole of the collection, as (amount, currency) of the bank
    :param collected: the same, as (amount, currency) of the collection
    :param parts: amounts of the collection that may come back alone
    """
    (told, spoken), (whole, currency) = brought, collected
    for part in (whole, *parts):
        if not spoken.compare_amounts(amount, part * told / whole):
            return part
    return currency.round(amount * whole / told)


# === WORDS === #


def _forms(texts):
    return frozenset(normal(text) for text in texts) - {""}


def is_short(text):
    """Whether a number is too short to prove anything: a quantity, a house number."""
    return text.isdigit() and len(text) < _MIN_NUMERIC_TOKEN


def can_be_cut(text):
    """Whether a reference is long enough to prove something though it was cut."""
    return len(text) >= _MIN_CUT and len(normal(text)) >= _MIN_CUT_FORM


def cut_forms(text):
    """The normal forms of what a bank's field leaves of a long reference."""
    if not can_be_cut(text):
        return set()
    return {normal(text[:size]) for size in range(_MIN_CUT, _MAX_CUT + 1)}


def tokens(texts):
    """The pieces of free texts that may be the number of a document.

    Days are none, nor are short numbers: amounts and addresses are made of them.
    """
    found = set()
    for text in texts:
        for token in _TOKEN.findall(text or ""):
            token = token.strip(".-/_#")
            shortest = _MIN_NUMERIC_TOKEN if token.isdigit() else _MIN_TOKEN
            if (
                len(token) >= shortest
                and any(map(str.isdigit, token))
                and not _DAY.fullmatch(token)
            ):
                found.add(token)
    return frozenset(found)


def spaced(texts):
    """The numbers that a text may hold in pieces (INV 2026 00012), or glued to a word.

    They end with a digit and are no days; what may be before a number is left out one
    word after the other.
    """
    found = set()
    for text in texts:
        for clause in _CLAUSE.split(text or ""):
            pieces = [piece.strip(".-/_#'=") for piece in clause.split()]
            for end, piece in enumerate(pieces):
                if any(map(str.isdigit, piece)) and not _DAY.fullmatch(piece):
                    found.update(_join(pieces, end))
                    found.update(_after_dots(piece))
    return frozenset(text for text in found if not is_short(normal(text)))


def _join(pieces, end):
    for start in range(max(end - _MAX_PIECES + 1, 0), end):
        text = " ".join(pieces[start : end + 1])
        if _MIN_SPACED <= len(normal(text)) <= _MAX_SPACED:
            yield text


def _after_dots(piece):
    """N.INV/2026/00012 is INV/2026/00012."""
    while "." in piece:
        piece = piece.partition(".")[2]
        if len(normal(piece)) >= _MIN_SPACED and not piece.replace(".", "").isdigit():
            yield piece


def clean_name(text):
    """A name as people compare it: no case, no punctuation."""
    return " ".join(re.findall(r"\w+", (text or "").casefold()))


# === KEYS === #


@dataclass(frozen=True, slots=True)
class Found:
    """What one key gives: collections whose reference is the one that was told.

    ``loose`` maps each one to its references, as pairs of normal form and letters.
    """

    exact: tuple = ()
    loose: dict = field(default_factory=dict)


class Index:
    """The collections loaded for some returns, by each key.

    Those that collect nothing only by what is their own: nothing else means them.
    """

    def __init__(self, collections):
        self.collections = list(collections)
        self._texts = {name: {} for name in _TEXT_KEYS}
        self._values = {"customer": {}, "amount": {}}
        for collection in self.collections:
            self._add_own(collection)
            if not collection.gone:
                self._add_shared(collection)

    def _add_own(self, collection):
        self._add_texts("end_to_end", [collection.end_to_end_id], collection)
        self._add_texts("number", collection.names, collection)
        self._add_long([collection.end_to_end_id], collection)

    def _add_shared(self, collection):
        self._add_texts("mandate", [collection.mandate], collection)
        self._add_texts("batch", [collection.batch_id], collection)
        self._add_texts("message", [collection.message_id], collection)
        documents = collection.numbers - collection.names
        self._add_texts("invoice", documents | {collection.memo}, collection)
        self._add_long([collection.memo], collection)
        self._add("customer", collection.partner_id, collection)
        self._add("amount", round(collection.amount, 2), collection)

    def _add(self, key, value, collection):
        if value:
            self._values[key].setdefault(value, {})[collection] = True

    def _add_texts(self, key, texts, collection):
        for text in texts:
            form = normal(text)
            if form:
                carriers = self._texts[key].setdefault(form, {})
                carriers.setdefault(collection, set()).add(same(text))

    def _add_long(self, texts, collection):
        for text in texts:
            form = normal(text)
            if len(form) >= _MIN_CUT_FORM:
                carriers = self._texts["long"].setdefault(form[:_MIN_CUT_FORM], {})
                carriers.setdefault(collection, set()).add(text)

    def get(self, key, values):
        """The collections that carry one of the values, each once, in order."""
        found = {}
        for value in values:
            found.update(self._values[key].get(value, {}))
        return list(found)

    def find(self, key, texts):
        """The collections that carry one of the references.

        :return: `Found`
        """
        exact, loose = {}, {}
        for text in texts:
            form, letters = normal(text), same(text)
            for collection, stored in self._texts[key].get(form, {}).items():
                pairs = {(form, other) for other in stored}
                loose[collection] = loose.get(collection, set()) | pairs
                if letters in stored:
                    exact[collection] = True
        return Found(tuple(exact), loose)

    def find_cut(self, texts):
        """The collections of whose long reference a text is the beginning.

        Or the other way round: what was sent to the bank may have been cut too.

        :return: `Found`
        """
        loose = {}
        for text in filter(can_be_cut, texts):
            form = normal(text)
            carriers = self._texts["long"].get(form[:_MIN_CUT_FORM], {})
            for collection, stored in carriers.items():
                cut = {(form, other) for other in stored if _is_cut(form, other)}
                if cut:
                    loose[collection] = loose.get(collection, set()) | cut
        return Found((), loose)


_TEXT_KEYS = ("end_to_end", "mandate", "number", "invoice", "batch", "message", "long")


def _is_cut(form, stored):
    other = normal(stored)
    return other.startswith(form) or (can_be_cut(stored) and form.startswith(other))


def _by_end_to_end(wanted, index):
    return index.find("end_to_end", wanted.ids)


def _by_instruction(wanted, index):
    return index.find("end_to_end", [wanted.instruction_id])


def _by_mandate(wanted, index):
    return index.find("mandate", [wanted.mandate])


def _by_named(wanted, index):
    """By our own receipt number in the middle of a text."""
    texts = wanted.tokens | wanted.spaced
    return index.find("end_to_end", sorted(t for t in texts if not is_short(normal(t))))


def _by_number(wanted, index):
    return index.find("number", sorted(wanted.names))


def _by_invoice(wanted, index):
    return index.find("invoice", sorted(wanted.names))


def _by_cut(wanted, index):
    return index.find_cut(sorted(wanted.words | wanted.tokens))


def _by_customer(wanted, index):
    hits = index.get("customer", sorted(wanted.customers))
    return Found(tuple(hit for hit in hits if _same_money(hit, wanted)))


KEYS = (
    ("end_to_end", _by_end_to_end),
    ("instruction", _by_instruction),
    ("named", _by_named),
    ("number", _by_number),
    ("mandate", _by_mandate),
    ("invoice", _by_invoice),
    ("cut", _by_cut),
    ("customer", _by_customer),
)

# What is of one collection only: where it leads for sure, no other key has a say.
OWN_KEYS = ("end_to_end", "instruction", "named", "number")


# === CONTRADICTIONS === #


def _contradicts(key, hit, wanted):
    """Whether the bank names somebody else, or another slip's receipt."""
    return _is_other_customer(hit, wanted) or _is_other_slip(key, hit, wanted)


def _is_other_customer(hit, wanted):
    """Whether tax code, IBAN or name are not those of the collection's customer.

    What is known to be his agrees, whatever else is told: people pay from the account
    of a relative, and mandates go on when a company changes its name.
    """
    if wanted.customers:
        return wanted.customers.isdisjoint(hit.people)
    if _is_other_code(hit, wanted):
        return True
    if not wanted.name or _same_mandate(hit, wanted):
        return False
    return is_nobody_of(wanted.name, hit.people_names)


def is_nobody_of(told, names):
    """Whether a cleaned name is of none of some customers, by their names."""
    names = {clean_name(name) for name in names} - {""}
    return bool(names) and all(_is_other_name(told, name) for name in names)


def _is_other_code(hit, wanted):
    for shape in _TAX_CODES:
        codes = {code for code in hit.codes if shape.fullmatch(code)}
        if codes and shape.fullmatch(wanted.code) and wanted.code not in codes:
            return True
    return False


def _is_other_name(first, second):
    """Whether two cleaned names are of two customers: half of the words differ."""
    few, many = sorted(
        (set(first.split()) - _NO_NAMES, set(second.split()) - _NO_NAMES), key=len
    )
    agree = sum(any(_is_same_word(word, other) for other in many) for word in few)
    return bool(few) and agree * 2 <= len(few)


def _is_same_word(first, second):
    """Whether two words of names are the same: cut, an initial, a slip of the pen."""
    if first.startswith(second) or second.startswith(first):
        return True
    needed = max(4, 3 * min(len(first), len(second)) // 4)
    return first[:needed] == second[:needed]


def _is_other_slip(key, hit, wanted):
    """Whether a receipt number is of another slip: it is unique in its own only."""
    numeric = all(text.isdigit() for text in wanted.ids)
    if not (key == "instruction" or (key == "end_to_end" and numeric)):
        return False
    if wanted.mandate and hit.mandate and not _same_mandate(hit, wanted):
        return True
    other_money = wanted.amount and not _same_money(hit, wanted)
    return bool(other_money and wanted.due and not _same_due(hit, wanted))


def _is_called_otherwise(hit, wanted):
    """Whether the bank calls the collection by a name, and this one has another.

    Whose name it is does not matter: of a receipt that was withdrawn, of one that was
    never in the books. Banks fill up with zeros and cut; some write an ID of their own
    there, which proves nothing either.

    >>> [_is_called_otherwise(hit(), told(called=c)) for c in ("", "E2E-000018")]
    [False, True]
    >>> _is_called_otherwise(hit(end_to_end_id=""), told(called="E2E-000018"))
    False

    Not where the name is told too, whole or cut, nor where it is a document's:

    >>> _is_called_otherwise(hit(), told("E2E-000017", called="BANK-1"))
    False
    >>> number = hit(end_to_end_id="2600000017")
    >>> calls = ("0002600000017", "00000017", "000017", "2600000018")
    >>> [_is_called_otherwise(number, told(called=c)) for c in calls]
    [False, True, True, True]
    >>> uuid = "550e8400-e29b-41d4-a716-446655440000"
    >>> long = hit(end_to_end_id=uuid)
    >>> [_is_called_otherwise(long, told(called=uuid[:size])) for size in (30, 20)]
    [False, False]
    >>> _is_called_otherwise(hit(), told(called="INV/2026/00012"))
    False
    """
    own, called = normal(hit.end_to_end_id), normal(wanted.called)
    if not own or not called:
        return False
    told = wanted.forms | {called, normal(wanted.instruction_id)}
    if own in told or called in _forms(hit.numbers):
        return False
    return not (_is_beginning(own, called) or _is_beginning(called, own))


def _is_beginning(few, many):
    """Whether a name is another one, cut by a bank: numbers are not, but long ones."""
    return many.startswith(few) and (len(few) >= _MIN_CUT_FORM or not few.isdigit())


# === PREFERENCES === #


def _same_mandate(hit, wanted):
    return bool(wanted.mandate) and normal(hit.mandate) == normal(wanted.mandate)


def _same_money(hit, wanted):
    """The amount is the collection's, what is left of it, or one instalment's."""
    if not wanted.amount:
        return False
    told = hit.express(wanted)
    amounts = [hit.amount, hit.free, *(part.amount for part in hit.instalments)]
    return any(hit.same(told, amount) for amount in amounts)


def _all_money(hit, wanted):
    return bool(wanted.amount) and hit.same(hit.express(wanted), hit.free)


def _same_due(hit, wanted):
    return bool(wanted.due) and wanted.due in hit.due_days


def _same_customer(hit, wanted):
    return not wanted.customers.isdisjoint(hit.people)


def _same_bank(hit, wanted):
    return hit.journal_id == wanted.journal_id


def _same_name(hit, wanted):
    return bool(wanted.name) and clean_name(hit.partner.name) == wanted.name


PREFERENCES = (
    _same_mandate,
    _all_money,
    _same_money,
    _same_due,
    _same_customer,
    _same_bank,
    _same_name,
)


def _narrow(hits, wanted):
    """The hits that agree best, asking less and less certain things."""
    for prefer in PREFERENCES:
        if len(hits) == 1:
            break
        hits = [hit for hit in hits if prefer(hit, wanted)] or hits
    return hits


def _best_first(hits, wanted):
    score = {hit: [bool(p(hit, wanted)) for p in PREFERENCES] for hit in hits}
    ranked = sorted(hits, key=lambda hit: (sum(score[hit]), hit.day), reverse=True)
    return tuple(ranked[:MAX_CANDIDATES])


# === DECISION === #


def decide(wanted, index):
    """The `Outcome` for one return: the first key with an answer gives it.

    What the bank does not say clearly is for a person, however certain the key.

    What it is called says which one it is, though it was withdrawn, and the same
    invoice is collected by another one, or by a transfer:

    >>> gone = hit(gone="withdrawn", open=False, left=0)
    >>> again = hit(end_to_end_id="E2E-000018", payment_id=2, item_id=2)
    >>> transfer = hit(end_to_end_id="", mandate="", payment_id=0, item_id=3)
    >>> by_words = {"amount": 100, "text": ["INV/2026/00012"], "mandate": "MNDT-1"}
    >>> for other in (again, transfer):
    ...     say(decide(told("E2E-000017", **by_words), Index([gone, other])))
    'unmatched by end_to_end, withdrawn, of 1'
    'unmatched by end_to_end, withdrawn, of 1'
    >>> say(decide(told("E2E-000017", "X", **by_words), Index([again, gone])))
    'unmatched by end_to_end, withdrawn, of 1'
    >>> in_text = told(amount=100, text=["E2E-000017"], mandate="MNDT-1")
    >>> say(decide(in_text, Index([gone, again])))
    'unmatched by named, withdrawn, of 1'

    That we recalled it, the bank confirms; of another one with its number it does not:

    >>> recall = {"kind": "recall", **by_words}
    >>> say(decide(told("E2E-000017", **recall), Index([gone, again])))
    'skipped by withdrawn'
    >>> say(decide(told("E2E-000017", doubt=True, **recall), Index([gone, again])))
    'unmatched by end_to_end, withdrawn, of 1'
    >>> twin = hit(payment_id=2, item_id=2)
    >>> say(decide(told("E2E-000017", **recall), Index([gone, twin])))
    'matched by end_to_end'

    What is called otherwise is to choose at most, by whatever else it was found:

    >>> unknown = told("E2E-000017", called="E2E-000017", **by_words)
    >>> [say(decide(unknown, Index([h]))) for h in (again, transfer)]
    ['ambiguous by mandate, called, of 1', 'matched by invoice']

    Nor is it known for sure that it came back already:

    >>> known = hit(left=0, claims=[claim()], end_to_end_id="E2E-000018")
    >>> say(decide(told("E2E-000018", amount=100), Index([known])))
    'duplicate by end_to_end, repeats RET/1'
    >>> say(decide(unknown, Index([known])))
    'ambiguous by mandate, repeats RET/1, of 1'
    """
    outcome = _find_outcome(wanted, index)
    if wanted.doubt and outcome.state == "matched":
        return Outcome("ambiguous", "doubt", candidates=(outcome.collection,))
    return outcome


def _find_outcome(wanted, index):
    refused = None
    for key, find in KEYS:
        # What is there in full is not the beginning of another one.
        if key == "cut" and refused:
            continue
        outcome = _ask(key, find(wanted, index), wanted)
        if outcome and outcome.state != "unmatched":
            return outcome
        if outcome and _is_settled(outcome, wanted):
            return _settle(outcome, wanted)
        # What may be called so by chance and collects nothing hides no other.
        if outcome and not outcome.candidates[0].gone:
            refused = refused or outcome
    return refused or Outcome("unmatched")


def _is_settled(outcome, wanted):
    """Whether it is certain which collection is meant, though it cannot come back."""
    if outcome.key not in OWN_KEYS:
        return False
    return any(_is_certain(outcome.key, h, wanted, {}) for h in outcome.candidates)


def _settle(outcome, wanted):
    """What a return is whose collection is known, and cannot come back.

    That what we withdrew was recalled is what the bank had to say of it.
    """
    hit = outcome.candidates[0]
    if outcome.problem == "withdrawn" and wanted.kind == "recall" and not wanted.doubt:
        return Outcome("skipped", "withdrawn", hit)
    return outcome


def _ask(key, found, wanted):
    """What one key says: letter by letter if that is an answer, else in normal form."""
    exact = _get_usable(key, found.exact, wanted)
    outcome = _judge(key, exact, wanted)
    if outcome and outcome.state in ("matched", "duplicate"):
        return outcome
    loose = _get_usable(key, found.loose, wanted)
    if len(loose) <= len(exact):
        return outcome
    if _is_shared(found, loose):
        return Outcome("ambiguous", key, candidates=_best_first(loose, wanted))
    return _judge(key, loose, wanted)


def _get_usable(key, hits, wanted):
    return [
        hit
        for hit in hits
        if _is_ours(hit, wanted) and not _contradicts(key, hit, wanted)
    ]


def _is_ours(hit, wanted):
    return hit.root_id == wanted.root_id and _same_currency(hit, wanted)


def _is_shared(found, hits):
    """Whether the hits carry different references that have one normal form."""
    letters = {}
    for hit in hits:
        for form, text in found.loose[hit]:
            letters.setdefault(form, set()).add(text)
    return len(hits) > 1 and any(len(texts) > 1 for texts in letters.values())


def _same_currency(hit, wanted):
    return hit.express(wanted) is not None


def _judge(key, hits, wanted):
    """What the hits of one key say; None when there are none.

    >>> say(_judge("end_to_end", [], told("E2E-000017")))
    >>> say(_judge("end_to_end", [hit()], told("E2E-000017")))
    'matched by end_to_end'

    Weak keys need more than one hit that could be it:

    >>> say(_judge("customer", [hit()], told(amount=100, due=DUE)))
    'matched by customer'
    >>> say(_judge("customer", [hit()], told()))
    'ambiguous by customer, of 1'

    Of several, what is told tells them apart, or a person:

    >>> later = DUE + timedelta(days=30)
    >>> twins = [hit(), hit(instalments=(part(due=later),), day=later)]
    >>> say(_judge("mandate", twins, told(amount=100)))
    'ambiguous by mandate, of 2'
    >>> say(_judge("mandate", twins, told(amount=100, due=DUE)))
    'matched by mandate'
    >>> say(_judge("end_to_end", [hit(), hit(amount=60, left=60)], told(amount=60)))
    'matched by end_to_end'

    What is known already is a duplicate, unless there is another that can come back:

    >>> known = hit(left=0, claims=[claim()])
    >>> say(_judge("mandate", [known], told(amount=100)))
    'duplicate by mandate, repeats RET/1'
    >>> say(_judge("mandate", [known, hit()], told(amount=100)))
    'ambiguous by mandate, of 1'
    >>> say(_judge("mandate", [known, twins[1]], told(amount=100)))
    'duplicate by mandate, repeats RET/1'
    >>> say(_judge("mandate", [known, twins[1]], told(amount=100, due=later)))
    'matched by mandate'

    By an entry that is no return only if that took all of it, at that time:

    >>> booked = claim(family=BOOKS)
    >>> say(_judge("end_to_end", [hit(left=0, claims=[booked])], told(amount=100)))
    'duplicate by end_to_end, repeats RET/1'
    >>> say(_judge("end_to_end", [hit(claims=[booked])], told(amount=100)))
    'ambiguous by end_to_end, repeats RET/1, of 1'
    >>> say(_judge("end_to_end", [hit(left=0, claims=[booked])], told(days=60)))
    'ambiguous by end_to_end, repeats RET/1, of 1'

    What cannot give what came back says why:

    >>> say(_judge("end_to_end", [hit()], told(amount=101)))
    'unmatched by end_to_end, too_much, of 1'
    >>> say(_judge("end_to_end", [hit(left=0)], told(amount=100)))
    'unmatched by end_to_end, spent, of 1'
    >>> say(_judge("end_to_end", [hit(open=False)], told(amount=100)))
    'unmatched by end_to_end, not_collected, of 1'
    >>> say(_judge("end_to_end", [hit()], told(company_id=2)))
    'unmatched by end_to_end, other_company, of 1'
    """
    if not hits:
        return None
    # A day that the bank tells separates a collection from the one presented again.
    hits = [hit for hit in hits if _same_due(hit, wanted)] or hits
    repeats = {hit: claim for hit in hits if (claim := find_repeat(hit, wanted))}
    fitting = [hit for hit in hits if hit not in repeats and _fits(hit, wanted)]
    if repeats and all(_is_later(hit, repeats, wanted) for hit in fitting):
        return _repeat(key, *next(iter(repeats.items())), wanted)
    if not fitting:
        booked = _get_booked(hits, wanted)
        if booked:
            return _repeat(key, *booked, wanted)
        best = _best_first(hits, wanted)
        problem = _get_problem(best[0], wanted)
        return Outcome("unmatched", key, candidates=best, problem=problem)
    best = _narrow(fitting, wanted)
    if len(best) == 1 and _is_called_otherwise(best[0], wanted):
        others = [hit for hit in fitting if hit is not best[0]]
        candidates = (*best, *_best_first(others, wanted))[:MAX_CANDIDATES]
        return Outcome("ambiguous", key, candidates=candidates, problem="called")
    if len(best) > 1 or not _is_certain(key, best[0], wanted, repeats):
        booked = next((c for c in repeats.values() if c.family == BOOKS), None)
        candidates = _best_first(best, wanted)
        return Outcome("ambiguous", key, candidates=candidates, repeats=booked)
    return Outcome("matched", key, best[0], get_named(best[0], wanted))


def _repeat(key, hit, claim, wanted):
    """What a return is that is known already.

    What another entry of the books took back is told again for sure only if all of the
    collection is gone, and at that time. Else a person says; also of what the bank
    calls by another name.
    """
    spent = not hit.currency.compare_amounts(hit.left.amount, 0) > 0
    same_time = _is_within(SAME_DAYS, wanted.day, claim.day)
    told = hit.express(wanted)
    same_money = not told or hit.same(told, claim.amount)
    certain = claim.family != BOOKS or (spent and same_time and same_money)
    if certain and not _is_called_otherwise(hit, wanted):
        return Outcome("duplicate", key, hit, repeats=claim)
    return Outcome("ambiguous", key, candidates=(hit,), repeats=claim)


def _get_booked(hits, wanted):
    """The first hit that could give it, but for an entry of the books; and that."""
    for hit in hits:
        if hit.currency.compare_amounts(hit.express(wanted) or 0.0, hit.amount) <= 0:
            for claim in hit.claims:
                if claim.family == BOOKS:
                    return hit, claim
    return None


def _fits(hit, wanted):
    """Whether the collection can give back what came back.

    The bank collects for its company and the branches of it.
    """
    if wanted.company_id not in hit.company_ids:
        return False
    left = hit.currency.compare_amounts(hit.free, hit.express(wanted) or 0.0)
    if not wanted.amount:
        return left > 0
    # Without a journal entry there is nothing to take a part of.
    return left >= 0 if hit.item_id else left == 0


def _get_problem(hit, wanted):
    if hit.gone:
        return hit.gone
    if wanted.company_id not in hit.company_ids:
        return "other_company"
    if not hit.open and not hit.claims:
        return "not_collected"
    return "spent" if hit.currency.compare_amounts(hit.free, 0) <= 0 else "too_much"


def _is_certain(key, hit, wanted, repeats):
    """Whether one hit is enough: the weak keys also need amount and day to agree.

    A customer who pays the same every month has the same mandate, IBAN and amount
    on each collection; so what is left is not proof when a sister came back. A
    number in the middle of a free text may be any number: the amount must agree.

    Our own receipt number is proof; a short one with the amount, if that was told:

    >>> _is_certain("end_to_end", hit(), told(amount=60), {})
    True
    >>> short = hit(end_to_end_id="17")
    >>> [_is_certain("end_to_end", short, told(amount=a), {}) for a in (0, 60, 100)]
    [True, False, True]

    So is any of which only a debit tells, as it may be the fee:

    >>> debits = [told(amount=amount, by_debit=True) for amount in (60, 100)]
    >>> [_is_certain("end_to_end", hit(), wanted, {}) for wanted in debits]
    [False, True]

    A document's number is, as a field of its own; in a text, or short, with the amount:

    >>> whole, text = told("INV/2026/00012"), {"text": ["INV/2026/00012"]}
    >>> _is_certain("invoice", hit(), whole, {})
    True
    >>> in_text = [told(amount=a, **text) for a in (0, 60, 100)]
    >>> [_is_certain("invoice", hit(), wanted, {}) for wanted in in_text]
    [True, False, True]
    >>> few = hit(instalments=(part(number="12"),))
    >>> _is_certain("invoice", few, told("12", amount=100), {})
    False
    >>> _is_certain("invoice", few, told("12", amount=100, customers={1}), {})
    True

    Not where another format told of an equal instalment, and the day does not tell:

    >>> other = {hit(): claim()}
    >>> _is_certain("invoice", hit(), whole, other)
    False
    >>> _is_certain("invoice", hit(), told("INV/2026/00012", due=DUE), other)
    True

    The beginning of a long reference, and our number in a text, only with the amount:

    >>> amounts = (0, 60, 100)
    >>> [_is_certain("cut", hit(), told(amount=a), {}) for a in amounts]
    [False, False, True]
    >>> [_is_certain("named", hit(), told(amount=a), {}) for a in amounts]
    [False, False, True]

    Mandate and customer with amount and day, as far as they are told; an omitted amount
    does for a mandate, or with the day:

    >>> keys = ("mandate", "customer")
    >>> [_is_certain(key, hit(), told(), {}) for key in keys]
    [True, False]
    >>> [_is_certain(key, hit(), told(due=DUE), {}) for key in keys]
    [True, True]
    >>> [_is_certain(key, hit(), told(amount=100), {}) for key in keys]
    [True, True]
    >>> [_is_certain(key, hit(), told(amount=60), {}) for key in keys]
    [False, False]
    >>> day = DUE + timedelta(days=30)
    >>> [_is_certain(key, hit(), told(amount=100, due=day), {}) for key in keys]
    [False, False]

    When a sister came back, the amount proves nothing without the day:

    >>> [_is_certain(key, hit(), told(amount=100), other) for key in keys]
    [False, False]
    >>> [_is_certain(key, hit(), told(amount=100, due=DUE), other) for key in keys]
    [True, True]
    """
    if wanted.by_debit and not _same_money(hit, wanted):
        return False
    if key in ("end_to_end", "instruction"):
        # Our own receipt number: with the amount it is proof, however short.
        short = is_short(normal(hit.end_to_end_id))
        return not (short and wanted.amount) or _same_money(hit, wanted)
    if key in ("number", "invoice"):
        return _is_document(hit, wanted, repeats)
    if key in ("cut", "named"):
        return _same_money(hit, wanted)
    if wanted.due and not _same_due(hit, wanted):
        return False
    if not wanted.amount:
        return key == "mandate" or bool(wanted.due)
    return _same_money(hit, wanted) and not (repeats and not wanted.due)


def _is_document(hit, wanted, repeats):
    """Whether the number of a document is proof: told as such, or with the amount.

    A short number may be anybody's: the customer has to agree too.
    """
    others = {claim.family for claim in repeats.values()} - {wanted.family}
    # Another format told of an equal instalment: this may be the same one.
    if others and not (wanted.due and _same_due(hit, wanted)):
        return False
    if _is_told(hit, wanted):
        return True
    pieces = wanted.forms - wanted.word_forms
    if pieces & _forms(hit.numbers):
        return not wanted.amount or _same_money(hit, wanted)
    agrees = _same_customer(hit, wanted) or _same_name(hit, wanted)
    return agrees and _same_money(hit, wanted)


def _is_told(hit, wanted):
    """Whether a whole field of the bank is the number, and no short one."""
    letters = {word for word in wanted.words if not is_short(same(word))}
    return bool(letters & hit.numbers or wanted.proofs & _forms(hit.numbers))


def _is_later(hit, repeats, wanted):
    """Whether the collection was presented again after what came back was booked.

    A reject comes before the day of the collection, so it does not tell.
    """
    return bool(
        wanted.kind != "reject"
        and wanted.day
        and hit.day > wanted.day
        and all(hit.day > other.day for other in repeats)
    )


def find_repeat(hit, wanted):
    """The known return of this collection that the new one only tells again.

    The same money of the same collection: from a draft, or in another format, or
    because nothing is left. Two parts of one payment are two returns when their
    amounts or the instalments that the bank names differ. One file never takes the
    same amount of the same collection back twice.

    >>> def is_repeat(wanted=None, **known):
    ...     left = known.pop("left", 100)
    ...     of_it = hit(left=left, claims=[claim(**known)], instalments=parts)
    ...     return bool(find_repeat(of_it, wanted or told(amount=100)))
    >>> parts = (part(1, 50, "INV/1"), part(2, 50, "INV/2"))

    In another format, from a draft, or because nothing is left:

    >>> is_repeat(family="camt.053"), is_repeat(family="pain.002")
    (True, False)
    >>> is_repeat(family="pain.002", draft=True), is_repeat(family="pain.002", left=0)
    (True, True)

    The same money: an omitted amount is any, another one is another return:

    >>> is_repeat(told()), is_repeat(amount=60), is_repeat(told(), amount=60)
    (True, False, True)

    Within the window:

    >>> is_repeat(days=122), is_repeat(days=123)
    (True, False)

    Of the same instalments, where both say of which:

    >>> is_repeat(told("INV/1"), named=[1]), is_repeat(told("INV/1"), named=[2])
    (True, False)
    >>> is_repeat(told("INV/1")), is_repeat(named=[2])
    (True, True)

    An entry on the customer counts as one on the collection, paid again at once only:

    >>> def is_booked(**values):
    ...     return bool(find_repeat(hit(others=[entry(**values)]), told(amount=100)))
    >>> is_booked(), is_booked(amount=60), is_booked(days=30)
    (True, False, True)
    >>> is_booked(is_open=False), is_booked(is_open=False, days=30)
    (True, False)
    """
    if not (hit.claims or hit.left.others):
        return None
    named = _named(hit, wanted.forms)
    spent = not hit.currency.compare_amounts(hit.free, 0) > 0
    told = hit.express(wanted)
    amount, day = told or hit.amount, wanted.day or hit.day
    for claim in (*hit.claims, *_get_others(hit, amount, day)):
        if told and not hit.same(claim.amount, told):
            continue
        if not _is_within(REPEAT_WINDOW, wanted.day or hit.day, claim.day or hit.day):
            continue
        if named and claim.instalments and named.isdisjoint(claim.instalments):
            continue
        if spent or claim.draft or claim.family != wanted.family:
            return claim
    return None


def _get_others(hit, amount, day):
    """What the customer gave back by an entry, nobody said of which collection."""
    debits = [(amount, hit.currency)]
    found = find_others(hit.left, debits, day, hit.currency)
    return (replace(book(entry), amount=amount) for entry in found)


def book(entry):
    """An ``Entry`` of the books as a `Claim`."""
    return Claim(0, entry.name, BOOKS, entry.amount, entry.day, frozenset(), False)


def find_others(left, debits, day, currency):
    """The entries on the customer by which a return may be in the books.

    What waits to be paid, within the window; what was paid again, at that time only.

    :param left: what is left of the collection, as the books say (``Left``)
    :param debits: what the bank may have taken at once, as pairs (amount, currency)
    :param currency: that of the collection
    :return: list of ``Entry``
    """
    return [
        entry
        for entry in left.others
        if any(_is_debit(left, entry, *debit, currency) for debit in debits)
        and _is_within(REPEAT_WINDOW if entry.open else SAME_DAYS, day, entry.day)
    ]


def _is_debit(left, entry, amount, spoken, currency):
    """Whether an entry took just that, compared in the currency of the entry."""
    if entry.currency_id == spoken.id:
        return not spoken.compare_amounts(entry.amount, amount)
    if spoken != currency or entry.currency_id not in left.brought:
        return False
    brought, told = left.brought[entry.currency_id]
    return not told.compare_amounts(entry.amount, amount * brought / left.whole)


def find_entries(left, amount, debits, day, currency):
    """The same, with those that took the amount from the very collection."""
    same = [e for e in left.entries if not currency.compare_amounts(e.amount, amount)]
    within = [e for e in same if _is_within(REPEAT_WINDOW, day, e.day)]
    return within + find_others(left, debits, day, currency)


def _is_within(window, first, second):
    return not (first and second) or abs(first - second) <= window


def get_named(hit, wanted):
    """The instalments that came back: named by number, else by day, else by amount.

    :return: tuple of receivable item ids; all that the collection paid when nothing
        tells them apart
    """
    parts = hit.instalments
    told = hit.express(wanted)
    whole = not told or hit.same(told, hit.amount)
    if whole or len(parts) < 2:
        return tuple(part.line_id for part in parts)
    numbers = _named(hit, wanted.forms)
    for choice in (
        [part for part in parts if part.line_id in numbers],
        [part for part in parts if wanted.due and part.due == wanted.due],
    ):
        parts = choice or parts
    same = [part for part in parts if hit.same(part.amount, told)]
    return tuple(part.line_id for part in (same if len(same) == 1 else parts))


def _named(hit, forms):
    return {p.line_id for p in hit.instalments if not forms.isdisjoint(p.forms)}


def decide_group(wanted, index):
    """What a rejected batch or file takes back: all that can still come back.

    :return: (collections that can come back, claims on those that cannot, dict from
        those that may have come back to the entry that tells so)
    """
    value = wanted.batch_id if wanted.scope == "batch" else wanted.message_id
    found = index.find(wanted.scope, [value])
    hits = found.exact or (() if _is_shared(found, found.loose) else found.loose)
    hits = [hit for hit in hits if wanted.company_id in hit.company_ids]
    good = [hit for hit in hits if hit.currency.compare_amounts(hit.free, 0) > 0]
    doubts = {hit: claim for hit in good if (claim := _find_booked(hit, wanted))}
    good = [hit for hit in good if hit not in doubts]
    rest = (hit for hit in hits if hit not in good and hit not in doubts)
    return good, [claim for hit in rest for claim in hit.claims], doubts


def _find_booked(hit, wanted):
    """The entry by which a collection of a group may have come back, if any."""
    others = _get_others(hit, hit.amount, wanted.day or hit.day)
    claims = [claim for claim in (*hit.claims, *others) if claim.family == BOOKS]
    return claims[0] if claims else None


def propose(wanted, index):
    """Collections of the same amount with the same day or customer's name.

    Never certain: a person decides.
    """
    hits = [
        hit
        for hit in index.get("amount", [round(wanted.amount, 2)])
        if _is_ours(hit, wanted)
        and wanted.company_id in hit.company_ids
        and _all_money(hit, wanted)
        and (_same_due(hit, wanted) or _same_name(hit, wanted))
    ]
    return _best_first(hits, wanted)


def get_name_key(text):
    """What the name of a customer is known by, in whatever order it is told.

    "ROSSI MARIO" is Mario Rossi, and "Longo srl" is Longo S.r.l.
    """
    words = clean_name(text).split()
    return frozenset(w for w in words if len(w) > 1 and w not in _NO_NAMES)


def get_distance(told, amount, first, second):
    """How far a collection is from what came back: by amount, then by day.

    :param told: the amount told; 0 when the bank told none
    :param amount: of the collection; None in a currency that is not the bank's
    :param first, second: the day told and that of the collection, or None
    :return: a key to sort by
    """
    days = abs((first - second).days) if first and second else PROPOSAL_DAYS
    return amount is None, abs(amount - told) if told and amount else 0.0, days


def is_too_late(paid, returned, today):
    """Whether something was paid after it is said to have come back.

    What is dated ahead, as of an instalment, may come back today.

    >>> today = DUE
    >>> is_too_late(DUE, DUE - timedelta(days=1), today)
    True
    >>> is_too_late(DUE, DUE, today)
    False
    >>> is_too_late(DUE + timedelta(days=30), DUE, today)
    False
    >>> is_too_late(DUE, None, today) or is_too_late(None, DUE, today)
    False

    :param paid, returned: the days, or None
    """
    return bool(paid and returned and returned < min(paid, today))


def find_nearest(wanted, collections, people):
    """Of some customers' collections those that can come back, the nearest first.

    Of any amount: a person decides.

    :param people: ids of commercial partners
    """
    day = wanted.due or wanted.day
    near = {
        hit: get_distance(hit.express(wanted) or 0.0, hit.free, day, hit.day)
        for hit in collections
        if hit.partner_id in people
        and _is_ours(hit, wanted)
        and wanted.company_id in hit.company_ids
        and hit.currency.compare_amounts(hit.free, 0) > 0
    }
    return tuple(sorted(near, key=near.get)[:MAX_CANDIDATES])


def add_candidates(outcome, hits):
    """An outcome with more to choose from, after what it has already."""
    known = {(hit.item_id, hit.payment_id) for hit in outcome.candidates}
    new = (hit for hit in hits if (hit.item_id, hit.payment_id) not in known)
    candidates = (*outcome.candidates, *new)[:MAX_CANDIDATES]
    return replace(outcome, candidates=candidates)


def find_contradicted(wanted, index):
    """Collections that a reference leads to, though the bank names somebody else.

    A person decides. A short number, or one of another slip, leads to nobody.
    """
    hits = {
        hit: True
        for key, find in KEYS
        for hit in find(wanted, index).loose
        if _is_ours(hit, wanted)
        and not hit.gone
        and _is_other_customer(hit, wanted)
        and (key in ("mandate", "cut") or _is_lead(hit, wanted))
    }
    return _best_first(list(hits), wanted)


def _is_lead(hit, wanted):
    if wanted.ids and all(text.isdigit() for text in wanted.ids):
        return False
    stored = _forms({*hit.numbers, hit.end_to_end_id})
    return any(form in stored for form in wanted.forms if not is_short(form))


def find_meant(wanted, index):
    """The collections of ours of which the bank tells a number that is their own.

    In a field or in the text, whatever the amount. Short numbers may be anything:

    >>> mine = hit()
    >>> find_meant(told(text=["E2E-000017"]), Index([mine])) == [mine]
    True
    >>> find_meant(told("INV/2026/00012", "MNDT-1"), Index([mine]))
    []
    >>> find_meant(told("2026"), Index([hit(end_to_end_id="2026")]))
    []
    """
    found = {}
    for key, find in KEYS:
        for hit, pairs in find(wanted, index).loose.items() if key in OWN_KEYS else ():
            is_proof = any(not is_short(form) for form, _letters in pairs)
            if is_proof and hit.root_id == wanted.root_id:
                found[hit] = True
    return list(found)


# === TOLD TWICE === #


def tells_again(first, second):
    """Whether two returns of which no payment is known are one.

    The same reference, amount and currency within the window, and nothing that tells
    them apart. What one kind of file tells on another day is another return.
    """
    if first.currency_id != second.currency_id or not _same_words(first, second):
        return False
    if first.day and second.day:
        if abs(first.day - second.day) > REPEAT_WINDOW:
            return False
        if first.family and first.family == second.family and first.day != second.day:
            return False
    told = ("mandate", "iban", "code", "due")
    if any(_differ(getattr(first, name), getattr(second, name)) for name in told):
        return False
    return not (first.name and second.name and _is_other_name(first.name, second.name))


def _differ(first, second):
    if isinstance(first, str):
        first, second = normal(first), normal(second or "")
    return bool(first and second) and first != second


def _same_words(first, second):
    """Whether references and amount agree; one of two messages may omit the amount."""
    amounts = {first.amount, second.amount}
    ids = normal(first.end_to_end_id), normal(second.end_to_end_id)
    if all(ids):
        return ids[0] == ids[1] and any(amounts) and len(amounts - {0.0}) == 1
    form = normal(first.reference)
    # What is no number is the bank's word for every return.
    is_number = any(map(str.isdigit, form))
    return is_number and form == normal(second.reference) and len(amounts) == 1
