from odoo import models

from ..returns.account_payment_return_takeover import Row


class AccountPaymentReturnTakeover(models.AbstractModel):
    """Blocks whom new returns like those of another addon would block."""

    _inherit = "account.payment.return.takeover"

    def _block(self, returns):
        """Override of `returns`: apply the block rules to their customers."""
        lines = returns.line_ids
        before = self._get_blocks(lines)
        lines._evaluate_customers()
        return super()._block(returns) + [
            Row("customer", block.partner_id.name, "blocked", block.level_id.name)
            for block in self._get_blocks(lines) - before
        ]

    def _get_blocks(self, lines):
        return self.env["credit.block"]._search_in_force(
            [("partner_id", "in", lines.undone_ids.partner_id.ids)]
        )
