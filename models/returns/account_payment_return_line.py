from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from .. import acting, orm_internals
from ..call_marks import COMPLETED, DEFAULTS, FLAGGING
from ..reference_form import normal_sql
from .return_states import STATES

# By which a line is given what came back.
GIVEN = {"move_line_id", "payment_id"}
# What a line asks of a payment. While lines are completed, they are not flagged yet.
ASKED = {"amount", "currency_id", "move_line_id", "payment_id"}
# By which it is said how the payment was found, and by whom.
NOTED = {"match_note", "match_said"}
SAYING = NOTED | {"is_chosen"}


class AccountPaymentReturnLine(models.Model):
    """One collection that came back.

    The upper half is what the bank said, kept as it was read; the lower half is
    what it means in the books: the payment it takes back and the instalments of
    the invoices that are open again.
    """

    _name = "account.payment.return.line"
    _description = "Payment Return Line"
    _inherit = ["credit.reach", "credit.entry.guard", "credit.empty.list"]
    _order = "return_id desc, id"
    _rec_name = "reference"
    _check_company_auto = True

    return_id = fields.Many2one(
        "account.payment.return",
        string="Payment Return",
        required=True,
        ondelete="cascade",
        index=True,
        check_company=True,
    )
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        store=True,
        index=True,
        help="Of the payment, in whose books the return is entered: one of the "
        "branches of the company of the bank, perhaps.",
    )
    return_company_id = fields.Many2one(
        related="return_id.company_id", string="Company of the Bank"
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    state = fields.Selection(
        selection=STATES,
        compute="_compute_state",
        store=True,
        string="Return Status",
    )
    is_ahead = fields.Boolean(
        readonly=True,
        copy=False,
        help="It is in the books, and other lines of its return follow.",
    )
    return_date = fields.Date(
        compute="_compute_return_date",
        store=True,
        string="Returned On",
        help="When the bank took the money back: each line of a bank's file on its "
        "own day, lines entered by hand on that of the return.",
    )
    journal_id = fields.Many2one(related="return_id.journal_id", store=True)

    # What the bank said
    reference = fields.Char(help="What the bank calls the collection.")
    end_to_end_id = fields.Char(string="End-to-End ID")
    instruction_id = fields.Char(string="Instruction ID")
    mandate_reference = fields.Char()
    batch_id = fields.Char(
        string="Collection Batch",
        index="btree_not_null",
        help="What the bank calls all that it collected, or took back, at once.",
    )
    original_message_id = fields.Char(string="Collection File")
    scope = fields.Selection(
        selection=[
            ("payment", "One collection"),
            ("batch", "A whole batch"),
            ("message", "A whole file"),
        ],
        required=True,
        default="payment",
    )
    kind = fields.Selection(
        selection=[
            ("reject", "Reject"),
            ("return", "Return"),
            ("refund", "Refund"),
            ("reversal", "Reversal"),
            ("recall", "Recall"),
        ],
        required=True,
        default="return",
        help="The R-transaction of the SEPA direct debit rulebooks (EPC).",
    )
    partner_name = fields.Char(string="Debtor")
    partner_iban = fields.Char(string="Debtor IBAN")
    partner_vat = fields.Char(string="Debtor Tax Code")
    due_date = fields.Date(help="When the collection was due.")
    date = fields.Date(string="Booked On")
    value_date = fields.Date()
    texts = fields.Text(string="Bank's Texts")
    reason_code = fields.Char(string="Bank's Reason")
    reason_text = fields.Char(string="Reason in the Bank's Words")
    unique_key = fields.Char(
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="What makes this line unique in the bank's files.",
    )
    raw_data = fields.Text(
        string="Source", readonly=True, copy=False, help="The bank's own lines."
    )
    doubt = fields.Selection(
        selection=[
            ("credit", "The bank calls it a credit, but with a reason of return."),
            (
                "own",
                "The bank tells it as a debit of ours, but with a reason of return.",
            ),
            ("code", "Only the bank's own code says that something came back."),
            ("reversal", "The bank reversed an entry and does not say of what."),
            (
                "fee",
                "The transactions make less than the bank booked: the rest is taken for"
                " its fee.",
            ),
        ],
        readonly=True,
        copy=False,
        help="Why a person has to say that it is a return.",
    )
    extra_data = fields.Boolean(compute="_compute_extra_data")

    # What it means
    currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_currency_id",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
    )
    amount = fields.Monetary(
        help="What came back. Zero means: all that the payment collected."
    )
    told_amount = fields.Monetary(
        string="Amount Told",
        currency_field="told_currency_id",
        copy=False,
        help="What the bank told, where it is in another currency than the payment.",
    )
    told_currency_id = fields.Many2one("res.currency", string="Bank's Currency")
    fee_amount = fields.Monetary(
        string="Bank Fee", help="What the bank charged for the return."
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        store=True,
        precompute=True,
        readonly=False,
        index=True,
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        compute="_compute_commercial_partner_id",
        store=True,
        index=True,
        string="Customer Company",
    )
    reason_id = fields.Many2one("account.payment.return.reason", string="Return Reason")
    reason_category = fields.Selection(
        related="reason_id.category", store=True, string="Kind of Reason"
    )
    payment_id = fields.Many2one(
        "account.payment",
        compute="_compute_payment_id",
        store=True,
        precompute=True,
        readonly=False,
        index=True,
        domain="[('payment_type', '=', 'inbound'), ('partner_type', '=', 'customer'),"
        " ('state', 'in', ('in_process', 'paid')),"
        " ('company_id', 'child_of', return_company_id)]"
        " + ([('partner_id', 'child_of', commercial_partner_id)]"
        " if commercial_partner_id else [])",
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Returned Payment Item",
        index=True,
        domain="[('account_type', '=', 'asset_receivable'), ('balance', '<', 0),"
        " ('parent_state', '=', 'posted'),"
        " ('company_id', 'child_of', return_company_id)]",
        help="The receivable item of the payment that came back.",
    )
    statement_line_id = fields.Many2one(
        "account.bank.statement.line",
        string="Bank Transaction",
        copy=False,
        index="btree_not_null",
        domain="[('journal_id', '=', journal_id), ('amount', '<', 0),"
        " ('is_reconciled', '=', False)]",
        help="The movement of the bank statement that is this line, where the return "
        "is not one movement: it becomes the entry of the lines that name it.",
    )
    invoice_line_ids = fields.Many2many(
        "account.move.line",
        "account_payment_return_line_invoice_rel",
        "return_line_id",
        "move_line_id",
        string="Invoice Instalments",
        help="Before the confirmation: the instalments the bank names. After it: the "
        "ones that are open again.",
    )
    invoice_ids = fields.Many2many(
        "account.move", string="Invoices", compute="_compute_invoice_ids"
    )
    undone_ids = fields.One2many(
        "account.payment.return.partial",
        "return_line_id",
        string="Owed Again",
        readonly=True,
    )
    entry_line_ids = fields.One2many(
        "account.move.line",
        "payment_return_line_id",
        string="Return Entry Items",
        readonly=True,
    )
    candidate_line_ids = fields.Many2many(
        "account.move.line",
        "account_payment_return_line_candidate_rel",
        "return_line_id",
        "move_line_id",
        string="Candidates",
        readonly=True,
        copy=False,
    )
    candidate_payment_ids = fields.Many2many(
        "account.payment",
        "account_payment_return_line_candidate_payment_rel",
        "return_line_id",
        "payment_id",
        string="Candidate Payments",
        readonly=True,
        copy=False,
    )

    # No number at all is, to PostgreSQL, the largest one.
    _amount_positive = models.Constraint(
        "CHECK (amount BETWEEN 0 AND 1e12 AND fee_amount BETWEEN 0 AND 1e12"
        " AND COALESCE(told_amount, 0) BETWEEN 0 AND 1e12)",
        "Amounts and bank fees of a payment return cannot be negative, nor more than"
        " 1,000,000,000,000.",
    )

    # What is told twice without a payment is found by its reference.
    _end_to_end_form_idx = models.Index(f"({normal_sql('end_to_end_id')})")
    _reference_form_idx = models.Index(f"({normal_sql('reference')})")

    # === COMPUTES === #

    @api.depends(
        "return_id.company_id", "move_line_id.company_id", "payment_id.company_id"
    )
    def _compute_company_id(self):
        """Of the payment: that of the bank, or one of its branches."""
        for line in self:
            company = line.move_line_id.company_id or line.payment_id.company_id
            bank = line.return_id.company_id
            line.company_id = company if self._is_within(company, bank) else bank

    @api.model
    def _is_within(self, company, owner):
        """Whether a company is one of which another one keeps the bank."""
        # Most are the same: no more need be read of them.
        same = company == owner
        return bool(company) and (same or owner in company.sudo().parent_ids)

    @api.depends("return_id.state", "is_ahead")
    def _compute_state(self):
        """Of its return, but for what was booked before the rest of it."""
        for line in self:
            state = line.return_id.state
            is_booked = line.is_ahead and state == "draft"
            line.state = "confirmed" if is_booked else state

    @api.depends("date", "return_id.date", "return_id.file_format", "statement_line_id")
    def _compute_return_date(self):
        """Of what the bank told its booking day, else the return's date."""
        for line in self:
            told = (line.return_id.file_format or line.statement_line_id) and line.date
            line.return_date = told or line.return_id.date

    @api.depends("move_line_id", "payment_id")
    def _compute_currency_id(self):
        """A return is in the currency of the payment it takes back.

        An amount keeps its currency until it is converted, see `_express_amounts`.
        """
        for line in self:
            line.currency_id = (
                (line.amount and line.currency_id)
                or line._get_target_currency()
                or line.currency_id
                or line.return_id.company_id.currency_id
                or self.env.company.currency_id
            )

    @api.depends("move_line_id", "payment_id")
    def _compute_partner_id(self):
        """The customer is the payment's; another one who was entered stays.

        Who takes the payment of another customer has to say so, see `_check_customer`.
        """
        for line in self:
            payer = line._get_payers()[:1]
            known = line.partner_id.commercial_partner_id
            is_his = not known or known == payer.commercial_partner_id
            line.partner_id = payer if payer and is_his else line.partner_id

    @api.depends("partner_id.commercial_partner_id", "state", "invoice_line_ids")
    def _compute_commercial_partner_id(self):
        """Of a return in the books, whoever owes what it reopened.

        A contact who leaves a customer does not take the customer's return along, and
        who pays for another customer does not get the other's return.
        """
        for line in self:
            line.commercial_partner_id = (
                line._get_debtor()
                if line.state == "confirmed"
                else line.partner_id.commercial_partner_id
            )

    def _get_debtor(self):
        """Return the customer who owes what came back; of several, who had paid.

        Each of several is in `undone_ids`.
        """
        debtor = self.invoice_line_ids.partner_id
        return debtor if len(debtor) == 1 else self.partner_id.commercial_partner_id

    @api.depends("move_line_id")
    def _compute_payment_id(self):
        """The payment behind the returned item, or whose money it brought."""
        for line in self:
            item, payment = line.move_line_id, line.payment_id
            brought = not item or (item.statement_line_id and not payment.move_id)
            line.payment_id = item.move_id.origin_payment_id or (
                payment if brought else False
            )

    @api.depends("invoice_line_ids", "move_line_id", "payment_id")
    def _compute_invoice_ids(self):
        """The invoices reopened, or the ones that the payment paid."""
        for line in self:
            line.invoice_ids = (
                line.invoice_line_ids.move_id or line.payment_id.reconciled_invoice_ids
            )

    @api.depends("texts", "raw_data", "end_to_end_id", "mandate_reference")
    def _compute_extra_data(self):
        """Whether the bank said more than the main columns show."""
        for line in self:
            line.extra_data = bool(
                line.texts
                or line.raw_data
                or line.end_to_end_id
                or line.mandate_reference
            )

    @api.onchange("payment_id")
    def _onchange_payment_id(self):
        """A person chose another payment: take its item, and its amount if none.

        :return: a warning where it is of somebody else; of another customer than the
            line's it is put back
        """
        warning = self._put_back_of_another()
        self._go_back_to_told()
        self._forget_payments_amount()
        self._forget_other_item()
        self._complete_targets()
        self.filtered("payment_id")._note_choice()
        return warning or self._warn_of_debtor()

    @api.onchange("amount")
    def _onchange_amount(self):
        """Show what no amount means: all of the payment that can still come back."""
        for line, amount in self._find_omitted_amounts().items():
            line.amount = amount

    def action_open_details(self):
        """Show what the bank said beside what it means, in a dialog.

        :return: a window action
        :raises AccessError: to who may not see the line
        """
        self.ensure_one()
        self.check_access("read")
        view = self.env.ref(
            "account_credit_block.account_payment_return_line_view_form_details"
        )
        return self._get_records_action(
            name=self.env._("Returned Collection"),
            views=[(view.id, "form")],
            target="new",
        )

    # === GUARDS === #

    @api.constrains("return_id", "payment_id", "move_line_id", "invoice_line_ids")
    def _check_companies(self):
        """Raise ValidationError for a payment that the bank did not collect.

        The bank collects for its company and the branches; what a payment pays may be
        in any company of the tree.
        """
        # All together first: there is hardly ever one that is not.
        if all(
            lines._are_of_bank(payment_return.company_id)
            for payment_return, lines in self.grouped("return_id").items()
        ):
            return
        for line in self:
            bank = line.return_id.company_id
            if not line._are_of_bank(bank):
                raise ValidationError(
                    self.env._(
                        "%(payment)s is not of %(company)s, whose bank sent it back. "
                        "Choose one of its payments, or register the return in the "
                        "company of the payment.",
                        payment=line.payment_id.display_name
                        or line.move_line_id.display_name
                        or line.invoice_line_ids[:1].display_name,
                        company=bank.display_name,
                    )
                )

    def _are_of_bank(self, bank):
        """Whether all that these take back was collected for the company of a bank.

        :param bank: ``res.company``
        """
        payer = self.payment_id.company_id | self.move_line_id.company_id
        debts = self.invoice_line_ids.company_id
        return all(self._is_within(company, bank) for company in payer) and not (
            debts.root_id - bank.root_id
        )

    def _check_company(self, fnames=None):
        """Override of `base`: of lines that link to the same records one is asked.

        :param fnames: names of the fields that were written; all when left out
        :raises UserError: for a record of another company
        """
        links = [field for field in self._fields.values() if field.relational]
        names = ["company_id", *(link.name for link in links if link.check_company)]
        if fnames is not None and set(names).isdisjoint(fnames):
            return None
        alike = self.grouped(lambda line: tuple(line[name] for name in names))
        first = self.browse().union(*(lines[:1] for lines in alike.values()))
        return super(AccountPaymentReturnLine, first)._check_company(fnames)

    @api.constrains("statement_line_id", "journal_id")
    def _check_transaction(self):
        """Raise ValidationError for a transaction of another bank."""
        for line in self.sudo():
            transaction = line.statement_line_id
            if transaction and transaction.journal_id != line.journal_id:
                raise ValidationError(
                    self.env._(
                        "%(transaction)s is a transaction of %(bank)s, not of the bank "
                        "of the return. Choose one of %(wanted)s.",
                        transaction=transaction.display_name,
                        bank=transaction.journal_id.display_name,
                        wanted=line.journal_id.display_name,
                    )
                )

    def write(self, vals):
        """Override of `base`: a line that is in the books does not change.

        The item returned follows the choice of another payment.

        :raises UserError: when a line of a confirmed or cancelled return would change
        :raises AccessError: to who enters what the code says, or names what he may
            not see
        """
        if any(state != "draft" for state in self.mapped("state")):
            raise UserError(
                self.env._(
                    "This return is already in the books. Cancel it and register a "
                    "new one to change it."
                )
            )
        self.return_id._check_no_work()
        is_asked = bool(ASKED & vals.keys())
        before = self._get_targets() if is_asked else set()
        values = self._say_choice(vals)
        with FLAGGING.set(self.env):
            if GIVEN & vals.keys() and "amount" not in vals:
                self._go_back_to_told()
            result = super().write(values)
            self._complete(values)
            if values.get("is_chosen") and not SAYING & self._get_free_names(vals):
                self._note_choice()
        if GIVEN & vals.keys():
            self._check_collections()
        if is_asked:
            self._flag_unreturnable(before)
        return result

    def _complete(self, vals):
        """Fill in what follows from the payment in values that were written."""
        if "return_id" in vals:
            self._check_added_to_draft()
        if "payment_id" in vals and "move_line_id" not in vals:
            self._forget_other_item()
        if GIVEN & vals.keys():
            self._express_amounts()

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`: no new line in a return that left the draft state.

        :raises UserError: when the return is confirmed or cancelled
        :raises AccessError: to who enters what the code says, or names what he may
            not see
        """
        with orm_internals.keeping_environments(self):
            lines = super().create([self._say_choice(vals) for vals in vals_list])
        lines._check_added_to_draft()
        lines._check_collections()
        notes = zip(lines, vals_list, strict=True)
        unsaid = [
            line.id for line, vals in notes if not NOTED & self._get_free_names(vals)
        ]
        self.browse(unsaid).filtered("is_chosen")._note_choice()
        lines._flag_unreturnable()
        return lines

    @api.model
    def _add_missing_default_values(self, values):
        """Override of `base`: what a file's lines lack is the same, and asked once."""
        known = DEFAULTS.get(self.env)
        if known is None:
            return super()._add_missing_default_values(values)
        lacking = frozenset(self._fields.keys() - values.keys())
        if lacking not in known:
            whole = super()._add_missing_default_values(values)
            known[lacking] = {name: whole[name] for name in lacking & whole.keys()}
        return {**known[lacking], **values}

    @api.model
    def _create(self, data_list):
        """Override of `base`: what is computed of a file's lines came with them."""
        lines = super()._create(data_list)
        given = set(COMPLETED.get(self.env) or ()).intersection(
            *(data["stored"] for data in data_list)
        )
        orm_internals.take_as_computed(lines, given)
        return lines

    def _check_added_to_draft(self):
        """Raise UserError for a line that came to a return which left the draft."""
        if any(each.state != "draft" for each in self.return_id):
            raise UserError(
                self.env._("Lines can be added to a payment return in draft only.")
            )
        self.return_id._check_no_work()

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self.return_id._check_no_work()
        if any(line.return_id.state != "draft" for line in self):
            raise UserError(
                self.env._("A line of a confirmed payment return cannot be deleted.")
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_entered(self):
        """Raise UserError to a person for lines that the bank's file told."""
        if acting.is_system(self.env):
            return
        sources = self.return_id.split_from_id | self.return_id
        if told := sources.filtered("file_hash")[:1]:
            raise UserError(
                self.env._(
                    "%(file)s told this line, and would not tell it again. Leave it:"
                    " what has no payment waits in a return of its own when the others"
                    " are confirmed. To begin anew delete the whole draft, and import"
                    " the file again.",
                    file=told.file_name,
                )
            )

    def unlink(self):
        """Override of `base`: what these lines asked of a payment others can have.

        :return: True
        """
        drafts, targets = self.return_id, self._get_targets()
        result = super().unlink()
        drafts.exists().line_ids._flag_unreturnable(targets)
        return result

    def _get_empty_list_hint(self):
        """Override of `credit.empty.list`: what ends it is an import, too."""
        return self.env["account.payment.return"]._get_empty_list_hint()

    # === WORDS === #

    def _get_reason_label(self):
        """Plain words of why the collection came back, for people to read."""
        self.ensure_one()
        return self.reason_id.name or self.reason_text or self.reason_code or ""

    def _get_reason_label_sql(self, query):
        """The same in a query, where reading the lines would be queries more."""
        reasons, reason = self._fields["reason_id"].join(self, self._table, query)
        words = (
            reasons._field_to_sql(reason, "name", query),
            self._field_to_sql(self._table, "reason_text", query),
            self._field_to_sql(self._table, "reason_code", query),
        )
        return SQL(
            "COALESCE(%s)", SQL(", ").join(SQL("NULLIF(%s, '')", w) for w in words)
        )

    def _get_payment_date(self):
        """Day of the payment that came back, as the customer knows it."""
        self.ensure_one()
        return self.payment_id.date or self.move_line_id.date or self.return_date
