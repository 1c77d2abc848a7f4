"""The answer to "may this customer do that?", as a value nobody can alter."""

from dataclasses import dataclass

from odoo.models import BaseModel

# What the grid can be asked about; each is a `policy_<operation>` column of a level.
OPERATIONS = (
    "support",
    "quotation",
    "confirmation",
    "web_order",
    "delivery",
    "invoice",
)
# From the mildest to the strictest: the position is the strength.
POLICIES = ("allow", "warn", "hold", "forbid")
# Those that let nothing through by itself.
STOPPING = ("hold", "forbid")


@dataclass(frozen=True)
class CreditVerdict:
    """What the blocks in force say about one operation of one customer.

    :param policy: the strictest policy among the blocks, see ``POLICIES``
    :param level: the most important `credit.block.level` that imposes it, or empty
    :param messages: translated sentences for internal users, never for customers
    :param block_ids: the `credit.block` rows that impose the policy
    :param partner_id: who was asked about, and may answer for another customer
    """

    policy: str
    level: BaseModel
    messages: tuple[str, ...] = ()
    block_ids: tuple[int, ...] = ()
    partner_id: int = 0

    @property
    def severity(self):
        """Rank of the policy; a higher one is stricter."""
        return POLICIES.index(self.policy)

    @property
    def text(self):
        """The sentences in one paragraph each, for an error or a banner."""
        return "\n".join(self.messages)
