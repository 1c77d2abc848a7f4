from odoo import api, fields, models

from .. import entered_numbers


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    credit_final_days = fields.Integer(
        string="Days until Final",
        help="Days after the payment during which the bank may still take the money"
        " back: until then it counts in the exposure of the customer. 0 for money"
        " that is final at once.",
    )

    @api.constrains(entered_numbers.get_names)
    def _check_credit_numbers(self):
        """Raise ValidationError for a number of days below zero."""
        entered_numbers.check(self)
