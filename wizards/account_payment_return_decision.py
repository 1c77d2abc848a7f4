from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import html2plaintext


class AccountPaymentReturnDecision(models.TransientModel):
    """Dialog that says what confirming or cancelling returns does before it is done."""

    _name = "account.payment.return.decision"
    _inherit = ["credit.reach"]
    _description = "Confirm or Cancel Payment Returns"

    decision = fields.Selection(
        [("confirm", "Confirm"), ("cancel", "Cancel")], required=True, default="confirm"
    )
    return_ids = fields.Many2many(
        "account.payment.return", string="Payment Returns", required=True
    )
    # Stored: to foresee it twice takes twice as long.
    summary = fields.Html(compute="_compute_summary", compute_sudo=False, store=True)
    booked_count = fields.Integer(
        compute="_compute_summary", compute_sudo=False, store=True
    )
    is_changed = fields.Boolean(
        readonly=True, help="What was shown is not so any more: it is shown anew."
    )
    unexplained_count = fields.Integer(compute="_compute_unexplained_count")
    reason_id = fields.Many2one(
        "account.payment.return.reason",
        string="Return Reason",
        domain="[('outcome', '=', 'unpaid')]",
        help="Of the lines that have none.",
    )

    @api.depends("decision", "return_ids", "reason_id")
    def _compute_summary(self):
        """What would be done, as a list; nothing is.

        :raises UserError: where it could not be done
        """
        for wizard in self:
            wizard.summary, wizard.booked_count = wizard._foresee()

    def _foresee(self):
        """Return what would be done as HTML, and the number of lines booked.

        :raises UserError: where it could not be done
        """
        outcomes = self.env["account.payment.return.outcome"]
        returns = self._get_sorted()
        if self.decision == "cancel":
            return _make_list(outcomes._foresee_cancel(returns)), 0
        large = returns.filtered(lambda r: r._is_large())
        sentences = large._foresee_later()
        count = sum(large.mapped("matched_count"))
        if small := returns - large:
            outcome = outcomes._foresee(small, self.reason_id._origin)
            sentences += outcomes._tell(outcome)
            count += len(outcome.line_ids)
        return _make_list(sentences), count

    @api.depends("return_ids")
    def _compute_unexplained_count(self):
        """How many lines would be booked without a reason."""
        for wizard in self:
            lines = wizard.return_ids._get_unexplained_lines()
            wizard.unexplained_count = len(lines)

    @api.model
    def _open(self, returns, decision, name):
        """Open the dialog about some returns.

        :return: a window action
        :raises UserError: where it cannot be done
        """
        dialog = self.create(
            {"decision": decision, "return_ids": [Command.set(returns.ids)]}
        )
        return {**dialog._get_records_action(name=name), "target": "new"}

    def action_confirm(self):
        """Confirm the returns, large ones in the background, and say what comes of it.

        :return: a notification; the dialog again, if what it showed has changed
        :raises UserError: as `action_confirm` of the returns
        """
        drafts = self._get_returns("confirm")
        if changed := self._find_change(drafts):
            return self._show_again(*changed)
        drafts._give_reason(self.reason_id)
        large = drafts.filtered(lambda r: r._is_large())
        if small := drafts - large:
            small.action_confirm()
        return large._confirm_later() if large else small._notify_outcome()

    def action_cancel(self):
        """Cancel the returns, and say what comes of it.

        :return: a notification; the dialog again, if what it showed has changed
        :raises UserError: as `action_cancel` of the returns
        """
        returns = self._get_returns("cancel")
        if changed := self._find_change(returns):
            return self._show_again(*changed)
        returns.action_cancel()
        return returns._notify_cancelled()

    def _find_change(self, returns):
        """Return what would be done, if that is something else than was shown.

        Nobody changes the returns any more until it is done.

        :return: as `_foresee`; None where it is what was shown
        """
        returns._lock()
        summary, count = self._foresee()
        shown = (html2plaintext(self.summary or ""), self.booked_count)
        is_shown = (html2plaintext(summary or ""), count) == shown
        return None if is_shown else (summary, count)

    def _show_again(self, summary, count):
        """Return the action that shows the dialog with what would be done now."""
        self.write({"summary": summary, "booked_count": count, "is_changed": True})
        name = self.env._("Look again")
        return {**self._get_records_action(name=name), "target": "new"}

    def _get_returns(self, decision):
        """Return what is to be decided on; raise UserError when it has been already."""
        self.ensure_one()
        self.check_access("write")
        self.return_ids.check_access("write")
        is_open = ("draft",) if decision == "confirm" else ("draft", "confirmed")
        returns = self._get_sorted().filtered(lambda r: r.state in is_open)
        if self.decision != decision or not returns:
            raise UserError(
                self.env._(
                    "Nothing is left to do here: close this dialog and reload the page"
                    " to see what has become of the return."
                )
            )
        return returns

    def _get_sorted(self):
        """Return the returns in one order, which what is shown and done goes by.

        Selected in the order of a list, they are read again in that of the model.
        """
        return self.return_ids._origin.sorted("id")


def _make_list(sentences):
    """Return sentences as a list of HTML."""
    items = Markup().join(Markup("<li>%s</li>") % sentence for sentence in sentences)
    return Markup('<ul class="mb-0">%s</ul>') % items if sentences else False
