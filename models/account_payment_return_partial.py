from odoo import fields, models


class AccountPaymentReturnPartial(models.Model):
    """A piece of reconciliation that a return undid, kept to be restored.

    Core keeps no trace of a partial reconciliation once it is deleted. One row
    says which invoice instalment was paid by which payment line, and for how
    much of it the return took the payment back.
    """

    _name = "account.payment.return.partial"
    _description = "Reconciliation Undone by a Payment Return"

    return_line_id = fields.Many2one(
        "account.payment.return.line", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="return_line_id.company_id", store=True)
    debit_move_id = fields.Many2one(
        "account.move.line",
        string="Invoice Instalment",
        ondelete="set null",
        index=True,
    )
    credit_move_id = fields.Many2one(
        "account.move.line",
        string="Payment Item",
        ondelete="set null",
        index=True,
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    debit_currency_id = fields.Many2one(
        related="debit_move_id.currency_id", string="Invoice Currency"
    )
    credit_currency_id = fields.Many2one(
        related="credit_move_id.currency_id", string="Payment Currency"
    )
    amount = fields.Monetary(currency_field="company_currency_id")
    debit_amount_currency = fields.Monetary(currency_field="debit_currency_id")
    credit_amount_currency = fields.Monetary(currency_field="credit_currency_id")
    restored_amount = fields.Monetary(
        currency_field="company_currency_id",
        help="What cancelling the return could put back.",
    )
