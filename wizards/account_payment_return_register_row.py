from odoo import api, fields, models
from odoo.tools import format_date


class AccountPaymentReturnRegisterRow(models.TransientModel):
    """One payment, or bank transaction, that came back or may have."""

    _name = "account.payment.return.register.row"
    _inherit = ["credit.reach"]
    _description = "Payment that Came Back"

    register_id = fields.Many2one(
        "account.payment.return.register", required=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one(
        "account.move.line", string="Payment Item", ondelete="cascade"
    )
    payment_id = fields.Many2one("account.payment", ondelete="cascade")
    free_amount = fields.Monetary(
        string="Can Come Back",
        compute="_compute_free_amount",
        compute_sudo=False,
        help="What has not come back yet, nor waits in a draft.",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Customer", compute="_compute_collection"
    )
    date = fields.Date(compute="_compute_collection")
    journal_id = fields.Many2one(
        "account.journal", string="Bank", compute="_compute_collection"
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_collection")
    is_whole_only = fields.Boolean(
        compute="_compute_collection",
        help="Without a journal entry, a payment comes back in whole or not at all.",
    )
    invoice_ids = fields.Many2many(
        "account.move", string="Invoices", compute="_compute_invoice_ids"
    )

    @api.depends("move_line_id", "payment_id")
    def _compute_collection(self):
        """What a person knows the payment by."""
        for row in self:
            item, payment = row.move_line_id, row.payment_id
            row.partner_id = payment.partner_id or item.partner_id
            row.date = payment.date or item.date
            row.journal_id = payment.journal_id or item.journal_id
            row.currency_id = item.currency_id or payment.currency_id
            row.is_whole_only = not item

    @api.depends("move_line_id", "payment_id")
    def _compute_free_amount(self):
        """Nothing of what is no collection, whatever a client has put together."""
        targets = self._get_targets()
        free = self.env["account.payment.return.left"]._find_free(targets)
        for row, target in zip(self, targets, strict=True):
            row.free_amount = free[target]

    @api.depends("move_line_id", "payment_id")
    def _compute_invoice_ids(self):
        """The invoices that it paid."""
        for row in self:
            paid = row.move_line_id.matched_debit_ids.debit_move_id.move_id
            invoices = paid.filtered(
                lambda move: move.is_invoice(include_receipts=True)
            )
            row.invoice_ids = invoices or row.payment_id.invoice_ids

    @api.depends("move_line_id", "payment_id", "free_amount")
    def _compute_display_name(self):
        for row in self:
            names = (
                row._get_name(),
                row.date and format_date(self.env, row.date),
                row.currency_id and row.currency_id.format(row.free_amount),
            )
            row.display_name = " · ".join(filter(None, names))

    def _get_name(self):
        return self.payment_id.name or self.move_line_id.move_name

    def _get_targets(self):
        """The collections, as list of (receivable item, payment)."""
        return [(row.move_line_id, row.payment_id) for row in self]

    def _prepare_line(self, amount, reason, fee=0.0):
        """Values of the line of a return.

        :param amount: what came back, in the currency of the payment
        :param reason: `account.payment.return.reason`
        :param fee: what the bank charged, in the same currency
        """
        self.ensure_one()
        return {
            "move_line_id": self.move_line_id.id,
            "payment_id": self.payment_id.id,
            "amount": amount,
            "fee_amount": fee,
            "reason_id": reason.id,
        }
