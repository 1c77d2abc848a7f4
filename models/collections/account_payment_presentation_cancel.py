import base64

from odoo import models


class AccountPaymentPresentation(models.Model):
    """What is withdrawn from a bank, as long as the bank has told nothing of it."""

    _inherit = "account.payment.presentation"  # pylint: disable=consider-merging-classes-inherited

    def action_cancel(self):
        """Withdraw these presentations: their instalments are open again.

        :return: True
        :raises AccessError: to who does not keep the books
        :raises UserError: when a receipt came back, or the bank credited it, or it is
            of a branch that the user did not select
        """
        self.check_access("write")
        self._check_accounting()
        self._lock_rows()
        self._check_sees(self.line_ids.payment_id)
        self.line_ids.payment_id._withdraw()
        # The buttons are the only way to change the status.
        self.sudo().state = "cancelled"
        return True

    def _leave_out_withdrawn(self, receipts):
        """Make the files anew without receipts that were withdrawn one by one.

        What was sent stays as a trace; where no receipt is left, all is withdrawn.
        """
        # The file tells of the receipts of all branches, and its buttons alone fill it
        # in.
        for presentation in self.sudo():
            lines = presentation.line_ids.filtered(lambda ln: ln.outcome != "withdrawn")
            if not lines:
                presentation.state = "cancelled"
                continue
            groups = lines.grouped("payment_id")
            before = presentation._get_file()
            presentation.write(
                presentation._make_file(list(groups.values()), list(groups))
            )
            presentation._tell_left_out(receipts & presentation.payment_ids, before)

    def _get_file(self):
        """Return name and bytes of the file that was made, in a list; none without."""
        if not self.file:
            return []
        return [
            (self.file_name, base64.b64decode(self.with_context(bin_size=False).file))
        ]

    def _tell_left_out(self, receipts, before):
        """Note which receipts the file has no more, with the file that had them."""
        numbers = ", ".join(receipts.mapped("end_to_end_id"))
        text = self.env._("Withdrawn: receipts %s.", numbers)
        if before:
            text = self.env._(
                "Withdrawn: receipts %s. The file is made anew without them; the one"
                " before is attached here: if the bank has that already, ask it to"
                " recall them.",
                numbers,
            )
        self.message_post(body=text, attachments=before)
