from odoo import api, fields, models
from odoo.fields import Domain

from ..call_marks import BOOKING, PRESENTING
from ..returns.return_states import STANDING

READERS = "account.group_account_invoice,account.group_account_readonly"


class AccountMove(models.Model):
    _inherit = "account.move"  # pylint: disable=consider-merging-classes-inherited

    receipt_count = fields.Integer(compute="_compute_receipt_count", groups=READERS)

    @api.depends("line_ids.presentation_line_ids.payment_id")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_receipt_count(self):
        """Count the receipts in which instalments of each invoice were presented.

        Those that the user may see, whoever presented them: the head office, too.
        """
        found = {}
        for receipt in self._get_receipts():
            for move in receipt.sudo().presentation_line_ids.move_id:
                found[move.id] = found.get(move.id, 0) + 1
        for move in self:
            move.receipt_count = found.get(move._origin.id, 0)

    def _get_receipts(self):
        """Return the receipts of instalments of these invoices that may be seen."""
        lines = self.env["account.payment.presentation.line"].sudo()
        told = lines.search(Domain("move_line_id.move_id", "in", self.ids))
        return told.payment_id.sudo(self.env.su)._filtered_access("read")

    def _compute_payment_state(self):
        """Override of `account`: receipts without an entry pay their own instalments.

        Core knows of the invoice only, and would call it paid with one of its
        instalments. It follows the states of the payments already.
        """
        res = super()._compute_payment_state()
        settled = {"paid", self._get_invoice_in_payment_state()}
        for move in self:
            if move.payment_state in settled and move._owes_beside_receipts():
                paid = move.line_ids.matched_credit_ids or move._get_receipt_lines()
                move.payment_state = "partial" if paid else "not_paid"
        return res

    def _owes_beside_receipts(self):
        """Whether receipts without an entry pay less of an invoice than is open.

        Where another payment without an entry pays it, core knows as much as we.
        """
        self.ensure_one()
        if self.currency_id.is_zero(self.amount_residual):
            return False
        payments = self.matched_payment_ids.filtered(lambda each: not each.move_id)
        standing = payments.filtered(lambda each: each.state in STANDING)
        if not payments.presentation_line_ids:
            return False
        if any(not payment.presentation_line_ids for payment in standing):
            return False
        covered = sum(
            min(line.presented_amount, line.move_line_id.amount_residual_currency)
            for line in self._get_receipt_lines()
        )
        return self.currency_id.compare_amounts(covered, self.amount_residual) < 0

    def _get_receipt_lines(self):
        """What of an invoice is in receipts without an entry that live."""
        self.ensure_one()
        return self.line_ids.presentation_line_ids.filtered(
            lambda line: (
                line.payment_id.state in STANDING and not line.payment_id.move_id
            )
        )

    # === GUARDS === #

    def write(self, vals):
        """Override of `account`: what a bank is to collect stays as it is.

        :raises UserError: to who takes an invoice out of the books meanwhile
        """
        if vals.get("state") in ("draft", "cancel") and not BOOKING.get(self.env):
            posted = self.filtered(lambda move: move.state == "posted")
            posted.line_ids._check_not_at_bank()
        return super().write(vals)

    def _check_not_fixed(self):
        """Override of the returns: the entry of a receipt goes with the receipt."""
        res = super()._check_not_fixed()
        if not (PRESENTING.get(self.env) or BOOKING.get(self.env)):
            self.sudo().origin_payment_id._check_not_presented()
        return res

    def _get_entry_fields(self):
        """Override of the returns: whose entry it is, too."""
        return super()._get_entry_fields() | {"origin_payment_id"}

    # === ACTIONS === #

    def action_open_presentation(self):
        """Choose the open instalments of these invoices to be presented to a bank.

        :return: a window action on a new draft
        :raises AccessError: to who does not keep the books
        :raises UserError: when nothing of them is open
        """
        self.check_access("read")
        return self.line_ids.action_open_presentation()

    def action_open_receipts(self):
        """Open the receipts in which instalments of these invoices were presented.

        :return: a window action
        :raises AccessError: to who may not see the invoices, or no receipts at all
        """
        self.check_access("read")
        self.env["account.payment"].check_access("read")
        return self._get_receipts()._get_records_action(name=self.env._("Receipts"))
