from collections import namedtuple
from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .. import read_fields
from ..reference_form import letters, normal

# A bank books what it has told within days; a month is for who enters by hand.
WINDOW = timedelta(days=30)
# What a bank may add to a debit for itself, as a share of what came back.
FEE_SHARE = 0.2
# Shorter references may stand in any text.
SHORTEST = 5

READ_FIELDS = {
    "account.account": ["account_type", "reconcile"],
    "account.bank.statement.line": None,
    "account.move": ["date", "payment_return_id", "statement_line_id", "state"],
    "account.move.line": None,
    "account.payment.return": ["journal_id", "state"],
}

# The open credits that a debit may meet: of one entry or return, in one currency.
Waiting = namedtuple("Waiting", "items amount named day rank")


class AccountPaymentReturnDebit(models.AbstractModel):
    """Which debits of the bank are returns that are in the books already."""

    _inherit = "account.payment.return.debit"  # pylint: disable=consider-merging-classes-inherited

    @api.model
    def _find_meetings(self, transactions, sure=()):
        """Say which open credits of returns some debits meet, each credit once.

        By amount, day and reference. What a reference names comes first, then what is
        one credit, then all of an entry or a return; a rest is the bank's fee only
        where everything else fits.

        :param transactions: ``account.bank.statement.line`` that wait
        :param sure: those of which a payment is known: they meet only what they name
        :return: dict from transaction to (items, fee in its currency)
        """
        credits = self._search_credits(transactions)
        options = [
            (self._rank(debit, waiting, fee), debit, waiting, fee)
            for debit in transactions
            for waiting in self._get_waiting(debit, credits)
            if (fee := self._get_fee(debit, waiting)) is not None
            and (
                waiting.named
                or (debit not in sure and (not fee or debit.return_rule_id))
            )
        ]
        found, used = {}, set()
        for _rank, debit, waiting, fee in sorted(options, key=lambda option: option[0]):
            if debit not in found and used.isdisjoint(waiting.items.ids):
                found[debit] = waiting.items, fee
                used.update(waiting.items.ids)
        return found

    def _rank(self, debit, waiting, fee):
        """A key to sort by: what fits best comes first, always in the same order."""
        return (
            not waiting.named,
            bool(fee),
            waiting.rank,
            abs((debit.date - waiting.day).days),
            debit.id,
            waiting.items.ids,
        )

    def _get_fee(self, debit, waiting):
        """What of a debit does not wait: nothing, a fee, or None if it cannot be."""
        currency = debit.foreign_currency_id or debit.currency_id
        amount = abs(
            debit.amount_currency if debit.foreign_currency_id else debit.amount
        )
        rest = currency.round(amount - waiting.amount)
        if currency.is_zero(rest):
            return 0.0
        return rest if 0 < rest <= waiting.amount * FEE_SHARE else None

    def _get_waiting(self, debit, credits):
        """What of the open credits a debit may meet.

        :param credits: journal items
        :return: list of `Waiting`
        """
        currency = debit.foreign_currency_id or debit.currency_id
        near = credits.filtered(
            lambda item: (
                item.move_id.payment_return_id.journal_id == debit.journal_id
                and item.currency_id == currency
                and abs(item.date - debit.date) <= WINDOW
            )
        )
        text = letters(debit._get_return_text())
        named = near.filtered(lambda item: self._is_named(item, text))
        groups = [(0, named)] if len(named) > 1 else []
        groups += [(1, item) for item in near]
        for rank, key in ((2, "move_id"), (3, lambda i: i.move_id.payment_return_id)):
            groups += [(rank, g) for g in near.grouped(key).values() if len(g) > 1]
        return [
            Waiting(
                items=items,
                amount=abs(sum(items.mapped("amount_residual_currency"))),
                named=bool(named) and named <= items,
                day=max(items.mapped("date")),
                rank=rank,
            )
            for rank, items in groups
        ]

    def _is_named(self, item, text):
        """Whether the bank's text names what came back by an open credit.

        :param text: the letters of the text
        """
        line = item.payment_return_line_id
        payment = line.payment_id
        references = (
            *(line.end_to_end_id, line.reference, line.batch_id),
            *(payment.name, payment.end_to_end_id, payment.memo),
            *line.invoice_ids.mapped("name"),
        )
        forms = {normal(reference) for reference in references if reference}
        return any(len(form) >= SHORTEST and form in text for form in forms)

    def _search_credits(self, transactions):
        """The open credits of the returns in the books of some banks.

        :return: journal items; one query
        """
        if not transactions:
            return self.env["account.move.line"]
        days = transactions.mapped("date")
        return self.env["account.move.line"].search(
            Domain("reconciled", "=", False)
            & Domain("balance", "<", 0)
            & Domain("parent_state", "=", "posted")
            & Domain("account_id.reconcile", "=", True)
            & Domain("account_id.account_type", "!=", "asset_receivable")
            & Domain("move_id.statement_line_id", "=", False)
            & Domain("move_id.payment_return_id.state", "=", "confirmed")
            & Domain(
                "move_id.payment_return_id.journal_id",
                "in",
                transactions.journal_id.ids,
            )
            & Domain("date", ">=", min(days) - WINDOW)
            & Domain("date", "<=", max(days) + WINDOW),
            order="date, id",
        )

    @api.model
    def _select_meetings(self):
        """Select the ids of debits for which an open credit of a return waits.

        `_find_meetings` for one credit and the very amount, as SQL: for lists and
        counts, which leave the rest to the rules of the debits.
        """
        read_fields.flush(self.env, READ_FIELDS)
        return SQL(
            """(
            SELECT debit.id
              FROM account_bank_statement_line debit
              JOIN account_move booked ON booked.id = debit.move_id
              JOIN account_payment_return told ON told.journal_id = debit.journal_id
              JOIN account_move entry ON entry.payment_return_id = told.id
              JOIN account_move_line credit ON credit.move_id = entry.id
              JOIN account_account account ON account.id = credit.account_id
             WHERE debit.is_reconciled IS NOT TRUE
               AND debit.amount < 0
               AND told.state = 'confirmed'
               AND entry.statement_line_id IS NULL
               AND entry.state = 'posted'
               AND account.reconcile
               AND account.account_type != 'asset_receivable'
               AND credit.reconciled IS NOT TRUE
               AND credit.balance < 0
               AND credit.currency_id = COALESCE(debit.foreign_currency_id,
                                                 debit.currency_id)
               AND credit.amount_residual_currency
                   = CASE WHEN debit.foreign_currency_id IS NULL THEN debit.amount
                          ELSE debit.amount_currency END
               AND ABS(credit.date - booked.date) <= %s)""",
            WINDOW.days,
        )
