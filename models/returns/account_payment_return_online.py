from odoo import fields, models

from .. import planned


class AccountPaymentReturn(models.Model):
    """Returns of which a payment provider gave the money back."""

    _inherit = "account.payment.return"  # pylint: disable=consider-merging-classes-inherited

    given_back_date = fields.Date(
        string="Given Back On",
        readonly=True,
        copy=False,
        help="When the payment provider gave back what it had taken.",
    )

    def _take_money_given_back(self, day):
        """Cancel drafts that nothing is left of; on the others a person decides.

        The customer may have paid again meanwhile.

        :param day: on which the money was given back
        """
        for payment_return in self.filtered(lambda each: not each.given_back_date):
            if payment_return.state == "confirmed":
                payment_return._ask_to_cancel()
            elif payment_return._get_counting_lines():
                continue
            else:
                payment_return.action_cancel()
            payment_return.given_back_date = day

    def _ask_to_cancel(self):
        """Leave an activity for a credit manager of the company."""
        planned.schedule(
            self,
            "mail.mail_activity_data_warning",
            summary=self.env._("The money was given back"),
            note=self.env._(
                "The payment provider gave back what it had taken. Cancel this return,"
                " unless the customer has paid again meanwhile: then give that money"
                " back, or keep it as his credit."
            ),
            user_id=(self.company_id._get_credit_managers(limit=1) or self.env.user).id,
        )
