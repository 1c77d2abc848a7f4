"""Which collection a return takes back: the rules, free of the ORM.

``KEYS`` is the order in which a collection is looked for; `decide` gives the answer
for one return. The database's side (what to load, what to write) is in
``account.payment.return.match``.

Every key gives hits; those that can still give back what came back are its answer.
One: matched. Several: the preferences narrow them down, and what is left is for a
person. Hits that have nothing left to give tell that the return is known already.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta

# The other format of a return comes days later; a refund may take 8 weeks, and a
# refund of an unauthorised one 13 months (EPC rulebook), but that is a first return.
REPEAT_WINDOW = timedelta(days=120)
MAX_CANDIDATES = 10
# Shorter numbers are quantities, days or house numbers as often as documents.
_MIN_TOKEN = 3
_MIN_NUMERIC_TOKEN = 6
# CBI's receipt number has ten digits; padded or not depends on the bank.
_RECEIPT_DIGITS = 10

_TOKEN = re.compile(r"[^\s,;:()\[\]\"'<>]+")
_DAY = re.compile(r"\d{1,4}[/.-]\d{1,2}[/.-]\d{1,4}")


@dataclass(frozen=True, slots=True)
class Instalment:
    """The receivable item of an invoice that a collection paid, and how much."""

    line_id: int
    due: date | None
    amount: float
    names: frozenset


@dataclass(frozen=True, slots=True)
class Claim:
    """A return line that already takes back (a part of) a collection."""

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

    ``company``, ``partner`` and ``currency`` are records.
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
    end_to_end_id: str = ""
    mandate: str = ""
    names: frozenset = frozenset()
    memo: str = ""
    batch_id: str = ""
    message_id: str = ""
    instalments: tuple = ()
    claims: list = field(default_factory=list)
    root_id: int = field(init=False)
    partner_id: int = field(init=False)

    def __post_init__(self):
        # Read a thousand times below: a plain value costs less than a record.
        self.root_id = self.company.root_id.id
        self.partner_id = self.partner.commercial_partner_id.id

    @property
    def free(self):
        """What can still come back."""
        if not self.open:
            return 0.0
        taken = sum(claim.amount for claim in self.claims)
        return self.currency.round(self.amount - taken)

    @property
    def due_days(self):
        """The days on which it was due, as the bank may tell them."""
        return {self.day} | {part.due for part in self.instalments}

    def same(self, first, second):
        """Whether two amounts are the same in the collection's currency."""
        return not self.currency.compare_amounts(first, second)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the bank tells about one return. ``amount`` zero: the collection's."""

    root_id: int
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

    @property
    def names(self):
        """Everything that may be the number of a payment or of an invoice."""
        return self.words | self.tokens


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer for one return: ``state`` is the line's, ``key`` says by what.

    ``problem`` is why a collection that was found cannot be it.
    """

    state: str
    key: str = ""
    collection: Collection | None = None
    instalments: tuple = ()
    candidates: tuple = ()
    repeats: Claim | None = None
    problem: str = ""


# ---- words -------------------------------------------------------------------


def clean_number(text):
    """A receipt number without its leading zeros; other references as they are."""
    text = (text or "").strip()
    return (text.lstrip("0") or text) if text.isdigit() else text


def number_variants(text):
    """The ways a reference may be stored: numeric ones with leading zeros or not."""
    number = clean_number(text)
    if not number.isdigit() or len(number) > _RECEIPT_DIGITS:
        return {number, (text or "").strip()} - {""}
    padded = {number.zfill(size) for size in range(len(number), _RECEIPT_DIGITS + 1)}
    return padded | {text.strip()}


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


def clean_name(text):
    """A name as people compare it: no case, no punctuation."""
    return " ".join(re.findall(r"\w+", (text or "").casefold()))


# ---- keys --------------------------------------------------------------------


class Index:
    """The collections loaded for some returns, by each key."""

    def __init__(self, collections):
        self.collections = list(collections)
        self._by = {
            "end_to_end": {},
            "mandate": {},
            "number": {},
            "invoice": {},
            "customer": {},
            "batch": {},
            "message": {},
            "amount": {},
        }
        for collection in self.collections:
            self._add("end_to_end", clean_number(collection.end_to_end_id), collection)
            self._add("mandate", collection.mandate, collection)
            self._add("customer", collection.partner_id, collection)
            self._add("invoice", collection.memo, collection)
            self._add("batch", collection.batch_id, collection)
            self._add("message", collection.message_id, collection)
            self._add("amount", round(collection.amount, 2), collection)
            for name in collection.names:
                self._add("number", name, collection)
            for part in collection.instalments:
                for name in part.names:
                    self._add("invoice", name, collection)

    def _add(self, key, value, collection):
        if value:
            self._by[key].setdefault(value, {})[collection] = True

    def get(self, key, values):
        """The collections that carry one of the values, each once, in order."""
        found = {}
        for value in values:
            found.update(self._by[key].get(value, {}))
        return list(found)


def _by_end_to_end(wanted, index):
    hits = index.get("end_to_end", [clean_number(text) for text in wanted.ids])
    numeric = all(text.isdigit() for text in wanted.ids)
    return [hit for hit in hits if not (numeric and _contradicts(hit, wanted))]


def _by_instruction(wanted, index):
    hits = index.get("end_to_end", [clean_number(wanted.instruction_id)])
    return [hit for hit in hits if not _contradicts(hit, wanted)]


def _by_mandate(wanted, index):
    return index.get("mandate", [wanted.mandate])


def _by_number(wanted, index):
    return index.get("number", sorted(wanted.names))


def _by_invoice(wanted, index):
    return index.get("invoice", sorted(wanted.names))


def _by_customer(wanted, index):
    hits = index.get("customer", sorted(wanted.customers))
    return [hit for hit in hits if _same_money(hit, wanted)]


KEYS = (
    ("end_to_end", _by_end_to_end),
    ("instruction", _by_instruction),
    ("mandate", _by_mandate),
    ("number", _by_number),
    ("invoice", _by_invoice),
    ("customer", _by_customer),
)


def _contradicts(hit, wanted):
    """Whether a receipt number is somebody else's: it is unique in one slip only."""
    if wanted.mandate and hit.mandate and wanted.mandate != hit.mandate:
        return True
    if wanted.customers and hit.partner_id not in wanted.customers:
        return True
    other_money = wanted.amount and not _same_money(hit, wanted)
    return bool(other_money and wanted.due and not _same_due(hit, wanted))


