"""Confirmations by a click, and by other addons while a customer waits.

Odoo's point of sale and event addons confirm by themselves, and are no dependencies of
ours. A refusal there would undo what the customer has done: his payment would
not be recorded. And who clicks *Confirm* wants the order handed over to who
decides, where a program wants to be told. Setting the order aside inside
`action_confirm` would be worse than a refusal, since the overrides around ours go on as
if it were confirmed. So orders are taken out around all of them: on the class that the
registry makes, as `base_automation` does. The button keeps the name that Odoo gave it.
"""

from odoo import models

from .. import acting
from ..call_marks import AT_POINT_OF_SALE
from ..orm_internals import unwrap, wrap
from . import work_done


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    def _register_hook(self):
        """Override to stand around every override of what confirms by itself."""
        super()._register_hook()
        wrap(self.pool["sale.order"], "action_confirm", SaleOrder._confirm_or_set_aside)
        if "pos_order_line_ids" in self._fields:
            wrap(self.pool["pos.order"], "sync_from_ui", _sync_at_point_of_sale)
        work_done.watch(self.pool)

    def _unregister_hook(self):
        """Override to take away what `_register_hook` has put around methods."""
        unwrap(self.pool["sale.order"], "action_confirm")
        if "pos_order_line_ids" in self._fields:
            unwrap(self.pool["pos.order"], "sync_from_ui")
        work_done.unwatch(self.pool)
        return super()._unregister_hook()

    def _confirm_or_set_aside(self, confirm):
        """Confirm these orders, less those set aside because a customer waits.

        :param confirm: `action_confirm` with all its overrides
        :raises AccessError: for who may not write them, before anything is told of them
        """
        if self:
            self.check_access("write")
        if acting.has_clicked(self, "action_confirm"):
            return self._confirm_or_hand_over(confirm)
        aside = self._set_aside_for_customer()
        orders = self - aside
        result = confirm(orders) if orders else True
        orders._settle_again_at_point_of_sale()
        return result

    def _set_aside_for_customer(self):
        """Hand over what may not be confirmed, if refusing it would strand a customer.

        :return: the orders on hold, those that were already included
        """
        if AT_POINT_OF_SALE.get(self.env):
            aside = self._hand_over_from_customer(forbidden=True)
            aside._note_payment_at_point_of_sale()
            return aside
        if acting.is_frontend():
            return self._hand_over_from_customer()
        return self.browse()

    def _at_point_of_sale(self):
        """Within this, what may not be confirmed is set aside instead of refused."""
        return AT_POINT_OF_SALE.set(self.env)

    def _note_payment_at_point_of_sale(self):
        """Tell who decides on these orders that they have been paid; once a sale."""
        for order in self.sudo():
            sales = order.pos_order_line_ids.order_id.mapped("name")
            order.message_post(
                body=self.env._("Settled at the point of sale: %s", ", ".join(sales)),
                subtype_xmlid="mail.mt_note",
            )

    def _settle_again_at_point_of_sale(self):
        """Repeat what the point of sale could not do with an order on hold.

        It takes what it has handed over already off the deliveries of the order, which
        did not exist then.
        """
        if "pos_order_line_ids" not in self._fields:
            return
        released = self.sudo().filtered(lambda order: order.hold_status == "released")
        sales = released.pos_order_line_ids.order_id.filtered(
            lambda sale: sale.uuid and sale.state not in ("draft", "cancel")
        )
        if sales and not AT_POINT_OF_SALE.get(self.env):
            sales.sync_from_ui([{"uuid": sale.uuid, "lines": []} for sale in sales])


def _sync_at_point_of_sale(pos_orders, sync):
    """Record sales, whatever becomes of the orders they settle."""
    with pos_orders.env["sale.order"]._at_point_of_sale():
        return sync(pos_orders)
