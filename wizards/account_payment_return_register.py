from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ..models import acting, said
from ..models.returns import match_rules
from ..models.returns.account_payment_return import BANKS


class AccountPaymentReturnRegister(models.TransientModel):
    """Dialog that makes a return of a payment, where the accountant sees it."""

    _name = "account.payment.return.register"
    _inherit = ["credit.reach"]
    _description = "Payment Returned"
    _check_company_auto = True

    row_ids = fields.One2many("account.payment.return.register.row", "register_id")
    row_id = fields.Many2one(
        "account.payment.return.register.row",
        string="Payment",
        domain="[('register_id', '=', id)]",
        help="Of the payments of the invoice, the one that came back.",
    )
    is_several = fields.Boolean(
        readonly=True, help="All of these payments came back, each in whole."
    )
    left_out = fields.Text(
        readonly=True, help="Which of the payments chosen cannot come back, and why."
    )
    row_count = fields.Integer(compute="_compute_row_count")
    partner_id = fields.Many2one(related="row_id.partner_id", related_sudo=False)
    payment_id = fields.Many2one(
        related="row_id.payment_id", related_sudo=False, string="Returned Payment"
    )
    invoice_ids = fields.Many2many(related="row_id.invoice_ids", related_sudo=False)
    free_amount = fields.Monetary(
        related="row_id.free_amount", related_sudo=False, string="Can Come Back"
    )
    currency_id = fields.Many2one(related="row_id.currency_id", related_sudo=False)
    is_whole_only = fields.Boolean(related="row_id.is_whole_only", related_sudo=False)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    amount = fields.Monetary(
        string="Amount Returned",
        compute="_compute_amount",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="At most what of the payment has not come back yet.",
    )
    fee_amount = fields.Monetary(
        string="Bank Fee",
        compute="_compute_fee_amount",
        compute_sudo=False,
        store=True,
        readonly=False,
        help="What the bank charged for the return.",
    )
    date = fields.Date(
        string="Returned On",
        required=True,
        compute="_compute_date",
        compute_sudo=False,
        store=True,
        precompute=True,
        readonly=False,
    )
    journal_id = fields.Many2one(
        "account.journal",
        string="Bank",
        compute="_compute_journal_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        check_company=True,
        domain=[("type", "in", BANKS)],
        help="The bank that sent the payment back.",
    )
    reason_id = fields.Many2one(
        "account.payment.return.reason",
        string="Return Reason",
        domain="[('outcome', '=', 'unpaid')]",
    )
    common_reason_ids = fields.Many2many(
        "account.payment.return.reason", compute="_compute_common_reason_ids"
    )
    # Stored: to foresee it twice takes twice as long.
    summary = fields.Char(compute="_compute_summary", compute_sudo=False, store=True)
    problem = fields.Text(compute="_compute_summary", compute_sudo=False, store=True)

    # === COMPUTE === #

    @api.depends("row_ids")
    def _compute_row_count(self):
        """How many payments there are to choose from, or have come back."""
        for wizard in self:
            wizard.row_count = len(wizard.row_ids)

    @api.depends("row_id")
    def _compute_amount(self):
        """All that can come back, unless somebody says less."""
        for wizard in self:
            wizard.amount = wizard.row_id.free_amount

    @api.depends("company_id")
    def _compute_date(self):
        """Today, in the company."""
        for wizard in self:
            wizard.date = wizard.company_id._get_credit_today()

    @api.depends("row_id")
    def _compute_journal_id(self):
        """The bank that collected; of several payments each its own."""
        for wizard in self:
            wizard.journal_id = wizard.row_id.journal_id

    @api.depends("row_id", "journal_id")
    def _compute_fee_amount(self):
        """What the bank charges, unless somebody says otherwise."""
        for wizard in self:
            wizard.fee_amount = wizard.journal_id._get_return_fee(
                wizard.currency_id, wizard.date
            )

    @api.depends("row_ids", "row_id")
    def _compute_common_reason_ids(self):
        """The reasons that are one click away."""
        reasons = self.env["account.payment.return.reason"]
        for wizard in self:
            payments = (wizard.row_id or wizard.row_ids).payment_id
            wizard.common_reason_ids = reasons._find_common(
                payments.payment_method_line_id.payment_method_id, wizard.company_id
            )

    @api.depends("row_id", "amount", "fee_amount", "date", "journal_id", "reason_id")
    def _compute_summary(self):
        """What confirming does, or why it cannot; nothing is done."""
        outcomes = self.env["account.payment.return.outcome"]
        for wizard in self:
            wizard.summary = wizard.problem = False
            try:
                wizard._check_possible()
                values = wizard._prepare_returns()
                outcome = outcomes._foresee_new(values) if values else None
                wizard.summary = outcome and outcomes._tell_shortly(outcome)
            except UserError as error:
                wizard.problem = str(error)

    # === OPEN === #

    @api.model
    def _open(self, targets, is_several=False):
        """Open the dialog for collections, those that can come back.

        :param targets: list of (receivable item, payment), either of them empty
        :param is_several: all of them came back; else one of them did
        :return: a window action
        :raises AccessError: to who does not keep the books
        :raises UserError: when none can come back
        """
        self._check_accounting()
        free = self.env["account.payment.return.left"]._find_free(targets)
        rows = [
            {"move_line_id": item.id, "payment_id": payment.id}
            for (item, payment), amount in free.items()
            if amount > 0
        ]
        if not rows:
            self._refuse(targets)
        companies = {(p.company_id or i.company_id) for i, p in targets}
        dialog = self.create(
            {
                "company_id": next(iter(companies)).id,
                "is_several": is_several and len(rows) > 1,
                "left_out": is_several and self._get_left_out_text(free),
                "row_ids": [Command.create(row) for row in rows],
            }
        )
        if not dialog.is_several:
            dialog.row_id = dialog.row_ids[:1]
        name = self.env._("This payment came back")
        if dialog.is_several:
            name = self.env._("These payments came back")
        return {**dialog._get_records_action(name=name), "target": "new"}

    @api.model
    def _check_accounting(self):
        """Raise AccessError for who does not register returns."""
        if not acting.is_accounting(self.env):
            raise AccessError(
                self.env._(
                    "Only who keeps the books can register that a payment came back."
                )
            )

    @api.model
    def _refuse(self, targets):
        """Raise UserError that says why none of some collections can come back."""
        lines = self.env["account.payment.return.left"]._find_asking(targets)
        raise UserError(self._get_refusal(targets, lines.return_id))

    def _get_refusal(self, targets, returns):
        """Say why none of some collections can come back.

        :param returns: the drafts that ask for them
        """
        names = ", ".join(
            (payment.display_name or item.move_name) for item, payment in targets
        )
        if returns:
            return self.env._(
                "%(payments)s is in the payment return %(returns)s already: confirm"
                " that one.",
                payments=names,
                returns=", ".join(returns.mapped("name")),
            )
        if not names:
            return self.env._("No payment of it can come back: none was collected.")
        return self.env._(
            "Nothing of %(payments)s can come back: it came back already, or it"
            " never was collected from a customer.",
            payments=names,
        )

    def _get_left_out_text(self, free):
        """Say which collections cannot come back, and why, or return False.

        :param free: as `_find_free` of ``account.payment.return.left``
        """
        gone = [target for target, amount in free.items() if amount <= 0]
        if not gone:
            return False
        lines = self.env["account.payment.return.left"]._find_asking(gone)
        asking = lines.grouped(lambda line: line._get_target())
        waiting = defaultdict(list)
        for item, payment in gone:
            whole = payment if payment and not payment.move_id else item
            found = asking.get(whole, lines.browse())
            waiting[found.return_id].append((item, payment))
        return "\n".join(
            self._get_refusal(targets, returns) for returns, targets in waiting.items()
        )

    # === DO === #

    def action_confirm(self):
        """Register the return and confirm it at once.

        :return: a notification of what has come of it
        :raises UserError: when it cannot come back, or the reason is missing
        """
        returns = self._create_returns()
        returns.action_confirm()
        return returns._notify_outcome()

    def action_add_to_draft(self):
        """Add it to the draft of that bank and day, or to a new one.

        :return: a notification that leads there
        :raises UserError: when it cannot come back, or the reason is missing
        """
        returns = self._create_returns(use_drafts=True)
        return returns._notify_added()

    def _create_returns(self, use_drafts=False):
        """Create a draft return of each bank and currency.

        :param use_drafts: to add the lines to drafts that are there
        :return: the returns
        """
        self.ensure_one()
        self.check_access("write")
        self._check_accounting()
        # Another one may have registered it meanwhile.
        self._get_chosen().invalidate_recordset(["free_amount"])
        self._check_filled_in()
        self._check_possible()
        returns = self.env["account.payment.return"]
        values_list = self._prepare_returns()
        drafts = self._find_drafts() if use_drafts else {}
        for values in values_list:
            if values["journal_id"] in drafts:
                draft = drafts[values["journal_id"]]
                draft.line_ids = values["line_ids"]
                returns |= draft
        new = [v for v in values_list if v["journal_id"] not in drafts]
        return returns | returns.create(new)

    def _get_chosen(self):
        """The rows that came back: all of several, else the one that was chosen."""
        return self.row_ids if self.is_several else self.row_id

    def _check_filled_in(self):
        """Raise UserError for what a return needs and nobody has said."""
        if not self._get_chosen():
            raise UserError(self.env._("Say which payment came back."))
        if not self.reason_id:
            raise UserError(self.env._("Say why the payment came back."))
        if not self.is_several and not self.journal_id:
            raise UserError(self.env._("Say which bank sent the payment back."))

    def _check_possible(self):
        """Raise UserError for what was filled in and cannot be."""
        self.reason_id._check_unpaid()
        self._check_free()
        self._check_date()
        if self.row_id and not self.is_several:
            self._check_amount()
        if self.fee_amount < 0:
            raise UserError(self.env._("The fee of the bank cannot be negative."))

    def _check_free(self):
        """Raise UserError for what is no payment that can come back, or no more."""
        gone = self._get_chosen().filtered(lambda row: row.free_amount <= 0)
        if gone:
            self._refuse(gone._get_targets())

    def _check_date(self):
        """Raise UserError for a day before the payment, or to come.

        What is dated ahead, as of an instalment, may come back today.
        """
        today = self.company_id._get_credit_today()
        if self.date and self.date > today:
            raise UserError(
                self.env._(
                    "A payment cannot have come back on a day to come: today is %s.",
                    format_date(self.env, today),
                )
            )
        for row in self._get_chosen():
            if match_rules.is_too_late(row.date, self.date, today):
                raise UserError(
                    self.env._(
                        "%(payment)s is of %(date)s: it cannot have come back before.",
                        payment=row._get_name(),
                        date=format_date(self.env, row.date),
                    )
                )

    def _check_amount(self):
        """Raise UserError for more than can come back, or nothing."""
        row = self.row_id
        values = row._prepare_line(self.amount, self.reason_id)
        line = self.env["account.payment.return.line"].new(values)
        problem = line._get_amount_problem(row.free_amount)
        if problem:
            raise UserError(said.tell(self.env, problem))

    def _find_drafts(self):
        """The drafts of the same day by id of their bank, entered by hand."""
        banks = self._get_chosen().journal_id
        drafts = self.env["account.payment.return"].search(
            Domain("state", "=", "draft")
            & Domain("work_kind", "=", False)
            & Domain("date", "=", self.date)
            & Domain("journal_id", "in", (banks | self.journal_id).ids)
            & Domain("file_format", "=", False)
            & Domain("split_from_id", "=", False)
            & Domain("statement_line_id", "=", False)
            & Domain("line_ids", "not any", [("transaction_id", "!=", False)]),
            order="id desc",
        )
        return {draft.journal_id.id: draft for draft in drafts}

    def _prepare_returns(self):
        """Values of the returns, one a bank and currency."""
        if not self.is_several:
            row, amount = self.row_id, self.amount
            if not (row and self.journal_id and self.date):
                return []
            line = row._prepare_line(amount, self.reason_id, self.fee_amount)
            return [self._prepare_return(self.journal_id, [line])]
        groups = self.row_ids.grouped(lambda row: (row.journal_id, row.currency_id))
        return [
            self._prepare_return(
                journal,
                [
                    row._prepare_line(
                        row.free_amount,
                        self.reason_id,
                        journal._get_return_fee(currency, self.date),
                    )
                    for row in rows
                ],
            )
            for (journal, currency), rows in groups.items()
        ]

    def _prepare_return(self, journal, lines):
        return {
            "journal_id": journal.id,
            "date": self.date,
            "line_ids": [Command.create(values) for values in lines],
        }
