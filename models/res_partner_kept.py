from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Where an order names the contacts that it needs.
ADDRESSES = ("partner_id", "partner_invoice_id", "partner_shipping_id")


class ResPartner(models.Model):
    """Contacts of orders are kept, also of orders that not everybody may see."""

    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ordered(self):
        """Raise UserError for contacts that an order needs.

        PostgreSQL refuses too, but its text names the order's table and Odoo's the
        model: also to who may not know that there is an order.
        """
        domain = Domain.OR(Domain(name, "in", self.ids) for name in ADDRESSES)
        orders = self.env["sale.order"].sudo().search(domain)
        kept = self & orders._get_credit_partners().sudo(self.env.su)
        if kept:
            raise UserError(
                self.env._(
                    "These contacts are named by documents that are kept and cannot be"
                    " deleted: archive them instead. %s",
                    ", ".join(kept.mapped("display_name")),
                )
            )