# ---- preferences -------------------------------------------------------------


def _same_mandate(hit, wanted):
    return bool(wanted.mandate) and hit.mandate == wanted.mandate


def _same_money(hit, wanted):
    """The amount is the collection's, what is left of it, or one instalment's."""
    if not wanted.amount:
        return False
    amounts = [hit.amount, hit.free, *(part.amount for part in hit.instalments)]
    return any(hit.same(wanted.amount, amount) for amount in amounts)


def _all_money(hit, wanted):
    return bool(wanted.amount) and hit.same(wanted.amount, hit.free)


def _same_due(hit, wanted):
    return bool(wanted.due) and wanted.due in hit.due_days


def _same_customer(hit, wanted):
    return hit.partner_id in wanted.customers


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


# ---- decision ----------------------------------------------------------------


def decide(wanted, index):
    """The `Outcome` for one return: the first key with an answer gives it."""
    refused = None
    for key, find in KEYS:
        hits = [
            hit
            for hit in find(wanted, index)
            if hit.root_id == wanted.root_id and _same_currency(hit, wanted)
        ]
        outcome = _judge(key, hits, wanted)
        if outcome and outcome.state != "unmatched":
            return outcome
        refused = refused or outcome
    return refused or Outcome("unmatched")


def _same_currency(hit, wanted):
    return not wanted.amount or hit.currency.id == wanted.currency_id


def _judge(key, hits, wanted):
    """What the hits of one key say; None when there are none."""
    if not hits:
        return None
    # A day that the bank tells separates a collection from the one presented again.
    hits = [hit for hit in hits if _same_due(hit, wanted)] or hits
    repeats = {hit: claim for hit in hits if (claim := find_repeat(hit, wanted))}
    fitting = [hit for hit in hits if hit not in repeats and _fits(hit, wanted)]
    if repeats and all(_is_later(hit, repeats, wanted) for hit in fitting):
        hit, claim = next(iter(repeats.items()))
        return Outcome("duplicate", key, hit, repeats=claim)
    if not fitting:
        return Outcome(
            "unmatched",
            key,
            candidates=_best_first(hits, wanted),
            problem=_get_problem(hits[0]),
        )
    best = _narrow(fitting, wanted)
    if len(best) > 1 or not _is_certain(key, best[0], wanted, repeats):
        return Outcome("ambiguous", key, candidates=_best_first(best, wanted))
    return Outcome("matched", key, best[0], get_named(best[0], wanted))


