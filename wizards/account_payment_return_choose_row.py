from odoo import api, fields, models


class AccountPaymentReturnChooseRow(models.TransientModel):
    """One payment that may be the one that came back."""

    _name = "account.payment.return.choose.row"
    _inherit = ["credit.dialog"]
    _description = "Payment that May Have Been Returned"

    choose_id = fields.Many2one(
        "account.payment.return.choose", required=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one("account.move.line", ondelete="cascade")
    payment_id = fields.Many2one(
        "account.payment", string="Payment Without Entry", ondelete="cascade"
    )
    name = fields.Char(compute="_compute_collection", string="Payment")
    partner_id = fields.Many2one("res.partner", compute="_compute_collection")
    date = fields.Date(compute="_compute_collection")
    currency_id = fields.Many2one("res.currency", compute="_compute_collection")
    amount = fields.Monetary(compute="_compute_collection")
    invoices = fields.Char(compute="_compute_invoices")

    @api.depends("move_line_id", "payment_id")
    def _compute_collection(self):
        """What a person knows the payment by."""
        left = self.env["account.payment.return.left"]
        for row in self:
            item = row.move_line_id
            payment = row.payment_id or item.payment_id
            row.name = payment.name or item.move_name
            row.partner_id = payment.partner_id or item.partner_id
            row.date = item.date or payment.date
            row.currency_id = item.currency_id or payment.currency_id
            row.amount = left._get_collected(item, payment)

    @api.depends("move_line_id", "payment_id")
    def _compute_invoices(self):
        """The invoices that the payment paid."""
        for row in self:
            paid = row.move_line_id.matched_debit_ids.debit_move_id.move_id
            invoices = paid.filtered("invoice_line_ids") or row.payment_id.invoice_ids
            row.invoices = ", ".join(filter(None, invoices.mapped("name")))

    def action_choose(self):
        """Take this payment for the return.

        :return: action that closes the dialog
        :raises AccessError: to who did not open the dialog
        """
        self.ensure_one()
        self.check_access("write")
        return self.choose_id._choose(self.move_line_id, self.payment_id)
