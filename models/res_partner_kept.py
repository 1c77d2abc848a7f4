from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResPartner(models.Model):
    """Customers that are not deleted, since orders or blocks keep them."""

    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    @api.ondelete(at_uninstall=False)
    def _unlink_except_kept(self):
        """Raise UserError for contacts that orders or credit blocks need.

        PostgreSQL would refuse it too, and name the table: also of what is hidden.
        """
        kept = self._get_customers_of_orders() | self._get_blocked_ever()
        if kept:
            raise UserError(
                self.env._(
                    "These contacts cannot be deleted, as documents that are kept name"
                    " them. Archive them instead: %s",
                    ", ".join(kept.mapped("display_name")),
                )
            )

    def _get_customers_of_orders(self):
        """Return those of these contacts that any order is sold, billed or shipped to."""
        addresses = ("partner_id", "partner_invoice_id", "partner_shipping_id")
        domain = Domain.OR(Domain(name, "in", self.ids) for name in addresses)
        orders = self.env["sale.order"].sudo().search(domain)
        partners = orders._get_credit_partners()
        return self.filtered(lambda partner: partner in partners)

    def _get_blocked_ever(self):
        """Return those of these contacts that have a history of credit blocks."""
        blocks = self.env["credit.block"].sudo().search([("partner_id", "in", self.ids)])
        return self & blocks.partner_id.sudo(self.env.su)
