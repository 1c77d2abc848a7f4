from odoo import models

from ..models.returns.return_books import LATE


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        """Override of `account`: what corrects a fee invoice is one, too.

        It asks what the one before asked: without the links that copies do not get it
        would be asked once more.
        """
        action = super().reverse_moves(is_modify)
        if is_modify:
            self._link_corrected()
        return action

    def _link_corrected(self):
        """Give copies of fee invoices what links these to returns and debts."""
        copies = self.new_move_ids.filtered(lambda m: m.move_type == "out_invoice")
        for move in self.move_ids.filtered("fee_return_id"):
            lines = move.invoice_line_ids
            said = lines.mapped("name"), move.partner_id, move.currency_id
            for copy in copies:
                found = copy.invoice_line_ids
                if (found.mapped("name"), copy.partner_id, copy.currency_id) != said:
                    continue
                copies -= copy
                copy.sudo().fee_return_id = move.fee_return_id
                for line, origin in zip(found, lines, strict=True):
                    values = {name: origin[name] for name in LATE}
                    line.sudo().write(origin._convert_to_write(values))
                break
