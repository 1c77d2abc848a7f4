from dataclasses import dataclass

from odoo import models
from odoo.fields import Domain

from ..reference_form import letters
from ..returns import match_rules

# No field of a bank for a reference is longer (ISO 20022: Max35Text).
_LONGEST = 35


@dataclass(frozen=True, slots=True)
class Named:
    """Whom the bank names on a transaction: any of it may be empty, or False."""

    partner: object
    name: str
    iban: str


@dataclass(frozen=True, slots=True)
class Ours:
    """Who we are: partners, what they are called (see `get_name_key`), accounts."""

    partners: object
    names: frozenset
    ibans: frozenset


class AccountBankStatementLine(models.Model):
    """What the bank tells of a transaction: what it calls it, and whom it names."""

    _inherit = "account.bank.statement.line"  # pylint: disable=consider-merging-classes-inherited

    # === WHAT IT CALLS IT === #

    def _get_references(self):
        """What the bank calls the collection, in fields of their own."""
        found = (self._get_end_to_end_id(), self._get_reference())
        return [text for text in found if text]

    def _get_reference(self):
        """The reference of the transaction; "" for a text, or none."""
        return _clean(self.ref)

    def _get_end_to_end_id(self):
        """The end-to-end ID in what the statement's file told; "" where it is not."""
        return next(filter(None, map(_clean, _find_ids(self.transaction_details))), "")

    # === WHOM IT NAMES === #

    def _find_named(self):
        """Say whom the bank names on each of these but us.

        Of what came back it may name the creditor, as it was told to collect for him.

        :return: dict from transaction to `Named`; as many queries for many as for one
        """
        ours = self._find_ours()
        return {each: each._get_named(ours[each.company_id.root_id]) for each in self}

    def _get_named(self, ours):
        self.ensure_one()
        partner, name, iban = self.partner_id, self.partner_name, self.account_number
        if partner.commercial_partner_id in ours.partners or partner in ours.partners:
            partner = partner.browse()
        if name and match_rules.get_name_key(name) in ours.names:
            name = False
        if iban and letters(iban) in ours.ibans:
            iban = False
        return Named(partner, name or partner.name, iban)

    def _find_ours(self):
        """Who the companies are whose transactions these are, with their branches.

        :return: dict from company at the top to `Ours`
        """
        roots = self.company_id.root_id.sudo()
        companies = roots.search(Domain("id", "child_of", roots.ids))
        found = {}
        for root, group in companies.grouped("root_id").items():
            partners = group.partner_id | group.partner_id.commercial_partner_id
            names = frozenset(map(match_rules.get_name_key, partners.mapped("name")))
            banks = partners.with_context(active_test=False).bank_ids
            ibans = frozenset(filter(None, banks.mapped("sanitized_acc_number")))
            found[root.sudo(False)] = Ours(partners, names - {frozenset()}, ibans)
        return found


def _clean(text):
    """A reference that tells one transaction from another: it has a digit."""
    text = (text or "").strip()
    is_one = len(text) <= _LONGEST and any(map(str.isdigit, letters(text).strip("0")))
    return text if is_one else ""


def _find_ids(value):
    """The end-to-end IDs in a JSON value, by the names of their fields."""
    if isinstance(value, list):
        value = dict(enumerate(value))
    if not isinstance(value, dict):
        return
    for name, each in value.items():
        if isinstance(each, str):
            if letters(str(name)).endswith("ENDTOENDID"):
                yield each
        else:
            yield from _find_ids(each)
