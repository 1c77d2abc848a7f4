import base64
import hashlib

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools.translate import LazyTranslate

from .. import acting, said

_lt = LazyTranslate(__name__)

said.add(
    {
        "arrival.sender": _lt(
            "%(sender)s is not among the senders whose files are imported. Look at the"
            " mail: if it is from your bank, try again, which makes a draft. To let the"
            " sender in for good, add it in Invoicing > Credit > Configuration >"
            " Settings."
        ),
        "arrival.no_sender": _lt(
            "The mail does not say who sent it. Look at it: if it is from your bank,"
            " try again, which makes a draft."
        ),
        "arrival.no_file": _lt(
            "There is no file of a bank in this mail. Read it, then put it aside."
        ),
        "arrival.only_beside": _lt(
            "There is no file of a bank in this mail, only %(names)s. Read it, then put"
            " it aside."
        ),
        "arrival.asks_bank": _lt(
            "%(problem)s On this page: choose it as Bank, then try again."
        ),
        "arrival.unexpected": _lt(
            "Odoo could not import the file, and did not expect that. Nothing of it was"
            " imported. Tell your administrator, who finds the details in the server's"
            " log, and try again later."
        ),
        "arrival.interrupted": _lt(
            "The server stopped several times while it imported this file. Nothing of"
            " it was imported. Try again, or tell your administrator."
        ),
    }
)
# What a person may still enter: in which company, and of which bank.
CHOICES = {"company_id", "journal_id"}
UNFINISHED = ("arrived", "waiting")
ACTIVITY = "account_credit_block.mail_activity_type_arrival"


