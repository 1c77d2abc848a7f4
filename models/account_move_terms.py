"""Terms agreed on an order stay agreed on its invoice."""

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .term_rank import TermRank


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def _post(self, soft=True):
        """Override of `account` to refuse invoices on worse terms than agreed.

        Here and not in the button: cron and other modules post without it.

        :raise: UserError that names the invoices, their terms and those agreed
        """
        self._check_agreed_terms(soft)
        return super()._post(soft)

    def _check_agreed_terms(self, soft):
        """Raise UserError if invoices posted now are on worse terms than agreed."""
        today = fields.Date.context_today(self)
        invoices = self.sudo().filtered(
            lambda move: (
                move.move_type == "out_invoice"
                and move.company_id._get_credit_setting("credit_hold_terms")
                # Core leaves those of a later day to its cron, which asks again.
                and not (soft and move.date > today)
            )
        )
        refusals = [
            move._get_terms_refusal(order)
            for company, moves in invoices.grouped("company_id").items()
            for move in moves.with_company(company)
            for order in move._get_orders_on_better_terms(today)[:1]
        ]
        if refusals:
            raise UserError("\n".join([*refusals, self._get_terms_hint()]))

    def _get_orders_on_better_terms(self, today):
        """Return the orders on this invoice that were agreed on better terms for us.

        Agreed is what the customer has, or what the order was confirmed with.
        """
        rank = self._get_terms_rank(today)
        days = self.company_id._get_credit_setting("credit_hold_terms_days")

        def is_worse_than(terms):
            # No terms are no match: the due date of such an invoice can be typed in.
            if terms and terms == self.invoice_payment_term_id:
                return False
            return rank.is_worse_than(terms._get_credit_rank(self.amount_total), days)

        return self.line_ids.sale_line_ids.order_id.filtered(
            lambda order: (
                is_worse_than(order.payment_term_id)
                and is_worse_than(order.partner_id.property_payment_term_id)
            )
        )

    def _get_terms_rank(self, today):
        """Return the `TermRank` of an invoice, also when it has only a due date."""
        if self.invoice_payment_term_id:
            return self.invoice_payment_term_id._get_credit_rank(self.amount_total)
        # Core writes the day of entering as due date: an invoice of an earlier day
        # would seem to have been given time.
        start = max(self.invoice_date or today, today)
        days = max(((self.invoice_date_due or start) - start).days, 0)
        return TermRank(latest=days, average=days)

    def _get_terms_refusal(self, order):
        """Return the sentence that refuses the terms of an invoice."""
        return self.env._(
            "%(invoice)s cannot be posted with payment terms “%(terms)s”: they are"
            " worse than “%(agreed)s”, agreed on order %(order)s.",
            invoice=self.display_name,
            terms=self._get_terms_label(),
            agreed=order.payment_term_id._get_credit_label(),
            order=order.name,
        )

    def _get_terms_label(self):
        """Return the name of the terms of an invoice, or the day it is due."""
        if self.invoice_payment_term_id or not self.invoice_date_due:
            return self.invoice_payment_term_id._get_credit_label()
        return self.env._(
            "due on %(date)s", date=format_date(self.env, self.invoice_date_due)
        )

    def _get_terms_hint(self):
        """Return what to do with an invoice on worse terms than agreed."""
        return self.env._(
            "Put the agreed terms back, or have the new ones approved on the order or"
            " entered on the customer."
        )
