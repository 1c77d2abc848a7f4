from odoo import models
from odoo.fields import Command

from .. import said
from . import match_rules
from .match_rules import Outcome


class AccountPaymentReturnMatch(models.AbstractModel):
    """Rejected batches and files: a line of each collection in them."""

    _inherit = "account.payment.return.match"  # pylint: disable=consider-merging-classes-inherited

    def _expand_groups(self, lines, wanted, index):
        """Make one line of each collection of a rejected batch or file.

        The bank's own line stays, set aside: only its collections count.

        :return: the lines made
        """
        vals_list = []
        for line in lines.filtered(lambda ln: ln.scope != "payment"):
            good, claims, doubts = match_rules.decide_group(wanted[line], index)
            vals_list += self._prepare_group_lines(line, good, doubts, wanted[line])
            line._write_said(self._prepare_group_values(line, [*good, *doubts], claims))
        if not vals_list:
            return lines.browse()
        with lines._filling_in_by_odoo():
            return lines.create(vals_list)

    def _prepare_group_lines(self, line, collections, doubts, wanted):
        """Values of a line for each collection of a rejected batch or file.

        :param doubts: dict from those that may have come back to the entry that tells
        """
        names = (
            "kind due_date date value_date texts reason_code reason_text batch_id "
            "original_message_id instruction_id"
        )
        common = {name: line[name] for name in names.split()}
        vals_list = []
        for number, hit in enumerate([*collections, *doubts]):
            outcome = self._get_group_outcome(hit, doubts.get(hit), wanted)
            vals_list.append(
                {
                    **common,
                    **self._prepare_group_outcome(outcome, wanted),
                    "return_id": line.return_id.id,
                    "reason_id": line.reason_id.id,
                    "reference": hit.end_to_end_id or hit.label,
                    "end_to_end_id": hit.end_to_end_id,
                    "mandate_reference": hit.mandate,
                    "amount": hit.free,
                    # What the bank takes for the batch is booked once.
                    "fee_amount": self._convert_fee(line, hit) if not number else 0.0,
                    "unique_key": line.unique_key
                    and f"{line.unique_key}|{hit.item_id}|{hit.payment_id}",
                }
            )
            if outcome.state == "matched":
                self._claim(line, outcome, wanted)
        return vals_list

    def _get_group_outcome(self, hit, entry, wanted):
        if entry:
            return Outcome("ambiguous", wanted.scope, candidates=(hit,), repeats=entry)
        return Outcome("matched", wanted.scope, hit, match_rules.get_named(hit, wanted))

    def _prepare_group_outcome(self, outcome, wanted):
        links = {n: [Command.set(ids)] for n, ids in self._get_links(outcome).items()}
        if outcome.state == "matched":
            return {**self._prepare_matched_values(outcome), **links}
        hit = outcome.candidates[0]
        return {
            "partner_id": hit.partner.id,
            "currency_id": hit.currency.id,
            "match_state": "ambiguous",
            "match_said": self._get_note(outcome, wanted),
            **links,
        }

    def _prepare_group_values(self, line, collections, claims):
        if collections:
            return {
                "match_state": "skipped",
                "fee_amount": 0.0,
                "match_said": said.say("match.group", count=len(collections)),
            }
        if claims:
            return {
                "match_state": "duplicate",
                "duplicate_line_id": claims[0].line_id or False,
                "match_said": said.say("match.group_known", name=claims[0].source),
            }
        return {
            "match_state": "unmatched",
            "match_said": said.say(
                "match.no_batch",
                reference=line.batch_id or line.original_message_id or line.reference,
            ),
        }
