from odoo import fields, models


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    credit_final_days = fields.Integer(
        string="Days until Final",
        help="Days after the payment during which the bank may still take the money"
        " back: until then it counts in the exposure of the customer. 0 for money"
        " that is final at once.",
    )

    _credit_final_days_positive = models.Constraint(
        "CHECK (credit_final_days >= 0)",
        "The days until a payment is final cannot be negative.",
    )
