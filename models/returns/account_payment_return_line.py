from collections import Counter, defaultdict
from dataclasses import replace

from markupsafe import Markup

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL

from .. import named_records, notification, said
from ..call_marks import BOOKING, FLAGGING, TAKING_OVER
from ..reference_form import normal_sql
from . import match_rules

# States of a payment that collected something, so that something can come back. One
# that came back in full is there to recognise what is told twice.
STANDING = ("in_process", "paid")
COLLECTED = (*STANDING, "rejected")
# What makes a line a return that really came back: in the books, of a payment that we
# know. Asked for in this file only, as a domain, in SQL and of records.
BOOKED_STATES, BOOKED_MATCH = ("confirmed",), "matched"
# What still has to get its payment.
WAITING = ("unmatched", "ambiguous")
# By which a line is given what came back.
GIVEN = {"move_line_id", "payment_id"}
# What a line asks of a payment. While lines are completed, they are not flagged yet.
ASKED = {"amount", "currency_id", "move_line_id", "payment_id"}
# By which it is said how the payment was found, and by whom.
NOTED = {"match_note", "match_said"}
SAYING = NOTED | {"is_chosen"}
# Formats of files in which a bank tells what it has booked.
STATEMENTS = "camt.05"


class AccountPaymentReturnLine(models.Model):
    """One collection that came back.

    The upper half is what the bank said, kept as it was read; the lower half is
    what it means in the books: the payment it takes back and the instalments of
    the invoices that are open again.
    """

    _name = "account.payment.return.line"
    _description = "Payment Return Line"
    _inherit = ["credit.entry.guard", "credit.empty.list"]
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
        precompute=True,
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
        related="return_id.state", store=True, precompute=True, string="Return Status"
    )
    return_date = fields.Date(
        compute="_compute_return_date",
        store=True,
        precompute=True,
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
    batch_id = fields.Char(string="Collection Batch")
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
        index="btree_not_null", help="What makes this line unique in the bank's files."
    )
    raw_data = fields.Text(string="Source", help="The bank's own lines.")
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
        "account.payment.return.partial", "return_line_id", string="Owed Again"
    )
    entry_line_ids = fields.One2many(
        "account.move.line", "payment_return_line_id", string="Return Entry Items"
    )
    candidate_line_ids = fields.Many2many(
        "account.move.line",
        "account_payment_return_line_candidate_rel",
        "return_line_id",
        "move_line_id",
        string="Candidates",
    )
    candidate_payment_ids = fields.Many2many(
        "account.payment",
        "account_payment_return_line_candidate_payment_rel",
        "return_line_id",
        "payment_id",
        string="Candidate Payments",
    )
    duplicate_line_id = fields.Many2one(
        "account.payment.return.line", string="Duplicate of", index="btree_not_null"
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
        index=True,
    )
    status = fields.Selection(
        selection=lambda self: [
            *self._fields["match_state"]._description_selection(self.env),
            ("booked", self.env._("Booked")),
            ("reversed", self.env._("Reversed")),
        ],
        compute="_compute_status",
        help="How the line stands: whether it is matched, and what came of it then.",
    )
    match_said = fields.Json(
        string="How it was Matched (technical)",
        compute="_compute_match_said",
        store=True,
        precompute=True,
        # What is written together with a payment is not computed over.
        readonly=False,
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

    _amount_positive = models.Constraint(
        "CHECK (amount >= 0 AND fee_amount >= 0 AND COALESCE(told_amount, 0) >= 0)",
        "Amounts and bank fees of a payment return cannot be negative.",
    )

    # What is told twice without a payment is found by its reference.
    _end_to_end_form_idx = models.Index(f"({normal_sql('end_to_end_id')})")
    _reference_form_idx = models.Index(f"({normal_sql('reference')})")

    # ---- computes -----------------------------------------------------------

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
        return bool(company) and owner in company.parent_ids

    @api.depends("date", "return_id.date", "return_id.file_format")
    def _compute_return_date(self):
        """Of a line of a bank's file its booking day, else the return's date."""
        for line in self:
            told = line.return_id.file_format and line.date
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

    @api.depends("match_state", "state", "undone_ids")
    def _compute_status(self):
        """What people see: in the books, out of them again, or how it is matched."""
        for line in self:
            booked = line.match_state == BOOKED_MATCH and line.undone_ids
            if booked and line.state in BOOKED_STATES:
                line.status = "booked"
            elif booked and line.state == "cancelled":
                line.status = "reversed"
            else:
                line.status = line.match_state

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

    def _has_collection(self):
        """Whether the line has a payment, or bank transaction, that collected."""
        self.ensure_one()
        item, payment = self.move_line_id, self.payment_id
        collected = not payment or payment.state in COLLECTED
        return collected and (item.parent_state == "posted" if item else bool(payment))

    def _is_collection(self):
        """Whether what came back is what a customer paid."""
        self.ensure_one()
        left = self.env["account.payment.return.left"]
        return left._is_collection(self.move_line_id, self.payment_id)

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

    def _forget_other_item(self):
        """Clear the item of a payment that is not the one chosen any more."""
        self.filtered(
            lambda line: line.payment_id != line.move_line_id.move_id.origin_payment_id
        ).move_line_id = False

    def action_open_details(self):
        """Show what the bank said beside what it means, in a dialog.

        :return: a window action
        :raise: AccessError for who may not see the line
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

    # ---- guards -------------------------------------------------------------

    @api.constrains("return_id", "payment_id", "move_line_id", "invoice_line_ids")
    def _check_companies(self):
        """Raise ValidationError for a payment that the bank did not collect.

        The bank collects for its company and the branches; what a payment pays may be
        in any company of the tree.
        """
        for line in self:
            bank = line.return_id.company_id
            payer = line.payment_id.company_id | line.move_line_id.company_id
            debts = line.invoice_line_ids.company_id
            if not all(self._is_within(company, bank) for company in payer) or (
                debts.root_id - bank.root_id
            ):
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
        """
        if any(state != "draft" for state in self.mapped("state")):
            raise UserError(
                self.env._(
                    "This return is already in the books. Cancel it and register a "
                    "new one to change it."
                )
            )
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
        """
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
    @tools.ormcache("self._name")
    def _get_closed_names(self):
        """Override of `credit.entry.guard`: what is said of a line is said by us."""
        return super()._get_closed_names() | {"match_said"}

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

    def _check_collections(self):
        """Raise ValidationError for what is no payment of a customer, or two of them.

        But for what another addon has booked already: it is taken over as it is.
        """
        if TAKING_OVER.get(self.env):
            return
        left = self.env["account.payment.return.left"]
        for line in self.filtered(lambda ln: ln.move_line_id or ln.payment_id):
            if not line._is_collection():
                raise ValidationError(line._get_no_collection_text())
            if not left._is_one(line.move_line_id, line.payment_id):
                raise ValidationError(line._get_two_collections_text())

    def _get_no_collection_text(self):
        return self.env._(
            "%(document)s is not what a customer paid, so it cannot come back. Choose "
            "the payment, or the bank transaction, by which the customer paid.",
            document=self._get_collection_name(),
        )

    def _get_two_collections_text(self):
        return self.env._(
            "%(item)s is not of the payment %(payment)s. Choose one of both: the other "
            "one follows.",
            item=self.move_line_id.move_name or self.move_line_id.display_name,
            payment=self.payment_id.display_name,
        )

    def _get_collection_name(self):
        """What people call what was chosen."""
        item, payment = self.move_line_id, self.payment_id
        return payment.name or item.move_name or (payment or item).display_name or ""

    def _check_added_to_draft(self):
        """Raise UserError for a line that came to a return which left the draft."""
        if any(line.return_id.state != "draft" for line in self):
            raise UserError(
                self.env._("Lines can be added to a payment return in draft only.")
            )

    def onchange(self, values, field_names, fields_spec):
        """Override of `web`; raise AccessError for records that one may not see."""
        named_records.check(self, values)
        return super().onchange(values, field_names, fields_spec)

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        if any(line.return_id.state != "draft" for line in self):
            raise UserError(
                self.env._("A line of a confirmed payment return cannot be deleted.")
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

    # ---- reading ------------------------------------------------------------

    @api.model
    def _get_came_back_domain(self, states=BOOKED_STATES):
        """Lines that really came back: in the books, of a payment that we know.

        :param states: with "cancelled" also those that were in the books once
        """
        return Domain("state", "in", states) & Domain("match_state", "=", BOOKED_MATCH)

    @api.model
    def _get_came_back_sql(self, alias="line", states=BOOKED_STATES):
        """The same as a condition of SQL, on an alias of the lines' table."""
        state, match_state = (
            SQL.identifier(alias, name) for name in ("state", "match_state")
        )
        return SQL(
            "(%s IN %s AND %s = %s)", state, tuple(states), match_state, BOOKED_MATCH
        )

    def _filter_came_back(self):
        """The same of these lines."""
        return self.filtered_domain(self._get_came_back_domain())

    @api.model
    def _count_booked(self, partners, company):
        """Count the returns of customers that ever were in the books of a company.

        Those cancelled since, too: the number never falls.

        :param partners: commercial partners
        :return: dict from partner id to number; one query
        """
        booked = self._get_came_back_domain(("confirmed", "cancelled"))
        groups = self.env["account.payment.return.partial"]._read_group(
            Domain("return_line_id", "any", booked)
            & Domain("company_id", "=", company.id)
            & Domain("partner_id", "in", partners.ids),
            ["partner_id"],
            ["return_line_id:count_distinct"],
        )
        return {partner.id: number for partner, number in groups}

    @api.model
    def _count_by(self, field_name, records):
        """Count confirmed return lines by one of their many2one fields.

        :return: dict from record id to number, in the companies the user works in;
            one query
        """
        groups = self.sudo()._read_group(
            self._get_came_back_domain()
            & Domain("company_id", "in", self.env.companies.ids)
            & Domain(field_name, "in", records.ids),
            [field_name],
            ["__count"],
        )
        return {record.id: count for record, count in groups}

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

    # ---- what can be returned -----------------------------------------------

    def _complete_targets(self):
        """Fill in what a person or a file may leave out, in batch.

        The receivable item of a payment that has an entry, the bank transaction of one
        that has none, or the other way round, and the amount where it is zero (ISO
        20022 messages may omit it: it is the collection's).
        """
        lines = self.filtered(lambda ln: ln._is_collection())
        for line in lines.filtered(lambda ln: ln.payment_id and not ln.move_line_id):
            if item := line.payment_id._get_receivable_item():
                line._give_item(item)
        lines._complete_pairs()
        self._express_amounts()
        zero = self.filtered(
            lambda ln: (
                (ln.move_line_id or ln.payment_id) and ln.currency_id.is_zero(ln.amount)
            )
        )
        available = zero._get_returnable_amounts()
        for line in zero:
            line.amount = available[line.id]

    def _complete_pairs(self):
        """Give payments without an entry their bank transaction, and these theirs."""
        lines = self.filtered(
            lambda line: (
                bool(line.payment_id and not line.payment_id.move_id)
                != bool(line.move_line_id.statement_line_id)
            )
        )
        pairs = self.env["account.payment.return.pair"]._find(
            lines.payment_id, lines.move_line_id
        )
        for line in lines:
            if line.payment_id in pairs:
                line._give_item(pairs[line.payment_id])
            elif line.move_line_id and line.id:
                item = line.move_line_id
                group = self.env["account.payment.return.pair"]._get_group(item)
                payment = line._choose_brought(
                    line.payment_id.union(*(p for p, i in pairs.items() if i in group)),
                    group,
                )
                line.write(
                    {
                        "payment_id": payment.id,
                        "move_line_id": item.id,
                        "is_chosen": line.is_chosen,
                    }
                )
            if line.move_line_id and line.payment_id and not line.invoice_line_ids:
                line.invoice_line_ids = line._get_paid_items()

    def _give_item(self, item):
        """Complete a line by the item of its payment, whoever chose that."""
        self.ensure_one()
        if self.id:
            self.write({"move_line_id": item.id, "is_chosen": self.is_chosen})
        else:
            self.move_line_id = item

    def _choose_brought(self, payments, items):
        """The one of a bank transaction's payments that came back; empty if unclear.

        :param payments: ``account.payment`` that it brought
        :param items: what the transaction put on the customer's account
        """
        self.ensure_one()
        pair = self.env["account.payment.return.pair"]
        whole = pair._get_whole(items)
        if len(payments) == 1 and not items.currency_id.compare_amounts(
            pair._get_share(payments, items), whole
        ):
            return payments
        amount = self.amount or abs(self.move_line_id.amount_currency)
        fitting = payments.filtered(
            lambda payment: (
                payment.state != "rejected"
                and not items.currency_id.compare_amounts(
                    pair._get_share(payment, items), amount
                )
            )
        )
        paid = self.move_line_id.matched_debit_ids.debit_move_id.move_id
        for invoices in (self.invoice_line_ids.move_id, paid):
            if len(fitting) > 1 and invoices:
                fitting = fitting.filtered(lambda p, i=invoices: i <= p.invoice_ids)
        return fitting if len(fitting) == 1 else fitting.browse()

    def _get_paid_items(self):
        """What the bank transaction paid of the invoices of the payment."""
        self.ensure_one()
        return self._get_items().matched_debit_ids.debit_move_id.filtered(
            lambda item: item.move_id in self.payment_id.invoice_ids
        )

    def _get_items(self):
        """The receivable items of these lines' collections."""
        left = self.env["account.payment.return.left"]
        return self.move_line_id.union(
            *(left._get_items(line.move_line_id, line.payment_id) for line in self)
        )

    def _get_collected_amount(self):
        """What the payment really collected: money, not discounts or write-offs.

        :return: amount in the payment's currency
        """
        self.ensure_one()
        left = self.env["account.payment.return.left"]
        return left._get_collected(self.move_line_id, self.payment_id)

    # ---- amounts in the bank's currency -------------------------------------

    def _get_target_currency(self):
        """The currency of the payment that came back; empty without one."""
        return self.move_line_id.currency_id or self.payment_id.currency_id

    def _get_told(self):
        """What the bank told, before it was converted, as (amount, currency)."""
        self.ensure_one()
        if self.told_currency_id:
            return self.told_amount, self.told_currency_id
        return self.amount, self.currency_id

    def _go_back_to_told(self):
        """Put back what the bank told, before another payment is taken, or none."""
        for line in self.filtered("told_currency_id"):
            line._take_amount(*line._get_told())

    def _forget_payments_amount(self):
        """Clear an amount that nobody told: all of the payment chosen before."""
        left = self.env["account.payment.return.left"]
        for line in self.filtered(lambda ln: ln.payment_id and not ln.unique_key):
            item = line.move_line_id
            if item and line.amount == left._get_collected(item, item.payment_id):
                line.amount = 0.0

    def _express_amounts(self):
        """Convert amounts that are not in the currency of their payment.

        An amount is never given another currency: what the bank told in its own is
        converted by the collection's own rate, and kept beside. Where the bank does not
        collect in that currency, the line stays as it is.
        """
        for line in self:
            target, currency = line._get_target_currency(), line.currency_id
            if not target or target == currency:
                continue
            if line.currency_id.is_zero(line.amount):
                line._take_amount(0.0, target)
                continue
            item, payment = line.move_line_id, line.payment_id
            brought = line._get_brought(item, payment, currency)
            if brought:
                told = line.amount
                whole = line._get_collected_amount()
                available = line._get_returnable_amounts()[line.id]
                amount = match_rules.convert_by_rate(
                    told, (brought, currency), (whole, target), (available,)
                )
                line._take_amount(amount, target, told, currency)

    def _take_amount(self, amount, currency, told=0.0, told_currency=None):
        """Set the amount and the fee in a currency, and what the bank had told."""
        fee = self.fee_amount
        if fee and self.currency_id != currency:
            company, day = self.company_id, self.return_date
            fee = self.currency_id._convert(fee, currency, company, day)
        # The currencies first: amounts are rounded by them.
        self.update(
            {
                "currency_id": currency,
                "told_currency_id": told_currency,
                "amount": amount,
                "fee_amount": fee,
                "told_amount": told,
            }
        )

    @api.model
    def _get_brought(self, item, payment, currency):
        """What a whole collection is in the currency in which its bank speaks.

        What the bank really brought, where its transaction is there already.

        :param item: receivable item of the payment or bank transaction, or empty
        :param payment: the payment, or empty
        :return: amount; 0 where the bank does not collect in that currency
        """
        company = item.company_id or payment.company_id
        journal = payment.journal_id or item.journal_id
        own = company.currency_id
        if payment and not payment.move_id and currency == payment.currency_id:
            return payment.amount
        if currency not in (own, journal.currency_id):
            return 0.0
        if not item:
            source, amount, day = payment.currency_id, payment.amount, payment.date
        else:
            source, day = own, item.date
            amount = self._get_brought_in_books(item, payment)
        return source._convert(amount, currency, company, day)

    @api.model
    def _get_brought_in_books(self, item, payment):
        """The same for a journal item, in the company's currency."""
        left = self.env["account.payment.return.left"]
        share = left._get_collected(item, payment) / abs(item.amount_currency)
        booked = item.company_currency_id.round(abs(item.balance) * share)
        waiting = payment.move_id.line_ids.filtered(
            lambda i: i.account_id == payment.outstanding_account_id and i.balance > 0
        )
        met = waiting.matched_credit_ids.filtered("credit_move_id.statement_line_id")
        if not met or not all(waiting.mapped("reconciled")):
            return booked
        return sum(
            abs(part.credit_move_id.balance)
            * part.credit_amount_currency
            / abs(part.credit_move_id.amount_currency)
            for part in met
        )

    # ---- matching -----------------------------------------------------------

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
        aside.write({"match_state": "unmatched", "match_note": False})

    def action_skip(self):
        """Set lines aside that are no return of ours: they are not booked.

        *Match Again* takes them back.

        :return: True
        :raise: AccessError for who may not write them
        :raise: UserError for a line that is in the books
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

    def _find_left(self, with_others=False):
        """What of each line's collection can still come back.

        :param with_others: see `account.payment.return.left`, which knows
        :return: dict from line id to `Left`
        """
        targets = [(line.move_line_id, line.payment_id) for line in self]
        found = self.env["account.payment.return.left"]._find(targets, with_others)
        return {
            line.id: found[target] for line, target in zip(self, targets, strict=True)
        }

    def _get_returnable_amounts(self):
        """What can still come back of each line's payment.

        :return: dict from line id to amount in the payment's currency
        """
        return {line_id: left.amount for line_id, left in self._find_left().items()}

    def _get_debits(self):
        """What the bank may have taken at once, where it took back these lines.

        A line, the lines of its return and day, and those of its customer among them;
        each without and with the fees that the bank told.

        :return: dict from line to list of (amount, currency)
        """
        amounts, fees = defaultdict(float), defaultdict(float)
        for line in self.return_id._get_counting_lines() | self:
            amount, currency = line._get_told()
            for key in line._get_debit_keys():
                amounts[key] += amount
                fees[key] += line._get_told_fee()
        found = {}
        for line in self:
            _amount, currency = line._get_told()
            keys = line._get_debit_keys()
            sums = {amounts[key] for key in keys}
            sums |= {amounts[key] + fees[key] for key in keys}
            debits = [(amount, currency) for amount in sorted(sums)]
            found[line] = [*debits, (line.amount, line.currency_id)]
        return found

    def _get_debit_keys(self):
        """The line itself, its day, and its customer's day: what is summed up."""
        self.ensure_one()
        _amount, currency = self._get_told()
        day = self.return_id, self.date or self.return_id.date, currency
        return self, day, (day, self.partner_id.commercial_partner_id)

    def _get_told_fee(self):
        """The bank's fee in the currency in which the bank told the amount."""
        self.ensure_one()
        amount, currency = self._get_told()
        if currency == self.currency_id or not self.amount:
            return self.fee_amount
        return currency.round(self.fee_amount * amount / self.amount)

    def _get_known_entries(self, left, available, debits):
        """The entries by which the books may know this return already.

        What a person chose is asked only whether it can come back at all.

        :param left: `Left` of its payment
        :param available: what of that the lines before did not take
        :param debits: see `_get_debits`
        :return: list of `Entry`
        """
        self.ensure_one()
        if self.currency_id.compare_amounts(self.amount, available) > 0:
            return list(left.entries)
        if self.is_chosen:
            return []
        day = self.date or self.return_id.date
        return match_rules.find_entries(
            left, self.amount, debits, day, self.currency_id
        )

    def _set_aside_unreturnable(self):
        """Take out of the way the lines that cannot be posted, each with its why.

        One bad line never stops the others: it goes back to the ones to match.

        :return: the lines that can be posted
        """
        with FLAGGING.set(self.env):
            return self._set_aside()

    def _set_aside(self):
        self._complete_targets()
        left = self._find_left(with_others=True)
        debits = self._get_debits()
        taken = defaultdict(float)
        good = self.browse()
        for line in self:
            target = line._get_target()
            available = left[line.id].amount - taken[target]
            entries = line._get_known_entries(left[line.id], available, debits[line])
            problem = not entries and line._get_problem(available)
            if entries:
                line._leave_to_choose(entries)
            elif problem:
                line._write_said({"match_state": "unmatched", "match_said": problem})
            else:
                taken[target] += line.amount
                good += line
        return good

    def _flag_unreturnable(self, targets=()):
        """Say of lines just saved what their payments cannot give, and of those beside.

        What can be booked again is matched again.

        :param targets: what gave the money before, where it was something else
        """
        targets = self._get_targets().union(targets)
        if not targets or FLAGGING.get(self.env):
            return
        lines = self._find_rivals(targets)
        left = lines._find_left_beside()
        with FLAGGING.set(self.env):
            for line in lines:
                line._flag(line._get_excess_note(left[line.id]))

    def _get_excess_note(self, left):
        """Say what a payment cannot give, by the entries that took it, if any did.

        :param left: `Left` of the payment
        """
        excess = self._get_excess(left.amount)
        if not (excess and left.entries):
            return excess
        name = self.payment_id.name or self.move_line_id.move_name or ""
        return self._get_entries_note(name, [entry.name for entry in left.entries])

    def _flag(self, problem):
        """Let the state and the note say a problem, or that there is none any more."""
        self.ensure_one()
        if problem and (self.match_state == "matched" or self.match_said != problem):
            self._write_said({"match_state": "unmatched", "match_said": problem})
        elif not problem and self.match_state == "unmatched":
            self._write_said(
                {"match_state": "matched", "match_said": self._get_fitting_note()}
            )

    def _find_left_beside(self):
        """What each line's payment can give it: the others of its draft take theirs.

        The matched ones first.

        :return: dict from line id to `Left`, for these lines and those beside them
        """
        rivals = self._find_rivals(self._get_targets())
        left, taken = rivals._find_left(), defaultdict(float)
        for line in rivals.sorted(lambda ln: (ln.match_state != "matched", ln.id)):
            target = line.return_id, line._get_target()
            available = left[line.id].amount - taken[target]
            left[line.id] = replace(left[line.id], amount=available)
            if not line._get_excess(available):
                taken[target] += line.amount
        return left

    def _find_rivals(self, targets):
        """The lines of these drafts that ask something of some payments.

        :param targets: set of what gives the money, see `_get_target`
        """
        return self.return_id.line_ids.filtered(
            lambda line: (
                line._get_target() in targets
                and line.state == "draft"
                and line.match_state in ("matched", "ambiguous", "unmatched")
                and line._has_collection()
            )
        )

    def _get_targets(self):
        return {line._get_target() for line in self if line._get_target()}

    def _get_target(self):
        """What gives the money back: one bank transaction may be several payments."""
        self.ensure_one()
        payment = self.payment_id
        whole = self.move_line_id or payment
        return payment if payment and not payment.move_id else whole

    def _leave_to_choose(self, entries):
        """Take the payment off a line whose return the books may know already.

        :param entries: list of `Entry`, named in the note
        """
        self.ensure_one()
        item, payment = self.move_line_id, self.payment_id
        by_payment = payment and not payment.move_id
        self._write_said(
            {
                "match_state": "ambiguous",
                "match_said": self._get_entries_note(
                    payment.name or item.move_name or "",
                    [entry.name for entry in entries],
                ),
                "move_line_id": False,
                "payment_id": False,
                "candidate_line_ids": [
                    Command.set([] if by_payment else item.ids),
                ],
                "candidate_payment_ids": [
                    Command.set(payment.ids if by_payment else []),
                ],
            }
        )

    @api.model
    def _get_entries_note(self, payment_name, entry_names):
        """Say by which entries a payment may have come back already."""
        return said.say(
            "match.entries",
            payment=payment_name,
            entries=list(dict.fromkeys(entry_names)),
        )

    def _get_problem(self, available):
        """Say why a matched line cannot be posted.

        :param available: what can still come back of its payment
        :return: a sentence as in `said`, or False when nothing is wrong
        """
        self.ensure_one()
        item, payment = self.move_line_id, self.payment_id
        if not (item or payment):
            return self._get_gone_note()
        if not self._is_collection():
            return said.say("match.no_collection", name=self._get_collection_name())
        target_company = item.company_id or payment.company_id
        if not self._is_within(target_company, self.return_id.company_id):
            return said.say("match.not_ours")
        if item and item.parent_state != "posted":
            return said.say("match.not_posted")
        if payment and payment.state not in COLLECTED:
            return said.say("match.uncollected")
        if self.currency_id != (item.currency_id or payment.currency_id):
            return said.say("match.currency", currency=self.currency_id.name)
        if self._would_book_nothing():
            return said.say("match.no_entry", payment=payment.display_name)
        return self._get_amount_problem(available)

    def _would_book_nothing(self):
        """Whether a payment without an entry came back, and nobody would owe again.

        Its invoices are paid in full, by a bank transaction that is not known as its
        own: to reject the payment changes nothing.
        """
        if self.move_line_id:
            return False
        debts = self.payment_id.invoice_ids.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        )
        by_bank = debts.matched_credit_ids.credit_move_id.statement_line_id
        return bool(by_bank) and all(debts.mapped("reconciled"))

    def _get_excess(self, available):
        """Say that a line asks more than its payment can give, or return False.

        An amount that is still to be converted is not compared.
        """
        if self.currency_id != self._get_target_currency():
            return False
        compare = self.currency_id.compare_amounts
        if compare(available, 0) <= 0:
            return said.say("match.came_back")
        if compare(self.amount, available) > 0:
            return said.say(
                "match.excess",
                amount=said.amount(self.amount, self.currency_id),
                available=said.amount(available, self.currency_id),
            )
        return False

    def _get_amount_problem(self, available):
        excess = self._get_excess(available)
        if excess:
            return excess
        compare = self.currency_id.compare_amounts
        if compare(self.amount, 0) <= 0:
            return said.say("match.no_amount")
        if not self.move_line_id and compare(self.amount, available):
            return said.say("match.only_in_full")
        return False

    # ---- booking ------------------------------------------------------------

    def _get_collection(self):
        """Where the money was collected: the account to credit, and its open item.

        :return: (account, journal item of the payment on it, or an empty one): the
            payment's own outstanding account; the company's, where the money came
            by a bank transaction
        """
        self.ensure_one()
        payment = self.payment_id
        if payment.move_id and self.move_line_id.move_id == payment.move_id:
            account = payment.outstanding_account_id
            items = payment.move_id.line_ids.filtered(
                lambda item: item.account_id == account and item.balance > 0
            )
            if items:
                return account, items[:1]
        return self._get_outstanding_account(), self.move_line_id.browse()

    def _get_transaction(self):
        """Return the bank transaction that is this return: its own, or the common."""
        return self.statement_line_id or self.return_id.statement_line_id

    def _meets_bank(self):
        """Whether the bank shows both the collection and its return.

        A reject never reaches the account, unless a statement or notification tells
        it: these tell only what is booked. Of what a person enters without a bank
        transaction we know no better than that it cancels the collection.
        """
        self.ensure_one()
        told_by = self.return_id.file_format or ""
        is_entered = not told_by and not self.unique_key
        if is_entered:
            return bool(self._get_transaction())
        return self.kind != "reject" or told_by.startswith(STATEMENTS)

    def _get_outstanding_account(self):
        """The company's outstanding receipts account, as core chooses it.

        :raises UserError: when the chart of accounts has none
        """
        company = self.company_id
        chart = self.env["account.chart.template"].with_context(
            allowed_company_ids=company.root_id.ids
        )
        account = (
            chart.ref(
                "account_journal_payment_debit_account_id", raise_if_not_found=False
            )
            or company.transfer_account_id
        )
        if not account:
            raise UserError(
                self.env._(
                    "%(company)s has no outstanding receipts account: set one on the "
                    "incoming payment methods of the bank journal.",
                    company=company.display_name,
                )
            )
        return account

    def _get_balances(self, returnable):
        """What each return is in the company's currency, at the payment's own rate.

        Computed on what came back so far, so that the last part of a payment takes
        the last cent.

        :param returnable: dict from line id to what could come back before
        :return: dict from line id to amount in the company's currency
        """
        balances, before = {}, {}
        for line in self.filtered("move_line_id"):
            collection = line._get_collection()[1] or line.move_line_id
            total = abs(collection.amount_currency)
            start = before.get(line.move_line_id)
            if start is None:
                start = line._get_collected_amount() - returnable[line.id]
            end = start + line.amount
            rate = abs(collection.balance) / total
            currency = line.company_currency_id
            balances[line.id] = currency.round(
                currency.round(rate * end) - currency.round(rate * start)
            )
            before[line.move_line_id] = end
        return balances

    def _prepare_on_account(self, amount, discount=0.0):
        """Values of what of this return had paid nothing; see `undone_ids`.

        :param amount: in the currency of the payment
        :param discount: how much of it was an early payment discount
        """
        item = self.move_line_id
        rate = item.balance / item.amount_currency if item.amount_currency else 1.0
        return {
            "return_line_id": self.id,
            "credit_move_id": item.id,
            "had_paid": False,
            "amount": self.company_currency_id.round(amount * rate),
            "credit_amount_currency": amount,
            "discount_amount": discount,
        }

    def _get_item_label(self):
        """Label of the journal items of this return."""
        self.ensure_one()
        return self.env._(
            "Return of %(payment)s %(reason)s",
            payment=self.payment_id.name or self.move_line_id.move_name or "",
            reason=self.reason_id.code or "",
        ).strip()

    def _log_on_invoices(self):
        """Say on each invoice what came back and why, in one batch."""
        bodies = defaultdict(list)
        for line in self:
            for invoice in line.invoice_ids:
                bodies[invoice.id].append(line._get_invoice_note())
        invoices = self.env["account.move"].browse(bodies)
        invoices._message_log_batch(
            {key: Markup("<br/>").join(notes) for key, notes in bodies.items()}
        )

    def _get_invoice_note(self):
        self.ensure_one()
        return self.env._(
            "Payment return %(name)s: %(amount)s came back unpaid. %(reason)s",
            name=self.return_id._get_html_link(),
            amount=self.currency_id.format(self.amount),
            reason=self._get_reason_label(),
        )

    @api.model
    def _write_links(self, field_name, commands):
        """Write a many2many field of many lines by one INSERT, not one a line.

        :param commands: list of (line, commands of the field)
        """
        self._fields[field_name].write_batch(commands)
        self.union(*(line for line, _commands in commands)).modified([field_name])
