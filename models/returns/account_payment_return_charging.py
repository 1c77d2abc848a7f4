from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import notification
from ..call_marks import BOOKING


class AccountPaymentReturn(models.Model):
    """What is charged of returns in the books: the button for what came since."""

    _inherit = "account.payment.return"  # pylint: disable=consider-merging-classes-inherited

    is_charging_late = fields.Boolean(compute="_compute_is_charging_late")
    fee_notice = fields.Char(
        compute="_compute_fee_notice",
        help="Which setting is missing to confirm the fees of a draft.",
    )

    @api.depends(
        "state",
        "line_ids.fee_amount",
        "line_ids.match_state",
        "line_ids.partner_id",
    )
    @api.depends_context("lang")
    def _compute_fee_notice(self):
        """Say before a draft is confirmed what its fees cannot be booked without."""
        for payment_return in self:
            is_draft = payment_return.state == "draft"
            lines = (
                payment_return._get_matched_lines()
                if is_draft
                else payment_return.line_ids.browse()
            )
            payment_return.fee_notice = "\n".join(lines._get_fee_refusals()) or False

    def _check_charges(self):
        """Raise UserError where a setting is missing that every confirmation asks for.

        So that it is not asked for line by line, in the background.
        """
        lines = self._get_matched_lines()
        if refusals := lines._get_fee_refusals():
            raise UserError("\n".join(refusals))
        late = lines.filtered(lambda line: line._may_charge_late())
        for company in late.company_id:
            for account in company._find_credit_late_accounts().values():
                company._check_credit_late_account(account)

    @api.depends("line_ids.company_id.credit_late_charges")
    def _compute_is_charging_late(self):
        """Whether a company of these returns charges late payment."""
        for payment_return in self:
            companies = payment_return.line_ids.company_id.sudo()
            payment_return.is_charging_late = any(
                companies.mapped("credit_late_charges")
            )

    def action_charge_late(self):
        """Draft what the law gives for late payment until today, and is not asked yet.

        :return: a window action on the drafts, or a notification that there is nothing
        :raises UserError: for a return that is not in the books, of which somebody else
            is at work, or when the company has no account for it
        """
        self.check_access("write")
        self._lock()
        if any(r.state != "confirmed" for r in self):
            raise UserError(
                self.env._("Late payment is charged of confirmed returns only.")
            )
        ledger = self.env["account.payment.return.ledger"]
        lines = self.line_ids._filter_came_back()
        with BOOKING.set(self.env):
            drafts, unknown = ledger._create_charges(lines, defaultdict(list))
        if drafts:
            return self._open_invoices(drafts, self.env._("Fee Invoices"))
        ends = set().union(*unknown.values())
        late = self.env["account.payment.return.late"]
        return notification.tell(
            late._get_unknown_text(ends)
            if ends
            else self.env._(
                "Nothing is to be charged: nothing is late by the customer's fault, or"
                " it is charged already, or the customer is not charged."
            ),
            then=False,
        )
