from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..call_marks import BOOKING, PRESENTING
from ..returns.return_states import STANDING


class AccountPayment(models.Model):
    """A receipt: a payment that is presented to a bank for certain instalments."""

    _inherit = "account.payment"  # pylint: disable=consider-merging-classes-inherited

    presentation_line_ids = fields.One2many(
        "account.payment.presentation.line",
        "payment_id",
        string="Presented Instalments",
        readonly=True,
        copy=False,
    )
    presentation_id = fields.Many2one(
        "account.payment.presentation",
        compute="_compute_presentation_id",
        search="_search_presentation_id",
        help="With what it was presented to the bank.",
    )
    is_receipt = fields.Boolean(compute="_compute_presentation_id")

    @api.depends("presentation_line_ids")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_presentation_id(self):
        """The presentation of the instalments, if the user may see it.

        The head office presents what branches are owed, too.
        """
        told = self.sudo().presentation_line_ids.presentation_id
        seen = told.sudo(self.env.su)._filtered_access("read")
        for payment in self:
            lines = payment.sudo().presentation_line_ids
            payment.is_receipt = bool(lines)
            payment.presentation_id = lines.presentation_id.sudo(self.env.su)[:1] & seen

    def _search_presentation_id(self, operator, value):
        """Search by presentation; without one is without any that the user may see."""
        if operator in Domain.NEGATIVE_OPERATORS:
            # Odoo asks for the opposite, and leaves that out.
            return NotImplemented
        path = "presentation_line_ids.presentation_id"
        if operator != "in":
            return Domain(path, operator, value)
        found = Domain(path, "in", [each for each in value if each])
        if False in value:
            # Asked for “= False”, Odoo would count the lines that he may not see, too.
            seen = Domain("presentation_id", "!=", False)
            found |= ~Domain("presentation_line_ids", "any", seen)
        return found

    def _may_pay(self, item):
        """Override: a receipt is for the instalments that were presented with it."""
        lines = self.sudo().presentation_line_ids
        if lines:
            return item in lines.move_line_id
        return super()._may_pay(item)

    def _get_asked_account(self):
        """Return the customer's account from which a bank was to collect, if known.

        For other addons to extend: here of receipts.
        """
        return self.sudo().presentation_line_ids.partner_bank_id[:1]

    # === GUARDS === #

    def _check_not_fixed(self):
        """Override of the returns: what the bank has been told stays as it is."""
        res = super()._check_not_fixed()
        if not (PRESENTING.get(self.env) or BOOKING.get(self.env)):
            self._check_not_presented()
        return res

    def unlink(self):
        """Override of `account`: what the bank has been told of stays as a trace.

        Before core deletes the entry.

        :raises UserError: for receipts
        """
        self._check_not_presented()
        return super().unlink()

    def _check_not_presented(self):
        """Raise UserError for receipts that are at a bank, or were."""
        line = self.sudo().presentation_line_ids[:1]
        if not line:
            return
        line.payment_id.sudo(self.env.su).check_access("write")
        names = {
            "receipt": line.payment_id.display_name,
            "presentation": line.presentation_id.name,
        }
        if line.payment_id.state == "canceled":
            raise UserError(
                self.env._(
                    "%(receipt)s was withdrawn from the bank (%(presentation)s) and"
                    " stays so: present its instalments again.",
                    **names,
                )
            )
        raise UserError(
            self.env._(
                "%(receipt)s was presented to the bank with %(presentation)s: withdraw"
                " it there first.",
                **names,
            )
        )

    # === WITHDRAWN === #

    def _withdraw(self):
        """Cancel these receipts: their instalments are open again.

        :raises UserError: when one came back, or the bank credited it
        """
        self._check_can_withdraw()
        receipts = self.filtered(lambda payment: payment.state in STANDING)
        with PRESENTING.set(self.env):
            receipts.action_cancel()

    def _check_can_withdraw(self):
        """Raise UserError for receipts of which the bank has told something."""
        line = self._find_told()
        if line:
            raise UserError(
                self.env._(
                    "Receipt %(number)s is in the payment return %(name)s: the bank has"
                    " answered, so it cannot be withdrawn any more.",
                    number=line.payment_id.end_to_end_id,
                    name=line.return_id.name,
                )
            )
        credited = self._find_credited()
        if credited:
            raise UserError(
                self.env._(
                    "The bank has credited receipt %(number)s (%(receipt)s): it cannot"
                    " be withdrawn any more.",
                    number=credited[0].end_to_end_id,
                    receipt=credited[0].display_name,
                )
            )

    def _find_told(self):
        """Return a return line, in sudo, that asks one of these receipts back."""
        lines = self.env["account.payment.return.line"].sudo()
        return lines.search(
            Domain("payment_id", "in", self.ids)
            & Domain("match_state", "=", "matched")
            & Domain("state", "in", ("draft", "confirmed")),
            limit=1,
        )

    def _find_credited(self):
        """Return the receipts whose money the bank has shown."""
        nothing = self.env["account.move.line"]
        pairs = self.env["account.payment.return.pair"]._find(self, nothing)
        return self.filtered(
            lambda payment: (
                payment in pairs or payment._get_waiting().matched_credit_ids
            )
        )

    def _is_credited(self, item):
        """Whether the bank has credited a receipt, as far as the books tell.

        :param item: the instalment, which the bank pays where there is no entry
        """
        self.ensure_one()
        waiting = self._get_waiting() if self.move_id else item
        return bool(waiting) and all(waiting.mapped("reconciled"))

    def action_open_presentation(self):
        """Open the presentation of a receipt.

        :return: a window action
        :raises AccessError: to who may not see the payment
        :raises UserError: when it is of a company that the user did not select
        """
        self.check_access("read")
        told = self.sudo().presentation_line_ids.presentation_id
        self.env["account.payment.presentation"]._check_sees(told.sudo(self.env.su))
        return self.presentation_id._get_records_action()
