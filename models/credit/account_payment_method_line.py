from odoo import api, fields, models

from .. import entered_numbers
from ..collections.account_payment_method import RIBA

# A Ri.Ba. may come back unpaid some days after its due date.
FINAL_DAYS = {RIBA: 5}


class AccountPaymentMethodLine(models.Model):
    _inherit = "account.payment.method.line"

    credit_final_days = fields.Integer(
        string="Days until Final",
        help="Days after the payment during which the bank may still take the money"
        " back: until then it counts in the exposure of the customer. 0 for money"
        " that is final at once.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`: a method starts with the days usual for it."""
        methods = self.env["account.payment.method"]
        for vals in vals_list:
            method = methods.browse(vals.get("payment_method_id") or ())
            vals.setdefault("credit_final_days", FINAL_DAYS.get(method.code, 0))
        return super().create(vals_list)

    @api.onchange("payment_method_id")
    def _onchange_payment_method_id(self):
        """The days that are usual for the method, unless somebody has said others."""
        if not self.credit_final_days:
            self.credit_final_days = FINAL_DAYS.get(self.code, 0)

    @api.constrains(entered_numbers.get_names)
    def _check_credit_numbers(self):
        """Raise ValidationError for a number of days below zero."""
        entered_numbers.check(self)
