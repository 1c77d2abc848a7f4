from odoo import api, fields, models
from odoo.exceptions import LockError, UserError
from odoo.tools import format_date

from .. import notification
from ..call_marks import BOOKING, MAKING
from .return_states import WAITING


class AccountPaymentReturn(models.Model):
    """How returns come into the books, and out of them again."""

    _inherit = "account.payment.return"  # pylint: disable=consider-merging-classes-inherited

    date_notice = fields.Char(
        compute="_compute_date_notice",
        help="Said when the entry could not be dated as the return.",
    )

    @api.depends("date", "move_ids.date", "move_ids.state")
    def _compute_date_notice(self):
        """Say when Odoo had to date an entry elsewhere (a locked period)."""
        for payment_return in self:
            entries = payment_return._get_return_entries()
            notices = [
                self.env._(
                    "The period of %(wanted)s is locked: the return entry is dated "
                    "%(actual)s.",
                    wanted=format_date(self.env, day),
                    actual=format_date(self.env, entry.date),
                )
                for entry in entries.filtered(lambda m: not m.statement_line_id)
                for day in payment_return._get_missed_days(entry)
            ]
            # A large return has an entry a piece, all of the same days.
            payment_return.date_notice = " ".join(dict.fromkeys(notices)) or False

    def _get_missed_days(self, entry):
        """The days of the lines that an entry books, where it is of another one."""
        lines = entry.sudo().line_ids.payment_return_line_id
        days = lines.mapped("return_date") or self.mapped("date")
        return sorted({day for day in days if day != entry.date})

    def action_open_confirm(self):
        """Say in a dialog what confirming does, before it is done there.

        :return: a window action
        :raises UserError: when none is in draft, or as `action_confirm`
        """
        self.check_access("write")
        drafts = self.filtered(lambda r: r.state == "draft")
        if not drafts:
            raise UserError(
                self.env._("Only payment returns in draft can be confirmed.")
            )
        drafts._check_no_work()
        dialog = self.env["account.payment.return.decision"]
        names = ", ".join(drafts.mapped("name"))
        return dialog._open(drafts, "confirm", self.env._("Confirm %s", names))

    def _notify_outcome(self):
        """Tell who confirmed these returns what has come of it.

        :return: a notification, which closes the dialog that it comes from
        """
        title = ", ".join(self.mapped("display_name"))
        return notification.tell(self._get_outcome_text(), "success", title=title)

    def _get_outcome_text(self):
        """What has come of confirming these returns, in one line."""
        outcomes = self.env["account.payment.return.outcome"]
        outcome = outcomes._read(self.line_ids._filter_came_back())
        return " · ".join(outcomes._tell(outcome))

    def action_confirm(self):
        """Book the returns: entry, reconciliations undone, invoices open again.

        Idempotent: a return confirmed meanwhile is left as it is. Lines without a
        payment go to a draft of their own, so that nothing is lost.

        :return: True
        :raises UserError: when a return is cancelled, is being confirmed by somebody
            else, or has no line that can be booked
        """
        self.check_access("write")
        drafts = self._lock_drafts()
        lines, left = drafts._get_lines_to_post()
        if not drafts:
            return True
        drafts._split_pending_lines()
        drafts._book(lines, left)
        self.env["account.payment.return.outcome"]._log(lines)
        return True

    def _confirm_by_itself(self):
        """Confirm with nobody's help where the company wants it and nothing is open.

        A refusal leaves the draft and says why.
        """
        for payment_return in self:
            if (
                not payment_return.confirm_by_hand
                and payment_return.company_id.credit_return_auto_confirm
                and payment_return.matched_count
                and not payment_return.pending_count
            ):
                payment_return._confirm_or_explain()

    def _confirm_or_explain(self):
        try:
            with self.env.cr.savepoint():
                if self._is_large():
                    self.action_confirm_later()
                else:
                    self.action_confirm()
        except UserError as error:
            self._message_log(
                body=self.env._(
                    "It could not be confirmed by itself: %(reason)s",
                    reason=error.args[0],
                )
            )

    def _book(self, lines, left, is_ahead=False):
        """Put these drafts in the books, and say what happened where people look.

        Hook for who looks at what customers owe when all of it is booked.

        :param lines: of these, that can be booked
        :param left: dict from line id to `Left`
        :param is_ahead: others of the same return follow, which is confirmed then
        """
        ledger = self.env["account.payment.return.ledger"]
        with BOOKING.set(self.env):
            ledger._post(lines, left)
            if is_ahead:
                lines.sudo().is_ahead = True
            else:
                self.sudo().write({"state": "confirmed"})
            ledger._create_fee_invoices(lines)
            lines._log_on_invoices()
        lines._flag_other_drafts("matched")
        if not is_ahead:
            self._log_date_notice()

    def _lock(self):
        """Lock the rows before their state is read.

        Two users at once: the second one finds the row locked and is told so; one
        who waited through a commit is replayed by Odoo and finds the new state.

        :raises UserError: when somebody else, or Odoo in the background, is working on
            a return
        """
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody is confirming or cancelling this payment return right "
                    "now. Reload the page in a moment to see the outcome."
                )
            ) from error
        self.invalidate_recordset(["state", "work_kind"])
        self._check_no_work()
        self._check_sees_all()

    def _check_sees_all(self):
        """Raise UserError when lines are of branches that the user did not select.

        Part of a return is neither confirmed nor cancelled without the rest.
        """
        if self.env.su:
            return
        hidden = self.line_ids.sudo().search(
            [
                ("return_id", "in", self.ids),
                ("company_id", "not in", self.env.companies.ids),
            ]
        )
        if hidden:
            raise UserError(self._get_elsewhere_text(hidden.company_id))

    def _lock_drafts(self):
        """Lock these returns and give those that are still to be confirmed.

        :raises UserError: when one is cancelled, or somebody else is working on it
        """
        self._lock()
        if any(r.state == "cancelled" for r in self):
            raise UserError(
                self.env._(
                    "A cancelled payment return cannot be confirmed. Register the "
                    "return again."
                )
            )
        return self.filtered(lambda r: r.state == "draft")

    def _get_lines_to_post(self):
        """The lines that can be booked, after setting the others aside.

        :return: as `_set_aside_unreturnable`
        :raises UserError: when a return would be left with nothing to book, and for a
            reason that does not say that anything came back
        """
        matched = self.line_ids.filtered(lambda line: line.match_state == "matched")
        said_otherwise = ("paid", "other")
        matched.reason_id.filtered(
            lambda reason: reason.outcome in said_otherwise
        )._check_unpaid()
        lines, left = matched._set_aside_unreturnable()
        empty = self - lines.return_id
        if empty:
            raise UserError(empty._get_nothing_to_book_text())
        return lines, left

    def _get_nothing_to_book_text(self):
        """Say why nothing of these can be booked, with what is said of their lines."""
        notes = [note for note in self.line_ids.mapped("match_note") if note]
        headline = self.env._(
            "%(names)s: no line has a payment that can come back. "
            "Choose the payments of its lines first.",
            names=", ".join(self.mapped("name")),
        )
        return "\n".join([headline, *dict.fromkeys(notes)])

    def _give_reason(self, reason):
        """Give a reason to the lines that would be booked without one.

        :param reason: `account.payment.return.reason`, or empty
        :raises UserError: for one that does not say that anything came back
        """
        reason._check_unpaid()
        if reason:
            self._get_unexplained_lines().reason_id = reason

    def _get_unexplained_lines(self):
        """Return the matched lines of which neither bank nor person said why."""
        return self.line_ids.filtered(
            lambda line: line.match_state == "matched" and not line.reason_id
        )

    def _split_pending_lines(self):
        """Move the lines still to match to a draft that waits for them."""
        self._split_off(
            {
                payment_return: payment_return.line_ids.filtered(
                    lambda line: line.match_state in WAITING
                )
                for payment_return in self
            }
        )

    def _split_off(self, lines):
        """Move lines to a draft of their own.

        :param lines: dict from return to lines of it
        """
        for payment_return, pending in lines.items():
            if pending:
                with MAKING.set(self.env):
                    rest = payment_return.copy(payment_return._prepare_rest_values())
                pending.return_id = rest
                payment_return._log_split(rest)

    def _log_split(self, rest):
        """Say on a return and on its rest where the one and the other are."""
        bodies = {
            self.id: self.env._(
                "What is not booked waits in %(rest)s: %(count)s of the lines.",
                rest=rest._get_html_link(),
                count=len(rest.line_ids),
            ),
            rest.id: self.env._(
                "These lines were in %(origin)s, which is confirmed without them.",
                origin=self._get_html_link(),
            ),
        }
        (self | rest)._message_log_batch(bodies)

    def _prepare_rest_values(self):
        """Values of the draft that takes the lines still to match."""
        self.ensure_one()
        return {
            "split_from_id": self.id,
            "file_name": self.file_name,
            "file_format": self.file_format,
            "bank_message_id": self.bank_message_id,
            "line_ids": False,
        }

    def _log_date_notice(self):
        for payment_return in self.filtered("date_notice"):
            payment_return._message_log(body=payment_return.date_notice)

    def action_open_cancel(self):
        """Say in a dialog what cancelling does, before it is done there.

        :return: a window action
        :raises UserError: when all are cancelled, or Odoo is working on one
        """
        self.check_access("write")
        returns = self.filtered(lambda r: r.state != "cancelled")
        if not returns:
            raise UserError(self.env._("This payment return is cancelled already."))
        returns._check_no_work()
        dialog = self.env["account.payment.return.decision"]
        names = ", ".join(returns.mapped("name"))
        return dialog._open(returns, "cancel", self.env._("Cancel %s", names))

    def action_cancel(self):
        """Cancel the returns: reverse their entries, pay the invoices back.

        A posted entry is never deleted. What was paid again meanwhile is not
        touched: the old payment then stays as a credit, and this is said.

        :return: True
        :raises UserError: when somebody else is working on a return
        """
        self.check_access("write")
        self._lock()
        to_cancel = self.filtered(lambda r: r.state != "cancelled")
        confirmed = to_cancel._filter_confirmed()
        unrestored = to_cancel._unbook()
        confirmed.sudo().notice_ids._withdraw()
        confirmed._log_unrestored(unrestored)
        lines = confirmed.line_ids
        lines._log_cancelled_on_invoices()
        lines._flag_other_drafts("unmatched")
        return True

    def _notify_cancelled(self):
        """Tell who cancelled these returns what has come of it.

        :return: a notification, which closes the dialog that it comes from
        """
        lines = self.line_ids._filter_reversed()
        told = self.env["account.payment.return.outcome"]._tell_cancelled(lines)
        kind = "success" if lines.undone_ids._is_restored() else "warning"
        title = ", ".join(self.mapped("display_name"))
        return notification.tell(told, kind, title=title)

    def _unbook(self):
        """Take these out of the books, where they are in them, and call them cancelled.

        Hook for who looks at what customers owe when all of it is reversed.

        :return: dict from return to list of sentences on what could not be put back,
            or went with it
        """
        ledger = self.env["account.payment.return.ledger"]
        with BOOKING.set(self.env):
            unrestored = ledger._cancel(self._filter_confirmed())
            self.sudo().write({"state": "cancelled"})
        return unrestored

    def _filter_confirmed(self):
        return self.filtered(lambda payment_return: payment_return.state == "confirmed")

    def _log_unrestored(self, unrestored):
        """Say on each return what cancelling could not put back, or took with it.

        :param unrestored: dict from return to list of sentences
        """
        for payment_return, sentences in unrestored.items():
            if sentences:
                payment_return._message_log(body="\n".join(sentences))

    def _get_return_entries(self):
        """The entries that booked the returns, without their reversals."""
        return self.move_ids.filtered(lambda move: not move.reversed_entry_id)
