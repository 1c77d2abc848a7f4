import hashlib

from markupsafe import Markup

from odoo import api, fields, models
from odoo.tools import clean_context, format_date

from .. import acting, named_records, said
from ..call_marks import COMPLETED, DEFAULTS, MAKING


class AccountPaymentReturn(models.Model):
    """The file that a return comes from, and whether it told anything new."""

    _inherit = "account.payment.return"  # pylint: disable=consider-merging-classes-inherited

    active = fields.Boolean(
        compute="_compute_active",
        store=True,
        help="Not of a file in which everything was known already: it is kept to be "
        "recognised, out of the list.",
    )

    # Where it comes from
    file_name = fields.Char(readonly=True, copy=False)
    file_hash = fields.Char(readonly=True, copy=False, index="btree_not_null")
    file_part = fields.Integer(
        readonly=True,
        copy=False,
        help="Which of the file's documents it is: one file may hold several.",
    )
    file_format = fields.Selection(
        selection=[
            ("pain.002", "Status report (pain.002)"),
            ("camt.052", "Account report (camt.052)"),
            ("camt.053", "Bank statement (camt.053)"),
            ("camt.054", "Notification (camt.054)"),
            ("cbi.riba", "Outcomes of Ri.Ba. (CBI)"),
            ("cbi.mav", "Outcomes of MAV (CBI)"),
            ("cbi.rh", "Daily statement (CBI RH)"),
            ("cbi.ec", "Periodic statement (CBI EC)"),
            ("cbi.rp", "Statement of portfolio (CBI RP)"),
            ("cbi.ra", "Statement of advances (CBI RA)"),
            ("csv", "List (CSV)"),
            ("xlsx", "List (Excel)"),
        ],
        readonly=True,
        copy=False,
    )
    confirm_by_hand = fields.Boolean(
        readonly=True,
        copy=False,
        help="Its file came by mail, whose sender can be forged: a person confirms it.",
    )
    bank_message_id = fields.Char(readonly=True, copy=False)
    import_said = fields.Json(
        string="Import Summary (technical)", readonly=True, copy=False
    )
    import_note = fields.Html(
        string="Import Summary",
        compute="_compute_import_note",
        search="_search_import_note",
        sanitize=True,
    )

    # Two imports at once do not see each other's returns: the index stops the second.
    _file_uniq = models.UniqueIndex(
        "(company_id, file_hash, file_part) "
        "WHERE file_hash IS NOT NULL AND state != 'cancelled'",
        "This bank file has just been imported by somebody else.",
    )

    @api.depends("line_ids.match_state")
    def _compute_active(self):
        """What told nothing new comes into the list once one of its lines does.

        Not the other way round: what people have worked on stays where it is.
        """
        for payment_return in self:
            is_known = payment_return._is_known()
            payment_return.active = payment_return.active or not is_known

    def _is_known(self):
        """Whether all that a file told was told before."""
        states = set(self.line_ids.mapped("match_state"))
        return bool(self.file_hash) and states == {"duplicate"}

    @api.depends("import_said")
    @api.depends_context("lang")
    def _compute_import_note(self):
        for payment_return in self:
            payment_return.import_note = said.tell(self.env, payment_return.import_said)

    def _search_import_note(self, operator, value):
        return said.search(self, "import_said", operator, value)

    def _add_import_sentences(self, sentences):
        """Say of an imported return what became of the rows of its file.

        :param sentences: list of sentences as in `said`, told after those before
        """
        if self.import_said and not sentences:
            return
        summary = self.import_said or said.say("import.summary", sentences=[])
        summary["data"]["sentences"] += sentences
        self.sudo().import_said = summary

    def _create_from_file(self, vals_list, completed=()):
        """Create the drafts of a bank's file, which say where they come from.

        :param completed: names of computed fields, of which each line is given just
            what Odoo would compute of it
        """
        with (
            MAKING.set(self.env),
            COMPLETED.set(self.env, completed),
            DEFAULTS.set(self.env, {}),
            self._filling_in_by_odoo(),
        ):
            return self.create(vals_list)

    @api.model
    def _filter_kept(self, attachments):
        """Override of `credit.document`: the bank's file, by what is in it."""
        returns = self.browse(attachments.mapped("res_id")).exists()
        hashes = {each.id: each.file_hash for each in returns if each.file_hash}
        return super()._filter_kept(attachments) | attachments.filtered(
            lambda each: (
                each.res_id in hashes
                and hashes[each.res_id] == hashlib.sha256(each.raw or b"").hexdigest()
            )
        )

    def _leave_out_known(self):
        """Keep what a file has just told again, but out of the list."""
        for payment_return in self:
            active = not payment_return._is_known()
            if payment_return.active != active:
                payment_return.active = active

    def _get_first_told(self):
        """The returns that told first what these tell again."""
        return self.line_ids.sudo().duplicate_line_id.return_id

    def _get_known_label(self):
        """Say where all of a file is already, and where that is noted."""
        return self.env._(
            "%(file)s was already imported %(when)s. Nothing in it is new: it is noted "
            "as %(name)s and stays out of the list.",
            file=self.file_name,
            when=self._get_first_told()._get_import_label(),
            name=self.name,
        )

    def _get_import_label(self):
        """Say when and as what these were imported, as the end of a sentence.

        Of a company where nobody works who asks, it is said which.
        """
        told = self._filter_told()
        return ", ".join(
            self.env._(
                "on %(date)s as %(name)s",
                date=format_date(self.env, payment_return.create_date),
                name=payment_return.name,
            )
            if payment_return in told
            else self.env._(
                "on %(date)s in %(company)s",
                date=format_date(self.env, payment_return.create_date),
                company=payment_return.sudo().company_id.name,
            )
            for payment_return in self
        )

    def _filter_told(self):
        """Return those of these that may be told of: OdooBot acts for one company."""
        user = self.env.user
        is_robot = acting.is_robot(self.env)
        ids = self.env.companies.ids if is_robot else user._get_company_ids()
        return self.filtered(lambda each: each.sudo().company_id.id in ids)

    def create_document_from_attachment(self, attachment_ids):
        """Import files that were dropped or uploaded: what core's uploaders call.

        The bank is that of the tile, if it was one; files that name their account go
        to its bank all the same.

        :param attachment_ids: ids of ``ir.attachment``
        :return: an action: what came of them, or the dialog that asks for the bank
        :raises AccessError: to who may not import, or see the files or the bank
        :raises UserError: when nothing can be imported; nothing is then
        """
        self.check_access("create")
        journal_id = named_records.read_ids(
            [self.env.context.get("default_journal_id")]
        )
        # What the tile says of documents is said of nothing that is opened next.
        returns = self.with_context(clean_context(self.env.context))
        return returns.env["account.payment.return.import"]._open_files(
            returns.env["ir.attachment"].browse(named_records.read_ids(attachment_ids)),
            returns.env["account.journal"].browse(journal_id[:1]),
        )

    def _get_empty_list_hint(self):
        """Override of `credit.empty.list` to offer the import to who may import."""
        # The client loads actions, and their help, with the rights of the server.
        if not self.sudo(False).has_access("create"):
            return self.env._("Returns are imported by who may invoice: ask them.")
        action = self.env.ref(
            "account_credit_block.account_payment_return_import_action"
        )
        link = Markup('<a type="action" class="btn btn-primary" name="%s">%s</a>')
        return link % (action.id, self.env._("Import Bank Files"))
