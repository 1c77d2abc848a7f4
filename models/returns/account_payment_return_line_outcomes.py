from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from .. import said

# The files that list receipts of which the bank books the total.
OUTCOMES = ("cbi.riba", "cbi.mav")
# The files in which the bank tells what it has booked.
STATEMENTS = (
    *("cbi.rh", "cbi.ec", "cbi.rp", "cbi.ra"),
    *("camt.052", "camt.053", "camt.054"),
)
# A reference of the bank has so many characters in them (CBI-RIB-001, record 51).
_LENGTH = 12
# The bank uses its references again after some time.
_NEAR = timedelta(days=60)
# Without a reference: the bank books a total on the day of its file, or soon after.
_SAME = timedelta(days=5)


class AccountPaymentReturnLine(models.Model):
    """Receipts by what the bank calls the total that it has booked for them."""

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _find_by_outcomes_reference(self, reference, company, day=None):
        """Return the lines of which a movement of the bank is the total.

        The movement carries the reference as ``RIFESICBI``; a charge with it is that
        of the same lines. Drafts and confirmed lines, also those set aside: the total
        is of all that the bank told. Told twice, a line counts once.

        :param reference: as the bank writes it
        :param company: ``res.company``; any of its tree
        :param day: when the bank booked it, where it is known
        :return: ``account.payment.return.line``; empty while no file tells of them
        """
        found = self._find_by_outcomes_references([(reference, day)], company)
        return found[reference, day]

    @api.model
    def _find_by_outcomes_references(self, told, company):
        """Return the same of many at once, by one query.

        :param told: list of pairs (reference, day or None)
        :return: dict from such a pair to lines
        """
        names = {self._get_outcomes_name(reference) for reference, _day in told} - {""}
        lines = self.browse()
        if names:
            lines = self.search_fetch(
                Domain("batch_id", "in", list(names))
                & Domain("return_id.file_format", "in", OUTCOMES)
                & Domain("state", "!=", "cancelled")
                & Domain("match_state", "!=", "duplicate")
                & Domain("company_id", "child_of", company.root_id.ids),
                ["batch_id", "date", "amount", "fee_amount", "return_id"],
                order="id",
            )
        by_name = lines.grouped("batch_id")
        return {
            (reference, day): by_name.get(
                self._get_outcomes_name(reference), self.browse()
            )._filter_near(day)
            for reference, day in told
        }

    @api.model
    def _get_outcomes_name(self, reference):
        """Return a reference as files of outcomes have it: more is another field."""
        return (reference or "").strip()[:_LENGTH].rstrip()

    def _filter_near(self, day):
        """Leave out the receipts of another time, to whom the reference was lent."""
        if not day:
            return self
        return self.filtered(
            lambda line: not line.date or abs(line.date - day) <= _NEAR
        )

    # === WITHOUT A REFERENCE === #

    def _set_aside_totals(self):
        """Set aside what is the total of receipts that a file of outcomes told.

        The bank may leave its reference out: then bank, amount and day tell. Whichever
        of the two was imported first; a person who disagrees takes the line back.
        """
        totals = self._find_totals_alone()
        if not totals:
            return
        groups = totals._find_groups_near()
        for total in totals:
            receipts = total._find_group(groups)
            if receipts:
                total._write_said(
                    {
                        "match_state": "skipped",
                        "match_said": said.say(
                            "match.total",
                            count=len(receipts),
                            returns=[said.name(each) for each in receipts.return_id],
                        ),
                    }
                )

    def _find_totals_alone(self):
        """Return the movements without a payment that these may be about, or are."""
        domain = (
            Domain("match_state", "=", "unmatched")
            & Domain("state", "=", "draft")
            & Domain("scope", "=", "payment")
            & Domain("return_id.file_format", "in", STATEMENTS)
            & Domain("end_to_end_id", "in", (False, ""))
        )
        known = self.browse()
        if any(each.file_format in OUTCOMES for each in self.return_id):
            days = [line.return_date for line in self]
            known = self.search(
                domain
                & Domain("journal_id", "in", self.journal_id.ids)
                & Domain("return_date", ">=", min(days) - _SAME)
                & Domain("return_date", "<=", max(days) + _SAME)
            )
        return known | self.filtered_domain(domain)

    def _find_groups_near(self):
        """Return the receipts told around the days of these, by what they make.

        All of one return and day, and those of one reference among them; with and
        without the bank's charges.

        :return: dict from (bank, amount) to list of lines
        """
        days = self.mapped("return_date")
        receipts = self.search(
            Domain("return_id.file_format", "in", OUTCOMES)
            & Domain("state", "!=", "cancelled")
            & Domain("match_state", "!=", "duplicate")
            & Domain("journal_id", "in", self.journal_id.ids)
            & Domain("return_date", ">=", min(days) - _SAME)
            & Domain("return_date", "<=", max(days) + _SAME),
            order="id",
        )
        ids = defaultdict(list)
        for line in receipts:
            origin = line.return_id.split_from_id or line.return_id
            for name in {"", line.batch_id or ""}:
                ids[origin, line.return_date, name].append(line.id)
        by_amount = defaultdict(list)
        for group in map(receipts.browse, ids.values()):
            told = sum(line._get_told()[0] for line in group)
            fees = sum(line._get_told_fee() for line in group)
            for amount in {round(told, 2), round(told + fees, 2)}:
                if len(group) > 1:
                    by_amount[group.journal_id, amount].append(group)
        return by_amount

    def _find_group(self, groups):
        """Return the receipts of which this is the total, by amount and day."""
        self.ensure_one()
        amount, _currency = self._get_told()
        near = [
            group
            for group in groups.get((self.journal_id, round(amount, 2)), ())
            if abs(group[0].return_date - self.return_date) <= _SAME
        ]
        return near[0] if near else self.browse()
