from collections import defaultdict

from odoo import models
from odoo.tools import SQL


class AccountPaymentReturnLedger(models.AbstractModel):
    """What the books would say, before anything is written for good."""

    _inherit = "account.payment.return.ledger"  # pylint: disable=consider-merging-classes-inherited

    def _rehearse_post(self, lines, left):
        """Let the books say who owes what after `_post`, and no more.

        Core takes most of its time to write entries and to match them, which nobody
        looks at. What the block rules and the mails ask for is what is open.

        :param lines: as for `_post`, and so is ``left``
        :raises UserError: as `_post`
        """
        items = lines.filtered("move_line_id")
        for company in lines.company_id:
            company._get_credit_return_journal()
        self._prepare_entries(lines, left)
        undone = self._plan(items, self._get_partials(items._get_items(), left))
        self._keep_trace(lines, undone)
        self.env.flush_all()
        self._cut_partials(undone)
        self._shift_open(self._get_opened(items))

    def _rehearse_cancel(self, returns):
        """Let the books say who owes what after `_cancel`, likewise.

        :return: as of `_cancel`
        """
        lines = returns.line_ids._filter_came_back()
        said = defaultdict(list)
        entries = self._get_live_entries(lines, said)
        self._say_paid_fees(entries, said)
        left, changes = self._get_freed(entries)
        restored = self._plan_restoring(lines.undone_ids, said, left)
        changes += self._get_restored_shifts(restored)
        self._say_kept_fees(returns, said)
        self._say_dropped_fees(returns, said)
        rejected, items = self._find_rejected(lines), entries.line_ids
        gone = items.matched_debit_ids | items.matched_credit_ids
        self.env.flush_all()
        self._exchange_partials(gone, restored)
        self._shift_open(changes)
        self._put_back(rejected)
        return said

    def _get_freed(self, entries):
        """What is open when the entries of returns are reversed.

        :return: (dict from item to what is open of it then, changes of `_shift_open`)
        """
        items = entries.line_ids.filtered(
            lambda item: item.account_type == "asset_receivable"
        )
        changes = [
            (item, -item.amount_residual, -item.amount_residual_currency)
            for item in items.filtered("amount_residual")
        ]
        left = {}
        for partial in items.matched_credit_ids:
            item, amount = partial.credit_move_id, partial.credit_amount_currency
            left[item] = left.get(item, abs(item.amount_residual_currency)) + amount
            changes.append((item, -partial.amount, -amount))
        return left, changes

    def _get_restored_shifts(self, restored):
        """What payments that apply again take off items, as changes of `_shift_open`.

        :param restored: list of matches as of `_plan_restoring`
        """
        return [
            (item, sign * self._get_booked(item, amount), sign * amount)
            for debit, credit, own, paid in restored
            for item, sign, amount in ((debit, -1, own), (credit, 1, paid))
        ]

    def _get_booked(self, item, amount):
        """What an amount of an item is in the company's currency."""
        whole = abs(item.amount_residual_currency)
        if not item.currency_id.compare_amounts(amount, whole):
            return abs(item.amount_residual)
        return abs(item.balance / item.amount_currency) * amount

    def _get_opened(self, lines):
        """What these returns open, with the fees that they charge again.

        A return entry owes again what had paid nothing: the payment is open for less.

        :return: list of (item, amount in the company's currency, in the item's)
        """
        opened = [
            (piece.debit_move_id, piece.amount, piece.debit_amount_currency)
            if piece.had_paid
            else (piece.credit_move_id, piece.amount, piece.credit_amount_currency)
            for piece in lines.undone_ids
        ]
        for line in lines.filtered("fee_amount"):
            if line._get_fee_policy() == "receivable":
                # Of the customer's items any one will do: sums are asked for.
                item = line.invoice_line_ids[:1] or line.move_line_id
                opened.append((item, line._get_fee_balance(), line.fee_amount))
        return opened

    def _shift_open(self, changes):
        """Change what is open of items, in the database alone: in a rehearsal.

        :param changes: list of (item, amount in the company's currency, in the item's)
        """
        sums = defaultdict(lambda: (0.0, 0.0))
        for item, *amounts in changes:
            sums[item.id] = tuple(map(sum, zip(sums[item.id], amounts, strict=True)))
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_move_line item
                   SET amount_residual = ROUND(item.amount_residual + opened, 6),
                       amount_residual_currency =
                           ROUND(item.amount_residual_currency + own, 6),
                       reconciled = (ROUND(item.amount_residual + opened, 4) = 0
                           AND ROUND(item.amount_residual_currency + own, 4) = 0)
                  FROM UNNEST(%s::int[], %s::numeric[], %s::numeric[])
                       AS change (id, opened, own)
                 WHERE item.id = change.id
                """,
                list(sums),
                [booked for booked, _own in sums.values()],
                [own for _booked, own in sums.values()],
            )
        )

    def _exchange_partials(self, gone, restored):
        """Let payments pay what they had paid, and returns take nothing, likewise.

        :param gone: the ``account.partial.reconcile`` of return entries
        :param restored: list of matches as of `_plan_restoring`
        """
        self.env.cr.execute(
            SQL("DELETE FROM account_partial_reconcile WHERE id = ANY(%s)", gone.ids)
        )
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO account_partial_reconcile (
                       debit_move_id, credit_move_id, company_id, amount,
                       debit_amount_currency, credit_amount_currency)
                SELECT debit.id, match.credit, debit.company_id, booked, own, paid
                  FROM UNNEST(%s::int[], %s::int[], %s::numeric[], %s::numeric[],
                              %s::numeric[])
                       AS match (debit, credit, booked, own, paid)
                  JOIN account_move_line debit ON debit.id = match.debit
                """,
                [debit.id for debit, *_rest in restored],
                [credit.id for _debit, credit, *_amounts in restored],
                [
                    self._get_booked(debit, own)
                    for debit, _credit, own, _paid in restored
                ],
                [own for *_items, own, _paid in restored],
                [paid for *_rest, paid in restored],
            )
        )
        self.env["account.partial.reconcile"].invalidate_model()

    def _put_back(self, payments):
        """Give payments that were rejected the state that they had, likewise."""
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_payment
                   SET state = CASE WHEN move_id IS NULL THEN 'paid'
                                    ELSE 'in_process' END
                 WHERE id = ANY(%s)
                """,
                payments.ids,
            )
        )
        payments.invalidate_recordset(["state"])

    def _cut_partials(self, undone):
        """Take what returns undo off the reconciliations, likewise.

        :param undone: list of ``Undone``
        """
        booked, own = defaultdict(float), defaultdict(float)
        for share in undone:
            if share.partial:
                booked[share.partial.id] += share.amount
                own[share.partial.id] += share.debit_amount
        self.env.cr.execute(
            SQL(
                """
                UPDATE account_partial_reconcile partial
                   SET amount = GREATEST(ROUND(partial.amount - undone, 6), 0),
                       debit_amount_currency = GREATEST(
                           ROUND(partial.debit_amount_currency - own, 6), 0)
                  FROM UNNEST(%s::int[], %s::numeric[], %s::numeric[])
                       AS share (id, undone, own)
                 WHERE partial.id = share.id
                """,
                list(booked),
                list(booked.values()),
                list(own.values()),
            )
        )
        self.env["account.partial.reconcile"].invalidate_model()
