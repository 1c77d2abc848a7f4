"""What a credit manager wants to know of a customer before deciding, on one card."""

from dataclasses import dataclass

from odoo import api, models
from odoo.exceptions import UserError

from ..credit.credit_exposure import SOURCES
from ..credit.res_partner import CreditLimit
from .credit_customer_history import AGES, MONTHS, UNUSED

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
# Which of them should have been paid by now.
LATE_PARTS = ("returned", "overdue")
# How an age of the open items looks, as the parts of the exposure do.
AGE_COLORS = {
    "not_due": "bg-info",
    "days_30": "bg-warning",
    "days_60": "bg-warning",
    "days_90": "bg-danger",
    "older": "bg-danger",
}


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

    @property
    def late(self):
        """What should have been paid by now: overdue, or returned by the bank."""
        late = [part.amount for part in self.parts if part.name in LATE_PARTS]
        return self.currency.round(sum(late))


class CreditCustomerCard(models.AbstractModel):
    """The card of one customer in one company, as HTML in the reader's language.

    Made anew for every look: nothing of it is stored. Trusted, as amounts are for
    who decides: whoever shows a card checks who may see it.
    """

    _name = "credit.customer.card"
    _description = "Credit Card of a Customer"

    @api.model
    def _render(self, partner, company, order=None):
        """Return the short card as `Markup`; few queries, whatever the history.

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
                "returns": self._get_history()._get_returns(partner, company)[
                    partner.id
                ],
                "months": MONTHS,
            },
        )

    @api.model
    def _render_full(self, partner, company):
        """Return the whole card as `Markup`, as for the page of its own."""
        return self.env["ir.qweb"]._render(
            "account_credit_block.credit_customer_card_full",
            {**self._get_values(partner, company)[partner.id], "linked": True},
        )

    @api.model
    def _render_figures(self, partner, company):
        """Return the card without the blocks, for a page that shows them already."""
        values = self._get_values(partner, company, with_blocks=False)[partner.id]
        return self.env["ir.qweb"]._render(
            "account_credit_block.credit_customer_card_figures",
            {**values, "linked": True},
        )

    @api.model
    def _render_paper(self, partners, company):
        """Return a dict from partner id to the whole card as `Markup`, for printing."""
        qweb = self.env["ir.qweb"]
        return {
            partner_id: qweb._render(
                "account_credit_block.credit_customer_card_full",
                {**values, "paper": True},
            )
            for partner_id, values in self._get_values(partners, company).items()
        }

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

    @api.model
    def _find_behind(self, partner, company, figure):
        """Return what an amount of the card is made of, as who asks may see it.

        :param partner: a commercial partner
        :param company: the `res.company` of the card
        :param str figure: the name of a part of the exposure, of an age, or "returns"
        :return: a pair of the records and of the figure's label
        :raises UserError: for another figure
        """
        history = self.env["credit.customer.history"]
        if not isinstance(figure, str):
            figure = ""
        if figure in SOURCES:
            label = {**self._get_part_labels(), "held": self.env._("Orders on hold")}
            records = self.env["credit.exposure"]._get_records(partner, company, figure)
        elif figure in (*AGES, UNUSED):
            label = self._get_age_labels()
            records = history._get_items_of_age(partner, company, figure)
        elif figure == "returns":
            label = {figure: self.env._("Payment Returns")}
            lines = self.env["account.payment.return.line"]
            records = lines.search(history._get_returns_domain(partner, company))
        else:
            raise UserError(self.env._("There is nothing behind this figure."))
        return records._filtered_access("read"), label[figure]

    def _get_history(self):
        return self.env["credit.customer.history"].sudo()

    @api.model
    def _get_values(self, partners, company, with_blocks=True):
        """Return what the templates of the whole card need; one statement a question.

        :param partners: `res.partner` records; each has the card of its customer
        :param company: the `res.company` in whose currency the amounts are
        :param bool with_blocks: whether the blocks, in force and past, are asked for
        :return: dict from partner id to dict of values
        """
        company = company.sudo()
        customers = partners.sudo().commercial_partner_id
        history = self._get_history()
        measures = self._measure_customers(customers, company)
        figures = history._get_figures(customers, company)
        returns = history._get_returns(customers, company)
        blocks = past = {}
        if with_blocks:
            blocks = customers._get_credit_blocks(company)
            past = history._get_past_blocks(customers, company)
        values = {}
        for partner in partners.sudo():
            customer = partner.commercial_partner_id
            values[partner.id] = {
                "partner": customer,
                "currency": company.currency_id,
                "measure": measures[customer.id],
                "ages": self._get_ages(figures[customer.id], company.currency_id),
                "figures": figures[customer.id],
                "returns": returns[customer.id],
                "rate": self._get_rate(returns[customer.id], figures[customer.id]),
                "months": MONTHS,
                "blocks": with_blocks and blocks[customer.id]._sort_by_importance(),
                "past_blocks": past.get(customer.id, ()),
            }
        return values

    def _get_rate(self, returns, figures):
        """Percentage of the collected amount that came back; None without any."""
        if figures.collected <= 0:
            return None
        return 100 * returns.amount / figures.collected

    def _get_blocks(self, partner, company):
        return partner._get_credit_blocks(company)[partner.id]._sort_by_importance()

    # === EXPOSURE === #

    def _measure(self, partner, company, order=None):
        """Return the `Measure` of a customer, with the order that is decided on."""
        if order:
            return self._measure_orders(order, company)[order]
        return self._measure_customers(partner, company)[partner.id]

    @api.model
    def _measure_customers(self, partners, company):
        """Return a dict from partner id to `Measure`; few queries for all of them.

        :param partners: `res.partner` records in sudo
        :param company: the `res.company` in whose currency the amounts are
        """
        limits, exposures = self._get_measured(partners, company)
        return {
            partner.id: self._make_measure(
                company, limits[partner.id], exposures[partner.id]
            )
            for partner in partners
        }

    @api.model
    def _measure_orders(self, orders, company):
        """Return a dict from order to the `Measure` of who gets its invoice, with it.

        :param orders: `sale.order` records in sudo, of one company, that no exposure
            has in it
        """
        limits, exposures = self._get_measured(
            orders.partner_invoice_id.commercial_partner_id, company
        )
        asked = orders._get_asked_amounts()
        measures = {}
        for order in orders:
            customer = order.partner_invoice_id.commercial_partner_id
            measures[order] = self._make_measure(
                company,
                limits[customer.id],
                exposures[customer.id],
                order._to_company_currency(asked[order]),
            )
        return measures

    def _get_measured(self, partners, company):
        """Return the limits and the exposures of customers, two dicts by id."""
        limits = partners._get_credit_limit_details(company)
        return limits, partners._get_limited_exposure(company, limits)

    def _make_measure(self, company, terms, exposure, own=None):
        """Return the `Measure` that a limit, an exposure and an order make.

        :param own: what the order asks for, that is decided on
        """
        currency = company.currency_id
        amounts = {name: exposure.get(name, own or 0.0) for name in PART_COLORS}
        if own is None:
            del amounts["order"]
        total = currency.round(exposure["total"] + (own or 0.0))
        shown = sum(max(amount, 0.0) for amount in amounts.values())
        limit = terms.amount or 0.0
        scale = max(limit, total, shown) or 1.0
        return Measure(
            currency=currency,
            parts=tuple(self._get_parts(amounts, scale)),
            total=total,
            terms=terms,
            held=max(currency.round(exposure["held"] - (own or 0.0)), 0.0),
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
            "overdue": self.env._("Overdue, not returned"),
            "open": self.env._("Not due yet"),
            "not_final": self.env._("Collected, not final yet"),
            "ordered": self.env._("Ordered, not invoiced"),
            "drafts": self.env._("Draft invoices"),
            "order": self.env._("This order"),
        }

    # === AGING === #

    def _get_ages(self, figures, currency):
        """Return the open items by age, as `Part` rows; what is unused comes last."""
        labels = self._get_age_labels()
        amounts = {age: figures.aging.get(age, 0.0) for age in AGES}
        scale = max(*amounts.values(), 0.0) or 1.0
        unused = figures.aging.get(UNUSED, 0.0)
        if not currency.is_zero(unused):
            amounts[UNUSED] = unused
        return [
            Part(
                name=age,
                label=labels[age],
                color=AGE_COLORS.get(age, ""),
                amount=amount,
                width=round(100 * max(amount, 0.0) / scale, 2),
            )
            for age, amount in amounts.items()
        ]

    def _get_age_labels(self):
        return {
            "not_due": self.env._("Not due yet"),
            "days_30": self.env._("1 to 30 days late"),
            "days_60": self.env._("31 to 60 days late"),
            "days_90": self.env._("61 to 90 days late"),
            "older": self.env._("Over 90 days late"),
            UNUSED: self.env._("Unused payments and credit notes"),
        }
