"""What was decided on an order covers its invoice: to its debtor, and no more of it."""

from odoo import models

from . import acting
from .credit_verdict import STOPPING
from .hold_reasons import REASON_BY_CODE


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _get_orders_of_debtor(self):
        """Return the orders on this invoice that its debtor was to pay; for sudo."""
        return self.line_ids.sale_line_ids.order_id.filtered(
            lambda order: self._is_debtor_of(order)
        )

    def _is_debtor_of(self, order):
        """Say whether who gets this invoice is who the order was confirmed for."""
        return self.commercial_partner_id == order._get_debtor()

    def _is_more_than_ordered(self):
        """Say whether this invoice charges what no order of its debtor is for."""
        orders = self._get_orders_of_debtor()
        charged = self.invoice_line_ids.filtered(
            lambda line: (
                line.display_type == "product"
                and self.currency_id.compare_amounts(line.price_total, 0.0) > 0
            )
        )
        return not all(line.sale_line_ids.order_id & orders for line in charged) or any(
            order._is_invoiced_beyond() for order in orders
        )

    def _get_order_refusals(self):
        """Return a dict from invoice to why the decision on its order is not for it.

        The customer of another debtor's order is asked as if the order were his; a
        higher price on the invoice needs credit as it would on the order.
        """
        if acting.is_deciding(self.env, self.company_id):
            return {}
        refusals = {}
        for move in self.sudo().filtered(
            lambda m: m.move_type in ("out_invoice", "out_receipt")
        ):
            orders = move.line_ids.sale_line_ids.order_id
            others = orders.filtered(lambda o, m=move: not m._is_debtor_of(o))
            why = others and move._get_debtor_refusal(others)
            if not why and (others or move._is_invoiced_beyond_limit(orders)):
                why = move._get_over_limit_text()
            if why:
                refusals[move] = move._get_order_refusal_text(
                    (others or orders)[:1], why
                )
        return refusals

    def _get_debtor_refusal(self, orders):
        """Return why the new debtor could not have had these orders, if so."""
        for operation in {order._get_credit_operation() for order in orders}:
            verdict = self.partner_id._get_credit_verdict(operation, self.company_id)
            if verdict.policy in STOPPING:
                return verdict.text
        return ""

    def _is_invoiced_beyond_limit(self, orders):
        return self.company_id._get_credit_setting("credit_hold_limit") and any(
            order._is_invoiced_beyond() for order in orders
        )

    def _get_over_limit_text(self):
        """Return that the debtor has no credit for this invoice, if that is so."""
        if not self.company_id._get_credit_setting("credit_hold_limit"):
            return ""
        partner, company = self.commercial_partner_id, self.company_id
        limit = partner._get_credit_limit_details(company)[partner.id]
        if limit.amount is None:
            return ""
        data = {
            "partner_id": partner.id,
            "currency_id": company.currency_id.id,
            "limit": limit.amount,
            "exposure": partner._get_credit_exposure(company)[partner.id],
            # The exposure knows the invoice, drafts included.
            "before": 0.0,
            "amount": 0.0,
        }
        reason = REASON_BY_CODE["limit"]
        return reason._is_over(data, company) and reason.get_text(self.env, data)

    def _get_order_refusal_text(self, order, why):
        """Return that an invoice is not what was decided, why, and what to do."""
        return self.env._(
            "%(invoice)s to %(partner)s is not what order %(order)s was confirmed for."
            " %(why)s Put the customer and the amounts of the order back, or ask a"
            " credit manager to post it.",
            invoice=self.display_name,
            partner=self.partner_id.name,
            order=order.name,
            why=why,
        )
