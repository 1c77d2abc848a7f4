"""Orders whose payment terms or method are not those of the customer."""

from ...credit.term_rank import TermRank
from .base import HoldFinding, HoldReason


class HoldReasonTerms(HoldReason):
    """Terms that are worse for us than the customer's, or another payment method.

    The customer is who gets the invoice, as for the credit limit.
    """

    code = "terms"
    sequence = 40
    color = 3
    switch = "credit_hold_terms"
    named = {
        "term_id": "account.payment.term",
        "agreed_term_id": "account.payment.term",
        "method_id": "account.payment.method.line",
        "agreed_method_id": "account.payment.method.line",
    }
    depends = (
        "amount_total",
        "partner_invoice_id",
        "payment_term_id",
        "preferred_payment_method_line_id",
    )

    reads = ("property_inbound_payment_method_line_id", "property_payment_term_id")

    def find(self, orders, found, running=False):
        """Override of `HoldReason`: terms are read only where they were changed."""
        findings = {}
        # What a customer has agreed on is a property of the company.
        in_company = orders.with_company(orders.company_id)
        self._fetch_changed_terms(in_company)
        for order, original in zip(in_company, orders, strict=True):
            data = {**self._get_worse_terms(order), **self._get_other_method(order)}
            if data:
                findings[original] = HoldFinding(self.code, data)
        return findings

    def _fetch_changed_terms(self, orders):
        """Read the terms that differ from the customers', with those of the latter."""
        agreed = {
            order: order._get_debtor().property_payment_term_id for order in orders
        }
        changed = orders.filtered(lambda order: order.payment_term_id != agreed[order])
        terms = changed.payment_term_id
        terms.union(*(agreed[order] for order in changed))._fetch_for_credit_rank()

    def _get_worse_terms(self, order):
        """Return the data of terms that are worse than agreed, none otherwise."""
        term = order.payment_term_id
        # The website gives who has no terms core's immediate ones: they rank the same.
        agreed = order._get_debtor().property_payment_term_id
        if term == agreed:
            return {}
        rank = term._get_credit_rank(order.amount_total)
        if not rank.is_worse_than(
            agreed._get_credit_rank(order.amount_total),
            order.company_id._get_credit_setting("credit_hold_terms_days"),
        ):
            return {}
        return {"term_id": term.id, "agreed_term_id": agreed.id, "rank": list(rank)}

    def _get_other_method(self, order):
        """Return the data of a payment method that is not the customer's, if any."""
        method = order.preferred_payment_method_line_id
        agreed = order._get_debtor().property_inbound_payment_method_line_id
        if not agreed or method == agreed:
            return {}
        return {"method_id": method.id, "agreed_method_id": agreed.id}

    def get_text(self, env, data):
        """Override of `HoldReason`: name the terms, the method, or both."""
        texts = []
        if "rank" in data:
            texts.append(self._get_terms_text(env, data))
        if "agreed_method_id" in data:
            texts.append(self._get_method_text(env, data))
        return " ".join(texts)

    def get_short(self, env, data):
        """Override of `HoldReason`: what is on the order, and what was agreed on."""
        pairs = []
        if "rank" in data:
            names = ("term_id", "agreed_term_id")
            pairs.append(
                [self.get_named(env, data, name)._get_credit_label() for name in names]
            )
        if "agreed_method_id" in data:
            names = ("method_id", "agreed_method_id")
            pairs.append(
                [self.get_named(env, data, name).display_name or "—" for name in names]
            )
        texts = [
            env._("%(actual)s, not %(agreed)s", actual=a, agreed=b) for a, b in pairs
        ]
        return ", ".join(texts)

    def _get_terms_text(self, env, data):
        return env._(
            "Payment terms “%(terms)s” instead of “%(agreed)s” of the customer.",
            terms=self.get_named(env, data, "term_id")._get_credit_label(),
            agreed=self.get_named(env, data, "agreed_term_id")._get_credit_label(),
        )

    def _get_method_text(self, env, data):
        method = self.get_named(env, data, "method_id")
        return env._(
            "Payment method “%(method)s” instead of “%(agreed)s” of the customer.",
            method=method.display_name or env._("none"),
            agreed=self.get_named(env, data, "agreed_method_id").display_name,
        )

    def is_covered(self, data, released):
        """Override of `HoldReason`: nothing worse than what was decided on."""
        return self._is_rank_covered(data, released) and (
            "agreed_method_id" not in data
            or data["method_id"] == released.get("method_id")
        )

    def _is_rank_covered(self, data, released):
        """Say whether the terms are none, or no worse than those decided on."""
        if "rank" not in data:
            return True
        return "rank" in released and not TermRank(*data["rank"]).is_worse_than(
            TermRank(*released["rank"])
        )
