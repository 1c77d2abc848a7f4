"""Invoices say when their customer comes near the credit limit, or has none left."""

from odoo import models
from odoo.tools import format_amount, format_date


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    # Few among all: what of the exposure can still be changed.
    _credit_draft_idx = models.Index(
        "(move_type) WHERE state = 'draft'"
        " AND move_type IN ('out_invoice', 'out_receipt', 'out_refund')"
    )

    def _compute_partner_credit_warning(self):
        """Override of `account` to warn by the exposure that orders are held by.

        Where they are not held over the limit, core warns as it does.
        """
        limited = self.filtered(
            lambda move: (
                move.partner_id
                and move.company_id._get_credit_setting("credit_hold_limit")
            )
        )
        res = super(AccountMove, self - limited)._compute_partner_credit_warning()
        limited.partner_credit_warning = ""
        drafts = limited.filtered(
            lambda move: move.state == "draft" and move.move_type == "out_invoice"
        )
        for company, moves in drafts.grouped("company_id").items():
            moves._warn_near_credit_limit(company.sudo())
        return res

    def _warn_near_credit_limit(self, company):
        """Warn on these drafts of one company; the exposures are asked once for all."""
        share = company._get_credit_setting("credit_hold_limit_warning")
        limits = self.partner_id._get_credit_limit_details(company)
        limited = self.filtered(
            lambda m: share and limits[m.partner_id.id].amount is not None
        )
        exposures = limited.partner_id._get_limited_exposure(company, limits)
        compare = company.currency_id.compare_amounts
        for move in limited:
            limit = limits[move.partner_id.id]
            total = exposures[move.partner_id.id]["total"] + move._get_unsaved_amount()
            if compare(total, limit.amount * share / 100) >= 0:
                move.partner_credit_warning = move._get_credit_limit_text(limit, total)

    def _get_unsaved_amount(self):
        """Return what a draft adds to the exposure, which knows what is saved of it."""
        saved = self._origin
        if saved == self:
            return 0.0
        # The entry's own total follows when it is saved.
        total = (self.tax_totals or {}).get("total_amount", 0.0)
        same_customer = saved.partner_id == self.partner_id
        return total - (saved.amount_total_signed if same_customer else 0.0)

    def _get_credit_limit_text(self, limit, total):
        """Return the warning for who may see the amounts, as core's.

        :param limit: a `CreditLimit` of the customer
        :param float total: the exposure with this invoice, in the company's currency
        """
        currency = self.company_id.currency_id
        excess = currency.round(total - limit.amount)
        texts = {
            "partner": self.partner_id.commercial_partner_id.name,
            "limit": format_amount(self.env, limit.amount, currency),
            "total": format_amount(self.env, total, currency),
            "excess": format_amount(self.env, abs(excess), currency),
            "date": format_date(self.env, limit.until) or "",
        }
        if limit.is_expired:
            return self.env._(
                "%(partner)s has no credit: the credit limit expired on %(date)s. The"
                " exposure with this invoice is %(total)s.",
                **texts,
            )
        if excess > 0:
            return self.env._(
                "%(partner)s is over the credit limit of %(limit)s: the exposure with"
                " this invoice is %(total)s, %(excess)s over it.",
                **texts,
            )
        return self.env._(
            "%(partner)s is close to the credit limit of %(limit)s: the exposure with"
            " this invoice is %(total)s, %(excess)s are left.",
            **texts,
        )

    def _build_credit_warning_message(
        self, record, current_amount=0.0, exclude_current=False, exclude_amount=0.0
    ):
        """Override of `account`, whose limit knows no dates.

        :return: core's warning, unless the limit has expired or is raised today
        """
        partner = record.partner_id.commercial_partner_id
        limit = partner._get_credit_limit_details(record.company_id)[partner.id]
        message = super()._build_credit_warning_message(
            record, current_amount, exclude_current, exclude_amount
        )
        if limit.is_expired:
            return self.env._(
                "%(partner)s has no credit: the credit limit expired on %(date)s.",
                partner=partner.name,
                date=format_date(self.env, limit.until),
            )
        if not limit.is_raised:
            return message
        debt = partner.credit + partner.credit_to_invoice
        currency = record.company_id.currency_id
        total = debt - exclude_amount + current_amount
        if currency.compare_amounts(total, limit.amount) <= 0:
            return ""
        return self.env._(
            "%(partner)s is over the temporary credit limit of %(limit)s, which counts"
            " until %(date)s.",
            partner=partner.name,
            limit=format_amount(self.env, limit.amount, currency),
            date=format_date(self.env, limit.until),
        )

    # === WHAT IS CHARGED OF AN ORDER === #

    def _get_orders_of_debtor(self):
        """Return the orders on this invoice that its debtor was to pay; for sudo."""
        return self.line_ids.sale_line_ids.order_id.filtered(
            lambda order: self._is_debtor_of(order)
        )

    def _is_debtor_of(self, order):
        """Say whether who gets this invoice is who the order was confirmed for."""
        return self.commercial_partner_id == order._get_debtor()

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
