from collections import defaultdict
from dataclasses import dataclass, field, fields

from odoo import models

from ..returns.account_payment_return_outcome import FEW, Outcome, pick


@dataclass(frozen=True, slots=True)
class BlockingOutcome(Outcome):
    """What comes of returns, and whom they block.

    ``blocked`` are the customers by id of the level; ``kept`` were blocked before,
    ``exempt`` would be blocked.
    """

    blocked: dict = field(default_factory=dict)
    kept: tuple = ()
    exempt: tuple = ()


class AccountPaymentReturnOutcome(models.AbstractModel):
    """Whom returns block, and whose blocks their cancelling lifts."""

    _inherit = "account.payment.return.outcome"

    def _get_facts(self, lines):
        """Override of `returns`: and what the block rules say.

        ``blocked`` lists tuples of level, customer and last return line.
        """
        blocks = self.env["credit.block"].sudo()
        blocks = blocks.search(
            [("return_line_id", "in", lines.ids), ("state", "=", "in_force")]
        )
        # Who is blocked by these lines was not blocked before, nor is spared.
        assessments = self._find(lines, blocks.partner_id)
        spared = self._find(lines, is_exempt=True)
        wanted = [a for a in assessments if a.rule_id]
        opening = [a for a in wanted if a.is_opening]
        known = [a for a in wanted if a.block_id not in blocks._ids]
        return {
            **super()._get_facts(lines),
            "blocked": [
                *(
                    (b.level_id.id, b.partner_id.id, b.return_line_id.id)
                    for b in blocks
                ),
                *((f.level_id, f.partner_id, f.line_id) for f in opening),
            ],
            "kept": {f.partner_id for f in known} - {f.partner_id for f in opening},
            "exempt": {f.partner_id for f in spared if f.is_opening},
        }

    def _find(self, lines, known=None, is_exempt=False):
        """What the block rules say of whom these lines concern, as `Assessment`s.

        :param known: customers that need not be asked of
        """
        rules, found = self.env["credit.block.evaluation"].sudo(), []
        for company, partners in lines._get_concerned().items():
            owners = partners.commercial_partner_id - (known or partners.browse())
            if is_exempt:
                owners = owners.browse(owners._is_credit_exempt(company))
            # Without any, it would be asked of all customers.
            if owners:
                found += rules._find(company, owners, is_exempt=is_exempt)
        return found

    def _sum(self, lines, facts):
        """Override of `returns`: a `BlockingOutcome`."""
        outcome = super()._sum(lines, facts)
        debtors = set(lines.undone_ids.partner_id.commercial_partner_id.ids)
        blocked = defaultdict(list)
        for level_id, partner_id, line_id in facts.get("blocked", ()):
            if line_id in lines._ids:
                blocked[level_id].append(partner_id)
        return BlockingOutcome(
            **{each.name: getattr(outcome, each.name) for each in fields(outcome)},
            blocked={level: tuple(sorted(ids)) for level, ids in blocked.items()},
            kept=tuple(sorted(debtors & facts.get("kept", set()))),
            exempt=tuple(sorted(debtors & facts.get("exempt", set()))),
        )

    # === WORDS === #

    def _tell_consequences(self, outcome):
        """Override of `returns`: and who is blocked."""
        return [*super()._tell_consequences(outcome), self._tell_blocks(outcome)]

    def _tell_consequences_shortly(self, outcome):
        """Override of `returns`: and who is blocked."""
        blocked = self._format_blocked(outcome.blocked)
        return [
            *super()._tell_consequences_shortly(outcome),
            self.env._("blocks %(blocked)s", blocked=blocked)
            if outcome.blocked
            else self._tell_blocks(outcome),
        ]

    def _tell_blocks(self, outcome):
        exempt, kept = len(outcome.exempt), len(outcome.kept)
        notes = [
            pick(
                exempt,
                self.env._("1 exempt"),
                self.env._("%(count)s exempt", count=exempt),
            )
        ]
        if kept:
            notes.append(
                pick(
                    kept,
                    self.env._("1 blocked before"),
                    self.env._("%(count)s blocked before", count=kept),
                )
            )
        values = {
            "count": sum(map(len, outcome.blocked.values())),
            "names": self._format_blocked(outcome.blocked),
            "notes": ", ".join(notes),
        }
        if not outcome.blocked:
            return self.env._("no customer is blocked (%(notes)s)", **values)
        return pick(
            values["count"],
            self.env._("1 blocked: %(names)s (%(notes)s)", **values),
            self.env._("%(count)s blocked: %(names)s (%(notes)s)", **values),
        )

    def _format_blocked(self, blocked):
        """The customers with their level; of many the levels alone.

        :param blocked: dict from id of the level to ids of customers
        """
        texts = []
        for level_id, partner_ids in blocked.items():
            level = self.env["credit.block.level"].sudo().browse(level_id)
            partners = self.env["res.partner"].sudo().browse(partner_ids)
            if len(partners) <= FEW:
                names = ", ".join(partners.mapped("display_name"))
                texts.append(f"{names} ({level.name})")
            else:
                texts.append(level.name)
        return ", ".join(texts)

    # === CANCEL === #

    def _tell_freed(self, lines):
        """Override of `returns`: and which blocks go."""
        assessments = [a for a in self._find(lines) if a.block_id]
        lifted = [a for a in assessments if a.is_closing]
        return [
            *super()._tell_freed(lines),
            self._tell_lifted(lifted, len(assessments) - len(lifted)),
        ]

    def _tell_lifted(self, lifted, staying):
        """Say which blocks go, and how many stay.

        :param lifted: list of `Assessment`
        """
        groups = defaultdict(list)
        for assessment in lifted:
            groups[assessment.level_id].append(assessment.partner_id)
        values = {
            "count": len(lifted),
            "names": self._format_blocked(groups),
            "staying": staying,
        }
        if not lifted and not staying:
            return self.env._("no block to lift")
        if not lifted:
            return self.env._("no block is lifted (%(staying)s in force)", **values)
        told = pick(
            len(lifted),
            self.env._("1 unblocked: %(names)s", **values),
            self.env._("%(count)s unblocked: %(names)s", **values),
        )
        if not staying:
            return told
        stays = pick(
            staying,
            self.env._("1 block stays in force"),
            self.env._("%(staying)s blocks stay in force", **values),
        )
        return f"{told} ({stays})"
