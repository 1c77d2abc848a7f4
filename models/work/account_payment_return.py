from odoo import api, fields, models


class AccountPaymentReturn(models.Model):
    """What is to be done about what a return brought back."""

    _inherit = "account.payment.return"  # pylint: disable=consider-merging-classes-inherited

    task_count = fields.Integer(
        string="To Work", compute="_compute_work_count", compute_sudo=True
    )

    @api.depends("line_ids.task_ids.state")
    def _compute_work_count(self):
        """Count what is still to be done, for the smart button."""
        for payment_return in self:
            tasks = payment_return.line_ids.task_ids
            payment_return.task_count = len(tasks.filtered(lambda w: w.state == "todo"))

    def _book(self, lines, left, is_ahead=False):
        """Override of `blocks`: what is booked is to be worked, and its seller told."""
        res = super()._book(lines, left, is_ahead)
        self.env["account.payment.return.task"]._open(lines)._tell_salespeople()
        return res

    def _unbook(self):
        """Override of `blocks`: who was told of what came back is not asked any more.

        What is to be done ends by itself, and so does what was said of accounts.
        """
        unrestored = super()._unbook()
        numbers = self.env["credit.unfit.number"].sudo()
        said = numbers.search([("return_line_id.return_id", "in", self.ids)])
        said._get_accounts()._look_again()
        told = self.env["mail.activity"].sudo()
        told.search([("told_return_id", "in", self.ids)]).unlink()
        return unrestored

    def action_open_tasks(self):
        """Open what is to be done about these returns, and what was (smart button).

        :return: a window action
        :raises AccessError: to who may not see the returns
        """
        self.check_access("read")
        return self.env["account.payment.return.task"]._open_list(self)
