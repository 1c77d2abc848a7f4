"""Lifting what blocks the customer of a held order, instead of releasing it alone."""

from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"  # pylint: disable=consider-merging-classes-inherited

    is_blocked = fields.Boolean(
        compute="_compute_is_blocked", help="A credit block holds the order today."
    )

    @api.depends("state", "reasons")
    def _compute_is_blocked(self):
        for hold in self:
            is_held = hold.state == "held"
            hold.is_blocked = is_held and "level" in (hold.reasons or {})

    def action_lift(self):
        """Open the dialog that lifts the blocks for which these orders wait.

        :return: a window action
        :raises AccessError: for who may not decide, or not lift these blocks
        :raises UserError: where no block holds an order
        """
        action = self._open_decision("lift", self.env._("Lift the Block and Release"))
        blocks = self._get_holding_blocks()
        if not blocks:
            raise UserError(
                self.env._(
                    "No credit block holds these orders, there is nothing to lift:"
                    " release them."
                )
            )
        blocks.with_env(self.env)._check_may_change()
        return action

    def _get_holding_blocks(self):
        """Return the blocks in force for which these orders wait, in sudo.

        Those of whoever the order is for, invoiced or shipped to.
        """
        return self.sudo().order_id._get_blocks_in_the_way()

    def _lift(self, reason, last_day=None, shown=None):
        """Lift the blocks for which the orders wait, and release the orders.

        :param str reason: kept with the blocks and with the decision
        :param last_day: see `_release`
        :param dict shown: see `_release`
        :raises UserError, AccessError: nothing is lifted or decided then
        """
        self._check_decision(reason)
        self._check_four_eyes()
        blocks = self._get_holding_blocks()
        blocks.with_env(self.env)._check_may_change()
        blocks._lock_in_force()._lift_by_hand(reason)
        self._release(reason, last_day, shown)
