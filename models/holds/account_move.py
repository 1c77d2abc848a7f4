"""What was decided on an order covers its invoice: to its debtor, and no more of it."""

from odoo import models

from .. import acting
from ..const import STOPPING


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _get_posting_refusals(self, verdicts):
        """Override: nor is what is not what was decided on an order."""
        refusals = super()._get_posting_refusals(verdicts)
        return {**self._get_order_refusals(), **refusals}

    def _get_order_refusals(self):
        """Return a dict from invoice to why the decision on its order is not for it.

        The customer of another debtor's order is asked as if the order were his, and
        so is who is charged a higher price than the order's. What was posted for less
        before, or to somebody else, needs credit again.
        """
        if acting.is_deciding(self.env, self.company_id):
            return {}
        refusals = {}
        invoices = self.sudo()._filter_charging("draft", "posted")
        invoices.line_ids.sale_line_ids.order_id._read_invoices()
        for move in invoices:
            text = move._get_order_refusal()
            if text:
                refusals[move] = text
        return refusals

    def _get_order_refusal(self):
        """Return why the decisions on its orders are not for this invoice, if so."""
        orders = self.line_ids.sale_line_ids.order_id
        changed = orders.filtered(
            lambda o: not self._is_debtor_of(o) or o._is_invoiced_beyond()
        )
        why = changed and self._get_debtor_refusal(changed)
        again = changed or orders.filtered(lambda o: o._is_invoiced_again())
        if not why and again:
            why = self._get_over_limit_text()
        if not why:
            return ""
        if changed:
            return self._get_order_refusal_text(changed[:1], why)
        return self._get_again_refusal_text(again[:1], why)

    def _get_debtor_refusal(self, orders):
        """Return why the new debtor could not have had these orders, if so."""
        for operation in {order._get_credit_operation() for order in orders}:
            verdict = self.partner_id._get_credit_verdict(operation, self.company_id)
            if verdict.policy in STOPPING:
                return verdict.text
        return ""

    def _get_over_limit_text(self):
        """Return that the debtor has no credit for this invoice, if that is so."""
        if not self.company_id._get_credit_setting("credit_hold_limit"):
            return ""
        partner, company = self.commercial_partner_id, self.company_id
        limits = partner._get_credit_limit_details(company)
        limit = limits[partner.id]
        if limit.amount is None:
            return ""
        sharing = partner | partner.browse(limit.shared_with)
        self.env["credit.exposure.lock"].sudo()._take(sharing, company)
        data = {
            "partner_id": partner.id,
            "currency_id": company.currency_id.id,
            "limit": limit.amount,
            "exposure": partner._get_limited_exposure(company, limits)[partner.id],
            # The exposure knows the invoice, drafts included.
            "before": 0.0,
            "amount": 0.0,
        }
        reason = self.env["sale.order"]._get_hold_reason("limit")
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

    def _get_again_refusal_text(self, order, why):
        """Return the same of what was posted for less, or to another, before."""
        return self.env._(
            "%(invoice)s to %(partner)s charges more than when order %(order)s was"
            " invoiced before, for less or to somebody else. %(why)s Ask a credit"
            " manager to post it.",
            invoice=self.display_name,
            partner=self.partner_id.name,
            order=order.name,
            why=why,
        )
