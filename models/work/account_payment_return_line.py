from odoo import api, fields, models

from ..returns.account_payment_return_reason import NEXT_STEPS


class AccountPaymentReturnLine(models.Model):
    """What is to be done about a collection that came back."""

    _inherit = "account.payment.return.line"  # pylint: disable=consider-merging-classes-inherited

    task_ids = fields.One2many(
        "account.payment.return.task", "return_line_id", readonly=True
    )
    next_step = fields.Selection(
        selection=NEXT_STEPS,
        compute="_compute_next_step",
        compute_sudo=True,
        help="What its reason says; in the books, what somebody has chosen.",
    )

    @api.depends("task_ids.step", "reason_id.next_step")
    def _compute_next_step(self):
        """What is to be done, or would be if the line were confirmed."""
        for line in self:
            line.next_step = line.task_ids.step or line.reason_id.next_step
