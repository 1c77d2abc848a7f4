from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...parsers.iban import split_italian_iban
from .. import acting

# Whoever enters a due date so far after the presentation has mistaken the year: banks
# take none, and the two digits of the year in a file may tell another century.
LONGEST = timedelta(days=2 * 366)


class AccountPaymentPresentationLine(models.Model):
    """An instalment in a presentation, and the receipt that it got.

    Kept for good: core links a payment without an entry to invoices only, and an
    invoice may have several instalments.
    """

    _name = "account.payment.presentation.line"
    _description = "Presented Instalment"
    _inherit = "credit.entered"
    _order = "due_date, id"
    _check_company_auto = True

    presentation_id = fields.Many2one(
        "account.payment.presentation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="presentation_id.company_id", store=True, index=True
    )
    state = fields.Selection(
        related="presentation_id.state", string="Presentation Status"
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Instalment",
        index=True,
        ondelete="set null",
        domain="[('is_to_present', '=', True), ('company_id', 'child_of', company_id)]",
    )
    move_id = fields.Many2one(related="move_line_id.move_id", string="Invoice")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        compute="_compute_partner_id",
        search="_search_partner_id",
        compute_sudo=True,
    )
    date_maturity = fields.Date(
        related="move_line_id.date_maturity", string="Due on Invoice"
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_partner_id", compute_sudo=True
    )
    due_date = fields.Date(
        compute="_compute_due_date",
        store=True,
        readonly=False,
        precompute=True,
        help="When the bank is to collect: as the instalment, unless that has passed.",
    )
    partner_bank_id = fields.Many2one(
        "res.partner.bank",
        string="Customer's Account",
        compute="_compute_partner_bank_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('partner_id', 'child_of', partner_id)]",
        help="Its IBAN tells the bank and branch at which the customer pays.",
    )
    # Who sees the presentation sees what is asked of the bank, and what it did: also
    # for instalments of branches in which he does not work.
    amount = fields.Monetary(
        compute="_compute_amount",
        compute_sudo=True,
        help="What of the instalment is open.",
    )
    presented_amount = fields.Monetary(readonly=True, copy=False)
    payment_id = fields.Many2one(
        "account.payment",
        string="Receipt",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    receipt_number = fields.Char(
        related="payment_id.end_to_end_id", string="Receipt Number"
    )
    outcome = fields.Selection(
        selection=[
            ("presented", "At the bank"),
            ("credited", "Credited"),
            ("returned", "Came back"),
            ("withdrawn", "Withdrawn"),
        ],
        string="Receipt Status",
        compute="_compute_outcome",
        compute_sudo=True,
    )
    problem = fields.Char(compute="_compute_problem")

    _instalment_uniq = models.UniqueIndex(
        "(presentation_id, move_line_id)",
        "An instalment is presented once.",
    )

    # === COMPUTES === #

    @api.depends("move_line_id.partner_id", "move_line_id.currency_id", "payment_id")
    def _compute_partner_id(self):
        """Who owes, and in what; the receipt knows it when the instalment is gone."""
        for line in self:
            owed = line.move_line_id or line.payment_id
            line.partner_id, line.currency_id = owed.partner_id, owed.currency_id

    def _search_partner_id(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        return Domain.OR(
            Domain(f"{path}.partner_id", operator, value)
            for path in ("move_line_id", "payment_id")
        )

    @api.depends("move_line_id", "presentation_id.date")
    def _compute_due_date(self):
        """That of the instalment; where it has passed, a person says another one."""
        for line in self:
            due, day = line.move_line_id.date_maturity, line.presentation_id.date
            if not line.due_date:
                line.due_date = due if due and day and due >= day else False

    @api.depends(
        "move_line_id",
        "move_line_id.partner_id.bank_ids.acc_number",
        "move_line_id.partner_id.commercial_partner_id.bank_ids.acc_number",
    )
    def _compute_partner_bank_id(self):
        """The customer's first Italian account that is fit to be collected from.

        Of a receipt it stays what was told.
        """
        # Read together.
        partners = self.partner_id | self.partner_id.commercial_partner_id
        partners.bank_ids.fetch(["acc_number", "company_id"])
        for line in self:
            partner = line.partner_id
            banks = (partner | partner.commercial_partner_id).bank_ids.filtered(
                lambda bank, company=line.presentation_id.company_id: (
                    not bank.company_id or bank.company_id == company
                )
            )
            own = line.partner_bank_id
            italian = banks.filtered(lambda b: split_italian_iban(b.acc_number))
            usable = italian or banks
            if not line.payment_id and own not in usable:
                fit = usable.filtered(lambda b: not b.is_unfit)
                line.partner_bank_id = (fit or usable)[:1]

    @api.depends("move_line_id.amount_residual_currency", "presented_amount")
    def _compute_amount(self):
        """What is open until it is presented; then what was."""
        for line in self:
            open_amount = line.move_line_id.amount_residual_currency
            line.amount = line.presented_amount if line.payment_id else open_amount

    @api.depends(
        "move_line_id.reconciled",
        "payment_id.move_id.line_ids.reconciled",
        "payment_id.state",
    )
    def _compute_outcome(self):
        """What has become of each receipt: core calls it paid when it is presented."""
        for line in self:
            receipt = line.payment_id
            if receipt.state == "canceled":
                line.outcome = "withdrawn"
            elif receipt.state == "rejected":
                line.outcome = "returned"
            elif receipt:
                is_credited = receipt._is_credited(line.move_line_id)
                line.outcome = "credited" if is_credited else "presented"
            else:
                line.outcome = False

    @api.depends(
        "state",
        "due_date",
        "move_line_id.amount_residual_currency",
        "move_line_id.presentation_line_ids.payment_id.state",
        "partner_bank_id.is_unfit",
        "partner_bank_id.acc_number",
        *(f"partner_id.{name}" for name in ("street", "zip", "city", "vat")),
        *(f"presentation_id.{name}" for name in ("date", "grouping")),
        "presentation_id.payment_method_line_id",
    )
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_problem(self):
        """What is missing for the receipt, until it is presented."""
        draft = self.filtered(lambda line: line.state == "draft")
        problems = draft._get_problems()
        for line in self:
            line.problem = " ".join(problems.get(line, ())) or False

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `base`: instalments are added to drafts.

        :raises UserError: for another presentation, or to who enters a receipt
        :raises AccessError: to who names what he may not see
        """
        self._check_not_entered(set().union(*vals_list))
        lines = super().create(vals_list)
        lines._check_draft()
        return lines

    def write(self, vals):
        """Override of `base`: lines of drafts are changed.

        :raises UserError: for another presentation, or to who enters a receipt
        :raises AccessError: to who names what he may not see
        """
        self._check_not_entered(vals)
        self._check_draft()
        res = super().write(vals)
        if "presentation_id" in vals:
            self._check_draft()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_only_draft(self):
        self._check_draft()

    def _check_draft(self):
        """Raise UserError for lines of what the bank has been told of.

        Who presents it at the same time, and whoever changes its lines, go one after
        the other.
        """
        if acting.is_system(self.env):
            return
        self.presentation_id._lock_rows()
        told = self.presentation_id.filtered(lambda each: each.state != "draft")
        if told:
            raise UserError(told._get_presented_text())

    def _get_entered_refusal(self, names):
        """Override of `credit.entered`: presenting fills them in."""
        return self.presentation_id._get_entered_refusal(names)

    @api.constrains("move_line_id", "presentation_id")
    def _check_instalments(self):
        """Raise UserError for what is no instalment of the company or its branches."""
        for line in self:
            item, company = line.move_line_id, line.presentation_id.company_id
            if not item:
                raise UserError(self.env._("Choose the instalment to be presented."))
            if item.account_type != "asset_receivable" or item.balance <= 0:
                raise UserError(
                    self.env._(
                        "%s is no instalment that a customer owes.",
                        item.move_name or item.display_name,
                    )
                )
            if company not in item.company_id.sudo().parent_ids:
                raise UserError(
                    self.env._(
                        "%(instalment)s is not of %(company)s or a branch of it.",
                        instalment=item.move_name,
                        company=company.display_name,
                    )
                )

    # === WHAT IS MISSING === #

    def _get_problems(self):
        """Say why lines cannot be presented, and where to mend it.

        :return: dict from line to list of sentences
        """
        lines = self.filtered("move_line_id")
        items = lines.move_line_id
        seen = set(items._filtered_access("read").ids)
        presented = items._find_presented(items.ids)
        too_large = set(lines.presentation_id._find_too_large())
        problems = {}
        for line in lines:
            id_ = line.move_line_id.id
            problems[line] = (
                line._get_own_problems(presented.get(id_, ()), line in too_large)
                if id_ in seen
                else [line._get_elsewhere_problem()]
            )
        return problems

    def _get_own_problems(self, receipt_id, is_too_large):
        """Say what is missing of an instalment that the user may see.

        :param receipt_id: of the receipt in which a bank has it, or nothing
        :param is_too_large: whether its receipt is of more than a file tells
        """
        receipt = self.env["account.payment"].sudo().browse(receipt_id)
        return [
            *self._get_item_problems(receipt),
            *self._get_due_problems(),
            *self._get_account_problems(),
            *self._get_debtor_problems(),
            *(self._get_amount_problems() if is_too_large else []),
        ]

    def _get_elsewhere_problem(self):
        """Return that an instalment is of a branch that the user did not select."""
        return self.env._(
            "It is of %s: select it in the company menu too, or ask somebody who works"
            " there.",
            self.move_line_id.sudo().company_id.name,
        )

    def _get_item_problems(self, receipt):
        """Say why an instalment cannot be presented at all.

        :param receipt: that a bank has for it, in sudo, or none
        """
        item, presentation = self.move_line_id, self.presentation_id
        if receipt:
            return [
                self.env._(
                    "It is in receipt %(number)s already (%(presentation)s).",
                    number=receipt.end_to_end_id,
                    presentation=receipt.presentation_id.name,
                )
            ]
        if item.parent_state != "posted" or item.amount_residual_currency <= 0:
            return [self.env._("Nothing of it is open: take it off.")]
        if item.currency_id != presentation.currency_id:
            return [
                self.env._(
                    "It is in %s: take it off. Banks collect receipts in the currency"
                    " of the company.",
                    item.currency_id.name,
                )
            ]
        return []

    def _get_due_problems(self):
        """Say why a bank cannot collect on the due date."""
        day = self.presentation_id.date
        if not self.due_date:
            return [self.env._("Enter a due date: its own has passed.")]
        if day and self.due_date < day:
            return [self.env._("Its due date is before the presentation.")]
        if day and (self.move_id.invoice_date or day) > day:
            return [self.env._("The presentation is dated before its invoice.")]
        if day and self.due_date - day > LONGEST:
            return [
                self.env._(
                    "Its due date is more than two years after the presentation:"
                    " correct it, or take it off."
                )
            ]
        return []

    def _get_account_problems(self):
        """Say that a collection from the account came back because of that."""
        account = self.partner_bank_id
        if not account.is_unfit:
            return []
        return [
            self.env._(
                "%(number)s: %(text)s. Correct it or choose another account of the"
                " customer, or say with the account that it is fit.",
                number=account.acc_number,
                text=account.unfit_text,
            )
        ]

    # === ACTIONS === #

    def action_open_partner(self):
        """Open the customer, to enter what is missing.

        :return: a window action
        :raises AccessError: to who may not see the line
        """
        self.check_access("read")
        return self.partner_id._get_records_action()

    def action_withdraw(self):
        """Withdraw the receipts of these instalments from the bank.

        :return: True
        :raises AccessError: to who does not keep the books
        :raises UserError: when a receipt came back, or the bank credited it
        """
        self.check_access("write")
        self.presentation_id._check_accounting()
        self.presentation_id._check_sees(self.payment_id)
        self.payment_id._withdraw()
        self.presentation_id._leave_out_withdrawn(self.payment_id)
        return True

    def _get_receipt_key(self):
        """What the instalments in one receipt have in common."""
        item = self.move_line_id.sudo()
        return (
            item.company_id,
            item.partner_id.commercial_partner_id,
            item.account_id,
            self.due_date,
            self.partner_bank_id,
        )
