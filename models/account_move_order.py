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

    # === WHAT IS CHARGED OF AN ORDER === #

    def _filter_charging(self, *states):
        """Return the customer invoices, no credit notes, in one of these states."""
        return self.filtered(
            lambda move: (
                move.state in states
                and move.move_type in ("out_invoice", "out_receipt")
            )
        )

    def _get_charged_sign(self):
        """Return how this document counts in what is charged.

        A draft credit note lowers nothing: whoever makes it may delete it again.
        """
        if self.move_type == "out_refund":
            return -1 if self.state == "posted" else 0
        return 0 if self.state == "cancel" else 1

    def _get_charged_of(self, order):
        """Return what this invoice charges of an order, in its currency; for sudo.

        What other lines take off is taken off each of the orders.
        """
        ordered = self.invoice_line_ids.filtered("sale_line_ids")
        taken_off = max(sum(ordered.mapped("price_total")) - self.amount_total, 0.0)
        items = ordered.filtered(lambda item: order in item.sale_line_ids.order_id)
        total = sum(items.mapped("price_total")) - taken_off
        return self._convert_for_order(total, order)

    def _get_ordered_worth_of(self, order):
        """Return what it would charge at the price of the order; for sudo."""
        return sum(
            self._get_ordered_worth_of_item(item, line)
            for item in self.invoice_line_ids
            for line in item.sale_line_ids
            if line.order_id == order
        )

    def _get_ordered_worth_of_item(self, item, line):
        """Return the same of one item; what a deposit is, is said by its invoice."""
        if line.is_downpayment:
            return self._convert_for_order(item.price_total, line.order_id)
        quantity, unit = item.quantity, item.product_uom_id
        if unit:
            quantity = unit._compute_quantity(
                quantity, line.product_uom_id, round=False, raise_if_failure=False
            )
        return line._get_worth_of(quantity)

    def _keep_let_go(self, state):
        """Have the orders remember what they were charged for less, until now.

        Before what may put it back: an invoice that is posted no more, or its credit
        note.

        :param str state: the new one of these documents
        """
        turned = self.sudo().filtered(
            lambda move: (
                move.state != "posted" and move.move_type == "out_refund"
                if state == "posted"
                else move.state == "posted"
            )
        )
        orders = turned.line_ids.sale_line_ids.order_id
        orders._read_invoices()
        orders._keep_let_go()

    def _convert_for_order(self, amount, order):
        """Return an amount of this document in the currency of an order."""
        day = self.invoice_date or self.date
        return self.currency_id._convert(
            amount, order.currency_id, order.company_id, day, round=False
        )

    # === ASKING === #

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
