from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class AccountMove(models.Model):
    _inherit = "account.move"

    payment_return_id = fields.Many2one(
        "account.payment.return",
        string="Payment Return",
        copy=False,
        readonly=True,
        index="btree_not_null",
        check_company=True,
        help="The payment return that made this entry.",
    )
    fee_return_id = fields.Many2one(
        "account.payment.return",
        string="Fee of Return",
        copy=False,
        readonly=True,
        index="btree_not_null",
        check_company=True,
        help="The payment return whose bank fee this invoice charges again.",
    )
    payment_return_line_ids = fields.Many2many(
        "account.payment.return.line",
        string="Returns",
        compute="_compute_payment_return_line_ids",
        search="_search_payment_return_line_ids",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    payment_return_count = fields.Integer(
        string="Returned Payments", compute="_compute_payment_return"
    )
    payment_return_date = fields.Date(
        string="Last Return", compute="_compute_payment_return"
    )
    payment_return_reason = fields.Char(
        string="Last Return Reason", compute="_compute_payment_return"
    )
    is_payment_returned = fields.Boolean(
        string="Returned",
        compute="_compute_payment_return",
        search="_search_is_payment_returned",
        help="A payment of this invoice came back and the invoice is open again.",
    )

    @api.depends("line_ids.reopened_by_line_ids.state")
    def _compute_payment_return_line_ids(self):
        """The returns of each invoice, for who may see them; the last first."""
        lines_by_move = self._get_payment_return_lines()
        for move in self:
            move.payment_return_line_ids = lines_by_move.get(move._origin.id)

    @api.depends("line_ids.reopened_by_line_ids.state", "payment_state")
    def _compute_payment_return(self):
        """What anybody who sees an invoice may know of its returns."""
        lines_by_move = self._get_payment_return_lines()
        empty = self.env["account.payment.return.line"]
        for move in self:
            lines = lines_by_move.get(move._origin.id, empty)
            last = lines[:1]
            move.payment_return_count = len(lines)
            move.payment_return_date = last.return_date
            move.payment_return_reason = last and last._get_reason_label()
            move.is_payment_returned = bool(lines) and move.payment_state in (
                "not_paid",
                "partial",
            )

    def _get_payment_return_lines(self):
        """Confirmed return lines of each invoice.

        People who see invoices may not see returns (salespeople): the count, the
        date and the reason are read for them.

        :return: dict from invoice id to return lines, the last one first
        """
        lines = (
            self.env["account.payment.return.line"]
            .sudo()
            .search(
                Domain("state", "=", "confirmed")
                & Domain("invoice_line_ids.move_id", "in", self._origin.ids),
                order="return_date desc, id desc",
            )
        )
        by_move = {}
        for line in lines:
            for move in line.invoice_line_ids.move_id:
                by_move[move.id] = by_move.get(move.id, lines.browse()) | line
        return by_move

    def _search_payment_return_line_ids(self, operator, value):
        """Find invoices by their return lines (any operator on the lines)."""
        return Domain("line_ids.reopened_by_line_ids", operator, value)

    def _search_is_payment_returned(self, operator, value):
        """Find the invoices that a return opened and nobody has paid since."""
        if operator != "in":
            return NotImplemented
        return Domain("payment_state", "in", ("not_paid", "partial")) & Domain(
            "line_ids.reopened_by_line_ids.state", "=", "confirmed"
        )

    # === GUARDS === #

    def button_draft(self):
        """Override of `account`: the entry of a return goes with its return.

        :raise: UserError for the entry of a confirmed return
        """
        self._check_not_booking_return()
        return super().button_draft()

    def button_cancel(self):
        """Override of `account`: the entry of a return goes with its return.

        :raise: UserError for the entry of a confirmed return
        """
        self._check_not_booking_return()
        return super().button_cancel()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_booking_return(self):
        self._check_not_booking_return()

    def _check_not_booking_return(self):
        booking = self.sudo().filtered(
            lambda move: move.payment_return_id.state == "confirmed"
        )
        if booking:
            raise UserError(
                self.env._(
                    "%(entry)s books the payment return %(name)s. Cancel the return "
                    "instead: that reverses the entry and pays the invoices back.",
                    entry=booking[0].display_name,
                    name=booking[0].payment_return_id.name,
                )
            )

    # === ACTIONS === #

    def action_open_payment_returns(self):
        """Open the returns of these invoices (smart button).

        :return: a window action
        """
        return self.payment_return_line_ids.return_id._get_records_action(
            name=self.env._("Payment Returns")
        )
