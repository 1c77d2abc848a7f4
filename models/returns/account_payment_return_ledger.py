from contextlib import contextmanager
from dataclasses import dataclass

from odoo import models
from odoo.fields import Command

from .. import orm_internals
from ..ir_default import without_habits
from .undo_plan import Piece, plan_undo


@dataclass(frozen=True, slots=True)
class Undone:
    """What one return takes from one partial reconciliation, in three currencies.

    Without one, what it takes of the payment had paid nothing.
    """

    line: object
    partial: object
    amount: float
    debit_amount: float
    credit_amount: float
    discount: float = 0.0
    #: What all of the reconciliation took of the payment, see `_get_applied`.
    applied: float = 0.0


class AccountPaymentReturnLedger(models.AbstractModel):
    """How a return becomes accounting, for many returns at once.

    The entry debits the customer's receivable and credits the outstanding account
    of the payment, for the money that came back. The payment's own entry is never
    touched: only its reconciliation with the invoices is undone, and only for what
    came back, so that the rest of the payment stays applied.
    """

    _name = "account.payment.return.ledger"
    _description = "Payment Return Ledger"

    def _post(self, lines, left):
        """Book the returns of these lines.

        :param lines: matched lines of draft returns, as `_set_aside_unreturnable`
            lets them through
        :param left: dict from line id to `Left`
        :raises UserError: when the configuration or the bank transaction does not fit
        """
        with self._quietly(lines) as (ledger, quiet_lines):
            ledger._post_quietly(quiet_lines, left)

    @contextmanager
    def _quietly(self, records):
        """Within this, core does not look after single records; then all is written.

        :param records: returns or lines; given back for use within, after the ledger
        """
        quiet = self._get_quiet_context(records.company_id)
        with (
            without_habits(
                self.with_context(**quiet), records.with_context(**quiet)
            ) as (ledger, quiet_records),
            orm_internals.keeping_environments(ledger),
        ):
            yield ledger, quiet_records
            # Before Odoo looks for items, and writes them in another environment.
            ledger.env["account.move.line"].flush_model()
            # Here, where the context still spares a chatter line for each state.
            ledger.env.flush_all()

    def _post_quietly(self, lines, left):
        items = lines.filtered("move_line_id")
        pairs = self.env["account.payment.return.pair"]._find(
            lines.payment_id, items.move_line_id
        )
        partials = self._get_partials(items._get_items(), left)
        self._prefetch_matched(partials)
        undone = self._plan(items, partials)
        repointed = self._find_repointed(undone)
        kept, touched = self._get_kept(undone)
        self._keep_trace(lines, undone)
        (touched - touched.browse().union(*repointed.values())).unlink()
        groups = self._book(lines, left)
        several = items.filtered(lambda line: len(line._get_items()) > 1)
        whole, rest = self._find_whole(groups)
        self._match_returns(items - several, rest, repointed)
        with self._rematching(self._get_new_debits(repointed), whole):
            self._close_payments(lines, left)
        self._match_exactly(self._get_shares_of_several(several) + kept)
        self._close_brought(lines, pairs)

    def _get_quiet_context(self, companies):
        """Spare core's per-record bookkeeping, unless the law wants its trace."""
        quiet = {"skip_invoice_sync": True}
        if not any(companies.mapped("restrictive_audit_trail")):
            quiet["tracking_disable"] = True
        return quiet

    def _get_partials(self, payment_items, left):
        """Return the reconciliations by which these payment items pay a debt.

        What took the money back, our returns and other entries, stays matched.

        :param left: dict from line id to `Left`
        """
        taken = {e.partial_id for of_line in left.values() for e in of_line.entries}
        return payment_items.matched_debit_ids.filtered(
            lambda partial: (
                partial.id not in taken
                and partial.credit_move_id
                not in partial.debit_move_id.payment_return_line_id._get_items()
            )
        )

    def _prefetch_matched(self, partials):
        """Read at once what is read one record at a time to take partials away."""
        partials.fetch()
        full = partials.full_reconcile_id.with_prefetch()
        items = (partials.debit_move_id | partials.credit_move_id).with_prefetch()
        for records, names in (
            (full, ("partial_reconcile_ids", "reconciled_line_ids")),
            (items, ("matched_debit_ids", "matched_credit_ids")),
        ):
            for name in names:
                records.mapped(name)
        moves = items.move_id
        moves.mapped("payment_state")
        moves.matched_payment_ids.mapped("state")

    def _plan(self, lines, partials):
        """Say what each return takes back from which partial.

        :return: list of ``Undone``
        """
        discounts = self.env["account.payment.return.discount"]
        granted = discounts._get_granted(lines._get_items(), partials)
        applied = self._get_applied(partials)
        by_item = partials.grouped("credit_move_id")
        # Read together: a record of its own would be read alone.
        known = {False: partials.browse(), **{p.id: p for p in partials}}
        undone = []
        for items, returns in lines.grouped(lambda line: line._get_items()).items():
            pieces = [
                Piece(p.id, p.debit_move_id.id, applied[p], granted.get(p, 0.0))
                for item in items
                for p in by_item.get(item, ())
                if p in applied
            ]
            spare = max(-sum(items.mapped("amount_residual_currency")), 0.0)
            free = Piece(False, False, spare, sum(granted.get(i, 0.0) for i in items))
            for line in returns:
                undos = plan_undo(
                    line.amount,
                    free,
                    pieces,
                    set(line.invoice_line_ids.ids),
                    items.currency_id,
                )
                undone += [
                    self._share(line, known[u.key], u, applied.get(known[u.key]))
                    for u in undos
                ]
        return undone

    def _get_applied(self, partials):
        """Say how much of a payment each of its reconciliations took.

        With what core has booked as an exchange difference on the item of the payment:
        that comes and goes with the reconciliation, and is no debt of its own.

        :return: dict from partial to amount in the currency of the payment, but for
            those of the entries of exchange differences
        """
        differences = partials.exchange_move_id
        by_move = partials.grouped(lambda partial: partial.debit_move_id.move_id)
        return {
            partial: partial.credit_amount_currency
            + sum(
                difference.credit_amount_currency
                for difference in by_move.get(partial.exchange_move_id, ())
                if difference.credit_move_id == partial.credit_move_id
            )
            for partial in partials
            if partial.debit_move_id.move_id not in differences
        }

    def _share(self, line, partial, undo, applied):
        """Express what is undone of a partial in its three currencies.

        The last share takes what the ones before left, so that no cent is lost.

        :param applied: see `_get_applied`
        """
        if not partial:
            return Undone(line, partial, 0.0, 0.0, undo.amount, undo.granted)
        after = undo.left / applied
        before = (undo.left + undo.amount) / applied

        def part(whole, currency):
            return currency.round(
                currency.round(whole * before) - currency.round(whole * after)
            )

        return Undone(
            line=line,
            partial=partial,
            amount=part(partial.amount, partial.company_currency_id),
            debit_amount=part(partial.debit_amount_currency, partial.debit_currency_id),
            credit_amount=undo.amount,
            discount=undo.granted,
            applied=applied,
        )

    def _get_kept(self, undone):
        """Return what has to be matched again, and the partials to delete.

        :return: (list of matches for `_match_exactly`, partials)
        """
        kept = {}
        for share in undone:
            partial = share.partial
            if not partial:
                continue
            debit, credit = kept.get(
                partial, (partial.debit_amount_currency, share.applied)
            )
            kept[partial] = (
                partial.debit_currency_id.round(debit - share.debit_amount),
                partial.credit_currency_id.round(credit - share.credit_amount),
            )
        matches = [
            (partial.debit_move_id, partial.credit_move_id, debit, credit)
            for partial, (debit, credit) in kept.items()
            if not partial.credit_currency_id.is_zero(credit)
        ]
        return matches, self.env["account.partial.reconcile"].union(*kept)

    def _keep_trace(self, lines, undone):
        """Remember what each return undoes and who owes it again.

        Cancelling restores the one, the block rules and the mails ask for the other.
        """
        pieces = [self._prepare_undone(share) for share in undone]
        for line in lines - lines.filtered("move_line_id"):
            pieces += self._prepare_owed_by_state(line)
        traces = self.env["account.payment.return.partial"].sudo()
        traces._add_on_account(lines, pieces)
        traces._make(pieces)
        reopened = {line: set() for line in lines}
        for piece in pieces:
            if piece.get("debit_move_id"):
                line = lines.browse(piece["return_line_id"])
                reopened[line].add(piece["debit_move_id"])
        orm_internals.write_links(
            "invoice_line_ids",
            [
                (line, [Command.set(sorted(ids))])
                for line, ids in reopened.items()
                if ids != set(line.invoice_line_ids.ids)
            ],
        )

    def _prepare_undone(self, share):
        if not share.partial:
            return share.line._prepare_on_account(share.credit_amount, share.discount)
        return {
            "return_line_id": share.line.id,
            "debit_move_id": share.partial.debit_move_id.id,
            "credit_move_id": share.partial.credit_move_id.id,
            "amount": share.amount,
            "debit_amount_currency": share.debit_amount,
            "credit_amount_currency": share.credit_amount,
            "discount_amount": share.discount,
        }

    def _prepare_owed_by_state(self, line):
        """Values of what a payment without an entry had paid by its mere state."""
        items = line.payment_id.invoice_ids.line_ids.filtered(
            lambda i: (
                i.account_type == "asset_receivable"
                and not i.reconciled
                and line.payment_id._may_pay(i)
            )
        )
        left, pieces = line.amount, []
        for item in items.sorted(lambda i: (i.date_maturity or i.date, i.id)):
            amount = min(left, item.amount_residual_currency)
            if item.currency_id != line.currency_id or item.currency_id.is_zero(amount):
                continue
            left -= amount
            pieces.append(
                {
                    "return_line_id": line.id,
                    "debit_move_id": item.id,
                    "amount": item.company_currency_id.round(
                        item.amount_residual * (amount / item.amount_residual_currency)
                    ),
                    "debit_amount_currency": amount,
                    "credit_amount_currency": amount,
                }
            )
        return pieces
