"""Orders whose payment terms or method are not those of the customer."""

from .hold_reason import HoldFinding, HoldReason
from .term_rank import TermRank


class HoldReasonTerms(HoldReason):
    """Terms that are worse for us than the customer's, or another payment method."""

    code = "terms"
    switch = "credit_hold_terms"

    def find(self, orders, found, running=False):
        """Override of `HoldReason`: in the queries of one order."""
        findings = {}
        # What the customers have agreed is a property of the company.
        for order in orders.with_company(orders.company_id):
            data = {**self._get_worse_terms(order), **self._get_other_method(order)}
            if data:
                findings[order.with_env(orders.env)] = HoldFinding(self.code, data)
        return findings

    def _get_worse_terms(self, order):
        """Return the data of terms that are worse than agreed, none otherwise."""
        term = order.payment_term_id
        # The website gives who has no terms core's immediate ones: they rank the same.
        agreed = order.partner_id.property_payment_term_id
        rank = term._get_credit_rank(order.amount_total)
        if term == agreed or not rank.is_worse_than(
            agreed._get_credit_rank(order.amount_total),
            order.company_id.credit_hold_terms_days,
        ):
            return {}
        return {"term_id": term.id, "agreed_term_id": agreed.id, "rank": list(rank)}

    def _get_other_method(self, order):
        """Return the data of a payment method that is not the customer's, if any."""
        method = order.preferred_payment_method_line_id
        agreed = order.partner_id.property_inbound_payment_method_line_id
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

    def _get_terms_text(self, env, data):
        terms = env["account.payment.term"].sudo()
        return env._(
            "Payment terms “%(terms)s” instead of “%(agreed)s” of the customer.",
            terms=terms.browse(data["term_id"]).exists()._get_credit_label(),
            agreed=terms.browse(data["agreed_term_id"]).exists()._get_credit_label(),
        )

    def _get_method_text(self, env, data):
        methods = env["account.payment.method.line"].sudo()
        method = methods.browse(data["method_id"]).exists()
        return env._(
            "Payment method “%(method)s” instead of “%(agreed)s” of the customer.",
            method=method.display_name or env._("none"),
            agreed=methods.browse(data["agreed_method_id"]).exists().display_name,
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
