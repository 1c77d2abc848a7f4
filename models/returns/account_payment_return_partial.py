from odoo import api, fields, models
from odoo.tools import format_amount

from .. import orm_internals
from .return_states import STANDING


class AccountPaymentReturnPartial(models.Model):
    """A piece of what came back: who owes it again, and what it had paid.

    Core keeps no trace of a partial reconciliation once it is deleted. One row
    says which invoice instalment was paid by which payment line, and for how
    much of it the return took the payment back. What of the payment had paid nothing
    is a row of its own.
    """

    _name = "account.payment.return.partial"
    _description = "Reconciliation Undone by a Payment Return"

    return_line_id = fields.Many2one(
        "account.payment.return.line", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="return_line_id.company_id", store=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Owes Again",
        compute="_compute_partner_id",
        store=True,
        index="btree_not_null",
        help="The customer of the invoice, whoever paid it; of money that had paid"
        " nothing, the customer who paid.",
    )
    had_paid = fields.Boolean(
        string="Had Paid an Invoice",
        default=True,
        help="What cancelling the return restores. Otherwise it was on account.",
    )
    debit_move_id = fields.Many2one(
        "account.move.line",
        string="Invoice Instalment",
        ondelete="set null",
        index=True,
    )
    credit_move_id = fields.Many2one(
        "account.move.line",
        string="Payment Item",
        ondelete="set null",
        index=True,
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    debit_currency_id = fields.Many2one(
        related="debit_move_id.currency_id", string="Invoice Currency"
    )
    currency_id = fields.Many2one(
        related="return_line_id.currency_id", string="Payment Currency"
    )
    amount = fields.Monetary(currency_field="company_currency_id")
    debit_amount_currency = fields.Monetary(currency_field="debit_currency_id")
    credit_amount_currency = fields.Monetary(currency_field="currency_id")
    discount_amount = fields.Monetary(
        currency_field="currency_id",
        help="How much of the amount in the payment's currency was an early payment"
        " discount, which came back with the money.",
    )
    returned_amount = fields.Monetary(
        compute="_compute_returned_amount",
        currency_field="currency_id",
        help="The money that came back.",
    )
    restored_amount = fields.Monetary(
        currency_field="company_currency_id",
        help="What cancelling the return could put back.",
    )

    @api.depends(
        "had_paid",
        "debit_move_id.partner_id",
        "return_line_id.partner_id.commercial_partner_id",
    )
    def _compute_partner_id(self):
        """The debtor; of an instalment that is not there any more, who it was."""
        for piece in self:
            owing = self._get_owing(
                piece.return_line_id, piece.debit_move_id, piece.had_paid
            )
            piece.partner_id = owing or (piece.partner_id if piece.had_paid else owing)

    def _get_owing(self, line, debt, had_paid):
        """Return who owes again what came back.

        :param debt: the instalment that it had paid, if it is there
        """
        return debt.partner_id if had_paid else line.partner_id.commercial_partner_id

    @api.depends("credit_amount_currency", "discount_amount")
    def _compute_returned_amount(self):
        """What the bank took back, without the discount that came back with it."""
        for piece in self:
            piece.returned_amount = piece.credit_amount_currency - piece.discount_amount

    def _format_returned(self):
        """Say what the bank took back by pieces of one payment, as a text."""
        money = sum(self.mapped("returned_amount"))
        return format_amount(self.env, money, self.currency_id)

    @api.model
    def _make(self, pieces):
        """Make rows by one statement, which a return of a thousand lines needs as many.

        :param pieces: list of their values
        """
        if orm_internals.get_extending(self):
            self.create(pieces)
        else:
            orm_internals.insert_rows(self, [self._complete(each) for each in pieces])
        lines = self.env["account.payment.return.line"].browse(
            dict.fromkeys(piece["return_line_id"] for piece in pieces)
        )
        lines.invalidate_recordset(["undone_ids"], flush=False)
        lines.modified(["undone_ids"])

    def _complete(self, piece):
        """Values of a row, with what is computed of it and what is not given."""
        line = self.env["account.payment.return.line"].browse(piece["return_line_id"])
        debt = self.debit_move_id.browse(piece.get("debit_move_id") or ())
        had_paid = piece.get("had_paid", True)
        own, booked = line.currency_id, line.company_currency_id
        return {
            "return_line_id": line.id,
            "company_id": line.company_id.id,
            "partner_id": self._get_owing(line, debt, had_paid).id or None,
            "had_paid": had_paid,
            "debit_move_id": debt.id or None,
            "credit_move_id": piece.get("credit_move_id") or None,
            **{
                name: currency.round(piece.get(name, 0.0))
                for name, currency in (
                    ("amount", booked),
                    ("debit_amount_currency", debt.currency_id or own),
                    ("credit_amount_currency", own),
                    ("discount_amount", own),
                    ("restored_amount", booked),
                )
            },
        }

    @api.model
    def _add_on_account(self, lines, pieces):
        """Add the rows of what had paid nothing, so that the rows make what came back.

        :param lines: return lines
        :param pieces: values of their rows; extended
        """
        left = {line.id: line.amount for line in lines}
        for piece in pieces:
            money = piece["credit_amount_currency"] - piece.get("discount_amount", 0.0)
            left[piece["return_line_id"]] -= money
        for line in lines:
            amount = line.currency_id.round(left[line.id])
            if line.currency_id.compare_amounts(amount, 0) > 0:
                pieces.append(line._prepare_on_account(amount))

    def _get_restored_share(self):
        """How much of it applies again since its return was cancelled, from 0 to 1.

        A payment without an entry pays by its mere state.
        """
        self.ensure_one()
        if not self._filter_matched():
            return float(self.return_line_id.payment_id.state in STANDING)
        return self.restored_amount / self.amount if self.amount else 1.0

    def _get_restored(self):
        """What of it applies again to the instalment, in the payment's currency."""
        if not self.had_paid:
            return 0.0
        amount = self.credit_amount_currency * self._get_restored_share()
        return self.currency_id.round(amount)

    def _is_restored(self):
        """Whether cancelling has put back, or would put back, all reconciliations."""
        return all(
            not piece.company_currency_id.compare_amounts(
                piece.restored_amount, piece.amount
            )
            for piece in self._filter_matched()
        )

    def _filter_matched(self):
        """Return the rows of reconciliations; a payment without an entry had none."""
        return self.filtered(
            lambda piece: (
                piece.had_paid
                and (
                    piece.credit_move_id
                    or piece.return_line_id.payment_id.move_id
                    or not piece.return_line_id.payment_id
                )
            )
        )
