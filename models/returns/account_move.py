from odoo import api, fields, models
from odoo.exceptions import UserError

from .. import acting
from ..call_marks import BOOKING
from ..reference_form import normal_sql
from . import return_books


class AccountMove(models.Model):
    _name = "account.move"
    _inherit = ["credit.entry.guard", "account.move"]

    payment_return_id = fields.Many2one(
        "account.payment.return",
        copy=False,
        readonly=True,
        index="btree_not_null",
        check_company=True,
        groups="base.group_user",
        help="The payment return that made this entry.",
    )
    fee_return_id = fields.Many2one(
        "account.payment.return",
        string="Fee of Return",
        copy=False,
        readonly=True,
        index="btree_not_null",
        check_company=True,
        groups="base.group_user",
        help="The payment return whose bank fee this invoice charges again.",
    )

    # What a bank tells is looked for in the normal form of references.
    _name_form_idx = models.Index(f"({normal_sql('name')})")
    _payment_reference_form_idx = models.Index(f"({normal_sql('payment_reference')})")
    _ref_form_idx = models.Index(f"({normal_sql('ref')})")

    # === GUARDS === #

    @api.model
    def default_get(self, fields):
        """Override of `base`: no default of a user or of a client is a return's."""
        links = return_books.get_links(self) | {"matched_payment_ids"}
        return super().default_get([name for name in fields if name not in links])

    @api.model_create_multi
    def create(self, vals_list):
        """Override of `account`: links to returns are the returns' own.

        :raises UserError: to who enters one, or reverses what a return stands on
        """
        return_books.check_links(self, set().union(*vals_list))
        moves = super().create(vals_list)
        moves.reversed_entry_id._check_not_fixed()
        if any("matched_payment_ids" in vals for vals in vals_list):
            moves.matched_payment_ids._check_not_fixed()
        return moves

    def write(self, vals):
        """Override of `account`: what a return stands on stays as it is.

        :raises UserError: to who changes such an entry, or its link to the return
        """
        return_books.check_links(self, vals)
        changed = not self._get_entry_fields().isdisjoint(vals)
        # Code may date entries anew, but not take them out of the books.
        if "state" in vals or (changed and not acting.is_system(self.env)):
            self._check_not_fixed()
        paid_by = self.matched_payment_ids if "matched_payment_ids" in vals else None
        res = super().write(vals)
        if vals.get("reversed_entry_id"):
            self.reversed_entry_id._check_not_fixed()
        if paid_by is not None:
            pays = self.matched_payment_ids
            ((paid_by | pays) - (paid_by & pays))._check_not_fixed()
        return res

    def _get_entry_fields(self):
        """Return what makes an entry what it is, as core says for its hash.

        Numbers may change: they are the journal's.
        """
        # A client's context would change the answer.
        clean = self.with_context({})  # pylint: disable=context-overridden
        return {*clean._get_integrity_hash_fields()} - {"name"}

    def button_draft(self):
        """Override of `account`: the entry of a return goes with its return.

        :raises UserError: for what a return stands on
        """
        self._check_not_fixed()
        return super().button_draft()

    def button_cancel(self):
        """Override of `account`: the entry of a return goes with its return.

        :raises UserError: for what a return stands on
        """
        self._check_not_fixed()
        return super().button_cancel()

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Override of `account`: the entry of a return is reversed by its return.

        :raises UserError: for what a return stands on
        """
        self._check_not_fixed()
        return super()._reverse_moves(default_values_list, cancel)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self._check_not_fixed()

    def _check_not_fixed(self):
        """Raise UserError for what a return stands on, but to the return itself.

        That is its entry, and the reversal if it was cancelled, and the entry of each
        payment, or bank transaction, that came back. For a room in which something else
        stands on entries, too.
        """
        if BOOKING.get(self.env):
            return
        booking = self.sudo().filtered(
            lambda move: (
                move.payment_return_id.state in ("confirmed", "cancelled")
                or move.payment_return_id.work_kind
            )
        )
        if booking:
            self._refuse_change(booking[0], booking[0]._get_booking_refusal())
        posted = self.filtered(lambda move: move.state == "posted")
        came_back = return_books.find_came_back(posted, "move_line_id.move_id")
        if came_back:
            move = came_back.move_line_id.move_id
            self._refuse_change(move, return_books.get_refusal(move, came_back))

    def _get_reversal_refusals(self):
        """Return a dict from reversal to why it is not posted.

        It was made while nothing had come back. Whoever posts it, also core by itself.
        """
        reversals = self.filtered("reversed_entry_id")
        if not reversals or BOOKING.get(self.env):
            return {}
        found = return_books.find_came_back(
            reversals.reversed_entry_id, "move_line_id.move_id", limit=None
        )
        lines = {line.move_line_id.move_id.id: line for line in found}
        return {
            move: move._get_reversal_refusal(lines[move.reversed_entry_id.id])
            for move in reversals
            if move.reversed_entry_id.id in lines
        }

    def _get_reversal_refusal(self, line):
        """Return why this reversal of what a return took back is not posted."""
        return self.env._(
            "%(reversal)s reverses %(document)s, which came back by the payment return"
            " %(name)s: the customer would owe it twice. Delete the reversal, or"
            " cancel that return first.",
            reversal=self.display_name,
            document=self.reversed_entry_id.display_name,
            name=line.return_id.name,
        )

    def _get_late_refusals(self):
        """Return a dict from document to why it is not posted: others ask the same."""
        return self.env["account.payment.return.late"]._get_refusals(self)

    def _refuse_change(self, move, text):
        """Raise UserError with a text; AccessError to who may not change it anyway."""
        # Who may not write the entry is not told what it books either.
        move.sudo(self.env.su).check_access("write")
        raise UserError(text)

    def _get_booking_refusal(self):
        """Return why the entry of a return that was booked stays as it is."""
        if self.payment_return_id.state == "cancelled":
            return self.env._(
                "%(entry)s is a trace of the payment return %(name)s, which was"
                " cancelled: its entry and the reversal stay as they are.",
                entry=self.display_name,
                name=self.payment_return_id.name,
            )
        return self.env._(
            "%(entry)s books the payment return %(name)s. Cancel the return "
            "instead: that reverses the entry and pays the invoices back.",
            entry=self.display_name,
            name=self.payment_return_id.name,
        )

    # === ACTIONS === #

    def action_open_source_return(self):
        """Open the return that made this entry, or whose fee this invoice charges.

        :return: a window action
        :raises AccessError: to who may not see the entry, or no returns
        """
        self.check_access("read")
        self.env["account.payment.return"].check_access("read")
        source = self.payment_return_id | self.fee_return_id
        return source._get_records_action(name=self.env._("Payment Returns"))