def _fits(hit, wanted):
    """Whether the collection can give back what came back."""
    left = hit.currency.compare_amounts(hit.free, wanted.amount or 0.0)
    if not wanted.amount:
        return left > 0
    # Without a journal entry there is nothing to take a part of.
    return left >= 0 if hit.item_id else left == 0


def _get_problem(hit):
    if not hit.open and not hit.claims:
        return "not_collected"
    return "spent" if hit.currency.compare_amounts(hit.free, 0) <= 0 else "too_much"


def _is_certain(key, hit, wanted, repeats):
    """Whether one hit is enough: the weak keys also need amount and day to agree.

    A customer who pays the same every month has the same mandate, IBAN and amount
    on each collection; so what is left is not proof when a sister came back. A
    number in the middle of a free text may be any number: the amount must agree.
    """
    others = {claim.family for claim in repeats.values()} - {wanted.family}
    if key in ("number", "invoice"):
        # Another format told of an equal instalment: this may be the same one.
        if others and not (wanted.due and _same_due(hit, wanted)):
            return False
        told = wanted.words & (hit.names | {hit.memo}) or _named(hit, wanted.words)
        return bool(told or not wanted.amount or _same_money(hit, wanted))
    if key not in ("mandate", "customer"):
        return True
    if wanted.due and not _same_due(hit, wanted):
        return False
    if not wanted.amount:
        return key == "mandate" or bool(wanted.due)
    return _same_money(hit, wanted) and not (repeats and not wanted.due)


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
    """
    named = _named(hit, wanted.names)
    spent = not hit.currency.compare_amounts(hit.free, 0) > 0
    for claim in hit.claims:
        if wanted.amount and not hit.same(claim.amount, wanted.amount):
            continue
        if abs((wanted.day or hit.day) - (claim.day or hit.day)) > REPEAT_WINDOW:
            continue
        if named and claim.instalments and named.isdisjoint(claim.instalments):
            continue
        if spent or claim.draft or claim.family != wanted.family:
            return claim
    return None


def get_named(hit, wanted):
    """The instalments that came back: named by number, else by day, else by amount.

    :return: tuple of receivable item ids; all that the collection paid when nothing
        tells them apart
    """
    parts = hit.instalments
    whole = not wanted.amount or hit.same(wanted.amount, hit.amount)
    if whole or len(parts) < 2:
        return tuple(part.line_id for part in parts)
    numbers = _named(hit, wanted.names)
    for choice in (
        [part for part in parts if part.line_id in numbers],
        [part for part in parts if wanted.due and part.due == wanted.due],
    ):
        parts = choice or parts
    same = [part for part in parts if hit.same(part.amount, wanted.amount)]
    return tuple(part.line_id for part in (same if len(same) == 1 else parts))


def _named(hit, names):
    return {p.line_id for p in hit.instalments if not names.isdisjoint(p.names)}


def decide_group(wanted, index):
    """What a rejected batch or file takes back: all that can still come back.

    :return: (collections that can come back, claims on those that cannot)
    """
    value = wanted.batch_id if wanted.scope == "batch" else wanted.message_id
    hits = [
        hit for hit in index.get(wanted.scope, [value]) if hit.root_id == wanted.root_id
    ]
    good = [hit for hit in hits if hit.currency.compare_amounts(hit.free, 0) > 0]
    return good, [claim for hit in hits if hit not in good for claim in hit.claims]


def propose(wanted, index):
    """Collections of the same amount with the same day or customer's name.

    Never certain: a person decides.
    """
    hits = [
        hit
        for hit in index.get("amount", [round(wanted.amount, 2)])
        if hit.root_id == wanted.root_id
        and _same_currency(hit, wanted)
        and _all_money(hit, wanted)
        and (_same_due(hit, wanted) or _same_name(hit, wanted))
    ]
    return _best_first(hits, wanted)
