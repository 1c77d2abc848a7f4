from odoo import models

from .term_rank import REFERENCE_DATE, TermRank


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    def _get_credit_rank(self, amount, start=REFERENCE_DATE):
        """Return the `TermRank` of these terms; no terms at all are payable at once.

        :param amount: total of the document, in its currency: instalments of a fixed
            amount weigh by it
        :param start: day of the document, where it matters
        """
        if not self:
            return TermRank()
        total = remaining = max(amount, 0.0) or 1.0
        weighed = 0.0
        lines = [(line, line._get_credit_days(start)) for line in self.line_ids]
        # As in core, the last instalment is what the others leave.
        for line, days in lines[:-1]:
            part = min(line._get_credit_part(total), remaining)
            remaining -= part
            weighed += part * days
        for __, days in lines[-1:]:
            weighed += remaining * days
        return TermRank(
            latest=max((days for __, days in lines), default=0),
            average=round(weighed / total, 2),
            discount=self.discount_percentage if self.early_discount else 0.0,
        )

    def _fetch_for_credit_rank(self):
        """Read in one go what the ranks of all these terms are made of."""
        self.fetch(["early_discount", "discount_percentage", "line_ids"])
        self.line_ids.fetch(["value", "value_amount", "nb_days", "delay_type"])

    def _get_credit_label(self):
        """Return the name people know the terms by, also when there are none."""
        return self.display_name or self.env._("Immediate Payment")
