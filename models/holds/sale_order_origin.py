"""Where an order came from: those of a website are asked about as such.

There need not be a website: what says so is read where there is one.
"""

from odoo import api, models
from odoo.exceptions import AccessError

from .. import acting
from ..const import ORDER_CONTACTS


class SaleOrder(models.Model):
    _inherit = "sale.order"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _get_origin_names(self):
        """Return the fields that say where an order came from, if there are any."""
        return {"website_id"} & self._fields.keys()

    @api.model
    def _get_entry_names(self):
        """Return the fields that decide whether a quotation may be entered."""
        return (*ORDER_CONTACTS, "company_id", *self._get_origin_names())

    def _is_from_website(self):
        """Say whether the order is one of the website."""
        return any(self[name] for name in self._get_origin_names())

    def _get_credit_operation(self):
        """Return the operation of the grid that confirming this order is."""
        self.ensure_one()
        return "web_order" if self._is_from_website() else "confirmation"

    def _check_origin_stays(self, vals):
        """Raise AccessError for who says that an order came from elsewhere."""
        if self._get_origin_names().isdisjoint(vals) or acting.is_system(self.env):
            return
        if any(o.website_id.id != (vals["website_id"] or False) for o in self.sudo()):
            raise AccessError(self._get_closed_text("website_id"))

    def _filter_entered_for_website(self):
        """Return those that are the website's by what an employee says."""
        return self.filtered(
            lambda order: (
                order._is_from_website() and acting.is_employee(order.sudo().create_uid)
            )
        )
