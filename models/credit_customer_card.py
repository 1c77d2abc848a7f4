"""What a credit manager wants to know of a customer before deciding, on one card."""

from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models

from .res_partner_credit_limit import CreditLimit

# How a part of the exposure looks in the bar, the most worrying first.
PART_COLORS = {
    "returned": "bg-danger",
    "overdue": "bg-warning",
    "open": "bg-info",
    "not_final": "bg-primary",
    "ordered": "bg-success",
    "drafts": "bg-secondary",
    "order": "bg-dark progress-bar-striped",
}
# Months of payment returns that are counted.
RETURN_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the exposure, as the bar and its legend show it."""

    name: str
    label: str
    color: str
    amount: float
    width: float


@dataclass(frozen=True, slots=True)
class Measure:
    """The exposure beside the credit limit; amounts in the company's currency."""

    currency: object
    parts: tuple
    total: float
    terms: CreditLimit
    held: float
    marker: float

    @property
    def limit(self):
        """The credit limit that counts today; zero for none and for an expired one."""
        return self.terms.amount or 0.0

    @property
    def has_limit(self):
        """Say whether there is a limit, which may have expired."""
        return self.terms.amount is not None

    @property
    def excess(self):
        """Amount by which the limit is exceeded; negative for what is left of it."""
        return self.currency.round(self.total - self.limit)

    @property
    def is_over(self):
        """Say whether the limit is exceeded."""
        return self.has_limit and self.currency.compare_amounts(self.excess, 0.0) > 0

    @property
    def share(self):
        """Percentage of the limit that is used; 0 where there is no credit."""
        return round(100 * self.total / self.limit) if self.limit else 0


class CreditCustomerCard(models.AbstractModel):
    """The card of one customer in one company, as HTML in the reader's language.

    Made anew for every look: nothing of it is stored. Trusted, as amounts are for
    who decides: whoever shows a card checks who may see it.
    """

    _name = "credit.customer.card"
    _description = "Credit Card of a Customer"

    @api.model
    def _render(self, partner, company, order=None):
        """Return the card as `Markup`; a handful of queries, whatever the history.

        :param partner: a `res.partner`, whose commercial partner counts
        :param company: the `res.company` in whose currency the amounts are
        :param order: a `sale.order` that is not in the exposure yet, to be added
        """
        partner = partner.sudo().commercial_partner_id
        company = company.sudo()
        order = (order or self.env["sale.order"]).sudo()
        return self.env["ir.qweb"]._render(
            "account_credit_block.credit_customer_card",
            {
                "partner": partner,
                "currency": company.currency_id,
                "order": order,
                "blocks": self._get_blocks(partner, company),
                "measure": self._measure(partner, company, order),
                "returns": self._get_returns(partner, company),
            },
        )

    @api.model
    def _render_order(self, order, most=20):
        """Return what is ordered at a glance, as `Markup`.

        :param order: a `sale.order`
        :param int most: number of lines that are shown
        """
        order = order.sudo()
        lines = order.order_line.filtered(
            lambda line: line.display_type not in ("line_section", "line_subsection")
        )
        return self.env["ir.qweb"]._render(
            "account_credit_block.credit_order_summary",
            {"order": order, "lines": lines[:most], "more": max(len(lines) - most, 0)},
        )

    def _get_blocks(self, partner, company):
        return partner._get_credit_blocks(company)[partner.id]._sort_by_importance()

    # === EXPOSURE === #

    def _measure(self, partner, company, order):
        """Return the `Measure` of a customer, with the order that is decided on."""
        exposure = partner._get_credit_exposure(company)[partner.id]
        own = order._to_company_currency(order.amount_total) if order else 0.0
        amounts = {name: exposure.get(name, own) for name in PART_COLORS}
        if not order:
            del amounts["order"]
        total = company.currency_id.round(exposure["total"] + own)
        terms = partner._get_credit_limit_details(company)[partner.id]
        shown = sum(max(amount, 0.0) for amount in amounts.values())
        limit = terms.amount or 0.0
        scale = max(limit, total, shown) or 1.0
        return Measure(
            currency=company.currency_id,
            parts=tuple(self._get_parts(amounts, scale)),
            total=total,
            terms=terms,
            held=max(company.currency_id.round(exposure["held"] - own), 0.0),
            marker=100 * limit / scale,
        )

    def _get_parts(self, amounts, scale):
        """Yield the parts; what lowers the exposure has no width."""
        labels = self._get_part_labels()
        for name, amount in amounts.items():
            yield Part(
                name=name,
                label=labels[name],
                color=PART_COLORS[name],
                amount=amount,
                width=round(100 * max(amount, 0.0) / scale, 2),
            )

    def _get_part_labels(self):
        return {
            "returned": self.env._("Returned by the bank"),
            "overdue": self.env._("Overdue"),
            "open": self.env._("Not due yet"),
            "not_final": self.env._("Collected, not final yet"),
            "ordered": self.env._("Ordered, not invoiced"),
            "drafts": self.env._("Draft invoices"),
            "order": self.env._("This order"),
        }

    # === PAYMENT RETURNS === #

    def _get_returns(self, partner, company):
        """Return number, amount and last line of what came back in the last months."""
        lines = self.env["account.payment.return.line"].sudo()
        today = fields.Date.context_today(self)
        domain = [
            ("state", "=", "confirmed"),
            ("match_state", "=", "matched"),
            ("commercial_partner_id", "=", partner.id),
            ("company_id", "child_of", company.root_id.id),
            ("return_date", ">=", today - relativedelta(months=RETURN_MONTHS)),
        ]
        groups = lines._read_group(domain, ["currency_id"], ["__count", "amount:sum"])
        return {
            "months": RETURN_MONTHS,
            "count": sum(count for __, count, __ in groups),
            "amount": sum(
                currency._convert(amount, company.currency_id, company, today)
                for currency, __, amount in groups
            ),
            "last": lines.search(domain, order="return_date desc, id desc", limit=1),
        }
