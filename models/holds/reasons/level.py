"""The customer has a block whose level says hold, or forbid."""

from collections import defaultdict
from itertools import chain

from ...const import STOPPING
from .base import HoldFinding, HoldReason


class HoldReasonLevel(HoldReason):
    code = "level"
    sequence = 10
    color = 1  # as the blocks
    switch = "credit_hold_level"
    named = {"block_ids": "credit.block", "partner_id": "res.partner"}
    depends = ("partner_invoice_id",)
    reads = ("commercial_partner_id", "credit_fiscal_key", "credit_tax_key")
    is_about_customer = True

    def is_asked(self, company):
        """Always: where holds are switched off, what says hold is refused."""
        return True

    def find(self, orders, found, running=False):
        """Override: the policies of the grid for confirming these orders.

        And for entering those that wait to be let in as quotations.
        """
        stopping = defaultdict(list)
        for verdicts in (
            orders._get_credit_verdicts(),
            orders._filter_asked_for()._get_credit_verdicts("quotation"),
        ):
            for order, verdict in verdicts.items():
                if verdict.policy in STOPPING:
                    stopping[order].append(verdict)
        return {order: self._get_finding(order, vs) for order, vs in stopping.items()}

    def _get_finding(self, order, verdicts):
        """Return what several verdicts on one order say together."""
        strictest = max(verdicts, key=lambda verdict: verdict.severity)
        block_ids = chain.from_iterable(verdict.block_ids for verdict in verdicts)
        return HoldFinding(
            self.code,
            {
                "block_ids": list(dict.fromkeys(block_ids)),
                "partner_id": strictest.partner_id,
            },
            forbids=strictest.policy in order.company_id._get_forbidding_policies(),
        )

    def get_text(self, env, data):
        """Override: the blocks, since when and why."""
        blocks = self.get_named(env, data, "block_ids")
        # Orders held before it was kept have none.
        asked = data.get("partner_id") and self.get_named(env, data, "partner_id")
        return "\n".join(block._get_sentence(asked) for block in blocks)

    def get_short(self, env, data):
        """Override: the levels, the most important first."""
        blocks = self.get_named(env, data, "block_ids")
        return ", ".join(blocks._sort_by_importance().level_id.mapped("name"))

    def is_covered(self, data, released):
        """Override: a block set after the decision was not decided on."""
        return set(data["block_ids"]) <= set(released["block_ids"])
