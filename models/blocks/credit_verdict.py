"""The answer to "may this customer do that?", as a value nobody can alter."""

from dataclasses import dataclass

from odoo.models import BaseModel

from ..const import POLICIES


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
