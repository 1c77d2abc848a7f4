from odoo import models

from .account_payment_return_line import MADE


class AccountPaymentReturnMatch(models.AbstractModel):
    """A debit is money that left: it tells nothing again, and may be a fee."""

    _inherit = "account.payment.return.match"  # pylint: disable=consider-merging-classes-inherited

    def _prepare_told(self, line):
        """Override of `account_payment_return_match_wanted`: a debit tells it."""
        return {**super()._prepare_told(line), "by_debit": _is_made(line)}

    def _tells_again(self, line, first, wanted):
        """Override of `account_payment_return_match_wanted`: nor is it told again.

        Whether a return in the books is the same, the rules of meeting say.
        """
        if _is_made(line) or _is_made(first):
            return False
        return super()._tells_again(line, first, wanted)


def _is_made(line):
    """Whether a debit has become the line."""
    return (line.unique_key or "").startswith(MADE)
