"""The customer has a block whose level says hold, or forbid."""

from .hold_reason import HoldFinding, HoldReason


class HoldReasonLevel(HoldReason):
    code = "level"
    switch = "credit_hold_level"
    named = {"block_ids": "credit.block", "partner_id": "res.partner"}

    def is_asked(self, company):
        """Always: where holds are switched off, what says hold is refused."""
        return True

    def find(self, orders, found, running=False):
        """Override: the policies of the grid for confirming these orders."""
        return {
            order: HoldFinding(
                self.code,
                {
                    "block_ids": list(verdict.block_ids),
                    "partner_id": verdict.partner_id,
                },
                forbids=verdict.policy == "forbid"
                or not order.company_id._get_credit_setting(self.switch),
            )
            for order, verdict in orders._get_credit_verdicts().items()
            if verdict.policy in ("hold", "forbid")
        }

    def get_text(self, env, data):
        """Override: the blocks, since when and why."""
        blocks = self.get_named(env, data, "block_ids")
        # Orders held before it was kept have none.
        asked = data.get("partner_id") and self.get_named(env, data, "partner_id")
        return "\n".join(block._get_sentence(asked) for block in blocks)

    def is_covered(self, data, released):
        """Override: a block set after the decision was not decided on."""
        return set(data["block_ids"]) <= set(released["block_ids"])
