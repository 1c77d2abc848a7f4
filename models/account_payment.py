from odoo import api, fields, models

from .credit_exposure import READ_FIELDS
from .reference_form import normal_sql


class AccountPayment(models.Model):
    _name = "account.payment"
    _inherit = ["credit.entry.guard", "account.payment"]

    end_to_end_id = fields.Char(
        string="End-to-End ID",
        copy=False,
        help="What identifies this collection in the bank's files: the end-to-end "
        "identification of a direct debit, or the receipt number of a RiBa.",
    )
    mandate_reference = fields.Char(
        copy=False,
        help="Unique reference of the direct debit mandate used for the collection.",
    )
    collection_batch_id = fields.Char(
        copy=False,
        help="Identification of the batch in the file sent to the bank (payment "
        "information id): the bank may reject a whole batch.",
    )
    collection_message_id = fields.Char(
        string="Collection File",
        copy=False,
        help="Identification of the file sent to the bank (message id): the bank may "
        "reject a whole file.",
    )
    payment_return_line_ids = fields.One2many(
        "account.payment.return.line", "payment_id", string="Payment Returns"
    )
    payment_return_count = fields.Integer(compute="_compute_payment_return_count")

    # Core looks payments up by journal only; the exposure of a customer asks for his.
    _credit_exposure_idx = models.Index(
        "(partner_id, date) "
        "WHERE payment_type = 'inbound' AND state IN ('in_process', 'paid')"
    )

    # What a bank tells is looked for in the normal form of references. The indexes are
    # of all rows: of partial ones PostgreSQL uses no statistics on an expression.
    _end_to_end_form_idx = models.Index(f"({normal_sql('end_to_end_id')})")
    _mandate_form_idx = models.Index(f"({normal_sql('mandate_reference')})")
    _batch_form_idx = models.Index(f"({normal_sql('collection_batch_id')})")
    _message_form_idx = models.Index(f"({normal_sql('collection_message_id')})")
    _name_form_idx = models.Index(f"({normal_sql('name')})")
    _memo_form_idx = models.Index(f"({normal_sql('memo')})")

    @api.model
    def _get_closed_names(self):
        """Override: of a payment, what counts in the exposure.

        The account it waits on is for accountants to correct: nothing is decided by it.
        """
        return super()._get_closed_names() & set(READ_FIELDS[self._name])

    @api.depends("payment_return_line_ids.state", "payment_return_line_ids.match_state")
    def _compute_payment_return_count(self):
        """Count the confirmed returns of each payment, in one query."""
        counts = self.env["account.payment.return.line"]._count_by("payment_id", self)
        for payment in self:
            payment.payment_return_count = counts.get(payment.id, 0)

    def action_open_payment_returns(self):
        """Open the returns of these payments (smart button).

        :return: a window action
        :raise: AccessError for who may not see the payments
        """
        self.check_access("read")
        return self.payment_return_line_ids.return_id._get_records_action(
            name=self.env._("Payment Returns")
        )
