from odoo import api, models
from odoo.exceptions import UserError

from .. import acting

# What an item is linked by to an order and to a customer.
ORDER_LINKS = {"move_id", "sale_line_ids"}


class AccountMoveLine(models.Model):
    """What is invoiced is owed once: by the customer whose order it was."""

    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def default_get(self, fields):
        """Override of `base`: no default of a user or of a client is an order's.

        The system takes the defaults of the client along.
        """
        return super().default_get([name for name in fields if name != "sale_line_ids"])

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`: an invoice is of orders of its customer.

        :raises UserError: to who enters another customer's order
        """
        items = super().create(vals_list)
        items._check_orders_of_customer()
        return items

    def write(self, vals):
        """Override of `account`: an invoice stays of orders of its customer.

        :raises UserError: to who enters another customer's order
        """
        res = super().write(vals)
        if not ORDER_LINKS.isdisjoint(vals):
            self._check_orders_of_customer()
        return res

    def _check_orders_of_customer(self):
        """Raise UserError for who says that an invoice is of a stranger's order.

        What is invoiced is owed as an invoice and no more as an order: by the same
        customer. A credit note is of the orders of its invoice, whoever pays.
        """
        if acting.is_system(self.env):
            return
        for item in self.sudo().filtered("sale_line_ids"):
            move = item.move_id
            known = move.reversed_entry_id.line_ids.sale_line_ids
            orders = (item.sale_line_ids - known).order_id
            if (
                orders.partner_invoice_id.commercial_partner_id
                - move.commercial_partner_id
            ):
                raise UserError(
                    self.env._(
                        "%(invoice)s is not to the customer of %(orders)s. Invoice an"
                        " order by its button “Create Invoice”.",
                        invoice=move.display_name,
                        orders=", ".join(orders.mapped("name")),
                    )
                )
