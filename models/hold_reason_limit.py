"""Over the credit limit of the customer: "fuori fido"."""

from collections import defaultdict
from dataclasses import dataclass

from odoo.tools import format_amount

from .hold_reason import HoldFinding, HoldReason

# States of a payment whose entry lowers what the customer owes.
PAYMENT_POSTED = ("in_process", "paid")


@dataclass(frozen=True, slots=True)
class Demand:
    """The credit that one order asks for."""

    order: object
    partner: object
    limit: float
    amount: float


class HoldReasonLimit(HoldReason):
    """Orders that bring the exposure of their customer over core's credit limit.

    The customer is who gets the invoice. Without a limit nothing is asked, as in core.
    """

    code = "limit"
    switch = "credit_hold_limit"
    named = {"partner_id": "res.partner"}

    def find(self, orders, found, running=False):
        """Override of `HoldReason`; two queries of its own, three when ``running``.

        :raise: SerializationFailure when ``running`` and somebody else confirms for the
            same customer: Odoo replays the transaction
        """
        demands = self._get_demands(orders)
        company = orders.company_id
        if running:
            partners = orders.env["res.partner"].union(*(d.partner for d in demands))
            orders.env["credit.exposure.lock"].sudo()._take(partners, company)
        findings = {}
        before = defaultdict(float)
        for demand, data in self._measure(demands, company):
            data["before"] = company.currency_id.round(before[demand.partner])
            over = self._is_over(data, company)
            if over:
                findings[demand.order] = HoldFinding(self.code, data)
            set_aside = over or found.get(demand.order)
            # A released order goes on in spite of what is found on it.
            if running and (not set_aside or demand.order.hold_status == "released"):
                before[demand.partner] += demand.amount
        return findings

    def find_near(self, orders):
        """Return a dict from order to finding, of those that reach the warning share.

        Those over the limit are among them; each order is looked at by itself.

        :param orders: `sale.order` records in sudo, all of one company
        """
        company = orders.company_id
        share = company.credit_hold_limit_warning
        if not share:
            return {}
        return {
            demand.order: HoldFinding(self.code, data)
            for demand, data in self._measure(self._get_demands(orders), company)
            if company.currency_id.compare_amounts(
                self._get_total(data), demand.limit * share / 100
            )
            >= 0
        }

    def get_text(self, env, data):
        """Override of `HoldReason`: says how it is, without any amount."""
        name = self._get_partner_name(env, data)
        if self._get_excess(env, data) > 0:
            return env._("%(partner)s would be over the credit limit.", partner=name)
        return env._("%(partner)s is close to the credit limit.", partner=name)

    def get_detail(self, env, data):
        """Override of `HoldReason`: the limit, what is used of it and by how much."""
        currency = env["res.currency"].sudo().browse(data["currency_id"])
        excess = self._get_excess(env, data)
        amounts = {
            "limit": data["limit"],
            "used": data["exposure"]["total"] + data["before"],
            "amount": data["amount"],
            "total": self._get_total(data),
            "excess": abs(excess),
        }
        texts = {key: format_amount(env, amounts[key], currency) for key in amounts}
        texts["partner"] = self._get_partner_name(env, data)
        if excess > 0:
            return env._(
                "The credit limit of %(partner)s is %(limit)s. The exposure of %(used)s"
                " and this order for %(amount)s make %(total)s: %(excess)s over it.",
                **texts,
            )
        return env._(
            "The credit limit of %(partner)s is %(limit)s. The exposure of %(used)s and"
            " this order for %(amount)s make %(total)s: %(excess)s are left.",
            **texts,
        )

    # === WHAT ORDERS ASK FOR === #

    def _get_demands(self, orders):
        """Return the `Demand` of each order that needs credit of a limited customer."""
        company = orders.company_id
        partners = orders.partner_invoice_id.commercial_partner_id
        limits = {
            partner.id: partner.credit_limit
            for partner in partners.with_company(company)
        }
        # As core: a limit of zero is none.
        limited = orders.filtered(
            lambda o: (
                company.currency_id.compare_amounts(
                    limits[o.partner_invoice_id.commercial_partner_id.id], 0.0
                )
                > 0
            )
        )
        amounts = self._get_amounts(limited)
        return [
            Demand(order, partner, limits[partner.id], amounts[order])
            for order in limited
            if order in amounts
            for partner in order.partner_invoice_id.commercial_partner_id
        ]

    def _get_amounts(self, orders):
        """Return a dict from order to the credit it adds, in its company's currency.

        Not in it: what asks for no credit, being free or paid. A confirmed order adds
        nothing, it is in the exposure already.
        """
        amounts = {}
        paid = self._get_paid(orders)
        for order in orders:
            currency = order.currency_id
            settled, booked = paid.get(order, (0.0, 0.0))
            if currency.compare_amounts(order.amount_total, settled) <= 0:
                continue
            amount = order.amount_total - settled + booked
            asked = 0.0 if order.state == "sale" else amount
            amounts[order] = order._to_company_currency(asked)
        return amounts

    def _get_paid(self, orders):
        """Return a dict from order to what is paid of it, where that needs no credit.

        :return: pairs of what the transactions paid, and of how much of that is posted:
            this lowers the exposure by itself and must not count twice
        """
        paid = {}
        if not orders.company_id.credit_hold_prepaid_exempt:
            return paid
        for order in orders:
            done = order.transaction_ids.filtered(
                lambda tx: (
                    tx.state in ("authorized", "done")
                    and tx.payment_id.state not in ("rejected", "canceled")
                )
            )
            booked = done.filtered(
                lambda tx: (
                    tx.payment_id.move_id and tx.payment_id.state in PAYMENT_POSTED
                )
            )
            paid[order] = (sum(done.mapped("amount")), sum(booked.mapped("amount")))
        return paid

    # === MEASURES === #

    def _measure(self, demands, company):
        """Yield each demand with its data, the exposures asked once for all."""
        partners = company.env["res.partner"].union(*(d.partner for d in demands))
        exposures = partners._get_credit_exposure(company)
        for demand in demands:
            yield (
                demand,
                {
                    "partner_id": demand.partner.id,
                    "currency_id": company.currency_id.id,
                    "limit": demand.limit,
                    "exposure": exposures[demand.partner.id],
                    "before": 0.0,
                    "amount": demand.amount,
                },
            )

    def _is_over(self, data, company):
        tolerance = company.credit_hold_limit_tolerance
        allowed = data["limit"] * (1 + tolerance / 100)
        return company.currency_id.compare_amounts(self._get_total(data), allowed) > 0

    def _get_total(self, data):
        return data["exposure"]["total"] + data["before"] + data["amount"]

    def _get_excess(self, env, data):
        currency = env["res.currency"].sudo().browse(data["currency_id"])
        return currency.round(self._get_total(data) - data["limit"])

    def _get_partner_name(self, env, data):
        # The customer may have been merged into another one since.
        partner = self.get_named(env, data, "partner_id")
        return partner.display_name or env._("the customer")
