from odoo import api, models
from odoo.fields import Command

from . import match_rules
from .match_rules import Claim, Outcome
from .return_states import WAITING


class AccountPaymentReturnMatch(models.AbstractModel):
    """Finds the payments of return lines, many at once.

    The rules are in ``match_rules``; here is what they need from the database and
    what their answers write. Everything is loaded by one search a table, whatever
    the number of lines.
    """

    _name = "account.payment.return.match"
    _description = "Matching of Payment Returns"

    @api.model
    def _match(self, lines):
        """Find the payments of draft return lines that have none.

        Lines with a payment, duplicates and lines set aside stay as they are. A
        payment that is gone, or has nothing left to give, is none; a duplicate of what
        is gone, was set aside or waits where it cannot be matched is looked at anew.

        :param lines: ``account.payment.return.line``
        :return: the lines looked at, and those made of rejected batches
        """
        lines = lines.filtered(self._is_looked_at)
        lines = self._drop_gone(lines)
        if not lines:
            return lines
        wanted = self._prepare_wanted(lines)
        outcomes, told = self._find_known(lines, wanted)
        rest = lines.filtered(lambda line: line not in outcomes)
        index = self._load_by_keys([wanted[line] for line in rest])
        outcomes.update(self._decide(rest, wanted, index))
        lost = rest.filtered(
            lambda line: (
                line.scope == "payment"
                and outcomes[line].state == "unmatched"
                and not outcomes[line].key
            )
        )
        outcomes.update(self._decide_lost(lost, wanted, index))
        outcomes.update(
            {
                line: known
                for line, known in told.items()
                if line in outcomes and self._is_lost(outcomes[line], known)
            }
        )
        outcomes.update(self._propose_nearest(rest, outcomes, wanted))
        made = self._expand_groups(rest, wanted, index)
        self._write_outcomes(outcomes, wanted)
        self._doubt_debits(outcomes, wanted)
        self._doubt_by_hand(lines)
        return lines | made

    def _is_looked_at(self, line):
        """Whether the matching may say something new of a line."""
        if line.state != "draft" or line.match_state == "skipped":
            return False
        if line.match_state != "duplicate":
            return True
        first = line.sudo().duplicate_line_id
        gone = not first or first.state == "cancelled"
        return gone or not self._speaks_for(first, line)

    def _speaks_for(self, first, line):
        """Whether what an earlier line is holds for one that tells the same.

        Not where a person asks again about what another one set aside, nor while the
        first one waits in a company that cannot match all that ours can.
        """
        if first.match_state == "skipped":
            return line.match_state != "duplicate"
        waits = first.match_state in WAITING
        ours, company = line.return_id.company_id, first.return_id.company_id
        return not waits or line._is_within(ours, company)

    def _is_lost(self, outcome, known):
        """Whether nothing better is found of a line than that it was told before.

        What a person can choose is better than an earlier line that waits elsewhere.
        """
        first = self.env["account.payment.return.line"].browse(known.repeats.line_id)
        waits = first.sudo().match_state in WAITING
        return outcome.state in (("unmatched",) if waits else WAITING)

    def _drop_gone(self, lines):
        """Forget payments that are gone or spent, and take those that fit again.

        :return: the lines without a payment
        """
        given = lines.filtered(lambda line: line.move_line_id or line.payment_id)
        doubtful = given.filtered(
            lambda line: line.match_state != "matched" or not line._has_collection()
        )
        if not doubtful:
            return lines - given
        left = doubtful._find_left()
        gone = doubtful.filtered(
            lambda line: (
                not line._has_collection()
                or line.currency_id.compare_amounts(left[line.id].amount, 0) <= 0
            )
        )
        kept = doubtful - gone
        beside = kept._find_left_beside()
        for line in kept:
            problem = line._get_problem(beside[line.id].amount)
            line._write_said(
                {
                    "match_state": "unmatched" if problem else "matched",
                    "match_said": problem or line._get_fitting_note(),
                }
            )
        gone.write(
            {
                "move_line_id": False,
                "payment_id": False,
                "invoice_line_ids": [Command.clear()],
            }
        )
        return lines - given + gone

    # === DECISIONS === #

    def _decide(self, lines, wanted, index):
        """Ask the rules line by line; a match takes its part of the collection.

        :return: dict from line to ``Outcome``
        """
        outcomes = {}
        for line in lines.filtered(lambda ln: ln.scope == "payment"):
            outcome = match_rules.decide(wanted[line], index)
            outcomes[line] = outcome
            if outcome.state == "matched":
                self._claim(line, outcome, wanted[line])
        return outcomes

    def _claim(self, line, outcome, wanted):
        claim = Claim(
            line_id=line.id,
            source=line.return_id.name,
            family=wanted.family,
            amount=outcome.collection.express(wanted) or outcome.collection.free,
            day=wanted.day,
            instalments=frozenset(outcome.instalments),
            draft=True,
        )
        outcome.collection.claims.append(claim)

    def _doubt_debits(self, outcomes, wanted):
        """Leave to choose what one debit of the bank may be, with its fee or others.

        The rules look at line by line: this at what was written of all of them.
        """
        left = {
            line: outcome.collection.left
            for line, outcome in outcomes.items()
            if outcome.state == "matched" and outcome.collection.left.others
        }
        lines = self.env["account.payment.return.line"].union(*left)
        for line, debits in lines._get_debits().items():
            day, currency = wanted[line].day, line.currency_id
            entries = match_rules.find_others(left[line], debits, day, currency)
            if entries:
                line._leave_to_choose(entries)

    def _doubt_by_hand(self, lines):
        """Leave to choose what a person may have put on another payment."""
        matched = lines.filtered(lambda line: line.match_state == "matched")
        for line, others in matched._find_by_hand().items():
            line._leave_by_hand(others)

    def _decide_lost(self, lines, wanted, index):
        """Second look, by customer and amount, at what no reference leads to.

        :return: dict from line to ``Outcome``
        """
        if not lines:
            return {}
        index = self._load_by_money([wanted[line] for line in lines], index)
        outcomes = self._decide(lines, wanted, index)
        for line, outcome in outcomes.items():
            if outcome.state == "unmatched" and not outcome.key:
                outcomes[line] = self._propose(wanted[line], index) or outcome
        return outcomes

    def _propose(self, wanted, index):
        """What a person may choose from; None when nothing comes near."""
        against = match_rules.find_contradicted(wanted, index)
        if against:
            return Outcome("ambiguous", "contradicted", candidates=against)
        hits = match_rules.propose(wanted, index)
        return Outcome("ambiguous", "amount", candidates=hits) if hits else None

    @api.model
    def _foresee(self, lines):
        """What the rules say of some lines, also new ones; nothing is written.

        :param lines: ``account.payment.return.line``
        :return: (dict from line to ``Wanted``, dict from line to ``Outcome``, index)
        """
        wanted = self._prepare_wanted(lines)
        index = self._load_by_keys(list(wanted.values()))
        outcomes = self._decide(lines, wanted, index)
        lost = [line for line, found in outcomes.items() if found.state == "unmatched"]
        outcomes.update(self._decide_lost(lines.browse().union(*lost), wanted, index))
        return wanted, outcomes, index

    @api.model
    def _find_banks(self, lines):
        """The banks of the payments that some lines lead to; nothing is written.

        :param lines: ``account.payment.return.line``, also new ones
        :return: ``account.journal``
        """
        wanted, outcomes, index = self._foresee(lines)
        hits = [found.collection for found in outcomes.values() if found.collection]
        for line in lines.filtered(lambda ln: ln.scope != "payment"):
            good, _claims, doubts = match_rules.decide_group(wanted[line], index)
            hits += [*good, *doubts]
        banks = self.env["account.journal"].browse({hit.journal_id for hit in hits})
        return banks.filtered(lambda bank: bank.type == "bank")

    # === CHOICE OF A PERSON === #

    @api.model
    def _choose(self, line, item, payment):
        """Give a line the payment that a person picked.

        :param line: ``account.payment.return.line``
        :param item: receivable item of the payment or bank transaction, or empty
        :param payment: ``account.payment`` when it has no journal entry, or empty

        Who paid becomes the customer: that person saw whose payment it is.
        """
        wanted = self._prepare_wanted(line)[line]
        hits = self._load_collections(payment, item.ids, [wanted])
        hits = [hit for hit in hits if not payment or hit.payment_id == payment.id]
        if not (item or payment.move_id) and hits:
            item = item.browse(hits[0].item_id or ())
        parts = match_rules.get_named(hits[0], wanted) if hits else ()
        line._write_said(
            {
                "move_line_id": item.id,
                "payment_id": item.payment_id.id or payment.id,
                "partner_id": (item.partner_id or payment.partner_id).id,
                "match_state": "matched",
                "match_said": line._get_chosen_note(),
                "is_chosen": True,
                "duplicate_line_id": False,
                "invoice_line_ids": [Command.set(parts)],
                "candidate_line_ids": [Command.clear()],
                "candidate_payment_ids": [Command.clear()],
            }
        )
        line._complete_targets()
