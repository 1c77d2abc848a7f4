from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import acting
from ..const import ORDER_CONTACTS


class ResPartner(models.Model):
    """Contacts of orders are kept, also of orders that not everybody may see."""

    _inherit = "res.partner"  # pylint: disable=consider-merging-classes-inherited

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ordered(self):
        """Raise UserError for contacts that an order needs.

        PostgreSQL refuses too, but its text names the order's table and Odoo's the
        model: also to who may not know that there is an order.
        """
        domain = Domain.OR(Domain(name, "in", self.ids) for name in ORDER_CONTACTS)
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

    # === WHO GETS ANOTHER CUSTOMER === #

    def _find_what_stands(self):
        """Override: the open orders of these, with what is found on them."""
        orders = self._find_open_orders()
        return orders._find_open_reasons(orders._get_customer_reasons())

    def _check_gained(self, found):
        """Override: confirmed orders are asked about with their new customer."""
        res = super()._check_gained(found)
        self._check_gained_orders(found, self._find_open_orders())
        return res

    def _find_open_orders(self):
        """Return the confirmed orders of these contacts that are not paid yet.

        Those that are invoiced too: whoever owes them brings the debt along.
        """
        orders = self.env["sale.order"].sudo()
        if not self:
            return orders
        unpaid = Domain("state", "!=", "cancel") & Domain(
            "payment_state", "in", ("not_paid", "partial")
        )
        return orders.search(
            Domain("state", "=", "sale")
            & Domain.OR(Domain(name, "in", self.ids) for name in ORDER_CONTACTS)
            & (
                Domain("invoice_status", "!=", "invoiced")
                | Domain("order_line.invoice_lines.move_id", "any", unpaid)
            )
        )

    @api.model
    def _check_gained_orders(self, found, orders):
        """Raise UserError if orders would be those of who may not have them.

        Confirmed for one customer, they would come under another as if that one had
        been asked about. Orders that were asked about with it go back as they are.

        :param dict found: order to its findings before the change
        """
        orders = orders.filtered(
            lambda order: not acting.manages_credit(self.env, order.company_id)
        )
        for order, findings in orders._find_open_reasons(
            orders._get_customer_reasons(), running=True
        ).items():
            known = {finding.code: finding.data for finding in found.get(order, ())}
            new = [
                f
                for f in findings
                if f.code not in known
                or not orders._get_hold_reason(f.code).is_covered(f.data, known[f.code])
            ]
            if new:
                raise UserError(
                    order._get_credit_refusal_text(
                        self.env._(
                            "The confirmed order %s would come under this customer. Ask"
                            " a credit manager to make the change.",
                            order.name,
                        ),
                        order._get_reasons_text(
                            new, order.company_id._get_hold_decider_hint()
                        ),
                    )
                )
