"""Over the credit limit of the customer: "fuori fido"."""

from collections import defaultdict
from dataclasses import dataclass

from odoo.fields import Date
from odoo.tools import format_amount, format_date

from ...credit.credit_exposure import HELD
from ...credit.res_partner import LIMIT_FIELDS, CreditLimit
from .base import HoldFinding, HoldReason


@dataclass(frozen=True, slots=True)
class Demand:
    """The credit that one order asks for."""

    order: object
    partner: object
    limit: CreditLimit
    amount: float


class HoldReasonLimit(HoldReason):
    """Orders that bring the exposure of their customer over the credit limit.

    The customer is who gets the invoice. Without a limit nothing is asked, as in core;
    with one that has expired every order that needs credit is over it.
    """

    code = "limit"
    # The last one: only orders that pass the others use the limit up.
    sequence = 100
    color = 2
    switch = "credit_hold_limit"
    named = {"partner_id": "res.partner"}
    depends = ("amount_total", "partner_invoice_id")
    reads = ("credit_limit", *LIMIT_FIELDS)
    is_about_customer = True

    def find(self, orders, found, running=False):
        """Override of `HoldReason`; two queries of its own.

        When ``running``, customers are locked by the one that reads their exposure.

        :raises SerializationFailure: when ``running`` and somebody else confirms for
            the same customer: Odoo replays the transaction
        """
        demands = self._get_demands(orders)
        company = orders.company_id
        findings = {}
        before = defaultdict(float)
        for demand, data in self._measure(demands, company, running):
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
        share = company._get_credit_setting("credit_hold_limit_warning")
        if not share:
            return {}
        return {
            demand.order: HoldFinding(self.code, data)
            for demand, data in self._measure(self._get_demands(orders), company)
            if company.currency_id.compare_amounts(
                self._get_total(data), data["limit"] * share / 100
            )
            >= 0
        }

    def get_text(self, env, data):
        """Override of `HoldReason`: says how it is, without any amount."""
        name = self._get_partner_name(env, data)
        if data.get("expired_on"):
            return env._(
                "%(partner)s: the credit limit expired on %(date)s.",
                partner=name,
                date=self._get_day(env, data, "expired_on"),
            )
        if self._get_excess(env, data) > 0:
            return env._("%(partner)s would be over the credit limit.", partner=name)
        return env._("%(partner)s is close to the credit limit.", partner=name)

    def get_detail(self, env, data):
        """Override of `HoldReason`: the limit, what is used of it and by how much."""
        texts = self._get_texts(env, data)
        if data.get("expired_on"):
            return env._(
                "The credit limit expired on %(expired_on)s: %(partner)s has no credit."
                " The exposure of %(used)s and this order for %(amount)s make"
                " %(total)s.",
                **texts,
            )
        if self._get_excess(env, data) > 0:
            detail = env._(
                "The credit limit of %(partner)s is %(limit)s. The exposure of %(used)s"
                " and this order for %(amount)s make %(total)s: %(excess)s over it.",
                **texts,
            )
        else:
            detail = env._(
                "The credit limit of %(partner)s is %(limit)s. The exposure of %(used)s"
                " and this order for %(amount)s make %(total)s: %(excess)s are left.",
                **texts,
            )
        if data.get("raised_until"):
            note = env._("The limit is temporary, until %(raised_until)s.", **texts)
            detail = f"{detail} {note}"
        return detail

    def get_short(self, env, data):
        """Override of `HoldReason`: by how much, or since when there is no limit."""
        texts = self._get_texts(env, data)
        if data.get("expired_on"):
            return env._("No limit since %(expired_on)s: %(total)s", **texts)
        return env._("Over the limit by %(excess)s", **texts)

    def _get_texts(self, env, data):
        """Return the name, the amounts and the days of the data as people read them."""
        currency = env["res.currency"].sudo().browse(data["currency_id"])
        amounts = {
            "limit": data["limit"],
            "used": data["exposure"]["total"] + data["before"],
            "amount": data["amount"],
            "total": self._get_total(data),
            "excess": abs(self._get_excess(env, data)),
        }
        return {
            **{key: format_amount(env, amounts[key], currency) for key in amounts},
            "partner": self._get_partner_name(env, data),
            "expired_on": self._get_day(env, data, "expired_on"),
            "raised_until": self._get_day(env, data, "raised_until"),
        }

    def _get_day(self, env, data, key):
        # Orders held before there were such days have none.
        return format_date(env, data.get(key)) or ""

    # === WHAT ORDERS ASK FOR === #

    def _get_demands(self, orders):
        """Return the `Demand` of each order that needs credit of a limited customer."""
        partners = orders.partner_invoice_id.commercial_partner_id
        limits = partners._get_credit_limit_details(orders.company_id)
        limited = orders.filtered(
            lambda o: (
                limits[o.partner_invoice_id.commercial_partner_id.id].amount is not None
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
        nothing, it is in the exposure already, but for what another customer was
        invoiced of it.
        """
        amounts = {}
        paid = self._get_paid(orders)
        asked = orders._get_asked_amounts()
        elsewhere = orders._get_owed_by_others()
        for order in orders:
            currency = order.currency_id
            settled, booked = paid.get(order, (0.0, 0.0))
            is_sold = order.state == "sale"
            worth = asked[order] + (0.0 if is_sold else elsewhere[order])
            if currency.compare_amounts(worth, settled) <= 0:
                continue
            amount = worth - settled + booked
            added = elsewhere[order] if is_sold else amount
            amounts[order] = order._to_company_currency(added)
        return amounts

    def _get_paid(self, orders):
        """Return a dict from order to what is paid of it, where that needs no credit.

        :return: pairs of what the transactions paid, and of how much of that is posted:
            this lowers the exposure by itself and must not count twice
        """
        company = orders.company_id
        if not (company and company._get_credit_setting("credit_hold_prepaid_exempt")):
            return {}
        return orders._get_amounts_paid()

    # === MEASURES === #

    def _measure(self, demands, company, locking=False):
        """Yield each demand with its data, the exposures asked once for all.

        :param locking: see `credit.exposure`
        """
        partners = company.env["res.partner"].union(*(d.partner for d in demands))
        limits = {d.partner.id: d.limit for d in demands}
        exposures = partners._get_limited_exposure(company, limits, locking)
        for demand in demands:
            # What waits beside it is in no total: the decision is not about it.
            exposure = {**exposures[demand.partner.id]}
            exposure.pop(HELD, None)
            yield (
                demand,
                {
                    "partner_id": demand.partner.id,
                    "currency_id": company.currency_id.id,
                    **self._get_limit_data(demand.limit),
                    "exposure": exposure,
                    "before": 0.0,
                    "amount": demand.amount,
                },
            )

    def _get_limit_data(self, limit):
        """Return what the texts say of a `CreditLimit`; days only where they matter."""
        data = {"limit": limit.amount}
        if limit.is_expired:
            data["expired_on"] = Date.to_string(limit.until)
        elif limit.is_raised:
            data["raised_until"] = Date.to_string(limit.until)
        return data

    def _is_over(self, data, company):
        tolerance = company._get_credit_setting("credit_hold_limit_tolerance")
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
