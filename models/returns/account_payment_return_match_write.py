from odoo import models
from odoo.fields import Command

from .. import orm_internals, said
from .match_rules import Outcome


class AccountPaymentReturnMatch(models.AbstractModel):
    """What the answers of the rules write on lines, and say there."""

    _inherit = "account.payment.return.match"  # pylint: disable=consider-merging-classes-inherited

    def _write_outcomes(self, outcomes, wanted):
        """Write the answers on their lines, all together."""
        lines = self.env["account.payment.return.line"].union(*outcomes)
        values, links = {}, {name: [] for name in self._get_links(Outcome(""))}
        for line, outcome in outcomes.items():
            values[line] = self._prepare_values(line, outcome, wanted[line])
            for name, ids in self._get_links(outcome).items():
                if ids or line[name]:
                    links[name].append((line, [Command.set(ids)]))
        orm_internals.write_values(values)
        lines._check_companies()
        for name, commands in links.items():
            orm_internals.write_links(name, commands)
        # With what follows from it: else it is written by as many statements again.
        lines.flush_recordset()

    def _get_links(self, outcome):
        """The ids behind the many2many fields of a line."""
        hits = [hit for hit in outcome.candidates if not hit.gone]
        if outcome.state == "duplicate" and outcome.collection:
            hits = (outcome.collection,)
        by_item = [hit for hit in hits if hit.item_id and not hit.pair]
        return {
            "invoice_line_ids": outcome.instalments,
            "candidate_line_ids": [hit.item_id for hit in by_item],
            "candidate_payment_ids": [h.payment_id for h in hits if h not in by_item],
        }

    def _prepare_values(self, line, outcome, wanted):
        """Values of the line for an answer."""
        values = {}
        if outcome.repeats or line.duplicate_line_id:
            is_known = outcome.state == "duplicate" and outcome.repeats
            values["duplicate_line_id"] = bool(is_known) and outcome.repeats.line_id
        if outcome.state == "matched":
            return {
                **values,
                **self._prepare_matched_values(outcome),
                **self._prepare_amounts(line, outcome.collection, wanted),
            }
        values |= {
            "match_state": outcome.state,
            "match_said": line._say_doubt(self._get_note(outcome, wanted)),
        }
        if outcome.collection:
            values["partner_id"] = outcome.collection.partner.id
        return values

    def _prepare_amounts(self, line, hit, wanted):
        """The amounts of a matched line where they are not just those told."""
        if wanted.amount and wanted.currency_id == hit.currency.id:
            return {}
        values = {
            "amount": next(c.amount for c in hit.claims if c.line_id == line.id),
            "fee_amount": self._convert_fee(line, hit),
        }
        if wanted.amount:
            values["told_amount"] = wanted.amount
            values["told_currency_id"] = wanted.currency_id
        return values

    def _convert_fee(self, line, hit):
        """The fee in the collection's currency, which the line takes over."""
        if not line.fee_amount or line.currency_id == hit.currency:
            return line.fee_amount
        return line.currency_id._convert(
            line.fee_amount, hit.currency, line.company_id, line.return_date
        )

    def _prepare_matched_values(self, outcome):
        hit = outcome.collection
        return {
            "move_line_id": hit.item_id,
            "payment_id": hit.payment_id,
            "partner_id": hit.partner.id,
            "currency_id": hit.currency.id,
            "match_state": "matched",
            "match_said": said.say(f"match.{outcome.key}"),
            "is_chosen": False,
        }

    def _get_note(self, outcome, wanted):
        """Say why a line has no payment yet."""
        if outcome.state == "skipped":
            return self._get_skipped_note(outcome)
        if outcome.state == "duplicate":
            return self._get_duplicate_note(outcome)
        if outcome.repeats:
            return self._get_booked_note(outcome)
        if outcome.state == "ambiguous":
            return self._get_ambiguous_note(outcome, wanted)
        if outcome.problem:
            return self._get_problem_note(outcome)
        looked_for = self._get_looked_for(wanted)
        if not looked_for:
            by_bank = wanted.family or wanted.by_debit
            return said.say("match.nothing" if by_bank else "match.unnamed")
        return said.say("match.unmatched", references=looked_for)

    def _get_skipped_note(self, outcome):
        """Say why nothing came back."""
        if outcome.key == "withdrawn":
            return said.say("match.recalled", payment=outcome.collection.label)
        return said.say("match.paid")

    def _get_looked_for(self, wanted):
        told = [*wanted.ids, wanted.instruction_id, wanted.mandate]
        told += [*sorted(wanted.tokens)[:5], wanted.vat, wanted.iban]
        return list(dict.fromkeys(text for text in told if text))

    def _get_booked_note(self, outcome):
        """Say by which entry a payment may have come back already."""
        lines = self.env["account.payment.return.line"]
        label = outcome.candidates[0].label
        return lines._get_entries_note(label, [outcome.repeats.source])

    def _get_duplicate_note(self, outcome):
        source = outcome.repeats.source
        if outcome.key == "told":
            return said.say("match.told", name=source)
        if not outcome.collection:
            return said.say("match.line_known", name=source)
        label = outcome.collection.label
        return said.say("match.payment_known", payment=label, name=source)

    def _get_ambiguous_note(self, outcome, wanted):
        if outcome.problem == "called":
            hit = outcome.candidates[0]
            names = {"own": hit.end_to_end_id, "called": wanted.called}
            return said.say("match.called", payment=hit.label, **names)
        if outcome.key == "doubt":
            return said.say("match.found")
        if outcome.key == "amount":
            return said.say("match.amount")
        if outcome.key == "contradicted":
            return said.say("match.contradicted", payment=outcome.candidates[0].label)
        if len(outcome.candidates) == 1:
            return said.say("match.one")
        return said.say("match.several")

    def _get_problem_note(self, outcome):
        hit = outcome.candidates[0]
        data = {"payment": hit.label}
        if outcome.problem == "other_company":
            data["company"] = said.name(hit.company)
        elif outcome.problem == "too_much":
            data["available"] = said.amount(hit.free, hit.currency)
        return said.say(f"match.{outcome.problem}", **data)
