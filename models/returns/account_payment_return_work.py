import logging
import random
import time
from datetime import timedelta

from psycopg2 import errors

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .. import said
from ..call_marks import WORKING

_logger = logging.getLogger(__name__)

# Lines of one transaction. Until it ends the invoices that they open again are locked.
# Fifty take less than a second; of two jobs at once one waits for the number of the
# other one's entry.
PIECE = 50
# Matching locks no invoice.
MATCH_PIECE = 1000
# What fails for so many lines in a row is not the fault of the lines.
MOST_FAILURES = 10
# What cannot be ended is tried again after so long.
PATIENCE = timedelta(hours=1)
# Another transaction was first: it is tried again so many times, as for a request.
MOST_TRIES = 5
CONFLICTS = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.LockNotAvailable,
)
# Odoo runs a job in one process only: as many share the work as there are jobs.
CRONS = ("ir_cron_payment_return_work", "ir_cron_payment_return_work_too")


class AccountPaymentReturnWork(models.Model):
    """What Odoo does in the background with a return that is too large for a click.

    One row a return, as long as there is something to do. A piece is one transaction,
    in which the row is locked: two jobs never do the same one, and what a piece that is
    killed has done is not there. The next one finds what is left by looking at the
    lines, so that it goes on wherever it was. It acts with the rights of who asked.
    """

    _name = "account.payment.return.work"
    _inherit = ["credit.reach"]
    _description = "Payment Return in the Background"
    _order = "id"

    return_id = fields.Many2one(
        "account.payment.return",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="return_id.company_id", store=True, precompute=True, index=True
    )
    kind = fields.Selection(
        selection=[("match", "Matching"), ("confirm", "Confirming")],
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one("res.users", required=True, readonly=True)
    total = fields.Integer(readonly=True, help="Lines when it began.")
    done = fields.Integer(readonly=True, help="Lines that are through.")
    size = fields.Integer(
        default=lambda self: PIECE,
        readonly=True,
        help="Lines of the next piece: fewer where one could not be booked.",
    )
    failures = fields.Integer(
        readonly=True, help="Lines in a row that could not be booked."
    )
    put_off_until = fields.Datetime(
        readonly=True, help="It has failed: it is tried again then."
    )
    last_line = fields.Integer(readonly=True, help="Id of the last line looked at.")

    _return_uniq = models.UniqueIndex(
        "(return_id)", "Odoo is working on this payment return already."
    )

    # === ASKING === #

    @api.model
    def _ask(self, returns, kind):
        """Let the jobs do something with returns, in the name of who asks.

        :param returns: ``account.payment.return`` in draft, on which nobody works
        :param kind: "match" or "confirm"
        """
        returns._check_no_work()
        self.sudo().create(
            [
                {
                    "return_id": each.id,
                    "kind": kind,
                    "user_id": self.env.uid,
                    "total": self._count(each, kind),
                }
                for each in returns
            ]
        )
        returns.sudo().write({"work_kind": kind})
        self._wake()

    def _count(self, payment_return, kind):
        if kind == "match":
            return len(payment_return.line_ids)
        return payment_return.matched_count

    @api.model
    def _wake(self):
        """Let the jobs begin as soon as this is committed."""
        for name in CRONS:
            cron = self.env.ref(
                f"account_credit_block.{name}", raise_if_not_found=False
            )
            if cron:
                cron.sudo()._trigger()

    # === THE JOBS === #

    @api.model
    def _cron_work(self):
        """Do piece after piece, each in a transaction, until nothing is left.

        Several jobs may do this at once, also on one return.
        """
        tries = 0
        while True:
            try:
                has_more = self._do_and_commit()
            except CONFLICTS:
                self.env.cr.rollback()
                tries += 1
                if tries > MOST_TRIES:
                    raise
                time.sleep(random.uniform(0.0, 2.0**tries / 10))
                continue
            tries = 0
            if not has_more:
                break

    def _do_and_commit(self):
        """Do one piece; say whether there is time and work for another one."""
        is_done = self._do_next()
        due = self._get_due_domain()
        remaining = self.sudo().search_count(due) if is_done else 0
        left = self.env["ir.cron"]._commit_progress(int(is_done), remaining=remaining)
        # A piece needs no more memory than the one before.
        self.env.invalidate_all(flush=False)
        if remaining and not left:
            # Odoo looks once a minute only whether there is more to do.
            self._wake()
        return bool(left and remaining)

    def _do_next(self):
        """Do a piece of the oldest work that no other job has in hand.

        :return: whether there was any
        """
        work = self.sudo().search(self._get_due_domain()).try_lock_for_update(limit=1)
        if work:
            with WORKING.set(self.env):
                work._do_safely()
        return bool(work)

    def _get_due_domain(self):
        now = fields.Datetime.now()
        return Domain("put_off_until", "=", False) | Domain("put_off_until", "<=", now)

    def _do_safely(self):
        """Do a piece; where it fails as a whole the work of others goes on."""
        try:
            with self.env.cr.savepoint():
                self._do_piece()
        except CONFLICTS:
            raise
        except Exception as error:  # whatever it is, the other returns must go on
            self.put_off_until = fields.Datetime.now() + PATIENCE
            payment_return = self._get_return().sudo()
            payment_return._ask_for_help(self._get_reason(payment_return, error))

    def _do_piece(self):
        payment_return = self._get_return()
        if not payment_return._may_be_worked_on():
            self._stop(payment_return._get_no_right_text())
        elif payment_return.is_stopping:
            self._stop()
        elif self.kind == "match":
            self._match(payment_return)
        else:
            self._confirm(payment_return)

    def _get_return(self):
        """The return as who asked sees it, in all the companies where he works.

        It is read by itself: what is read with this row is not when the row is gone.
        """
        companies = self.company_id | self.user_id.company_ids
        return (
            self.return_id.sudo(False)
            .with_user(self.user_id)
            .with_context(
                lang=self.user_id.lang,
                tz=self.user_id.tz,
                allowed_company_ids=companies.ids,
            )
            .with_prefetch()
        )

    # === MATCHING === #

    def _match(self, payment_return):
        """Match the next lines, or say what came of all of them."""
        lines = payment_return.line_ids.search(
            [("return_id", "=", payment_return.id), ("id", ">", self.last_line)],
            order="id",
            limit=MATCH_PIECE,
        )
        if not lines:
            self._free()
            payment_return._tell_matched()
            return
        try:
            with self.env.cr.savepoint():
                lines._match()
        except CONFLICTS:
            raise
        except Exception as error:  # whatever it is, the next work must go on
            self._give_up(payment_return, error)
        else:
            self.write(
                {"last_line": lines[-1].id, "done": self.done + len(lines)},
            )

    # === CONFIRMING === #

    def _confirm(self, payment_return):
        """Book the next lines, or confirm the return when there are none."""
        lines = payment_return._get_next_lines(self.size)
        if not lines:
            self._finish(payment_return)
            return
        try:
            with self.env.cr.savepoint():
                payment_return._book_ahead(lines)
        except CONFLICTS:
            raise
        except Exception as error:  # whatever it is, the other lines must go on
            self._fail(payment_return, lines, error)
        else:
            self.write(
                {
                    "done": self.done + len(lines),
                    "size": min(self.size * 2, PIECE),
                    "failures": 0,
                }
            )

    def _fail(self, payment_return, lines, error):
        """Try fewer lines, until the bad one is alone and set aside with its reason."""
        if payment_return.statement_line_id or self.failures >= MOST_FAILURES:
            self._give_up(payment_return, error)
        elif self.size > 1:
            self.size //= 2
        else:
            reason = said.keep(self._get_reason(payment_return, error))
            lines._write_said({"match_state": "unmatched", "match_said": reason})
            self.write({"done": self.done + len(lines), "failures": self.failures + 1})

    def _get_reason(self, payment_return, error):
        """Say to people why something failed; the log says what nobody foresaw."""
        if isinstance(error, UserError):
            return error.args[0]
        _logger.error(
            "Work on payment return %s failed", payment_return.name, exc_info=error
        )
        return payment_return.env._(
            "Something unexpected happened: ask your administrator to look at the log"
            " of the server."
        )

    def _give_up(self, payment_return, error):
        """End it before its time, and ask a person to see to what is left."""
        self._stop(self._get_reason(payment_return, error))

    def _stop(self, reason=""):
        """End it before its time: what is booked stays, the rest waits in a draft.

        :param reason: why, if nobody has asked for it
        """
        # Who asked may have lost the right meanwhile.
        payment_return, kind = self._get_return().sudo(), self.kind
        self._free()
        if kind == "confirm":
            payment_return._settle(is_stopped=True)
        payment_return._tell_stopped(reason)

    def _finish(self, payment_return):
        """All lines are through: what is booked is the return."""
        self._free()
        payment_return._settle()
        payment_return._tell_booked()

    def _free(self):
        """Nobody works on the return any more."""
        self.return_id.write({"work_kind": False, "is_stopping": False})
        self.unlink()
