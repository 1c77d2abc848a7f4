"""What waits next: a manager decides on one order after the other."""

from odoo import models


class SaleOrderHold(models.Model):
    _inherit = "sale.order.hold"  # pylint: disable=consider-merging-classes-inherited

    def _get_queue(self):
        """Return what waits for the user, beginning with what comes after these.

        The oldest first, as in the list; of the companies in which he decides.
        """
        waiting = self.search([("state", "=", "held")], order="id") - self
        companies = waiting.sudo().company_id.filtered(
            lambda company: self.env.user in company._get_hold_deciders()
        )
        waiting = waiting.filtered(lambda h: h.sudo().company_id in companies)
        after = waiting.filtered(lambda hold: hold.id > max(self.ids, default=0))
        return after + (waiting - after)

    def _get_next_action(self, message):
        """Lead to the next order that waits, or back to the list when none does.

        :param str message: what became of these
        :return: an action for the client, which closes the dialog first
        """
        queue = self._get_queue()
        if not queue:
            message = message + "\n" + self.env._("Nothing left to decide.")
        return {
            "type": "ir.actions.client",
            "tag": "credit_hold_next",
            "params": {"message": message, "res_ids": queue.ids},
        }
