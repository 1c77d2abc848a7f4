from collections import defaultdict
from dataclasses import replace

from odoo import api, models
from odoo.fields import Command

from .. import said
from ..call_marks import FLAGGING
from . import match_rules
from .return_states import COLLECTED


class AccountPaymentReturnLine(models.Model):
    """Whether the payment of a line can give what came back, beside the others."""

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    def _find_left(self, with_others=False):
        """What of each line's collection can still come back.

        :param with_others: see `account.payment.return.left`, which knows
        :return: dict from line id to `Left`
        """
        targets = [(line.move_line_id, line.payment_id) for line in self]
        found = self.env["account.payment.return.left"]._find(targets, with_others)
        return {
            line.id: found[target] for line, target in zip(self, targets, strict=True)
        }

    def _get_returnable_amounts(self):
        """What can still come back of each line's payment.

        :return: dict from line id to amount in the payment's currency
        """
        return {line_id: left.amount for line_id, left in self._find_left().items()}

    def _get_debits(self):
        """What the bank may have taken at once, where it took back these lines.

        A line, the lines of its return and day, and those of its customer among them;
        each without and with the fees that the bank told.

        :return: dict from line to list of (amount, currency)
        """
        amounts, fees = defaultdict(float), defaultdict(float)
        for line in self.return_id._get_counting_lines() | self:
            amount, currency = line._get_told()
            for key in line._get_debit_keys():
                amounts[key] += amount
                fees[key] += line._get_told_fee()
        found = {}
        for line in self:
            _amount, currency = line._get_told()
            keys = line._get_debit_keys()
            sums = {amounts[key] for key in keys}
            sums |= {amounts[key] + fees[key] for key in keys}
            debits = [(amount, currency) for amount in sorted(sums)]
            found[line] = [*debits, (line.amount, line.currency_id)]
        return found

    def _get_debit_keys(self):
        """The line itself, its day, and its customer's day: what is summed up."""
        self.ensure_one()
        _amount, currency = self._get_told()
        day = self.return_id, self.date or self.return_id.date, currency
        return self, day, (day, self.partner_id.commercial_partner_id)

    def _get_told_fee(self):
        """The bank's fee in the currency in which the bank told the amount."""
        self.ensure_one()
        amount, currency = self._get_told()
        if currency == self.currency_id or not self.amount:
            return self.fee_amount
        return currency.round(self.fee_amount * amount / self.amount)

    def _get_known_entries(self, left, available, debits):
        """The entries by which the books may know this return already.

        What a person chose is asked only whether it can come back at all.

        :param left: `Left` of its payment
        :param available: what of that the lines before did not take
        :param debits: see `_get_debits`
        :return: list of `Entry`
        """
        self.ensure_one()
        if self.currency_id.compare_amounts(self.amount, available) > 0:
            return list(left.entries)
        if self.is_chosen:
            return []
        day = self.date or self.return_id.date
        return match_rules.find_entries(
            left, self.amount, debits, day, self.currency_id
        )

    def _set_aside_unreturnable(self):
        """Take out of the way the lines that cannot be posted, each with its why.

        One bad line never stops the others: it goes back to the ones to match.

        :return: the lines that can be posted, and the `Left` of all by their id
        """
        with FLAGGING.set(self.env):
            return self._set_aside()

    def _set_aside(self):
        self._complete_targets()
        left = self._find_left(with_others=True)
        # Of all others it need not be known what the bank may have taken at once.
        known = self.filtered(lambda ln: left[ln.id].entries or left[ln.id].others)
        debits, by_hand = known._get_debits(), self._find_by_hand()
        taken, takers = defaultdict(float), defaultdict(self.return_id.browse)
        good = self.browse()
        for line in self:
            target = line._get_target()
            available = left[line.id].amount - taken[target]
            entries = line in known and line._get_known_entries(
                left[line.id], available, debits[line]
            )
            problem = not entries and (
                line._get_clash(left[line.id].amount, available, takers[target])
                or line._get_problem(available)
            )
            if entries:
                line._leave_to_choose(entries)
            elif line in by_hand:
                line._leave_by_hand(by_hand[line])
            elif problem:
                line._write_said({"match_state": "unmatched", "match_said": problem})
            else:
                taken[target] += line.amount
                takers[target] |= line.return_id
                good += line
        return good, left

    def _flag_unreturnable(self, targets=()):
        """Say of lines just saved what their payments cannot give, and of those beside.

        What can be booked again is matched again.

        :param targets: what gave the money before, where it was something else
        """
        targets = self._get_targets().union(targets)
        if not targets or FLAGGING.get(self.env):
            return
        lines = self._find_rivals(targets)
        left = lines._find_left_beside()
        with FLAGGING.set(self.env):
            for line in lines:
                line._flag(line._get_excess_note(left[line.id]))

    def _flag_other_drafts(self, state):
        """Say of other drafts what the payments of these lines cannot give, or can.

        Of whoever they are, as he would find out when he confirms; but not of what
        Odoo is working on, which looks itself.

        :param state: of the lines to look at: what is matched may be wrong after a
            confirmation, and what waits, which has its reason, after a cancellation
        """
        targets = [(line.move_line_id, line.payment_id) for line in self]
        asking = self.env["account.payment.return.left"]._find_asking(targets)
        others = asking.filtered(
            lambda line: (
                line.return_id not in self.return_id and line.match_state == state
            )
        )
        others.filtered(lambda line: not line.return_id.work_kind)._flag_unreturnable()

    def _get_excess_note(self, left):
        """Say what a payment cannot give, by the entries that took it, if any did.

        :param left: `Left` of the payment
        """
        excess = self._get_excess(left.amount)
        if not (excess and left.entries):
            return excess
        name = self.payment_id.name or self.move_line_id.move_name or ""
        return self._get_entries_note(name, [entry.name for entry in left.entries])

    def _flag(self, problem):
        """Let the state and the note say a problem, or that there is none any more."""
        self.ensure_one()
        if problem and (self.match_state == "matched" or self.match_said != problem):
            self._write_said({"match_state": "unmatched", "match_said": problem})
        elif not problem and self.match_state == "unmatched":
            self._write_said(
                {"match_state": "matched", "match_said": self._get_fitting_note()}
            )

    def _find_left_beside(self):
        """What each line's payment can give it: the others of its draft take theirs.

        The matched ones first.

        :return: dict from line id to `Left`, for these lines and those beside them
        """
        rivals = self._find_rivals(self._get_targets())
        left, taken = rivals._find_left(), defaultdict(float)
        for line in rivals.sorted(lambda ln: (ln.match_state != "matched", ln.id)):
            target = line.return_id, line._get_target()
            available = left[line.id].amount - taken[target]
            left[line.id] = replace(left[line.id], amount=available)
            if not line._get_excess(available):
                taken[target] += line.amount
        return left

    def _find_rivals(self, targets):
        """The lines of these drafts that ask something of some payments.

        :param targets: set of what gives the money, see `_get_target`
        """
        return self.return_id.line_ids.filtered(
            lambda line: (
                line._get_target() in targets
                and line.state == "draft"
                and line.match_state in ("matched", "ambiguous", "unmatched")
                and line._has_collection()
            )
        )

    def _get_targets(self):
        return {target for line in self if (target := line._get_target())}

    def _get_target(self):
        """What gives the money back: one bank transaction may be several payments."""
        self.ensure_one()
        payment = self.payment_id
        whole = self.move_line_id or payment
        return payment if payment and not payment.move_id else whole

    def _leave_to_choose(self, entries):
        """Take the payment off a line whose return the books may know already.

        :param entries: list of `Entry`, named in the note
        """
        name = self.payment_id.name or self.move_line_id.move_name or ""
        self._leave_open(self._get_entries_note(name, [e.name for e in entries]))

    def _leave_open(self, note):
        """Take the payment off a line, and propose it.

        :param note: why it is to choose, as in `said`
        """
        self.ensure_one()
        item, payment = self.move_line_id, self.payment_id
        by_payment = payment and not payment.move_id
        self._write_said(
            {
                "match_state": "ambiguous",
                "match_said": note,
                "move_line_id": False,
                "payment_id": False,
                "candidate_line_ids": [
                    Command.set([] if by_payment else item.ids),
                ],
                "candidate_payment_ids": [
                    Command.set(payment.ids if by_payment else []),
                ],
            }
        )

    @api.model
    def _get_entries_note(self, payment_name, entry_names):
        """Say by which entries a payment may have come back already."""
        return said.say(
            "match.entries",
            payment=payment_name,
            entries=list(dict.fromkeys(entry_names)),
        )

    def _get_problem(self, available):
        """Say why a matched line cannot be posted.

        :param available: what can still come back of its payment
        :return: a sentence as in `said`, or False when nothing is wrong
        """
        self.ensure_one()
        item, payment = self.move_line_id, self.payment_id
        if not (item or payment):
            return self._get_gone_note()
        if not self._is_collection():
            return said.say("match.no_collection", name=self._get_collection_name())
        target_company = item.company_id or payment.company_id
        if not self._is_within(target_company, self.return_id.company_id):
            return said.say("match.not_ours")
        if item and item.parent_state != "posted":
            return said.say("match.not_posted")
        if payment and payment.state not in COLLECTED:
            return said.say("match.uncollected")
        if self.currency_id != (item.currency_id or payment.currency_id):
            return said.say("match.currency", currency=self.currency_id.name)
        if self._would_book_nothing():
            return said.say("match.no_entry", payment=payment.display_name)
        return self._get_amount_problem(available)

    def _would_book_nothing(self):
        """Whether a payment without an entry came back, and nobody would owe again.

        Its invoices are paid in full, by a bank transaction that is not known as its
        own: to reject the payment changes nothing.
        """
        if self.move_line_id:
            return False
        debts = self.payment_id.invoice_ids.line_ids.filtered(
            lambda item: (
                item.account_type == "asset_receivable"
                and self.payment_id._may_pay(item)
            )
        )
        by_bank = debts.matched_credit_ids.credit_move_id.statement_line_id
        return bool(by_bank) and all(debts.mapped("reconciled"))

    def _get_excess(self, available):
        """Say that a line asks more than its payment can give, or return False.

        An amount that is still to be converted is not compared.
        """
        if self.currency_id != self._get_target_currency():
            return False
        compare = self.currency_id.compare_amounts
        if compare(available, 0) <= 0:
            return said.say("match.came_back")
        if compare(self.amount, available) > 0:
            return said.say(
                "match.excess",
                amount=said.amount(self.amount, self.currency_id),
                available=said.amount(available, self.currency_id),
            )
        return False

    def _get_clash(self, amount, available, returns):
        """Say that other returns, confirmed with this one, take what a line asks.

        :param amount: what could come back of its payment, but for them
        :param available: what can still
        :param returns: those that take of the payment, its own among them or not
        :return: as `_get_problem`
        """
        others = returns - self.return_id
        if not others or self._get_excess(amount) or not self._get_excess(available):
            return False
        return said.say(
            "match.clash",
            returns=others.mapped("name"),
            available=said.amount(available, self.currency_id),
        )

    def _get_amount_problem(self, available):
        excess = self._get_excess(available)
        if excess:
            return excess
        compare = self.currency_id.compare_amounts
        if compare(self.amount, 0) < 0:
            return said.say("match.negative")
        if not compare(self.amount, 0):
            return said.say("match.no_amount")
        if not self.move_line_id and compare(self.amount, available):
            return said.say("match.only_in_full")
        return False
