from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

# The files that list receipts of which the bank books the total.
OUTCOMES = ("cbi.riba", "cbi.mav")
# A reference of the bank has so many characters in them (CBI-RIB-001, record 51).
_LENGTH = 12
# The bank uses its references again after some time.
_NEAR = timedelta(days=60)


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
