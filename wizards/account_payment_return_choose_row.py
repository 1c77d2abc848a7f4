from odoo import api, fields, models


class AccountPaymentReturnChooseRow(models.TransientModel):
    """One payment that may be the one that came back."""

    _name = "account.payment.return.choose.row"
    _inherit = ["credit.reach"]
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
    invoices = fields.Char(compute="_compute_collection")
    is_doubtful = fields.Boolean(compute="_compute_is_doubtful")

    @api.depends("move_line_id", "payment_id")
    def _compute_collection(self):
        """What a person knows the payment by."""
        targets = {
            row: (row.move_line_id, row.payment_id or row.move_line_id.payment_id)
            for row in self
        }
        home = self.env["account.payment.return.candidate"]
        faces = home._describe(targets.values())
        for row, target in targets.items():
            face = faces[target]
            row.name = face.name
            row.partner_id = face.partner
            row.date = face.day
            row.currency_id = face.currency
            row.amount = face.amount
            row.invoices = face.invoices

    @api.depends("partner_id", "choose_id.line_id")
    def _compute_is_doubtful(self):
        """Whether it was paid by somebody else than the line names."""
        for row in self:
            line = row.choose_id.line_id
            row.is_doubtful = bool(line and line._get_doubt(row.partner_id))

    def action_choose(self):
        """Take this payment for the return.

        :return: action that closes the dialog
        :raises AccessError: to who did not open the dialog
        """
        self.ensure_one()
        self.check_access("write")
        return self.choose_id._choose(self.move_line_id, self.payment_id)
