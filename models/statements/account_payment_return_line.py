from odoo import api, models

# Of the lines that a debit has become, in their keys.
MADE = "debit:"


class AccountPaymentReturnLine(models.Model):
    """A line of a return that a debit of the bank has become."""

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    def _drop_made_of_debits(self):
        """Delete the lines of drafts that were made of debits, and drafts left empty.

        Any other line only forgets the debit.
        """
        made = self.filtered(lambda ln: (ln.unique_key or "").startswith(MADE)).sudo()
        drafts = made.return_id
        made.unlink()
        drafts.filtered(lambda draft: not draft.line_ids).unlink()
        (self - made.with_env(self.env)).statement_line_id = False

    def _get_waiting_collection(self):
        """The open item that the bank's credit of this collection meets.

        Where the collection waits for it; of one without an entry the debit by which
        the bank has taken it back.
        """
        self.ensure_one()
        if self.payment_id and not self.payment_id.move_id and not self.move_line_id:
            return self._get_taken_back().filtered(lambda item: not item.reconciled)[:1]
        return self._get_collection()[1]

    def _get_taken_back(self):
        """The items by which debits of the bank took back what no entry collected."""
        unbooked = self.filtered(lambda line: not line.move_line_id)
        return unbooked.entry_line_ids.filtered("statement_line_id")

    @api.depends("partner_name", "statement_line_id.payment_ref", "texts")
    def _compute_display_name(self):
        """Override of `base`: what the bank gave no reference is called by its text."""
        res = super()._compute_display_name()
        for line in self.filtered(lambda ln: not ln.reference):
            text = (line.statement_line_id.payment_ref or line.texts or "").strip()
            if text or line.partner_name:
                line.display_name = text.split("\n")[0] or line.partner_name
        return res
