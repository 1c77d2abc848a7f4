from odoo import models
from odoo.fields import Domain

from . import match_rules
from .account_payment_return_match_load import PAYMENT_NAMES
from .return_states import STANDING

# Of so many payments of the customers concerned the nearest ones are proposed.
MAX_NEAR = 5000


class AccountPaymentReturnMatch(models.AbstractModel):
    """What a person may choose where nothing fits: what the same customer paid."""

    _inherit = "account.payment.return.match"  # pylint: disable=consider-merging-classes-inherited

    def _propose_nearest(self, lines, outcomes, wanted):
        """What a person may choose where nothing fits: what the same customer paid.

        The customer is whoever was entered, has the tax code or IBAN told, or is called
        as the debtor. Nothing of it is ever chosen by itself; where it is known which
        one the bank means, and that was withdrawn, no other is proposed.

        :return: dict from line to its ``Outcome``, with candidates
        """
        lost = lines.filtered(
            lambda line: (
                line.scope == "payment"
                and outcomes[line].state == "unmatched"
                and outcomes[line].problem != "withdrawn"
            )
        )
        people = self._find_people(lost, wanted)
        found = self._load_nearest(people, wanted) if people else []
        near = {
            line: match_rules.find_nearest(wanted[line], found, ids)
            for line, ids in people.items()
        }
        return {
            line: match_rules.add_candidates(outcomes[line], hits)
            for line, hits in near.items()
        }

    def _find_people(self, lines, wanted):
        """The customers that lines without a payment name.

        :return: dict from line to ids of commercial partners, where there are any
        """
        known = {
            line: {*wanted[line].customers, *line.partner_id.commercial_partner_id.ids}
            for line in lines
        }
        keys = {
            line: match_rules.get_name_key(line.partner_name)
            for line, ids in known.items()
            if not ids
        }
        by_name = self._search_names(set(keys.values()) - {frozenset()}, wanted)
        for line, key in keys.items():
            known[line] = by_name.get(key, set())
        return {line: ids for line, ids in known.items() if ids}

    def _search_names(self, keys, wanted):
        """Who paid of late and is called so.

        :param keys: see `match_rules.get_name_key`
        :return: dict from key to ids of commercial partners
        """
        if not keys:
            return {}
        partners = self.env["res.partner"]
        for domain, records in self._get_paid_domains(wanted.values()):
            groups = records._read_group(domain, ["partner_id"])
            partners = partners.union(*(partner for (partner,) in groups))
        self._fetch(partners, ("name", "commercial_partner_id"))
        self._fetch(partners.commercial_partner_id, ("name",))
        found = {}
        for partner in partners:
            for name in (partner.name, partner.commercial_partner_id.name):
                key = match_rules.get_name_key(name)
                if key in keys:
                    ids = found.setdefault(key, set())
                    ids.add(partner.commercial_partner_id.id)
        return found

    def _get_paid_domains(self, wanted):
        """What customers paid of late, that may come back.

        :return: pairs of domain and model: payments, and items of bank transactions
        """
        wanted = list(wanted)
        since = Domain("date", ">=", self._get_oldest_day(wanted))
        is_open = Domain("state", "in", STANDING)
        payments = self._get_payment_domain(wanted) & is_open & since
        return (
            (payments, self.env["account.payment"]),
            (
                self._get_transaction_domain(wanted) & since,
                self.env["account.move.line"],
            ),
        )

    def _load_nearest(self, people, wanted):
        """The collections of customers that are nearest to what each line tells.

        :param people: dict from line to ids of commercial partners
        :return: list of ``Collection``
        """
        ids = set().union(*people.values())
        theirs = Domain("partner_id.commercial_partner_id", "in", list(ids))
        told = [wanted[line] for line in people]
        (payments, _p), (items, _i) = (
            (self._pick_nearest(domain & theirs, records, people, wanted), records)
            for domain, records in self._get_paid_domains(told)
        )
        self._fetch(payments, PAYMENT_NAMES)
        return self._load_collections(payments, items.ids, told)

    def _pick_nearest(self, domain, records, people, wanted):
        """Of what some customers paid as many as may be proposed, a line."""
        amount = "amount" if records._name == "account.payment" else "amount_currency"
        found = records.search_fetch(
            domain,
            ["partner_id", "currency_id", "date", amount],
            order="date desc, id desc",
            limit=MAX_NEAR,
        )
        self._fetch(found.partner_id, ("commercial_partner_id",))
        by_customer = found.grouped(lambda r: r.partner_id.commercial_partner_id.id)
        picked = records.browse()
        for line, ids in people.items():
            told, day = wanted[line], wanted[line].due or wanted[line].day

            def get_distance(record, told=told, day=day):
                same = record.currency_id.id == told.currency_id
                value = abs(record[amount]) if same else None
                return match_rules.get_distance(told.amount, value, day, record.date)

            theirs = [record for id_ in ids for record in by_customer.get(id_, ())]
            nearest = sorted(theirs, key=get_distance)[: match_rules.MAX_CANDIDATES]
            picked = picked.union(*nearest)
        return picked
