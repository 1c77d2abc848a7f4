from odoo import models

from ..models import said

# What the parsers call the totals of files of outcomes, and what these cost.
TOTALS = ("outcomes", "outcomes_charges")
# So many are told each by itself, of more the number.
MOST = 50


class AccountPaymentReturnImport(models.TransientModel):
    """The totals of receipts in statements: files of outcomes list what is in them.

    The money is in the books once, by the receipts. So a total is told, never booked:
    of which return it is, or that the file which lists its receipts is still to come.
    """

    _inherit = "account.payment.return.import"  # pylint: disable=consider-merging-classes-inherited

    def _find_totals(self, files):
        """The totals of receipts in some files, and the receipts that are known.

        :param files: list of ``BankFile``
        :return: dict from ``IgnoredEntry`` to ``account.payment.return.line``
        """
        entries = [
            entry
            for file in files
            for document in file.documents
            for entry in document.ignored
            if entry.why in TOTALS and entry.reference
        ][:MOST]
        found = self.env["account.payment.return.line"]._find_by_outcomes_references(
            [(entry.reference, entry.date) for entry in entries], self.env.company
        )
        return {entry: found[entry.reference, entry.date] for entry in entries}

    def _get_total_sentences(self, ignored, totals):
        """Say of each total among some entries which receipts it is of, as in `said`.

        :param totals: see `_find_totals`
        """
        return [
            self._get_total_sentence(entry, totals[entry])
            for entry in ignored
            if entry in totals
        ]

    def _has_open(self, totals):
        """Whether a total is not that of receipts that are known.

        :param totals: see `_find_totals`
        """
        return any(self._get_total_state(*each) != "known" for each in totals.items())

    def _get_total_state(self, entry, lines):
        """Whether the receipts of a total are known and make it."""
        if not lines:
            return "unknown"
        told = self._sum_told(entry, lines)
        same = not lines[0].currency_id.compare_amounts(told, float(entry.amount))
        return "known" if same else "differ"

    def _get_total_sentence(self, entry, lines):
        return said.say(
            f"import.{entry.why}.{self._get_total_state(entry, lines)}",
            amount=said.told_amount(entry.currency, entry.amount),
            found=said.told_amount(entry.currency, self._sum_told(entry, lines)),
            reference=entry.reference,
            count=len(lines),
            returns=[said.name(each) for each in lines.return_id],
        )

    def _sum_told(self, entry, lines):
        """What the receipts make of a total: their amounts, or their charges."""
        if entry.why == "outcomes_charges":
            return sum(line._get_told_fee() for line in lines)
        return sum(line._get_told()[0] for line in lines)
