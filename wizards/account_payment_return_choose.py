from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class AccountPaymentReturnChoose(models.TransientModel):
    """Dialog in which a person picks the payment that came back."""

    _name = "account.payment.return.choose"
    _inherit = ["credit.reach"]
    _description = "Choose the Returned Payment"
    _check_company_auto = True

    line_id = fields.Many2one(
        "account.payment.return.line", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="line_id.return_company_id", related_sudo=False
    )
    reference = fields.Char(related="line_id.reference", related_sudo=False)
    texts = fields.Text(related="line_id.texts", related_sudo=False)
    partner_name = fields.Char(related="line_id.partner_name", related_sudo=False)
    amount = fields.Monetary(related="line_id.amount", related_sudo=False)
    currency_id = fields.Many2one(related="line_id.currency_id", related_sudo=False)
    match_note = fields.Char(related="line_id.match_note", related_sudo=False)
    row_ids = fields.One2many("account.payment.return.choose.row", "choose_id")
    payment_id = fields.Many2one(
        "account.payment",
        string="Other Payment",
        domain="[('payment_type', '=', 'inbound'), ('partner_type', '=', 'customer'),"
        " ('state', 'in', ('in_process', 'paid')),"
        " ('company_id', 'child_of', company_id)]",
        help="Any payment of a customer, found by its number, customer, invoice, day "
        "or amount.",
    )
    journal_id = fields.Many2one(related="line_id.journal_id", related_sudo=False)
    partner_id = fields.Many2one(related="line_id.partner_id", related_sudo=False)
    doubt = fields.Char(compute="_compute_doubt")

    @api.depends("payment_id", "line_id")
    def _compute_doubt(self):
        """Ask whether a payment of somebody else is meant."""
        for dialog in self:
            line, payment = dialog.line_id, dialog.payment_id
            dialog.doubt = payment and line._get_doubt(payment.partner_id) or False

    @api.model
    def _open(self, line):
        """Open the dialog for a return line.

        :return: a window action
        """
        rows = [
            *({"move_line_id": item.id} for item in line.candidate_line_ids),
            *({"payment_id": payment.id} for payment in line.candidate_payment_ids),
        ]
        dialog = self.create(
            {"line_id": line.id, "row_ids": [Command.create(row) for row in rows]}
        )
        return {
            **dialog._get_records_action(name=self.env._("Which payment came back?")),
            "target": "new",
        }

    def action_choose_payment(self):
        """Take the payment that was looked up by hand.

        :return: action that closes the dialog
        :raises UserError: when none is given
        :raises AccessError: to who did not open the dialog
        """
        self.ensure_one()
        self.check_access("write")
        if not self.payment_id:
            raise UserError(self.env._("Choose a payment first."))
        item = self.payment_id._get_receivable_item()
        return self._choose(item, self.payment_id)

    def _choose(self, item, payment):
        self.line_id._lock_to_choose()
        item.check_access("read")
        payment.check_access("read")
        match = self.env["account.payment.return.match"]
        match._choose(self.line_id, item, payment)
        return {"type": "ir.actions.act_window_close"}
