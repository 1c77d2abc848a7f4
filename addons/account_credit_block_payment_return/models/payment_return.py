from odoo import models
from odoo.exceptions import UserError

from odoo.addons.account_credit_block.models.returns import return_books


class PaymentReturn(models.Model):
    _inherit = "payment.return"

    def action_confirm(self):
        """Override of `account_payment_return`: what came back comes back once.

        :raises UserError: for what a return of ours has booked
        """
        self._check_none_came_back()
        return super().action_confirm()

    def _check_none_came_back(self):
        """Raise UserError for payments that a return of ours took back."""
        items = self.line_ids.move_line_ids
        line = return_books.find_came_back(items, "move_line_id")
        line = line or return_books.find_came_back(items, "undone_ids.credit_move_id")
        if line:
            payment = line.payment_id or line.move_line_id
            raise UserError(
                self.env._(
                    "%(payment)s came back already, by the payment return %(name)s"
                    " (Credit ▸ Payment Returns). Remove its line here, or cancel"
                    " that return first.",
                    payment=payment.display_name,
                    name=line.return_id.name,
                )
            )