class AccountPaymentReturnArrival(models.Model):
    """A bank's file that came with nobody there: by mail, or by a script.

    Whatever arrives is kept first and imported then, so that nothing is lost on the
    way. What cannot be imported waits with its reason for a person, who mends what is
    wrong and tries again, or puts it aside.
    """

    _name = "account.payment.return.arrival"
    _description = "Bank File Received"
    _inherit = [
        "credit.entered",
        "credit.empty.list",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(string="File Name", required=True, readonly=True)
    state = fields.Selection(
        selection=[
            ("arrived", "Arrived"),
            ("waiting", "To Look At"),
            ("done", "Done"),
            ("aside", "Aside"),
        ],
        default="arrived",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    source = fields.Selection(
        selection=[("mail", "Mail"), ("script", "Script")],
        required=True,
        readonly=True,
        help="What a mail brings becomes drafts only: its sender can be forged.",
    )
    sender = fields.Char(
        string="From",
        readonly=True,
        help="The mail's sender, as the mail says; or the user of the script.",
    )
    subject = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", required=True, index=True)
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank",
        check_company=True,
        domain="[('type', '=', 'bank')]",
        help="Needed only for files that do not name an account of the company.",
    )
    file = fields.Binary(attachment=True, readonly=True)
    file_hash = fields.Char(readonly=True, index="btree_not_null")
    attempts = fields.Integer(readonly=True)
    reason_said = fields.Json(string="Reason (technical)", readonly=True)
    reason = fields.Text(
        compute="_compute_reason",
        search="_search_reason",
        help="Why it was not imported, or what of it was not.",
    )
    return_ids = fields.Many2many(
        "account.payment.return",
        "account_payment_return_arrival_rel",
        "arrival_id",
        "return_id",
        string="Payment Returns",
        readonly=True,
        context={"active_test": False},
        help="What became of the file, or was made of it before.",
    )

    _unfinished_uniq = models.UniqueIndex(
        "(company_id, file_hash)"
        " WHERE source = 'script' AND state IN ('arrived', 'waiting')",
        "The same file waits in Files to Look At already: look at that one.",
    )

    @api.depends("reason_said")
    @api.depends_context("lang")
    def _compute_reason(self):
        for arrival in self:
            arrival.reason = said.tell(self.env, arrival.reason_said)

    def _search_reason(self, operator, value):
        return said.search(self, "reason_said", operator, value)

    @api.constrains("journal_id")
    def _check_is_bank(self):
        """Raise ValidationError for a journal that is none of a bank."""
        for journal in self.journal_id:
            if journal.type != "bank":
                raise ValidationError(
                    self.env._(
                        "%(journal)s is not a bank: choose the bank that the file is"
                        " of.",
                        journal=journal.display_name,
                    )
                )

    # === CRUD === #

    def write(self, vals):
        """Override of `mail`: people choose company and bank of what waits, no more.

        :raises UserError: when somebody enters the rest, or changes what is done
        """
        self._check_not_entered(vals)
        if CHOICES & vals.keys() and not acting.is_system(self.env):
            self._check_unfinished()
        result = super().write(vals)
        if "company_id" in vals:
            self.sudo()._ask_anew()
        return result

    def _get_entered_refusal(self, names):
        """Override of `credit.entered`: files come by themselves."""
        return self.env._(
            "What has arrived is not entered: use the buttons Try Again and Put Aside,"
            " or import the file in the dialog Import Bank Files."
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_aside(self):
        if not acting.is_system(self.env) and set(self.mapped("state")) != {"aside"}:
            raise UserError(
                self.env._("Put the file aside first: only then it can be deleted.")
            )

    @api.model
    def _filter_kept(self, attachments):
        """Override of `credit.entered`: what came with the mail stays as it came."""
        robot = self.env.ref("base.user_root")
        came = attachments.filtered(lambda each: each.create_uid == robot)
        return super()._filter_kept(attachments) | came

    def _get_empty_list_hint(self):
        """Override of `credit.empty.list`: nobody enters what arrives."""
        return self.env._(
            "Whose mails are imported is said in the settings of the company."
        )

    # === KEEPING === #

    @api.model
    def _keep(self, files, values):
        """Keep files that have arrived. What waits already is not kept twice.

        :param files: list of pairs (name, bytes)
        :param values: what all of them have; company and source among it
        :return: list of ``account.payment.return.arrival``, one a file; the same one
            for the same file
        """
        digests = [hashlib.sha256(data).hexdigest() for _name, data in files]
        kept = {each.file_hash: each for each in self._search_kept(digests, values)}
        new = {
            digest: {
                **values,
                "name": name,
                "file": base64.b64encode(data),
                "file_hash": digest,
            }
            for digest, (name, data) in zip(digests, files, strict=True)
            if digest not in kept
        }
        created = self.create(list(new.values()))
        kept.update(zip(new, created, strict=True))
        return [kept[digest] for digest in digests]

    def _search_kept(self, digests, values):
        return self.search(
            [
                ("file_hash", "in", digests),
                ("company_id", "=", values["company_id"]),
                ("source", "=", values["source"]),
                ("state", "in", UNFINISHED),
            ]
        )

    def _set_waiting(self, reason):
        """Let these wait for a person, who is asked by an activity.

        :param reason: a sentence as in `said`
        """
        self.write({"state": "waiting", "reason_said": reason})
        self._ask_somebody()

    def _ask_somebody(self):
        """Plan an activity for who is responsible, unless there is one already."""
        asked = self._get_activities().mapped("res_id")
        for arrival in self.filtered(lambda each: each.id not in asked):
            user = arrival.company_id._get_arrival_user()
            if user:
                arrival.activity_schedule(ACTIVITY, user_id=user.id)

    def _ask_anew(self):
        """Ask who is responsible in the company that these came to, and nobody else."""
        asked = self._get_activities()
        self.message_unsubscribe(asked.user_id.partner_id.ids)
        asked.unlink()
        self.filtered(lambda each: each.state == "waiting")._ask_somebody()

    def _get_activities(self):
        """Return the activities by which somebody is asked to look at these."""
        return self.activity_search([ACTIVITY])

    # === WHAT PEOPLE DO === #

    def _check_unfinished(self):
        """Raise UserError for what is done: it stays as it is."""
        if "done" in self.mapped("state"):
            raise UserError(
                self.env._(
                    "This file is done. What became of it is in its payment returns."
                )
            )

    def action_put_aside(self):
        """Say that nothing more is to be done about these.

        :return: True
        :raises UserError: for what is done
        :raises AccessError: to who may not register returns
        """
        self._lock_to_decide()
        arrivals = self.sudo()
        arrivals.state = "aside"
        arrivals._get_activities().unlink()
        return True

    def action_take_up(self):
        """Look again at what was put aside.

        :return: True
        :raises UserError: for what is done
        :raises AccessError: to who may not register returns
        """
        self._lock_to_decide()
        for arrival in self.sudo():
            arrival._set_waiting(arrival.reason_said)
        return True

    def _lock_to_decide(self):
        self.check_access("write")
        self.env["account.payment.return"].check_access("create")
        self.sudo().lock_for_update()
        self.invalidate_recordset(["state"])
        self._check_unfinished()
