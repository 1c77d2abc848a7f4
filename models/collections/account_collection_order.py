from odoo import models
from odoo.exceptions import UserError


class AccountCollectionOrder(models.AbstractModel):
    """What of an order cannot be collected."""

    _inherit = "account.collection.order"

    def _check_accounts_fit(self):
        """Raise UserError for debits of accounts that are unfit for collection.

        For the addon that has the orders.
        """
        debits = self.filtered(lambda order: order.payment_type == "inbound")
        lines = debits.payment_line_ids
        unfit = lines.filtered(lambda line: line.partner_bank_id.is_unfit)
        if unfit:
            texts = [
                f"- {line.partner_id.name}, {account.acc_number}: {account.unfit_text}"
                for line in unfit
                for account in line.partner_bank_id
            ]
            raise UserError(
                self.env._(
                    "Take these debits off the order, or correct the accounts of the"
                    " customers first:\n%s",
                    "\n".join(texts),
                )
            )
