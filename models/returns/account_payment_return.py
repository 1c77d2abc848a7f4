from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .. import acting, notification
from ..call_marks import MAKING, TAKING_OVER
from .return_states import STATES

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
        "credit.document",
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
        selection=STATES,
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

    _taken_over_uniq = models.UniqueIndex(
        "(taken_over_from) WHERE taken_over_from IS NOT NULL",
        "This payment return of another addon has been taken over already.",
    )

    # === DEFAULTS AND COMPUTES === #

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
            if not company or journal.company_id not in company.sudo().parent_ids:
                payment_return.company_id = self._get_company_of_bank(journal)

    @api.model
    def _get_company_of_bank(self, journal):
        """Return the company of a bank's returns.

        The bank's own; who does not work there has those of the branch he works in.
        """
        owner, company = journal.company_id, self.env.company
        is_above = owner in company.sudo().parent_ids
        is_branch = is_above and owner not in self.env.companies
        return company if is_branch else owner or company

    @api.constrains("journal_id", "company_id")
    def _check_companies_of_lines(self):
        """Raise ValidationError for a bank that did not collect the payments."""
        self.line_ids._check_companies()

    # === CRUD === #

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
        if not MAKING.get(self.env):
            self._check_not_entered(set().union(*vals_list))
        returns = super().create(vals_list)
        for payment_return in returns.filtered(lambda r: r.name == "/").sudo():
            sequences = self.env["ir.sequence"].with_company(payment_return.company_id)
            payment_return.name = sequences.sudo().next_by_code(
                "account.payment.return", sequence_date=payment_return.date
            )
        return returns

    def write(self, vals):
        """Override of `mail`: the state moves by the actions only, and what is in
        the books stays as it is; people go on writing notes and planning activities.

        :raises UserError: when somebody enters the state or where a return comes from,
            or changes one that has left the draft state
        """
        fixed = {"date", "journal_id", "company_id", "statement_line_id"} & vals.keys()
        if not acting.is_system(self.env):
            self._check_not_entered(vals)
            fixed = vals.keys() - self._get_living_fields()
        if fixed:
            self._check_no_work()
        if fixed and any(state != "draft" for state in self.mapped("state")):
            raise UserError(
                self.env._(
                    "This return is already in the books. Cancel it and register a "
                    "new one to change it."
                )
            )
        return super().write(vals)

    def _get_entered_refusal(self, names):
        """Override of `credit.document`: what changes each of them instead."""
        if "state" in names:
            return self.env._(
                "The status of a payment return changes with the buttons Confirm and "
                "Cancel only."
            )
        return self.env._(
            "The number of a payment return and where it comes from are not entered: "
            "import the bank's file, or register a new return."
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_unbooked(self):
        self._check_no_work()
        if any(r.state == "confirmed" or r.move_ids for r in self):
            raise UserError(
                self.env._(
                    "A payment return that has been in the books cannot be deleted. "
                    "Cancel it: its entry is reversed and both stay as a trace."
                )
            )

    # === MATCHING === #

    def action_match(self):
        """Look for the payments of the lines that have none, and say what was found.

        Of a large one that is done in the background for who has clicked.

        :return: a notification, after which the client reads the returns anew
        :raises UserError: when a return is not in draft, or is being worked on
        """
        self.check_access("write")
        if any(r.state != "draft" for r in self):
            raise UserError(self.env._("Only draft payment returns can be matched."))
        self._check_no_work()
        if acting.has_clicked(self, "action_match"):
            large = self.filtered(lambda r: r._is_large_to_match())
            if large:
                return large._match_later()
        return self.line_ids._match_and_tell()

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
