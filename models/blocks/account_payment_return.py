from odoo import api, fields, models

from .. import said


class AccountPaymentReturn(models.Model):
    """What a return blocks, and its cancelling lifts."""

    _inherit = "account.payment.return"  # pylint: disable=consider-merging-classes-inherited

    block_count = fields.Integer(compute="_compute_block_count", string="Blocks")

    @api.depends("line_ids.block_ids")
    def _compute_block_count(self):
        """Number of blocks that this return has set, for the smart button."""
        for payment_return in self:
            payment_return.block_count = len(payment_return.line_ids.block_ids)

    def _book(self, lines, left, is_ahead=False):
        """Override of `returns`: the rules see what came back when all is booked."""
        with self.env["credit.block.evaluation"]._evaluate_together():
            res = super()._book(lines, left, is_ahead)
            lines._evaluate_customers()
        return res

    def _unbook(self):
        """Override of `returns`: the rules see when all is out of the books again."""
        lines = self._filter_confirmed().line_ids
        because = said.say("lift.cancelled")
        with self.env["credit.block.evaluation"]._evaluate_together(because):
            unrestored = super()._unbook()
            lines._evaluate_customers()
        return unrestored

    def action_open_blocks(self):
        """Open the credit blocks that these returns have set.

        :return: a window action
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        return self.line_ids.block_ids._get_records_action(name=self.env._("Blocks"))

    def _foresee_blocks(self):
        """Override of `returns`: whether a rule of their companies sets blocks."""
        if self.line_ids.company_id._has_block_rules():
            return [self.env._("customers are blocked as their lines are booked")]
        return [self.env._("no customer is blocked")]
