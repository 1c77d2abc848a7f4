"""Terms agreed on an order, or with the customer, stay agreed on the invoice."""

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from .. import acting
from ..credit.term_rank import TermRank

# What the days on which an invoice is due follow from.
DUE_FIELDS = {
    "invoice_date",
    "invoice_date_due",
    "invoice_line_ids",
    "invoice_payment_term_id",
    "line_ids",
}


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    def write(self, vals):
        """Override of `account`.

        :raises UserError: for terms given after posting
        """
        if DUE_FIELDS.isdisjoint(vals):
            return super().write(vals)
        before = self._take_posted_ranks()
        res = super().write(vals)
        self._check_posted_ranks(before)
        return res

    # === AT POSTING === #

    def _get_terms_refusals(self):
        """Return a dict from invoice to why its terms are not those agreed.

        Agreed is what the debtor has, or what the debtor's order was confirmed with.
        """
        if acting.is_deciding(self.env, self.company_id):
            return {}
        refusals = {}
        for company, moves in self._filter_terms_asked().grouped("company_id").items():
            for move in moves.with_company(company):
                refusals.update(move._get_terms_refusal(move._get_ranks()))
        return refusals

    def _filter_terms_asked(self):
        """Return, in sudo, the customer invoices whose company asks for their terms."""
        return self.sudo().filtered(
            lambda move: (
                move.move_type in ("out_invoice", "out_receipt")
                and move.company_id._get_credit_setting("credit_hold_terms")
            )
        )

    def _get_terms_refusal(self, ranks, later=False):
        """Return a dict from this invoice to why these are not the terms agreed.

        :param ranks: see `_get_ranks`
        :param later: the invoice was posted before, and is due later now
        """
        own = self.commercial_partner_id.property_payment_term_id
        if not self._is_worse_than(own, ranks):
            return {}
        orders = self._get_orders_of_debtor()
        better = orders.filtered(
            lambda order: self._is_worse_than(order.payment_term_id, ranks)
        )
        if better:
            terms = better[0].payment_term_id
            return {self: self._get_terms_text(terms, later, better[0])}
        if orders and not self._is_more_than_ordered():
            return {}
        return {self: self._get_terms_text(own, later)}

    def _is_worse_than(self, terms, ranks):
        """Say whether any of the ranks of this invoice is worse than some terms.

        :param ranks: see `_get_ranks`
        """
        days = self.company_id._get_credit_setting("credit_hold_terms_days")
        return any(
            rank.is_worse_than(terms._get_credit_rank(self.amount_total, start), days)
            for rank, start in ranks
        )

    def _get_ranks(self, start=None):
        """Return what this invoice gives, by its terms and by the days written on it.

        :param start: the day from which it counts, by default the invoice's own, or
            today where that is later: a day to come is time given
        :return: list of pairs of a `TermRank` and the day from which it counts
        """
        today = self.company_id._get_credit_today()
        start = start or min(self.invoice_date or self.date or today, today)
        if self.invoice_payment_term_id:
            rank = self.invoice_payment_term_id._get_credit_rank(
                self.amount_total, start
            )
            return [(rank, start), (self._get_due_rank(start), start)]
        if self.state == "draft":
            # Core writes the day of entering as due date: an invoice of an earlier day
            # would seem to have been given time.
            start = today
        return [(self._get_due_rank(start), start)]

    def _get_due_rank(self, start):
        """Return the `TermRank` of the days on which this invoice is due."""
        items = self.line_ids.filtered(lambda i: i.display_type == "payment_term")
        days = {i: max(((i.date_maturity or start) - start).days, 0) for i in items}
        total = sum(abs(item.amount_currency) for item in items)
        weighed = sum(abs(i.amount_currency) * days[i] for i in items)
        latest = max(((self.invoice_date_due or start) - start).days, *days.values(), 0)
        average = weighed / total if total else float(latest)
        return TermRank(latest=latest, average=round(average, 2))

    # === AFTER POSTING === #

    def _take_posted_ranks(self):
        """Return a dict from posted invoice to its ranks before a change.

        Credit managers may give time, and the server's own code is not asked.
        """
        if acting.is_system(self.env) or acting.is_deciding(self.env, self.company_id):
            return {}
        posted = self._filter_terms_asked().filtered(lambda m: m.state == "posted")
        return {move: move._get_ranks() for move in posted}

    def _check_posted_ranks(self, before):
        """Raise UserError for posted invoices that are due later than agreed.

        :param dict before: see `_take_posted_ranks`; who is due no later is not asked
        """
        texts = []
        for move, old in before.items():
            in_company = move.with_company(move.company_id)
            # From the day it had: an invoice of a later day is due later.
            new = in_company._get_ranks(start=old[0][1])
            later = [
                (rank, start)
                for rank, start in new
                if all(rank.is_worse_than(given) for given, __ in old)
            ]
            texts += in_company._get_terms_refusal(later, later=True).values()
        if texts:
            raise UserError("\n".join(texts))

    # === TELLING === #

    def _get_terms_text(self, agreed, later, order=None):
        """Return the refusal of terms worse than those agreed, and what to do about it.

        :param agreed: `account.payment.term` of the order, or else of the customer
        """
        describe = self._get_later_text if later else self._get_worse_text
        return f"{describe(agreed, order)}\n{self._get_terms_hint()}"

    def _get_worse_text(self, agreed, order):
        """Return the sentence that refuses to post an invoice with such terms."""
        texts = {
            "invoice": self.display_name,
            "terms": self._get_terms_label(),
            "agreed": agreed._get_credit_label(),
        }
        if order:
            return self.env._(
                "%(invoice)s cannot be posted with payment terms “%(terms)s”: they are"
                " worse than “%(agreed)s”, agreed on order %(order)s.",
                order=order.name,
                **texts,
            )
        return self.env._(
            "%(invoice)s cannot be posted with payment terms “%(terms)s”: they are"
            " worse than “%(agreed)s” of the customer, and no order covers them.",
            **texts,
        )

    def _get_later_text(self, agreed, order):
        """Return the sentence that refuses more time for a posted invoice."""
        texts = {
            "invoice": self.display_name,
            "date": format_date(self.env, self._get_last_due_day()),
            "agreed": agreed._get_credit_label(),
        }
        if order:
            return self.env._(
                "%(invoice)s cannot be due on %(date)s: that is later than"
                " “%(agreed)s”, agreed on order %(order)s.",
                order=order.name,
                **texts,
            )
        return self.env._(
            "%(invoice)s cannot be due on %(date)s: that is later than “%(agreed)s” of"
            " the customer, and no order covers it.",
            **texts,
        )

    def _get_last_due_day(self):
        """Return the day on which the last part of this invoice is due."""
        items = self.line_ids.filtered(lambda i: i.display_type == "payment_term")
        days = [*items.mapped("date_maturity"), self.invoice_date_due]
        return max(filter(None, days), default=False)

    def _get_terms_label(self):
        """Return the name of the terms of an invoice, or the day it is due."""
        if self.invoice_payment_term_id or not self.invoice_date_due:
            return self.invoice_payment_term_id._get_credit_label()
        return self.env._(
            "due on %(date)s", date=format_date(self.env, self.invoice_date_due)
        )

    def _get_terms_hint(self):
        """Return what to do about terms that were not agreed."""
        return self.env._(
            "Put the agreed terms back, or have the new ones approved on the order or"
            " entered on the customer. A credit manager may give more time."
        )
