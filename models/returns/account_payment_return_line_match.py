from collections import Counter

from odoo import api, fields, models, tools

from .. import notification, said
from ..call_marks import BOOKING
from .return_states import WAITING


class AccountPaymentReturnLine(models.Model):
    """How a line stands: whether its payment is found, and what is said of that."""

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    duplicate_line_id = fields.Many2one(
        "account.payment.return.line",
        string="Duplicate of",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    match_state = fields.Selection(
        selection=[
            ("matched", "Matched"),
            ("ambiguous", "To choose"),
            ("unmatched", "Not found"),
            ("duplicate", "Duplicate"),
            ("skipped", "Set aside"),
        ],
        compute="_compute_match_state",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        copy=False,
        index=True,
    )
    match_said = fields.Json(
        string="How it was Matched (technical)",
        compute="_compute_match_said",
        store=True,
        precompute=True,
        # What is written together with a payment is not computed over.
        readonly=False,
        copy=False,
        help="What is said of the line, by a code and its data.",
    )
    match_note = fields.Char(
        string="How it was Matched",
        compute="_compute_match_note",
        inverse="_inverse_match_note",
        search="_search_match_note",
    )
    is_chosen = fields.Boolean(
        copy=False,
        help="A person, not the matching, said which payment came back.",
    )

    @api.depends(
        "move_line_id.company_id",
        "payment_id.company_id",
        "payment_id.state",
        "duplicate_line_id.state",
    )
    def _compute_match_state(self):
        """A line with a payment is matched, unless it was set aside on purpose.

        Also when its payment is deleted or set back to draft: the fields named above
        change then. A duplicate of what is gone is none. What is in the books stays as
        it is, and what its payment cannot give stays unmatched.
        """
        refused = self._find_refused()
        for line in self:
            known, live = line.match_state, line._has_collection()
            booked = known and line.state not in (False, "draft")
            if live and known in WAITING and not booked and line._asks_too_much():
                line.match_state = "unmatched"
                line.match_said = line._get_amount_problem(line._get_collected_amount())
            elif line in refused:
                line.match_state = known
            elif live and not booked and known in (False, *WAITING):
                line.match_state = "matched"
                # Of a new line nothing is said before it is saved.
                if known:
                    line._note_change(live)
            elif not live and not booked and known in (False, "matched"):
                line.match_state = "unmatched"
                line._note_change(live)
            elif known == "duplicate" and not booked and line._repeats_nothing(live):
                line.match_state = "unmatched"
                line.match_said = line._get_alone_note()
            else:
                line.match_state = known

    def _asks_too_much(self):
        """Whether more came back than the payment, perhaps changed, collected.

        In another currency that is not said yet.
        """
        if not self.amount or self.currency_id != self._get_target_currency():
            return False
        collected = self._get_collected_amount()
        return self.currency_id.compare_amounts(self.amount, collected) > 0

    def _repeats_nothing(self, is_live):
        """Whether the line that this one told again was deleted or cancelled.

        :param is_live: whether a person gave it a payment all the same
        """
        first = self.duplicate_line_id
        return not is_live and (not first or first.state == "cancelled")

    def _find_refused(self):
        """Of these lines those not matched as their payment cannot give what they ask.

        While returns are booked nobody can say what is left: a line keeps its state.
        """
        waiting = self.filtered(
            lambda line: (
                line.id and line.match_state == "unmatched" and line._has_collection()
            )
        )
        if BOOKING.get(self.env):
            return waiting
        left = waiting._find_left_beside()
        return waiting.filtered(
            lambda line: line.id in left and line._get_excess(left[line.id].amount)
        )

    def _note_change(self, is_live):
        """Say that the payment, which is still there, is not collected, or again."""
        if self.move_line_id or self.payment_id:
            again = said.say("match.again")
            self.match_said = again if is_live else self._get_gone_note()

    @api.depends("move_line_id.company_id", "payment_id.company_id")
    def _compute_match_said(self):
        """That the payment is gone; who gives the line one says how it was found."""
        for line in self:
            known = line.match_said
            is_told = line.match_state in ("duplicate", "skipped")
            if not known or is_told or line.move_line_id or line.payment_id:
                line.match_said = known
            else:
                line.match_said = line._get_gone_note()

    @api.depends("match_said")
    @api.depends_context("lang")
    def _compute_match_note(self):
        for line in self:
            line.match_note = said.tell(self.env, line.match_said)

    def _inverse_match_note(self):
        """Keep what somebody typed."""
        for line in self:
            line.match_said = said.keep(line.match_note)

    def _search_match_note(self, operator, value):
        return said.search(self, "match_said", operator, value)

    def _get_chosen_note(self):
        return said.say("match.chosen", user=said.name(self.env.user))

    def _get_fitting_note(self):
        if self.is_chosen:
            return self._get_chosen_note()
        return said.say("match.fitting")

    def _get_gone_note(self):
        return said.say("match.gone")

    def _get_alone_note(self):
        return said.say("match.alone")

    def _say_doubt(self, note):
        """A note, after why the bank's file is not clear."""
        if not self.doubt:
            return note
        return said.say("match.doubt", doubt=self.doubt, note=note)

    @api.model
    @tools.ormcache("self._name")
    def _get_closed_names(self):
        """Override of `credit.entry.guard`: what is said of a line is said by us.

        And how it stands, where it comes from and what is found for it: what is stored
        and readonly where it is declared, computed or not.
        """
        filled_in = {
            name
            for name, field in self._fields.items()
            if field.store and field.readonly and name not in models.MAGIC_COLUMNS
        }
        return super()._get_closed_names() | filled_in | {"match_said", "match_state"}

    def _get_free_names(self, vals):
        """Return the names of some values, but of those that nobody may enter."""
        return vals.keys() - self._get_entered(vals).keys()

    def _write_said(self, vals):
        """Write what the code says of a line, with the values that it says it of."""
        with self._filling_in_by_odoo():
            return self.write(vals)

    def _say_choice(self, vals):
        """Add to values whether a person chose the payment in them.

        But where code says itself. What becomes of that payment is nobody's choice.
        """
        is_given = vals.get("payment_id") or vals.get("move_line_id")
        if "is_chosen" in vals or not (is_given or "payment_id" in vals):
            return vals
        return {**vals, "is_chosen": bool(is_given)}

    def _note_choice(self):
        """Say who chose the payments of these lines, but of those set aside."""
        for line in self:
            if line.match_state not in ("duplicate", "skipped"):
                line.match_said = line._get_chosen_note()

    def _match(self):
        """Find the payments of these lines where they have none (batched).

        :return: the lines looked at, with those made of rejected batches
        """
        return self.env["account.payment.return.match"]._match(self)

    def _match_and_tell(self):
        """Match these lines and say what came of it, also when it is nothing.

        :return: a notification, after which the client reads its records anew
        """
        before = {line: line.match_state for line in self}
        lines = (self | self._match()).exists()
        states = Counter(
            line.match_state
            for line in lines
            if line.match_state != before.get(line, "unmatched")
        )
        left = len(lines.filtered(lambda line: line.match_state in WAITING))
        texts = (self._get_found_text(states), self._get_left_text(left))
        return notification.tell(" ".join(texts), "success" if states else "info")

    def _get_found_text(self, states):
        """Say what was found of how many lines.

        :param states: ``Counter`` of what lines have become
        """
        texts = {
            "matched": self.env._("Payments found: %s.", states["matched"]),
            "ambiguous": self.env._(
                "Payments to choose from: %s.", states["ambiguous"]
            ),
            "duplicate": self.env._("Known already: %s.", states["duplicate"]),
            "skipped": self.env._("No return at all: %s.", states["skipped"]),
            "unmatched": self.env._("No longer matched: %s.", states["unmatched"]),
        }
        found = [text for state, text in texts.items() if states[state]]
        return " ".join(found) or self.env._("Nothing new found.")

    def _get_left_text(self, count):
        if not count:
            return self.env._("No line is left to match.")
        if count == 1:
            return self.env._("1 line is still to match.")
        return self.env._("%s lines are still to match.", count)

    def action_match(self):
        """Look again for the payments of the selected lines, and say what was found.

        What a person set aside and selects here is looked at again as well.

        :return: a notification, after which the client reads the lines anew
        """
        self.check_access("write")
        self._take_back()
        return self._match_and_tell()

    def _take_back(self):
        """Look again at what was set aside; a batch in single lines stays aside."""
        aside = self.filtered(
            lambda line: (
                line.state == "draft"
                and line.match_state == "skipped"
                and line.scope == "payment"
            )
        )
        aside._write_said({"match_state": "unmatched", "match_note": False})

    def action_skip(self):
        """Set lines aside that are no return of ours: they are not booked.

        *Match Again* takes them back.

        :return: True
        :raises AccessError: to who may not write them
        :raises UserError: for a line that is in the books
        """
        self.check_access("write")
        self._write_said(
            {
                "match_state": "skipped",
                "match_said": said.say(
                    "match.set_aside", user=said.name(self.env.user)
                ),
            }
        )
        return True
