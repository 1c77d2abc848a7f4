from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .. import read_fields
from ..returns.return_states import STANDING

# What the statement reads, to be written to the database before it.
READ_FIELDS = {
    "account.payment": ["state"],
    "account.payment.presentation.line": ["move_line_id", "payment_id"],
    "account.payment.return.line": ["match_state", "payment_id", "state"],
}

# Instalments of which a bank may be asked, unless they are in a receipt already.
OPEN = [
    ("parent_state", "=", "posted"),
    ("account_type", "=", "asset_receivable"),
    ("move_type", "in", ("out_invoice", "out_receipt")),
    ("move_id.payment_state", "!=", "blocked"),
    ("reconciled", "=", False),
    ("amount_residual", ">", 0),
]
TO_PRESENT = [("is_to_present", "=", True)]


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"  # pylint: disable=consider-merging-classes-inherited

    presentation_line_ids = fields.One2many(
        "account.payment.presentation.line",
        "move_line_id",
        string="Presentations",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    is_to_present = fields.Boolean(
        compute="_compute_is_to_present",
        search="_search_is_to_present",
        groups="base.group_user",
        help="It is open, and in no receipt that a bank has.",
    )
    is_for_bank = fields.Boolean(
        compute="_compute_is_for_bank",
        search="_search_is_for_bank",
        groups="base.group_user",
        help="Its invoice is paid by a method by which we ask a bank to collect.",
    )
    collection_method_line_id = fields.Many2one(
        "account.payment.method.line",
        string="Payment Method",
        compute="_compute_collection_method_line_id",
        groups="base.group_user",
    )

    @api.depends("date_maturity")
    @api.depends_context("presentation_label")
    def _compute_display_name(self):
        """Override of `account`: of the instalments of an invoice the day tells."""
        res = super()._compute_display_name()
        if self.env.context.get("presentation_label"):
            for item in self.filtered("date_maturity"):
                day = format_date(self.env, item.date_maturity)
                item.display_name = f"{item.move_name} · {day}"
        return res

    @api.depends("presentation_line_ids.payment_id.state", "amount_residual")
    def _compute_is_to_present(self):
        """Whether a bank may be asked to collect each instalment."""
        presented = self._find_presented(self.ids)
        is_open = self.filtered_domain(OPEN)
        for item in self:
            item.is_to_present = item in is_open and item.id not in presented

    def _search_is_to_present(self, operator, value):
        self._check_field_access(self._fields["is_to_present"], "read")
        if operator != "in":
            return NotImplemented
        read_fields.flush(self.env, READ_FIELDS)
        presented = self._select_presented(SQL("told.move_line_id"))
        return Domain(OPEN) & ~Domain("id", "in", SQL("(%s)", presented))

    @api.depends("move_id.preferred_payment_method_line_id")
    def _compute_collection_method_line_id(self):
        """The method that the invoice is to be paid by."""
        for item in self:
            method = item.move_id.preferred_payment_method_line_id
            item.collection_method_line_id = method

    @api.depends("collection_method_line_id")
    def _compute_is_for_bank(self):
        """Whether the payment method of each invoice asks a bank."""
        codes = self.env["account.payment.method"]._get_presented_codes()
        for item in self:
            item.is_for_bank = item.collection_method_line_id.code in codes

    def _search_is_for_bank(self, operator, value):
        self._check_field_access(self._fields["is_for_bank"], "read")
        if operator != "in":
            return NotImplemented
        codes = self.env["account.payment.method"]._get_presented_codes()
        path = "move_id.preferred_payment_method_line_id.payment_method_id.code"
        return Domain(path, "in", codes)

    @api.model
    def _find_presented(self, ids):
        """Return which of some ids are of instalments in a receipt that lives.

        :return: dict from them to the id of the receipt
        """
        if not ids:
            return {}
        read_fields.flush(self.env, READ_FIELDS)
        columns = SQL("told.move_line_id, told.payment_id")
        presented = self._select_presented(columns)
        query = SQL("%s AND told.move_line_id = ANY(%s)", presented, ids)
        return dict(self.env.execute_query(query))

    def _select_presented(self, columns):
        """Select the instalments in a receipt that lives: which did not come back.

        Also where something else opened the instalment again: the bank has the receipt.

        :param columns: `SQL` of what is selected of ``told``, the presented instalment
        """
        return SQL(
            """
            SELECT %(columns)s
              FROM account_payment_presentation_line told
              JOIN account_payment receipt ON receipt.id = told.payment_id
             WHERE receipt.state IN %(standing)s
               AND NOT EXISTS (
                    SELECT FROM account_payment_return_line line
                      JOIN account_payment_return_line_invoice_rel rel
                        ON rel.return_line_id = line.id
                     WHERE line.payment_id = receipt.id
                       AND rel.move_line_id = told.move_line_id
                       AND %(came_back)s)
            """,
            columns=columns,
            standing=STANDING,
            came_back=self.env["account.payment.return.line"]._get_came_back_sql(),
        )

    def _lock_instalments(self):
        """Let nobody else present these instalments before this transaction ends.

        The rows are changed: who waits for them starts anew, and sees the receipts.
        """
        self.env["account.move.line"].flush_model()
        self.env.cr.execute(
            SQL(
                "SELECT FROM account_move_line WHERE id = ANY(%s)"
                " ORDER BY id FOR NO KEY UPDATE",
                self.ids,
            )
        )
        self.env.cr.execute(
            SQL(
                "UPDATE account_move_line SET write_date = write_date"
                " WHERE id = ANY(%s)",
                self.ids,
            )
        )

    def unlink(self):
        """Override of `account`: what is gone is in no draft for a bank any more.

        The trace of what a bank was told stays, also where it was withdrawn.
        """
        lines = self.sudo().presentation_line_ids
        lines.filtered(lambda line: not line.payment_id).unlink()
        return super().unlink()

    def _check_not_at_bank(self):
        """Raise UserError for instalments that a bank is collecting.

        What it has credited is paid, and may be undone as any payment.
        """
        told = self.sudo().presentation_line_ids
        asked = told.filtered(lambda line: line.outcome == "presented")
        at_bank = self._find_presented(asked.move_line_id.ids)
        line = asked.filtered(lambda each: each.move_line_id.id in at_bank)[:1]
        if line:
            raise UserError(
                self.env._(
                    "%(invoice)s is in receipt %(number)s, which the bank is collecting"
                    " (%(presentation)s): withdraw the receipt there first, or wait for"
                    " its outcome. A credit note is possible any time.",
                    invoice=line.move_id.name,
                    number=line.receipt_number,
                    presentation=line.presentation_id.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_presented(self):
        presented = self.browse(self._find_presented(self.ids))
        if presented:
            raise UserError(
                self.env._(
                    "%s is in a receipt that was presented to the bank. Cancel the"
                    " presentation, or wait for its outcome.",
                    presented[0].move_name or presented[0].display_name,
                )
            )

    # === ACTIONS === #

    def action_open_presentation(self):
        """Choose these instalments to be presented to a bank.

        :return: a window action on a new draft
        :raises AccessError: to who does not keep the books
        :raises UserError: when none of them is open
        """
        self.check_access("read")
        return self.env["account.payment.presentation"]._open(self)
