import base64
import logging

from psycopg2 import IntegrityError, OperationalError

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .. import notification, said
from .mail_thread import ARRIVAL

_logger = logging.getLogger(__name__)

# How often the server may stop in the midst of a file before a person is asked.
MOST_ATTEMPTS = 3


class AccountPaymentReturnArrival(models.Model):
    """What becomes of files that arrived: each is imported on its own."""

    _inherit = ARRIVAL  # pylint: disable=consider-merging-classes-inherited

    # === BY ITSELF === #

    @api.model
    def _cron_import(self):
        """Import what mails have brought, a file a transaction."""
        arrivals = self.search([("state", "=", "arrived")], order="id")
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(arrivals))
        for arrival in arrivals:
            if arrival._begin():
                arrival._import()
            if not progress._commit_progress(1):
                break

    def _begin(self):
        """Note that a file is being imported, before the server may stop in it.

        :return: whether to go on; not where somebody else is at it
        """
        if not self._lock_arrived():
            return False
        self.attempts += 1
        if self.attempts > MOST_ATTEMPTS:
            self._set_waiting(said.say("arrival.interrupted"))
            return False
        self.env["ir.cron"]._commit_progress()
        return self._lock_arrived()

    def _lock_arrived(self):
        """Lock this file, and say whether it still waits to be imported by itself."""
        locked = self.try_lock_for_update()
        locked.invalidate_recordset(["state"])
        return locked.state == "arrived"

    # === BY A PERSON === #

    def action_try_again(self):
        """Import these files again, each on its own, after what was wrong is mended.

        :return: an action: what was imported, or how many are and how many wait
        :raises UserError: for what is done, or has no file
        :raises AccessError: to who may not register returns
        """
        self._lock_to_decide()
        files = self.filtered("file_hash")
        if not files:
            raise UserError(
                self.env._(
                    "There is no file to import. Read the mail, then put it aside."
                )
            )
        for arrival in files.sorted("id"):
            arrival._import()
        return self._tell_imported()

    def _tell_imported(self):
        """Return the action that tells a person what became of these.

        A mail without a file, which goes on waiting, counts too.
        """
        waiting = self.filtered(lambda each: each.state == "waiting")
        done = self.filtered(lambda each: each.state == "done")
        if not waiting and done.return_ids:
            name = self.env._("Imported Returns")
            return done.return_ids._get_records_action(name=name)
        if len(self) == 1:
            return notification.tell(self.reason, "warning" if waiting else "info")
        return notification.tell(
            self.env._(
                "Imported: %(done)s. Still to look at: %(waiting)s.",
                done=len(done),
                waiting=len(waiting),
            ),
            "warning" if waiting else "success",
        )

    # === EACH FILE === #

    def _import(self):
        """Import a file with the rights of who acts, and note what became of it."""
        self.ensure_one()
        company = self.company_id
        lang = company._get_arrival_user().lang
        arrival = self.with_company(company)
        if self.env.su and lang:
            arrival = arrival.with_context(lang=lang)
        outcome = arrival._get_outcome()
        if outcome:
            self.sudo()._write_outcome(outcome)
        else:
            self.sudo()._set_waiting(said.say("arrival.unexpected"))

    def _get_outcome(self):
        """Import a file: its ``Outcome``, or None when something unexpected happened.

        What the database refuses for the moment is Odoo's to try again.
        """
        importer = self.env["account.payment.return.import"]
        data = base64.b64decode(self.with_context(bin_size=False).file or b"")
        try:
            with self.env.cr.savepoint():
                return importer._import_arrived(self, data)
        except self._get_told_to_caller():
            raise
        except Exception:  # whatever is wrong with one must not stop the others
            _logger.exception("The import of %s failed", self)
            return None

    def _get_told_to_caller(self):
        """Return the errors that are not for the file: a person may not do this."""
        passing = (IntegrityError, OperationalError)
        return passing if self.env.su else (AccessError, *passing)

    def _write_outcome(self, outcome):
        """Note what became of a file: done, or to be looked at."""
        reason = said.keep(outcome.problem or "\n".join(outcome.notes))
        if outcome.asks_bank:
            reason = said.say("arrival.asks_bank", problem=outcome.problem)
        returns = outcome.returns | outcome.known
        self.return_ids = [Command.set(returns.ids)]
        if outcome.is_open:
            self._set_waiting(reason)
            return
        self.write({"state": "done", "reason_said": reason})
        self._get_activities().unlink()
        for each in outcome.returns:
            each._message_log(body=self._get_origin_text())

    def _get_origin_text(self):
        """Say on a return how its file came, with a link."""
        link = self._get_html_link()
        if self.source == "mail":
            return self.env._(
                "Its file came by mail from %(sender)s: %(file)s",
                sender=self.sender,
                file=link,
            )
        return self.env._(
            "Its file came by a script of %(sender)s: %(file)s",
            sender=self.sender,
            file=link,
        )

    def _get_answer(self, name):
        """Return what a script is told of a file, see `import_files`.

        Of returns of companies where its user does not work it is told nothing.

        :param name: as the script calls it
        """
        return {
            "name": name,
            "state": self.state,
            "reason": self.reason,
            "arrival_id": self.id,
            "returns": [
                {
                    "id": each.id,
                    "name": each.name,
                    "state": each.state,
                    "lines": len(each.line_ids),
                    "matched": each.matched_count,
                    "pending": each.pending_count,
                }
                for each in self.return_ids._filter_told()
            ],
        }
