from odoo import models
from odoo.fields import Domain

from ..returns.return_states import STANDING


class AccountPaymentReturnOutcome(models.AbstractModel):
    """What comes of cancelling returns: receipts that are at the bank once more."""

    _inherit = "account.payment.return.outcome"  # pylint: disable=consider-merging-classes-inherited

    def _rehearse_cancel(self, returns):
        """Override: say which receipts were presented for the same since."""
        again = self._find_presented_again(returns.line_ids._filter_came_back())
        sentences = super()._rehearse_cancel(returns)
        if not again:
            return sentences
        numbers = ", ".join(again.mapped("end_to_end_id"))
        told = self.env._(
            "the same instalments were presented again, with %(numbers)s: withdraw what"
            " the customer is not to pay twice",
            numbers=numbers,
        )
        return [*sentences, told]

    def _find_presented_again(self, lines):
        """Return the receipts, in sudo, that stand for instalments of other ones.

        :param lines: return lines of receipts
        """
        receipts = lines.payment_id.sudo()
        rows = self.env["account.payment.presentation.line"].sudo()
        again = rows.search(
            Domain(
                "move_line_id", "in", receipts.presentation_line_ids.move_line_id.ids
            )
            & Domain("payment_id", "not in", receipts.ids)
            & Domain("payment_id.state", "in", STANDING),
            order="id",
        )
        return again.payment_id
