import base64
import binascii
from dataclasses import dataclass, replace

from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.exceptions import AccessError, ConcurrencyError, LockError, UserError

from ..models import acting
from ..parsers.cbi_records import tells_outcomes

SCRIPT = "account_credit_block.group_credit_return_import"


@dataclass(frozen=True, slots=True)
class ArrivedFile:
    """A file with its bytes, as an attachment has them."""

    name: str
    raw: bytes


class AccountPaymentReturnImport(models.TransientModel):
    """Files that arrive with nobody there: by mail, or by a script."""

    _inherit = "account.payment.return.import"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def import_files(self, files, company_id=None):
        """Import files of the bank; what a script calls, see ``docs/arrival.md``.

        Each on its own: a bad one stops no other. What cannot be imported is kept, in
        *Files to Look At*; what was imported before is not imported again.

        :param list files: dicts with ``name`` and ``content``, the bytes in base64
        :param int company_id: whose files they are; by default that of the user
        :return: list of dicts, one a file in their order: ``name``; ``state``, "done"
            or "waiting"; ``reason``, why it waits or what of it was not imported, a
            text or False; ``arrival_id``; and ``returns``, a list of dicts with ``id``,
            ``name``, ``state``, and the numbers of ``lines``, ``matched``, ``pending``
        :raises AccessError: to who is not in the group for it, or does not work there
        :raises UserError: for what are no files; nothing is imported then
        """
        if not self.env.user.has_group(SCRIPT):
            raise AccessError(
                self.env._(
                    "Files are imported by a script as a user of the group “Payment"
                    " Returns: Import by Script”, which you are not in. Ask your"
                    " administrator."
                )
            )
        company = self._get_company_of_script(company_id)
        given = self._read_given(files)
        kept = self._import_or_replay(given, company)
        return [
            arrival._get_answer(name)
            for arrival, (name, _data) in zip(kept, given, strict=True)
        ]

    def _import_or_replay(self, given, company):
        """The same as `_import_given`, for a request that Odoo may replay.

        :raises ConcurrencyError: when another script has one of the files in hand: the
            next time it is seen what became of it
        """
        try:
            return self._import_given(given, company)
        except (UniqueViolation, LockError) as error:
            raise ConcurrencyError(str(error)) from error

    def _import_given(self, given, company):
        """Keep the files of a script, and import each.

        :param given: list of pairs (name, bytes)
        :return: list of ``account.payment.return.arrival``, one a file
        """
        arrivals = self._get_arrivals_of_script(company)
        values = {
            "company_id": company.id,
            "source": "script",
            "sender": self.env.user.name,
        }
        kept = arrivals._keep(given, values)
        arrivals.union(*kept).lock_for_update()
        data = dict(zip(kept, (file[1] for file in given), strict=True))
        # A statement in which the total of outcomes is finds them then.
        for arrival in sorted(data, key=lambda each: not tells_outcomes(data[each])):
            arrival._import()
        return kept

    def _get_company_of_script(self, company_id):
        """The company that a script names.

        :raises AccessError: to who does not work in it
        :raises UserError: for what is no id
        """
        if company_id is None:
            return self.env.company
        if type(company_id) is not int:
            raise UserError(
                self.env._("“company_id” is the id of a company: a number.")
            )
        company = self.env["res.company"].browse(company_id)
        if not acting.works_in(self.env, company):
            raise AccessError(
                self.env._(
                    "You do not work in the company with the id %s: leave it out, or"
                    " ask your administrator.",
                    company_id,
                )
            )
        return company

    def _read_given(self, files):
        """The files that a script gives, as pairs of name and bytes.

        :raises UserError: for anything else
        """
        try:
            given = [(file["name"], _read(file["content"])) for file in files]
        except (KeyError, TypeError, ValueError, AttributeError, binascii.Error):
            given = None
        if not given or not all(isinstance(n, str) and n.strip() for n, _data in given):
            raise UserError(
                self.env._(
                    "“files” is a list of objects, each with the name of a file in"
                    " “name” and its bytes in base64 in “content”."
                )
            )
        return [(_get_storable(name), data) for name, data in given]

    def _get_arrivals_of_script(self, company):
        """What arrived, in the name of the system and of nothing that a client says.

        The user of the script may read none of it, and nothing else of the books.
        """
        context = {"lang": self.env.lang, "allowed_company_ids": company.ids}
        return self.env(su=True, context=context)["account.payment.return.arrival"]

    def _import_arrived(self, arrival, data):
        """Import a file that arrived, for its company and bank: its ``Outcome``.

        The sender of a mail can be forged: what it brings is never confirmed by itself.

        :param arrival: ``account.payment.return.arrival``
        :param data: the bytes of its file
        """
        dialog = self.create(
            {"company_id": arrival.company_id.id, "journal_id": arrival.journal_id.id}
        )
        file = ArrivedFile(arrival.name, data)
        outcome = dialog._import_one(file, confirm=arrival.source != "mail")
        return replace(outcome, notes=tuple(dialog._get_texts(outcome)))


def _read(content):
    """Return bytes from base64, with or without line breaks.

    :raises ValueError: for anything else
    """
    return base64.b64decode("".join(content.split()), validate=True)


def _get_storable(name):
    """Return a name in which a question mark stands for what nothing can keep."""
    return name.encode(errors="replace").decode().replace("\0", "?")
