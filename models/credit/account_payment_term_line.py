from odoo import models

from .term_rank import REFERENCE_DATE


class AccountPaymentTermLine(models.Model):
    _inherit = "account.payment.term.line"

    def _get_credit_days(self, start=REFERENCE_DATE):
        """Return the days from a document, of that day, to this instalment of it."""
        return (self._get_due_date(start) - start).days

    def _get_credit_part(self, total):
        """Return what this instalment is of a total, in the same currency."""
        if self.value == "fixed":
            return self.value_amount
        return total * self.value_amount / 100.0
