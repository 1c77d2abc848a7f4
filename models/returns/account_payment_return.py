from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.tools import clean_context, format_date

from .. import acting, named_records, notification, said
from ..call_marks import BOOKING, MAKING, REHEARSING, TAKING_OVER
from .account_payment_return_line import WAITING
from .account_payment_return_notice import WRITE_AT_ONCE

# Where a new return starts, of what nobody enters.
INITIAL = {"name": "/", "state": "draft"}
# The kinds of journals that collect, and so send back.
BANKS = ("bank", "cash", "credit", "general")


class AccountPaymentReturn(models.Model):
    """What a bank sends back unpaid: one message, or one entry by hand.

    Draft returns are matched with payments; confirming one hands its lines to the
    ledger (``account.payment.return.ledger``), which books them and opens the
    invoices again. Cancelling reverses the entry and pays the invoices back.
    """

    _name = "account.payment.return"
    _description = "Payment Return"
    _inherit = [
        "credit.entry.guard",
        "credit.empty.list",
        "mail.thread.main.attachment",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True
    # As of a journal: the entries of the branches belong to it too.
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(
        string="Number", default="/", readonly=True, copy=False, index="trigram"
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("confirmed", "Confirmed"),
            ("cancelled", "Cancelled"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    date = fields.Date(
        required=True,
        default=lambda self: self.env.company._get_credit_today(),
        tracking=True,
        help="When the bank took the money back: the accounting date of lines entered "
        "by hand. Those of a bank's file are booked each on its own day; this is the "
        "last one.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank",
        required=True,
        check_company=True,
        default=lambda self: self._default_journal_id(),
        domain=[("type", "in", BANKS)],
        help="The bank that sent the collections back.",
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        index=True,
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    line_ids = fields.One2many(
        "account.payment.return.line", "return_id", string="Lines"
    )
    move_ids = fields.One2many(
        "account.move", "payment_return_id", string="Journal Entries", readonly=True
    )
    fee_invoice_ids = fields.One2many(
        "account.move", "fee_return_id", string="Fee Invoices", readonly=True
    )
    statement_line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Bank Transaction",
        check_company=True,
        copy=False,
        index="btree_not_null",
        domain="[('journal_id', '=', journal_id), ('amount', '<', 0),"
        " ('is_reconciled', '=', False)]",
        help="The movement of the bank statement that is this return: it becomes the "
        "return entry, no second entry is made.",
    )
    split_from_id = fields.Many2one(
        "account.payment.return",
        string="Rest of",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The return whose unmatched lines wait here.",
    )
    rest_ids = fields.One2many(
        "account.payment.return",
        "split_from_id",
        string="Returns Still to Match",
        readonly=True,
        help="The drafts that took the unmatched lines of this return.",
    )

    notice_ids = fields.One2many(
        "account.payment.return.notice",
        "return_id",
        string="Mails to Customers",
        readonly=True,
    )

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
    bank_message_id = fields.Char(readonly=True, copy=False)
    taken_over_from = fields.Char(
        readonly=True,
        copy=False,
        help="The payment return of another addon that this one goes on with.",
    )
    booked_elsewhere = fields.Boolean(
        readonly=True,
        copy=False,
        help="Another addon made its entry, and told the customers what it wanted to.",
    )
    import_said = fields.Json(
        string="Import Summary (technical)", readonly=True, copy=False
    )
    import_note = fields.Html(
        string="Import Summary",
        compute="_compute_import_note",
        search="_search_import_note",
        sanitize=True,
    )

    # Figures
    amount_total = fields.Monetary(
        compute="_compute_totals",
        store=True,
        currency_field="company_currency_id",
        string="Total",
        help="What came back, in the company's currency.",
    )
    fee_total = fields.Monetary(
        compute="_compute_totals",
        store=True,
        currency_field="company_currency_id",
        string="Bank Fees",
    )
    line_count = fields.Integer(compute="_compute_figures", string="Returns")
    matched_count = fields.Integer(compute="_compute_figures", string="Matched")
    pending_count = fields.Integer(compute="_compute_figures", string="To Match")
    line_filters = fields.Json(compute="_compute_line_filters", string="Filters")
    move_count = fields.Integer(compute="_compute_move_count")
    invoice_count = fields.Integer(compute="_compute_invoice_count")
    fee_invoice_count = fields.Integer(compute="_compute_fee_invoice_count")
    rest_count = fields.Integer(compute="_compute_rest_count", string="Still to Match")
    mail_count = fields.Integer(compute="_compute_mail_count", string="Mails")
    date_notice = fields.Char(
        compute="_compute_date_notice",
        help="Said when the entry could not be dated as the return.",
    )

    # Two imports at once do not see each other's returns: the index stops the second.
    _file_uniq = models.UniqueIndex(
        "(company_id, file_hash, file_part) "
        "WHERE file_hash IS NOT NULL AND state != 'cancelled'",
        "This bank file has just been imported by somebody else.",
    )

    _taken_over_uniq = models.UniqueIndex(
        "(taken_over_from) WHERE taken_over_from IS NOT NULL",
        "This payment return of another addon has been taken over already.",
    )

    # ---- defaults and computes ----------------------------------------------

    @api.model
    def _default_journal_id(self):
        return self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.env.company),
                ("type", "=", "bank"),
            ],
            limit=1,
        )

    @api.depends("journal_id")
    def _compute_company_id(self):
        """A return belongs to the company of its bank, or to a branch that uses it."""
        for payment_return in self:
            journal, company = payment_return.journal_id, payment_return.company_id
            if not company or journal.company_id not in company.parent_ids:
                payment_return.company_id = self._get_company_of_bank(journal)

    @api.model
    def _get_company_of_bank(self, journal):
        """Return the company of a bank's returns.

        The bank's own; who does not work there has those of the branch he works in.
        """
        owner, company = journal.company_id, self.env.company
        is_branch = owner in company.parent_ids and owner not in self.env.companies
        return company if is_branch else owner or company

    @api.constrains("journal_id", "company_id")
    def _check_companies_of_lines(self):
        """Raise ValidationError for a bank that did not collect the payments."""
        self.line_ids._check_companies()

    @api.depends(
        "line_ids.return_date",
        "line_ids.amount",
        "line_ids.fee_amount",
        "line_ids.currency_id",
        "line_ids.match_state",
    )
    def _compute_totals(self):
        """Sums of the lines that count; stored, to be summed and grouped by."""
        for payment_return in self:
            lines = payment_return._get_counting_lines()
            payment_return.amount_total = payment_return._sum(lines, "amount")
            payment_return.fee_total = payment_return._sum(lines, "fee_amount")

    @api.depends("line_ids.match_state")
    def _compute_figures(self):
        """Counts of the lines that count (not duplicates or set aside)."""
        for payment_return in self:
            lines = payment_return._get_counting_lines()
            matched = lines.filtered(lambda line: line.match_state == "matched")
            payment_return.line_count = len(lines)
            payment_return.matched_count = len(matched)
            payment_return.pending_count = len(lines) - len(matched)

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

    @api.depends("line_ids.status")
    def _compute_line_filters(self):
        """The lines by what is to be done with them, for the buttons that filter."""
        for payment_return in self:
            lines = payment_return.line_ids
            payment_return.line_filters = [
                {
                    "name": name,
                    "label": label,
                    "ids": lines.filtered(
                        lambda line, states=states: line.status in states
                    )._origin.ids,
                }
                for name, label, states in payment_return._get_line_filters()
            ]

    def _get_line_filters(self):
        """What the lines are filtered by: (name, label, values of `status`)."""
        return (
            ("pending", self.env._("To decide"), WAITING),
            ("matched", self.env._("Matched"), ("matched",)),
            ("booked", self.env._("Booked"), ("booked",)),
            ("reversed", self.env._("Reversed"), ("reversed",)),
            ("duplicate", self.env._("Duplicates"), ("duplicate",)),
            ("skipped", self.env._("Set aside"), ("skipped",)),
        )

    def _get_counting_lines(self):
        return self.line_ids.filtered(
            lambda line: line.match_state not in ("duplicate", "skipped")
        )

    def _sum(self, lines, field_name):
        return sum(
            line.currency_id._convert(
                line[field_name],
                self.company_currency_id,
                self.company_id,
                line.return_date or self.company_id._get_credit_today(),
            )
            for line in lines
            if line.currency_id
        )

    @api.depends("move_ids")
    def _compute_move_count(self):
        """Number of journal entries, for the smart button."""
        for payment_return in self:
            payment_return.move_count = len(payment_return.move_ids)

    @api.depends("line_ids.invoice_ids")
    def _compute_invoice_count(self):
        """Number of invoices concerned, for the smart button."""
        for payment_return in self:
            lines = payment_return._get_counting_lines()
            payment_return.invoice_count = len(lines.invoice_ids)

    @api.depends("fee_invoice_ids")
    def _compute_fee_invoice_count(self):
        """Number of invoices that charge the fees again, for the smart button."""
        for payment_return in self:
            payment_return.fee_invoice_count = len(payment_return.fee_invoice_ids)

    @api.depends("name")
    def _compute_display_name(self):
        for payment_return in self:
            is_new = payment_return.name in (False, INITIAL["name"])
            new = self.env._("New")
            payment_return.display_name = new if is_new else payment_return.name

    @api.depends("rest_ids.pending_count")
    def _compute_rest_count(self):
        """Number of lines that this return could not match, and that still wait."""
        for payment_return in self:
            drafts = payment_return.rest_ids.filtered(lambda r: r.state == "draft")
            payment_return.rest_count = sum(drafts.mapped("pending_count"))

    @api.depends("notice_ids.state")
    def _compute_mail_count(self):
        """Number of customers who are written to, for the smart button."""
        for payment_return in self:
            written = payment_return.notice_ids.filtered(
                lambda notice: notice.state in ("pending", "mailed")
            )
            payment_return.mail_count = len(written)

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
        summary = self.import_said or said.say("import.summary", sentences=[])
        summary["data"]["sentences"] += sentences
        self.sudo().import_said = summary

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
            payment_return.date_notice = " ".join(notices) or False

    def _get_missed_days(self, entry):
        """The days of the lines that an entry books, where it is of another one."""
        lines = entry.sudo().line_ids.payment_return_line_id
        days = lines.mapped("return_date") or self.mapped("date")
        return sorted({day for day in days if day != entry.date})

    # ---- CRUD ----------------------------------------------------------------

    @api.constrains("journal_id")
    def _check_bank(self):
        """Raise ValidationError for a journal that is none of a bank.

        What another addon has booked is taken over as it is.
        """
        if TAKING_OVER.get(self.env):
            return
        for journal in self.journal_id:
            if journal.type not in BANKS:
                raise ValidationError(
                    self.env._(
                        "%s is not the journal of a bank: choose the bank that sent the"
                        " payment back.",
                        journal.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `mail`: number each return in its company's sequence.

        :raises UserError: when a return would be born already confirmed, or somebody
            enters where it comes from
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        is_free = acting.is_system(self.env) or MAKING.get(self.env)
        if not is_free:
            self._check_origin_entered(set().union(*vals_list))
        returns = super().create(vals_list)
        if not is_free:
            returns._check_initial()
        for payment_return in returns.filtered(lambda r: r.name == "/").sudo():
            sequences = self.env["ir.sequence"].with_company(payment_return.company_id)
            payment_return.name = sequences.sudo().next_by_code(
                "account.payment.return", sequence_date=payment_return.date
            )
        return returns

    def _create_from_file(self, vals_list):
        """Create the drafts of a bank's file, which say where they come from."""
        with MAKING.set(self.env):
            return self.create(vals_list)

    def _leave_out_known(self):
        """Keep what a file has just told again, but out of the list."""
        for payment_return in self:
            payment_return.active = not payment_return._is_known()

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
        """Say when and as what these were imported, as the end of a sentence."""
        return ", ".join(
            self.env._(
                "on %(date)s as %(name)s",
                date=format_date(self.env, payment_return.create_date),
                name=payment_return.name,
            )
            for payment_return in self
        )

    def write(self, vals):
        """Override of `mail`: the state moves by the actions only, and what is in
        the books stays as it is; people go on writing notes and planning activities.

        :raises UserError: when somebody enters the state or where a return comes from,
            or changes one that has left the draft state
        """
        fixed = {"date", "journal_id", "company_id", "statement_line_id"} & vals.keys()
        if not acting.is_system(self.env):
            self._check_origin_entered(vals)
            fixed = vals.keys() - self._get_living_fields()
        if fixed and any(state != "draft" for state in self.mapped("state")):
            raise UserError(
                self.env._(
                    "This return is already in the books. Cancel it and register a "
                    "new one to change it."
                )
            )
        return super().write(vals)

    def _get_living_fields(self):
        """Return what goes on after the confirmation: chatter and activities."""
        mixins = ("mail.thread.main.attachment", "mail.activity.mixin")
        return set().union(*(self.env[name]._fields for name in mixins))

    def _get_fields_not_entered(self):
        """Return the fields that nobody enters, by their definition."""
        living = self._get_living_fields()
        return {
            name
            for name, field in self._fields.items()
            if field.readonly
            and not field.compute
            and name not in models.MAGIC_COLUMNS
            and name not in living
        }

    def _check_origin_entered(self, names):
        """Raise UserError if a person enters what returns get by themselves."""
        if "state" in names:
            raise UserError(self._get_state_refusal())
        if not self._get_fields_not_entered().isdisjoint(names):
            raise UserError(self._get_origin_refusal())

    def _check_initial(self):
        """Raise UserError if defaults of a client or a user gave new returns more."""
        for name in self._get_fields_not_entered():
            initial = INITIAL.get(name, False)
            if self._fields[name].store and any(
                (r[name] or False) != initial for r in self
            ):
                raise UserError(
                    self._get_state_refusal()
                    if name == "state"
                    else self._get_origin_refusal()
                )

    def _get_state_refusal(self):
        return self.env._(
            "The status of a payment return changes with the buttons Confirm and "
            "Cancel only."
        )

    def _get_origin_refusal(self):
        return self.env._(
            "The number of a payment return and where it comes from are not entered: "
            "import the bank's file, or register a new return."
        )

    def onchange(self, values, field_names, fields_spec):
        """Override of `web`; raise AccessError for records that one may not see."""
        named_records.check(self, values)
        return super().onchange(values, field_names, fields_spec)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unbooked(self):
        if any(r.state == "confirmed" or r.move_ids for r in self):
            raise UserError(
                self.env._(
                    "A payment return that has been in the books cannot be deleted. "
                    "Cancel it: its entry is reversed and both stay as a trace."
                )
            )

    # ---- files -----------------------------------------------------------------

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

    # ---- matching --------------------------------------------------------------

    def action_match(self):
        """Look for the payments of the lines that have none, and say what was found.

        :return: a notification, after which the client reads the returns anew
        :raises UserError: when a return is not in draft
        """
        self.check_access("write")
        if any(r.state != "draft" for r in self):
            raise UserError(self.env._("Only draft payment returns can be matched."))
        return self.line_ids._match_and_tell()

    # ---- confirm ---------------------------------------------------------------

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
        dialog = self.env["account.payment.return.decision"]
        names = ", ".join(drafts.mapped("name"))
        return dialog._open(drafts, "confirm", self.env._("Confirm %s", names))

    def _notify_outcome(self):
        """Tell who confirmed these returns what has come of it.

        :return: a notification, which closes the dialog that it comes from
        """
        outcomes = self.env["account.payment.return.outcome"]
        outcome = outcomes._read(self.line_ids._filter_came_back())
        text = " · ".join(outcomes._tell(outcome))
        title = ", ".join(self.mapped("display_name"))
        return notification.tell(text, "success", title=title)

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
        lines = drafts._get_lines_to_post()
        if not drafts:
            return True
        drafts._split_pending_lines()
        drafts._book(lines)
        self.env["account.payment.return.outcome"]._log(lines)
        return True

    def _book(self, lines):
        """Put these drafts in the books, and say what happened where people look.

        Hook for who looks at what customers owe when all of it is booked.

        :param lines: of these, that can be booked
        """
        ledger = self.env["account.payment.return.ledger"]
        with BOOKING.set(self.env):
            ledger._post(lines)
            self.sudo().write({"state": "confirmed"})
            ledger._create_fee_invoices(lines)
            lines._log_on_invoices()
            self._log_date_notice()

    def _lock(self):
        """Lock the rows before their state is read.

        Two users at once: the second one finds the row locked and is told so; one
        who waited through a commit is replayed by Odoo and finds the new state.

        :raises UserError: when somebody else is working on a return
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
        self.invalidate_recordset(["state"])
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
            raise UserError(
                self.env._(
                    "Some lines are of %(companies)s. Select it in the company menu "
                    "too, or ask somebody who works there.",
                    companies=", ".join(hidden.company_id.mapped("name")),
                )
            )

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

        :raises UserError: when a return would be left with nothing to book
        """
        matched = self.line_ids.filtered(lambda line: line.match_state == "matched")
        lines = matched._set_aside_unreturnable()
        empty = self - lines.return_id
        if empty:
            notes = [note for note in empty.line_ids.mapped("match_note") if note]
            raise UserError(
                "\n".join(
                    [
                        self.env._(
                            "%(names)s: no line has a payment that can come back. "
                            "Choose the payments of its lines first.",
                            names=", ".join(empty.mapped("name")),
                        ),
                        *dict.fromkeys(notes),
                    ]
                )
            )
        return lines

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
        for payment_return in self:
            pending = payment_return.line_ids.filtered(
                lambda line: line.match_state in ("ambiguous", "unmatched")
            )
            if pending:
                with MAKING.set(self.env):
                    rest = payment_return.copy(payment_return._prepare_rest_values())
                pending.return_id = rest

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

    # ---- mails to the customers ------------------------------------------------

    def _send_return_mails(self):
        """Write to the customers of confirmed returns, once.

        Entry point of the automated action, which an administrator may switch off.
        The mails of a big return are written in the background. What was booked long
        ago by another addon is no news to anybody.
        """
        news = self.filtered(lambda r: not r.booked_elsewhere)
        notices = self.env["account.payment.return.notice"]._create_for(news)
        if REHEARSING.get(self.env):
            return
        if len(notices) > WRITE_AT_ONCE:
            self.env.ref(
                "account_credit_block.ir_cron_send_return_mails"
            ).sudo()._trigger()
        else:
            notices._send()

    def _log_notices(self, notices):
        """Say in the chatter who got no mail and why; a failure asks for a person.

        :param notices: what was just written, or not, about this return
        """
        self.ensure_one()
        sentences = {
            "settled": self.env._(
                "No mail, as these customers owe nothing on balance:"
            ),
            "opted_out": self.env._("No mail, as these customers want none:"),
            "no_address": self.env._("No mail, as there is no e-mail address:"),
            "failed": self.env._("The mail could not be written to:"),
        }
        for state, group in notices.grouped("state").items():
            if state in sentences:
                names = ", ".join(group.partner_id.mapped("display_name"))
                why = ". ".join(dict.fromkeys(n for n in group.mapped("note") if n))
                self._message_log(body=f"{sentences[state]} {names}. {why}".strip())
        if notices.filtered(lambda notice: notice.state == "failed"):
            user = self.env.user if not acting.is_robot(self.env) else self.create_uid
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=self.env._("Write to the customers"),
                user_id=user.id,
            )

    def _notify_added(self):
        """Tell who added lines to these drafts where they wait.

        :return: a notification, which closes the dialog that it comes from
        """
        link = {
            "label": ", ".join(self.mapped("name")),
            "url": f"/odoo/payment-returns/{self[0].id}",
        }
        return notification.tell(
            self.env._("Confirm it when it is complete: %s", "%s"),
            title=self.env._("Added to a draft"),
            links=[link],
        )

    # ---- cancel ----------------------------------------------------------------

    def action_open_cancel(self):
        """Say in a dialog what cancelling does, before it is done there.

        :return: a window action
        :raises UserError: when all are cancelled
        """
        self.check_access("write")
        returns = self.filtered(lambda r: r.state != "cancelled")
        if not returns:
            raise UserError(self.env._("This payment return is cancelled already."))
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
        return True

    def _unbook(self):
        """Take these out of the books, where they are in them, and call them cancelled.

        Hook for who looks at what customers owe when all of it is reversed.

        :return: dict from return to list of sentences on what could not be put back
        """
        ledger = self.env["account.payment.return.ledger"]
        with BOOKING.set(self.env):
            unrestored = ledger._cancel(self._filter_confirmed())
            self.sudo().write({"state": "cancelled"})
        return unrestored

    def _filter_confirmed(self):
        return self.filtered(lambda payment_return: payment_return.state == "confirmed")

    def _log_unrestored(self, unrestored):
        """Say on each return what cancelling could not put back.

        :param unrestored: dict from return to list of sentences
        """
        for payment_return, sentences in unrestored.items():
            payment_return._message_log(body="\n".join(sentences))

    # ---- entries ---------------------------------------------------------------

    def _get_return_entries(self):
        """The entries that booked the returns, without their reversals."""
        return self.move_ids.filtered(lambda move: not move.reversed_entry_id)

    # ---- smart buttons -----------------------------------------------------------

    def action_open_moves(self):
        """Open the journal entries of these returns.

        :return: a window action
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        return self.move_ids._get_records_action(name=self.env._("Journal Entries"))

    def action_open_invoices(self):
        """Open the invoices that these returns opened again.

        :return: a window action
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        invoices = self._get_counting_lines().invoice_ids
        return self._open_invoices(invoices, self.env._("Invoices"))

    def action_open_fee_invoices(self):
        """Open the invoices that charge the fees of these returns again.

        :return: a window action
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        return self._open_invoices(self.fee_invoice_ids, self.env._("Fee Invoices"))

    def _open_invoices(self, invoices, name):
        """A window action on invoices, with the columns of customer invoices."""
        return invoices.with_context(
            default_move_type="out_invoice", create=False
        )._get_records_action(name=name)

    def action_open_rest(self):
        """Open the drafts that took the unmatched lines of these returns.

        :return: a window action
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        return self.rest_ids._get_records_action(name=self.env._("Still to Match"))

    def action_open_notices(self):
        """Open the mails to the customers of these returns.

        :return: a window action
        :raises AccessError: to who may not see these returns
        """
        self.check_access("read")
        return self.notice_ids._get_records_action(
            name=self.env._("Mails to Customers"), views=[(False, "list")]
        )

    def action_open_split_from(self):
        """Open the return whose unmatched lines wait here.

        :return: a window action
        """
        return self.split_from_id._get_records_action(
            name=self.env._("Payment Returns")
        )
