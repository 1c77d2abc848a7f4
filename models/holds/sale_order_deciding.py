"""What is decided on an order: by who decides, or by who takes it back."""

from odoo import models
from odoo.exceptions import AccessError, UserError


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    # === ACTIONS === #

    def action_release_hold(self):
        """Open the dialog that releases these orders.

        :raises AccessError: to others
        """
        self._check_decider()
        return self._get_open_holds().action_release()

    def action_refuse_hold(self):
        """Open the dialog that refuses these orders.

        :raises AccessError: to others
        """
        self._check_decider()
        return self._get_open_holds().action_refuse()

    def action_recheck_hold(self):
        """Let held orders go on whose reasons are gone, for example since they paid.

        :return: a notification that tells how many went on, and why others wait still
        :raises AccessError: for who neither sells these orders nor decides on them
        :raises UserError: for orders that wait for nothing
        """
        self._check_selected()
        self._check_seller()
        return self._get_open_holds()._recheck()

    def action_open_holds(self):
        """Open the decisions on this order (smart button).

        :return: a window action
        :raises AccessError: for who may not see the order, or no decisions
        """
        self.check_access("read")
        holds = self.env["sale.order.hold"].search([("order_id", "in", self.ids)])
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account_credit_block.sale_order_hold_action_history"
        )
        action["domain"] = [("id", "in", holds.ids)]
        if len(holds) == 1:
            action.update(view_mode="form", res_id=holds.id, views=[(False, "form")])
        return action

    # === FROM CODE === #

    def _release_hold(self, reason):
        """Release these orders: they go on where they stopped.

        :param str reason: kept with the decision
        :raises UserError: for orders that do not wait
        :raises AccessError: for other users
        """
        self._get_open_holds()._release(reason)

    def _refuse_hold(self, reason, cancel=None):
        """Refuse these orders; the money of who has paid is given back.

        :param str reason: kept with the decision
        :param cancel: cancel the orders instead of giving them back to the salesperson;
            by default, those that came from a customer
        :raises UserError: for orders that do not wait
        :raises AccessError: for other users
        """
        self._get_open_holds()._refuse(reason, cancel)

    def _get_open_holds(self):
        """Return the hold each of these orders waits for, of which the user may know.

        :raises UserError: when one of them does not wait for a decision
        :raises AccessError: for one that the user may not see
        """
        self._check_selected()
        holds = self.env["sale.order.hold"].sudo()
        holds = holds.search([("order_id", "in", self.ids), ("state", "=", "held")])
        known = holds.with_env(self.env)._filter_known()
        missing = self - known.sudo().order_id.with_env(self.env)
        if not missing._may("read"):
            raise AccessError(self._get_no_decider_text())
        if missing:
            raise UserError(
                self.env._(
                    "Nobody has to decide on these orders any more: %s",
                    ", ".join(missing.mapped("name")),
                )
            )
        return known

    def _end_hold_of_state(self, state):
        """Take back what was asked when orders are cancelled or reset to quotation."""
        ended = self.sudo().filtered("hold_status")
        if state == "cancel":
            ended = ended.filtered(lambda order: order.hold_status == "held")
        ended.hold_ids.filtered(lambda hold: hold.state == "held")._withdraw()
        ended._write_hold({"hold_status": False, "hold_hidden": False})
