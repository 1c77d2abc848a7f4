from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL

from .. import acting
from .account_move_line import TO_PRESENT
from .account_payment_method import RIBA
from .account_payment_presentation_line import LONGEST


class AccountPaymentPresentation(models.Model):
    """Instalments that a bank is asked to collect: chosen, then presented as receipts.

    A receipt is a payment. What the payment books is the choice of its method: with an
    outstanding account an entry, when it is presented; else none, until the bank
    credits it.
    """

    _name = "account.payment.presentation"
    _description = "Collection Presented"
    _inherit = [
        "credit.document",
        "credit.empty.list",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Number", default="/", readonly=True, copy=False, index="trigram"
    )
    state = fields.Selection(
        selection=[
            ("draft", "Draft"),
            ("presented", "Presented"),
            ("cancelled", "Withdrawn"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank",
        required=True,
        check_company=True,
        default=lambda self: self._default_journal_id(),
        domain=[("type", "=", "bank")],
        help="The bank that is asked to collect.",
    )
    payment_method_line_id = fields.Many2one(
        "account.payment.method.line",
        string="Method",
        compute="_compute_payment_method_line_id",
        store=True,
        readonly=False,
        required=True,
        precompute=True,
        domain="[('id', 'in', available_method_line_ids)]",
        help="Its outstanding account is where receipts wait for the bank. Without one "
        "nothing is booked before the bank credits them.",
    )
    available_method_line_ids = fields.Many2many(
        "account.payment.method.line", compute="_compute_available_method_line_ids"
    )
    is_riba = fields.Boolean(compute="_compute_is_riba")
    date = fields.Date(
        required=True,
        default=lambda self: self.env.company._get_credit_today(),
        copy=False,
        tracking=True,
        help="When they are handed to the bank: the accounting date, too.",
    )
    grouping = fields.Selection(
        selection=[
            ("instalment", "One an instalment"),
            ("customer", "One a customer and due date"),
        ],
        string="Receipts",
        default="instalment",
        required=True,
    )
    line_ids = fields.One2many(
        "account.payment.presentation.line",
        "presentation_id",
        string="Instalments",
        copy=False,
    )
    payment_ids = fields.Many2many(
        "account.payment", string="Receipts Made", compute="_compute_payment_ids"
    )
    receipt_count = fields.Integer(compute="_compute_payment_ids")
    amount_total = fields.Monetary(string="Total", compute="_compute_amount_total")
    problem_count = fields.Integer(compute="_compute_problem_count")
    problem = fields.Text(compute="_compute_problem")
    file = fields.Binary(attachment=True, readonly=True, copy=False)
    file_name = fields.Char(readonly=True, copy=False)

    # === DEFAULTS AND COMPUTES === #

    @api.model
    def _default_journal_id(self):
        """The first bank that is asked to collect, else the first one."""
        banks = self.env["account.journal"].search(
            [
                *self.env["account.journal"]._check_company_domain(self.env.company),
                ("type", "=", "bank"),
            ]
        )
        asked = banks.filtered(lambda bank: bank._get_presented_methods())
        return (asked.filtered("cbi_sia_code") or asked or banks)[:1]

    @api.depends("journal_id")
    def _compute_payment_method_line_id(self):
        """Ri.Ba. where the bank collects them, else the first method that is asked."""
        for presentation in self:
            methods = presentation.journal_id._get_presented_methods()
            if presentation.payment_method_line_id not in methods:
                riba = methods.filtered(lambda line: line.code == RIBA)
                presentation.payment_method_line_id = (riba or methods)[:1]

    @api.depends("journal_id")
    def _compute_available_method_line_ids(self):
        """The methods by which the bank is asked to collect."""
        for presentation in self:
            methods = presentation.journal_id._get_presented_methods()
            presentation.available_method_line_ids = methods

    @api.depends("payment_method_line_id")
    def _compute_is_riba(self):
        """Whether a file of Ri.Ba. is made."""
        for presentation in self:
            presentation.is_riba = presentation.payment_method_line_id.code == RIBA

    @api.depends("line_ids.payment_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_payment_ids(self):
        """The receipts that were made, which the user may see."""
        seen = self.line_ids.payment_id._filtered_access("read")
        for presentation in self:
            presentation.payment_ids = presentation.line_ids.payment_id & seen
            presentation.receipt_count = len(presentation.payment_ids)

    @api.depends("line_ids.amount", "line_ids.outcome")
    def _compute_amount_total(self):
        """What the bank is asked for; what it was, where all of it was withdrawn."""
        for presentation in self:
            lines = presentation.line_ids
            asked = lines.filtered(lambda line: line.outcome != "withdrawn") or lines
            presentation.amount_total = sum(asked.mapped("amount"))

    @api.depends("line_ids.problem")
    def _compute_problem_count(self):
        """How many instalments cannot be presented as they are."""
        for presentation in self:
            lines = presentation.line_ids.filtered("problem")
            presentation.problem_count = len(lines)

    @api.depends(
        *("state", "journal_id", "payment_method_line_id", "company_id"),
        "amount_total",
    )
    def _compute_problem(self):
        """What is missing for all of the receipts."""
        for presentation in self:
            is_draft = presentation.state == "draft"
            problems = presentation._get_bank_problems() if is_draft else []
            presentation.problem = "\n".join(problems) or False

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `mail`: number each one.

        :raises UserError: to who enters what presenting fills in
        :raises AccessError: to who may not see these presentations, or what they name
        """
        self.check_access("read")
        self._check_not_entered(set().union(*vals_list))
        presentations = super().create(vals_list)
        for presentation in presentations.sudo():
            presentation.name = (
                self.env["ir.sequence"]
                .sudo()
                .next_by_code(
                    "account.payment.presentation", sequence_date=presentation.date
                )
            )
        return presentations

    def write(self, vals):
        """Override of `mail`: what was presented stays as it is.

        :raises UserError: to who changes it, or enters what presenting fills in
        :raises AccessError: to who names what he may not see
        """
        if not acting.is_system(self.env):
            self._check_not_entered(vals)
            fixed = vals.keys() - self._get_living_fields()
            if fixed and any(each.state != "draft" for each in self):
                raise UserError(self._get_presented_text())
        return super().write(vals)

    def _get_presented_text(self):
        return self.env._(
            "The bank has been told of it. Withdraw the presentation, and make a new"
            " one."
        )

    def _get_entered_refusal(self, names):
        """Override of `credit.document`: all of them are made by its buttons."""
        return self.env._(
            "The number, the status and the file of a presentation are made by its"
            " buttons."
        )

    @api.constrains("date")
    def _check_date(self):
        """Raise UserError for a day that nobody means: the year is mistaken."""
        for presentation in self:
            today = presentation.company_id._get_credit_today()
            if abs(presentation.date - today) > LONGEST:
                raise UserError(
                    self.env._(
                        "The date of a presentation is when it is handed to the bank:"
                        " enter one that is less than two years away."
                    )
                )

    def _lock_rows(self):
        """Change the rows, so that of two transactions only one goes on.

        The other one waits, starts anew and sees what the first one did: a line that
        is entered while its presentation is handed to the bank is in neither else.
        """
        if self.ids:
            self.env.cr.execute(
                SQL(
                    "UPDATE account_payment_presentation SET write_date = write_date"
                    " WHERE id = ANY(%s)",
                    self.ids,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        """Raise UserError for what a bank was told of; a draft given up is no trace."""
        if any(each.state == "presented" or each.line_ids.payment_id for each in self):
            raise UserError(
                self.env._(
                    "What was presented to a bank cannot be deleted: it stays as a"
                    " trace."
                )
            )

    # === OPEN === #

    @api.model
    def _open(self, items, due_date=None):
        """Open a new draft with these instalments, those that are open.

        :param items: ``account.move.line``
        :param due_date: of those whose own is before it; none for a person to say
        :return: a window action
        :raises AccessError: to who does not keep the books
        :raises UserError: when none can be presented
        """
        self._check_accounting()
        items = items.filtered_domain(TO_PRESENT)
        if not items:
            raise UserError(
                self.env._(
                    "Nothing of it can be presented to a bank: only open instalments of"
                    " posted invoices, which are in no other receipt."
                )
            )
        methods = items.move_id.preferred_payment_method_line_id
        bank = methods.journal_id.filtered(lambda bank: bank._get_presented_methods())
        values = {
            "line_ids": [
                Command.create(self._prepare_opened(item, due_date))
                for item in items.sorted(lambda i: (i.date_maturity or i.date, i.id))
            ]
        }
        if bank:
            values["journal_id"] = bank[0].id
        return self.create(values)._get_records_action(
            name=self.env._("Present to the Bank")
        )

    def _prepare_opened(self, item, due_date):
        own = item.date_maturity
        is_late = due_date and (not own or own < due_date)
        return {"move_line_id": item.id, **({"due_date": due_date} if is_late else {})}

    @api.model
    def _check_accounting(self):
        """Raise AccessError for who presents nothing to banks."""
        if not acting.is_accounting(self.env):
            raise AccessError(
                self.env._("Only who keeps the books can present collections to banks.")
            )

    def _check_sees(self, records):
        """Raise UserError for records of branches that the user did not select.

        :param records: that have a company
        :raises AccessError: to who may see none of them, wherever
        """
        records.browse().check_access("read")
        hidden = records - records._filtered_access("read")
        if hidden:
            raise UserError(self._get_elsewhere_text(hidden.sudo().company_id))

    def _open_seen(self, records, name):
        """Open those of some records that the user may see.

        :param records: that have a company
        :param name: of the window
        :return: a window action
        :raises UserError: when he may see none of them
        """
        seen = records._filtered_access("read")
        if not seen:
            self._check_sees(records)
        return seen._get_records_action(name=name)

    def action_open_receipts(self):
        """Open the receipts (smart button).

        :return: a window action
        :raises AccessError: to who may not see the presentations
        :raises UserError: when all are of branches that the user did not select
        """
        self.check_access("read")
        return self._open_seen(self.line_ids.payment_id, self.env._("Receipts"))

    def action_download(self):
        """Download the file for the bank.

        :return: an action that opens it
        :raises AccessError: to who may not see the presentation
        :raises UserError: when it has none
        """
        self.ensure_one()
        self.check_access("read")
        if not self.file_name:
            raise UserError(
                self.env._("There is no file: one is made when Ri.Ba. are presented.")
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file/{self.file_name}"
            "?download=true",
            "target": "download",
        }

    def action_open_invoices(self):
        """Open the invoices of which instalments are presented (smart button).

        :return: a window action
        :raises AccessError: to who may not see the presentations
        :raises UserError: when all are of branches that the user did not select
        """
        self.check_access("read")
        return self._open_seen(self.line_ids.move_id, self.env._("Invoices"))
