"""The tables in the docstrings of what decides without the database."""

from datetime import date, timedelta
from types import SimpleNamespace

from odoo.addons.account_credit_block.models import reference_form
from odoo.addons.account_credit_block.models.blocks import tax_key
from odoo.addons.account_credit_block.models.returns import match_rules

from ..models.returns.account_payment_return_left import Entry, Left
from .common_tables import TablesCase

DUE = date(2026, 3, 10)
EUR = SimpleNamespace(
    id=1,
    round=lambda amount: round(amount, 2),
    compare_amounts=lambda first, second: (first > second) - (first < second),
)
COMPANY = SimpleNamespace(
    root_id=SimpleNamespace(id=1), parent_ids=SimpleNamespace(ids=[1])
)
COMPANY.sudo = lambda: COMPANY
ROSSI = SimpleNamespace(id=1, name="Rossi Impianti")
ROSSI.commercial_partner_id = ROSSI


def part(line_id=1, amount=100, number="INV/2026/00012", due=DUE):
    """An instalment that a collection paid."""
    return match_rules.Instalment(line_id, due, amount, frozenset([number]), 1)


def hit(left=100, others=(), **values):
    """A collection of 100 euro from Rossi, on 10 March, by a known receipt number."""
    defaults = {
        "item_id": 1,
        "payment_id": 1,
        "label": "PAY/1",
        "company": COMPANY,
        "partner": ROSSI,
        "currency": EUR,
        "journal_id": 1,
        "day": DUE,
        "amount": 100,
        "open": True,
        "end_to_end_id": "E2E-000017",
        "mandate": "MNDT-1",
        "names": frozenset(["PAY/2026/00001"]),
        "instalments": (part(),),
        "left": Left(left, others=others, whole=100),
    }
    return match_rules.Collection(**defaults | values)


def told(*words, days=2, due=None, text=(), **values):
    """What the bank tells about a return, so many days after the collection.

    :param words: references, each in a field of its own
    :param text: numbers in the middle of a text
    """
    defaults = {
        "root_id": 1,
        "company_id": 1,
        "journal_id": 1,
        "ids": words,
        "instruction_id": "",
        "mandate": "",
        "words": frozenset(words),
        "tokens": frozenset(text),
        "amount": 0.0,
        "currency_id": 1,
        "due": due,
        "day": DUE + timedelta(days=days),
        "kind": "return",
        "family": "pain.002",
        "vat": "",
        "iban": "",
        "name": "",
    }
    return match_rules.Wanted(**defaults | values)


def claim(amount=100, family="camt.053", days=2, draft=False, named=(), number=9):
    """What has taken a collection back already: in the books, by another format."""
    day = DUE + timedelta(days=days)
    return match_rules.Claim(
        number, "RET/1", family, amount, day, frozenset(named), draft
    )


def entry(amount=100, days=2, is_open=True):
    """What took money back from the customer, and is no return."""
    day = DUE + timedelta(days=days)
    return Entry(5, False, "MISC/1", 1, amount, day, is_open)


def say(outcome):
    """An outcome in a line: state, key, and what else there is to it."""
    if outcome is None:
        return None
    text = f"{outcome.state} by {outcome.key}"
    if outcome.repeats:
        text += f", repeats {outcome.repeats.source}"
    if outcome.problem:
        text += f", {outcome.problem}"
    if outcome.candidates:
        text += f", of {len(outcome.candidates)}"
    return text


class TestMatchTables(TablesCase):
    """Each table holds as it is written."""

    def test_the_rules_of_matching_are_as_their_tables_say(self):
        builders = (part, hit, told, claim, entry, say)
        names = {builder.__name__: builder for builder in builders}
        self.check_tables(match_rules, 40, DUE=DUE, **names)

    def test_the_normal_form_of_references_is_as_its_examples_say(self):
        self.check_tables(reference_form, 1)

    def test_tax_codes_are_compared_as_their_examples_say(self):
        self.check_tables(tax_key, 1)
