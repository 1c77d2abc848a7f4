from dataclasses import dataclass
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import (
    AccessError,
    RedirectWarning,
    UserError,
    ValidationError,
)

from ..parsers.cbi_records import tells_outcomes
from .account_payment_return_import import (
    FilesRefused,
    ImportedBefore,
    NothingUnpaid,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file.

    :ivar name: of the file, which is gone once it is imported
    :ivar returns: ``account.payment.return`` made of it
    :ivar notes: sentences on what of it gave no return
    :ivar problem: why nothing of it was imported
    :ivar kind: how grave that is, as notifications have it
    :ivar asks_bank: whether nothing is missing but the bank
    :ivar action: where to read on, of a file that was imported before
    :ivar known: the returns that it was imported as before
    :ivar is_open: whether a person has to do something about it
    """

    file: object
    name: str
    returns: models.BaseModel
    notes: tuple = ()
    problem: str = ""
    kind: str = "warning"
    asks_bank: bool = False
    action: dict | None = None
    known: models.BaseModel = ()
    is_open: bool = False


class AccountPaymentReturnImport(models.TransientModel):
    """How people import: each file on its own, so that a bad one stops no other."""

    _inherit = "account.payment.return.import"

    question = fields.Text(
        readonly=True, help="What has to be known before the files can be imported."
    )

    @api.constrains("journal_id")
    def _check_is_bank(self):
        """Raise ValidationError for a journal that is none of a bank."""
        for journal in self.journal_id:
            if journal.type != "bank":
                raise ValidationError(
                    self.env._(
                        "%(journal)s is not a bank: drop the file on the tile of the "
                        "bank, or on the list of payment returns.",
                        journal=journal.display_name,
                    )
                )

    @api.model
    def _open_files(self, attachments, journal):
        """Import files that were dropped or uploaded, where people see returns.

        :param attachments: ``ir.attachment``
        :param journal: the bank on which they were dropped, perhaps empty
        :return: an action: what came of it, or the dialog that asks for the bank
        :raises AccessError: to who may not import, or see the files or the bank
        :raises UserError: as `action_import`
        """
        returns = self.env["account.payment.return"]
        returns.check_access("create")
        self._check_given(attachments)
        dialog = self.create({"attachment_ids": attachments.ids})
        if journal:
            company = returns._get_company_of_bank(journal)
            dialog.write({"journal_id": journal.id, "company_id": company.id})
        # They are the dialog's now, and go with it.
        loose = attachments.filtered(
            lambda file: not file.res_model and file.create_uid == self.env.user
        )
        loose.write({"res_model": self._name, "res_id": dialog.id})
        return dialog.action_import()

    def action_import(self):
        """Import each file, open what came out of them and tell of the others.

        Where only the bank is missing, the dialog asks for it.

        :return: an action
        :raises UserError: when nothing can be imported; nothing is then
        :raises RedirectWarning: when a single file was imported before
        :raises AccessError: to who did not open the dialog
        """
        self.ensure_one()
        self.check_access("write")
        self.env["account.payment.return"].check_access("create")
        self._check_given(self.attachment_ids)
        outcomes = [self._import_one(file) for file in self._get_in_order()]
        waiting = self._ask_for_bank_of(outcomes)
        if not waiting and not any(outcome.returns for outcome in outcomes):
            self._refuse_all(outcomes)
        new = self.env["account.payment.return"].union(*(o.returns for o in outcomes))
        new = new.filtered("active")
        notes = [note for o in outcomes for note in self._get_notifications(o)]
        notes += self._get_summary(new)
        return self._notify(notes, waiting or self._open_returns(new))

    def _get_in_order(self):
        """The files, of which those with outcomes of receipts come first.

        A statement in which their total is finds them then.
        """
        return self.attachment_ids.sorted(
            lambda file: not tells_outcomes(file.raw or b"")
        )

    def _import_one(self, file, confirm=True):
        """Import one file: its ``Outcome``. What cannot be imported leaves nothing.

        :param file: what has a name and bytes, as an attachment
        :param confirm: whether the company may want it to be confirmed by itself
        """
        none = self.env["account.payment.return"]
        outcome = partial(Outcome, file, file.name, known=none)
        try:
            with self.env.cr.savepoint():
                returns, notes = self._import_and_tell(
                    [(file.name, file.raw or b"")],
                    self.company_id,
                    self.journal_id,
                    confirm,
                )
        except AccessError:
            raise
        except FilesRefused as error:
            text, asks_bank = self._get_problem(file, error), error.asks_bank
            return outcome(none, (), text, "danger", asks_bank, is_open=True)
        except ImportedBefore as error:
            text, action = error.args[:2]
            return outcome(none, (), text, "info", action=action, known=error.returns)
        except NothingUnpaid as error:
            return outcome(none, (), error.args[0], is_open=error.is_open)
        except UserError as error:
            return outcome(none, (), error.args[0], is_open=True)
        return outcome(returns, tuple(notes))

    def _get_problem(self, file, error):
        """What is wrong with a file; of an archive, with which of the files inside."""
        return "\n\n".join(
            text if name == file.name else f"{name}: {text}"
            for name, text in error.problems.items()
        )

    def _refuse_all(self, outcomes):
        """Refuse files of which none can be imported.

        :raises UserError: with what is wrong with each
        :raises RedirectWarning: with a link to the first import of a single file
        """
        first = outcomes[0]
        if len(outcomes) > 1:
            raise UserError("\n\n".join(f"{o.name}: {o.problem}" for o in outcomes))
        if first.action:
            label = self.env._("Open the Payment Return")
            raise RedirectWarning(first.problem, first.action, label)
        if first.kind == "danger":
            text = f"{first.name}: {first.problem}"
            raise UserError(text)
        raise UserError(first.problem)

    # ---- what is opened next -----------------------------------------------------

    def _ask_for_bank_of(self, outcomes):
        """Keep the files that need a bank, and give the action that asks for it."""
        asking = [outcome for outcome in outcomes if outcome.asks_bank]
        files = self.env["ir.attachment"].union(*(outcome.file for outcome in asking))
        done = self.attachment_ids - files
        self.attachment_ids = files
        # The returns keep their own copies.
        done.sudo().filtered(lambda file: file.res_model == self._name).unlink()
        if not asking:
            return False
        self.question = "\n".join(f"{o.name}: {o.problem}" for o in asking)
        name = self.env._("Import Bank Files")
        return self._get_records_action(name=name, target="new")

    def _open_returns(self, returns):
        """The action that shows what was imported, where it is something new."""
        if not returns:
            return {"type": "ir.actions.act_window_close"}
        action = returns._get_records_action(name=self.env._("Imported Returns"))
        if len(returns) > 1:
            action["views"] = [(False, "list"), (False, "kanban"), (False, "form")]
        return action

    # ---- what is said ------------------------------------------------------------

    def _notify(self, notifications, action):
        """An action that tells, each by itself, what is to be read, then goes on.

        :param notifications: list of dicts; see the client action
        """
        if not notifications:
            return action
        return {
            "type": "ir.actions.client",
            "tag": "account_credit_block_notify",
            "params": {"notifications": notifications, "next": action},
        }

    def _get_notifications(self, outcome):
        """What is to be said of a file: of one that went well, what is left out."""
        if outcome.asks_bank:
            return []
        if outcome.problem:
            return [self._prepare_notification(outcome, outcome.problem, outcome.kind)]
        known = outcome.returns.filtered(lambda r: not r.active)
        action = known._get_first_told()._get_records_action() if known else None
        return [
            self._prepare_notification(outcome, text, "info", action)
            for text in self._get_texts(outcome)
        ]

    def _get_texts(self, outcome):
        """What is to be said of what was imported of a file."""
        known = outcome.returns.filtered(lambda r: not r.active)
        return [*outcome.notes, *(r._get_known_label() for r in known)]

    def _get_summary(self, returns):
        """What is to be said of several returns; of one, its form says all."""
        if len(returns) < 2:
            return []
        return [
            {
                "title": self.env._("%s payment returns imported", len(returns)),
                "message": self.env._(
                    "Lines matched: %(matched)s. Still to match: %(pending)s.",
                    matched=sum(returns.mapped("matched_count")),
                    pending=sum(returns.mapped("pending_count")),
                ),
                "type": "success",
            }
        ]

    def _prepare_notification(self, outcome, text, kind, action=None):
        action = action or outcome.action
        return {
            "title": outcome.name,
            "message": text,
            "type": kind,
            "sticky": True,
            "action": action,
            "label": self.env._("Open the Payment Return"),
        }
