from odoo import api, models
from odoo.exceptions import UserError

from ..call_marks import BOOKING


class AccountPartialReconcile(models.Model):
    """By what a payment has met its return: as firm as the entry of the return."""

    _inherit = "account.partial.reconcile"

    def write(self, vals):
        """Override of `account`: what a return has matched stays matched.

        :raises UserError: to who changes it, or makes it of another reconciliation
        :raises AccessError: to who may not see what is matched, as of another company
        """
        # Core has no rule on reconciliations.
        (self.debit_move_id | self.credit_move_id).check_access("read")
        self._check_not_of_return()
        result = super().write(vals)
        if {"debit_move_id", "credit_move_id"} & vals.keys():
            self._check_not_of_return()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_of_return(self):
        self._check_not_of_return()

    def _check_not_of_return(self):
        """Raise UserError for what matches a payment with its return, but to that.

        Set free, the money that came back would pay the invoice again.
        """
        if BOOKING.get(self.env):
            return
        for partial in self.sudo():
            line = partial.debit_move_id.payment_return_line_id
            is_booked = line.state == "confirmed"
            if is_booked and partial.credit_move_id in line._get_items():
                raise UserError(
                    self.env._(
                        "The payment return %(name)s stands on this: it has taken"
                        " %(payment)s back. Cancel the return instead.",
                        name=line.return_id.name,
                        payment=partial.credit_move_id.move_name,
                    )
                )
